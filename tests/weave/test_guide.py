"""The page of contributors is the guide in the repository, and changes with it."""

from types import SimpleNamespace

import markdown
import pytest

from weave import building
from weave.check import check_book
from weave.context import Context
from weave.edition import read_edition
from weave.shelf import Shelf

FRONT = "---\ntitle: Contributing\ndescription: How to.\n---\n"
PAGE = FRONT + "# Contributing { #contributing }\n\n```guide\n```\n"
ENGLISH = """\
# Writing

[中文](CONTRIBUTING.zh.md) · The [README](README.md) is elsewhere.

You may begin. See [the `ledger`](ledger/words.yml) and [others](https://example.org/a).

## The tests, first

A value is `{{ part.topic.x:.1f }}`, a link `[x](gone.md)`.

````
```snippet
part/topic.py:region
[x](gone.md)
```
````
"""
CHINESE = """\
# 写作

[English](CONTRIBUTING.md) · 另见 [README](README.md)。

动手吧。见[账](ledger/words.yml)和[别处](https://example.org/a)。

## 先写测试

值写作 `{{ part.topic.x:.1f }}`，链接写作 `[x](gone.md)`。
"""
LINK = "https://example.org/blob/main/{path}"


@pytest.fixture
def guided(book):
    """A small book with a guide in each language."""
    book.write("README.md", "Read me.\n")
    book.write("ledger/words.yml", "[]\n")
    book.write("CONTRIBUTING.md", ENGLISH)
    book.write("CONTRIBUTING.zh.md", CHINESE)
    book.page(PAGE)
    return book


def shelf(book, language: str = "en", link: str = LINK) -> Shelf:
    pages = read_edition(book.root, language, "").pages
    return Shelf(language=language, pages=pages, root=book.root, link=link)


def shown(book, language: str = "en", link: str = LINK) -> str:
    path = f"docs/{language}/index.md"
    context = Context(book.root, language, path, shelf=shelf(book, language, link))
    html = markdown.markdown(
        PAGE.removeprefix(FRONT),
        extensions=["attr_list", "pymdownx.superfences", "weave.markdown"],
        extension_configs={"weave.markdown": {"context": context}},
    )
    assert context.problems == []
    return html


def problems(book) -> list[str]:
    return [str(problem) for problem in check_book(book.root)]


def test_the_page_is_the_guide_below_its_opening(guided):
    html = shown(guided)
    assert "<p>You may begin." in html and "<code>{{ part.topic.x:.1f }}</code>" in html
    assert "Writing" not in html and "elsewhere" not in html
    assert html.count("<h1") == 1 and "part/topic.py:region" in html
    assert problems(guided) == []


def test_headings_have_the_english_ids_in_both_languages(guided):
    assert '<h2 id="the-tests-first">The tests, first</h2>' in shown(guided)
    assert '<h2 id="the-tests-first">先写测试</h2>' in shown(guided, "zh")


def test_links_to_files_lead_to_the_repository(guided):
    html = shown(guided)
    file = LINK.format(path="ledger/words.yml")
    assert f'<a href="{file}">the <code>ledger</code></a>' in html
    assert '<a href="https://example.org/a">others</a>' in html
    assert html.count("<a ") == 2 and html.count("[x](gone.md)") == 2  # code stays


def test_without_an_address_the_file_is_named(guided):
    html = shown(guided, "zh", link="")
    assert "见<code>ledger/words.yml</code>和" in html
    assert html.count("<a ") == 1


def test_the_page_is_made_again_when_either_guide_changes(guided):
    guided.write("docs/en/other.md", FRONT + "# Other { #other }\n")

    def seen(name: str) -> str:
        kept = shelf(guided)
        return kept.shown_on(name, kept.pages[name])

    before = seen("index.md"), seen("other.md")
    guided.write("CONTRIBUTING.md", ENGLISH.replace("You may", "You can"))
    assert seen("index.md") != before[0] and seen("other.md") == before[1]


def test_a_build_shows_the_guide_as_it_is_now(guided):
    assert (first := guided.build()).returncode == 0, first.stdout
    assert "You may begin." in guided.site()["en/index.html"].decode()
    assert 'href="#the-tests-first"' in guided.site()["index.html"].decode()  # in the contents
    guided.write("CONTRIBUTING.md", ENGLISH.replace("You may", "You can"))
    assert (second := guided.build()).returncode == 0, second.stdout
    assert "You can begin." in guided.site()["en/index.html"].decode()


@pytest.mark.parametrize(
    "name, old, new, said",
    [
        ("CONTRIBUTING.zh.md", "## 先写测试", "### 先写测试", "CONTRIBUTING"),
        ("CONTRIBUTING.md", "ledger/words", "ledger/word", "CONTRIBUTING.md:5: there is no file"),
        ("CONTRIBUTING.md", "](README", "](../README", "CONTRIBUTING.md:3: there is no file"),
        ("CONTRIBUTING.md", "(CONTRIBUTING.zh.md)", "(README.md)", "CONTRIBUTING.md:1: begin"),
        ("CONTRIBUTING.md", "# Writing\n\n", "# Writing\n", "CONTRIBUTING.md:1: begin"),
        ("CONTRIBUTING.zh.md", "# 写作", "## 写作", "CONTRIBUTING.zh.md:1: begin"),
        ("CONTRIBUTING.md", "````\n", "", "CONTRIBUTING.md:"),
        ("CONTRIBUTING.zh.md", "动手吧。", "动手吧 。", "CONTRIBUTING.zh.md:5:"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_guide_is_said(guided, name, old, new, said):
    text = ENGLISH if name == "CONTRIBUTING.md" else CHINESE
    guided.write(name, text.replace(old, new, 1))
    assert any(problem.startswith(said) for problem in problems(guided)), problems(guided)


def test_no_two_headings_have_the_same_id(guided):
    for name, text in (("CONTRIBUTING.md", ENGLISH), ("CONTRIBUTING.zh.md", CHINESE)):
        guided.write(name, text + "\n## The tests: first\n")
    found = problems(guided)
    assert [p.partition(": ")[2][:43] for p in found] == [
        "two headings have the id `the-tests-first`:"
    ] * 2


def test_a_page_cannot_show_a_guide_that_is_not_there(guided):
    (guided.root / "CONTRIBUTING.zh.md").unlink()
    assert "docs/zh/index.md:7: there is no CONTRIBUTING.zh.md to be shown here" in problems(guided)


def test_serving_follows_both_guides(guided):
    watched: list[str] = []
    config = SimpleNamespace(config_file_path=str(guided.root / "mkdocs.yml"))
    server = SimpleNamespace(watch=watched.append)
    assert building.on_serve(server, config=config, builder=None) is server
    names = ["CONTRIBUTING.md", "CONTRIBUTING.zh.md"]
    assert sorted(watched) == [str(guided.root / name) for name in names]
