"""What Material's search is given: its index costs more than the rest of a page together.

The theme's parser looks at every tag of a page. Coloured code, formulas and drawings are nearly
all of a page's tags; those of the first two say nothing to it, and of a drawing it would index
the numbers along the axes.
"""

import logging
import re
from functools import cache

DRAWING = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
MUTE = (
    "span math semantics mrow mi mo mn mtext mspace ms msub msup msubsup munder mover munderover "
    "mfrac msqrt mroot mtable mtr mtd mstyle mpadded mphantom merror mmultiscripts mprescripts"
)
TAG = re.compile(rf"</?(?:{MUTE.replace(' ', '|')})(?=[\s/>])[^>]*>")
HAN = re.compile("[\u4e00-\u9fff]")


def lean(html: str) -> str:
    """The page's HTML without the tags and the drawings that search has no use for."""
    return TAG.sub("", DRAWING.sub("", html))


def index(config) -> list[dict]:
    """The entries that Material's search plugin has gathered so far; without it, an empty list."""
    found = (getattr(plugin, "search_index", None) for plugin in config.plugins.values())
    return next((index.entries for index in found if index), [])


@cache
def load_terms(*terms: str) -> None:
    """Teach the segmenter the book's terms. It takes 0.7 s to start, so only where it is needed."""
    import jieba

    jieba.setLogLevel(logging.WARNING)  # it tells of its cache at every start
    for term in terms:
        jieba.add_word(term)
