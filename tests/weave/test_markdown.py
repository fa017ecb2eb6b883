"""The Markdown extension: fences, values and formulas of a page, with the line of every mistake."""

import re
from pathlib import Path

import markdown
import pytest

from weave import loom
from weave.markdown import Context

SNIPPET = '''\
"""A topic."""

import math


def area(r: float) -> float:
    """Of a disc."""
    return math.pi * r * r


if __name__ == "__main__":
    # --8<-- [start:a]
    r = 2.0
    small = area(r) / 1e3
    print(f"{area(r):.2f} <script> {{ x.y.z }} $x$ --8<-- </code>")
    # --8<-- [end:a]
    name = "<b>"
    # --8<-- [start:draw]
    import matplotlib.pyplot as plt

    plt.plot([1, 2])
    plt.xlabel("radius used")
    plt.show()
    # --8<-- [end:draw]
    # --8<-- [start:silent]
    area(1)
    # --8<-- [end:silent]
'''
EXTENSIONS = ["admonition", "attr_list", "pymdownx.details", "pymdownx.superfences",
              "pymdownx.arithmatex", "tables"]  # fmt: skip
DRAW = """\
```snippet
part/topic.py:draw
code: fold
figures:
  - alt: a line
    caption: radius {{ part.topic.r:.0f }}, $r^2$
    labels: {radius used: 半径}
```
"""


@pytest.fixture
def render(book):
    book.snippet(SNIPPET)
    woven = loom.weave(book.root, {"part/topic.py": None})
    assert not woven.problems

    def convert(text: str, language: str = "zh", **fields) -> tuple[str, list[str]]:
        context = Context(
            Path(book.root), language, "docs/zh/page.md", records=woven.records, **fields
        )
        html = markdown.markdown(
            text,
            extensions=[*EXTENSIONS, "weave.markdown"],
            extension_configs={
                "pymdownx.arithmatex": {"generic": True},
                "weave.markdown": {"context": context},
            },
        )
        return html, [str(problem) for problem in context.problems]

    return convert


def fence(target: str) -> str:
    return f"```snippet\n{target}\n```\n"


def text_of(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html)


def test_fence_shows_code_output_and_command(render):
    html, problems = render(f"Before.\n\n{fence('part/topic.py:a')}\nAfter.")
    assert not problems
    assert "snippets/part/topic.py" in html and "python -m snippets.part.topic" in html
    assert "small = area(r) / 1e3" in text_of(html)
    assert "--8<-- [start" not in html
    assert html.index("Before.") < html.index('class="snippet"') < html.index("After.")


def test_8_output_is_shown_as_text(render):
    html, _ = render(fence("part/topic.py:a"))
    assert (
        "<samp>12.57 &lt;script&gt; { x.y.z } $x$ --8&lt;-- &lt;/code&gt;</samp>" in html
    )
    assert "<script>" not in html


def test_definition_shows_its_code_and_no_output(render):
    html, problems = render(fence("part/topic.py:area"))
    assert not problems
    assert text_of(html).count("def area") == 1 and "snippet-output" not in html


def test_region_without_output_has_no_output_box(render):
    html, _ = render(fence("part/topic.py:silent"))
    assert "snippet-output" not in html and "snippet-machine" in html


def test_figure_stands_with_the_words_of_the_page(render):
    html, problems = render(DRAW)
    assert not problems
    assert 'aria-label="a line"' in html and ">半径</text>" in html and "radius used" not in (
        html.split("</figure>")[0]
    )
    assert "图 1</span> radius 2, <math>" in html
    assert html.index("<figure") < html.index("snippet-code")


def test_folded_code_is_called_what_it_is(render):
    assert "<summary>画图的代码</summary>" in render(DRAW)[0]
    text = fence("part/topic.py:area").replace("area\n", "area\ncode: fold\n")
    assert "<summary>代码</summary>" in render(text)[0]


def test_figures_are_numbered_in_order(render):
    html, _ = render(DRAW + "\n" + DRAW)
    assert html.index("图 1<") < html.index("图 2<")
    ids = re.findall(r' id="(figure[^"]+)"', html)
    assert len(ids) == len(set(ids)) > 0


def test_labels_without_a_name_are_an_error_in_chinese_only(render):
    text = DRAW.replace("    labels: {radius used: 半径}\n", "")
    assert render(text, "en")[1] == []
    assert render(text, "zh")[1] == [
        "docs/zh/page.md:1: the figure's label `radius used` has no name in this language"
    ]


@pytest.mark.parametrize(("old", "new", "said"), [
    ("radius used: 半径", "radius: 半径, radius used: x",
     "the figure has no label `radius`; did you mean `radius used`?"),
    ("figures:\n", "figures:\n  - alt: another\n", "drew 1 figure(s), the fence describes 2"),
    ("  - alt: a line", "  - a line\n  - alt: a line", "each figure needs `alt`"),
    ("topic.r:.0f", "topic.q:.0f", "computes no value `q`"),
])  # fmt: skip
def test_mistakes_in_a_figure_are_named(render, old, new, said):
    assert old in DRAW
    problems = render(DRAW.replace(old, new))[1]
    assert any(said in problem for problem in problems), problems


