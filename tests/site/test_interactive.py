"""The interactive figures: what a reader can do, and that their numbers are those of the run."""

import math
import re

import pytest

from .conftest import Visit

FIGURES = {
    "plane": "mechanics/geometry/", "cube": "foundations/products/",
    "power": "language/two-rulers/",
}  # fmt: skip
CONTROLS = ".live :is(input, button, select)"
MAPS = ("identity", "rotation", "stretch", "shear", "reflection", "projection")
# Each control of the figure: whether it has a name, and an outline while it has the focus.
REACHED = """box => {
  const control = document.activeElement;
  return box.contains(control) && [
    control.labels?.[0]?.textContent.trim() || control.textContent.trim(),
    getComputedStyle(control).outlineStyle,
  ];
}"""


def minus(text: str) -> str:
    return text.replace("\u2212", "-")


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", minus(text))]


@pytest.fixture
def figure(visit, below):
    """`figure(name, prefix, query)`: the page of that figure, scrolled to it."""

    def open_page(name: str, prefix: str = "", query: str = "", **options) -> Visit:
        shown = visit(below + prefix + FIGURES[name] + query, **options)
        shown.page.locator(f"[data-interactive={name}]").scroll_into_view_if_needed()
        return shown

    return open_page


def readout(shown: Visit) -> dict[str, str]:
    places = shown.page.locator("[data-value]").all()
    return {place.get_attribute("data-value"): place.inner_text() for place in places}


def state(shown: Visit) -> str:
    """All that the figure says and draws."""
    return shown.page.locator(".live").evaluate(
        "box => box.textContent + [...box.querySelectorAll('[d]')].map(p => p.getAttribute('d'))"
        "+ [...box.querySelectorAll('input')].map(i => i.value + i.checked)"
    )


@pytest.mark.parametrize("prefix", ["", "en/"])
@pytest.mark.parametrize("name", FIGURES)
def test_it_stands_in_the_drawings_place_on_screens_alone(figure, name, prefix):
    shown = figure(name, prefix)
    page, drawing = shown.page, f"[data-interactive={name}] > .woven-scroll"
    assert page.locator(".live").is_visible() and not page.locator(drawing).is_visible()
    title = page.locator(".live").get_attribute("aria-label")
    assert bool(re.search("[\u4e00-\u9fff]", title)) == (prefix == "")
    page.emulate_media(media="print")
    assert page.locator(drawing).is_visible() and not page.locator(".live").is_visible()
    assert shown.complaints == [] and shown.foreign() == []
    assert shown.asked_for("/js/figures/") == 2


@pytest.mark.parametrize("name", FIGURES)
def test_without_javascript_the_drawing_stands(figure, name):
    page = figure(name, java_script_enabled=False).page
    assert page.locator(f"[data-interactive={name}] svg[role=img]").is_visible()
    assert page.locator(".live").count() == 0


def test_a_page_without_one_asks_for_none(visit, below):
    assert visit(below).asked_for("/js/figures/") == 0


@pytest.mark.parametrize("prefix", ["", "en/"])
@pytest.mark.parametrize("name", FIGURES)
def test_it_fits_a_narrow_screen(figure, name, prefix):
    page = figure(name, prefix, width=320, color_scheme="dark").page
    edges = page.locator(".live, .live *").evaluate_all(
        "all => all.filter(e => !e.closest('svg svg, svg > *'))"
        ".map(e => e.getBoundingClientRect().right)"
    )
    assert max(edges) <= 320
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("prefix", ["", "en/"])
@pytest.mark.parametrize("name", FIGURES)
def test_the_tab_key_reaches_every_control(figure, name, prefix):
    page = figure(name, prefix).page
    groups = page.locator(".live [type=radio]").count()
    stops = page.locator(CONTROLS).count() - max(0, groups - 1)  # one stop for a group of radios
    page.locator(CONTROLS).first.focus()
    page.keyboard.press("Shift+Tab")
    for _ in range(stops):
        page.keyboard.press("Tab")
        named, outline = page.locator(".live").evaluate(REACHED)
        assert named and outline == "solid"


@pytest.mark.parametrize("name", FIGURES)
def test_a_key_changes_it_and_the_address_brings_it_back(figure, name):
    shown = figure(name, query="#what-holds")
    page, before = shown.page, state(shown)
    page.locator(".live [type=range]").first.focus()
    page.keyboard.press("ArrowRight")
    after = state(shown)
    assert after != before
    page.wait_for_url("**/?fig-*")
    assert page.evaluate("location.hash") == "#what-holds"
    page.reload()
    assert state(shown) == after
    page.locator(".live [type=range]").first.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**/#what-holds")
    assert state(shown) == before


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("query", ["?fig-{0}=x,,1e999", "?fig-{0}=", "?fig-{0}=99,99,99,99,99"])
def test_a_bad_address_does_no_harm(figure, name, query):
    shown = figure(name, query=query.format(name))
    assert shown.complaints == [] and "NaN" not in state(shown)


