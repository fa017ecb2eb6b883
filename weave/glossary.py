"""The glossary: the book's terms in both languages, and the words that it does not use for them.

They stand in `ledger/glossary.yml`; `ledger/README.md` says how.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from weave.ledger import LANGUAGES, Sheet, Text, compose, line_of
from weave.problems import Problem

GLOSSARY = "ledger/glossary.yml"
INSIDE = re.compile(r"[\w-]")  # an English word, if it stands before the name
PLURALS = {r"([^aeiou])y$": r"\1(?:y|ies)", "is$": "(?:is|es)", "ix$": "(?:ix|ixes|ices)"}


class Term(NamedTuple):
    """A term, the heading under which the book shows it, a sentence, and other words for it."""

    zh: Text
    en: Text
    page: list[Text]  # part/page#heading
    says: dict[str, Text]
    variants: dict[str, list[Text]] = {}  # by language: what the book does not call it
    apart: dict[str, list[Text]] = {}  # by language: where its name is part of something else
    everyday: list[Text] = []  # languages in which its name is a word of every day as well

    def name(self, language: str) -> Text:
        return self.zh if language == "zh" else self.en

    @property
    def id(self) -> Text:
        """Its anchor on the page, in both languages."""
        return Text("-".join(re.findall(r"[a-z0-9]+", self.en.lower())), self.en.line)


def words(sheet: Sheet, node: yaml.Node, what: str) -> dict[str, list[Text]]:
    """Words of each language; it may have none."""
    return sheet.fields(node, what, dict.fromkeys(LANGUAGES, Sheet.texts), LANGUAGES) or {}


FIELDS = {
    "zh": Sheet.text,
    "en": Sheet.text,
    "page": Sheet.texts,
    "says": Sheet.both,
    "not": words,
    "except": words,
    "everyday": Sheet.texts,
}
OPTIONAL = ("not", "except", "everyday")
RENAMED = {"not": "variants", "except": "apart"}  # Python keeps these words for itself


def read_glossary(root: Path) -> tuple[list[Term], list[Problem]]:
    """The terms, and what is wrong with the file; a book without a glossary has neither."""
    file, sheet = root / GLOSSARY, Sheet(GLOSSARY, [])
    node = compose(file, sheet) if file.is_file() else None
    terms = []
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            if given := sheet.fields(item, "a term", FIELDS, optional=OPTIONAL):
                terms.append(Term(**{RENAMED.get(name, name): it for name, it in given.items()}))
    elif node:
        sheet.complain(line_of(node), "the file is no list")
    return terms, sheet.problems


# Where a text says a term


@cache
def form(name: str, language: str) -> str:
    """A pattern for a name, in English also in the plural. It begins with what can be looked for
    quickly, so it does not say that nothing goes before the name."""
    words = r"\s+".join(map(re.escape, name.split()))
    if language == "zh":
        return words
    ending = next((one for one in PLURALS if re.search(one, words)), "$")
    many = re.sub(ending, PLURALS.get(ending, "(?:e?s)?"), words)
    return rf"{many}(?![\w-])"


@cache
def pattern(name: str, language: str) -> re.Pattern:
    """Finds a name in a text: in English as a word of its own."""
    before = "" if language == "zh" else r"(?<![\w-])"
    return re.compile(before + form(name, language), re.IGNORECASE)


@cache
def finder(names: tuple[str, ...], apart: tuple[str, ...], language: str) -> re.Pattern:
    """Finds names in small letters, the longest first; `t3` is the group of the fourth.

    The expressions in which they mean something else are found as well, in no group.
    """
    groups = [(name.lower(), f"(?P<t{i}>{{}})") for i, name in enumerate(names)]
    groups += [(expression.lower(), "{}") for expression in apart]
    groups.sort(key=lambda item: len(item[0]), reverse=True)
    parts = (group.format(form(name, language)) for name, group in groups)
    return re.compile("|".join(parts) or "(?!)")


def find(terms: list[Term], text: str, language: str) -> Iterator[tuple[Term, re.Match]]:
    """Where a text, in small letters, says terms."""
    names = tuple(term.name(language) for term in terms)
    apart = tuple(text for term in terms for text in term.apart.get(language, []))
    for match in finder(names, apart, language).finditer(text):
        inside = language == "en" and INSIDE.match(text, match.start() - 1)
        if match.lastgroup and not (match.start() and inside):
            yield terms[int(match.lastgroup[1:])], match


def says(text: str, term: Term, language: str) -> bool:
    """Whether a text, in small letters, says a term."""
    return any(find([term], text, language))
