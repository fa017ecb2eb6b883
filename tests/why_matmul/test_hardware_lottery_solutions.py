"""Solutions to the exercises on operations, words moved, and recurrences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.mechanics.cache_layout import Cache, misses
from snippets.why_matmul.hardware_lottery_solutions import least_room, prefix_sums, scan_max

SOLUTIONS = "why_matmul/hardware_lottery_solutions"
seeds = st.integers(0, 2**32 - 1).map(np.random.default_rng)


@settings(max_examples=30)
@given(seeds)
def test_least_room_is_least(rng):
    addresses = (8 * rng.integers(0, 12, size=60)).tolist()
    for most in (12, 20, 40):
        room = least_room(addresses, most)
        assert misses(addresses, Cache(room, line_bytes=8)) <= most
        assert room == 1 or misses(addresses, Cache(room - 1, line_bytes=8)) > most


def test_room_of_both_orders(woven):
    room = woven(SOLUTIONS).values["room"]
    assert room == {str(t): [4 * t * t + t, t * t + 3 * t + 1] for t in (3, 6)}


def test_a_batch_uses_each_weight_more_often(woven):
    by_batch = woven(SOLUTIONS).values["by_batch"]
    assert by_batch["1"] < 2 < 2 * by_batch["1"] < by_batch["4"] < by_batch["8"]


def test_sixteen_times_the_memory(woven):
    gain = woven(SOLUTIONS).values["gain"]
    assert gain["product"] > 3.5 and gain["Hadamard"] == pytest.approx(2, rel=0.1)


@given(seeds, st.integers(1, 40))
def test_scan_max_is_the_loop(rng, steps):
    a, x = rng.integers(-5, 6, size=steps), rng.integers(-9, 10, size=steps)
    h, expected = x[0], [x[0]]
    for t in range(1, steps):
        h = max(h + a[t], x[t])
        expected.append(h)
    found, rounds = scan_max(a, x)
    assert found.tolist() == expected and rounds == int(np.ceil(np.log2(steps)))


def test_tropical_recurrence_in_eight_rounds(woven):
    values = woven(SOLUTIONS).values
    assert values["tropical_same"] is True and values["tropical_rounds"] == 8


@given(seeds, st.integers(1, 9))
def test_prefix_sums_by_products(rng, side):
    x = rng.integers(-99, 100, size=side * side)
    assert np.array_equal(prefix_sums(x), np.cumsum(x))


def test_printed_prefix_sums(woven):
    values = woven(SOLUTIONS).values
    assert values["prefix_same"] is True
    assert values["wasted"] == pytest.approx(6 * 32**3 / 1023)
