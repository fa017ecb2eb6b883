"""What a reader does with a page: change language and palette, search, copy, read formulas."""

import html
import re

import pytest

from weave.site import SEARCH

from .conftest import ROOT

DIALOG = "[data-md-component=search]"


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("path", ["", "language/", "mechanics/rounding/"])
def test_language_link_keeps_the_page(visit, base, path, javascript):
    page = visit(base + path, java_script_enabled=javascript).page
    page.click(".language")
    page.wait_for_url(base + "en/" + path)
    page.click(".language")
    page.wait_for_url(base + path)


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize(("here", "there"), [("", "en/"), ("en/", "")])
def test_language_link_keeps_the_section(visit, base, here, there, width):
    page = visit(f"{base}{here}#run-it", width=width).page
    page.click(".language")
    page.wait_for_url(f"{base}{there}#run-it")
    top = page.locator("#run-it").bounding_box()["y"]
    assert 40 <= top <= 200  # below the header, not behind it


def test_language_link_follows_the_reader(visit, below):
    """Scrolled to, with no word of it in the address."""
    page = visit(below).page
    page.evaluate("document.querySelector('#run-it').scrollIntoView()")
    page.locator(".md-nav--secondary .md-nav__link--active[href='#run-it']").last.wait_for()
    page.click(".language")
    page.wait_for_url(f"{below}en/#run-it")


def test_the_palette_is_kept_across_pages_and_languages(visit, below):
    page = visit(below, color_scheme="light").page
    page.locator(".palette").click()
    page.locator("body[data-md-color-scheme=slate]").wait_for()
    page.click(".language")
    page.locator("html[lang=en] body[data-md-color-scheme=slate]").wait_for()


def test_the_palette_follows_the_system_until_one_is_chosen(visit, below):
    page = visit(below, color_scheme="dark").page
    shows = lambda scheme: page.locator(f"body[data-md-color-scheme={scheme}]").wait_for()  # noqa: E731
    shows("slate")
    page.emulate_media(color_scheme="light")
    shows("default")
    page.goto(below + "en/")
    page.emulate_media(color_scheme="dark")
    shows("slate")
    page.locator(".palette").press("Enter")
    shows("default")
    page.emulate_media(color_scheme="light")
    page.emulate_media(color_scheme="dark")
    page.reload()
    shows("default")


def search(page, words: str):
    """Type as a reader does: input methods send a keyup, which the browser's driver does not."""
    page.fill("[name=query]", words)
    page.dispatch_event("[name=query]", "keyup")
    return page.locator(".md-search-result__item a.md-search-result__link")


WORDS = {
    "": ("矩阵乘法", "谱范数", "数量级", "随机", "检验", "float32"),
    "en/": ("matmul", "spectral norms", "magnitude", "layers", "float32"),
}


@pytest.mark.parametrize(
    ("language", "words"), [(language, words) for language in WORDS for words in WORDS[language]]
)
def test_search_finds(visit, base, language, words):
    page = visit(base + language).page
    page.click("[name=query]")
    first = search(page, words).first
    first.wait_for()
    found = first.get_attribute("href").split("?")[0]
    assert found.startswith(base + language) and page.request.get(found).status == 200
    assert page.locator(".md-search-result__item mark").count() > 0


def test_search_in_one_language_does_not_find_the_other(visit, below):
    page = visit(below + "en/").page
    page.click("[name=query]")
    search(page, "教科书")  # a word of the Chinese home page, and no term of the glossary
    page.locator(".md-search-result__meta", has_text="No matching").wait_for()


def test_the_index_holds_what_is_written_and_run_but_no_machine_cards(built):
    index = (built / "search/search_index.json").read_text(encoding="utf-8").replace("\u200b", "")
    assert "norm of the product" in index  # code and output
    assert "运行日期" not in index and "自己跑一遍</summary>" not in index


@pytest.mark.parametrize("width", [1440, 390])
def test_the_index_and_scripts_come_with_the_first_focus(visit, base, width):
    shown = visit(base, width=width)
    shown.page.wait_for_load_state("networkidle")
    assert shown.asked_for("search") == 0
    with shown.page.expect_response("**/search_index.json"):
        shown.page.click("[name=query]" if width == 1440 else ".md-header label[for=__search]")
    search(shown.page, "范数").first.wait_for()
    assert shown.asked_for("search_index.json") == 1
    assert shown.asked_for("assets/js/search.js") == 1
    assert shown.page.locator(DIALOG).get_attribute("aria-label") == SEARCH["zh"]


def test_a_linked_search_needs_no_focus(visit, below):
    shown = visit(below + "?q=谱范数")
    shown.page.locator(".md-search-result__item").first.wait_for()


def test_copy_takes_the_code_and_nothing_else(visit, below):
    page = visit(below, permissions=["clipboard-read", "clipboard-write"]).page
    box = page.locator(".snippet", has_text="norm of the product").last
    box.locator(".copy").click()
    box.locator(".copy", has_text="已复制").wait_for()
    source = (ROOT / "snippets/index.py").read_text(encoding="utf-8")
    region = source.split("[start:growth]\n")[1].split("    # --8<--")[0]
    expected = "".join(line.removeprefix("    ") for line in region.splitlines(keepends=True))
    assert page.evaluate("navigator.clipboard.readText()") == expected
    plain = page.locator(".highlight", has_text="make serve")
    plain.locator(".copy").click()
    plain.locator(".copy", has_text="已复制").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "make serve\nmake test\n"


def test_the_command_of_a_snippet_unfolds(visit, below):
    page = visit(below + "en/", width=390).page
    run = page.locator(".snippet-run:visible").last
    run.locator("summary").click()
    assert run.locator("code").inner_text() == "python -m snippets.index"


