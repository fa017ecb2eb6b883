"""A page that shows recorded runs is made anew when a run comes, goes or changes."""
import shutil

import pytest

from snippets.labs.records import load_all, place, store
from weave import loom

SNIPPET = """\
from snippets.labs.records import banner, load_all

if __name__ == "__main__":
    # --8<-- [start:runs]
    runs = load_all("toy")
    for run in runs or [None]:
        print(banner(run))
    # --8<-- [end:runs]
    ratios = [run.ratio("a/slow", "a/fast").median for run in runs]
"""
PATH = "labs/page.py"


@pytest.fixture
def book(root, tmp_path, monkeypatch):
    shutil.copytree(root / "snippets/labs", tmp_path / "snippets/labs")
    (tmp_path / "snippets" / PATH).write_text(SNIPPET)
    (tmp_path / "runs").mkdir()
    shutil.copy(root / "runs/schema.json", tmp_path / "runs")
    monkeypatch.chdir(tmp_path)  # where Python looks for modules first
    return tmp_path


def weave(book) -> loom.Woven:
    woven = loom.weave(book, {PATH: None})
    assert not woven.problems, woven.problems
    return woven


def test_runs_come_change_and_go(book, data):
    woven = weave(book)
    assert woven.records[PATH].regions["runs"].output == "no run recorded yet\n"
    assert weave(book).ran == []

    file = place(data, book / "runs")
    store(data, file)
    woven = weave(book)
    assert woven.ran == [PATH] and woven.records[PATH].values["ratios"] == pytest.approx([20])
    assert "2026-11-22, commit 1af25ea; not run" in woven.records[PATH].regions["runs"].output

    data["cells"][1]["samples"] = [1e-4, 2e-4, 3e-4]
    store(data, file)
    assert weave(book).records[PATH].values["ratios"] == pytest.approx([10])

    store(data, place(data | {"date": "2027-01-01T00:00:00Z"}, book / "runs"))
    (problem,) = loom.weave(book, {PATH: None}).problems
    assert "what it says belongs in" in problem.message

    place(data | {"date": "2027-01-01T00:00:00Z"}, book / "runs").unlink()
    file.unlink()
    assert weave(book).records[PATH].values["ratios"] == []
    assert len(load_all("toy", book / "runs")) == 0
