"""Python-Markdown extension: snippet fences, values and formulas.

It knows nothing of MkDocs. Whoever converts a page says in `Context` which page it is; problems are
gathered there, with the line in the chapter's file.
"""

import html
import re
from pathlib import Path
from xml.etree import ElementTree

from markdown import Extension, Markdown
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

from weave import cells, figures, formulas, page, values
from weave.boxes import citations
from weave.colours import Colours
from weave.context import Context
from weave.fences import View
from weave.footnotes import Footnotes
from weave.glance import glance
from weave.glossary_page import GlossaryPage
from weave.guide import guide_lines
from weave.inline import FORMULA, VALUE, in_formula
from weave.labs import find
from weave.ledger_page import LedgerPage
from weave.percent import SHOWN
from weave.problems import did_you_mean
from weave.puzzles_line import add_puzzles
from weave.reading_paths_page import paths_list
from weave.records import Record, Region
from weave.reference_page import ReferencePage
from weave.runs_page import RunsPage
from weave.source import Source, SourceError
from weave.structure import Chapter, Snippet, chapter_of
from weave.terms import TermLinks
from weave.twins import add_notices


class WeaveExtension(Extension):
    def __init__(self, **options: object):
        self.config = {"context": [Context(Path()), "the page and its records"]}
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:
        context = self.getConfig("context")
        # After white space is normalised (30), which drops stash marks; before superfences (25).
        footnotes = Footnotes(md)
        md.preprocessors.register(Weaver(md, context, footnotes), "weave", 29)
        md.treeprocessors.register(footnotes, "weave-footnotes", 60)  # the extension's is at 50
        md.treeprocessors.register(TermLinks(md, context), "weave-terms", 15)  # after inline (20)
        md.postprocessors.register(Formulas(md), "weave-formulas", -10)
        md.postprocessors.register(Puzzles(md, context), "weave-puzzles", -12)
        md.postprocessors.register(Behind(md, context), "weave-behind", -15)
        md.treeprocessors.register(Note(md, context), "weave-note", -20)  # below all else


