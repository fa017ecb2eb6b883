"""The solved exercises of the chapter on embeddings, against independent references."""
import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch import nn, optim

from snippets.mechanics.embeddings import embedding_gradient
from snippets.mechanics.embeddings_solutions import (
    LazyMomentum, bag, overwriting_gradient, soft_lookup,
)

NAME = "mechanics/embeddings_solutions"
token_ids = arrays(np.int64, st.integers(1, 20), elements=st.integers(0, 6))


@given(token_ids)
def test_overwriting_loses_exactly_the_repeats(ids):
    ones = np.ones((len(ids), 2))
    wrong, right = overwriting_gradient(ids, ones, 7), embedding_gradient(ids, ones, 7)
    assert np.array_equal(wrong, right > 0)
    assert np.array_equal(right[:, 0], np.bincount(ids, minlength=7))


def test_last_repeat_survives():
    upstream = np.array([[1.0], [2.0], [4.0]])
    assert overwriting_gradient(np.array([1, 1, 0]), upstream, 2).ravel().tolist() == [4, 2]


def test_repeats_agree_with_autograd(woven):
    values = woven(NAME).values
    assert values["right"] == values["autograd"] == [10, 0, 1101, 0]
    assert values["wrong"] == [10, 0, 1000, 0]


@given(token_ids)
def test_bag_is_torch_embedding_bag(ids):
    table = np.random.default_rng(0).normal(size=(7, 3))
    layer = nn.EmbeddingBag.from_pretrained(torch.from_numpy(table), mode="sum")
    expected = layer(torch.from_numpy(ids)[None])[0].numpy()
    np.testing.assert_allclose(bag(ids, table), expected, atol=1e-12)


@given(st.floats(0, 50), st.integers(0, 2**32 - 1))
def test_soft_lookup_is_attention(beta, seed):
    rng = np.random.default_rng(seed)
    query, keys, table = rng.normal(size=4), rng.normal(size=(6, 4)), rng.normal(size=(6, 3))
    q, k, v = (torch.from_numpy(x)[None] for x in (query[None], keys, table))
    expected = nn.functional.scaled_dot_product_attention(q, k, v, scale=beta)[0, 0].numpy()
    np.testing.assert_allclose(soft_lookup(query, keys, table, beta), expected, atol=1e-9)


def test_soft_lookup_hardens(woven):
    gap = woven(NAME).values["soft_gap"]
    assert gap["1"] > 0.1 > gap["10"] > 1e-4 > gap["30"]


def test_decay_of_a_word_never_used(woven):
    values = woven(NAME).values
    assert abs(values["unused"] - values["predicted"]) < 1e-4
    assert 0.99 ** (values["half_life"] - 1) > 0.5 > 0.99 ** (values["half_life"] + 1)


@given(st.integers(0, 2**32 - 1), st.integers(1, 15))
def test_lazy_momentum_catches_up(seed, steps):
    rng = np.random.default_rng(seed)
    start = rng.normal(size=(8, 2))
    plain = nn.Parameter(torch.from_numpy(start.copy()))
    optimiser = optim.SGD([plain], lr=0.3, momentum=0.8)
    lazy = LazyMomentum(start.copy(), lr=0.3, mu=0.8)
    for _ in range(steps):
        rows, grad = rng.choice(8, size=3, replace=False), rng.normal(size=(3, 2))
        plain.grad = torch.zeros_like(plain)
        plain.grad[rows] = torch.from_numpy(grad)
        optimiser.step()
        lazy.step(rows, grad)
        np.testing.assert_allclose(lazy.table[rows], plain.detach().numpy()[rows], atol=1e-12)
    lazy.catch_up(np.arange(8))
    lazy.catch_up(np.arange(8))  # nothing more to catch up with
    np.testing.assert_allclose(lazy.table, plain.detach().numpy(), atol=1e-12)


def test_lazy_run_was_behind_before_it_caught_up(woven):
    values = woven(NAME).values
    assert values["behind"] > 0.1 and values["caught_up"] < 1e-12


def test_break_even_vocabulary(woven):
    assert woven(NAME).values["vocab_equal"] == 12 * (12 * 768 + 2 * 1_024)
