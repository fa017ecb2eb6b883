"""What is taken out of the theme's style sheet is what no page needs, and no more."""

import re
from pathlib import Path

import material
import pytest

from weave.purge import BARE, COLOURS, UNUSED, purge, rules, used

STYLESHEETS = Path(material.__file__).parent / "templates/assets/stylesheets"
(SHEET,), (PALETTE,) = STYLESHEETS.glob("main.*.css"), STYLESHEETS.glob("palette.*.css")


@pytest.mark.parametrize(("text", "left"), [
    ("a{b:c}.tabbed-set>p{d:e}", "a{b:c}"),
    (".x .keys kbd,.y:is(i,.z){d:e}", ".y:is(i,.z){d:e}"),
    ("a:is(.grid,.b),i:not(.md-tag){d:e}", "a:is(.grid,.b),i:not(.md-tag){d:e}"),
    ("@media print{.md-tag{a:b}p{c:d}}@media screen{.md-tag{a:b}}", "@media print{p{c:d}}"),
    ("@supports (a:b){.md-tags{a:b}.md-table{a:b}}", "@supports (a:b){.md-table{a:b}}"),
    (".md-typeset table:not([class]) td>:first-child,.md-typeset td{a:b}", ".md-typeset td{a:b}"),
    ("[data-md-color-primary=red]{a:b}[data-md-color-scheme=slate]{c:d}",
     "[data-md-color-scheme=slate]{c:d}"),
    ("[data-md-color-switching] *,[data-md-color-switching] :after{a:b}", ""),
    ("@keyframes md-tag{0%{a:b}to{a:c}}", "@keyframes md-tag{0%{a:b}to{a:c}}"),
])  # fmt: skip
def test_selectors_that_name_an_unused_class_go(text, left):
    assert used(text) == left


def test_the_themes_sheet_is_read_whole():
    text = re.sub(r"/\*.*?\*/", "", SHEET.read_text(encoding="utf-8")).strip()
    assert "".join(f"{head}{{{body}}}" for head, body in rules(text)) == text.removeprefix("\ufeff")


def test_every_name_is_one_of_the_themes():
    """Or it saves nothing, since the theme calls it otherwise by now."""
    text = "".join(file.read_text(encoding="utf-8") for file in (SHEET, PALETTE))
    names = [f".{name}" for name in UNUSED] + [BARE, *COLOURS, "pre>code"]
    assert [name for name in names if name not in text] == []


@pytest.mark.parametrize(("sheet", "share", "kept"), [
    (SHEET, 0.9, ".md-typeset pre code{"), (PALETTE, 0.3, "[data-md-color-scheme=slate]{"),
])  # fmt: skip
def test_the_sheets_in_the_site_are_lighter(tmp_path, sheet, share, kept):
    file = tmp_path / "assets/stylesheets" / sheet.name
    file.parent.mkdir(parents=True)
    file.write_bytes(sheet.read_bytes())
    purge(tmp_path, tmp_path / "kept")
    assert len(file.read_bytes()) < share * len(sheet.read_bytes())
    assert kept in file.read_text(encoding="utf-8")
