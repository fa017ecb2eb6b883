"""A chapter on paper: ink on white in either palette, without what is to be pressed."""

import pytest


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_shows_the_chapter_and_no_controls(visit, below, scheme):
    page = visit(below + "en/mechanics/rounding/", color_scheme=scheme).page
    page.locator(".copy").first.wait_for()
    page.emulate_media(media="print")
    page.evaluate("document.querySelectorAll('details').forEach(box => (box.open = true))")
    for left_out in (".copy", ".snippet-run", ".snippet-machine dl", ".md-header", ".md-sidebar"):
        assert page.locator(f"{left_out}:visible").count() == 0, left_out
    for kept in ("h1", ".snippet-output", "figure.woven svg", ".admonition", "math"):
        assert page.locator(f"article {kept}:visible").count() > 0, kept
    ink = "getComputedStyle(document.querySelector('article p:not(.lead)')).color"
    assert page.evaluate(ink) == "rgb(29, 33, 38)"
