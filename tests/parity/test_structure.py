"""Reading a chapter: what it finds, on which line, and that nothing stops it."""

import re
from dataclasses import fields

from hypothesis import example, given
from hypothesis import strategies as st

from weave.check import check_options, check_page
from weave.inline import FORMULA, VALUE
from weave.parity import compare_chapters
from weave.structure import Chapter, parse_chapter

# Lines that mean something to the reader, in every combination and at every indentation.
LINES = st.sampled_from(
    [
        "", "---", "===", "...", "title: x", "- item", "1. item", "# One { #one }", "## Two",
        "text", "```snippet", "```", "````", "~~~", "``` python", "mechanics/rounding.py:gap",
        "code: fold",
        "figures:", "  - alt: $x$ {{ a.b.c:.1e }}", "    caption: '[a](b.md)[^n]'", "raises: [",
        '!!! wrong "W"', "!!! “W”", "??? success", "???+ x", "$$", "$$ x $$", "a $x$ b $", "\\$",
        "{{ a.b.c }}", "{{ a.b.c[k][0]:.1% }} {{", "| a | b |", "| - | - |", "|---|", "`a` ``b`",
        "`", "<!-- c", "-->", "[a](b.md#c) ![d](e.svg)", "[![a](b)](c)", "[a][b] [b]",
        "[b]: <c> 'd'",
        "x[^n] [^n]", "[^n]: note", "<a href='x' id=y>z</a>", "<img src=\"a\"", "> ```", "> a",
        "{ .lead }", "[](){#here}", "\\begin{x}", "\t# tab", "\f", "\v\u2028", "é\u0301\ud7ff",
    ]
)  # fmt: skip
INDENTED = st.builds(lambda depth, line: " " * depth + line, st.sampled_from([0, 2, 4, 8]), LINES)
MARKDOWN = st.lists(INDENTED | st.text(max_size=12), max_size=40).map("\n".join)
WHOLE = ("path", "digest", "meta", "body", "prose")
PARTS = [field.name for field in fields(Chapter) if field.name not in WHOLE]


def read(text: str) -> Chapter:
    return parse_chapter(text.encode("utf-8", "surrogatepass"), "page.md")


def parts(chapter: Chapter) -> dict[str, list]:
    return {name: getattr(chapter, name) for name in PARTS}


