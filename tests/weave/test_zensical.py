"""The extension as Zensical loads it, without Zensical: it gives a page's path and no more."""

from types import SimpleNamespace

import markdown
import pytest
from markdown import Extension
from markdown.preprocessors import Preprocessor

from tools import zensical as comparison
from weave import zensical

from .conftest import FRONT

FENCE = "```snippet\npart/topic.py:a\n```\n"


class Rendering(Extension):
    """What Zensical registers before any other extension."""

    def __init__(self, path: str):
        super().__init__()
        self.path = path

    def extendMarkdown(self, md):
        context = Preprocessor(md)
        context.page = SimpleNamespace(path=self.path)
        context.run = lambda lines: lines
        md.preprocessors.register(context, zensical.CONTEXT, 0)


def convert(book, text: str, language: str, path: str = "index.md") -> str:
    options = {"weave.zensical": {"root": str(book.root), "language": language}}
    extensions = [Rendering(path), "weave.zensical", "pymdownx.superfences"]
    return markdown.markdown(text, extensions=extensions, extension_configs=options)


@pytest.fixture
def woven(book):
    zensical.book.cache_clear()
    book.snippet("# --8<-- [start:a]\nx = 2\nprint('two', x)\n# --8<-- [end:a]\n")
    book.page(f"{FRONT}# S {{ #s }}\n\n{FENCE}")
    return book


@pytest.mark.parametrize(("language", "word"), [("zh", "复制"), ("en", "Copy")])
def test_a_page_is_woven_in_its_language(woven, language, word):
    shown = convert(woven, FENCE + "\nIt is {{ part.topic.x }}.", language)
    assert "two 2" in shown and "It is 2." in shown and word in shown


def test_a_mistake_is_told_with_its_page(woven, capsys):
    convert(woven, "{{ part.topic.y }}", "en", "part/page.md")
    convert(woven, "Text.", "en")
    assert "docs/en/part/page.md:1: part/topic.py computes no value `y`" in capsys.readouterr().err


def test_both_sites_are_compared_by_what_their_articles_hold(tmp_path):
    article = "<article><p>One <math></math> <b>two</b></p></article>"
    whole = f'<link rel="alternate" hreflang="en">{article}'
    for site, html in (("a", whole), ("b", article.replace("two", "2"))):
        (tmp_path / site).mkdir()
        (tmp_path / site / "index.html").write_text(html)
    a, b = (comparison.pages(tmp_path / site) for site in "ab")
    for name, ours, theirs in (
        ("pages", 1, 1), ("formulas", 1, 1), ("pages that name their twin to search engines", 1, 0)
    ):  # fmt: skip
        assert (comparison.MEASURES[name](a), comparison.MEASURES[name](b)) == (ours, theirs)
    texts = [comparison.Text(comparison.article(site["index.html"])).said for site in (a, b)]
    assert texts == ["Onetwo", "One2"]


def test_buttons_and_times_say_nothing():
    html = '<p>a <button>b</button><span class="timing"><i>c</i><br></span> d</p>'
    assert comparison.Text(html).said == "ad"
