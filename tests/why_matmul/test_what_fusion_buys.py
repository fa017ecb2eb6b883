"""What the chapter on mixing and its price claims, checked again by other means."""
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from snippets.mechanics.attention_as_product import attention, scores, softmax
from snippets.why_matmul.what_fusion_buys import (
    after, attend, attend_linear, attention_layer, attention_steps, bill, decoding_steps,
    explained, exponent, flat, other_weights, parts_gap, product_flops, product_steps, reach,
    recall_task, recurrent_steps, relu, tree,
)

NAME = "why_matmul/what_fusion_buys"
seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=20)


@pytest.fixture
def values(woven):
    return woven(NAME).values


def log2(n):
    return math.ceil(math.log2(n))


# The whole and its parts


@given(seeds, st.integers(1, 12), st.integers(2, 5))
def test_a_linear_map_is_the_sum_of_its_parts(seed, n, count):
    rng = np.random.default_rng(seed)
    w, scale = rng.standard_normal((n, n)), rng.standard_normal(n)
    parts = rng.standard_normal((count, n))
    for f in (lambda x: w @ x, lambda x: scale * x, lambda x: w @ (w @ x)):
        assert parts_gap(f, parts) < 1e-10


@given(seeds)
def test_elementwise_maps_are_sums_over_single_numbers(seed):
    rng = np.random.default_rng(seed)
    scale, x = rng.standard_normal((2, 9))
    assert parts_gap(lambda x: relu(scale * x), np.diag(x)) < 1e-12


def test_parts_gap_by_hand():
    assert parts_gap(relu, np.array([[1.0], [-1.0]])) == 1  # whole 0, parts 1 + 0
    assert parts_gap(lambda x: x**2, np.array([[1.0], [1.0]])) == 0.5  # whole 4, parts 2
    assert parts_gap(lambda x: x**3, np.array([[2.0], [-1.0]])) == 6 / 7  # 1 against 8 - 1
    assert parts_gap(lambda x: x + 1, np.ones((3, 1))) == 2 / 6  # whole 4, parts 6


def test_which_maps_are_sums(values):
    assert values["linear_gap"] < 1e-12
    assert min(values["gap_relu_matrix"], values["gap_relu_scale"], values["gap_numbers"]) > 0.3


def test_relu_never_makes_more_than_the_parts(values):
    assert values["more_relu"] == 0 and 0.45 < values["less_relu"] < 0.55
    assert 0.45 < values["more_gate"] < 0.55 and 0.45 < values["less_gate"] < 0.55
    grid = np.linspace(-3, 3, 25)
    a, b = np.meshgrid(grid, grid)
    assert (relu(a + b) <= relu(a) + relu(b)).all()
    assert (-relu(a + b) >= -relu(a) - relu(b)).all()  # a negative weight behind it: never less


def test_relu():
    assert relu(np.array([-2.0, 0.0, 3.0])).tolist() == [0, 0, 3]


def test_a_matrix_comes_apart_in_layers_and_columns(woven):
    assert woven(NAME).regions["pieces"].output.count("True") == 2


# Two products on the way back


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 5, 7), (32, 64, 48)])
def test_backward_is_two_products(shape):
    m, k, n = shape
    assert product_flops(shape) == (2 * m * k * n, 4 * m * k * n)
    x, w = torch.ones(m, k, requires_grad=True), torch.ones(k, n, requires_grad=True)
    with FlopCounterMode(display=False) as pytorch:
        (x @ w).sum().backward()
    assert pytorch.get_total_flops() == sum(product_flops(shape))


def test_backward_on_the_page(woven, values):
    assert values["least_ratio"] == values["most_ratio"] == 2
    assert woven(NAME).regions["backward"].output.count("True") == 2


def test_fifty_layers(values):
    left = values["left"]
    assert left["Gaussian, gain 0.7"] < 1e-6 and left["ReLU, gain 1"] < 1e-6
    assert left["Gaussian, gain 1.4"] > 1e5
    assert left["orthogonal"] == pytest.approx(1, rel=1e-9)
    for name in ("Gaussian, gain 1", "near identity", "ReLU, gain 1.41"):
        assert 0.1 < left[name] < 3


