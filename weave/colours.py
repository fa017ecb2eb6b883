"""Coloured code of a page, kept from build to build; both languages show the same.

What colours it takes long to load, and most edits change no code.
"""

import re
from functools import cache, cached_property
from pathlib import Path

import pygments

from weave.kept import keep, kept, key_of

# Names, operators and punctuation, which the style sheet shows like text: half of all the tags.
PLAIN = re.compile(r'<span class="(?:n|p|o|w|nb|nn|ne|nd|bp|fm|vm)">([^<]*)</span>')


class Colours:
    """Code of a page -> its HTML; `write` keeps what has been asked for."""

    def __init__(self, place: Path):
        self.place = place
        self.used: dict[str, str] = {}

    def __getitem__(self, code: str) -> str:
        if code not in self.used:
            self.used[code] = self.known.get(code) or coloured(code)
        return self.used[code]

    @cached_property
    def known(self) -> dict[str, str]:
        return kept(self.place, key(), dict, {})

    def write(self) -> None:
        if any(code not in self.known for code in self.used):
            keep(self.place, key(), self.used)


@cache
def key() -> str:
    return key_of(pygments.__version__.encode())


def coloured(code: str) -> str:
    return PLAIN.sub(r"\1", pygments.highlight(code, *tools())).strip()


@cache
def tools() -> tuple:
    """Not made before they are needed: the lexer's rules take long to compile."""
    from pygments.formatters import HtmlFormatter

    from weave.lexer import Lexer

    return Lexer(stripall=False), HtmlFormatter(wrapcode=True)
