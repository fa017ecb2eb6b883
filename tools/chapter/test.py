"""Whether two matrices may be swapped in a product: for random ones, and on the page."""
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from snippets.MODULE import commutator


@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_commutator_against_einsum(seed, size):
    a, b = np.random.default_rng(seed).integers(-9, 10, (2, size, size))
    expected = np.einsum("ij,jk->ik", a, b) - np.einsum("ij,jk->ik", b, a)
    assert np.array_equal(commutator(a, b), expected)


def test_the_pages_matrices_differ_everywhere_off_the_diagonal(woven):
    values = woven("PATH").values
    assert values["entries"] == 2
    assert values["difference"] == [[0, 2], [2, 0]]
