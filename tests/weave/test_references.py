"""References: one entry a work, footnotes made from it, and every mistake found at its place."""

import re

import markdown
import pytest

from weave.check import check_book
from weave.context import Context
from weave.edition import read_edition
from weave.ledger import Ledger
from weave.reference_text import citation
from weave.references import Check, Name, Reference, read_references
from weave.shelf import Shelf

from .conftest import REPOSITORY

H, K = "ledger/references/h.yml", "ledger/references/k.yml"
ZH, EN = "docs/zh/part/topic.md", "docs/en/part/topic.md"
LIST = "docs/en/reference/references.md"
HIGHAM = """\
- id: higham2002
  type: book
  title: Accuracy and Stability
  author:
    - {family: Higham, given: N. J.}
  edition: 2
  publisher: SIAM
  issued: 2002
  checked: {date: 2026-11-22, found: https://example.org/higham}
- id: highammary2019
  type: article-journal
  title: A New Approach
  author:
    - {family: Higham, given: N. J.}
    - {family: Mary, given: T.}
  container-title: SIAM Journal
  volume: 41
  issue: 5
  page: A2815–A2835
  issued: 2019
  DOI: 10.1137/18M1226312
  checked: {date: 2026-11-23, found: https://example.org/mary}
"""
KAHAN = """\
- id: kahan1965
  type: webpage
  title: Further $n$ <remarks>
  URL: https://example.org/kahan
  checked: {date: 2026-11-22, found: https://www.example.org/check}
"""
TEXT = """\
---
title: Two works
description: About two works.
---
# Two works { #top }

First[^kahan1965], then[^highammary2019]: both.

- In a list[^higham2002], and again[^kahan1965].

A note[^own].

[^own]: A note of the page, which names @kahan1965 and mails to a@kahan1965.org.
[^higham2002]: @higham2002, chapter 3.
"""
PAGE = """\
---
title: References
description: All works.
---
# References { #references }

```references
```
"""
FILES = {H: HIGHAM, K: KAHAN, ZH: TEXT, EN: TEXT, LIST: PAGE}


@pytest.fixture
def small(book):
    for path, text in (FILES | {"docs/zh/reference/references.md": PAGE}).items():
        book.write(path, text.encode())
    nav = "nav: [index.md, part/topic.md, reference/references.md]\n"
    for name in ("mkdocs.yml", "mkdocs.en.yml"):
        book.write(name, nav)
    return book


def problems(book) -> list[str]:
    return [str(problem) for problem in check_book(book.root)]


def test_references_without_a_mistake(small):
    assert problems(small) == []


