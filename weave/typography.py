"""Chinese typography: spaces between 汉字 and Latin, full-width punctuation, curly quotes.

The rules are those of `autocorrect-py`, and a few that it lacks. It reads plain text: so each
formula, value and piece of code stands in the text as a letter or a number, and the marks of
Markdown and YAML are left out. Each letter knows its place in the file.
"""

import json
import re
import tokenize
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from difflib import SequenceMatcher
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import autocorrect_py

from weave.clean import Clean
from weave.fences import hide_spans
from weave.inline import FORMULA, VALUE, overwrite
from weave.percent import page_text
from weave.problems import Problem

ON, OFF = 1, 0
RULES = {
    "space-word": ON,
    "space-punctuation": ON,
    "fullwidth": ON,
    "no-space-fullwidth": ON,
    "no-space-fullwidth-quote": ON,
    "halfwidth-word": ON,
    "halfwidth-punctuation": ON,
    "space-backticks": OFF,  # code and formulas are letters here
    "space-dollar": OFF,
    "space-bracket": OFF,  # brackets are full-width
    "space-dash": OFF,
    "spellcheck": OFF,
}
autocorrect_py.load_config(json.dumps({"rules": RULES}))

FILES = ("README.zh.md", "CONTRIBUTING.zh.md", "docs/zh/**/*.md", "docs/zh/**/*.py")
FILES += ("ledger/*/*.yml", "ledger/glossary.yml", "ledger/words.yml")  # numerals.yml: fragments
HAN = "[\u4e00-\u9fff]"
CHINESE, LATIN = re.compile(HAN), re.compile("[A-Za-z]{2,}")
CLOSED = "[\u4e00-\u9fff，。、；：？！（）“”…—《》]"
OWN_RULES = (  # what autocorrect lacks; not compiled for a build that changes nothing Chinese
    (rf"(?<={CLOSED}) +(?={CLOSED})", ""),
    (rf'"(?={HAN})', "“"),
    (rf'(?<={HAN})"', "”"),
    (rf"(?<={HAN});\s*", "；"),
    (rf" ?\((?=[^()]*{HAN})([^()]*)\) ?", r"（\1）"),
    (rf"(?<={HAN})\) ?", "）"),
    (rf"(?<={CLOSED}) ?\(([A-Za-z]{{2}}[^()]*)\)(?!\w) ?", r"（\1）"),
)
MARKUP = re.compile(
    rf"(?P<value>{VALUE.pattern})"
    r"|(?P<word>_{2,}|<https?:[^<>]*>)"
    r"|(?P<wall>\||\"$|(?<=[。？！])\*\* "  # a cell's end, a quoted text's, a run-in heading's
    r"|[{,]\s*(?:\"[^\"]*\"|[^\s:,{}\"][^:,{}\"]*): \"?|\"(?=[,}])|\}$"  # a figure's labels
    r"|, (?=[^\[\]()]*\](?:\}|, en:)))"  # words of a list
    r"|\*{1,3}|!?\[(?!\^)|\]\([^()]*(?:\([^()]*\)[^()]*)*\)|\]\[[^\]]*\]|\[\^[^\]]*\](?!:)|\]"
    r"|</?[A-Za-z][\w-]*(?:\s[^<>]*)?>|\s*\{:?\s*[.#][^{}]*\}"
)
# What begins a line: a key of YAML, the marks of a heading, an item, a box or a footnote.
START = re.compile(
    r"[ >]*(?:- )?(?:[A-Za-z]\w*:(?=\s)(?: *[>|]-?)? *|#+ |[-*+] |\d+\. |\[\^[^\]]*\]:)?"
    r"(?:(?:!!!|\?\?\?\+?) [\w ]+)?\"?"
)
FULL_WIDTH = re.compile("[\u3000-\u303f\uff00-\uffef]")
AROUND = 6  # letters that a message quotes on either side
FENCED = re.compile(r"^ *(?P<run>`{3,})(?P<info>[^`\n]*)$.*?^ *(?P=run) *$", re.M | re.DOTALL)


class Slip(NamedTuple):
    """Letters of a line that are not as they should be: from where to where, and what should."""

    start: int
    end: int
    better: str


def check_typography(root: Path, clean: Clean) -> Iterator[Problem]:
    """Every slip in the Chinese pages, the ledger, the glossary and the guides."""
    for file in sorted({file for pattern in FILES for file in root.glob(pattern)}):
        yield from clean.findings("typography", *looked_at(file, root, check_page))
    for file in sorted(root.glob("snippets/**/*.py")):
        yield from clean.findings("comments", *looked_at(file, root, check_comments))


