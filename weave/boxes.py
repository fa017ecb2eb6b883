"""The judged claims on a page: boxes with a verdict, and the sources that they cite."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from weave.edition import name_of
from weave.ledger import VERDICTS, Ledger
from weave.problems import did_you_mean
from weave.structure import Admonition, Chapter

CLAIM = re.compile(r"(?<![\w-])(\d{3})-\d{2,3}(?![\w-])", re.ASCII)  # 004-07
CITED = re.compile(  # source 004 §3, §4
    r"(?:来源|[Ss]ources?) (\d{3}) (?=§)(?:[^\d·`\n]{0,20}§\w+(?:\.\w+)*)+", re.ASCII
)
TITLE = re.compile(r'"(.*)"$')
SECTION = re.compile(r"§(\w+(?:\.\w+)*)", re.ASCII)


Found = Iterator[tuple[int, str]]  # lines and messages


class Box(NamedTuple):
    verdict: str
    line: int
    start: int  # where its text begins and ends in the chapter's prose
    end: int


class Citation(NamedTuple):
    source: str
    section: str
    line: int
    start: int  # in the chapter's prose
    end: int


def boxes(chapter: Chapter) -> list[Box]:
    return boxes_in(chapter.prose, tuple(chapter.admonitions))


@lru_cache(maxsize=2000)
def boxes_in(prose: str, admonitions: tuple[Admonition, ...]) -> list[Box]:
    """Kept, since several checks and every page that is made ask for them."""
    judged = [(kind.split()[1], line) for kind, line in admonitions]
    judged = [(verdict, line) for verdict, line in judged if verdict in VERDICTS]
    lines = prose.split("\n") if judged else []
    offsets = [0, *accumulate(len(line) + 1 for line in lines)]
    found = []
    for verdict, line in judged:
        indent = len(lines[line - 1]) - len(lines[line - 1].lstrip())
        inside = (not text.strip() or text[indent:].startswith("    ") for text in lines[line:])
        last = next((line + i for i, is_in in enumerate(inside) if not is_in), len(lines))
        found.append(Box(verdict, line, offsets[line], offsets[last]))
    return found


def citations(chapter: Chapter) -> Iterator[Citation]:
    """Each section of a source that a box cites."""
    for box in boxes(chapter):
        for match in CITED.finditer(chapter.prose, box.start, box.end):
            for section in SECTION.finditer(match[0]):
                start = match.start() + section.start()
                line = chapter.prose.count("\n", 0, start) + 1
                yield Citation(match[1], section[1], line, start, match.start() + section.end())


def check_boxes(chapter: Chapter, ledger: Ledger) -> Iterator[tuple[int, str]]:
    """Boxes that say what the ledger does not."""
    for box in boxes(chapter):
        for match in CLAIM.finditer(chapter.prose, box.start, box.end):
            claims = {claim.id: claim for claim in ledger.claims.get(match[1], [])}
            claim = claims.get(match[0])
            if claim and claim.verdict != box.verdict:
                where = f"ledger/claims/{match[1]}.yml:{claim.verdict.line}"
                yield box.line, f"{match[0]} is {box.verdict} here, {claim.verdict} in {where}"
            elif claims and not claim:
                hint = did_you_mean(match[0], claims)
                yield box.line, f"the ledger has no claim {match[0]}{hint}"
    for cited in citations(chapter):
        if cited.source in ledger.maps:
            known = [section.id for section in ledger.maps[cited.source].sections]
            if cited.section not in known:
                where = f"ledger/sources/{cited.source}.yml has no section `{cited.section}`"
                yield cited.line, where + did_you_mean(cited.section, known)


def check_verdicts(chapter: Chapter, ledger: Ledger, words: dict[str, str]) -> Found:
    """Boxes that are called by another verdict's name, or that the ledger judges otherwise.

    ``words`` names each verdict in the page's language. A box that cites a section stands for
    claims of that section, which name the page; one of them has to have its verdict.
    """
    page = name_of(chapter.path.split("/", 2)[-1])
    cited = list(citations(chapter))
    lines = chapter.prose.split("\n")
    for box in boxes(chapter):
        title = TITLE.search(lines[box.line - 1])
        if title and title[1] in words.values() and title[1] != words[box.verdict]:
            yield box.line, f"a box of type {box.verdict} is called `{title[1]}`"
        inside = [cite for cite in cited if box.start <= cite.start < box.end]
        judged = {
            claim.verdict
            for cite in inside
            for claim in ledger.claims.get(cite.source, [])
            if cite.section in claim.section and page in map(page_of, claim.page)
        }
        entered = [cite for cite in inside if ledger.claims.get(cite.source)]
        if entered and box.verdict not in judged:
            where = " and ".join(f"{cite.source} §{cite.section}" for cite in entered)
            known = ", ".join(sorted(judged)) or "none names this page"
            yield box.line, f"{box.verdict} here; the ledger's claims of {where}: {known}"


def page_of(place: str) -> str:
    return place.partition("#")[0]
