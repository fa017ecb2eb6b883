"""A page's first use of each term is linked, with what it means; nothing else is."""

import re

import markdown
import pytest
from material.plugins.search.plugin import Parser

from weave.context import Context
from weave.edition import read_editions
from weave.glossary import GLOSSARY, read_glossary
from weave.search import lean
from weave.shelf import Shelf

TERMS = """\
- zh: 秩
  en: rank
  page: part/home#rank
  says: {zh: 有 $r$ 个方向。, en: It has $r$ directions.}
- zh: 有效秩
  en: effective rank
  page: part/home#effective
  says: {zh: 算出来的秩。, en: A rank that is computed.}
- zh: 秩亏
  en: rank deficit
  page: part/home#rank
  says: {zh: 差几个方向。, en: Directions that lack.}
- zh: 单位阵
  en: identity matrix
  page: [other/home#one, part/home#rank]
  says: {zh: 不变。, en: "Nothing <moves>."}
- zh: 增益
  en: gain
  page: other/home#gain
  says: {zh: 倍数。, en: A factor.}
  everyday: en
- zh: 轴
  en: axis
  page: other/home#axis
  says: {zh: 方向。, en: A direction.}
  except: {zh: [横轴], en: [horizontal axis]}
"""
EXTENSIONS = [
    "admonition", "attr_list", "def_list", "footnotes", "pymdownx.arithmatex", "pymdownx.details",
    "pymdownx.superfences", "tables", "weave.markdown",
]  # fmt: skip
FRONT = "---\ntitle: T\ndescription: D.\n---\n"
LINK = re.compile(
    r'<a class="term" href="(.*?)">([^<]*)<small data-search-exclude>(.*?)</small></a>', re.DOTALL
)


@pytest.fixture
def page(book):
    """`page(english, chinese, ...)` is the HTML of one of the two, `topic` or another."""

    def convert(en: str, zh: str = "", language: str = "en", name: str = "part/topic") -> str:
        book.write(GLOSSARY, TERMS)
        book.write(f"docs/en/{name}.md", FRONT + en)
        book.write(f"docs/zh/{name}.md", FRONT + zh)
        context = Context(book.root, language, f"docs/{language}/{name}.md", shelf=shelf(language))
        options = {"weave.markdown": {"context": context},
                   "pymdownx.arithmatex": {"generic": True}}  # fmt: skip
        chapter = context.shelf.pages[f"{name}.md"]
        return markdown.markdown(chapter.body, extensions=EXTENSIONS, extension_configs=options)

    def shelf(language: str) -> Shelf:
        editions = {edition.language: edition for edition in read_editions(book.root, ("zh", "en"))}
        others = {other: editions[other].pages for other in editions if other != language}
        pages, terms = editions[language].pages, read_glossary(book.root)[0]
        return Shelf(language=language, pages=pages, root=book.root, terms=terms, others=others)

    convert.shelf = shelf
    return convert


def linked(shown: str) -> list[str]:
    return [text for _, text, _ in LINK.findall(shown)]


def test_the_first_use_is_linked_to_where_the_book_explains_it_and_says_what_it_means(page):
    shown = page("A rank, and the rank again. Many *identity matrices*.")
    first, second = LINK.findall(shown)
    assert first[:2] == ("../home/#rank", "rank") and "<math" in first[2]
    assert second == ("../../other/home/#one", "identity matrices", "Nothing <moves>.")
    assert "and the rank again." in shown


def test_the_sentence_is_in_the_language_of_the_page(page):
    shown = page("A rank.", "秩有效秩。", "zh")
    assert linked(shown) == ["秩", "有效秩"]
    assert LINK.findall(shown)[1][2] == "算出来的秩。"


def test_a_longer_name_is_not_cut(page):
    shown = page("An effective rank, the effective rank, a rank.", "有效秩，有效秩，秩。")
    assert linked(shown) == ["effective rank", "rank"]
    assert linked(page("", "有效秩，有效秩，秩。", "zh")) == ["有效秩", "秩"]
    assert linked(page("The rank deficit, then the rank.")) == ["rank deficit", "rank"]


