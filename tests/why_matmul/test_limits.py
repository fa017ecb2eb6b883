"""What one matrix cannot learn: counts, certificates, constructions and failures."""

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.mechanics.geometry import network, tent_network
from snippets.why_matmul.limits import (
    correlations,
    draw,
    hidden_xors,
    hinge_network,
    learn_curve,
    learn_parity,
    learnable,
    mask,
    square_network,
    with_products,
    words,
    xor_tree,
)

LIMITS = "why_matmul/limits"
seeds = st.integers(0, 2**32 - 1).map(np.random.default_rng)


# Counting


def test_words_count_upwards_in_binary():
    assert words(3).tolist() == [[int(c) for c in reversed(f"{n:03b}")] for n in range(8)]


@given(seeds)
def test_mask_is_binary_with_the_first_answer_last(rng):
    answers = rng.integers(0, 2, size=(3, 8)).astype(bool)
    written = [int("".join(str(int(a)) for a in row[::-1]), 2) for row in answers]
    assert mask(answers).tolist() == written


def test_learnable_is_what_a_plain_loop_finds():
    features = words(3) * [1, 2, 1] - [0, 1, 0]
    by_hand = set()
    for w in product((-1, 0, 1), repeat=3):
        scores = [int(row @ np.array(w)) for row in features]
        for t in range(-9, 9):
            by_hand.add(sum((score > t) << i for i, score in enumerate(scores)))
    assert learnable(features, 1) == by_hand


def test_one_matrix_learns_14_104_1882(woven):
    """Numbers of threshold functions: https://oeis.org/A000609."""
    assert woven(LIMITS).values["one_matrix"] == {"2": 14, "3": 104, "4": 1882}


def test_every_other_relation_hides_an_xor(woven):
    """So the count is complete: what was not found is proved impossible."""
    values = woven(LIMITS).values
    for bits, largest in ((2, 1), (3, 2), (4, 3)):
        found = learnable(words(bits), largest)
        assert {int(t) for t in np.flatnonzero(hidden_xors(bits))} == set(
            range(2 ** (2**bits))) - found
        assert values["hidden"][str(bits)] == 2 ** (2**bits) - len(found)


@given(seeds)
def test_no_affine_score_has_unlike_diagonals(rng):
    w, t = rng.standard_normal(3), rng.standard_normal()
    table = int(mask(words(3) @ w > t))
    assert not hidden_xors(3)[table]
    corner, along, across = rng.integers(-5, 6, size=(3, 3))
    scores = [p @ w for p in (corner, corner + along + across, corner + along, corner + across)]
    assert np.isclose(scores[0] + scores[1], scores[2] + scores[3])


# Depth without bends


def test_linear_depth_leaves_the_list_of_one_matrix_as_it_is(woven):
    values = woven(LIMITS).values
    assert values["outside_count"]["linear"] == 0
    assert values["outside_count"]["ReLU"] > 5 and values["outside_kinds"]["ReLU"] > 3


# Data times data


@given(seeds)
def test_with_products_are_the_terms_of_a_bilinear_form(rng):
    x, m = rng.integers(-5, 6, size=(6, 4)), rng.integers(-5, 6, size=(4, 4))
    np.fill_diagonal(m, 0)
    i, j = np.triu_indices(4, 1)
    weights = np.concatenate([np.zeros(4, int), (m + m.T)[i, j]])
    assert np.array_equal(with_products(x) @ weights, np.einsum("ni,ij,nj->n", x, m, x))
    assert np.array_equal(with_products(x)[:, :4], x)


def test_two_data_factors_learn_all_but_parity(woven):
    values = woven(LIMITS).values
    assert values["bilinear"] == [0, 1, 1, 0]
    assert values["with_pairs"] == {"2": 16, "3": 254}
    parity = int(mask(words(3).sum(axis=1) % 2 == 1))
    assert values["missing"] == sorted([parity, 255 - parity])


