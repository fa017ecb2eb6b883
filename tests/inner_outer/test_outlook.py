"""The network, its bills and every method that makes it cheaper do what the page says."""
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.inner_outer.outlook import (
    GLYPHS, SIDE, Layer, accuracy, activations, block_diagonal, chain_costs, descent, digits,
    exit_early, factored, gradients, integer_scores, integers, integrated_gradients,
    multiplications, new_net, probabilities, pruned, quantised, slopes, stored_bytes, trained,
)

NAME = "inner_outer/outlook"


@pytest.fixture
def bills(woven):
    """[accuracy, multiplications, bytes] of every net on the page."""
    values = woven(NAME).values
    return {
        name: [values[k][name] for k in ("reads", "products", "sizes")]
        for name in values["reads"]
    }


@pytest.fixture
def net():
    made = new_net([7, 6, 5, 3], np.random.default_rng(0))
    rng = np.random.default_rng(1)
    return [Layer(w, rng.normal(size=b.shape), relu) for w, b, relu in made]


@pytest.fixture
def batch():
    rng = np.random.default_rng(2)
    return rng.normal(size=(9, 7)), rng.integers(3, size=9)


def torch_scores(net, x):
    for w, b, relu in net:
        x = torch.nn.functional.linear(x, w, b)
        x = torch.relu(x) if relu else x
    return x


def as_torch(net, grad=False):
    return [
        (torch.tensor(w, requires_grad=grad), torch.tensor(b, requires_grad=grad), relu)
        for w, b, relu in net
    ]


def test_digits():
    x, y = digits(400, np.random.default_rng(0))
    assert x.shape == (400, SIDE * SIDE) and set(y) == set(range(10))
    assert len({g.tobytes() for g in GLYPHS}) == 10
    # Of the nine places, the one that fits best shows the digit that was drawn.
    hits = 0
    for image, label in zip(x.reshape(-1, SIDE, SIDE), y, strict=True):
        fit = {
            digit: max(
                (image[i:i + 7, j:j + 5] * (g - g.mean()) / np.linalg.norm(g - g.mean())).sum()
                for i in (1, 2, 3) for j in (1, 2, 3)
            )
            for digit, g in enumerate(GLYPHS)
        }
        hits += max(fit, key=fit.get) == label
    assert hits > 380


def test_digits_move_and_dim():
    x, y = digits(3000, np.random.default_rng(1))
    ones = x[y == 1].reshape(-1, SIDE, SIDE)
    assert np.abs(ones[:, 0]).mean() < 0.3 > np.abs(ones[:, :, 0]).mean()  # the edge is noise
    assert 0.2 < ones[:, 0].std() < 0.3
    bottom = [(ones[:, row].sum(1) > 2).mean() for row in (7, 8, 9)]
    assert all(0.2 < share < 0.5 for share in bottom)  # three heights, equally likely
    light = ones.sum((1, 2)) / GLYPHS[1].sum()
    assert 0.9 < light.mean() < 0.98  # uniform from 0.7 to 1.2


def test_forward_and_probabilities(net, batch):
    x, _ = batch
    expected = torch_scores(as_torch(net), torch.tensor(x))
    assert np.allclose(activations(net, x)[-1], expected)
    assert np.allclose(probabilities(net, x), torch.softmax(expected, 1))
    assert np.isfinite(probabilities([Layer(1e4 * np.eye(7), np.zeros(7), False)], x)).all()
    assert [layer.relu for layer in net] == [True, True, False]


def test_gradients(net, batch):
    x, y = batch
    layers = as_torch(net, grad=True)
    torch.nn.functional.cross_entropy(
        torch_scores(layers, torch.tensor(x)), torch.tensor(y)
    ).backward()
    expected = [p.grad.numpy() for w, b, _ in layers for p in (w, b)]
    for ours, theirs in zip(gradients(net, x, y), expected, strict=True):
        assert np.allclose(ours, theirs, atol=1e-12)


def test_accuracy(net, batch):
    x, _ = batch
    best = activations(net, x)[-1].argmax(1)
    assert accuracy(net, x, best) == 1 and accuracy(net, x, (best + 1) % 3) == 0


