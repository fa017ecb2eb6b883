"""What a book is built from: the folders that somebody wrote, the engine, the packages."""

import hashlib
import os
import sysconfig
from collections.abc import Iterator
from pathlib import Path

TREE = ("docs", "snippets", "weave", "overrides", "tests", "tools", "runs", "ledger", "exercises")
ENGINE = Path(__file__).parent


def sources(folder: Path) -> Iterator[str]:
    """The files below a folder that somebody wrote."""
    for place, _, names in os.walk(folder):
        yield from (os.path.join(place, name) for name in names if not name.endswith(".pyc"))


def packages() -> list[str]:
    """The installed packages with their versions, as the names of their folders say."""
    places = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    return sorted({path.name for place in places for path in Path(place).glob("*.dist-info")})


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
