"""The EPUB holds what the site holds, and nothing that a reading system cannot show."""

import io
import re
import zipfile
from xml.etree import ElementTree

import pytest

from tools import epub, offline

from .conftest import built_pages

OPF = "{http://www.idpf.org/2007/opf}"
MATH, DRAWING = "{http://www.w3.org/1998/Math/MathML}math", "{http://www.w3.org/2000/svg}svg"


@pytest.fixture(scope="module", params=epub.LANGUAGES)
def language(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def files(built, language) -> dict[str, bytes]:
    return epub.make(built, language)


@pytest.fixture(scope="module")
def chapters(files) -> dict[str, ElementTree.Element]:
    """Each XHTML file, parsed."""
    return {name.removeprefix("OEBPS/"): ElementTree.fromstring(data)
            for name, data in files.items() if name.endswith(".xhtml")}  # fmt: skip


def test_the_package_lists_every_file_and_every_page_in_order(files, language):
    package = ElementTree.fromstring(files["OEBPS/content.opf"])
    listed = {item.get("href"): item.get("id") for item in package.iter(f"{OPF}item")}
    there = {name.removeprefix("OEBPS/") for name in files if name.startswith("OEBPS/")}
    assert set(listed) == there - {"content.opf"}
    read = [item.get("idref") for item in package.iter(f"{OPF}itemref")]
    assert len(read) == len(set(read)) and set(read) <= set(listed.values())
    assert {epub.file_of(page) for page in built_pages(language)} <= set(listed)
    assert package.findtext(".//{http://purl.org/dc/elements/1.1/}language") == language


def test_formulas_and_figures_are_those_of_the_site(built, chapters, language):
    prefix = epub.LANGUAGES[language][1]
    for page in built_pages(language):
        site = (built / prefix / page.lstrip("/") / "index.html").read_text(encoding="utf-8")
        left_out = r'<button.*?</button>|<small.*?</small>'
        article = re.sub(left_out, "", epub.ARTICLE.search(site)[1], flags=re.S)
        chapter = chapters[epub.file_of(page)]
        for tag, mark in ((MATH, "<math"), (DRAWING, "<svg")):
            assert len(list(chapter.iter(tag))) == article.count(mark), (page, tag)


def test_links_inside_lead_somewhere(chapters):
    ids = {name: {element.get("id") for element in tree.iter()} for name, tree in chapters.items()}
    for name, tree in chapters.items():
        for element in tree.iter("{http://www.w3.org/1999/xhtml}a"):
            link = element.get("href", "https:")
            if not re.match(r"[a-z]+:", link):
                file, _, anchor = link.partition("#")
                assert not anchor or anchor in ids[file or name], f"{name}: {link}"
                assert (file or name) in ids, f"{name}: {link}"


def test_there_is_nothing_to_run_or_to_press(files):
    text = b"".join(data for name, data in files.items() if name.endswith(".xhtml")).decode()
    assert not re.search(r"<(?:script|button|form|input|iframe)\b|\son\w+=|var\(--", text)


def test_an_article_becomes_xhtml():
    article = ('<h1 id="a">A<a class="headerlink" href="#a">&para;</a></h1><p data-x=1>1 &lt; 2<br>'
               '<a href="../b/#fn:1">b</a> <a href="../../x.csv">x</a><button>Copy</button>'
               '<math><mfrac displaystyle="true"><mi>&alpha;</mi><mn>2</mn></mfrac></math>')
    page = epub.Page("part/a/", 1, "A", article)
    shown = epub.Chapter(page, {"part/a/", "part/b/"}, "https://example.org/").xhtml
    assert shown == (
        '<h1 id="a">A</h1><p>1 &lt; 2<br/><a href="part-b.xhtml#fn-1">b</a> '
        '<a href="https://example.org/x.csv">x</a>'
        '<math xmlns="http://www.w3.org/1998/Math/MathML"><mstyle displaystyle="true">'
        "<mfrac><mi>α</mi><mn>2</mn></mfrac></mstyle></math></p>"
    )


def test_the_contents_nest_as_the_parts_do():
    pages = [epub.Page(f"{name}/", depth, name, "") for name, depth in zip("abcd", (1, 1, 2, 1))]
    shown = re.sub(r'<a href="(.).xhtml">.</a>', r"\1", epub.contents(pages))
    assert shown == "<ol><li>a</li><li>b<ol><li>c</li></ol></li><li>d</li></ol>"


def test_the_file_begins_as_the_format_asks_and_is_the_same_each_time(files, tmp_path):
    for name in ("a.epub", "b.epub"):
        offline.pack(files, tmp_path / name)
    data = (tmp_path / "a.epub").read_bytes()
    assert data == (tmp_path / "b.epub").read_bytes()
    assert data[30:58] == b"mimetypeapplication/epub+zip"
    assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None
