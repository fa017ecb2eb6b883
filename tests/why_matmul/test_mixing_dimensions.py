import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.func import jacrev

from snippets.why_matmul.mixing_dimensions import (
    Elementwise,
    OneUnit,
    TwoMatrices,
    additive_fit,
    best_length,
    cross_difference,
    explained,
    half_planes,
    interaction,
    jacobian,
    lost_directions,
    mixing,
    moved,
    parameter,
    right,
    superposition_defect,
    train,
)

PAGE = "why_matmul/mixing_dimensions"
seeds = st.integers(0, 10_000)


def draw(seed, *shape):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape))


# The networks are what their names say


@given(seeds)
@settings(max_examples=15)
def test_elementwise_network_is_the_formula(seed):
    model = Elementwise(2, inputs=3, branches=4, seed=seed).requires_grad_(False)
    model.c += draw(seed, 2, 1)
    x = draw(seed, 3, 5)
    for network in range(2):
        w, b, v, c = (p[network] for p in (model.w, model.b, model.v, model.c))
        for sample in range(5):
            expected = c[0].item()
            for i in range(3):
                here = 0.0
                for k in range(4):
                    z = w[i, k, 0] * x[i, sample] + b[i, k, 0]
                    here += (v[i, k, 0] * max(z, 0)).item()
                assert model.curves(x)[network, i, sample].item() == pytest.approx(here)
                expected += here
            assert model(x)[network, sample].item() == pytest.approx(expected)


@given(seeds)
@settings(max_examples=15)
def test_matrix_networks_are_torchs_layers(seed):
    x = draw(seed, 3, 5)
    one = OneUnit(2, inputs=3, seed=seed).requires_grad_(False)
    two = TwoMatrices(2, inputs=3, hidden=6, seed=seed).requires_grad_(False)
    two.c += draw(seed, 2, 1)
    linear, relu = torch.nn.functional.linear, torch.relu
    for k in range(2):
        single = relu(linear(x.T, one.w[k][None], one.b[k]))[:, 0]
        assert torch.allclose(one(x)[k], single)
        hidden = relu(linear(x.T, two.w[k], two.b[k, :, 0]))
        assert torch.allclose(two(x)[k], linear(hidden, two.v[k], two.c[k])[:, 0])


def test_elementwise_network_is_a_matrix_network_with_most_of_w_zero():
    """Each hidden unit's row of W has a single entry: the fair comparison of the page."""
    narrow = Elementwise(1, inputs=3, branches=4, seed=0).requires_grad_(False)
    wide = TwoMatrices(1, inputs=3, hidden=12, seed=1).requires_grad_(False)
    wide.w[0] = 0
    for i in range(3):
        wide.w[0, 4 * i:4 * i + 4, i] = narrow.w[0, i, :, 0]
    wide.b[0, :, 0] = narrow.b[0].flatten()
    wide.v[0, 0] = narrow.v[0].flatten()
    wide.c[0] = narrow.c[0]
    x = draw(0, 3, 20)
    assert torch.allclose(wide(x), narrow(x))


@pytest.mark.parametrize("make", [
    lambda seed: Elementwise(400, inputs=2, branches=8, seed=seed),
    lambda seed: TwoMatrices(400, inputs=2, hidden=16, seed=seed)])
def test_start_is_reproducible_and_of_the_stated_size(make):
    first, again, other = make(3), make(3), make(4)
    assert torch.equal(first.w, again.w) and not torch.equal(first.w, other.w)
    assert first.w.dtype == torch.float64 and first.w.requires_grad
    expected = 2.0 if isinstance(first, Elementwise) else 1.0
    assert first.w.var().item() == pytest.approx(expected, rel=0.05)
    assert first.v.var().item() == pytest.approx(1 / 16, rel=0.05)
    assert -1 <= first.b.min() < -0.9 and 0.9 < first.b.max() <= 1
    assert torch.equal(first.c, torch.zeros(400, 1).double())


def test_one_unit_starts_normal_with_spread_biases():
    unit = OneUnit(2000, inputs=3, seed=0)
    assert unit.w.var().item() == pytest.approx(1, rel=0.05)
    assert -1 <= unit.b.min() < -0.9 and 0.9 < unit.b.max() <= 1


