"""The ledger's texts: what they say in one language, they say in the other, and it can be shown."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from weave import formulas, values
from weave.compare import Side, compare
from weave.fences import hide_spans
from weave.inline import VALUE, Inline, in_formula, read_inline
from weave.ledger import LANGUAGES, Ledger, Text
from weave.parity import formula_parts, value_parts
from weave.problems import Problem
from weave.records import Record


def all_texts(ledger: Ledger) -> Iterator[tuple[str, dict[str, Text]]]:
    """Every text of the ledger in its languages, with its file."""
    for source in ledger.maps.values():
        yield source.path, source.title
        for record in (*source.sections, *source.blocks):
            yield source.path, {"zh": record.zh, "en": record.en}
    for number, claims in ledger.claims.items():
        for claim in claims:
            path = f"ledger/claims/{number}.yml"
            yield path, {"zh": claim.zh, "en": claim.en}
            yield path, claim.holds


def check_texts(path: str, texts: dict[str, Text]) -> Iterator[Problem]:
    """Formulas that are none, and values or formulas that only one language has."""
    read = []
    for text in (texts[language] for language in LANGUAGES if texts.get(language)):
        found = Inline(path)
        read_inline(hide_spans(text), text.line, found)
        yield from found.problems
        for link in found.links:
            message = f"no link can stand here: `{link.target}`; `page` makes one"
            yield Problem(path, link.line, message)
        for formula in found.formulas:
            if message := formulas.complaint(VALUE.sub("1", formula.tex), formula.display):
                yield Problem(path, text.line, message)
        read.append((text.line, found))
    if len(read) == len(LANGUAGES):
        for kind, parts in (("value", value_parts), ("formula", formula_parts)):
            yield from compare(kind, *(Side(path, line, parts(found)) for line, found in read))


def check_values(ledger: Ledger, root: Path, records: Mapping[str, Record]) -> Iterator[Problem]:
    """Values that no run gave, or that cannot be shown so."""
    for path, texts in all_texts(ledger):
        for language, text in texts.items():
            for match in VALUE.finditer(text):
                try:
                    values.resolve(root, records, match, language, in_formula(text, match))
                except values.ValueProblem as problem:
                    yield Problem(path, text.line, str(problem))
