from itertools import product
from math import comb

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from snippets.foundations.describing_the_world import (
    LETTER_F,
    bend_size,
    cosines,
    count_by_listing,
    count_by_products,
    distance,
    draw_cells,
    shifted,
    swiss_roll,
    thickness,
)
from snippets.mechanics.geometry import network, output_bends, random_network, relu, switches

seeds = st.integers(0, 10_000).map(np.random.default_rng)
WORLD = "foundations/describing_the_world"


# Pictures, sounds and sentences


def test_three_things_are_three_shapes(woven):
    output = woven(WORLD).regions["arrays"].output
    assert "(7, 5)" in output and "(24,)" in output and "(6,)" in output
    names = woven(WORLD).values["names"]
    said = [names[k] for k in woven(WORLD).values["sentence"]]
    assert " ".join(said) == "the cat sat on the mat"


@given(st.integers(1, 6), st.integers(1, 6))
def test_cells_are_drawn_one_per_number(rows, columns):
    ax = Figure().subplots()
    numbers = np.arange(rows * columns).reshape(rows, columns)
    draw_cells(ax, (rows, columns), (2.0, 9.0), "#000000", numbers=numbers)
    for k, text in enumerate(ax.texts):
        assert text.get_text() == str(k)
        i, j = divmod(k, columns)
        assert text.get_position() == (2.5 + j, 8.5 - i)
        frame = ax.lines[k].get_xydata()
        assert np.array_equal(frame, ax.patches[k].get_xy()[:5])
        assert frame.mean(axis=0) == pytest.approx([2.4 + j, 8.4 - i])
    corner = ax.patches[0].get_xy()
    assert corner.min(axis=0).tolist() == [2, 8] and corner.max(axis=0).tolist() == [3, 9]
    last = ax.patches[-1].get_xy()
    assert last.min(axis=0).tolist() == [1 + columns, 9 - rows]
    assert len(ax.lines) == len(ax.patches) == rows * columns


# Pieces, switches, bends


@given(seeds)
def test_slope_of_a_piece_is_the_masked_product(rng):
    layers = random_network([1, 5, 1], rng)
    (w1, b1), (w2, _) = layers
    t = rng.uniform(-3, 3)
    on = np.diag((w1 @ [t] + b1 > 0).astype(int))
    x = torch.tensor([t], requires_grad=True)
    hidden = torch.relu(torch.from_numpy(w1) @ x.double() + torch.from_numpy(b1))
    (torch.from_numpy(w2) @ hidden).sum().backward()
    assert (w2 @ on @ w1)[0, 0] == pytest.approx(x.grad.item(), abs=1e-5)


def test_zigzag_run(woven):
    lines = woven(WORLD).regions["zigzag"].output.splitlines()
    assert [line.split()[-1] for line in lines] == ["+0", "+1", "-1", "+1"]
    assert [line.count("1]") + line.count("1 ") for line in lines] == [0, 1, 2, 3]


def count_slopes(layers, p, q):
    """Straight pieces counted from the output alone, on a fine grid of slopes."""
    t = np.linspace(0, 1, 40_001)
    slope = np.diff(network(layers, p[:, None] + np.outer(q - p, t))[0])
    settled = np.abs(np.diff(slope)) < 1e-12
    return 1 + int(np.sum(~settled[1:] & settled[:-1]))


def test_switches_and_bends_agree(woven):
    values = woven(WORLD).values
    assert values["switch_count"] == values["bends"] == values["piece_count"] - 1
    assert values["straight"] is True
    layers = random_network([1, 16, 16, 1], np.random.default_rng(33))
    p, q = np.array([-4.0]), np.array([4.0])
    assert len(output_bends(layers, p, q)) == values["bends"]
    # two of the bends are close together; a grid may see them as one
    assert 0 <= values["piece_count"] - count_slopes(layers, p, q) <= 2


