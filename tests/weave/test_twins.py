"""A section that was revised in one language only says so to the readers of the other."""

import sys
from datetime import date

import markdown
import pytest

from weave import check, twins
from weave.context import Context
from weave.edition import read_edition
from weave.shelf import Shelf
from weave.twins import TWINS

FRONT = "---\ntitle: {0}\ndescription: {0}.\n---\n"
ZH = FRONT.format("题").replace("题.", "题。") + """# 题 { #top }

开头，{{ part.topic.x:.1f }} 与 $x$。

## 甲 { #one }

第一节。

```snippet
part/topic.py:a
figures:
  - alt: 一条线
    caption: 一条线
```

## 乙 { #two }

第二节。
"""
EN = FRONT.format("Title") + """# Title { #top }

Beginning with {{ part.topic.x:.1f }} and $x$.

## One { #one }

The first section.

```snippet
part/topic.py:a
figures:
  - alt: a line
    caption: a line
```

## Two { #two }

The second section.
"""
FILES = {"zh": "docs/zh/part/topic.md", "en": "docs/en/part/topic.md"}
THEN = date(2025, 3, 9)


@pytest.fixture
def small(book, monkeypatch):
    """A book that was declared in step on a day long ago."""

    class Day(date):
        @classmethod
        def today(cls):
            return THEN

    for language, text in (("zh", ZH), ("en", EN)):
        book.write(FILES[language], text.encode())
    monkeypatch.chdir(book.root)
    monkeypatch.setattr(twins, "date", Day)
    twins.declare(book.root, ["part/topic", "index"])
    monkeypatch.setattr(twins, "date", date)

    def edit(language: str, old: str, new: str) -> None:
        text = (book.root / FILES[language]).read_text(encoding="utf-8")
        assert text.count(old) == 1
        book.write(FILES[language], text.replace(old, new).encode())

    def run(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["twins", *arguments])
        return twins.main()

    book.edit, book.run = edit, run
    return book


def shown(book, language: str) -> str:
    """The page as its readers get it."""
    behind = twins.behind(twins.drifts(book.root), language)
    shelf = Shelf(language=language, root=book.root, behind=behind)
    context = Context(book.root, language, FILES[language], shelf=shelf)
    return markdown.markdown(
        read_edition(book.root, language, "").pages["part/topic.md"].body,
        extensions=["attr_list", "pymdownx.superfences", "weave.markdown"],
        extension_configs={"weave.markdown": {"context": context}},
    )


def test_in_step_nothing_is_said(small, capsys):
    assert small.run() == 0 and capsys.readouterr().out.strip() == ""
    assert "twin-ahead" not in shown(small, "zh") + shown(small, "en")


def test_the_readers_of_the_other_language_are_told_since_when(small):
    small.edit("zh", "第一节。", "第一节，改过。")
    assert "twin-ahead" not in shown(small, "zh")
    assert shown(small, "en").count("twin-ahead") == 1
    assert (
        '<h2 id="one">One</h2><p class="twin-ahead" data-search-exclude>The Chinese version of '
        'this section has been revised since <time datetime="2025-03-09">9 March 2025</time>; this '
        'one has not. <a href="../../../part/topic/#one" hreflang="zh">Read the Chinese version</a>'
    ) in shown(small, "en")


def test_either_language_may_lead(small):
    small.edit("en", "The second section", "This section, revised")
    assert "twin-ahead" not in shown(small, "en")
    said = shown(small, "zh")
    assert '<time datetime="2025-03-09">2025 年 3 月 9 日</time>之后改过' in said
    assert 'href="../../en/part/topic/#two" hreflang="en"' in said


EDITS = {  # section, edit of the Chinese page
    "words": ("one", "第一节", "第一个节"),
    "caption": ("one", "caption: 一条线", "caption: 一条曲线"),
    "alt": ("one", "alt: 一条线", "alt: 一条曲线"),
    "heading": ("two", "## 乙", "## 乙二"),
    "lead": ("top", "开头", "开端"),
    "title": ("top", "title: 题", "title: 题目"),
    "description": ("top", "description: 题", "description: 题目"),
    "new paragraph": ("two", "第二节。", "第二节。\n\n再来一段。"),
}


