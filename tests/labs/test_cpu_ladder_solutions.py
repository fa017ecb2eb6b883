"""The solutions against searches, exact integers and NumPy's own choice."""
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.labs import cpu_ladder_solutions as solutions
from snippets.labs.cpu_ladder import once_through_memory


@pytest.mark.parametrize("ridge", [2.0, 20.0, 100.0])
def test_the_ridge_is_where_the_intensity_says(ridge):
    rows = 512
    found = solutions.columns_at_the_ridge(rows, ridge)
    intensity = {}
    for c in (int(found), int(found) + 1):
        work = once_through_memory(rows, rows, c)
        intensity[c] = work.flop / work.bytes
    below, above = intensity.values()
    assert below <= ridge <= above


def test_tiles_fit_and_come_in_order():
    for registers in (16, 32):
        found = list(solutions.tile_shapes(registers))
        fitting = {(r, v) for r, v in itertools.product(range(1, 40), repeat=2)
                   if (r + 1) * v < registers}  # fmt: skip
        assert {(r, v) for _, r, v in found} == fitting
        loads = [least for least, *_ in found]
        assert loads == pytest.approx(sorted(1 / r + 1 / v for r, v in fitting))
        assert loads == sorted(loads)


def test_int8_is_exact_up_to_the_length_and_no_further():
    k = solutions.exact_length(24)
    for signs in (1, -1):
        a = np.full(k, -128.0, np.float32)
        b = a * signs
        assert float(a @ b) == 128 * 128 * k * signs
    assert k * 128**2 == 2**24
    assert np.float32(2**24) + np.float32(1) == 2**24  # a longer sum may lose a one


@settings(max_examples=20)
@given(st.lists(st.integers(1, 9), min_size=3, max_size=5).map(tuple))
def test_every_order_is_counted(sizes):
    factors = {chr(ord("A") + f): np.ones(sizes[f : f + 2]) for f in range(len(sizes) - 1)}
    for work, name in solutions.orders(sizes):
        counted, shape = count(name, factors)
        assert counted == work and shape == (sizes[0], sizes[-1])
    catalan = {2: 1, 3: 2, 4: 5}[len(factors)]
    assert len({name for _, name in solutions.orders(sizes)}) == catalan


def count(name: str, factors: dict) -> tuple[int, tuple[int, int]]:
    """Multiplications and shape of a name such as ((AB)C), read with a stack."""
    stack, total = [], 0
    for letter in name:
        if letter in factors:
            stack.append(factors[letter].shape)
        elif letter == ")":
            right, left = stack.pop(), stack.pop()
            total += left[0] * left[1] * right[1]
            stack.append((left[0], right[1]))
    return total, stack.pop()


@pytest.mark.parametrize("n", [1, 47, 48, 49, 96])
def test_padded(n):
    seen = []

    def product(a, b):
        seen.append(a.shape + b.shape)
        return a @ b

    a, b = np.random.default_rng(n).integers(-9, 10, (2, n, n)).astype(np.float32)
    np.testing.assert_array_equal(solutions.padded(product, a, b, 48), a @ b)
    assert seen == [(48 * -(-n // 48),) * 4]


def test_what_the_page_says(woven):
    values = woven("labs/cpu_ladder_solutions").values
    assert values["same"] is True
    assert values["exact"] == 2**24 and values["wrapped"] == 0
    works = [work for work, _ in values["found"]]
    assert works == sorted(works) and values["found"][0][1] == "(A(B(CD)))"
