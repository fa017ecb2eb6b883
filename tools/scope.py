"""What a change can reach: told from git, from imports, and from the names in pages and tests."""

import re
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from tools.names import EVERY, Names, imports_any, touched
from weave.chapters import named
from weave.outlines import outline
from weave.source import Source
from weave.structure import read_chapter
from weave.values import modules

MAINS = ("upstream/main", "origin/main", "main")
# Tests that look at what they do not import, by where that lies.
WATCHED = {
    "overrides/": ("tests/weave/test_site.py",),
    "ledger/": ("tests/parity/test_ledger.py", "tests/parity/test_claims.py"),
    "docs/": ("tests/parity/test_claims.py", "tests/exercises/test_puzzles.py"),
    "exercises/": ("tests/exercises",),
    "CONTRIBUTING": ("tests/tools/test_contributing.py",),
    "tests/conftest.py": ("tests",),
    "requirements.txt": ("tests",),
    "pyproject.toml": ("tests",),
}
# They build whole books or drive a browser, and take minutes: `make check-all`.
LONG = ("tests/site/", "tests/weave/test_build.py", "tests/weave/test_faults.py",
        "tests/weave/test_serve.py", "tests/weave/test_spawned.py")


class Scope(NamedTuple):
    """What a change reaches."""

    snippets: list[str]  # below snippets/
    pages: list[str]  # from the root
    tests: list[str]  # files and folders
    python: list[str]  # what changed and the linter reads
    ledger: bool  # whether its texts changed


def git(root: Path, *arguments: str) -> list[str]:
    """What git says, in lines; none if it fails."""
    command = ["git", "-c", "core.quotePath=off", *arguments]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    except OSError:
        return []
    return done.stdout.splitlines() if done.returncode == 0 else []


def changed_since_main(root: Path) -> tuple[list[str] | None, str]:
    """The files that differ from `main`, committed or not, and what they were compared with.

    None if there is nothing to compare with.
    """
    for name in MAINS:
        if base := git(root, "merge-base", name, "HEAD"):
            differing = git(root, "diff", "--name-only", "--no-renames", base[0], "--")
            new = git(root, "ls-files", "--others", "--exclude-standard")
            return sorted({*differing, *new}), name
    return None, ""


def text_before(root: Path, against: str, path: str) -> str:
    """What a file said where this branch left `against`; empty if it was not there."""
    base = git(root, "merge-base", against, "HEAD")
    return "\n".join(git(root, "show", f"{base[0]}:{path}")) if base else ""


def every_file(root: Path) -> list[str]:
    folders = ("docs", "ledger", "overrides", "snippets", "tests", "tools", "weave")
    found = (file for name in folders for file in (root / name).rglob("*") if file.is_file())
    return sorted(file.relative_to(root).as_posix() for file in found)


def scope_of(changed: Iterable[str], root: Path, before: Callable[[str], str]) -> Scope:
    """The snippets, pages and tests that the changed files reach; `before` gives a file's old
    text.
    """
    changed = sorted(changed)
    near = [path for path in modules(root) if depends(path, changed, root)]
    names = touched([f"snippets/{path}" for path in near], before, root)
    snippets = [path for path in near if reached(f"snippets/{path}", changed, names, root)]
    pages = [path for path in pages_of(root) if path in changed or twin(path) in changed
             or named(read_chapter(path, root), root) & set(snippets)]
    tests = [path for path in tests_of(root)
             if path in changed or uses(path, snippets, changed, names, root)]
    for start, watching in WATCHED.items():
        if any(path.startswith(start) for path in changed):
            tests += [path for path in watching if (root / path).exists()]
    python = [path for path in changed if path.endswith(".py") and (root / path).is_file()]
    ledger = any(path.startswith("ledger/") for path in changed)
    return Scope(snippets, pages, without_nested(tests), python, ledger)


def depends(path: str, changed: list[str], root: Path) -> bool:
    """Whether a snippet or any file that it imports changed."""
    try:
        return not Source(root, path).dependencies[0].keys().isdisjoint(changed)
    except (SyntaxError, UnicodeDecodeError):  # the loom says so
        return True


def reached(path: str, changed: list[str], names: Names, root: Path) -> bool:
    """Whether a snippet changed, or something that it imports from others."""
    if path in changed or EVERY in names[path]:
        return True
    return imports_any((root / path).read_text(encoding="utf-8"), names, root)


def pages_of(root: Path) -> list[str]:
    return sorted(file.relative_to(root).as_posix() for file in (root / "docs").rglob("*.md"))


def twin(path: str) -> str:
    """The same page in the other language."""
    _, language, page = path.split("/", 2)
    return f"docs/{'en' if language == 'zh' else 'zh'}/{page}"


def tests_of(root: Path) -> list[str]:
    found = (file.relative_to(root).as_posix() for file in (root / "tests").rglob("test_*.py"))
    return sorted(path for path in found if not path.startswith(LONG))


def uses(
    test: str, snippets: list[str], changed: list[str], names: Names, root: Path
) -> bool:
    """Whether a test imports what a change reaches, or names a snippet that it reaches."""
    text = (root / test).read_text(encoding="utf-8", errors="replace")
    try:
        imports = outline(text, test).imports
    except SyntaxError:
        return True  # pytest says so
    files = {f"{name.replace('.', '/')}.py" for name in imports}
    woven = {name + ".py" for name in re.findall(r"""["']([\w/]+)["']""", text)}
    if not files.isdisjoint(set(changed) - names.keys()) or not woven.isdisjoint(snippets):
        return True
    return not files.isdisjoint(names) and imports_any(text, names, root)


def without_nested(tests: list[str]) -> list[str]:
    """Without what lies in a folder that is there as well."""
    there = dict.fromkeys(tests)
    return [path for path in there if not any(path.startswith(f"{top}/") for top in there)]
