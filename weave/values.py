"""Values of a run, put into prose and formulas: `{{ mechanics.rounding.gap[aligned]:.1e }}`."""

import math
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from weave.problems import did_you_mean
from weave.records import Record

FORMAT = re.compile(r"[-+ ]?,?(\.\d+)?[defg%]?")
BIG = re.compile(r"big(\d?)")
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MAGNITUDES = {
    "en": ((10**12, " trillion"), (10**9, " billion"), (10**6, " million")),
    "zh": ((10**12, " 万亿"), (10**8, " 亿"), (10**4, " 万")),
}


class ValueProblem(Exception):
    """A reference that cannot be resolved or shown; the message says why."""


def resolve(
    root: Path,
    records: Mapping[str, Record],
    match: re.Match,
    language: str,
    tex: bool,
    lab: str = "",
) -> str | None:
    """What stands in the page for a match of `inline.VALUE`; None if its snippet has no record.

    `cells.x` is a value of the `lab` that the page is.
    """
    path, name = split_path(root, match["name"], lab)
    if path not in records:
        return None
    return show(look_up(records[path], name, match["items"]), match["format"], language, tex)


def split_path(root: Path, dotted: str, lab: str = "") -> tuple[str, str]:
    """``mechanics.rounding.max_gap`` -> (``mechanics/rounding.py``, ``max_gap``)."""
    *module, name = dotted.split(".")
    if module == ["cells"] and lab:
        return lab, name
    path = "/".join(module) + ".py"
    if not os.path.isfile(f"{root}/snippets/{path}"):
        hint = did_you_mean(path, modules(root))
        raise ValueProblem(f"no snippet snippets/{path} for the value `{dotted}`{hint}")
    return path, name


def modules(root: Path) -> list[str]:
    """Paths of all snippets, as fences name them."""
    top = root / "snippets"
    return sorted(file.relative_to(top).as_posix() for file in top.rglob("*.py"))


def look_up(record: Record, name: str, items: str) -> Any:
    """The final value of a variable, or an item of it (`[aligned]`, `[0]`)."""
    if name not in record.values:
        if name in record.others:
            kind = record.others[name]
            raise ValueProblem(f"`{name}` of {record.path} is a {kind}, which is not a value")
        raise ValueProblem(
            f"{record.path} computes no value `{name}`{did_you_mean(name, record.values)}"
        )
    value = record.values[name]
    for item in re.findall(r"\[([^\]]*)\]", items):
        item = item.strip("'\" ")
        if isinstance(value, Mapping):
            if item not in value:
                raise ValueProblem(f"`{name}` has no item `{item}`{did_you_mean(item, value)}")
            value = value[item]
        elif isinstance(value, list):
            if not re.fullmatch(r"-?\d+", item) or not -len(value) <= int(item) < len(value):
                raise ValueProblem(f"`{name}` has {len(value)} items, none of them `[{item}]`")
            value = value[int(item)]
        else:
            raise ValueProblem(f"`{name}` is a single value and has no item `{item}`")
    return value


def show(value: Any, spec: str | None, language: str, tex: bool) -> str:
    """A value in words of a page or, with `tex`, of a formula."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        if spec:
            raise ValueProblem(f"the format `{spec}` does not fit {value!r}")
        return str(value)
    if isinstance(value, list):
        return show_shape(value, spec, tex)
    if isinstance(value, Mapping):
        raise ValueProblem("a mapping cannot be shown: name one of its items")
    if not spec:
        if isinstance(value, float):
            raise ValueProblem("a float needs a format, for example `:.2f`")
        return minus(str(value), tex)
    if not math.isfinite(value):
        return infinite(value, tex)
    if match := BIG.fullmatch(spec):
        return big(value, int(match[1] or 3), language, tex)
    if not FORMAT.fullmatch(spec):
        raise ValueProblem(f"unknown format `{spec}`")
    try:
        text = format(value, spec)
    except ValueError as fault:
        raise ValueProblem(f"the format `{spec}` does not fit {value!r}") from fault
    return minus(typeset(text, tex), tex)


def show_shape(value: list, spec: str | None, tex: bool) -> str:
    if spec or not all(isinstance(item, int) for item in value):
        raise ValueProblem("only a shape (whole numbers, no format) is shown whole: name an item")
    inner = ", ".join(map(str, value)) + ("," if len(value) == 1 else "")
    return f"({inner})"


def minus(text: str, tex: bool) -> str:
    return "−" + text[1:] if text.startswith("-") and not tex else text


def infinite(value: float, tex: bool) -> str:
    if math.isnan(value):
        return r"\text{NaN}" if tex else "NaN"
    return minus(("-" if value < 0 else "") + (r"\infty" if tex else "∞"), tex)


def typeset(text: str, tex: bool) -> str:
    """`4.9e-03` as 4.9×10⁻³; `%` and `,` made safe inside a formula."""
    if "e" in text:
        digits, _, exponent = text.partition("e")
        power = str(int(exponent))
        if tex:
            return rf"{digits}\times 10^{{{power}}}"
        return f"{digits}×10{power.translate(SUPERSCRIPT)}"
    return text.replace("%", r"\%").replace(",", "{,}") if tex else text


def big(value: float, digits: int, language: str, tex: bool) -> str:
    """Significant digits and the language's word for the magnitude: 1.07 billion, 10.7 亿."""
    rounded = float(f"{value:.{digits - 1}e}")
    fitting = [pair for pair in MAGNITUDES[language] if abs(rounded) >= pair[0]]
    size, word = fitting[0] if fitting else (1, "")
    scaled = rounded / size
    whole = len(str(int(abs(scaled))))
    text = f"{scaled:.{max(digits - whole, 0)}f}" if word or digits > whole else f"{scaled:,.0f}"
    return text + (rf"\text{{{word}}}" if tex and word else word)
