import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.why_matmul.beyond.continual_solutions import (
    gradient_steps,
    more_confident,
    nearest_mean,
    principal_axes,
    window,
)

PAGE = "why_matmul/beyond/continual_solutions"
seeds = st.integers(0, 10_000).map(np.random.default_rng)


@given(st.floats(0.1, 0.99))
def test_window_is_a_sum_of_powers(keep):
    assert window(keep) == pytest.approx((keep ** np.arange(4000)).sum())


def test_price_of_forgetting(woven):
    for keep, price in woven(PAGE).values["price"].items():
        formula = 5 * (1 - float(keep)) / (1 + float(keep))
        assert price == pytest.approx(formula, rel=0.25)


def test_more_confident():
    first = np.array([[0.9, 0.1], [0.6, 0.4], [0.5, 0.5]])
    second = np.array([[0.2, 0.8], [0.3, 0.7], [0.5, 0.5]])
    assert more_confident(first, second).tolist() == [0, 1, 0]


@given(seeds, st.integers(1, 5))
@settings(max_examples=20)
def test_gradient_steps_are_torch(rng, steps):
    x, y, begin = rng.standard_normal((6, 3)), rng.standard_normal(6), rng.standard_normal(3)
    w = torch.tensor(begin, requires_grad=True)
    for _ in range(steps):
        loss = 0.5 * ((torch.tensor(x) @ w - torch.tensor(y)) ** 2).mean()
        (g,) = torch.autograd.grad(loss, w)
        w = (w - 0.1 * g).detach().requires_grad_()
    assert np.allclose(gradient_steps(begin, x, y, 0.1, steps), w.detach().numpy())


@given(seeds)
def test_nearest_mean_by_loops(rng):
    x, labels, test = (
        rng.standard_normal((12, 4)),
        rng.integers(3, 6, 12),
        rng.standard_normal((7, 4)),
    )
    found = nearest_mean(x, labels, test)
    for row, label in zip(test, found, strict=True):
        gaps = {c: np.linalg.norm(row - x[labels == c].mean(axis=0)) for c in set(labels)}
        assert label == min(gaps, key=gaps.get)


@given(seeds)
def test_principal_axes_are_eigenvectors_of_the_covariance(rng):
    x = rng.standard_normal((50, 4)) * [4, 3, 2, 1] + 10
    axes = principal_axes(x, 2)
    assert axes.shape == (2, 4) and np.allclose(axes @ axes.T, np.eye(2))
    values, vectors = np.linalg.eigh(np.cov(x.T))
    assert np.allclose(np.abs(axes @ vectors[:, [3, 2]]), np.eye(2), atol=1e-6)


def test_classes_in_turn(woven):
    split = woven(PAGE).values["split"]
    assert split["naive"][0] < 0.1 and split["EWC 10"][0] < 0.45 and split["EWC 1000"][0] < 0.5
    assert split["EWC 10000"][0] > split["EWC 1000"][0]
    assert split["EWC 10000"][1] < split["naive"][1] - 0.05
    for k in (10, 1000, 10000):
        assert np.mean(split[f"EWC {k}"]) < np.mean(split["75 pictures"]) - 0.05
    assert split["75 pictures"][0] > 0.6 and split["generator"][0] > 0.85
    assert split["generator"][1] > 0.8
    missed = 1 - split["EWC 10000"][0]
    assert 0.9 * missed < woven(PAGE).values["called_new"] <= missed + 1e-9


def test_which_task(woven):
    told = woven(PAGE).values["told"]
    assert told["told"][0] == 1 and told["nearer mean"][0] > 0.98
    assert 0.5 < told["surer net"][0] < 0.75 and told["surer net"][1] < told["told"][1] - 0.1
    assert 0.65 < woven(PAGE).values["sure_unseen"] < woven(PAGE).values["sure_seen"] < 0.9


def test_unlabelled_pictures_help(woven):
    """000-110: thirty labels go further on axes learned without labels."""
    right = woven(PAGE).values["right"]
    assert right["scaled axes"] > right["pixels"] + 0.05


def test_a_learned_start_helps(woven):
    """000-115."""
    loss = woven(PAGE).values["loss"]
    assert loss["zero"] > 5 * loss["Reptile"]


def test_one_picture_at_a_time(woven):
    """000-105: a network with a bend learns from single pictures, each seen once, too."""
    right = woven(PAGE).values["stream"]
    assert right["500"] < right["2000"] < right["6000"] and right["6000"] > 0.85
