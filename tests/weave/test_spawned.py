"""Runs in fresh interpreters, as where forking is not safe, and the limits that hold there."""

import pytest

from weave import execute, limits


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch):
    """The engine believes that it is on macOS; what it then does also works here."""
    for module in (execute, limits):
        monkeypatch.setattr(module.sys, "platform", "darwin")


PATH = "part/topic.py"


def test_runs_and_says_once_what_is_not_enforced(book):
    book.snippet("# --8<-- [start:a]\nprint(6 * 7)\n# --8<-- [end:a]\n")
    book.snippet("x = 1\n", "part/b.py")
    woven = book.weave(PATH, "part/b.py")
    assert not woven.problems
    assert woven.records[PATH].regions["a"].output == "42\n"
    assert [w for w in woven.warnings if "not enforced" in w] == woven.warnings[:1]


@pytest.mark.parametrize(("text", "said"), [
    ("while True: pass\n", "still running after 1 s"),
    ("print('x' * 1_000_000)\n", "printed more than 64 KiB"),
    ("import os\nos._exit(0)\n", "ended with exit status 0"),
    ("import sys\nsys.exit(0)\n", "SystemExit: 0"),
    ("import os\nos.kill(os.getpid(), 9)\n", "died of signal 9"),
    ("x = 1\n1 / 0\n", "topic.py:2: ZeroDivisionError"),
    ("input()\n", "topic.py:1: EOFError"),
])  # fmt: skip
def test_faults_are_named(book, text, said):
    book.snippet(text)
    (problem,) = book.weave(seconds=1 if "while" in text else 60).problems
    assert said in str(problem)


def test_result_is_that_of_a_forked_run(book, monkeypatch):
    text = "import random\nimport numpy as np\na = random.random()\nb = float(np.random.rand())\n"
    book.snippet(text)
    spawned = book.weave().records[PATH].values
    monkeypatch.undo()
    book.snippet(text + "# again\n")
    assert book.weave().records[PATH].values == spawned
