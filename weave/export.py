"""The notebooks of all pages, without outputs, for Colab and for whoever browses the repository.

``python -m weave notebooks`` writes them to ``notebooks/<language>/<part>/<page>.ipynb``. Each says
what it was made from; that needs no run to check.
"""

import hashlib
import posixpath
from collections.abc import Iterator, Mapping
from pathlib import Path

from weave.context import Context
from weave.edition import name_of, read_edition
from weave.labs import LANGUAGES, find
from weave.notebooks import Notebook, has_notebook, pinned
from weave.problems import Problem
from weave.records import Record
from weave.references import read_references
from weave.shelf import Shelf
from weave.structure import Chapter

FOLDER = "notebooks"
MADE_FROM = "made_from"
MAKERS = ("cells.py", "export.py", "notebook_text.py", "notebooks.py", "unrolled.py")


def place(language: str, page: str) -> str:
    return f"{FOLDER}/{language}/{page}.ipynb"


def contexts(root: Path, records: Mapping[str, Record]) -> Iterator[tuple[Context, Chapter]]:
    """Every page that is to have a notebook."""
    references, _ = read_references(root)
    for language in LANGUAGES:
        pages = read_edition(root, language, "").pages
        shelf = Shelf(language=language, pages=pages, root=root, references=references)
        for chapter in pages.values():
            if has_notebook(chapter):
                context = Context(root, language, chapter.path, records=records, shelf=shelf)
                yield context, chapter


def write(root: Path, records: Mapping[str, Record]) -> int:
    """Write all notebooks, remove those of pages that are gone; how many there are."""
    written = set()
    for context, chapter in contexts(root, records):
        file = root / place(context.language, context.page)
        text = (root / chapter.path).read_text(encoding="utf-8-sig")
        made = Notebook(context, chapter, text, link_from(context), outputs=False)
        home = posixpath.relpath(root / chapter.path, file.parent)
        file.parent.mkdir(parents=True, exist_ok=True)
        content = made.write(home, **{MADE_FROM: made_from(context, chapter)})
        file.write_text(content, encoding="utf-8", newline="\n")
        written.add(file)
    for left in set((root / FOLDER).rglob("*.ipynb")) - written:
        left.unlink()
    return len(written)


def link_from(context: Context):
    """Where a link of a page leads from its notebook: to another notebook, or to a file."""
    here = posixpath.dirname(place(context.language, context.page))

    def link(target: str) -> str:
        path, mark, anchor = target.partition("#")
        if not path:
            return target
        goal = posixpath.normpath(posixpath.join(posixpath.dirname(context.page), path))
        there = f"docs/{context.language}/{goal}"
        if has_notebook(context.shelf.pages.get(goal)):
            there = place(context.language, name_of(goal))
        return posixpath.relpath(there, here) + mark + anchor

    return link


def made_from(context: Context, chapter: Chapter) -> str:
    """Digest of what a notebook says, but for the numbers that a run computes."""
    root, digest = context.root, hashlib.sha256()
    files = {root / chapter.path, *(Path(__file__).with_name(name) for name in MAKERS)}
    packages: set[str] = set()
    for path in {snippet.target.partition(":")[0] for snippet in chapter.snippets}:
        found, used = find(root, path).dependencies
        files.update(found.values())
        packages |= used
    pins = [pin for name, pin in pinned(root) if name in packages]
    for text in (repr(pins), *sorted(file.read_text(encoding="utf-8") for file in files)):
        digest.update(text.encode() + b"\0")
    return digest.hexdigest()


def stale(root: Path) -> Iterator[Problem]:
    """The notebooks that are not what `write` would write."""
    wanted = {}
    for context, chapter in contexts(root, {}):
        wanted[place(context.language, context.page)] = made_from(context, chapter)
    there = {file.relative_to(root).as_posix(): file for file in (root / FOLDER).rglob("*.ipynb")}
    for path in sorted(wanted.keys() | there.keys()):
        said = f'"{MADE_FROM}": "{wanted.get(path)}"'
        if path not in there or said not in there[path].read_text(encoding="utf-8"):
            yield Problem(path, 1, "not up to date: run `python -m weave notebooks`, and commit")