def test_start_keeps_the_size_of_the_signal():
    made = new_net([400, 300, 200], np.random.default_rng(0))
    sizes = [w.std() * np.sqrt(w.shape[1] / 2) for w, _, _ in made]
    assert sizes == pytest.approx([1, 1], abs=0.02)


def test_training_learns_and_leaves_zeros(net):
    rng = np.random.default_rng(3)
    x = rng.normal(size=(500, 7))
    y = (x @ rng.normal(size=(7, 3))).argmax(1)
    cut = pruned(net, 0.5)
    before = [p.copy() for w, b, _ in cut for p in (w, b)]
    after = trained(cut, x, y, steps=150, rate=2e-2)
    assert accuracy(after, x, y) > max(0.8, accuracy(cut, x, y) + 0.2)
    assert all(((a.w == 0) == (c.w == 0)).all() for a, c in zip(after, cut, strict=True))
    assert all((p == q).all() for p, q in zip(before, [p for w, b, _ in cut for p in (w, b)]))
    assert all((a.b != c.b).any() for a, c in zip(after, cut, strict=True))


def test_first_step_is_adams():
    # Adam's first step is the rate times the sign of the gradient, whatever its size.
    start = [Layer(np.ones((2, 3)), np.zeros(2), False)]
    x, y = np.random.default_rng(0).normal(size=(50, 3)), np.zeros(50, int)
    moved = trained(start, x, y, steps=2, rate=0.1)
    assert np.allclose(np.abs(moved[0].b), 0.05, rtol=1e-4)  # the last step has rate 0


def test_counts_and_bytes():
    w = np.array([[1.0, 0, 2, 0], [0, 0, 0, 3]])
    small = [Layer(w, np.zeros(2), False)]
    full = [Layer(np.ones((2, 4)), np.zeros(2), False)]
    assert multiplications(small) == 3 and multiplications(full) == 8
    assert stored_bytes(full) == (8 * 32 + 2 * 32) / 8
    assert stored_bytes(small) == (8 + 3 * 32 + 2 * 32) / 8
    assert stored_bytes(full, 4) == (8 * 4 + 2 * 32 + 2 * 32) / 8
    assert stored_bytes(full, 3) == 8 * 3 / 8 + 16
    assert stored_bytes([Layer(np.ones((1, 3)), np.zeros(1), False)], 3) == 10  # 73 bits


@given(st.integers(0, 99), st.sampled_from([0.25, 0.5, 0.75]))
def test_pruned_removes_the_smallest(seed, share):
    net = new_net([8, 6, 4], np.random.default_rng(seed))
    cut = pruned(net, share)
    kept, gone = cut[0].w[cut[0].w != 0], net[0].w[cut[0].w == 0]
    assert len(gone) == round(48 * share)
    assert np.abs(gone).max() < np.abs(kept).min()
    assert (kept == net[0].w[cut[0].w != 0]).all() and cut[1] is net[1]


@given(st.integers(0, 99), st.sampled_from([2, 3, 4, 8]))
def test_integers(seed, bits):
    w = np.random.default_rng(seed).normal(size=(5, 7)) * 10.0 ** np.arange(-2, 3)[:, None]
    q, scale = integers(w, bits)
    assert q.dtype == np.int32 and scale.shape == (5, 1)
    assert (np.abs(q).max(1) == 2 ** (bits - 1) - 1).all()
    assert (np.abs(q * scale - w) <= scale / 2 * (1 + 1e-12)).all()


def test_quantised_and_integer_products_agree(net, batch):
    x, _ = batch
    q, scale = integers(net[0].w, 4)
    rounded = quantised(net, 4)
    assert np.allclose(rounded[0].w, q * scale) and (rounded[0].b == net[0].b).all()
    one = net[:1]
    p, x_scale = integers(x, 8)
    q, scale = integers(net[0].w, 8)
    expected = np.maximum((p * x_scale) @ (q * scale).T + net[0].b, 0)
    assert np.allclose(integer_scores(one, x), expected)
    exact = activations(net, x)[-1]
    assert np.abs(integer_scores(net, x) - exact).max() < 0.05 * np.abs(exact).max()
    assert np.abs(integer_scores(net, x, 4) - exact).max() > np.abs(
        integer_scores(net, x) - exact).max()


