"""The solved exercises of the chapter on scores and rules."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.why_matmul.beyond.neurosymbolic import closure, policies, world
from snippets.why_matmul.beyond.neurosymbolic_solutions import (
    closure_by_squaring, exemptions_first, readings, refusals, wrong_twice,
)

NAME = "why_matmul/beyond/neurosymbolic_solutions"


def test_exemptions_first_lets_planted_cases_pass(woven):
    assert woven(NAME).values["stopped"] == {"rules first": 30, "exemptions first": 0}
    w = world(1)
    first = exemptions_first(w)
    assert not first[w.approved].any()
    rest = ~w.approved
    assert np.array_equal(first[rest], policies(w)["rules, exemptions, score"][rest])


@given(st.integers(0, 2**32 - 1), st.integers(1, 12))
def test_squaring_gives_the_same_closure(seed, n):
    owns = np.random.default_rng(seed).random((n, n)) < 0.2
    reach, rounds = closure_by_squaring(owns)
    assert np.array_equal(reach, closure(owns)[0])
    assert rounds <= closure(owns)[1]


def test_squaring_needs_the_logarithm(woven):
    line = np.eye(33, k=1, dtype=bool)  # 32 links
    assert closure_by_squaring(line)[1] == 6 and closure(line)[1] == 32
    assert woven(NAME).values["fast"] < woven(NAME).values["slow"]


def test_a_rule_without_the_group_still_discriminates(woven):
    assert woven(NAME).values["refused"] == pytest.approx([0.2, 0.8], abs=0.02)
    assert refusals(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])) == [0.5, 1.0]


def test_readings(woven):
    assert woven(NAME).values["fitting"] == {"2": 2, "3": 1, "4": 2, "5": 1, "6": 2}
    assert readings(1) == 1


@given(st.floats(0, 0.5), st.floats(0, 1))
def test_wrong_twice(error, copied):
    assert error**2 - 1e-12 <= wrong_twice(error, copied) <= error + 1e-12
    assert wrong_twice(error, 1) == pytest.approx(error)


def test_wrong_twice_by_simulation():
    rng = np.random.default_rng(0)
    first, own = rng.random((2, 400_000)) < 0.1  # errors of two registers
    second = np.where(rng.random(400_000) < 0.3, first, own)
    assert first[first == second].mean() == pytest.approx(wrong_twice(0.1, 0.3), abs=0.002)


def test_a_copied_register_is_worth_nothing(woven):
    values = woven(NAME).values
    assert values["wrong"]["1"] == pytest.approx(values["one_register"])
    assert values["wrong"]["0"] < 0.01 < 0.15 < values["wrong"]["0.5"]
