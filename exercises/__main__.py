"""`python -m exercises`: list the puzzles, hand one out, check an answer."""

import argparse
import difflib
import os
import sys
from itertools import groupby
from pathlib import Path

from exercises import check
from exercises.handout import hand_out
from exercises.words import WORDS, language_of_reader
from weave.nav import read_nav
from weave.puzzles import LANGUAGES, ROOT, Puzzle, read_puzzles
from weave.structure import read_chapter


def main(arguments: list[str] | None = None, folder: Path = ROOT / check.FOLDER) -> int:
    """What the reader has asked for; the reader's files lie below `folder`."""
    language = language_asked(arguments)
    parser = argparse.ArgumentParser(
        prog="python -m exercises",
        usage="python -m exercises [--lang zh|en] [NAME | PART/CHAPTER | check [NAME ...]]",
        description=WORDS[language]["help"],
    )
    parser.add_argument("words", nargs="*", help=argparse.SUPPRESS)
    lang = WORDS[language]["lang"]
    parser.add_argument("--lang", choices=LANGUAGES, default=language, help=lang)
    given = parser.parse_args(arguments)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a terminal may lack Chinese
    book = in_order(read_puzzles()[0])
    first, *names = given.words or [""]
    if not first:
        return show(book, folder, given.lang)
    try:
        if first == "check":
            open_ones = [p for p in book if (folder / p.answer).is_file()]
            named = [p for name in names for p in find(name, book, given.lang)]
            return check_all(named if names else open_ones, folder, given.lang)
        return give(find(first, book, given.lang), folder, given.lang)
    except LookupError as fault:
        print(fault.args[0], file=sys.stderr)
        return 2


def language_asked(arguments: list[str] | None) -> str:
    """The language that `--lang` names, for the help as well; without it that of the reader."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--lang")
    named = parser.parse_known_args(arguments)[0].lang
    return named if named in LANGUAGES else language_of_reader()


def in_order(found: list[Puzzle]) -> list[Puzzle]:
    """Puzzles in the order of the book's chapters."""
    nav, _ = read_nav("mkdocs.yml", ROOT)
    pages = [Path(page).with_suffix("").as_posix() for (_, page), *_ in nav.entries if page]
    return sorted(found, key=lambda puzzle: pages.index(puzzle.chapter))


def find(name: str, book: list[Puzzle], language: str) -> list[Puzzle]:
    """The puzzles of a chapter, or the one of that name."""
    known = {puzzle.name: [puzzle] for puzzle in book}
    for puzzle in book:
        known.setdefault(puzzle.chapter, []).append(puzzle)
    if name not in known:
        words, close = WORDS[language], difflib.get_close_matches(name, known, n=1)
        perhaps = words["perhaps"].format(close[0]) if close else ""
        raise LookupError(words["unknown"].format(name, perhaps))
    return known[name]


def show(book: list[Puzzle], folder: Path, language: str) -> int:
    """All puzzles by chapter, the solved ones marked."""
    words, solved = WORDS[language], check.Solved(folder)
    for chapter, ours in groupby(book, key=lambda puzzle: puzzle.chapter):
        page = next((ROOT / "docs" / language).glob(f"{chapter}.*"))
        print(f"{chapter}  {read_chapter(page.relative_to(ROOT), ROOT).meta['title']}")
        for puzzle in ours:
            print(f"  [{'x' if puzzle in solved else ' '}] {puzzle.name}  {puzzle.title[language]}")
    done = sum(puzzle in solved for puzzle in book)
    print(words["solved_of"].format(done, len(book)))
    for key, name in (("one_of", book[0].name), ("all_of", book[0].chapter)):
        print(words[key].format(f"{name} --lang {language}"))
    return 0


def give(chosen: list[Puzzle], folder: Path, language: str) -> int:
    words = WORDS[language]
    for puzzle in chosen:
        new = hand_out(puzzle, language, folder)
        print(words["handed_out" if new else "kept"].format(check.label_of(puzzle)))
        print("  " + words["next"].format(f"{puzzle.name} --lang {language}"))
    return 0


def check_all(chosen: list[Puzzle], folder: Path, language: str) -> int:
    """Check each; 0 only where all pass."""
    words, solved, passed = WORDS[language], check.Solved(folder), True
    if not chosen:
        print(words["none_open"])
    for puzzle in chosen:
        if not (folder / puzzle.answer).is_file():
            command = f"{puzzle.name} --lang {language}"
            print(words["not_handed_out"].format(check.label_of(puzzle), command))
            passed = False
            continue
        verdict, printed = check.run(puzzle, folder)
        if printed:
            print(words["printed"], *printed.split("\n"), sep="\n  | ")
        print(check.told(puzzle, verdict, language))
        if verdict.kind == "passed":
            solved.add(puzzle)
        else:
            passed = False
    return 0 if passed else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:  # the list went to a pager or to `head`, which has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
