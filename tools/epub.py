"""The book as an EPUB 3 in each language: `make epub`.

Made from the finished site: each page's article becomes a chapter, formulas stay MathML, figures
stay SVG, links between pages stay links. What needs a server or a script is left out. The same
site gives the same bytes.
"""

import argparse
import html
import re
import sys
import uuid
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from snippets import palette  # noqa: E402
from tools.offline import pack  # noqa: E402
from weave.drawings import COLOURS  # noqa: E402
from weave.edition import address  # noqa: E402
from weave.nav import read_nav  # noqa: E402

FOLDER = ROOT / "tools" / "epub"
FONT = ROOT / "overrides/assets/fonts/stix-two-math.woff2"
LANGUAGES = {"zh": ("mkdocs.yml", ""), "en": ("mkdocs.en.yml", "en/")}
WORDS = {
    "zh": {"contents": "目录", "cover": "封面", "rights": "文字 CC BY-SA 4.0，代码 MIT"},
    "en": {"contents": "Contents", "cover": "Cover", "rights": "Text CC BY-SA 4.0, code MIT"},
}
ARTICLE = re.compile(r"<article\b[^>]*>(.*)</article>", re.DOTALL)
ISLAND = re.compile(r"<(svg|math)\b.*?</\1>", re.DOTALL)
H1 = re.compile(r"<h1\b[^>]*>(.*?)</h1>", re.DOTALL)
NAMED = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)\w+;")  # XML knows five names
NAMESPACES = {"svg": "http://www.w3.org/2000/svg", "math": "http://www.w3.org/1998/Math/MathML"}
STYLES = {"displaystyle", "scriptlevel"}
VOID = {"br", "hr", "img", "wbr", "col", "input", "source"}
DROPPED_TAGS = {"button", "form", "script", "style", "input", "canvas", "template"}
DROPPED_TAGS |= {"small"}  # what a term means: the link leads there
DROPPED_CLASSES = {"headerlink", "md-content__button", "snippet-run", "footnote-backref"}
DROPPED_CLASSES |= {"figure-tools", "page-cite", "path"}
LIGHT = {value: colour for colour, value in COLOURS.items()}  # var(--A) -> #0b6aa8


class Page(NamedTuple):
    address: str  # below the language's root: "mechanics/rounding/"
    depth: int
    title: str
    article: str

    @property
    def file(self) -> str:
        return file_of(self.address)


def file_of(address: str) -> str:
    return (address.strip("/").replace("/", "-") or "index") + ".xhtml"


