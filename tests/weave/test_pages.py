"""Pages that earlier builds made: never stale, and never made again without need."""

import os
import random
import shutil

import pytest
from material.plugins.search.plugin import Parser

from weave import search

from .conftest import REPOSITORY

SNIPPET = """\
import matplotlib.pyplot as plt
from snippets.part import helper
# --8<-- [start:a]
x = {x} + helper.STEP
print('answer', x)
plt.plot([0, {x}])
plt.show()
# --8<-- [end:a]
"""
CHAPTER = """\
---
title: {title}
description: A small page.
---
# {title} {{ #{name} }}

{text} It is $a+b$.

```snippet
part/{name}.py:a
figures:
  - alt: a line
    caption: A line to {{{{ part.{name}.x }}}}.
    labels: {{}}
```

It is {{{{ part.{name}.x }}}}, elsewhere {{{{ part.{other}.x }}}}.
{box}"""
BOX = """
!!! opinion
    “It is not.” Source 004 §2
"""
LAB = """\
# ---
# title: {title}
# description: A small lab.
# ---

# %% [markdown]
# # Lab {{ #lab }}
#
# {text} {{{{ cells.x }}}} and {{{{ part.one.x }}}}, see [one](../one.md).

# %%
from snippets.part.helper import STEP

x = {x} + STEP
print("lab", x)
"""
MAP = """\
title: {{zh: 来源, en: Source}}
sections:
  - {{id: {section}, zh: 开头, en: {start}, page: one#one}}
  - {{id: 2, zh: 结尾, en: End, page: one#one}}
blocks: []
"""
CLAIM = """\
- id: 004-01
  section: 1
  verdict: opinion
  zh: 是 {{{{ part.helper.STEP }}}}。
  en: {said}, {{{{ part.helper.STEP }}}}.
  page: {page}#{page}
- {{id: 004-02, section: 2, verdict: opinion, zh: 不是, en: It is not, page: [one#one, two#two]}}
"""
GLOSSARY = """\
- zh: {name}
  en: matrix
  page: reference/glossary#ledger
  says: {{zh: 它, en: It}}
"""
REFERENCE = """\
---
title: Ledger
description: What is claimed.
---
# Ledger {{ #ledger }}

```{view}
```
"""


