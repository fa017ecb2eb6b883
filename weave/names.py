"""What readers look for a section by: the glossary's terms, and the names in `ledger/names.yml`."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from weave.edition import Edition
from weave.glossary import Term
from weave.ledger import Sheet, Text, compose, line_of
from weave.ledger_check import Book
from weave.problems import Problem

NAMES = "ledger/names.yml"


class Place(NamedTuple):
    """A section, and what the file calls it."""

    id: Text
    names: list[Text]

    @property
    def page(self) -> list[Text]:
        return [self.id]


def read_names(root: Path) -> tuple[list[Place], list[Problem]]:
    """The places of the file, and what is wrong with it; a book without it has neither."""
    file, sheet = root / NAMES, Sheet(NAMES, [])
    node = compose(file, sheet) if file.is_file() else None
    if isinstance(node, yaml.MappingNode):
        read = [(sheet.text(key, "a place"), sheet.texts(names, f"`{key.value}`"))
                for key, names in node.value]  # fmt: skip
        return [Place(*item) for item in read], sheet.problems
    if node:
        sheet.complain(line_of(node), "the file is no mapping of places to names")
    return [], sheet.problems


def check_names(root: Path, editions: list[Edition]) -> Iterator[Problem]:
    """Each place is a section in every language, and each name is given once."""
    places, problems = read_names(root)
    yield from problems
    book, seen = Book(root, editions), {}
    for place in places:
        for line, message in book.check_pages(place):
            yield Problem(NAMES, line, message)
        for name in place.names:
            if first := seen.get(whole(name)):
                yield Problem(NAMES, name.line, f"`{name}` is already on line {first}")
            seen[whole(name)] = name.line
            if name and not whole(name):
                yield Problem(NAMES, name.line, f"`{name}` has neither letters nor digits")


def by_place(terms: Iterable[Term], places: Iterable[Place]) -> dict[str, list[str]]:
    """The names of each section, as the search has them."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for term in terms:
        names = [term.zh, term.en, *sum(term.variants.values(), [])]
        for place in term.page:
            found[place] |= dict.fromkeys(map(whole, names))
    for place in places:
        found[place.id] |= dict.fromkeys(map(whole, place.names))
    return {place: list(filter(None, names)) for place, names in found.items()}


def whole(name: str) -> str:
    """A name as one word: `multi-head attention` is found however it is cut."""
    return "".join(re.findall(r"[^\W_]+", name.lower()))
