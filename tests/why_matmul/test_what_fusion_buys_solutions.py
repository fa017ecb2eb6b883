"""The solved exercises of the chapter on what mixing buys."""
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.mechanics.attention_as_product import scores, softmax
from snippets.why_matmul.what_fusion_buys_solutions import attention_flops, from_probes, off_span

NAME = "why_matmul/what_fusion_buys_solutions"
seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.integers(1, 8), st.integers(1, 8))
@settings(max_examples=20)
def test_probes_find_a_matrix(seed, m, n):
    w = np.random.default_rng(seed).standard_normal((m, n))
    np.testing.assert_allclose(from_probes(lambda x: w @ x, n), w)


def test_probes_on_the_page(woven):
    off = woven(NAME).values["off"]
    assert off["linear"] < 1e-12 and off["ReLU"] > 0.5


def test_affine(woven):
    output = woven(NAME).regions["affine"].output
    assert output.count("True") == 2 and "parts 0 0 whole 1" in output


@pytest.mark.parametrize(("n", "d"), [(8, 4), (32, 5)])
def test_recomputing_costs_half_a_forward_pass(n, d):
    one = 2 * n * n * d
    assert attention_flops(n, d, recompute=False) == (2 * one, 4 * one)
    assert attention_flops(n, d, recompute=True) == (2 * one, 5 * one)


def test_ratios(woven):
    assert woven(NAME).values["ratio_kept"] == 2 and woven(NAME).values["ratio_again"] == 2.5


def test_recall_without_a_softmax(woven):
    for d, share in woven(NAME).values["without"].items():
        assert share == pytest.approx(int(d) / (int(d) + 7), abs=0.03)


@given(seeds)
@settings(max_examples=20)
def test_every_query_stays_in_the_span(seed):
    rng = np.random.default_rng(seed)
    q, k = rng.standard_normal((2, 20, 5))
    weights = softmax(scores(q, k))[0]
    assert off_span(weights, k) < 1e-9
    assert 0 < off_span(rng.random(20) + 0.1, k) <= 1


def test_off_span_by_hand():
    # logs (0, 1, 0, -1) less their mean; the key explains (1, -1) of (0, 1, 0, -1)
    weights = np.exp([0.0, 1.0, 0.0, -1.0])
    assert off_span(weights, np.array([[0.0], [1.0], [0.0], [-1.0]])) == pytest.approx(0, abs=1e-12)
    assert off_span(weights, np.array([[1.0], [0.0], [-1.0], [0.0]])) == pytest.approx(1)
    half = off_span(weights, np.array([[1.0], [1.0], [-1.0], [-1.0]]))
    assert half == pytest.approx(np.sqrt(1 / 2))


def test_same_head(woven):
    assert woven(NAME).values["twin_off"] > 0.3
    assert "63 wide: 0.00" in woven(NAME).regions["same_head"].output
