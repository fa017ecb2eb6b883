"""What the builds cost: `python tools/bench.py` prints ratios and asserts nothing.

CPU seconds of whole process trees, so that neither another program nor the number of cores
decides. The runs take turns, three rounds; each figure is the median. Linux and macOS only.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from markdown import Markdown  # noqa: E402

from weave import chapters, limits, loom, page, records  # noqa: E402
from weave.footnotes import Footnotes  # noqa: E402
from weave.labs import find  # noqa: E402
from weave.markdown import Context, Weaver  # noqa: E402
from weave.source import Source  # noqa: E402
from weave.structure import Snippet, parse_chapter  # noqa: E402

ROUNDS = 3
EDITED = "mechanics/rounding.py"
PAGE = "docs/zh/mechanics/rounding.md"  # Chinese: its words are segmented for the search
BUILD = [sys.executable, "-m", "mkdocs", "build", "--strict"]

# The experiments themselves: one process, so that each package is imported once; figures drawn.
EXPERIMENTS = """
import contextlib, runpy, sys
names, sys.argv = sys.argv[1:], sys.argv[:1]  # scripts that take arguments are given none
for name in names:
    run = runpy.run_path if name.endswith(".py") else runpy.run_module  # a lab is no module
    with contextlib.suppress(Exception):  # some show an error on purpose
        run(name, run_name="__main__")
"""

# MkDocs and Material alone, both languages in one process, over pages that hold their results.
PLAIN = """
from mkdocs.commands.build import build
from mkdocs.config import load_config
for language, name in (("zh", "mkdocs.yml"), ("en", "mkdocs.en.yml")):
    build(load_config(name, site_dir="site/" + language, hooks=["plain.py"]))
"""
# What the book's templates ask for besides the theme's own; dates and ways are left out.
PLAIN_HOOK = """
from weave import building
building.page_steps = lambda page: []
on_env = building.on_env
def on_pre_page(page, config, files):
    page.changed = None
    return page
"""


def usual() -> dict[str, str]:
    """The environment, in which Python keeps what it compiles, as it does for nearly everybody."""
    unusual = "PYTHONDONTWRITEBYTECODE"
    return {name: value for name, value in os.environ.items() if name != unusual}


def cpu_seconds(command: list[str], folder: Path, environment: dict[str, str]) -> float:
    """CPU seconds of a command and all that it started; raises if it fails."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
            stdout=output, stderr=output,
        )  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            output.seek(0)
            sys.exit(f"{' '.join(command)} failed:\n{output.read().decode(errors='replace')}")
    return usage.ru_utime + usage.ru_stime


def copy_book(target: Path) -> Path:
    """A copy to build and edit: all but what git ignores."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
    return target


class Paster(Weaver):
    """Writes a chapter as if its author had pasted in what the runs gave."""

    def pasted(self, text: str) -> str:
        """The chapter as plain Markdown: code and output as fences, figures as HTML."""
        chapter = parse_chapter(text.encode(), self.context.path)
        lines = self.fill_in(text.split("\n"), chapter)
        for snippet in reversed(chapter.snippets):
            indent = " " * snippet.indent
            block = self.paste(snippet).split("\n")
            lines[snippet.line - 1 : snippet.end] = [indent + line for line in block]
        return "\n".join(lines)

    def paste(self, snippet: Snippet) -> str:
        """One fence's code, output and figures."""
        path, _, name = snippet.target.partition(":")
        source = Source(self.context.root, path)
        blocks = ["```python", source.code(name), "```"]
        region = self.context.records[path].regions.get(name, records.Region())
        if region.output:
            blocks += ["", "```text", region.output.rstrip(), "```"]
        entries = self.entries(snippet)
        for number, (svg, entry) in enumerate(zip(region.figures, entries, strict=True)):
            figure = page.figure_box(svg, snippet.line * 10 + number, entry, self.context.language)
            blocks += ["", figure.replace("\n", " ")]
        return "\n".join(blocks)