PLANTS = {  # file, old, new, the text on whose line the problem stands, what it says
    "bad YAML": (K, "title: Further $n$", "title: [Further", "  URL", "bad YAML"),
    "no list": (K, KAHAN, "id: kahan1965\n", "id", "the file is no list"),
    "no mapping": (K, KAHAN, "- kahan1965\n", "-", "a reference is no mapping"),
    "unknown field": (H, "  edition:", "  edtion:", "  edtion", "did you mean `edition`?"),
    "no id": (K, "id: kahan1965\n  type", "type", "- type", "a reference lacks `id`"),
    "no title": (K, "  title: Further $n$ <remarks>\n", "", "- id", "lacks `title`"),
    "never looked up, and silent": (
        K, KAHAN[KAHAN.index("  checked") :], "", "- id", "lacks `checked`"),
    "no publisher": (
        H, "  publisher: SIAM\n", "", "- id: higham2002", "of type book, but lacks `publisher`"),
    "no journal": (
        H, "  container-title: SIAM Journal\n", "", "- id: highammary", "lacks `container-title`"),
    "no year": (H, "  issued: 2019\n", "", "- id: highammary", "but lacks `issued`"),
    "no author": (
        H, "  author:\n    - {family: Higham, given: N. J.}\n  edition", "  edition",
        "- id: higham2002", "lacks `author`"),
    "no address": (K, "  URL: https://example.org/kahan\n", "", "- id", "lacks `URL`"),
    "unknown type": (H, "type: book", "type: boook", "  type: boook", "did you mean `book`?"),
    "author who is no list": (
        H, "author:\n    - {family: Higham, given: N. J.}\n  ed", "author: Higham\n  ed",
        "  author: Higham", "`author` is no list"),
    "name without initials": (
        H, "{family: Mary, given: T.}", "{family: Mary}", "    - {family: Mary", "lacks `given`"),
    "name in one": (H, "- {family: Mary, given: T.}", "- T. Mary", "    - T. Mary", "a name is no"),
    "id of another form": (
        K, "id: kahan1965", "id: Kahan-1965", "- id", "belongs in ledger/references/K.yml"),
    "bad year": (H, "issued: 2019", "issued: in 2019", "  issued: in", "is no issued"),
    "hyphen between pages": (H, "A2815–A", "A2815-A", "  page", "two with an en dash"),
    "DOI with its address": (
        H, "DOI: 10", "DOI: https://doi.org/10", "  DOI", "without the address"),
    "bad address": (K, "https://example.org/kahan", "example.org", "  URL", "is no URL"),
    "bad date": (H, "date: 2026-11-22", "date: 2026-11-31", "  checked: {", "is no date"),
    "date of another form": (
        H, "date: 2026-11-22", "date: 22 November 2026", "  checked: {", "is no date"),
    "looked up too early": (
        H, "date: 2026-11-22", "date: 1999-11-22", "  checked: {", "before it appeared"),
    "found nowhere": (H, "found: https://example.org/higham", "found: memory", "  checked: {",
        "`memory` is no found"),
    "check without a date": (
        H, "{date: 2026-11-22, found", "{found", "  checked: {", "`checked` lacks `date`"),
    "never looked up": (
        K, "{date: 2026-11-22, found: https://www.example.org/check}", "null", "- id",
        "nobody has looked up `kahan1965`"),
    "twice in a file": (
        H, "id: highammary2019", "id: higham2002", "- id: higham2002\n  type: article",
        "already in ledger/references/h.yml:1"),
    "out of order": (
        H, "id: highammary2019", "id: hales1998", "- id: hales", "comes before `higham2002`"),
    "another letter's": (
        H, "id: highammary2019", "id: mary2019", "- id: mary", "belongs in ledger/references/m"),
    "cited nowhere": (
        H, "id: highammary2019", "id: highham2019", "- id: highham", "no page cites `highham2019`"),
    "unknown key": (
        EN, "[^highammary2019]", "[^highammary2018]", "First", "did you mean `highammary2019`?"),
    "unknown key in a note": (
        EN, "@higham2002", "@higham2003", "[^higham2002]:", "has no `@higham2003`; did you mean"),
    "reference repeated on a page": (
        EN, "@higham2002, chapter 3", "N. J. Higham, 2002", "[^higham2002]:",
        "stands in ledger/references/h.yml:1: remove this line"),
    "note that nobody uses": (EN, "A note[^own]", "A note", "[^own]", "nothing refers to"),
    "not listed": (LIST, "```references\n```\n", "", "---", "here belongs a `references` fence"),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTS)
def test_the_planted_mistake_is_found(small, name):
    file, old, new, on, says = PLANTS[name]
    assert FILES[file].count(old) == 1
    text = FILES[file].replace(old, new)
    small.write(file, text.encode())
    found = problems(small)
    line = text.partition(on)[0].count("\n") + 1
    assert [p for p in found if p.startswith(f"{file}:{line}: ") and says in p], found


def test_how_often_a_page_cites_a_work_is_a_matter_of_style(small):
    small.write(EN, TEXT.replace(", and again[^kahan1965]", "").encode())
    assert problems(small) == []


def test_a_work_that_only_one_language_cites_is_found(small):
    small.write(EN, TEXT.replace(", then[^highammary2019]: both", "").encode())
    assert any("no footnote `[^highammary2019]` here" in p for p in problems(small))


def test_a_book_may_cite_nothing(book):
    assert not any("reference" in p for p in problems(book))