@pytest.mark.parametrize("name", EDITS)
def test_each_kind_of_words_counts_to_its_section(small, name):
    section, *edit = EDITS[name]
    small.edit("zh", *edit)
    (drift,) = twins.drifts(small.root)
    assert drift == ("part/topic", section, ("zh",), THEN)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("第二节。", "第二节！"),
        ("开头，", "开头：“”"),
        ("$x$", "$y$"),
        ("topic.x:.1f", "topic.y:.2f"),
        ("topic.py:a", "topic.py:b"),
        ("\n\n## 乙", "\n\n\n## 乙"),
        ("\n", "\r\n"),
    ],
)
def test_punctuation_spaces_and_what_is_shared_do_not_count(small, old, new):
    text = (small.root / FILES["zh"]).read_text(encoding="utf-8")
    small.write(FILES["zh"], text.replace(old, new).encode())
    assert list(twins.drifts(small.root)) == []


def test_both_revised_is_no_news_for_readers_but_for_the_author(small, capsys):
    small.edit("zh", "第一节", "第一个节")
    small.edit("en", "first section", "section that is first")
    assert "twin-ahead" not in shown(small, "zh") + shown(small, "en")
    assert small.run() == 0
    assert capsys.readouterr().out == "part/topic#one: both languages revised since 2025-03-09\n"


def test_one_command_declares_a_page_in_step_again(small, capsys):
    small.edit("zh", "第一节", "第一结")
    assert small.run() == 0
    assert capsys.readouterr().out == "part/topic#one: only zh revised since 2025-03-09\n"
    assert small.run("docs/zh/part/topic.md") == 0
    assert capsys.readouterr().out.strip() == "" and not list(twins.drifts(small.root))
    kept = twins.read_twins(small.root)[0]
    assert kept["part/topic"].on == date.today() and kept["index"].on == THEN


def test_a_page_that_nobody_declared_is_named(small, capsys):
    small.write("docs/zh/new.md", ZH.encode())
    small.write("docs/en/new.md", EN.encode())
    assert small.run() == 0 and capsys.readouterr().out == "new: never declared\n"
    assert small.run("--all") == 0 and capsys.readouterr().out.strip() == ""


def test_pages_that_are_gone_or_wait_for_a_twin_are_left_out(small):
    (small.root / FILES["en"]).unlink()
    assert list(twins.drifts(small.root)) == []
    twins.declare(small.root, ["index"])
    assert "part/topic" not in (small.root / TWINS).read_text(encoding="utf-8")


def test_an_unknown_page_is_refused(small, capsys):
    assert small.run("part/topik") == 2
    assert "did you mean `part/topic`?" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["[", "a: 1\n", "a: {in step: 2025-03-09}\n", "a\n",
                                  "a: {in step: x, sections: {}}\n",
                                  "a: {in step: 2025-03-09, sections: {b: c}}\n"])  # fmt: skip
def test_a_damaged_file_is_a_problem(small, text):
    small.write(TWINS, text.encode())
    assert [p for p in check.check_book(small.root) if p.path == TWINS and "damaged" in p.message]


def test_a_book_without_declarations_is_left_alone(small):
    (small.root / TWINS).unlink()
    small.edit("zh", "第一节", "第一个节")
    assert "twin-ahead" not in shown(small, "en")


def test_the_check_notes_what_drifted_without_failing_for_it(small, monkeypatch, capsys):
    small.edit("zh", "第一节", "第一个节")
    assert not [p for p in check.check_book(small.root) if "revised" in str(p) or p.path == TWINS]
    monkeypatch.setattr(sys, "argv", ["check"])
    check.main()
    assert "note: part/topic#one: only zh revised since 2025-03-09" in capsys.readouterr().err


def test_a_kept_page_is_made_again_when_its_notices_change(small):
    chapter = read_edition(small.root, "en", "").pages["part/topic.md"]
    before = Shelf().shown_on("part/topic.md", chapter)
    behind = {"part/topic": {"one": THEN}}
    assert Shelf(behind=behind).shown_on("part/topic.md", chapter) != before
    assert Shelf(behind=behind).shown_on("index.md", chapter) == before


def test_the_front_pages_link_to_each_other():
    assert 'href="en/#a"' in twins.notice("index", "a", THEN, "zh")
    assert 'href="../#a"' in twins.notice("index", "a", THEN, "en")
