"""The glossary: the book's terms in both languages, and the words that it does not use for them.

They stand in `ledger/glossary.yml`; `ledger/README.md` says how.
"""

import re
from pathlib import Path
from typing import NamedTuple

import yaml

from weave.ledger import LANGUAGES, Sheet, Text, compose, line_of
from weave.problems import Problem

GLOSSARY = "ledger/glossary.yml"


class Term(NamedTuple):
    """A term, the heading under which the book shows it, a sentence, and other words for it."""

    zh: Text
    en: Text
    page: list[Text]  # part/page#heading
    says: dict[str, Text]
    variants: dict[str, list[Text]]  # by language: what the book does not call it

    def name(self, language: str) -> Text:
        return self.zh if language == "zh" else self.en

    @property
    def id(self) -> Text:
        """Its anchor on the page, in both languages."""
        return Text("-".join(re.findall(r"[a-z0-9]+", self.en.lower())), self.en.line)


def variants(sheet: Sheet, node: yaml.Node, what: str) -> dict[str, list[Text]]:
    """Words to avoid; a language may have none."""
    return sheet.fields(node, what, dict.fromkeys(LANGUAGES, Sheet.texts), LANGUAGES) or {}


FIELDS = {
    "zh": Sheet.text,
    "en": Sheet.text,
    "page": Sheet.texts,
    "says": Sheet.both,
    "not": variants,
}


def read_glossary(root: Path) -> tuple[list[Term], list[Problem]]:
    """The terms, and what is wrong with the file; a book without a glossary has neither."""
    file, sheet = root / GLOSSARY, Sheet(GLOSSARY, [])
    node = compose(file, sheet) if file.is_file() else None
    terms = []
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            if given := sheet.fields(item, "a term", FIELDS, optional=("not",)):
                terms.append(Term(variants=given.pop("not", {}), **given))
    elif node:
        sheet.complain(line_of(node), "the file is no list")
    return terms, sheet.problems
