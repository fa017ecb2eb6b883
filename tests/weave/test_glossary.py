"""The glossary: each mistake in it, and each word it rules out, is found where it can be mended."""

import re

import markdown
import pytest

from weave.check import check_book
from weave.context import Context
from weave.edition import read_edition
from weave.glossary import GLOSSARY, read_glossary
from weave.clean import Clean
from weave.glossary_check import check_glossary
from weave.pages import state
from weave.shelf import Shelf

from .conftest import REPOSITORY

TERMS = """\
- zh: 单位阵
  en: identity matrix
  page: part/topic#top
  says:
    zh: 对角线上是 1，记作 $I$。
    en: Ones on the diagonal, written $I$.
  not: {zh: [单位矩阵], en: [unit matrix]}
- zh: 逐元素
  en: elementwise
  page: part/topic#more
  says:
    zh: 每处各算各的。
    en: Each place for itself.
  not: {en: [element-wise]}
- zh: 别名
  en: another name
  page: other/topic#top
  says:
    zh: 另一个名字。
    en: Another one.
"""
CHINESE = """\
---
title: 两个词
description: 讲两个词。
---
# 两个词 { #top }

单位阵是“单位矩阵”的别名。

## 逐元素 { #more }

```snippet
part/topic.py:a
figures:
  - alt: 一条线
    caption: 逐元素相乘
    labels: {line: 线}
```

[^note]: A. Author, “On the unit matrix”.
"""
ENGLISH = """\
---
title: Two words
description: About two words.
---
# Two words { #top }

An identity matrix, in another name “unit matrix”; `element-wise` is code.[^note]

## Elementwise { #more }

Elementwise [text](topic.md#element-wise) goes on, $\\text{element-wise}$ too.

```snippet
part/topic.py:a
figures:
  - alt: a line
    caption: Elementwise product
    labels: {element-wise: elementwise}
```

[^note]: A. Author, “On the unit matrix” and element-wise products.
"""
PAGE = """\
---
title: Glossary
description: All terms.
---
# Glossary { #glossary }

```glossary
```
"""
INDEX = "---\ntitle: {0}\ndescription: Part.\n---\n# {0} {{ #{0} }}\n"
ZH, EN, SHOWN = "docs/zh/part/topic.md", "docs/en/part/topic.md", "docs/en/reference/glossary.md"
FILES = {
    GLOSSARY: TERMS,
    ZH: CHINESE,
    EN: ENGLISH,
    "docs/zh/reference/glossary.md": PAGE,
    SHOWN: PAGE,
}
NAV = ("index", "other/index", "other/topic", "part/index", "part/topic", "reference/glossary")


@pytest.fixture
def small(book):
    for language in ("zh", "en"):
        for part in ("part", "other"):
            book.write(f"docs/{language}/{part}/index.md", INDEX.format(part))
    book.write("docs/zh/other/topic.md", CHINESE)
    book.write("docs/en/other/topic.md", ENGLISH)
    for path, text in FILES.items():
        book.write(path, text.encode())
    nav = f"nav: [{', '.join(f'{name}.md' for name in NAV)}]\n"
    for name in ("mkdocs.yml", "mkdocs.en.yml"):
        book.write(name, nav)
    return book


def problems(book) -> list[str]:
    """Those that say something of the glossary: the chapters' other parts do not match."""
    words = ("glossary", "is not the book's word")
    return [said for said in map(str, check_book(book.root)) if any(word in said for word in words)]


def test_a_glossary_without_a_mistake(small):
    assert problems(small) == []


def test_a_book_may_have_no_glossary(book):
    assert problems(book) == []


