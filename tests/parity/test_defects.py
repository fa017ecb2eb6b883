"""Each kind of mistake, planted alone in the good book, is found where it can be mended."""

from typing import NamedTuple

import pytest

from weave.check import check_book

ZH, EN = "docs/zh/mechanics/rounding.md", "docs/en/mechanics/rounding.md"
ZH_HOME, EN_HOME = "docs/zh/index.md", "docs/en/index.md"
ZH_SHAPES, EN_SHAPES = "docs/zh/mechanics/shapes.md", "docs/en/mechanics/shapes.md"
ZH_NAV, EN_NAV = "mkdocs.yml", "mkdocs.en.yml"
GAP = "py:gap\n```\n"


class Plant(NamedTuple):
    """An edit, and the problem that it must cause: file, text on its line, part of the message."""

    file: str
    old: str
    new: str
    where: str
    on: str
    says: str
    more: int = 0  # other problems that the same mistake causes


READING = {
    "unclosed fence": Plant(
        EN,
        GAP,
        "py:gap\n",
        EN,
        "```snippet\nmechanics/rounding.py:gap",
        "snippet fence is not closed",
    ),
    "fence closed at another indentation": Plant(
        EN, GAP, "py:gap\n  ```\n", EN, "```snippet\nmechanics/rounding.py:gap", "not closed at its"
    ),
    "unclosed long fence": Plant(
        EN, "$x$\n````\n", "$x$\n```\n", EN, "````\n```snippet", "code fence is not closed"
    ),
    "line left of an indented fence": Plant(
        EN,
        "    mechanics/rounding.py:worst\n",
        "mechanics/rounding.py:worst\n",
        EN,
        "    ```snippet\n",
        "snippet fence is not closed",
        1,
    ),
    "snippet fence without a target": Plant(
        EN, "mechanics/rounding.py:gap\n```", "\n```", EN, "```snippet\n", "does not say what", 1
    ),
    "bad YAML in a fence": Plant(
        EN, "code: fold\n", "code: [fold\n", EN, "figures:\n", "bad snippet options", 5
    ),
    "options that are no mapping": Plant(
        EN, "    raises: ValueError\n", "    ValueError\n", EN, "    ValueError", "not a mapping", 1
    ),
    "bad front matter": Plant(
        EN, "title: Rounding\n", "title: [Rounding\n", EN, "description", "bad front matter", 4
    ),
    "front matter that is no mapping": Plant(
        EN_SHAPES,
        "title: Shapes\ndescription: What shape.",
        "shapes",
        EN_SHAPES,
        "shapes",
        "bad front matter: not a mapping",
        4,
    ),
    "unclosed front matter": Plant(
        EN_SHAPES, "shape.\n---\n", "shape.\n", EN_SHAPES, "---", "front matter has no closing", 4
    ),
    "value with a typo": Plant(
        EN, "rounding.count:,}}", "rounding.count:,}", EN, "Of {{", "not a value: `{{ mechanics", 1
    ),
    "value that names too little": Plant(
        EN,
        "{{ mechanics.rounding.count:,}}",
        "{{ count }}",
        EN,
        "Of {{",
        "not a value: `{{ count",
        1,
    ),
    "display formula inside a paragraph": Plant(
        EN, "\n$$\n\\| (AB)x", "\nSo\n$$\n\\| (AB)x", EN, "$$\n", "needs a blank line"
    ),
    "blank line inside a formula": Plant(
        EN, "\\|x\\| \\quad", "\\|x\\|\n\n\\quad", EN, "$$\n\\|", "`$$` is no formula", 2
    ),
    "formula in another notation": Plant(
        EN, "$\\kappa(W)$", "\\(\\kappa(W)\\)", EN, "\\(\\kappa", "`\\(` is no formula", 1
    ),
    "admonition in the wrong quotes": Plant(
        EN, '!!! wrong "Wrong"', "!!! wrong “Wrong”", EN, "!!! wrong", "not an admonition", 1
    ),
    "table without a blank line above": Plant(
        EN, "\n| precision", "\nSee:\n| precision", EN, "| precision", "needs a blank line above"
    ),
    "row with too many cells": Plant(
        EN, "| float32 | small |", "| float32 | small | |", EN, "| float32", "3 cells, its header 2"
    ),
    "row split by an absolute value": Plant(
        EN, "| 1 | 2 | 3 |", "| `a|b` | 2 | 3 | 4 |", EN, "| `a|b`", "4 cells, its header 3"
    ),
    "undefined link reference": Plant(
        EN,
        "the [manual].",
        "the [book][manuel].",
        EN,
        "See [this",
        "defines the link `[manuel]`",
        1,
    ),
}

