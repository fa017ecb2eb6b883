"""Whether the site still is what the book would be built into: then there is nothing to build.

A stamp is left by a build that had nothing to complain of. It hashes all that went in, file by
file, and all that came out.
"""

import contextlib
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from weave.loom import TREE
from weave.pages import ENGINE, digest, packages, sources


class Stamp:
    def __init__(self, root: Path, site: Path, settings: Iterable[object]):
        self.root, self.site, self.settings = root, site, [str(item) for item in settings]
        self.place = root / ".weave" / "stamp.json"
        self.before = self.inputs()

    def inputs(self, read: Iterable[str] = ()) -> str:
        """Hash of the book, of the packages, and of what snippets were seen to `read` besides."""
        files = {file for file in self.root.glob("[!.]*") if file.is_file()}
        for folder in (ENGINE, *(self.root / name for name in TREE)):
            files.update(sources(folder))
        files |= {self.root / name for name in read}
        listed = [(str(file), contents(file)) for file in sorted(files)]
        return digest(json.dumps([packages(), self.settings, listed]).encode())

    def outputs(self) -> str:
        """Hash of every file of the site."""
        files = sorted(file for file in self.site.rglob("*") if file.is_file())
        return digest(json.dumps([(str(file), contents(file)) for file in files]).encode())

    def holds(self) -> bool:
        try:
            stamp = json.loads(self.place.read_text(encoding="utf-8"))
            then = stamp["inputs"], stamp["outputs"]
            return then == (self.inputs(stamp["read"]), self.outputs())
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def leave(self, read: list[str]) -> None:
        """Stamp the site, unless the book was edited while it was built."""
        if self.inputs() == self.before:
            stamp = {"inputs": self.inputs(read), "outputs": self.outputs(), "read": read}
            with contextlib.suppress(OSError):
                self.place.write_text(json.dumps(stamp), encoding="utf-8")


def contents(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as fault:
        return str(fault.errno)