class Shelf:
    """A book of three chapters that is edited, and the same book built from nothing."""

    def __init__(self, book):
        self.book, self.edits = book, random.Random(7)
        overrides = book.root / "overrides"
        shutil.copytree(REPOSITORY / "overrides", overrides)
        config = (book.root / "mkdocs.yml").read_text(encoding="utf-8")
        config = config.replace(str(REPOSITORY / "overrides"), str(overrides))
        book.write("mkdocs.yml", config.replace("plugins: []", "plugins: [search]"))
        self.nav("one", "two")
        book.write("snippets/part/helper.py", "STEP = 1\n")
        self.terms("matrix")
        self.claim()
        self.map()
        for page, view in (("claims", "ledger"), ("source-map", "source-map")):
            for language in ("zh", "en"):
                text = REFERENCE.format(view=view)
                book.write(f"docs/{language}/reference/{page}.md", text)
        for name in ("one", "two"):
            self.chapter(name)
            book.write(f"snippets/part/{name}.py", SNIPPET.format(x=41))

    def chapter(self, name: str, title: str = "", text: str = "Text.") -> None:
        other = {"one": "two"}.get(name, "one")
        box = BOX if name in ("one", "two") else ""
        page = CHAPTER.format(name=name, title=title or name, text=text, other=other, box=box)
        for language in ("zh", "en"):
            self.book.write(f"docs/{language}/{name}.md", page)

    def lab(self, title: str = "Lab", text: str = "Text.", x: int = 1) -> None:
        """A page that is a notebook, its code the same in both languages."""
        for language in ("zh", "en"):
            page = LAB.format(title=title, text=text, x=x)
            self.book.write(f"docs/{language}/labs/lab.py", page)

    def with_lab(self) -> None:
        self.lab()
        self.nav("one", "two", "labs/lab")

    def claim(self, said: str = "It is", page: str = "one") -> None:
        self.book.write("ledger/claims/004.yml", CLAIM.format(said=said, page=page))

    def map(self, section: str = "1", start: str = "Start") -> None:
        self.book.write("ledger/sources/004.yml", MAP.format(section=section, start=start))

    def nav(self, *names: str) -> None:
        for file in self.book.root.glob("mkdocs*.yml"):
            text = file.read_text(encoding="utf-8").partition("nav:")[0]
            named = ("index", *names, "reference/claims", "reference/source-map",
                     "reference/glossary")  # fmt: skip
            paths = (name + (".py" if name.startswith("labs/") else ".md") for name in named)
            pages = ", ".join(paths)
            file.write_text(f"{text}nav: [{pages}]\n", encoding="utf-8")

    def build(self) -> dict[str, bytes]:
        done = self.book.build()
        assert done.returncode == 0, done.stdout
        return self.book.site()

    def build_from_nothing(self) -> dict[str, bytes]:
        """The same book with the same records, and neither a stamp nor a page to take over."""
        for left in ("pages", "editions", "stamp.json", "templates", "chapters", "clean.json"):
            place = self.book.root / ".weave" / left
            shutil.rmtree(place) if place.is_dir() else place.unlink()
        return self.build()

    def kept(self) -> dict[str, int]:
        """Each kept page, and which file on the disk it is: written anew, it is another."""
        top = self.book.root / ".weave" / "pages"
        return {f"{p.relative_to(top).parts[0][:2]}/{p.stem}": p.stat().st_ino
                for p in top.rglob("*.md.json")}  # fmt: skip

    # What an author does to a book.
    def prose(self):
        self.chapter("one", text=f"Other words v{self.edits.getrandbits(40)}.")

    def english(self):
        """Words of one language only: the other's edition stands."""
        file = self.book.root / "docs/en/two.md"
        file.write_text(file.read_text() + f"\nMore v{self.edits.getrandbits(40)}.\n")

    def title(self):
        self.chapter("two", title=f"Title v{self.edits.getrandbits(40)}")

    def snippet(self):
        text = SNIPPET.format(x=self.edits.randrange(100))
        self.book.write("snippets/part/one.py", text)

    def comment(self):
        file = self.book.root / "snippets/part/two.py"
        file.write_text(file.read_text().replace("[start:a]\n", "[start:a]\n# why\n"))

    def helper(self):
        self.book.write("snippets/part/helper.py", f"STEP = {self.edits.randrange(100)}\n")

    def new_page(self):
        self.book.write("snippets/part/three.py", SNIPPET.format(x=3))
        self.chapter("three", text="一个矩阵 more.")
        self.nav("one", "three", "two")

    def lost_page(self):
        for file in self.book.root.glob("docs/*/thi*.md"):
            file.unlink()
        self.nav("one", "two")

    def renamed_page(self):
        for file in self.book.root.glob("docs/*/three.md"):
            file.rename(file.with_name("third.md"))
        self.nav("one", "two", "third")

    def template(self):
        self.book.write("overrides/partials/copyright.html", f"{self.edits.random()}")

    def configuration(self):
        file = self.book.root / "mkdocs.yml"
        file.write_text(file.read_text().replace("small", "smaller"))

    def terms(self, name: str = "一个矩阵"):
        self.book.write("ledger/glossary.yml", GLOSSARY.format(name=name))
        for language in ("zh", "en"):
            text = REFERENCE.format(view="glossary") + f"\nA {name} or matrix.\n"
            self.book.write(f"docs/{language}/reference/glossary.md", text)

    def sentence(self):
        file = self.book.root / "ledger/glossary.yml"
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("en: It", f"en: It {self.edits.random()}"), encoding="utf-8")

    def restated_claim(self):
        self.claim(said=f"It is {self.edits.random()}")

    def moved_claim(self):
        self.claim(page="two")

    def section(self):
        self.map(start=f"Start {self.edits.random()}")

    def lab_prose(self):
        self.lab(text=f"Other words v{self.edits.getrandbits(40)}.")

    def lab_code(self):
        self.lab(x=self.edits.randrange(100))

    def lab_title(self):
        self.lab(title=f"Title v{self.edits.getrandbits(40)}")

    def static_file(self):
        self.book.write("docs/zh/data.csv", f"{self.edits.random()}\n")


