"""What the book keeps and loses under Zensical, MkDocs Material's successor.

    pip install zensical
    python tools/zensical.py site

builds the chapters of both languages with Zensical and `weave/zensical.py`, and prints a table of
what the finished pages hold, beside those that MkDocs built into `site`. Zensical runs no hooks
and has templates of its own; of `overrides/` it gets what is not a template.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from html.parser import HTMLParser
from importlib.metadata import version
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parent.parent
sys.path[:] = [place for place in sys.path if place != str(ROOT / "tools")]  # it has our name
sys.path.insert(0, str(ROOT))

from weave.links import Page  # noqa: E402

LANGUAGES = {"zh": ("mkdocs.yml", ""), "en": ("mkdocs.en.yml", "en")}
CONFIG = """\
INHERIT: {base}
site_dir: site/{folder}
hooks: []
extra: {{alternate: []}}
theme: {{variant: classic, custom_dir: theme}}
markdown_extensions:
  weave.zensical: {{root: "{root}", language: {language}}}
"""
ARTICLE = re.compile(r"<article\b.*?</article>", re.DOTALL)
VOID = {"br", "hr", "img", "input", "wbr", "col", "source", "link", "meta"}
# Tags and classes. What is marked as timing differs from run to run.
MUTE = {"button", "script", "style", "headerlink", "md-content__button", "timing"}
MUTE |= {"figure-tools", "page-foot"}


class Text(HTMLParser):
    """What an article says, blanks apart, without its buttons, its date and its links to files."""

    def __init__(self, html: str):
        super().__init__()
        self.said = ""
        self.muted: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        classes = (dict(attributes).get("class") or "").split()
        mute = tag in MUTE or MUTE.intersection(classes)
        if tag not in VOID and (mute or self.muted):
            self.muted.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.muted:
            self.muted.pop()

    def handle_data(self, data: str) -> None:
        if not self.muted:
            self.said += "".join(data.split())


def lay_out(book: Path) -> None:
    """The book's pages and settings, and what the theme can use of the overrides."""
    shutil.copytree(ROOT / "docs", book / "docs")
    templates = shutil.ignore_patterns("*.html", "sitemap.xml")
    shutil.copytree(ROOT / "overrides", book / "theme", ignore=templates)
    for language, (base, folder) in LANGUAGES.items():
        shutil.copy(ROOT / base, book)
        text = CONFIG.format(base=base, folder=folder, root=ROOT, language=language)
        (book / f"zensical.{language}.yml").write_text(text, encoding="utf-8")


def build(book: Path) -> None:
    for language in LANGUAGES:
        command = [sys.executable, "-m", "zensical", "build", "-f", f"zensical.{language}.yml"]
        variables = os.environ | {"PYTHONPATH": str(ROOT)}
        if subprocess.run(command, cwd=book, env=variables, stdout=sys.stderr).returncode:
            raise SystemExit(f"Zensical does not build {language}.")


def pages(site: Path) -> dict[str, str]:
    files = sorted(site.rglob("index.html"))
    return {f.relative_to(site).as_posix(): f.read_text(encoding="utf-8") for f in files}


def article(html: str) -> str:
    found = ARTICLE.search(html)
    return found[0] if found else ""


def counted(pattern: str) -> Callable[[dict[str, str]], int]:
    """How often a pattern stands in the articles."""
    return lambda found: sum(len(re.findall(pattern, article(html))) for html in found.values())


def having(pattern: str) -> Callable[[dict[str, str]], int]:
    """On how many pages a pattern stands anywhere."""
    return lambda found: sum(bool(re.search(pattern, html)) for html in found.values())


MEASURES = {
    "pages": len,
    "boxes of code": counted(r'class="snippet"'),
    "outputs": counted(r'class="snippet-output"'),
    "figures": counted(r'<figure class="woven"'),
    "formulas": counted(r"<math\b"),
    "verdicts in the text": counted(r'class="admonition (?:correct|imprecise|wrong|dated|opinion)'),
    "entries of the ledger": counted(r'class="admonition claim '),
    "notebooks to download": counted(r'href="[^"]*\.ipynb"'),
    "pages with a policy": having(r'http-equiv="?Content-Security-Policy'),
    "pages that link to their twin": having(r'class="[^"]*\blanguage"'),
    "pages that name their twin to search engines": having(r'<link rel="alternate ?" hreflang'),
    "pages that load from another host": having(r'<(?:script|img)[^>]*\bsrc="?(?:https?:)?//|'
                                                r'<link[^>]*rel="?stylesheet[^>]*href="?https?:'),
}  # fmt: skip


def compare(mkdocs: Path, zensical: Path) -> str:
    """A table of both sites."""
    ours, theirs = pages(mkdocs), pages(zensical)
    rows = [(name, measure(ours), measure(theirs)) for name, measure in MEASURES.items()]
    same = sum(Text(article(html)).said == Text(article(theirs.get(path, ""))).said
               for path, html in ours.items())  # fmt: skip
    rows += [
        ("pages that say the same", len(ours), same),
        ("dead links", dead_links(mkdocs, ours), dead_links(zensical, theirs)),
        ("search index, KiB", *(size(site) for site in (mkdocs, zensical))),
    ]
    head = f"| | MkDocs {version('mkdocs')} | Zensical {version('zensical')} |\n"
    head += "| --- | --: | --: |\n"
    return head + "".join(f"| {name} | {a} | {b} |\n" for name, a, b in rows)


def dead_links(site: Path, found: dict[str, str]) -> int:
    """Links in the articles that lead to no file of the site."""
    dead = 0
    for path, html in found.items():
        paths = {link.partition("#")[0].partition("?")[0] for link, _ in Page(article(html)).links}
        local = (site / Path(path).parent / unquote(link) for link in paths if ":" not in link)
        dead += sum(not target.exists() for target in local)
    return dead


def size(site: Path) -> int:
    found = [*site.rglob("search.json"), *site.rglob("search_index.json")]
    return sum(file.stat().st_size for file in found) >> 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("site", type=Path, help="the site that MkDocs built")
    parser.add_argument("--keep", type=Path, help="a new folder for Zensical's site")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder)
        lay_out(book)
        build(book)
        print(compare(arguments.site, book / "site"), end="")
        if arguments.keep:
            shutil.copytree(book / "site", arguments.keep)


if __name__ == "__main__":
    main()
