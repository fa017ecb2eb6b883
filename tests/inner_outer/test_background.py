"""The ledger counts what the networks do, and the page's shares and orderings hold."""
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from snippets.inner_outer.background import (
    Entry, block, block_weights, book, booked, cnn, intensity, rnn, shares, training_products,
    weights,
)

NAME = "inner_outer/background"


def operations(run, kind=None):
    return sum(e.operations for e in booked(run) if kind in (None, e.kind))


@settings(max_examples=10)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), st.integers(1, 4))
def test_matrix_products(m, k, n, batch):
    a, b = torch.ones(m, k), torch.ones(k, n)
    entry, = booked(lambda: a @ b)
    assert entry[:4] == ("mm", "products", 2 * m * k * n, m * k + k * n + m * n)
    bias = torch.ones(n)
    assert operations(lambda: torch.addmm(bias, a, b)) == 2 * m * k * n
    many, others = torch.ones(batch, m, k), torch.ones(batch, k, n)
    assert operations(lambda: torch.bmm(many, others)) == 2 * batch * m * k * n


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (1, 1), (2, 0), (2, 1), (3, 2)])
def test_convolution_and_its_gradients(stride, padding):
    x = torch.randn(2, 3, 9, 11, requires_grad=True)
    w = torch.randn(4, 3, 3, 5, requires_grad=True)
    out = functional.conv2d(x, w, stride=stride, padding=padding)
    expected = 2 * out.numel() * 3 * 3 * 5
    assert operations(
        lambda: functional.conv2d(x.detach(), w.detach(), stride=stride, padding=padding)
    ) == expected

    def run():
        return functional.conv2d(x, w, stride=stride, padding=padding)

    assert training_products(run) == (expected, 2 * expected)
    bias = torch.zeros(4, requires_grad=True)  # its gradient is a sum, no product

    def with_bias():
        return functional.conv2d(x, w, bias, stride=stride, padding=padding)

    assert training_products(with_bias) == (expected, 2 * expected)


def test_prices_are_those_of_the_written_out_versions():
    x = torch.randn(6, 50)

    def softmax():
        e = (x - x.amax(1, keepdim=True)).exp()
        return e / e.sum(1, keepdim=True)

    assert torch.allclose(softmax(), torch.softmax(x, 1))
    assert operations(softmax) == operations(lambda: torch.softmax(x, 1)) == 5 * 300

    centred = x - x.mean(1, keepdim=True)
    spread = (centred * centred).mean(1, keepdim=True)
    scale = (spread + 1e-5) ** -0.5
    assert torch.allclose(centred * scale, functional.layer_norm(x, [50]), atol=1e-5)
    by_hand = [
        operations(lambda: x - x.mean(1, keepdim=True)),
        operations(lambda: (centred * centred).mean(1, keepdim=True)),
        operations(lambda: centred * scale),
    ]
    assert sum(by_hand) == operations(lambda: functional.layer_norm(x, [50])) == 5 * 300
    images = torch.randn(2, 3, 8, 8)
    assert operations(lambda: functional.max_pool2d(images, 2)) == 3 * 2 * 3 * 16


def test_kinds():
    x = torch.randn(4, 6)
    kinds = [e.kind for e in booked(lambda: torch.relu(x.T @ x).clone())]
    assert kinds == ["moving", "products", "single numbers", "moving"]
    relu, = booked(lambda: torch.relu(x))
    assert (relu.operations, relu.numbers) == (24, 48)
    view, = booked(lambda: x.view(24))
    copy, = booked(lambda: x.clone())
    assert (view.numbers, copy.numbers, copy.operations) == (0, 48, 0)
    total, = booked(lambda: x.sum())
    assert (total.operations, total.numbers) == (24, 25)
    assert all(e.seconds >= 0 for e in (relu, view, copy, total))
    norm, = booked(lambda: functional.layer_norm(x, [6]))
    assert norm.numbers == 24 + 24 + 4 + 4  # the result, and mean and scale of each row
    join, = booked(lambda: torch.cat([x, x]))
    assert join.numbers == 96


