"""Wording and code that the book shares with its sources: it restates, and copies nothing.

The sources are not in the repository. Where they are at hand, as text files in one folder,
`python -m weave.check --sources FOLDER` compares them with pages, ledger, guides and snippets.
What counts is a run of tokens, whatever the spaces and the punctuation between them; Chinese in
traditional characters counts as if it were simplified.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import islice, takewhile
from pathlib import Path
from typing import NamedTuple

from weave.inline import VALUE, blank
from weave.percent import page_text
from weave.problems import Problem
from weave.references import NOTE
from weave.typography import without_code

# So long a run is no accident. In the whole book, terms and idioms alone make runs of up to 11
# characters (矩阵乘法, 从图像识别到大语言模型), of 5 English words, and of 10 tokens of code.
CHARACTERS, WORDS, CODE = 12, 8, 12
SEED = min(CHARACTERS, WORDS, CODE)
IN_PROSE = re.compile(r"[\u4e00-\u9fff]|[^\W_\u4e00-\u9fff]+")
IN_CODE = re.compile(r"[^\W\d]\w*|[^\w\s\"',()\[\]{}.]")  # neither numbers nor brackets
HAN = re.compile(r"[\u4e00-\u9fff]")


class Token(NamedTuple):
    text: str
    start: int  # in the file
    end: int


class Kind(NamedTuple):
    """A kind of text that is compared by itself."""

    files: tuple[str, ...]
    token: re.Pattern
    own: Callable[[str], str]  # what of a file counts
    is_long: Callable[[list[Token]], bool]


class Index:
    """Where each run of `SEED` tokens stands in the sources."""

    def __init__(self, sources: dict[str, str], pattern: re.Pattern):
        self.tokens = {name: tokens(text, pattern) for name, text in sources.items()}
        self.seeds = defaultdict(list)
        for name, found in self.tokens.items():
            for i, seed in enumerate(runs(found)):
                self.seeds[seed].append((name, i))

    def shared(self, found: list[Token]) -> Iterator[tuple[str, list[Token]]]:
        """Each run of tokens that a source has, too, as long as it goes; with the source."""
        after = 0
        for i, seed in enumerate(runs(found)):
            if i >= after and seed in self.seeds:
                lengths = ((self.length(found[i:], *place), place[0]) for place in self.seeds[seed])
                length, name = max(lengths)
                after = i + length
                yield name, found[i:after]

    def length(self, found: list[Token], name: str, start: int) -> int:
        theirs = islice(self.tokens[name], start, None)
        same = takewhile(lambda pair: pair[0].text == pair[1].text, zip(found, theirs))
        return sum(1 for _ in same)


def tokens(text: str, pattern: re.Pattern) -> list[Token]:
    return [Token(fold(m[0]), m.start(), m.end()) for m in pattern.finditer(text)]


def fold(word: str) -> str:
    return unicodedata.normalize("NFKC", word).lower()


def runs(found: list[Token]) -> Iterator[tuple[str, ...]]:
    texts = [token.text for token in found]
    return zip(*(texts[i:] for i in range(SEED)), strict=False)


def long_prose(run: list[Token]) -> bool:
    characters = sum(bool(HAN.match(token.text)) for token in run)
    return characters >= CHARACTERS or len(run) - characters >= WORDS


def long_code(run: list[Token]) -> bool:
    return len(run) >= CODE


def read_sources(folder: Path) -> dict[str, str]:
    """The sources by the numbers that their files' names begin with, in simplified characters."""
    from opencc import OpenCC  # only here: a build does not need it

    simplify = OpenCC("t2s").convert
    files = sorted(folder.glob("*.txt"))
    return {file.name[:3]: simplify(file.read_text(encoding="utf-8")) for file in files}


def own_prose(text: str) -> str:
    """A page's own words: no code, values or formulas, nor the titles of what it cites."""
    return blank(NOTE, blank(VALUE, without_code(text)))


KINDS = (
    Kind(
        ("README*.md", "CONTRIBUTING*.md", "docs/**/*.md", "docs/**/*.py")
        + ("ledger/[!r]*/*.yml", "ledger/*.yml"),
        IN_PROSE,
        own_prose,
        long_prose,
    ),
    Kind(("snippets/**/*.py",), IN_CODE, str, long_code),
)


def check_borrowed(root: Path, sources: dict[str, str]) -> Iterator[Problem]:
    """Every place where the book has a source's own words, or its code."""
    for kind in KINDS:
        index = Index(sources, kind.token)
        for file in sorted({file for pattern in kind.files for file in root.glob(pattern)}):
            path = file.relative_to(root).as_posix()
            text = page_text(file.read_text(encoding="utf-8-sig", errors="replace"), path)
            for name, run in index.shared(tokens(kind.own(text), kind.token)):
                if kind.is_long(run):
                    start, end = run[0].start, run[-1].end
                    shown = " ".join(text[start:end].split())
                    message = f"source {name} says this word for word; restate it: `{shown}`"
                    yield Problem(path, text.count("\n", 0, start) + 1, message)
