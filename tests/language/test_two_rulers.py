"""Two rulers: definitions against independent references, and each claim of the chapter."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.language.two_rulers import (
    chain,
    departure,
    distance_to_singular,
    kreiss_constant,
    power_norms,
    recurrent_run,
    spectral_norm,
)
from snippets.mechanics.residuals import spectral_radius

PAGE = "language/two_rulers"
seeds = st.integers(0, 10_000).map(np.random.default_rng)
sizes = st.integers(2, 7)


@pytest.fixture(scope="module")
def values(woven):
    return woven(PAGE).values


def normal_matrix(rng: np.random.Generator, n: int) -> np.ndarray:
    """A real normal matrix: blocks of turn and stretch in an orthonormal basis."""
    q = np.linalg.qr(rng.standard_normal((n, n)))[0]
    blocks = np.diag(rng.standard_normal(n))
    for i in range(0, n - 1, 2):
        a, b = rng.standard_normal(2)
        blocks[i : i + 2, i : i + 2] = [[a, b], [-b, a]]
    return q @ blocks @ q.T


# Definitions


@given(seeds, sizes, sizes)
def test_spectral_norm_is_the_longest_image(rng, m, n):
    w = rng.standard_normal((m, n))
    x = rng.standard_normal((n, 200))
    images = np.linalg.norm(w @ x, axis=0) / np.linalg.norm(x, axis=0)
    assert images.max() <= spectral_norm(w) * (1 + 1e-12)
    top = np.linalg.svd(w)[2][0]
    assert np.linalg.norm(w @ top) == pytest.approx(spectral_norm(w))


@given(seeds, sizes, sizes)
def test_every_matrix_has_singular_values(rng, m, n):
    """Claim: singular values work for any matrix, square or not."""
    w = rng.standard_normal((m, n))
    u, s, vt = np.linalg.svd(w, full_matrices=False)
    assert np.allclose((u * s) @ vt, w, atol=1e-12) and (s >= 0).all()
    x = rng.standard_normal((n, 200))
    images = np.linalg.norm(w @ x, axis=0) / np.linalg.norm(x, axis=0)
    least = s[-1] if m >= n else 0.0
    assert (images >= least * (1 - 1e-12)).all()
    if m != n:
        with pytest.raises(np.linalg.LinAlgError):
            np.linalg.eigvals(w)


@given(seeds, sizes, st.integers(0, 6))
@settings(max_examples=20)
def test_power_norms(rng, n, steps):
    w = rng.standard_normal((n, n))
    norms = power_norms(w, steps)
    direct = [np.linalg.norm(np.linalg.matrix_power(w, k), 2) for k in range(steps + 1)]
    assert np.allclose(norms, direct)


@given(seeds, sizes)
@settings(max_examples=30)
def test_departure_is_zero_for_normal_matrices_only(rng, n):
    normal, other = normal_matrix(rng, n), rng.standard_normal((n, n))
    assert departure(normal) < 1e-6
    assert np.allclose(np.sort(abs(np.linalg.eigvals(normal))), np.linalg.svd(normal)[1][::-1])
    assert departure(other) > 1e-3
    excess = (other**2).sum() - (abs(np.linalg.eigvals(other)) ** 2).sum()
    assert departure(other) ** 2 == pytest.approx(excess)


def test_departure_of_a_jordan_block_is_its_corner():
    assert departure(np.array([[0.9, 10.0], [0.0, 0.9]])) == pytest.approx(10)


@given(seeds, sizes)
def test_radius_never_exceeds_norm(rng, n):
    w = rng.standard_normal((n, n))
    s, sizes_of = np.linalg.svd(w)[1], abs(np.linalg.eigvals(w))
    assert s[-1] * (1 - 1e-9) <= sizes_of.min() and sizes_of.max() <= s[0] * (1 + 1e-9)
    assert np.prod(s) == pytest.approx(np.prod(sizes_of))
    assert np.prod(s) == pytest.approx(abs(np.linalg.det(w)))


@given(seeds, sizes)
@settings(max_examples=30)
def test_distance_to_singular(rng, n):
    w = rng.standard_normal((n, n))
    z = rng.standard_normal(3) + 1j * rng.standard_normal(3)
    distances = distance_to_singular(w, z)
    for point, distance in zip(z, distances, strict=True):
        inverse = np.linalg.inv(point * np.eye(n) - w)
        assert distance == pytest.approx(1 / np.linalg.norm(inverse, 2), rel=1e-6)
        u, s, vt = np.linalg.svd(point * np.eye(n) - w)
        changed = w + s[-1] * np.outer(u[:, -1], vt[-1])  # a change of that norm suffices
        assert abs(np.linalg.eigvals(changed) - point).min() < 1e-5
    assert distance_to_singular(w, np.linalg.eigvals(w)).max() < 1e-9


@given(seeds, sizes)
@settings(max_examples=20)
def test_kreiss_constant_is_a_lower_bound(rng, n):
    w = rng.standard_normal((n, n))
    w *= 0.9 / spectral_radius(w)
    z = np.linspace(1.01, 4, 30)[:, None] * np.exp(1j * np.linspace(0, 2 * np.pi, 24))
    assert kreiss_constant(w, z) <= power_norms(w, 200).max() * (1 + 1e-9)
    assert kreiss_constant(np.eye(n) * 0.9, z) <= 1


# The two rulers on one matrix


def test_two_rulers_run(woven, values):
    assert values["largest_eigenvalue"] == 0.9 and values["largest_stretch"] > 2.2
    output = woven(PAGE).regions["two"].output
    assert "W v against v   [0.3 0.3]" in output and "s1 u1: True" in output


def test_few_eigenvalues_are_real(woven, values):
    """Claim: eigenvectors keep their direction. Most real matrices lack real ones."""
    assert values["expected_real"] == pytest.approx(8.48, abs=0.01)
    assert values["mean_real"] == pytest.approx(values["expected_real"], abs=1.5)
    assert "0.866+0.5j" in woven(PAGE).regions["real"].output


def test_a_negative_eigenvalue_reverses():
    w = np.array([[0.0, 1], [1, 0]])
    v = np.array([1.0, -1])
    assert (w @ v == -v).all()


def test_normal_matrices_have_one_ruler(values):
    """Claim: eigenvectors are the natural coordinates of a square matrix."""
    for name in ("symmetric", "orthogonal"):
        assert values["share"][name] < 1e-6
        assert values["radius"][name] == pytest.approx(values["norm"][name])
        assert values["basis"][name] == pytest.approx(1)
    for name in ("Gaussian", "triangular"):
        assert values["norm"][name] > 1.3 * values["radius"][name]
    assert 0.5 < values["share"]["Gaussian"] < values["share"]["triangular"] <= 1
    assert values["basis"]["Gaussian"] > 5 and values["basis"]["triangular"] > 1e4


def test_a_jordan_block_has_no_basis_of_eigenvectors():
    vectors = np.linalg.eig(np.array([[0.9, 10.0], [0.0, 0.9]]))[1]
    assert np.linalg.cond(vectors) > 1e12


# Powers


def test_hump(values):
    exact = [np.linalg.norm([[0.9**k, 10 * k * 0.9 ** (k - 1)], [0, 0.9**k]], 2) for k in range(80)]
    assert values["peak"] == pytest.approx(max(exact)) and values["peak_at"] == 9
    assert int(np.argmax(exact)) == 9 and values["peak"] == pytest.approx(38.75, abs=0.01)
    assert values["below"] == 63 and exact[62] >= 1 > exact[63]


def test_gelfand(values):
    roots = values["gelfand"]
    assert roots["1"] > roots["10"] > roots["50"] > 1 > roots["200"] > 0.9


@given(seeds, sizes)
@settings(max_examples=20)
def test_powers_lie_between_radius_and_norm(rng, n):
    w = rng.standard_normal((n, n))
    k = np.arange(6)
    norms = power_norms(w, 5)
    assert (norms >= spectral_radius(w) ** k * (1 - 1e-6)).all()
    assert (norms <= spectral_norm(w) ** k * (1 + 1e-9)).all()
    normal = normal_matrix(rng, n)
    assert np.allclose(power_norms(normal, 5), spectral_radius(normal) ** k)


def test_random_matrices_have_humps(values):
    assert 1.5 < values["least_peak"] < values["most_peak"] < 5


def test_pseudospectrum_run(values):
    w = np.array([[0.9, 10.0], [0.0, 0.9]])
    assert values["change_for_one"] == pytest.approx(np.linalg.svd(np.eye(2) - w)[1][-1])
    assert values["change_for_one"] < 0.0011
    assert 20 < values["kreiss"] <= values["peak"] <= 2 * np.e * values["kreiss"]


# Chains, products, saturation


@given(st.integers(2, 9), st.floats(0.5, 4))
def test_chain_is_nilpotent(n, weight):
    w = chain(n, weight)
    assert spectral_radius(w) == 0
    norms = power_norms(w, n)
    assert np.allclose(norms[:n], weight ** np.arange(n)) and norms[n] == 0
    assert (w @ np.eye(n)[:, 1] == weight * np.eye(n)[:, 0]).all()


def test_chain_run(woven, values):
    assert values["chain_peak"] == 3.0**19
    assert values["nudged_radius"] == pytest.approx((3.0**19 * 1e-10) ** (1 / 20), rel=1e-6)
    output = woven(PAGE).regions["one_way"].output
    assert "radius 0.0" in output and "of N**20 0.0" in output
    assert "moved by at most 1e-10: True" in output


@given(seeds, sizes)
def test_singular_values_move_no_more_than_the_matrix(rng, n):
    w, change = rng.standard_normal((2, n, n))
    moved = abs(np.linalg.svd(w + change)[1] - np.linalg.svd(w)[1]).max()
    assert moved <= spectral_norm(change) * (1 + 1e-9)


@given(seeds, sizes)
@settings(max_examples=30)
def test_eigenvalues_of_normal_matrices_are_as_steady(rng, n):
    w, change = normal_matrix(rng, n), 0.1 * rng.standard_normal((n, n))
    before, after = np.linalg.eigvals(w), np.linalg.eigvals(w + change)
    nearest = abs(after[:, None] - before).min(axis=1)
    assert nearest.max() <= spectral_norm(change) * (1 + 1e-9)


def test_mean_square_stretch_is_the_mean_square_of_singular_values():
    w = np.array([[0.9, 2.0], [0.0, 0.3]])
    angle = np.arange(360) * np.pi / 180
    images = w @ np.array([np.cos(angle), np.sin(angle)])
    assert (images**2).sum(0).mean() == pytest.approx((np.linalg.svd(w)[1] ** 2).mean())


def test_product_of_two_small_radii(values):
    assert values["radius_product"] == pytest.approx((4.5 + np.sqrt(4.5**2 - 0.25)) / 2)


@given(seeds, sizes)
def test_norms_bound_products_and_radii_do_not(rng, n):
    a, b = rng.standard_normal((2, n, n))
    assert spectral_norm(a @ b) <= spectral_norm(a) * spectral_norm(b) * (1 + 1e-12)
    assert np.linalg.det(a @ b) == pytest.approx(np.linalg.det(a) * np.linalg.det(b))
    nilpotent = chain(n, 2.0)
    assert spectral_radius(nilpotent) == spectral_radius(nilpotent.T) == 0
    assert spectral_radius(nilpotent @ nilpotent.T) == pytest.approx(4)


def test_norms_of_factors_may_say_too_much(values):
    assert values["loose_bound"] > 1e7 * values["true_norm"]
    assert 1 < values["true_norm"] < 50 and 0.05 < values["typical"] < 5


@given(seeds, st.integers(2, 5), st.floats(-1, 1))
@settings(max_examples=15)
def test_recurrent_run_against_autograd(rng, n, bias):
    w, x = rng.standard_normal((n, n)), rng.standard_normal(n)

    def unrolled(state):
        for _ in range(4):
            state = torch.tanh(torch.tensor(w) @ state + bias)
        return state

    state, jacobian = recurrent_run(w, x, bias, 4)
    assert np.allclose(state, unrolled(torch.tensor(x)).numpy())
    theirs = torch.autograd.functional.jacobian(unrolled, torch.tensor(x)).numpy()
    assert np.allclose(jacobian, theirs, atol=1e-12)


def test_saturation(values):
    """Claim: both rulers together measure a network. The slope of tanh decides as well."""
    assert values["linear_state"] > 1e8
    assert max(values["size"].values()) <= np.sqrt(50)
    assert values["gradient"]["0"] > 1 and values["gradient"]["5"] < 1e-30
    assert values["calm_state"] == pytest.approx(0.5**50)