PLANTS = {  # file, old, new, the text on whose line the problem stands, what it says
    "bad YAML": (GLOSSARY, "{en: [element-wise]}", "{en: [", "- zh: 别名", "bad YAML"),
    "no list": (GLOSSARY, TERMS, "zh: 别名\n", "zh", "the file is no list"),
    "empty": (GLOSSARY, TERMS, "# none\n", "#", "the file is empty"),
    "no mapping": (GLOSSARY, TERMS, "- 别名\n", "-", "a term is no mapping"),
    "unknown field": (GLOSSARY, "not: {en", "nto: {en", "  nto", "did you mean `not`?"),
    "missing name": (GLOSSARY, "  en: another name\n", "", "zh: 别名", "lacks `en`"),
    "missing page": (GLOSSARY, "  page: other/topic#top\n", "", "zh: 别名", "lacks `page`"),
    "no language": (GLOSSARY, "not: {en:", "not: {fr:", "  not: {fr", "`not` has no field `fr`"),
    "sentence in one language": (
        GLOSSARY, "    en: Another one.\n", "", "    zh: 另一个名字。", "`says` lacks `en`"),
    "empty sentence": (GLOSSARY, "en: Another one.", "en:", "    en:\n", "`en` is not a text"),
    "no such page": (GLOSSARY, "other/topic#", "othre/topic#", "  page: othre", "no docs/en/othre"),
    "no such heading": (
        GLOSSARY, "topic#more", "topic#mroe", "  page: part/topic#mroe", "did you mean `more`?"),
    "page without heading": (
        GLOSSARY, "other/topic#top", "other/topic", "  page: other", "write `part/page#heading`"),
    "Chinese name twice": (
        GLOSSARY, "zh: 别名", "zh: 逐元素", "- zh: 逐元素\n  en: another", "already on line 8"),
    "English name twice": (
        GLOSSARY, "en: another name", "en: Elementwise", "  en: Elementwise", "already on line 9"),
    "expression without the name": (
        GLOSSARY, "  not: {en: [e", "  except: {en: [wise]}\n  not: {en: [e", "  exc", "no longer"),
    "expression that is the name": (
        GLOSSARY, "  not: {en: [e", "  except: {zh: [逐元素]}\n  not: {en: [e", "  exc", "longer"),
    "everyday elsewhere": (
        GLOSSARY, "  not: {en: [e", "  everyday: fr\n  not: {en: [e", "  everyday", "no language"),
    "name ruled out": (
        GLOSSARY, "[element-wise]", "[another name]", "  not: {en", "but a term on line 16"),
    "formula in one language": (
        GLOSSARY, "，记作 $I$", "", "    zh: 对角", "no formula `I` here"),
    "bad formula": (GLOSSARY, "written $I$", "written $\\frc$", "    en: Ones", "formula"),
    "link": (GLOSSARY, "Another one", "See [one](a.md)", "    en: See [", "no link can stand here"),
    "value": (GLOSSARY, "Another one", "Say {{ a.b.c }}", "    en: Say", "no value can stand"),
    "word ruled out in a sentence": (
        GLOSSARY, "Another one", "Unit matrix", "    en: Unit", "write `identity matrix`"),
    "term that its page does not say": (
        GLOSSARY, "en: another name", "en: alias", "  en: alias", "never says `alias`"),
    "prose": (EN, "in another name", "a unit matrix, another name", "An identity", "`unit matrix`"),
    "plural at the line's end": (
        EN, "An identity", "Unit\nmatrixes: an identity", "Unit", "`Unit matrixes`"),
    "Chinese prose": (ZH, "单位阵是", "单位阵即单位矩阵，是", "单位阵", "write `单位阵`"),
    "heading": (EN, "## Elementwise", "## Element-wise", "## Element", "write `elementwise`"),
    "link text": (EN, "[text]", "[element-wise]", "Elementwise [", "write `elementwise`"),
    "caption": (EN, "Elementwise product", "Element-wise", "```snippet", "write `elementwise`"),
    "alt": (ZH, "alt: 一条线", "alt: 单位矩阵", "```snippet", "write `单位阵`"),
    "label": (ZH, "line: 线", "line: 单位矩阵", "```snippet", "write `单位阵`"),
    "title": (EN, "title: Two words", "title: Unit matrix", "---", "write `identity matrix`"),
    "description": (EN, "About two", "Element-wise", "---", "write `elementwise`"),
    "no page": (SHOWN, "```glossary\n```\n", "", "---", "here belongs a `glossary` fence"),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTS)