def test_figure_that_no_fence_describes(render):
    assert "drew 1 figure(s), the fence describes 0" in render(fence("part/topic.py:draw"))[1][0]


def test_fence_inside_folded_details(render):
    html, problems = render(
        '??? success "解答"\n    Text.\n\n'
        "    ```snippet\n    part/topic.py:a\n    ```\n\n    End.\n"
    )
    assert not problems
    inside = html[html.index("<details") : html.rindex("</details>")]
    assert 'class="snippet"' in inside and "End." in inside


@pytest.mark.parametrize("fence", ["part/topic.py:a", "part/topic.py:silent"])
def test_a_box_that_opens_details_stands_in_no_paragraph(render, fence):
    html, problems = render(
        f'??? success "解答"\n    ```snippet\n    {fence}\n    ```\n\n    Text.\n'
    )
    assert not problems
    assert re.search(r'</summary>\s*<div class="snippet">', html)
    assert "</p>" not in html[: html.index("<p>Text.")]


def test_fence_in_an_example_is_left_alone(render):
    html, problems = render(f"````\n{fence('part/nowhere.py:a')}{{{{ part.topic.q }}}}\n````\n")
    assert not problems and "part/nowhere.py:a" in html and "{{ part.topic.q }}" in html


def test_values_in_prose_formula_table_and_code_span(render):
    html, problems = render(
        "r is {{ part.topic.r:.1f }}, $s = {{ part.topic.small:.1e }}$, `{{ part.topic.r }}`.\n\n"
        "| a | b |\n| --- | --- |\n| {{ part.topic.r:.0f }} | {{ part.topic.small:.1%}} |\n"
    )
    assert not problems
    assert "r is 2.0," in html and "<td>2</td>" in html and "<td>1.3%</td>" in html
    assert "<code>{{ part.topic.r }}</code>" in html
    assert re.search(r"<mn>1\.3</mn><mo[^>]*>×</mo><msup><mn>10</mn>", html)


def test_several_values_in_a_line_keep_their_places(render):
    r, small = "part.topic.r", "part.topic.small"
    html, _ = render(f"{{{{ {r}:.0f }}}} a {{{{ {small}:.3f }}}} b {{{{ {r}:.2f }}}}")
    assert "<p>2 a 0.013 b 2.00</p>" in html


def test_text_value_is_escaped(render):
    assert "<p>&lt;b&gt;</p>" in render("{{ part.topic.name }}")[0]


@pytest.mark.parametrize(("text", "line", "said"), [
    ("a\n\n" + fence("part/topc.py:a"), 3,
     "no snippet snippets/part/topc.py; did you mean `part/topic.py`?"),
    (fence("part/topic.py:aa"), 1, "has no region or definition `aa`"),
    (fence("part/topic.py:are"), 1, "did you mean `area`?"),
    ("a\n{{ part.topic.smal:.1f }}", 2, "computes no value `smal`; did you mean `small`?"),
    ("{{ part.topc.small:.1f }}", 1, "no snippet snippets/part/topc.py"),
    ("{{ part.topic.small:.1q }}", 1, "unknown format `.1q`"),
    ("{{ part.topic.small }}", 1, "a float needs a format"),
    ("a\n\nb $x \\foo y$", 3, 'formula `x \\foo y`: 2: Unknown command "\\foo"'),
    ("$$\n\\frac{ {{ part.topic.r:.1f }} }{\n$$", 1, "formula `"),
])  # fmt: skip
def test_19_mistakes_name_file_line_and_remedy(render, text, line, said):
    _, problems = render(text)
    assert len(problems) == 1, problems
    assert problems[0].startswith(f"docs/zh/page.md:{line}: ") and said in problems[0]


def test_lines_count_from_the_top_of_the_file(render):
    _, problems = render("{{ part.topic.q }}", offset=4)
    assert problems[0].startswith("docs/zh/page.md:5: ")


def test_all_mistakes_of_a_page_are_reported(render):
    _, problems = render("{{ part.topic.q }} $\\foo$\n\n" + fence("part/x.py:a"))
    assert len(problems) == 3


def test_20_page_says_what_was_not_run(book, render):
    html, problems = render(fence("part/topic.py:a"), absent={"part/topic.py": "torch"})
    assert not problems
    assert "这台机器没装 torch" in html and "snippet-output" not in html


def test_file_is_linked_where_there_is_a_repository(render):
    link = "https://x.org/blob/main/{path}#L{first}-L{last}"
    html, _ = render(fence("part/topic.py:a"), link=link)
    assert 'href="https://x.org/blob/main/snippets/part/topic.py#L13-L15"' in html