def test_factored(net, batch):
    x, _ = batch
    thin = factored(net, {0: 2, 1: 4})
    assert [layer.w.shape for layer in thin] == [(2, 7), (6, 2), (4, 6), (5, 4), (3, 5)]
    assert [layer.relu for layer in thin] == [False, True, False, True, False]
    assert np.linalg.norm(net[0].w - thin[1].w @ thin[0].w) == pytest.approx(
        np.linalg.norm(np.linalg.svd(net[0].w)[1][2:]))  # as near as rank 2 can be
    whole = factored(net, {0: 6, 1: 5})
    assert np.allclose(activations(whole, x)[-1], activations(net, x)[-1])
    assert np.allclose(np.linalg.norm(thin[0].w, axis=1), np.linalg.norm(thin[1].w, axis=0))


def test_block_diagonal():
    mask = block_diagonal((4, 8), 2)
    expected = np.kron(np.eye(2), np.ones((2, 4)))
    assert (mask == expected).all()
    assert block_diagonal((96, 100), 4).sum() == 96 * 100 / 4


def test_exit_early(net):
    rng = np.random.default_rng(5)
    x = rng.normal(size=(60, 7))
    big = new_net([7, 3], rng)
    sure = probabilities(net, x).max(1)
    bar = np.sort(sure)[20]
    answer, leaves = exit_early(net, big, x, bar)
    assert leaves.sum() == 40 and (leaves == (sure >= bar)).all()
    first, second = (activations(n, x)[-1].argmax(1) for n in (net, big))
    assert (answer == np.where(leaves, first, second)).all() and (first != second).any()


@settings(max_examples=20)
@given(st.lists(st.integers(1, 9), min_size=3, max_size=7))
def test_chain_costs(sizes):
    def best(i, j):  # every bracketing, by brute force
        if i == j:
            return 0
        return min(best(i, k) + best(k + 1, j) + sizes[i] * sizes[k + 1] * sizes[j + 1]
                   for k in range(i, j))

    fewest, left = chain_costs(sizes)
    assert fewest == best(0, len(sizes) - 2) <= left
    assert left == sum(sizes[0] * b * c for b, c in zip(sizes[1:], sizes[2:]))


def test_descent_against_torch():
    h = np.diag([1.0, 30, 1000])
    for rule in ("plain", "momentum", "Adam"):
        x = torch.tensor([1.0, -2, 3], dtype=torch.float64, requires_grad=True)
        root = np.sqrt(1000)
        rates = {"plain": 2 / 1001, "momentum": 4 / (root + 1) ** 2, "Adam": 0.1}
        if rule == "Adam":
            steps = torch.optim.Adam([x], lr=0.1, betas=(0.9, 0.99))
        else:
            beta = ((root - 1) / (root + 1)) ** 2 if rule == "momentum" else 0
            steps = torch.optim.SGD([x], lr=rates[rule], momentum=beta)
        for t in range(1, 31):
            steps.zero_grad()
            (x @ torch.tensor(h) @ x / 2).backward()
            if rule == "Adam":
                steps.param_groups[0]["lr"] = 0.1 * (1 - t / 30)
            steps.step()
        ours = descent(h, np.array([1.0, -2, 3]), rule, 30)
        assert np.allclose(ours, x.detach(), rtol=1e-6, atol=1e-9)


def test_slopes(net, batch):
    x = torch.tensor(batch[0], requires_grad=True)
    torch_scores(as_torch(net), x)[:, 2].sum().backward()
    assert np.allclose(slopes(net, batch[0], 2), x.grad)


