"""A bilingual book of any size, in the format of this book and in those of its peers.

A page has eight headings, twelve paragraphs with three formulas each, six displayed formulas,
eight code blocks with their outputs, one figure. Words and numbers come from a fixed seed.
"""

import json
import random
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORDS = {
    "en": "matrix vector gradient layer norm rank basis kernel error width depth signal noise "
          "row column product spectrum angle bound step state weight input output scale".split(),
    "zh": "矩阵 向量 梯度 层 范数 秩 基底 核 误差 宽度 深度 信号 噪声 行 列 乘积 谱 夹角 上界 步长 "
          "状态 权重 输入 输出 尺度".split(),
}  # fmt: skip
SENTENCE = {
    "en": "Where the {} of ${}$ meets the {}, ${}$ bounds the {} by ${}$ and no more.",
    "zh": "{}与 ${}$ 的{}相遇之处，${}$ 给出{}的上界 ${}$，仅此而已。",
}
FORMULAS = [
    r"\|W_{{{0}}}x\|_2 \le \sigma_{{{1}}}", r"x_{{{0}}}^\top A x_{{{1}}}",
    r"\kappa(A_{{{0}}})=c_{{{1}}}", r"\sum_{{i={0}}}^{{n}} a_i b_{{{1}}}",
    r"\lambda_{{{0}}}^{{{1}}}", r"\frac{{x_{{{0}}}}}{{n^{{{1}}}}}",
]  # fmt: skip
BLOCKS, PARAGRAPHS = 8, 12


def code_block(page: int, block: int) -> str:
    """A few lines that print; the first of a page draws as well."""
    lines = [
        f"rng = np.random.default_rng({page * BLOCKS + block})",
        f"a{block} = rng.standard_normal(({block + 2}, 8))",
        f"t{block} = torch.tensor(a{block})",
        f"gap{block} = np.abs((t{block} @ t{block}.T).numpy() - a{block} @ a{block}.T).max()",
        f"""print("rows", len(a{block}), "exact", gap{block} < 1e-9)""",
    ]
    return "\n".join(lines)


def drawing(block: int) -> list[str]:
    return ["fig, ax = plt.subplots(figsize=(5, 2.4))", f"ax.plot(np.cumsum(a{block}[0]))"]


def prose(rng: random.Random, language: str) -> str:
    """A paragraph of two sentences with three formulas in the first."""
    words, formulas = rng.choices(WORDS[language], k=6), []
    for form in rng.sample(FORMULAS, 3):
        formulas.append(form.format(rng.randrange(1, 90), rng.randrange(1, 90)))
    first = SENTENCE[language].format(
        words[0], formulas[0], words[1], formulas[1], words[2], formulas[2]
    )
    tail = rng.choices(WORDS[language], k=18)
    return f"{first} {' '.join(tail)}." if language == "en" else f"{first}{''.join(tail)}。"


def chapter(page: int, language: str, show) -> str:
    """Markdown of a page; ``show(block)`` gives the fence of a code block."""
    rng = random.Random(page)
    title = f"{'Chapter' if language == 'en' else '第'} {page}"
    parts = [f"---\ntitle: {title}\ndescription: {title}.\n---\n# {title} {{ #chapter }}"]
    for block in range(BLOCKS):
        parts.append(f"## {title}.{block} {{ #part-{block} }}")
        for _ in range(2 if block < PARAGRAPHS - BLOCKS else 1):
            parts.append(prose(rng, language))
        if block < 6:
            form = rng.choice(FORMULAS).format(rng.randrange(1, 90), rng.randrange(1, 90))
            parts.append(f"$$\n{form} = q_{{{page}}}\n$$")
        parts.append(show(block))
    return "\n\n".join(parts) + "\n"


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def name(page: int) -> str:
    return f"c{page:03}"


def nav(pages: int, prefix: str = "") -> str:
    return "".join(f"      - {prefix}part/{name(page)}.md\n" for page in range(pages))


# ---- this book's format -----------------------------------------------------------------------


def snippet(page: int) -> str:
    """The script of a page: a region for each block."""
    lines = ['"""Blocks of a page."""', "import matplotlib.pyplot as plt", "import numpy as np",
             "import torch", "", 'if __name__ == "__main__":']  # fmt: skip
    for block in range(BLOCKS):
        body = code_block(page, block).split("\n")
        if block == 0:
            body += [*drawing(block), "plt.show()"]
        lines += [f"    # --8<-- [start:b{block}]", *("    " + line for line in body)]
        lines += [f"    # --8<-- [end:b{block}]"]
    return "\n".join(lines) + "\n"


GUIDES = ("CONTRIBUTING.md", "CONTRIBUTING.zh.md")


