"""The policy in each page: what somebody plants does not run, and what the book brings does."""

import pytest

from .conftest import Visit
from .test_controls import search, wait_until

KINDS = {
    "home": "", "opener": "mechanics/", "chapter": "mechanics/rounding/",
    "ledger": "reference/claims/", "map": "reference/source-map/",
    "glossary": "reference/glossary/", "404": "no/such/page/",
}  # fmt: skip

# Each tries to set the title by another way; the link needs a click.
PLANTED = """
<script>document.title = "planted"</script>
<script src="data:text/javascript,document.title='planted'"></script>
<script src="https://example.org/planted.js"></script>
<script type="module">document.title = "planted"</script>
<img src="data:," onerror="document.title = 'planted'">
<svg onload="document.title = 'planted'"></svg>
<iframe srcdoc="<script>parent.document.title = 'planted'</script>"></iframe>
<p><a id="planted" href="javascript:document.title = 'planted'">planted</a></p>
"""
COUNT = """
  window.refused = [];
  addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sourceFile }) =>
    refused.push([violatedDirective, blockedURI, sourceFile].join(" ")));
"""


def refused(shown: Visit) -> list[str]:
    return shown.page.evaluate("refused")


@pytest.fixture
def guarded(visit):
    """`guarded(url)`: a visit that counts what the page's policy refuses."""

    def open_page(url: str, **options) -> Visit:
        shown = visit("about:blank", **options)
        shown.page.add_init_script(COUNT)
        shown.page.goto(url)
        return shown

    return open_page


@pytest.mark.parametrize("path", ["", "en/", "mechanics/rounding/", "reference/claims/"])
def test_what_is_planted_does_not_run(guarded, below, path):
    shown = guarded("about:blank")
    page = shown.page
    whole = page.request.get(below + path).text()
    body = whole.replace("</article>", PLANTED + "</article>")
    assert PLANTED in body
    page.route(below + path, lambda route: route.fulfill(body=body, content_type="text/html"))
    failed = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.goto(below + path, wait_until="networkidle")
    page.click("#planted", no_wait_after=True)
    wait_until(page, "refused.filter((line) => line.startsWith('script-src-elem')).length >= 5")
    assert page.title() != "planted" and set(shown.foreign()) <= set(failed)
    kinds = [line.split()[0] for line in refused(shown)]
    assert kinds.count("script-src-elem") >= 5  # four scripts and the link
    assert kinds.count("script-src-attr") == 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("prefix", ["", "en/"])
def test_no_kind_of_page_breaks_its_own_policy(guarded, below, prefix, kind):
    shown = guarded(below + prefix + KINDS[kind])
    assert shown.page.locator("meta[http-equiv=Content-Security-Policy]").count() == 1
    shown.page.wait_for_load_state("networkidle")
    assert refused(shown) == []


def test_what_a_reader_uses_runs_under_the_policy(guarded, below):
    """Search, palette, copy, filter, language: in one visit, and nothing is refused."""
    shown = guarded(below + "mechanics/rounding/",
                    permissions=["clipboard-read", "clipboard-write"], color_scheme="light")
    page = shown.page
    page.click("[name=query]")
    search(page, "范数").first.wait_for()
    page.keyboard.press("Escape")
    page.locator(".palette").click()
    page.locator("body[data-md-color-scheme=slate]").wait_for()
    page.locator(".copy:visible").first.click()
    page.locator(".copy", has_text="已复制").first.wait_for()
    assert refused(shown) == []
    page.goto(below + "reference/claims/")
    page.locator(".claim-filter [name=verdict]").select_option("wrong")
    page.locator(".claim.correct").first.wait_for(state="hidden")
    assert refused(shown) == []
    page.click(".language")
    page.wait_for_url(below + "en/reference/claims/**")
    assert refused(shown) == [] and shown.complaints == []
