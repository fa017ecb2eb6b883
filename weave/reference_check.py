"""Check the references by themselves, and against the pages that cite them."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from weave.edition import Edition
from weave.problems import Problem, did_you_mean
from weave.references import NOWHERE, REFERENCES, Reference, cited, cites, read_references
from weave.structure import Chapter

PAGE = "reference/references"
NEEDS = {  # beside author and issued
    "article": ("URL",),  # a preprint
    "article-journal": ("container-title",),
    "book": ("publisher",),
    "chapter": ("container-title", "publisher"),
    "paper-conference": ("container-title",),
    "report": (),
    "thesis": ("publisher",),
    "webpage": ("URL",),  # may have neither author nor date
}
FORMS = {
    "id": (r"[a-z][a-z0-9]*", "lower-case letters and digits, such as `higham2002`"),
    "issued": (r"\d{4}(-\d\d(-\d\d)?)?", "a year or an ISO date"),
    "page": (r"\w+(–\w+)?", "a number, or two with an en dash"),
    "edition": (r"\d+", "a number"),
    "DOI": (r"10\.\d{4,9}/\S+", "`10.…/…`, without the address before it"),
    "URL": (r"https?://\S+", "a web address"),
    "found": (rf"https?://\S+|{NOWHERE}", f"a web address, or `{NOWHERE}`"),
}


def check_references(root: Path, editions: list[Edition]) -> Iterator[Problem]:
    """Everything that is wrong with the references, and with the footnotes of all pages."""
    references, problems = read_references(root)
    yield from problems
    used: set[str] = set()
    for edition in editions:
        shown = edition.pages.get(f"{PAGE}.md")
        if references and not (shown and "references" in [view.kind for view in shown.views]):
            message = "the references are not listed: here belongs a `references` fence"
            yield Problem(f"{edition.folder}/{PAGE}.md", 1, message)
        for chapter in edition.pages.values():
            used.update(cited(chapter, references))
            for line, message in check_footnotes(chapter, references):
                yield Problem(chapter.path, line, message)
    for reference in references.values():
        for line, message in check_reference(reference):
            yield Problem(reference.path, line, message)
        if reference.id not in used:
            message = f"no page cites `{reference.id}`: cite it, or remove it"
            yield Problem(reference.path, reference.id.line, message)


def check_footnotes(
    chapter: Chapter, references: Mapping[str, Reference]
) -> Iterator[tuple[int, str]]:
    """Footnotes are notes of the page or references; notes can name references."""
    notes = {mark.name for mark in chapter.footnotes_defined}
    used = {mark.name for mark in chapter.footnotes_used}
    inside: dict[int, set[str]] = {}
    for cite in cites(chapter):
        inside.setdefault(cite.line, set()).add(cite.key)
        if cite.key not in references:
            hint = did_you_mean(cite.key, references)
            yield cite.line, f"{REFERENCES} has no `@{cite.key}`{hint}"
    for name, line in chapter.footnotes_used:
        if name not in notes | references.keys():
            hint = did_you_mean(name, notes | references.keys())
            yield line, f"`[^{name}]` is no note of this page, nor in {REFERENCES}{hint}"
    for name, line in chapter.footnotes_defined:
        if name not in used:
            yield line, f"nothing refers to the footnote `[^{name}]`{did_you_mean(name, used)}"
        if name in references and name not in inside.get(line, ()):
            where = f"{references[name].path}:{references[name].id.line}"
            yield line, f"`{name}` stands in {where}: remove this line, or name it `@{name}` here"


def check_reference(reference: Reference) -> Iterator[tuple[int, str]]:
    kind, name = reference.type, reference.id
    if kind not in NEEDS:
        yield kind.line, f"unknown type `{kind}`{did_you_mean(kind, NEEDS)}"
    needed = [*NEEDS.get(kind, ()), *(["issued"] if kind != "webpage" else [])]
    for field in needed:
        if not reference.get(field):
            yield name.line, f"`{name}` is of type {kind}, but lacks `{field}`"
    if kind != "webpage" and not (reference.author or reference.editor):
        yield name.line, f"`{name}` is of type {kind}, but lacks `author`"
    given = {"id": name, **reference.plain}
    if reference.checked:
        given["found"] = reference.checked.found
        yield from check_date(reference)
    else:
        yield name.line, f"nobody has looked up `{name}`: see `ledger/README.md`"
    for field, (form, says) in FORMS.items():
        if (text := given.get(field)) and not re.fullmatch(form, text, re.ASCII):
            yield text.line, f"`{text}` is no {field}: write {says}"


def check_date(reference: Reference) -> Iterator[tuple[int, str]]:
    when = reference.checked.date
    try:
        date.fromisoformat(when)
    except ValueError:
        yield when.line, f"`{when}` is no date: write it as 2026-11-22"
        return
    if when < reference.get("issued"):
        yield when.line, f"`{reference.id}` cannot have been looked up before it appeared"