def test_parameter_is_trainable_float64():
    p = parameter(torch.ones(2))
    assert p.dtype == torch.float64 and p.requires_grad


def test_training_is_torchs_adam():
    x, y = draw(1, 2, 30), draw(2, 30)
    model, same = (TwoMatrices(2, inputs=2, hidden=3, seed=5) for _ in range(2))
    optimiser = torch.optim.Adam(same.parameters(), lr=0.05)
    for _ in range(50):
        optimiser.zero_grad()
        ((same(x) - y) ** 2).mean(dim=-1).sum().backward()
        optimiser.step()
    trained = train(model, x, y, steps=50)
    for p, q in zip(trained.parameters(), same.parameters(), strict=True):
        assert torch.allclose(p, q) and not p.requires_grad


def test_networks_trained_together_do_not_share():
    x, y = draw(1, 2, 30), draw(2, 30)
    pair, single = OneUnit(2, inputs=2, seed=5), OneUnit(1, inputs=2, seed=5)
    with torch.no_grad():
        single.w.copy_(pair.w[1:])
        single.b.copy_(pair.b[1:])
    assert torch.allclose(train(pair, x, y, 20).w[1], train(single, x, y, 20).w[0])


# Scores


@given(seeds)
@settings(max_examples=20)
def test_explained_is_one_minus_error_over_variance(seed):
    y, guess = draw(seed, 50), draw(seed + 1, 3, 50)
    expected = 1 - np.mean((guess.numpy() - y.numpy()) ** 2, axis=1) / np.var(y.numpy())
    assert np.allclose(explained(guess, y), expected)
    assert explained(y, y) == 1
    assert explained(y.mean().expand(50), y).item() == pytest.approx(0, abs=1e-12)


def test_right_counts_signs():
    y = torch.tensor([1.0, -1, 2, -3])
    guess = torch.tensor([[1.0, -1, -1, -1], [-1, 1, 0, 0]])
    assert right(guess, y).tolist() == [0.75, 0.25]


# Ceilings


def test_half_planes_are_unit_directions_all_round_with_offsets():
    x = draw(0, 2, 7)
    z = half_planes(x, directions=8, offsets=5)
    assert z.shape == (40, 7)
    expected = []
    for b in np.linspace(-1.5, 1.5, 5):
        for k in range(8):
            w = np.array([math.cos(k * math.pi / 4), math.sin(k * math.pi / 4)])
            expected.append(w @ x.numpy() + b)
    assert np.allclose(z, np.array(expected))


@given(seeds)
@settings(max_examples=20)
def test_best_length_beats_every_other_length(seed):
    h, y = draw(seed, 4, 30), draw(seed + 1, 30)
    best = ((best_length(h, y) - y) ** 2).sum(dim=1)
    for s in np.linspace(0, 3, 31):
        assert (best <= ((s * h - y) ** 2).sum(dim=1) + 1e-9).all()
    assert torch.equal(best_length(torch.zeros(1, 30).double(), y), torch.zeros(1, 30).double())


def test_one_unit_and_half_plane_ceilings(woven):
    """The grid's answers against calculations and against units drawn at random.

    On the diagonal, relu(x1 + x2 - 2 + a) has an R² of 27 a² (1/6 - a/12 + a²/120)².
    """
    values = woven(PAGE).values
    assert values["plane_ceiling"] == pytest.approx(2 / 3, abs=0.005)
    a = np.linspace(0, 2, 10_001)
    diagonal = 27 * (a * (1 / 6 - a / 12 + a**2 / 120)) ** 2
    assert values["unit_ceiling"] == pytest.approx(diagonal.max(), abs=0.003)
    axis = (torch.arange(60).double() + 0.5) / 30 - 1
    grid = torch.cartesian_prod(axis, axis).T
    units = torch.relu(draw(4, 1000, 2) @ grid + draw(5, 1000, 1))
    product = grid[0] * grid[1]
    assert explained(best_length(units, product), product).max() < diagonal.max() + 0.001
    assert max(values["r2"]["B, one unit"]) < 0.25 and values["signs_unit"] < 0.69
    rng = np.random.default_rng(3)
    square = rng.uniform(-1, 1, (2, 20_000))
    z = rng.standard_normal((300, 2)) @ square + rng.standard_normal((300, 1))
    assert ((z > 0) == (square[0] * square[1] > 0)).mean(axis=1).max() < 0.68


