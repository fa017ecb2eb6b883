"""The Markdown extension as Zensical loads it: `markdown_extensions: {weave.zensical: {}}`.

Zensical runs no MkDocs hook, so what `weave/building.py` tells the extension is found out here: the
book is woven once for each process, and the page's path is read from the rendering context that
Zensical gives to extensions. Problems go to standard error. `tools/zensical.py` builds with it.
"""

import sys
from functools import cache
from pathlib import Path

from markdown import Extension, Markdown
from markdown.preprocessors import Preprocessor

from weave import loom, twins
from weave.chapters import collect
from weave.context import Context
from weave.edition import read_editions
from weave.glossary import read_glossary
from weave.ledger import read_ledger
from weave.markdown import WeaveExtension
from weave.puzzles import by_page
from weave.reading_paths import read_reading_paths
from weave.references import read_references
from weave.runs import read_runs
from weave.shelf import Shelf
from weave.site import PREFIXES

CONTEXT = "rendering_context"  # under this name Zensical registers what it knows of a page


def complain(message: object) -> None:
    print(message, file=sys.stderr)


@cache
def book(root: Path, language: str) -> Context:
    """What every page of a language is woven from."""
    woven = loom.weave(root, collect(root), warn=complain)
    for problem in woven.problems:
        complain(problem)
    editions = {edition.language: edition for edition in read_editions(root, PREFIXES)}
    lists = read_glossary(root)[0], read_references(root)[0], read_runs(root)[0]
    behind = twins.behind(list(twins.drifts(root)), language)
    shown = editions[language].shown, root, woven.records, ""
    others = {other: editions[other].pages for other in editions if other != language}
    rest = behind, by_page(root), others
    rest += (read_reading_paths(root)[0],)
    shelf = Shelf(read_ledger(root), language, *shown, *lists, *rest)
    return Context(root, language, records=woven.records, absent=woven.absent, shelf=shelf)


class Begin(Preprocessor):
    """Before all else: which page comes next. Front matter is gone; lines count from after it."""

    def __init__(self, md: Markdown, context: Context):
        super().__init__(md)
        self.context = context

    def run(self, lines: list[str]) -> list[str]:
        page = self.md.preprocessors[CONTEXT].page
        self.context.path = f"docs/{self.context.language}/{page.path}"
        while self.context.problems:
            complain(self.context.problems.pop(0))
        return lines


class ZensicalExtension(Extension):
    def __init__(self, **options: object):
        self.config = {"root": ["", "the book"], "language": ["en", "of the pages"]}
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:
        context = book(Path(self.getConfig("root")), self.getConfig("language"))
        md.preprocessors.register(Begin(md, context), "weave-begin", 100)
        WeaveExtension(context=context).extendMarkdown(md)


def makeExtension(**options: object) -> ZensicalExtension:
    return ZensicalExtension(**options)