def test_integrated_gradients_complete(net, batch):
    image = batch[0][0]
    black, score = activations(net, np.array([0 * image, image]))[-1][:, 1]
    coarse, fine = (integrated_gradients(net, image, 1, n) for n in (100, 10000))
    assert fine.sum() == pytest.approx(score - black, abs=1e-3)
    assert fine.shape == image.shape and np.allclose(coarse, fine, atol=0.1)
    bend = [Layer(np.ones((1, 1)), np.array([-0.5]), True)]  # bends halfway
    assert integrated_gradients(bend, np.ones(1), 0, 2) == 0.5  # midpoints: exact


def test_training_changes_no_count(bills):
    assert bills["untrained"][1:] == bills["big"][1:] == [14688, 59368]
    assert bills["untrained"][0] < 0.2 and bills["big"][0] > 0.96


def test_narrow_networks(bills):
    rights = [bills[f"width {h}"][0] for h in (48, 36, 24, 12)]
    assert bills["big"][0] > rights[0] > rights[1] > 0.93 > rights[2] > 0.85 > rights[3]
    assert 0.4 < bills["width 48"][1] / bills["big"][1] < 0.43
    assert bills["width 48"][1] == 100 * 48 + 48 * 24 + 24 * 10


def test_pruning_needs_the_second_training(bills):
    for percent in (50, 80, 90):
        chance, cut, tuned = (bills[f"{k} {percent}"] for k in ("random", "cut", "pruned"))
        assert chance[0] + 0.2 < cut[0] < tuned[0] and chance[1:] == cut[1:] == tuned[1:]
    assert bills["pruned 50"][0] > bills["big"][0] - 0.01
    assert bills["pruned 80"][0] > bills["cut 80"][0] + 0.08
    assert bills["pruned 80"][0] > bills["width 48"][0] - 0.025
    assert bills["pruned 80"][1] < 0.6 * bills["width 48"][1]


def test_zeros_save_no_time_in_a_dense_product(woven):
    left = woven(NAME).values["time_left"]
    assert left["90% zeros"] > 0.5 and left["90% zeros"] > 2 * left["90% of rows gone"]


def test_bits(woven, bills):
    values = woven(NAME).values
    assert abs(bills["8 bits"][0] - bills["big"][0]) < 0.01
    assert abs(values["by_integers"] - bills["big"][0]) < 0.01
    assert bills["4 bits"][0] > 0.95 and bills["2 bits"][0] < 0.6
    assert bills["8 bits"][2] < 0.28 * bills["big"][2]
    assert bills["big"][1] > bills["8 bits"][1] > bills["4 bits"][1] > bills["2 bits"][1]


def test_two_bits_can_do_better_with_another_step():
    rng = np.random.default_rng(0)
    (x, y), (x_test, y_test) = digits(4000, rng), digits(1000, rng)
    net = trained(new_net([SIDE * SIDE, 96, 48, 10], rng), x, y, steps=300)
    shorter = []
    for w, b, relu in net:
        step = 1.3 * np.abs(w).mean(1, keepdims=True)  # instead of the largest weight
        shorter.append(Layer(step * np.clip(np.round(w / step), -1, 1), b, relu))
    assert accuracy(shorter, x_test, y_test) > accuracy(quantised(net, 2), x_test, y_test) + 0.1


def test_structures_do_not_beat_the_narrow_network(woven, bills):
    assert bills["cut to 16"][0] + 0.05 < bills["rank 16"][0] < bills["width 48"][0] + 0.01
    assert bills["rank 16"][1] == 16 * 196 + 16 * 144 + 480
    assert 48 < woven(NAME).values["break_even"] < 49
    assert bills["blocks 4"][1] == (9600 + 4608) // 4 + 480
    narrow = np.interp(  # what a narrow network of that cost would do
        np.log(bills["blocks 4"][1]),
        np.log([bills["width 24"][1], bills["width 36"][1]]),
        [bills["width 24"][0], bills["width 36"][0]],
    )
    assert bills["blocks 4"][0] < narrow + 0.01
    assert bills["blocks 2"][0] < bills["width 48"][0] + 0.01
    assert bills["blocks 2"][1] > bills["width 48"][1]


