"""Numerals in a text: in digits, in English words, in Chinese characters, each with its value.

Words up to ten are language, and so are vague ones (hundreds, 几十): they are not found.
"""

import re
from typing import NamedTuple


class Numeral(NamedTuple):
    text: str
    value: float
    start: int
    end: int


def numbered(words: str, first: int, step: int = 1) -> dict[str, int]:
    return {word: first + step * i for i, word in enumerate(words.split())}


SMALL = numbered("one two three four five six seven eight nine ten", 1)
LARGE = numbered("eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen", 11)
TENS = numbered("twenty thirty forty fifty sixty seventy eighty ninety", 20, 10)
LARGE |= TENS | {"dozen": 12}
SCALES = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9}
SCALES["trillion"] = 10**12
PARTS = numbered("third fourth fifth sixth seventh eighth ninth tenth", 3) | {"quarter": 4}
PARTS |= {f"{word}th": number for word, number in (SCALES | {"sixteen": 16}).items()}
ENGLISH = SMALL | LARGE | SCALES

DIGITS = dict(zip("零一二三四五六七八九〇两", (*range(10), 0, 2), strict=True))
UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
SUPERSCRIPTS = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"
PLAIN = str.maketrans(SUPERSCRIPTS, "-0123456789")


def one_of(words: dict[str, int]) -> str:
    """A pattern for any of the words: by first letters, most of which fail at most places."""
    by_letter: dict[str, list[str]] = {}
    for word in sorted(words, key=len, reverse=True):
        by_letter.setdefault(word[0], []).append(word[1:])
    return "|".join(f"{letter}(?:{'|'.join(rest)})" for letter, rest in by_letter.items())


ARABIC = re.compile(
    rf"""
    (?=[百\d]) (?P<base>百分之\s?)? (?<![\d.])
    (?P<digits>\d+(?:(?:,|\{{,\}})\d{{3}})*(?:\.\d+)?)
    (?:\s?(?:×|\\times)\s?10(?P<power>\^-?\d|\^\{{-?\d+\}}|[{SUPERSCRIPTS}]+))?
    (?:\s?(?P<scale>[百千]?[万亿]+|[百千](?![克米瓦赫字卡焦])|(?:{one_of(SCALES)})\b))?
    (?P<sign>\s?\\?[%‰]|\sper\s?cent\b)?
    """,
    re.VERBOSE,
)
ANY = one_of(ENGLISH)
WORD = r"\b(?=[a-z])"  # its beginning
ENGLISH_WORDS = re.compile(
    rf"{WORD}(?:(?:half )?an? )?(?:{ANY})"
    rf"(?:(?:-|\s|(?<=hundred)\sand\s|(?<=thousand)\sand\s)(?:{ANY}))*\b(?:\sper\s?cent\b)?",
    re.IGNORECASE,
)
ENGLISH_PART = re.compile(
    rf"{WORD}(?:an?|(?P<top>{ANY}))[ -](?:(?P<tens>{one_of(TENS)})-|(?P<times>ten|hundred)-)?"
    rf"(?P<bottom>{one_of(PARTS)})s?\b",
    re.IGNORECASE,
)
FIGURE = one_of({"zero": 0} | {word: n for word, n in SMALL.items() if n < 10})
ENGLISH_DECIMAL = re.compile(
    rf"{WORD}(?:(?P<whole>{ANY}|zero) )?point(?P<figures>(?: (?:{FIGURE}))+)\b", re.IGNORECASE
)
VAGUE = re.compile(r"\b(?:several|few|some|many) $")
NEXT = re.compile(r" (?!(?:of|as|less|more|the|and|or|but|to|at|by|already|is)\b)\w")
DIGIT = f"[{''.join(DIGITS)}]"
NUMBER = f"[{''.join(DIGITS)}十][{''.join(DIGITS)}十百千万亿]*(?:点{DIGIT}+)?"
CHINESE_PART = re.compile(rf"(?P<bottom>[{''.join(DIGITS)}十百千万亿]+)分之(?P<top>{NUMBER})")
CHINESE_TENTHS = re.compile(r"(?P<whole>[一二两三四五六七八九])成(?P<more>[一二三四五六七八九半])?")
GROWN = re.compile("[为了立功本熟批员型像长不]")  # 一成不变 is no tenth
CHINESE_WORDS = re.compile(f"{NUMBER}(?!点)")  # 一点一点 is no number