EDITS = [
    ["prose", "snippet", "title"],
    ["helper", "comment", "template"],
    ["new_page", "terms", "sentence", "renamed_page"],
    ["lost_page", "configuration", "static_file"],
    ["restated_claim", "moved_claim", "section"],
    ["lab_prose", "lab_code"],
    ["lab_title", "helper"],
    ["english", "static_file", "english"],
]


@pytest.fixture
def shelf(book) -> Shelf:
    return Shelf(book)


@pytest.mark.parametrize("edits", EDITS, ids=lambda edits: edits[0])
def test_after_any_edit_the_site_is_that_of_a_build_from_nothing(shelf, edits):
    if edits[0] == "lost_page":
        shelf.new_page()
    if edits[0].startswith("lab_"):
        shelf.with_lab()
    after = shelf.build()
    for edit in edits:
        before = after
        getattr(shelf, edit)()
        after = shelf.build()
        assert after != before, f"{edit} changes nothing"
        assert after == shelf.build_from_nothing(), f"after {edit}"


def test_only_what_changed_is_made_again(shelf):
    shelf.build()
    first = shelf.kept()
    assert first.keys() >= {"zh/one.md", "en/one.md", "zh/two.md", "en/two.md"}
    shelf.chapter("one", text="Other words.")
    shelf.build()
    second = shelf.kept()
    assert {page for page in first if first[page] != second[page]} == {
        "zh/one.md", "en/one.md",
    }  # fmt: skip
    shelf.book.write("snippets/part/two.py", SNIPPET.format(x=5))
    shelf.build()  # a value of `two` stands on both pages
    third = shelf.kept()
    assert {page for page in second if second[page] != third[page]} == {
        "zh/one.md", "en/one.md", "zh/two.md", "en/two.md",
    }  # fmt: skip


def test_a_claim_renders_its_page_and_the_ledgers_anew_and_no_other(shelf):
    shelf.build()
    first = shelf.kept()
    shelf.claim(said="It was")
    shelf.build()
    second = shelf.kept()
    assert {page for page in first if first[page] != second[page]} == {
        f"{language}/{page}.md"
        for language in ("zh", "en")
        for page in ("one", "claims", "source-map")
    }


def test_a_sentence_of_the_glossary_renders_its_page_anew_and_no_other(shelf):
    shelf.build()
    first = shelf.kept()
    shelf.sentence()
    shelf.build()
    second = shelf.kept()
    assert {page for page in first if first[page] != second[page]} == {
        "zh/glossary.md", "en/glossary.md",
    }  # fmt: skip


def test_the_edition_that_nothing_has_changed_stands(shelf):
    top = shelf.book.root / "site"

    def edited() -> set[str]:
        """The editions of which a file is another on the disk after an edit of the English one."""
        before = {file: file.stat().st_ino for file in top.rglob("*") if file.is_file()}
        shelf.english()
        shelf.build()
        other = (file for file in before if file.stat().st_ino != before[file])
        return {"en" if file.is_relative_to(top / "en") else "zh" for file in other}

    shelf.build()
    assert edited() == {"en"}
    assert edited() == {"en"}
    index = top / "two/index.html"
    whole = index.read_bytes()
    index.write_bytes(whole + b" ")  # somebody edited the site
    assert edited() == {"en", "zh"} and index.read_bytes() == whole
    (top / "sitemap.xml").unlink()
    assert edited() == {"en", "zh"} and (top / "sitemap.xml").is_file()
    next(shelf.book.root.glob(".weave/editions/zh-*")).write_text("{}")
    assert edited() == {"en", "zh"}


def test_another_form_of_addresses_makes_every_page_anew(shelf):
    shelf.build()
    assert shelf.book.build("--no-directory-urls").returncode == 0
    assert b'href="two.html' in (shelf.book.root / "site/one.html").read_bytes()


def test_a_page_with_a_mistake_is_never_kept(shelf):
    shelf.build()
    shelf.chapter("one", text="See [there](nowhere.md).")
    for _ in range(2):
        done = shelf.book.build()
        assert done.returncode and "nowhere.md" in done.stdout


