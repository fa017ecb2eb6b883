"""Markdown lines of the fences that show the whole ledger: counts, claims, and the source map.

Headings are Markdown, so that the contents list them; all else is HTML, which `store` keeps from
being read as Markdown.
"""

import html
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from weave.edition import page_named
from weave.fences import View
from weave.ledger import CORRECTED, VERDICTS, Block, Claim, Map, Section
from weave.shelf import CLAIMS, Shelf, href
from weave.structure import Chapter

WORDS = {
    "zh": {
        "source": "来源", "total": "合计", "all": "全部", "verdict": "判语", "holds": "成立的是：",
        "note": "附注：", "shown": "显示 {0} / {1} 条", "see": "见", "test": "检验",
        "reference": "文献", "section": "节", "title": "内容", "here": "在本书", "claims": "论断",
        "code": "代码", "formula": "公式", "promise": "许诺未给", "block": "编号", "kind": "种类",
    },
    "en": {
        "source": "Source", "total": "Total", "all": "All", "verdict": "Verdict",
        "holds": "What holds: ", "note": "Note: ", "shown": "{0} of {1} shown", "see": "See",
        "test": "Test", "reference": "Reference", "section": "Section", "title": "What it is",
        "here": "In this book", "claims": "Claims", "code": "Code", "formula": "Formula",
        "promise": "Promised", "block": "No.", "kind": "Kind",
    },
}  # fmt: skip
Store = Callable[[str], str]


