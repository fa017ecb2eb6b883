"""When a record holds and when the snippet runs again; that no damage to the cache does harm."""

import hashlib
import json
import multiprocessing
import sys
from types import SimpleNamespace

import pytest

from weave import records
from weave.source import Source

SNIPPET = """\
import numpy as np
from snippets.part.helper import double

if __name__ == "__main__":
    # --8<-- [start:a]
    x = double(21)
    print(x)
    # --8<-- [end:a]
"""
HELPER = "def double(x):\n    return 2 * x\n"
PATH = "part/topic.py"


@pytest.fixture
def ready(book):
    book.snippet(SNIPPET)
    book.snippet(HELPER, "part/helper.py")
    assert book.weave().ran == [PATH]
    assert book.weave().ran == []
    return book


def record_file(book):
    (file,) = (book.root / ".weave/records").glob("part.topic-*.json")
    return file


def test_record_holds_what_the_run_gave(ready):
    record = ready.weave().records[PATH]
    assert record.regions["a"].output == "42\n"
    assert record.values["x"] == 42
    assert record.machine["numpy"] and record.machine["python"] == sys.version.split()[0]
    assert record.date[:2] == "20"


def test_17_changed_helper_runs_again_and_nothing_else(ready):
    ready.snippet("print(1)\n", "part/other.py")
    ready.weave("part/other.py")
    ready.snippet(HELPER.replace("2 *", "3 *"), "part/helper.py")
    woven = ready.weave(PATH, "part/other.py")
    assert woven.ran == [PATH]
    assert woven.records[PATH].values["x"] == 63


def test_17_changed_helper_of_a_helper(ready):
    ready.snippet("from snippets.part.base import two\ndef double(x): return two * x\n",
                  "part/helper.py")  # fmt: skip
    ready.snippet("two = 2\n", "part/base.py")
    ready.weave()
    ready.snippet("two = 4\n", "part/base.py")
    assert ready.weave().records[PATH].values["x"] == 84


def test_17_helper_imported_by_a_computed_name(book):
    book.snippet("two = 2\n", "part/base.py")
    book.snippet("import importlib\nx = importlib.import_module('snippets.part.' + 'base').two\n")
    book.weave()
    book.snippet("two = 4\n", "part/base.py")
    assert book.weave().records[PATH].values["x"] == 4


def test_17_data_file_that_was_read(book):
    book.write("snippets/part/data.csv", "7\n")
    book.snippet(
        "from pathlib import Path\n"
        "x = int(Path(__file__).with_name('data.csv').read_text())\n"
    )
    book.weave()
    assert book.weave().ran == []
    book.write("snippets/part/data.csv", "8\n")
    assert book.weave().records[PATH].values["x"] == 8


def test_17_folder_that_was_listed(book):
    book.write("runs/one.json", "1")
    runs = "pathlib.Path(__file__).parents[2].glob('runs/*')"
    book.snippet(f"import pathlib\nx = len(list({runs}))\n")
    assert book.weave().records[PATH].values["x"] == 1
    assert book.weave().ran == []
    two = book.write("runs/two.json", "2")
    assert book.weave().records[PATH].values["x"] == 2
    book.write("runs/one.json", "other bytes, which nobody read")
    assert book.weave().ran == []
    two.unlink()
    assert book.weave().records[PATH].values["x"] == 1


def test_17_new_module_beside_an_imported_one_does_not_matter(ready):
    ready.snippet("two = 2\n", "part/new.py")
    assert ready.weave().ran == []


def test_17_file_times_do_not_matter(ready):
    file = ready.root / "snippets" / PATH
    file.touch()
    assert ready.weave().ran == []


@pytest.mark.parametrize("package", ["numpy"])
def test_17_another_version_of_a_package(ready, monkeypatch, package):
    real = records.version
    monkeypatch.setattr(records, "version", lambda name: "9.9" if name == package else real(name))
    assert ready.weave().ran == [PATH]


def test_17_package_that_is_not_imported_does_not_matter(ready, monkeypatch):
    real = records.version
    monkeypatch.setattr(records, "version", lambda name: "9.9" if name == "torch" else real(name))
    assert ready.weave().ran == []


def test_17_another_python(ready, monkeypatch):
    newer = SimpleNamespace(implementation=sys.implementation, version_info=(3, 99, 0))
    monkeypatch.setattr(records, "sys", newer)
    assert ready.weave().ran == [PATH]


def test_17_another_engine(ready, monkeypatch):
    other = records.engine() | {"child.py": "other"}
    monkeypatch.setattr(records, "engine", lambda: other)
    assert ready.weave().ran == [PATH]


