"""The exercises on attention, each against the plain computation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.mechanics.attention_as_product import attention, causal_mask, linear_attention
from snippets.mechanics.attention_as_product_solutions import (
    blockwise_attention,
    decode,
    recurrent_attention,
    winners,
)

RUN = "mechanics/attention_as_product_solutions"
seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.integers(1, 6), st.integers(1, 20), st.integers(1, 25), st.sampled_from([1, 300]))
def test_blocks(seed, n, m, block, size):
    """Large scores, too: without the running maximum exp would overflow."""
    rng = np.random.default_rng(seed)
    q, k, v = size * rng.standard_normal((n, 3)), rng.standard_normal((m, 3)), rng.random((m, 2))
    assert np.allclose(blockwise_attention(q, k, v, block), attention(q, k, v))


@given(seeds, st.integers(1, 8), st.integers(1, 4), st.integers(1, 4))
def test_decoding_is_the_causal_pass(seed, n, d, d_v):
    rng = np.random.default_rng(seed)
    q, k = rng.standard_normal((2, n, d))
    v = rng.standard_normal((n, d_v))
    outputs, count = decode(q, k, v)
    assert np.allclose(outputs, attention(q, k, v, causal_mask(n)))
    assert count == np.tri(n).sum() * (d + d_v)


@given(seeds, st.integers(1, 8), st.integers(1, 4), st.integers(1, 4))
def test_recurrence_is_causal_linear_attention(seed, n, d, d_v):
    rng = np.random.default_rng(seed)
    q, k = rng.standard_normal((2, n, d))
    v = rng.standard_normal((n, d_v))
    outputs = recurrent_attention(q, k, v)
    for i in range(n):
        prefix = linear_attention(q[: i + 1], k[: i + 1], v[: i + 1], keys_first=False)
        assert np.allclose(outputs[i], prefix[-1])


@given(seeds)
def test_on_a_line_only_the_ends_win(seed):
    rng = np.random.default_rng(seed)
    q, k = rng.standard_normal((50, 1)), rng.standard_normal((20, 1))
    assert winners(q, k) <= {int(k.argmin()), int(k.argmax())}


def test_every_key_on_a_circle_wins_its_own_query():
    angle = np.arange(12) * np.pi / 6
    k = np.column_stack([np.cos(angle), np.sin(angle)])
    assert winners(k, k) == set(range(12))
    assert winners(k[:1], k) == {0}


def test_key_bias(woven):
    output = woven(RUN).regions["key_bias"].output.splitlines()
    assert output[0].endswith("True") and output[1].endswith("False")


def test_key_bias_matters_once_positions_are_rotated_in():
    rng = np.random.default_rng(0)
    q, k, v = rng.standard_normal((3, 5, 2))

    def turned(rows: np.ndarray) -> np.ndarray:
        """Turn row i by i radians."""
        c, s = np.cos(np.arange(len(rows))), np.sin(np.arange(len(rows)))
        x, y = rows.T
        return np.column_stack([c * x - s * y, s * x + c * y])

    plain = attention(turned(q), turned(k), v)
    assert np.allclose(attention(turned(q), turned(k) + 1, v), plain)
    assert np.abs(attention(turned(q), turned(k + 1), v) - plain).max() > 0.01


def test_blocks_region(woven):
    assert woven(RUN).regions["blocks"].output.count("True") == 3


def test_cache(woven):
    values = woven(RUN).values
    assert values["with_cache"] == 256 * 257 // 2 * 32
    assert values["cache_saving"] == pytest.approx(2 * 256 / 3, rel=0.01)
    assert "equals the causal pass: True" in woven(RUN).regions["cache"].output


def test_recurrent_region(woven):
    assert "prefix: True" in woven(RUN).regions["recurrent"].output


def test_winners_region(woven):
    values = woven(RUN).values
    assert values["won_line"] == 2 and 3 <= values["won_plane"] <= 16 and values["won_circle"] == 64


def test_hard_limit(woven):
    values = woven(RUN).values
    assert values["to_best"] < 0.01 < 1 < values["to_mean"]
    first = woven(RUN).regions["hard"].output.splitlines()[0]
    assert "distance to the mean 0.00" in first
