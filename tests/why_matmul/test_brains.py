"""What the chapter on brains claims, checked again by other means."""
import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.why_matmul.brains import (
    ENERGY, LEAK, calcium_spike, cuts, dense_energy, event_sum, explained, firing_rate,
    integrate_and_fire, one_sign_columns, poisson, row_format, spike_energy, steady,
    truth_tables, weight_reads, with_relays,
)

NAME = "why_matmul/brains"
seeds = st.integers(0, 2**32 - 1)


@pytest.fixture
def values(woven):
    return woven(NAME).values


# The synaptic sum


@given(seeds, st.integers(1, 9), st.integers(1, 20), st.floats(0, 1))
def test_event_sum_is_the_product(seed, m, n, share):
    rng = np.random.default_rng(seed)
    w, fired = rng.integers(-9, 10, (m, n)), rng.random(n) < share
    total, additions = event_sum(w, fired)
    assert np.array_equal(total, w @ fired) and additions == m * fired.sum()
    assert event_sum(w, np.zeros(n, dtype=bool))[1] == 0


def test_events_cost_as_much_as_there_are_spikes(values, woven):
    assert "True" in woven(NAME).regions["sum"].output
    assert values["event_share"] == pytest.approx(values["active_share"])
    assert 0.003 < values["event_share"] < 0.005


def test_share_depends_on_the_step():
    """Ten steps taken as one: almost ten times the share of inputs that spike."""
    spikes = poisson(np.random.default_rng(0), np.full(1000, 4.0), 1000)
    coarse = spikes.reshape(100, 10, 1000).any(axis=1)
    assert 9 < coarse.mean() / spikes.mean() < 10


def test_poisson_rates():
    spikes = poisson(np.random.default_rng(0), np.array([0.0, 10.0, 200.0]), 50_000)
    assert spikes.shape == (50_000, 3)
    np.testing.assert_allclose(spikes.mean(axis=0) * 1000, [0, 10, 200], rtol=0.1)


# The cell


def test_a_cell_step_by_step():
    keep = math.exp(-1 / LEAK)
    spikes, trace = integrate_and_fire(np.array([[0.5], [0.6], [0.2], [0.0]]))
    assert spikes[:, 0].tolist() == [False, True, False, False]
    np.testing.assert_allclose(trace[:, 0], [0.5, 0.5 * keep + 0.6, 0.2, 0.2 * keep])
    slow = integrate_and_fire(np.array([[0.5], [0.0]]), step=5)[1]
    assert slow[1, 0] == pytest.approx(0.5 * math.exp(-5 / LEAK))


@given(st.floats(0, 0.99))
@settings(max_examples=20)
def test_below_threshold_it_settles_and_never_fires(current):
    spikes, trace = integrate_and_fire(steady([current], 400))
    assert not spikes.any() and trace[-1, 0] == pytest.approx(current)


@given(st.floats(1.05, 6))
@settings(max_examples=10)
def test_closed_form_is_the_time_to_threshold(current):
    gap = 1000 / float(firing_rate(current))
    assert current * (1 - math.exp(-gap / LEAK)) == pytest.approx(1)
    spikes = np.flatnonzero(integrate_and_fire(steady([current], 4000, 0.05), 0.05)[0])
    assert spikes[0] * 0.05 == pytest.approx(gap, abs=0.1)


def test_rate_is_zero_up_to_the_threshold():
    assert firing_rate(np.array([-1.0, 0.0, 1.0])).tolist() == [0, 0, 0]


def test_cell_is_nearly_a_relu(values):
    assert values["curve_off"] < 0.05
    assert values["relu_r2"] > 0.98 and 0.5 < values["relu_start"] < 1


def test_explained():
    truth = np.array([1.0, 2.0, 3.0])
    assert explained(truth, truth) == 1 and explained(np.full(3, 2.0), truth) == 0
    assert explained(truth + 1, truth) == -0.5


def test_layer_follows_relu_and_noise_fires_it(values):
    assert values["agreement"] > 0.85
    assert values["quiet_cells"] > 50 and values["noise_fired"] > 0.5 * values["quiet_cells"]


# Timing


def test_same_mean_different_spikes(values):
    assert values["constant_spikes"] == 0 and values["burst_spikes"] == 30


def test_means_are_equal(woven):
    line = woven(NAME).regions["timing"].output.splitlines()[0]
    first, second = line.removeprefix("mean push: ").split(" and ")
    assert first == second


def test_together_or_apart(values):
    assert values["together"] == 10 and values["apart"] == 0


# Dale's law


@given(seeds, st.integers(1, 8), st.integers(1, 8))
def test_one_sign_columns(seed, m, n):
    w = np.random.default_rng(seed).standard_normal((m, n))
    signed = one_sign_columns(w)
    for column, target in zip(signed.T, w.T, strict=True):
        assert (column >= 0).all() or (column <= 0).all()
        best = min(np.sum((sign * np.maximum(sign * target, 0) - target) ** 2) for sign in (1, -1))
        assert np.sum((column - target) ** 2) == pytest.approx(best)


