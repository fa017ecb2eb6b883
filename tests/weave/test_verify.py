"""`python -m weave verify`: what a run does that its record's key cannot know comes to light."""

import pytest

from weave import loom, records
from weave.verify import verify

DRIFTS = '''
import time

if __name__ == "__main__":
    # --8<-- [start:a]
    now = time.time_ns()
    tiny = 1 + now * 1e-30
    print({printed})
    # --8<-- [end:a]
'''


@pytest.fixture
def woven(book):
    """`woven(text)`: a book whose snippet has a record; returns what a new run finds."""

    def weave(text: str, page: str = "") -> list[str]:
        book.snippet(text)
        book.write("docs/zh/index.md", page)
        assert not loom.weave(book.root, {"part/topic.py": None}).problems
        found = verify(book.root, ["part/topic.py"], print, lambda event, path: None)
        return [str(problem) for problem in found]

    return weave


@pytest.fixture
def elsewhere(monkeypatch):
    """The new run takes place on another machine than the record's."""
    build, machines = records.build, iter(["the record's", "another"])

    def on_another_machine(*given):
        record = build(*given)
        record.machine = record.machine | {"cpu": next(machines)}
        return record

    monkeypatch.setattr("weave.records.build", on_another_machine)


def test_a_run_that_its_key_describes_is_found_again(woven):
    assert woven(DRIFTS.format(printed="1").replace("time.time_ns()", "5")) == []


def test_another_output_is_named(woven):
    (first, second) = woven(DRIFTS.format(printed="now"))
    assert first.startswith("snippets/part/topic.py:1: region 'a' printed")
    assert second.endswith("on the same machine, other values: now")


def test_a_value_on_a_page_is_named(woven, elsewhere):
    (only,) = woven(DRIFTS.format(printed="1"), "Now {{ part.topic.now }}.")
    assert "`{{ part.topic.now }}` is 1" in only and "the record has 1" in only


def test_digits_that_no_page_shows_may_differ_between_machines(woven, elsewhere):
    assert woven(DRIFTS.format(printed="1"), "About {{ part.topic.tiny:.1f }}.") == []


def test_a_snippet_bound_to_its_machine_may_differ(woven):
    assert woven("MACHINE_BOUND = True\n" + DRIFTS.format(printed="now")) == []


def test_without_records_there_is_nothing_to_be_glad_about(book):
    book.snippet("x = 1\n")
    (only,) = verify(book.root, ["part/topic.py"], print, lambda event, path: None)
    assert "nothing to compare with" in only.message