def test_the_language_link_keeps_the_view(figure):
    page = figure("plane", query="?fig-plane=1,0.5,0,1,3").page
    page.click(".language")
    page.wait_for_url("**/en/mechanics/geometry/?fig-plane=1,0.5,0,1,3*")
    assert numbers(page.locator("[data-value=det]").inner_text()) == [1]


@pytest.mark.parametrize("prefix", ["", "en/"])
def test_the_planes_numbers_are_the_snippets(figure, woven, prefix):
    values = woven("mechanics/geometry").values
    shown = figure("plane", prefix)
    found = readout(shown)
    assert numbers(found["stretch"]) == [round(s, 3) for s in values["stretch"]]
    turns = [values["turn_in"], values["turn_out"]]
    assert numbers(found["turns"]) == [round(turn, 1) for turn in turns]
    for name in MAPS:
        shown.page.locator(".live select").select_option(name)
        found, det = readout(shown), values["determinants"][name]
        assert math.isclose(numbers(found["det"])[0], det, abs_tol=0.005), name
        assert numbers(found["rank"]) == [1 if name == "projection" else 2]


def test_the_pointer_moves_a_column(figure):
    shown = figure("plane")
    page = shown.page
    tip = page.locator(".live-handle").first.bounding_box()
    x, y = tip["x"] + tip["width"] / 2, tip["y"] + tip["height"] / 2
    unit = page.locator(".live > svg").bounding_box()["width"] / 6
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + unit, y, steps=4)
    page.mouse.up()
    assert numbers(readout(shown)["det"]) == [2]  # (1, 0) has become (2, 0)


@pytest.mark.parametrize("prefix", ["", "en/"])
@pytest.mark.parametrize("reading", range(4))
def test_every_reading_of_the_cube_ends_with_the_snippets_product(figure, woven, prefix, reading):
    values = woven("foundations/products").values
    bills, batch = values["bills"], values["batch_product"]
    page = figure("cube", prefix, f"?fig-cube={reading},0").page

    def cells(matrix: str) -> list[float]:
        return [float(text) for text in page.locator(f"[data-cell={matrix}]").all_text_contents()]

    def finish(product: int) -> None:
        page.locator(".live select").select_option(str(product))
        page.locator(".live [type=range]").focus()
        page.keyboard.press("End")

    for product, whole in enumerate([bills, *batch]):
        finish(product)
        assert cells("C") == [entry for row in whole for entry in row], product
        assert sum(cells("cube")) == sum(cells("C"))
    left, right = values["batch_left"][2], values["batch_right"][2]
    assert cells("A") == [row[layer] for layer in range(2) for row in left]
    assert cells("B") == [entry for row in right for entry in row]
    page.locator(".live [type=checkbox]").check()
    for product, whole in enumerate([bills, *batch]):
        finish(product)
        assert cells("C") == [entry for column in zip(*whole, strict=True) for entry in column]


def test_what_the_cube_says_names_what_it_shows(figure):
    shown = figure("cube", "en/", "?fig-cube=0,1")
    line, product = shown.page.locator(".live-formula"), shown.page.locator(".live select")
    assert line.inner_text() == "C[0, 1] = 3·1 + 2·0 + 5·2 = 13"
    product.select_option("2")
    assert line.inner_text() == "C[1, 0, 1] = 2·6 + 2·1 = 14"
    shown.page.locator(".live [type=checkbox]").check()
    assert line.inner_text().startswith("C\u1d40[1, 0, 0] = ")
    assert shown.page.locator(".live-stack").is_visible()
    product.select_option("0")
    assert not shown.page.locator(".live-stack").is_visible()


def test_the_cube_plays_pauses_and_steps_by_keyboard(figure):
    page = figure("cube", "en/").page
    page.get_by_role("button", name="Play").press("Enter")
    page.get_by_role("button", name="Pause").press("Enter")
    assert page.get_by_role("button", name="Play").is_visible()
    line = page.locator(".live-formula")
    first = line.inner_text()
    page.get_by_role("button", name="Next").press("Enter")
    assert line.inner_text() != first
    page.get_by_role("button", name="Back").press("Enter")
    assert line.inner_text() == first


@pytest.mark.parametrize("prefix", ["", "en/"])
@pytest.mark.parametrize("start", [30, 100, 150])
def test_power_iteration_ends_at_the_snippets_two_rulers(figure, woven, prefix, start):
    values = woven("language/two_rulers").values
    shown = figure("power", prefix, f"?fig-power=0,{start}")
    first = readout(shown)
    assert first["eigen"] == first["singular"]  # both begin in the same direction
    shown.page.locator(".live [type=range]").first.focus()
    shown.page.keyboard.press("End")
    found = readout(shown)
    assert numbers(found["eigen"]) == [round(values["largest_eigenvalue"], 3)]
    assert numbers(found["singular"]) == [round(values["largest_stretch"], 3)]
