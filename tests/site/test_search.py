"""What a reader types finds the page that is meant: through the site's own search, in a browser."""

import pytest
import yaml

from weave.edition import address

from .conftest import EDITIONS, ROOT
from .test_controls import search

QUERIES = yaml.safe_load((ROOT / "tests/site/queries.yml").read_text(encoding="utf-8"))
PREFIXES = {"zh": "", "en": "en/"}

# Types each query into the search box, and tells the pages that are found, in their order.
ASK = """async queries => {
  const input = document.querySelector("[name=query]");
  const said = document.querySelector(".md-search-result__meta");
  const type = words => new Promise(resolve => {
    const observer = new MutationObserver(() => { observer.disconnect(); resolve(); });
    observer.observe(said, { childList: true, characterData: true, subtree: true });
    input.value = words;
    input.dispatchEvent(new KeyboardEvent("keyup"));
  });
  const found = {};
  for (const query of queries) {
    await type("");
    await type(query);
    const items = [...document.querySelectorAll(".md-search-result__item a:first-child")];
    found[query] = items.map(link => link.href.replace(/[?#].*/, ""));
  }
  return found;
}"""


@pytest.fixture
def searching(visit, below):
    """`searching("zh")`: a page of that language whose search is ready."""

    def open_search(language: str):
        shown = visit(below + PREFIXES[language])
        shown.page.click("[name=query]")
        search(shown.page, "a").first.wait_for()
        return shown

    return open_search


@pytest.mark.parametrize("language", QUERIES)
def test_each_query_finds_its_page_first_or_second(searching, below, language):
    queries = {str(query): page for query, page in QUERIES[language].items()}
    assert len(queries) >= 40
    root = below + PREFIXES[language]
    shown = searching(language)
    found = shown.page.evaluate(ASK, list(queries))
    missed = {
        query: [link.removeprefix(root) for link in found[query][:3]]
        for query, page in queries.items()
        if root + address(f"{page}.md") not in found[query][:2]
    }
    assert not missed, "\n".join(f"{query}: {pages}" for query, pages in missed.items())
    assert shown.complaints == []


@pytest.mark.parametrize("language", QUERIES)
def test_each_query_names_a_page(language):
    pages = {page.rpartition(".")[0] for page in EDITIONS[language].pages}
    assert set(QUERIES[language].values()) <= pages


def test_a_slip_of_the_finger_is_forgiven(searching, below):
    page = searching("en").page
    found = page.evaluate(ASK, ["kroneker", "broadcsting"])
    assert below + "en/inner-outer/concepts/" in found["kroneker"][:2]
    assert found["broadcsting"][0] == below + "en/foundations/broadcasting/"
    # All words together are a name; nobody typed it, so no page is said to lack it.
    page.evaluate(ASK, ["multi head attention"])
    missing = page.locator(".md-search-result__terms del").all_text_contents()
    assert set(missing) == {"multi", "head", "attention"}


@pytest.mark.parametrize("language", QUERIES)
def test_nothing_found_leads_to_the_glossary(searching, below, language):
    page = searching(language).page
    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280  # it opens within the page
    hint = page.locator(".search-hint")
    assert hint.is_hidden()
    page.evaluate(ASK, ["qqqqqqqq"])
    assert hint.is_visible()
    hint.locator("a").click()
    page.wait_for_url(f"{below}{PREFIXES[language]}reference/glossary/")
