"""What builds cost as a book grows, beside its peers: `python tools/bench_sizes.py [sizes]`.

The same synthetic book (`tools/synthetic.py`) in this book's format and, where they are
installed, in those of markdown-exec on MkDocs and on Zensical, mkdocs-jupyter, and Sphinx with
myst-nb. CPU seconds of all processes together, wall seconds in brackets; medians of three
rounds, in which the tools take turns (one round for those with a kernel for each page). The
peers want an environment of their own:

    pip install mkdocs-material zensical markdown-exec mkdocs-jupyter sphinx myst-nb furo jieba
    python tools/bench_sizes.py --peers path/to/that/python 20 100 400
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import synthetic  # noqa: E402
from tools.bench import append, cpu_seconds, usual  # noqa: E402
from weave import records  # noqa: E402

ROUNDS = 3
KINDS = ("cold", "unchanged", "paragraph, English", "paragraph, Chinese", "snippet")


class Tool(NamedTuple):
    """How to lay down a book, build it, clean it, and where its pages and blocks are."""

    name: str
    module: str
    write: Callable[[Path, int], None]
    build: list[str]
    kept: tuple[str, ...]
    page: str  # with the language
    code: str
    largest: int = 400
    rounds: int = ROUNDS


TOOLS = [
    Tool("this book", "mkdocs", synthetic.ours, ["mkdocs", "build", "--strict"],
         (".weave", "site"), "docs/{}/part/c003.md", "snippets/part/c004.py"),
    Tool("markdown-exec", "markdown_exec", synthetic.markdown_exec, ["mkdocs", "build"],
         ("site",), "docs/{}/part/c003.md", "docs/zh/part/c004.md"),
    Tool("Zensical + markdown-exec", "zensical", synthetic.markdown_exec, ["zensical", "build"],
         ("site", ".cache"), "docs/{}/part/c003.md", "docs/zh/part/c004.md"),
    Tool("mkdocs-jupyter", "mkdocs_jupyter", synthetic.mkdocs_jupyter, ["mkdocs", "build"],
         ("site", ".cache"), "docs/{}/part/c003.ipynb", "docs/zh/part/c004.ipynb", 20, 1),
    Tool("Sphinx + myst-nb", "myst_nb", synthetic.myst_nb,
         ["sphinx", "-q", ".", "site"], ("site",),
         "{}/part/c003.ipynb", "zh/part/c004.ipynb", 20, 1),
]  # fmt: skip


def timed(tool: Tool, python: str, book: Path) -> tuple[float, float]:
    """CPU and wall seconds of one build."""
    began = time.monotonic()
    cpu = cpu_seconds([python, "-m", *tool.build], book, usual())
    return cpu, time.monotonic() - began


def measure(tool: Tool, python: str, book: Path) -> dict[str, tuple[float, float]]:
    """One round of the five kinds of build."""
    for folder in tool.kept:
        shutil.rmtree(book / folder, ignore_errors=True)
    found = {"cold": timed(tool, python, book), "unchanged": timed(tool, python, book)}
    for language, name in (("en", "English"), ("zh", "Chinese")):
        edit(book / tool.page.format(language), ("More.", "又一段。")[language == "zh"])
        found[f"paragraph, {name}"] = timed(tool, python, book)
    edit(book / tool.code, "#")
    found["snippet"] = timed(tool, python, book)
    return found


def edit(file: Path, text: str) -> None:
    """Add a line: to a notebook in its last cell, to anything else at its end."""
    if file.suffix != ".ipynb":
        append(file, f"\n{text}\n" if file.suffix == ".md" else f"{text}\n")
        return
    notebook = json.loads(file.read_text(encoding="utf-8"))
    kind = "code" if text == "#" else "markdown"
    cell = [cell for cell in notebook["cells"] if cell["cell_type"] == kind][-1]
    cell["source"] += f"\n{text}"
    file.write_text(json.dumps(notebook), encoding="utf-8")


def installed(tool: Tool, python: str) -> bool:
    code = f"import importlib.util as u, sys; sys.exit(u.find_spec('{tool.module}') is None)"
    return subprocess.run([python, "-c", code], check=False).returncode == 0


def compare(size: int, pythons: dict[str, str], folder: Path) -> None:
    """Print the rows of one size."""
    tools = [tool for tool in TOOLS if tool.name in pythons and size <= tool.largest]
    rounds: dict[str, list[dict]] = {tool.name: [] for tool in tools}
    for tool in tools:
        (folder / tool.name).mkdir(parents=True)
        tool.write(folder / tool.name, size)
    for number in range(ROUNDS):
        for tool in tools:
            if number < tool.rounds:
                rounds[tool.name].append(measure(tool, pythons[tool.name], folder / tool.name))
    for name, found in rounds.items():
        cells = []
        for kind in KINDS:
            cpu, wall = (statistics.median(each[kind][i] for each in found) for i in (0, 1))
            cells.append(f"{cpu:6.2f} ({wall:.1f})")
        print(f"{size:>4}  {name:<26}" + "".join(f"{cell:>20}" for cell in cells), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("sizes", nargs="*", type=int, default=[20, 100, 400])
    parser.add_argument("--peers", metavar="PYTHON", default=sys.executable,
                        help="the interpreter of the environment that holds the peers")  # fmt: skip
    arguments = parser.parse_args()
    pythons = {tool.name: arguments.peers for tool in TOOLS[1:] if installed(tool, arguments.peers)}
    pythons["this book"] = sys.executable
    card = records.machine_card()
    print(f"{card['cpu']}, {card['cores']} cores, {card['system']}; CPU s (wall s)")
    print(f"{'':32}" + "".join(f"{kind:>20}" for kind in KINDS), flush=True)
    for size in arguments.sizes:
        with tempfile.TemporaryDirectory() as folder:
            compare(size, pythons, Path(folder))


if __name__ == "__main__":
    main()
