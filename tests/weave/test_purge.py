"""What is taken out of the theme's style sheet is what no page needs, and no more."""

import re
from pathlib import Path

import material
import pytest

from weave.purge import UNUSED, purge, rules, used

(SHEET,) = (Path(material.__file__).parent / "templates/assets/stylesheets").glob("main.*.css")


@pytest.mark.parametrize(("text", "left"), [
    ("a{b:c}.tabbed-set>p{d:e}", "a{b:c}"),
    (".x .keys kbd,.y:is(i,.z){d:e}", ".y:is(i,.z){d:e}"),
    ("a:is(.grid,.b),i:not(.md-tag){d:e}", "a:is(.grid,.b),i:not(.md-tag){d:e}"),
    ("@media print{.md-tag{a:b}p{c:d}}@media screen{.md-tag{a:b}}", "@media print{p{c:d}}"),
    ("@supports (a:b){.md-tags{a:b}.md-table{a:b}}", "@supports (a:b){.md-table{a:b}}"),
    ("@keyframes md-tag{0%{a:b}to{a:c}}", "@keyframes md-tag{0%{a:b}to{a:c}}"),
])  # fmt: skip
def test_selectors_that_name_an_unused_class_go(text, left):
    assert used(text) == left


def test_the_themes_sheet_is_read_whole():
    text = re.sub(r"/\*.*?\*/", "", SHEET.read_text(encoding="utf-8")).strip()
    assert "".join(f"{head}{{{body}}}" for head, body in rules(text)) == text.removeprefix("\ufeff")


def test_every_name_is_one_of_the_themes():
    """Or it saves nothing, since the theme calls it otherwise by now."""
    text = SHEET.read_text(encoding="utf-8")
    assert [name for name in UNUSED if f".{name}" not in text] == []


def test_the_sheet_in_the_site_is_lighter(tmp_path):
    file = tmp_path / "assets/stylesheets" / SHEET.name
    file.parent.mkdir(parents=True)
    file.write_bytes(SHEET.read_bytes())
    purge(tmp_path)
    assert len(file.read_bytes()) < 0.9 * len(SHEET.read_bytes())
    assert ".md-typeset" in file.read_text(encoding="utf-8")
