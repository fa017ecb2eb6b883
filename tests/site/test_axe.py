"""What axe-core finds on each kind of page, in both palettes, on a screen and on a phone: nothing.

WCAG 2.2 AA and axe's best practices. A chapter takes it some seconds, so each kind stands for all.
"""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

KINDS = {
    "home": "",
    "opener": "mechanics/",
    "chapter with a figure to try": "foundations/products/",
    "lab": "labs/sharded-matmul/",
    "references": "reference/machines/",
    "guide": "reference/contributing/",
}
SCREENS = [(1440, "light"), (390, "dark")]


def found(page) -> list[tuple]:
    """Each rule that is broken, and where."""
    broken = Axe().run(page).response["violations"]
    return [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in broken]


@pytest.mark.parametrize(("width", "palette"), SCREENS)
@pytest.mark.parametrize("language", ["", "en/"])
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_axe_finds_nothing(visit, below, kind, language, width, palette):
    shown = visit(f"{below}{language}{kind}", width, color_scheme=palette)
    assert found(shown.page) == []


@pytest.mark.parametrize(("width", "palette"), SCREENS)
def test_axe_finds_nothing_on_the_page_for_what_is_not_there(visit, below, width, palette):
    assert found(visit(f"{below}nowhere/at/all/", width, color_scheme=palette).page) == []


@pytest.mark.parametrize("language", ["", "en/"])
def test_axe_finds_nothing_in_the_search(visit, below, language):
    page = visit(f"{below}{language}").page
    page.locator("input.md-search__input").fill("softmax")
    page.locator(".md-search-result__item").first.wait_for()
    assert found(page) == []


@pytest.mark.parametrize("language", ["", "en/"])
def test_axe_finds_nothing_in_the_drawer(visit, below, language):
    page = visit(f"{below}{language}mechanics/", 390).page
    page.locator("label.md-header__button[for=__drawer]").click()
    page.evaluate("Promise.all(document.getAnimations().map((moving) => moving.finished))")
    assert found(page) == []


def test_axe_sees_what_is_wrong(visit, below):
    """Or nothing found would mean nothing."""
    page = visit(below).page
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=x>')")
    assert "image-alt" in [rule for rule, _ in found(page)]


def test_every_column_of_every_table_has_a_name(texts):
    """The one thing that axe has found on pages that stand for no kind; it reads no formulas."""
    empty = re.compile(r"<th[^>]*>\s*(<math.*</math>\s*)?</th>")
    assert [path for path, text in texts.items() if empty.search(text)] == []
