import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.language.structure import convolution
from snippets.language.two_rulers import departure
from snippets.language.two_rulers_solutions import (
    first_growth,
    running_products,
    steps_to_radius,
    turning_plane,
)
from snippets.mechanics.convolution_as_product import circulant

SOLUTIONS = "language/two_rulers_solutions"
seeds = st.integers(0, 10_000).map(np.random.default_rng)


@given(seeds)
@settings(max_examples=20)
def test_convolutions_on_a_ring_are_normal(rng):
    kernel = rng.standard_normal(3)
    assert departure(circulant(kernel, 9)) < 1e-6
    assert departure(convolution(kernel + [0, 0, 3], 9, padding=1)) > 1e-3


def test_agree_run(woven):
    lines = woven(SOLUTIONS).regions["agree"].output.splitlines()
    assert ["True" in line for line in lines] == [True, True, True, False]
    assert "norm - radius: 0.100" in lines[3]


@given(seeds)
@settings(max_examples=20)
def test_three_padded_weights_are_normal_if_the_outer_ones_match(rng):
    a, b, c = rng.standard_normal(3)
    w = convolution(np.array([a, b, c]), 9, padding=1)
    gap = np.zeros((9, 9))
    gap[0, 0], gap[-1, -1] = c**2 - a**2, a**2 - c**2
    assert np.allclose(w @ w.T - w.T @ w, gap)
    for outer in (a, -a):
        assert departure(convolution(np.array([a, b, outer]), 9, padding=1)) < 1e-6


def test_steps_to_radius(woven):
    assert woven(SOLUTIONS).values["steps_needed"] == {"0": 1, "1": 96, "100": 206}
    assert woven(SOLUTIONS).values["per_tenfold"] == 55
    w = np.array([[0.9, 100.0], [0, 0.9]])
    root = [np.linalg.norm(np.linalg.matrix_power(w, k), 2) ** (1 / k) for k in (205, 206)]
    assert root[0] > 0.945 >= root[1]
    assert steps_to_radius(w, 0.05, 205) is None


@given(seeds, st.integers(2, 6))
def test_weyl(rng, n):
    small, large = running_products(rng.standard_normal((n, n)))
    assert (small <= large * (1 + 1e-9)).all()
    assert small[-1] == pytest.approx(large[-1])
    diagonal = np.diag(rng.uniform(1, 2, n))
    assert np.allclose(*running_products(diagonal))


def test_weyl_run(woven):
    assert "never above, in 200 matrices: True" in woven(SOLUTIONS).regions["weyl"].output


@given(seeds)
def test_turning_plane(rng):
    w = rng.standard_normal((4, 4))
    if np.isreal(np.linalg.eigvals(w)).all():
        return
    plane, block = turning_plane(w)
    assert np.allclose(w @ plane, plane @ block)
    assert np.linalg.matrix_rank(plane) == 2 and block[0, 1] > 0
    assert np.allclose(block @ block.T, np.linalg.det(block) * np.eye(2))


def test_no_turning_plane_for_symmetric_matrices():
    with pytest.raises(ValueError, match="real"):
        turning_plane(np.diag([1.0, 2.0]))


def test_plane_run(woven):
    values = woven(SOLUTIONS).values
    assert "plane @ block: True" in woven(SOLUTIONS).regions["plane"].output
    assert values["stretch"] > 0 and 0 < values["angle"] < 180


@given(seeds, st.integers(2, 5))
def test_first_growth_is_the_derivative_of_the_norm(rng, n):
    w = rng.standard_normal((n, n))
    step = np.eye(n) + 1e-7 * (w - np.eye(n))
    assert first_growth(w) == pytest.approx((np.linalg.norm(step, 2) - 1) / 1e-7, abs=1e-4)


def test_first_growth_of_the_example(woven):
    assert woven(SOLUTIONS).values["symmetric_top"] == pytest.approx(5.5)
    assert first_growth(np.array([[0.5, 10], [0, 0.5]])) == pytest.approx(4.5)
    assert first_growth(np.array([[0.5, 1], [0, 0.5]])) == pytest.approx(0, abs=1e-12)
