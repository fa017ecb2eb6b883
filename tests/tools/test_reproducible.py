"""A few real chapters, built twice under different conditions, are the same to the byte."""

import re
import shutil

import pytest

from tools import reproducible
from weave.inline import VALUE
from weave.chapters import collect
from weave.labs import find

# Figures, torch, a module that measures time, and both kinds of list.
PAGES = ("index", "foundations/norms", "mechanics/embeddings", "reference/claims",
         "reference/glossary")  # fmt: skip
RUN = ("index.", "foundations.norms", "mechanics.embeddings")
CLOCKS = re.compile(r"^\s*(?:from|import) (?:snippets\.labs\.timing|time|timeit)\b", re.MULTILINE)


@pytest.fixture(scope="module")
def small_book(root, tmp_path_factory):
    """The book with only PAGES; what it says of others is no longer true, so not for --strict."""
    book = tmp_path_factory.mktemp("small") / "book"
    for folder in ("ledger", "overrides", "runs", "snippets", "weave"):
        shutil.copytree(root / folder, book / folder, ignore=reproducible.LEFT_OUT)
    for file in (book / "ledger").glob("*/*.yml"):
        file.write_text(VALUE.sub(run_or_zero, file.read_text(encoding="utf-8")), encoding="utf-8")
    for language, config in (("zh", "mkdocs.yml"), ("en", "mkdocs.en.yml")):
        for page in PAGES:
            target = book / f"docs/{language}/{page}.md"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / f"docs/{language}/{page}.md", target)
        nav = "".join(f"  - {page}.md\n" for page in PAGES)
        settings = (root / config).read_text(encoding="utf-8").partition("\nnav:")[0]
        (book / config).write_text(f"{settings}\nnav:\n{nav}", encoding="utf-8")
    return book


def run_or_zero(value: re.Match) -> str:
    """The ledger's values without those that would have every snippet run."""
    return value[0] if value["name"].startswith(RUN) else "0"


@pytest.mark.timeout(300)
def test_two_builds_differ_in_nothing(small_book, tmp_path):
    first, second = reproducible.build_twice(small_book, tmp_path)
    names = reproducible.contents(first)
    for page in PAGES:
        assert f"en/{page.removesuffix('index')}/index.html".replace("//", "/") in names
    assert b"<svg" in names["foundations/norms/index.html"]
    assert list(reproducible.differences(first, second)) == []


@pytest.mark.parametrize(("ours", "theirs", "said"), [
    ({"a": "one"}, {"a": "one"}, []),
    ({"a": "<p>one"}, {"a": "<p>two"}, ["a: byte 3: b'<p>one' and b'<p>two'"]),
    ({"a": "", "b": ""}, {"a": ""}, ["b: only in the first build"]),
    ({"a": '<details class="snippet-machine timing">1 s</details>.'},
     {"a": '<details class="snippet-machine timing">2 s</details>.'}, []),
    ({"a": '<details class="snippet-machine">1 s</details>'},
     {"a": '<details class="snippet-machine">2 s</details>'}, 1),
])  # fmt: skip
def test_every_difference_is_named_but_what_is_marked(tmp_path, ours, theirs, said):
    for folder, files in (("ours", ours), ("theirs", theirs)):
        (tmp_path / folder).mkdir()
        for name, text in files.items():
            (tmp_path / folder / name).write_text(text)
    found = list(reproducible.differences(tmp_path / "ours", tmp_path / "theirs"))
    assert found == said or len(found) == said


def test_what_measures_time_says_so(root):
    """Or its numbers would be taken from the cache on another machine."""
    # What a lab's module times, it times only when somebody records a run.
    shown = [find(root, path) for path in collect(root) if not path.startswith("labs/")]
    timed = [source for source in shown if CLOCKS.search(source.file.read_text(encoding="utf-8"))]
    assert len(timed) > 5
    for source in timed:
        assert source.machine_bound, f"{source.label} needs MACHINE_BOUND = True"