def numerals(text: str, language: str) -> list[Numeral]:
    """All numerals, in order; of those that overlap, the one that says most."""
    found: list[Numeral] = []
    taken: set[int] = set()
    for pattern, value in READERS[language]:
        for match in pattern.finditer(text):
            if match.start() not in taken and (number := value(match)) is not None:
                taken.update(range(*match.span()))
                found.append(Numeral(match[0], number, *match.span()))
    return sorted(found, key=lambda numeral: numeral.start)


def arabic(match: re.Match) -> float:
    number = float(re.sub(r"[{},]", "", match["digits"]))
    if match["power"]:
        number *= 10.0 ** int(match["power"].strip("^{}").translate(PLAIN))
    for unit in re.findall(r"[a-z]+|[^a-z]", match["scale"] or ""):
        number *= SCALES.get(unit) or UNITS[unit]
    if match["base"] or "%" in (sign := match["sign"] or "") or "cent" in sign:
        return number / 100
    return number / 1000 if "‰" in sign else number


def english(match: re.Match) -> float | None:
    if VAGUE.search(match.string, max(0, match.start() - 8), match.start()):
        return None
    words = re.findall(r"[a-z]+", match[0].lower())
    total = section = 0
    for word in words:
        if word in SCALES:
            section = (section or 1) * SCALES[word]
            if SCALES[word] > 100:
                total, section = total + section, 0
        else:
            section += ENGLISH.get(word, 0)
    number = (total + section) * (0.5 if "half" in words else 1)
    if words[-1] == "cent":
        return number / 100
    return number if set(words) & (LARGE | SCALES).keys() else None


def english_decimal(match: re.Match) -> float | None:
    """Zero point eight three; a single figure after a bare `point` is a point and a number."""
    figures = match["figures"].lower().split()
    if not match["whole"] and len(figures) < 2:
        return None
    shown = "".join(str(SMALL.get(figure, 0)) for figure in figures)
    return ENGLISH.get((match["whole"] or "zero").lower(), 0) + float(f"0.{shown}")


def english_part(match: re.Match) -> float | None:
    """A third is a part of something; a third way is one more."""
    top, bottom = (match["top"] or "").lower(), PARTS[match["bottom"].lower()]
    if not top and NEXT.match(match.string, match.end()):
        return None
    bottom += TENS.get((match["tens"] or "").lower(), 0)
    return ENGLISH.get(top, 1) / (bottom * ENGLISH.get((match["times"] or "").lower(), 1))


def chinese(text: str) -> float:
    whole, _, decimals = text.partition("点")
    total = section = digit = 0
    for character in whole:
        if character in DIGITS:
            digit = DIGITS[character]
        elif UNITS[character] < 10**4:
            section, digit = section + (digit or 1) * UNITS[character], 0
        else:
            total, section, digit = (total + section + digit or 1) * UNITS[character], 0, 0
    shown = "".join(str(DIGITS[character]) for character in decimals)
    return float(f"{total + section + digit}.{shown}0")


def chinese_part(match: re.Match) -> float:
    return chinese(match["top"]) / chinese(match["bottom"])


def chinese_tenths(match: re.Match) -> float | None:
    if GROWN.match(match.string, match.end()):
        return None
    more = {"半": 5, None: 0}.get(match["more"])
    return (DIGITS[match["whole"]] * 10 + (DIGITS[match["more"]] if more is None else more)) / 100


def chinese_words(match: re.Match) -> float | None:
    number = chinese(match[0])
    return None if number in range(11) else number


READERS = {
    "zh": (
        (ARABIC, arabic),
        (CHINESE_PART, chinese_part),
        (CHINESE_TENTHS, chinese_tenths),
        (CHINESE_WORDS, chinese_words),
    ),
    "en": (
        (ARABIC, arabic),
        (ENGLISH_DECIMAL, english_decimal),
        (ENGLISH_PART, english_part),
        (ENGLISH_WORDS, english),
    ),
}
