"""Ask every address on other sites that the book names: `python tools/external_links.py`.

Prints a report in Markdown, in both languages, of those that are gone, with the places that name
them; nothing where all are there. A server that refuses a program (401, 403, 429 and the like) or
is ill today (5xx) proves nothing. The standard library is enough.
"""

import re
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ADDRESS = re.compile(r"https?://(?!127\.0\.0\.1|localhost)[^\s<>\"'`\]}（），。；]+")
GONE = {404, 410}
SECONDS, TRIES, AT_ONCE = 20, 2, 8
HEAD = """\
These addresses did not answer, or said that the page is gone. A new address, an archived copy or \
another source mends it.

下列地址打不开，或对方说页面已不存在。换成新地址、存档或另一个出处即可。

"""


def addresses(text: str) -> Iterator[tuple[str, int]]:
    """Each address in a text, without the punctuation around it, and its line."""
    for number, line in enumerate(text.splitlines(), 1):
        for match in ADDRESS.finditer(line):
            address = match[0].rstrip(".,;:!?*_")
            while address.endswith(")") and address.count("(") < address.count(")"):
                address = address[: address.rindex(")")].rstrip(".,;:")
            yield address, number


def named(files: Iterable[Path], root: Path) -> dict[str, list[str]]:
    """Address, without its anchor -> the places that name it."""
    places: dict[str, list[str]] = {}
    for file in files:
        for address, line in addresses(file.read_text(encoding="utf-8")):
            place = f"{file.relative_to(root).as_posix()}:{line}"
            places.setdefault(address.partition("#")[0], []).append(place)
    return places


def trouble(address: str) -> str | None:
    """Why the address is dead, or None where it is not known to be."""
    request = urllib.request.Request(address, headers={"User-Agent": "Mozilla/5.0 (link check)"})
    said = None
    for _ in range(TRIES):
        try:
            with urllib.request.urlopen(request, timeout=SECONDS):
                return None
        except urllib.error.HTTPError as answer:
            said = str(answer.code) if answer.code in GONE else None
        except (OSError, ValueError) as fault:
            said = str(getattr(fault, "reason", fault)) or type(fault).__name__
        except Exception as fault:  # http.client's own errors are no OSError
            said = type(fault).__name__
    return said


def report(places: dict[str, list[str]], ask: Callable[[str], str | None] = trouble) -> str:
    """The report, empty where no address is dead."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = zip(places, pool.map(ask, places), strict=True)
        dead = [(address, said) for address, said in answers if said]
    lines = [f"- `{address}`: {said}\n  {', '.join(places[address])}\n" for address, said in dead]
    return HEAD + "".join(lines) if lines else ""


def texts(root: Path) -> list[Path]:
    """The files that readers read: guides, pages, labs, references."""
    patterns = ("*.md", "docs/**/*.md", "docs/**/*.py", "ledger/**/*.yml")
    return sorted(file for pattern in patterns for file in root.glob(pattern))


def main() -> int:
    places = named(texts(ROOT), ROOT)
    print(report(places), end="")
    print(f"{len(places)} addresses asked", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
