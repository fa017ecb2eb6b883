"""The plan's three experiments: ceilings proved, operations counted, the ruler never wrong."""
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from snippets.inner_outer.outlook import (
    GLYPHS, Layer, activations, digits, integer_scores, new_net, trained,
)
from snippets.why_matmul.verification import (
    Structured, Tally, accuracy, attention, bfloat16, block, by_strassen, dense, fit, hadamard,
    lstm, mlp, posters, residual, safe, scores_by, separable, separate, shaped,
)

NAME = "why_matmul/verification"
torch.set_num_threads(1)


@pytest.fixture
def values(woven):
    return woven(NAME).values


@pytest.fixture
def bill(values):
    """[error, share safe, share changed, share right] of every way on the page."""
    keys = "off", "sure", "changed", "right"
    return {name: [values[key][name] for key in keys] for name in values["off"]}


def counted(run):
    with Tally() as tally:
        run()
    return tally.products, tally.singles


def test_attention_is_pytorchs():
    torch.manual_seed(0)
    query, keys, values = torch.randn(9, 5), torch.randn(9, 7, 5), torch.randn(9, 7, 5)
    expected = functional.scaled_dot_product_attention(query[:, None], keys, values, scale=3.0)
    assert torch.allclose(attention(query, keys, values, 3.0), expected[:, 0], atol=1e-5)


def test_no_fixed_matrix_recalls(values):
    assert values["by_attention"] > 0.999
    assert abs(values["by_fixed"] - 1 / 8) < 0.02
    # A matrix fitted to keys, values and query together does no better than the mean.
    rng = np.random.default_rng(1)
    keys, vals = rng.normal(size=(2, 9000, 8, 4))
    asked = rng.integers(8, size=9000)
    query, target = keys[np.arange(9000), asked], vals[np.arange(9000), asked]
    seen = np.hstack([keys.reshape(9000, -1), vals.reshape(9000, -1), query])
    w, *_ = np.linalg.lstsq(seen[:6000], target[:6000], rcond=None)
    left = target[6000:] - seen[6000:] @ w
    assert 0.05 < 1 - left.var() / target[6000:].var() < 0.15


def test_posters():
    x, y = posters(4000, np.random.default_rng(3), flips=0)
    assert set(x.unique().tolist()) == {-1, 1} and set(y.tolist()) == set(range(10))
    # Up to polarity every image is its digit at one of eight places, all of them used.
    frames = {}
    for label, glyph in enumerate(GLYPHS):
        for i in (0, 1):
            for j in range(4):
                canvas = -np.ones((8, 8))
                canvas[i:i + 7, j:j + 5] = 2 * glyph - 1
                frames[tuple(canvas.flatten())] = (label, i, j)
    seen = {s: set() for s in (1, -1)}
    for image, label in zip(x.numpy(), y.tolist(), strict=True):
        sign = 1 if tuple(image) in frames else -1
        found = frames[tuple(sign * image)]
        assert found[0] == label
        seen[sign].add(found)
    assert len(seen[1]) == len(seen[-1]) == 80


def test_posters_flip_pixels():
    clean, _ = posters(3000, np.random.default_rng(5), flips=0)
    noisy, _ = posters(3000, np.random.default_rng(5), flips=0.1)
    assert abs((clean != noisy).float().mean() - 0.1) < 0.01
    default, _ = posters(3000, np.random.default_rng(5))
    assert abs((clean != default).float().mean() - 0.03) < 0.005


@pytest.mark.parametrize("n", [1, 2, 8, 64])
def test_hadamard(n):
    h = hadamard(n)
    assert torch.allclose(h @ h.T, torch.eye(n), atol=1e-6)
    assert (h.abs() == n**-0.5).all()


def test_structured_is_products_with_diagonals():
    torch.manual_seed(0)
    h = hadamard(16)
    net = Structured(2, h)
    assert 1 < net.scale.std() < 1.4 and net.scale.numel() == 64
    net.bias.data.normal_()
    x = expected = torch.randn(5, 16)
    for k, ((d1, d2), b) in enumerate(zip(net.scale, net.bias, strict=True)):
        expected = torch.relu(expected) if k else expected
        expected = expected @ torch.diag(d1) @ h @ torch.diag(d2) @ h + b
    assert net(x).shape == (5, 10)
    assert torch.allclose(net(x), expected[:, :10], atol=1e-5)


