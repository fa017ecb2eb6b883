"""Averaging, skips and gathering tokens, against theory and independent code."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from snippets.language.attention_dynamics import (
    circle,
    clusters,
    depth_profile,
    growth,
    meeting_time,
    mixing,
    move,
    on_sphere,
    stationary,
)
from snippets.mechanics.attention_as_product import attention, softmax
from snippets.mechanics.attention_spectrum import spread

PAGE = "language/attention_dynamics"
seeds = st.integers(0, 10_000).map(np.random.default_rng)
sizes = st.integers(2, 9)


def random_average(rng: np.random.Generator, n: int, sharpness: float = 1.0) -> np.ndarray:
    return softmax(sharpness * rng.standard_normal((n, n)))


# Averaging


@given(seeds, sizes, st.sampled_from([0.3, 1.0, 5.0]))
def test_an_average_shrinks_the_range_by_mixing_at_least(rng, n, sharpness):
    a = random_average(rng, n, sharpness)
    v = rng.standard_normal(n)
    assert np.ptp(a @ v) <= mixing(a) * np.ptp(v) + 1e-12
    assert 0 <= mixing(a) <= 1


@given(seeds, sizes)
def test_no_smaller_factor_would_do(rng, n):
    """The worst 0/1 vector marks the columns where one row outweighs the other."""
    a = random_average(rng, n, 2.0)
    marked = [(a[i] > a[k]).astype(float) for i in range(n) for k in range(n)]
    assert max(np.ptp(a @ v) for v in marked) == pytest.approx(mixing(a))


def test_mixing_by_hand():
    assert mixing(np.eye(4)) == 1
    assert mixing(np.full((3, 3), 1 / 3)) == pytest.approx(0)
    assert mixing(np.eye(5)[np.zeros(5, int)]) == 0  # all look at the first
    assert mixing(np.array([[0.5, 0.5, 0], [0, 0.5, 0.5], [0.2, 0.5, 0.3]])) == pytest.approx(0.5)


@given(seeds, sizes)
def test_mixing_multiplies_and_bounds_eigenvalues(rng, n):
    a, b = random_average(rng, n, 3.0), random_average(rng, n, 3.0)
    assert mixing(a @ b) <= mixing(a) * mixing(b) + 1e-12
    assert np.sort(np.abs(np.linalg.eigvals(a)))[-2] <= mixing(a) + 1e-9


@given(seeds, sizes, st.floats(0.1, 6))
def test_bounded_scores_bound_the_mixing(rng, n, width):
    s = rng.uniform(0, width, (n, n))
    row_width = np.ptp(s, axis=1).max()
    assert softmax(s).min() >= np.exp(-row_width) / n
    assert mixing(softmax(s)) <= 1 - np.exp(-row_width) + 1e-12


@given(seeds, sizes)
def test_powers_tend_to_the_stationary_weights(rng, n):
    a = random_average(rng, n)
    p = stationary(a)
    assert p.sum() == pytest.approx(1) and (p > 0).all()
    assert np.allclose(np.linalg.matrix_power(a, 512), p, atol=1e-9)


def test_a_random_walk_visits_words_as_often_as_p_says():
    rng = np.random.default_rng(0)
    a = random_average(rng, 4)
    steps = np.cumsum(a, axis=1)
    visits, place = np.zeros(4), 0
    for u in rng.random(20_000):
        place = int((u > steps[place]).sum())
        visits[place] += 1
    assert visits / visits.sum() == pytest.approx(stationary(a), abs=0.02)


def test_walk_run(woven):
    values = woven(PAGE).values
    a, v = np.array(values["a"]), np.array(values["v"])
    path = [np.ptp(np.linalg.matrix_power(a, k) @ v) for k in range(9)]
    assert all(r <= values["factor"] ** k * path[0] + 1e-12 for k, r in enumerate(path))
    assert values["common"] == pytest.approx((np.linalg.matrix_power(a, 60) @ v)[0])
    assert values["plain_mean"] - values["common"] > 0.1
    assert values["shrink"] == pytest.approx(values["second"], abs=0.1)
    assert values["shrink"] < 0.5 < 0.9 < values["factor"] < values["from_scores"] < 1
    assert values["from_scores"] == pytest.approx(1 - np.exp(-values["width"]))
    assert a.min() * len(a) >= np.exp(-values["width"])
    assert values["heaviest"] > 2 * values["lightest"]


def test_in_turns_they_never_agree(woven):
    values = woven(PAGE).values
    f, g = np.array(values["f"]), np.array(values["g"])
    for m in (f, g):
        assert np.allclose(sorted(np.abs(np.linalg.eigvals(m))), [0, 0, 1])
        assert mixing(m @ m) == 0  # alone: agreement after two layers
    assert np.array_equal(f @ g @ f @ g, f @ g) and mixing(f @ g) == 1
    assert values["kept"]["8"] > 0.95 and values["kept"]["2"] < 0.01
    kept = list(values["kept"].values())
    assert kept == sorted(kept)
    assert max(values["alone"].values()) < 1e-9
    for sharpness in (2, 8):
        product = np.eye(3)
        for _ in range(10):
            product = softmax(sharpness * f) @ softmax(sharpness * g) @ product
        assert values["kept"][str(sharpness)] == pytest.approx(mixing(product))


# Skips, values and MLPs


@given(seeds, sizes, st.floats(0.05, 1))
def test_a_skip_with_the_values_themselves_is_a_lazy_average(rng, n, step):
    a = random_average(rng, n)
    lazy = (np.eye(n) + step * a) / (1 + step)
    assert np.allclose(lazy.sum(axis=1), 1) and (lazy > 0).all()
    expected = (1 + step * np.linalg.eigvals(a)) / (1 + step)
    assert np.allclose(np.sort_complex(np.linalg.eigvals(lazy)), np.sort_complex(expected))
    assert mixing(a) * step / (1 + step) <= mixing(lazy) < 1


@given(seeds, st.integers(2, 5), st.integers(2, 4))
def test_a_mode_of_a_frozen_layer_is_multiplied_by_a_number(rng, n, d):
    a, w_v = random_average(rng, n), rng.standard_normal((d, d))
    lambdas, u = np.linalg.eig(a)
    mus, y = np.linalg.eig(w_v.T)
    for i in range(n):
        for j in range(d):
            x = np.outer(u[:, i], y[:, j])
            assert np.allclose(x + 0.3 * a @ x @ w_v, (1 + 0.3 * lambdas[i] * mus[j]) * x)


@pytest.mark.parametrize(("shift", "gathers"), [(2, True), (-2, False)])
def test_the_real_part_decides_for_a_frozen_average(shift, gathers):
    rng = np.random.default_rng(5)
    x = on_sphere(rng.standard_normal((12, 4)))
    a, w_v = softmax(x @ x.T), rng.standard_normal((4, 4)) / 2 + shift * np.eye(4)
    assert (np.linalg.eigvals(w_v).real.max() > 0) == gathers
    for _ in range(800):
        x = x + 0.05 * a @ x @ w_v
        x /= np.linalg.norm(x)
    common = np.linalg.norm(stationary(a) @ x) * np.sqrt(len(x))
    if gathers:
        assert spread(x) < 1e-3 and common == pytest.approx(1, abs=1e-3)
    else:
        assert spread(x) > 0.8 and common < 1e-3


def test_the_sign_of_the_real_part_decides(woven):
    left = woven(PAGE).values["left"]
    assert left["I"][1] < 1e-6 and left["random"][1] < 0.01
    assert left["shifted"][0] > 0.99 and left["-I"][0] > 0.99


@given(seeds, st.integers(2, 12), st.integers(2, 5), st.floats(0, 5), st.floats(-0.5, 0.9))
def test_move_is_attention_with_a_skip_on_the_sphere(rng, n, d, beta, step):
    x = on_sphere(rng.standard_normal((n, d)))
    w_v = rng.standard_normal((d, d))
    for values, matrix in [(None, np.eye(d)), (w_v, w_v)]:
        scaled = beta * np.sqrt(d) * x
        expected = x + step * attention(scaled, x, x @ matrix)
        moved = move(x, beta, values, step)
        assert np.allclose(np.linalg.norm(moved, axis=1), 1)
        assert np.allclose(moved, expected / np.linalg.norm(expected, axis=1)[:, None])
    assert np.allclose(move(x, beta), move(x, beta, None, 0.1))


@pytest.mark.parametrize("skip", [0, 1])
@pytest.mark.parametrize("with_mlp", [False, True])
def test_depth_profile_is_torchs_attention_and_mlp(skip, with_mlp):
    rng = np.random.default_rng(3)
    n = 32
    x = torch.tensor(rng.standard_normal((n, n)))
    expected = [spread(x.numpy())]
    for _ in range(2):
        weights = [torch.tensor(w) for w in rng.standard_normal((5, n, n)) / n**0.5]
        z = F.rms_norm(x, (n,))
        q, k, v = (z @ w for w in weights[:3])
        x = skip * x + F.scaled_dot_product_attention(q, k, v)
        if with_mlp:
            x = skip * x + F.relu(F.rms_norm(x, (n,)) @ weights[3]) @ weights[4]
        expected.append(spread(x.numpy()))
    activation = (lambda z: np.maximum(z, 0)) if with_mlp else None
    assert depth_profile(skip, activation, 2, 3) == pytest.approx(expected)


def test_only_the_skip_keeps_random_networks_from_collapse(woven):
    values = woven(PAGE).values
    fourth, last, gone = values["fourth"], values["last"], values["gone"]
    assert [gone[name] for name in ("attention", "relu", "steep")] == [9, 9, 9]
    assert [gone[name] for name in ("skip", "skip_relu")] == [0, 0]
    assert 10 * fourth["relu"] < fourth["attention"] < fourth["steep"] / 100
    assert 0.3 < last["skip"] < fourth["skip"] < 1
    assert 0.3 < last["skip_relu"] < fourth["skip_relu"] < 1


def test_the_order_holds_for_other_seeds():
    def middle(activation) -> float:
        return float(np.median([depth_profile(0, activation, 4, s)[4] for s in range(20, 41)]))

    alone = middle(None)
    assert middle(lambda z: np.maximum(z, 0)) < alone < middle(lambda z: np.tanh(30 * z)) / 10


# Particles


@given(seeds, st.integers(2, 12), st.floats(0.1, 9))
def test_small_steps_follow_the_equation_of_the_angles(rng, n, beta):
    angles = rng.uniform(-3, 3, n)
    apart = angles - angles[:, None]
    velocity = (softmax(beta * np.cos(apart)) * np.sin(apart)).sum(axis=1)
    step = 1e-6
    x = move(circle(angles), beta, step=step)
    moved = np.arctan2(x[:, 1], x[:, 0]) - angles
    assert np.allclose(moved / step, velocity, atol=1e-4)


def test_clusters_counts_chains_and_keeps_gaps():
    degrees = np.radians([0, 5, 10, 15, 90, 180, 184])
    assert clusters(circle(degrees)) == 3  # 8 degrees apart is a cosine of .9903
    assert clusters(circle(degrees), 0.9975) == 6  # joins the 4 degrees only
    assert clusters(circle(degrees), -0.5) == 1
    assert clusters(np.eye(5)) == 5
    long_chain = np.radians(np.arange(40) * 7.0)
    assert clusters(circle(long_chain)) == 1
    assert clusters(circle(np.radians([0, 10, 20]))) == 3  # a cosine of .985


def test_a_circle_of_tokens_gathers(woven):
    groups = woven(PAGE).values["groups"]
    warm, cold = groups["1"], groups["9"]
    assert warm["200"] == warm["2000"] == 1
    assert cold["60"] > cold["200"] > cold["2000"] >= 2


def test_two_directions_are_not_the_end(woven):
    """Two directions, as at layer 400, are a stage on the way to one."""
    stages = woven(PAGE).values["stages"]
    assert stages["400"] == stages["1000"] == 2 and stages["4000"] == 1


@pytest.mark.parametrize("beta", [0.5, 3.0, 6.0])
def test_meeting_time_solves_the_equation(beta):
    """Against a plain Runge-Kutta integration of the angle."""

    def rate(a: float) -> float:
        return -2 * np.sin(a) / (1 + np.exp(beta * (1 - np.cos(a))))

    a, t, h = 1.2, 0.0, 0.002
    while a > 0.2:
        k1 = rate(a)
        k2 = rate(a + h / 2 * k1)
        k3 = rate(a + h / 2 * k2)
        k4 = rate(a + h * k3)
        a, t = a + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4), t + h
    assert meeting_time(beta, 1.2, 0.2) == pytest.approx(t, rel=2e-3)


@pytest.mark.parametrize("angle", [np.pi / 3, np.pi / 2, 2.0])
def test_meeting_time_grows_exponentially(angle):
    for beta in (40, 60):
        leading = np.exp(beta * (1 - np.cos(angle))) / (2 * beta * np.sin(angle) ** 2)
        assert meeting_time(beta, angle, 0.1) == pytest.approx(leading, rel=0.1)


def test_two_clusters_meet_when_the_integral_says(woven):
    values = woven(PAGE).values
    for beta, layers in values["met"].items():
        assert values["expected"][beta] == pytest.approx(layers, rel=0.04)
    assert values["met"]["8"] > 15 * values["met"]["4"]
    assert values["expected"]["16"] > 2e6


@pytest.mark.parametrize("beta", [1.0, 4.0, 16.0])
def test_growth_is_the_spectrum_of_the_even_circle(beta):
    """Eigenvalues of the Jacobian, by differences, of the velocity of 64 even tokens."""
    n, eps = 64, 1e-6
    even = np.linspace(0, 2 * np.pi, n, endpoint=False)

    def velocity(angles: np.ndarray) -> np.ndarray:
        apart = angles - angles[:, None]
        return (softmax(beta * np.cos(apart)) * np.sin(apart)).sum(axis=1)

    assert np.allclose(velocity(even), 0)
    jacobian = np.stack(
        [(velocity(even + e) - velocity(even - e)) / (2 * eps) for e in eps * np.eye(n)], axis=1
    )
    assert np.allclose(jacobian, np.roll(np.roll(jacobian, 1, 0), 1, 1), atol=1e-7)
    for k in (1, 2, 5, 9):
        wave = np.cos(k * even)
        rate = growth(np.array([k]), beta)[0]
        assert np.allclose(jacobian @ wave, rate * wave, atol=1e-5)


def test_the_fastest_ripple_is_near_the_root_of_two_beta():
    k = np.arange(1, 60)
    assert (growth(k[:12], 3.0) > 0).all()
    for beta in (8, 32, 128, 512):
        assert k[growth(k, beta).argmax()] == pytest.approx(np.sqrt(2 * beta), abs=1)


def test_clusters_at_first_are_as_many_as_the_fastest_ripple(woven):
    values = woven(PAGE).values
    for beta, k in values["predicted"].items():
        counted = values["counted"][beta]
        assert all(abs(count - k) <= 1 for count in counted["even"])
        assert max(counted["random"]) <= k
        assert sum(counted["random"]) <= sum(counted["even"])
    assert list(values["predicted"].values()) == [2, 3, 4, 6, 8]


@pytest.mark.parametrize("beta", [0.0, 1.0, 4.0])
def test_the_denominator_moves_no_equilibrium_and_changes_no_stability(beta):
    """Two unequal clusters face to face: rest, and the same signs among the eigenvalues."""
    rest, eps = np.array([0, 0, 0, np.pi, np.pi]), 1e-6

    def velocity(angles: np.ndarray, divide: bool) -> np.ndarray:
        apart = angles - angles[:, None]
        pull = np.exp(beta * np.cos(apart))
        pull /= pull.sum(axis=1, keepdims=True) if divide else len(angles)
        return (pull * np.sin(apart)).sum(axis=1)

    growing = []
    for divide in (False, True):
        assert np.allclose(velocity(rest, divide), 0)
        jacobian = np.stack(
            [
                (velocity(rest + e, divide) - velocity(rest - e, divide)) / (2 * eps)
                for e in eps * np.eye(len(rest))
            ],
            axis=1,
        )
        rates = np.linalg.eigvals(jacobian).real
        assert (np.abs(rates) < 1e-6).sum() == 1  # turning the circle
        growing.append((rates > 1e-6).sum())
    assert growing[0] == growing[1] >= 1


@settings(max_examples=20)
@given(seeds, st.integers(2, 6), st.integers(2, 4), st.floats(0.2, 4))
def test_small_moves_never_lower_the_energy(rng, n, d, beta):
    x = on_sphere(rng.standard_normal((n, d)))
    energies = []
    for _ in range(30):
        energies.append(np.exp(beta * x @ x.T).sum())
        x = move(x, beta, step=0.02)
    assert (np.diff(energies) >= -1e-9 * energies[-1]).all()
