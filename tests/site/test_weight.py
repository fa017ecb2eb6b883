"""What a reader downloads: little, and no more when the book grows."""

import functools
import gzip
import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from weave.purge import UNUSED

from .conftest import BELOW, PAGES

FIRST_VISIT, NEXT_PAGE, REQUESTS = 150_000, 60_000, 10  # compressed bytes; fonts included
LISTS = ("reference/claims/", "reference/source-map/", "reference/references/")
LIST = 120_000


@functools.cache
def compressed(file: Path) -> int:
    """Bytes on the wire: GitHub Pages compresses text; fonts and PNG are compressed already."""
    content = file.read_bytes()
    return len(content if file.suffix in (".woff2", ".png") else gzip.compress(content))


def asked(built: Path, shown) -> dict[str, int]:
    """Each address of the site that was asked for, with its weight."""
    shown.page.wait_for_load_state("networkidle")
    paths = {urlsplit(url).path.removeprefix(f"/{BELOW}/") for url in shown.requests
             if not url.startswith("data:")}  # fmt: skip
    return {
        path: compressed(built / path / "index.html" if path.endswith("/") else built / path)
        for path in paths
    }


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_light(built, path):
    most = LIST if path.endswith(LISTS) else NEXT_PAGE
    assert compressed(built / path / "index.html") < most


NEEDED = re.compile(
    r'<(?:script[^>]* src|link rel="(?:stylesheet|preload|icon)"[^>]* href)="([^"]+)"'
)


def test_a_first_visit_to_any_chapter_is_light(built, texts):
    """Each page with all that it names: style sheets, scripts, font and icon."""
    heavy = {}
    for path, text in texts.items():
        page = built / path / "index.html"
        named = {(page.parent / name).resolve() for name in NEEDED.findall(text)}
        assert len(named) > 5 and all(file.is_file() for file in named), (path, named)
        weight = sum(map(compressed, [page, *named]))
        if not path.endswith(LISTS) and (weight > FIRST_VISIT or len(named) + 1 > REQUESTS):
            heavy[path] = weight, len(named) + 1
    assert heavy == {}


@pytest.mark.parametrize("prefix", ["", "en/"])
def test_the_font_of_formulas_does_not_wait_for_the_style_sheets(visit, below, prefix):
    """Else it comes after the first paint on a slow line, and lines with formulas break anew."""
    page = visit("about:blank").page
    held, asked = [], []
    page.route("**/*.css", lambda route: route.continue_() if asked else held.append(route))
    with page.expect_request("**/*.woff2", timeout=10_000), page.expect_request("**/book.css"):
        page.goto(f"{below}{prefix}mechanics/rounding/", wait_until="commit")
    asked.append("while no style sheet had come")
    for route in held:
        route.continue_()
    page.wait_for_load_state()


def test_no_page_has_what_the_theme_styles_no_more(texts):
    """Or it would stand there bare: take its name out of `weave.purge.UNUSED`."""
    unused = re.compile(rf"""class=["'](?:[^"']* )?({'|'.join(UNUSED)})|<table(?! class=)""")
    assert [path for path, text in texts.items() if unused.search(text)] == []


@pytest.mark.parametrize("prefix", ["", "en/"])
def test_a_first_visit_to_the_heaviest_pages_and_the_step_from_one_to_the_other(
    visit, below, built, prefix
):
    pages = [path for path in PAGES if path.startswith("en/") == bool(prefix)]
    pages = [path for path in pages if not path.endswith(LISTS)]
    *_, second, first = sorted(pages, key=lambda path: compressed(built / path / "index.html"))
    shown = visit(below + first)
    weights = asked(built, shown)
    assert len(weights) <= REQUESTS, weights
    assert sum(weights.values()) <= FIRST_VISIT, weights
    shown.requests.clear()
    shown.page.goto(below + second)
    more = {path: weight for path, weight in asked(built, shown).items() if path not in weights}
    assert sum(more.values()) <= NEXT_PAGE, more


def test_the_contents_beside_a_chapter_are_those_of_its_part(visit, below):
    """All chapters on every page would make each page grow with the book."""
    shown = visit(below + "mechanics/rounding/")
    links = shown.page.eval_on_selector_all(
        ".md-sidebar--primary .md-nav__link[href]", "links => links.map(link => link.pathname)"
    )
    chapters = {link.removeprefix(f"/{BELOW}/") for link in links} - {""}
    beside = {path for path in PAGES if path.startswith("mechanics/")}
    assert beside <= chapters
    others = chapters - beside
    assert all(path.count("/") == 1 for path in others), others


DRAWN = "svg => svg.querySelector('path').checkVisibility({ contentVisibilityAuto: true })"
FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
SIZE = "svg => [svg.clientWidth / svg.clientHeight, document.body.scrollHeight]"


@pytest.mark.parametrize("width", [1440, 320])
def test_a_drawing_out_of_sight_waits_and_keeps_its_place(visit, below, width):
    page = visit(below + "mechanics/rounding/", width=width).page
    last = page.locator("article > figure svg").last
    assert not last.evaluate(DRAWN)
    ratio, long = last.evaluate(SIZE)
    last.scroll_into_view_if_needed()
    page.evaluate(FRAMES)  # it is drawn with the next one
    assert last.evaluate(DRAWN) and last.evaluate(SIZE)[1] == pytest.approx(long, abs=3)
    *_, wide, high = map(float, last.get_attribute("viewBox").split())
    assert ratio == pytest.approx(wide / high, rel=0.01)


ROOM = """() => [...document.querySelectorAll(".md-content pre")]
  .filter((block) => !block.closest("details:not([open])")).map((block) => block.clientHeight)"""


@pytest.mark.parametrize("width", [1440, 320])
@pytest.mark.parametrize("path", ["mechanics/rounding/", "en/labs/cpu-ladder/"])
def test_a_block_of_code_out_of_sight_waits_and_keeps_its_place(visit, below, path, width):
    page = visit(below + path, width=width).page
    waiting = page.evaluate(ROOM)
    page.add_style_tag(content=".md-typeset pre { content-visibility: visible !important }")
    assert len(waiting) > 20 and page.evaluate(ROOM) == pytest.approx(waiting, abs=1)


TIMELINE = ["devtools.timeline", "disabled-by-default-devtools.timeline"]


@pytest.mark.parametrize("path", ["mechanics/rounding/", "en/mechanics/rounding/"])
def test_a_page_that_starts_is_styled_once(visit, below, browser, path):
    """One rule or line too much, and browsers style all of it five times over: half a second on a
    phone. Most of a page is folded or out of sight, and waits."""
    browser.start_tracing(categories=TIMELINE)
    page = visit(below + path, width=390).page
    page.wait_for_load_state("networkidle")
    events = json.loads(browser.stop_tracing())["traceEvents"]
    styled = [event["args"].get("elementCount", 0) for event in events
              if event["name"] == "UpdateLayoutTree"]  # fmt: skip
    assert 500 < sum(styled) < 0.7 * page.locator("*").count(), styled