# Exponents


def test_exponents(values):
    expected = {"d * x": 1, "W @ x": 2, "A @ B": 3, "attention, n tokens": 2,
                "attention, n by n": 3, "linear attention": 1,
                "Strassen, products": math.log2(7)}
    assert values["exponents"].keys() == expected.keys()
    for name, p in expected.items():
        assert values["exponents"][name] == pytest.approx(p, abs=0.01)


def test_exponent():
    assert exponent(lambda n: (5 * n**3, 0), 4) == pytest.approx(3)
    assert exponent(lambda n: (8 * n, n**2), 7) == pytest.approx(1)


def test_bill_counts_operations_and_traffic():
    assert bill(torch.matmul, (3, 4), (4, 5)) == (2 * 3 * 4 * 5, 12 + 20 + 15)
    assert bill(torch.mul, (6,), (6,)) == (6, 18)
    n, d = 32, 8
    # q k, scale, softmax (5 for each weight), weights v
    assert bill(attend, (n, d), (n, d), (n, d))[0] == 4 * n * n * d + 6 * n * n
    layer = bill(attention_layer, (n, d), *[(d, d)] * 4)[0]
    assert layer == 8 * n * d * d + 4 * n * n * d + 6 * n * n
    # two ReLUs, k v, q (k v), the column sum, its product with q, the division
    linear = bill(attend_linear, (n, d), (n, d), (n, d))[0]
    assert linear == 2 * n * d + 4 * n * d * d + n * d + 2 * n * d + n * d


def test_counted_functions_are_attention():
    rng = np.random.default_rng(0)
    q, k, v = rng.standard_normal((3, 12, 5))
    tensors = [torch.tensor(x) for x in (q, k, v)]
    np.testing.assert_allclose(attend(*tensors).numpy(), attention(q, k, v), atol=1e-12)
    kernel = np.maximum(q, 0) @ np.maximum(k, 0).T
    by_rows = kernel / kernel.sum(axis=1, keepdims=True) @ v
    np.testing.assert_allclose(attend_linear(*tensors).numpy(), by_rows, atol=1e-12)
    w = rng.standard_normal((4, 5, 5))
    expected = attention(q @ w[0], q @ w[1], q @ w[2]) @ w[3]
    layer = attention_layer(tensors[0], *torch.tensor(w))
    np.testing.assert_allclose(layer.numpy(), expected, atol=1e-12)


def test_exponent_of_a_layer_climbs_from_one_to_two(values):
    climb = values["climb"]
    assert all(b > a for a, b in zip(climb, climb[1:], strict=False))
    assert climb[0] < 1.2 and climb[-1] > 1.98
    n, d = values["half_length"], 64
    assert n == 2 * d and 8 * n * d * d == 4 * n * n * d  # here core and projections cost alike


def test_online_softmax_is_exact(values, woven):
    output = woven(NAME).regions["held"].output
    assert output.count("True") == 3 and "1/64" in output
    assert values["largest_gap"] < 1e-12


def test_reuse_grows_with_size(values):
    assert values["scale_per_number"] == pytest.approx(1 / 3)
    assert values["product_per_number"] == pytest.approx(2 * 512 / 3)
    assert values["product_per_number"] > 100 * values["scale_per_number"]
    assert values["per_number"]["W @ x"] == pytest.approx(2, rel=0.01)


# Dependent steps


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40))
def test_tree(ready):
    """Never sooner than the last number, never later than log2 steps after it."""
    done = int(tree(np.array(ready), 0))
    assert max(ready) <= done <= max(ready) + log2(len(ready))
    assert int(tree(np.zeros(len(ready), dtype=int), 0)) == log2(len(ready))


def test_tree_waits_for_its_last_number():
    assert int(tree(np.array([0, 0, 0, 7]), 0)) == 9
    assert int(tree(np.array([0, 0, 7]), 0)) == 8  # the odd one out joins at the end
    assert tree(np.array([[0, 3], [5, 0]]), 0).tolist() == [6, 4]
    assert tree(np.array([[0, 3], [5, 0]]), 1).tolist() == [4, 6]


