"""A file in two places: one on the disk where there are links, else a copy."""

import os

import pytest

from weave.share import mark, share


@pytest.mark.parametrize("links", [True, False])
def test_a_file_takes_another_s_place(tmp_path, monkeypatch, links):
    if not links:

        def link(source: str, target: str) -> None:
            raise PermissionError

        monkeypatch.setattr(os, "link", link)
    source, target = tmp_path / "a/page.html", tmp_path / "b/c/page.html"
    source.parent.mkdir()
    for text in ("one", "two"):
        source.unlink(missing_ok=True)  # no build writes into a file that is there
        source.write_text(text)
        share(str(source), str(target))
        assert target.read_text() == text
        assert mark(str(source)) == mark(str(target))
        assert source.samefile(target) == links


def test_what_is_gone_is_not_shared(tmp_path):
    with pytest.raises(FileNotFoundError):
        share(str(tmp_path / "gone"), str(tmp_path / "here"))


def test_writing_into_a_file_leaves_another_mark(tmp_path):
    file = tmp_path / "file"
    file.write_text("one")
    before = mark(str(file))
    os.utime(file, ns=(before[1] - 1, before[1] - 1))
    assert mark(str(file)) != before
