"""What MkDocs does with the book: weave once, build both languages, put the site in place.

A plugin of MkDocs that `weave/hook.py` registers. `mkdocs.yml` is the Chinese site; every
`mkdocs.<language>.yml` beside it is built into a folder of that name after it.
"""

import logging
import shutil
import time
from collections import ChainMap
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.structure.files import File, Files
from mkdocs.utils import get_relative_url

from weave import check, loom, names, search, site, squeeze, templates, twins
from weave.chapters import collect
from weave.citation import citation
from weave.context import Context
from weave.dates import Dates, in_words, read_dates
from weave.edition import Edition, name_of, read_editions
from weave.glossary import Term, read_glossary
from weave.keeper import Keeper, seals
from weave.labs import label
from weave.ledger import Ledger, read_ledger
from weave.ledger_texts import check_values
from weave.notebooks import for_site
from weave.notices import notice
from weave.problems import Problem
from weave.purge import purge
from weave.puzzles import Puzzle, by_page
from weave.reading_paths import ReadingPath, read_reading_paths
from weave.reading_paths_page import Step, steps
from weave.references import Reference, read_references
from weave.runs import Run, read_runs
from weave.shelf import Shelf
from weave.stage import Stage
from weave.stamp import Stamp
from weave.structure import Chapter, kept_chapter
from weave.whole import Whole

log = logging.getLogger("mkdocs.hooks.weave")
# For what is no mistake of the book: `--strict` counts the warnings of MkDocs' own loggers.
aside = logging.getLogger("weave")


@dataclass
class Build:
    """What one `mkdocs build` or one round of `mkdocs serve` carries from event to event."""

    command: str = "build"
    stage: Stage | None = None
    old: Path = Path()  # the site as the build before left it
    finished: bool = False
    dates: Dates = field(default_factory=Dates)
    woven: loom.Woven = field(default_factory=loom.Woven)
    editions: list[Edition] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)
    terms: list[Term] = field(default_factory=list)
    names: dict[str, list[str]] = field(default_factory=dict)  # by place, for the search
    paths: list[ReadingPath] = field(default_factory=list)
    drifts: list[twins.Drift] = field(default_factory=list)
    puzzles: dict[str, list[Puzzle]] = field(default_factory=dict)
    references: dict[str, Reference] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    nested: bool = False
    seals: dict[str, str] = field(default_factory=dict)
    awaited: dict[str, Chapter] = field(default_factory=dict)
    context: Context | None = None
    keeper: Keeper | None = None
    whole: Whole | None = None  # the edition that is being built
    wholes: list[Whole] = field(default_factory=list)  # those of this build
    stamp: Stamp | None = None
    clean: bool = True  # nothing to complain of
    env: Environment | None = None


now = Build()


def is_main(config: MkDocsConfig) -> bool:
    return Path(config.config_file_path).name == "mkdocs.yml"


def report(problem: Problem) -> None:
    log.error(str(problem))


def prepare(config: MkDocsConfig, command: str, stamp: Stamp | None) -> MkDocsConfig:
    """Get all ready for the pages of one language; `stamp` with the first."""
    root = Path(config.config_file_path).parent
    now.command = command
    if is_main(config):
        begin(config, stamp)
        weave_all(root)
    language, records = config.theme["language"], now.woven.records
    repository = (config.repo_url or "").rstrip("/")
    link = repository and repository + "/blob/main/{path}"
    editions = {edition.language: edition for edition in now.editions}
    now.awaited, pages = editions[language].awaited, editions[language].shown
    behind = twins.behind(now.drifts, language)
    others = {other: editions[other].pages for other in editions if other != language}
    lists = now.terms, now.references, now.runs, behind, now.puzzles, others, now.paths
    shelf = Shelf(now.ledger, language, pages, root, records, link, *lists)
    now.context = Context(
        root,
        language,
        records=records,
        absent=now.woven.absent,
        link=link and link + "#L{first}-L{last}",
        shelf=shelf,
    )
    templates.quicken(config.theme, root / ".weave" / "templates")
    keeper = Keeper(root, config, now.command, now.seals, shelf, now.dates)
    now.keeper = config.plugins["weave/keeper"] = keeper
    old = now.old / site.PREFIXES[language]
    now.whole = Whole(root, keeper, editions[language], now.names, old)
    now.wholes.append(now.whole)
    if now.whole.stands:
        spare(config)
        return config
    config.plugins["weave/names"] = search.Names(now.names)
    config.markdown_extensions.append("weave.markdown")
    config.mdx_configs["weave.markdown"] = {"context": now.context}
    return config