def looked_at(file: Path, root: Path, check: Callable) -> tuple[tuple[str, str], Callable]:
    """What a check looks at, and the check."""
    path, text = file.relative_to(root).as_posix(), file.read_text("utf-8-sig", "replace")
    return (path, text), lambda: check(path, text)


def check_page(path: str, text: str) -> Iterator[Problem]:
    return check_text(path, page_text(text, path))


def check_comments(path: str, code: str) -> Iterator[Problem]:
    """Comments and docstrings are in English; strings can be for readers of Chinese."""
    if not FULL_WIDTH.search(code):
        return
    with suppress(SyntaxError, tokenize.TokenError):  # the loom says so
        for token in tokenize.generate_tokens(StringIO(code).readline):
            docstring = token.type == tokenize.STRING and token.line.strip().startswith('"""')
            if docstring or token.type == tokenize.COMMENT:
                for match in FULL_WIDTH.finditer(token.string):
                    before = token.string[: match.start()].split("\n")
                    column = len(before[-1]) + (token.start[1] if len(before) == 1 else 0) + 1
                    line = token.start[0] + len(before) - 1
                    yield Problem(path, line, f"`{match[0]}` is no character for English", column)


def check_text(path: str, text: str) -> Iterator[Problem]:
    shown = text.split("\n")
    for number, line in enumerate(without_code(text).split("\n"), 1):
        if CHINESE.search(line):
            for near in together(slips(line)):
                now, better = quote(shown[number - 1], near)
                message = f"write `{better}` for `{now}`"
                yield Problem(path, number, message, near[0].start + 1)


def without_code(text: str) -> str:
    """The text without fenced code and comments; formulas and code spans are underscores."""
    text = FENCED.sub(without_fence, text)
    return FORMULA.sub(lambda match: overwrite(match[0], "_"), hide_spans(text))


def without_fence(fence: re.Match) -> str:
    """Of a snippet's fence, what it says of the figures stays."""
    if not fence["info"].strip().startswith("snippet"):
        return overwrite(fence[0])
    lines = fence[0].split("\n")
    return "\n".join([overwrite(lines[0]), *lines[1:-1], overwrite(lines[-1])])


@lru_cache(maxsize=50_000)  # of a book that is served, most lines stay as they are
def slips(line: str) -> tuple[Slip, ...]:
    """What is wrong in one line of Markdown or YAML."""
    plain, places = read(line)
    if len(LATIN.findall(plain)) > len(CHINESE.findall(plain)):
        return ()  # a foreign text that names a Chinese word
    better = autocorrect_py.format(plain)
    for pattern, mended in OWN_RULES:
        better = re.sub(pattern, mended, better)
    if better == plain:
        return ()
    steps = SequenceMatcher(None, plain, better, autojunk=False).get_opcodes()
    return tuple(
        Slip(places[i], places[j - 1] + 1 if j > i else places[i], better[k:m])
        for kind, i, j, k, m in steps
        if kind != "equal"
    )


def read(line: str) -> tuple[str, list[int]]:
    """What one reads in a line, and for each letter of that, and for its end, the place."""
    plain, places, at = [], [], START.match(line).end()
    for match in MARKUP.finditer(line, at):
        for text, start in ((line[at : match.start()], at), (stand_in(match), None)):
            plain.append(text)
            places += [match.start() if start is None else start + i for i in range(len(text))]
        at = match.end()
    return "".join(plain) + line[at:], [*places, *range(at, len(line) + 1)]


def stand_in(match: re.Match) -> str:
    """What autocorrect reads in the place of markup."""
    if match["value"]:
        given = match["format"] or ""
        return "8%" if "%" in given else "8\n" if given.startswith("big") else "8"  # 8 or 8 亿
    return "\n" if match["wall"] else "x" if match["word"] else ""


def together(found: Iterable[Slip]) -> Iterator[list[Slip]]:
    """Slips in groups that can be shown in one quotation."""
    group: list[Slip] = []
    for slip in found:
        if group and slip.start - group[-1].end > AROUND:
            yield group
            group = []
        group.append(slip)
    if group:
        yield group


def quote(line: str, group: list[Slip]) -> tuple[str, str]:
    """A few letters as they stand, and as they should."""
    start, end = max(group[0].start - AROUND, 0), group[-1].end + AROUND
    better, at = "", start
    for slip in group:
        better += line[at : slip.start] + slip.better
        at = slip.end
    return line[start:end].strip(), (better + line[at:end]).strip()