def test_dense():
    torch.manual_seed(0)
    with_bend, without = dense(7), dense(7, bend=False)
    x = torch.randn(6, 64)
    first, last = with_bend[0], with_bend[-1]
    expected = torch.relu(x @ first.weight.T + first.bias) @ last.weight.T + last.bias
    assert torch.allclose(with_bend(x), expected, atol=1e-5) and first.weight.shape == (7, 64)
    assert without(x).shape == (6, 10)
    assert torch.allclose(without(x) + without(-x), 2 * without(0 * x), atol=1e-5)
    assert not torch.allclose(with_bend(x) + with_bend(-x), 2 * with_bend(0 * x), atol=1e-2)


def test_fit_and_accuracy():
    torch.manual_seed(0)
    x = torch.randn(500, 64)
    y = (x @ torch.randn(64, 10)).argmax(1)
    net = nn.Linear(64, 10)
    before = accuracy(net, x, y)
    assert fit(net, x, y, steps=150) is net and accuracy(net, x, y) > max(0.85, before + 0.5)
    best = net(x).argmax(1)
    best[:100] = (best[:100] + 1) % 10
    assert accuracy(net, x, best) == pytest.approx(0.8)


def test_the_rate_falls_to_nothing():
    torch.manual_seed(0)
    x, y = torch.randn(200, 64), torch.randint(10, (200,))
    torch.manual_seed(1)
    short = fit(nn.Linear(64, 10), x, y, steps=2).weight
    torch.manual_seed(1)
    start = nn.Linear(64, 10).weight
    step = (short - start).abs()  # Adam's steps: 0.03 and 0.015 at most
    assert 0.03 < step.max() < 0.0451 and step.median() > 0.01


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.integers(2, 10))
def test_additive_ceiling(seed, classes):
    # Whatever additive scores, at most one digit is right in both polarities.
    rng = np.random.default_rng(seed)
    x = rng.choice([-1, 1], size=(400, 12))
    y = rng.integers(classes, size=400)
    w, b = rng.normal(size=(12, classes)), rng.normal(size=classes)
    sides = [(s * x @ w + b).argmax(1) == y for s in (1, -1)]
    lucky = {int(c) for c in y[sides[0] & sides[1]]}
    assert len(lucky) <= 1
    largest = max((y == c).mean() for c in range(classes))
    assert np.mean(sides) <= (1 + largest) / 2 + 1e-12


def test_separate_pixels_stay_under_the_ceiling(values):
    assert values["ceiling"] == 0.55 and values["same_sum"] is True
    assert 0.15 < values["reached"] < values["ceiling"]


def test_ladder(values):
    curve = values["curve"]
    last = [curve[name]["4000"] for name in ("separate", "structured", "dense")]
    assert last[0] < values["ceiling"] < last[1] < last[2] - 0.15 and last[2] > 0.98
    assert curve["dense"]["250"] > last[1] - 0.02  # a sixteenth of the images
    assert values["sizes"] == {"separate": 650, "structured": 768, "dense": 4810}


def test_narrow_beats_structured_at_equal_size(values):
    assert values["narrow"]["10"] > values["curve"]["structured"]["4000"] + 0.05
    assert values["narrow"]["4"] < values["ceiling"] < values["narrow"]["10"]
    assert values["narrow"]["10"] < values["narrow"]["22"]
    structured, dense = values["longer"].values()
    assert values["curve"]["structured"]["4000"] + 0.05 < structured < dense - 0.03
    before = values["narrow"]["10"] - values["curve"]["structured"]["4000"]
    assert dense - structured < before - 0.03  # closer


def test_ladder_on_another_seed():
    rng = np.random.default_rng(7)
    (x, y), (x_test, y_test) = posters(2000, rng), posters(1000, rng)
    torch.manual_seed(5)
    nets = nn.Linear(64, 10), Structured(4, hadamard(64)), dense(10)
    rights = [accuracy(fit(net, x, y, steps=300), x_test, y_test) for net in nets]
    assert rights[0] + 0.15 < rights[1] < rights[2]


def test_knockout(values):
    assert values["whole"]["with ReLU"] > 0.98 and values["whole"]["without"] < 0.4
    assert values["relus"] < 0.01


def test_tally_agrees_with_pytorchs_counter():
    torch.manual_seed(0)
    sizes = (1, 24, 96), (288, 96), (96, 96), (384, 96), (96, 384)
    args = [torch.randn(s) for s in sizes]
    with FlopCounterMode(display=False) as theirs, Tally() as ours:
        block(*args)
    assert ours.products == theirs.get_total_flops() > 0