class Chapter(HTMLParser):
    """XHTML of an article: what a reading system shows, with links into the book or out of it."""

    def __init__(self, page: Page, addresses: set[str], published: str):
        super().__init__()
        self.page, self.addresses, self.published = page, addresses, published
        self.out: list[str] = []
        self.open: list[str] = []
        self.muted = 0  # how many of the open tags are left out with all that is in them
        self.islands: list[str] = []
        self.feed(ISLAND.sub(self.set_aside, page.article))
        self.close()
        while self.open:
            self.handle_endtag(self.open[-1])

    def set_aside(self, match: re.Match) -> str:
        """Drawings and formulas are XML as they stand; a comment keeps their place."""
        self.islands.append(island(match[1], match[0]))
        return f"<!--{len(self.islands) - 1}-->"

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        classes = found.get("class", "").split()
        dropped = tag in DROPPED_TAGS or DROPPED_CLASSES.intersection(classes)
        if tag not in VOID:
            self.open.append(tag)
            self.muted += bool(dropped or self.muted)
        if dropped or self.muted:
            return
        kept = "".join(f' {name}="{html.escape(value)}"' for name, value in self.kept(tag, found))
        self.out.append(f"<{tag}{kept}/>" if tag in VOID else f"<{tag}{kept}>")

    def kept(self, tag: str, found: dict[str, str]) -> Iterator[tuple[str, str]]:
        for name, value in found.items():
            if name.startswith(("data-", "on")) or name in ("tabindex", "download", "hreflang"):
                continue
            if name == "id":
                value = value.replace(":", "-")  # XML allows no colon there
            if name == "href":
                value = self.link(value)
            if value or name not in ("href", "id"):
                yield name, value

    def link(self, href: str) -> str:
        """Into the book, to the published site, or elsewhere; empty where that is not known."""
        parts = urlsplit(href)
        if parts.scheme:
            return href
        anchor = "#" + unquote(parts.fragment).replace(":", "-") if parts.fragment else ""
        if not parts.path and not parts.query:
            return anchor
        goal = urljoin("/" + self.page.address, parts.path).lstrip("/")
        if goal in self.addresses:
            return file_of(goal) + anchor
        return urljoin(self.published + self.page.address, href) if self.published else ""

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or tag not in self.open:
            return
        while (last := self.open.pop()) is not None:
            if not self.muted:
                self.out.append(f"</{last}>")
            self.muted -= bool(self.muted)
            if last == tag:
                return

    def handle_data(self, data: str) -> None:
        if not self.muted:
            self.out.append(html.escape(data, quote=False))

    def handle_comment(self, data: str) -> None:
        if not self.muted and data.isdigit():
            self.out.append(self.islands[int(data)])

    @property
    def xhtml(self) -> str:
        return "".join(self.out)


def island(kind: str, xml: str) -> str:
    """A drawing in the colours of paper, or a formula, as the format's schemas want them."""
    xml = re.sub(r"var\(--\w+\)", lambda match: LIGHT.get(match[0], match[0]), xml)
    xml = NAMED.sub(lambda match: html.unescape(match[0]), xml)
    namespace = NAMESPACES[kind]
    if "xmlns=" not in xml.partition(">")[0]:
        xml = xml.replace(f"<{kind}", f'<{kind} xmlns="{namespace}"', 1)
    root = ElementTree.fromstring(xml)
    root.attrib.pop("tabindex", None)
    for parent in list(root.iter()):
        for place, child in enumerate(list(parent)):
            if child.tag == f"{{{namespace}}}path" and "d" not in child.attrib:
                parent.remove(child)
            elif kind == "math":
                parent[place] = styled(child)
    ElementTree.register_namespace("", namespace)
    return ElementTree.tostring(root, encoding="unicode")


def styled(element: ElementTree.Element) -> ElementTree.Element:
    """In MathML 3 a style stands on an element of its own; browsers take it on any."""
    style = {name: element.attrib.pop(name) for name in STYLES.intersection(element.attrib)}
    if not style:
        return element
    around = ElementTree.Element(f"{{{NAMESPACES['math']}}}mstyle", dict(sorted(style.items())))
    around.tail, element.tail = element.tail, None
    around.append(element)
    return around


def read_pages(site: Path, language: str) -> Iterator[Page]:
    """The pages in the order of the nav: those of a part, sections and all, are below its own."""
    config, prefix = LANGUAGES[language]
    for part in read_nav(config, ROOT)[0].entries:
        depth, name = part.key
        if not name:
            continue
        place = address(name)
        text = (site / prefix / place / "index.html").read_text(encoding="utf-8")
        article = ARTICLE.search(text)[1]
        title = html.unescape(re.sub(r"<a\b.*?</a>|<[^>]+>", "", H1.search(article)[1])).strip()
        chapter = depth > 1 and not name.endswith("/index.md")
        yield Page(place, 2 if chapter else 1, title, article)


def contents(pages: list[Page]) -> str:
    """The nested lists of the table of contents."""
    shown, depth = "", 0
    for page in pages:
        level = min(page.depth, depth + 1)
        shown += "<ol>" if level > depth else "</li>" + "</ol></li>" * (depth - level)
        shown += f'<li><a href="{page.file}">{html.escape(page.title)}</a>'
        depth = level
    return shown + "</li></ol>" * depth


