"""Solutions to the lab on layout: formulas against the simulator, walks against what they say."""
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.labs import cache_layout_solutions as solutions
from snippets.labs.cache_walks import down, every
from snippets.mechanics.cache_layout import Cache, misses


@settings(max_examples=20)
@given(st.sampled_from([4, 8, 16, 32, 64, 128, 256]), st.sampled_from([32, 64, 128]))
def test_lines_per_number(stride, line):
    found = misses(every(stride, 1024), Cache(4, line_bytes=line)) / 1024
    assert found == solutions.lines_per_number(stride, line)


@settings(max_examples=30)
@given(st.integers(1, 80).map(lambda lines: 8 * lines), st.sampled_from([8, 16, 64]))
def test_sets_reached_by_a_column(length, sets):
    lines = {address // 64 % sets for address in down(sets, 1, length)}
    assert len(lines) == solutions.sets_reached(length, sets)


def test_draws_miss_what_has_no_room(woven):
    values = woven("labs/cache_layout_solutions").values
    assert values["share"] == pytest.approx(values["formula"], abs=0.02)
    assert values["formula"] == 0.5
    found = np.array(list(solutions.drawn(100, 5000))) // 8
    assert set(found) == set(range(100))


@pytest.mark.parametrize("apart", [False, True])
def test_whole_records_touch_each_number_once(apart):
    found = list(solutions.whole_records([2, 0, 1], 3, apart))
    assert sorted(found) == list(range(0, 96, 4))
    step = 12 if apart else 4
    first = 8 if apart else 64
    assert found[:8] == list(range(first, first + 8 * step, step))


@settings(max_examples=15)
@given(st.integers(1, 12))
def test_halves_transpose(n):
    found = list(solutions.halved(range(n), range(n), n))
    flat = np.arange(n * n).reshape(n, n).T.ravel()
    pairs = {a // 4: b // 4 - n * n for a, b in zip(found[::2], found[1::2])}
    assert len(found) == 2 * n * n
    assert all(flat[write] == read for read, write in pairs.items())


@pytest.mark.parametrize(("lines", "least"), [(8, False), (32, True)])
def test_halving_needs_room_for_two_blocks_as_wide_as_a_line(lines, least):
    found = misses(solutions.halved(range(64), range(64), 64), Cache(lines))
    assert (found == 2 * 64 * 64 * 4 // 64) == least


def test_outcomes(woven):
    values = woven("labs/cache_layout_solutions").values
    assert values["knee"] == {"32": 32, "64": 64, "128": 128}
    assert values["padded"]["520"] == 1024
    assert all(values["padded"][n] == 8192 for n in ("512", "528", "544", "576"))
    assert 0.9 < values["at_random"]["False"] <= 1 and values["at_random"]["True"] > 5
    for line, found in values["found"].items():
        assert found["halves"] == min(found.values()) == 2 * 128 * 128 * 4 // int(line)
    assert values["found"]["128"]["16"] > values["found"]["128"]["halves"]
