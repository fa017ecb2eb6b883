"""What the book shows of its ledger in one language: links, and a note at the end of each page."""

import html
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

from weave import values
from weave.boxes import Citation
from weave.edition import address, name_of, page_named
from weave.glossary import Term, says
from weave.guide import read_guides
from weave.inline import VALUE, in_formula
from weave.inputs import digest
from weave.kept import recall
from weave.ledger import Claim, Ledger, Section, Text
from weave.page import inline_html
from weave.puzzles import Puzzle
from weave.reading_paths import ReadingPath
from weave.records import Record
from weave.references import Reference, cited
from weave.runs import Run
from weave.structure import Chapter
from weave.words import Words

NUMBER = re.compile(r"^(\d+)\.")  # what an exercise begins with; alone, Markdown makes a list of it
CLAIMS, MAP = "reference/claims", "reference/source-map"
VERDICTS = {
    "zh": {"correct": "成立", "imprecise": "不精确", "wrong": "错误", "dated": "过时",
           "opinion": "观点"},
    "en": {"correct": "Correct", "imprecise": "Imprecise", "wrong": "Wrong", "dated": "Dated",
           "opinion": "Opinion"},
}  # fmt: skip
WORDS = {
    "zh": {"comma": "、", "source": "来源", "mirrors": "本页对应来源 {0}（{1}）：{2}",
           "settled": "本页检验的论断：", "claim": "1 条论断", "claims": "{0} 条论断",
           "note": "来源与论断"},
    "en": {"comma": ", ", "source": "source", "mirrors": "This page mirrors source {0} ({1}): {2}",
           "settled": "Claims settled on this page:", "claim": "1 claim", "claims": "{0} claims",
           "note": "Sources and claims"},
}  # fmt: skip


@dataclass
class Used:
    """The terms that a page uses, by their numbers."""

    numbers: list[int]


