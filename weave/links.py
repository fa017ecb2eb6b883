"""Check the built site: every page is whole, and every link on it leads somewhere."""

import posixpath
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from weave.problems import Problem, did_you_mean

LINKS = {"href", "src", "poster"}
ELSEWHERE = {"http", "https", "mailto", "data"}


class Page(HTMLParser):
    """The links, ids and other marks of one HTML file, with their lines."""

    def __init__(self, text: str):
        super().__init__()
        self.links: list[tuple[str, int]] = []
        self.ids: list[tuple[str, int]] = []
        self.language = self.title = self.canonical = ""
        self.h1 = 0
        self.in_title = False
        self.whole = text.lstrip().lower().startswith("<!doctype html>")
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: (value or "").strip() for name, value in attributes}
        line = self.getpos()[0]
        self.links += [(value, line) for name, value in found.items() if name in LINKS]
        self.ids += [(found["id"], line)] if "id" in found else []
        self.h1 += tag == "h1"
        self.in_title = tag == "title" and not self.title  # drawings have titles, too
        if tag == "html":
            self.language = found.get("lang", "")
        if tag == "link" and found.get("rel") == "canonical":
            self.canonical = found.get("href", "")

    def handle_data(self, data: str) -> None:
        self.title += data.strip() if self.in_title else ""

    def handle_endtag(self, tag: str) -> None:
        self.in_title = False


def check_site(site: Path) -> list[Problem]:
    """Everything that is wrong in the HTML below ``site``; the lines are those of the HTML."""
    files = {p.relative_to(site).as_posix() for p in site.rglob("*") if p.is_file()}
    pages = {
        path: Page((site / path).read_text(encoding="utf-8", errors="replace"))
        for path in files
        if path.endswith(".html")
    }
    if "index.html" not in pages:
        return [Problem(f"{site.name}/index.html", 1, "there is no front page")]
    root = pages["index.html"].canonical or "/"
    problems = set()
    for path, page in pages.items():
        found = list(check_page(page))
        for link, line in page.links:
            if message := check_link(link, path, root, pages, files):
                found.append((line, message))
        problems |= {Problem(f"{site.name}/{path}", *fault) for fault in found}
    return sorted(problems)


def check_page(page: Page) -> Iterator[tuple[int, str]]:
    """What can be wrong in one page alone."""
    if not page.whole:
        yield 1, "the page does not start with `<!doctype html>`"
    if not page.language:
        yield 1, "the page does not say its language"
    if not page.title:
        yield 1, "the page has no title"
    if page.h1 != 1:
        yield 1, f"the page has {page.h1} h1 headings, not one"
    first: dict[str, int] = {}
    for name, line in page.ids:
        if not name:
            yield line, "an empty id"
        elif name in first:
            yield line, f"the id `{name}` is already on line {first[name]}"
        first.setdefault(name, line)


def check_link(
    link: str, path: str, root: str, pages: dict[str, Page], files: set[str]
) -> str | None:
    """What is wrong with a link on the page ``path``; ``root`` is the site's own address."""
    base = urlsplit(root).path
    try:
        parts = urlsplit(base + link.removeprefix(root) if link.startswith(root) else link)
    except ValueError:
        return f"`{link}` is no address"
    if parts.scheme or parts.netloc:
        return None if parts.scheme in ELSEWHERE else f"`{link}` has an unknown scheme"
    if not link:
        return "a link to nothing"
    address, anchor = unquote(parts.path), unquote(parts.fragment)
    if address.startswith("/") and not address.startswith(base):
        return f"`{link}` leaves the site, which stands below `{base}`"
    if address and not address.startswith("/") and path == "404.html":
        return f"`{link}` is relative, but this page stands at every address that does not exist"
    goal = path if not address else locate(address, path, base, files)
    if goal not in files:
        return f"dead link `{link}`{did_you_mean(goal, files)}"
    ids = {name for name, _ in pages[goal].ids} if goal in pages else set()
    if anchor and goal in pages and anchor not in ids:
        return f"dead anchor `{link}`: {goal} has no such id{did_you_mean(anchor, ids)}"
    return None


def locate(address: str, path: str, base: str, files: set[str]) -> str:
    """The file that is served for an address on the page ``path``."""
    if address.startswith("/"):
        address, path = address[len(base) :], ""
    goal = posixpath.normpath(posixpath.join(posixpath.dirname(path), address))
    return goal if goal in files else posixpath.normpath(f"{goal}/index.html")
