"""What the book copies from its sources is found; what it restates is not."""

import os
import sys
from pathlib import Path

import pytest

from weave import check
from weave.borrowed import check_borrowed, read_sources

from .conftest import REPOSITORY

SOURCE = """\
## 引言
矩陣乘法的結果，取決於輸入矩陣的每一個元素。Layers of a network, stacked one upon the
other, learn what a single layer cannot. 普通的一句。

```python
def project(points, basis):
    weights = points @ basis.T
    return weights @ basis + points.mean(axis=0)
```
"""
COPIED = {  # file, text, line, what is shown
    "Chinese, in simplified characters and other punctuation": (
        "docs/zh/index.md", "甲。\n\n“矩阵乘法的**结果**取决于：输入矩阵的 每一个元素”。\n", 3,
        "矩阵乘法的**结果**取决于：输入矩阵的 每一个元素"),
    "over a line's end": (
        "docs/zh/index.md", "甲乙\n丙，矩阵乘法的结果，\n取决于输入矩阵。\n", 2,
        "矩阵乘法的结果， 取决于输入矩阵"),
    "English": (
        "docs/en/index.md", "So: “Layers of a NETWORK stacked one upon the other”\n", 1,
        "Layers of a NETWORK stacked one upon the other"),
    "a figure's text": (
        "docs/zh/index.md",
        "```snippet\na/b.py:c\nfigures:\n  - caption: 取决于输入矩阵的每一个元素\n```\n", 4,
        "取决于输入矩阵的每一个元素"),
    "the ledger": (
        "ledger/claims/000.yml", "- zh: 取决于输入矩阵的每一个元素\n", 1,
        "取决于输入矩阵的每一个元素"),
    "a guide": ("README.md", "Layers of a network, stacked one upon the other\n", 1,
                "Layers of a network, stacked one upon the other"),
    "code": (
        "snippets/part/topic.py",
        "x = 1\ndef project( points , basis ):\n  weights = points @ basis.T\n  return weights\n",
        2, "def project( points , basis ): weights = points @ basis.T return weights"),
}  # fmt: skip
OWN = {
    "restated": ("docs/zh/index.md", "输入矩阵里任何一个元素，都影响乘积。普通的一句。\n"),
    "few words": ("docs/en/index.md", "A layer of a network, stacked one upon it.\n"),
    "a formula": ("docs/zh/index.md", "$\\text{取决于输入矩阵的每一个元素}$\n"),
    "code on a page": ("docs/zh/index.md", "```\n取决于输入矩阵的每一个元素\n```\n"),
    "a title": ("docs/zh/index.md", "[^a]: A. Li，《取决于输入矩阵的每一个元素》，2020。\n"),
    "numbers": ("snippets/part/topic.py", "x = [[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12]]\n"),
    "short code": ("snippets/part/topic.py", "weights = points @ basis.T\n"),
}


@pytest.fixture
def sources(tmp_path: Path) -> dict[str, str]:
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "007_a.txt").write_text(SOURCE, encoding="utf-8")
    return read_sources(folder)


@pytest.mark.parametrize("name", COPIED)
def test_what_is_copied_is_found(book, sources, name):
    path, text, line, shown = COPIED[name]
    book.write(path, text.encode())
    (problem,) = check_borrowed(book.root, sources)
    assert str(problem) == (
        f"{path}:{line}: source 007 says this word for word; restate it: `{shown}`"
    )


@pytest.mark.parametrize("name", OWN)
def test_what_is_not_copied_passes(book, sources, name):
    path, text = OWN[name]
    book.write(path, text.encode())
    assert list(check_borrowed(book.root, sources)) == []


def test_the_longest_of_several_places_counts(book, sources):
    sources["006"] = "矩阵乘法的结果，取决于别的。" + sources["007"]
    book.write("docs/zh/index.md", "矩阵乘法的结果，取决于输入矩阵的每一个元素".encode())
    (problem,) = check_borrowed(book.root, sources)
    assert problem.message.endswith("`矩阵乘法的结果，取决于输入矩阵的每一个元素`")


def test_the_command_compares_with_the_sources(book, sources, monkeypatch, capsys):
    book.write("docs/zh/index.md", "取决于输入矩阵的每一个元素\n".encode())
    monkeypatch.chdir(book.root)
    monkeypatch.setattr(sys, "argv", ["check"])
    assert check.main() and "word for word" not in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["check", "--sources", "sources"])
    assert check.main() and "word for word" in capsys.readouterr().out


def test_the_book_copies_nothing():
    folder = Path(os.environ.get("SOURCES") or REPOSITORY.parent / "shared" / "sources")
    if not folder.is_dir():
        pytest.skip("sources not at hand; SOURCES names their folder")
    sources = read_sources(folder)
    assert sources
    copied = list(map(str, check_borrowed(REPOSITORY, sources)))
    assert not copied, "\n" + "\n".join(copied)
