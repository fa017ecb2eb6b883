"""Chinese in words, as jieba cuts it once it knows the book's terms.

It takes its time, so what it said is kept from build to build, for as long as terms, engine
and packages are the same.
"""

import json
import re
import sys
from collections.abc import Iterable
from functools import cached_property
from itertools import accumulate
from pathlib import Path

from weave.inputs import packages
from weave.kept import keep, kept, key_of

BLOCK = re.compile(r"[\u4e00-\u9fd5a-zA-Z0-9+#&._%-]+")  # jieba cuts each by itself


class Words:
    """Stands in for jieba in Material's search plugin; cuts each run of Chinese only once."""

    MOST = 200_000

    def __init__(self, place: Path, terms: Iterable[str]):
        self.place, self.terms = place, tuple(terms)
        self.used: dict[str, str] = {}
        self.before: dict[str, str] | None = None
        self.total = 0  # of the dictionary's frequencies, once it is known

    @property
    def key(self) -> str:
        return key_of(json.dumps([packages(), self.terms]).encode())

    def cut(self, text: bytes) -> list[str]:
        run = text.decode()
        if run not in self.used:
            if self.before is None:
                self.before, self.total = kept(self.place, self.key, runs_and_total, ({}, 0))
            self.used[run] = self.before.get(run) or " ".join(self.segment(run))
        return self.used[run].split(" ")

    def is_edge(self, text: str, place: int) -> bool:
        """Whether a word of the text begins or ends at a place."""
        blocks = BLOCK.finditer(text)
        block = next((each for each in blocks if each.start() < place < each.end()), None)
        if not block:
            return True
        return place - block.start() in accumulate(map(len, self.cut(block[0].encode())))

    def segment(self, run: str) -> list[str]:
        return self.segmenter.cut(run)

    @cached_property
    def segmenter(self):
        from weave.segmenter import Segmenter  # few builds need jieba

        return Segmenter(self.terms, self.total)

    def write(self) -> None:
        """Keep what was cut."""
        before = self.before or {}
        if self.used.keys() - before:
            runs = self.used if len(before) > self.MOST else before | self.used
            keep(self.place, self.key, {"total": self.segmenter.total, "runs": runs})

    def install(self) -> None:
        """Have Material's search plugin ask here, if it is in use and would ask jieba."""
        plugin = sys.modules.get("material.plugins.search.plugin")
        if plugin and getattr(plugin, "jieba", None):
            plugin.jieba = self


def runs_and_total(told: dict) -> tuple[dict[str, str], int]:
    return dict(told["runs"]), int(told["total"])