class LedgerPage:
    def __init__(self, shelf: Shelf, page: str, store: Store):
        self.shelf, self.page, self.store = shelf, page, store
        self.words = WORDS[shelf.language]

    def show(self, view: View) -> list[str]:
        maps = self.shelf.ledger.maps
        chosen = [maps[view.source]] if view.source in maps else list(maps.values())
        show = {"claim-counts": self.counts, "ledger": self.claims, "source-map": self.map}
        return list(show[view.kind](chosen))

    def html(self, text: str) -> Iterator[str]:
        yield from ("", self.store(text), "")

    def heading(self, source: Map, letter: str) -> str:
        title = source.title.get(self.shelf.language, "")
        return f"## {source.number} · {title} {{ #{letter}{source.number} }}"

    # How many

    def counts(self, sources: list[Map]) -> Iterator[str]:
        """Claims by source and verdict; each number leads to those that it counts."""
        head = [self.words["source"], *map(self.shelf.verdict, VERDICTS), self.words["total"]]
        rows, total = [], Counter()
        for source in sources:
            claims = self.shelf.ledger.claims.get(source.number, [])
            found = Counter(claim.verdict for claim in claims)
            total += found
            title = self.shelf.inline(source.title.get(self.shelf.language, ""))
            first = self.number(f"{source.number} {title}", source=source.number)
            rows.append([first, *self.numbers(found, source=source.number)])
        if len(sources) > 1:
            rows.append([self.words["total"], *self.numbers(total)])
        yield from self.html(table(head, rows))

    def numbers(self, found: Counter, **state: str) -> list[str]:
        numbers = [self.number(found[verdict], **state, verdict=verdict) for verdict in VERDICTS]
        return [*numbers, str(found.total())]

    def number(self, shown: object, **state: str) -> str:
        query = "&amp;".join(f"{name}={value}" for name, value in state.items())
        return f'<a href="{href(self.page, CLAIMS)}?{query}">{shown}</a>' if shown else "0"

    # The claims

    def claims(self, sources: list[Map]) -> Iterator[str]:
        yield from self.html(self.filter(sources))
        for source in sources:
            claims = self.shelf.ledger.claims.get(source.number, [])
            yield self.heading(source, "c")
            for section in source.sections:
                here = [claim for claim in claims if claim.section[:1] == [section.id]]
                if here:
                    yield from self.html(self.section(source, section, here))

    def filter(self, sources: list[Map]) -> str:
        """Without a script it stays hidden, and the list whole."""
        verdicts = [(verdict, self.shelf.verdict(verdict)) for verdict in VERDICTS]
        titles = [(s.number, f"{s.number} {s.title.get(self.shelf.language)}") for s in sources]
        controls = self.select("verdict", verdicts) + self.select("source", titles)
        shown = f'<output data-words="{self.words["shown"]}"></output>'
        return f'<form class="claim-filter" hidden>{controls}{shown}</form>'

    def select(self, name: str, options: list[tuple[str, str]]) -> str:
        shown = "".join(
            f'<option value="{value}">{text}</option>'
            for value, text in [("", self.words["all"]), *options]
        )
        return f'<label>{self.words[name]} <select name="{name}">{shown}</select></label>'

    def section(self, source: Map, section: Section, claims: list[Claim]) -> str:
        name = f"c{source.number}-s{section.id}"
        link = self.shelf.to_section(self.page, source.number, section.id)
        head = f'<h3 id="{name}">{link} {self.shelf.text(section)}</h3>'
        boxes = "".join(map(self.claim, claims))
        return f'<div class="claims" data-source="{source.number}">{head}{boxes}</div>'

    def claim(self, claim: Claim) -> str:
        shelf = self.shelf
        holds = claim.holds.get(shelf.language)
        word = self.words["holds" if claim.verdict in CORRECTED else "note"]
        held = f"<p>{word}{shelf.inline(holds)}</p>" if holds else ""
        return (
            f'<div class="admonition claim {claim.verdict}" id="c{claim.id}">'
            f'<p class="admonition-title">{shelf.verdict(claim.verdict)}</p>'
            f"<p>{shelf.text(claim)}</p>{held}"
            f'<p class="claim-evidence">{" · ".join(self.evidence(claim))}</p></div>'
        )

    def evidence(self, claim: Claim) -> Iterator[str]:
        shelf, number = self.shelf, claim.id[:3]
        yield shelf.to_claim(self.page, claim)
        if len(claim.section) > 1:
            yield shelf.join(shelf.to_section(self.page, number, name) for name in claim.section)
        yield self.listed("see", shelf.to_pages(self.page, claim.page))
        if claim.tests:
            yield self.listed("test", self.tests(claim))
        if claim.references:
            yield self.listed("reference", [self.reference(claim, x) for x in claim.references])

    def listed(self, word: str, links: Iterable[str]) -> str:
        return f"{self.words[word]} {self.shelf.join(links)}"

    def tests(self, claim: Claim) -> Iterator[str]:
        """Links to the tests; their file is named once."""
        last = ""
        for path, _, name in (test.partition("::") for test in claim.tests):
            shown = f"::{name}" if path == last else f"{path}::{name}"
            yield self.shelf.to_file(path, shown)
            last = path

    def reference(self, claim: Claim, key: str) -> str:
        """A link to the footnote on the first of the claim's pages that has it."""
        for page in (place.partition("#")[0] for place in claim.page):
            chapter = page_named(self.shelf.pages, page)
            if chapter and key in {mark.name for mark in chapter.footnotes_used}:
                shown = html.escape(self.name(key, chapter))
                return f'<a href="{href(self.page, page, f"fn:{key}")}">{shown}</a>'
        return key

    def name(self, key: str, chapter: Chapter) -> str:
        """A reference's author and year, or how a note begins."""
        if reference := self.shelf.references.get(key):
            return f"{reference.by} {reference.get('issued')[:4]}".strip()
        return chapter.footnotes.get(key, key).partition(",")[0]

    # The source map

    def map(self, sources: list[Map]) -> Iterator[str]:
        words = self.words
        for source in sources:
            yield self.heading(source, "s")
            rows = [self.section_row(source, section) for section in source.sections]
            head = [words["section"], words["title"], words["here"], words["claims"]]
            yield from self.html(table(head, rows))
            if source.blocks:
                head = [words["block"], words["kind"], words["title"], words["here"]]
                rows = [self.block_row(source, block) for block in source.blocks]
                yield from self.html(table(head, rows))

    def section_row(self, source: Map, section: Section) -> list[str]:
        listed = self.shelf.ledger.claims.get(source.number, [])
        claims = [claim for claim in listed if section.id in claim.section]
        goal = href(self.page, CLAIMS, f"c{claims[0].id}") if claims else ""
        return [
            f'<span id="s{source.number}-{section.id}">§{section.id}</span>',
            self.shelf.text(section),
            self.places(section),
            f'<a href="{goal}">{len(claims)}</a>' if claims else "",
        ]

    def block_row(self, source: Map, block: Block) -> list[str]:
        files = [(f"snippets/{target.partition(':')[0]}", target) for target in block.snippet]
        code = [self.shelf.to_file(*pair) for pair in files]
        return [
            f'<span id="b{source.number}-{block.id}">{block.id}</span>',
            self.words[block.kind],
            self.shelf.text(block),
            "<br>".join([*code, self.places(block)]),
        ]

    def places(self, record: Section | Block) -> str:
        return "<br>".join(self.shelf.to_pages(self.page, record.page))


def table(head: list[str], rows: list[list[str]]) -> str:
    def row(cells: list[str], tag: str) -> str:
        return f"<tr>{''.join(f'<{tag}>{cell}</{tag}>' for cell in cells)}</tr>"

    body = "".join(row(cells, "td") for cells in rows)
    return f"<table><thead>{row(head, 'th')}</thead><tbody>{body}</tbody></table>"
