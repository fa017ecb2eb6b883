"""The ledger: every claim of the sources with its verdict, and where each of their parts lives now.

`ledger/claims/<source>.yml` and `ledger/sources/<source>.yml`; `ledger/README.md` says what stands
in them. Reading never stops at a mistake: all are gathered, each with its line.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from weave.fences import YamlLoader
from weave.problems import Problem, did_you_mean

VERDICTS = ("correct", "imprecise", "wrong", "dated", "opinion")
CORRECTED = ("imprecise", "wrong", "dated")  # the ledger says what holds instead
TESTED = ("correct", "imprecise", "wrong")  # a test or a reference shows it
KINDS = ("code", "formula", "promise")
LANGUAGES = ("zh", "en")
WIDE = "[\u2014\u2026“”‘’\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
FOLDED = re.compile(f"(?<={WIDE}) (?={WIDE})")  # where YAML folds lines, Chinese has no space


class Text(str):
    """A text of the ledger, and the line on which it begins."""

    def __new__(cls, text: str, line: int = 1):
        made = super().__new__(cls, text)
        made.line = line
        return made


class Claim(NamedTuple):
    """What a source claims, in each language, and what became of it."""

    id: Text
    section: list[Text]
    verdict: Text
    zh: Text
    en: Text
    page: list[Text]  # part/page#heading
    holds: dict[str, Text] = {}
    tests: list[Text] = []
    references: list[Text] = []


class Section(NamedTuple):
    id: Text
    zh: Text
    en: Text
    page: list[Text]


class Block(NamedTuple):
    """A code block or formula of a source, or something it promises and does not give."""

    id: Text
    zh: Text
    en: Text
    page: list[Text]
    snippet: list[Text] = []  # part/module.py:region
    kind: Text = Text("code")


@dataclass
class Map:
    """A source: its title, and where its sections and blocks are now."""

    number: str
    path: str
    title: dict[str, Text]
    sections: list[Section]
    blocks: list[Block]


@dataclass
class Ledger:
    maps: dict[str, Map] = field(default_factory=dict)  # by the source's number
    claims: dict[str, list[Claim]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def sections(self, number: str) -> dict[str, Section]:
        return {s.id: s for s in self.maps[number].sections} if number in self.maps else {}


class Sheet:
    """Reads the nodes of one file; what is not as it should be becomes a problem."""

    def __init__(self, path: str, problems: list[Problem]):
        self.path, self.problems = path, problems

    def complain(self, line: int, message: str) -> None:
        self.problems.append(Problem(self.path, line, message))

    def text(self, node: yaml.Node, what: str) -> Text:
        given = " ".join(node.value.split()) if isinstance(node, yaml.ScalarNode) else ""
        if not given:
            self.complain(line_of(node), f"{what} is not a text")
        return Text(FOLDED.sub("", given), line_of(node))

    def texts(self, node: yaml.Node, what: str) -> list[Text]:
        """One text, or several in a list."""
        if isinstance(node, yaml.SequenceNode):
            return [self.text(item, f"an item of {what}") for item in node.value]
        return [self.text(node, what)]

    def both(self, node: yaml.Node, what: str) -> dict[str, Text]:
        """A text for each language."""
        return self.fields(node, what, dict.fromkeys(LANGUAGES, Sheet.text)) or {}

    def fields(
        self, node: yaml.Node, what: str, known: dict[str, Callable], optional: tuple = ()
    ) -> dict[str, Any] | None:
        """The fields of a mapping, each read by its function; empty ones for those it lacks."""
        found = {}
        if not isinstance(node, yaml.MappingNode):
            self.complain(line_of(node), f"{what} is no mapping of names to values")
            return None
        for key, value in node.value:
            name = str(key.value)
            if name not in known:
                hint = did_you_mean(name, known)
                self.complain(line_of(key), f"{what} has no field `{name}`{hint}")
            elif name in found:
                self.complain(line_of(key), f"{what} has `{name}` twice")
            else:
                found[name] = known[name](self, value, f"`{name}`")
        for name in known.keys() - found.keys() - set(optional):
            self.complain(line_of(node), f"{what} lacks `{name}`")
            found[name] = empty(known[name], node)
        return found


def line_of(node: yaml.Node) -> int:
    return node.start_mark.line + 1


def empty(read: Callable, node: yaml.Node) -> Text | dict | list:
    """What stands for a field that is missing."""
    if read is Sheet.both:
        return {}
    return Text("", line_of(node)) if read is Sheet.text else []


def records(kind: type, optional: tuple = ()) -> Callable:
    """The function that reads a list of records of a kind."""
    name = kind.__name__.lower()
    known = {field: READERS.get(field, Sheet.text) for field in kind._fields}

    def read(sheet: Sheet, node: yaml.Node, what: str) -> list:
        if not isinstance(node, yaml.SequenceNode):
            sheet.complain(line_of(node), f"{what} is no list")
            return []
        given = (sheet.fields(item, f"a {name}", known, optional) for item in node.value)
        return [kind(**fields) for fields in given if fields]

    return read


READERS = dict.fromkeys(("section", "page", "tests", "references", "snippet"), Sheet.texts)
READERS["holds"] = Sheet.both


def read_ledger(root: Path) -> Ledger:
    """Every file of `ledger/`; a source that is not entered yet has none."""
    ledger = Ledger()
    for file in sorted((root / "ledger" / "sources").glob("*.yml")):
        sheet = sheet_of(file, root, ledger)
        known = {
            "title": Sheet.both,
            "sections": records(Section),
            "blocks": records(Block, ("snippet", "kind")),
        }
        if (node := compose(file, sheet)) and (given := sheet.fields(node, "a source", known)):
            ledger.maps[file.stem] = Map(file.stem, sheet.path, **given)
    for file in sorted((root / "ledger" / "claims").glob("*.yml")):
        sheet = sheet_of(file, root, ledger)
        if node := compose(file, sheet):
            read = records(Claim, ("holds", "tests", "references"))
            ledger.claims[file.stem] = read(sheet, node, "the file")
    return ledger


def sheet_of(file: Path, root: Path, ledger: Ledger) -> Sheet:
    sheet = Sheet(file.relative_to(root).as_posix(), ledger.problems)
    if not re.fullmatch(r"\d{3}", file.stem):
        sheet.complain(1, "the file is not named after a source, as `004.yml` is")
    return sheet


def compose(file: Path, sheet: Sheet) -> yaml.Node | None:
    try:
        node = composed(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error).split("\n")[0]
        sheet.complain(mark.line + 1 if mark else 1, f"bad YAML: {reason}")
        return None
    if not node:
        sheet.complain(1, "the file is empty")
    return node


@lru_cache(maxsize=500)
def composed(text: str) -> yaml.Node | None:
    """Nodes, which nobody alters: most files are read by the build and by its checks."""
    return yaml.compose(text, Loader=YamlLoader)
