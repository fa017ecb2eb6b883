"""The program as a reader meets it: lists, hands out, checks, and says what is wrong where."""

import json
import os

import numpy as np
import pytest

from exercises import check, handout
from exercises.__main__ import main
from exercises.properties import expect
from exercises.words import language_of_reader
from weave.puzzles import read_puzzle, read_puzzles

NAME, CHAPTER = "scale_both", "foundations/products"
FILE = f"my-exercises/foundations/{NAME}.py"
PUZZLE = read_puzzle(f"exercises/foundations/{NAME}.py")
HEAD = f"import numpy as np\n\n\ndef {NAME}(left, m, right):\n"
RIGHT = HEAD + "    return left[:, None] * m * right\n"


@pytest.fixture
def folder(tmp_path):
    """Where a reader's files would be, and none are yet."""
    return tmp_path / check.FOLDER


@pytest.fixture
def answer(folder):
    """Writes an answer and returns where."""

    def write(text: str):
        file = folder / PUZZLE.answer
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    return write


def checked(folder, *options: str) -> int:
    return main(["check", NAME, *options], folder)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_list_is_in_the_order_of_the_book(folder, capsys, language):
    assert main(["--lang", language], folder) == 0
    shown = capsys.readouterr().out
    assert all(f"[ ] {p.name}  {p.title[language]}\n" in shown for p in read_puzzles()[0])
    chapters = ["foundations/products", "foundations/broadcasting", "mechanics/rounding"]
    places = [shown.index(f"{chapter}  ") for chapter in chapters]
    assert places == sorted(places)
    assert {"zh": "已解 0 题", "en": "0 of "}[language] in shown
    assert shown.count(f" --lang {language}\n") == 2  # what to run next stays in the language


def test_a_chapter_or_a_name_hands_out_files_and_never_overwrites(folder, capsys):
    assert main([CHAPTER, "--lang", "zh"], folder) == 0
    assert (folder / PUZZLE.answer).read_text(encoding="utf-8") == handout.handout(PUZZLE, "zh")
    said = capsys.readouterr().out
    assert FILE in said and f"check {NAME} --lang zh" in said
    (folder / PUZZLE.answer).write_text("mine")
    assert main([NAME, "--lang", "en"], folder) == 0
    assert main([CHAPTER, "--lang", "en"], folder) == 0
    assert (folder / PUZZLE.answer).read_text() == "mine"
    assert "left as it is: " + FILE in capsys.readouterr().out


def test_names_that_are_not_there(folder, capsys):
    assert main(["scale_bot", "--lang", "en"], folder) == 2
    assert f"did you mean {NAME}?" in capsys.readouterr().err
    assert main(["check", "xyz", "--lang", "zh"], folder) == 2
    assert "没有叫 xyz 的题或章" in capsys.readouterr().err
    assert checked(folder, "--lang", "en") == 1
    said = capsys.readouterr().out
    assert f"there is no {FILE} yet; first: python -m exercises {NAME} --lang en\n" in said


@pytest.mark.parametrize("language, said", [("zh", "检查写好的答案"), ("en", "check answers")])
def test_the_help_is_in_the_language_asked_for(folder, capsys, language, said):
    with pytest.raises(SystemExit):
        main(["--lang", language, "--help"], folder)
    assert said in capsys.readouterr().out


def test_a_right_answer_is_remembered_until_it_changes(folder, answer, capsys):
    file = answer(RIGHT.replace("return", "print('hello')\n    return"))
    assert main(["check", "--lang", "en"], folder) == 0
    shown = capsys.readouterr().out
    assert f"{NAME}: passed" in shown and "  | hello" in shown
    main(["--lang", "en"], folder)
    assert f"[x] {NAME}" in capsys.readouterr().out
    file.write_text(RIGHT + "\n")
    main(["--lang", "en"], folder)
    assert f"[ ] {NAME}" in capsys.readouterr().out
    (folder / "solved.json").write_text("damaged")
    assert main(["--lang", "en"], folder) == 0


def test_a_wrong_answer_is_told_its_property_and_its_call(folder, answer, capsys):
    answer(HEAD + "    return left * m * right\n")
    for language, call in (("zh", "最后一次调用："), ("en", "last call: ")):
        assert checked(folder, "--lang", language) == 1
        shown = capsys.readouterr().out
        assert shown.startswith(f"{FILE}:4: {PUZZLE.hints['left_scales_rows'][language]}\n")
        assert f"{call}{NAME}([7, 6, 5], [[3, 3, 1]," in shown


@pytest.mark.timeout(60)
def test_a_loop_without_end_is_ended_at_its_line(folder, answer):
    answer(HEAD + "    while True:\n        left = left + 1\n")
    verdict, _ = check.run(PUZZLE, folder, seconds=0.5)
    assert verdict.kind == "late" and verdict.line in (5, 6) and verdict.fill == ["0.5"]
    assert "0.5" in check.told(PUZZLE, verdict, "en")


