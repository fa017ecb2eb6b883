"""How a page is cited: in words, and as an entry for BibTeX."""

import re
from typing import NamedTuple

from weave.dates import in_words

SPECIAL = re.compile(r"[&%$#_{}]")


class Citation(NamedTuple):
    text: str
    bibtex: str


def citation(page, config) -> Citation:
    """Authors, title, book, day of the last change, address; the front page stands for the book.

    The Chinese text follows GB/T 7714.
    """
    book, author = config.site_name, config.site_author or ""
    title = "" if page.is_homepage else str(page.meta.get("title") or page.title)
    day, address = page.changed, page.canonical_url or ""
    by = f"{author}." if author else ""
    if config.theme["language"] == "zh":
        work = f"{title}[EB/OL]//{book}." if title else f"{book}[EB/OL]."
        parts = [by, work, f"({day})." if day else "", address and f"{address}."]
    else:
        work = f"“{title}.” In {book}." if title else f"{book}."
        parts = [by, work, f"{in_words(day, 'en')}." if day else "", address]
    fields = {
        "author": author and f"{{{escaped(author)}}}",  # a second pair of braces: no person's name
        "title": f"{{{escaped(title or book)}}}",  # and here: capitals stay
        "howpublished": escaped(book) if title else "",
        "year": f"{day:%Y}" if day else "",
        "month": f"{day.month}" if day else "",
        "url": address,
    }
    key = "-".join(["matmul-book", *filter(None, page.url.strip("./").split("/"))])
    lines = [f"  {name} = {{{value}}},\n" for name, value in fields.items() if value]
    text = " ".join(part for part in parts if part)
    return Citation(text, f"@misc{{{key},\n{''.join(lines)}}}")


def escaped(text: str) -> str:
    """Text as TeX sets it."""
    return SPECIAL.sub(r"\\\g<0>", text.replace("\\", r"\textbackslash "))
