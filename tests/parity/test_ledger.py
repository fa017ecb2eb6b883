"""The ledger as it stands: what it names is there, and what the pages judge is in it."""

import ast
import re
from collections import Counter

import pytest
import yaml

from weave.edition import read_edition
from weave.fences import View
from weave.ledger import VERDICTS, read_ledger
from weave.ledger_page import LedgerPage
from weave.shelf import Shelf


@pytest.fixture(scope="module")
def ledger(root):
    return read_ledger(root)


def test_the_ledger_reads_without_a_problem(ledger):
    assert ledger.problems == []
    assert ledger.maps.keys() >= ledger.claims.keys()


def test_every_test_that_a_claim_names_is_there(ledger, root):
    for claim in (claim for claims in ledger.claims.values() for claim in claims):
        for path, _, name in (test.partition("::") for test in claim.tests):
            tree = ast.parse((root / path).read_text(encoding="utf-8"))
            assert name in [node.name for node in tree.body if hasattr(node, "name")], claim.id


def test_the_counts_are_those_of_a_recount(ledger, root):
    shelf = Shelf(ledger, "en", read_edition(root, "en", "").pages)
    lines = LedgerPage(shelf, "reference/claims", str).show(View("claim-counts", "", 0, 1, 2))
    rows = re.findall(r"<tr><td>(.*?)</td></tr>", "".join(lines))
    shown = [[re.sub("<[^>]+>", "", cell) for cell in row.split("</td><td>")] for row in rows]
    for source, *numbers in shown[: len(ledger.maps)]:
        file = root / "ledger" / "claims" / f"{source[:3]}.yml"
        claims = yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else []
        found = Counter(claim["verdict"] for claim in claims)
        assert list(map(int, numbers)) == [*(found[x] for x in VERDICTS), len(claims)], source
    if len(ledger.maps) > 1:
        columns = zip(*([int(x) for x in row[1:]] for row in shown[:-1]), strict=True)
        assert list(map(int, shown[-1][1:])) == [sum(column) for column in columns]