def test_a_damaged_page_is_made_again(shelf):
    site = shelf.build()
    kept = next((shelf.book.root / ".weave/pages").glob("zh-*"))
    for file in (kept / "one.md.json", kept / "one.md/index.html"):
        whole = file.read_bytes()
        for bad in (b"", b"{}\n<p>", b"\xff\xfe", whole.replace(b"answer", b"ANSWER")):
            assert bad != whole
            file.write_bytes(bad)
            (shelf.book.root / ".weave/stamp.json").unlink()
            shutil.rmtree(shelf.book.root / ".weave/editions")
            assert shelf.build() == site
    (kept / "one.md/index.html").unlink()
    shelf.english()  # the Chinese edition stands, and what is kept of it is not missed
    assert shelf.build()["one/index.html"] == site["one/index.html"]
    shelf.static_file()
    assert shelf.build()["one/index.html"] == site["one/index.html"]


def test_what_has_been_copied_is_known_by_its_content(shelf):
    shelf.build()
    first = shelf.kept()
    for file in shelf.book.root.rglob(".weave/pages/**/*.html"):
        os.utime(file, ns=(1, 1))
    shelf.static_file()
    shelf.build()
    assert shelf.kept() == first


def test_an_unchanged_book_is_not_built_again(shelf):
    shelf.build()
    index = shelf.book.root / "site/index.html"
    place = (shelf.book.root / "site").stat().st_ino
    assert "Nothing has changed" in shelf.book.build().stdout
    assert (shelf.book.root / "site").stat().st_ino == place
    whole = index.read_bytes()
    index.write_bytes(whole + b" ")  # somebody edited the site
    assert "Nothing has changed" not in shelf.book.build().stdout
    assert index.read_bytes() == whole
    index.unlink()
    assert "Nothing has changed" not in shelf.book.build().stdout
    assert index.read_bytes() == whole


def test_another_address_or_folder_is_another_site(shelf):
    shelf.build()
    done = shelf.book.build("--site-dir", "elsewhere")
    assert "Nothing has changed" not in done.stdout
    assert (shelf.book.root / "elsewhere/index.html").is_file()


def test_a_build_that_complains_leaves_no_stamp(shelf):
    shelf.chapter("one", text="See [there](nowhere.md).")
    for _ in range(2):
        done = shelf.book.build("--no-strict")
        assert "nowhere.md" in done.stdout


def indexed(html: str) -> list[tuple[str, str]]:
    """What Material's search makes of a page, but for white space."""
    parser = Parser()
    parser.feed(html)
    parser.close()
    return [
        ("".join("".join(section.title).split()), "".join("".join(section.text).split()))
        for section in parser.data
        if not section.is_excluded()
    ]


@pytest.mark.parametrize(
    "html",
    [
        '<h1 id="a">A <math><mi>x</mi><mo>=</mo></math><a class="headerlink" href="#a">¶</a></h1>'
        "<p>b <span class='k'>c</span> &lt;d <sup id='e'>1</sup></p><ul><li>f</li></ul>",
        '<h2 id="a">A</h2><div class="highlight"><pre><span></span><code><span>import</span> x\n'
        "<span>y</span></code></pre></div><table><tr><td>1</td></tr></table>",
        '<p>before</p><div data-search-exclude><span>not this</span></div><h2 id="b">B</h2>',
        '<p>a</p><div class="snippet"><div class="snippet-head" data-search-exclude><a>b</a>'
        "<details><summary>c</summary></details></div><pre>d</pre>"
        '<details class="snippet-machine timing" data-search-exclude><dl><dt>e</dt></dl></details>'
        "</div><p>f</p>",
    ],
)
def test_search_finds_in_lean_pages_what_it_finds_in_whole_ones(html):
    assert indexed(search.lean(html)) == indexed(html)


def test_drawings_are_not_searched():
    drawn = '<p>a</p><figure><svg viewBox="0"><g><text>0.5</text></g></svg><figcaption>b'
    assert "0.5" not in str(indexed(search.lean(drawn + "</figcaption></figure>")))