def test_no_quadratic_has_the_sign_of_three_bit_parity():
    """In signs, parity is orthogonal to all terms of lower degree, whatever the weights."""
    signs = 2 * words(3) - 1
    parity = signs.prod(axis=1)
    assert (parity @ np.column_stack([np.ones(8, int), with_products(signs)]) == 0).all()


@given(seeds, st.integers(0, 5))
def test_tree_is_parity(rng, levels):
    x = rng.integers(0, 2, size=(20, 2**levels))
    assert np.array_equal(xor_tree(x), x.sum(axis=1) % 2)


def test_tree_is_right_on_every_word_of_16_bits(woven):
    values = woven(LIMITS).values
    assert values["tree_right"] is True and values["tree_words"] == 2**16


# Bends


def test_only_the_bend_makes_width_count(woven):
    values = woven(LIMITS).values
    rank, error = values["fit_rank"], values["fit_error"]
    assert rank["none"] == [2] * 5 and rank["square"] == [3] * 5
    assert rank["ReLU"] == [units + 1 for units in (4, 8, 16, 32, 64)]
    for name in ("none", "square"):
        assert np.ptp(error[name]) < 1e-6 < 0.5 < min(error[name])
    assert all(b < a / 3 for a, b in zip(error["ReLU"], error["ReLU"][1:], strict=False))
    assert -2.1 < values["width_exponent"] < -1.8


# Depth with bends


@given(st.integers(1, 7))
def test_deep_square_is_the_chord_interpolation(depth):
    knots = np.arange(2**depth + 1) / 2**depth
    x = np.arange(2 ** (depth + 2) + 1) / 2 ** (depth + 2)
    layers = square_network(depth)
    assert [len(b) for _, b in layers] == [3] * depth + [1]
    got = network(layers, x[None, :])[0]
    assert np.array_equal(got, np.interp(x, knots, knots**2))
    assert np.abs(got - x**2).max() == 4.0 ** -(depth + 1)


@given(seeds)
def test_square_network_takes_away_tents(rng):
    x = rng.uniform(size=(1, 30))
    tents = sum(network(tent_network(s), x)[0] / 4.0**s for s in range(1, 5))
    assert np.allclose(network(square_network(4), x)[0], x[0] - tents)


@given(seeds)
def test_hinges_pass_through_their_points_and_go_on(rng):
    knots = np.sort(rng.uniform(-3, 3, size=6))
    values = rng.standard_normal(6)
    layers = hinge_network(knots, values)
    assert [len(b) for _, b in layers] == [5, 1]
    x = np.concatenate([knots, rng.uniform(knots[0], knots[-1], size=20)])
    assert np.allclose(network(layers, x[None, :])[0], np.interp(x, knots, values))
    slope = (values[-1] - values[-2]) / (knots[-1] - knots[-2])
    assert np.isclose(network(layers, knots[-1:] + 2)[0], values[-1] + 2 * slope)
    assert np.isclose(network(layers, knots[:1] - 2)[0], values[0])


def test_depth_doubles_the_pieces(woven):
    values = woven(LIMITS).values
    assert values["square_error"] == {str(d): 4.0 ** -(d + 1) for d in (1, 2, 4, 6, 8)}
    assert values["deep_units"] == 24 and values["wide_units"] == 256
    assert woven(LIMITS).regions["squares"].output.count("True") == 5


def test_one_layer_cannot_do_with_fewer_units(woven):
    """On a piece of length h the best line is h²/8 off x², and n units make n + 1 pieces."""
    values = woven(LIMITS).values
    error, needed = values["square_error"]["8"], values["needed"]
    assert 1 / (8 * (needed + 1) ** 2) <= error < 1 / (8 * needed**2)
    for h in (0.25, 0.1):
        x = np.linspace(0, h, 1001)
        assert np.isclose(np.ptp(x**2 - h * x) / 2, h**2 / 8)


# Learning


def test_eight_units_by_hand_are_exact(woven):
    assert woven(LIMITS).values["hand_right"] is True


def test_gradient_descent_finds_four_of_thirty_and_not_eight(woven):
    learned = woven(LIMITS).values["learned"]
    assert min(learned["4 of 30"], learned["8 of 16"]) > 0.9
    assert max(abs(learned[name] - 0.5) for name in ("8 of 30", "30 of 30")) < 0.03


