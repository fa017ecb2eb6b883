import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.language.orthogonality import descend, penalty, polar
from snippets.language.orthogonality_solutions import cayley, higher_newton_schulz, rounds_for

PAGE = "language/orthogonality_solutions"
seeds = st.integers(0, 10_000).map(np.random.default_rng)


@given(seeds)
def test_the_penalty_from_singular_values(rng):
    m, n = rng.integers(1, 7, 2)
    w = rng.standard_normal((m, n))
    s = np.linalg.svd(w, compute_uv=False)
    assert penalty(w) == pytest.approx(((s**2 - 1) ** 2).sum() + max(n - m, 0))


def test_traces_run(woven):
    assert woven(PAGE).values["trace_gap"] == 4
    assert "True" in woven(PAGE).regions["traces"].output


@given(st.floats(1e-6, 0.999))
def test_rounds_are_few_enough_and_no_more(smallest):
    rounds = rounds_for(smallest)
    path = [w[0, 0] for w in descend(np.array([[smallest]]), 1 / 8, rounds)]
    assert 1 - path[-1] <= 1e-11 and 1 - path[-2] > 1e-13
    assert rounds <= np.log(1 / smallest) / np.log(1.5) + 8


def test_rounds_run(woven):
    assert woven(PAGE).regions["rounds"].output.count("True") == 3


@given(seeds)
def test_order_three(rng):
    q = np.linalg.qr(rng.standard_normal((5, 3)))[0]
    for size in (1e-2, 1e-3):
        w = q * (1 + size)
        assert np.linalg.norm(higher_newton_schulz(w) - polar(w)) == pytest.approx(
            2.5 * size**3 * 3**0.5, rel=0.1
        )


@given(seeds)
def test_a_step_of_order_three_is_a_polynomial_of_the_singular_values(rng):
    w = rng.standard_normal((5, 3))
    u, s, vt = np.linalg.svd(w, full_matrices=False)
    expected = (u * (15 * s - 10 * s**3 + 3 * s**5) / 8) @ vt
    assert np.allclose(higher_newton_schulz(w), expected)


def test_frames_run(woven):
    assert woven(PAGE).values["frame_penalties"] == pytest.approx([1, 1])


def test_twins_run(woven):
    assert 30 <= woven(PAGE).values["apart"] <= 40


@given(seeds)
def test_cayley_is_orthogonal(rng):
    g = rng.standard_normal((4, 4))
    q = cayley(g - g.T)
    assert penalty(q) < 1e-20
    assert np.linalg.det(q) == pytest.approx(1)
    assert np.allclose(q @ (np.eye(4) + g - g.T), np.eye(4) - g + g.T)


def test_cayley_run(woven):
    assert woven(PAGE).values["cayley_penalty"] < 1e-20
    assert "turn by 90 degrees" in woven(PAGE).regions["turns"].output
