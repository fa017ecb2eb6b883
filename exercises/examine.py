"""Judges an answer: runs its text, then each property on random inputs from fixed seeds."""

import ast
import copy
import importlib
import traceback
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from exercises.properties import Mismatch, kind_of
from weave.puzzles import Puzzle

SEEDS = 5
ENDS = (Exception, SystemExit)  # what an answer may raise; Ctrl-C is the reader's
LARGEST = 12  # numbers that a message shows; of larger arrays it names the shape
LONGEST = 200  # characters of a value in a message
KEYWORDS = {
    "for": (ast.For, ast.comprehension), "while": (ast.While,), "if": (ast.If, ast.IfExp),
    "@": (ast.MatMult,),
}  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """What came of an answer; `kind` is a key of `words.WORDS`, or "hint"."""

    kind: str
    line: int = 0  # in the reader's file; 0 where no line is to blame
    fill: list[str] = field(default_factory=list)  # what `kind`'s words leave open
    failed: str = ""  # the property, where one failed
    call: str = ""  # the last call of the reader's function, and what it gave
    result: str = ""


class Answer:
    """The reader's function. It cannot change a property's data, and its last call is known."""

    def __init__(self, function: types.FunctionType):
        self.function = function
        self.call = self.result = ""
        self.returned: Any = None

    def __call__(self, *arguments: Any) -> Any:
        name = self.function.__name__
        self.call = f"{name}({', '.join(map(shown, arguments))})"
        self.result = ""
        self.returned = self.function(*copy.deepcopy(arguments))
        self.result = shown(self.returned)
        if self.returned is None:
            raise Mismatch("nothing")
        return self.returned


def shown(value: Any) -> str:
    """A value in one line; of a large one only its kind and shape."""
    if kind_of(value) in ("array", "tensor"):
        if np.prod(value.shape) > LARGEST:
            return f"<{kind_of(value)} {tuple(value.shape)}>"
        return str(rounded(value.tolist()))
    if kind_of(value) in ("list", "tuple"):
        left, right = "[]" if isinstance(value, list) else "()"
        text = left + ", ".join(map(shown, value)) + right
        return text if len(text) <= LONGEST else f"<{kind_of(value)} of {len(value)}>"
    if callable(value):
        return getattr(value, "__name__", "function")
    text = str(rounded(value.item() if hasattr(value, "item") else value))
    text = repr(value) if isinstance(value, str) else " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def rounded(value: Any) -> Any:
    """Numbers, in lists or not, to five digits: what a reader compares."""
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value


def examine(puzzle: Puzzle, text: str, label: str) -> Verdict:
    """The first thing that is wrong with an answer's text, or that it passes."""
    try:
        tree = ast.parse(text, label)
    except SyntaxError as fault:
        return Verdict("syntax", fault.lineno or 1, [fault.msg])
    defined = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    if puzzle.name not in defined:
        return Verdict("missing", 0, [puzzle.name])
    node = defined[puzzle.name]
    if ast.unparse(node.body) == "...":
        return Verdict("hole", node.lineno)
    for line, word in forbidden(tree, puzzle):
        return Verdict("forbidden", line, [word], "without")
    module = types.ModuleType("answer")
    try:
        exec(compile(tree, label, "exec"), module.__dict__)
    except ENDS as fault:
        return raised(fault, label)
    return judge(puzzle, Answer(getattr(module, puzzle.name)), label, node.lineno)


def forbidden(tree: ast.Module, puzzle: Puzzle) -> Iterator[tuple[int, str]]:
    """Where an answer uses what the puzzle forbids."""
    for node in ast.walk(tree):
        line = getattr(getattr(node, "target", node), "lineno", 0)  # a comprehension has none
        names = [getattr(node, name, None) for name in ("id", "attr", "name")]
        operation = getattr(node, "op", node)
        for word in puzzle.without:
            if word in names or isinstance(operation, KEYWORDS.get(word, ())):
                yield line, word


def judge(puzzle: Puzzle, answer: Answer, label: str, line: int) -> Verdict:
    """The first property that the answer lacks."""
    name = puzzle.path.removesuffix(".py").replace("/", ".")
    properties = importlib.import_module(name)
    for failed in puzzle.hints:
        for seed in range(SEEDS):
            try:
                getattr(properties, failed)(answer, np.random.default_rng(seed))
            except ENDS as fault:
                return blame(fault, failed, answer, label, line)
    return Verdict("passed")


def blame(fault: BaseException, failed: str, answer: Answer, label: str, line: int) -> Verdict:
    """What an exception says: of the reader's code, of the result, or of the property."""
    told = {"failed": failed, "call": answer.call, "result": answer.result}
    if isinstance(fault, Mismatch):
        fill = [fault.got, fault.wanted] if fault.wanted else []
        return Verdict(fault.kind, line, fill, **told)
    if isinstance(fault, AssertionError) and not lines_of(fault, label):
        return Verdict("hint", line, **told)
    if lines_of(fault, label):
        return raised(fault, label, told)
    kind = kind_of(answer.returned)
    return Verdict("unusable", line, [kind, f"{type(fault).__name__}: {fault}"], **told)


def raised(fault: BaseException, label: str, told: dict | None = None) -> Verdict:
    lines = lines_of(fault, label)
    first = str(fault).partition("\n")[0]
    text = f"{type(fault).__name__}: {first}" if first else type(fault).__name__
    return Verdict("raised", lines[-1] if lines else 0, [text], **(told or {}))


def lines_of(fault: BaseException, label: str) -> list[int]:
    """The lines of the reader's file that an exception came through."""
    frames = traceback.extract_tb(fault.__traceback__)
    return [frame.lineno for frame in frames if frame.filename == label]
