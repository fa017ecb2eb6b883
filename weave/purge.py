"""The theme's style sheet without the rules for what no page of the book has.

Material's one sheet serves tabs, keys, annotations, blogs and versions too: a sixth of what a
reader's first visit would fetch of it. A test looks whether a page has one of these after all.
"""

import re
from collections.abc import Iterator
from pathlib import Path

SHEET = "assets/stylesheets/main.*.css"
UNUSED = (  # how the names of these classes begin
    "critic", "grid", "key-", "keys", "md-annotation", "md-author", "md-banner", "md-consent",
    "md-feedback", "md-meta", "md-pagination", "md-post", "md-social", "md-tag", "md-version",
    "mermaid", "tabbed-", "task-list",
)  # fmt: skip
NAMES = re.compile(rf"\.(?:{'|'.join(UNUSED)})")
COMMA = re.compile(r",(?![^(]*\))")  # between selectors, not inside :is(...)
INSIDE = re.compile(r"\([^()]*\)")  # of :is(...) and :not(...), which name other classes as well
NESTED = ("@media", "@supports")


def purge(site: Path) -> None:
    for file in site.glob(SHEET):
        text = used(file.read_text(encoding="utf-8"))
        file.write_text(text, encoding="utf-8", newline="\n")


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
    return NAMES.search(INSIDE.sub("", selector)) is not None


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
