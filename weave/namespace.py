"""What a finished run leaves in memory: values for the pages, files and libraries it used."""

import math
import os
import sys
import types
from itertools import islice
from pathlib import Path
from typing import Any

MAX_STRING = 200
MAX_ENTRIES = 64


def collect_values(namespace: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Variables that a page may name, and what the others are (for messages)."""
    values, others = {}, {}
    for name, value in namespace.items():
        if name.startswith("_") or isinstance(value, (types.ModuleType, types.FunctionType, type)):
            continue
        try:
            values[name] = to_value(value)
        except TypeError:
            shape = getattr(value, "shape", None)
            sized = f" of shape {tuple(shape)}" if isinstance(shape, tuple) and shape else ""
            others[name] = type(value).__name__ + sized
    return values, others


def to_value(value: Any) -> Any:
    """A number, boolean, short string, or a container of at most 64 of those; else TypeError."""
    leaves = 0

    def convert(item: Any) -> Any:
        nonlocal leaves
        if hasattr(item, "tolist") and hasattr(item, "shape"):  # array, tensor or scalar of either
            if math.prod(item.shape) > MAX_ENTRIES:
                raise TypeError
            item = item.tolist()
        if isinstance(item, (list, tuple)):
            return [convert(part) for part in item]
        if isinstance(item, dict):
            return {str(key): convert(part) for key, part in item.items()}
        leaves += 1
        plain = item is None or isinstance(item, (bool, int, float))
        short = isinstance(item, str) and len(item) <= MAX_STRING
        if leaves > MAX_ENTRIES or not (plain or short):
            raise TypeError
        return item

    return convert(value)


def repository_modules(root: Path, before: int) -> set[str]:
    """Files of the book's snippets that were imported, by whatever name.

    Modules that were there ``before`` are passed over: two thousand that a run shares with others
    are not to be touched for nothing.
    """
    top = str(root / "snippets") + os.sep
    late = islice(reversed(sys.modules.values()), max(0, len(sys.modules) - before))
    files = [getattr(module, "__file__", None) or "" for module in list(late)]
    return {Path(file).relative_to(root).as_posix() for file in files if file.startswith(top)}


def libraries() -> dict[str, str]:
    """What the run was computed with, for the machine card."""
    found = {"python": sys.version.split()[0]}
    for name in ("numpy", "torch", "matplotlib"):
        if module := sys.modules.get(name):
            found[name] = module.__version__
    if numpy := sys.modules.get("numpy"):
        blas = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]
        found["blas"] = f"{blas['name']} {blas['version']}"
    if torch := sys.modules.get("torch"):
        found["torch_simd"] = torch.backends.cpu.get_cpu_capability()
        found["torch_threads"] = str(torch.get_num_threads())
    return found