def test_17_every_file_of_the_engine_counts(monkeypatch):
    """A process computes it once: it would go on with the code that it has loaded."""
    real, known = records.digest, records.engine()
    assert "child.py" in known
    monkeypatch.setattr(records, "digest", lambda file: real(file) + "other")
    anew = records.engine.__wrapped__()
    assert known.keys() == anew.keys() and all(anew[name] != known[name] for name in known)


def test_machine_counts_only_where_the_snippet_says_so(ready, monkeypatch):
    ready.snippet("MACHINE_BOUND = True\nx = 1\n", "part/timed.py")
    ready.weave("part/timed.py")
    other = records.machine_card() | {"cpu": "another"}
    monkeypatch.setattr(records, "machine_card", lambda: other)
    assert ready.weave(PATH, "part/timed.py").ran == ["part/timed.py"]


def test_going_back_costs_no_run(ready):
    ready.snippet(HELPER.replace("2 *", "3 *"), "part/helper.py")
    ready.weave()
    ready.snippet(HELPER, "part/helper.py")
    assert ready.weave().ran == []


def test_old_records_do_not_pile_up(ready):
    for factor in range(3, 12):
        ready.snippet(HELPER.replace("2 *", f"{factor} *"), "part/helper.py")
        ready.weave()
    assert len(list((ready.root / ".weave/records").iterdir())) == records.KEPT


def truncate(text: str) -> str:
    return text[: len(text) // 2]


def tamper(text: str) -> str:
    return text.replace('"x": 42', '"x": 43')


def empty(text: str) -> str:
    return ""


def other_shape(text: str) -> str:
    return sealed("[]")


def older_format(text: str) -> str:
    return sealed(json.dumps({"path": PATH, "regions": {}, "unknown": 1}))


def sealed(payload: str) -> str:
    return f"{hashlib.sha256(payload.encode()).hexdigest()}\n{payload}\n"


@pytest.mark.parametrize("damage", [truncate, tamper, empty, other_shape, older_format])
def test_16_damaged_record_is_a_miss_with_a_warning(ready, damage):
    file = record_file(ready)
    before = file.read_text()
    assert damage(before) != before
    file.write_text(damage(before))
    woven = ready.weave()
    assert woven.ran == [PATH]
    assert woven.records[PATH].values["x"] == 42
    assert len(woven.warnings) == 1 and str(file) in woven.warnings[0]
    assert not ready.weave().warnings


def test_16_binary_rubbish(ready):
    record_file(ready).write_bytes(b"\xff\xfe\x00")
    assert ready.weave().records[PATH].values["x"] == 42


def test_failures_are_not_kept(book):
    book.snippet("1 / 0\n")
    assert book.weave().problems
    assert not list((book.root / ".weave").glob("records/*"))
    book.snippet("x = 1\n")
    assert book.weave().records[PATH].values["x"] == 1


def weave_once(book):
    for factor in (2, 3, 2):
        book.snippet(f"import time\ntime.sleep(0.05)\nx = {factor}\n")
        book.weave()


def test_15_source_edited_while_it_runs_leaves_no_record_under_the_old_key(book, monkeypatch):
    from weave import loom

    real = loom.execute

    def edit_meanwhile(*arguments):
        outcomes = real(*arguments)
        book.snippet("x = 2\n")
        return outcomes

    book.snippet("x = 1\n")
    monkeypatch.setattr(loom, "execute", edit_meanwhile)
    book.weave()
    monkeypatch.undo()
    book.snippet("x = 1\n")
    assert book.weave().ran == [PATH]


def test_15_two_at_once_leave_whole_records(book):
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=weave_once, args=(book,)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join()
        assert process.exitcode == 0
    woven = book.weave()
    assert woven.records[PATH].values["x"] == 2 and not woven.warnings
    assert not list((book.root / ".weave/records").glob("*.tmp"))


def test_15_unwritable_cache_names_the_path(book):
    book.write(".weave/records", "a file where a directory should be")
    book.snippet("x = 1\n")
    with pytest.raises(OSError, match=r"cannot write the record .*part\.topic-"):
        book.weave()


def test_key_does_not_depend_on_where_the_book_lies(book, tmp_path_factory):
    book.snippet(SNIPPET)
    book.snippet(HELPER, "part/helper.py")
    other = tmp_path_factory.mktemp("elsewhere")
    for name in ("topic", "helper"):
        file = other / f"snippets/part/{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes((book.root / f"snippets/part/{name}.py").read_bytes())
    assert records.key(Source(book.root, PATH)) == records.key(Source(other, PATH))