@dataclass
class Shelf:
    """Ledger, glossary, references and recorded runs, the pages that they name, and the values in
    their texts.
    """

    ledger: Ledger = field(default_factory=Ledger)
    language: str = "en"
    pages: Mapping[str, Chapter] = field(default_factory=dict)
    root: Path = Path()
    records: Mapping[str, Record] = field(default_factory=dict)
    link: str = ""  # of a file of the repository, with {path}
    terms: list[Term] = field(default_factory=list)
    references: Mapping[str, Reference] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    behind: Mapping[str, Mapping[str, date]] = field(default_factory=dict)  # see `twins`
    puzzles: Mapping[str, list[Puzzle]] = field(default_factory=dict)  # see `puzzles`
    others: Mapping[str, Mapping[str, Chapter]] = field(default_factory=dict)  # their pages
    paths: list[ReadingPath] = field(default_factory=list)
    used: dict[str, list[Term]] = field(default_factory=dict)  # by file: finding them takes time

    @cached_property
    def words(self) -> Words:
        """How Chinese is cut, the book's terms known: where words end depends on them."""
        return Words(self.root / ".weave" / "words.json", (term.zh for term in self.terms))

    def word(self, name: str) -> str:
        return WORDS[self.language][name]

    def verdict(self, verdict: str) -> str:
        return VERDICTS[self.language].get(verdict, verdict)

    def text(self, record: object) -> str:
        """A record's text in this language."""
        return self.inline(getattr(record, self.language))

    def inline(self, text: str) -> str:
        """HTML of one text, with its values filled in; `check_values` has said what is wrong."""

        def fill(match) -> str:
            tex = in_formula(text, match)
            try:
                shown = values.resolve(self.root, self.records, match, self.language, tex)
            except values.ValueProblem:
                shown = None
            return shown or (r"\text{?}" if tex else "?")

        return inline_html(VALUE.sub(fill, text))

    def join(self, parts: Iterable[str]) -> str:
        return self.word("comma").join(parts)

    def claims(self) -> Iterator[Claim]:
        return (claim for claims in self.ledger.claims.values() for claim in claims)

    def claims_on(self, page: str) -> list[Claim]:
        return self.claims_by_page.get(page, [])

    @cached_property
    def claims_by_page(self) -> dict[str, list[Claim]]:
        found: dict[str, list[Claim]] = {}
        for claim in self.claims():
            for page in pages_of(claim):
                found.setdefault(page, []).append(claim)
        return found

    def sections_on(self, page: str) -> dict[str, list[Section]]:
        """The sections that a page mirrors, by their source."""
        found = {
            number: [section for section in source.sections if page in pages_of(section)]
            for number, source in self.ledger.maps.items()
        }
        return {number: sections for number, sections in found.items() if sections}

    # Links

    def to_section(self, here: str, number: str, section: str) -> str:
        return f'<a href="{href(here, MAP, f"s{number}-{section}")}">§{section}</a>'

    def to_claim(self, here: str, claim: Claim) -> str:
        return f'<a href="{href(here, CLAIMS, f"c{claim.id}")}">{claim.id}</a>'

    def to_pages(self, here: str, places: list[Text]) -> list[str]:
        """Links to pages by their titles, each followed by the headings that are meant."""
        anchors: dict[str, list[str]] = {}
        for page, _, anchor in (place.partition("#") for place in places):
            anchors.setdefault(page, []).append(anchor)
        return [self.to_page(here, page, found) for page, found in anchors.items()]

    def to_page(self, here: str, page: str, anchors: list[str]) -> str:
        chapter = page_named(self.pages, page)
        titles = {heading.id: heading.text for heading in chapter.headings} if chapter else {}
        links = [
            f'<a href="{href(here, page, anchor)}">{self.heading(titles[anchor])}</a>'
            for anchor in dict.fromkeys([*list(titles)[:1], *anchors])
            if anchor in titles
        ]
        return " › ".join([*links[:1], *([self.join(links[1:])] if links[1:] else [])])

    def heading(self, text: str) -> str:
        return self.inline(NUMBER.sub(r"\1\.", text))

    def to_file(self, path: str, shown: str) -> str:
        broken = html.escape(shown).replace("/", "/<wbr>").replace(":", "<wbr>:", 1)
        code = f'<code class="file">{broken}</code>'
        link = html.escape(self.link.format(path=path))
        return f'<a href="{link}">{code}</a>' if link else code

    def cite(self, here: str, cited: Citation) -> str:
        """What a box shows of a section that it cites."""
        if cited.section in self.ledger.sections(cited.source):
            return self.to_section(here, cited.source, cited.section)
        return f"§{cited.section}"

    # Terms

    def terms_on(self, file: str) -> list[Term]:
        """The terms that a page uses, unless it is their list."""
        if file not in self.used:
            self.used[file] = self.find_terms(self.pages.get(file), file)
        return self.used[file]

    @cached_property
    def glossary(self) -> str:
        return digest(repr(self.terms).encode())

    def find_terms(self, chapter: Chapter | None, file: str) -> list[Term]:
        if not chapter or any(view.kind == "glossary" for view in chapter.views):
            return []
        twins = {other: pages[file] for other, pages in self.others.items() if file in pages}

        def find() -> Used:
            text = chapter.prose.lower()
            used = [term for term in self.terms if says(text, term, self.language)]
            return Used([self.terms.index(term) for term in used if self.meant(term, twins)])

        texts = [self.glossary, chapter.digest, *(twin.digest for twin in twins.values())]
        place = self.root / ".weave" / "terms" / self.language / f"{file}.json"
        used = recall(place, " ".join(texts).encode(), Used, find)
        return [self.terms[number] for number in used.numbers]

    def meant(self, term: Term, twins: Mapping[str, Chapter]) -> bool:
        """Whether a page means the term: with a word of every day, if its twins use it, too."""
        if self.language not in term.everyday:
            return True
        return all(says(twin.prose.lower(), term, other) for other, twin in twins.items())

    # The end of a page

    def note(self, page: str) -> str:
        """Which sections a page mirrors and which claims it settles, folded; empty for others."""
        claims, mirrored = self.claims_on(page), self.sections_on(page)
        if not (claims or mirrored):
            return ""
        sources = self.join(
            f"{self.word('source')} {number} {self.join('§' + s.id for s in sections)}"
            for number, sections in mirrored.items()
        )
        word = self.word("claim" if len(claims) == 1 else "claims")
        counted = word.format(len(claims)) if claims else ""
        summary = " · ".join(part for part in (sources, counted) if part)
        shown = "".join(self.mirror(page, *item) for item in mirrored.items())
        if claims:
            items = "".join(f"<li>{self.line(page, claim)}</li>" for claim in claims)
            shown += f"<p>{self.word('settled')}</p><ul>{items}</ul>"
        title = f"<summary>{self.word('note')}<span>{summary}</span></summary>"
        return f'<details class="page-claims" data-search-exclude>{title}{shown}</details>'

    def mirror(self, page: str, number: str, sections: list[Section]) -> str:
        title = self.inline(self.ledger.maps[number].title.get(self.language, ""))
        named = self.join(f"{self.to_section(page, number, s.id)} {self.text(s)}" for s in sections)
        return f"<p>{self.word('mirrors').format(number, title, named)}</p>"

    def line(self, page: str, claim: Claim) -> str:
        verdict = self.verdict(claim.verdict)
        badge = f'<span class="verdict">{verdict}</span>'
        return f"{badge} {self.to_claim(page, claim)} {self.text(claim)}"

    # What a finished page depends on

    def shown_on(self, file: str, chapter: Chapter) -> str:
        """All that a page shows of the ledger; while it stays, the page need not be made again."""
        page = name_of(file)
        shown = [
            [self.references[key] for key in cited(chapter, self.references)],
            {number: list(self.ledger.sections(number)) for number in self.ledger.maps},
            self.claims_on(page),
            self.sections_on(page),
            self.behind.get(page),
            self.puzzles.get(page),
            self.terms_on(file),
            [path for path in self.paths if page in path.pages],
        ]
        kinds = {view.kind for view in chapter.views} - {"drawing"}
        if kinds:
            shown.append({name: (c.headings, c.footnotes) for name, c in self.pages.items()})
        if "glossary" in kinds:
            shown.append(self.terms)
        if "runs" in kinds:
            shown.append(self.runs)
        if "paths" in kinds:
            shown.append(self.paths)
        if "guide" in kinds:
            shown.append([(guide.digest, self.link) for guide in read_guides(self.root).values()])
        if kinds - {"glossary", "runs", "guide", "paths"}:
            citing = {name: cited(c, self.references) for name, c in self.pages.items()}
            shown += [citing, self.references, self.ledger.claims, self.ledger.maps]
        return repr(shown)


def pages_of(record: Claim | Section) -> set[str]:
    return {place.partition("#")[0] for place in record.page}


def href(here: str, page: str, anchor: str = "") -> str:
    """The address of a page, relative to that of another."""
    mark = f"#{anchor}" if anchor else ""
    if page == here and mark:
        return html.escape(mark)
    base, goal = (address(f"{name}.md") or "." for name in (here, page))
    return html.escape(posixpath.relpath(goal, base) + "/" + mark)
