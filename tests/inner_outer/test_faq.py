"""The three answers: outer-product memories, what two layers are for, and the bill."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from snippets.inner_outer.faq import (
    CROSS,
    LETTER,
    PLUS,
    SIDE,
    network,
    parameters,
    read,
    scenes,
    share_right,
    train,
    training_bill,
    whole_speedup,
    write,
)

NAME = "inner_outer/faq"
seeds = st.integers(0, 2**32 - 1)


@pytest.fixture
def values(woven):
    return woven(NAME).values


# Writing and reading


@given(seeds, st.integers(1, 5), st.integers(1, 6), st.integers(1, 4))
@settings(max_examples=40)
def test_outer_products_write_and_inner_products_read(seed, count, d, m):
    """What is read is the value plus the others, weighted by inner products of keys."""
    rng = np.random.default_rng(seed)
    keys, values = rng.integers(1, 9, (count, d)), rng.integers(-9, 10, (count, m))
    memory = write(keys, values)
    assert np.array_equal(memory, values.T @ keys)
    for key in keys:
        mixed = sum((k @ key) / (key @ key) * v for k, v in zip(keys, values, strict=True))
        assert np.allclose(read(memory, key), mixed)


def test_orthogonal_keys_do_not_mix():
    keys, values = np.array([[1, 1, 0], [2, -2, 0]]), np.array([[5, 6], [7, 8]])
    memory = write(keys, values)
    assert np.array_equal(read(memory, keys[0]), [5, 6])
    assert np.array_equal(read(memory, keys[1]), [7, 8])
    assert np.array_equal(read(memory, np.array([0, 0, 9])), [0, 0])


def test_page_memory_fills_up(values, woven):
    output = woven(NAME).regions["one_pair"].output
    assert "with the key: [3. 7.]" in output and "another: [0. 0.]" in output
    assert values["memory_numbers"] == 25 * 64
    for count, wrong in values["wrong"].items():
        noise = math.sqrt((int(count) - 1) / 64)  # against a signal of 1
        assert wrong == pytest.approx(0.5 * math.erfc(1 / noise / 2**0.5), abs=0.03)


def test_noise_of_random_keys():
    rng = np.random.default_rng(1)
    noise = []
    for _ in range(200):
        keys, values = rng.choice([-1, 1], (9, 32)), rng.choice([-1, 1], (9, 5))
        noise.append(read(write(keys, values), keys[0]) - values[0])
    assert np.std(noise) == pytest.approx(math.sqrt(8 / 32), rel=0.1)


def test_the_letter_is_an_h():
    rows = [LETTER[i : i + 5] for i in range(0, 25, 5)]
    assert rows == ["#...#", "#...#", "#####", "#...#", "#...#"]


# Convolution and pooling


@given(seeds, st.sampled_from(["left", "right"]), st.integers(0, 2))
@settings(max_examples=20)
def test_scenes(seed, half, margin):
    """The shape is where it should be: away from the border and inside its half."""
    images, kinds = scenes(20, half, np.random.default_rng(seed), margin)
    assert images.shape == (20, 1, SIDE, SIDE) and set(kinds.tolist()) <= {0, 1}
    middle = SIDE // 2
    for image, kind in zip(images[:, 0], kinds, strict=True):
        shape = torch.from_numpy((PLUS, CROSS)[kind] * 2.0 - 1)
        match = nn.functional.conv2d(image[None, None], shape[None, None])[0, 0]
        i, j = divmod(int(match.argmax()), SIDE - 2)
        assert margin <= i <= SIDE - 3 - margin
        assert (margin <= j <= middle - 3) if half == "left" else (j >= middle)
        assert j <= SIDE - 3 - margin


def test_scenes_use_every_place():
    rng = np.random.default_rng(0)
    for half, columns in (("left", {2, 3}), ("right", {6, 7})):
        images, kinds = scenes(200, half, rng)
        pluses = images[kinds == 0]
        shape = torch.from_numpy(PLUS * 2.0 - 1)[None, None]
        flat = nn.functional.conv2d(pluses, shape).flatten(1).argmax(dim=1)
        assert set((flat % (SIDE - 2)).tolist()) == columns
        assert set((flat // (SIDE - 2)).tolist()) == set(range(2, 8))


def placed(i, j):
    image = torch.zeros(1, 1, SIDE, SIDE, dtype=torch.float64)
    image[0, 0, i : i + 3, j : j + 3] = torch.from_numpy(PLUS)
    return image


@pytest.mark.parametrize("kind", ["dense", "conv", "conv + pool"])
def test_networks_give_two_answers(kind):
    assert network(kind)(placed(3, 3)).shape == (1, 2)


def test_pooling_cannot_tell_where():
    """Away from the border the pooled net gives one output for all places, trained or not."""
    torch.manual_seed(0)
    net = network("conv + pool")
    outputs = [net(placed(i, j)) for i in range(2, 8) for j in range(2, 8)]
    assert all(torch.allclose(outputs[0], output) for output in outputs)
    dense = network("dense")
    assert not torch.allclose(dense(placed(3, 2)), dense(placed(3, 7)))


def test_page_pooling_cannot_tell_where(values):
    where = values["where"]
    assert where["dense"] > 0.95 and where["conv"] > 0.95
    assert abs(where["conv + pool"] - 0.5) < 0.06


def test_the_border_tells_where(values):
    assert values["where"]["at the border"] > 0.58
    torch.manual_seed(0)
    net = network("conv + pool")
    assert not torch.allclose(net(placed(4, 0)), net(placed(4, 4)))


def test_convolution_follows_a_shift():
    torch.manual_seed(0)
    conv = network("conv")[0]
    before, after = conv(placed(3, 2))[0], conv(placed(3, 7))[0]
    assert torch.allclose(before[:, :, :5], after[:, :, 5:])
    assert conv.weight.shape[2:] == (3, 3)  # each output sees nine pixels


def test_only_convolution_and_pooling_reach_the_other_half(values):
    what = values["what"]
    assert what["conv + pool"][0] > 0.97 and what["conv + pool"][1] > 0.97
    for kind in ("dense", "conv"):
        assert what[kind][0] > 0.7 and what[kind][1] < 0.62
    assert what["conv"][0] > what["dense"][0] + 0.05
    assert values["learned"] == {"dense": 144 * 32 + 32 + 66, "conv": 842, "conv + pool": 50}


def test_another_seed_leaves_the_gap():
    rng = np.random.default_rng(1)
    left, right = scenes(300, "left", rng), scenes(300, "right", rng)
    reached = {}
    for kind in ("conv", "conv + pool"):
        torch.manual_seed(1)
        net = network(kind)
        train(net, *left)
        reached[kind] = share_right(net, *right)
    assert reached["conv"] < 0.62 and reached["conv + pool"] > 0.95


def test_train_and_share_right():
    rng = np.random.default_rng(2)
    images, kinds = scenes(100, "left", rng)
    torch.manual_seed(0)
    net = network("conv + pool")
    before = share_right(net, images, kinds)
    train(net, images, kinds)
    assert share_right(net, images, kinds) > max(before, 0.9)
    assert share_right(net, images, 1 - kinds) == pytest.approx(1 - share_right(net, images, kinds))


def test_pooling_shrinks_only_a_dense_layer_behind_it(values):
    assert values["kernel_parameters"] == 16 * (3 * 9 + 1) == 448
    assert parameters(nn.MaxPool2d(2)) == 0
    assert values["after"] == {"32": 16 * 32 * 32 * 10 + 10, "16": 16 * 16 * 16 * 10 + 10}
    behind = nn.Conv2d(16, 8, 3)
    for size in (32, 16):  # the same convolution takes either
        assert behind(torch.zeros(1, 16, size, size)).shape[-1] == size - 2


# The bill


@given(st.floats(0, 1), st.floats(1, 1000))
def test_whole_speedup(share, factor):
    seconds = (1 - share) * 7 + share * 7 / factor
    assert whole_speedup(share, factor) == pytest.approx(7 / seconds)


def test_the_whole_is_held_back_by_the_rest(values):
    assert values["gains"]["half"] < 2 and values["gains"]["half"] > 1.99
    assert values["gains"]["most"] == pytest.approx(1 / 0.19)
    assert 9.99 < values["limit"] < 10


@pytest.mark.parametrize(("batch", "width", "depth"), [(1, 8, 1), (5, 16, 3), (7, 4, 6)])
def test_training_bill(batch, width, depth):
    torch.manual_seed(0)
    layers = [m for _ in range(depth) for m in (nn.Linear(width, width), nn.ReLU())]
    net, x = nn.Sequential(*layers), torch.randn(batch, width)
    forward, backward, kept = training_bill(net, lambda: net(x))
    one = 2 * batch * width**2  # a multiplication and an addition each
    assert forward == depth * one
    assert backward == (2 * depth - 1) * one  # nothing goes back to the data
    assert kept == (depth + 1) * batch * width * 4


def test_page_training_bill(values):
    assert values["backward_ratio"] == pytest.approx(7 / 4)
    kept = {int(batch): size for batch, size in values["kept"].items()}
    assert kept[512] == 8 * kept[64] == 512 * kept[1] == 5 * 512 * 256 * 4
    assert values["weight_bytes"] == 4 * (256 * 256 + 256) * 4
    assert values["kept_share"] > 2
