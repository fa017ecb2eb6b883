"""The page that stands where a chapter is still to be written: it leads to the one there is."""

import html
import json
import posixpath
from collections.abc import Iterator

from weave.edition import address
from weave.shelf import Shelf
from weave.site import PREFIXES
from weave.structure import Chapter

WORDS = {
    "zh": {"lead": "这一章还没有中文版，目前只有英文版。", "read": "去读英文版", "parts": "各节："},
    "en": {"lead": "This chapter is not in English yet, only in Chinese.",
           "read": "Read it in Chinese", "parts": "Its sections:"},
}  # fmt: skip


def notice(page: str, chapter: Chapter, shelf: Shelf) -> str:
    """Markdown of the notice for ``page``, in the shelf's language.

    Links to sections hold: each leads to its line here, and from there to the section itself.
    """
    theirs, words = chapter.path.split("/")[1], WORDS[shelf.language]
    here, there = (PREFIXES[language] + address(page) for language in (shelf.language, theirs))
    link = html.escape(posixpath.relpath(there or ".", here or ".") + "/")
    title = str(chapter.meta.get("title", page))
    name = next((heading.id for heading in chapter.headings if heading.level == 1), "notice")
    return "\n".join([
        "---", f"title: {json.dumps(title, ensure_ascii=False)}", f"notice: {theirs}",
        "search: {exclude: true}", "---",
        f'# <span lang="{theirs}">{title}</span> {{ #{name} }}', "", words["lead"], "{ .lead }", "",
        f'<p><a href="{link}" hreflang="{theirs}">{words["read"]}</a></p>', "",
        f"<p>{words['parts']}</p>", "",
        f'<ul lang="{theirs}">{"".join(sections(chapter, link, shelf))}</ul>', "",
        f"<p>{''.join(other_ids(chapter))}</p>", "",
    ])  # fmt: skip


def sections(chapter: Chapter, link: str, shelf: Shelf) -> Iterator[str]:
    for heading in chapter.headings:
        if heading.level == 2:
            text = shelf.heading(heading.text)
            yield f'<li id="{heading.id}"><a href="{link}#{heading.id}">{text}</a></li>'


def other_ids(chapter: Chapter) -> Iterator[str]:
    """Whatever else on the chapter a link can lead to."""
    listed = {heading.id for heading in chapter.headings if heading.level <= 2}
    ids = [mark.name for mark in chapter.ids]
    ids += [f"fn:{mark.name}" for mark in chapter.footnotes_used]
    for name in dict.fromkeys(ids):
        if name not in listed:
            yield f'<span id="{html.escape(name)}"></span>'
