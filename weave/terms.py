"""Links each term of the glossary where a page first uses it; with the link comes its sentence.

The link leads to where the book explains the term. The page on which that is has no link to itself.
"""

import html
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

from weave.boxes import page_of
from weave.context import Context
from weave.glossary import Term, find
from weave.shelf import href

PROSE = ("p", "li")
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
SKIPPED = {*HEADINGS, "a", "code", "dl", "figcaption", "pre", "summary", "sup", "table"}
SKIPPED_CLASSES = {"admonition-title", "arithmatex", "footnote"}


class TermLinks(Treeprocessor):
    """Runs on the finished tree, where all that is no running text has a tag of its own."""

    def __init__(self, md: Markdown, context: Context):
        super().__init__(md)
        self.context = context
        self.terms: list[Term] = []
        self.linked: set[str] = set()

    def run(self, root: Element) -> None:
        shelf, page = self.context.shelf, self.context.page
        self.terms = shelf.terms_on(self.context.path.removeprefix(f"docs/{shelf.language}/"))
        explained = (term for term in self.terms if page in map(page_of, term.page))
        self.linked = {term.id for term in explained}
        self.visit(root, prose=False)

    def visit(self, element: Element, prose: bool) -> None:
        if element.tag in SKIPPED or SKIPPED_CLASSES & set(element.get("class", "").split()):
            return
        prose = prose or element.tag in PROSE
        if prose:
            element.text = self.link(element.text or "")
        for child in element:
            self.visit(child, prose)
            if prose:
                child.tail = self.link(child.tail or "")

    def link(self, text: str) -> str:
        """The text with a link in the place of each term that had none so far."""
        shown, end = "", 0
        for term, match in find(self.terms, text.lower(), self.context.shelf.language):
            start, stop = match.span()
            if term.id not in self.linked and self.is_word(text, start, stop):
                self.linked.add(term.id)
                stored = self.md.htmlStash.store(self.shown(term, text[start:stop]))
                shown, end = shown + text[end:start] + stored, stop
        return shown + text[end:]

    def is_word(self, text: str, start: int, end: int) -> bool:
        """Whether a Chinese name begins and ends where words do: 秩 is not part of 秩序."""
        shelf = self.context.shelf
        return shelf.language != "zh" or all(
            shelf.words.is_edge(text, place) for place in (start, end)
        )

    def shown(self, term: Term, text: str) -> str:
        shelf = self.context.shelf
        goal, _, heading = term.page[0].partition("#")
        link = href(self.context.page, goal, heading)
        says = shelf.inline(term.says[shelf.language])
        tip = f"<small data-search-exclude>{says}</small>"
        return f'<a class="term" href="{link}">{html.escape(text)}{tip}</a>'
