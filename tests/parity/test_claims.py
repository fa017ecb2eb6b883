"""Every judged claim names its source and a test that exists."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VERDICTS = ("correct", "imprecise", "wrong", "dated", "opinion")
CLAIM = re.compile(rf'^!!! ({"|".join(VERDICTS)})\b.*\n((?:    .*\n|\n)+)', re.M)
NAMED = re.compile(r"`(?:(tests/[\w/]+\.py))?(?:::)?(test_\w+)`")
CHAPTERS = sorted(path for path in (ROOT / "docs").rglob("*.md") if CLAIM.search(path.read_text()))


@cache
def functions_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def claims(chapter: Path) -> list[tuple[int, str, str]]:
    text = chapter.read_text()
    return [(text.count("\n", 0, m.start()) + 1, m[1], m[2]) for m in CLAIM.finditer(text)]


def test_there_are_claims():
    assert CHAPTERS


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: str(path.relative_to(ROOT / "docs")))
def test_named_tests_exist(chapter):
    missing = []
    for line, _, text in claims(chapter):
        file = None
        for path, name in NAMED.findall(text):
            file = path or file
            if file is None or not (ROOT / file).is_file() or name not in functions_in(file):
                missing.append(f"{chapter.relative_to(ROOT)}:{line}: no test {file}::{name}")
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: str(path.relative_to(ROOT / "docs")))
def test_every_verdict_but_an_opinion_names_a_source_and_a_test(chapter):
    bare = [
        f"{chapter.relative_to(ROOT)}:{line}: {verdict} without source or test"
        for line, verdict, text in claims(chapter)
        if not re.search(r"(来源|[Ss]ource) \d{3} §", text)
        or verdict in ("correct", "imprecise", "wrong") and not NAMED.search(text)
    ]
    assert not bare, "\n".join(bare)
