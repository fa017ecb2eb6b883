"""Every puzzle: its solution passes, each wrong answer fails as it should, its texts are in order.

One test for each puzzle; `-k language/` runs those of a part, `-k compensated_sum` one of them.
"""

import re
from collections import Counter
from pathlib import Path

import pytest

from exercises.examine import examine
from exercises.handout import code, handout
from weave.glossary import read_glossary
from weave.glossary_check import other_words
from weave.labs import LANGUAGES as BOOK_LANGUAGES
from weave.puzzles import LANGUAGES, Puzzle, read_puzzles
from weave.structure import read_chapter
from weave.typography import CHINESE, FULL_WIDTH, check_text

BOOK, PROBLEMS = read_puzzles()
LABEL = "my-exercises/answer.py"
each_puzzle = pytest.mark.parametrize(
    "puzzle", BOOK, ids=lambda puzzle: puzzle.path.removeprefix("exercises/")
)


def texts(puzzle: Puzzle) -> list[dict[str, str]]:
    return [puzzle.title, puzzle.task, *puzzle.hints.values()]


def width(line: str) -> int:
    """Columns in a terminal, where a Chinese character takes two."""
    return sum(1 + (letter > "\u2e7f") for letter in line)


@each_puzzle
def test_the_solution_passes(puzzle):
    assert examine(puzzle, code(puzzle, puzzle.name), LABEL).kind == "passed"


@each_puzzle
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # some are wrong because they overflow
def test_every_wrong_answer_is_caught_by_its_property(puzzle):
    told = {name: examine(puzzle, code(puzzle, name), LABEL) for name in puzzle.wrong}
    assert {name: verdict.failed for name, verdict in told.items()} == puzzle.wrong
    assert len(puzzle.wrong) >= 2
    idle = puzzle.hints.keys() - puzzle.wrong.values()
    assert not idle, f"properties that no wrong answer shows: {idle}"


@each_puzzle
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_handed_out_is_a_hole(puzzle, language):
    text = handout(puzzle, language)
    verdict = examine(puzzle, text, LABEL)
    assert verdict.kind == "hole"
    assert text.split("\n")[verdict.line - 1].startswith(f"def {puzzle.name}(")
    first, last = puzzle.solution.body[0].lineno, puzzle.solution.end_lineno
    body = puzzle.source.split("\n")[first - 1 : last]
    told = [line for line in body if len(line.strip()) > 9 and line in text]
    assert not told
    hidden = (*puzzle.hints, *puzzle.wrong, "exercises.properties")
    assert not [name for name in hidden if re.search(rf"\b{name}\b", text)]
    assert max(map(width, text.split("\n"))) <= 100


@each_puzzle
def test_chapter_and_exercise_exist(puzzle, root):
    for language in LANGUAGES:
        (file,) = root.glob(f"docs/{language}/{puzzle.chapter}.*")
        ids = {heading.id for heading in read_chapter(file.relative_to(root), root).headings}
        assert {"exercises", puzzle.exercise or "exercises"} <= ids
    assert Path(puzzle.path).parent.name == puzzle.chapter.partition("/")[0].replace("-", "_")


@each_puzzle
def test_all_texts_stand_in_both_languages(puzzle):
    for text in texts(puzzle):
        assert set(text) == set(LANGUAGES) == set(BOOK_LANGUAGES)
        assert CHINESE.search(text["zh"])
        assert not FULL_WIDTH.search(text["en"]) and not CHINESE.search(text["en"])
        ours, theirs = (Counter(re.findall("`[^`]+`", text[language])) for language in LANGUAGES)
        assert ours.keys() == theirs.keys(), "the same code in both languages"
        assert not [*map(str, check_text(puzzle.path, text["zh"]))]
    for language in LANGUAGES:
        said = [text[language] for text in texts(puzzle)]
        assert len(set(said)) == len(said)


def test_puzzles_call_things_by_the_glossarys_names(root):
    terms, _ = read_glossary(root)
    other = [
        (puzzle.path, word, term.name(language))
        for puzzle in BOOK
        for text in texts(puzzle)
        for language in LANGUAGES
        for term, word, _ in other_words(terms, text[language], language)
    ]
    assert not other


def test_names_are_unlike():
    assert not PROBLEMS
    names = Counter(puzzle.name for puzzle in BOOK)
    assert max(names.values()) == 1, names.most_common(1)
