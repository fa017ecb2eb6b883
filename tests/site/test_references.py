"""The list of references, as a reader uses it: from a work to the pages that cite it, and on."""

import pytest

from weave.references import read_references

from .conftest import ROOT

KEYS = list(read_references(ROOT)[0])


@pytest.fixture(params=["", "en/"])
def site(below, request) -> str:
    return below + request.param


def test_every_work_is_listed_once(visit, site):
    shown = visit(f"{site}reference/references/")
    listed = shown.page.locator(".references li").evaluate_all("items => items.map(x => x.id)")
    assert listed == sorted(KEYS)
    assert shown.complaints == []


def test_a_work_leads_to_the_sentence_that_cites_it_and_to_its_footnote(visit, site):
    page = visit(f"{site}reference/references/#higham2002").page
    page.locator("#higham2002 a[href$='mechanics/rounding/#fnref:higham2002']").click()
    page.wait_for_url(f"{site}mechanics/rounding/#fnref:higham2002")
    assert 0 <= page.locator("[id='fnref:higham2002']").bounding_box()["y"] < 900
    page.locator("[id='fnref:higham2002'] a").click()
    note = page.locator("[id='fn:higham2002']")
    assert "N. J. Higham, Accuracy and Stability of Numerical Algorithms, " in note.inner_text()


def test_footnotes_are_numbered_as_the_text_uses_them(visit, site):
    page = visit(f"{site}mechanics/rounding/").page
    marks = page.locator("article .footnote-ref").all_inner_texts()
    first = list(dict.fromkeys(int(mark) for mark in marks))
    assert first == list(range(1, page.locator(".footnote li").count() + 1))
