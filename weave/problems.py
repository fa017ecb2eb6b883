"""How every part of the loom reports what is wrong."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong and where to mend it; the path is relative to the repository."""

    path: str
    line: int
    message: str
    column: int = 0  # where the line alone does not say it

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" + f":{self.column}" * bool(self.column)
        return f"{place}: {self.message}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown word: the known word that was probably meant."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean `{close[0]}`?" if close else ""