def test_the_planted_mistake_is_found(small, name):
    file, old, new, on, says = PLANTS[name]
    assert FILES[file].count(old) == 1
    text = FILES[file].replace(old, new)
    small.write(file, text.encode())
    line = text.partition(on)[0].count("\n") + 1
    found = problems(small)
    assert [p for p in found if p.startswith(f"{file}:{line}: ") and says in p], found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("An identity", "A unit and a matrix. An identity"),
        ("An identity", "Non-element-wise-like. An identity"),
        ("“unit matrix”", "“a unit matrix, they say”"),
        ("$\\text", "$\\text{unit matrix}\\text"),
        ("topic.md#element", "unit.md#unit-matrix-element"),
        ("## Elementwise { #more", "## Elementwise { .element-wise #more"),
        ("a line", "a longer line"),
        ("{element-wise:", "{unit matrix: none, element-wise:"),
        ("On the unit", "On a second unit matrix and the unit"),
    ],
)
def test_harmless_edits_pass(small, old, new):
    assert ENGLISH.count(old) == 1
    small.write(EN, ENGLISH.replace(old, new).encode())
    assert problems(small) == []


def test_terms_may_change(small):
    text = TERMS.replace("另一个名字", "换个说法").replace(", en: [unit matrix]", "")
    small.write(GLOSSARY, text.encode())
    assert problems(small) == []


def convert(book, language: str) -> str:
    pages = read_edition(book.root, language, "").pages
    shelf = Shelf(language=language, pages=pages, root=book.root)
    shelf.terms = read_glossary(book.root)[0]
    path = f"docs/{language}/reference/glossary.md"
    context = Context(book.root, language, path, shelf=shelf)
    html = markdown.markdown(
        pages["reference/glossary.md"].body,
        extensions=["attr_list", "pymdownx.superfences", "weave.markdown"],
        extension_configs={"weave.markdown": {"context": context}},
    )
    assert not context.problems
    return html


def test_english_terms_stand_in_the_order_of_the_alphabet(small):
    html = convert(small, "en")
    assert re.findall('<dt id="([^"]*)"', html) == [
        "another-name", "elementwise", "identity-matrix"
    ]  # fmt: skip
    assert re.findall('<h2 id="([^"]*)">(.)</h2>', html) == [("a", "A"), ("e", "E"), ("i", "I")]


def test_chinese_terms_stand_in_the_order_of_the_nav_and_of_the_page(small):
    html = convert(small, "zh")
    shown = re.findall('<(?:dt|h2) id="([^"]*)"', html)
    assert shown == ["other", "another-name", "part", "identity-matrix", "elementwise"]


def test_a_term_is_shown_with_its_translation_its_sentence_and_its_place(small):
    html = convert(small, "zh")
    assert '<dt id="identity-matrix">单位阵 <span lang="en">identity matrix</span></dt>' in html
    (said,) = re.findall('<dt id="elementwise">.*?</dt><dd>(.*?)</dd>', html)
    assert said.startswith("每处各算各的。见<a") and said.endswith("。")
    assert '<a href="../../part/topic/#more">逐元素</a>' in said
    assert "<math" in html and "单位矩阵" not in html


def test_an_exercise_is_linked_by_its_number(small):
    small.write("docs/zh/other/topic.md", CHINESE.replace("# 两个词", "# 1. 两个词").encode())
    html = convert(small, "zh")
    assert '<a href="../../other/topic/#top">1. 两个词</a>' in html and "<ol>" not in html


def test_only_pages_that_show_the_glossary_depend_on_terms_that_they_do_not_use(small):
    shelf = Shelf(pages=read_edition(small.root, "en", "").pages)
    names = ("reference/glossary.md", "part/index.md")
    before = [shelf.shown_on(name, shelf.pages[name]) for name in names]
    shelf.terms = read_glossary(small.root)[0]
    after = [shelf.shown_on(name, shelf.pages[name]) for name in names]
    assert before[0] != after[0] and before[1] == after[1]
    root = small.root
    one, other = (state(root, [], root / "overrides", [name]) for name in ("单位阵", "矩阵"))
    assert one != other


def test_the_book_calls_each_thing_by_its_name(tmp_path):
    terms, wrong = read_glossary(REPOSITORY)
    assert wrong == [] and len(terms) >= 90
    assert sum(bool(term.variants) for term in terms) >= 30
    editions = [read_edition(REPOSITORY, language, "") for language in ("zh", "en")]
    assert list(check_glossary(REPOSITORY, editions, Clean(tmp_path))) == []
