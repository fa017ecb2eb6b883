"""A term's meaning shows by pointer, keyboard and touch, without scripts, on any screen."""

import pytest
from axe_playwright_python.sync_playwright import Axe

PAGE = "foundations/norms/"
INSIDE = """tip => {
  const box = tip.getBoundingClientRect();
  return box.left >= 0 && box.right <= innerWidth
    && document.documentElement.scrollWidth <= innerWidth;
}"""


def term(page, number: int = 0):
    found = page.locator("article .term").nth(number)
    return found, found.locator("small")


def test_it_shows_while_the_pointer_is_on_the_term_or_on_the_sentence(visit, below):
    page = visit(below + PAGE).page
    link, tip = term(page)
    assert not tip.is_visible()
    link.hover()
    tip.wait_for()
    tip.hover()
    assert tip.is_visible() and tip.inner_text()
    page.locator("h1").hover()
    assert not tip.is_visible()


def test_it_shows_for_the_keyboard_and_escape_takes_it_away(visit, below):
    page = visit(below + PAGE).page
    link, tip = term(page)
    link.focus()
    tip.wait_for()
    page.keyboard.press("Escape")
    assert not tip.is_visible()
    page.keyboard.press("Tab")
    link.focus()
    tip.wait_for()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert PAGE not in page.url


def test_a_touch_shows_it_and_the_second_follows_the_link(visit, below):
    page = visit(below + PAGE, 390, has_touch=True).page
    (link, tip), (other, _) = term(page), term(page, 1)
    goal = link.get_attribute("href")
    other.tap()
    link.tap()
    tip.wait_for()
    assert page.url.endswith(PAGE)
    with page.expect_navigation():
        link.tap()
    assert page.url.endswith(goal.lstrip("./"))


@pytest.mark.parametrize(("language", "palette"), [("", "light"), ("en/", "dark")])
def test_it_fits_a_narrow_screen_and_axe_finds_nothing(visit, below, language, palette):
    page = visit(below + language + PAGE, 320, color_scheme=palette).page
    shown = [number for number in range(page.locator("article .term").count())
             if term(page, number)[0].is_visible()]  # fmt: skip
    assert len(shown) >= 3
    for number in shown:
        link, tip = term(page, number)
        link.focus()
        tip.wait_for()
        assert tip.evaluate(INSIDE)
    broken = Axe().run(page).response["violations"]
    assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in broken] == []


def test_it_needs_no_script_and_does_not_come_on_paper(visit, below):
    page = visit(below + PAGE, 320, java_script_enabled=False).page
    link, tip = term(page)
    link.hover()
    tip.wait_for()
    page.emulate_media(media="print")
    assert not tip.is_visible()
    assert link.evaluate("link => getComputedStyle(link).textDecorationLine") == "none"
