"""Which sections of a page have been revised since both languages last said the same.

``python -m weave.twins`` lists them; ``python -m weave.twins part/topic`` declares a page in step,
also after a correction that the other language does not need; ``--all`` declares every page.

`ledger/twins.yml` keeps, for each section, a hash of its words in each language as they were when
the page was last declared. What the languages share, and punctuation, does not count. Where one
language's words have changed since, readers of the other are told so at the section.
"""

import argparse
import hashlib
import html
import posixpath
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

import yaml

from weave.dates import in_words
from weave.edition import Edition, address, name_of, read_editions
from weave.fences import YamlLoader
from weave.glossary_check import ADDRESS, NOTE, texts
from weave.inline import FORMULA, TAG, VALUE, blank
from weave.kept import recall, write_whole
from weave.ledger import LANGUAGES
from weave.problems import Problem, did_you_mean
from weave.site import PREFIXES
from weave.structure import Chapter

TWINS = "ledger/twins.yml"
HEAD = "# Written by `python -m weave.twins`: hashes of each section's Chinese and English words.\n"
SHARED = (VALUE, FORMULA, ADDRESS, NOTE, TAG)
HEADING = re.compile(r'<h([1-6])[^<>]* id="(?P<id>[^"<>]*)".*?</h\1>', re.DOTALL)
WORDS = {
    "zh": "这一节的英文版在 {date}之后改过，中文版还没有跟上。{link}",
    "en": "The Chinese version of this section has been revised since {date}; "
    "this one has not. {link}",
}
LINKS = {"zh": "看英文版", "en": "Read the Chinese version"}


class Declared(NamedTuple):
    """When a page was declared in step, and its sections' hashes in the order of `LANGUAGES`."""

    on: date
    sections: dict[str, list[str]]


class Drift(NamedTuple):
    """A section that is no longer as it was when its page was declared in step."""

    page: str  # part/topic
    section: str
    revised: tuple[str, ...]  # the languages whose words have changed
    since: date


def read_twins(root: Path) -> tuple[dict[str, Declared], list[Problem]]:
    file = root / TWINS
    if not file.is_file():
        return {}, []
    try:
        given = yaml.load(file.read_text(encoding="utf-8"), Loader=YamlLoader)
        return {page: declared(entry) for page, entry in given.items()}, []
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, KeyError) as fault:
        line = mark.line + 1 if (mark := getattr(fault, "problem_mark", None)) else 1
        message = "damaged: take the file from git, then run `python -m weave.twins`"
        return {}, [Problem(TWINS, line, message)]


def declared(entry: dict) -> Declared:
    hashes = {str(name): given.split() for name, given in entry["sections"].items()}
    if not isinstance(entry["in step"], date) or any(len(h) != 2 for h in hashes.values()):
        raise ValueError
    return Declared(entry["in step"], hashes)


@dataclass
class Hashes:
    sections: dict[str, str]


def kept_hashes(chapter: Chapter, root: Path) -> dict[str, str]:
    place = root / ".weave" / "hashes" / f"{chapter.path}.json"
    return recall(place, chapter.digest.encode(), Hashes, lambda: Hashes(hashes(chapter))).sections


def hashes(chapter: Chapter) -> dict[str, str]:
    """A short hash of the words of each section, the page's title and description included."""
    lines = chapter.prose
    for pattern in SHARED:
        lines = blank(pattern, lines)
    lines = lines.split("\n")
    lines[0] += " ".join(str(chapter.meta.get(name, "")) for name in ("title", "description"))
    for snippet in chapter.snippets:
        figures = snippet.options.get("figures")
        for figure in figures if isinstance(figures, list) else []:
            if isinstance(figure, dict):
                lines[snippet.line - 1] += " ".join(map(str, texts(figure)))
    starts = [0, *(heading.line - 1 for heading in chapter.headings[1:]), len(lines)]
    spans = zip(chapter.headings, starts, starts[1:], strict=False)
    return {h.id: hashed(lines[first:last]) for h, first, last in spans if h.id}


def hashed(lines: list[str]) -> str:
    words = " ".join(re.findall(r"[^\W_]+", "\n".join(lines)))
    return hashlib.sha256(words.encode()).hexdigest()[:8]


