"""Attention built by hand against torch's, and the properties that the page names."""

import tracemalloc

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import MultiheadAttention
from torch.nn import functional as F

from snippets.mechanics.attention_as_product import (
    attention,
    causal_mask,
    linear_attention,
    merge_heads,
    multi_head,
    multiplications,
    positive,
    scores,
    softmax,
    split_heads,
)

RUN = "mechanics/attention_as_product"
seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(1, 9)


def three(seed: int, n: int, m: int, d: int, d_v: int) -> tuple[np.ndarray, ...]:
    """Queries, keys and values: n queries, m keys."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)), rng.standard_normal((m, d)), rng.standard_normal((m, d_v))


@given(seeds, sizes, sizes, st.floats(-1e3, 1e3))
def test_softmax(seed, n, m, shift):
    s = 3 * np.random.default_rng(seed).standard_normal((n, m))
    assert np.allclose(softmax(s), torch.softmax(torch.tensor(s), dim=-1))
    assert np.allclose(softmax(s + shift), softmax(s), rtol=1e-9)


def test_softmax_survives_large_scores_and_gives_nothing_to_masked_ones():
    with np.errstate(all="raise"):
        large = softmax(np.array([[1e4, 1e4 - np.log(3)]]))
    assert large == pytest.approx(np.array([[0.75, 0.25]]))
    assert (softmax(np.array([[0.0, -np.inf]])) == [[1, 0]]).all()
    assert softmax(np.array([[0.0, -700]]))[0, 1] > 0 == softmax(np.array([[0.0, -800]]))[0, 1]


@given(seeds, sizes, sizes, sizes, sizes)
def test_attention_is_torchs(seed, n, m, d, d_v):
    q, k, v = three(seed, n, m, d, d_v)
    theirs = F.scaled_dot_product_attention(*map(torch.tensor, (q, k, v)))
    assert np.allclose(attention(q, k, v), theirs)
    assert np.allclose(scores(q, k), [[query @ key / d**0.5 for key in k] for query in q])


@given(seeds, sizes, sizes)
def test_causal_attention_is_torchs(seed, n, d):
    q, k, v = three(seed, n, n, d, d)
    theirs = F.scaled_dot_product_attention(*map(torch.tensor, (q, k, v)), is_causal=True)
    assert np.allclose(attention(q, k, v, causal_mask(n)), theirs)
    assert (np.isneginf(causal_mask(n)) == ~np.tri(n, dtype=bool)).all()
    assert (causal_mask(n)[np.tri(n, dtype=bool)] == 0).all()


@given(seeds, sizes, sizes)
def test_outputs_stay_within_the_values(seed, n, m):
    q, k, v = three(seed, n, m, 3, 2)
    out = attention(q, k, v)
    assert (out <= v.max(axis=0) + 1e-12).all() and (out >= v.min(axis=0) - 1e-12).all()


@given(seeds, st.integers(1, 3), sizes, st.integers(1, 4), st.integers(1, 4))
def test_heads_split_columns_and_merge_back(seed, batch, n, heads, d):
    x = np.random.default_rng(seed).standard_normal((batch, n, heads * d))
    parts = split_heads(x, heads)
    assert parts.shape == (batch, heads, n, d) and np.shares_memory(parts, x)
    for h in range(heads):
        assert (parts[:, h] == x[..., h * d : (h + 1) * d]).all()
    assert (merge_heads(parts) == x).all()


@given(seeds, st.integers(1, 8), st.sampled_from([1, 2, 4]), st.booleans())
def test_multi_head_is_torchs_layer(seed, n, heads, causal):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, 8))
    weights = list(rng.standard_normal((4, 8, 8)))
    mask = causal_mask(n) if causal else 0.0
    layer = MultiheadAttention(8, heads, bias=False, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        layer.in_proj_weight.copy_(torch.tensor(np.hstack(weights[:3]).T))
        layer.out_proj.weight.copy_(torch.tensor(weights[3].T))
        batch = torch.tensor(x)[None]
        their_mask = torch.tensor(causal_mask(n)) if causal else None
        theirs = layer(batch, batch, batch, need_weights=False, attn_mask=their_mask)[0][0]
    assert np.allclose(multi_head(x, weights, heads, mask), theirs)
    if not causal:
        order = rng.permutation(n)
        moved = multi_head(x[order], weights, heads)
        assert np.allclose(moved, multi_head(x, weights, heads)[order])


@given(seeds, st.integers(2, 9))
def test_the_past_does_not_see_the_future(seed, n):
    q, k, v = three(seed, n, n, 4, 4)
    before = attention(q, k, v, causal_mask(n))
    k[-1] += 5
    v[-1] -= 5
    after = attention(q, k, v, causal_mask(n))
    assert (before[:-1] == after[:-1]).all() and not np.allclose(before[-1], after[-1])


@given(seeds, st.integers(1, 6), st.integers(1, 12))
def test_rank_of_the_scores(seed, d, n):
    q, k, _ = three(seed, n, n, d, 1)
    assert np.linalg.matrix_rank(scores(q, k), rtol=1e-9) <= d


@given(seeds, st.integers(3, 9))
def test_logarithms_without_row_means_tell_which_attention_a_head_can_produce(seed, n):
    """Width n - 1 produces any positive rows that sum to 1; narrower heads keep to rank d."""
    rng = np.random.default_rng(seed)
    a = softmax(rng.standard_normal((n, n)))
    logs = np.log(a) - np.log(a).mean(axis=1, keepdims=True)
    u, s, vt = np.linalg.svd(logs)
    q, k = (n - 1) ** 0.5 * u[:, : n - 1] * s[: n - 1], vt[: n - 1].T
    assert np.allclose(softmax(scores(q, k)), a)
    assert np.linalg.matrix_rank(logs, rtol=1e-9) == n - 1
    d = n - 2
    narrow = np.log(softmax(scores(*rng.standard_normal((2, n, d)))))
    narrow -= narrow.mean(axis=1, keepdims=True)
    assert np.linalg.matrix_rank(narrow, rtol=1e-9) <= d


def test_exponentials_of_a_single_product_are_a_matrix_of_full_rank():
    q, k = np.linspace(-2, 2, 5), np.linspace(-1, 3, 5)
    assert np.linalg.matrix_rank(np.exp(np.outer(q, k)), rtol=1e-9) == 5


def test_masks_stop_neither_nan_nor_an_empty_row():
    q, k, v = three(0, 4, 4, 2, 2)
    v[-1] = np.inf
    with np.errstate(invalid="ignore"):
        assert np.isnan(attention(q, k, v, causal_mask(4))[:-1]).all()
        assert np.isnan(softmax(np.full((1, 3), -np.inf))).all()


@given(st.floats(-30, 30))
def test_positive_features(x):
    ours = positive(np.array([x]))[0]
    assert ours == pytest.approx(F.elu(torch.tensor(x, dtype=torch.float64)).item() + 1)
    assert ours > 0


@given(seeds, sizes, sizes, sizes, st.booleans())
def test_linear_attention_is_a_weighted_mean(seed, n, m, d, keys_first):
    q, k, v = three(seed, n, m, d, 2)
    weights = [[positive(query) @ positive(key) for key in k] for query in q]
    weights = np.array(weights) / np.sum(weights, axis=1, keepdims=True)
    assert np.allclose(linear_attention(q, k, v, keys_first), weights @ v)


@given(st.integers(1, 40), st.integers(1, 40))
def test_multiplications(n, d):
    """One multiplication for each pair of an output entry and an inner index."""
    q = k = v = np.ones((n, d))
    left = (q @ k.T).size * d + ((q @ k.T) @ v).size * n
    right = (k.T @ v).size * n + (q @ (k.T @ v)).size * d
    assert multiplications(n, d) == (left, right)


def test_keys_first_never_builds_the_big_matrix():
    """The two bracketings differ in what they hold: n x n or d x d."""
    q, k, v = three(0, 1000, 1000, 8, 8)
    peaks = []
    for keys_first in (True, False):
        tracemalloc.start()
        linear_attention(q, k, v, keys_first)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[0] < 1000 * 1000 * 8 / 4 < 1000 * 1000 * 8 <= peaks[1]


# What the page says


def test_small_example(woven):
    values = woven(RUN).values
    assert values["raw_score"] == 6
    assert values["first_weight"] == pytest.approx(0.88, abs=0.01)
    assert 0.8 < values["first_output"] < 1


def test_scale(woven):
    values = woven(RUN).values
    for d in (16, 64, 256, 1024):
        assert values["variance"][str(d)] == pytest.approx(d, rel=0.15)
    assert values["sharp"]["4"] < 0.5 and values["sharp"]["1024"] > 0.9
    assert all(0.1 < weight < 0.25 for weight in values["soft"].values())


def test_saturation(woven):
    slope = woven(RUN).values["slope"]
    assert slope["raw1024"] < 0.15 and slope["raw4"] > 0.5
    assert slope["scaled4"] > 0.8 and slope["scaled1024"] > 0.8


def test_scale_does_not_help_when_query_is_key(woven):
    own = woven(RUN).values["own_weight"]
    assert own["4"] < 0.3 and own["64"] > 0.9 and own["256"] > 0.99


def test_agreements(woven):
    """Claim 001-86: the layer is more than A; with heads and W_O it equals torch's."""
    values = woven(RUN).values
    assert values["heads_agree"] and values["sdpa_gap"] < 1e-14 and values["layer_gap"] < 1e-14
    assert values["moved"] is True and values["masked"] is False
    assert values["one_pass"] is True and values["same"] is True
    assert "equals torch's is_causal:     True" in woven(RUN).regions["causal"].output


def test_wrong_reshape_mixes_tokens(woven):
    right, wrong = woven(RUN).values["second_row"]
    assert right == [10, 11, 12, 13] and wrong == [4, 5, 6, 7]


def test_ranks(woven):
    ranks = woven(RUN).values["ranks"]
    assert all(of_scores == int(d) for d, (of_scores, _) in ranks.items())
    assert ranks["4"][1] == ranks["16"][1] == 64 and ranks["2"][1] > 20


def test_masking_late_leaks(woven):
    values = woven(RUN).values
    assert values["leak"] > 0.02 and values["safe"] == 0 and values["first_row_sum"] < 0.2


def test_linear_costs(woven):
    values = woven(RUN).values
    assert values["left_count"] == 2 * 2048**2 * 32 and values["saving"] == 64
    assert 0.4 < values["linear_gap"] < 1.2


def test_fewer_multiplications_take_less_time(woven):
    assert woven(RUN).values["sooner"] > 2  # CPU time on one thread, in the page's own run
