"""Each page of experiments as a notebook in its language, which needs nothing of the repository.

The site has each beside its page, with the outputs of the record; `export` writes all without.
"""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

from snippets import palette
from weave import figures
from weave.cells import code_cell, markdown_cell, notebook
from weave.context import Context
from weave.edition import address
from weave.inline import VALUE, in_formula
from weave.labs import find
from weave.notebook_text import Text, filled, notes, value
from weave.percent import page_text
from weave.records import printed
from weave.source import Source, SourceError
from weave.structure import Chapter, Snippet
from weave.unrolled import Piece, Unrolled, top_level

WORDS = {
    "zh": {
        "from": "本笔记本由书中的一页生成：[{0}]({1})。缺哪个包，就去掉第一格里的 `#` 装上。",
        "modules": "下面几格是这一页从书中别处用到的函数，运行后就能照常 `import`。",
        "above": "（`{0}` 的代码已在上面运行。）",
        "figure": "图", "notes": "注",
    },
    "en": {
        "from": "This notebook is made from a page of the book: [{0}]({1}). Where a package is "
        "missing, take the `#` in the first cell away.",
        "modules": "The next cells hold what this page uses of other parts of the book; once they "
        "have run, `import` finds it.",
        "above": "(The code of `{0}` has run above.)",
        "figure": "Figure", "notes": "Notes",
    },
}  # fmt: skip
MAGIC = '''\
import sys
import types

from IPython.core.magic import register_cell_magic


@register_cell_magic
def module(name, code):
    """Make a module of the rest of the cell."""
    made = sys.modules[name] = types.ModuleType(name)
    exec(compile(code, f"<{name}>", "exec"), made.__dict__)'''


class Notebook:
    """The notebook of one page, with the outputs of its records or without."""

    def __init__(
        self, context: Context, chapter: Chapter, text: str, link: Callable[[str], str],
        outputs: bool,
    ):  # fmt: skip
        self.context, self.chapter, self.outputs = context, chapter, outputs
        self.words = WORDS[context.language]
        self.snippets = {snippet.line: snippet for snippet in chapter.snippets}
        woven = [*chapter.snippets, *chapter.views]
        self.lines = filled(chapter, page_text(text, chapter.path), context, link)
        self.text = Text(chapter.prose.split("\n"), {fence.line: fence.end for fence in woven})
        paths = dict.fromkeys(snippet.target.partition(":")[0] for snippet in chapter.snippets)
        self.sources = {path: find(context.root, path) for path in paths}
        snippets = {path: source for path, source in self.sources.items() if path != context.lab}
        self.scripts = {path: Unrolled(source) for path, source in snippets.items()}
        self.left = [snippet.target.partition(":")[0] for snippet in chapter.snippets]
        self.cells: list[dict] = []
        self.figures = 0

    def write(self, home: str, **metadata: str) -> str:
        """The notebook's text; `home` is the page's address."""
        title = str(self.chapter.meta.get("title", ""))
        self.say(self.words["from"].format(title, home))
        self.cells += self.preparation()
        start = self.chapter.prose.count("\n") - self.chapter.body.count("\n")
        page = list(enumerate(self.lines, 1))[start:]
        for number in self.text.walk(page):
            self.say(self.text.flush())
            if number in self.snippets:
                self.weave(self.snippets[number])
        self.say(self.text.flush())
        if found := notes(self.chapter, self.lines, self.context):
            self.say(f"**{self.words['notes']}**\n\n{found}")
        return notebook(self.cells, **metadata)

    def say(self, text: str) -> None:
        if text:
            self.cells.append(markdown_cell(text))

    def preparation(self) -> Iterator[dict]:
        """What the page's code needs: packages by their versions, modules of the book."""
        modules, packages = needed(self.sources.values())
        pins = " ".join(pin for name, pin in pinned(self.context.root) if name in packages)
        parts = [f"# %pip install {pins}" if pins else "", MAGIC if modules else ""]
        if code := "\n\n".join(filter(None, parts)):
            yield code_cell(code)
        if modules:
            yield markdown_cell(self.words["modules"])
        for source in modules:
            yield code_cell(f"%%module snippets.{source.name}\n{top_level(source)}")

    def weave(self, snippet: Snippet) -> None:
        path, _, name = snippet.target.partition(":")
        self.left.remove(path)
        if path == self.context.lab:
            self.add(path, Piece(name, self.sources[path].code(name)), snippet)
            return
        script = self.scripts[path]
        pieces = script.show(name)
        for piece in pieces:
            self.add(path, piece, snippet)
        if not pieces or pieces[-1].name != name:
            self.say(self.words["above"].format(name))
        if path not in self.left:
            for piece in script.rest():
                self.add(path, piece, snippet)

    def add(self, path: str, piece: Piece, snippet: Snippet) -> None:
        source, code = self.sources[path], piece.code.strip("\n")
        if path != self.context.lab:
            code = f"# {source.label}{piece.name and ':'}{piece.name}\n{code}"
        record = self.context.records.get(path) if self.outputs else None
        cell = code_cell(code, printed(record, piece.name) if piece.name else "")
        if snippet.options.get("raises") and snippet.target.endswith(f":{piece.name}"):
            cell["metadata"] = {"tags": ["raises-exception"]}
        self.cells.append(cell)
        described = self.described(f"{path}:{piece.name}")
        region = record and record.regions.get(piece.name)
        drawn = region.figures if region else []
        for svg, entry in zip(drawn, described, strict=False):
            cell["outputs"].append(picture(svg, entry, len(cell["outputs"])))
        for entry in described:
            self.figures += 1
            number = f"{self.words['figure']} {self.figures}"
            caption = VALUE.sub(self.value, str(entry.get("caption", "")))
            self.say(f"**{number}** {caption}".strip())

    def value(self, match: re.Match) -> str:
        return value(match, self.context, in_formula(match.string, match))

    def described(self, target: str) -> list[dict]:
        """What the page says of a region's figures."""
        of_target = (x for x in self.chapter.snippets if x.target == target)
        found = [entry for x in of_target for entry in x.options.get("figures") or []]
        return [entry for entry in found if isinstance(entry, dict)]


