"""Labs: notebooks in the percent format become pages like any other, their code run once."""

import re

import jupytext
import pytest

from weave.check import check_book
from weave.percent import as_markdown, code_cells

from .conftest import FRONT

LAB = """\
# ---
# title: {title}
# description: A small lab.
# ---

# %% [markdown]
# # {title} {{ #lab }}
#
# {prose} It takes $n = {{{{ cells.n }}}}$.

# %%
from snippets.part.topic import STEP

n = 40 + STEP
print("answer", n, "<b>")

# %%
import matplotlib.pyplot as plt

plt.plot([0, n])
plt.xlabel("index")
plt.show()

# %% [markdown]
# ```cell
# code: fold
# figures:
#   - alt: A line to {{{{ cells.n }}}}
#     caption: The line, {{{{ cells.n:.1f }}}} high.
#     labels: {{index: {label}}}
# ```
#
# ??? note "More"
#     Also {{{{ part.topic.STEP }}}}.[^note]
#
# See [above](#lab) and [the front](../index.md#small).
#
# [^note]: A note.
"""
WORDS = {
    "zh": {"title": "实验", "prose": "看。", "label": "位置"},
    "en": {"title": "A lab", "prose": "Look.", "label": "place"},
}


class Labs:
    """A book with a lab in both languages."""

    def __init__(self, book):
        self.book = book
        book.snippet("STEP = 2\n")
        book.page(FRONT + "# Small { #small }\n\nSee [the lab](labs/one.py#lab).\n")
        for file in ("mkdocs.yml", "mkdocs.en.yml"):
            text = (book.root / file).read_text().replace("[index.md]", "[index.md, labs/one.py]")
            book.write(file, text)
        self.write()

    def write(self, old: str = "", new: str = "", languages=("zh", "en"), **words) -> None:
        """Write the lab anew, in these languages with an edit."""
        for language, own in WORDS.items():
            text = LAB.format(**own | words)
            if language in languages and old:
                assert old in text
                text = text.replace(old, new)
            self.book.write(f"docs/{language}/labs/one.py", text)

    def line(self, words: str, language: str = "zh") -> int:
        text = (self.book.root / f"docs/{language}/labs/one.py").read_text(encoding="utf-8")
        return text[: text.index(words)].count("\n") + 1

    def pages(self) -> dict[str, str]:
        done = self.book.build()
        assert done.returncode == 0, done.stdout
        site = self.book.site()
        return {"zh": site["labs/one/index.html"].decode(),
                "en": site["en/labs/one/index.html"].decode(), "said": done.stdout}  # fmt: skip

    def complaints(self) -> str:
        done = self.book.build()
        assert done.returncode, done.stdout
        return done.stdout


@pytest.fixture
def labs(book) -> Labs:
    return Labs(book)


def test_both_languages_show_one_run(labs):
    pages = labs.pages()
    assert pages["said"].count("running docs/labs/one.py") == 1
    for language, words in WORDS.items():
        page = pages[language]
        assert f"<title>{words['title']}" in page
        assert re.search(rf'<h1 id="lab">{words["title"]}<', page)
        assert "answer 42 &lt;b&gt;" in page and "<b>" not in page
        assert "<mn>42</mn>" in page and "42.0" in page and "Also 2." in page
        assert 'aria-label="A line to 42"' in page and f">{words['label']}<" in page
        assert 'class="footnote"' in page and '<details class="note">' in page
        assert 'href="../../#small"' in page
        assert page.count('class="copy"') == 2
        assert "%%" not in page and "docs/labs" not in page


def test_nothing_of_jupyters_style_or_scripts_comes_along(labs):
    page = labs.pages()["en"]
    article = page[page.index("<article") : page.index("</article>")]
    assert "<style" not in article and "<script" not in article and "clipboard" not in article
    assert len(article) < 20_000


def test_words_run_nothing_and_code_does(labs):
    labs.pages()
    labs.write(prose="Otherwise.")
    pages = labs.pages()
    assert "running" not in pages["said"] and all("Otherwise." in pages[x] for x in WORDS)
    labs.write("40 + STEP", "50 + STEP")
    pages = labs.pages()
    assert "running docs/labs/one.py" in pages["said"]
    assert all("answer 52" in pages[x] for x in WORDS)
    labs.book.snippet("STEP = 3\n")
    assert "answer 53" in labs.pages()["en"]


def test_a_cell_that_fails_is_named_with_its_line(labs):
    labs.write("n = 40 + STEP", "n = 40 / 0")
    assert f"docs/zh/labs/one.py:{labs.line('40 / 0')}: ZeroDivisionError" in labs.complaints()
    labs.write("n = 40 + STEP", "n = 40 +")
    assert f"docs/zh/labs/one.py:{labs.line('n = 40 +')}: SyntaxError" in labs.complaints()