@given(seeds)
@settings(max_examples=10)
def test_additive_fit_is_least_squares(seed):
    rng = np.random.default_rng(seed)
    full = rng.standard_normal((6, 5))
    everything = torch.ones(6, 5, dtype=torch.bool)
    expected = full.mean(axis=0) + full.mean(axis=1, keepdims=True) - full.mean()
    assert np.allclose(additive_fit(torch.from_numpy(full), everything), expected)

    known = torch.from_numpy(rng.random((6, 5)) < 0.7)
    exact = torch.from_numpy(rng.standard_normal((6, 1)) + rng.standard_normal(5))
    assert torch.allclose(additive_fit(exact, known)[known], exact[known])
    fit = additive_fit(torch.from_numpy(full), known)
    left = torch.where(known, torch.from_numpy(full) - fit, 0)
    assert left.sum(dim=0).abs().max() < 1e-9 and left.sum(dim=1).abs().max() < 1e-9


def test_no_additive_function_explains_a_product(woven):
    assert woven(PAGE).values["additive_ceiling"] < 1e-9


# What training gave


def test_elementwise_networks_do_not_learn_a_product(woven):
    values = woven(PAGE).values
    for name in ("A, 2 branches", "A, 16 branches"):
        assert max(values["r2"][name]) < 0.05 and max(values["signs"][name]) < 0.75


def test_one_unit_stays_below_and_two_matrices_learn_it(woven):
    values = woven(PAGE).values
    assert max(values["r2"]["B, one unit"]) < 0.3
    assert values["r2_full"] > 0.97 and values["signs_full"] > 0.93


def test_a_fixed_rotation_lets_the_elementwise_network_learn_it(woven):
    assert woven(PAGE).values["rotated"] > 0.97
    assert "exact: True" in woven(PAGE).regions["rotate"].output


def test_elementwise_network_wins_on_a_sum_and_loses_on_its_rotation(woven):
    values = woven(PAGE).values["r2_sum"]
    seen, worst, best = 0, 1, 2
    assert values["A"][worst] > 0.7
    assert values["B, then V"][seen] > 0.95 and values["B, then V"][best] < 0.1
    assert values["A, rotated"][best] < 0.1


def test_wiggle_in_one_dimension():
    """One input: element-wise and matrix networks are the same family, and it is not simple."""
    x, new = torch.linspace(-1, 1, 200).double()[None], torch.linspace(-1, 1, 333).double()[None]
    model = train(Elementwise(2, inputs=1, branches=64, seed=0), x, torch.sin(5 * x[0]), 400)
    assert explained(model(new), torch.sin(5 * new[0])).min() > 0.97


@given(seeds)
@settings(max_examples=10)
def test_two_branches_make_three_straight_pieces(seed):
    model = Elementwise(1, inputs=2, branches=2, seed=seed).requires_grad_(False)
    t = torch.linspace(-20, 20, 20_001).double()
    for curve in model.curves(t.expand(2, -1))[0]:
        slopes = (curve.diff() / t.diff()).round(decimals=6)
        # a sample step across a bend has a slope of its own
        assert len(slopes.unique_consecutive()) <= 3 + 2


@given(seeds)
@settings(max_examples=20)
def test_sums_get_at_most_three_of_four_signs(seed):
    """For every g + h, at the four points of the page; steps reach the three quarters."""
    a, b = draw(seed, 2).abs() + 0.1
    points = torch.stack([torch.stack([s * a, t * b]) for s in (1, -1) for t in (1, -1)], dim=1)
    signs = points[0] * points[1]
    model = Elementwise(50, inputs=2, branches=3, seed=seed).requires_grad_(False)
    assert right(model(points), signs).max() <= 0.75
    steps = (points > 0).double().sum(dim=0) - 1.5
    assert right(steps, signs) == 0.75


# Mixing, interaction, superposition


def product(x):
    return x[:1] * x[1:2]


