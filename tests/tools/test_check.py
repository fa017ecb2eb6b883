"""`make check` finds what a change breaks, says all of it at once, and passes what is right."""

import shutil

import pytest

from tools import check


@pytest.fixture
def checked(book, monkeypatch, capfd):
    """Runs the check; what it returns and all that it and its children say."""
    monkeypatch.setattr(check, "ROOT", book.root)

    def run() -> tuple[int, str]:
        code = check.main()
        captured = capfd.readouterr()
        return code, captured.out + captured.err

    return run


def test_nothing_has_changed(checked):
    assert checked() == (0, "Nothing differs from main\n")


def test_a_good_edit_passes(book, checked):
    book.edit("docs/en/part/double.md", "The result", "This")
    code, said = checked()
    assert code == 0, said
    assert "1 changed files reach 2 pages, 0 snippets and these tests: none" in said
    assert "snippets/part/double.py" in said  # the page shows it, so it has to run
    assert "triple" not in said and "Nothing wrong found" in said


def test_faults_of_all_kinds_are_said_at_once(book, checked):
    book.edit("docs/en/part/double.md", "part.double.result", "part.double.resutl")
    book.edit("docs/zh/part/double.md", "结果是", "结果 ，是")
    book.edit("snippets/part/triple.py", "    print(result)", "    print(result)\n    1 / 0")
    book.edit("tests/part/test_triple.py", '"""Of triple."""', '"""Of triple."""\nimport os')
    code, said = checked()
    assert code == 1
    assert "docs/en/part/double.md:7: part/double.py computes no value `resutl`" in said
    assert "did you mean `result`?" in said
    assert "docs/zh/part/double.md:7" in said and "write `" in said
    assert "snippets/part/triple.py:15: ZeroDivisionError: division by zero" in said
    assert "tests/part/test_triple.py:2:8: F401" in said
    assert "FAILED tests/part/test_triple.py" in said and "test_double" not in said
    assert "Not yet right: see above" in said


def test_a_fault_in_a_helper_fails_the_tests_of_those_who_use_it(book, checked):
    book.edit("snippets/part/helper.py", "FACTOR = 2", "FACTOR = 4")
    code, said = checked()
    assert code == 1
    assert "FAILED tests/part/test_double.py" in said and "test_triple" not in said


@pytest.mark.parametrize("lost", ["main", "git"])
def test_without_main_everything_is_checked(book, checked, lost):
    book.edit("snippets/part/helper.py", "3 * x", "4 * x")
    if lost == "git":
        shutil.rmtree(book.root / ".git")
    else:
        book.git("branch", "--quiet", "--delete", "--force", "main")
    code, said = checked()
    assert said.startswith("No git history with a `main` to compare with") and code == 1
    assert "reach 6 pages, 3 snippets" in said
    assert "FAILED tests/part/test_triple.py" in said and "1 passed" in said


@pytest.mark.parametrize("ci", [False, True])
def test_a_draft_is_noted_and_not_merged(book, checked, monkeypatch, ci):
    monkeypatch.setenv("CI", "true") if ci else monkeypatch.delenv("CI", raising=False)
    for language in ("en", "zh"):
        book.edit(f"docs/{language}/part/double.md", "description: A page.\n",
                  "description: A page.\ndraft: true\n")  # fmt: skip
    code, said = checked()
    assert "docs/en/part/double.md:1: a draft: finish it" in said
    assert code == ci and ("note: docs/en/part/double.md:1" in said) == (not ci), said
