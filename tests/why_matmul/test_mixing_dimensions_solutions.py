import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.why_matmul.mixing_dimensions_solutions import (
    best_additive_corners,
    butterfly,
    interaction_share,
    product_of_three,
)

SOLUTIONS = "why_matmul/mixing_dimensions_solutions"


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_additive_scores_get_three_corners_of_xor(levels):
    assert best_additive_corners(levels) == 3


@given(st.lists(st.floats(-5, 5), min_size=4, max_size=4))
def test_why_not_four(values):
    g0, g1, h0, h1 = values
    score = [g0 + h0, g0 + h1, g1 + h0, g1 + h1]
    assert [s > 0 for s in score] != [False, True, True, False]


@given(st.integers(0, 1000))
@settings(max_examples=20)
def test_four_cubes_make_a_product(seed):
    x = torch.randn(3, 10, generator=torch.Generator().manual_seed(seed)).double()
    assert torch.allclose(product_of_three(x), x[0] * x[1] * x[2])


def test_interaction_share_of_known_functions():
    assert interaction_share(lambda a, b: a * b) == pytest.approx(1)
    assert interaction_share(lambda a, b: a + b**3) == pytest.approx(0, abs=1e-12)
    assert interaction_share(lambda a, b: a + a * b, cells=60) == pytest.approx(1 / 4, abs=1e-3)
    # variance of a is 1/3, of a b 1/9


def test_shares_of_the_page(woven):
    share = woven(SOLUTIONS).values["share"]
    assert share["x1 * x2"] == pytest.approx(1)
    assert share["log of that"] < 1e-9 and share["sin(9 x1) + x2^2"] < 1e-9
    assert all(0.05 < share[name] < 0.5 for name in ("max(x1, x2)", "relu(x1 + x2)",
                                                     "exp(x1 + x2)"))


@pytest.mark.parametrize("bits", [2, 3, 5])
def test_butterflies_reach_everything_in_log_n_layers(bits):
    n = 2**bits
    reach = torch.eye(n)
    for level in range(bits):
        layer = butterfly(n, level)
        assert layer.sum(dim=1).tolist() == [2.0] * n and torch.equal(layer, layer.T)
        reach = layer @ reach
        assert (reach != 0).sum(dim=1).tolist() == [2 ** (level + 1)] * n


def test_butterfly_of_the_page(woven):
    values = woven(SOLUTIONS).values
    assert (values["sparse"], values["dense"]) == (2 * 64 * 6, 64 * 64)


def test_rank_rises_information_does_not(woven):
    values = woven(SOLUTIONS).values
    assert values["rank_before"] == 3 and values["rank_after"] == 64
    assert values["free"] == 3
