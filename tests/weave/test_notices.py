"""A chapter in one language: the other has a notice in its place, and nothing counts it twice."""

import json
import re
import shutil
from urllib.parse import urljoin

import pytest

from weave.links import check_site
from weave.notices import notice
from weave.shelf import Shelf
from weave.structure import parse_chapter

from .conftest import Book, small_book

CHAPTER = """\
---
title: "形状：$x$"
description: 什么形状。
twin: wanted
---
# 形状：$x$ { #shapes }

一段正文。[^a]
{ .lead }

## 向量 $v$ { #vectors }

<span id="scalars"></span>正文

### 练习 { #exercise }

[^a]: A. Author, *Title*, 2001.
"""
INDEX = """\
---
title: Small
description: A small page.
---
# Small { #small }

[Shapes](part/shapes.md) [vectors](part/shapes.md#vectors) [a](part/shapes.md#exercise)
"""
SETTINGS = "plugins: {search: {}}\nextra: {alternate: true}"
SITE = "https://example.org/book/"


@pytest.fixture(scope="module")
def awaiting(tmp_path_factory):
    """A book whose second page is in Chinese only, built strictly."""
    book = small_book(tmp_path_factory.mktemp("awaiting"))
    for name in ("mkdocs.yml", "mkdocs.en.yml"):
        config = (book.root / name).read_text()
        config = config.replace("[index.md]", "[index.md, part/shapes.md]")
        book.write(name, config.replace("plugins: []", SETTINGS))
    book.page(INDEX)
    book.write("docs/zh/part/shapes.md", CHAPTER)
    result = book.build(SITE_URL=SITE)
    assert result.returncode == 0, result.stdout
    return book, result.stdout


@pytest.fixture
def changing(awaiting, tmp_path):
    """A copy of that book, to change."""
    shutil.copytree(awaiting[0].root, tmp_path / "book")
    return Book(tmp_path / "book")


def page(book, path):
    return book.site()[f"{path}index.html"].decode()


def test_the_notice_leads_to_the_chapter(awaiting):
    book, said = awaiting
    waiting = "docs/zh/part/shapes.md:1: `twin: wanted`: docs/en/part/shapes.md is still to be"
    assert said.count(waiting) == 1
    html = page(book, "en/part/shapes/")
    assert "This chapter is not in English yet, only in Chinese." in html
    (link,) = re.findall(r'<a href="([^"]*)" hreflang="zh">', html)
    assert urljoin("/en/part/shapes/", link) == "/part/shapes/"
    assert '<span lang="zh">形状' in html and "这一章" not in html
    assert "正文" not in html


def test_links_and_anchors_to_it_hold_in_both_languages(awaiting):
    book, _ = awaiting
    assert check_site(book.root / "site") == []
    html = page(book, "en/part/shapes/")
    for name in ("shapes", "vectors", "exercise", "scalars", "fn:a"):
        assert html.count(f'id="{name}"') == 1, name
    assert 'href="../../../part/shapes/#vectors"' in html


def test_the_language_switch_is_honest(awaiting):
    book, _ = awaiting
    for path, other in (("part/shapes/", "en/part/shapes/"), ("en/part/shapes/", "part/shapes/")):
        (link,) = re.findall(r'class="[^"]*\blanguage" href="([^"]*)"', page(book, path))
        assert urljoin(f"/{path}", link) == f"/{other}"


def test_search_engines_and_the_books_own_search_pass_over_it(awaiting):
    book, _ = awaiting
    notice, chapter = page(book, "en/part/shapes/"), page(book, "part/shapes/")
    assert '<meta name="robots" content="noindex">' in notice
    assert 'rel="alternate ' not in notice
    assert "noindex" not in chapter
    assert re.findall(r'rel="alternate " hreflang="(\w+)"', chapter) == ["zh"]
    site = book.site()
    assert b"part/shapes" not in site["en/sitemap.xml"]
    assert site["sitemap.xml"].count(b'hreflang="en"') == 1  # of the front page alone
    entries = json.loads(site["en/search/search_index.json"])["docs"]
    assert entries and not [entry for entry in entries if "shapes" in entry["location"]]


def test_it_gives_way_to_the_twin(changing):
    book = changing
    english = CHAPTER.replace("twin: wanted\n", "").replace("什么形状", "What shape")
    book.write("docs/en/part/shapes.md", english)
    result = book.build(SITE_URL=SITE)
    assert "`twin: wanted`, but there is docs/en/part/shapes.md" in result.stdout
    assert result.returncode != 0
    book.write("docs/zh/part/shapes.md", CHAPTER.replace("twin: wanted\n", ""))
    result = book.build(SITE_URL=SITE)
    assert result.returncode == 0, result.stdout
    html = page(book, "en/part/shapes/")
    assert "not in English yet" not in html and "noindex" not in html
    assert re.findall(r'rel="alternate " hreflang="(\w+)"', html) == ["zh", "en"]


def test_an_undeclared_missing_twin_gets_no_notice(changing):
    book = changing
    book.write("docs/zh/part/shapes.md", CHAPTER.replace("twin: wanted\n", ""))
    result = book.build(SITE_URL=SITE)
    assert result.returncode != 0
    assert "docs/zh/part/shapes.md:1: there is no docs/en/part/shapes.md" in result.stdout


def test_a_draft_says_so_on_its_page_and_in_the_log(book):
    book.page(INDEX.split("[")[0].replace("title:", "draft: true\ntitle:"))
    result = book.build()
    assert result.returncode == 0, result.stdout
    assert result.stdout.count("index.md:1: a draft: finish it") == 2
    assert "草稿：" in page(book, "") and "A draft:" in page(book, "en/")
    assert "noindex" in page(book, "en/")
    result = book.build("--site-dir", "other", CI="true")
    assert result.returncode != 0 and "docs/zh/index.md:1: a draft" in result.stdout


def test_chinese_readers_are_told_in_chinese():
    chapter = parse_chapter(CHAPTER.encode(), "docs/en/part/shapes.md")
    text = notice("part/shapes.md", chapter, Shelf(language="zh"))
    assert "这一章还没有中文版" in text and '<ul lang="en">' in text
    assert 'href="../../en/part/shapes/"' in text


def test_a_chapter_without_title_or_heading_has_a_notice_all_the_same():
    """What is wrong with it is said elsewhere."""
    text = notice("a.md", parse_chapter(b"Text.\n", "docs/zh/a.md"), Shelf(language="en"))
    assert '# <span lang="zh">a.md</span> { #notice }' in text