def picture(svg: str, entry: dict, number: int) -> dict:
    """A figure of a record as an output, in the colours of the light palette."""
    names = {str(key): str(name) for key, name in (entry.get("labels") or {}).items()}
    image = figures.localise(svg, number, str(entry.get("alt", "")), names)
    image = re.sub(r"var\(--(\w+)\)", lambda match: getattr(palette, match[1].upper()), image)
    style = f'style="background:{palette.PAPER};font-family:sans-serif" '
    data = {"image/svg+xml": image.replace("<svg ", f"<svg {style}", 1)}
    return {"output_type": "display_data", "data": data, "metadata": {}}


def needed(sources: Iterable[Source]) -> tuple[list[Source], set[str]]:
    """Modules of the book that are imported, each behind what it imports itself; packages."""
    found: dict[str, Source] = {}
    packages: set[str] = set()
    for source in sources:
        files, used = source.dependencies
        packages |= used
        for label in files.keys() - {source.label}:
            found[label] = Source(source.root, label.removeprefix("snippets/"))
    order = sorted(found.values(), key=lambda module: (len(module.dependencies[0]), module.path))
    return order, packages


@cache
def pinned(root: Path) -> list[tuple[str, str]]:
    """Names and pins of the packages that the book asks for."""
    file = root / "requirements.txt"
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    return [(match[1], match[0]) for match in re.finditer(r"^([\w-]+)==[\w.]+", text, re.M)]


def has_notebook(chapter: Chapter | None) -> bool:
    return bool(chapter and chapter.snippets)


def for_site(context: Context, chapter: Chapter, text: str, site_url: str) -> str:
    """A page's notebook with outputs; empty where there is none, or a mistake, which is told."""
    folder = posixpath.dirname(context.page)

    def link(target: str) -> str:
        path, mark, anchor = target.partition("#")
        goal = posixpath.normpath(posixpath.join(folder, path))
        return f"{site_url}{address(goal)}{mark}{anchor}" if path else target

    if not has_notebook(chapter):
        return ""
    try:
        made = Notebook(context, chapter, text, link, outputs=True)
        return made.write(f"{site_url}{address(context.page)}")
    except (SyntaxError, SourceError, UnicodeDecodeError, OSError, KeyError):
        return ""
