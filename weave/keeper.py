"""Puts the finished pages of earlier builds in place, and keeps those that this build makes.

To MkDocs a kept page is a file that it need not copy: contents, links and the sitemap know it, and
nobody reads, converts or renders it. That relies on three things: a file tells whether it is a page
and how it is copied, a page's metadata is what gives it its title, and the search plugin's index is
a list of entries.
"""

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority
from mkdocs.structure.files import File
from mkdocs.structure.pages import Page
from mkdocs.utils import CountHandler

from weave import search
from weave.chapters import named, valued_in
from weave.dates import Dates
from weave.inputs import digest
from weave.labs import label
from weave.loom import Woven
from weave.pages import Finished, Pages
from weave.shelf import Shelf
from weave.structure import Chapter, kept_chapter


@dataclass
class Making:
    """A page that is being made: what it is made from, what search saw of it."""

    chapter: Chapter
    ledger: str  # what it shows of the ledger
    changed: date | None  # the day that it gives as that of its last change
    content: str = ""
    indexed: int = 0  # entries in the index before this page's
    entries: list[dict] = field(default_factory=list)

    @property
    def source(self) -> str:
        return f"{self.chapter.digest} {self.ledger} {self.changed}"


class KeptFile(File):
    """A page that is in its place already."""

    def is_documentation_page(self) -> bool:
        return False

    def copy_file(self, dirty: bool = False) -> None:
        pass


class Keeper(BasePlugin):
    """The pages of one language in one build; `seals` maps each snippet to its digest, `state`
    gives that of the book under the settings of this build.
    """

    def __init__(
        self, root: Path, config, command: str, state: Callable[[tuple], str],
        seals: Mapping[str, str], shelf: Shelf, dates: Dates,
    ):  # fmt: skip
        self.root, self.seals, self.shelf, self.dates = root, seals, shelf, dates
        settings = (
            command, config.site_url, config.repo_url, config.use_directory_urls,
            *config.theme.dirs, *config.plugins,
        )  # fmt: skip
        shelf.words.install()
        # Serving and building for another address keep pages of their own: they take turns.
        self.variant = f"{config.theme['language']}-{digest(str(settings).encode())[:8]}"
        known = state((*settings, *shelf.words.terms))
        self.pages = Pages(root / ".weave" / "pages" / self.variant, known)
        self.kept: dict[str, Finished] = {}
        self.making: dict[str, Making] = {}  # every page, also one that is kept
        self.known: dict[tuple[str, str], tuple[str, date | None]] = {}
        self.warnings = CountHandler()
        self.warnings.setLevel(logging.WARNING)
        logging.getLogger("mkdocs").addHandler(self.warnings)

    @event_priority(-100)
    def on_files(self, files, config):
        """Put the kept pages in place, and have MkDocs take them for files."""
        place = config.docs_dir, config.site_dir, config.use_directory_urls
        for file in [file for file in files if file.is_documentation_page()]:
            name = file.src_uri
            chapter = self.chapter(file)
            making = self.making[name] = Making(chapter, *self.behind(name, chapter))
            target = os.path.dirname(file.abs_dest_path)
            if finished := self.pages.take(name, making.source, self.seals, target):
                self.kept[name] = finished
                files.remove(file)
                files.append(KeptFile(name, *place, dest_uri=file.dest_uri))
        return files

    def on_nav(self, nav, config, files):
        """Give the kept pages what contents and sitemap show of them."""
        for name, finished in self.kept.items():
            file = files.get_file_from_path(name)
            page = file.page or Page(None, file, config)
            page.meta, page.changed = finished.meta, self.making[name].changed
            page.markdown = page.content = ""
        self.files = [files.get_file_from_path(name) for name in self.making]
        return nav

    def on_template_context(self, context, template_name, config):
        context["pages"] = self.files
        return context

    def on_pre_page(self, page, config, files):
        page.changed = self.making[page.file.src_uri].changed
        return page

    @event_priority(100)
    def before_search(self, context, page, config, nav) -> None:
        """Give the search plugin a page that is quick to read."""
        making = self.making[page.file.src_uri]
        making.content, page.content = page.content, search.lean(page.content)
        making.indexed = len(search.index(config))

    @event_priority(-100)
    def after_search(self, context, page, config, nav) -> None:
        making = self.making[page.file.src_uri]
        page.content = making.content
        making.entries = search.index(config)[making.indexed :]

    on_page_context = CombinedEvent(before_search, after_search)

    @event_priority(-100)
    def on_post_page(self, output: str, page, config) -> str:
        """Remember a page, and what is to stand beside it."""
        making, target = self.making[page.file.src_uri], Path(page.file.abs_dest_path)
        put_beside(page, target.parent)
        shown = named(making.chapter, self.root)
        shown.update(valued_in(making.ledger, self.root))
        used = {path: self.seals.get(path) for path in sorted(shown)}
        if all(used.values()):
            self.pages.keep(
                page.file.src_uri, making.source, target.parent, [target.name, *page.files],
                meta=page.meta, entries=making.entries, used=used,
            )  # fmt: skip
        return output

    @event_priority(200)
    def on_post_build(self, config) -> None:
        """Have the search find every page, each in its place."""
        index = search.index(config)
        found = (self.kept.get(name) or making for name, making in self.making.items())
        index[:] = [entry for page in found for entry in page.entries]

    def chapter(self, file: File) -> Chapter:
        """As it has been read already, unless a notice stands in its place."""
        path = f"docs/{self.shelf.language}/{file.src_uri}"
        found = self.shelf.pages.get(file.src_uri)
        known = found and found.path == path
        return found if known else kept_chapter(file.content_bytes, path, self.root)

    def behind(self, name: str, chapter: Chapter) -> tuple[str, date | None]:
        """What a page shows of the ledger, and the day of its last change."""
        place = name, chapter.digest
        if place not in self.known:
            self.known[place] = self.shelf.shown_on(name, chapter), self.changed(chapter)
        return self.known[place]

    def changed(self, chapter: Chapter) -> date | None:
        """The day of the last commit to a page, to a snippet on it, or to what that reads."""
        shown = named(chapter, self.root)
        files = [chapter.path, *map(label, shown)]
        records = (self.shelf.records.get(path) for path in shown)
        read = [file for record in records if record for file in record.inputs]
        return self.dates.newest(files + read, (view.kind for view in chapter.views))

    def clean(self) -> bool:
        """Whether the build had nothing to complain of; what was made is kept only then."""
        logging.getLogger("mkdocs").removeHandler(self.warnings)
        self.shelf.words.write()
        if self.warnings.get_counts():
            self.pages.fresh.clear()
        return not self.warnings.get_counts()


def put_beside(page, folder: Path) -> None:
    """Write a page's notebook and the data of its figures into its folder of the site."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in page.files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def seals(woven: Woven) -> dict[str, str]:
    """For each snippet that ran and whose record is stored, or that cannot run here, a digest of
    all that a page shows of it."""
    found = {path: record.seal for path, record in woven.records.items() if record.seal}
    found |= woven.absent
    return {path: digest(f"{woven.keys[path]} {seal}".encode()) for path, seal in found.items()}
