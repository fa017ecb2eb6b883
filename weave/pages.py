"""Finished pages of earlier builds: a build makes only those that anything has changed for.

One file a page below ``.weave/pages``: a line of JSON, then the page's HTML. It is taken only if
all that the page was made from is what it was: the chapter, the snippets it names and their
records, and the state of the book, which hashes everything else a page can show or depend on.
"""

import base64
import contextlib
import json
import re
import sys
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from weave.chapters import pages
from weave.inputs import ENGINE, digest, packages, sources
from weave.records import write_whole

FORMAT = 3


class Finished(NamedTuple):
    """A page as it is written to the site, with all that goes there because of it."""

    html: str
    meta: dict
    entries: list[dict]  # of the search index
    files: dict[str, str]  # that stand beside it


def state(root: Path, templates: Path, settings: Iterable[object]) -> str:
    """Hash of the configuration, templates, engine, packages, and of which pages there are.

    Navigation shows the titles of other pages, so each page's front matter counts.
    """
    files = {*root.glob("mkdocs*.yml"), *root.glob("requirements.txt")}
    files |= {file for folder in (ENGINE, templates) for file in sources(folder)}
    chapters = sorted(pages(root))
    parts = [
        FORMAT, sys.version, packages(), [str(item) for item in settings],
        [(str(file), digest(file.read_bytes())) for file in sorted(files)],
        [(str(file), front_matter(file)) for file in chapters],
    ]  # fmt: skip
    return digest(json.dumps(parts).encode())


def front_matter(file: Path) -> str:
    return re.split(rb"\n(?:# )?---", file.read_bytes(), maxsplit=1)[0].decode("utf-8", "replace")


@dataclass
class Pages:
    """The kept pages of one language."""

    folder: Path
    state: str
    fresh: dict[str, bytes] = field(default_factory=dict)

    def file_of(self, page: str) -> Path:
        return self.folder / f"{page}.html"

    def key(self, page: str, chapter: bytes) -> str:
        return digest(f"{self.state} {page} {digest(chapter)}".encode())

    def load(self, page: str, chapter: bytes, seals: dict[str, str]) -> Finished | None:
        """The kept page if it would be made again just so; a damaged file is a miss."""
        try:
            head, _, html = self.file_of(page).read_bytes().partition(b"\n")
            kept = json.loads(head)
            if kept["key"] != self.key(page, chapter):
                return None
            files = zlib.decompress(base64.b64decode(kept["files"]))
            if kept["sha256"] != digest(html + files):
                return None
            if any(seals.get(path) != seal for path, seal in kept["used"].items()):
                return None
            return Finished(html.decode(), kept["meta"], kept["entries"], json.loads(files))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, zlib.error):
            return None

    def keep(self, page: str, chapter: bytes, finished: Finished, used: dict[str, str]) -> None:
        """Remember a page and the digests of the snippets it shows; `write` writes it down."""
        html = finished.html.encode()
        files = json.dumps(finished.files, ensure_ascii=False).encode()
        head = finished._asdict() | {
            "html": None, "sha256": digest(html + files),
            "key": self.key(page, chapter), "used": used,
            "files": base64.b64encode(zlib.compress(files)).decode(),
        }  # fmt: skip
        with contextlib.suppress(TypeError):  # front matter can hold what JSON cannot
            self.fresh[page] = json.dumps(head).encode() + b"\n" + html

    def write(self) -> None:
        """Write down what was kept. It saves time and no more: a full disk is no reason to fail."""
        with contextlib.suppress(OSError):
            for page, content in self.fresh.items():
                write_whole(self.file_of(page), content)