PAGE = {
    "heading without id": Plant(
        EN, "gap? { #gap }", "gap?", EN, "## How large", "no id on the heading `How large", 3
    ),
    "heading id not in ASCII": Plant(
        EN, "{ #gap }", "{ #间隙 }", EN, "## How large", "the id `间隙` is not ASCII", 3
    ),
    "underlined heading without id": Plant(
        EN, "Examples do not count:\n", "Examples\n---\n", EN, "Examples", "no id on the heading", 1
    ),
    "duplicate id": Plant(
        EN, "{ #values }", "{ #gap }", EN, "## How to", "id `gap` is already on", 2
    ),
    "duplicate id in HTML": Plant(
        EN_SHAPES, 'id="scalars"', 'id="vectors"', EN_SHAPES, "<span", "id `vectors` is already on"
    ),
    "no title": Plant(EN, "title: Rounding\n", "", EN, "---", "front matter gives no title", 1),
    "no description": Plant(
        EN,
        "description: Where",
        "summary: Where",
        EN,
        "---",
        "front matter gives no description",
        1,
    ),
    "dead link": Plant(
        EN,
        "shapes.md#vectors",
        "shape.md#vectors",
        EN,
        "see [shapes]",
        "did you mean `shapes.md`?",
        1,
    ),
    "link to a folder": Plant(
        EN,
        "(shapes.md#vectors)",
        "(../mechanics/)",
        EN,
        "see [shapes]",
        "dead link `../mechanics/`",
        1,
    ),
    "link out of the book": Plant(
        EN,
        "shapes.md#vectors",
        "../../../mkdocs.yml",
        EN,
        "see [shapes]",
        "dead link `../../../m",
        1,
    ),
    "dead anchor": Plant(
        EN,
        "shapes.md#vectors",
        "shapes.md#vector",
        EN,
        "see [shapes]",
        "did you mean `vectors`?",
        1,
    ),
    "dead anchor on the same page": Plant(
        EN, "(#values)", "(#value)", EN, "See [this", "dead anchor `#value`", 1
    ),
    "wrong case": Plant(
        EN,
        "shapes.md#vectors",
        "Shapes.md#vectors",
        EN,
        "see [shapes]",
        "the file is `shapes.md`",
        1,
    ),
    "absolute link": Plant(
        EN, "(shapes.md#vectors)", "(/shapes/)", EN, "see [shapes]", "`/shapes/` is absolute", 1
    ),
    "unknown scheme": Plant(
        EN, "(shapes.md#vectors)", "(htps://x.org)", EN, "see [shapes]", "did you mean `https`?", 1
    ),
    "link to nothing": Plant(
        EN, "(shapes.md#vectors)", "()", EN, "see [shapes]", "the link `shapes` leads nowhere", 1
    ),
    "link to a missing image": Plant(
        EN, "circles](circle.svg)", "circles](circel.svg)", EN, "![Two", "mean `circle.svg`?", 1
    ),
    "dead target of a reference": Plant(
        EN,
        "[manual]: https://example.org/manual",
        "[manual]: manual.md",
        EN,
        "See [this",
        "dead link `manual.md`",
        1,
    ),
    "dead link in a caption": Plant(
        EN,
        "https://example.org/a_(b)",
        "paper.pdf",
        EN,
        "caption: A gap",
        "dead link `paper.pdf`",
        1,
    ),
    "dead link in HTML": Plant(
        EN_HOME,
        "mechanics/rounding/#gap",
        "mechanics/rounding.md#gap",
        EN_HOME,
        "<a href",
        "did you mean `mechanics/rounding`?",
        1,
    ),
    "dead anchor in HTML": Plant(
        EN_HOME, "rounding/#gap", "rounding/#gapp", EN_HOME, "<a href", "did you mean `gap`?", 1
    ),
    "image without alt text": Plant(
        EN, "![Two circles]", "![]", EN, "![](circle", "has no alt text"
    ),
    "figure without alt text": Plant(
        EN,
        "  - alt: Two curves, the upper one grows with $n$\n    caption",
        "  - caption",
        EN,
        "```snippet\nmechanics/rounding.py:picture",
        "has no alt",
        1,
    ),
    "figure without caption": Plant(
        ZH_SHAPES,
        "<span",
        "```snippet\na.py:b\nfigures:\n  - alt: x\n```\n\n<span",
        ZH_SHAPES,
        "```snippet",
        "figure 1 of `a.py:b` has no caption",
        1,
    ),
    "unknown option of a figure": Plant(
        EN,
        "    caption: A gap",
        "    title: x\n    caption: A gap",
        EN,
        "```snippet\nmechanics/rounding.py:picture",
        "a figure has no option `title`",
    ),
    "unknown option of a snippet": Plant(
        EN,
        "code: fold\n",
        "coed: fold\n",
        EN,
        "```snippet\nmechanics/rounding.py:picture",
        "did you mean `code`?",
        1,
    ),
    "an interactive figure that does not exist": Plant(
        EN,
        "code: fold\n",
        "code: fold\ninteractive: plain\n",
        EN,
        "```snippet\nmechanics/rounding.py:picture",
        "did you mean `plane`?",
        1,
    ),
    "an interactive figure in place of none": Plant(
        EN_SHAPES,
        "<span",
        "```snippet\na.py:b\ninteractive: plane\n```\n\n<span",
        EN_SHAPES,
        "```snippet",
        "stands in place of one figure",
        1,
    ),
    "interactive in one language alone": Plant(
        EN,
        "code: fold\n",
        "code: fold\ninteractive: plane\n",
        EN,
        "```snippet\nmechanics/rounding.py:picture",
        "interactive: plane",
    ),
    "figures that are no list": Plant(
        EN_SHAPES,
        "<span",
        "```snippet\na.py:b\nfigures: 2\n```\n\n<span",
        EN_SHAPES,
        "```snippet",
        "`figures` is a list",
        1,
    ),
    "footnote used but not defined": Plant(
        EN, "[^higham2002]\n", "[^higham2020]\n", EN, "caption:", "did you mean `higham2002`?", 2
    ),
    "footnote defined but not used": Plant(
        EN, "(b))[^higham2002]\n", "(b))\n", EN, "[^higham2002]:", "nothing refers to the footnote"
    ),
    "footnote defined twice": Plant(
        EN,
        "[manual]: h",
        "[^higham2002]: Again.\n[manual]: h",
        EN,
        "[^higham2002]: N. J.",
        "footnote `higham2002` is already on",
        1,
    ),
}

