"""The book's template for entries of the contents, beside the theme's own."""

from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mkdocs.theme import Theme

OVERRIDES = Path(__file__).resolve().parents[2] / "overrides"
FEATURES = ["navigation.indexes", "navigation.prune", "navigation.tabs"]
OURS = Theme(name="material", custom_dir=str(OVERRIDES)).get_env()
THEIRS = Theme(name="material").get_env()


class Told(HTMLParser):
    """Tags with what they say, without blanks, and without the names that the theme leaves out."""

    def __init__(self, html: str):
        super().__init__()
        self.found, self.unseen = [], False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.unseen = ("class", "unseen") in attrs
        if not self.unseen:
            told = {key: sorted((value or "").split()) for key, value in attrs}
            self.found.append((tag, {k: v for k, v in told.items() if v or k == "checked"}))

    def handle_endtag(self, tag):
        if not self.unseen:
            self.found.append((tag,))
        self.unseen = False

    def handle_data(self, data):
        if data.strip() and not self.unseen:
            self.found.append(data.strip())


def heading(level, *children):
    return SimpleNamespace(level=level, title="h", url="#h", typeset=None, children=children)


CONTENTS = [[], [heading(1)], [heading(1, heading(2))], [heading(2, heading(3)), heading(2)]]


def entry(title, children=(), url="", typeset=False, toc=()):
    shown = SimpleNamespace(title=f"<i>{title}</i>") if typeset else None
    return SimpleNamespace(title=title, children=[*children], url=url, typeset=shown, meta={},
                           active=False, is_index=False, toc=toc)  # fmt: skip


def tree(depth: int):
    """Entries below one part: pages, the first maybe its opener, and parts."""
    page = st.builds(entry, st.sampled_from("abc"), url=st.sampled_from(["x/", "y/z/", "w/"]),
                     typeset=st.booleans(), toc=st.sampled_from(CONTENTS))  # fmt: skip
    if not depth:
        return st.lists(page, min_size=1, max_size=3)
    part = st.builds(entry, st.sampled_from("PQ"), tree(depth - 1))
    return st.tuples(st.booleans(), page, st.lists(page | part, max_size=3)).map(opened)


def opened(made):
    has_opener, first, others = made
    first.is_index = has_opener
    return [first, *others]


def pages(entries):
    for x in entries:
        yield from pages(x.children) if x.children else [x]


def open_at(entries, page) -> bool:
    """Mark the way to the page."""
    for x in entries:
        x.active = x is page or open_at(x.children, page)
    return any(x.active for x in entries)


def rendered(environment, entries, page, features) -> str:
    lines = ['{% import "partials/nav-item.html" as item with context %}',
             "{% for x in entries %}{{ item.render(x, '__nav_' ~ loop.index, 1) }}{% endfor %}"]
    config = SimpleNamespace(extra={}, mdx_configs={})
    return environment.from_string("\n".join(lines)).render(
        entries=entries, page=page, features=features, config=config, base_url="../..",
        lang=SimpleNamespace(t=str),
    )


@pytest.mark.parametrize("features", [FEATURES, FEATURES[:2]])
@given(entries=tree(2), data=st.data())
def test_an_entry_says_what_the_themes_own_says(features, entries, data):
    page = data.draw(st.sampled_from([*pages(entries)]))
    open_at(entries, page)
    ours, theirs = (rendered(x, entries, page, features) for x in (OURS, THEIRS))
    assert Told(ours).found == Told(theirs).found


def test_the_toggle_of_an_open_part_has_its_name():
    page = entry("a", url="x/")
    opener = entry("o", url="./")
    opener.is_index = True
    part = entry("P", [opener, page])
    open_at([part], page)
    html = rendered(OURS, [part], page, FEATURES)
    assert '<label class="md-nav__link" for="__nav_1"' in html
    assert '<span class="unseen">P</span>' in html
