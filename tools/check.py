"""Check what changed since `main`, and what depends on it: `make check`.

Everything that is wrong is said at once, with file, line and remedy. What a change can reach is
told from imports and from the names in pages and tests; `make check-all` leaves nothing out.
"""

import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import markdown  # noqa: E402
from mkdocs.config import load_config  # noqa: E402

from tools.scope import Scope, changed_since_main, every_file, scope_of, text_before  # noqa: E402
from weave import loom  # noqa: E402
from weave.chapters import collect, named, valued_in  # noqa: E402
from weave.check import check_book, unfinished  # noqa: E402
from weave.context import Context  # noqa: E402
from weave.edition import read_editions  # noqa: E402
from weave.glossary import read_glossary  # noqa: E402
from weave.ledger import read_ledger  # noqa: E402
from weave.ledger_texts import check_values  # noqa: E402
from weave.problems import Problem  # noqa: E402
from weave.references import read_references  # noqa: E402
from weave.runs import read_runs  # noqa: E402
from weave.shelf import Shelf  # noqa: E402
from weave.structure import read_chapter  # noqa: E402


def check_pages(root: Path, scope: Scope) -> list[Problem]:
    """What is wrong with the book, with the snippets that a change reaches, and on the pages."""
    expected, ledger = collect(root), read_ledger(root)
    shown = {path for page in scope.pages for path in named(read_chapter(page, root), root)}
    edited = {*scope.snippets, *shown, *(ledger_snippets(root) if scope.ledger else ())}
    wanted = {path: expected[path] for path in edited & expected.keys()}
    woven = loom.weave(root, wanted, warn=say, progress=loom.Report(len(wanted), say))
    problems = [*woven.problems, *check_book(root, ledger=ledger)]
    problems += check_values(ledger, root, woven.records)
    lists = [read(root)[0] for read in (read_glossary, read_references, read_runs)]
    for edition in read_editions(root, ("zh", "en")):
        language = edition.language
        shelf = Shelf(ledger, language, edition.shown, root, woven.records, "", *lists)
        context = Context(root, language, records=woven.records, absent=woven.absent, shelf=shelf)
        convert = converter(root, language, context)
        for path, chapter in ((f"docs/{language}/{x}", c) for x, c in edition.pages.items()):
            if path in scope.pages:
                context.path, context.offset = path, whole_lines(root / path, chapter.body)
                convert(chapter.body)
        problems += context.problems
    return sorted(set(problems))


def ledger_snippets(root: Path) -> set[str]:
    """The snippets whose values the ledger's texts show."""
    files = (root / "ledger").glob("*/*.yml")
    return {path for file in files for path in valued_in(file.read_text("utf-8", "replace"), root)}


def whole_lines(file: Path, body: str) -> int:
    """How many lines of a page stand before its body."""
    return file.read_text(encoding="utf-8-sig", errors="replace").count("\n") - body.count("\n")


def converter(root: Path, language: str, context: Context):
    """Turns a page into HTML by the extensions of the site, for what they complain of."""
    name = "mkdocs.yml" if language == "zh" else f"mkdocs.{language}.yml"
    config = load_config(str(root / name))
    given = config.mdx_configs | {"weave.markdown": {"context": context}}
    extensions = [*config.markdown_extensions, "weave.markdown"]
    reader = markdown.Markdown(extensions=extensions, extension_configs=given)
    return lambda text: reader.reset().convert(text)


def ruff(root: Path, python: list[str]) -> bool:
    """Whether the linter is content."""
    if not python:
        return True
    command = [sys.executable, "-m", "ruff", "check", "--quiet", "--output-format", "concise"]
    return subprocess.run([*command, *python], cwd=root, check=False).returncode == 0


def pytest(root: Path, tests: list[str]) -> bool:
    """Whether the tests pass; many share the cores, few are done before that pays."""
    if not tests:
        return True
    many = len(tests) > 3 or any((root / path).is_dir() for path in tests)
    command = [sys.executable, "-m", "pytest", "--tb=short", "-n", "auto" if many else "0"]
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    done = subprocess.run([*command, *tests], cwd=root, env=os.environ | single, check=False)
    return done.returncode == 0


def say(message: str) -> None:
    print(message, flush=True)


def main() -> int:
    began = time.monotonic()
    changed, against = changed_since_main(ROOT)
    if changed is None:
        say("No git history with a `main` to compare with: everything is checked, which takes long")
        changed = every_file(ROOT)
    elif not changed:
        say(f"Nothing differs from {against}")
        return 0
    scope = scope_of(changed, ROOT, partial(text_before, ROOT, against))
    say(f"{len(changed)} changed files reach {len(scope.pages)} pages, "
        f"{len(scope.snippets)} snippets and these tests: {', '.join(scope.tests) or 'none'}")
    problems = check_pages(ROOT, scope)
    for problem in problems:
        say(str(problem))
    good = [not problems, ruff(ROOT, scope.python), pytest(ROOT, scope.tests)]
    for problem in unfinished(ROOT):
        say(f"note: {problem}")
    verdict = "Nothing wrong found" if all(good) else "Not yet right: see above"
    say(f"{verdict}, in {time.monotonic() - began:.0f} s. `make check-all` does what CI does.")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