def test_tally_by_hand():
    a, b = shaped(3, 4), shaped(4, 5)
    assert counted(lambda: a @ b) == (2 * 3 * 4 * 5, 0)
    assert counted(lambda: torch.relu(a) + a) == (0, 24)
    assert counted(lambda: torch.softmax(a, 1)) == (0, 5 * 12)
    assert counted(lambda: functional.layer_norm(a, [4])) == (0, 5 * 12)
    assert counted(lambda: a.T.reshape(2, 6).unbind()) == (0, 0)
    image, filters = shaped(1, 6, 8, 8), shaped(6, 1, 3, 3)
    assert counted(lambda: functional.conv2d(image, filters, padding=1, groups=6)) == (
        2 * 9 * 6 * 64, 0)
    with pytest.raises(KeyError):
        counted(lambda: torch.sort(a))
    with Tally() as tally:
        torch.relu(a @ b)
    assert tally.share() == 120 / 135 and tally.share(price=10) == 120 / 270


def test_shares(values):
    share, at_ten = values["share"], values["at_ten"]
    assert share["element-wise"] == at_ten["element-wise"] == 0
    others = [n for n in share if n != "element-wise"]
    assert len(others) == 5 and all(share[n] > 0.95 for n in others)
    assert all(at_ten[n] > 0.94 for n in others if n != "separable CNN")
    assert 0.7 < at_ten["separable CNN"] < 0.8 and share["separable CNN"] == min(
        share[n] for n in others)


def test_networks_compute_what_they_are_called():
    torch.manual_seed(0)
    x = torch.randn(5, 3, 6)  # steps, batch, width
    theirs = nn.LSTM(6, 6)
    w, u = theirs.weight_ih_l0, theirs.weight_hh_l0
    ours = lstm(x, w, u, theirs.bias_ih_l0 + theirs.bias_hh_l0)
    assert torch.allclose(ours, theirs(x)[1][0][0], atol=1e-5)

    layer = nn.TransformerEncoderLayer(8, 2, 32, 0, "gelu", batch_first=True, norm_first=True)
    for p in layer.parameters():
        if p.ndim == 1:
            p.data.fill_(0)
    layer.norm1.weight.data.fill_(1)
    layer.norm2.weight.data.fill_(1)
    x = torch.randn(2, 4, 8)
    attn = layer.self_attn
    ours = block(x, attn.in_proj_weight, attn.out_proj.weight, layer.linear1.weight,
                 layer.linear2.weight, heads=2)
    assert torch.allclose(ours, layer(x), atol=1e-5)


def test_small_networks():
    torch.manual_seed(0)
    x = torch.randn(3, 4)
    w, b, v, c = torch.randn(5, 4), torch.randn(5), torch.randn(2, 5), torch.randn(2)
    hidden = torch.relu(torch.relu(x @ w.T + b) @ w + 1)
    expected = hidden @ w.T + b
    assert torch.allclose(mlp(x, (w, b), (w.T, torch.ones(4)), (w, b)), expected, atol=1e-5)
    assert torch.allclose(mlp(x, (w, b), (v, c)), torch.relu(x @ w.T + b) @ v.T + c)
    ones = torch.ones(4)
    assert (separate(x, ones, 0 * ones, -ones, 0 * ones) == x.abs()).all()
    shifted = separate(x, ones, ones, 2 * ones, -ones)
    assert torch.allclose(shifted, torch.relu(x + 1) + torch.relu(2 * x - 1))

    image = torch.randn(1, 2, 6, 6)
    same = torch.zeros(2, 2, 3, 3)
    same[[0, 1], [0, 1], 1, 1] = 1  # the filter that changes nothing
    inner = torch.relu(3 * image + 0.5)
    expected = torch.relu(image + 3 * inner + 0.5)
    assert torch.allclose(residual(image, same, same, 3, 0.5), expected, atol=1e-5)

    middle = torch.zeros(2, 1, 3, 3)
    middle[:, 0, 1, 1] = 1
    across = torch.randn(4, 2, 1, 1)
    mixed = torch.einsum("oi,bihw->bohw", across[:, :, 0, 0], inner)
    expected = torch.relu(3 * mixed + 0.5)
    assert torch.allclose(separable(image, middle, across, 3, 0.5), expected, atol=1e-5)


@given(st.integers(0, 10**6))
def test_bfloat16(seed):
    a = np.random.default_rng(seed).normal(size=50) * 10.0 ** np.arange(-25, 25)
    r = bfloat16(a)
    assert r.dtype == np.float32 and (r.view(np.uint32) & 0xFFFF == 0).all()
    assert (np.abs(r - a) <= np.abs(a) * 2.0**-8).all()
    assert (bfloat16(r) == r).all()


@pytest.mark.parametrize("rows", [1, 128, 129, 300])
def test_by_strassen(rows):
    rng = np.random.default_rng(rows)
    a, b = rng.integers(-9, 9, size=(rows, 100)), rng.integers(-9, 9, size=(100, 37))
    assert (by_strassen(a, b) == a @ b).all()  # small integers: exact
    a, b = rng.normal(size=a.shape), rng.normal(size=b.shape)
    off = np.abs(by_strassen(a, b) - a @ b).max()
    plain = np.abs(a.astype(np.float32) @ b.astype(np.float32) - a @ b).max()
    assert plain < off < 1e-3 or rows == 1


