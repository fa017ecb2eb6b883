import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.why_matmul.beyond.continual_forgetting import (
    CLASSES,
    HIDDEN,
    PIXELS,
    accuracy,
    digits,
    dream,
    fisher,
    fit_dreams,
    forward,
    glyphs,
    gradient,
    layers,
    one_hot,
    start,
    train,
    world,
)
from snippets.why_matmul.beyond.continual_shared import input_share, inside

PAGE = "why_matmul/beyond/continual_forgetting"
SHARED = "why_matmul/beyond/continual_shared"
numbers = st.integers(0, 10_000)


def torch_loss(theta, x, y):
    """Cross-entropy of the same network, differentiable in theta, by torch."""
    w1, b1, w2, b2 = theta.split([PIXELS * HIDDEN, HIDDEN, HIDDEN * CLASSES, CLASSES])
    hidden = torch.relu(torch.tensor(x) @ w1.reshape(PIXELS, HIDDEN) + b1)
    scores = hidden @ w2.reshape(HIDDEN, CLASSES) + b2
    return torch.nn.functional.cross_entropy(scores, torch.tensor(y))


def torch_gradient(theta, x, y):
    theta = torch.tensor(theta, requires_grad=True)
    torch_loss(theta, x, y).backward()
    return theta.grad.numpy()


# The pictures


def test_glyphs_are_ten_different_digits():
    shapes = glyphs()
    assert shapes.shape == (10, 5, 3) and set(np.unique(shapes)) == {0, 1}
    assert len({shape.tobytes() for shape in shapes}) == 10
    assert shapes[1].sum(axis=1).tolist() == [1, 2, 1, 1, 3]
    assert shapes[8].sum() == 13 and shapes[0].sum() == 12


def test_digits_without_noise_are_glyphs_in_the_middle():
    x, y = digits(np.random.default_rng(0), 300, noise=0.0)
    pictures = x.reshape(300, 8, 8)
    assert np.allclose(x.sum(axis=1), glyphs().sum(axis=(1, 2))[y])
    assert np.count_nonzero(pictures[:, 1:7, 2:6]) == np.count_nonzero(pictures)
    assert set(y) == set(range(10))
    ones = pictures[y == 1]
    assert len({(picture > 0).tobytes() for picture in ones}) == 4  # four places
    down, right = np.argwhere(pictures[y == 8][0]).min(axis=0)
    assert np.array_equal(pictures[y == 8][0][down : down + 5, right : right + 3], glyphs()[8])


def test_noise_of_digits():
    x, _ = digits(np.random.default_rng(0), 2000)
    assert np.std(x[:, 0]) == pytest.approx(0.2, rel=0.05)


def test_world_shuffles_only_what_may_move():
    (x, y), test_a, (xb, yb), test_b = world(3, inside())
    assert [len(x), len(test_a[0]), len(xb), len(test_b[0])] == [2000, 1000, 2000, 1000]
    assert not np.array_equal(y, yb)
    bright = xb.mean(axis=0)
    outside = np.setdiff1d(np.arange(PIXELS), inside())
    assert np.abs(bright[outside]).max() < 0.05
    assert np.sort(bright)[-20:].sum() == pytest.approx(
        np.sort(x.mean(axis=0))[-20:].sum(), rel=0.1
    )
    assert np.abs(bright - x.mean(axis=0)).max() > 0.2
    assert np.abs(test_b[0].mean(axis=0) - bright).max() < 0.1  # one order for B and its test


# The network


def test_start():
    w1, b1, w2, b2 = layers(start(0))
    assert w1.shape == (64, 64) and w2.shape == (64, 10) and not b1.any() and not b2.any()
    assert b1.shape == (64,) and b2.shape == (10,)
    assert w1.std() == pytest.approx(np.sqrt(2 / 64), rel=0.05)
    assert w2.std() == pytest.approx(np.sqrt(1 / 64), rel=0.1)
    assert not np.array_equal(start(0), start(1))


@given(numbers, st.integers(1, 6))
@settings(max_examples=15)
def test_gradient_is_torch(seed, count):
    rng = np.random.default_rng(seed)
    theta = start(seed) + 0.1 * rng.standard_normal(4810)
    x, y = rng.standard_normal((count, PIXELS)), rng.integers(10, size=count)
    assert np.allclose(gradient(theta, x, one_hot(y)), torch_gradient(theta, x, y), atol=1e-12)
    hidden, p = forward(theta, 1000 * x)
    assert np.allclose(p.sum(axis=1), 1) and (hidden >= 0).all()