def test_after():
    assert after(np.array([[1, 2]]), np.array([[0], [5]])).tolist() == [[2, 3], [6, 6]]


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9))
@few
def test_product_steps(m, k, n):
    a, b = np.zeros((m, k), dtype=int), np.zeros((k, n), dtype=int)
    steps = product_steps(a, b)
    assert steps.shape == (m, n) and (steps == 1 + log2(k)).all()
    late = b.copy()
    late[0, 0] = 5
    assert (product_steps(a, late) >= 6)[:, 0].all()
    assert (product_steps(a, late)[:, 1:] == 1 + log2(k)).all()


@pytest.mark.parametrize(("n", "d"), [(1, 1), (2, 3), (8, 16), (13, 5)])
def test_attention_steps(n, d):
    tokens = np.zeros((n, d), dtype=int)
    # product, scale, maximum, subtract, exp, sum, divide, product
    expected = (1 + log2(d)) + 1 + log2(n) + 2 + log2(n) + 1 + (1 + log2(n))
    assert (attention_steps(tokens, tokens, tokens) == expected).all()


def test_attention_waits_for_queries_keys_and_values():
    q, k, v = np.zeros((3, 4, 4), dtype=int)
    on_time = attention_steps(q, k, v).max()
    for late in range(3):
        parts = [q.copy(), k.copy(), v.copy()]
        parts[late][0, 0] = 50
        assert attention_steps(*parts).max() > on_time + 20
    one = q.copy()
    one[0, 0] = 50
    assert (attention_steps(one, k, v)[1:] == on_time).all()  # the other queries do not wait


def test_recurrent_steps():
    assert recurrent_steps(1, 16) == 1 + 4 + 2
    assert recurrent_steps(10, 16) == 10 * 7
    assert recurrent_steps(10, 1) == 10 * 3


def test_decoding_steps():
    token = np.zeros((1, 16), dtype=int)
    assert decoding_steps(1, 16) == attention_steps(token, token, token).max()
    done, total = 0, 0
    for seen in range(1, 9):  # each vector waits for the one before, and for nothing later
        total = done + 5 + 1 + log2(seen) + 2 + log2(seen) + 1 + 1 + log2(seen)
        assert decoding_steps(seen, 16) <= total
        done = decoding_steps(seen, 16)
        assert done > (seen - 1) * 10
    assert done > 8 * decoding_steps(1, 16)  # later ones attend to more, and take longer


def test_training_is_shallow_and_decoding_is_not(values):
    table = values["table"]
    assert values["scale_steps"] == 1
    assert values["product_128"] == 5 and values["attention_128"] == 31
    assert values["attention_growth"] == 3 * 4  # three more for every doubling
    assert values["recurrent_128"] == 128 * 7
    assert table["128"]["decoding"] > 100 * table["128"]["attention"]
    # more than in proportion to the tokens, as n log n is
    assert 4 < table["128"]["decoding"] / table["32"]["decoding"] < 4 * 7 / 5


def test_one_pass_equals_the_cache(woven):
    assert "same outputs: True" in woven(NAME).regions["cache"].output


# Local, global, dynamic


@given(seeds, st.integers(2, 10))
@few
def test_reach_is_the_pattern_of_the_matrix(seed, n):
    rng = np.random.default_rng(seed)
    w = rng.standard_normal((n, n)) * (rng.random((n, n)) < 0.5)
    inputs = reach(lambda x: w @ x, rng.standard_normal(n))
    assert inputs.tolist() == (w != 0).sum(axis=1).tolist()


def test_not_every_product_is_global(woven, values):
    rows = [line.split() for line in woven(NAME).regions["local"].output.splitlines()]
    counts = [[int(x) for x in row[-12:]] for row in rows]
    assert counts[0] == [1] * 12 and counts[1][1:-1] == [3] * 10
    assert counts[2] == list(range(1, 13)) and counts[3] == [12] * 12
    assert values["band_reach"] == 3


