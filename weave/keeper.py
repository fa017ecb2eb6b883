"""Puts the finished pages of earlier builds in place, and keeps those that this build makes.

MkDocs still sees every page; it is only spared reading, converting and rendering the kept ones.
That relies on three things: `on_pre_page` may alter a page, `template` in a page's metadata names
its template, and the search plugin's index is a list of entries.
"""

import logging
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority
from mkdocs.structure.toc import TableOfContents
from mkdocs.utils import CountHandler

from weave import search
from weave.chapters import named, valued_in
from weave.dates import Dates
from weave.inputs import digest
from weave.labs import find, label
from weave.pages import Finished, Pages, state
from weave.shelf import Shelf
from weave.structure import Chapter, kept_chapter


@dataclass
class Making:
    """A page that is being made: its bytes before anybody read it, what search saw of it."""

    chapter: bytes
    ledger: str = ""  # what it shows of the ledger
    changed: str = ""  # the day that it gives as that of its last change
    content: str = ""
    indexed: int = 0  # entries in the index before this page's
    entries: list[dict] = field(default_factory=list)

    @property
    def source(self) -> bytes:
        return self.chapter + self.ledger.encode() + self.changed.encode()


class Keeper(BasePlugin):
    """The pages of one language in one build; `seals` maps each snippet to its digest."""

    def __init__(
        self, root: Path, config, command: str, seals: dict[str, str], shelf: Shelf, dates: Dates
    ):
        self.root, self.seals, self.shelf, self.dates = root, seals, shelf, dates
        self.settings = (
            command, config.site_url, config.repo_url, config.use_directory_urls,
            *config.theme.dirs, *config.plugins,
        )  # fmt: skip
        shelf.words.install()
        self.templates = Path(config.theme.custom_dir)
        # Serving and building for another address keep pages of their own: they take turns.
        self.variant = f"{config.theme['language']}-{digest(str(self.settings).encode())[:8]}"
        self.pages = Pages(root / ".weave" / "pages" / self.variant, self.state())
        self.kept: dict[str, Finished] = {}
        self.making: dict[str, Making] = {}
        self.warnings = CountHandler()
        self.warnings.setLevel(logging.WARNING)
        logging.getLogger("mkdocs").addHandler(self.warnings)

    def state(self) -> str:
        return state(self.root, self.templates, (*self.settings, *self.shelf.words.terms))

    def on_pre_page(self, page, config, files):
        """Spare MkDocs the work on a page that is kept."""
        name = page.file.src_uri
        making = Making(page.file.content_bytes)
        chapter = self.parsed(page, making)
        making.ledger = self.shelf.shown_on(name, chapter)
        page.changed = self.changed(chapter)
        making.changed = str(page.changed)
        if not (finished := self.pages.load(name, making.source, self.seals)):
            self.making[name] = making
            return page
        self.kept[name] = finished
        page.meta = finished.meta | {"template": "kept.html", "search": {"exclude": True}}
        page.markdown = page.content = ""
        page.toc = TableOfContents([])
        page.read_source = page.render = lambda *arguments: None
        return page

    @event_priority(100)
    def before_search(self, context, page, config, nav) -> None:
        """Give the search plugin what an earlier build gave it, or a page that is quick to read."""
        name, index = page.file.src_uri, search.index(config)
        if name in self.kept:
            index += self.kept[name].entries
            return
        making = self.making[name]
        making.content, page.content = page.content, search.lean(page.content)
        making.indexed = len(index)

    @event_priority(-100)
    def after_search(self, context, page, config, nav) -> None:
        if making := self.making.get(page.file.src_uri):
            page.content = making.content
            making.entries = search.index(config)[making.indexed :]

    on_page_context = CombinedEvent(before_search, after_search)

    @event_priority(-100)
    def on_post_page(self, output: str, page, config) -> str:
        """Put a kept page in place; remember another, unless somebody has edited its chapter."""
        name = page.file.src_uri
        if name in self.kept:
            put_beside(page, self.kept[name].files)
            return self.kept[name].html
        put_beside(page, page.files)
        making = self.making[name]
        shown = named(self.parsed(page, making), self.root)
        shown.update(valued_in(making.ledger, self.root))
        used = {path: self.seals.get(path) for path in sorted(shown)}
        if page.file.content_bytes == making.chapter and all(used.values()):
            finished = Finished(output, page.meta, making.entries, page.files)
            self.pages.keep(name, making.source, finished, used)
        return output

    def parsed(self, page, making: Making) -> Chapter:
        path = f"docs/{self.shelf.language}/{page.file.src_uri}"
        return kept_chapter(making.chapter, path, self.root)

    def changed(self, chapter: Chapter) -> date | None:
        """The day of the last commit to a page, to a snippet on it, or to what that reads."""
        shown = named(chapter, self.root)
        files = [chapter.path, *map(label, shown)]
        records = (self.shelf.records.get(path) for path in shown)
        read = [file for record in records if record for file in record.inputs]
        return self.dates.newest(files + read, (view.kind for view in chapter.views))

    def clean(self) -> bool:
        """Whether the build had nothing to complain of; then what was made goes to the disk."""
        logging.getLogger("mkdocs").removeHandler(self.warnings)
        clean = not self.warnings.get_counts()
        self.shelf.words.write()
        if clean and self.state() == self.pages.state:
            self.pages.write()
        return clean


def put_beside(page, files: dict[str, str]) -> None:
    """Write a page's notebook and the data of its figures into its folder of the site."""
    folder = Path(page.file.abs_dest_path).parent
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def seals(root: Path, woven) -> dict[str, str]:
    """For each snippet that ran and whose record is stored, or that cannot run here, a digest of
    all that a page shows of it."""
    found = {path: record.seal for path, record in woven.records.items() if record.seal}
    return {
        path: digest(find(root, path).digest.encode() + seal.encode())
        for path, seal in (found | woven.absent).items()
    }
