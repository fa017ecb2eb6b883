"""Markdown lines of the fence that shows the glossary, as `ledger_page` makes those of the ledger.

English terms stand in the order of the alphabet. Chinese ones stand in the order of the book:
by the sound of their characters, readers would need a dictionary, and so would we.
"""

import html
from collections.abc import Callable, Iterator
from itertools import groupby

from weave.edition import name_of, page_named
from weave.glossary import Term
from weave.nav import read_nav
from weave.shelf import Shelf

SEE = {"zh": "见{}。", "en": "See {}."}
OTHER = {"zh": "en", "en": "zh"}


class GlossaryPage:
    def __init__(self, shelf: Shelf, page: str, store: Callable[[str], str]):
        self.shelf, self.page, self.store = shelf, page, store

    def show(self) -> Iterator[str]:
        chinese = self.shelf.language == "zh"
        order, group = (self.place(), part) if chinese else (alphabet, letter)
        for name, terms in groupby(sorted(self.shelf.terms, key=order), key=group):
            yield f"## {self.title(name) if chinese else name.upper()} {{ #{name} }}"
            items = "".join(map(self.term, terms))
            yield from ("", self.store(f'<dl class="glossary">{items}</dl>'), "")

    def place(self) -> Callable[[Term], tuple]:
        """The order of the book: of the pages in the nav, and of the headings on a page."""
        shelf = self.shelf
        entries = read_nav("mkdocs.yml", shelf.root)[0].entries
        pages = {name_of(entry.key[1] or ""): i for i, entry in enumerate(entries)}

        def order(term: Term) -> tuple:
            page, _, heading = term.page[0].partition("#") if term.page else ("", "", "")
            chapter = page_named(shelf.pages, page)
            lines = {x.id: x.line for x in chapter.headings} if chapter else {}
            place = pages.get(page, len(pages))
            return place, page, lines.get(heading, 0), term.en

        return order

    def title(self, part: str) -> str:
        """What the part calls itself, at the top of its first page."""
        chapter = self.shelf.pages.get(f"{part}/index.md")
        return chapter.headings[0].text if chapter and chapter.headings else part

    def term(self, term: Term) -> str:
        language = self.shelf.language
        other = OTHER[language]
        translation = f'<span lang="{other}">{html.escape(term.name(other))}</span>'
        name = f'<dt id="{term.id}">{html.escape(term.name(language))} {translation}</dt>'
        said = self.shelf.inline(term.says.get(language, ""))
        gap = " " if language == "en" else ""
        links = self.shelf.join(self.shelf.to_pages(self.page, term.page))
        return f"{name}<dd>{said}{gap}{SEE[language].format(links)}</dd>"


def part(term: Term) -> str:
    return term.page[0].partition("/")[0] if term.page else ""


def alphabet(term: Term) -> str:
    return term.en.lower()


def letter(term: Term) -> str:
    return alphabet(term)[:1]
