"""A record of a toy lab, and a toy lab that can be run from the command line."""
import copy
from pathlib import Path

import pytest

MACHINE = {
    "device": "Intel(R) Xeon(R) Processor",
    "cpu": "Intel(R) Xeon(R) Processor",
    "cores": 2,
    "caches": {"L1": 49152, "L2": 2 << 20, "L3": 300 << 20},
    "simd": ["avx", "avx2", "fma", "avx512f"],
    "blas": [{"library": "openblas", "version": "0.3.31", "core": "SkylakeX", "threads": 1}],
}
DATA = {
    "schema": 1,
    "lab": "toy",
    "label": "recorded",
    "date": "2026-11-22T08:29:20Z",
    "commit": "1af25ea82c500aa921167797718156d6e9237cf5",
    "dirty": False,
    "command": "python -m toylab --record",
    "versions": {"python": "3.11.7", "numpy": "2.4.6"},
    "system": "Linux 6.18 x86_64",
    "machine": MACHINE,
    "environment": {"OMP_NUM_THREADS": "1"},
    "removed": {},
    "method": {"rounds": 3, "quick": True, "threads": 1},
    "state": {"before": {}, "during": [], "after": {}, "wall_per_cpu": 1.01},
    "cells": [
        {"key": "a/fast", "samples": [1e-5, 2e-5, 3e-5], "clock": "cpu", "calls": 9, "flop": 8e5,
         "bytes": 5e8, "rel_err": 1e-7},
        {"key": "a/slow", "samples": [2e-4, 6e-4, 3e-4], "clock": "cpu", "calls": 1},
        {"key": "a/fp8", "error": "RuntimeError: no fp8 here"},
    ],
}  # fmt: skip

LAB = '''\
from snippets.labs.lab import Lab, Work, cells

LAB = Lab("toy", rounds=3)


@LAB.group("sums", quick=True)
def sums(rounds):
    short, long = list(range(1000)), list(range(20000))
    return cells({"short": Work(lambda: sum(short), flop=1e3), "long": lambda: sum(long)}, rounds)


@LAB.group("more")
def more(rounds):
    return cells({"one": lambda: sum(range(100))}, rounds)


if __name__ == "__main__":
    from snippets.labs.command import main

    main(LAB)
    print("the page's experiments")
'''


@pytest.fixture
def data() -> dict:
    """What a record holds; doctor it as you like."""
    return copy.deepcopy(DATA)


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    (tmp_path / "toylab.py").write_text(LAB)
    return tmp_path
