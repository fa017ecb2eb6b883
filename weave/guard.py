"""Where a run's output goes and which files it may touch."""

import os
import sys
from pathlib import Path
from typing import BinaryIO

WRITE_EVENTS = {"os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.truncate", "os.chmod"}
WRITE_EVENTS |= {"os.link", "os.symlink", "shutil.rmtree"}
START_EVENTS = {"subprocess.Popen", "os.system", "os.posix_spawn", "os.fork", "os.exec"}
START_EVENTS |= {"ctypes.dlopen", "ctypes.dlsym"}
LIST_EVENTS = {"os.listdir", "os.scandir"}
WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def redirect(path: Path) -> None:
    """Send stdout and stderr, also those of subprocesses, to one file, in the order written."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0))
    for stream, number in (("stdout", 1), ("stderr", 2)):
        os.dup2(descriptor, number)
        setattr(
            sys,
            stream,
            open(number, "w", encoding="utf-8", errors="backslashreplace", closefd=False),
        )
        getattr(sys, stream).reconfigure(write_through=True)


def read_on(output: BinaryIO) -> bytes:
    """The beginning of what has been written since the last call."""
    written = output.read(1 << 17)
    output.seek(0, os.SEEK_END)
    return written


class Watch:
    """Refuses writes outside the working directory; notes what was read and what was started.

    It sees what Python does in this process. What a program started from it does is not seen, only
    that one was started: then the loom compares the book before and after.
    """

    def __init__(self, root: Path, workdir: Path):
        cache = os.environ.get("MPLCONFIGDIR", "/dev/")
        self.allowed = (os.path.realpath(workdir.parent), "/dev/", cache)
        self.top = os.path.realpath(root) + os.sep
        self.read: set[str] = set()
        self.started = False
        sys.addaudithook(self.audit)

    def audit(self, event: str, arguments: tuple) -> None:
        if event == "open":
            target, _, flags = arguments
            if isinstance(target, (str, bytes)):
                self.opened(os.path.realpath(os.fsdecode(target)), flags)
        elif event in LIST_EVENTS and isinstance(arguments[0], (str, bytes)):
            self.listed(os.path.realpath(os.fsdecode(arguments[0])))
        elif event in WRITE_EVENTS:
            for target in arguments[:2]:
                if isinstance(target, (str, bytes)):
                    self.refuse(os.path.realpath(os.fsdecode(target)))
        elif event in START_EVENTS:
            self.started = True

    def opened(self, place: str, flags: int) -> None:
        if flags & WRITE_FLAGS:
            self.refuse(place)
        elif place.startswith(self.top) and os.path.isfile(place):
            self.read.add(place[len(self.top) :].replace(os.sep, "/"))

    def listed(self, place: str) -> None:
        """A folder of the book counts by the names in it, unless it was Python's search for a
        module that listed it: a new module is nothing to those that do not import it."""
        name = place[len(self.top) :].replace(os.sep, "/")
        own = place.startswith(self.top) and not name.startswith(".")
        if own and place not in sys.path_importer_cache:
            self.read.add(name)

    def refuse(self, place: str) -> None:
        if not place.startswith(self.allowed):
            raise PermissionError(f"a snippet may write only in its own directory, not to {place}")