# What a reader sees


def convert(book, language: str, page: str) -> str:
    pages = read_edition(book.root, language, "").pages
    references = read_references(book.root)[0]
    shelf = Shelf(Ledger(), language, pages, book.root, references=references)
    context = Context(book.root, language, f"docs/{language}/{page}.md", shelf=shelf)
    html = markdown.markdown(
        pages[f"{page}.md"].body,
        extensions=["attr_list", "footnotes", "pymdownx.superfences", "weave.markdown"],
        extension_configs={"weave.markdown": {"context": context}},
    )
    assert not context.problems
    return html


def notes(html: str) -> list[tuple[str, str]]:
    """Each footnote's name and HTML, in the order in which they are numbered."""
    found = re.findall(r'<li id="fn:(\w+)">\s*<p>(.*?)</p>\s*</li>', html, re.DOTALL)
    return [(name, text.partition("&#160;")[0]) for name, text in found]


def test_footnotes_are_made_from_the_entries_and_numbered_as_the_text_uses_them(small):
    html = convert(small, "en", "part/topic")
    shown = dict(notes(html))
    assert [*shown] == ["kahan1965", "highammary2019", "higham2002", "own"]
    assert re.findall(r'href="#fn:(\w+)">(\d)</a>', html) == [
        ("kahan1965", "1"), ("highammary2019", "2"), ("higham2002", "3"), ("kahan1965", "1"),
        ("own", "4"),
    ]  # fmt: skip
    assert shown["higham2002"] == (
        "N. J. Higham, <em>Accuracy and Stability</em>, 2nd ed., SIAM, 2002, chapter 3."
    )
    assert shown["highammary2019"] == (
        "N. J. Higham, T. Mary, “A New Approach”, <em>SIAM Journal</em> 41(5), 2019, A2815–A2835, "
        '<a href="https://doi.org/10.1137/18M1226312">doi:10.1137/18M1226312</a>.'
    )
    link, math = '<a href="https://example.org/kahan">“Further ', "<math><mi>n</mi></math>"
    assert shown["kahan1965"].startswith(f"{link}{math}") and shown["kahan1965"].endswith("”</a>.")
    assert f"which names {link}" in shown["own"] and "a@kahan1965.org" in shown["own"]


def test_a_chinese_footnote_differs_in_its_words_alone(small):
    shown = dict(notes(convert(small, "zh", "part/topic")))
    assert ", 第 2 版, SIAM, 2002, chapter 3." in shown["higham2002"]
    english = dict(notes(convert(small, "en", "part/topic")))
    assert shown["highammary2019"] == english["highammary2019"]


def entry(kind: str, authors: str = "A. Author", editors: str = "", **plain: str) -> Reference:
    fields = {name.replace("_", "-"): text for name, text in plain.items()}
    return Reference("a1", kind, "Title", people(authors), people(editors), None, fields)


def people(names: str) -> list[Name]:
    return [Name(*name.split()[::-1]) for name in names.split(", ") if name]


MANY = ", ".join(f"{letter}. Author" for letter in "ABCDEFGHI")
FORMS = [
    (entry("article", issued="2020", URL="https://arxiv.org/abs/2001.08361"),
     'A. Author, “Title”, 2020, <a href="https://arxiv.org/abs/2001.08361">arXiv:2001.08361</a>'),
    (entry("paper-conference", container_title="ICML", issued="2019", page="1–9"),
     "A. Author, “Title”, <em>ICML</em> 2019, 1–9"),
    (entry("chapter", container_title="A & B", publisher="Wiley", issued="1957"),
     "A. Author, “Title”, <em>A &amp; B</em>, Wiley, 1957"),
    (entry("report", number="Report 152", publisher="GMD", issued="2001"),
     "A. Author, <em>Title</em>, GMD, Report 152, 2001"),
    (entry("thesis", publisher="Stanford University", issued="2026"),
     "A. Author, <em>Title</em>, doctoral thesis, Stanford University, 2026"),
    (entry("book", "", "E. Editor, F. Editor", publisher="P", issued="1984", edition="3"),
     "E. Editor, F. Editor (eds.), <em>Title</em>, 3rd ed., P, 1984"),
    (entry("book", "", "E. Editor", publisher="P", issued="1984"),
     "E. Editor (ed.), <em>Title</em>, P, 1984"),
    (entry("webpage", "OpenAI", URL="https://example.org/?a=1&b=2"),
     'OpenAI, <a href="https://example.org/?a=1&amp;b=2">“Title”</a>'),
    (entry("book", "A. Author, others", publisher="P", issued="1984"),
     "A. Author et al., <em>Title</em>, P, 1984"),
    (entry("book", MANY.removesuffix(", I. Author"), publisher="P", issued="1984"),
     MANY.removesuffix(", I. Author") + ", <em>Title</em>, P, 1984"),
    (entry("book", MANY, publisher="P", issued="1984"),
     "A. Author et al., <em>Title</em>, P, 1984"),
]  # fmt: skip


