"""A small book of its own for each test of the loom."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from weave import loom
from weave.limits import Limits

REPOSITORY = Path(__file__).resolve().parents[2]

CONFIG = """\
site_name: small
site_url: http://127.0.0.1:8000/
docs_dir: docs/zh
site_dir: site
theme: {{name: material, language: zh, font: false, custom_dir: {overrides}}}
plugins: []
hooks: [{hook}]
markdown_extensions:
  admonition: {{}}
  attr_list: {{}}
  footnotes: {{}}
  tables: {{}}
  pymdownx.arithmatex: {{generic: true}}
  pymdownx.details: {{}}
  pymdownx.superfences: {{}}
validation: {{links: {{not_found: ignore, anchors: ignore}}}}
nav: [index.md]
"""
ENGLISH = """\
INHERIT: mkdocs.yml
docs_dir: docs/en
site_dir: site/en
theme: {language: en}
nav: [index.md]
"""
FRONT = "---\ntitle: Small\ndescription: A small page.\n---\n"
PAGE = FRONT + "# Small { #small }\n\nText.\n"


@dataclass
class Book:
    root: Path

    def write(self, path: str, text: str | bytes) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else dedent(text).encode())
        return file

    def snippet(self, text: str, path: str = "part/topic.py") -> str:
        self.write(f"snippets/{path}", text)
        return path

    def page(self, text: str) -> None:
        """The same text in both languages: what it says does not matter to the loom."""
        for language in ("zh", "en"):
            self.write(f"docs/{language}/index.md", text)

    def weave(self, *paths: str, expect=None, **limits) -> loom.Woven:
        warnings: list[str] = []
        expected = dict.fromkeys(paths or ["part/topic.py"], expect)
        woven = loom.weave(self.root, expected, limits=Limits(**limits), warn=warnings.append)
        woven.warnings = warnings
        return woven

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "mkdocs", "build", *arguments]

    def environment(self, **extra: str) -> dict[str, str]:
        base = {key: value for key, value in os.environ.items() if key not in ("CI", "SITE_URL")}
        return base | {"NO_MKDOCS_2_WARNING": "1"} | extra

    def build(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        """`mkdocs build --strict`, as the reader runs it; stdout holds all that it said."""
        return subprocess.run(
            self.command("--strict", *arguments),
            cwd=self.root, env=self.environment(**environment), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=100, check=False,
        )  # fmt: skip

    def site(self) -> dict[str, bytes]:
        """Every file of the finished site."""
        top = self.root / "site"
        files = (file for file in sorted(top.rglob("*")) if file.is_file())
        return {file.relative_to(top).as_posix(): file.read_bytes() for file in files}


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return small_book(tmp_path)


def small_book(root: Path) -> Book:
    """One page without a fault, in both languages."""
    small = Book(root)
    hook, overrides = REPOSITORY / "weave" / "hook.py", REPOSITORY / "overrides"
    small.write("mkdocs.yml", CONFIG.format(hook=hook, overrides=overrides))
    small.write("mkdocs.en.yml", ENGLISH)
    small.write("snippets/palette.py", (REPOSITORY / "snippets/palette.py").read_bytes())
    small.page(PAGE)
    return small
