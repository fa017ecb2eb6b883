"""Whether the book is built into the same bytes anywhere: `python tools/reproducible.py`.

Builds a copy of the working tree twice, from nothing, in folders of different depth, under
different time zones, locales, hash seeds, umasks and dates, and compares the two sites. What a
page marks as belonging to a run (the machine's card, class `timing`) may differ. Modules that
measure time say `MACHINE_BOUND = True`; their runs are carried from the first build to the
second, so that their numbers do not hide what else differs.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from weave.source import Source  # noqa: E402

TIMING = re.compile(rb'<details class="snippet-machine timing".*?</details>', re.DOTALL)
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv*", ".weave", ".site.*", ".*_cache", ".hypothesis", "__pycache__", "site", "dist"
)
HERE = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": "1000000000"}
ELSEWHERE = {
    "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "LANG": "de_DE.UTF-8", "PYTHONHASHSEED": "4242",
    "SOURCE_DATE_EPOCH": "2000000000",
}  # fmt: skip


def build(book: Path, environment: dict[str, str], umask: int, *arguments: str) -> None:
    """Build a book from nothing; SystemExit with what the build said if it fails."""
    command = [sys.executable, "-m", "mkdocs", "build", *arguments]
    done = subprocess.run(
        command, cwd=book, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"} | environment,
        umask=umask if os.name == "posix" else -1,
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{book} cannot be built:\n{done.stdout}")


def build_twice(book: Path, folder: Path, *arguments: str) -> tuple[Path, Path]:
    """The sites of two builds of a book, each in a place of its own below `folder`."""
    first, second = folder / "a", folder / "a deeper place" / "of the same book"
    for copy in (first, second):
        shutil.copytree(book, copy, ignore=LEFT_OUT)
    build(first, HERE, 0o022, *arguments)
    carry_timed_runs(first, second)
    build(second, ELSEWHERE, 0o077, *arguments)
    return first / "site", second / "site"


def carry_timed_runs(first: Path, second: Path) -> None:
    """Give the second book the first one's records of the modules that measure time."""
    for file in (first / "snippets").rglob("*.py"):
        source = Source(first, file.relative_to(first / "snippets").as_posix())
        if source.machine_bound:
            for record in (first / ".weave/records").glob(f"{source.name}-*.json"):
                target = second / record.relative_to(first)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(record, target)


def contents(site: Path) -> dict[str, bytes]:
    """Every file of a site without what a page marks as belonging to a run."""
    files = (file for file in sorted(site.rglob("*")) if file.is_file())
    return {file.relative_to(site).as_posix(): TIMING.sub(b"", file.read_bytes()) for file in files}


def differences(first: Path, second: Path) -> Iterator[str]:
    """One line for each file that is not the same in both sites."""
    ours, theirs = contents(first), contents(second)
    for name in sorted(ours | theirs):
        if name not in ours or name not in theirs:
            yield f"{name}: only in the {'first' if name in ours else 'second'} build"
        elif ours[name] != theirs[name]:
            yield f"{name}: {first_difference(ours[name], theirs[name])}"


def first_difference(ours: bytes, theirs: bytes) -> str:
    """Where two files part, and what each has there."""
    pairs = enumerate(zip(ours, theirs, strict=False))
    place = next((i for i, (a, b) in pairs if a != b), min(len(ours), len(theirs)))
    shown = slice(max(place - 30, 0), place + 50)
    return f"byte {place}: {ours[shown]!r} and {theirs[shown]!r}"


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        first, second = build_twice(ROOT, Path(folder), "--strict")
        found = list(differences(first, second))
        print("\n".join(found) or f"{len(contents(first))} files, the same in both builds")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
