"""An edition that nothing has changed is taken from the site as the build before left it.

It depends on what its pages depend on (`keeper`, `pages`), on the other files that it copies, and
on what the search knows of it. It is taken only if all that is as it was, and if nobody has touched
one of its files since. MkDocs is then given none of its pages to make.
"""

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path

from weave.edition import Edition
from weave.inputs import digest, sources
from weave.keeper import Keeper
from weave.kept import write_whole
from weave.share import mark, share


class Whole:
    """One language's edition: `old` is the folder that it had in the site, `new` the one to fill.
    """

    def __init__(self, root: Path, keeper: Keeper, edition: Edition, names: Mapping, old: Path):
        self.old = old
        self.place = root / ".weave" / "editions" / f"{keeper.variant}.json"
        shown = [(page, *keeper.behind(page, chapter)) for page, chapter in edition.shown.items()]
        texts = [(page, chapter.digest) for page, chapter in edition.shown.items()]
        others = sorted(edition.files - edition.pages.keys())
        files = [(file, digest((root / edition.folder / file).read_bytes())) for file in others]
        parts = keeper.pages.state, sorted(keeper.seals.items()), names, shown, texts, files
        self.key = digest(json.dumps(parts, default=str).encode())
        self.files = self.noted()
        self.stands = bool(self.files) and self.untouched()

    def noted(self) -> dict[str, list[int]]:
        """The files of the site that was made of all this, if that was the last."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            noted = json.loads(self.place.read_bytes())
            if noted["key"] == self.key:
                return dict(noted["files"])
        return {}

    def untouched(self) -> bool:
        try:
            return all(mark(f"{self.old}/{name}") == seen for name, seen in self.files.items())
        except OSError:
            return False

    def take(self, new: Path) -> None:
        """Put the files in place: both sites share them."""
        for name in self.files:
            share(f"{self.old}/{name}", f"{new}/{name}")

    def note(self, new: Path) -> None:
        """Remember what a build has put here; `leave` writes it down when all has gone well."""
        start = len(str(new)) + 1
        found = {file[start:].replace("\\", "/"): mark(file) for file in sources(new)}
        self.files = {name: found[name] for name in found if not name.startswith(".")}

    def leave(self) -> None:
        """It saves time and no more: a full disk is no reason to fail."""
        if not self.stands:
            text = json.dumps({"key": self.key, "files": self.files})
            with contextlib.suppress(OSError):
                write_whole(self.place, text.encode())
