"""The theme's style sheets without the rules for what no page of the book has.

Material serves tabs, keys, annotations, blogs, versions and forty colours too: a fifth of what a
reader's first visit would fetch of it. A test looks whether a page has one of these after all.
Two are dear in another way. A rule with `:not([class])` before a bare `*` or `:first-child` makes
browsers style the whole page anew as soon as a class changes on it, and so does one that ends in
`*` below an attribute which the theme's script sets while the page starts.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from weave.site import for_counted
from weave.squeeze import put

SHEETS = "assets/stylesheets/*.css"
UNUSED = (  # how the names of these classes begin
    "critic", "grid", "key-", "keys", "md-annotation", "md-author", "md-banner", "md-consent",
    "md-feedback", "md-meta", "md-pagination", "md-post", "md-social", "md-tag", "md-version",
    "mermaid", "tabbed-", "task-list",
)  # fmt: skip
BARE = "table:not([class])"  # every table of the book has a class
COLOURS = ("[data-md-color-primary", "[data-md-color-accent", "[data-md-color-switching")
NAMES = re.compile("|".join([rf"\.(?:{'|'.join(UNUSED)})", *map(re.escape, COLOURS)]))
COMMA = re.compile(r",(?![^(]*\))")  # between selectors, not inside :is(...)
INSIDE = re.compile(r"\([^()]*\)")  # of :is(...) and :not(...), which name other classes as well
NESTED = ("@media", "@supports")


def purge(site: Path, kept: Path) -> None:
    for file in site.glob(SHEETS):
        put(file, file.read_text(encoding="utf-8"), purged, kept)


def purged(text: str) -> str:
    return used(for_counted(text))


def used(text: str) -> str:
    """A minified style sheet without the selectors that name an unused class."""
    kept = []
    for head, body in rules(text):
        if head.startswith(NESTED):
            body = used(body)
        elif not head.startswith("@"):
            head = ",".join(one for one in COMMA.split(head) if not unused(one))
        if head and (body or not head.startswith(NESTED)):
            kept.append(f"{head}{{{body}}}")
    return "".join(kept)


def unused(selector: str) -> bool:
    return BARE in selector or NAMES.search(INSIDE.sub("", selector)) is not None


def rules(text: str) -> Iterator[tuple[str, str]]:
    """What stands before each outer pair of braces, and in it."""
    depth = start = opened = 0
    for brace in re.finditer(r"[{}]", text):
        depth += 1 if brace[0] == "{" else -1
        if brace[0] == "{" and depth == 1:
            opened = brace.end()
        elif not depth:
            yield text[start : opened - 1], text[opened : brace.start()]
            start = brace.end()
