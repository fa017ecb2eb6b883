"""What all tests share: the book's root, reproducible properties, and the records of the runs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from weave import loom
from weave.chapters import collect
from weave.records import Record

ROOT = Path(__file__).resolve().parent.parent

# The same examples on every machine; a failure is a fault of the code, not of the day.
settings.register_profile("book", derandomize=True, deadline=None, max_examples=60)
settings.load_profile("book")


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def woven() -> Callable[[str], Record]:
    """`woven("mechanics/rounding")`: the record from which the pages are woven, run if stale."""
    records: dict[str, Record] = {}
    expected = collect(ROOT)

    def get(name: str) -> Record:
        path = name.removesuffix(".py") + ".py"
        if path not in records:
            outcome = loom.weave(ROOT, {path: expected.get(path)})
            assert not outcome.problems, "\n".join(map(str, outcome.problems))
            records[path] = outcome.records[path]
        return records[path]

    return get


def pytest_terminal_summary(terminalreporter) -> None:
    """What `parity/test_certified` planted into the book, and how much of it was found."""
    reports = [r for key in ("passed", "failed") for r in terminalreporter.stats.get(key, [])]
    noted = [item for report in reports for item in getattr(report, "user_properties", [])]
    kinds: dict[str, list[bool]] = {}
    for kind, found in (value for name, value in noted if name == "certified"):
        kinds.setdefault(kind, []).append(found)
    if not kinds:
        return
    terminalreporter.section("mistakes planted into the book")
    for kind, found in kinds.items():
        hits, all_ = sum(found), len(found)
        terminalreporter.write_line(f"{kind:14} {hits:3} of {all_:2} found {hits / all_:6.0%}")
    passed = [value for name, value in noted if name == "harmless"]
    terminalreporter.write_line(f"harmless edits {sum(passed):3} of {len(passed)} pass")
    for plant, told in (value for name, value in noted if name == "uncaught"):
        how = "not found, but `python -m weave.twins` lists the revision" if told else "not found"
        terminalreporter.write_line(f"{plant}: {how}")