def ours(target: Path, pages: int) -> None:
    """The book as this repository writes it: two editions of each page, one script."""
    for folder in ("weave", "overrides"):
        shutil.copytree(ROOT / folder, target / folder, ignore=shutil.ignore_patterns("*.pyc"))
    for folder in ("ledger", "runs"):
        (target / folder).mkdir()
    for guide, twin in (GUIDES, GUIDES[::-1]):
        write(target / guide, f"# Guide\n\n[Twin]({twin})\n\n")
    write(target / "snippets/palette.py", (ROOT / "snippets/palette.py").read_text("utf-8"))
    for page in range(pages // 2):
        write(target / f"snippets/part/{name(page)}.py", snippet(page))
    for language, config in (("zh", "mkdocs.yml"), ("en", "mkdocs.en.yml")):
        for page in range(pages // 2):
            text = chapter(page, language, lambda block, page=page: fence(page, block))
            write(target / f"docs/{language}/part/{name(page)}.md", text)
        home = "---\ntitle: Book\ndescription: A book.\n---\n# Book { #book }\n\nA book.\n"
        write(target / f"docs/{language}/index.md", home)
        settings = (ROOT / config).read_text("utf-8").partition("\nnav:")[0]
        write(target / config, f"{settings}\nnav:\n  - index.md\n  - Part:\n{nav(pages // 2)}")


def fence(page: int, block: int) -> str:
    figure = "figures:\n  - alt: A line.\n    caption: A line.\n" if block == 0 else ""
    return f"```snippet\npart/{name(page)}.py:b{block}\n{figure}```"


# ---- the peers' formats -----------------------------------------------------------------------

MATH = "https://unpkg.com/katex@0/dist/"  # what their manuals advise; no build asks for it
MKDOCS = """site_name: Book
theme: {name: material, font: false}
plugins:
  - search: {lang: [en], pipeline: [stopWordFilter]}
%s
markdown_extensions:
  - attr_list
  - pymdownx.arithmatex: {generic: true}
  - pymdownx.highlight
  - pymdownx.superfences
extra_javascript: ["MATHkatex.min.js"]
nav:
  - index.md
  - zh:
%s  - en:
%s""".replace("MATH", MATH)
IMPORTS = "import matplotlib.pyplot as plt\nimport numpy as np\nimport torch"
SVG = """import io
buffer = io.StringIO()
fig.savefig(buffer, format="svg")
plt.close(fig)
print(buffer.getvalue()[buffer.getvalue().index("<svg"):])"""


def markdown_exec(target: Path, pages: int) -> None:
    """markdown-exec on MkDocs, or on Zensical: each page runs its own blocks."""

    def show(page: int, language: str, block: int) -> str:
        session = f'session="{language}{page}"'
        code = code_block(page, block)
        start = f'```python exec="on" source="above" result="text" {session}\n'
        text = f"{start}{IMPORTS + chr(10) if block == 0 else ''}{code}\n```"
        if block == 0:
            drawn = "\n".join(drawing(block))
            text += f'\n\n```python exec="on" html="on" {session}\n{drawn}\n{SVG}\n```'
        return text

    mkdocs(target, pages, "  - markdown-exec", "md")
    for language in WORDS:
        for page in range(pages // 2):
            text = chapter(page, language, lambda b, p=page, k=language: show(p, k, b))
            write(target / f"docs/{language}/part/{name(page)}.md", text)


def mkdocs_jupyter(target: Path, pages: int) -> None:
    """mkdocs-jupyter: each page is a notebook that is run."""
    mkdocs(target, pages, "  - mkdocs-jupyter: {execute: true, allow_errors: false}", "ipynb")
    notebooks(target / "docs", pages)


def myst_nb(target: Path, pages: int) -> None:
    """Sphinx with myst-nb and its cache of executions."""
    write(target / "conf.py", "extensions = ['myst_nb']\nhtml_theme = 'furo'\n"
          "nb_execution_mode = 'cache'\nnb_execution_timeout = 120\n"
          "myst_enable_extensions = ['dollarmath', 'attrs_inline']\n")  # fmt: skip
    listed = "".join(
        f"{language}/part/{name(page)}\n" for language in WORDS for page in range(pages // 2)
    )
    write(target / "index.md", f"# Book\n\n```{{toctree}}\n{listed}```\n")
    notebooks(target, pages)


def mkdocs(target: Path, pages: int, plugin: str, suffix: str) -> None:
    navs = [nav(pages // 2, f"{language}/").replace(".md", f".{suffix}") for language in WORDS]
    write(target / "mkdocs.yml", MKDOCS % (plugin, *reversed(navs)))
    write(target / "docs/index.md", "# Book\n\nA book.\n")


def notebooks(folder: Path, pages: int) -> None:
    for language in WORDS:
        for page in range(pages // 2):
            write(folder / f"{language}/part/{name(page)}.ipynb", notebook(page, language))


def notebook(page: int, language: str) -> str:
    """The chapter cut at its code blocks."""
    mark = "\0"
    text = chapter(page, language, lambda block: f"{mark}{block}{mark}")
    cells = []
    for number, piece in enumerate(text.partition("---\n#")[2].join(["#", ""]).split(mark)):
        if number % 2 == 0:
            cells.append({"cell_type": "markdown", "metadata": {}, "source": piece.strip()})
            continue
        block = int(piece)
        code = code_block(page, block)
        if block == 0:
            code = "\n".join([IMPORTS, code, *drawing(block), "plt.show()"])
        cells.append({"cell_type": "code", "execution_count": None, "metadata": {},
                      "outputs": [], "source": code})  # fmt: skip
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    for number, cell in enumerate(cells):
        cell["id"] = f"cell{number}"
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": kernel, "cells": cells})
