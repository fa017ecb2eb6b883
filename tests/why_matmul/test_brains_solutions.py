"""The solved exercises of the chapter on brains."""
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.why_matmul.brains import LEAK
from snippets.why_matmul.brains_solutions import fetched_once, train, window, with_one_relay

NAME = "why_matmul/brains_solutions"


@pytest.fixture
def values(woven):
    return woven(NAME).values


@given(st.floats(0.5, 0.99))
def test_window_is_where_two_pushes_just_reach_threshold(weight):
    assert weight * (1 + math.exp(-window(weight) / LEAK)) == pytest.approx(1)


@pytest.mark.parametrize("weight", [0.49, 1.0, 1.2])
def test_window_needs_two_pushes(weight):
    with pytest.raises(ValueError, match="one push is enough"):
        window(weight)


def test_coincidence(values):
    assert values["spikes"] == {"0.6": 8, "0.8": 27}
    for weight, longest in values["spikes"].items():
        assert longest <= window(float(weight)) < longest + 1


@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.integers(1, 8))
def test_one_relay(seed, m, n):
    rng = np.random.default_rng(seed)
    w, x = rng.integers(-9, 10, (m, n)), rng.integers(0, 50, n)
    wires = with_one_relay(w)
    assert wires.shape == (m, n + 1)
    assert (wires[:, :n] >= 0).all() and (wires[:, n] <= 0).all()
    assert np.array_equal(wires @ np.r_[x, x.sum()], w @ x)
    assert w.min() > 0 or wires[:, :n].min() == 0  # no larger than it must be


def test_one_relay_pays_in_noise(values, woven):
    assert woven(NAME).regions["one_relay"].output.count("exact: True") == 2
    assert values["noise_one"] > 10 * values["noise_many"]


def test_batches(values):
    for batch, share in values["share"].items():
        assert share == pytest.approx(fetched_once(0.01, int(batch)), abs=0.02)
    assert fetched_once(0.5, 2) == 0.75 and fetched_once(0.3, 1) == pytest.approx(0.3)


def test_xnor(woven):
    output = woven(NAME).regions["xnor"].output.split()
    assert [word for word in output if word in ("True", "False")] == [
        "True", "False", "False", "True"]


def test_random_feedback_learns(values):
    left = values["left"]
    assert left["transposed"] < left["random"] < 0.8 * left["none"]
    assert values["turned"] > 0.3


@pytest.mark.parametrize("seed", [1, 2])
def test_other_seeds(seed):
    left = {kind: train(kind, np.random.default_rng(seed), 1500)[0]
            for kind in ("transposed", "random", "none")}
    assert left["transposed"] < left["random"] < 0.85 * left["none"]


def test_weights_turn_towards_the_feedback_and_only_then():
    rng = np.random.default_rng
    assert abs(train("none", rng(3), 300)[1]) < 0.2 < train("random", rng(3), 1500)[1]
