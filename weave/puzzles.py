"""A puzzle as its file says it. The file is read, not run: listing puzzles needs no PyTorch."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

from weave.problems import Problem, did_you_mean
from weave.structure import Chapter

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("zh", "en")
FIELDS = ("CHAPTER", "TITLE", "TASK", "EXERCISE", "WITHOUT")  # the first three have to be there
SECTION = "exercises"  # the heading's id below which a page names its puzzles


class PuzzleError(Exception):
    """A file that is no puzzle, with the line; named as in `SyntaxError`."""

    def __init__(self, line: int, message: str):
        super().__init__(message)
        self.lineno, self.msg = line, message


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
    return parse_puzzle(path, (root / path).read_text(encoding="utf-8"))


@lru_cache(maxsize=500)
def parse_puzzle(path: str, source: str) -> Puzzle:
    tree = ast.parse(source, path)
    said = {name: literal(name, node.value) for name, node in fields(tree).items()}
    if absent := [name for name in FIELDS[:3] if name not in said]:
        raise PuzzleError(1, f"gives no {', '.join(absent)}")
    given = {name.lower(): value for name, value in said.items()}
    puzzle = Puzzle(Path(path).stem, path, source, tree=tree, **given)
    if puzzle.name not in puzzle.functions:
        raise PuzzleError(1, f"has no function `{puzzle.name}`, which is to be its solution")
    return puzzle


def fields(tree: ast.Module) -> dict[str, ast.Assign]:
    """The assignments that say something of the puzzle."""
    assigned = (node for node in tree.body if isinstance(node, ast.Assign))
    named = ((ast.unparse(node.targets[0]), node) for node in assigned)
    return {name: node for name, node in named if name in FIELDS}


def literal(name: str, value: ast.expr) -> object:
    try:
        return ast.literal_eval(value)
    except ValueError:
        message = f"{name} is computed; it is read without running the file, so write it out"
        raise PuzzleError(value.lineno, message) from None


def read_puzzles(root: Path = ROOT) -> tuple[list[Puzzle], list[Problem]]:
    """All puzzles, those of a chapter by their names, and what is wrong with their files."""
    found, problems = [], []
    for file in sorted((root / "exercises").glob("*/[!_]*.py")):
        path = file.relative_to(root).as_posix()
        try:
            found.append(read_puzzle(path, root))
        except (PuzzleError, SyntaxError) as fault:
            problems.append(Problem(path, fault.lineno or 1, fault.msg))
    return found, problems


def by_page(root: Path) -> dict[str, list[Puzzle]]:
    """The puzzles of each page that has any."""
    found: dict[str, list[Puzzle]] = {}
    for puzzle in read_puzzles(root)[0]:
        found.setdefault(puzzle.chapter, []).append(puzzle)
    return found


def check_puzzles(root: Path, pages: Mapping[str, Chapter]) -> Iterator[Problem]:
    """Files that are no puzzles, and puzzles for chapters and exercises that are not there."""
    found, problems = read_puzzles(root)
    yield from problems
    chapters = {name.rpartition(".")[0]: chapter for name, chapter in pages.items()}
    for puzzle in found:
        lines = {name: node.lineno for name, node in fields(puzzle.tree).items()}
        if puzzle.chapter not in chapters:
            message = f"no page `{puzzle.chapter}`{did_you_mean(puzzle.chapter, chapters)}"
            yield Problem(puzzle.path, lines["CHAPTER"], message)
            continue
        ids = [heading.id for heading in chapters[puzzle.chapter].headings]
        if SECTION not in ids:
            message = f"the page `{puzzle.chapter}` has no section `{SECTION}` to name it in"
            yield Problem(puzzle.path, lines["CHAPTER"], message)
        if puzzle.exercise and puzzle.exercise not in ids:
            hint = did_you_mean(puzzle.exercise, ids)
            message = f"the page `{puzzle.chapter}` has no exercise `{puzzle.exercise}`{hint}"
            yield Problem(puzzle.path, lines["EXERCISE"], message)
