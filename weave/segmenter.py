"""jieba, which here reads of its dictionary only what the text at hand can need.

To cut a text it looks up nothing but pieces of it: the words that begin with a character of the
text are enough. Half a million, all that it knows, would take most of a second.
"""

import re
from collections.abc import Iterable
from functools import cache

import jieba

ALIKE = re.compile(r"^(.).*(?:\n\1.*)*\n?", re.MULTILINE)  # lines that begin with one character
ENTRY = re.compile(r"^(\S+) (\d+)", re.MULTILINE)  # a word and how often it was seen
TIMES = re.compile(r" (\d+)")


class Segmenter:
    """Cuts Chinese as jieba does that knows the terms.

    `total` is the sum of the dictionary's frequencies, if it is known from before.
    """

    def __init__(self, terms: Iterable[str], total: int = 0):
        self.total = total or sum(map(int, TIMES.findall(dictionary())))
        self.tokenizer = jieba.Tokenizer()
        self.tokenizer.total, self.tokenizer.initialized = self.total, True
        self.known: set[str] = set()
        for term in terms:
            self.learn(term)
            self.tokenizer.add_word(term)

    def cut(self, text: str) -> list[str]:
        self.learn(text)
        return self.tokenizer.lcut(text)

    def learn(self, text: str) -> None:
        """Read the words that begin with the text's characters; see `jieba.Tokenizer.gen_pfdict`:
        how a word begins counts as one that was never seen.
        """
        times = self.tokenizer.FREQ
        for character in set(text) - self.known:
            for word, seen in ENTRY.findall(by_character().get(character, "")):
                times[word] = int(seen)
                while (word := word[:-1]) and word not in times:
                    times[word] = 0
            self.known.add(character)


@cache
def dictionary() -> str:
    with jieba.dt.get_dict_file() as file:
        return file.read().decode()


@cache
def by_character() -> dict[str, str]:
    """The dictionary's lines by the character with which they begin; hardly any stands apart."""
    found: dict[str, str] = {}
    for lines in ALIKE.finditer(dictionary()):
        found[lines[1]] = found.get(lines[1], "") + lines[0]
    return found
