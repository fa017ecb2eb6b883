"""What matplotlib drew becomes a safe, small SVG that follows palette and language."""

import re
import xml.etree.ElementTree as ET

from snippets import palette
from weave import paths

SVG = "{http://www.w3.org/2000/svg}"
XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
DROPPED = {"metadata", "style", "title", "desc"}
KNOWN = {"svg", "g", "defs", "path", "use", "clipPath", "rect", "circle", "ellipse", "line"}
KNOWN |= {"polygon", "polyline", "text", "tspan", "image"}
PNG = "data:image/png;base64,"
COLOURS = {
    getattr(palette, name): f"var(--{variable})"
    for name, variable in {
        "A": "A", "B": "B", "C": "C", "INK": "ink", "SOFT": "soft",
        "LINE": "line", "ACCENT": "accent", "PAPER": "paper",
    }.items()
}  # fmt: skip
DECIMALS = {"x": 1, "y": 1, "d": 2, "points": 2, "transform": 2, "viewBox": 2}
WORD = re.compile(r"[^\W\d_]{2,}")


class FigureError(Exception):
    """A figure holds something that does not belong on a page."""


def clean(svg: str) -> str:
    """Matplotlib's SVG without ids, styles and colours of its own.

    Labels that hold a word are left between private-use marks for `figures.localise`; ids begin
    with ``ID-``. Raises FigureError for scripts, links, foreign references, unknown elements.
    """
    root = ET.fromstring(svg)
    for parent in root.iter():
        for child in list(parent):
            if local(child) in DROPPED:
                parent.remove(child)
    referenced = {target for element in root.iter() for target in references(element)}
    for element in root.iter():
        check(element)
        keep_id = element.attrib.pop("id", None)
        if keep_id in referenced:
            element.set("id", f"ID-{keep_id}")
        tidy(element)
    for group in root.iter(f"{SVG}g"):
        share_style(group)
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    return serialise(root)


def local(element: ET.Element) -> str:
    return element.tag.removeprefix(SVG)


def references(element: ET.Element) -> list[str]:
    """Ids that an element refers to by href, clip-path or style."""
    found = [value[1:] for value in hrefs(element) if value.startswith("#")]
    for value in element.attrib.values():
        found += re.findall(r"url\(#([^)]*)\)", value)
    return found


def hrefs(element: ET.Element) -> list[str]:
    return [v.strip() for k, v in element.attrib.items() if k in (XLINK_HREF, "href")]


def check(element: ET.Element) -> None:
    if local(element) not in KNOWN:
        raise FigureError(f"the figure holds <{local(element)}>, which is not allowed on a page")
    for name, value in element.attrib.items():
        if name.lower().startswith("on"):
            raise FigureError(f"the figure holds an event handler ({name})")
        if re.search(r"url\((?!#)|@import|expression\(|javascript:", value, re.I):
            raise FigureError(f"the figure refers to something outside it: {value[:60]}")
    for value in hrefs(element):
        if not value.startswith(("#", PNG)):
            raise FigureError(f"the figure links to {value[:60]}; links are not allowed")


def tidy(element: ET.Element) -> None:
    """Tokens for colours, the page's font, shorter numbers, own ids."""
    for name, value in list(element.attrib.items()):
        if name in (XLINK_HREF, "href"):
            del element.attrib[name]
            value = re.sub(r"\s", "", value) if value.startswith("data:") else f"#ID-{value[1:]}"
            element.set("href", value)
            continue
        value = re.sub(r"url\(#", "url(#ID-", value)
        if name == "style":
            value = re.sub(r"font-family:[^;]*;?\s*", "", value)
            value = re.sub(r"#[0-9a-f]{6}\b", lambda m: COLOURS.get(m[0], m[0]), value)
        if name == "d":
            value = paths.shorten(value)
        if name in DECIMALS:
            value = shorter(value, DECIMALS[name])
            value = re.sub(r"\s*rotate\(-?0(\.0+)? [^)]*\)", "", value)
        element.set(name, value) if value else element.attrib.pop(name)
    element.tail = None
    if local(element) in ("text", "tspan"):
        if WORD.search(element.text or ""):
            element.text = f"\ue000{element.text.strip()}\ue001"
    else:
        element.text = None


def shorter(numbers: str, decimals: int) -> str:
    """No number with more than so many decimals, no more blanks than needed."""
    more = rf"-?\d+\.\d{{{decimals + 1},}}"
    numbers = re.sub(more, lambda number: f"{float(number[0]):.{decimals}f}", numbers)
    return re.sub(r"\s+", " ", numbers).strip()


def share_style(group: ET.Element) -> None:
    """Say once what all markers of a group say: they inherit it."""
    styles = {marker.get("style") if local(marker) == "use" else None for marker in group}
    if len(group) > 1 and len(styles) == 1 and None not in styles:
        group.set("style", "; ".join(filter(None, [group.get("style"), *styles])))
        for marker in group:
            del marker.attrib["style"]


def serialise(root: ET.Element) -> str:
    ET.register_namespace("", SVG[1:-1])
    return ET.tostring(root, encoding="unicode")