PARITY = {
    "heading missing": Plant(
        EN_SHAPES,
        "## Vectors { #vectors }\n",
        "<b id='vectors'></b>\n",
        EN_SHAPES,
        "# Shapes",
        "no heading `## { #vectors }` here",
    ),
    "heading extra": Plant(
        EN,
        "!!! wrong",
        "## More { #more }\n\n!!! wrong",
        ZH,
        "## 怎么写值",
        "no heading `## { #more }`",
    ),
    "heading level": Plant(
        EN,
        "## How large",
        "### How large",
        EN,
        "### How large",
        "`### { #gap }` stands where docs/zh",
    ),
    "heading id misspelt": Plant(
        EN_SHAPES, "{ #shapes }", "{ #shape }", EN_SHAPES, "# Sh", "`# { #shape }` stands where"
    ),
    "headings in another order": Plant(
        EN_SHAPES,
        "# Shapes { #shapes }\n\n## Vectors { #vectors }\n",
        "## Vectors { #vectors }\n\n# Shapes { #shapes }\n",
        EN_SHAPES,
        "## Vectors",
        "another order: heading `## { #vectors }`",
        2,
    ),
    "snippet missing": Plant(
        EN,
        "```snippet\nmechanics/rounding.py:gap\n```\n",
        "",
        EN,
        "## How large",
        "no snippet `mechanics/rounding.py:gap` here, as there is at docs/zh",
    ),
    "snippet extra": Plant(
        EN,
        "\n!!! wrong",
        "\n```snippet\nmechanics/rounding.py:more\n```\n\n!!! wrong",
        ZH,
        "        ```snippet",
        "no snippet `mechanics/rounding.py:more` here, as there is at docs/en",
    ),
    "snippet of another region": Plant(
        EN,
        "rounding.py:gap\n",
        "rounding.py:gaps\n",
        EN,
        "```snippet",
        "`mechanics/rounding.py:gaps` stands where docs/zh",
    ),
    "snippet folded in one language": Plant(
        EN, "code: fold\n", "", EN, "```snippet\nmechanics/rounding.py:picture", "code: fold"
    ),
    "snippet that raises something else": Plant(
        EN, "raises: ValueError", "raises: KeyError", EN, "    ```snippet", "raises: KeyError"
    ),
    "another number of figures": Plant(
        EN,
        "  - alt: Two",
        "  - {alt: A, caption: B}\n  - alt: Two",
        EN,
        "```snippet\nmechanics/rounding.py:picture",
        "figures: 2` stands where",
    ),
    "value missing": Plant(
        EN,
        "{{ mechanics.rounding.flops:big2 }}",
        "many",
        EN,
        "{{ mechanics.rounding.gap[a",
        "no value `{{ mechanics.rounding.f",
    ),
    "value with another format": Plant(
        EN,
        "gap[aligned]:.1e",
        "gap[aligned]:.2e",
        EN,
        "{{ mechanics.rounding.gap[al",
        ":.2e }}` stands",
    ),
    "value of another item": Plant(
        EN, "gap[random]", "gap[aligned]", EN, "caption:", "gap[aligned]:.1e }}` stands where"
    ),
    "value in another section": Plant(
        EN,
        "Examples do",
        "{{ mechanics.rounding.worst:.1e }} examples do",
        ZH,
        "## 怎么写值",
        "no value `{{ mechanics.rounding.worst:.1e }}` here",
    ),
    "formula changed": Plant(
        EN, "\\le \\gamma", "\\ge \\gamma", EN, "$$\n", "\\ge \\gamma_n \\|A\\|"
    ),
    "formula missing": Plant(
        EN, " and $\\kappa(W)$ tell", " tell", EN, "## How large", "no formula `\\kappa(W)` here"
    ),
    "formula displayed in one language": Plant(
        EN,
        "$\\mathrm{fl}(x)$ and",
        "\n\n$$\\mathrm{fl}(x)$$\n\nand",
        EN,
        "$$\\mathrm",
        "formula `\\mathrm",
    ),
    "value inside a formula": Plant(
        EN,
        "$\\kappa(W)$",
        "$\\kappa({{ mechanics.rounding.count }})$",
        EN,
        "Of {{",
        "`\\kappa({{",
        1,
    ),
    "formula missing in a caption": Plant(
        EN, "with $n$", "with n", EN, "Of {{", "no formula `n` here"
    ),
    "internal link elsewhere": Plant(
        EN,
        "shapes.md#vectors",
        "shapes.md#shapes",
        EN,
        "see [shapes]",
        "link to `shapes.md#shapes`",
    ),
    "external link elsewhere": Plant(
        EN,
        "example.org/manual",
        "example.org/book",
        EN,
        "See [this",
        "link to `https://example.org/b",
    ),
    "link missing": Plant(
        EN, "[this section](#values)", "this section", EN, "[![Small]", "no link to `#values` here"
    ),
    "image missing": Plant(
        EN, "![Two circles](circle.svg)\n", "", EN, "[![Small", "no image `circle.svg` here"
    ),
    "footnote missing": Plant(
        ZH,
        "\n[^higham2002]: N.",
        "\n[^knuth]: Knuth[^higham2002]. [^knuth]\n[^higham2002]: N.",
        EN,
        "---",
        "no footnote `[^knuth]` here",
    ),
    "admonition of another type": Plant(
        EN, "!!! wrong", "!!! dated", EN, "!!! dated", "`!!! dated` stands where docs/zh", more=1
    ),  # and its title is that of the other type
    "details open in one language": Plant(
        EN, "??? success", "???+ success", EN, "???+ success", "`???+ success` stands where"
    ),
    "admonition missing": Plant(
        EN,
        '!!! wrong "Wrong"\n    “It is',
        "“It is",
        EN,
        "??? success",
        "no admonition `!!! wrong` here",
    ),
    "admonitions extra": Plant(
        EN_SHAPES,
        "<span",
        '!!! wrong "W"\n    No.\n\n??? success "S"\n    Yes.\n\n<span',
        ZH_SHAPES,
        "## 向量",
        "no admonition `!!! wrong` here",
        1,
    ),
    "table with fewer rows": Plant(
        EN, "| float32 | small |\n", "", EN, "| precision", "`1 rows × 2 columns` stands where"
    ),
    "table with more columns": Plant(
        EN,
        "| 1 | 2 | 3 |",
        "| 1 | 2 | 3 |\n    | 4 | 5 | 6 |",
        EN,
        "    | a | b",
        "`2 rows × 3 columns`",
    ),
    "table missing": Plant(
        EN, "| - | - | - |\n", "", EN, "## How to", "no table `1 rows × 3 columns` here"
    ),
    "front matter of one language": Plant(
        EN,
        "title: Rounding\n",
        "title: Rounding\nhide: [toc]\n",
        ZH,
        "---",
        "no front matter `hide` here",
    ),
    "nav without a page": Plant(
        EN_NAV,
        "      - mechanics/shapes.md\n",
        "",
        EN_NAV,
        "Rounding: mech",
        "no nav entry `mechanics/shapes.md` at level 2 here",
    ),
    "nav with a misspelt page": Plant(
        EN_NAV,
        "mechanics/rounding.md",
        "mechanics/roundng.md",
        EN_NAV,
        "roundng",
        "did you mean `mechanics/rounding.md`?",
        1,
    ),
    "nav in another order": Plant(
        EN_NAV,
        "      - Rounding: mechanics/rounding.md\n      - mechanics/shapes.md\n",
        "      - mechanics/shapes.md\n      - Rounding: mechanics/rounding.md\n",
        EN_NAV,
        "shapes.md",
        "another order: nav entry `mechanics/shapes.md` at level 2",
    ),
    "nav nested otherwise": Plant(
        EN_NAV,
        "      - mechanics/shapes.md",
        "  - mechanics/shapes.md",
        EN_NAV,
        "mechanics/shapes.md",
        "`mechanics/shapes.md` at level 1 stands where mkdocs.yml",
    ),
    "no nav": Plant(EN_NAV, "nav:", "nva:", EN_NAV, "site_name", "there is no nav"),
    "bad YAML in the configuration": Plant(
        EN_NAV, "theme:\n", "theme: [\n", EN_NAV, "nav:", "bad YAML"
    ),
    "twin declared missing but there": Plant(
        EN_SHAPES,
        "title:",
        "twin: wanted\ntitle:",
        EN_SHAPES,
        "---",
        "`twin: wanted`, but there is docs/zh",
    ),
    "a state of the page that there is not": Plant(
        EN_SHAPES, "title:", "draft: no\ntitle:", EN_SHAPES, "---", "`draft` can only be `true`"
    ),
}

