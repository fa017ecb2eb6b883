"""What can be told about a snippet from its source alone: regions, definitions, dependencies."""

import ast
import hashlib
import importlib.metadata
import re
import sys
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from weave.outlines import outline

MARKER = re.compile(r"^\s*#\s*--8<--\s*\[(start|end):([\w-]+)\]\s*$")


class SourceError(Exception):
    """A snippet's source is wrong; carries the line."""

    def __init__(self, line: int, message: str):
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Source:
    """``snippets/<path>`` below ``root``; a path is like ``mechanics/rounding.py``."""

    root: Path
    path: str

    @property
    def name(self) -> str:
        """Dotted name below ``snippets``: ``mechanics.rounding``."""
        return self.path.removesuffix(".py").replace("/", ".")

    @property
    def label(self) -> str:
        """The path by which messages and tracebacks name the file."""
        return f"snippets/{self.path}"

    @cached_property
    def file(self) -> Path:
        return self.root / "snippets" / self.path

    @cached_property
    def text(self) -> str:
        return self.file.read_text(encoding="utf-8-sig")

    @property
    def package(self) -> str:
        """The package that it belongs to when it runs."""
        return ".".join(["snippets", *self.path.split("/")[:-1]])

    @cached_property
    def digest(self) -> str:
        return digest_of(self.text)

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def tree(self) -> ast.Module:
        """Raises SyntaxError with the file's label and the line."""
        return ast.parse(self.text, filename=self.label)

    def statements(self) -> list[ast.stmt]:
        """What a run executes in order: the body of the main guard stands in the guard's place."""
        found = []
        for statement in self.tree.body:
            found += statement.body if is_main_guard(statement) else [statement]
        return found

    @cached_property
    def regions(self) -> dict[str, tuple[int, int]]:
        """First and last line of what stands between each pair of markers."""
        found, opened = {}, None
        for number, line in enumerate(self.lines, 1):
            if "--8<--" not in line or not (match := MARKER.match(line)):
                continue
            kind, name = match.groups()
            if kind == "start":
                if opened:
                    raise SourceError(number, f"region '{name}' starts inside '{opened[0]}'")
                if name in found:
                    raise SourceError(number, f"region '{name}' is defined twice")
                if name in self.definitions:
                    raise SourceError(number, f"region '{name}' is also a function or class")
                opened = (name, number)
            else:
                if not opened or opened[0] != name:
                    raise SourceError(number, f"region '{name}' ends but did not start")
                found[name] = (opened[1] + 1, number - 1)
                opened = None
        if opened:
            raise SourceError(opened[1], f"region '{opened[0]}' does not end")
        return found

    @cached_property
    def definitions(self) -> dict[str, tuple[int, int]]:
        """First and last line of each top-level function or class, decorators included."""
        return outline(self.text, self.label).definitions

    @cached_property
    def dependencies(self) -> tuple[dict[str, Path], set[str]]:
        """Files of this repository that a module imports, itself included, and foreign packages.

        Follows imports from file to file; what is imported by a computed name is not seen here.
        """
        files: dict[str, Path] = {}
        packages: set[str] = set()
        waiting = [self]
        while waiting:
            current = waiting.pop()
            if current.label in files:
                continue
            files[current.label] = current.file
            for name in outline(current.text, current.label).imports:
                top, _, rest = name.partition(".")
                if top != "snippets":
                    packages |= {top} - sys.stdlib_module_names - {"weave", ""}
                    continue
                imported = Source(self.root, rest.replace(".", "/") + ".py")
                if imported.file.is_file():
                    waiting.append(imported)
        return files, packages

    def region_at(self, line: int) -> str | None:
        for name, (first, last) in self.regions.items():
            if first <= line <= last:
                return name
        return None

    def code(self, name: str) -> str:
        """The text of a region or definition, dedented, without markers. Raises KeyError."""
        first, last = (self.regions | self.definitions)[name]
        block = [line for line in self.lines[first - 1 : last] if not MARKER.match(line)]
        indents = [len(line) - len(line.lstrip()) for line in block if line.strip()]
        return "\n".join(line[min(indents, default=0) :] for line in block).strip("\n")

    @property
    def machine_bound(self) -> bool:
        """Whether the module says ``MACHINE_BOUND = True``: its result belongs to one machine."""
        return outline(self.text, self.label).machine_bound


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def is_main_guard(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'"


@lru_cache
def version(package: str) -> str:
    """Installed version of the distribution that provides an import name; 'absent' if none."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        providers = importlib.metadata.packages_distributions().get(package, [])
        return importlib.metadata.version(providers[0]) if providers else "absent"
