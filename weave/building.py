"""What MkDocs does with the book: weave once, then make the pages of each language.

A plugin of MkDocs that `weave/hook.py` registers; `placing`, which it registers, puts the site in
place.
"""

import time
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.structure.files import File, Files
from mkdocs.utils import get_relative_url

from weave import check, loom, names, pages, placing, search, site, squeeze, templates, twins
from weave.chapters import collect
from weave.citation import citation
from weave.context import Context
from weave.dates import in_words, read_dates
from weave.edition import Edition, name_of, read_editions
from weave.glossary import read_glossary
from weave.keeper import Keeper, seals
from weave.labs import label
from weave.ledger import read_ledger
from weave.ledger_texts import check_values
from weave.notebooks import for_site
from weave.notices import notice
from weave.now import aside, log, now
from weave.problems import Problem
from weave.puzzles import by_page
from weave.reading_paths import read_reading_paths
from weave.reading_paths_page import Step, steps
from weave.references import read_references
from weave.runs import read_runs
from weave.shelf import Shelf
from weave.stamp import Stamp
from weave.structure import kept_chapter
from weave.whole import Whole


def report(problem: Problem) -> None:
    log.error(str(problem))


def prepare(config: MkDocsConfig, command: str, stamp: Stamp | None) -> MkDocsConfig:
    """Get all ready for the pages of one language; `stamp` with the first."""
    root = Path(config.config_file_path).parent
    now.command = command
    config.plugins["weave/placing"] = placing
    if placing.is_main(config):
        placing.begin(config, stamp)
        weave_all(root)
    language = config.theme["language"]
    edition = next(edition for edition in now.editions if edition.language == language)
    now.awaited = edition.awaited
    now.context = context_of(config, edition, root)
    templates.quicken(config.theme, root / ".weave" / "templates")
    templates_of = Path(config.theme.custom_dir)
    state = partial(pages.state, root, now.editions, templates_of)
    shelf = now.context.shelf
    keeper = Keeper(root, config, now.command, state, now.seals, shelf, now.dates)
    now.keeper = config.plugins["weave/keeper"] = keeper
    now.keepers.append(keeper)
    now.whole = Whole(root, keeper, edition, now.names, now.old / edition.prefix)
    now.wholes.append(now.whole)
    if now.whole.stands:
        placing.spare(config)
        return config
    config.plugins["weave/names"] = search.Names(now.names)
    config.markdown_extensions.append("weave.markdown")
    config.mdx_configs["weave.markdown"] = {"context": now.context}
    return config


def context_of(config: MkDocsConfig, edition: Edition, root: Path) -> Context:
    """What the pages of an edition are woven from."""
    language, records = edition.language, now.woven.records
    repository = (config.repo_url or "").rstrip("/")
    link = repository and repository + "/blob/main/{path}"
    behind = twins.behind(now.drifts, language)
    others = {other.language: other.pages for other in now.editions if other is not edition}
    lists = now.terms, now.references, now.runs, behind, now.puzzles, others, now.paths
    shelf = Shelf(now.ledger, language, edition.shown, root, records, link, *lists)
    lines = link and link + "#L{first}-L{last}"
    return Context(
        root, language, records=records, absent=now.woven.absent, link=lines, shelf=shelf
    )


def weave_all(root: Path) -> None:
    """Run what has to run and, beside it, check the book; report what is wrong with either."""
    began = time.monotonic()
    now.editions = read_editions(root, site.PREFIXES)
    chapters = [chapter for edition in now.editions for chapter in edition.pages.values()]
    expected, now.ledger = collect(root, chapters), read_ledger(root)
    progress = loom.Report(len(expected), log.info)
    wrong: list[Problem] = []

    def meanwhile() -> None:
        read_lists(root)
        wrong.extend(check.check_book(root, ledger=now.ledger, editions=now.editions))

    told = {"warn": aside.warning, "progress": progress}
    try:
        now.woven = loom.weave(root, expected, **told, meanwhile=meanwhile)
    except OSError as fault:
        raise Abort(f"cannot weave the book: {fault}") from fault
    now.seals = seals(now.woven)
    if now.woven.ran:
        seconds = time.monotonic() - began
        log.info(f"ran {len(now.woven.ran)} of {len(expected)} snippets in {seconds:.1f} s")
    for path, packages in now.woven.absent.items():
        log.info(f"{label(path)}: not run here: {packages} is not installed")
    values = check_values(now.ledger, root, now.woven.records)
    for problem in [*now.woven.problems, *wrong, *values]:
        now.clean = False
        report(problem)
    for problem in check.unfinished(root, now.editions):
        aside.warning(str(problem))


def read_lists(root: Path) -> None:
    """What pages show besides records; `check_book` says what is wrong with it."""
    now.terms, _ = read_glossary(root)
    now.names = names.by_place(now.terms, names.read_names(root)[0])
    now.references, _ = read_references(root)
    now.paths, _ = read_reading_paths(root)
    now.runs, _ = read_runs(root)
    now.dates = read_dates(root, now.stamp.commit)
    now.drifts = list(twins.drifts(root, now.editions))
    now.puzzles = by_page(root)
    if now.drifts:
        log.info(f"sections revised: {len(now.drifts)}; `python -m weave.twins` lists them")


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
    return finish(output, page.file.src_uri, get_relative_url(".", page.url), config)


def on_post_template(output_content: str, template_name: str, config: MkDocsConfig) -> str:
    if template_name != "404.html":
        return output_content
    return finish(output_content, template_name, urlsplit(config.site_url or "/").path, config)


def finish(output: str, name: str, base_url: str, config: MkDocsConfig) -> str:
    """Names for assistive technology and a policy under which only the theme's scripts run."""
    trusted = site.theme_scripts(now.env, config, base_url)
    output = site.glued(site.accessible(squeeze.page(output), config.theme["language"]))
    output = site.counted(output)
    for script in site.foreign_scripts(output, trusted):
        log.error(f"{config.docs_dir}/{name}: a script that is not the theme's: {script[:60]!r}")
    # `mkdocs serve` adds its reload script after this; a policy would keep it from running.
    return output if now.command == "serve" else site.with_policy(output, trusted)
