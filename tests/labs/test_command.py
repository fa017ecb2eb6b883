"""The command line of every lab, run as a reader runs it."""
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from snippets.labs import command
from snippets.labs.records import load, load_all

COMMIT = "1af25ea82c500aa921167797718156d6e9237cf5"


def run(toy: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    path = {"PYTHONPATH": os.pathsep.join([str(toy), str(Path(__file__).parents[2])])}
    return subprocess.run(
        [sys.executable, "-m", "toylab", *arguments], cwd=toy, capture_output=True, text=True,
        env=os.environ | path | environment, timeout=60, check=False,
    )  # fmt: skip


def test_without_arguments_the_page_goes_on(toy):
    done = run(toy)
    assert (done.returncode, done.stdout) == (0, "the page's experiments\n")


def test_a_run_is_measured_without_what_pins_the_library(toy):
    done = run(toy, "--out", "my.json", OPENBLAS_CORETYPE="Haswell", OMP_NUM_THREADS="7")
    assert (done.returncode, done.stdout) == (0, "")
    assert "measuring without OPENBLAS_CORETYPE=Haswell\n" in done.stderr
    assert "measuring with one thread\n" in done.stderr
    assert "[2/2] more: " in done.stderr
    record = load(toy / "my.json")
    assert list(record.cells) == ["sums/short", "sums/long", "more/one"]
    assert [len(cell.samples) for cell in record.cells.values()] == [3] * 3
    data = record.data
    assert data["removed"]["OPENBLAS_CORETYPE"] == "Haswell"
    assert "OPENBLAS_CORETYPE" not in data["environment"]
    assert data["environment"]["OMP_NUM_THREADS"] == "1"
    assert data["label"] == "local" and data["method"] == {"rounds": 3, "quick": False,
                                                           "threads": 1}  # fmt: skip
    assert len(data["state"]["during"]) == 4
    assert data["command"] == "python -m toylab --out my.json"


def test_quick_measures_less_and_compares(toy):
    run(toy, "--out", "old.json", "--quick")
    done = run(toy, "--quick", "--against", "old.json", "--lang", "zh")
    assert done.returncode == 0
    assert "你的/对照" in done.stdout and "sums/long" in done.stdout
    assert "more/one" not in done.stdout


def test_an_earlier_run_is_compared_without_measuring(toy, data):
    (toy / "my.json").write_text(json.dumps(data))
    arguments = "--run", "my.json", "--against", "my.json", "--plot", "gap.svg", "--lang", "en"
    done = run(toy, *arguments)
    assert done.returncode == 0 and "measuring" not in done.stderr
    assert "No two differ" in done.stdout and (toy / "gap.svg").is_file()


def test_a_broken_record_is_one_line(toy, data):
    (toy / "my.json").write_text(json.dumps(data | {"schema": 2}))
    done = run(toy, "--run", "my.json", "--against", "my.json")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and "my.json: schema: 1 was expected" in done.stderr


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["--run", "my.json"], "--run needs --against"),
        (["--out", "a", "--plot", "b.svg"], "--plot needs one run to compare with"),
        (["--out", "a", "--record"], "not allowed with argument"),
        (["--record", "--commit", "abc"], "a commit has 40 hexadecimal digits, not 'abc'"),
    ],
)
def test_wrong_arguments(toy, arguments, said):
    done = run(toy, *arguments)
    assert done.returncode == 2 and said in done.stderr


class Options:
    record, out, run, quick, commit = True, None, None, True, COMMIT


@pytest.fixture
def recorder(toy, tmp_path, monkeypatch):
    """Measure as the child process does, but keep the run in a folder of the test."""
    monkeypatch.syspath_prepend(str(toy))
    lab = __import__("toylab").LAB
    monkeypatch.delitem(sys.modules, "toylab")
    monkeypatch.setenv(command.CHILD, "{}")
    monkeypatch.setattr(command, "module", lambda: "toylab")
    real, runs = command.records.place, tmp_path / "runs"
    monkeypatch.setattr(command.records, "place", lambda data, top=runs: real(data, top))
    return lambda options=Options: command.measure(lab, options), runs


def test_a_recorded_run_is_kept_by_device_date_and_commit(recorder):
    record, runs = recorder
    kept = record()
    (found,) = load_all("toy", runs)
    assert found.data == kept.data and found.data["label"] == "recorded"
    assert found.file.name == f"{found.date}-1af25ea-toy.json"


def test_a_recorded_run_is_not_overwritten(recorder):
    record, _ = recorder
    record()
    with pytest.raises(command.RecordError, match="there is such a run already; remove it first"):
        record()


def test_where_no_git_can_tell_the_commit_it_has_to_be_given(recorder, monkeypatch):
    record, _ = recorder
    monkeypatch.setattr(command.machine, "run", lambda *arguments: "")

    class Unknown(Options):
        commit = None

    with pytest.raises(command.RecordError, match="give it with --commit"):
        record(Unknown)


def test_a_run_that_lasts_too_long_is_ended(monkeypatch, capfd):
    def late(arguments, timeout, **options):
        raise subprocess.TimeoutExpired(arguments, timeout)

    monkeypatch.setattr(command, "module", lambda: "toylab")
    monkeypatch.setattr(subprocess, "run", late)
    assert command.start_child() == 1
    assert "still measuring after 600 s: ended, nothing is kept" in capfd.readouterr().err


@pytest.mark.parametrize(
    "name, expected", [("zh_CN.UTF-8", "zh"), ("en_GB.UTF-8", "en"), ("C", "en")]
)
def test_the_language_is_the_readers(monkeypatch, name, expected):
    monkeypatch.setenv("LANG", name)
    assert command.language() == expected
