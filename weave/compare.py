"""Compare what two languages say: the parts that one has and the other lacks."""

import difflib
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from weave.problems import Problem

ORDERED = {"heading", "snippet", "line of code", "view", "admonition", "table", "nav entry"}


class Part(NamedTuple):
    """One thing on a page: what both languages must share, how to show it, where it stands."""

    key: object
    shown: str
    line: int
    loose: bool = False  # there or not is what counts, not how often


class Side(NamedTuple):
    """One language's parts of a kind; ``line`` is where a missing one is to be added."""

    path: str
    line: int
    parts: list[Part]


def compare(kind: str, ours: Side, theirs: Side) -> Iterator[Problem]:
    """What the two sides do not share: in order for what stands in order, else as a multiset."""
    if [part.key for part in ours.parts] == [part.key for part in theirs.parts]:
        return
    mine, yours = Counter(p.key for p in ours.parts), Counter(p.key for p in theirs.parts)
    if mine == yours:
        if kind in ORDERED:
            yield from compare_order(kind, ours, theirs)
        return
    left, right = surplus(ours.parts, yours), surplus(theirs.parts, mine)
    loose = 0.0 if len(left) == len(right) else 0.6
    for part in left:
        names = {other.shown: other for other in right}
        if close := difflib.get_close_matches(part.shown, names, n=1, cutoff=loose):
            other = names[close[0]]
            right.remove(other)
            message = f"{kind} {other.shown} stands where {ours.path}:{part.line} has {part.shown}"
            yield Problem(theirs.path, other.line, message)
        else:
            yield missing(kind, part, ours, theirs)
    for part in right:
        yield missing(kind, part, theirs, ours)


def compare_order(kind: str, ours: Side, theirs: Side) -> Iterator[Problem]:
    """The first place at which the same parts come in another order."""
    for part, other in zip(ours.parts, theirs.parts, strict=True):
        if part.key != other.key:
            message = f"another order: {kind} {other.shown} comes where {ours.path}:{part.line}"
            yield Problem(theirs.path, other.line, f"{message} has {part.shown}")
            return


def surplus(parts: list[Part], others: Counter) -> list[Part]:
    """The parts beyond those that the other side has, too."""
    spare, left = Counter(others), []
    for part in parts:
        if spare[part.key]:
            spare[part.key] -= 1
        elif not (part.loose and part.key in others):
            left.append(part)
    return left


def missing(kind: str, part: Part, source: Side, target: Side) -> Problem:
    """Where the part belongs: behind the nearest part before it that both sides have."""
    lines = {other.key: other.line for other in target.parts}
    before = [p for p in source.parts if p.line < part.line and p.key in lines]
    line = lines[before[-1].key] if before else max(target.line, 1)
    message = f"no {kind} {part.shown} here, as there is at {source.path}:{part.line}"
    return Problem(target.path, line, message)