@given(seeds)
@settings(max_examples=25)
def test_a_bend_needs_a_switch_but_not_the_reverse(rng):
    layers = random_network([1, 4, 4, 1], rng)
    p, q = np.array([-3.0]), np.array([3.0])
    at = switches(layers, p, q)
    edges = np.concatenate([[0.0], at, [1.0]])
    h = np.diff(edges).min() / 4
    between = rng.uniform(edges[:-1] + h, edges[1:] - h)
    scale = 1 + np.abs(network(layers, np.linspace(-3, 3, 50)[None, :])).max()
    assert bend_size(layers, p, q, between, h).max() < 1e-12 * scale

    both = [(np.array([[1.0], [-1.0]]), np.zeros(2)), (np.array([[1.0, -1.0]]), np.zeros(1))]
    assert len(switches(both, p, q)) == 2
    assert bend_size(both, p, q, np.array([0.5]), 0.1)[0] < 1e-12
    assert bend_size([both[0], (np.ones((1, 2)), np.zeros(1))], p, q,
                     np.array([0.5]), 0.1)[0] == pytest.approx(1.2)


def test_smooth_activations_have_no_straight_piece(woven):
    values = woven(WORLD).values
    assert values["tanh_straight"] == 0
    assert np.tanh(-7e-4) - 2 * np.tanh(0) + np.tanh(7e-4) == 0  # the one place that would pass
    output = woven(WORLD).regions["no_bends"].output
    assert f"{values['tested_points'] - 1} of {values['tested_points']}" in output


@given(seeds)
@settings(max_examples=20)
def test_layers_live_in_spaces_of_their_own(rng):
    layers = random_network([1, 16, 16, 1], rng)
    x, sizes = np.array([0.3]), [1]
    for w, b in layers:
        assert w.shape[1] == len(x)
        x = relu(w @ x + b)
        sizes.append(len(x))
    assert sizes == [1, 16, 16, 1]


# The surface


@given(st.integers(0, 6))
def test_shifting_keeps_the_ink(columns):
    frame = shifted(LETTER_F, columns, 11)
    assert frame.shape == (7, 11)
    assert np.array_equal(frame[:, columns:columns + 5], LETTER_F)
    assert frame.sum() == LETTER_F.sum()


def test_straight_line_between_two_pictures_leaves_the_pictures(woven):
    frames = [shifted(LETTER_F, k, 11) for k in range(7)]
    average = (frames[0] + frames[6]) / 2
    assert woven(WORLD).values["nearest_gap"] == pytest.approx(
        min(np.linalg.norm(average - f) for f in frames))
    assert set(np.unique(average)) == {0, 0.5}
    for share in (0.01, 0.3, 0.9):  # everywhere on the line but at its ends
        mixed = share * frames[0] + (1 - share) * frames[6]
        assert {share, 1 - share} < set(np.unique(mixed))
    assert all(set(np.unique(f)) == {0, 1} for f in frames)
    assert woven(WORLD).values["nearest_gap"] < woven(WORLD).values["one_step"]


@given(seeds)
@settings(max_examples=20)
def test_roll_is_a_strip_of_two_coordinates(rng):
    x, height, z = swiss_roll(300, 0.0, rng).T
    radius = np.hypot(x, z)
    assert radius.min() >= 1.5 * np.pi and radius.max() <= 4.5 * np.pi
    assert np.allclose(x, radius * np.cos(radius)) and np.allclose(z, radius * np.sin(radius))
    assert 0 <= height.min() < 2 and 19 < height.max() <= 21
    assert radius.min() < 5.5 and radius.max() > 13.3


def test_noise_has_the_stated_size():
    clean, noisy = (swiss_roll(4000, noise, np.random.default_rng(0)) for noise in (0.0, 0.5))
    assert (noisy - clean).std(axis=0) == pytest.approx([0.5] * 3, rel=0.05)


@given(seeds)
@settings(max_examples=20)
def test_thickness_of_plane_and_ball(rng):
    turn = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    flat = np.column_stack([rng.uniform(-1, 1, (400, 2)), np.full(400, 5.0)]) @ turn
    assert thickness(flat, flat[0], 50) < 1e-12
    ball = rng.standard_normal((30_000, 3))
    assert thickness(ball, np.zeros(3), 20_000) == pytest.approx(1 / 3, abs=0.01)
    assert thickness(7 * ball, np.zeros(3), 99) == pytest.approx(
        thickness(ball, np.zeros(3), 99))


