"""Figures: nothing but a drawing comes through; palette and language are the page's."""

import re
import xml.etree.ElementTree as ET

import pytest

from snippets import palette
from weave import drawings, figures

NAMESPACES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def svg(inner: str) -> str:
    return f'<?xml version="1.0"?><svg {NAMESPACES} width="9pt" viewBox="0 0 9 9">{inner}</svg>'


@pytest.mark.parametrize("inner", [
    "<script>alert(1)</script>",
    '<a xlink:href="https://example.org/"><text>x</text></a>',
    '<path d="M 0 0" onload="alert(1)"/>',
    '<image xlink:href="https://example.org/x.png"/>',
    '<image xlink:href="data:image/svg+xml;base64,AAAA"/>',
    '<use xlink:href="https://example.org/x.svg#a"/>',
    "<foreignObject><p>x</p></foreignObject>",
    '<rect style="fill: url(https://example.org/x)"/>',
    '<rect fill="url(//example.org/x)"/>',
    '<animate attributeName="x"/>',
])  # fmt: skip
def test_9_scripts_links_and_foreign_references_are_refused(inner):
    with pytest.raises(drawings.FigureError):
        drawings.clean(svg(inner))


def test_9_a_snippet_that_draws_a_link_fails_with_its_line(book):
    book.snippet(
        "import matplotlib.pyplot as plt\n"
        "plt.text(0.5, 0.5, 'word', url='https://example.org/')\n"
        "plt.show()\n"
    )
    (problem,) = book.weave().problems
    assert str(problem) == (
        "snippets/part/topic.py:3: the figure holds <a>, which is not allowed on a page"
    )


def test_colours_become_variables_of_the_page():
    names = ("A", "B", "C", "INK", "SOFT", "LINE", "ACCENT", "PAPER")
    for name in names:
        colour = getattr(palette, name)
        cleaned = drawings.clean(svg(f'<rect style="fill: {colour}; stroke: #123456"/>'))
        assert colour not in cleaned and "#123456" in cleaned
        variable = name if len(name) == 1 else name.lower()
        assert f"fill: var(--{variable})" in cleaned


def test_ids_stay_only_where_they_are_used_and_are_the_figures_own():
    cleaned = drawings.clean(
        svg('<g id="axes_1"><defs><path id="m1" d="M 0 0"/></defs>'
            '<use xlink:href="#m1"/><g clip-path="url(#c1)"/><clipPath id="c1"/></g>')
    )  # fmt: skip
    first, second = (figures.localise(cleaned, number, "", {}) for number in (1, 2))
    assert "axes_1" not in first
    ids = [set(re.findall(r'id="([^"]+)"', text)) for text in (first, second)]
    assert len(ids[0]) == 2 and not ids[0] & ids[1]
    assert set(re.findall(r"#([\w-]+)", first)) == ids[0]


def test_labels_are_translated_numbers_and_symbols_are_not():
    cleaned = drawings.clean(
        svg('<text>condition number</text><text>A &amp; &lt;b&gt; word</text>'
            "<text>10</text><text>κ</text><text>A</text>")
    )  # fmt: skip
    assert figures.labels(cleaned) == ["condition number", "A & <b> word"]
    shown = figures.localise(cleaned, 1, "what is seen", {"condition number": "条件数 <1>"})
    root = ET.fromstring(shown)
    texts = [element.text for element in root.iter(f"{drawings.SVG}text")]
    assert texts == ["条件数 <1>", "A & <b> word", "10", "κ", "A"]
    assert root.get("role") == "img" and root.get("aria-label") == "what is seen"


def test_size_is_left_to_the_page():
    root = ET.fromstring(drawings.clean(svg('<path d="M 1.23456 2"/>')))
    assert root.get("width") is None and root.get("viewBox") == "0 0 9 9"
    assert root[0].get("d") == "m1.23 2"


def test_what_all_markers_of_a_group_say_is_said_once():
    marker = '<use xlink:href="#m" x="{}" y="2" style="fill: #123456; stroke: #123456"/>'
    alike = "".join(marker.format(x) for x in (1.26, 2, 3))
    other = '<g><use xlink:href="#m" x="1" y="1" style="fill: none"/>' + marker.format(4) + "</g>"
    drawn = f'<defs><path id="m" d="M 0 0 L 1 1"/></defs><g style="opacity: .5">{alike}</g>{other}'
    groups = ET.fromstring(drawings.clean(svg(drawn))).findall(f"{drawings.SVG}g")
    assert groups[0].get("style") == "opacity: .5; fill: #123456; stroke: #123456"
    assert [use.attrib for use in groups[0]] == [
        {"href": "#ID-m", "x": x, "y": "2"} for x in ("1.3", "2", "3")
    ]
    assert [use.get("style") for use in groups[1]] == [
        "fill: none",
        "fill: #123456; stroke: #123456",
    ]
