"""Where a run's output goes and which files it may touch."""

import os
import sys
from pathlib import Path

WRITE_EVENTS = {"os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.truncate", "os.chmod"}
WRITE_EVENTS |= {"os.link", "os.symlink", "shutil.rmtree"}
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


def read_from(path: Path, start: int) -> bytes:
    with open(path, "rb") as file:
        file.seek(start)
        return file.read(1 << 17)


def guard_files(root: Path, workdir: Path) -> set[str]:
    """Refuse writes outside the working directory; collect what is read from the repository."""
    allowed = [os.path.realpath(workdir.parent), "/dev/", os.environ.get("MPLCONFIGDIR", "/dev/")]
    top = os.path.realpath(root) + os.sep
    seen: set[str] = set()

    def audit(event: str, arguments: tuple) -> None:
        if event == "open":
            target, _, flags = arguments
            if not isinstance(target, (str, bytes)):
                return
            place = os.path.realpath(os.fsdecode(target))
            if flags & WRITE_FLAGS:
                refuse(place)
            elif place.startswith(top) and os.path.isfile(place):
                seen.add(place[len(top) :].replace(os.sep, "/"))
        elif event in WRITE_EVENTS:
            for target in arguments[:2]:
                if isinstance(target, (str, bytes)):
                    refuse(os.path.realpath(os.fsdecode(target)))

    def refuse(place: str) -> None:
        if not place.startswith(tuple(allowed)):
            raise PermissionError(f"a snippet may write only in its own directory, not to {place}")

    sys.addaudithook(audit)
    return seen