@given(seeds, st.integers(1, 8), st.integers(1, 8))
def test_relays_lose_nothing(seed, m, n):
    rng = np.random.default_rng(seed)
    w, x = rng.integers(-9, 10, (m, n)), rng.integers(0, 50, n)
    split = with_relays(w)
    assert (split[:, :n] >= 0).all() and (split[:, n:] <= 0).all()
    assert np.array_equal(split @ np.r_[x, x], w @ x)
    assert np.count_nonzero(split) == np.count_nonzero(w)


def test_dale_on_the_page(values, woven):
    assert 0.5 < values["lost"] < 0.72
    assert values["original"] == values["synapses"]
    assert "same result: True" in woven(NAME).regions["dale"].output


# Dendrites


def test_calcium_spike_is_largest_at_threshold():
    drive = np.linspace(0, 5, 501)
    spike = calcium_spike(drive)
    assert (spike[drive < 1] == 0).all() and calcium_spike(1) == spike.max() == 1
    assert (np.diff(spike[drive >= 1]) < 0).all()
    assert calcium_spike(2) == pytest.approx(math.exp(-1))


def test_one_dendrite_does_xor(woven):
    output = woven(NAME).regions["xor"].output.split()
    assert [word for word in output if word in ("True", "False")] == [
        "False", "True", "True", "False"]


def test_cuts():
    assert cuts(np.array([[0.0, 1.0, 1.0]])) == {
        (True, True, True), (False, True, True), (False, False, False)}
    assert cuts(np.array([[0.0], [2.0]])) == {(True,), (False,)}


def test_threshold_functions_are_counted_right():
    """14 of 16 and 104 of 256 are the known numbers of linearly separable functions."""
    assert len(truth_tables(2, False)) == 14 and len(truth_tables(3, False)) == 104
    xor = tuple(a != b for a, b in product((False, True), repeat=2))
    assert xor not in truth_tables(2, False) and xor in truth_tables(2, True)


def test_a_dendrite_adds_functions(values):
    assert values["tables"]["2"] == {"sum": 14, "dendrite": 16, "all": 16}
    three = values["tables"]["3"]
    assert three == {"sum": 104, "dendrite": 205, "all": 256}
    assert truth_tables(3, False) <= truth_tables(3, True)


# Energy and where events pay


def test_energy_by_hand():
    assert dense_energy("cache") == pytest.approx(5 + 3.7 + 0.9)
    assert dense_energy("DRAM") == pytest.approx(640 + 4.6)
    assert spike_energy("cache", None) == pytest.approx(5.9)
    assert spike_energy("cache", "cache") == pytest.approx(15.9)
    assert spike_energy("DRAM", "cache") == pytest.approx(640 + 0.9 + 10)
    assert ENERGY["DRAM"] / ENERGY["multiply"] > 100


def test_break_even(values):
    assert values["even_in_place"] == pytest.approx(9.6 / 5.9)
    assert values["even_cache"] == pytest.approx(9.6 / 15.9)
    assert values["break_even"]["DRAM cache"] == pytest.approx(644.6 / 650.9)


@pytest.mark.parametrize(("value", "index", "one"), [("f4", "i4", 8), ("f2", "i2", 4),
                                                     ("i1", "i2", 3)])
def test_row_format(value, index, one):
    w = np.array([[0.0, 2.0, 0.0], [0.0, 0.0, 0.0], [1.0, 5.0, 0.0]])
    assert row_format(w, value, index) == 3 * one + 4 * 4


@pytest.mark.filterwarnings("ignore:Sparse CSR")
def test_row_format_holds_what_pytorch_holds():
    import torch

    rng = np.random.default_rng(0)
    w = rng.standard_normal((20, 30)) * (rng.random((20, 30)) < 0.2)
    sparse = torch.tensor(w, dtype=torch.float32).to_sparse_csr()
    held = 4 * (len(sparse.values()) + len(sparse.col_indices()) + len(sparse.crow_indices()))
    assert row_format(w, "f4", "i4") == held


def test_index_overhead(values):
    """At 60% the indices eat the gain; with one byte a value already at 40%."""
    size = values["size"]
    assert size["0.6"][0] > 1 and size["0.4"][0] < 1
    assert size["0.4"][2] > 1 and size["0.2"][2] < 1


def test_batches_need_fewer_fetches_by_product():
    events, once = weight_reads(0.01, [1, 100, 1000])
    assert events.tolist() == [0.01, 1, 10] and once.tolist() == [1, 1, 1]


def test_weight_reads_counted():
    rng = np.random.default_rng(0)
    fired = rng.random((50, 4000)) < 0.1
    assert fired.sum() / 4000 == pytest.approx(float(weight_reads(0.1, 50)[0]), rel=0.05)
