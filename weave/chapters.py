"""Which snippets the book's chapters name, and what they expect of them."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from weave.glance import targets
from weave.inline import VALUE
from weave.inputs import sources
from weave.percent import is_lab, lab_of
from weave.structure import Chapter, read_chapter
from weave.values import ValueProblem, modules, split_path


def collect(
    root: Path, chapters: Iterable[Chapter] | None = None
) -> dict[str, tuple[str, str] | None]:
    """Every snippet that a fence or a value names -> (region, exception) that it should raise.

    ``chapters`` that have been read already are not read again.
    """
    expected: dict[str, tuple[str, str] | None] = {}
    there = set(modules(root))
    if chapters is None:
        chapters = [read_chapter(file.relative_to(root), root) for file in sorted(pages(root))]
    for chapter in chapters:
        if is_lab(chapter.path):
            there.add(lab_of(chapter.path))
        for snippet in chapter.snippets:
            path, _, region = snippet.target.partition(":")
            if path in there:
                expected.setdefault(path, None)
                if exception := snippet.options.get("raises"):
                    expected[path] = (region, str(exception))
        for path in valued((value.reference for value in chapter.values), root):
            expected.setdefault(path, None)
    for file in sorted((root / "ledger").glob("*/*.yml")):
        for path in valued_in(file.read_text(encoding="utf-8", errors="replace"), root):
            expected.setdefault(path, None)
    return expected


def pages(root: Path) -> Iterator[Path]:
    """The files of all chapters and labs."""
    below = (Path(file) for folder in root.glob("docs/*") for file in sources(folder))
    return (file for file in below if file.suffix in (".md", ".py"))


def valued(references: Iterable[str], root: Path) -> Iterator[str]:
    """The snippets whose values are shown."""
    modules = {reference.partition("[")[0].rpartition(".")[0] for reference in references}
    for module in sorted(modules - {"cells"}):  # the page's own, if it is a lab
        with suppress(ValueProblem):  # whoever shows it says so, with its line
            yield split_path(root, f"{module}.value")[0]


def valued_in(text: str, root: Path) -> Iterator[str]:
    return valued((match["name"] for match in VALUE.finditer(text)), root)


def named(chapter: Chapter, root: Path) -> set[str]:
    """Every snippet that a chapter shows anything of."""
    shown = [*(snippet.target for snippet in chapter.snippets), *targets(chapter)]
    return {target.partition(":")[0] for target in shown} | {
        *valued((value.reference for value in chapter.values), root)
    }
