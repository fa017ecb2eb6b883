"""Check the glossary, and that the chapters call each thing by the name that it gives."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from weave.clean import Clean
from weave.edition import Edition, page_named
from weave.glossary import GLOSSARY, Term, pattern, read_glossary
from weave.inline import FORMULA, TAG, VALUE, blank
from weave.ledger import LANGUAGES, Text
from weave.ledger_check import Book
from weave.ledger_texts import check_texts
from weave.problems import Problem
from weave.references import NOTE
from weave.structure import Chapter

PAGE = "reference/glossary"
# What is quoted is mentioned, not used: a claim that is judged, another name for the thing.
QUOTED = re.compile("“[^“”\n]*”")
ADDRESS = re.compile(r"\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)|\{:?[^{}\n]*\}")
UNSAID = (VALUE, FORMULA, QUOTED, ADDRESS, NOTE, TAG)  # notes cite titles as they are


def check_glossary(root: Path, editions: list[Edition], clean: Clean) -> Iterator[Problem]:
    """Everything that is wrong in the glossary, and where a chapter uses another word."""
    terms, problems = read_glossary(root)
    yield from problems
    yield from check_names(terms)
    book = Book(root, editions)
    for term in terms:
        for line, message in book.check_pages(term):
            yield Problem(GLOSSARY, line, message)
        yield from check_texts(GLOSSARY, term.says)
        yield from check_meant(term)
        for text in term.says.values():
            if VALUE.search(text):
                yield Problem(GLOSSARY, text.line, "no value can stand here: `page` leads to it")
    for edition in editions:
        yield from check_edition(terms, edition, clean)


def check_names(terms: list[Term]) -> Iterator[Problem]:
    """One name stands for one thing, and no name is ruled out."""
    for language in LANGUAGES:
        seen: dict[str, int] = {}
        for name in (term.name(language) for term in terms):
            if name and (first := seen.setdefault(name.casefold(), name.line)) != name.line:
                yield Problem(GLOSSARY, name.line, f"the term `{name}` is already on line {first}")
        for word in (word for term in terms for word in term.variants.get(language, [])):
            if first := seen.get(word.casefold()):
                message = f"`{word}` is ruled out here, but a term on line {first}"
                yield Problem(GLOSSARY, word.line, message)


def check_meant(term: Term) -> Iterator[Problem]:
    """Expressions that are set apart hold the name; a word is of every day in some language."""
    for language, expressions in term.apart.items():
        name = term.name(language)
        for text in expressions:
            if not pattern(name, language).search(text) or len(text) <= len(name):
                message = f"`{text}` is no longer expression that holds `{name}`"
                yield Problem(GLOSSARY, text.line, message)
    for language in term.everyday:
        if language not in LANGUAGES:
            yield Problem(GLOSSARY, language.line, f"`{language}` is no language of the book")


def check_edition(terms: list[Term], edition: Edition, clean: Clean) -> Iterator[Problem]:
    """What one language's chapters say: each term on its page, and nowhere a variant."""
    language = edition.language
    shown = edition.pages.get(f"{PAGE}.md")
    if terms and not (shown and "glossary" in [view.kind for view in shown.views]):
        path = f"{edition.folder}/{PAGE}.md"
        yield Problem(path, 1, "the glossary is not shown: here belongs a `glossary` fence")
    words = json.dumps([(t.variants.get(language), t.name(language)) for t in terms])
    for chapter in edition.pages.values():
        texts = words, chapter.path, chapter.digest
        yield from clean.findings("words", texts, lambda: check_words(terms, chapter, language))
    for term in terms:
        text = term.says.get(language, Text(""))
        for other, word, _ in other_words(terms, text, language):
            yield Problem(GLOSSARY, text.line, remedy(other, word))
        chapters = [page_named(edition.pages, place.partition("#")[0]) for place in term.page]
        name = term.name(language)
        for chapter in filter(None, chapters):
            if name and not pattern(name, language).search(chapter.prose):
                message = f"{chapter.path} never says `{name}`; write it there, or name its page"
                yield Problem(GLOSSARY, name.line, message)


def check_words(terms: list[Term], chapter: Chapter, language: str) -> Iterator[Problem]:
    """Where a chapter uses another word than the glossary's."""
    for line, text in said(chapter):
        for term, word, at in other_words(terms, text, language):
            yield Problem(chapter.path, line + text.count("\n", 0, at), remedy(term, word))


def said(chapter: Chapter) -> Iterator[tuple[int, str]]:
    """A chapter's own words in pieces, each with the line on which it begins."""
    for name in ("title", "description"):
        yield 1, str(chapter.meta.get(name, ""))
    yield 1, own_words(chapter.prose)
    for snippet in chapter.snippets:
        figures = snippet.options.get("figures")
        for figure in figures if isinstance(figures, list) else []:
            if isinstance(figure, dict):
                yield snippet.line, own_words(" ".join(map(str, texts(figure))))


def own_words(text: str) -> str:
    for unsaid in UNSAID:
        text = blank(unsaid, text)
    return text


def texts(figure: dict) -> list:
    """The figure's texts in the page's language."""
    labels = figure.get("labels")
    named = labels.values() if isinstance(labels, dict) else []
    return [figure.get("alt", ""), figure.get("caption", ""), *named]


def other_words(
    terms: list[Term], text: str, language: str
) -> Iterator[tuple[Term, tuple[str, str], int]]:
    """Each place where a text uses a word that the book does not."""
    lower = text.lower()
    for term in terms:
        for word in term.variants.get(language, []):
            if word.lower().split()[0] in lower:  # far quicker than a pattern that finds nothing
                for match in pattern(word, language).finditer(text):
                    yield term, (match[0], term.name(language)), match.start()


def remedy(term: Term, word: tuple[str, str]) -> str:
    used, name = " ".join(word[0].split()), word[1]
    where = f"{GLOSSARY}:{term.en.line}"
    return f"`{used}` is not the book's word: write `{name}` ({where}), or quote it"
