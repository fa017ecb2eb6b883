"""What the search is given beyond the pages: the names of sections, and simplified characters."""

import json

import pytest

from weave import search
from weave.check import check_book
from weave.edition import read_editions
from weave.glossary import read_glossary
from weave.names import NAMES, by_place, check_names, read_names, whole

from .conftest import REPOSITORY

PLAIN = """\
---
title: Small
description: A small page.
---
# Small { #small }

Text.

## Attention { #attention }

Text, 范数。
"""
GIVEN = """\
# Names.
index#small: [tiny, 小]
index#attention: [multi-head attention, F.softmax]
"""
PLANTS = {  # what is written for what, the line, what is said
    "no such page": ("index#small", "indx#small", 2, "no docs/zh/indx.md; did you mean `index`?"),
    "no such heading": ("#attention", "#attentoin", 3, "did you mean `attention`?"),
    "no heading": ("index#small", "index", 2, "write `part/page#heading`"),
    "a name twice": ("tiny", "f SOFTMAX", 3, "`F.softmax` is already on line 2"),
    "twice in a place": ("tiny, 小", "tiny, Ti-ny", 2, "`Ti-ny` is already on line 2"),
    "no word": ("tiny", '"…"', 2, "`…` has neither letters nor digits"),
    "no names": ("[tiny, 小]", "", 2, "`index#small` is not a text"),
    "no mapping": (GIVEN, "- tiny\n", 1, "the file is no mapping of places to names"),
    "bad YAML": ("[tiny,", "[[tiny,", 3, "bad YAML"),
}


@pytest.fixture
def named(book):
    book.page(PLAIN)
    book.write(NAMES, GIVEN)
    return book


def problems(book) -> list[str]:
    return [said for said in map(str, check_book(book.root)) if said.startswith(NAMES)]


def test_names_without_a_mistake(named):
    assert problems(named) == []


@pytest.mark.parametrize("plant", PLANTS)
def test_each_mistake_is_named_with_its_line(named, plant):
    old, new, line, message = PLANTS[plant]
    named.write(NAMES, GIVEN.replace(old, new))
    found = problems(named)
    assert any(said.startswith(f"{NAMES}:{line}:") and message in said for said in found), found


def test_the_books_own_names_are_without_a_mistake():
    assert list(check_names(REPOSITORY, read_editions(REPOSITORY, ("zh", "en")))) == []


@pytest.mark.parametrize("passed", [
    '<button class="copy" type="button">复制</button>',
    '<details class="snippet-code"><summary>画图的代码</summary><pre>plt.show()</pre></details>',
])  # fmt: skip
def test_what_can_be_pressed_or_is_folded_is_not_searched(passed):
    assert search.lean(f"<pre>code</pre>{passed}<p>矩阵</p>") == "<pre>code</pre><p>矩阵</p>"


def test_a_term_goes_by_its_names_in_both_languages_and_by_those_of_others():
    terms, places = read_glossary(REPOSITORY)[0], read_names(REPOSITORY)[0]
    names = by_place(terms, places)["foundations/norms#matrices"]
    assert {"谱范数", "spectralnorm", "弗罗贝尼乌斯模", "sigmamax", "f范数"} <= set(names)


@pytest.mark.parametrize(
    "name", ["multi-head attention", "Multihead Attention", "multi_head.attention"]
)
def test_a_name_is_one_word_however_it_is_cut(name):
    assert whole(name) == "multiheadattention"


def test_simplified_characters_are_those_that_the_book_uses(tmp_path):
    for _ in range(2):  # worked out, then kept
        pairs = search.simplified("范数，矩阵", tmp_path)
        assert {pairs[i : i + 2] for i in range(0, len(pairs), 2)} >= {"範范", "數数", "陣阵"}
        assert "張" not in pairs  # 张 is not in the text
        assert search.simplified("norm", tmp_path) == ""


def test_the_all_forms_characters_are_kept_until_another_package_may_know_others(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(search, "all_forms", lambda: search.Forms(["範范"]))
    assert search.simplified("范数", tmp_path) == "範范"
    monkeypatch.setattr(search, "all_forms", lambda: search.Forms(["數数"]))
    assert search.simplified("范数", tmp_path) == "範范"
    monkeypatch.setattr(search, "packages", lambda: ["opencc-9.dist-info"])
    assert search.simplified("范数", tmp_path) == "數数"


def test_the_index_gets_names_and_characters(named):
    text = (named.root / "mkdocs.yml").read_text(encoding="utf-8")
    named.write("mkdocs.yml", text.replace("plugins: []", "plugins: [search]"))
    assert named.build().returncode == 0
    for prefix in ("", "en/"):
        index = json.loads(named.site()[f"{prefix}search/search_index.json"])
        entries = {entry["location"]: entry.get("names") for entry in index["docs"]}
        assert entries == {"": "tiny 小", "#attention": "multiheadattention fsoftmax"}
        assert index["config"]["fields"]["names"]["boost"] > 1000
        assert "數数" in index["config"]["fields"]["names"]["simplified"]
