"""Files that the site and what is kept of it have in common, by a link: no build writes into them.
"""

import os
import shutil
from contextlib import suppress


def share(source: str, target: str) -> None:
    """Have a file in another place, too, in place of what is there."""
    folder = os.path.dirname(target)
    if not os.path.isdir(folder):
        os.makedirs(folder)
    with suppress(FileNotFoundError):
        os.unlink(target)
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:  # a file system without links, or another one
        shutil.copy2(source, target)


def mark(file: str) -> list[int]:
    """What nobody who writes into a file leaves as it is."""
    status = os.stat(file)
    return [status.st_size, status.st_mtime_ns]