def begin(config: MkDocsConfig, stamp: Stamp) -> None:
    """Keep the old site: whole until the new one is or, where it is served, aside."""
    now.stamp, now.clean, now.finished, now.wholes = stamp, True, False, []
    site_dir = Path(config.site_dir)
    now.old = site_dir / ".old"
    if now.command == "serve":
        set_aside(site_dir, now.old)
    elif now.command == "build":
        try:
            now.stage = Stage(site_dir, log.info)
        except OSError as fault:
            place = fault.filename or site_dir
            raise Abort(f"cannot build in {place}: {fault.strerror}") from fault
        now.old, config.site_dir = now.stage.site, str(now.stage.building)


def set_aside(site_dir: Path, old: Path) -> None:
    """Move what is served into a hidden folder: that one MkDocs leaves alone when it cleans up."""
    shutil.rmtree(old, ignore_errors=True)
    found = list(site_dir.iterdir())
    old.mkdir()
    for entry in found:
        entry.rename(old / entry.name)


def spare(config: MkDocsConfig) -> None:
    """Have MkDocs make nothing of an edition that stands; `on_files` gives it no file."""
    config.nav = None
    config.theme.static_templates.clear()


def weave_all(root: Path) -> None:
    """Run what has to run; report what is wrong with snippets and chapters."""
    began = time.monotonic()
    expected, now.ledger = collect(root), read_ledger(root)
    now.terms, _ = read_glossary(root)  # `check_book` says what is wrong with it,
    now.names = names.by_place(now.terms, names.read_names(root)[0])  # with these,
    now.references, _ = read_references(root)  # these,
    now.paths, _ = read_reading_paths(root)  # these,
    now.runs, _ = read_runs(root)  # and these
    now.dates = read_dates(root, now.stamp.commit)
    now.editions = read_editions(root, site.PREFIXES)
    now.drifts = list(twins.drifts(root, now.editions))
    now.puzzles = by_page(root)
    if now.drifts:
        log.info(f"sections revised: {len(now.drifts)}; `python -m weave.twins` lists them")
    progress = loom.Report(len(expected), log.info)
    try:
        now.woven = loom.weave(root, expected, warn=aside.warning, progress=progress)
    except OSError as fault:
        raise Abort(f"cannot keep the records of the runs: {fault}") from fault
    now.seals = seals(root, now.woven)
    if now.woven.ran:
        seconds = time.monotonic() - began
        log.info(f"ran {len(now.woven.ran)} of {len(expected)} snippets in {seconds:.1f} s")
    for path, packages in now.woven.absent.items():
        log.info(f"{label(path)}: not run here: {packages} is not installed")
    values = check_values(now.ledger, root, now.woven.records)
    wrong = check.check_book(root, ledger=now.ledger, editions=now.editions)
    for problem in [*now.woven.problems, *wrong, *values]:
        now.clean = False
        report(problem)
    for problem in check.unfinished(root, now.editions):
        aside.warning(str(problem))


class LabFile(File):
    """A lab, which MkDocs would copy as it is: it takes only Markdown for pages."""

    def is_documentation_page(self) -> bool:
        return True


def on_files(files, config: MkDocsConfig):
    """The labs' pages, and a notice for each chapter that only another language has."""
    if now.whole.stands:
        return Files([])
    place = config.docs_dir, config.site_dir, config.use_directory_urls
    for lab in [file for file in files if file.src_uri.endswith(".py")]:
        files.remove(lab)
        files.append(LabFile(lab.src_uri, *place))
    for page, chapter in now.awaited.items():
        text = notice(page, chapter, now.context.shelf)
        files.append(File.generated(config, page, content=text))
    return files


def on_env(env, config: MkDocsConfig, files):
    env.globals.update(
        translations=site.translations, home=site.home, interactive=site.interactive,
        citation=citation, in_words=in_words, steps=page_steps,
    )  # fmt: skip
    now.env = env
    return env


def page_steps(page) -> list[Step]:
    """Where a page stands on the ways through the book; for the template."""
    return steps(now.context.shelf, name_of(page.file.src_uri)) if page else []