def test_scores_by():
    rng = np.random.default_rng(0)
    made = new_net([7, 6, 3], rng)
    net = [Layer(w, rng.normal(size=b.shape), relu) for w, b, relu in made]
    x = rng.normal(size=(20, 7))
    assert np.allclose(scores_by(np.matmul, net, x), activations(net, x)[-1])
    doubled = scores_by(lambda a, b: 2 * a @ b, net[:1], x)
    assert np.allclose(doubled, np.maximum(2 * x @ net[0].w.T + net[0].b, 0))


@given(st.integers(0, 10**6), st.sampled_from([0.1, 0.3, 1.0]))
def test_safe_is_never_wrong(seed, size):
    rng = np.random.default_rng(seed)
    before = rng.normal(size=(200, 5))
    after = before + size * rng.normal(size=before.shape)
    kept = before.argmax(1) == after.argmax(1)
    sure = safe(before, after)
    assert sure.shape == (200,) and kept[sure].all()
    # And it says no more than it must: the spread, sent the worst way, does change the best.
    order = before.argsort(1)
    spread = np.ptp(after - before, axis=1)
    worst = before.copy()
    worst[np.arange(200), order[:, -2]] += spread
    changed = worst.argmax(1) != before.argmax(1)
    assert (changed == ~sure).all()
    assert safe(before, before + 5).all()  # a shift of all scores changes nothing


def test_paths_leave_the_answers(bill):
    for name in ("float32", "Strassen"):
        off, sure, changed, right = bill[name]
        assert off < 1e-5 and sure == 1 and changed == 0
        assert right == pytest.approx(bill["float64"][3], abs=0.001)
    assert bill["float32"][0] < bill["Strassen"][0] < bill["bf16"][0] < bill["int8 x int8"][0]
    assert bill["bf16"][1] > 0.99 and bill["int8 x int8"][1] > 0.99
    assert 0 < bill["int8 x int8"][2] < 0.01
    assert abs(bill["int8 x int8"][3] - bill["float64"][3]) < 0.005


@pytest.fixture(scope="module")
def reader():
    """The page's network, its test images and their digits."""
    rng = np.random.default_rng(0)
    (x, y), (x_test, y_test) = digits(6000, rng), digits(3000, rng)
    return trained(new_net([100, 96, 48, 10], rng), x, y, steps=600), x_test, y_test


def test_strassen_stays_far_below_every_margin(reader):
    net, x_test, _ = reader
    before = activations(net, x_test)[-1]
    runner_up, best = np.sort(before, 1)[:, -2:].T
    spread = np.ptp(scores_by(by_strassen, net, x_test) - before, axis=1)
    assert ((best - runner_up) / spread).min() > 20


def test_int8_gains_and_loses(reader):
    reader, x_test, y_test = reader
    before = activations(reader, x_test)[-1].argmax(1) == y_test
    after = integer_scores(reader, x_test).argmax(1) == y_test
    gained, lost = (after & ~before).sum(), (before & ~after).sum()
    assert gained > 0 < lost and abs(int(gained) - int(lost)) <= 3


def test_answers_change_more_than_accuracy(bill):
    for name in ("int8 x int8", "4 bits", "tuned 50%"):
        assert bill[name][2] > abs(bill[name][3] - bill["float64"][3])
    assert all(b[2] + b[1] <= 1 for b in bill.values())


def test_fewer_bits_lower_rank_more_cuts(bill):
    for names in (("4 bits", "3 bits", "2 bits"), ("rank 32", "rank 16", "rank 8"),
                  ("cut 50%", "cut 80%", "cut 90%")):
        rows = np.array([bill[n] for n in names])
        assert (np.diff(rows[:, 0]) > 0).all() and (np.diff(rows[:, 3]) < 0).all()
    assert bill["half, random"][3] + 0.3 < bill["cut 50%"][3]


def test_the_ruler_works_one_way(bill):
    # A small error guarantees the answers; a large one proves nothing.
    assert all(b[1] > 0.9 for b in bill.values() if b[0] < 0.12)
    tuned, two = bill["tuned 90%"], bill["2 bits"]
    assert abs(tuned[0] / two[0] - 1) < 0.25 and tuned[3] > two[3] + 0.15
    for percent in (50, 80, 90):
        assert bill[f"tuned {percent}%"][3] > bill[f"cut {percent}%"][3] + 0.005
    assert bill["tuned 80%"][1] < 0.3 < 0.9 < bill["tuned 80%"][3]
