"""The finished site takes the old one's place in one step; until then the old one stays whole."""

import ctypes
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

AT_FDCWD, RENAME_EXCHANGE = -100, 2


class Stage:
    """A directory beside ``site`` to build in, and a lock that keeps two builds apart."""

    def __init__(self, site: Path, say: Callable[[str], None] = lambda message: None):
        self.site = site
        self.building = site.with_name(f".{site.name}.building")
        self.old = site.with_name(f".{site.name}.old")
        site.parent.mkdir(parents=True, exist_ok=True)
        self.lock = lock(site.with_name(f".{site.name}.lock"), say)
        if self.old.exists() and not self.site.exists():
            self.old.rename(self.site)  # an earlier build died between its two renames
        for leftover in (self.building, self.old):
            if leftover.exists():
                shutil.rmtree(leftover)

    def swap(self) -> None:
        """Put the finished site in place and remove the one that it replaces."""
        if not self.site.exists():
            self.building.rename(self.site)
        elif exchange(self.building, self.site):
            shutil.rmtree(self.building)
        else:
            self.site.rename(self.old)
            self.building.rename(self.site)
            shutil.rmtree(self.old)

    def close(self) -> None:
        shutil.rmtree(self.building, ignore_errors=True)
        self.lock.close()


def exchange(first: Path, second: Path) -> bool:
    """Swap two directories atomically; False where the system has no such call."""
    if sys.platform != "linux":
        return False
    renameat2 = getattr(ctypes.CDLL(None), "renameat2", None)
    if renameat2 is None:
        return False
    paths = os.fsencode(first), os.fsencode(second)
    return renameat2(AT_FDCWD, paths[0], AT_FDCWD, paths[1], RENAME_EXCHANGE) == 0


def lock(path: Path, say: Callable[[str], None]):
    """An open file that holds the lock until it is closed or its process ends."""
    file = open(path, "a+b")
    if not acquire(file, wait=False):
        say(f"another build holds {path}: waiting for it to end")
        acquire(file, wait=True)
    return file


def acquire(file, wait: bool) -> bool:
    if sys.platform == "win32":
        import msvcrt

        mode = msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK
        attempt = lambda: msvcrt.locking(file.fileno(), mode, 1)  # noqa: E731
    else:
        import fcntl

        flags = fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB)
        attempt = lambda: fcntl.flock(file, flags)  # noqa: E731
    try:
        attempt()
    except OSError:
        return False
    return True
