"""The check of the built site, on a small site whose faults are planted one at a time."""

from pathlib import Path

import pytest

from weave.links import check_site

PAGE = """<!doctype html>
<html lang="{language}">
<head>
<title>{title}</title>
<link rel="canonical" href="{site}{address}">
<link rel="stylesheet" href="{up}assets/book.css">
</head>
<body>
<h1 id="{id}">{title}</h1>
{body}
</body>
</html>
"""
HOME = """<p><a href="mechanics/rounding/#gap">gap</a> <a href=".">here</a> <a href="en/">en</a></p>
<p><a href="#舍入">same page</a> <a href="#%E8%88%8D%E5%85%A5">same place</a></p>
<img src="assets/circle.svg" alt="two circles">
<svg><title>a drawing</title><use href="assets/circle.svg#left"/></svg>
<a href="https://example.com/x">out</a> <a href="mailto:a@example.org">post</a>"""
ROUNDING = """<h2 id="gap">Gap</h2> <a href="../..">home</a>
<a href="../../mechanics/rounding/">this</a>
<a href="../../en/index.html?q=a#home">en</a> <a name="old"></a>"""
MISSING = """<a href="/book/">home</a> <a href="/book/mechanics/rounding/#gap">gap</a>
<a href="{site}en/">en</a> <a href="#missing">here</a>"""


def write(site: Path, address: str, id: str, body: str, language: str = "zh") -> None:
    up = "/book/" if address.endswith(".html") else "../" * address.count("/")
    root = "https://example.org/book/"
    text = PAGE.format(
        language=language, title=id, site=root, address=address, up=up, id=id, body=body
    )
    file = site / address if address.endswith(".html") else site / address / "index.html"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text.replace("{site}", root), encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    site = tmp_path / "site"
    write(site, "", "舍入", HOME)
    write(site, "mechanics/rounding/", "rounding", ROUNDING)
    write(site, "en/", "home", "", language="en")
    write(site, "404.html", "missing", MISSING)
    (site / "assets").mkdir()
    (site / "assets/book.css").write_text("")
    (site / "assets/circle.svg").write_text("<svg/>")
    return site


def said(site: Path) -> list[str]:
    return [str(problem) for problem in check_site(site)]


def test_a_good_site_has_no_problems(site):
    assert said(site) == []


@pytest.mark.parametrize("base", ["/", "/book/", "/a/deep/place/"])
def test_the_site_may_stand_under_any_path(site, base):
    for file in site.rglob("*.html"):
        file.write_text(file.read_text("utf-8").replace("/book/", base), "utf-8")
    assert said(site) == []


ROUNDING_FILE = "mechanics/rounding/index.html"
PLANTS = {
    "missing page": (
        "index.html",
        "rounding/#gap",
        "rouding/#gap",
        "dead link `mechanics/rouding/",
    ),
    "missing image": (
        "index.html",
        'src="assets/circle',
        'src="assets/circel',
        "mean `assets/circle",
    ),
    "missing style": (ROUNDING_FILE, "book.css", "books.css", "dead link `../../assets/books.css`"),
    "wrong case": ("index.html", "mechanics/", "Mechanics/", "dead link `Mechanics/rounding/#gap`"),
    "folder above the site": (ROUNDING_FILE, '"../.."', '"../../.."', "dead link `../../..`"),
    "dead anchor on the same page": ("index.html", "#舍入", "#舍", "dead anchor `#舍`"),
    "dead encoded anchor": (
        "index.html",
        "%E5%85%A5",
        "%E5%85%A6",
        "dead anchor `#%E8%88%8D%E5%85%A6`",
    ),
    "dead anchor on another page": ("index.html", "#gap", "#gpa", "did you mean `gap`?"),
    "duplicate id": (ROUNDING_FILE, 'id="gap"', 'id="rounding"', "`rounding` is already on line 9"),
    "empty id": (ROUNDING_FILE, 'id="gap"', 'id=""', "an empty id"),
    "empty link": (ROUNDING_FILE, 'href="../.."', 'href=""', "a link to nothing"),
    "empty link without a value": (ROUNDING_FILE, 'href="../.."', "href", "a link to nothing"),
    "unknown scheme": (
        "index.html",
        "https://example.com/x",
        "htps://x",
        "`htps://x` has an unknown",
    ),
    "link without a scheme": (
        "index.html",
        "https://example.com/x",
        "//cdn.org/x",
        "unknown scheme",
    ),
    "no address at all": ("index.html", "https://example.com/x", "http://[x", "is no address"),
    "absolute link outside": ("index.html", '"en/"', '"/en/"', "stands below `/book/`"),
    "dead absolute link": ("404.html", '"/book/"', '"/book/home/"', "dead link `/book/home/`"),
    "dead link with the site's address": (
        "404.html",
        "k/en/",
        "k/de/",
        "`https://example.org/book/de/`",
    ),
    "relative link on the 404 page": ("404.html", '"/book/"', '"index.html"', "is relative, but"),
    "not a page": ("en/index.html", "<!doctype html>\n", "{}", "start with `<!doctype html>`"),
    "no language": ("en/index.html", ' lang="en"', "", "does not say its language"),
    "no title": ("en/index.html", "<title>home</title>", "<title> </title>", "has no title"),
    "two headings": ("index.html", "<p><a", "<h1>More</h1><p><a", "2 h1 headings"),
    "no heading": (ROUNDING_FILE, "<h1 id", "<h2 id", "0 h1 headings"),
}
OF_THE_WHOLE_PAGE = {"not a page", "no language", "no title", "two headings", "no heading"}


@pytest.mark.parametrize("name", PLANTS)
def test_the_planted_fault_is_found(site, name):
    file, old, new, message = PLANTS[name]
    text = (site / file).read_text("utf-8")
    assert old in text
    before, _, after = text.partition(old)
    (site / file).write_text(before + new + after, "utf-8")
    line = 1 if name in OF_THE_WHOLE_PAGE else before.count("\n") + 1
    found = said(site)
    assert [p for p in found if p.startswith(f"site/{file}:{line}: ") and message in p], found


def test_a_raw_notebook_is_no_page(site):
    """A build once published the JSON of notebooks as pages, and succeeded."""
    (site / "mechanics/rounding/index.html").write_text('{"cells": []}')
    messages = [p.partition(": ")[2] for p in said(site)]
    assert "the page does not start with `<!doctype html>`" in messages
    assert "the page has 0 h1 headings, not one" in messages


def test_a_site_without_front_page_is_none(tmp_path):
    assert said(tmp_path)[0].endswith("index.html:1: there is no front page")


def test_all_faults_are_reported_at_once(site):
    for file, old, new, _ in PLANTS.values():
        text = (site / file).read_text("utf-8")
        (site / file).write_text(text.replace(old, new, 1), "utf-8")
    assert len(said(site)) > 15
