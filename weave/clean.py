"""What earlier builds found nothing wrong with, so that it need not be looked at again."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from weave.inputs import digest
from weave.kept import keep, kept, key_of

Found = TypeVar("Found")


class Clean:
    """Digests of clean things: of all that a check looked at.

    Only what is clean is remembered: a problem is found again by each build until it is mended.
    """

    def __init__(self, root: Path):
        self.place = root / ".weave" / "clean.json"
        self.known: set[str] = kept(self.place, key_of(b""), set, set())
        self.seen: set[str] = set()

    def findings(
        self, check: str, looked_at: Iterable[str], find: Callable[[], Iterable[Found]]
    ) -> list[Found]:
        """What ``find`` finds, or nothing if it found nothing in the same texts before."""
        key = digest(json.dumps([check, *looked_at]).encode())
        found = [] if key in self.known else list(find())
        if not found:
            self.seen.add(key)
        return found

    def write(self) -> None:
        """Remember what is clean now."""
        if self.seen != self.known:
            keep(self.place, key_of(b""), sorted(self.seen))
