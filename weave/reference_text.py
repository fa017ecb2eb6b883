"""How a reference is written: in one form, in both languages, but for a few words."""

import html
from collections.abc import Iterator

from weave.page import inline_html
from weave.references import OTHERS, Name, Reference

ARXIV = "https://arxiv.org/abs/"
DOI = "https://doi.org/"
MOST = 8  # authors; of more, the first is named
STANDS_ALONE = ("book", "report", "thesis")  # its title is set as that of a whole
WORDS = {
    "zh": {"others": "等", "editor": "编", "editors": "编", "thesis": "博士论文"},
    "en": {"others": "et al.", "editor": "(ed.)", "editors": "(eds.)", "thesis": "doctoral thesis"},
}


def citation(reference: Reference, language: str) -> str:
    """HTML of a reference, without the full stop."""
    parts = [people(reference, language), title(reference), *venue(reference, language)]
    return ", ".join(part for part in (*parts, *addresses(reference)) if part)


def people(reference: Reference, language: str) -> str:
    if reference.author:
        return listed(reference.author, language)
    editors = listed(reference.editor, language)
    word = "editors" if len(reference.editor) > 1 else "editor"
    return editors and f"{editors} {WORDS[language][word]}"


def listed(names: list[Name], language: str) -> str:
    whole = [str(name) for name in names if name.family != OTHERS]
    shown = html.escape(", ".join(whole[:1] if len(whole) > MOST else whole), quote=False)
    more = whole and (len(whole) < len(names) or len(whole) > MOST)
    return f"{shown} {WORDS[language]['others']}" if more else shown


def title(reference: Reference) -> str:
    """The title; a link, unless the address is one of those that are shown at the end."""
    text = inline_html(reference.title)
    alone = reference.type in STANDS_ALONE
    shown = f"<em>{text}</em>" if alone else f"“{text}”"
    url = reference.get("URL")
    return shown if not url or url.startswith(ARXIV) else link(url, shown)


def venue(reference: Reference, language: str) -> Iterator[str]:
    """Where and when it appeared."""
    get = reference.get
    year = get("issued")
    if where := html.escape(get("container-title"), quote=False):
        where = f"<em>{where}</em>"
        if reference.type == "paper-conference":
            where, year = f"{where} {year}", ""
        if volume := get("volume"):
            where += f" {volume}"
        if issue := get("issue"):
            where += f"({issue})"
    yield where
    yield edition(get("edition"), language)
    yield WORDS[language]["thesis"] if reference.type == "thesis" else ""
    yield from (html.escape(get(name), quote=False) for name in ("publisher", "number"))
    yield from (year, get("page"))


def edition(number: str, language: str) -> str:
    if not number:
        return ""
    ending = {"1": "st", "2": "nd", "3": "rd"}.get(number, "th")
    return f"第 {number} 版" if language == "zh" else f"{number}{ending} ed."


def addresses(reference: Reference) -> Iterator[str]:
    """Links that show what they lead to."""
    if doi := reference.get("DOI"):
        yield link(DOI + doi, f"doi:{doi}")
    if (url := reference.get("URL")).startswith(ARXIV):
        yield link(url, f"arXiv:{url.removeprefix(ARXIV)}")


def link(url: str, shown: str) -> str:
    return f'<a href="{html.escape(url)}">{shown}</a>'
