"""The swap of the finished site, also where the system cannot exchange directories."""

import pytest

from weave import stage
from weave.stage import Stage


def fill(folder, word):
    folder.mkdir()
    (folder / "index.html").write_text(word)


def word(folder):
    return (folder / "index.html").read_text()


@pytest.mark.parametrize("atomic", [True, False])
def test_swap_replaces_the_old_site_and_leaves_nothing_behind(tmp_path, monkeypatch, atomic):
    if not atomic:
        monkeypatch.setattr(stage, "exchange", lambda first, second: False)
    fill(tmp_path / "site", "old")
    staged = Stage(tmp_path / "site")
    fill(staged.building, "new")
    staged.swap()
    staged.close()
    assert word(tmp_path / "site") == "new"
    assert {path.name for path in tmp_path.iterdir()} == {"site", ".site.lock"}


def test_first_build_needs_no_old_site(tmp_path):
    staged = Stage(tmp_path / "deep" / "site")
    fill(staged.building, "new")
    staged.swap()
    assert word(tmp_path / "deep" / "site") == "new"


def test_without_a_swap_the_old_site_stays(tmp_path):
    fill(tmp_path / "site", "old")
    staged = Stage(tmp_path / "site")
    fill(staged.building, "half")
    staged.close()
    assert word(tmp_path / "site") == "old" and not staged.building.exists()


def test_a_build_that_died_between_two_renames_is_mended_by_the_next(tmp_path):
    fill(tmp_path / ".site.old", "old")
    fill(tmp_path / ".site.building", "new")
    Stage(tmp_path / "site").close()
    assert word(tmp_path / "site") == "old"


def test_second_build_waits_for_the_first(tmp_path):
    import threading

    first = Stage(tmp_path / "site")
    said, order = [], []

    def second():
        Stage(tmp_path / "site", said.append).close()
        order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    while not said:
        pass
    order.append("first")
    first.close()
    thread.join()
    assert order == ["first", "second"] and ".site.lock" in said[0]
