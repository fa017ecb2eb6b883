"""Which typed numerals need no run: one rule for each kind, and why."""

import ast
import operator
import re
from typing import NamedTuple

from weave.numerals import Numeral

NEAR = 30  # characters to either side that a rule looks at


class Place(NamedTuple):
    """A numeral where it stands; values, code and addresses around it are blanked."""

    text: str
    numeral: Numeral
    formula: tuple[int, int] | None  # the formula around it
    inputs: frozenset[float]  # the numbers in the code that the page shows

    @property
    def before(self) -> str:
        return self.text[max(0, self.numeral.start - NEAR) : self.numeral.start]

    @property
    def after(self) -> str:
        return self.text[self.numeral.end : self.numeral.end + NEAR]

    @property
    def paragraph(self) -> str:
        """The paragraph around it, or the row of a table."""
        start, end = self.numeral.start, self.numeral.end
        row = self.text[self.text.rfind("\n", 0, start) + 1 : start].lstrip().startswith("|")
        gap = "\n" if row else "\n\n"
        first, last = self.text.rfind(gap, 0, start), self.text.find(gap, end)
        return self.text[max(first, 0) : last if last >= 0 else None]

    def follows(self, pattern: re.Pattern) -> bool:
        return bool(pattern.search(self.before))

    def precedes(self, pattern: re.Pattern) -> bool:
        return bool(pattern.match(self.after))


MEASURE = re.compile(
    r"\s?(?:[mµn]?s|seconds?|minutes?|hours?|[KMGT]i?B|[kMGT]?W|[mnp]?J|fold|[毫微纳]?秒|分钟|小时)"
    r"(?![a-zA-Z])"
)


def counting(place: Place) -> bool:
    """Whole numbers up to ten count things that the reader sees; a unit makes a measurement."""
    number = place.numeral
    plain = number.text.isdecimal() or number.text.isalpha()
    return plain and number.value in range(11) and not place.precedes(MEASURE)


RAISED = re.compile(r"(?:[_^](?:\{[^{}$]*)?|frac)$")
POWER = re.compile(r"\s*\}?\s*\^")


def position(place: Place) -> bool:
    """Exponents, indices and what is raised to a power belong to the formula."""
    inside = place.formula is not None
    return inside and (place.follows(RAISED) or place.precedes(POWER))


def shown(place: Place) -> bool:
    """A number in the code that the page shows is what went into the run."""
    return place.numeral.value in place.inputs


NUMBERED = re.compile(
    r"(?:第\s?|练习\s?|图\s?|§\s?|来源 |[Ee]xercises? |[Ff]igures? |[Cc]hapters? |[Ss]ections? "
    r"|[Ss]ources? |[Tt]heorems? |定理\s?|[Ll]ines? |习题 |(?<!\d)00\d-)$"
)
ORDINAL = re.compile(r"(?:st|nd|rd|th)\b")


def numbering(place: Place) -> bool:
    """Numbers of exercises, figures, chapters, sections and lines, and ordinals, name a place."""
    return place.follows(NUMBERED) or place.precedes(ORDINAL)


YEAR = re.compile(r"(?:1[6-9]|20)\d\d")
COUNTED = re.compile(
    r"\s?[\u4e00-\u9fff](?<![年与和至到起])|\s(?!(?:others|claims|is|was|has)\b)[a-z]+s\b"
)
DAY = re.compile(
    r"\s?(?:月|日|世纪)| (?:January|February|March|April|May|June|July|August|September|October"
    r"|November|December)\b"
)


def date(place: Place) -> bool:
    """Years, months and days are not computed; 1987 steps are no year."""
    number = place.numeral
    if YEAR.fullmatch(number.text):
        return not place.precedes(COUNTED)
    return number.value in range(32) and place.precedes(DAY)


