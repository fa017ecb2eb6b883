"""What a part's page shows beside its line about a chapter: one of the chapter's own drawings.

A `drawing` fence names it as the chapter's fence does, and nothing else. It is shown too small to
be read, so without its words. Nor is it read aloud: the link beside it names the chapter, which
tells what is to be seen.
"""

import re
from collections.abc import Iterator, Mapping

from weave import figures
from weave.problems import Problem, did_you_mean
from weave.structure import Chapter

TEXT = re.compile(r"<text\b[^>]*/>|<text\b.*?</text>", re.DOTALL)


def targets(chapter: Chapter) -> list[str]:
    """What the page's `drawing` fences name."""
    return [view.source for view in chapter.views if view.kind == "drawing"]


def glance(svg: str, number: int) -> str:
    drawing = figures.with_ratio(figures.numbered(TEXT.sub("", svg), number))
    return f'<div class="glance" aria-hidden="true">{drawing}</div>'


def check_drawings(pages: Mapping[str, Chapter], shown: Mapping[str, Chapter]) -> Iterator[Problem]:
    """`shown` has the chapters as well that are still in another language only."""
    fences = (fence for chapter in shown.values() for fence in chapter.snippets)
    known = [fence.target for fence in fences if fence.options.get("figures")]
    for chapter in pages.values():
        for view in chapter.views:
            if view.kind == "drawing" and view.source not in known:
                hint = did_you_mean(view.source, known)
                message = f"no chapter shows a figure of `{view.source}`{hint}"
                yield Problem(chapter.path, view.line, message)