@given(seeds)
@settings(max_examples=20)
def test_cross_difference_of_a_product_is_the_product_of_the_steps(seed):
    x = draw(seed, 3)
    assert torch.allclose(cross_difference(product, x, 0, 1, 0.5), torch.tensor(0.25).double())
    assert cross_difference(product, x, 0, 2, 0.5).abs() < 1e-12
    f = lambda v: v[:1] ** 2 * v[2:]  # noqa: E731
    expected = ((x[0] + 0.5) ** 2 - x[0] ** 2) * 0.5
    assert cross_difference(f, x, 0, 2, 0.5).item() == pytest.approx(expected.item())


def test_trained_elementwise_network_has_no_cross_difference(woven):
    assert woven(PAGE).values["additive_cross"] < 1e-12
    fresh = Elementwise(3, inputs=2, branches=4, seed=0).requires_grad_(False)
    untrained = cross_difference(lambda p: fresh(p[:, None])[:, 0], draw(1, 2), 0, 1, 0.5)
    assert untrained.abs().max() < 1e-12
    low, high = woven(PAGE).values["crosses"]["B, then V"][0], 0.6
    assert 0.1 < low < high


@given(seeds)
@settings(max_examples=10)
def test_measures_of_known_maps(seed):
    x, z, w = draw(seed, 5, 4), draw(seed + 1, 5, 4), draw(seed + 2, 4, 4)
    assert superposition_defect(lambda v: w @ v, x, z) < 1e-11
    shifted = superposition_defect(lambda v: w @ v + 1, x, z)
    assert shifted == pytest.approx(2)  # 1 - 2 + 3
    squares = (2 * x - 3 * z) ** 2 - 2 * x**2 + 3 * z**2
    assert superposition_defect(lambda v: v**2, x, z) == pytest.approx(squares.abs().max().item())

    off = (w * (1 - torch.eye(4))).abs().max().item()
    assert mixing(lambda v: w @ v, x) == pytest.approx(off)
    assert mixing(lambda v: w[0] * v, x) == 0
    assert interaction(lambda v: w @ v, x) < 1e-11
    assert interaction(lambda v: torch.relu(w[0] * v), x) < 1e-11
    assert interaction(lambda v: v * (w @ v), x) == pytest.approx(off)
    assert interaction(lambda v: v * (w @ v), x, step=2.0) == pytest.approx(4 * off)


def test_table_of_seven_maps(woven):
    table = woven(PAGE).values["measured"]
    zero = {name: [value == 0 for value in row] for name, row in table.items()}
    assert zero == {
        "w * x": [True, True, True],
        "W @ x": [True, False, True],
        "V @ (W @ x)": [True, False, True],
        "relu(w * x)": [False, True, True],
        "tanh(w * tanh(x))": [False, True, True],
        "relu(W @ x)": [False, False, False],
        "x * (W @ x)": [False, False, False],
    }
    assert min(value for row in table.values() for value in row if value) > 0.3


def test_interaction_is_in_the_place_mixing_then_bending():
    """Bending first and mixing afterwards gives a sum again: no interaction."""
    w, x = draw(0, 4, 4), draw(1, 20, 4)
    assert interaction(lambda v: w @ torch.relu(v), x) < 1e-11
    assert mixing(lambda v: w @ torch.relu(v), x) > 0.3
    assert interaction(lambda v: torch.relu(w @ v), x) > 0.3


# The source's shapes


def test_jacobians_of_the_page(woven):
    values = woven(PAGE).values
    assert values["filled"]["x * 0.5 + 0.1"] == pytest.approx(1 / 2352)
    assert values["reached"]["x * 0.5 + 0.1"] == 1
    assert values["filled"]["W @ x"] == 1 and values["reached"]["W @ x"] == 512
    assert 0.42 < values["filled_relu"] < 0.58 and 200 < values["reached_relu"] < 312
    output = woven(PAGE).regions["jacobians"].output
    assert "J of W @ x is W: True" in output
    assert "same output: True" in output


def test_shapes_brightness_and_spread_of_the_page(woven):
    record = woven(PAGE)
    assert "(32, 28, 28, 3) -> (32, 28, 28, 3)" in record.regions["fusion"].output
    assert "(32, 2352) -> (32, 512)" in record.regions["fusion"].output
    assert "mean 0.5 m + 0.1: True   spread halved: True" in record.regions["fusion"].output
    values = record.values
    assert values["spread"] == pytest.approx(2352**0.5, rel=0.03)
    assert values["scaled"] == pytest.approx(2**0.5, rel=0.03)
    assert values["weights"] == 512 * 28 * 28 * 3


