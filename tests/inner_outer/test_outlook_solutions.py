"""The exercises on cheaper networks come out as their solutions say."""
import numpy as np
import pytest

from snippets.inner_outer.outlook import Layer, stored_bytes
from snippets.inner_outer.outlook_solutions import shortest_layout

NAME = "inner_outer/outlook_solutions"


def test_methods_stack(woven):
    values = woven(NAME).values
    big, cut, both = (values["both_bill"][k] for k in ("big", "pruned", "both"))
    assert both[2] * 10 < big[2] and both[2] * 3 < cut[2] and both[1] <= cut[1]
    assert both[0] > big[0] - 0.06
    assert values["shrinkage"] == big[2] / both[2]


def test_rounds_and_kept_weights_bring_nothing_at_equal_steps(woven):
    values = woven(NAME).values
    assert abs(values["by_rounds"]["1"] - values["by_rounds"]["3"]) < 0.03
    short, equal = (values["from_scratch"][k] for k in ("600", "1200"))
    assert short + 0.02 < min(values["by_rounds"].values())
    assert abs(equal - values["by_rounds"]["1"]) < 0.02


def test_ranges_overlap(woven):
    spread = woven(NAME).values["spread"]
    assert all(len(rights) == 3 and 0.94 < min(rights) for rights in spread.values())
    assert max(map(min, spread.values())) < min(map(max, spread.values()))


def test_no_rate_saves_adam(woven):
    values = woven(NAME).values
    turned = [norms[1] for norms in values["by_rate"].values()]
    assert len(turned) == 7 and min(turned) < turned[0] / 2 and min(turned) < turned[-1]
    assert values["best_turned"] > 20 * woven("inner_outer/outlook").values["left"]["momentum"][0]


@pytest.mark.parametrize("bits", [32, 8, 4, 2])
@pytest.mark.parametrize("count", range(0, 97, 8))
def test_layouts(bits, count):
    w = np.ones((8, 12))
    w.flat[:count] = 0
    dense = 96 * bits
    net = [Layer(w, np.zeros(8), False)]
    extra = 8 * 32 + (8 * 32 if bits < 32 else 0)
    shorter = 8 * stored_bytes(net, bits) - extra < dense
    assert (shortest_layout(count / 96, bits) != "dense") == shorter == (count / 96 > 1 / bits)