class Weaver(Preprocessor):
    """Replaces each snippet fence by its box and figures, and each value by what the run gave."""

    def __init__(self, md: Markdown, context: Context, footnotes: Footnotes):
        super().__init__(md)
        self.context, self.footnotes = context, footnotes
        self.figures = 0
        self.sources: dict[str, Source] = {}  # read once, however often the page names them
        self.cells: dict[str, cells.Shown] = {}  # of the lab that the page is

    def run(self, lines: list[str]) -> list[str]:
        self.figures = 0
        self.sources.clear()
        self.cells = {}
        kept = self.context.root / ".weave" / "colours"
        self.colours = Colours(kept / f"{self.context.page}.json")
        lines = [""] * self.context.offset + lines
        chapter = chapter_of(lines, self.context.path, self.context.root)
        for formula in chapter.formulas:
            tex = VALUE.sub("1", formula.tex)
            if message := formulas.complaint(tex, formula.display):
                self.context.complain(formula.line, message)
        lines = ["" if SHOWN.match(line) else line for line in self.fill_in(lines, chapter)]
        store = self.md.htmlStash.store
        shown = [(view, self.show(view)) for view in chapter.views]
        shown += [(snippet, ["", store(self.weave(snippet)), ""]) for snippet in chapter.snippets]
        for fence, new in sorted(shown, key=lambda pair: pair[0].line, reverse=True):
            # A line of spaces would not end a paragraph here, and a box is none.
            shifted = [" " * fence.indent + line if line else "" for line in new]
            lines[fence.line - 1 : fence.end] = shifted
        self.colours.write()
        lines = lines[self.context.offset :]
        return [*lines, "", *self.footnotes.define(chapter, self.context.shelf)]

    def fill_in(self, lines: list[str], chapter: Chapter) -> list[str]:
        """The page's lines with values, references and links to sources in their places."""
        text, filled = chapter.prose, list(lines)
        spans = [(m.start(), m.end()) for m in FORMULA.finditer(text)]
        edits = self.footnotes.named(chapter, self.context.shelf)
        for match in VALUE.finditer(text):
            tex = any(first < match.start() < last for first, last in spans)
            line = text.count("\n", 0, match.start()) + 1
            edits.append((match.start(), match.end(), self.value(match, tex, line)))
        for cited in citations(chapter):
            shown = self.context.shelf.cite(self.context.page, cited)
            edits.append((cited.start, cited.end, shown))
        for start, end, shown in sorted(edits, reverse=True):
            number = text.count("\n", 0, start)
            column = start - (text.rfind("\n", 0, start) + 1)
            line = filled[number]
            filled[number] = line[:column] + shown + line[column + end - start :]
        return filled

    def value(self, match: re.Match, tex: bool, line: int) -> str:
        context = self.context
        try:
            given = context.root, context.records, match, context.language, tex, context.lab
            shown = values.resolve(*given)
        except values.ValueProblem as problem:
            context.complain(line, str(problem))
            shown = None
        if shown is None:
            return r"\text{?}" if tex else "?"
        return shown if tex else html.escape(shown, quote=False)

    def show(self, view: View) -> list[str]:
        if view.kind == "drawing":
            return ["", self.md.htmlStash.store(self.glance(view)), ""]
        given = self.context.shelf, self.context.page, self.md.htmlStash.store
        if view.kind == "glossary":
            return list(GlossaryPage(*given).show())
        if view.kind == "references":
            return list(ReferencePage(*given).show())
        if view.kind == "runs":
            return list(RunsPage(*given).show())
        if view.kind == "paths":
            return ["", self.md.htmlStash.store(paths_list(*given[:2])), ""]
        if view.kind == "guide":
            return guide_lines(self.context.root, self.context.language, self.context.shelf.link)
        return LedgerPage(*given).show(view)

    def weave(self, snippet: Snippet) -> str:
        """HTML of a fence, or nothing where it names what does not exist."""
        path, _, name = snippet.target.partition(":")
        context = self.context
        source = self.sources.setdefault(path, find(context.root, path))
        if not source.file.is_file():
            hint = did_you_mean(path, values.modules(context.root))
            self.complain(snippet, f"no snippet snippets/{path}{hint}")
            return ""
        try:
            known_names = source.regions | source.definitions
        except (SyntaxError, SourceError, UnicodeDecodeError):
            return ""  # the loom has said so
        if name not in known_names:
            hint = did_you_mean(name, known_names)
            self.complain(snippet, f"{source.label} has no region or definition `{name}`{hint}")
            return ""
        record = None if path in context.absent else context.records.get(path)
        region = record.regions[name] if record and name in record.regions else Region()
        drawn = list(zip(region.figures, region.tables, strict=True))
        fold = snippet.options.get("code") == "fold" and ("draws" if drawn else "code")
        box = self.box(source, name, record, fold or "")
        shown = self.draw(snippet, drawn, bool(record))
        return shown + box if fold else box + shown

    def box(self, source: Source, name: str, record: Record | None, fold: str) -> str:
        """Code and output; where it cannot run, the notice that says so."""
        context = self.context
        absent = context.absent.get(source.path, "")
        if source.path == context.lab:
            self.cells = self.cells or cells.render(source, record)
            box = page.cell_box(self.cells[name], record, name, context.language, fold)
            absent = absent if name == "cell-1" else ""
        else:
            first, last = (source.regions | source.definitions)[name]
            link = context.link.format(path=source.label, first=first, last=last)
            code = self.colours[source.code(name)]
            box = page.code_box(source, name, code, record, context.language, link, fold)
        return box + (page.notice(absent, context.language) if absent else "")

    def complain(self, snippet: Snippet, message: str) -> None:
        self.context.complain(snippet.line, message)

    def draw(self, snippet: Snippet, drawn: list[tuple[str, list]], ran: bool) -> str:
        """The figures of a fence, each with its table and with what the chapter says of it."""
        entries = self.entries(snippet)
        if ran and len(entries) != len(drawn):
            self.complain(
                snippet,
                f"the run drew {len(drawn)} figure(s), the fence describes {len(entries)}",
            )
        shown, live = "", str(snippet.options.get("interactive", ""))
        for (svg, table), entry in zip(drawn, entries, strict=False):
            self.figures += 1
            self.check_labels(snippet, figures.labels(svg), entry["labels"])
            file = self.put_beside(table, entry["labels"])
            given = self.figures, entry, self.context.language, live, file
            shown += page.figure_box(svg, *given)
        return shown

    def put_beside(self, table: list, names: dict) -> str:
        """The name of the file that has what a figure is drawn from, or nothing."""
        context, file = self.context, f"figure-{self.figures}.csv"
        if context.files is None or not table:
            return ""
        names = {str(key): str(name) for key, name in names.items()}
        context.files[file] = figures.localise_table(table, names, context.language)
        return file

    def glance(self, view: View) -> str:
        """A chapter's drawing; where that has not run, nothing."""
        path, _, name = view.source.partition(":")
        record = self.context.records.get(path)
        drawn = record.regions[name].figures if record and name in record.regions else []
        if not drawn:
            return ""
        self.figures += 1
        return glance(drawn[0], self.figures)

    def entries(self, snippet: Snippet) -> list[dict]:
        """What the fence says of its figures, with the values in it filled in."""

        def fill(text: object) -> object:
            if not isinstance(text, str):
                return text
            return VALUE.sub(
                lambda match: self.value(match, in_formula(text, match), snippet.line), text
            )

        filled = []
        for entry in snippet.options.get("figures") or []:
            if not isinstance(entry, dict):
                self.complain(snippet, "each figure needs `alt`, `caption` and for words `labels`")
                continue
            names = {key: fill(name) for key, name in (entry.get("labels") or {}).items()}
            filled.append({key: fill(item) for key, item in entry.items()} | {"labels": names})
        return filled

    def check_labels(self, snippet: Snippet, found: list[str], named: dict) -> None:
        for label in found:
            if self.context.language != "en" and label not in named:
                message = f"the figure's label `{label}` has no name in this language"
                self.complain(snippet, message)
        for name in map(str, named):
            if name not in found:
                hint = did_you_mean(name, found)
                self.complain(snippet, f"the figure has no label `{name}`{hint}")