def on_page_markdown(markdown: str, page, config: MkDocsConfig, files) -> str:
    """Tell the extension which page comes next, and how many lines front matter took from it."""
    if page.file.src_uri in now.keeper.kept:
        return markdown
    text = page.file.content_string
    lines = text.count("\n")
    now.context.path = f"docs/{now.context.language}/{page.file.src_uri}"
    chapter = kept_chapter(page.file.content_bytes, now.context.path, now.context.root)
    if now.context.lab:
        page.meta, markdown = chapter.meta, chapter.body
    page.notebook = for_site(now.context, chapter, text, config.site_url or "")
    now.context.files = page.files = {}
    if page.notebook:
        page.files[f"{page.file.name}.ipynb"] = page.notebook
    now.context.offset = lines - markdown.count("\n")
    return markdown


def on_page_content(html: str, page, config: MkDocsConfig, files) -> str:
    while now.context.problems:
        report(now.context.problems.pop(0))
    return html


def on_serve(server, config: MkDocsConfig, builder):
    """The guide and the puzzles show too; `watch` in mkdocs.yml must not name what a copy may lack.
    """
    root = Path(config.config_file_path).parent
    for file in (*root.glob("CONTRIBUTING*.md"), *root.glob("exercises")):
        server.watch(str(file))
    return server


def on_post_page(output: str, page, config: MkDocsConfig) -> str:
    if page.file.src_uri in now.keeper.kept:
        return output
    return finish(output, page.file.src_uri, get_relative_url(".", page.url), config)


def on_post_template(output_content: str, template_name: str, config: MkDocsConfig) -> str:
    if template_name != "404.html":
        return output_content
    return finish(output_content, template_name, urlsplit(config.site_url or "/").path, config)


def finish(output: str, name: str, base_url: str, config: MkDocsConfig) -> str:
    """Names for assistive technology and a policy under which only the theme's scripts run."""
    trusted = site.theme_scripts(now.env, config, base_url)
    output = site.glued(site.accessible(squeeze.page(output), config.theme["language"]))
    for script in site.foreign_scripts(output, trusted):
        log.error(f"{config.docs_dir}/{name}: a script that is not the theme's: {script[:60]!r}")
    # `mkdocs serve` adds its reload script after this; a policy would keep it from running.
    return output if now.command == "serve" else site.with_policy(output, trusted)


def on_post_build(config: MkDocsConfig) -> None:
    now.clean &= now.keeper.clean()
    site_dir = Path(config.site_dir)
    if now.whole.stands:
        now.whole.take(site_dir)
    else:
        squeeze.squeeze(Path(config.theme.custom_dir), site_dir)
        purge(site_dir)
        # A copy that bears the day of the build; whoever reads sitemaps asks for sitemap.xml.
        (site_dir / "sitemap.xml.gz").unlink(missing_ok=True)
        now.whole.note(site_dir)
    if not is_main(config):
        return
    main = Path(config.config_file_path)
    now.nested = True
    try:
        for other in sorted(main.parent.glob("mkdocs.*.yml")):
            build_other(other, config)
    finally:
        now.nested = False
    now.finished = True
    now.clean &= not now.stamp.edited()
    for whole in now.wholes if now.clean else ():
        whole.leave()
    if now.command == "serve":
        shutil.rmtree(now.old)


def build_other(file: Path, main: MkDocsConfig) -> None:
    """Build the language of `mkdocs.<language>.yml` into a folder of the main site."""
    language = file.suffixes[0][1:]
    config = load_config(
        str(file),
        strict=main.strict,
        site_dir=str(Path(main.site_dir) / language),
        site_url=f"{main.site_url.rstrip('/')}/{language}/" if main.site_url else "",
    )
    config.plugins.on_startup(command=now.command, dirty=False)
    try:
        build(config)
    finally:
        config.plugins.on_shutdown()


def on_build_error(error: Exception) -> None:
    now.finished = False
    if isinstance(error, OSError) and not error.filename and now.stage:
        log.error(f"cannot write below {now.stage.building}: {error.strerror}; the old site stays")


def on_shutdown() -> None:
    if now.stage and not now.nested:
        if now.finished:
            now.stage.swap()
            if now.clean:
                read = [record.inputs for record in now.woven.records.values()]
                now.stamp.leave(dict(ChainMap(*read)))
        now.stage.close()
        now.stage = None
