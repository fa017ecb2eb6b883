"""The ledger's filter, as a reader uses it: with the mouse, the keyboard, a link, or no script."""

import pytest

from weave.ledger import VERDICTS, read_ledger

from .conftest import ROOT

LEDGER = read_ledger(ROOT).claims
WRONG = [claim for claims in LEDGER.values() for claim in claims if claim.verdict == "wrong"]


@pytest.fixture(params=["", "en/"])
def address(below, request) -> str:
    return f"{below}{request.param}reference/claims/"


def seen(page) -> list[str]:
    return page.locator(".claim:visible").evaluate_all("boxes => boxes.map(box => box.id.slice(1))")


def ids(claims) -> list[str]:
    return sorted(claim.id for claim in claims)


def test_choosing_narrows_the_list_and_the_address_keeps_it(visit, address):
    page = visit(address).page
    everything = [claim for claims in LEDGER.values() for claim in claims]
    assert sorted(seen(page)) == ids(everything)
    page.select_option("[name=verdict]", "wrong")
    assert sorted(seen(page)) == ids(WRONG)
    assert f"{len(WRONG)}" in page.inner_text(".claim-filter output")
    assert page.url == address + "?verdict=wrong"
    source = WRONG[0].id[:3]
    page.select_option("[name=source]", source)
    chosen = [claim for claim in WRONG if claim.id.startswith(source)]
    assert sorted(seen(page)) == ids(chosen)
    page.reload()
    assert sorted(seen(page)) == ids(chosen)
    assert page.input_value("[name=source]") == source
    page.select_option("[name=verdict]", "")
    page.select_option("[name=source]", "")
    assert page.url == address and sorted(seen(page)) == ids(everything)


@pytest.mark.parametrize("source", LEDGER)
def test_headings_without_claims_are_hidden(visit, below, source):
    page = visit(f"{below}en/reference/claims/?source={source}&verdict=dated").page
    dated = [claim for claim in LEDGER[source] if claim.verdict == "dated"]
    assert page.locator(".claims:visible").count() == len({claim.section[0] for claim in dated})
    for number in LEDGER:
        there = number == source and bool(dated)
        assert page.locator(f"h2#c{number}").is_visible() == there


def test_the_keyboard_will_do(visit, address):
    page = visit(address).page
    page.focus("[name=verdict]")
    for _ in range(1 + VERDICTS.index("wrong")):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    assert sorted(seen(page)) == ids(WRONG)


def test_a_number_of_the_table_shows_what_it_counts(visit, address):
    page = visit(address).page
    page.locator("article a[href$='verdict=wrong']").last.click()
    page.wait_for_url(address + "*verdict=wrong")
    assert set(seen(page)) <= set(ids(WRONG)) and seen(page)


def test_a_linked_claim_is_shown_whatever_the_selection(visit, address):
    page = visit(f"{address}?verdict=opinion#c{WRONG[0].id}").page
    assert page.locator(f"#c{WRONG[0].id}").is_visible()
    assert page.locator(f"#c{WRONG[0].id}").bounding_box()["y"] < 900
    assert page.url == f"{address}#c{WRONG[0].id}"


def test_a_selection_that_does_not_exist_selects_all(visit, address):
    shown = visit(address + "?verdict=nonsense&source=999")
    assert len(seen(shown.page)) == sum(map(len, LEDGER.values()))
    assert shown.complaints == []


def test_without_a_script_the_list_is_whole(visit, address):
    page = visit(address + "?verdict=wrong", java_script_enabled=False).page
    assert len(seen(page)) == sum(map(len, LEDGER.values()))
    assert not page.locator(".claim-filter").is_visible()


def test_the_script_is_asked_for_where_it_is_used(visit, below):
    shown = visit(below + "reference/source-map/")
    shown.page.wait_for_load_state("networkidle")
    assert shown.asked_for("claims.js") == 0


def test_a_chapter_leads_to_its_claims_and_back(visit, below):
    claim, chapter = WRONG[0].id, f"{below}en/{WRONG[0].page[0].partition('#')[0]}/"
    page = visit(chapter).page
    page.locator(".page-claims > summary").click()
    page.locator(f".page-claims a[href$='#c{claim}']").click()
    page.wait_for_url(f"{below}en/reference/claims/#c{claim}")
    page.locator(f"#c{claim} a[href$='#{WRONG[0].page[0].partition('#')[2]}']").click()
    page.wait_for_url(f"{below}en/{WRONG[0].page[0].replace('#', '/#')}")