def test_accuracy_counts():
    theta = start(0)
    x = np.random.default_rng(0).standard_normal((50, PIXELS))
    best = forward(theta, x)[1].argmax(axis=1)
    assert accuracy(theta, x, best) == 1 and accuracy(theta, x, (best + 1) % 10) == 0
    assert accuracy(theta, x, np.where(np.arange(50) < 10, best, -1)) == pytest.approx(0.2)


@given(numbers)
@settings(max_examples=4)
def test_fisher_is_the_mean_of_squared_gradients(seed):
    """Against torch, one picture and one label at a time, weighted by the model's belief."""
    rng = np.random.default_rng(seed)
    theta, x = start(seed), rng.standard_normal((2, PIXELS))
    p, expected = forward(theta, x)[1], np.zeros(4810)
    for row in range(2):
        for label in range(10):
            one = torch_gradient(theta, x[row : row + 1], np.array([label]))
            expected += p[row, label] * one**2 / 2
    assert np.allclose(fisher(theta, x), expected, atol=1e-12)


def test_train_is_adam():
    """Against Kingma & Ba's recursion on torch's gradients, with and without an anchor."""
    rng = np.random.default_rng(0)
    x, y = digits(rng, 100)
    for stiffness in (0.0, 0.3):
        begin = start(0)
        theta = torch.tensor(begin, requires_grad=True)
        draws, m, v = np.random.default_rng(7), 0.0, 0.0
        for t in range(1, 13):
            first, second = (draws.integers(100, size=32) for _ in range(2))
            loss = torch_loss(theta, x[first], y[first]) + torch_loss(theta, x[second], y[second])
            loss = loss / 2 + stiffness / 2 * ((theta - torch.tensor(begin)) ** 2).sum()
            (g,) = torch.autograd.grad(loss, theta)
            m, v = 0.9 * m + 0.1 * g, 0.99 * v + 0.01 * g * g
            step = (m / (1 - 0.9**t)) / ((v / (1 - 0.99**t)).sqrt() + 1e-8)
            theta = (theta - 0.005 * step).detach().requires_grad_()
        source, path = (x, one_hot(y)), []
        found = train(begin, [source, source], 7, 12, stiffness, path)
        assert np.allclose(found, theta.detach().numpy(), atol=1e-6)
        assert len(path) == 2 and np.array_equal(path[0], begin)
        assert np.array_equal(path[1], train(begin, [source, source], 7, 10, stiffness))
        assert np.array_equal(begin, start(0))


def test_an_anchor_of_any_strength_holds():
    x, y = digits(np.random.default_rng(0), 200)
    begin, source = start(0), [(x, one_hot(y))]
    moved = [np.linalg.norm(train(begin, source, 0, 60, stiffness=k) - begin) for k in (0, 0.1, 1)]
    assert moved[0] > moved[1] > moved[2]
    assert np.array_equal(train(begin, source, 0, 9), train(begin, source, 0, 9, stiffness=0))
    stiff = np.zeros(4810)
    stiff[:100] = 10.0
    held = np.abs(train(begin, source, 0, 60, stiffness=stiff) - begin)
    free = np.abs(train(begin, source, 0, 60) - begin)
    assert held[:100].mean() < 0.3 * free[:100].mean()


def test_train_takes_three_hundred_steps():
    x, y = digits(np.random.default_rng(0), 50)
    path = []
    train(start(0), [(x, one_hot(y))], 0, path=path)
    assert len(path) == 30


# The generator


