"""The solutions show what their exercises ask for."""
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.why_matmul.beyond.after_matmul_solutions import as_hadamard, chance, min_plus
from snippets.why_matmul.verification import hadamard

NAME = "why_matmul/beyond/after_matmul_solutions"


@pytest.fixture
def values(woven):
    return woven(NAME).values


@pytest.mark.parametrize("n", [2, 8, 64])
def test_as_hadamard(n):
    with torch.no_grad():
        assert torch.allclose(as_hadamard(n).layer(torch.eye(n), 0), hadamard(n), atol=1e-6)


def test_hadamard_on_the_page(values):
    assert values["gap"] < 1e-6


@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_min_plus_powers_are_shortest_paths(seed):
    rng = np.random.default_rng(seed)
    steps = np.where(rng.random((7, 7)) < 0.4, rng.integers(1, 10, (7, 7)), np.inf)
    np.fill_diagonal(steps, 0)
    power = steps
    for _ in range(3):
        power = min_plus(power, power)
    best = steps.copy()
    for k in range(7):  # Floyd and Warshall
        best = np.minimum(best, best[:, k:k + 1] + best[k])
    assert (power == best).all()


def test_paths_on_the_page(values):
    assert 1 < values["products"] <= 3
    assert all(a <= b for a, b in zip(values["least"], values["direct"], strict=True))
    assert any(a < b for a, b in zip(values["least"], values["direct"], strict=True))


def test_addresses(values):
    by_bits = values["by_bits"]
    assert by_bits["1"] < 0.4 and by_bits["2"] > 0.75
    assert by_bits["2"] < by_bits["4"] <= by_bits["6"] + 0.01 and by_bits["6"] > 0.98


def test_offset(values):
    worst = {int(k): v for k, v in values["worst"].items()}
    assert worst[0] == pytest.approx(1 / 9, abs=5e-4)
    assert sorted(worst, key=worst.get, reverse=True) == sorted(worst)
    # At the best offset both ends are equally far off.
    assert values["delta"] == pytest.approx(-values["lowest"], abs=1e-3)
    assert worst[580_000] == pytest.approx(values["delta"], abs=1e-3)


def test_chance():
    assert chance(3, 3, 0, 3) == pytest.approx(2 / 20)
    assert chance(1, 2, 1, 2) == 1
    assert chance(2, 4, 3, 4) == 1  # every deal of five has a gap as large
    assert chance(4, 4, 1, 4) == pytest.approx(8 / 56)


def test_chance_by_shuffling():
    rng = np.random.default_rng(0)
    cards = np.array([1] * 10 + [0] * 13)
    gaps = []
    for _ in range(4000):
        rng.shuffle(cards)
        gaps.append(abs(cards[:7].mean() - cards[7:].mean()))
    found = abs(6 / 7 - 4 / 16)
    assert abs(np.mean(np.array(gaps) >= found - 1e-9) - chance(6, 7, 4, 16)) < 0.01


def test_chances_on_the_page(values):
    assert values["by_chance"]["graphs"] < 0.05 < 0.5 < values["by_chance"]["rules"]
