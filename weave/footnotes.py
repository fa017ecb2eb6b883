"""A page's footnotes: the references among them come from the ledger, and they are numbered as the
text uses them, wherever they are defined.
"""

from markdown import Markdown
from markdown.extensions.footnotes import FootnoteExtension
from markdown.treeprocessors import Treeprocessor

from weave.reference_text import citation
from weave.references import cited, cites
from weave.shelf import Shelf
from weave.structure import Chapter


class Footnotes(Treeprocessor):
    """Runs before the extension's own processors, which number and place what is defined."""

    def __init__(self, md: Markdown):
        super().__init__(md)
        self.used: list[str] = []

    def run(self, root) -> None:
        for extension in self.md.registeredExtensions:
            if isinstance(extension, FootnoteExtension):
                for name in self.used:
                    if name in extension.footnotes:
                        extension.footnotes.move_to_end(name)

    def define(self, chapter: Chapter, shelf: Shelf) -> list[str]:
        """Lines that define the references that a page uses as footnotes."""
        marks = sorted(chapter.footnotes_used, key=lambda mark: mark.line)
        self.used = list(dict.fromkeys(mark.name for mark in marks))
        own = [name for name in self.used if name not in chapter.footnotes]
        known = cited(chapter, shelf.references)
        return [f"[^{name}]: {self.text(name, shelf)}." for name in own if name in known]

    def named(self, chapter: Chapter, shelf: Shelf) -> list[tuple[int, int, str]]:
        """What to put in the place of each `@key`: start and end in the prose, and the text."""
        found = (cite for cite in cites(chapter) if cite.key in shelf.references)
        return [(cite.start, cite.end, self.text(cite.key, shelf)) for cite in found]

    def text(self, key: str, shelf: Shelf) -> str:
        return self.md.htmlStash.store(citation(shelf.references[key], shelf.language))
