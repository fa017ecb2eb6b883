"""A figure can be looked at large, and what it is drawn from can be taken away."""

import csv
import io
import math

import pytest

from .test_axe import found

PAGE, LIVE = "mechanics/rounding/", "mechanics/geometry/"
WORDS = {"": ("放大", "关闭"), "en/": ("Enlarge", "Close")}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize("prefix", WORDS)
def test_a_figure_is_enlarged_by_keyboard(visit, below, prefix, width, scheme):
    shown = visit(below + prefix + PAGE, width, color_scheme=scheme)
    page, (enlarge, close) = shown.page, WORDS[prefix]
    figure = page.locator("figure.woven").first
    drawing = figure.locator("svg[role=img]")
    figure.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    page.evaluate("document.fonts.ready.then(() => {})")  # the math font can break lines elsewhere
    before, shifts = drawing.bounding_box(), page.evaluate("shifts")
    button = figure.get_by_role("button", name=enlarge)
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("dialog.large")
    assert dialog.get_attribute("aria-label") == figure.locator(".figure-number").inner_text()
    large, frame = drawing.bounding_box(), dialog.bounding_box()
    assert large["width"] > 1.2 * before["width"]
    assert 0 <= frame["x"] and frame["x"] + frame["width"] <= width
    assert 0 <= frame["y"] and frame["y"] + frame["height"] <= 900
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.activeElement.textContent") == close
    page.keyboard.press("Escape")
    assert dialog.count() == 0 and drawing.bounding_box() == before
    assert page.evaluate("document.activeElement.textContent") == enlarge
    assert shown.complaints == [] and page.evaluate("shifts") - shifts <= 0.01


def test_a_click_on_the_drawing_enlarges_and_one_beside_the_dialog_closes(visit, below):
    page = visit(below + PAGE).page
    page.locator(".woven-scroll svg").nth(1).click()
    dialog = page.locator("dialog.large")
    dialog.locator(".woven-scroll svg").click()  # looking closer is no wish to leave
    assert dialog.count() == 1
    page.mouse.click(3, 3)
    assert dialog.count() == 0
    assert page.locator("figure.woven").count() == page.locator("figure svg[role=img]").count()


def test_a_figure_to_try_goes_on_in_the_dialog(visit, below):
    page = visit(below + LIVE + "?fig-plane=1,0.5,0,1,3").page
    figure = page.locator("[data-interactive=plane]")
    figure.get_by_role("button", name="放大").click()
    determinant = page.locator("dialog [data-value=det]")
    before = determinant.inner_text()
    page.locator("dialog [type=range]").first.focus()
    page.keyboard.press("ArrowRight")
    after = determinant.inner_text()
    assert after != before
    figure.get_by_role("button", name="关闭").click()
    assert figure.locator("[data-value=det]").inner_text() == after


def test_without_a_script_nothing_is_missing(visit, below):
    page = visit(below + PAGE, java_script_enabled=False).page
    assert page.locator(".figure-tools button").count() == 0
    assert page.locator("figure.woven").first.locator("svg[role=img]").is_visible()
    assert page.locator(".figure-tools a").first.is_visible()


@pytest.mark.parametrize("prefix", WORDS)
def test_the_table_is_asked_for_by_a_click_alone(visit, below, prefix):
    shown = visit(below + prefix + PAGE)
    shown.page.wait_for_load_state("networkidle")
    assert shown.asked_for(".csv") == 0
    with shown.page.expect_download() as download:
        shown.page.locator(".figure-tools a").first.click()
    assert download.value.suggested_filename == "figure-1.csv"
    assert shown.page.url == below + prefix + PAGE


def table(built, path: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO((built / path).read_text(encoding="utf-8-sig"))))


@pytest.mark.parametrize(("prefix", "bound", "truth"), [
    ("", "各层范数之积", "乘积的范数"), ("en/", "product of the norms", "norm of the product"),
])  # fmt: skip
def test_the_table_holds_what_the_run_computed(built, woven, prefix, bound, truth):
    values = woven("index").values
    rows = table(built, f"{prefix}figure-1.csv")
    for name, value in ((bound, values["final_bound"]), (truth, values["final_truth"])):
        ends = [row[5] for row in rows if row[1] and row[3] == name and row[4] == "50"]
        assert [math.isclose(float(end), value, rel_tol=1e-5) for end in ends] == [True]


def test_both_languages_have_the_same_numbers(built):
    files = [file.relative_to(built) for file in built.rglob("figure-*.csv")]
    ours = [file for file in files if file.parts[0] != "en"]
    assert len(ours) > 150 and len(files) == 2 * len(ours)
    for file in ours:
        both = [[row[-2:] for row in table(built, name)[1:]] for name in (file, f"en/{file}")]
        assert both[0] == both[1], file


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_dialog(visit, below, scheme):
    page = visit(below + LIVE, color_scheme=scheme).page
    page.locator("[data-interactive=plane]").get_by_role("button", name="放大").click()
    assert found(page) == []
