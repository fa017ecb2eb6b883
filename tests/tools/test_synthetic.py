"""The book of the benchmarks is one that each tool can build, with as much on a page for each."""

import json
import os
import subprocess
import sys

import pytest

from tools import synthetic


def test_our_book_builds_strictly_and_shows_what_ran(tmp_path):
    synthetic.ours(tmp_path, 4)
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict"], cwd=tmp_path, text=True,
        capture_output=True, check=False, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for page in ("part/c000", "part/c001", "en/part/c000", "en/part/c001"):
        html = (tmp_path / "site" / page / "index.html").read_text(encoding="utf-8")
        assert html.count('class="snippet-output"') == synthetic.BLOCKS
        assert html.count("<math") == 3 * synthetic.PARAGRAPHS + 6
        assert html.count("<figure") == 1 and "exact True" in html and "exact False" not in html


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_peers_get_the_same_code_and_formulas(tmp_path, language):
    synthetic.ours(tmp_path / "ours", 2)
    synthetic.markdown_exec(tmp_path / "exec", 2)
    synthetic.mkdocs_jupyter(tmp_path / "jupyter", 2)
    ours = (tmp_path / f"ours/docs/{language}/part/c000.md").read_text(encoding="utf-8")
    page = (tmp_path / f"exec/docs/{language}/part/c000.md").read_text(encoding="utf-8")
    cells = json.loads((tmp_path / f"jupyter/docs/{language}/part/c000.ipynb").read_text())["cells"]
    prose = "".join(cell["source"] for cell in cells if cell["cell_type"] == "markdown")
    assert ours.count("$") == page.count("$") == prose.count("$") > 0
    code = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    assert len(code) == synthetic.BLOCKS
    for block in range(synthetic.BLOCKS):
        lines = synthetic.code_block(0, block)
        assert lines in page and lines in code[block]