@settings(max_examples=20)
@given(st.integers(1, 9), st.data())
def test_draw_gives_signs_and_the_parity_of_the_first(bits, data):
    chosen = data.draw(st.integers(1, bits))
    x, y = draw(bits, chosen, 40)
    assert x.shape == (40, bits) and set(x.unique().tolist()) <= {-1.0, 1.0}
    assert x.unique().numel() == 2
    assert torch.equal(y < 0, (x[:, :chosen] < 0).sum(dim=1) % 2 == 1)


def test_learn_parity_learns_two_bits_and_knows_nothing_untrained():
    assert learn_parity(6, 2, steps=200, rate=0.01) > 0.98
    assert learn_parity(6, 2, steps=200, rate=1e-6) < 0.9
    assert learn_parity(6, 6, steps=0, rate=0.01) < 0.7


@pytest.mark.parametrize("rate", [0.1, 1.0])
def test_other_learning_rates_do_not_find_eight_of_thirty_either(rate):
    assert learn_parity(30, 4, steps=500, rate=rate) > 0.95
    assert abs(learn_parity(30, 8, steps=500, rate=rate) - 0.5) < 0.03


@given(seeds, st.integers(1, 6))
def test_correlations_are_means_of_products(rng, bits):
    answers = rng.standard_normal(2**bits)
    signs = 1 - 2 * words(bits)
    for subset in range(2**bits):
        chosen = words(bits)[subset].astype(bool)
        expected = np.mean(answers * signs[:, chosen].prod(axis=1))
        assert np.isclose(correlations(answers)[subset], expected)


def test_squares_of_the_correlations_sum_to_one(woven):
    values = woven(LIMITS).values
    assert np.isclose(values["typical"], 2**-8)
    assert "1.000000 to 1.000000" in woven(LIMITS).regions["needle"].output
    rms = values["rms"]
    assert rms["1"] > 10 * rms["2"] > 20 * rms["4"] > 20 * rms["16"]
    assert rms["1"] > 0.1 and rms["16"] < values["typical"]


# Outside the data


def test_fit_ends_with_the_data(woven):
    values = woven(LIMITS).values
    error = values["wave_error"]
    assert all(inside < 0.15 for inside, _ in error.values())
    assert min(error["ReLU"][1], error["tanh"][1]) > 0.7
    assert error["ring"][1] < 0.15 and values["is_straight"] is True


@settings(max_examples=10)
@given(seeds)
def test_relu_networks_end_straight_and_tanh_networks_flat(rng):
    far = torch.linspace(1e6, 2e6, 51, dtype=torch.float64)[:, None]
    for activation, slope_left in ((torch.nn.ReLU(), True), (torch.nn.Tanh(), False)):
        torch.manual_seed(int(rng.integers(1000)))
        net = torch.nn.Sequential(torch.nn.Linear(1, 8), activation,
                                  torch.nn.Linear(8, 8), activation,
                                  torch.nn.Linear(8, 1)).double()
        with torch.no_grad():
            y = net(far)[:, 0].numpy()
        assert np.abs(np.diff(y, n=2)).max() < 1e-8 * max(1, np.abs(y).max())
        assert slope_left or np.ptp(y) < 1e-9


def test_learn_curve_fits_and_returns_a_function_of_points():
    net = learn_curve(torch.cos, lambda t: t / 3, torch.nn.Tanh(), 300)
    t = np.linspace(-3, 3, 7)
    assert net(t).shape == (7,) and np.abs(net(t) - np.cos(t)).max() < 0.2
    idle = learn_curve(torch.cos, lambda t: t / 3, torch.nn.Tanh(), 0)
    assert np.abs(idle(t) - np.cos(t)).max() > 0.5


@pytest.mark.parametrize("bits", [2, 3])
def test_more_words_than_weights(bits, woven):
    """The share of relations one matrix can learn falls with every bit."""
    share = woven(LIMITS).values["share"]
    assert share[str(bits)] > share[str(bits + 1)]
