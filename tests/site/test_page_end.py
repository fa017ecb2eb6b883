"""What every page says of itself: its last change, how to cite it, what others show of it."""

import html
import re
from urllib.parse import urlsplit

import pytest
import yaml
from PIL import Image

from weave.dates import commit_of, read_dates

from .conftest import BELOW, EDITIONS, PAGES, ROOT
from .test_controls import wait_until

META = re.compile(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">')


def test_the_preview_is_a_small_picture_of_the_size_that_others_expect(built):
    for language in ("zh", "en"):
        file = ROOT / "docs" / language / "assets/preview.png"
        assert file.stat().st_size < 60_000
        assert Image.open(file).size == (1200, 630)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_describes_itself_to_others(built, texts, path):
    text = texts[path]
    found = {name: html.unescape(content) for name, content in META.findall(text)}
    address = f"https://example.org/{BELOW}/"
    assert found["og:url"] == address + path
    assert found["og:title"] == html.unescape(re.search("<title>(.*?)( - .*)?</title>", text)[1])
    assert found["og:description"] == found["description"]
    assert found["twitter:card"] == "summary_large_image"
    language = "en/" if path.startswith("en/") else ""
    assert found["og:image"] == f"{address}{language}assets/preview.png"
    assert (built / urlsplit(found["og:image"]).path.removeprefix(f"/{BELOW}/")).is_file()


def test_titles_and_descriptions_are_each_pages_own(texts):
    seen = {name: [] for name in ("og:title", "og:description")}
    for path, text in texts.items():
        found = dict(META.findall(text))
        for name, values in seen.items():
            values.append((path.startswith("en/"), found[name]))
    for name, values in seen.items():
        assert len(set(values)) == len(values), name


def test_every_page_gives_the_day_of_a_commit_where_there_is_a_history(texts):
    commit = commit_of(ROOT)
    days = set(read_dates(ROOT, commit).days.values())
    for path, text in texts.items():
        given = re.findall(r'<footer class="page-foot">\s*<p>[^<]*<time datetime="([^"]*)"', text)
        assert len(given) == bool(commit) and set(given) <= days, path


@pytest.mark.parametrize("prefix", ["", "en/"])
@pytest.mark.parametrize("width", [1440, 320])
def test_a_page_is_cited_by_keyboard(visit, below, prefix, width):
    page = visit(f"{below}{prefix}mechanics/rounding/", width=width,
                 permissions=["clipboard-read", "clipboard-write"]).page  # fmt: skip
    page.locator(".page-cite summary").focus()
    page.keyboard.press("Enter")
    address = f"https://example.org/{BELOW}/{prefix}mechanics/rounding/"
    copied = []
    for _ in range(2):
        page.evaluate("navigator.clipboard.writeText('')")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        wait_until(page, "navigator.clipboard.readText().then((text) => text !== '')")
        copied.append(page.evaluate("navigator.clipboard.readText()"))
    book = EDITIONS["en" if prefix else "zh"].pages["index.md"].meta["title"]
    assert all(address in text and book in text for text in copied)
    assert copied[1].startswith("@misc{matmul-book-mechanics-rounding,")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_repository_is_cited_as_the_book_is():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    config = (ROOT / "mkdocs.en.yml").read_text(encoding="utf-8")
    for work in (cited, cited["preferred-citation"]):
        assert f"\nsite_name: {work['title']}\n" in config
        (author,) = work["authors"]
        assert f"\nsite_author: {author['name']}\n" in config
    assert " ".join(cited["abstract"].split()).startswith(EDITIONS["en"].pages["index.md"]
                                                          .meta["description"])  # fmt: skip
    names = {"LICENSE": "MIT", "LICENSE-docs": "CC-BY-SA-4.0"}
    assert cited["license"] == list(names.values())
    assert "MIT License" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    words = (ROOT / "LICENSE-docs").read_text(encoding="utf-8")
    assert "Attribution-ShareAlike 4.0 International" in words