def wait_until(page, condition: str) -> None:
    """Ask from outside: `wait_for_function` polls inside the page, where its policy forbids it."""
    for _ in range(200):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never true: {condition}")


def test_what_scrolls_takes_the_keyboard(visit, below):
    page = visit(below, width=320).page
    figure = page.locator(".woven-scroll").first
    assert figure.get_attribute("tabindex") == "0"
    figure.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    wait_until(page, "document.querySelector('.woven-scroll').scrollLeft > 0")
    page.set_viewport_size({"width": 1440, "height": 900})
    wait_until(page, "!document.querySelector('.woven-scroll').hasAttribute('tabindex')")


STRETCH = """fence => {
  const namespace = "http://www.w3.org/1998/Math/MathML";
  const make = (name, ...children) => {
    const element = document.createElementNS(namespace, name);
    element.append(...children);
    return element;
  };
  const rows = [1, 2, 3, 4].map(row => make("mtr", make("mtd", make("mi", "x"))));
  const [mo, table] = [make("mo", fence), make("mtable", ...rows)];
  const math = make("math", make("mrow", mo, table));
  document.querySelector("article").append(math);
  return mo.getBoundingClientRect().height / table.getBoundingClientRect().height;
}"""


def test_formulas_use_the_books_own_font_and_fences_stretch(visit, below):
    shown = visit(below + "mechanics/")
    assert shown.page.locator("math").count() > 0
    loaded = """document.fonts.ready.then(fonts => [...fonts].filter(
      font => font.family.includes("STIX Two Math") && font.status === "loaded").length)"""
    assert shown.page.evaluate(loaded) == 1
    assert shown.asked_for("stix-two-math.woff2") == 1
    for fence in "()[]{}|‖⌊⌋⌈⌉⟨⟩":
        assert shown.page.evaluate(STRETCH, fence) > 0.9, fence


def characters_of_formulas(built) -> str:
    """Every character that a formula of the book shows, but for words in mtext."""
    found = set()
    for file in built.rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        for formula in re.findall(r"<math\b.*?</math>", text, re.DOTALL):
            shown = re.sub(r"<mtext>.*?</mtext>|<[^>]+>|\s", "", formula, flags=re.DOTALL)
            found.update(html.unescape(shown))
    return "".join(sorted(found))


def test_the_math_font_has_every_character(visit, below, built):
    page = visit(below + "mechanics/").page
    page.evaluate(
        """text => {
          const box = document.createElement("p");
          box.id = "every";
          box.style.fontFamily = "'STIX Two Math'";
          box.textContent = text;
          document.querySelector("article").append(box);
          return document.fonts.ready.then(() => 0);
        }""",
        characters_of_formulas(built),
    )
    browser = page.context.new_cdp_session(page)
    browser.send("DOM.enable")
    browser.send("CSS.enable")
    document = browser.send("DOM.getDocument")["root"]["nodeId"]
    box = browser.send("DOM.querySelector", {"nodeId": document, "selector": "#every"})["nodeId"]
    fonts = browser.send("CSS.getPlatformFontsForNode", {"nodeId": box})["fonts"]
    others = [font["familyName"] for font in fonts if not font["isCustomFont"]]
    assert others == [], "add the missing ranges in tools/subset_math_font.py"


PUBLISHED = """() => document.querySelector(".md-header__inner").insertAdjacentHTML("beforeend",
  `<div class="md-header__source"><a class="md-source" href="#">
  <div class="md-source__repository">GitHub</div></a></div>`)"""


@pytest.mark.parametrize("prefix", ["", "en/"])
def test_the_header_keeps_the_books_title_whole(visit, below, prefix):
    """Scrolled, on the narrowest screen with the parts beside it, and with a repository's link."""
    page = visit(f"{below}{prefix}inner-outer/concepts/#exercises", width=1220).page
    page.evaluate(PUBLISHED)
    title, chapter = page.locator(".md-header__topic .md-ellipsis").all()
    assert title.is_visible() and not chapter.is_visible()
    assert title.evaluate("it => it.scrollWidth <= it.clientWidth")


@pytest.mark.parametrize("prefix", ["", "en/"])
def test_a_small_phone_shows_the_whole_title(visit, below, prefix):
    title = visit(below + prefix, width=320).page.locator(".md-header__topic .md-ellipsis").first
    assert title.evaluate("it => it.scrollWidth <= it.clientWidth")


def test_nothing_is_read_through_the_heading_of_the_contents(visit, below):
    page = visit(below + "en/mechanics/rounding/#exercises", width=1280).page
    heading = page.locator(".md-sidebar--secondary .md-nav__title")
    colours = [
        element.evaluate("it => getComputedStyle(it).backgroundColor")
        for element in (heading, page.locator("body"))
    ]
    assert colours[0] == colours[1]


HEADER = """() => [...document.querySelectorAll(".md-header__inner > *, .md-tabs__item")]
  .map(it => it.getBoundingClientRect()).map(box => [box.x, box.y, box.width, box.height])"""


@pytest.mark.parametrize("width", [1280, 390])
def test_the_header_stays_where_it_is(visit, below, width):
    """The room of what the theme's script shows is kept until it comes."""
    page = visit(below + "en/", width=width).page
    page.locator("html.js").wait_for(state="attached")
    with_script = page.evaluate(HEADER)
    page.route("**/bundle.*.js", lambda route: route.abort())
    page.reload()
    assert page.locator("html.no-js").count() == 1 and page.evaluate(HEADER) == with_script
