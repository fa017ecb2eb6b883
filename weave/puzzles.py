"""A puzzle as its file says it. The file is read, not run: listing puzzles needs no PyTorch."""

import ast
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("zh", "en")
FIELDS = ("CHAPTER", "EXERCISE", "TITLE", "TASK", "WITHOUT")


@dataclass(frozen=True)
class Puzzle:
    """A file `exercises/<part>/<name>.py`; the function `<name>` in it is the solution."""

    name: str
    path: str  # below the root, with slashes
    source: str
    chapter: str  # `part/page`, as the site's addresses have it
    title: dict[str, str]
    task: dict[str, str]
    exercise: str = ""  # the id of the chapter's exercise that it poses, if any
    without: tuple[str, ...] = ()  # names and keywords that the answer may not use
    tree: ast.Module = field(default_factory=lambda: ast.Module([], []), repr=False)

    @cached_property
    def functions(self) -> dict[str, ast.FunctionDef]:
        found = (node for node in self.tree.body if isinstance(node, ast.FunctionDef))
        return {node.name: node for node in found}

    @property
    def solution(self) -> ast.FunctionDef:
        return self.functions[self.name]

    @property
    def given(self) -> list[ast.FunctionDef]:
        return [node for node in self.functions.values() if "given" in marks(node)]

    @cached_property
    def hints(self) -> dict[str, dict[str, str]]:
        """Property -> what to say where it fails, by language; in the order of the file."""
        return {
            name: {word.arg: ast.literal_eval(word.value) for word in marks(node)["hint"].keywords}
            for name, node in self.functions.items()
            if "hint" in marks(node)
        }

    @cached_property
    def wrong(self) -> dict[str, str]:
        """Wrong answer -> the property that shows it to be wrong."""
        return {
            name: ast.unparse(marks(node)["wrong"].args[0]).strip("'\"")
            for name, node in self.functions.items()
            if "wrong" in marks(node)
        }

    @property
    def answer(self) -> str:
        """The reader's file, below the folder that holds them all."""
        return f"{Path(self.path).parent.name}/{self.name}.py"


def marks(node: ast.FunctionDef) -> dict[str, ast.expr]:
    """The decorators of a function by their names."""
    named = ((d.func if isinstance(d, ast.Call) else d, d) for d in node.decorator_list)
    return {ast.unparse(name): decorator for name, decorator in named}


def read_puzzle(path: str, root: Path = ROOT) -> Puzzle:
    """Only what the file says; `tests/exercises` says whether it is in order."""
    source = (root / path).read_text(encoding="utf-8")
    tree = ast.parse(source, path)
    said = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in FIELDS:
            said[ast.unparse(node.targets[0]).lower()] = ast.literal_eval(node.value)
    return Puzzle(Path(path).stem, path, source, tree=tree, **said)


def puzzles(root: Path = ROOT) -> list[Puzzle]:
    """All puzzles, those of a chapter by their names."""
    files = sorted((root / "exercises").glob("*/[!_]*.py"))
    return [read_puzzle(file.relative_to(root).as_posix(), root) for file in files]


def by_page(root: Path) -> dict[str, list[Puzzle]]:
    """The puzzles of each page that has any."""
    found: dict[str, list[Puzzle]] = {}
    for puzzle in puzzles(root):
        found.setdefault(puzzle.chapter, []).append(puzzle)
    return found