def now(root: Path, editions: list[Edition] | None = None) -> dict[str, dict[str, list[str]]]:
    """The hashes of all pages that both languages have."""
    ours, theirs = (edition.pages for edition in editions or read_editions(root, LANGUAGES))
    found = {}
    for page in ours.keys() & theirs.keys():
        left, right = (kept_hashes(chapter, root) for chapter in (ours[page], theirs[page]))
        both = {name: [left[name], right[name]] for name in left if name in right}
        found[name_of(page)] = both
    return found


def drifts(root: Path, editions: list[Edition] | None = None) -> Iterator[Drift]:
    """Every section that has changed since its page was declared in step."""
    then, _ = read_twins(root)
    today = now(root, editions) if then else {}
    for page in sorted(then.keys() & today.keys()):
        for section, old in then[page].sections.items():
            new = today[page].get(section, old)
            pairs = zip(LANGUAGES, old, new, strict=True)
            if revised := tuple(language for language, was, is_ in pairs if was != is_):
                yield Drift(page, section, revised, then[page].on)


def behind(drifted: Iterable[Drift], language: str) -> dict[str, dict[str, date]]:
    """The sections, by page, of which only the other language has been revised, and since when."""
    found: dict[str, dict[str, date]] = {}
    for drift in drifted:
        if language not in drift.revised:
            found.setdefault(drift.page, {})[drift.section] = drift.since
    return found


def add_notices(text: str, page: str, sections: dict[str, date], language: str) -> str:
    """A page's HTML with a notice below the heading of each section that is behind."""

    def add(heading: re.Match) -> str:
        since = sections.get(heading["id"])
        return heading[0] + (notice(page, heading["id"], since, language) if since else "")

    return HEADING.sub(add, text) if sections else text


def notice(page: str, section: str, since: date, language: str) -> str:
    """What a section says to the readers of the language that is behind."""
    other = next(name for name in LANGUAGES if name != language)
    here, there = (PREFIXES[name] + address(f"{page}.md") for name in (language, other))
    target = html.escape(f"{posixpath.relpath(there or '.', here or '.')}/#{section}")
    link = f'<a href="{target}" hreflang="{other}">{LINKS[language]}</a>'
    day = f'<time datetime="{since}">{in_words(since, language)}</time>'
    said = WORDS[language].format(date=day, link=link)
    return f'<p class="twin-ahead" data-search-exclude>{said}</p>'


def told(drift: Drift) -> str:
    if len(drift.revised) == len(LANGUAGES):
        return f"{drift.page}#{drift.section}: both languages revised since {drift.since}"
    return f"{drift.page}#{drift.section}: only {drift.revised[0]} revised since {drift.since}"


def declare(root: Path, pages: list[str]) -> None:
    """Write down that the languages say the same on these pages; forget pages that are gone."""
    then, _ = read_twins(root)
    today = now(root)
    then |= {page: Declared(date.today(), today[page]) for page in pages}
    entries = {
        page: {"in step": on, "sections": {name: " ".join(h) for name, h in sections.items()}}
        for page, (on, sections) in sorted(then.items())
        if page in today
    }
    text = HEAD + yaml.safe_dump(entries, sort_keys=False, allow_unicode=True)
    write_whole(root / TWINS, text.encode())


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m weave.twins", description=__doc__)
    parser.add_argument("page", nargs="*", help="mechanics/rounding: declare it in step")
    parser.add_argument("--all", action="store_true", help="declare every page in step")
    given, root = parser.parse_args(), Path()
    pages = sorted(now(root))
    named = [re.sub(r"^(docs/)?(zh|en)/", "", name_of(name)) for name in given.page]
    for name in named:
        if name not in pages:
            print(f"no page {name} in both languages{did_you_mean(name, pages)}", file=sys.stderr)
            return 2
    if named or given.all:
        declare(root, pages if given.all else named)
    undeclared = [page for page in pages if page not in read_twins(root)[0]]
    print(*map(told, drifts(root)), *(f"{page}: never declared" for page in undeclared), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