class Formulas(Postprocessor):
    def run(self, text: str) -> str:
        return formulas.convert(text)


class Puzzles(Postprocessor):
    """Below the heading of the exercises: which of them can be done, and how."""

    def __init__(self, md: Markdown, context: Context):
        super().__init__(md)
        self.context = context

    def run(self, text: str) -> str:
        return add_puzzles(text, self.context.page, self.context.shelf)


class Behind(Postprocessor):
    """Below the heading of a section: that the other language's version is newer."""

    def __init__(self, md: Markdown, context: Context):
        super().__init__(md)
        self.context = context

    def run(self, text: str) -> str:
        page, shelf = self.context.page, self.context.shelf
        return add_notices(text, page, shelf.behind.get(page, {}), shelf.language)


class Note(Treeprocessor):
    """What the page mirrors and settles, below all that it says.

    No postprocessor: those see each title of the contents too, which would end with the note.
    """

    def __init__(self, md: Markdown, context: Context):
        super().__init__(md)
        self.context = context

    def run(self, root: ElementTree.Element) -> None:
        if note := self.context.shelf.note(self.context.page):
            ElementTree.SubElement(root, "p").text = self.md.htmlStash.store(note)


def makeExtension(**options: object) -> WeaveExtension:
    return WeaveExtension(**options)