PLANTS = READING | PAGE | PARITY


@pytest.mark.parametrize("name", PLANTS)
def test_the_planted_mistake_is_found(book, name):
    plant = PLANTS[name]
    book.edit(plant.file, plant.old, plant.new)
    problems = book.problems()
    start = f"{plant.where}:{book.line(plant.where, plant.on)}: "
    assert [p for p in problems if p.startswith(start) and plant.says in p], problems
    assert len(problems) == 1 + plant.more, problems


IN_ORDER = {
    "snippets": ("```snippet\na.py:x\n```", "```snippet\nb.py:y\n```", "snippet `b.py:y`"),
    "admonitions": ("!!! wrong\n    …", "!!! dated\n    …", "admonition `!!! dated`"),
    "tables": (
        "| a |\n| - |\n| 1 |",
        "| a | b |\n| - | - |\n| 1 | 2 |",
        "table `1 rows × 2 columns`",
    ),
}


@pytest.mark.parametrize("kind", IN_ORDER)
def test_what_stands_in_another_order_is_found(book, kind):
    one, two, said = IN_ORDER[kind]
    book.write(ZH_SHAPES, f"{book.read(ZH_SHAPES)}\n{one}\n\n{two}\n")
    book.write(EN_SHAPES, f"{book.read(EN_SHAPES)}\n{two}\n\n{one}\n")
    line = book.line(EN_SHAPES, two)
    start = f"{EN_SHAPES}:{line}: another order: {said} comes where {ZH_SHAPES}:{line} has"
    (problem,) = book.problems()
    assert problem.startswith(start)


