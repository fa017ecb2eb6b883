"""What a part's page shows beside its line about a chapter: one of the chapter's own drawings.

A `drawing` fence names it as the chapter's fence does, and nothing else: the drawing comes from the
record, what is to be seen in it from the chapter. It is shown too small to be read, so without its
words.
"""

import re
from collections.abc import Iterator, Mapping

from weave import figures
from weave.fences import Snippet
from weave.problems import Problem, did_you_mean
from weave.structure import Chapter

TEXT = re.compile(r"<text\b[^>]*/>|<text\b.*?</text>", re.DOTALL)


def described(pages: Mapping[str, Chapter]) -> dict[str, Snippet]:
    """The fences that describe a figure, by what they show."""
    fences = (snippet for chapter in pages.values() for snippet in chapter.snippets)
    return {fence.target: fence for fence in fences if fence.options.get("figures")}


def targets(chapter: Chapter) -> list[str]:
    """What the page's `drawing` fences name."""
    return [view.source for view in chapter.views if view.kind == "drawing"]


def glance(svg: str, number: int, alt: str) -> str:
    drawing = figures.localise(TEXT.sub("", svg), number, alt, {})
    return f'<div class="glance">{figures.with_ratio(drawing)}</div>'


def check_drawings(pages: Mapping[str, Chapter], shown: Mapping[str, Chapter]) -> Iterator[Problem]:
    """`shown` has the chapters as well that are still in another language only."""
    known = described(shown)
    for chapter in pages.values():
        for view in chapter.views:
            if view.kind == "drawing" and view.source not in known:
                hint = did_you_mean(view.source, known)
                message = f"no chapter shows a figure of `{view.source}`{hint}"
                yield Problem(chapter.path, view.line, message)
