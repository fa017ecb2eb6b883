"""A reader on a path through the book: taken on the front page, followed, left."""

from urllib.parse import parse_qs, urlsplit

import pytest

from weave.reading_paths import read_reading_paths

from .conftest import EDITIONS, ROOT

PATHS = read_reading_paths(ROOT)[0]
PREFIXES = [("", "zh"), ("en/", "en")]


def line(page):
    """The one line that is shown, of all that a page has."""
    return page.locator("nav.path:visible")


@pytest.mark.parametrize(("prefix", "language"), PREFIXES)
def test_a_reader_follows_a_path_and_leaves_it(visit, below, prefix, language):
    shown = visit(below + prefix, width=390)
    page = shown.page
    assert line(page).count() == 0
    path = next(path for path in PATHS if path.id == "speed")
    page.locator("#path-speed a").click()
    for number, name in enumerate(path.pages[:3], 1):
        page.wait_for_url(f"{below}{prefix}{name}/?path=speed")
        said = line(page).inner_text()
        assert path.title[language] in said and str(number) in said and str(len(path.pages)) in said
        line(page).locator("p a").last.click()
    page.wait_for_url(f"{below}{prefix}{path.pages[3]}/?path=speed")
    page.goto(f"{below}{prefix}{path.pages[0]}/")  # by another way: the tab remembers the path
    line(page).locator("button").click()
    assert line(page).count() == 0
    page.goto(f"{below}{prefix}{path.pages[1]}/")
    assert line(page).count() == 0
    assert shown.complaints == []


def test_leaving_takes_the_path_out_of_the_address_and_nothing_else(visit, below):
    page = visit(below + "mechanics/strassen/?path=speed#count").page
    line(page).locator("button").click()
    assert page.url == below + "mechanics/strassen/#count"
    page.reload()
    assert line(page).count() == 0


def test_the_other_language_is_on_the_same_path(visit, below):
    page = visit(below + "mechanics/strassen/?path=speed").page
    page.click(".language")
    page.wait_for_url(below + "en/mechanics/strassen/*")
    assert "Speed" in line(page).inner_text()


def test_the_last_page_has_no_next(visit, below):
    path = PATHS[0]
    page = visit(f"{below}en/{path.pages[-1]}/?path={path.id}").page
    assert line(page).locator("a").count() == 1
    assert f"{len(path.pages)} of {len(path.pages)}" in line(page).inner_text()


def test_an_unknown_path_is_none(visit, below):
    shown = visit(below + 'mechanics/strassen/?path="]x')
    assert line(shown.page).count() == 0 and shown.complaints == []


@pytest.mark.parametrize(("prefix", "language"), PREFIXES)
def test_without_a_script_a_path_is_a_list_of_links(visit, below, prefix, language):
    page = visit(below + prefix, java_script_enabled=False).page
    assert page.locator(".paths > dt").count() == len(PATHS)
    for path, title, entry in zip(
        PATHS, page.locator(".paths > dt").all(), page.locator(".paths > dd").all(), strict=True
    ):
        assert title.inner_text() == path.title[language]
        entry.locator("summary").click()
        links = entry.locator("ol a")
        titles = [titled(language, name) for name in path.pages]
        assert links.all_inner_texts() == titles
        addresses = [urlsplit(link.evaluate("link => link.href")) for link in links.all()]
        assert [f"{x.scheme}://{x.netloc}{x.path}" for x in addresses] == [
            f"{below}{prefix}{name}/" for name in path.pages
        ]
        assert {parse_qs(x.query)["path"][0] for x in addresses} == {path.id}
    page.locator(".paths ol a").first.click()
    assert page.locator("nav.path:visible").count() == 0


def titled(language: str, name: str) -> str:
    pages = EDITIONS[language].pages
    return str((pages.get(f"{name}.md") or pages[f"{name}.py"]).meta["title"])
