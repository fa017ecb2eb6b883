"""The table behind a figure: what was drawn, in numbers, from which it can be drawn again."""

import csv
import io

import matplotlib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from snippets import palette
from weave import figures, plotted

from .conftest import FRONT


def axes(**options):
    """Axes of a figure in the book's style, which none of the tests' own may change."""
    with matplotlib.rc_context(fname=None, rc=matplotlib.rcParamsDefault):
        return Figure(**options).subplots()


def rows(ax) -> list[list[str]]:
    """The table of the axes' figure as English readers get it, its head first."""
    ax.figure.canvas.draw()
    text = figures.localise_table(plotted.table(ax.figure), {}, "en")
    return list(csv.reader(io.StringIO(text)))


def test_a_line_is_its_points_its_look_and_the_word_beside_it():
    ax = axes()
    ax.plot([1, 2, 3], [1, 1 / 3, np.nan], color=palette.A)
    ax.plot([1, 2, 3], [9, 9, 9], "--", color=palette.SOFT)
    ax.plot([1, 2, 3], [5, 5, 5], ":", color=palette.INK)
    ax.text(2, 9, "upper", color=palette.SOFT)
    ax.text(2, 5.1, "none of these", color=palette.ACCENT)
    ax.set(xlabel="depth", ylabel="loss")
    assert rows(ax) == [
        ["kind", "series", "look", "label", "depth", "loss"],
        ["line", "1", "blue solid", "", "1", "1"],
        ["line", "1", "blue solid", "", "2", "0.333333"],
        ["line", "1", "blue solid", "", "3", ""],
        *(["line", "2", "grey dashed", "upper", x, "9"] for x in "123"),
        *(["line", "3", "black dotted", "", x, "5"] for x in "123"),
        ["text", "", "grey", "upper", "2", "9"],
        ["text", "", "red", "none of these", "2", "5.1"],
    ]  # fmt: skip


def test_a_word_as_near_to_two_lines_stands_beside_neither():
    ax = axes()
    for height in (0, 1):
        ax.plot([0, 1], [height, height], color=palette.SOFT)
    ax.text(0.5, 0.5, "which", va="center", color=palette.SOFT)
    ax.set(ylim=(-9, 9))
    assert [row[3] for row in rows(ax) if row[0] == "line"] == [""] * 4


def test_a_colour_of_its_own_tells_however_far_the_word_is():
    ax = axes()
    ax.plot([0, 1], [0, 0], color=palette.C)
    ax.plot([0, 1], [9, 9], color=palette.INK)
    ax.text(0, 5, "product", color=palette.C)
    assert [row[3] for row in rows(ax) if row[0] == "line"] == ["product"] * 2 + [""] * 2


def test_gaps_are_one_row_and_dust_is_nothing():
    ax = axes()
    ax.plot([0, 1, 2, 3, 4], [1, np.nan, np.nan, np.nan, 1e-16])
    assert [row[4:] for row in rows(ax)[1:]] == [["0", "1"], ["1", ""], ["4", "0"]]
    ax = axes()
    ax.semilogy([0, 1], [1, 1e-16])
    assert rows(ax)[-1][4:] == ["1", "1e-16"]


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_a_line_across_the_axes_ends_where_they_end(scale):
    ax = axes()
    ax.set(xscale=scale, xlim=(1, 100), ylim=(0, 1))
    ax.axhline(0.25)
    assert [row[4:] for row in rows(ax)[1:]] == [["1", "0.25"], ["100", "0.25"]]


def test_every_kind_of_mark():
    ax = axes()
    ax.scatter([1, 2], [3, 4], label="seen")
    ax.plot([7], [8], "o")
    ax.vlines([0, 1], 0, [2, 3])
    ax.bar([10, 11], [5, 6], tick_label=["ten", "eleven"])
    ax.add_patch(Rectangle((0, 0), 2, 1))
    ax.annotate("", (1, 2), (0, 0), arrowprops={"arrowstyle": "->"})
    ax.fill_between([0, 1], [0, 0], [1, 1])
    ax.contour([0, 1, 2], [0, 1], [[0, 1, 2], [0, 1, 2]], levels=[0.5])
    found = rows(ax)

    def of(kind: str, name: str) -> list[tuple[str, str]]:
        return [tuple(row[4:]) for row in found if (row[0], row[3]) == (kind, name)]

    assert of("points", "seen") == [("1", "3"), ("2", "4")]
    assert ("7", "8") in of("points", "")
    assert of("line", "") == [("0", "0"), ("0", "2"), ("", ""), ("1", "0"), ("1", "3")]
    assert of("bar", "eleven") == [("11", "0"), ("11", "6")]
    assert {("0", "0"), ("2", "0"), ("2", "1"), ("0", "1")} <= set(of("shape", ""))
    assert of("arrow", "") == [("0", "0"), ("1", "2")]
    assert {x for x, _ in of("contour", "0.5")} == {"0.5"}


