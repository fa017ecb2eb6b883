"""Every page, light and dark, wide and narrow: whole, quiet, and without a request elsewhere."""

import re
import xml.etree.ElementTree as ElementTree
from urllib.parse import urljoin, urlsplit

import pytest

from weave.edition import address, name_of
from weave.links import check_site
from weave.nav import read_nav

from .conftest import EDITIONS, PAGES, ROOT, built_pages

PAPER = {"light": "rgb(252, 251, 248)", "dark": "rgb(21, 24, 28)"}

# What stands out of the page to the right and cannot be scrolled to within a box of its own.
STICKS_OUT = """() => [...document.querySelectorAll("article *")].filter(element => {
  if (element.getBoundingClientRect().right <= innerWidth + 1) return false;
  if (element.ownerSVGElement?.closest(".is-live")) return false; // its grid is clipped
  for (let box = element.parentElement; box; box = box.parentElement)
    if (["auto", "scroll"].includes(getComputedStyle(box).overflowX)) return false;
  return true;
}).map(element => element.outerHTML.slice(0, 120))"""


def test_there_are_pages_in_both_languages():
    assert {"/", "en/"} <= {path or "/" for path in PAGES}
    assert built_pages("zh") == built_pages("en")


def test_every_link_and_anchor_of_the_built_site_leads_somewhere(built):
    problems = check_site(built)
    assert not problems, "\n".join(map(str, problems))


@pytest.mark.parametrize("path", PAGES)
def test_page_is_quick_to_draw(texts, path):
    """Each point of a scatter plot is an element: thousands take a phone many seconds."""
    assert len(texts[path].encode()) < 600_000
    assert texts[path].count("<use") < 2500


def moved(shown) -> float:
    """Cumulative layout shift so far."""
    return shown.page.evaluate("shifts")


def says_what_it_is(page, path: str) -> None:
    """Its language, title and description, its navigations by name, and where its twin is."""
    language = "en" if path.startswith("en/") else "zh"
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator("h1").count() == 1
    assert page.locator("meta[name=description]").get_attribute("content")
    names = page.locator("nav[aria-labelledby]").evaluate_all(
        "navs => navs.map(nav => nav.ariaLabelledByElements[0].textContent.trim())")
    assert all(names) and len(set(names)) == len(names)
    plain = path.removeprefix("en/")
    links = page.locator("head link[hreflang]").evaluate_all(
        "links => Object.fromEntries(links.map(link => [link.hreflang, link.href]))")
    root = "https://example.org/matmul-book/"
    assert links == {"zh": root + plain, "en": f"{root}en/{plain}"}
    # Material's script would ask for a sitemap below each link that it finds so:
    assert page.locator("head link[rel=alternate]").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_page(visit, below, path, scheme):
    start = {"width": 1440 if scheme == "light" else 390, "color_scheme": scheme}
    shown = visit(below + path, **start)
    if scheme == "light":  # what a page asks for and says does not depend on its colours
        shown.page.wait_for_load_state("networkidle")
        says_what_it_is(shown.page, path)
    # On a busy machine a font can come after the first paint; what moves each time is the page's.
    visits = [shown, *(visit(below + path, **start) for _ in range(2) if moved(shown) > 0.01)]
    assert min(map(moved, visits)) <= 0.01
    paper = shown.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == PAPER[scheme]
    for width in (1440, 390, 320) if scheme == "light" else (390,):
        shown.page.set_viewport_size({"width": width, "height": 900})
        assert shown.page.evaluate("document.documentElement.scrollWidth") <= width
        assert shown.page.evaluate(STICKS_OUT) == []
    assert shown.foreign() == []
    assert shown.complaints == []
    assert shown.asked_for("search_index.json") == 0
    assert shown.asked_for("sitemap.xml") == 0


@pytest.mark.parametrize("part", [prefix + folder.name + "/" for prefix in ("", "en/")
                                  for folder in sorted((ROOT / "docs/zh").iterdir())
                                  if (folder / "index.md").is_file()])
def test_a_part_opens_with_its_chapters_in_order(visit, below, part):
    """Each with its title, and with all that lie in sections of the part."""
    page = visit(below + part).page
    language = "en" if part.startswith("en/") else "zh"
    folder = part.removeprefix("en/")
    name = "mkdocs.en.yml" if language == "en" else "mkdocs.yml"
    nav = [entry.key[1] for entry in read_nav(name, ROOT)[0].entries if entry.key[1]]
    chapters = [path for path in nav if path.startswith(folder) and path != f"{folder}index.md"]
    prefix = "en/" if language == "en" else ""
    opener = page.locator("article dt a")
    assert opener.evaluate_all("links => links.map(link => link.href)") == [
        f"{below}{prefix}{name_of(path)}/" for path in chapters
    ]
    titles = [EDITIONS[language].shown[path].meta["title"] for path in chapters]
    assert opener.all_inner_texts() == titles


def test_sitemaps_list_every_page_with_its_twin(built):
    names = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9",
             "x": "http://www.w3.org/1999/xhtml"}
    written = {  # a notice is not listed, and nobody's twin
        language: [address(page).lstrip("/") for page in edition.pages]
        for language, edition in EDITIONS.items()
    }
    for prefix, language in (("", "zh"), ("en/", "en")):
        tree = ElementTree.parse(built / prefix / "sitemap.xml")
        listed = [url.findtext("s:loc", namespaces=names) for url in tree.iterfind("s:url", names)]
        root = "https://example.org/matmul-book/" + prefix
        assert sorted(listed) == sorted(root + page for page in written[language])
        for url in tree.iterfind("s:url", names):
            twins = [link.get("href") for link in url.iterfind("x:link", names)]
            assert url.findtext("s:loc", namespaces=names) in twins
            page = url.findtext("s:loc", namespaces=names).removeprefix(root)
            assert len(twins) == sum(page in pages for pages in written.values())
            for twin in twins:
                path = urlsplit(twin).path.removeprefix("/matmul-book/")
                assert (built / path / "index.html").is_file(), twin


def test_not_found_in_both_languages_at_any_depth(visit, below):
    shown = visit(below + "no/such/page/at-all/")
    assert "没有这一页" in shown.page.inner_text("article")
    assert "No such page" in shown.page.inner_text("article")
    missing = [line for line in shown.complaints if "no/such/page" not in line]
    assert missing == []  # style, script and font were found from here
    homes = shown.page.locator("article a").evaluate_all("links => links.map(link => link.href)")
    assert [urlsplit(home).path for home in homes] == ["/matmul-book/", "/matmul-book/en/"]
    assert shown.page.locator("meta[http-equiv=Content-Security-Policy]").count() == 1
    shown.page.click(".language")
    shown.page.wait_for_url(below + "en/")


@pytest.mark.parametrize("path", PAGES)
def test_each_page_links_to_its_twin(texts, path):
    """Without a script, too: the link is in the page, and leads from language to language."""
    (link,) = re.findall(r'class="[^"]*\blanguage" href="([^"]*)"', texts[path])
    twin = path.removeprefix("en/") if path.startswith("en/") else "en/" + path
    assert urljoin(f"https://example.org/{path}", link) == f"https://example.org/{twin}"
