"""Message passing is a sparse product; where it helps, what it flattens and cannot see."""
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.why_matmul.beyond.graphs import (
    block_model,
    cycles,
    deepen,
    energy,
    in_time,
    looks,
    normalised,
    pass_messages,
    readout,
    refine,
    side_by_side,
    summed_network,
    whitened,
    world,
)

NAME = "why_matmul/beyond/graphs"
seeds = st.integers(0, 10_000).map(np.random.default_rng)


def random_graph(rng, n, chance=0.4):
    return block_model(rng, np.zeros(n, dtype=int), chance, 0)


@given(seeds, st.integers(1, 9))
def test_normalised_is_symmetric_with_largest_eigenvalue_one(rng, n):
    a = random_graph(rng, n)
    a_hat = normalised(a)
    degree = a.sum(axis=1) + 1
    assert np.array_equal(a_hat > 0, a + np.eye(n) > 0)
    assert np.allclose(a_hat, a_hat.T)
    assert np.allclose(a_hat @ np.sqrt(degree), np.sqrt(degree))
    assert np.abs(np.linalg.eigvalsh(a_hat)).max() == pytest.approx(1)


@given(seeds, st.integers(1, 9))
def test_loop_over_edges_is_the_product(rng, n):
    a, x = random_graph(rng, n), rng.normal(size=(n, 3))
    edges = np.argwhere(np.triu(a)).tolist()
    arrived, messages = pass_messages(edges, x)
    assert np.allclose(arrived, normalised(a) @ x)
    assert messages == np.count_nonzero(a) + n


def test_page_product(woven):
    values = woven(NAME).values
    assert values["equal"] is True
    assert values["messages"] == 2 * 1442 + 300
    assert values["share"] == pytest.approx(3184 / 90_000)
    assert 0.02 < values["share"] < 0.05


@given(seeds, st.integers(2, 8))
def test_messages_follow_a_new_numbering(rng, n):
    a, x = random_graph(rng, n), rng.normal(size=(n, 2))
    p = np.eye(n)[rng.permutation(n)]
    assert np.allclose(normalised(p @ a @ p.T) @ (p @ x), p @ (normalised(a) @ x))
    h = deepen(normalised(a), x, 3, 0.2, 0.1)
    assert np.allclose(deepen(normalised(p @ a @ p.T), p @ x, 3, 0.2, 0.1), p @ h)


def test_a_dense_matrix_does_not_follow(woven):
    values = woven(NAME).values
    assert values["follows"] is True and values["dense_follows"] is False


def test_crowds_told_apart(woven):
    told = woven(NAME).values["told"]
    # sets of kinds; reduced fractions; all multisets of sizes 1..4 from 3 kinds; sums 1..12
    sums = {"sum": 34, "sum of 1, 2, 3": 12, "sum of 1, 5, 25": 34}
    assert told == {"max": 7, "mean": 22, **sums}
    assert "crowds: 34" in woven(NAME).regions["crowds"].output


def test_mean_and_max_miss_what_the_sum_sees():
    once, twice = np.array([1, 1, 0]), np.array([2, 2, 0])
    assert np.array_equal(once / once.sum(), twice / twice.sum())
    assert np.array_equal(once > 0, twice > 0) and not np.array_equal(once, twice)


@given(seeds)
@settings(max_examples=20)
def test_block_model(rng):
    labels = np.repeat([0, 1], [30, 50])
    a = block_model(rng, labels, same=0.5, other=0.1)
    inside = labels[:, None] == labels
    off = ~np.eye(80, dtype=bool)
    assert np.array_equal(a, a.T) and np.trace(a) == 0 and set(np.unique(a)) == {0, 1}
    assert abs(a[inside & off].mean() - 0.5) < 0.1 and abs(a[~inside].mean() - 0.1) < 0.06


