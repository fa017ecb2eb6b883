"""What is kept of a chapter is what reading it gives; what was clean is not looked at again."""

import json
from pathlib import Path

import pytest

from weave import kept, structure
from weave.clean import Clean
from weave.problems import Problem
from weave.structure import Chapter, kept_chapter, parse_chapter

ROOT = Path(__file__).resolve().parents[2]
PAGE = """---
title: A page
---
# A page { #a-page }

A formula $x^2$, a value {{ part.topic.value:.1f }}, a [link](other.md#there), a note[^one].

!!! wrong "Wrong"
    No.

```snippet
part/topic.py:region
figures:
  - alt: a line
    caption: A line.
```

| a | b |
| --- | --- |
| 1 | 2 |

[^one]: A note.
""".encode()


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Reads a chapter as another build would; `read.times` counts how often it was parsed."""

    def parse(data: bytes, path: str) -> Chapter:
        read.times += 1
        return parse_chapter(data, path)

    def read(data: bytes = PAGE, path: str = "docs/zh/a.md") -> Chapter:
        kept_chapter.cache_clear()
        return kept_chapter(data, path, tmp_path)

    read.times = 0
    monkeypatch.setattr(structure, "parse_chapter", parse)
    return read


def test_a_chapter_that_stays_is_parsed_once(read):
    first = read()
    assert read() == first == parse_chapter(PAGE, "docs/zh/a.md")
    assert read.times == 1
    assert read().snippets[0].options["figures"][0]["alt"] == "a line"


@pytest.mark.parametrize(
    "data, path", [(PAGE + b"More.\n", "docs/zh/a.md"), (PAGE, "docs/en/a.md")]
)
def test_another_text_or_another_place_is_parsed_anew(read, data, path):
    read()
    assert read(data, path) == parse_chapter(data, path)
    assert read.times == 2


def test_another_engine_parses_anew(read, monkeypatch):
    read()
    monkeypatch.setattr(kept, "engine", lambda: b"another")
    read()
    assert read.times == 2


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"key": 1}', "null"])
def test_a_damaged_file_is_a_miss(read, tmp_path, damage):
    read()
    (tmp_path / ".weave/chapters/docs/zh/a.md.json").write_text(damage)
    assert read() == parse_chapter(PAGE, "docs/zh/a.md")
    assert read.times == 2


def test_fields_that_do_not_fit_are_a_miss(read, tmp_path):
    read()
    place = tmp_path / ".weave/chapters/docs/zh/a.md.json"
    told = json.loads(place.read_text())
    place.write_text(json.dumps(told | {"fields": {"strange": 1}}))
    assert read() == parse_chapter(PAGE, "docs/zh/a.md")


@pytest.mark.parametrize(
    "front, kept",
    [("title: A", True), ("date: 2026-01-01", False), ("1: one", False), ("title: [", False)],
)
def test_what_json_would_change_and_what_is_wrong_is_not_kept(read, tmp_path, front, kept):
    read(f"---\n{front}\n---\n# A {{ #a }}\n".encode())
    assert (tmp_path / ".weave/chapters/docs/zh/a.md.json").is_file() == kept


def test_nowhere_to_write_is_no_fault(read, tmp_path):
    (tmp_path / ".weave").write_text("in the way")
    assert read() == parse_chapter(PAGE, "docs/zh/a.md")


def test_every_chapter_of_the_book_can_be_kept(tmp_path):
    for file in sorted((ROOT / "docs").rglob("*.md")):
        data, path = file.read_bytes(), file.relative_to(ROOT).as_posix()
        first = kept_chapter(data, path, tmp_path)
        assert (tmp_path / ".weave/chapters" / f"{path}.json").is_file(), path
        kept_chapter.cache_clear()
        assert kept_chapter(data, path, tmp_path) == first == parse_chapter(data, path)


@pytest.fixture
def looked(tmp_path):
    """Looks at texts as one build would; says what was found and whether anybody looked."""

    def look(*texts: str, check: str = "words", finds: tuple[Problem, ...] = ()):
        looks, clean = [], Clean(tmp_path)
        found = clean.findings(check, texts, lambda: looks.append(1) or finds)
        clean.write()
        return found, bool(looks)

    return look


def test_what_was_clean_is_not_looked_at_again(looked):
    assert looked("a", "b") == ([], True)
    assert looked("a", "b") == ([], False)


@pytest.mark.parametrize(
    "texts, check", [(("a", "c"), "words"), (("ab",), "words"), (("a", "b"), "other")]
)
def test_another_text_or_another_check_is_looked_at(looked, texts, check):
    looked("a", "b")
    assert looked(*texts, check=check) == ([], True)


def test_a_problem_is_found_again_until_it_is_mended(looked):
    problem = Problem("docs/zh/a.md", 3, "wrong")
    for _ in range(2):
        assert looked("a", finds=(problem,)) == ([problem], True)
    assert looked("a") == ([], True)


def test_another_engine_looks_again(looked, monkeypatch):
    looked("a")
    monkeypatch.setattr("weave.kept.engine", lambda: b"another")
    assert looked("a") == ([], True)


@pytest.mark.parametrize("damage", ["", "{", "3", "[[1]]"])
def test_a_damaged_memory_is_no_memory(looked, tmp_path, damage):
    looked("a")
    (tmp_path / ".weave/clean.json").write_text(damage)
    assert looked("a") == ([], True)
