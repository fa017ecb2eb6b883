"""A snippet's script in pieces, each shown where a page names it, so that they run in that order.

A notebook has one namespace and runs from top to bottom. So what a piece needs comes before it: the
script's imports and constants at its first piece, functions at the first piece that needs them, and
whatever the script runs before a region, before that region.
"""

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from weave.source import MARKER, Source, is_main_guard

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Piece(NamedTuple):
    """A cell of code."""

    name: str  # of the region or definition; empty for what the page does not show
    code: str


class Unit(NamedTuple):
    """One statement of the script, with the names that it binds and uses."""

    first: int
    last: int
    region: str | None
    guarded: bool
    defines: str  # the name of a function or class that can wait until it is needed
    binds: set[str]
    uses: set[str]
    at_once: set[str]  # of what it uses: all but what the body of a function does


class Unrolled:
    def __init__(self, source: Source):
        self.source = source
        self.units = units(source)
        bound = set().union(*(unit.binds for unit in self.units if unit.guarded))
        self.waiting = {  # a name that the script binds again has to be defined at once
            unit.defines: i for i, unit in enumerate(self.units)
            if unit.defines and unit.defines not in bound
        }  # fmt: skip
        self.done: set[int] = set()

    def show(self, name: str) -> list[Piece]:
        """What is to run for a region or definition, itself last; nothing if it has run."""
        if name in self.source.regions:
            return list(self.run(max(self.members(name), default=-1)))
        pieces = list(self.run(sum(not unit.guarded for unit in self.units) - 1))
        i = self.waiting.get(name)
        if i is None or i in self.done:
            return pieces
        needed = self.define(self.units[i].at_once)  # what its body calls can wait for a call
        return [*pieces, *needed, Piece(name, self.take(i))]

    def rest(self) -> list[Piece]:
        """What is left to run behind the last region."""
        return list(self.run(len(self.units) - 1))

    def members(self, region: str) -> list[int]:
        return [i for i, unit in enumerate(self.units) if unit.region == region]

    def run(self, last: int) -> Iterator[Piece]:
        """All that is not waiting, up to a unit, with what it needs."""
        hidden: list[str] = []
        for i, unit in enumerate(self.units[: last + 1]):
            if i in self.done or self.waiting.get(unit.defines) == i:
                continue
            members = self.members(unit.region) if unit.region else [i]
            for member in members:
                hidden += [piece.code for piece in self.define(self.units[member].uses)]
            if not unit.region:
                hidden.append(self.take(i))
                continue
            if hidden:
                yield Piece("", "\n".join(hidden))
                hidden = []
            self.done.update(members)
            yield Piece(unit.region, self.source.code(unit.region))
        if hidden:
            yield Piece("", "\n".join(hidden))

    def define(self, names: set[str]) -> Iterator[Piece]:
        """The waiting definitions that names need, directly or through others."""
        found: set[int] = set()
        left = list(names)
        while left:
            i = self.waiting.get(left.pop())
            if i is not None and i not in found:
                found.add(i)
                left += self.units[i].uses
        for i in sorted(found - self.done):
            yield Piece("", self.take(i))

    def take(self, i: int) -> str:
        """The code of a unit, which has run from now on."""
        self.done.add(i)
        unit = self.units[i]
        lines = self.source.lines[unit.first - 1 : unit.last]
        if unit.guarded:
            lines = [line.removeprefix("    ") for line in lines]
        space = ["", ""] if unit.defines else []
        return "\n".join([*space, *lines, *space])


def units(source: Source) -> list[Unit]:
    """The statements in the order in which they run; comments right above them are theirs."""
    return units_of(source.text, source)


@lru_cache(maxsize=2000)
def units_of(text: str, source: Source) -> list[Unit]:
    """Worked out once for both languages; the text tells a source from what it was before."""
    return [
        unit_of(statement, source, guarded)
        for node in source.tree.body
        for guarded in [is_main_guard(node)]
        for statement in (node.body if guarded else [node])
        if not is_docstring(statement)
    ]


def is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def unit_of(node: ast.stmt, source: Source, guarded: bool) -> Unit:
    first = min([node.lineno, *(x.lineno for x in getattr(node, "decorator_list", []))])
    while first > 1 and is_comment(source.lines[first - 2]):
        first -= 1
    defines = node.name if isinstance(node, DEFINITIONS) and not guarded else ""
    inner = [*getattr(node, "body", [])] if defines else []
    late = {id(x) for part in inner for x in ast.walk(part)} if not is_class(node) else set()
    names = [x for x in ast.walk(node) if isinstance(x, ast.Name)]
    return Unit(
        first, node.end_lineno, source.region_at(node.lineno), guarded, defines,
        binds={x.id for x in names if isinstance(x.ctx, ast.Store)} | imported(node),
        uses={x.id for x in names if isinstance(x.ctx, ast.Load)},
        at_once={x.id for x in names if isinstance(x.ctx, ast.Load) and id(x) not in late},
    )  # fmt: skip


def is_comment(line: str) -> bool:
    return line.lstrip().startswith("#") and not MARKER.match(line)


def is_class(node: ast.stmt) -> bool:
    return isinstance(node, ast.ClassDef)


def imported(node: ast.stmt) -> set[str]:
    names = node.names if isinstance(node, (ast.Import, ast.ImportFrom)) else []
    return {(alias.asname or alias.name).partition(".")[0] for alias in names}


def top_level(source: Source) -> str:
    """The script without what it runs: what others import of it."""
    return top_level_of(source.text, source)


@lru_cache(maxsize=2000)
def top_level_of(text: str, source: Source) -> str:
    """Worked out once for all pages that import it, as `units_of` is."""
    guards = [node for node in source.tree.body if is_main_guard(node)]
    hidden = {i for node in guards for i in range(node.lineno, node.end_lineno + 1)}
    return "\n".join(x for i, x in enumerate(source.lines, 1) if i not in hidden).strip("\n")
