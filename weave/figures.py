"""Figures on a page: labels in the page's language, ids of their own."""

import html
import re

LABEL = re.compile("\ue000(.*?)\ue001", re.S)


def labels(svg: str) -> list[str]:
    """The words of a cleaned figure that a chapter may have to say in its own language."""
    return list(dict.fromkeys(html.unescape(key) for key in LABEL.findall(svg)))


def localise(svg: str, number: int, alt: str, names: dict[str, str]) -> str:
    """A cleaned figure, ready for a page: ids made unique, labels in the page's language."""
    svg = LABEL.sub(lambda m: html.escape(names.get(html.unescape(m[1]), html.unescape(m[1]))), svg)
    svg = svg.replace("ID-", f"figure{number}-")
    return svg.replace("<svg ", f'<svg role="img" aria-label="{html.escape(alt)}" ', 1)
