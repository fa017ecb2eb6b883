"""Keeps what an earlier build worked out of a text, for as long as text and engine are the same.

One JSON file for each thing kept: a dataclass of plain data and of lists of named tuples.
"""

import contextlib
import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import fields
from functools import cache
from itertools import starmap
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from weave.records import write_whole

Kind = TypeVar("Kind")


def recall(place: Path, data: bytes, kind: type[Kind], work_out: Callable[[], Kind]) -> Kind:
    """What was kept at ``place`` if it was worked out of ``data``; else it is worked out anew.

    Keeping saves time and no more: a damaged file is a miss, a full disk is no reason to fail.
    """
    key = hashlib.sha256(engine() + data).hexdigest()
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(place.read_bytes())
        if kept["key"] == key:
            return restored(kept["fields"], kind)
    found = work_out()
    with contextlib.suppress(OSError, TypeError):  # front matter can hold what JSON cannot
        told = {field.name: getattr(found, field.name) for field in fields(kind)}
        text = json.dumps({"key": key, "fields": told}, ensure_ascii=False)
        if restored(json.loads(text)["fields"], kind) == found:
            write_whole(place, text.encode("utf-8", "surrogatepass"))
    return found


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