def test_the_unknown_is_refused():
    with pytest.raises(KeyError):
        booked(lambda: torch.linalg.inv(torch.eye(3)))
    with pytest.raises(KeyError):
        book("sinh", (torch.ones(3),), torch.ones(3))


def test_a_ledger_sees_time():
    large = torch.randn(400, 400)
    slow = min(sum(e.seconds for e in booked(lambda: large @ large)) for _ in range(3))
    assert 1e-5 < slow < 10


def test_weights():
    torch.manual_seed(0)
    w, = weights((300, 5, 4, 4))
    assert w.shape == (300, 5, 4, 4) and w.std().item() == pytest.approx((2 / 80) ** 0.5, rel=0.05)
    shapes = [tuple(p.shape) for p in block_weights(8, device="meta")]
    assert shapes == [(24, 8), (8, 8), (32, 8), (8, 32)]


def test_a_layer_is_neurons():
    w, x = np.random.default_rng(0).normal(size=(2, 5, 5))
    x = x[0]
    neurons = [max(sum(w[i, j] * x[j] for j in range(5)), 0) for i in range(5)]
    assert np.allclose(torch.relu(torch.tensor(w) @ torch.tensor(x)), neurons)


def test_cnn():
    torch.manual_seed(0)
    params = weights((16, 1, 3, 3), (32, 16, 3, 3), (10, 32 * 49))
    x = torch.randn(3, 1, 28, 28)
    model = torch.nn.Sequential(
        torch.nn.Conv2d(1, 16, 3, padding=1, bias=False), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(16, 32, 3, padding=1, bias=False), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Flatten(), torch.nn.Linear(32 * 49, 10, bias=False),
    )
    for layer, p in zip((model[0], model[3], model[7]), params, strict=True):
        layer.weight.data = p
    assert torch.allclose(cnn(x, params), model(x), atol=1e-4)


def test_rnn():
    torch.manual_seed(0)
    params = weights((8, 5), (8, 8))
    model = torch.nn.RNN(5, 8, bias=False)
    model.weight_ih_l0.data, model.weight_hh_l0.data = params
    x = torch.randn(6, 3, 5)
    assert torch.allclose(rnn(x, params), model(x)[1][0], atol=1e-6)


def test_block():
    torch.manual_seed(0)
    qkv, mix, up, down = params = block_weights(24)
    model = torch.nn.TransformerEncoderLayer(
        24, 4, 96, dropout=0, batch_first=True, norm_first=True, bias=False
    )
    model.self_attn.in_proj_weight.data, model.self_attn.out_proj.weight.data = qkv, mix
    model.linear1.weight.data, model.linear2.weight.data = up, down
    x = torch.randn(2, 7, 24)
    model.train()  # the plain path
    assert torch.allclose(block(x, params), model(x), atol=1e-5)


def test_networks_against_formulas():
    x, params = torch.ones(5, 1, 28, 28), weights((16, 1, 3, 3), (32, 16, 3, 3), (10, 32 * 49))
    run = booked(lambda: cnn(x, params))
    by_hand = 2 * 5 * (28 * 28 * 16 * 9 + 14 * 14 * 32 * 16 * 9 + 10 * 32 * 49)
    assert sum(e.operations for e in run if e.kind == "products") == by_hand
    x, params = torch.ones(9, 3, 4), weights((6, 4), (6, 6))
    run = booked(lambda: rnn(x, params))
    assert sum(e.operations for e in run if e.kind == "products") == 9 * 2 * 3 * (6 * 4 + 6 * 6)
    assert sum(e.operations for e in run if e.kind == "single numbers") == 9 * 2 * 3 * 6
    x, params = torch.ones(2, 5, 8), block_weights(8)
    run = booked(lambda: block(x, params))
    assert sum(e.operations for e in run if e.kind == "products") == (
        24 * 2 * 5 * 8 * 8 + 4 * 2 * 5 * 5 * 8)


