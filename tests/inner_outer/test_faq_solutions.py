"""The solutions to the questions and answers do what the exercises ask."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.inner_outer.faq import read, whole_speedup, write
from snippets.inner_outer.faq_solutions import factor_needed, orthogonal_signs, overwrite

NAME = "inner_outer/faq_solutions"
seeds = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize("doublings", range(5))
def test_orthogonal_signs(doublings):
    keys = orthogonal_signs(doublings)
    n = 2**doublings
    assert keys.shape == (n, n) and set(np.abs(keys).ravel()) == {1}
    assert np.array_equal(keys @ keys.T, n * np.eye(n))


def test_all_pairs_are_read(woven):
    assert "(64, 64) all 64 read exactly: True" in woven(NAME).regions["exact"].output


@given(seeds, st.integers(1, 6))
@settings(max_examples=40)
def test_overwrite(seed, count):
    """The new value is read exactly; another key sees a change in proportion to its overlap."""
    rng = np.random.default_rng(seed)
    keys, values = rng.integers(1, 9, (count, 5)), rng.integers(-9, 10, (count, 3))
    memory, new = write(keys, values), rng.integers(-9, 10, 3)
    changed = overwrite(memory, keys[0], new)
    assert np.allclose(read(changed, keys[0]), new)
    other = np.array([keys[0][1], -keys[0][0], 0, 0, 0])
    assert other @ keys[0] == 0 and np.allclose(read(changed, other), read(memory, other))


def test_page_overwrites(woven):
    output = woven(NAME).regions["again"].output
    assert output.count("True") == 2 and "63 of 63" in output


def test_mean_pooling_learns_more_slowly(woven):
    found = woven(NAME).values["found"]
    assert found["max"] > 0.97 and 0.6 < found["mean"] < found["max"] - 0.05
    assert found["mean longer"] > 0.95


@given(st.floats(0.05, 1), st.floats(1.01, 20))
def test_factor_needed(share, target):
    if 1 / (1 - share + 1e-12) <= target:
        with pytest.raises(ValueError, match="never"):
            factor_needed(share, target)
    else:
        assert whole_speedup(share, factor_needed(share, target)) == pytest.approx(target)


def test_page_factor(woven):
    assert woven(NAME).values["factor"] == pytest.approx(6)
    assert "60%: never: the rest alone allows 2.5" in woven(NAME).regions["needed"].output


def test_checkpoints_trade_memory_for_operations(woven):
    values = woven(NAME).values
    one = 64 * 256 * 4  # bytes of the numbers between two layers
    assert values["kept"] == {"all kept": 17 * one, "four parts": 8 * one}
    product = 2 * 64 * 256**2
    assert values["operations"] == {"all kept": 48 * product, "four parts": 60 * product}
    assert values["more_operations"] == pytest.approx(0.25)
    assert "same gradient: True" in woven(NAME).regions["checkpoint"].output