def test_world():
    a, x, labels, seen = world(0)
    assert np.bincount(labels).tolist() == [100, 100, 100] and seen.sum() == 60
    assert a.shape == (300, 300) and x.shape == (300, 16) and seen.dtype == bool
    inside = labels[:, None] == labels
    assert 0.07 < a[inside].mean() < 0.09 and 0.005 < a[~inside].mean() < 0.015
    drawn = np.array([world(seed)[1] for seed in range(20)]).reshape(20, 3, 100, 16)
    assert drawn.std(axis=2).mean() == pytest.approx(1, abs=0.02)
    centres = drawn.mean(axis=2)
    assert centres.std() == pytest.approx(np.sqrt(0.25 + 0.01), abs=0.05)
    assert not np.array_equal(*(world(seed)[3] for seed in (0, 1)))
    unlike = world(0, same=0, other=0.05)[0]
    assert unlike[inside].sum() == 0 and 0.04 < unlike[~inside].mean() < 0.06


@given(seeds)
@settings(max_examples=20)
def test_readout_is_ridge_regression_on_scaled_columns(rng):
    labels = rng.integers(3, size=40)
    labels[:3] = [0, 1, 2]
    x = rng.normal(size=(40, 4)) * [1, 10, 0.1, 3] + 5
    x[:, 0] += labels
    seen = np.arange(40) < 25
    z = np.column_stack([(x - x.mean(0)) / x.std(0), np.ones(40)])
    stacked = np.vstack([z[seen], np.eye(5)])
    target = np.vstack([np.eye(3)[labels[seen]], np.zeros((5, 3))])
    w = np.linalg.lstsq(stacked, target)[0]
    expected = np.mean((z @ w).argmax(1)[~seen] == labels[~seen])
    assert readout(x, labels, seen) == pytest.approx(expected)
    assert readout(7 * x - 2, labels, seen) == pytest.approx(expected)


def test_readout_of_plain_and_constant_features():
    labels = np.repeat([0, 1], 20)
    seen = np.tile([True, False], 20)
    assert readout(labels[:, None] * 1.0, labels, seen) == 1
    assert readout(np.full((40, 2), 3.0), labels, seen) == 0.5


@given(seeds)
@settings(max_examples=20)
def test_whitened_forgets_every_invertible_map(rng):
    x = rng.normal(size=(30, 4))
    w = whitened(x)
    assert np.allclose(w.T @ w, 30 * np.eye(4)) and np.allclose(w.sum(axis=0), 0)
    m = rng.normal(size=(4, 4)) + 4 * np.eye(4)
    moved = whitened(x @ m)
    assert np.allclose(w @ w.T, moved @ moved.T)  # the same up to a rotation
    labels, seen = rng.integers(2, size=30), np.arange(30) < 20
    labels[:2] = [0, 1]
    assert readout(w, labels, seen) == readout(moved, labels, seen)


@given(seeds, st.integers(2, 9))
def test_energy_is_the_quadratic_form_of_the_laplacian(rng, n):
    a, x = random_graph(rng, n), rng.normal(size=(n, 3))
    laplacian = np.eye(n) - normalised(a)
    assert energy(a, x) == pytest.approx(np.trace(x.T @ laplacian @ x) / np.sum(x**2))
    assert -1e-12 <= energy(a, x) <= 2
    assert energy(a, np.sqrt(a.sum(axis=1, keepdims=True) + 1)) == pytest.approx(0, abs=1e-15)


@given(seeds, st.integers(0, 5), st.floats(0, 0.5), st.floats(0, 0.5))
@settings(max_examples=30)
def test_deepen_is_a_polynomial_in_the_matrix(rng, depth, keep, start):
    a, x = random_graph(rng, 6), rng.normal(size=(6, 2))
    values, vectors = np.linalg.eigh(normalised(a))
    gain = np.ones(6)
    for _ in range(depth):
        gain = ((1 - keep - start) * values + keep) * gain + start
    assert np.allclose(deepen(normalised(a), x, depth, keep, start),
                       vectors * gain @ vectors.T @ x)