@given(st.binary(max_size=200) | MARKDOWN.map(str.encode))
@example(b"\xef\xbb\xbf")
@example(b"\xff---\n\r---\r\n")
@example(b"---\na: 2026-13-45\n---\n```snippet\na\n? {a: [\n```")
@example(b"```snippet\na.py:b\nfigures: [{alt: !!int ''}]\n```")
def test_nothing_stops_the_reading_and_all_lines_are_in_the_file(data):
    chapter = parse_chapter(data, "page.md")
    last = len(data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"))
    for found in parts(chapter).values():
        assert all(1 <= part.line <= last for part in found)
    assert all(1 <= problem.line <= last for problem in check_page(chapter))


@given(MARKDOWN, st.integers(1, 3))
def test_lines_above_shift_all_that_is_found(text, count):
    """Text in front of a page changes no more than the line numbers."""
    before, after = parts(read("word\n\n" + text)), parts(read("word\n\n" * (count + 1) + text))
    for name in PARTS:
        shifted = [
            part._replace(line=part.line + 2 * count, **shift_end(part, 2 * count))
            if hasattr(part, "_replace")
            else (part.line + 2 * count, part.message)
            for part in before[name]
        ]
        found = [p if hasattr(p, "_replace") else (p.line, p.message) for p in after[name]]
        assert found == shifted


def shift_end(part, by: int) -> dict[str, int]:
    return {"end": part.end + by} if hasattr(part, "end") else {}


@given(MARKDOWN)
def test_line_ends_change_nothing(text):
    text = text.replace("\r", "")
    assert parts(read(text)) == parts(read(text.replace("\n", "\r\n")))


@given(MARKDOWN)
def test_every_page_equals_itself(text):
    assert not list(compare_chapters(read(text), read(text)))


@given(MARKDOWN, MARKDOWN)
def test_a_difference_is_seen_from_both_sides(one, other):
    one, other = read(one), read(other)
    assert bool(list(compare_chapters(one, other))) == bool(list(compare_chapters(other, one)))


@given(MARKDOWN)
def test_prose_is_the_text_with_code_overwritten_in_place(text):
    """The engine replaces values by line and column, so none may move."""
    plain = re.sub(r"\r\n?", "\n", text)
    lines = [line.expandtabs(4).rstrip() for line in plain.split("\n")]
    prose = read("word\n\n" + text).prose.split("\n")[2:]
    assert len(prose) == len(lines)
    for shown, line in zip(prose, lines, strict=True):
        line = line.replace("\0", "\N{REPLACEMENT CHARACTER}")
        assert not shown or len(shown) == len(line)
        assert all(a in (b, " ", "_") for a, b in zip(shown, line, strict=False))


@given(st.dictionaries(st.text(max_size=8), st.none() | st.text() | st.lists(st.none())))
def test_any_options_can_be_judged(options):
    snippet = read("```snippet\na.py:b\n```").snippets[0]
    assert all(isinstance(said, str) for said in check_options(snippet._replace(options=options)))


PAGE = """\
---
title: A page
twin: wanted
---

# One $x$ { #one }

Two { #two }
---

- item

    ??? success "S"
        ```snippet
        labs/a_b.py:c
        raises: ValueError
        figures:
          - alt: An $a$
            caption: >-
              {{ labs.a_b.c[k][0]:.1e }}
        ```

        | a | `b|c` |
        |---|:-:|
        | 1 | 2 |

$$
a \\$
$$
"""


def test_each_part_is_read_with_its_line():
    chapter = read(PAGE)
    assert not chapter.problems
    assert chapter.meta == {"title": "A page", "twin": "wanted"}
    assert chapter.body.startswith("\n# One")
    assert [tuple(h) for h in chapter.headings] == [
        (1, "one", "One $x$", 6),
        (2, "two", "Two", 8),
    ]
    (snippet,) = chapter.snippets
    assert snippet[0] == "labs/a_b.py:c" and snippet[2:] == (8, 14, 21)
    assert snippet.options["raises"] == "ValueError"
    assert [tuple(f) for f in sorted(chapter.formulas, key=lambda f: f.line)] == [
        ("x", False, 6),
        ("a", False, 18),
        ("a \\$", True, 27),
    ]
    assert [tuple(v) for v in chapter.values] == [("labs.a_b.c[k][0]", ".1e", 19)]
    assert [tuple(a) for a in chapter.admonitions] == [("??? success", 13)]
    assert [tuple(t) for t in chapter.tables] == [(1, 2, 23)]


def test_a_line_of_a_fence_cut_short_ends_with_its_block():
    """One open fence must not swallow the rest of the chapter, or all that follows is unchecked."""
    chapter = read("```snippet\na.py:b\n\n# One { #one }\n\n```snippet\nc.py:d\n```\n")
    assert [problem.line for problem in chapter.problems] == [1]
    assert [heading.id for heading in chapter.headings] == ["one"]
    assert [snippet.target for snippet in chapter.snippets] == ["a.py:b", "c.py:d"]


def test_tex_with_double_braces_is_no_value():
    assert not VALUE.search("$x_{{a}}$ {{a.b.c}}")
    assert not read("$x_{{a}}$").problems


def test_dollars_are_read_as_the_page_reads_them():
    """Smart dollars: no space inside, none escaped, none across a blank line."""
    formulas = ["$a$", "$ b $", "\\$c$", "$d\n\ne$", "$f\ng$", "$h\\$i$"]
    assert [bool(FORMULA.fullmatch(text)) for text in formulas] == [1, 0, 0, 0, 1, 1]


def test_a_value_that_yaml_cannot_build_is_a_problem_of_its_block():
    """PyYAML gives no line for such a fault, so the first line of the block must do."""
    (problem,) = read("---\na: 2026-13-45\n---\n").problems
    assert (problem.line, problem.message) == (2, "bad front matter: month must be in 1..12")
