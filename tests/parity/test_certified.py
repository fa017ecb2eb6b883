"""Mistakes planted into the book itself are found, edits that harm nothing pass.

The run ends with the share that was found, by kind, and with what nobody but a reader can find.
"""

import re
import shutil
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import markdown
import pytest

from weave import twins
from weave.check import check_book
from weave.context import Context
from weave.problems import Problem
from weave.shelf import Shelf
from weave.structure import read_chapter

from .plants import BOTH, BUILT, HARMLESS, MISTAKES, NEAR, UNCAUGHT, Plant

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("docs", "exercises", "snippets", "ledger", "tests", "overrides", "runs")
COPIED += (".weave/chapters",)
AROUND = 12  # lines of a file of data that count as near
PAGE = "mechanics/rounding"


class Edit(NamedTuple):
    path: str
    lines: tuple[int, int]  # where the plant begins, and the first line that changed
    section: int  # the number of headings above


class Copy:
    """A copy of the book, and the means to spoil it."""

    def __init__(self, root: Path):
        self.root = root
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, root / name)
        for file in ROOT.glob("[!.]*.*"):
            shutil.copy(file, root)
        twins.declare(root, sorted(twins.now(root)))

    def places(self, plant: Plant, used: set[str]) -> dict[Path, re.Match]:
        """The first place that fits, on a page that is not used; in both versions for BOTH."""
        files = sorted(self.root.glob(plant.files.replace("docs/*", "docs/zh")))
        start = crc32(plant.find.encode()) % len(files)
        for file in files[start:] + files[:start]:
            pages = [file]
            if plant.files == BOTH:
                pages.append(self.root / twin(self.name(file)))
            found = {page: re.search(plant.find, text_of(page), re.MULTILINE) for page in pages}
            if all(found.values()) and page_of(self.name(file)) not in used:
                used.add(page_of(self.name(file)))
                return found
        return {}

    def name(self, file: Path) -> str:
        return file.relative_to(self.root).as_posix()

    def edit(self, plant: Plant, used: set[str]) -> list[Edit]:
        edits = []
        for file, match in self.places(plant, used).items():
            text, new = text_of(file), match.expand(plant.put)
            pairs = zip(match[0] + "\0", new + "\1", strict=False)
            at = match.start() + next(i for i, (was, is_) in enumerate(pairs) if was != is_)
            lines = text.count("\n", 0, match.start()) + 1, text.count("\n", 0, at) + 1
            edits.append(Edit(self.name(file), lines, self.section(self.name(file), lines[0])))
            changed = text[: match.start()] + new + text[match.end() :]
            file.write_bytes(changed.encode())
        return edits

    def section(self, path: str, line: int) -> int:
        return sum(h.line <= line for h in read_chapter(path, self.root).headings)

    def restore(self, edits: list[Edit]) -> None:
        for edit in edits:
            shutil.copy(ROOT / edit.path, self.root / edit.path)

    def rounds(self, plants: dict[str, Plant]) -> dict[str, tuple[list[Edit], bool]]:
        """Plant as many at once as there are pages for, and look; until all have had their turn."""
        outcome, left = {}, dict(plants)
        while left:
            used: set[str] = set()
            planted = {name: edits for name, p in left.items() if (edits := self.edit(p, used))}
            assert planted, f"nowhere to plant {sorted(left)}"
            problems = check_book(self.root)
            told = {page_of(f"docs/zh/{drift.page}.md") for drift in twins.drifts(self.root)}
            for name, edits in planted.items():
                outcome[name] = Outcome(self, left.pop(name), edits, problems, told)
            for edits in planted.values():
                self.restore(edits)
        return outcome


