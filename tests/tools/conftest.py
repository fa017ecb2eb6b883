"""A small book under git, for the tests of what a change reaches and of `make check`."""

import shutil
import subprocess
from pathlib import Path
from textwrap import dedent

import pytest

HELPER = '''\
"""Two functions."""

FACTOR = 2


def twice(x: int) -> int:
    """Two times x."""
    return FACTOR * x


def thrice(x: int) -> int:
    """Three times x."""
    return 3 * x
'''
SNIPPET = '''\
"""Uses {name}."""

from snippets.part.helper import {name}


def shown(x: int) -> int:
    """What the page shows."""
    return {name}(x)


if __name__ == "__main__":
    # --8<-- [start:one]
    result = shown(5)
    print(result)
    # --8<-- [end:one]
'''
PAGE = """\
---
title: {title}
description: A page.
---
# {title} {{ #{topic} }}

{lead} {{{{ part.{topic}.result }}}}
{{ .lead }}

```snippet
part/{topic}.py:one
```
"""
TEST = '''\
"""Of {topic}."""

from snippets.part.{topic} import shown


def test_it_is_shown(woven):
    assert woven("part/{topic}").values["result"] == shown(5) == {result}
'''
CONFIG = """\
site_name: Small
docs_dir: docs/{language}
markdown_extensions: {{attr_list: {{}}, pymdownx.superfences: {{}}}}
nav: [index.md, part/double.md, part/triple.md]
"""
INDEX = "---\ntitle: Home\ndescription: Home.\n---\n# Home { #home }\n"


class Book:
    def __init__(self, root: Path):
        self.root = root

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text), encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} in {path}"
        self.write(path, text.replace(old, new))

    def git(self, *arguments: str) -> None:
        who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
        command = ["git", *who, "-c", "commit.gpgsign=false", *arguments]
        subprocess.run(command, cwd=self.root, check=True, capture_output=True)


@pytest.fixture(scope="module")
def original(tmp_path_factory, root) -> Path:
    """Two chapters that share a helper, on a branch of their own."""
    book = Book(tmp_path_factory.mktemp("original"))
    book.write("snippets/part/helper.py", HELPER)
    for topic, name, result in (("double", "twice", 10), ("triple", "thrice", 15)):
        book.write(f"snippets/part/{topic}.py", SNIPPET.format(name=name))
        book.write(f"tests/part/test_{topic}.py", TEST.format(topic=topic, result=result))
        for language, lead in (("zh", "结果是"), ("en", "The result is")):
            page = PAGE.format(title=topic.title(), topic=topic, lead=lead)
            book.write(f"docs/{language}/part/{topic}.md", page)
    for language, name in (("zh", "mkdocs.yml"), ("en", "mkdocs.en.yml")):
        book.write(f"docs/{language}/index.md", INDEX)
        book.write(name, CONFIG.format(language=language))
    shutil.copy(root / "tests/conftest.py", book.root / "tests")
    shutil.copy(root / "pyproject.toml", book.root)
    book.write(".gitignore", "/weave\n.weave/\n__pycache__/\n.hypothesis/\n.*_cache/\n")
    (book.root / "weave").symlink_to(root / "weave")
    book.git("init", "--quiet", "--initial-branch=main")
    book.git("add", ".")
    book.git("commit", "--quiet", "--message=All of it")
    book.git("switch", "--quiet", "--create=work")
    return book.root


@pytest.fixture
def book(original, tmp_path) -> Book:
    copy = tmp_path / "book"
    shutil.copytree(original, copy, symlinks=True)
    return Book(copy)