def test_bars_that_lie():
    ax = axes()
    ax.barh([0, 1], [3, 4], left=[0, 1])
    assert [row[4:] for row in rows(ax)[1:]] == [["0", "0"], ["3", "0"], ["1", "1"], ["5", "1"]]


def test_a_raster_is_its_matrix():
    ax = axes()
    ax.imshow(np.array([[1, 0.5], [np.nan, -2e-9]], np.float32))
    ax.text(0, 0, "a word")
    assert rows(ax) == [["1", "0.5"], ["", "-2e-09"]]


def test_rasters_stand_below_each_other():
    figure = Figure()
    for ax, width in zip(figure.subplots(1, 2), (2, 3), strict=True):
        ax.imshow(np.full((2, width), width))
    assert rows(figure.axes[0]) == [
        ["panel", "row", "0", "1", "2"], ["1", "0", "2", "2", ""], ["1", "1", "2", "2", ""],
        ["2", "0", "3", "3", "3"], ["2", "1", "3", "3", "3"],
    ]  # fmt: skip


def test_a_raster_beside_a_line_loses_neither():
    figure = Figure()
    left, right = figure.subplots(1, 2)
    left.imshow([[4, 5]])
    right.plot([1, 2], [3, 4])
    assert rows(left) == [
        ["panel", "kind", "series", "look", "label", "x", "y", "value"],
        ["1", "image", "1", "", "", "0", "0", "4"], ["1", "image", "1", "", "", "1", "0", "5"],
        ["2", "line", "1", "#1f77b4 solid", "", "1", "3", ""],
        ["2", "line", "1", "#1f77b4 solid", "", "2", "4", ""],
    ]  # fmt: skip


def test_a_figure_of_nothing_has_no_table():
    ax = axes()
    ax.set_axis_off()
    ax.figure.canvas.draw()
    assert plotted.table(ax.figure) == []


@given(st.lists(st.floats(allow_nan=False, width=32), min_size=2, max_size=9))
def test_numbers_are_told_to_six_digits(values):
    told = [float(plotted.number(value)) for value in np.array(values, np.float32)]
    assert np.allclose(told, values, rtol=5e-6, atol=0)


def test_words_are_said_in_the_pages_language():
    table = [("\ue000kind\ue001,x", ""), ('\ue000line\ue001,"\ue000two, three\ue001 $x$",', "1\n2")]
    names = {"two, three": '二“"', "line": "直线"}
    assert figures.localise_table(table, names, "zh") == (
        '\ufeff种类,x\n直线,"二“"" $x$",1\n直线,"二“"" $x$",2\n')
    assert figures.localise_table(table, {}, "en") == (
        'kind,x\nline,"two, three $x$",1\nline,"two, three $x$",2\n')
    assert figures.localise_table([("", "1,2")], names, "zh") == "1,2\n"


SNIPPET = """\
import matplotlib.pyplot as plt
# --8<-- [start:a]
values = [1.5, 2.25]
plt.plot([1, 2], values)
plt.text(1, 1.5, "steps")
plt.show()
# --8<-- [end:a]
"""
PAGE = FRONT + """# Small {{ #small }}

```snippet
part/topic.py:a
figures:
  - {{alt: a line, caption: A line., labels: {{steps: {name}}}}}
```
"""


def test_the_table_lies_beside_the_page_in_its_language_and_stays_with_a_kept_page(book):
    book.snippet(SNIPPET)
    for language, name in (("zh", "步"), ("en", "steps")):
        book.write(f"docs/{language}/index.md", PAGE.format(name=name))
    for _ in range(2):
        done = book.build()
        assert done.returncode == 0, done.stdout
        site = book.site()
        assert site["figure-1.csv"].decode("utf-8-sig").splitlines()[:3] == [
            "种类,序号,样子,标注,x,y", "线,1,黑 实线,步,1,1.5", "线,1,黑 实线,步,2,2.25",
        ]  # fmt: skip
        assert site["en/figure-1.csv"].decode().splitlines()[1:3] == [
            "line,1,black solid,steps,1,1.5", "line,1,black solid,steps,2,2.25",
        ]  # fmt: skip
        assert b'href="figure-1.csv" download' in site["index.html"]
        book.write("overrides.txt", "another file: the site is made again, its pages are kept")
