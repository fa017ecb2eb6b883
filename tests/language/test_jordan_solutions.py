import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.language.jordan import jordan
from snippets.language.jordan_solutions import defective_share, horner, is_defective, peak_step

PAGE = "language/jordan_solutions"


@given(st.floats(0.05, 0.995))
def test_peak_step(value):
    k = np.arange(1, 2000)
    hump = k * value ** (k - 1.0)
    assert hump[peak_step(value) - 1] == pytest.approx(hump.max(), rel=1e-9)


def test_peak_run(woven):
    assert woven(PAGE).values["found"] == {"v0.5": 1, "v0.9": 9, "v0.99": 99, "v0.999": 999}


def test_cube_run(woven):
    output = woven(PAGE).regions["cube"].output
    assert "equal: True" in output and "N cubed: False" in output


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=6), st.floats(-2, 2))
def test_a_block_differentiates_polynomials(coefficients, x):
    p = horner(coefficients, jordan(x, 2))
    assert p[0, 0] == p[1, 1] == pytest.approx(np.polyval(coefficients, x), abs=1e-9)
    assert p[0, 1] == pytest.approx(np.polyval(np.polyder(coefficients), x), abs=1e-9)
    assert p[1, 0] == 0


def test_derivative_run(woven):
    assert woven(PAGE).values["slope"] == pytest.approx(6 * 1.5**2 - 3)


@given(*[st.integers(-4, 4)] * 4)
def test_is_defective(a, b, c, d):
    m = np.array([[a, b], [c, d]], dtype=float)
    middle = np.trace(m) / 2
    off = m - middle * np.eye(2)
    assert is_defective(a, b, c, d) == ((off @ off == 0).all() and off.any())


def test_shares(woven):
    # entries 0, 1, -1: counted by hand from (a - d)^2 = -4 b c, not b = c = 0
    # a = d: bc = 0 with b or c nonzero, 3 * 4; |a - d| = 2: bc = -1, 2 * 2
    assert defective_share(1) == pytest.approx((3 * 4 + 2 * 2) / 81)
    shares = woven(PAGE).values["shares"]
    assert shares["1"] > 2 * shares["2"] > 4 * shares["5"] > 4 * shares["10"] > 0


def test_unstable_run(woven):
    assert woven(PAGE).values["smallest_change"] == pytest.approx(1e-8)
    assert woven(PAGE).regions["unstable"].output.count("1.000000") == 3