def test_an_expected_exception_is_shown(labs):
    fence = "# ```cell\n# raises: ValueError\n# ```\n"
    last = f"# [^note]: A note.\n\n# %%\nfloat('x')\n\n# %% [markdown]\n{fence}"
    labs.write("# [^note]: A note.\n", last)
    assert "ValueError: could not convert" in labs.pages()["en"]
    labs.write("# [^note]: A note.\n", last.replace("ValueError", "TypeError"))
    assert f"docs/zh/labs/one.py:{labs.line('float(')}: ValueError" in labs.complaints()


MISTAKES = [  # an edit, the line that it is on, and what is said of it
    ("cells.n }}$", "cells.m }}$", "cells.m", "computes no value `m`"),
    ("Also {{", "$\\foo$ {{", "\\foo", "formula `\\foo`"),
    ("(#lab)", "(#lob)", "#lob", "dead anchor"),
    ("[^note]: A", "[^not]: A", "STEP }}.[^note]", "`[^note]` is no note of this page"),
    ("{ #lab }", "", "# # ", "no id on the heading"),
    ("labels: {index: place}", "labels: {other: place}", "# ```cell", "no label `other`"),
    ("# # A lab", "x = 1\n# # A lab", "x = 1", "code in a Markdown cell"),
    ("# %%\nimport", "# %% plot\nimport", "# %% plot", "a cell begins with `# %%`"),
    ("description: A small lab.\n# ---", "---", "# ---", "the front matter gives no description"),
]


def test_mistakes_name_file_and_line(labs):
    file = labs.book.root / "docs/en/labs/one.py"
    text = file.read_text(encoding="utf-8")
    for old, new, _, _ in MISTAKES:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    said = labs.complaints()
    for _, _, on, says in MISTAKES:
        wanted = rf"docs/en/labs/one\.py:{labs.line(on, 'en')}: .*{re.escape(says)}"
        assert re.search(wanted, said), wanted + said


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("alt: A line to {{ cells.n }}", "alt: ''", "figure 1 of `docs/labs/one.py:cell-2` has no"),
        ("# ```cell", "# Between.\n# ```cell", "stands right below the code cell"),
        ("# # A lab", "# ```cell\n# code: fold\n# ```\n# # A lab", "stands right below"),
    ],
)
def test_a_fence_says_of_the_cell_above_what_a_chapters_says_of_its_snippet(labs, old, new, says):
    labs.write(old, new, languages=["en"])
    said = [str(problem) for problem in check_book(labs.book.root)]
    start = f"docs/en/labs/one.py:{labs.line('# ```cell', 'en')}: "
    assert [line for line in said if line.startswith(start) and says in line], said


def test_a_figure_without_its_fence_is_missed(labs):
    text = LAB[LAB.index("# ```cell") : LAB.index("# ??? note")]
    labs.write(text.format(**WORDS["en"]), "", languages=["en"])
    line = labs.line("# %%\nimport", "en")
    wanted = f"docs/en/labs/one.py:{line}: the run drew 1 figure(s), the fence describes 0"
    assert wanted in labs.complaints()


def test_code_is_the_same_in_both_languages(labs):
    labs.write("40 + STEP", "41 + STEP", languages=["en"])
    here, there = labs.line("41 + STEP", "en"), labs.line("40 + STEP")
    assert (
        f"docs/en/labs/one.py:{here}: line of code `n = 41 + STEP` stands where "
        f"docs/zh/labs/one.py:{there} has `n = 40 + STEP`"
    ) in labs.complaints()
    labs.write("\n# %%\nimport matplotlib", "import matplotlib", languages=["en"])
    said = [problem.message for problem in check_book(labs.book.root)]
    assert [words for words in said if words.startswith("no line of code `# %%` here")]


def test_without_its_package_a_lab_says_so_once(labs):
    labs.write("import matplotlib", "import nosuchpackage\nimport matplotlib")
    page = labs.pages()["en"]
    assert page.count("Not run here: nosuchpackage is not installed.") == 1


def test_jupytext_sees_the_same_cells(labs, tmp_path):
    text = LAB.format(**WORDS["en"])
    file = tmp_path / "lab.py"
    file.write_text(text)
    ours = [
        "\n".join(text.split("\n")[first - 1 : last]).strip()
        for first, last in code_cells(text.split("\n")).values()
    ]
    raw, *read = jupytext.read(file).cells
    assert [cell.source for cell in read if cell.cell_type == "code"] == ours
    shown = as_markdown(text, "docs/en/labs/lab.py", lambda line, message: None)
    assert raw.source in shown
    for cell in read:
        assert cell.cell_type == "code" or cell.source in shown