def test_an_answer_that_ends_the_process(folder, answer):
    answer("import os\n" + HEAD + "    os._exit(3)\n")
    verdict, _ = check.run(PUZZLE, folder)
    assert (verdict.kind, verdict.fill) == ("died", ["3"])


BAD = {
    "assertion": ("    assert m is None\n", 5, "AssertionError"),
    "nested": ("    def inner(a):\n        return a.nothing\n    return inner(m)\n", 6, "nothing"),
    "syntax": ("    return (left\n", 5, "'(' was never closed"),
    "raised": ("    a = 1\n    return a / 0\n", 6, "ZeroDivisionError: division by zero"),
    "nothing": ("    print(left)\n", 4, "None"),
    "shape": ("    return left\n", 4, "it returns the shape (3,), not (3, 3)"),
    "type": ("    return 'x'\n", 4, "it returns str, not array"),
    "nan": ("    return m * float('nan')\n", 4, "nan"),
    "forbidden": ("    return np.diag(left) @ m\n", 5, "this puzzle does not allow `@`"),
    "comprehension": ("    a = 1\n    return [\n        x for x in m]\n", 7, "not allow `for`"),
    "in place": ("    m @= m\n", 5, "does not allow `@`"),
    "imported": ("    from numpy import (\n        dot)\n", 6, "does not allow `dot`"),
    "hole": ("    ...\n", 4, "no answer yet"),
    "exit": ("    raise SystemExit\n", 5, "raised SystemExit"),
    "input": ("    return input()\n", 5, "EOFError"),
    "recursion": (f"    return {NAME}(left, m, right)\n", 5, "RecursionError"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_wrong_stands_in_one_line(answer, kind, monkeypatch):
    body, line, said = BAD[kind]
    monkeypatch.setattr("sys.stdin", open(os.devnull))
    verdict = check.examine(PUZZLE, HEAD + body, FILE)
    told = check.told(PUZZLE, verdict, "en").split("\n")[0]
    assert told.startswith(f"{FILE}:{line}: ") and said in told
    assert check.told(PUZZLE, verdict, "zh").split("\n")[0].startswith(f"{FILE}:{line}: ")


def test_other_files_that_are_no_answer():
    assert check.examine(PUZZLE, "x = 1\n", FILE).kind == "missing"
    assert check.examine(PUZZLE, "import nowhere\n" + RIGHT, FILE).line == 1


def test_the_reader_cannot_spoil_the_check():
    """Neither by changing the arguments nor by returning what cannot be computed with."""
    spoiled = RIGHT.replace("    return", "    m *= 0\n    return")
    assert check.examine(PUZZLE, spoiled, FILE).failed == "left_scales_rows"
    puzzle = read_puzzle("exercises/mechanics/compensated_sum.py")
    text = "def compensated_sum(values):\n    return [1]\n"
    verdict = check.examine(puzzle, text, FILE)
    assert (verdict.kind, verdict.line) == ("type", 1)


def test_results_are_compared_in_kind_shape_and_value():
    def told(got, wanted, tolerance=1e-6):
        try:
            expect(got, wanted, tolerance)
        except AssertionError as fault:
            return getattr(fault, "kind", "hint")

    ones = np.ones(3)
    same = [(1, 1.0), (np.float32(1), 1), (np.array(1), 1), (True, 1), ([1, 2], [1, 2.0]),
            (ones, ones), (ones + 1e-7, ones), (1e9 + 1, 1e9), ("a", "a"), (1j, 1j),
            (np.array([np.nan, 1]), np.array([np.nan, 1])), ((ones, 1), (ones, 1))]  # fmt: skip
    assert [told(*pair) for pair in same] == [None] * len(same)
    unlike = {
        "hint": [(1, 2), (ones + 1e-5, ones), ("a", "b"), ([1, 2], [1, 3]), (1j, 2j)],
        "shape": [(ones, np.ones((3, 1))), (ones[:1], 1), (1, ones)],
        "type": [([1], ones), ((1,), [1]), ("1", 1), (None, 1), (1, "1"), ([None], [1])],
        "length": [([1], [1, 2]), ((), (1,))],
        "nan": [(np.nan, 1), (ones * np.inf, ones)],
    }
    for kind, pairs in unlike.items():
        assert [told(*pair) for pair in pairs] == [kind] * len(pairs)


def test_the_language_is_the_environments(folder, capsys, monkeypatch):
    for name, value, shown in (("LC_ALL", "zh_CN.UTF-8", "已解"), ("LC_ALL", "fr_FR", "solved")):
        monkeypatch.setenv(name, value)
        main([], folder)
        assert shown in capsys.readouterr().out
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("locale.getlocale", lambda: ("Chinese (Simplified)_China", "936"))
    assert language_of_reader() == "zh"
    monkeypatch.setattr("locale.getlocale", lambda: (None, None))
    assert language_of_reader() == "en"


def test_solved_keeps_one_line_a_puzzle(folder, answer):
    answer(RIGHT)
    solved = check.Solved(folder)
    assert PUZZLE not in solved
    solved.add(PUZZLE)
    assert PUZZLE in solved
    assert list(json.loads(solved.file.read_text())) == [NAME]