@pytest.mark.parametrize(("reference", "shown"), FORMS)
def test_each_type_has_its_form(reference, shown):
    assert citation(reference, "en") == shown
    words = {"et al.": "等", "(eds.)": "编", "(ed.)": "编", "doctoral thesis": "博士论文",
             "3rd ed.": "第 3 版"}  # fmt: skip
    for english, chinese in words.items():
        shown = shown.replace(english, chinese)
    assert citation(reference, "zh") == shown


def test_the_list_names_each_work_with_the_pages_that_cite_it(small):
    small.write(K, re.sub("checked: .*", "checked: null", KAHAN).encode())
    html = convert(small, "en", "reference/references")
    assert re.findall(r'<h2 id="(\w)">', html) == ["h", "k"]
    items = dict(re.findall(r'<li id="(\w+)">(.*?)</li>', html))
    assert [*items] == ["higham2002", "highammary2019", "kahan1965"]
    back = 'Cited in <a href="../../part/topic/#fnref:{}">Two works</a> · '
    looked_up = 'looked up 2026-11-22: <a href="https://example.org/higham">example.org</a>'
    assert back.format("higham2002") + looked_up in items["higham2002"]
    assert back.format("kahan1965") + "not looked up yet" in items["kahan1965"]
    assert 'id="fnref:higham2002"' in convert(small, "en", "part/topic")


def test_the_list_says_of_which_work_no_record_was_found(small):
    small.write(K, re.sub("found: .*}", "found: nowhere}", KAHAN).encode())
    assert "looked for 2026-11-22, no record found" in convert(
        small, "en", "reference/references"
    )
    assert not [problem for problem in check_book(small.root) if "kahan" in problem.message]


def test_a_note_of_another_name_cites_the_works_that_it_names(small):
    text = TEXT.replace(", then[^highammary2019]", "")
    text = text.replace("names @", "names @highammary2019, @")
    for path in (ZH, EN):
        small.write(path, text.encode())
    assert problems(small) == []
    html = convert(small, "en", "reference/references")
    (item,) = re.findall(r'<li id="highammary2019">(.*?)</li>', html)
    assert 'href="../../part/topic/#fnref:own"' in item


def test_a_page_depends_on_the_works_that_it_cites_and_on_no_others(small):
    pages = read_edition(small.root, "en", "").pages
    shelf = Shelf(pages=pages, references=read_references(small.root)[0])

    def shown() -> list[str]:
        names = ("part/topic.md", "index.md", "reference/references.md")
        return [shelf.shown_on(name, pages[name]) for name in names]

    before = shown()
    checked = Check("2027-01-01", "https://example.org")
    kahan = shelf.references["kahan1965"]._replace(checked=checked)
    shelf.references = shelf.references | {"kahan1965": kahan}
    assert [a == b for a, b in zip(before, shown(), strict=True)] == [False, True, False]


def test_the_book_s_own_references_are_read_without_a_problem():
    references, wrong = read_references(REPOSITORY)
    assert wrong == [] and len(references) > 300
