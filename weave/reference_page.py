"""Markdown lines of the fence that lists the references, with the pages that cite each."""

import html
from collections.abc import Callable, Iterator
from itertools import groupby
from urllib.parse import urlsplit

from weave.edition import name_of, page_named
from weave.reference_text import citation, link
from weave.references import NOWHERE, Reference, cited
from weave.shelf import Shelf, href

WORDS = {
    "zh": {
        "cited": "引用此文的页：",
        "checked": "{0} 查证：",
        "nowhere": "{0} 查找过，未见可链接的公开记录",
        "unchecked": "尚未查证",
    },
    "en": {
        "cited": "Cited in ",
        "checked": "looked up {0}: ",
        "nowhere": "looked for {0}, no record found that can be linked to",
        "unchecked": "not looked up yet",
    },
}


class ReferencePage:
    def __init__(self, shelf: Shelf, page: str, store: Callable[[str], str]):
        self.shelf, self.page, self.store = shelf, page, store
        self.words = WORDS[shelf.language]
        self.citing: dict[str, list[tuple[str, str]]] = {}  # key -> pages and their footnotes
        for file, chapter in shelf.pages.items():
            for key, note in cited(chapter, shelf.references).items():
                self.citing.setdefault(key, []).append((name_of(file), note))

    def show(self) -> Iterator[str]:
        for letter, group in groupby(sorted(self.shelf.references), key=lambda key: key[0]):
            yield f"## {letter.upper()} {{ #{letter} }}"
            items = "".join(self.item(self.shelf.references[key]) for key in group)
            yield from ("", self.store(f'<ul class="references">{items}</ul>'), "")

    def item(self, reference: Reference) -> str:
        name, cited_in = citation(reference, self.shelf.language), self.cited_in(reference.id)
        about = " · ".join(part for part in (cited_in, self.checked(reference)) if part)
        return f'<li id="{reference.id}">{name}.<p data-search-exclude>{about}</p></li>'

    def cited_in(self, key: str) -> str:
        links = [self.to_note(*place) for place in self.citing.get(key, [])]
        return links and self.words["cited"] + self.shelf.join(links)

    def to_note(self, page: str, note: str) -> str:
        """A link to the first place at which a page cites it."""
        headings = page_named(self.shelf.pages, page).headings
        title = self.shelf.heading(headings[0].text) if headings else page
        return f'<a href="{href(self.page, page, f"fnref:{note}")}">{title}</a>'

    def checked(self, reference: Reference) -> str:
        if not reference.checked:
            return self.words["unchecked"]
        when, found = reference.checked
        if found == NOWHERE:
            return self.words["nowhere"].format(when)
        host = html.escape(urlsplit(found).netloc.removeprefix("www."))
        return self.words["checked"].format(when) + link(found, host)
