"""The book that the benchmark compares with holds what the runs gave, and needs no engine."""

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
