"""The book that the benchmark compares with holds what the runs gave, and needs no engine."""

import sys

import pytest

from tools import bench

PAGE = """\
---
title: Small
description: A small page.
---
# Small { #small }

```snippet
part/topic.py:a
```

It is {{ part.topic.x }}.
"""


@pytest.fixture
def plain(tmp_path):
    """A page of a small book as plain Markdown."""
    book, target = tmp_path / "book", tmp_path / "plain"
    (book / "snippets/part").mkdir(parents=True)
    code = "# --8<-- [start:a]\nx = 41 + 1\nprint('so', x)\n# --8<-- [end:a]\n"
    (book / "snippets/part/topic.py").write_text(code)
    for language in ("zh", "en"):
        (book / "docs" / language).mkdir(parents=True)
        (book / "docs" / language / "index.md").write_text(PAGE)
    bench.write_plain(book, target)
    return (target / "docs/en/index.md").read_text()


def test_code_output_and_values_are_pasted(plain):
    assert "```python\nx = 41 + 1\nprint('so', x)\n```\n\n```text\nso 42\n```" in plain
    assert "It is 42." in plain and "snippet" not in plain


def test_an_experiment_is_run_as_python_runs_it_without_arguments(tmp_path):
    scripts = [tmp_path / "raises.py", tmp_path / "asks.py"]
    scripts[0].write_text("1 / 0\n")  # on purpose; those after it run
    scripts[1].write_text("import sys\nassert __name__ == '__main__'\n"
                          "open('asked', 'w').write(str(len(sys.argv)))\n")  # fmt: skip
    command = [sys.executable, "-c", bench.EXPERIMENTS, *map(str, scripts)]
    assert bench.cpu_seconds(command, tmp_path, bench.usual()) > 0
    assert (tmp_path / "asked").read_text() == "1"