class Outcome:
    """What came of one plant."""

    def __init__(self, copy: Copy, plant: Plant, edits: list[Edit], problems, told):
        pages = {page_of(edit.path) for edit in edits}
        self.edits, self.plant, self.copy = edits, plant, copy
        self.problems = [problem for problem in problems if page_of(problem.path) in pages]
        self.found = any(self.says(problem) for problem in self.problems)
        self.told = bool(pages & told)

    def says(self, problem: Problem) -> bool:
        return self.plant.says in problem.message and any(
            self.matches(problem, edit) for edit in self.edits
        )

    def matches(self, problem: Problem, edit: Edit) -> bool:
        """Whether the problem stands where it can be mended."""
        if self.plant.where != NEAR:
            named = re.findall(r"(\S+?):(\d+)(?::\d+)?:? ", f"{problem} ")
            return any((edit.path, str(line)) in named for line in edit.lines)
        if not problem.path.startswith("docs/"):
            return problem.path == edit.path and abs(problem.line - edit.lines[0]) <= AROUND
        return abs(self.copy.section(problem.path, problem.line) - edit.section) <= 1

    def __str__(self) -> str:
        return "\n".join(map(str, [*self.edits, "caused", *self.problems]))


def text_of(file: Path) -> str:
    return file.read_bytes().decode()


def twin(path: str) -> str:
    return path.replace("docs/zh/", "docs/en/")


def page_of(path: str) -> str:
    """Both versions of a page count as one place."""
    return re.sub(r"^docs/(zh|en)/", "docs/", path)


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Copy:
    return Copy(tmp_path_factory.mktemp("book") / "book")


@pytest.fixture(scope="module")
def mistakes(copy):
    flat = {(kind, name): p for kind, plants in MISTAKES.items() for name, p in plants.items()}
    return copy.rounds(flat)


@pytest.fixture(scope="module")
def harmless(copy):
    return copy.rounds(HARMLESS)


@pytest.fixture(scope="module")
def uncaught(copy):
    return copy.rounds(UNCAUGHT)


@pytest.mark.parametrize(("kind", "name"), [(k, n) for k in MISTAKES for n in MISTAKES[k]])
def test_a_mistake_in_the_book_is_found(mistakes, record_property, kind, name):
    outcome = mistakes[kind, name]
    record_property("certified", (kind, outcome.found))
    assert outcome.found, str(outcome)


@pytest.mark.parametrize("name", HARMLESS)
def test_an_edit_that_harms_nothing_passes(harmless, record_property, name):
    outcome = harmless[name]
    record_property("harmless", not outcome.problems)
    assert not outcome.problems, str(outcome)


@pytest.mark.parametrize("name", UNCAUGHT)
def test_what_only_a_reader_finds_is_listed_as_such(uncaught, record_property, name):
    outcome = uncaught[name]
    record_property("uncaught", (name, outcome.told))
    assert not outcome.problems, f"it is found now, so it belongs among the mistakes\n{outcome}"
    assert outcome.told == outcome.edits[0].path.startswith("docs/")


@pytest.mark.parametrize("name", BUILT)
def test_a_mistake_that_only_the_run_shows_is_found(copy, woven, record_property, name):
    """What a page shows against what its snippets' runs gave; the build converts it so."""
    plant = BUILT[name]
    path = f"docs/{plant.files}/{PAGE}.md"
    edits = copy.edit(plant._replace(files=path), set())
    names = [PAGE, f"{PAGE}_solutions"]
    records = {f"{name}.py": woven(name) for name in names}
    chapter = read_chapter(path, copy.root)
    context = Context(copy.root, plant.files, path, records=records, shelf=Shelf())
    context.offset = text_of(copy.root / path).count("\n") - chapter.body.count("\n")
    extensions = ["attr_list", "pymdownx.superfences", "weave.markdown"]
    options = {"weave.markdown": {"context": context}}
    markdown.markdown(chapter.body, extensions=extensions, extension_configs=options)
    copy.restore(edits)
    found = [p for p in context.problems if plant.says in p.message and p.line in edits[0].lines]
    record_property("certified", ("the run", bool(found)))
    assert found, "\n".join(map(str, [*edits, *context.problems]))


def test_there_are_enough_of_each():
    assert sum(map(len, MISTAKES.values())) + len(BUILT) >= 60
    assert len(HARMLESS) >= 30