def test_dreams_have_the_moments_of_each_class():
    rng = np.random.default_rng(0)
    axes = rng.standard_normal((2, PIXELS))
    z = rng.standard_normal((4000, 2))
    y = np.repeat([3, 7], 2000)
    x = z @ axes + 0.1 * rng.standard_normal((4000, PIXELS)) + np.where(y == 3, 1, -2)[:, None]
    generator = fit_dreams(x, y, rank=2)
    assert [label for label, *_ in generator] == [3, 7]
    assert [len(each) for _, _, each, _ in generator] == [2, 2]
    assert generator[0][3] == pytest.approx(0.1, rel=0.05)
    made, labels = dream(generator, np.random.default_rng(1), each=3000)
    assert made.shape == (6000, PIXELS) and labels.tolist() == [3] * 3000 + [7] * 3000
    for label in (3, 7):
        real, fake = x[y == label], made[labels == label]
        assert np.abs(real.mean(axis=0) - fake.mean(axis=0)).max() < 0.3
        close = np.cov(real.T) - np.cov(fake.T)
        assert np.linalg.norm(close) < 0.1 * np.linalg.norm(np.cov(real.T))


def test_noise_of_the_generator_keeps_the_whole_variance():
    x, y = digits(np.random.default_rng(0), 1000)
    for label, mean, axes, noise in fit_dreams(x, y, rank=2):
        own = x[y == label]
        assert np.allclose(mean, own.mean(axis=0))
        whole = ((own - mean) ** 2).sum() / len(own)
        assert (axes**2).sum() + PIXELS * noise**2 == pytest.approx(whole)


# Outcomes


def test_forgetting_run(woven):
    """000-109: A falls by more than 0.3 in every trial, while B is learned."""
    values = woven(PAGE).values
    assert values["a_first"] > 0.85 and values["b_then"] > 0.85
    assert values["least_lost"] > 0.4 and values["a_then"] < 0.45
    assert len(values["lost"]) == 3


def test_anchors_trade_one_task_for_the_other(woven):
    """000-112: the stiffer the anchor the better A and the worse B; the mean gains."""
    values = woven(PAGE).values
    for name in ("L2", "EWC"):
        scores = np.array(list(values["curves"][name].values())).mean(axis=1)
        assert (np.diff(scores[:, 0]) > 0).all() and (np.diff(scores[:, 1]) < 0).all()
        assert values["best"][name] > values["best"]["naive"] + 0.06
    assert values["best"]["EWC"] > values["best"]["naive"] + 0.1
    assert values["best_a"]["EWC"] > 0.85 and values["stiff_b"] < 0.7


def test_replay_run(woven):
    """000-113: pictures beat anchors of about equal memory; the generator beats 30 pictures."""
    values = woven(PAGE).values
    best, kept = values["best"], values["kept_numbers"]
    assert best["kept 75"] > best["L2"] + 0.03 and best["kept 150"] > best["EWC"] + 0.03
    assert kept["75"] < 1.02 * values["network"] and kept["150"] < 1.02 * values["ewc_numbers"]
    assert best["dreams"] > best["naive"] + 0.15 and best["dreams"] > best["kept 30"] + 0.05
    assert values["generator_numbers"] <= kept["30"]
    assert best["kept 2000"] == max(v for name, v in best.items() if name != "second")


def test_second_network_run(woven):
    """000-114: what the first network knows stays exactly; parameters double."""
    values = woven(PAGE).values
    assert values["second_a"] == values["a_first"] and values["second_b"] > 0.85
    assert values["network"] == 4810


def test_fisher_is_uneven(woven):
    assert 0.4 < woven(PAGE).values["top_tenth"] < 0.8


# Where the lead of EWC comes from


def test_input_share():
    importance = np.zeros(4810)
    importance[:PIXELS] = 1.0  # the weights from pixel 0
    importance[PIXELS : 2 * PIXELS] = 3.0  # and those from pixel 1
    importance[PIXELS * HIDDEN :] = 100.0
    assert input_share(importance, np.array([1])) == pytest.approx(0.75)


def test_inside_is_where_digits_are_drawn():
    x, _ = digits(np.random.default_rng(0), 400, noise=0.0)
    assert set(np.flatnonzero(x.any(axis=0))) <= set(inside()) and len(inside()) == 24


def test_lead_needs_idle_weights(woven):
    """EWC leads where B uses pixels that A ignores, and not where both share their pixels."""
    values = woven(SHARED).values
    assert woven(PAGE).values["ewc_wins"] == 3 and values["ewc_wins"] >= 2
    assert values["lead"]["all 64 pixels"] > 0.03
    assert abs(values["shared_lead"]) < 0.01
    assert 0.55 < values["strokes_outside"] < 0.7  # 40 of 64 places
    assert values["used"] > 0.7
