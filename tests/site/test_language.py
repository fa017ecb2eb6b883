"""From language to language and back: page, section, place; and one offer, which forces nothing."""

import pytest

from .test_pages import moved

PAGE = "mechanics/rounding/"
# Which heading, block of code or figure stands last above a line in the upper half of the window,
# and how far below its top the line is, as a share of the way to the next.
PLACE = """() => {
  const all = ".md-content :is(h1, h2, h3, h4, .snippet, figure.woven)";
  const tops = [...document.querySelectorAll(all)].filter(mark => !mark.closest("details"))
    .map(mark => mark.getBoundingClientRect().top).concat(document.body.scrollHeight - scrollY);
  const last = tops.findLastIndex(top => top <= innerHeight / 4);
  return last + (innerHeight / 4 - tops[last]) / (tops[last + 1] - tops[last]);
}"""
LOCALES = {"": "en-US", "en/": "zh-CN"}


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize(("here", "there"), [("", "en/"), ("en/", "")])
@pytest.mark.parametrize("down", [0.2, 0.55, 0.9])
def test_the_place_in_the_page_is_kept(visit, below, here, there, width, down):
    page = visit(below + here + PAGE, width=width).page
    page.wait_for_load_state("networkidle")
    page.evaluate("down => scrollTo(0, down * document.body.scrollHeight)", down)
    page.wait_for_timeout(300)
    before = page.evaluate(PLACE)
    page.click(".language")
    page.wait_for_url(f"{below}{there}{PAGE}*")
    page.wait_for_load_state("networkidle")
    assert page.evaluate(PLACE) == pytest.approx(before, abs=0.02)
    page.click(".language")
    page.wait_for_url(f"{below}{here}{PAGE}*")
    page.wait_for_load_state("networkidle")
    assert page.evaluate(PLACE) == pytest.approx(before, abs=0.02)


def test_a_place_is_for_one_arrival(visit, below):
    page = visit(below + PAGE).page
    page.evaluate("scrollTo(0, 3000)")
    page.click(".language")
    page.wait_for_url(f"{below}en/{PAGE}*")
    page.goto(f"{below}en/mechanics/gradients/")
    page.goto(f"{below}en/{PAGE}")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("scrollY") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 320])
@pytest.mark.parametrize("here", LOCALES)
def test_the_other_language_is_offered_once(visit, below, here, width, scheme):
    shown = visit("about:blank", width, locale=LOCALES[here], color_scheme=scheme)
    page, offer = shown.page, shown.page.locator(".offer")
    # A math font that comes after the first paint can break a line: that is not the offer's doing.
    page.route("**/*.woff2", lambda route: route.abort())
    page.goto(below + here + PAGE)
    assert offer.get_attribute("lang") == LOCALES[here][:2]
    assert offer.bounding_box()["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.url == below + here + PAGE and moved(shown) <= 0.01
    page.goto(below + here + "mechanics/")
    assert offer.count() == 0


@pytest.mark.parametrize("here", LOCALES)
def test_the_offer_is_declined_by_keyboard(visit, below, here):
    page = visit(below + here + PAGE, locale=LOCALES[here]).page
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.offer button')"):
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")
    assert page.locator(".offer").count() == 0
    assert page.evaluate("document.activeElement.matches('.language')")
    page.reload()
    assert page.locator(".offer").count() == 0


@pytest.mark.parametrize(("here", "there"), [("", "en/"), ("en/", "")])
def test_the_offer_leads_to_the_same_place(visit, below, here, there):
    page = visit(below + here + PAGE + "#what-holds", locale=LOCALES[here]).page
    page.click(".offer a")
    page.wait_for_url(f"{below}{there}{PAGE}#what-holds")
    assert page.locator(".offer").count() == 0


@pytest.mark.parametrize(("here", "locale"), [("", "zh-TW"), ("en/", "en-GB"), ("", "fr-FR")])
def test_nothing_is_offered_to_whom_the_page_suits(visit, below, here, locale):
    assert visit(below + here + PAGE, locale=locale).page.locator(".offer").count() == 0


def test_whoever_has_used_the_link_knows_of_it(visit, below):
    page = visit(f"{below}en/{PAGE}", locale="en-US").page
    page.click(".language")
    page.wait_for_url(f"{below}{PAGE}*")
    assert page.locator(".offer").count() == 0


def test_nothing_is_offered_where_nothing_can_be_remembered(visit, below):
    shown = visit("about:blank", locale="en-US")
    refuse = "Object.defineProperty(window, '{}', {{ get() {{ throw new Error('refused') }} }})"
    shown.page.add_init_script(refuse.format("sessionStorage"))
    shown.page.add_init_script("Storage.prototype.setItem = () => { throw new Error('refused') }")
    shown.page.goto(below + PAGE)
    assert shown.page.locator(".offer").count() == 0
    assert shown.page.locator(".copy").first.is_visible()  # the rest of the script has run
    shown.page.click(".language")
    shown.page.wait_for_url(f"{below}en/{PAGE}*")