def test_deepen_without_skips_is_a_power():
    a = cycles(5)
    x = np.arange(5.0)[:, None]
    power = np.linalg.matrix_power(normalised(a), 7)
    assert np.allclose(deepen(normalised(a), x, 7), power @ x)


def test_edges_help_where_like_join_like(woven):
    alike = woven(NAME).values["accuracy"]["alike"]
    assert alike["one"] > alike["no edges"] + 0.15
    assert alike["two"] > 0.95


def test_random_edges_hurt(woven):
    random = woven(NAME).values["accuracy"]["random"]
    assert random["one"] < 0.5 < random["no edges"] - 0.15
    assert random["both"] < random["no edges"] - 0.05
    assert random["two"] < random["no edges"] - 0.15


def test_unlike_edges_hurt_one_layer_and_help_otherwise(woven):
    unlike = woven(NAME).values["accuracy"]["unlike"]
    assert unlike["one"] < unlike["no edges"] - 0.02
    assert min(unlike["two"], unlike["both"]) > unlike["no edges"] + 0.03
    assert unlike["others"] > unlike["no edges"] + 0.03  # the node itself did the harm


def test_the_baseline_does_not_see_the_edges(woven):
    accuracy = woven(NAME).values["accuracy"]
    assert all(0.65 < accuracy[kind]["no edges"] < 0.85 for kind in accuracy)


def test_factor_of_the_labels_share(woven):
    factor = woven(NAME).values["factor"]
    assert factor == {"alike": pytest.approx(0.7), "random": 0, "unlike": -0.5}
    # the eigenvalue of the expected matrix on vectors that are constant on a label
    labels = np.repeat([0, 1, 2], 2)
    chance = np.where(labels[:, None] == labels, 0.08, 0.01)
    shifted = chance / chance.sum(axis=1, keepdims=True)
    assert np.allclose(shifted @ [1, 1, -1, -1, 0, 0], 0.7 * np.array([1, 1, -1, -1, 0, 0]))


def test_reach_grows_to_the_whole_graph(woven):
    steps = woven(NAME).values["steps"]
    assert steps[0] == 1 and 299 < steps[-1] <= 300
    assert steps[1] == pytest.approx(1 + 2 * 1442 / 300)
    assert steps[2] > 60 and all(a < b for a, b in zip(steps, steps[1:]))


def test_energy_decays_as_the_second_eigenvalue_squared(woven):
    values = woven(NAME).values
    left = [values["left"][str(k)] for k in values["depths"]]
    assert all(a > 1.5 * b for a, b in zip(left, left[1:]))
    assert left[7] < 1e-10 and left[8] < 1e-20
    assert abs(values["decay"] - values["second"] ** 2) < 0.01


@pytest.mark.parametrize("seed", range(3))
def test_energy_decays_on_other_graphs(seed):
    a, x, *_ = world(seed)
    a_hat = normalised(a)
    second = np.sort(np.abs(np.linalg.eigvalsh(a_hat)))[-2]
    decay = (energy(a, deepen(a_hat, x, 100)) / energy(a, deepen(a_hat, x, 60))) ** (1 / 40)
    assert abs(decay - second**2) < 0.02


def test_what_depth_costs_depends_on_readout_and_precision(woven):
    by_depth = woven(NAME).values["by_depth"]
    assert by_depth["scaled"]["2"] > 0.95 and by_depth["scaled"]["64"] < 0.4
    assert min(by_depth["float64"].values()) == by_depth["float64"]["0"]
    assert by_depth["float64"]["128"] > 0.95
    assert by_depth["float32"]["64"] > 0.95 and by_depth["float32"]["128"] < 0.45
    assert by_depth["float16"]["32"] > 0.95 and by_depth["float16"]["64"] < 0.5


