"""When what a page shows was last changed: the day of the newest commit to any file behind it.

Only commits count. A change that is not committed alters no date, nor does one to a helper that a
page does not name; without a git history, or with a shallow one, no page has a date.
"""

import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from weave.kept import recall

BEHIND = ("docs", "snippets", "ledger", "runs", "CONTRIBUTING*.md")  # what pages are made of
LISTS = {  # what the lists of the book are made of, by the kind of their fence
    "claim-counts": "ledger/claims/", "ledger": "ledger/claims/", "source-map": "ledger/sources/",
    "glossary": "ledger/glossary.yml", "references": "ledger/references/", "runs": "runs/",
    "guide": "CONTRIBUTING", "paths": "ledger/paths.yml",
}  # fmt: skip


@dataclass
class Dates:
    """The day of each file's newest commit, as ``2026-11-22``; empty where there is no history."""

    days: dict[str, str] = field(default_factory=dict)

    def newest(self, files: Iterable[str], kinds: Iterable[str] = ()) -> date | None:
        """The newest day of these files, and of those that lists of these kinds are made of."""
        prefixes = tuple(LISTS[kind] for kind in LISTS.keys() & set(kinds))
        days = [self.days[file] for file in files if file in self.days]
        days += [day for file, day in self.days.items() if prefixes and file.startswith(prefixes)]
        return date.fromisoformat(max(days)) if days else None


def commit_of(root: Path) -> str:
    """The commit that the book stands at; empty without a whole history."""
    commit, _, shallow = git(root, "rev-parse", "HEAD", "--is-shallow-repository").partition("\n")
    return commit if shallow.strip() == "false" else ""


def read_dates(root: Path, commit: str) -> Dates:
    """The dates at a commit; walking through the history costs more than all else of a build."""
    if not commit:
        return Dates()
    place = root / ".weave" / "dates.json"
    return recall(place, commit.encode(), Dates, lambda: Dates(walk(root, commit)))


def walk(root: Path, commit: str) -> dict[str, str]:
    """Each file's newest day, by the calendar of whoever committed it."""
    form = ("-z", "--format=%x01%cs", "--name-only", "--no-renames", "--relative")
    days: dict[str, str] = {}
    for told in git(root, "log", *form, commit, "--", *BEHIND).split("\x01")[1:]:
        day, _, names = told.partition("\0")
        for name in names.strip("\n\0").split("\0"):
            days[name] = max(day, days.get(name, ""))
    return days


def git(root: Path, *command: str) -> str:
    """What git prints; empty where it fails or is not installed."""
    own = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    try:
        done = subprocess.run(["git", *command], cwd=root, env=own, capture_output=True)
    except OSError:
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


def in_words(day: date, language: str) -> str:
    if language == "zh":
        return f"{day.year} 年 {day.month} 月 {day.day} 日"
    return f"{day.day} {day:%B} {day.year}"
