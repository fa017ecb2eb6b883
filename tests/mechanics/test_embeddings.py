"""Lookup and one-hot product, their cost, and what gradients and optimisers do to unused rows."""
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch import nn, optim

from snippets.mechanics.embeddings import (
    MODELS, drift, embedding_gradient, one_hot, products_by_zero, rows_moved, rows_with, same_bits,
    share_of_layers, step,
)

NAME = "mechanics/embeddings"
sizes = st.integers(1, 12)


@st.composite
def lookups(draw):
    """Ids, a table and the gradient that arrives from above, of fitting random shapes."""
    vocab, width, tokens = draw(sizes), draw(sizes), draw(sizes)
    ids = draw(arrays(np.int64, tokens, elements=st.integers(0, vocab - 1)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    table = rng.normal(size=(vocab, width)).astype(np.float32)
    return ids, table, rng.integers(-9, 10, size=(tokens, width)).astype(np.float32)


@given(lookups())
def test_lookup_has_the_bits_of_the_product(case):
    ids, table, _ = case
    assert same_bits(one_hot(ids, len(table)) @ table, table[ids])


@given(lookups())
def test_one_hot_rows(case):
    ids, table, _ = case
    rows = one_hot(ids, len(table))
    assert rows.dtype == np.float32
    assert np.array_equal(rows, np.eye(len(table))[ids])


def test_same_bits_is_stricter_than_equality():
    zero, minus = np.zeros(1, np.float32), -np.zeros(1, np.float32)
    assert zero == minus and not same_bits(zero, minus)
    assert same_bits(minus, minus.copy())
    assert not same_bits(np.array([1], np.float32), np.array([2], np.float32))


def test_order_of_the_factors(woven):
    assert woven(NAME).values["accident"] == [5, 5]
    with pytest.raises(ValueError):
        np.zeros((5, 3)) @ one_hot(np.arange(4), 5)  # V x d times N x V, N = 4


def test_where_the_bits_differ(woven):
    values = woven(NAME).values
    assert values["bitwise"] is True
    assert values["nan_lookup"] == 0
    assert values["nan_product"] == values["tokens"]  # one column of every token
    minus = np.array([[-0.0], [1.0]], np.float32)
    assert np.signbit(minus[[0]]) and not np.signbit(one_hot(np.array([0]), 2) @ minus)


def test_bfloat16_product_returns_rounded_rows(woven):
    values = woven(NAME).values
    assert values["rounded_rows"] is True
    assert values["kept"] < 0.001 * values["tokens"] * values["width"]


@given(lookups())
def test_products_by_zero_are_counted(case):
    ids, table, _ = case
    zeros = int((one_hot(ids, len(table)) == 0).sum()) * table.shape[1]
    assert products_by_zero(len(ids), *table.shape) == zeros


def test_layer_weights_in_units_of_width_squared():
    width = 64
    layer = nn.TransformerEncoderLayer(width, nhead=4, dim_feedforward=4 * width)
    matrices = sum(p.numel() for p in layer.parameters() if p.ndim == 2)
    assert {MODELS[name].weights for name in ("BERT base", "GPT-2 small", "GPT-3")} == {
        matrices / width**2
    }
    # Llama 3 8B: 32 query heads share 8 key and value heads; gated feed-forward of 14336.
    d = MODELS["Llama 3 8B"].width
    assert MODELS["Llama 3 8B"].weights * d**2 == 2 * d * d + 2 * d * d // 4 + 3 * d * 14_336


def test_share_of_layers_from_products_of_shapes():
    m = MODELS["GPT-2 small"]
    n, d = m.tokens, m.width
    shapes = [(n, d, 3 * d), (n, d, d), (n, d, 4 * d), (n, 4 * d, d), (n, d, n), (n, n, d)]
    layers = m.layers * sum(a * b * c for a, b, c in shapes)
    assert share_of_layers(m) == pytest.approx(n * m.vocab * d / layers, rel=1e-12)


def test_cost_at_published_sizes(woven):
    values = woven(NAME).values
    assert MODELS["BERT base"].vocab < 100_000 < MODELS["Llama 3 8B"].vocab
    assert values["zeros"]["GPT-2 small"] < 1e11
    assert min(values["zeros"]["GPT-3"], values["zeros"]["Llama 3 8B"]) > 1e12
    assert values["gpt3_batch"] == 3_200_000 * 50_256 * 12_288
    assert values["share"]["GPT-2 small"] > 0.3 and values["share"]["GPT-3"] < 0.005
    assert values["onehot_mb"]["Llama 3 8B"] == pytest.approx(8_192 * 128_256 * 4 / 1e6)


def test_product_costs_more_cpu_time_than_lookup(woven):
    assert woven(NAME).values["slower"] > 20  # CPU time on one thread, in the page's own run


@given(lookups())
def test_gradient_is_a_product_with_the_transposed_one_hot(case):
    ids, table, upstream = case
    grad = embedding_gradient(ids, upstream, len(table))
    assert np.array_equal(grad, one_hot(ids, len(table)).T @ upstream)
    layer = nn.Embedding.from_pretrained(torch.from_numpy(table), freeze=False)
    layer(torch.from_numpy(ids)).backward(torch.from_numpy(upstream))
    assert np.array_equal(grad, layer.weight.grad.numpy())


def test_layouts(woven):
    values = woven(NAME).values
    assert values["held"] == {"torch.strided": 1_000 * 64, "torch.sparse_coo": 128 * 64}
    assert values["distinct"] == values["merged"] == values["nonzero_rows"] < 128


def test_rows_with():
    assert rows_with(torch.tensor([[0.0, 0.0], [0.0, -1.0], [2.0, 3.0]])) == 2


def test_step_uses_the_count_of_each_word():
    table = nn.Embedding(4, 2)
    nn.init.zeros_(table.weight)
    optimiser = optim.SGD(table.parameters(), lr=1.0)
    step(table, optimiser, torch.tensor([1, 1, 3]))
    step(table, optimiser, torch.tensor([3]))  # the old gradient is gone
    assert table.weight[:, 0].tolist() == [0, -2, 0, -2]


@pytest.mark.parametrize("vocab", [40, 100])
def test_rows_that_a_second_step_moves(vocab):
    assert rows_moved(lambda p: optim.SGD(p, lr=0.1), vocab) == 10
    assert rows_moved(lambda p: optim.SGD(p, lr=0.1, momentum=0.9), vocab) == 20
    assert rows_moved(optim.AdamW, vocab) == vocab
    assert rows_moved(optim.SparseAdam, vocab, sparse=True) == 10
    with pytest.raises(RuntimeError):
        rows_moved(optim.Adam, vocab, sparse=True)


def test_optimiser_table(woven):
    assert woven(NAME).values["moved"] == {
        "SGD": 10, "momentum": 20, "decay": 1000, "Adagrad": 10, "RMSprop": 10, "Adam": 20,
        "AdamW": 1000, "SparseAdam": 10,
    }


def test_drift_follows_the_closed_forms():
    steps, lr = 30, 0.01
    momentum = drift(lambda p: optim.SGD(p, lr, momentum=0.9), steps)
    geometric = [lr * (1 - 0.9**t) / 0.1 for t in range(1, steps + 1)]
    assert momentum == pytest.approx(geometric, rel=1e-4)

    position, expected = 0.0, []
    for t in range(1, steps + 1):
        mean = 0.1 * 0.9 ** (t - 1) / (1 - 0.9**t)
        square = 0.001 * 0.999 ** (t - 1) / (1 - 0.999**t)
        position += lr * mean / square**0.5
        expected.append(position)
    assert drift(lambda p: optim.Adam(p, lr), steps) == pytest.approx(expected, rel=1e-4)
    sparse = drift(lambda p: optim.SparseAdam(p, lr), steps, sparse=True)
    assert sparse == pytest.approx([lr] * steps, rel=1e-4)


def test_one_gradient_counts_more_once_adam_is_warm():
    # Without bias correction a step is 0.9 / 0.999^0.5 of the one before.
    steps, ratio = 60, 0.9 / 0.999**0.5
    late = drift(lambda p: optim.Adam(p, 0.01), steps, wait=1_000)
    assert late[-1] / late[0] == pytest.approx((1 - ratio**steps) / (1 - ratio), rel=0.02)
    assert drift(lambda p: optim.SGD(p, 0.01), 3, wait=2) == pytest.approx([0.01] * 3, rel=1e-4)


def test_drift_on_the_page(woven):
    travelled = woven(NAME).values["travelled"]
    assert travelled["SGD"] == pytest.approx(1) == travelled["SparseAdam"]
    assert 9 < travelled["momentum"] < 10 and 5 < travelled["Adam"] < 7
    assert 9 < travelled["Adam later"] < 11


def test_tied_weights_reach_every_row(woven):
    assert woven(NAME).values["with_gradient"] == {"untied": 10, "tied": 100}