@given(seeds)
@settings(max_examples=10)
def test_jacobian_agrees_with_torchs(seed):
    x, w = draw(seed, 4), draw(seed + 1, 6, 4)
    f = lambda v: torch.tanh(w @ v) * v.sum()  # noqa: E731
    assert torch.allclose(jacobian(f, x), jacrev(f)(x))


def test_moved_counts_outputs():
    w = torch.tensor([[1.0, 0], [0, 2], [3, 4]])
    assert [moved(lambda v: w @ v, torch.ones(2), j) for j in (0, 1)] == [2, 2]
    assert moved(lambda v: v * 2, torch.ones(5), 3) == 1
    assert moved(lambda v: torch.relu(v - 5), torch.ones(5), 3) == 0
    assert moved(lambda v: torch.relu(v - 1.5), torch.ones(5), 3) == 1  # one more crosses
    assert moved(lambda v: torch.relu(v - 2.5), torch.ones(5), 3) == 0  # two more would


# Coordinates, rank, lost directions


@given(seeds)
@settings(max_examples=15)
def test_lost_directions_is_the_null_space_of_the_jacobian(seed):
    x = draw(seed, 6)
    w = draw(seed + 1, 2, 6)
    assert lost_directions(lambda v: w @ v, x) == 4
    assert lost_directions(lambda v: w.T @ (w @ v), x) == 4
    assert lost_directions(torch.relu, x) == int((x < 0).sum())
    assert lost_directions(lambda v: 2 * v, x) == 0


def test_three_things_come_apart(woven):
    values = woven(PAGE).values
    coordinates, ranks, lost = values["coordinates"], values["ranks"], values["lost"]
    triples = {name: (coordinates[name], ranks[name], lost[name]) for name in ranks}
    assert triples["2 * x"] == (512, 512, 0)
    assert triples["mask * x"] == (512, 484, 28)
    assert triples["relu(x)"][:2] == (512, 512) and 200 < triples["relu(x)"][2] < 312
    assert triples["W @ x, 256"] == (256, 256, 256)
    assert triples["W @ x, 1024"] == (1024, 512, 0)


def test_a_dropped_direction_and_kept_distances(woven):
    record = woven(PAGE)
    assert "output unchanged: True" in record.regions["distances"].output
    assert 0.75 < record.values["shortest"] < 1 < record.values["longest"] < 1.25


# Pixels, words, ratings


def test_both_bright_needs_no_mixing(woven):
    values = woven(PAGE).values
    assert values["neuron_right"] == pytest.approx(11 / 12, abs=0.01)
    assert values["steps_right"] > 0.99


def test_one_neuron_tops_out_at_eleven_twelfths():
    """All half-planes over a fine grid of the two pixels that matter."""
    axis = (torch.arange(40).double() + 0.5) / 40
    two = torch.cartesian_prod(axis, axis).T
    label = (two > 0.5).all(dim=0) * 2.0 - 1
    z = half_planes(2 * two - 1, directions=64, offsets=121)
    assert right(z, label).max().item() == pytest.approx(11 / 12, abs=0.01)
    assert right((two.sum(dim=0) - 4 / 3)[None], label).item() == pytest.approx(11 / 12, abs=0.01)


def test_exactly_one_bright_needs_mixing(woven):
    values = woven(PAGE).values["one_right"]
    assert max(values["A"]) < 0.6 and min(values["B, then V"]) > 0.82


def test_likeness_of_words_is_in_the_table_not_in_the_product(woven):
    record = woven(PAGE)
    assert "one_hot @ E is row king: True" in record.regions["words"].output
    to_queen, to_others = record.values["to_queen"], record.values["to_others"]
    assert to_queen["counted"] > 0.6 > 0.3 > to_others["counted"]
    assert abs(to_queen["random"]) < 0.4


def test_ratings_need_the_product_term(woven):
    error = woven(PAGE).values["error"]
    assert error["user + film"] < error["mean"]
    assert error["user + film + U @ V.T"] < 0.3 * error["user + film"]
    output = woven(PAGE).regions["ratings"].output.splitlines()
    assert [line.endswith("cross difference 0.0") for line in output] == [True, True, False]
