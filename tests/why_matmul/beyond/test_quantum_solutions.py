"""The solved exercises of the chapter on quantum computing."""
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.why_matmul.beyond.quantum import H, X, apply, basis, grover, schmidt_rank
from snippets.why_matmul.beyond.quantum_solutions import (
    copy_attempt, distance_for, everywhere, ghz, ghz_amplitude, search_several,
)

NAME = "why_matmul/beyond/quantum_solutions"


@given(st.integers(2, 6), st.integers(0, 63))
def test_products_of_small_matrices_are_the_amplitudes(n, index):
    state = ghz(n)
    assert state[0] == state[-1] == pytest.approx(math.sqrt(0.5)) and np.allclose(state[1:-1], 0)
    assert ghz_amplitude(f"{index % 2**n:0{n}b}") == pytest.approx(state[index % 2**n].real)
    assert all(schmidt_rank(state, left) == 2 for left in range(1, n))


def test_the_chain_on_the_page(woven):
    assert woven(NAME).values["same"] and woven(NAME).values["chain_bytes"] == 3200


@given(st.integers(2, 7), st.integers(0, 8))
def test_one_wanted_is_grover(n, calls):
    assert search_several(n, [1], calls) == pytest.approx(grover(n, calls, 1)[-1])


@given(st.integers(4, 8), st.integers(1, 8), st.integers(0, 9))
def test_several_wanted_turn_faster(n, m, calls):
    angle = math.asin(math.sqrt(m / 2**n))
    wanted = math.sin((2 * calls + 1) * angle) ** 2
    assert search_several(n, list(range(m)), calls) == pytest.approx(wanted)


def test_calls_for_one_miss_four(woven):
    values = woven(NAME).values
    assert min(values["found"].values()) > 0.95 and values["too_many"] < 0.1


@given(st.floats(0, 6.28))
def test_only_basis_states_are_copied(theta):
    a, b = math.cos(theta), math.sin(theta)
    assert copy_attempt(a, b) == pytest.approx((a**3 + b**3) ** 2, abs=1e-9)


def test_copies_on_the_page(woven):
    copied = woven(NAME).values["copied"]
    assert copied["0"] == copied["1"] == 1 and copied["half and half"] == pytest.approx(0.5)


def test_everywhere():
    assert np.allclose(everywhere(X, basis(3, 2)), basis(3, 5))
    assert np.allclose(everywhere(H, basis(3)), 8**-0.5)
    assert np.allclose(everywhere(H, basis(3)),
                       apply(H, apply(H, apply(H, basis(3), 2), 1), 0))


def test_the_turned_code_mends_signs(woven):
    fixed = woven(NAME).values["fixed"]
    assert fixed["sign flip"] == pytest.approx(1) and fixed["bit flip"] < 0.1


def test_distance(woven):
    values = woven(NAME).values
    assert distance_for(0.25, 1.0, 3, 2.0) == 7 and distance_for(2.0, 1.0, 3, 2.0) == 3
    steps = (values["d"] - 7) / 2
    assert 1.43e-3 / 2.14**steps <= 1e-10 < 1.43e-3 / 2.14 ** (steps - 1)
    assert values["qubits"] == 2 * values["d"] ** 2 - 1
