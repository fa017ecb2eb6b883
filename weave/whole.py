"""An edition that nothing has changed is taken from the site as the build before left it.

It depends on what its pages depend on (`keeper`, `pages`), on the other files that it copies, and
on what the search knows of it. It is taken only if all that is as it was, and if nobody has touched
one of its files since. MkDocs is then given none of its pages to make.
"""

import contextlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from weave.edition import Edition
from weave.inputs import digest, sources
from weave.keeper import Keeper
from weave.records import write_whole


class Whole:
    """One language's edition: `old` is the folder that it had in the site, `new` the one to fill.
    """

    def __init__(self, root: Path, keeper: Keeper, edition: Edition, names: Mapping, old: Path):
        self.docs, self.old = root / edition.folder, old
        self.place = root / ".weave" / "editions" / f"{keeper.variant}.json"
        shown = [
            (page, keeper.shelf.shown_on(page, chapter), str(keeper.changed(chapter)))
            for page, chapter in edition.shown.items()
        ]
        awaited = [(page, chapter.digest) for page, chapter in edition.awaited.items()]
        files = [(str(file), digest(file.read_bytes())) for file in sorted(sources(self.docs))]
        parts = keeper.pages.state, sorted(keeper.seals.items()), names, shown, awaited, files
        self.key = digest(json.dumps(parts).encode())
        self.files: dict[str, list[int]] = {}
        self.stands = self.is_there()

    def is_there(self) -> bool:
        try:
            kept = json.loads(self.place.read_bytes())
            return kept["key"] == self.key and all(
                mark(self.old / name) == seen for name, seen in kept["files"].items()
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return False

    def take(self, new: Path) -> None:
        """Put the files in place: both sites share them, and no build writes into a file."""
        for name in json.loads(self.place.read_bytes())["files"]:
            target = new / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            try:
                os.link(self.old / name, target)
            except OSError:  # a file system without links
                shutil.copy2(self.old / name, target)

    def note(self, new: Path) -> None:
        """Remember what a build has put here; `leave` writes it down when all has gone well."""
        found = {file.relative_to(new).as_posix(): file for file in sources(new)}
        self.files = {name: mark(found[name]) for name in found if not name.startswith(".")}

    def leave(self) -> None:
        """It saves time and no more: a full disk is no reason to fail."""
        if self.files:
            text = json.dumps({"key": self.key, "files": self.files})
            with contextlib.suppress(OSError):
                write_whole(self.place, text.encode())


def mark(file: Path) -> list[int]:
    status = file.stat()
    return [status.st_size, status.st_mtime_ns]
