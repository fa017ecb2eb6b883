import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.why_matmul.beyond.neural_ode import integrate, van_der_pol
from snippets.why_matmul.beyond.neural_ode_solutions import (
    couple,
    implicit_step,
    largest_step_in_order,
    midpoint_step,
    most_held,
    uncouple,
)

NAME = "why_matmul/beyond/neural_ode_solutions"
seeds = st.integers(0, 10_000).map(np.random.default_rng)


def test_midpoint_is_of_second_order():
    assert midpoint_step(lambda t, z: -z, 0, 1.0, 0.2) == pytest.approx(1 - 0.2 + 0.02)
    assert midpoint_step(lambda t, z: 2 * t, 1.0, 5.0, 0.5) == pytest.approx(5 + 1.25)


def test_equal_work(woven):
    errors = woven(NAME).values["errors"]
    for calls in (80, 320, 1280):
        row = [errors[f"{name} {calls}"] for name in ("euler", "midpoint", "rk4")]
        assert row[0] > row[1] > row[2]
    assert errors["rk4 1280"] < 1e-3 * errors["midpoint 1280"]


@given(st.integers(1, 30), st.floats(0.1, 10))
@settings(max_examples=20)
def test_best_segment_is_near_the_square_root(root, ratio):
    steps = 2 * 2 * 3 * 5 * 7 * root
    held = [most_held(steps, k, 1.0, ratio) for k in range(1, steps + 1)]
    assert min(held) >= 2 * np.sqrt(steps * ratio) - 1e-9
    assert 1 + np.argmin(held) == pytest.approx(max(1, np.sqrt(steps / ratio)), abs=1)


def test_segments_of_the_page(woven):
    assert woven(NAME).values["best"] == {"1": [20, 40], "4": [10, 80], "25": [4, 200]}


@given(seeds, st.floats(0.001, 0.05))
@settings(max_examples=20)
def test_implicit_step_solves_its_equation(rng, h):
    z = rng.normal(size=2)
    new = implicit_step(2.0, z, h)
    assert np.allclose(new - z - h * van_der_pol(2.0)(0, new), 0, atol=1e-9)


def test_implicit_steps_on_the_stiff_problem(woven):
    values = woven(NAME).values
    assert values["implicit_off"] < 2e-3 and values["calls"] > 5000
    z = np.array([2.0, 0.0])
    with np.errstate(all="ignore"):
        explicit = integrate(van_der_pol(100), z, 0, 1, 20)
    assert not np.isfinite(explicit).all()


@given(seeds)
@settings(max_examples=20)
def test_coupling_undoes_itself(rng):
    a, b = rng.normal(size=(2, 3, 3))
    f, g = (lambda v: np.tanh(a @ v)), (lambda v: np.sin(b @ v))
    x, y = rng.normal(size=(2, 3))
    p, q = couple(f, g, x, y)
    assert np.allclose(p, x + f(y)) and np.allclose(q, y + g(p))
    assert np.allclose(uncouple(f, g, p, q), (x, y))


def test_reversible_of_the_page(woven):
    assert woven(NAME).values["returned"] < 1e-12


def test_largest_step():
    x = np.linspace(-1, 1, 101)
    assert largest_step_in_order(lambda z: -2 * z, x) == pytest.approx(0.5)
    assert largest_step_in_order(lambda z: z, x) == np.inf

    def curve(z):
        return z**2

    h = largest_step_in_order(curve, x)
    assert (np.diff(x + 0.99 * h * curve(x)) > 0).all()
    assert not (np.diff(x + 1.01 * h * curve(x)) > 0).all()


def test_folding_of_the_page(woven):
    kept = woven(NAME).values["in_order"]
    assert kept == {"0.5": True, "0.99": True, "1.01": False, "2": False}


def test_a_lost_start_need_not_spoil_the_gradient(woven):
    pulled = woven(NAME).values["pulled"]
    assert pulled["0"][0] < 1e-9 and pulled["32"][0] > 0.5  # z(0) itself has size 1
    assert all(gradient_off < 1e-8 for _, gradient_off in pulled.values())
