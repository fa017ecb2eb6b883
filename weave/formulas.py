"""TeX becomes MathML when the book is built: no script, no request, legible to screen readers."""

import html
import re
from functools import cache

from math_core import LatexError, LatexToMathML

CONVERTER = LatexToMathML(fancy_error=False)
ARITHMATEX = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">'
    r"(?:\\\((?P<inline>.*?)\\\)|\\\[(?P<block>.*?)\\\])</(?P=tag)>",
    re.S,
)


@cache
def mathml(tex: str, display: bool) -> str:
    """MathML of a formula; raises LatexError with what TeX does not know."""
    return CONVERTER.convert_with_local_state(tex, displaystyle=display)


def complaint(tex: str, display: bool) -> str | None:
    """What is wrong with a formula, if anything."""
    try:
        mathml(tex.strip(), display)
    except LatexError as fault:
        return f"formula `{tex.strip()}`: {fault}"
    return None


def convert(page: str) -> str:
    """HTML of arithmatex with its formulas as MathML; what does not convert stays as TeX."""

    def replace(match: re.Match) -> str:
        display = match["block"] is not None
        tex = html.unescape(match["block"] if display else match["inline"]).strip()
        try:
            formula = mathml(tex, display)
        except LatexError:
            return match[0]
        return f'<div class="formula" tabindex="0">{formula}</div>' if display else formula

    return ARITHMATEX.sub(replace, page)
