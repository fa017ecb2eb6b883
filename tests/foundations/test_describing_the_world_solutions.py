from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.foundations.describing_the_world_solutions import (
    nearest_others,
    no_three_ones,
    polyline_network,
    unit_free,
)
from snippets.mechanics.geometry import network

seeds = st.integers(0, 10_000).map(np.random.default_rng)
SOLUTIONS = "foundations/describing_the_world_solutions"


@given(seeds, st.integers(2, 9))
def test_polyline_goes_through_its_points_and_is_straight_between(rng, points):
    t = np.cumsum(rng.uniform(0.2, 2, points)) - 3
    y = rng.standard_normal(points) * 3
    layers = polyline_network(t, y)
    shapes = [(w.shape, b.shape) for w, b in layers]
    assert shapes == [((points - 1, 1), (points - 1,)), ((1, points - 1), (1,))]
    at = np.linspace(t[0], t[-1], 77)
    assert np.allclose(network(layers, at[None, :])[0], np.interp(at, t, y))


def test_polyline_run(woven):
    output = woven(SOLUTIONS).regions["polyline"].output
    assert "units: 4" in output and "[1.0, 3.0, -1.0, 0.0, 4.0]" in output


def test_switches_may_be_silent_but_bends_may_not(woven):
    values = woven(SOLUTIONS).values
    assert values["fewer"] == 0 and 50 < values["more"] < 150


@given(st.integers(1, 11))
def test_no_three_ones_is_what_listing_finds(n):
    words = ("".join(word) for word in product("01", repeat=n))
    assert no_three_ones(n) == sum("111" not in word for word in words)


def test_no_three_ones_stays_exact():
    assert no_three_ones(300) == sum(no_three_ones(k) for k in (297, 298, 299))


@given(seeds)
def test_nearest_other_row(rng):
    rows = rng.standard_normal((8, 3))
    for k, found in enumerate(nearest_others(rows)):
        gaps = [np.inf if j == k else np.sum((rows[j] - rows[k]) ** 2) for j in range(8)]
        assert found == np.argmin(gaps)


@given(seeds)
def test_scaled_columns_forget_their_units(rng):
    rows = rng.standard_normal((20, 3))
    scaled = unit_free(rows)
    assert np.allclose(scaled.std(axis=0), 1)
    assert np.allclose(unit_free(rows * [100, 0.001, 7]), scaled)


def test_scale_run(woven):
    values = woven(SOLUTIONS).values
    assert values["raw"] >= 20 and values["scaled"] == 0


def test_a_click_is_long_when_written_by_pitch(woven):
    assert woven(SOLUTIONS).values["click_nonzeros"] == 24
    assert "moment: 1" in woven(SOLUTIONS).regions["click"].output


def test_three_run(woven):
    for line in woven(SOLUTIONS).regions["three"].output.splitlines()[:3]:
        listed, multiplied = line.split(":")[1].split()
        assert listed == multiplied


def test_unit_free_divides_only():
    rows = np.array([[1.0, 10.0], [3.0, 30.0]])
    assert unit_free(rows) == pytest.approx(np.array([[1.0, 1.0], [3.0, 3.0]]))