def test_thickness_looks_at_the_nearest_only():
    plane = np.array([[x, y, 0.0] for x in (-1, 0, 1) for y in (-1, 0, 1)])
    points = np.vstack([plane, plane + [0, 0, 50]])
    assert thickness(points, np.zeros(3), 9) < 1e-12
    assert thickness(points, np.zeros(3), 18) > 1e-3
    there = np.array([20.0, 0, 0])
    both = np.vstack([plane + there, np.eye(3) - there, -np.eye(3) - there])
    assert thickness(both, there, 6) < 1e-12 < 0.1 < thickness(both, -there, 6)
    column = np.array([[0, 0, z] for z in (-1.0, 1.0)] * 3 + [[3.0, 0, 0], [0, 2.0, 0]])
    middle = column.mean(axis=0)
    variances = np.linalg.eigvalsh((column - middle).T @ (column - middle))
    assert thickness(column, np.zeros(3), 8) == pytest.approx(variances[0] / variances.sum())


def test_flat_only_at_the_right_scale(woven):
    shares, sizes = (woven(WORLD).values[k] for k in ("shares", "sizes"))
    clean, noisy = shares["noise 0"], shares["noise 0.3"]
    assert max(clean[:5]) < 0.015 < 0.1 < min(clean[5:])
    best = int(np.argmin(noisy))
    assert sizes[best] in (20, 40, 80)
    assert noisy[1] > 1.5 * noisy[best] and noisy[-1] > 5 * noisy[best]


def test_strong_noise_hides_the_surface(woven):
    shares = woven(WORLD).values["shares"]
    assert abs(shares["noise 2"][3] - shares["no surface"][3]) < 0.03
    assert shares["noise 0"][3] < 0.01 < 5 * 0.03 < shares["no surface"][3]
    assert shares["no surface"][0] < 0.06  # five points are nearly flat, whatever they are


# Not unique


@given(st.integers(1, 30))
def test_cosines_are_the_discrete_cosine_transform(n):
    assert np.allclose(cosines(n) @ cosines(n).T, np.eye(n))
    for k, row in enumerate(cosines(n)):
        size = np.sqrt((1 if k == 0 else 2) / n)
        assert np.allclose(row, [size * np.cos(np.pi * k * (2 * m + 1) / (2 * n))
                                 for m in range(n)])


@given(seeds)
def test_two_ways_to_write_a_sound(rng):
    sounds, q = rng.standard_normal((2, 24)), cosines(24)
    assert np.allclose(q.T @ (q @ sounds[0]), sounds[0])
    assert distance(*sounds) == pytest.approx(distance(*(sounds @ q.T)))


def test_pitch_run(woven):
    values = woven(WORLD).values
    assert values["moment_nonzeros"] == 24 and values["pitch_nonzeros"] == 2
    assert "nothing lost: True" in woven(WORLD).regions["pitch"].output
    assert "1.000000, by pitch 1.000000" in woven(WORLD).regions["pitch"].output


@given(seeds)
def test_reordered_units_compute_the_same(rng):
    (w1, b1), (w2, b2) = random_network([2, 6, 3], rng)
    order, x = rng.permutation(6), rng.standard_normal((2, 9))
    again = [(w1[order], b1[order]), (w2[:, order], b2)]
    assert np.allclose(network(again, x), network([(w1, b1), (w2, b2)], x))


def test_reordered_run(woven):
    output = woven(WORLD).regions["permuted"].output
    assert "same outputs: True" in output


@given(seeds)
def test_equal_arrays_follow_different_laws(rng):
    change = rng.standard_normal((2, 2)) + 3 * np.eye(2)
    position = rng.standard_normal(2)
    rate = position.copy()  # equal arrays
    moved, rated = change @ position, np.linalg.solve(change.T, rate)
    assert rated @ moved == pytest.approx(rate @ position)
    assert not np.allclose(moved, rated)


def test_units_run(woven):
    output = woven(WORLD).regions["units"].output
    assert output.count("kg: 4.0") == 2 and "[200.] [0.02]" in output


# Computable, composable, measurable


@given(st.integers(1, 11))
def test_products_count_what_listing_counts(n):
    words = product("01", repeat=n)
    found = sum("11" not in "".join(word) for word in words)
    assert count_by_listing(n) == count_by_products(n) == found


