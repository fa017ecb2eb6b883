"""Markdown lines of the fence that lists all recorded runs, as `ledger_page` makes those of the
ledger: a heading for each device, what it is, and a table of its runs."""

import html
from collections.abc import Callable, Iterator
from itertools import groupby

from weave.ledger_page import table
from weave.runs import Run
from weave.shelf import Shelf, href

WORDS = {
    "zh": {
        "none": "还没有在任何机器上记录过。", "cpu": "处理器", "cores": "{} 核",
        "gpu": "显卡", "date": "日期", "lab": "实验", "commit": "提交", "versions": "版本",
        "blas": "矩阵库的内核", "cells": "项数", "busy": "实际时间 / CPU 时间",
        "is": "：", "end": "。", "memory": "显存", "L2": "L2",
    },
    "en": {
        "none": "No run has been recorded yet.", "cpu": "Processor", "cores": "{} cores",
        "gpu": "GPU", "date": "Date", "lab": "Lab", "commit": "Commit",
        "versions": "Versions", "blas": "BLAS kernels", "cells": "Cells",
        "busy": "Wall / CPU time", "is": ": ", "end": ".",
        "memory": "memory", "L2": "L2",
    },
}  # fmt: skip
SHOWN = {"python": "Python", "numpy": "NumPy", "torch": "PyTorch", "triton": "Triton"}


class RunsPage:
    def __init__(self, shelf: Shelf, page: str, store: Callable[[str], str]):
        self.shelf, self.page, self.store = shelf, page, store
        self.words = WORDS[shelf.language]

    def show(self) -> Iterator[str]:
        if not self.shelf.runs:
            yield from ("", self.store(f"<p>{self.words['none']}</p>"), "")
        for device, found in groupby(self.shelf.runs, key=lambda run: run.device):
            runs = list(found)
            yield f"## {device} {{ #{runs[0].path.split('/')[1]} }}"
            yield from ("", self.store(self.device(runs[0]) + self.table(runs)), "")

    def device(self, run: Run) -> str:
        """What the newest run says of the machine."""
        words, machine, gpu = self.words, run.machine, run.machine["gpu"]
        parts = [machine["cpu"], words["cores"].format(machine["cores"])]
        parts += [f"{name} {amount(size)}" for name, size in machine["caches"].items()]
        lines = [("cpu", parts)]
        if gpu:
            known = [name for name in ("memory", "L2") if name in gpu]
            facts = [f"{words[name]} {amount(gpu[name])}" for name in known]
            lines.insert(0, ("gpu", [gpu["name"], *facts]))
        return "".join(
            f"<p>{words[name]}{words['is']}{html.escape(self.shelf.join(parts))}{words['end']}</p>"
            for name, parts in lines
        )

    def table(self, runs: list[Run]) -> str:
        names = ("date", "lab", "commit", "versions", "blas", "cells", "busy")
        return table([self.words[name] for name in names], [self.row(run) for run in runs])

    def row(self, run: Run) -> list[str]:
        versions = [f"{SHOWN[name]} {run.versions[name]}" for name in SHOWN if name in run.versions]
        kernels = [f"{found['library']} {found['core']}" for found in run.machine["blas"]]
        return [
            self.date(run),
            self.lab(run.lab),
            html.escape(run.commit),
            html.escape(self.shelf.join(versions)),
            html.escape(self.shelf.join(dict.fromkeys(kernels))),
            str(run.cells),
            f"{run.busy:.2f}",
        ]

    def date(self, run: Run) -> str:
        """On one line, with a link to the record where the repository is known."""
        shown = f'<span class="glued">{html.escape(run.date)}</span>'
        link = html.escape(self.shelf.link.format(path=run.path))
        return f'<a href="{link}">{shown}</a>' if link else shown

    def lab(self, name: str) -> str:
        """The lab's name, with a link to its page if there is one."""
        shown, page = html.escape(name), f"labs/{name}"
        there = any(path.partition(".")[0] == page for path in self.shelf.pages)
        return f'<a href="{href(self.page, page)}">{shown}</a>' if there else shown


def amount(size: int) -> str:
    """Bytes in the largest unit of which there is at least one."""
    unit, shift = next(
        (pair for pair in (("GiB", 30), ("MiB", 20), ("KiB", 10)) if size >= 1 << pair[1]), ("B", 0)
    )
    return f"{size / (1 << shift):.3g} {unit}"
