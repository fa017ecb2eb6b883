"""The book from a folder, in a browser without a network: all that a reader uses works."""

import zipfile
from pathlib import Path

import pytest

from tools import offline

from .test_controls import search
from .test_policy import COUNT


@pytest.fixture(scope="module")
def folder(built, tmp_path_factory) -> Path:
    """Where a reader has unpacked the zip."""
    place = tmp_path_factory.mktemp("a reader's folder")
    offline.pack(offline.contents(built), place / "book.zip")
    with zipfile.ZipFile(place / "book.zip") as archive:
        archive.extractall(place)
    return place


@pytest.fixture
def opened(visit, folder):
    """`opened("en/index.html")`: a reader without a network opens a file of the book."""

    def open_file(name: str, **options):
        shown = visit("about:blank", offline=True, **options)
        shown.page.add_init_script(COUNT)
        shown.page.goto((folder / name).as_uri())
        return shown

    return open_file


def healthy(shown) -> bool:
    """Nothing was complained of or refused, and nothing asked for but files."""
    assert shown.complaints == [] and shown.page.evaluate("refused") == []
    assert {url.partition(":")[0] for url in shown.requests} <= {"file", "data", "about"}
    return True


@pytest.mark.parametrize("prefix", ["", "en/"])
@pytest.mark.parametrize("page", ["", "mechanics/", "mechanics/rounding/", "reference/glossary/"])
def test_a_page_is_whole(opened, prefix, page):
    shown = opened(f"{prefix}{page}index.html")
    shown.page.wait_for_load_state("networkidle")
    background = shown.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == "rgb(252, 251, 248)"  # the book's own style sheet
    if shown.page.locator("math").count():
        fonts = """document.fonts.ready.then(fonts => [...fonts].filter(
          font => font.family.includes("STIX Two Math") && font.status === "loaded").length)"""
        assert shown.page.evaluate(fonts) == 1
    assert healthy(shown)


@pytest.mark.parametrize(("prefix", "words"), [("", "谱范数"), ("en/", "spectral norms")])
@pytest.mark.parametrize("page", ["", "mechanics/rounding/"])
def test_search_finds_and_leads_there(opened, folder, prefix, words, page):
    shown = opened(f"{prefix}{page}index.html")
    shown.page.click("[name=query]")
    first = search(shown.page, words).first
    first.wait_for()
    first.click()
    shown.page.wait_for_url("**/index.html?h=*")
    assert shown.page.url.startswith((folder / prefix).as_uri())
    shown.page.locator("article mark").first.wait_for()
    assert healthy(shown)


def test_language_palette_filter_and_links(opened, folder):
    shown = opened("index.html", color_scheme="light")
    page = shown.page
    page.locator(".palette").click()
    page.locator("body[data-md-color-scheme=slate]").wait_for()
    page.click(".language")
    page.wait_for_url((folder / "en/index.html").as_uri())
    page.locator("body[data-md-color-scheme=slate]").wait_for()  # kept from page to page
    page.locator(".md-tabs__link").nth(3).click()
    page.wait_for_url("**/en/mechanics/index.html")
    page.locator("article dt a").nth(1).click()
    page.wait_for_url("**/en/mechanics/rounding/index.html")
    page.goto((folder / "en/reference/claims/index.html").as_uri())
    page.select_option("[name=verdict]", "wrong")
    page.locator(".claim.correct").first.wait_for(state="hidden")
    assert page.url.endswith("index.html?verdict=wrong")
    assert healthy(shown)


def test_a_path_through_the_book(opened):
    shown = opened("en/index.html")
    shown.page.locator("#path-speed a").click()
    shown.page.wait_for_url("**/en/foundations/products/index.html?path=speed")
    shown.page.locator("nav.path:visible a").last.click()
    shown.page.wait_for_url("**/en/inner-outer/background/index.html?path=speed")
    assert "2 of" in shown.page.locator("nav.path:visible").inner_text()
    assert healthy(shown)


def test_nothing_found_leads_to_the_glossary(opened):
    shown = opened("index.html")
    shown.page.click("[name=query]")
    shown.page.locator(".search-hint a").click()
    shown.page.wait_for_url("**/reference/glossary/index.html")
    assert healthy(shown)


def test_every_link_leads_to_a_file(folder):
    for file in folder.rglob("*.html"):
        for link in offline.LINK.findall(file.read_text(encoding="utf-8")):
            path = link.partition("#")[0].partition("?")[0]
            if path and ":" not in path:
                assert (file.parent / path).is_file(), f"{file}: {link}"


def test_the_zip_depends_on_nothing_but_the_files(tmp_path):
    for name in ("a.zip", "b.zip"):
        offline.pack({"b/a.html": b"<p>", "a": b"\0" * 9999}, tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert zipfile.ZipFile(tmp_path / "a.zip").infolist()[0].date_time == offline.EPOCH


@pytest.mark.parametrize(("link", "file"), [
    ("../", "../index.html"), ("..", "../index.html"), (".", "./index.html"),
    ("a/b/#c", "a/b/index.html#c"), ("a/?x=1/#c", "a/index.html?x=1/#c"),
    ("#c", "#c"), ("?x=/", "?x=/"), ("", ""), ("a.css", "a.css"), ("a/b.html#c/", "a/b.html#c/"),
    ("https://example.org/", "https://example.org/"), ("mailto:a@b/", "mailto:a@b/"),
    ("//example.org/", "//example.org/"),
])  # fmt: skip
def test_links_name_files(link, file):
    assert offline.to_file(link) == file