def test_attention_moves_its_weight_with_the_input(values):
    assert values["moved"] > 0.3


def test_recall(values):
    assert values["recall"] > 0.97 and 0.08 < values["fixed_recall"] < 0.2
    assert values["recall_theory"] == 0.125


@given(seeds, st.integers(1, 6), st.integers(1, 9))
@few
def test_recall_task(seed, pairs, d):
    keys, values, queries, wanted = recall_task(np.random.default_rng(seed), 7, pairs, d, 3)
    assert keys.shape == (7, pairs, d) and queries.shape == (7, 1, d)
    np.testing.assert_allclose((keys**2).sum(axis=2), 1)
    for task in range(7):
        place = int(np.argmin(np.abs(keys[task] - queries[task]).sum(axis=1)))
        assert (keys[task, place] == queries[task, 0]).all()
        assert any((value == wanted[task]).all() for value in values[task])
        if d > 1:
            assert (values[task, place] == wanted[task]).all()


def test_recall_task_draws_afresh():
    keys, values, queries, _ = recall_task(np.random.default_rng(0), 500, 4, 6, 3)
    assert len(np.unique(keys[:, 0, 0])) == 500 and values.var() == pytest.approx(1, abs=0.1)
    asked = [(keys[i] == queries[i]).all(axis=1).argmax() for i in range(500)]
    assert min(np.bincount(asked, minlength=4)) > 80


def test_explained():
    truth = np.array([[1.0, 0.0], [3.0, 4.0], [5.0, 8.0]])
    assert explained(truth, truth) == 1
    assert explained(np.tile(truth.mean(0), (3, 1)), truth) == 0
    assert explained(truth + 1, truth) == pytest.approx(1 - 6 / 40)


def test_flat_keeps_every_number():
    parts = recall_task(np.random.default_rng(0), 5, 3, 4, 2)[:3]
    rows = flat(*parts)
    assert rows.shape == (5, 3 * 4 + 3 * 2 + 4)
    for row, *own in zip(rows, *parts, strict=True):
        assert row.tolist() == [x for part in own for x in part.ravel()]


# Reading the weights


def test_contributions_sum(woven, values):
    assert "True" in woven(NAME).regions["jacobians"].output
    assert values["formulas"] > 300


@given(seeds, st.integers(1, 6), st.integers(3, 12))
def test_other_weights(seed, d, extra):
    rng = np.random.default_rng(seed)
    n = d + extra
    q, k, v = rng.standard_normal((3, n, d))
    weights = softmax(scores(q, k))[0]
    token = int(rng.integers(n))
    twin = other_weights(weights, v, token)
    assert (twin > 0).all() and twin.sum() == pytest.approx(1)
    np.testing.assert_allclose(twin @ v, weights @ v, atol=1e-10)
    assert twin[token] < weights[token]
    assert (twin < 0.02 * weights).any()  # as far as it goes: one weight is almost gone


def test_other_weights_lower_the_token_most():
    """No other silent move of the same length takes more from the token."""
    rng = np.random.default_rng(0)
    q, k, v = rng.standard_normal((3, 12, 4))
    weights = softmax(scores(q, k))[0]
    move = other_weights(weights, v, 3) - weights
    conditions = np.column_stack([v, np.ones(12)])
    projector = np.eye(12) - conditions @ np.linalg.pinv(conditions)
    best = -projector[3] / np.linalg.norm(projector[3])
    np.testing.assert_allclose(move / np.linalg.norm(move), best, atol=1e-9)


def test_no_room_without_enough_tokens():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="no room"):
        other_weights(np.full(5, 0.2), rng.standard_normal((5, 4)), 0)
    twin = other_weights(np.full(6, 1 / 6), rng.standard_normal((6, 4)), 0)
    assert not np.allclose(twin, 1 / 6)


def test_weights_are_not_identifiable(values, woven):
    assert woven(NAME).regions["twins"].output.count("True") == 2
    assert values["distance"] > 0.05
    assert values["favourite"] != values["twin_favourite"]
    assert values["after_weight"] < 0.05 * values["before_weight"]
