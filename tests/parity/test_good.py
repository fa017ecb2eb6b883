"""A good book has no problems, and edits that keep both languages equal cause none."""

import shutil
import sys

import pytest

from weave.check import check_book, main, unfinished

ZH, EN = "docs/zh/mechanics/rounding.md", "docs/en/mechanics/rounding.md"
EN_SHAPES, ZH_SHAPES = (f"docs/{x}/mechanics/shapes.md" for x in ("en", "zh"))


def test_a_good_book_has_no_problems(book):
    assert book.problems() == []


HARMLESS = {
    "another order in a sentence": (
        EN,
        "$\\mathrm{fl}(x)$ and $\\kappa(W)$ tell all",
        "$\\kappa(W)$ and $\\mathrm{fl}(x)$ tell all",
    ),
    "more words": (EN, "tell all:", "tell all that there is to tell:"),
    "another paragraph": (EN, "Examples do", "First things first.\n\nExamples do"),
    "the values of a section in another order": (
        EN,
        "Of {{ mechanics.rounding.count:,}} random",
        "{{ mechanics.rounding.count:,}} random",
    ),
    "another alt text": (EN, "alt: Two curves, the upper", "alt: A pair of curves whose upper"),
    "a caption that says more": (EN, "caption: A gap of", "caption: On log axes, a gap of"),
    "another translation of a label": (ZH, "首尾相克", "方向相对"),
    "a label in the other language, too": (
        EN,
        "[^higham2002]\n```",
        "[^higham2002]\n    labels: {aligned: opposed}\n```",
    ),
    "another image text": (EN, "![Two circles]", "![Circles that touch]"),
    "other words in a formula": (EN, "\\text{for all $x$}", "\\text{whatever $x$ is}"),
    "spaces in a formula": (EN, "\\| (AB)x - A(Bx) \\|", "\\|(AB)x-A(Bx)\\|"),
    "a formula over several lines": (EN, "\\|x\\| \\quad", "\\|x\\|\n\\quad"),
    "the sentence's comma in a formula": (EN, "for all $x$}", "for all $x$},"),
    "digits of a magnitude": (EN, "flops:big2 }}", "flops:big }}"),
    "spaces in a value": (EN, "rounding.count:,}}", "rounding.count:, }}"),
    "another heading text": (EN, "## How large is the gap?", "## A gap, but how large?"),
    "another title of an admonition": (EN, '!!! wrong "Wrong"', '!!! wrong "Not so"'),
    "no title of an admonition": (EN, '!!! wrong "Wrong"', "!!! wrong"),
    "words in a table": (EN, "| float32 | small |", "| float32 | as good as none |"),
    "alignment of a table": (EN, "| --- | ---: |", "| :-- | :-: |"),
    "a table without outer bars": (EN, "| 1 | 2 | 3 |", "1 | 2 | 3"),
    "a link on other words": (EN, "see [shapes]", "see the chapter on [the shapes]"),
    "a link with a title": (EN, "(shapes.md#vectors)", '(shapes.md#vectors "Shapes")'),
    "a link by reference": (
        EN,
        "see [shapes](shapes.md#vectors).",
        "see [shapes][].\n\n    [shapes]: shapes.md#vectors",
    ),
    "a link by name": (EN, "the [manual].", "the [book][manual]."),
    "a footnote's text": (EN, "N. J. Higham, ", "Nicholas J. Higham, "),
    "a comment": (EN, "Examples do", "<!-- ## Not a heading {{ nor a value -->\n\nExamples do"),
    "a code block": (EN, "Examples do", "```python\n# {{ x }}\n## y\n!!!\n```\n\nExamples do"),
    "an indented code block": (EN, "Examples do", "    ## y {{ x }} $\n    !!!\n\nExamples do"),
    "a fence of tildes": (EN, "Examples do", "~~~\n```snippet\n$$\n~~~\n\nExamples do"),
    "a fence in a quotation": (EN, "Examples do", "> ```\n> {{ x }}\n>\n> ```\n\nExamples do"),
    "an escaped dollar": (EN, "Examples do", "For \\$5 or 6$ examples do"),
    "brackets": (EN, "Examples do", "Examples [sic] for x in [0, 1], {{a}} and [[b]] do"),
    "a rule": (EN, "Examples do", "---\n\nExamples do"),
    "an address as its own link": (EN, "the [manual].", "<https://example.org/manual>."),
    "the file's end": (EN, "SIAM, 2002.\n", "SIAM, 2002."),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_edit_causes_no_problem(book, name):
    book.edit(*HARMLESS[name])
    assert book.problems() == []


def test_options_may_come_in_another_order(book):
    book.edit(ZH, "    raises: ValueError\n", "    raises: ValueError\n    code: fold\n")
    book.edit(EN, "    raises: ValueError\n", "    code: fold\n    raises: ValueError\n")
    assert book.problems() == []


def test_line_ends_and_a_byte_order_mark_change_nothing(book):
    text = (book.root / EN).read_bytes()
    (book.root / EN).write_bytes(b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"))
    assert book.problems() == []


def test_lines_are_counted_alike_with_any_line_end(book):
    book.edit(EN, "(#values)", "(#value)")
    plain = book.problems()
    for end in (b"\r\n", b"\r"):
        text = (book.root / EN).read_bytes()
        (book.root / EN).write_bytes(text.replace(b"\n", end))
        assert book.problems() == plain
        (book.root / EN).write_bytes(text)


def test_a_page_may_wait_for_its_twin(book):
    (book.root / EN_SHAPES).unlink()
    book.edit("docs/zh/mechanics/shapes.md", "title:", "twin: wanted\ntitle:")
    assert book.problems() == []
    assert list(map(str, unfinished(book.root))) == [
        f"{ZH_SHAPES}:1: `twin: wanted`: {EN_SHAPES} is still to be written"
    ]


def test_a_draft_is_reported_and_not_merged(book, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    for path in (ZH_SHAPES, EN_SHAPES):
        book.edit(path, "title:", "draft: true\ntitle:")
    assert book.problems() == []
    assert [str(problem)[: len(EN_SHAPES) + 11] for problem in unfinished(book.root)] == [
        f"{EN_SHAPES}:1: a draft", f"{ZH_SHAPES}:1: a draft"
    ]
    monkeypatch.setenv("CI", "true")
    assert len(book.problems()) == 2 and "a draft is not merged" in book.problems()[0]


def test_one_language_may_be_finished_before_the_other(book, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    book.edit(EN_SHAPES, "title:", "draft: true\ntitle:")
    assert book.problems() == []


def test_one_language_alone_can_be_checked(book):
    assert check_book(book.root, languages=("zh",)) == []


def test_the_command_prints_the_problems_and_fails_for_them(book, monkeypatch, capsys):
    monkeypatch.chdir(book.root)
    monkeypatch.setattr(sys, "argv", ["check"])
    assert main() == 0
    assert capsys.readouterr().out == ""
    book.edit(EN, "(#values)", "(#value)")
    assert main() == 1
    printed = capsys.readouterr().out.splitlines()
    assert printed == book.problems() and len(printed) == 2


@pytest.mark.parametrize("page", ["mechanics/rounding.md", "foundations/norms.md"])
def test_any_chapter_of_the_book_may_be_in_one_language(tmp_path, root, page):
    """Ledger, navs, links and anchors from other pages: nothing else has to be edited."""
    for name in ("docs", "exercises", "ledger", "snippets", "tests", "overrides"):
        (tmp_path / name).symlink_to(root / name)
    (tmp_path / "docs").unlink()
    shutil.copytree(root / "docs", tmp_path / "docs")
    for file in (*root.glob("mkdocs*.yml"), *root.glob("*.md")):
        (tmp_path / file.name).symlink_to(file)
    twin = tmp_path / "docs/en" / page
    twin.unlink()
    assert [p for p in check_book(tmp_path) if f"there is no docs/en/{page}" in p.message]
    chapter = tmp_path / "docs/zh" / page
    declared = chapter.read_bytes().replace(b"---\n", b"---\ntwin: wanted\n", 1)
    chapter.write_bytes(declared)
    assert check_book(tmp_path) == check_book(root)
