"""A lab's code and output, as mkdocs-jupyter shows those of an executed notebook."""

import json
import logging
import re
import tempfile
from pathlib import Path
from typing import NamedTuple

from weave.records import Record, printed
from weave.source import Source

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
INPUT = re.compile(r'<div class="highlight[^>]*>(<pre>.*?</pre>)</div>', re.DOTALL)


class Shown(NamedTuple):
    code: str  # HTML
    output: str  # HTML, too; empty where nothing was printed


def notebook(cells: list[dict], **metadata: str) -> str:
    """The text of a notebook (nbformat 4.5) of such cells; their ids are their numbers."""
    content = {
        "cells": [{"id": f"cell-{number}"} | cell for number, cell in enumerate(cells, 1)],
        "metadata": {"kernelspec": KERNEL, "language_info": {"name": "python"}} | metadata,
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def markdown_cell(text: str) -> dict:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def code_cell(code: str, printed: str = "") -> dict:
    """A cell of code that has printed something."""
    output = {"output_type": "stream", "name": "stdout", "text": printed}
    return {
        "cell_type": "code", "execution_count": None, "metadata": {}, "source": code,
        "outputs": [output] if printed else [],
    }  # fmt: skip


def render(lab: Source, record: Record | None) -> dict[str, Shown]:
    """What the page shows of each cell, by its name."""
    from mkdocs_jupyter import config, convert  # a second, and only a lab's page needs it

    config.settings.templates_dir = str(Path(__file__).parent)
    logging.getLogger("mkdocs.mkdocs-jupyter").setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "lab.ipynb")
        cells = [code_cell(lab.code(name), printed(record, name)) for name in lab.regions]
        file.write_text(notebook(cells), encoding="utf-8")
        cells = convert.nb2html(str(file)).split("<!--cell-->")
    return {name: shown(cell) for name, cell in zip(lab.regions, cells, strict=False)}


def shown(cell: str) -> Shown:
    code, _, output = cell.partition("<!--output-->")
    return Shown(INPUT.search(code)[1], output)
