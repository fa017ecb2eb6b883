"""Solutions of 'The identity to the rescue': functions against references, and the outcomes."""

import numpy as np
import pytest

from snippets.language.identity_to_the_rescue_solutions import cycle, symmetric

PAGE = "language/identity_to_the_rescue_solutions"


@pytest.fixture(scope="module")
def values(woven):
    return woven(PAGE).values


def test_symmetric():
    w = symmetric(np.random.default_rng(0), 200)
    assert (w == w.T).all()
    assert np.triu(w, 1)[np.triu_indices(200, 1)].var() * 200 == pytest.approx(1, rel=0.05)
    assert np.mean(np.linalg.eigvalsh(w) ** 2) == pytest.approx(1, rel=0.05)


def test_kinds_of_branches(values):
    stretch = values["stretch"]
    assert stretch["Gaussian"] == pytest.approx(1, abs=0.005)
    assert stretch["symmetric"] == pytest.approx(values["down"], abs=0.015)
    assert stretch["antisymmetric"] == pytest.approx(values["up"], abs=0.015)
    assert stretch["symmetric"] < 0.97 and stretch["antisymmetric"] > 1.03


def test_ends(values):
    gaps = [1 - values["measured"][c] / values["formula"][c] for c in ("0.25", "1.0", "4.0")]
    assert all(-0.02 < gap < 0.3 for gap in gaps) and gaps[0] < 0.05 and gaps[2] > gaps[0]
    c = 4
    guess = np.sqrt(2 * (c + 1)) * np.exp((c + 1) / 2)
    assert values["formula"]["4.0"] == pytest.approx(guess, rel=0.1)


def test_half_turn(values):
    assert values["final"]["0.0"] == pytest.approx(2, abs=0.1)
    assert values["final"]["0.01"] < 1e-6
    assert values["degrees"] == pytest.approx(22.5, abs=0.1)


def test_zero(values):
    assert values["weights_first"] == 0 < values["alpha_first"]
    assert values["weights_second"] > 0


def test_permutation(values):
    assert values["ones"] + values["zeros"] == 64 and values["ones"] > 20
    x = np.arange(5.0)
    assert (cycle(5) @ x == np.roll(x, 1)).all()
