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
