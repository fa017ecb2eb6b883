"""The solutions show what their exercises ask for."""
import numpy as np
import pytest
import torch

from snippets.why_matmul.verification import accuracy, bfloat16, fit, posters
from snippets.why_matmul.verification_solutions import adam_step, neighbours, rounded_sums

NAME = "why_matmul/verification_solutions"
torch.set_num_threads(1)


@pytest.fixture
def values(woven):
    return woven(NAME).values


def test_the_ceiling_is_reached(values):
    assert values["best"] == 0.55


def test_neighbours():
    x = torch.randn(3, 64)
    pairs = neighbours(x)
    assert pairs.shape == (3, 119)
    assert (pairs[:, 0] == x[:, 0] * x[:, 1]).all()
    assert (pairs[:, 62] == x[:, 62] * x[:, 63]).all()
    assert (pairs[:, 63] == x[:, 0] * x[:, 8]).all()
    assert (pairs[:, 118] == x[:, 55] * x[:, 63]).all()
    assert torch.equal(neighbours(-x), pairs)  # polarity is gone


def test_products_given_by_hand(values):
    assert values["with_products"] > 0.9
    rng = np.random.default_rng(8)
    (x, y), (x_test, y_test) = posters(2000, rng), posters(1000, rng)
    torch.manual_seed(3)
    net = fit(torch.nn.Linear(119, 10), neighbours(x), y, steps=200)
    assert accuracy(net, neighbours(x_test), y_test) > 0.8


def test_a_permutation_does_not_mix(values):
    assert values["mixed"]["permutation"] < 0.25 < 0.55 < values["mixed"]["Hadamard"]


def test_adam_step_is_pytorchs():
    torch.manual_seed(0)
    w, g = torch.randn(2, 4, 5)
    p = torch.nn.Parameter(w.clone())
    p.grad = g.clone()
    torch.optim.Adam([p], lr=1e-3).step()
    assert torch.allclose(adam_step(w, g), p.detach(), atol=1e-6)
    p = torch.nn.Parameter(w.clone())
    p.grad = 1e-8 * g
    torch.optim.Adam([p], lr=1e-3).step()  # so small that the last term counts
    assert torch.allclose(adam_step(w, 1e-8 * g), p.detach(), atol=1e-6)


def test_the_optimiser_weighs_most_alone(values):
    share = values["products_share"]
    assert share["1"] < 0.5 < share["16"] < share["256"] and share["256"] > 0.98
    # Three products of 2 * 512^2 a batch row; Adam's operations do not grow with the batch.
    adam = 6 * (1 / share["1"] - 1)
    assert adam == pytest.approx(14) and share["16"] == pytest.approx(96 / (96 + adam))


def test_rounded_sums():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(4, 30)), rng.normal(size=(30, 3))
    out = rounded_sums(a, b)
    assert (bfloat16(out) == out).all() and out.shape == (4, 3)
    for i in range(4):
        for j in range(3):
            total = np.float32(0)
            for k in range(30):
                term = bfloat16(bfloat16(a[i, k]) * bfloat16(b[k, j]))
                total = bfloat16(total + term)
            assert out[i, j] == total


def test_half_sums(values):
    off, sure = values["off"], values["sure"]
    assert off["sums in bf16"] > 2 * off["sums in float32"]
    assert sure["sums in bf16"] < sure["sums in float32"]