@pytest.mark.parametrize("text", ["Ranking", "low-rank", "frank", "rank-one", "`rank`", "$rank$"])
def test_a_name_inside_another_word_is_none(page, text):
    assert linked(page(f"{text} and a rank.")) == ["rank"]
    assert re.search(r"and a <a", page(f"{text} and a rank."))


def test_capitals_plurals_and_line_breaks_do_not_matter(page):
    assert linked(page("Effective\nranks and Axes.")) == ["Effective\nranks", "Axes"]


def test_chinese_words_are_kept_whole(page):
    assert linked(page("", "秩序井然，单位阵列。满秩。", "zh")) == ["秩"]
    assert "满<a" in page("", "秩序井然，单位阵列。满秩。", "zh")


NO_PROSE = {
    "heading": "## A rank { #a-rank }",
    "link": "See [the rank](a.md).",
    "code": "```\nrank\n```",
    "display formula": "$$\n\\text{rank}\n$$",
    "table": "| rank |\n| --- |\n| rank |",
    "box's title": '!!! note "The rank"\n    Text.',
    "fold's title": '??? note "The rank"\n    Text.',
    "list of places": "rank\n:   The rank.\n\n    The rank.",
    "footnote": "Text.[^a]\n\n[^a]: The rank.",
    "comment": "<!-- rank -->",
    "image": "![rank](a.png)",
}


@pytest.mark.parametrize("name", NO_PROSE)
def test_only_running_text_is_linked(page, name):
    text = NO_PROSE[name]
    in_list = "- Text.\n\n" + "\n".join(f"    {line}" for line in text.split("\n"))
    assert linked(page(f"Text.\n\n{text}\n")) == linked(page(in_list)) == []
    assert "<p>The <a" in page(f"Text.\n\n{text}\n\nThe rank.\n")


@pytest.mark.parametrize("text", ["- A rank", "!!! note \"T\"\n    A rank.", "> A rank."])
def test_text_in_lists_and_boxes_is_linked(page, text):
    assert linked(page(text)) == ["rank"]


@pytest.mark.parametrize("name", ["part/home", "other/home"])
def test_the_page_that_explains_a_term_does_not_link_to_itself(page, name):
    shown = page("A rank, an effective rank, an identity matrix.", name=name)
    assert linked(shown) == ([] if name == "part/home" else ["rank", "effective rank"])


def test_the_list_of_terms_links_nothing(page):
    assert linked(page("A rank.\n\n```glossary\n```\n")) == []


def test_an_expression_that_only_holds_the_name_is_not_linked(page):
    assert linked(page("The horizontal axis, the horizontal axes.")) == []
    assert linked(page("The horizontal axis, then an axis.")) == ["axis"]
    assert linked(page("", "横轴和轴。", "zh")) == ["轴"]


def test_a_word_of_every_day_is_linked_if_the_twin_uses_the_term(page):
    assert linked(page("There is little to gain.", "所得无几。")) == []
    assert linked(page("The gain is two.", "增益是二。")) == ["gain"]
    assert linked(page("The factor.", "增益是二。", "zh")) == ["增益"]


def test_a_page_is_made_again_if_a_term_that_it_uses_changes_and_for_no_other(page, book):
    def keys() -> dict[str, str]:
        shelf = page.shelf("en")
        return {name: shelf.shown_on(name, chapter) for name, chapter in shelf.pages.items()}

    page("A gain.", "增益。")
    page("A rank.", name="part/second")
    before = keys()
    book.write(GLOSSARY, TERMS.replace("A factor.", "How many times."))
    assert {name for name, key in keys().items() if key != before[name]} == {"part/topic.md"}
    book.write(GLOSSARY, TERMS)
    assert keys() == before
    book.write("docs/zh/part/topic.md", FRONT + "所得无几。")
    assert {name for name, key in keys().items() if key != before[name]} == {"part/topic.md"}


def test_the_search_reads_the_sentence_without_the_tooltip(page):
    parser = Parser()
    parser.feed(lean(page("# Top { #top }\n\nA rank is **small**.")))
    (section,) = parser.data
    assert "".join(section.text).strip() == "<p>A rank is small.</p>"