def test_early_exit(woven, bills):
    values = woven(NAME).values
    tried, big = values["tried"], bills["big"]
    assert values["chosen"] == bills[f"exit {values['bar']}"]
    assert values["chosen"][0] > big[0] - 0.03 and values["chosen"][1] < 0.5 * big[1]
    assert values["chosen"][2] == big[2] + bills["width 24"][2]
    assert values["worst"] == big[1] + bills["width 24"][1] > big[1]
    # A higher bar sends more images on: dearer and more accurate, up to the big network.
    exits = [bills[f"exit {bar}"] for bar in tried]
    means = [b[1] for b in exits]
    assert means == sorted(means) and bills["width 24"][1] < means[0] < 0.4 * big[1]
    assert exits[0][0] + 0.02 < exits[-1][0] < big[0] + 0.01
    # Cheap, it does no better than a narrow network; dear, it reaches the big one.
    assert abs(bills["exit 0.6"][0] - bills["width 36"][0]) < 0.015
    assert bills["exit 0.9"][0] > big[0] - 0.005 and bills["exit 0.9"][1] < 0.7 * big[1]
    # The bar chosen is the lowest that is good enough on the other images.
    good = [float(bar) for bar, b in tried.items() if b[0] >= values["enough"]]
    assert min(good) == values["bar"]


def test_shrunk_images(bills):
    assert bills["25 pixels"][1] == 25 * 96 + 96 * 48 + 480
    assert bills["25 pixels"][0] + 0.05 < bills["width 48"][0]
    assert bills["25 pixels"][1] > bills["width 48"][1]


def test_devices(woven, bills):
    choice = woven(NAME).values["choice"]
    assert choice == {"zeros skipped": "pruned 80", "zeros multiplied": "width 36",
                      "little memory": "4 bits"}
    assert bills["pruned 80"][2] > 10000 and bills["4 bits"][1] > 5000


def test_the_picture_has_no_winner(bills):
    drawn = [n for n in bills if not n.startswith(("cut", "random", "untrained"))]
    good = [n for n in drawn if bills[n][0] > 0.95]
    assert min(good, key=lambda n: bills[n][1]) == "pruned 80"
    assert min(good, key=lambda n: bills[n][2]) == "4 bits"
    assert max(good, key=lambda n: bills[n][2]).startswith("exit")


def test_more_data_same_algorithm(woven):
    rights = woven(NAME).values["by_images"]
    assert rights["500"] + 0.1 < rights["2000"] < rights["8000"] - 0.01
    # A larger network needs no other algorithm either.
    sizes = [woven(NAME).values["reads"][n] for n in ("width 12", "width 24", "width 48", "big")]
    assert sizes == sorted(sizes)


def test_optimisers(woven):
    left = woven(NAME).values["left"]
    for rule in ("plain", "momentum"):
        assert left[rule][0] == pytest.approx(left[rule][1], rel=1e-6)
    assert left["Adam"][0] < 0.2 * left["momentum"][0] < 0.01 * left["plain"][0]
    h = np.diag(np.geomspace(1, 1000, 10))
    for seed in range(5):  # whatever the rotation, Adam's advantage is gone
        turn, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(10, 10)))
        end = descent(turn @ h @ turn.T, turn @ np.ones(10), "Adam", 200)
        assert np.linalg.norm(end) > 100 * left["momentum"][0]


def test_four_ways_count_the_same(woven):
    values = woven(NAME).values
    assert values["same"] is True and values["calls"]["scalars"] == 48**3
    times = values["times"]
    assert times["scalars"] > 3 * times["inner products"] > 3 * times["a @ b"]
    assert (values["fewest"], values["left_to_right"]) == (15125, 40500)
    assert values["order_gain"] == (300**3 + 300**2) / (2 * 300**2)


def test_explanations(woven, bills):
    values = woven(NAME).values
    assert values["linear_exact"] is True
    assert values["gap"]["integrated"] < 0.01 < 0.03 < values["gap"]["slopes"]
    assert values["shuffled"]["most"] + 0.15 < values["shuffled"]["least"]
    assert values["shuffled"]["least"] > bills["big"][0] - 0.02


def test_one_relu_is_enough(woven):
    values = woven(NAME).values
    assert sum(values["losses"]) == 2 * values["score"] == 2
