"""Checks a reader's file in a process of its own, which has a time limit."""

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from exercises.examine import Verdict, examine
from exercises.handout import place
from exercises.words import WORDS
from weave.puzzles import ROOT, Puzzle, read_puzzle

FOLDER = "my-exercises"
SECONDS = 10.0  # for an answer; importing PyTorch comes before it
IMPORTING = 120.0
SHOWN = 1500  # characters of what the answer printed


def run(puzzle: Puzzle, folder: Path, seconds: float = SECONDS) -> tuple[Verdict, str]:
    """What came of the reader's file below `folder`, and what it printed."""
    with tempfile.TemporaryDirectory() as scratch:
        result, late, output = (Path(scratch) / name for name in ("result", "late", "output"))
        command = [sys.executable, "-X", "utf8", "-m", "exercises.check", puzzle.path]
        with open(output, "wb") as printed:
            process = subprocess.run(
                [*command, str(folder / puzzle.answer), str(result), str(late), str(seconds)],
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=printed, stderr=subprocess.STDOUT,
                env=os.environ | {"OMP_NUM_THREADS": "1", "MPLBACKEND": "agg"},
                timeout=IMPORTING + seconds,
            )  # fmt: skip
        with open(output, encoding="utf-8", errors="replace") as printed:
            said = printed.read(SHOWN).strip()
        if result.exists():
            return Verdict(**json.loads(result.read_text(encoding="utf-8"))), said
        if stopped := late.exists() and late.read_text(encoding="utf-8", errors="replace"):
            return Verdict("late", line_in(stopped, label_of(puzzle)), [f"{seconds:g}"]), said
        return Verdict("died", 0, [str(process.returncode)]), said


def label_of(puzzle: Puzzle) -> str:
    """What messages call the reader's file."""
    return f"{FOLDER}/{puzzle.answer}"


def line_in(stack: str, label: str) -> int:
    """The line of the reader's file that ran when `faulthandler` wrote the stack down."""
    found = re.search(rf'File "{re.escape(label)}", line (\d+)', stack)
    return int(found[1]) if found else 0


def told(puzzle: Puzzle, verdict: Verdict, language: str) -> str:
    """A verdict in the reader's words."""
    words = WORDS[language]
    if verdict.kind == "passed":
        compare = "\n  " + words["compare"].format(place(puzzle, language))
        return words["passed"].format(puzzle.name) + compare * bool(puzzle.exercise)
    where = label_of(puzzle) + f":{verdict.line}" * bool(verdict.line)
    lines = []
    if verdict.kind in words:
        lines.append(words[verdict.kind].format(*verdict.fill))
    if verdict.failed in puzzle.hints and verdict.kind not in ("raised", "nothing"):
        lines.append(puzzle.hints[verdict.failed][language])
    for key, text in (("call", verdict.call), ("result", verdict.result)):
        lines += [words[key].format(text)] * bool(text)
    return f"{where}: " + "\n  ".join(lines)


class Solved:
    """Which puzzles are solved: the digests of the files that have passed."""

    def __init__(self, folder: Path):
        self.folder, self.file = folder, folder / "solved.json"

    def digests(self) -> dict[str, str]:
        try:
            return dict(json.loads(self.file.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return {}

    def __contains__(self, puzzle: Puzzle) -> bool:
        return self.digests().get(puzzle.name, "") == self.digest(puzzle) != ""

    def add(self, puzzle: Puzzle) -> None:
        solved = self.digests() | {puzzle.name: self.digest(puzzle)}
        self.file.write_text(json.dumps(solved, indent=1, sort_keys=True), encoding="utf-8")

    def digest(self, puzzle: Puzzle) -> str:
        try:
            return hashlib.sha256((self.folder / puzzle.answer).read_bytes()).hexdigest()
        except OSError:
            return ""


def child(path: str, answer: str, result: str, late: str, seconds: str) -> None:
    """Judge one file and write the verdict down; the other side of `run`."""
    import faulthandler
    import importlib

    puzzle = read_puzzle(path)
    importlib.import_module(path.removesuffix(".py").replace("/", "."))  # and all that it imports
    text = Path(answer).read_text(encoding="utf-8-sig", errors="replace")
    with open(late, "w") as stack:
        faulthandler.dump_traceback_later(float(seconds), exit=True, file=stack)
        verdict = examine(puzzle, text, label_of(puzzle))
        faulthandler.cancel_dump_traceback_later()
    Path(result).write_text(json.dumps(asdict(verdict)), encoding="utf-8")


if __name__ == "__main__":
    child(*sys.argv[1:])
