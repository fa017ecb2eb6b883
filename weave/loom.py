"""Gives every snippet that the book names a record: the one that holds, or that of a new run."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from weave import outlines, records
from weave.execute import Progress, execute
from weave.inputs import TREE, sources
from weave.labs import find, label
from weave.limits import Limits, unenforced
from weave.problems import Problem
from weave.records import Record, Warn
from weave.share import mark
from weave.source import Source, SourceError, version

DEFAULT = Limits()


@dataclass
class Woven:
    """Records and keys by path, what went wrong, what ran anew, what cannot run here (and why)."""

    records: dict[str, Record] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)
    absent: dict[str, str] = field(default_factory=dict)


def weave(
    root: Path,
    expected: Mapping[str, tuple[str, str] | None],
    *,
    limits: Limits = DEFAULT,
    warn: Warn = lambda message: None,
    progress: Progress = lambda event, path: None,
    meanwhile: Callable[[], None] = lambda: None,
) -> Woven:
    """Records for the snippets named: path below ``snippets`` -> (region, exception) or None.

    A snippet that raises has no record, unless it raises in the region and with the exception
    that a chapter expects. Failures are not kept: they run again next time. `meanwhile` is called
    once, while the snippets run if any have to.
    """
    woven, stale = Woven(), {}
    outlines.load(root / ".weave" / "outlines.json")
    for path in sorted(expected):
        source = find(root, path)
        try:
            _ = source.regions
            packages = source.dependencies[1]
            woven.keys[path] = records.key(source)
        except SyntaxError as fault:
            label = fault.filename or source.label
            woven.problems.append(Problem(label, fault.lineno or 1, f"SyntaxError: {fault.msg}"))
            continue
        except SourceError as fault:
            woven.problems.append(Problem(source.label, fault.line, str(fault)))
            continue
        except UnicodeDecodeError as fault:
            message = f"not UTF-8: byte {fault.start} is 0x{fault.object[fault.start]:02x}"
            woven.problems.append(Problem(source.label, 1, message))
            continue
        if missing := sorted(name for name in packages if version(name) == "absent"):
            woven.absent[path] = ", ".join(missing)
            if os.environ.get("CI"):
                message = f"not run: {woven.absent[path]} is not installed"
                woven.problems.append(Problem(source.label, 1, message))
            continue
        record = records.load(root, path, woven.keys[path], warn)
        if record and accepted(record.error, expected[path]):
            woven.records[path] = record
        else:
            stale[path] = packages
    outlines.store(root / ".weave" / "outlines.json")
    if stale:
        run(root, stale, expected, woven, limits, warn, progress, meanwhile)
    else:
        meanwhile()
    # A mistake in a helper is met once by each snippet that imports it.
    woven.problems = list(dict.fromkeys(woven.problems))
    return woven


def run(
    root: Path,
    stale: dict[str, set[str]],
    expected: Mapping[str, tuple[str, str] | None],
    woven: Woven,
    limits: Limits,
    warn: Warn,
    progress: Progress,
    meanwhile: Callable[[], None],
) -> None:
    if sentence := unenforced():
        warn(sentence)
    before = snapshot(root)
    outcomes = execute(root, stale, limits, progress, meanwhile)
    for path, outcome in outcomes.items():
        source = find(root, path)
        woven.ran.append(path)
        if outcome["problem"]:
            woven.problems.append(Problem(source.label, 1, outcome["problem"]))
        elif not accepted(outcome["error"], expected[path]):
            woven.problems.append(complaint(source, outcome["error"], expected[path]))
        else:
            woven.records[path] = record = records.build(source, outcome)
            # Keep it only if what ran is what the key was made of: somebody may have edited it.
            key = woven.keys[path]
            if outcome["source"] == source.digest and records.key(source) == key:
                records.store(root, record, key)
    # Python's own writes were refused; programs started by a snippet can still have written.
    suspects = [path for path, outcome in outcomes.items() if outcome.get("started", True)]
    for name in changed(before, snapshot(root)) if suspects else []:
        message = f"changed while {', '.join(map(label, suspects))} ran: a snippet must not"
        woven.problems.append(Problem(name, 1, f"{message} edit the book"))


def accepted(error: dict | None, expected: tuple[str, str] | None) -> bool:
    if error is None or expected is None:
        return error is None and expected is None
    return (error["region"], error["type"]) == expected


def complaint(source: Source, error: dict | None, expected: tuple[str, str] | None) -> Problem:
    if error is None:
        region, exception = expected
        first = source.regions.get(region, (1, 1))[0]
        message = f"region '{region}' should raise {exception}: it did not"
        return Problem(source.label, first, message)
    message = ": ".join(part for part in (error["type"], error["message"]) if part)
    if error["type"] == "MemoryError":
        message += f" (limit: memory, {DEFAULT.memory >> 30} GiB)"
    if error["type"] == "SystemExit":
        message += " (a snippet must run to its last statement)"
    if trace := error["traceback"].strip():
        message += "\n    " + trace.replace("\n", "\n    ")
    return Problem(source.label, error["line"], message)


def snapshot(root: Path) -> dict[str, list[int]]:
    """Size and time of every file of the book, to notice a snippet that edits one."""
    found = {}
    for name in TREE:
        for file in sources(root / name):
            found[os.path.relpath(file, root).replace(os.sep, "/")] = mark(file)
    return found


def changed(before: dict, after: dict) -> list[str]:
    return sorted(name for name in before | after if before.get(name) != after.get(name))


class Report:
    """Progress in the terminal: what runs, how many are left, and what was slow."""

    def __init__(self, total: int, say: Callable[[str], None], slow: float = 5.0):
        self.left, self.say, self.slow = total, say, slow
        self.began: dict[str, float] = {}

    def __call__(self, event: str, path: str) -> None:
        if event == "start":
            self.began[path] = time.monotonic()
            self.say(f"running {label(path)} ({self.left} left)")
        else:
            self.left -= 1
            seconds = time.monotonic() - self.began[path]
            if seconds > self.slow:
                self.say(f"{label(path)} took {seconds:.1f} s")