def test_bytes_that_are_no_text_are_found_with_their_offset(book):
    text = (book.root / EN).read_bytes()
    at = text.index(b"Floating")
    (book.root / EN).write_bytes(text[:at] + b"\xff" + text[at:])
    assert book.problems() == [f"{EN}:8: not UTF-8: byte 0xff at offset {at}"]


def test_the_offset_counts_from_the_start_of_a_file_with_a_mark(book):
    text = b"\xef\xbb\xbf" + (book.root / EN).read_bytes().replace(b"\n", b"\r\n") + b"\xe4\xb8"
    (book.root / EN).write_bytes(text)
    last = text.count(b"\n") + 1
    assert book.problems() == [f"{EN}:{last}: not UTF-8: byte 0xe4 at offset {len(text) - 2}"]


def test_a_nul_character_is_found(book):
    book.edit(EN, "Floating", "Float\0ing")
    assert book.problems() == [f"{EN}:8: a NUL character"]


def test_a_missing_twin_is_found_on_the_page_that_has_none(book):
    (book.root / EN_SHAPES).rename((book.root / EN_SHAPES).with_name("shape.md"))
    problems = book.problems()
    shape = "docs/en/mechanics/shape.md"
    guess = "; did you mean `mechanics/shape.md`?"
    assert f"{ZH_SHAPES}:1: there is no {EN_SHAPES}{guess}" in problems[-2]
    assert any(p.startswith(f"{shape}:1: there is no docs/zh/mechanics/shape.md") for p in problems)


