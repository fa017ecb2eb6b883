"""Style sheet and scripts mean on the site what they mean in the repository."""

import re

import pytest

from weave.squeeze import page, script, squeeze, style

from .conftest import REPOSITORY

ASSETS = REPOSITORY / "overrides" / "assets"
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


@pytest.mark.parametrize(("text", "sent"), [
    ('a , b > c {\n  color: red;  margin: 0 1px;\n}\n', "a,b > c{color: red;margin: 0 1px;}"),
    ('p::before { content: ", /* x */ ;  y"; } /* y */', 'p::before{content: ", /* x */ ;  y";}'),
    ("@media (a) and (b) {\n  i :is(b, c) { width: calc(1px + 2%); }\n}",
     "@media (a) and (b){i :is(b,c){width: calc(1px + 2%);}}"),
    ("a { b: c; }\n/* one */\n\n/* two */\nd { e: f; }", "a{b: c;}d{e: f;}"),
])  # fmt: skip
def test_a_style_sheet_loses_comments_and_blanks(text, sent):
    assert style(text) == sent


def test_a_script_loses_the_lines_that_are_comments():
    text = '"use strict";\n\n// 1. This.\nlet a = "// no"; // why\n  // that\n  f("http://b");\n'
    assert script(text) == '"use strict";\nlet a = "// no"; // why\n  f("http://b");\n'


def test_a_page_loses_its_indentation_but_not_where_blanks_are_shown():
    code = "<pre><code>def f():\n\n    return 1\n</code></pre>"
    shown = f"<div>\n    <p>\n\n      one <b>two</b>\n  three</p>\n{code}\n  {code}</div>\n"
    assert page(shown) == f"<div>\n<p>\none <b>two</b>\nthree</p>\n{code}\n{code}</div>\n"
    inline = '<script>\n  a = `x\n    y`;\n</script>'
    assert page(inline) == inline  # the policy knows it by its digest


def test_the_books_own_style_sheet_keeps_every_rule():
    text = (ASSETS / "css/book.css").read_text(encoding="utf-8")
    assert re.sub(r"\s", "", style(text)) == re.sub(r"\s", "", COMMENT.sub("", text))
    assert len(style(text)) < 0.9 * len(text) and "/*" not in style(text)


def test_all_of_them_come_to_their_places_and_nothing_else_is_touched(tmp_path):
    for name, text in {"a/b.css": "i { }", "c.js": "// x\ny();\n", "d.svg": "<svg/>"}.items():
        for top in ("ours", "site"):
            file = tmp_path / top / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    squeeze(tmp_path / "ours", tmp_path / "site", tmp_path / "kept")
    found = {file.name: file.read_text() for file in (tmp_path / "site").rglob("*.*")}
    assert found == {"b.css": "i{}", "c.js": "y();\n", "d.svg": "<svg/>"}