NAMED = re.compile(
    r"(?:[A-Za-z_]-?|(?:IEEE|IEC|ISO|Python|PyTorch|NumPy|CUDA|Llama|T5|ID|Level|[Vv]ersion)[ -])$"
)
VERSION = re.compile(r"\s?版(?!本)")


def name(place: Place) -> bool:
    """float32, GPT-2, H100, IEEE 754 and versions are names."""
    named = place.follows(NAMED) or place.precedes(VERSION)
    return named and not place.formula and not place.numeral.text.isalpha()


WIDTH = re.compile(r"(?: |-)?(?:bits?\b|位(?!数))")


def width(place: Place) -> bool:
    """The widths of number formats: 16 bits."""
    return place.numeral.value in (16, 32, 64, 128) and place.precedes(WIDTH)


ANGLE = re.compile(r"\s?(?:°|\^\\circ|degrees?\b|度)")


def angle(place: Place) -> bool:
    """Turns by a part of the circle: 45°, 90°, 180°."""
    return place.numeral.value % 30 in (0, 15) and place.precedes(ANGLE)


QUOTED = re.compile("[“‘][^“”]*[”’]")


def quoted(place: Place) -> bool:
    """What stands in quotation marks is somebody's claim; what holds is said beside it."""
    start = place.text.rfind("\n", 0, place.numeral.start) + 1
    end = place.text.find("\n", place.numeral.end)
    line = place.text[start : end if end >= 0 else None]
    at = place.numeral.start - start
    return any(match.start() < at < match.end() for match in QUOTED.finditer(line))


SHARE = re.compile("%|cent|成|分之")
TASK = re.compile(r"\s*(?:\*\*动手。?\*\*|\*\*Try it\.?\*\*)")


def task(place: Place) -> bool:
    """In what the reader is told to try, a round number is a setting."""
    number = place.numeral
    round_one = significant(number.value) <= 2 and not SHARE.search(number.text)
    return round_one and bool(TASK.match(place.paragraph))


def significant(value: float) -> int:
    """How many significant digits a number has, or its inverse: a third has one."""
    numbers = (value, 1 / value) if value else (value,)
    return min(len(f"{n:.9e}".partition("e")[0].replace(".", "").rstrip("0")) for n in numbers)


OPERATORS = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv
}  # fmt: skip


def worked(place: Place) -> bool:
    """A sum that the formula works out, and that comes out, can be followed with the eye."""
    if not place.formula:
        return False
    sides = place.text[slice(*place.formula)].strip("$").split("=")
    results = [calculate(side) for side in sides]
    at = place.text.count("=", place.formula[0], place.numeral.start)
    near = {i for i in (at - 1, at + 1) if 0 <= i < len(sides)}
    return results[at] is not None and any(results[i] == results[at] for i in near)


def calculate(tex: str) -> float | None:
    """What a formula of plain numbers gives, to nine digits; None where it holds anything else."""
    text = re.sub(r"\\(?:times|cdot)(?![a-zA-Z])", "*", tex).replace("{,}", "")
    text = re.sub(r"\\[td]?frac\s*\{([\d.]+)\}\{([\d.]+)\}", r"(\1/\2)", text).strip(" .,;")
    if not re.fullmatch(r"[\d.+*/()\s-]+", text):
        return None
    try:
        return float(f"{evaluate(ast.parse(text.strip(), mode='eval').body):.9g}")
    except (SyntaxError, KeyError, ZeroDivisionError):
        return None


def evaluate(node: ast.expr) -> float:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.UnaryOp):
        return -evaluate(node.operand)
    left, right = evaluate(node.left), evaluate(node.right)
    return OPERATORS[type(node.op)](left, right)


RULES = (
    counting, shown, position, numbering, date, name, width, angle, quoted, task, worked,
)  # fmt: skip


def rule_for(place: Place) -> str | None:
    """The name of the first rule that lets a numeral stand."""
    return next((rule.__name__ for rule in RULES if rule(place)), None)