def test_skips_at_depth_64(woven):
    end = woven(NAME).values["end"]
    assert end["plain"]["accuracy"] < 0.4
    assert 0.6 < end["keep"]["accuracy"] < 0.9
    assert end["start"]["accuracy"] > 0.93
    assert end["plain"]["energy"] < 1e-10 < end["keep"]["energy"] < 1e-4
    assert end["start"]["energy"] > 0.05
    # a geometric series: the fixed point keeps this much of the second eigenvector
    second = woven(NAME).values["second"]
    series = 0.1 * sum((0.9 * second) ** k for k in range(400))
    assert woven(NAME).values["stays"] == pytest.approx(series)


@given(seeds, st.integers(1, 8))
def test_colours_do_not_depend_on_the_numbering(rng, n):
    a = random_graph(rng, n)
    order = rng.permutation(n)
    assert len(set(looks([a, a[np.ix_(order, order)]]))) == 1
    colours = refine(a)
    for u in range(n):  # a stable colouring: like nodes see like numbers of each colour
        for v in range(n):
            if colours[u] == colours[v]:
                seen = [np.bincount(colours[a[w] > 0], minlength=n) for w in (u, v)]
                assert np.array_equal(*seen)


def test_refine_on_known_graphs():
    path = np.diag(np.ones(4), 1) + np.diag(np.ones(4), -1)
    colours = refine(path)
    assert colours[0] == colours[4] and colours[1] == colours[3]
    assert len(set(colours.tolist())) == 3
    assert refine(cycles(7)).max() == 0
    assert len(set(looks([path, cycles(5)]))) == 2
    several = looks([cycles(3), path, cycles(4), cycles(5)])
    assert [len(colours) for colours in several] == [3, 5, 4, 5]
    assert several[0] == several[2][:3] and several[1] not in (several[0], several[3])


def test_side_by_side():
    union = side_by_side([np.ones((1, 1)), 2 * np.ones((2, 2))])
    assert union.tolist() == [[1, 0, 0], [0, 2, 2], [0, 2, 2]]


@given(st.integers(3, 8), st.integers(3, 8))
def test_cycles(m, n):
    a = cycles(m, n)
    assert a.shape == (m + n, m + n) and np.array_equal(a, a.T)
    assert (a.sum(axis=0) == 2).all() and np.trace(a) == 0
    parts = np.linalg.matrix_rank(np.diag(a.sum(axis=0)) - a)
    assert parts == m + n - 2  # two connected parts
    assert not a[:m, m:].any()


def test_hexagon_and_two_triangles_look_alike(woven):
    values = woven(NAME).values
    assert values["told_apart"] is False
    assert values["colours"][0] == values["colours"][1]
    assert values["closed"] == [0, 12]


@given(seeds)
@settings(max_examples=20)
def test_no_such_network_tells_them_apart(rng):
    weights = list(rng.normal(size=(4, 6, 6)))
    ring, pair = (summed_network(g, weights) for g in (cycles(6), cycles(3, 3)))
    assert np.allclose(ring, pair)
    path = np.diag(np.ones(5), 1) + np.diag(np.ones(5), -1)
    h = np.ones((6, 6))
    for w in weights:
        h = np.maximum(h @ w + path @ h @ w, 0)
    assert np.allclose(summed_network(path, weights), h.sum(axis=0))


@given(seeds, st.integers(2, 6), st.integers(1, 4))
def test_in_time_follows_messages(rng, n, steps):
    days = [random_graph(rng, n, 0.3) for _ in range(steps)]
    for start in range(n):
        at = {start}
        for a in days:
            at |= {i for i in range(n) if any(a[i, j] for j in at)}
        assert np.flatnonzero(in_time(days)[:, start]).tolist() == sorted(at)


def test_time_orders_the_factors(woven):
    values = woven(NAME).values
    assert values["mirrored"] is True
    assert values["heard"]["static"] > values["heard"]["in time"] + 0.2
    assert values["heard"]["in time"] == values["heard"]["reversed"]