def write_plain(book: Path, target: Path) -> None:
    """The book as it would be without the engine, its results pasted in."""
    shutil.copytree(book, target, ignore=shutil.ignore_patterns(".weave", "site", ".site.*"))
    (target / "plain.py").write_text(PLAIN_HOOK)
    woven = loom.weave(book, chapters.collect(book))
    for language in ("zh", "en"):
        for file in (target / "docs" / language).rglob("*.md"):
            path = file.relative_to(target).as_posix()
            context = Context(book, language, path, records=woven.records)
            plain = Markdown()
            paster = Paster(plain, context, Footnotes(plain))
            text = paster.pasted(file.read_text(encoding="utf-8"))
            file.write_text(text, encoding="utf-8")


def experiments(book: Path, paths: list[str]) -> float:
    """CPU seconds of these snippets, as plain Python runs them one after another."""
    sources = [find(book, path) for path in paths]
    modules = [
        "snippets." + source.path.removesuffix(".py").replace("/", ".")
        if source.file.is_relative_to(book / "snippets")
        else str(source.file)
        for source in sources
    ]
    environment = limits.environment(book, book / ".weave")
    return cpu_seconds([sys.executable, "-c", EXPERIMENTS, *modules], book, environment)


def measure(book: Path, plain: Path, paths: list[str]) -> dict[str, float]:
    """One round: CPU seconds of each kind of run."""
    found = {"experiments": experiments(book, paths)}
    found["plain"] = cpu_seconds([sys.executable, "-c", PLAIN], plain, usual())
    shutil.rmtree(book / ".weave")
    found["cold"] = cpu_seconds(BUILD, book, usual())
    found["unchanged"] = cpu_seconds(BUILD, book, usual())
    append(book / PAGE, "\n又一段。\n")
    found["paragraph"] = cpu_seconds(BUILD, book, usual())
    append(book / "snippets" / EDITED, "#\n")  # a change to the file, none to what it does
    found["snippet"] = cpu_seconds(BUILD, book, usual())
    found["rerun"] = experiments(book, [path for path in paths if depends(book, path)])
    return found


def append(file: Path, text: str) -> None:
    with file.open("a", encoding="utf-8") as stream:
        stream.write(text)


def depends(book: Path, path: str) -> bool:
    """Whether a snippet has to run again when EDITED changes."""
    files, _ = find(book, path).dependencies
    return f"snippets/{EDITED}" in files


def report(rounds: list[dict[str, float]]) -> str:
    """The medians, and the ratios beside the most that the book allows itself."""
    cost = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
    together = cost["experiments"] + cost["plain"]
    lines = [f"{name:<12}{seconds:6.2f} s" for name, seconds in cost.items()]
    ratios = (
        ("cold / (experiments + plain)", cost["cold"] / together, 1.3),
        ("unchanged / plain", cost["unchanged"] / cost["plain"], 0.1),
        ("paragraph / plain", cost["paragraph"] / cost["plain"], 0.3),
        (
            "snippet / (paragraph + rerun)",
            cost["snippet"] / (cost["paragraph"] + cost["rerun"]),
            1.2,
        ),
    )
    lines += [f"{name:<30}{ratio:5.2f}   target {most}" for name, ratio, most in ratios]
    return "\n".join(lines)


def main() -> None:
    """Copy the book, build it in every way, print what that cost."""
    with tempfile.TemporaryDirectory() as folder:
        book = copy_book(Path(folder, "book"))
        # Compiles what Python compiles once, and brings the results to paste.
        cpu_seconds(BUILD, book, usual())
        write_plain(book, Path(folder, "plain"))
        paths = sorted(chapters.collect(book))
        card = records.machine_card()
        pages = len(list((book / "docs").rglob("*.md")))
        print(f"{card['cpu']}, {card['cores']} cores, {card['system']}")
        print(f"{pages} pages, {len(paths)} snippets; edited: {EDITED}", flush=True)
        rounds = [measure(book, Path(folder, "plain"), paths) for _ in range(ROUNDS)]
        print(report(rounds))


if __name__ == "__main__":
    main()
