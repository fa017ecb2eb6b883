"""What a chapter says of its puzzles, below the heading of its exercises: their titles, and the
command that hands them out."""

import html
import re

from weave.puzzles import SECTION, Puzzle
from weave.shelf import Shelf, href

GUIDE = "reference/run-it-yourself", "puzzles"
HEADING = re.compile(rf'<h2[^<>]* id="{SECTION}".*?</h2>', re.DOTALL)
WORDS = {
    "zh": {
        "said": "本章可以动手的题：{0}。在仓库根目录运行 {1}，取来文件填空，写完让程序检查。{2}",
        "title": "“{0}”", "join": "", "how": "怎么做",
    },
    "en": {
        "said": "Puzzles for this chapter: {0}. At the root of the repository, run {1} for files "
                "to complete; a second command checks your answers. {2}",
        "title": "“{0}”", "join": ", ", "how": "How it works",
    },
}  # fmt: skip


def add_puzzles(text: str, page: str, shelf: Shelf) -> str:
    """A page's HTML with a line on its puzzles below the heading of its exercises."""
    if page not in shelf.puzzles:
        return text
    return HEADING.sub(lambda heading: heading[0] + line(page, shelf), text, count=1)


def line(page: str, shelf: Shelf) -> str:
    words = WORDS[shelf.language]
    titles = words["join"].join(
        words["title"].format(title(puzzle, shelf)) for puzzle in shelf.puzzles[page]
    )
    option = f'<span class="glued">--lang {shelf.language}</span>'
    command = f"<code>python -m exercises {page} {option}</code>"
    how = f'<a href="{href(page, *GUIDE)}">{words["how"]}</a>'
    said = words["said"].format(titles, command, how)
    return f'<p class="puzzles" data-search-exclude>{said}</p>'


def title(puzzle: Puzzle, shelf: Shelf) -> str:
    """With a link to the exercise that the puzzle poses."""
    shown = shelf.inline(html.escape(puzzle.title[shelf.language], quote=False))
    return f'<a href="#{html.escape(puzzle.exercise)}">{shown}</a>' if puzzle.exercise else shown
