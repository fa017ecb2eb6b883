"""The measurements that the book keeps in runs/: what the page of machines tells of each.

Whether a record is whole in every part the tests say, by its schema; here it has to hold what is
shown.
"""

import json
from pathlib import Path
from typing import NamedTuple

from weave.problems import Problem


class Run(NamedTuple):
    """One record: a lab, measured on a device on a day."""

    path: str
    lab: str
    device: str
    date: str
    commit: str
    machine: dict
    versions: dict[str, str]
    cells: int
    busy: float  # wall time over CPU time


def read_runs(root: Path) -> tuple[list[Run], list[Problem]]:
    """All runs by device, the newest first, and what is wrong with their files."""
    runs, problems = [], []
    for file in sorted(root.glob("runs/*/*.json")):
        path = file.relative_to(root).as_posix()
        try:
            runs.append(read_run(path, json.loads(file.read_text(encoding="utf-8"))))
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            line = getattr(fault, "lineno", 1)
            what = f"lacks {fault}" if isinstance(fault, KeyError) else str(fault)
            message = f"not a record of a run: {what}; record it again, or restore it from git"
            problems.append(Problem(path, line, message))
    runs.sort(key=lambda run: (run.date, run.lab), reverse=True)
    return sorted(runs, key=lambda run: run.device), problems


def read_run(path: str, data: dict) -> Run:
    machine = data["machine"]
    return Run(
        path=path,
        lab=data["lab"],
        device=machine["device"],
        date=data["date"][:10],
        commit=data["commit"][:7] + "+" * data["dirty"],
        machine={name: machine[name] for name in ("cpu", "cores", "caches", "blas")}
        | {"gpu": machine.get("gpu", {})},
        versions=dict(data["versions"]),
        cells=len(data["cells"]),
        busy=float(data["state"]["wall_per_cpu"]),
    )