def test_shares_and_intensity():
    ledger = [Entry("mm", "products", 80, 10, 0.3), Entry("relu", "single numbers", 20, 40, 0.5),
              Entry("t", "moving", 0, 0, 0.2), Entry("mm", "products", 20, 10, 0.0)]
    assert shares(ledger, "operations")["products"] == pytest.approx(100 / 120)
    assert shares(ledger, "seconds") == pytest.approx(
        {"products": 0.3, "single numbers": 0.5, "moving": 0.2})
    assert intensity(ledger, "products") == 5 and intensity(ledger, "single numbers") == 0.5


def test_products_are_nearly_all_of_the_arithmetic(woven):
    arithmetic = woven(NAME).values["arithmetic"]
    assert list(arithmetic) == ["CNN", "RNN", "transformer"]
    for split in arithmetic.values():
        assert split["products"] > 0.98 and sum(split.values()) == pytest.approx(1)
        assert split["moving"] == 0


def test_one_layer(woven):
    share = woven(NAME).values["layer_share"]
    for n in (8, 64, 512):
        assert share[str(n)] == pytest.approx(2 * n / (2 * n + 1))


def test_products_take_less_of_the_time(woven):
    values = woven(NAME).values
    for name, split in values["clock"].items():
        assert split["products"] < 0.9 and sum(split.values()) == pytest.approx(1)
    clock = values["clock"]
    assert clock["CNN"]["products"] < 0.7 and min(
        clock, key=lambda name: clock[name]["products"]) == "CNN"
    for name in ("RNN", "transformer"):  # there, products are still the largest part
        assert max(clock[name], key=clock[name].get) == "products"
    rate = values["nanoseconds"]
    assert rate["max_pool2d_with_indices"] > 5 * rate["convolution"]
    assert rate["relu"] > 3 * rate["convolution"]
    assert max(rate, key=rate.get) == "max_pool2d_with_indices"


def test_intensities(woven):
    for products, others in woven(NAME).values["moved"].values():
        assert products > 24 > 2 > others > 0.2


def test_one_by_one_is_slower(woven):
    values = woven(NAME).values
    assert values["counted"]["together"] == values["counted"]["one by one"] == 2 * 64 * 1024**2
    assert values["used"]["one by one"] < 2.01 and values["used"]["together"] > 100
    assert values["slower"] > 2


def test_growth(woven):
    growth = woven(NAME).values["growth"]
    assert growth["texts"] == 2
    d, t = 128, 128
    base = 24 * t * d * d + 4 * t * t * d
    assert growth["tokens"] == pytest.approx((48 * t * d * d + 16 * t * t * d) / base)
    assert growth["width"] == pytest.approx((96 * t * d * d + 8 * t * t * d) / base)
    assert 3.5 < growth["width"] < 4


def test_backward_is_about_twice_forward(woven):
    ratio = woven(NAME).values["backward_ratio"]
    assert 1.7 < ratio["transformer"] < ratio["CNN"] < 2
    # Of 32 steps all but the first ask for U's input gradient; W's input needs none.
    assert ratio["RNN"] == (32 + 32 + 31) / 64
    torch.manual_seed(0)
    params = [p.requires_grad_() for p in block_weights(8)]
    x = torch.randn(2, 5, 8, requires_grad=True)
    forward, backward = training_products(lambda: block(x, params))
    assert backward == 2 * forward


def test_one_step_down():
    torch.manual_seed(0)
    w = torch.randn(3, 4, requires_grad=True)
    x, y = torch.randn(20, 4), torch.randint(3, (20,))
    loss = functional.cross_entropy(x @ w.T, y)
    loss.backward()
    moved = functional.cross_entropy(x @ (w - 0.01 * w.grad).T, y)
    assert moved < loss


def test_ceiling(woven):
    values = woven(NAME).values
    for name, split in values["clock"].items():
        rest = split["single numbers"] + split["moving"]
        assert values["ceiling"][name] == pytest.approx(1 / rest)
        assert values["ceiling"][name] < 10
