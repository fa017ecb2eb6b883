"""Finished pages of earlier builds: a build makes only those that anything has changed for.

Below ``.weave/pages`` there is for each page what it was made from and what the search was given of
it, and a folder with the files that are in the site because of it. It is taken only if all that it
was made from is what it was: the chapter, the snippets it names and their records, and the state of
the book, which hashes everything else a page can show or depend on.
"""

import contextlib
import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from weave.edition import Edition
from weave.inputs import ENGINE, digest, packages, sources
from weave.kept import write_whole
from weave.share import mark, share

FORMAT = 4


class Finished(NamedTuple):
    """A page as MkDocs and the search need to know it, and its files with their marks."""

    meta: dict
    entries: list[dict]  # of the search index
    files: dict[str, list]  # size, time and digest by name


def state(
    root: Path, editions: Iterable[Edition], templates: Path, settings: Iterable[object]
) -> str:
    """Hash of the configuration, templates, engine, packages, and of which pages there are.

    Navigation shows the titles of other pages, so each page's front matter counts.
    """
    files = [*map(str, root.glob("mkdocs*.yml")), *map(str, root.glob("requirements.txt"))]
    files += [file for folder in (ENGINE, templates) for file in sources(folder)]
    parts = [
        FORMAT, sys.version, packages(), [str(item) for item in settings],
        [(file, digest(Path(file).read_bytes())) for file in sorted(files)],
        [(c.path, str(c.meta)) for edition in editions for c in edition.shown.values()],
    ]  # fmt: skip
    return digest(json.dumps(parts).encode())


@dataclass
class Pages:
    """The kept pages of one language."""

    folder: Path
    state: str
    fresh: dict[str, tuple[str, dict]] = field(default_factory=dict)

    def key(self, page: str, source: str) -> str:
        return digest(f"{self.state} {page} {source}".encode())

    def take(
        self, page: str, source: str, seals: Mapping[str, str], target: str
    ) -> Finished | None:
        """The kept page if it would be made again just so, its files put into a folder of the site.

        It saves time and no more: where anything is damaged, the page is made.
        """
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            seal, _, told = (self.folder / f"{page}.json").read_bytes().partition(b"\n")
            kept = json.loads(told)
            same = seal.decode() == digest(told) and kept.pop("key") == self.key(page, source)
            if same and all(seals.get(path) == seal for path, seal in kept.pop("used").items()):
                found = Finished(**kept)
                ours = {name: f"{self.folder}/{page}/{name}" for name in found.files}
                if all(intact(file, *found.files[name]) for name, file in ours.items()):
                    for name, file in ours.items():
                        share(file, f"{target}/{name}")
                    return found
        return None

    def keep(
        self, page: str, source: str, target: str, files: Iterable[str], **finished: Any
    ) -> None:
        """Remember a page whose files are being written to a folder; `write` writes it down."""
        head = {"key": self.key(page, source), "files": sorted(files)} | finished
        with contextlib.suppress(TypeError):  # front matter can hold what JSON cannot
            # As it is now: the search adds the names of sections to its entries at the end.
            self.fresh[page] = target, json.loads(json.dumps(head))

    def write(self) -> None:
        """Write down what was kept. It saves time and no more: a full disk is no reason to fail."""
        with contextlib.suppress(OSError):
            for page, (target, head) in self.fresh.items():
                ours = self.folder / page
                for name in os.listdir(ours) if ours.is_dir() else ():
                    os.unlink(ours / name)
                for name in head["files"]:
                    share(f"{target}/{name}", f"{ours}/{name}")
                told = {name: marked(f"{ours}/{name}") for name in head["files"]}
                text = json.dumps(head | {"files": told}).encode()
                write_whole(self.folder / f"{page}.json", digest(text).encode() + b"\n" + text)


def marked(file: str) -> list:
    return [*mark(file), digest(Path(file).read_bytes())]


def intact(file: str, *told: Any) -> bool:
    """Whether a file is as it was; where it has been copied, its content tells."""
    return mark(file) == list(told[:2]) or digest(Path(file).read_bytes()) == told[2]
