"""Keeps what an earlier build worked out, for as long as what it was worked out of is the same.

Keeping saves time and no more: a damaged file is a miss, a full disk is no reason to fail.
"""

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Callable
from dataclasses import fields
from functools import cache
from itertools import starmap
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

Kind = TypeVar("Kind")


def write_whole(place: Path, data: bytes) -> None:
    """Write a file beside its place and move it there: nobody ever reads half of one."""
    scratch = place.with_suffix(f".{os.getpid()}.tmp")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        scratch.write_bytes(data)
        scratch.replace(place)
    except OSError:
        with contextlib.suppress(OSError):
            scratch.unlink()
        raise


def keep(place: Path, key: str, value: Any) -> None:
    """Keep a value of plain data at ``place``, to be had with the same key."""
    text = json.dumps({"key": key, "value": value}, ensure_ascii=False)
    with contextlib.suppress(OSError):
        write_whole(place, text.encode("utf-8", "surrogatepass"))


def kept(place: Path, key: str, take: Callable[[Any], Kind], missed: Kind) -> Kind:
    """What ``take`` makes of the value kept with this key, or what there is if none was."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        found = json.loads(place.read_bytes())
        if found["key"] == key:
            return take(found["value"])
    return missed


def recall(place: Path, data: bytes, kind: type[Kind], work_out: Callable[[], Kind]) -> Kind:
    """What was kept at ``place`` if it was worked out of ``data``; else it is worked out anew.

    It is a dataclass of plain data and of lists of named tuples.
    """
    key = key_of(data)
    if found := kept(place, key, lambda told: restored(told, kind), None):
        return found
    found = work_out()
    with contextlib.suppress(TypeError):  # front matter can hold what JSON cannot
        told = {field.name: getattr(found, field.name) for field in fields(kind)}
        if restored(json.loads(json.dumps(told)), kind) == found:
            keep(place, key, told)
    return found


def key_of(data: bytes) -> str:
    """The key of what this engine works out of ``data``."""
    return hashlib.sha256(engine() + data).hexdigest()


def restored(told: dict[str, Any], kind: type[Kind]) -> Kind:
    """The dataclass that was told as JSON, with its named tuples."""
    for name, row in row_types(kind).items():
        told[name] = [*starmap(row, told[name])]
    return kind(**told)


@cache
def row_types(kind: type) -> dict[str, type]:
    """The fields that are lists of named tuples, which JSON would turn into lists of lists."""
    hints = get_type_hints(kind)
    return {name: row for name, hint in hints.items() for row in get_args(hint)
            if isinstance(row, type) and row not in (str, int)}  # fmt: skip


@cache
def engine() -> bytes:
    """Digest of this Python and of the engine's sources."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    digests = [hashlib.sha256(file.read_bytes()).digest() for file in sources]
    return hashlib.sha256(b"".join([sys.version.encode(), *digests])).digest()