def test_a_book_without_its_second_language_is_no_book(book):
    for file in (book.root / "docs/en").rglob("*.md"):
        file.unlink()
    missing = [p for p in book.problems() if "there is no docs/en/" in p]
    assert len(missing) == 3


def test_a_folder_without_pages_is_no_edition(tmp_path):
    said = [str(problem) for problem in check_book(tmp_path)]
    assert [s for s in said if "docs/zh:1: there is no page" in s]
    assert [s for s in said if "docs/en:1: there is no page" in s]


def test_all_mistakes_are_reported_at_once(book):
    names = ["unclosed fence", "dead anchor", "formula changed", "admonition of another type"]
    names += ["value in another section", "nav with a misspelt page", "footnote missing"]
    for name in names:
        plant = PLANTS[name]
        book.edit(plant.file, plant.old, plant.new)
    problems = "\n".join(book.problems())
    for name in names:
        assert PLANTS[name].says in problems


def test_problems_come_in_order_and_once(book):
    for name in ("dead link", "duplicate id", "formula changed", "table with fewer rows"):
        book.edit(*PLANTS[name][:3])
    problems = check_book(book.root)
    assert problems == sorted(set(problems))


@pytest.mark.parametrize("name", PLANTS)
def test_every_problem_points_into_its_file(book, name):
    book.edit(*PLANTS[name][:3])
    for problem in check_book(book.root):
        assert 1 <= problem.line <= len(book.read(problem.path).split("\n"))
