"""What a build asks of every source: what it imports and defines.

Outlines are kept from build to build, by what the sources say: parsing them again would cost more
than all else that unchanged snippets cost.
"""

import ast
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from weave.kept import keep, kept, key_of


class Outline(NamedTuple):
    imports: list[str]  # dotted names; of `from a import b` both a and a.b
    definitions: dict[str, tuple[int, int]]  # first and last line, decorators included
    machine_bound: bool  # the module says `MACHINE_BOUND = True`


MOST = 5000  # kept, those of earlier versions of a source included
KNOWN: dict[str, Outline] = {}
USED: set[str] = set()


def outline(text: str, label: str) -> Outline:
    """Outline of the source `label`; raises SyntaxError with the label and the line."""
    key = hashlib.sha256(f"{label}\0{text}".encode()).hexdigest()
    USED.add(key)
    if key not in KNOWN:
        tree = ast.parse(text, filename=label)
        names = sorted(imported_names(tree, label))
        KNOWN[key] = Outline(names, dict(definitions(tree)), machine_bound(tree))
    return KNOWN[key]


def imported_names(tree: ast.Module, label: str) -> set[str]:
    """Dotted names that a source imports anywhere."""
    names = set()
    package = label.split("/")[:-1]
    for node in statements(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            up = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*up, *([node.module] if node.module else [])])
            names |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return names


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """Every statement below a node; through the expressions the way is ten times as long."""
    for field in ("body", "handlers", "orelse", "finalbody", "cases"):
        for child in getattr(node, field, ()):
            yield child
            yield from statements(child)


def definitions(tree: ast.Module):
    """Name and lines of each top-level function or class."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            first = min([node.lineno, *(line.lineno for line in node.decorator_list)])
            yield node.name, (first, node.end_lineno)


def machine_bound(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.Assign)
        and [getattr(target, "id", None) for target in node.targets] == ["MACHINE_BOUND"]
        and getattr(node.value, "value", None) is True
        for node in tree.body
    )


def load(file: Path) -> None:
    """Take up what an earlier build kept."""
    for key, outline in kept(file, key_of(b""), restored, {}).items():
        KNOWN.setdefault(key, outline)


def restored(told: dict[str, list]) -> dict[str, Outline]:
    return {
        key: Outline(imports, {name: (first, last) for name, (first, last) in lines.items()}, bound)
        for key, (imports, lines, bound) in told.items()
    }


def store(file: Path) -> None:
    """Keep what is known."""
    keys = KNOWN if len(KNOWN) <= MOST else USED
    keep(file, key_of(b""), {key: KNOWN[key] for key in sorted(keys)})
