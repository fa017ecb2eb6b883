"""Whether the site still is what the book would be built into: then there is nothing to build.

A stamp is left by a build that had nothing to complain of. It hashes all that went in, file by
file; of what came out, which nobody but a build writes, it notes each file's size and time.
"""

import contextlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

from weave import records
from weave.inputs import ENGINE, TREE, digest, packages, sources
from weave.kept import write_whole
from weave.share import mark


class Stamp:
    def __init__(self, root: Path, site: Path, settings: Iterable[object], commit: str):
        self.root, self.site, self.commit = root, site, commit
        self.settings = [str(item) for item in (*settings, commit)]
        self.place = root / ".weave" / "stamp.json"
        self.packages, self.files = packages(), self.seen()
        listed = [(name, contents(Path(name))) for name in sorted(self.files)]
        self.before = digest(json.dumps([self.packages, self.settings, listed]).encode())

    def seen(self) -> dict[str, list[int]]:
        """The files of the book and of the engine, with their marks."""
        files = {str(file) for file in self.root.glob("[!.]*") if file.is_file()}
        for folder in (ENGINE, *(self.root / name for name in TREE)):
            files.update(sources(folder))
        found = {}
        for file in files:
            with contextlib.suppress(OSError):  # an editor's link to nowhere
                found[file] = mark(file)
        return found

    def outputs(self) -> str:
        """Hash of the names, sizes and times of the site's files."""
        files = [
            (entry.path, entry.stat().st_size, entry.stat().st_mtime_ns)
            for folder, _, _ in os.walk(self.site)
            for entry in os.scandir(folder)
            if entry.is_file()
        ]
        return digest(json.dumps(sorted(files)).encode())

    def holds(self) -> bool:
        try:
            stamp = json.loads(self.place.read_text(encoding="utf-8"))
            read = {name: contents(self.root / name) for name in stamp["read"]}
            same = stamp["inputs"] == self.before and stamp["read"] == read
            return same and stamp["outputs"] == self.outputs()
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def edited(self) -> bool:
        """Whether anybody has edited the book since the build began."""
        return self.seen() != self.files or packages() != self.packages

    def leave(self, read: dict[str, str]) -> None:
        """Stamp the site; `read` maps files that snippets were seen to read to their digests."""
        stamp = {"inputs": self.before, "outputs": self.outputs(), "read": read}
        with contextlib.suppress(OSError):
            write_whole(self.place, json.dumps(stamp).encode())


def contents(file: Path) -> str:
    try:
        return records.digest(file)
    except OSError as fault:
        return str(fault.errno)
