"""What Material's search is given: less of each page, and what only the glossary knows.

The theme's parser looks at every tag of a page, which costs more than the rest of a page together.
Coloured code, formulas, drawings and what stands around a snippet are nearly all of a page's tags;
those of the first two say nothing to it, of a drawing it would index the numbers along the axes,
and the last it passes over. Folded code draws what stands beside it: it says nothing of the
section, and would fill the screen where the section is found.

A section that readers look for by another word than it uses gets a field of `names`, see `names`.
`overrides/assets/js/search.js` asks for a whole name as the one word that it is there.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mkdocs.plugins import BasePlugin, event_priority

from weave.edition import address
from weave.inputs import packages
from weave.kept import recall

DRAWING = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
MUTE = (
    "span math semantics mrow mi mo mn mtext mspace ms msub msup msubsup munder mover munderover "
    "mfrac msqrt mroot mtable mtr mtd mstyle mpadded mphantom merror mmultiscripts mprescripts"
)
TAG = re.compile(rf"</?(?:{MUTE.replace(' ', '|')})(?=[\s/>])[^>]*>")
BOOST = 1e4  # a title has 1e3, a text 1
PASSED = re.compile(
    r'<(div|details) class="snippet-(?:head|machine)[^>]* data-search-exclude>.*?</\1>'
    r'|<details class="snippet-code">.*?</details>|<button\b.*?</button>',
    re.DOTALL,
)


def lean(html: str) -> str:
    """The page's HTML without the tags and the drawings that search has no use for."""
    return TAG.sub("", PASSED.sub("", DRAWING.sub("", html)))


def index_of(config):
    """What Material's search plugin gathers entries in; None without the plugin."""
    found = (getattr(plugin, "search_index", None) for plugin in config.plugins.values())
    return next(filter(None, found), None)


def index(config) -> list[dict]:
    """The entries that Material's search plugin has gathered so far; without it, an empty list."""
    found = index_of(config)
    return found.entries if found else []


class Names(BasePlugin):
    """Adds to the finished index what its sections are called, before Material writes it."""

    def __init__(self, names: Mapping[str, list[str]]):
        self.names = names

    @event_priority(100)
    def on_post_build(self, config) -> None:
        if found := index_of(config):
            add_names(found.entries, self.names)
            text = "".join(entry["text"] for entry in found.entries)
            # The one place from which what the book's script is to know gets to it with the index.
            pairs = simplified(text, Path(config.config_file_path).parent)
            found.config["fields"]["names"] = {"boost": BOOST, "simplified": pairs}


def add_names(entries: list[dict], names: Mapping[str, list[str]]) -> None:
    """Give each section's entry its names; they are by place, as `part/page#heading`."""
    by_location = {entry["location"]: entry for entry in entries}
    for place, found in names.items():
        page, _, heading = place.partition("#")
        top = by_location.get(address(page))  # which Material names without the title's heading
        if entry := by_location.get(f"{address(page)}#{heading}", top):
            entry["names"] = " ".join([*entry.get("names", "").split(), *found])


@dataclass
class Forms:
    """Traditional characters, each with the simplified one that stands for it."""

    pairs: list[str]


def simplified(text: str, root: Path) -> str:
    """Pairs of a traditional character and the simplified one that stands in the text for it."""
    place, known = root / ".weave" / "simplified.json", json.dumps(packages()).encode()
    written = set(text)
    pairs = recall(place, known, Forms, all_forms).pairs
    return "".join(pair for pair in pairs if pair[1:] in written)


def all_forms() -> Forms:
    try:
        from opencc import OpenCC  # it has no wheel for Macs with an Intel processor
    except ImportError:
        return Forms([])
    characters = list(map(chr, range(0x4E00, 0xA000)))
    other = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    pairs = zip(characters, other, strict=True)
    return Forms([old + new for old, new in pairs if old != new])
