"""The works that the book cites: one entry each, in CSL's names, with where it was looked up.

They stand in `ledger/references/`, in a file for each letter; `ledger/README.md` says how.
"""

import re
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from weave.ledger import Sheet, Text, compose, line_of
from weave.problems import Problem
from weave.structure import FOOTNOTE, Chapter

REFERENCES = "ledger/references"
OTHERS = "others"  # ends a list of authors that is not whole, as in BibTeX
NULL = "tag:yaml.org,2002:null"
PLAIN = (
    "container-title", "volume", "issue", "page", "edition", "publisher", "number", "issued",
    "DOI", "URL",
)  # fmt: skip
NOTE = re.compile(rf"^{FOOTNOTE.pattern}.*$", re.MULTILINE)
KEY = re.compile(r"(?<![\w/@])@([a-z][a-z0-9]*)", re.ASCII)


class Name(NamedTuple):
    """A person's name, or that of a body, which is all in one."""

    family: str
    given: str = ""

    def __str__(self) -> str:
        return f"{self.given} {self.family}".strip()


NOWHERE = "nowhere"  # somebody looked for it, and saw no record that has an address


class Check(NamedTuple):
    """When an entry was looked up, and the address at which it was found."""

    date: Text
    found: Text


class Reference(NamedTuple):
    id: Text
    type: Text
    title: Text
    author: list[Name]
    editor: list[Name]
    checked: Check | None
    plain: dict[str, Text]  # all other fields, by their names in CSL

    def get(self, name: str) -> Text:
        return self.plain.get(name, Text(""))

    @property
    def path(self) -> str:
        return f"{REFERENCES}/{self.id[:1]}.yml"

    @property
    def by(self) -> str:
        """Under whose name it is known."""
        people = self.author or self.editor
        return people[0].family if people else self.get("container-title") or self.title


class Cite(NamedTuple):
    """The `@key` of a reference inside a note."""

    key: str
    line: int
    start: int  # in the chapter's prose
    end: int


def names(sheet: Sheet, node: yaml.Node, what: str) -> list[Name]:
    """Persons as `{family: …, given: …}`; bodies, and `others`, as `{literal: …}`."""
    if not isinstance(node, yaml.SequenceNode):
        sheet.complain(line_of(node), f"{what} is no list")
        return []
    found = []
    for item in node.value:
        keys = [key.value for key, _ in item.value] if isinstance(item, yaml.MappingNode) else []
        known = ("literal",) if "literal" in keys else Name._fields
        if given := sheet.fields(item, "a name", dict.fromkeys(known, Sheet.text)):
            found.append(Name(*(given[key] for key in known)))
    return found


def check(sheet: Sheet, node: yaml.Node, what: str) -> Check | None:
    """`null` says that nobody has looked it up yet."""
    if node.tag == NULL:
        return None
    given = sheet.fields(node, what, dict.fromkeys(Check._fields, Sheet.text))
    return Check(**given) if given else None


FIELDS: dict[str, Any] = dict.fromkeys(("id", "type", "title", *PLAIN), Sheet.text)
FIELDS |= {"author": names, "editor": names, "checked": check}


def read_references(root: Path) -> tuple[dict[str, Reference], list[Problem]]:
    """The references by their ids, and what is wrong with the files."""
    found: dict[str, Reference] = {}
    problems: list[Problem] = []
    for file in sorted((root / REFERENCES).glob("*.yml")):
        sheet = Sheet(f"{REFERENCES}/{file.name}", problems)
        node = compose(file, sheet)
        if isinstance(node, yaml.SequenceNode):
            read_file(node, found, sheet)
        elif node:
            sheet.complain(line_of(node), "the file is no list")
    return found, problems


def read_file(node: yaml.SequenceNode, found: dict[str, Reference], sheet: Sheet) -> None:
    """Add a file's entries; each stands where a reader looks for it, and only there."""
    before = ""
    for item in node.value:
        reference = read(sheet, item)
        if not reference or not reference.id:
            continue
        name = reference.id
        if name in found:
            where = f"{found[name].path}:{found[name].id.line}"
            sheet.complain(name.line, f"the reference `{name}` is already in {where}")
        elif reference.path != sheet.path:
            sheet.complain(name.line, f"`{name}` belongs in {reference.path}")
        elif name < before:
            sheet.complain(name.line, f"`{name}` comes before `{before}`: ids stand in order")
        found.setdefault(name, reference)
        before = name


def read(sheet: Sheet, node: yaml.Node) -> Reference | None:
    given = sheet.fields(node, "a reference", FIELDS, optional=("author", "editor", *PLAIN))
    if not given:
        return None
    return Reference(
        *(given[name] for name in ("id", "type", "title")),
        given.get("author", []),
        given.get("editor", []),
        given["checked"] or None,
        {name: given[name] for name in PLAIN if name in given},
    )


def cites(chapter: Chapter) -> Iterator[Cite]:
    """The references that a page's notes name."""
    for note in NOTE.finditer(chapter.prose):
        for match in KEY.finditer(chapter.prose, note.start(), note.end()):
            line = chapter.prose.count("\n", 0, match.start()) + 1
            yield Cite(match[1], line, match.start(), match.end())


def cited(chapter: Chapter, references: Container[str]) -> dict[str, str]:
    """The references that a page cites -> the footnote that does, in the order of the text."""
    marks = [mark.name for mark in sorted(chapter.footnotes_used, key=lambda mark: mark.line)]
    inside = {name: KEY.findall(text) for name, text in chapter.footnotes.items()}
    found: dict[str, str] = {}
    for name in dict.fromkeys(marks):
        for key in inside.get(name, [name]):
            if key in references:
                found.setdefault(key, name)
    return found