def template(name: str, **values: str) -> str:
    """A file of tools/epub with `[name]` replaced."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    return re.sub(r"\[(\w+)\]", lambda match: values[match[1]], text)


def properties(xhtml: str) -> str:
    names = [name for name, mark in (("mathml", "<math"), ("svg", "<svg")) if mark in xhtml]
    return f' properties="{" ".join(names)}"' if names else ""


def make(site: Path, language: str) -> dict[str, bytes]:
    """The files of one language's EPUB, in the order that the format asks for."""
    prefix, words = LANGUAGES[language][1], WORDS[language]
    home = (site / prefix / "index.html").read_text(encoding="utf-8")
    about = {
        "language": language, **{name: html.escape(word) for name, word in words.items()},
        "title": re.search(r'<meta property="og:site_name" content="([^"]*)"|<title>(.*?)</title>',
                           home)[2].partition(" - ")[0],
        "description": re.search(r'<meta name="description" content="([^"]*)"', home)[1],
    }  # fmt: skip
    published = re.search(r'<link rel="canonical" href="([^"]*)"', home)
    published = published[1] if published and "127.0.0.1" not in published[1] else ""
    pages = list(read_pages(site, language))
    addresses = {page.address for page in pages}
    files, manifest, spine = {}, [], []
    for page in pages:
        body = Chapter(page, addresses, published).xhtml
        text = template("chapter.xhtml", **about | {"title": html.escape(page.title)}, body=body)
        check(text, page)
        name = page.file.removesuffix(".xhtml")
        manifest.append(f'<item id="p-{name}" href="{page.file}" '
                        f'media-type="application/xhtml+xml"{properties(body)}/>')  # fmt: skip
        spine.append(f'<itemref idref="p-{name}"/>')
        files[page.file] = text.encode()
    about |= {
        "identifier": str(uuid.uuid5(uuid.NAMESPACE_URL, f"matmul-book/{language}")),
        "manifest": "\n    ".join(manifest), "spine": "\n    ".join(spine),
        "toc": contents(pages), "modified": newest_run(files),
    }  # fmt: skip
    colours = {name: getattr(palette, name) for name in ("A", "B", "C", "INK", "SOFT", "LINE",
                                                        "ACCENT", "PAPER")}  # fmt: skip
    shell = {
        name: template(name, **about, **colours).encode()
        for name in ("content.opf", "nav.xhtml", "cover.xhtml", "cover.svg", "style.css")
    }
    container = (FOLDER / "container.xml").read_bytes()
    inside = {f"OEBPS/{name}": data for name, data in (shell | files).items()}
    inside["OEBPS/stix-two-math.woff2"] = FONT.read_bytes()
    return {"mimetype": b"application/epub+zip", "META-INF/container.xml": container} | inside


def newest_run(files: dict[str, bytes]) -> str:
    """When the last of the experiments ran: the book's date, whenever the file was packed."""
    days = re.findall(rb"<dd>(\d{4}-\d\d-\d\d)</dd>", b"".join(files.values()))
    return f"{max(days, default=b'2026-01-01').decode()}T00:00:00Z"


def check(text: str, page: Page) -> None:
    try:
        ElementTree.fromstring(text)
    except ElementTree.ParseError as fault:
        raise SystemExit(f"{page.address or 'index'}: not well-formed: {fault}") from fault


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("site", nargs="?", type=Path, default=ROOT / "site")
    parser.add_argument("target", nargs="?", type=Path, default=ROOT / "dist")
    arguments = parser.parse_args()
    if not (arguments.site / "index.html").is_file():
        sys.exit(f"there is no site in {arguments.site}: build it first")
    for language in LANGUAGES:
        target = arguments.target / f"matmul-book-{language}.epub"
        pack(make(arguments.site, language), target)
        print(f"{target}: {target.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