@given(st.integers(1, 300))
def test_products_stay_exact(n):
    """Choose k ones among n - k + 1 places that are not neighbours."""
    assert count_by_products(n) == sum(comb(n - k + 1, k) for k in range(n // 2 + 2))


def test_finite_is_not_feasible(woven):
    values = woven(WORLD).values
    assert values["tries"] == 2.0**300 > 1e90
    assert values["digits"] == 63
    assert 0.1 + 0.2 != 0.3
    assert "0.3: False" in woven(WORLD).regions["words"].output


@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 5), st.integers(1, 5))
def test_blocks_compose_only_when_shapes_meet(m, k, j, n):
    left, right = np.ones((m, k)), np.ones((j, n))
    if k == j:
        assert (left @ right).shape == (m, n)
    else:
        with pytest.raises(ValueError, match="mismatch"):
            left @ right


@given(seeds)
def test_linear_blocks_add_nothing_until_relu_comes_between(rng):
    w1, w2 = rng.integers(-4, 5, (4, 3)), rng.integers(-4, 5, (2, 4))
    x, z = rng.integers(-4, 5, (2, 3))
    assert np.array_equal(w2 @ (w1 @ x), (w2 @ w1) @ x)
    assert np.array_equal(w2 @ (w1 @ (x + z)), w2 @ (w1 @ x) + w2 @ (w1 @ z))
    assert relu(np.array([1.0])) + relu(np.array([-1.0])) != relu(np.array([0.0]))


def test_the_other_order_fits_no_x(woven):
    values = woven(WORLD).values
    first, second = np.array(values["first"]), np.array(values["second"])
    for count in range(1, 8):
        with pytest.raises(ValueError, match="mismatch"):
            first @ (second @ np.ones(count))


def test_compose_run(woven):
    lines = woven(WORLD).regions["compose"].output.splitlines()
    after = [line.split(":")[-1].strip() for line in lines[1:]]
    assert after == ["[13.  4.]", "[13.  4.]", "ValueError", "[13.  6.]"]


@given(seeds)
def test_ids_measure_the_numbering(rng):
    order = rng.permutation(5)
    ids, one_hot = np.arange(5.0), np.eye(5)
    for a in range(5):
        for b in range(a):
            assert distance(one_hot[a], one_hot[b]) == pytest.approx(np.sqrt(2))
            assert distance(one_hot[order][a], one_hot[order][b]) == pytest.approx(np.sqrt(2))
    if not np.array_equal(order, np.arange(5)) and not np.array_equal(order, np.arange(5)[::-1]):
        gaps = np.abs(ids[:, None] - ids)
        assert not np.array_equal(gaps, np.abs(order[:, None] - order))


def test_ids_run(woven):
    lines = [line.split() for line in woven(WORLD).regions["ids"].output.splitlines()]
    numbers = [float(line[-5]) for line in lines if line[0] == "cat"]
    assert numbers == [1, 2, 2, 1]
    assert all(line[-2] == "1.41" for line in lines if line[0] == "cat")


def test_the_nearest_depends_on_the_unit(woven):
    people = np.array(woven(WORLD).values["people"])
    for factor, found in (([1, 1], 0), ([100, 1], 1), ([1, 1000], 0)):  # m, cm, grams
        rows = people * factor
        assert np.argmin(np.linalg.norm(rows[1:] - rows[0], axis=1)) == found
    assert woven(WORLD).values["nearest"] == {"m": 1, "cm": 2}
    assert woven(WORLD).values["taller_cm"] == pytest.approx(35)


@given(seeds)
def test_distance_is_the_euclidean_norm(rng):
    a, b = rng.standard_normal((2, 3, 4))
    assert distance(a, b) == pytest.approx(np.linalg.norm(a - b))


@given(st.floats(-2, 2), st.floats(-2, 2))
def test_no_straight_line_makes_the_zigzag(slope, height):
    t, y = np.arange(4.0), np.array([0.0, 1.0, 0.0, 1.0])
    assert np.mean((slope * t + height - y) ** 2) >= 0.2 - 1e-12


def test_enough_run(woven):
    values = woven(WORLD).values
    assert values["line_error"] == pytest.approx(0.2)
    assert values["network_error"] == 0
