"""What earlier builds found nothing wrong with, so that it need not be looked at again."""

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from weave.kept import engine
from weave.records import write_whole

Found = TypeVar("Found")


class Clean:
    """Keys of clean things: of all that a check looked at, and of the engine.

    Only what is clean is remembered: a problem is found again by each build until it is mended.
    """

    def __init__(self, root: Path):
        self.place = root / ".weave" / "clean.json"
        self.known: set[str] = set()
        self.seen: set[str] = set()
        with contextlib.suppress(OSError, ValueError, TypeError):
            self.known = set(json.loads(self.place.read_bytes()))

    def findings(
        self, check: str, looked_at: Iterable[str], find: Callable[[], Iterable[Found]]
    ) -> list[Found]:
        """What ``find`` finds, or nothing if it found nothing in the same texts before."""
        parts = json.dumps([check, *looked_at]).encode()
        key = hashlib.sha256(engine() + parts).hexdigest()
        found = [] if key in self.known else list(find())
        if not found:
            self.seen.add(key)
        return found

    def write(self) -> None:
        """Remember what is clean now. It saves time and no more: a full disk is no fault."""
        if self.seen != self.known:
            with contextlib.suppress(OSError):
                write_whole(self.place, json.dumps(sorted(self.seen)).encode())
