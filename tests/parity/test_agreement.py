"""The reader sees in every chapter what the site's own Markdown converter sees."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown import Markdown
from mkdocs.utils.yaml import yaml_load

from weave.structure import Chapter, read_chapter

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = sorted(file.relative_to(ROOT).as_posix() for file in (ROOT / "docs").rglob("*.md"))


class Seen(HTMLParser):
    """What a converted page consists of, in order."""

    def __init__(self, page: str):
        super().__init__()
        self.headings, self.boxes, self.links, self.images = [], [], [], []
        self.formulas = self.tables = 0
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        style = (found.get("class") or "").split()
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((int(tag[1]), found.get("id", "")))
        elif "admonition" in style or tag == "details":
            self.boxes.append([name for name in style if name != "admonition"])
        elif tag == "a" and not style:  # marks of footnotes and headings have a class
            self.links.append(found["href"])
        elif tag == "img":
            self.images.append(found["src"])
        self.formulas += "arithmatex" in style
        self.tables += tag == "table"


@pytest.fixture(scope="module")
def converter() -> Markdown:
    extensions = yaml_load((ROOT / "mkdocs.yml").read_text("utf-8"))["markdown_extensions"]
    return Markdown(extensions=list(extensions), extension_configs=extensions)


def agree(chapter: Chapter, converter: Markdown) -> None:
    seen = Seen(converter.reset().convert(chapter.body))
    # The texts of figures stand in fences, which the bare converter shows as code.
    fences = {line for s in chapter.snippets for line in range(s.line, s.end + 1)}
    links = [link for link in chapter.links if link.line not in fences]
    formulas = [formula for formula in chapter.formulas if formula.line not in fences]
    assert seen.headings == [(heading.level, heading.id) for heading in chapter.headings]
    assert seen.boxes == [admonition.type.split()[1:] for admonition in chapter.admonitions]
    assert seen.formulas == len(formulas)
    assert seen.tables == len(chapter.tables)
    assert sorted(seen.links) == sorted(link.target for link in links if not link.image)
    assert sorted(seen.images) == sorted(link.target for link in links if link.image)


@pytest.mark.parametrize("path", CHAPTERS)
def test_the_reader_agrees_with_the_converter_on_the_book(path, converter):
    agree(read_chapter(path, ROOT), converter)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_reader_agrees_with_the_converter_on_the_specimen(language, book, converter):
    """The specimen nests fences, hides code and uses every notation of a link."""
    agree(read_chapter(f"docs/{language}/mechanics/rounding.md", book.root), converter)
