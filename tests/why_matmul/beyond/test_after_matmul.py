"""Candidates compute and cost what the page says; measures measure; the scorecard adds up."""
import re
from collections import Counter

import numpy as np
import pytest
import torch
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from snippets.why_matmul.beyond.after_matmul import (
    LEDGER, STARS, Butterfly, Dense, Scan, Tables, Ternary, Tropical, bits, by_adding, felt,
    flip, interaction, max_plus, mixing, score, ternary,
)
from snippets.why_matmul.verification import accuracy, fit, posters

NAME = "why_matmul/beyond/after_matmul"
torch.set_num_threads(1)


@pytest.fixture
def values(woven):
    return woven(NAME).values


@pytest.fixture
def image():
    return torch.tensor(np.random.default_rng(0).choice([-1.0, 1.0], size=(1, 64))).float()


class Meter:
    """Python numbers, one operation at a time, each of them counted."""

    def __init__(self):
        self.count = Counter()

    def multiply(self, a, b):
        self.count["multiply"] += 1
        return a * b

    def add(self, a, b):
        self.count["add"] += 1
        return a + b

    def larger(self, a, b):
        self.count["compare"] += 1
        return max(a, b)

    def smaller(self, a, b):
        self.count["compare"] += 1
        return min(a, b)

    def look_up(self, value):
        self.count["look up"] += 1
        return value

    def dot(self, ws, xs, start=None):
        total = start
        for w, x in zip(ws, xs, strict=True):
            term = self.multiply(w, x)
            total = term if total is None else self.add(total, term)
        return total

    def agrees(self, net, image, scores):
        with torch.no_grad():
            assert len(scores) == 10 and np.allclose(scores, net(image)[0], atol=1e-4)
        assert dict(self.count) == {k: n for k, n in net.cost().items() if n}


def randomised(net, seed=0):
    torch.manual_seed(seed)
    for p in net.parameters():
        p.data = torch.randn_like(p)
    return net


def test_dense_step_by_step(image):
    net, m = randomised(Dense(8)), Meter()
    w, b, v, c = (p.detach().numpy() for p in net.parameters())
    hidden = [m.larger(m.dot(r, image[0].numpy(), s), 0) for r, s in zip(w, b, strict=True)]
    m.agrees(net, image, [m.dot(r, hidden, s) for r, s in zip(v, c, strict=True)])


def test_tables_step_by_step(image):
    groups = torch.tensor([[3, 5, 9], [0, 1, 2], [63, 7, 5]])
    net, m = randomised(Tables(groups)), Meter()
    assert net.rows.shape == (3, 8, 10)
    scores = None
    for table, group in zip(net.rows.detach().numpy(), groups.tolist(), strict=True):
        address = sum(2**k for k, i in enumerate(group) if image[0, i] > 0)
        row = [m.look_up(v) for v in table[address]]
        scores = row if scores is None else [m.add(a, b) for a, b in
                                             zip(scores, row, strict=True)]
    m.agrees(net, image, scores)


@pytest.mark.parametrize("depth", [1, 3])
def test_butterfly_step_by_step(image, depth):
    net, m = randomised(Butterfly(depth, 64)), Meter()
    net.weights.data *= 0.5
    x = image[0].tolist()
    for k in range(depth):
        x = [m.larger(v, 0) for v in x] if k else x
        for j in range(6):
            own, other = net.weights[k, j].detach().numpy()
            x = [m.add(m.multiply(own[i], x[i]), m.multiply(other[i], x[i ^ 2**j]))
                 for i in range(64)]
        x = [m.add(v, b) for v, b in zip(x, net.bias[k].tolist(), strict=True)]
    m.agrees(net, image, x[:10])


def test_ternary_step_by_step(image):
    net, m = randomised(Ternary(8)), Meter()
    first, last = (ternary(w).detach().numpy() for w in (net.first, net.last))

    def signed(signs, xs, start):
        total = start
        for s, x in zip(signs, xs, strict=True):
            if s:
                total = m.add(total, x if s > 0 else -x)
        return total

    pixels = image[0].numpy()
    hidden = [m.larger(signed(r, pixels, b), 0)
              for r, b in zip(first, net.bias.tolist(), strict=True)]
    m.agrees(net, image, [signed(r, hidden, 0) / 8 for r in last])


def test_tropical_step_by_step(image):
    net, m = randomised(Tropical(8)), Meter()
    x = [*image[0].tolist(), *(-image[0]).tolist()]

    def best(ws, xs, choose):
        total = None
        for w, v in zip(ws, xs, strict=True):
            term = m.add(w, v)
            total = term if total is None else choose(total, term)
        return total

    hidden = [best(r, x, m.larger) for r in net.first.tolist()]
    m.agrees(net, image, [4 * best(r, hidden, m.smaller) for r in net.last.tolist()])


def test_scan_step_by_step(image):
    net, m = randomised(Scan(4)), Meter()
    h = None
    for place, pixel in enumerate(image[0].tolist()):
        color = int(pixel > 0)
        a = [m.look_up(v) for v in torch.sigmoid(net.keep)[color, place].tolist()]
        b = [m.look_up(v) for v in net.put[color, place].tolist()]
        if h is None:
            h = b
        else:
            h = [m.add(m.multiply(p, q), r) for p, q, r in zip(a, h, b, strict=True)]
    m.agrees(net, image, [m.dot(r, h) for r in net.read.tolist()])


@torch.no_grad()
def test_starts():
    torch.manual_seed(0)
    butterfly = Butterfly()
    matrix = butterfly.layer(torch.eye(64), 0)
    assert 0.5 < matrix.square().sum() / 64 < 2  # keeps the size of what comes in
    scan = Scan()
    assert 0.45 < scan.keep.std() < 0.55
    assert 0.8 < torch.sigmoid(scan.keep).mean() < 0.92 and 0.2 < scan.put.std() < 0.4
    assert scan.read.std() == pytest.approx(32**-0.5, rel=0.2)
    tropical = Tropical()
    assert 0.25 < tropical.first.std() < 0.35 and 0.25 < tropical.last.std() < 0.35
    assert Dense().first.weight.shape == Ternary().first.shape == (64, 64)
    assert Ternary().first.std() == pytest.approx(1, rel=0.1)
    assert (Tables(torch.arange(6).reshape(2, 3)).rows == 0).all()


def test_ternary():
    w = torch.tensor([[1.0, -0.2, 0.5, -3.0], [0.1, 0.1, -0.1, 0.1]], requires_grad=True)
    out = ternary(w)
    expected = torch.tensor([[1.0, 0, 0, -1], [1, 1, -1, 1]])  # bars 0.8225 and 0.07
    assert torch.allclose(out, expected)
    out.sum().backward()
    assert (w.grad == 1).all()


def test_flip():
    x = torch.arange(1.0, 7).reshape(2, 3)
    assert flip(x, torch.tensor([2, 0])).tolist() == [[1, 2, -3], [-4, 5, 6]]


class Formula(nn.Module):
    def __init__(self, formula):
        super().__init__()
        self.formula = formula

    def forward(self, x):
        return self.formula(x)


def test_mixing_and_interaction_on_known_functions():
    x = torch.tensor(np.random.default_rng(1).choice([-1.0, 1.0], size=(300, 2))).float()
    rng = np.random.default_rng(0)
    total = Formula(lambda x: x.sum(1, keepdim=True))
    product = Formula(lambda x: x[:, :1] * x[:, 1:])
    own = Formula(lambda x: x)
    assert mixing(total, x) == mixing(product, x) == 1 and mixing(own, x) == 0.5
    assert mixing(Formula(lambda x: 1e-3 * x.sum(1, keepdim=True)), x) == 1
    assert interaction(total, x, rng) == interaction(own, x, rng) == 0
    three = torch.tensor(np.random.default_rng(2).choice([-1.0, 1.0], size=(300, 3))).float()
    assert interaction(total, three, rng) < 1e-6  # never the same pixel twice
    # Both flipped, the product is back: beyond the two changes of -2, that is 4 more.
    assert interaction(product, x, rng) == 2


def test_felt():
    torch.manual_seed(0)
    x, y = posters(6, np.random.default_rng(0))
    net = Tables(torch.arange(12).reshape(2, 6))
    assert felt(net, x, y) == pytest.approx(1 / 64)
    linear = nn.Linear(64, 10)
    assert felt(linear, x, y) == 1


@given(st.integers(0, 10**6))
def test_by_adding(seed):
    rng = np.random.default_rng(seed)
    size = 10.0 ** rng.uniform(-15, 15, size=(2, 500))
    a, b = (rng.choice([-1, 1], size=size.shape) * size).astype(np.float32)
    short = 1 - by_adding(a, b).astype(float) / (a.astype(float) * b)
    assert short.min() > -1e-6 and short.max() < 1 / 9 + 1e-6
    powers = np.float32(2.0) ** rng.integers(-9, 9, size=500).astype(np.float32)
    assert (by_adding(powers, b) == powers * b).all()  # a power of two has no fraction
    assert (by_adding(np.sign(a), b) == np.sign(a) * b).all()  # so pixels are exact
    zero = np.zeros(500, np.float32)
    assert (by_adding(zero, b) == 0).all() and (by_adding(b, zero) == 0).all()


def test_by_adding_is_worst_halfway():
    half = np.float32([1.5])
    assert by_adding(half, half) == 2.0  # instead of 2.25


@given(st.integers(0, 10**6))
def test_max_plus(seed):
    rng = np.random.default_rng(seed)
    a, b = rng.integers(-9, 9, size=(3, 4)), rng.integers(-9, 9, size=(4, 2))
    for i, row in enumerate(max_plus(a, b)):
        for j, entry in enumerate(row):
            assert entry == max(a[i, k] + b[k, j] for k in range(4))


def test_bits():
    assert bits((5, 5, 5, 5)) == 0 and bits((1, 2, 3, 4)) == 2
    assert bits((1, 1, 2, 2)) == 1 and bits((5, 4, 5, 5)) == pytest.approx(0.811, abs=1e-3)


def test_score():
    verdicts = {"correct": (1, 2), "imprecise": (3,), "wrong or dated": (4, 5)}
    assert score(verdicts, 0) == 2 / 5 and score(verdicts, 1) == 3 / 5
    assert score(verdicts, 0.5) == 0.5


def test_race(values):
    right, cost = values["right"], values["cost"]
    assert right["separate"] < 0.4 < right["max-plus"] < 0.8 < right["butterfly"]
    assert min(right["butterfly"], right["scan"]) > 0.85
    assert right["ternary"] > 0.92 and min(right["dense"], right["tables"]) > 0.98
    free = [n for n in cost if "multiply" not in cost[n]]
    assert free == ["separate", "ternary", "max-plus", "tables"]
    totals = {n: sum(c.values()) for n, c in cost.items()}
    assert totals["tables"] == totals["separate"] == min(totals.values())
    assert totals["max-plus"] == max(totals.values())
    assert 0.1 < totals["tables"] / totals["dense"] < 0.15
    assert values["learned"]["butterfly"] / values["learned"]["dense"] == pytest.approx(
        1 / 3, abs=0.02)
    assert values["learned"]["tables"] == max(values["learned"].values())


def test_dense_matrices(image):
    """What PyTorch counts as matrix products, two operations for each weight."""
    nets = {"dense": Dense(), "butterfly": Butterfly(), "tables": Tables(torch.arange(64)[:, None]),
            "scan": Scan(), "max-plus": Tropical()}
    products = {}
    for name, net in nets.items():
        with FlopCounterMode(display=False) as counter:
            net(image)
        products[name] = counter.get_total_flops()
    assert products == {"dense": 2 * 4736, "butterfly": 0, "tables": 0, "scan": 2 * 320,
                        "max-plus": 0}


def test_four_tests(values):
    mixes, bends, feels = values["mixes"], values["bends"], values["feels"]
    assert bends["separate"] < 1e-5 and min(
        b for n, b in bends.items() if n != "separate") > 0.05
    assert mixes["max-plus"] < 0.4 and min(
        m for n, m in mixes.items() if n != "max-plus") > 0.9
    assert feels["max-plus"] < 0.005 and feels["tables"] == pytest.approx(1 / 64, rel=0.01)
    assert all(feels[n] > 0.3 for n in ("dense", "butterfly", "ternary", "scan"))
    assert values["reuse"]["tables"] == 2 and values["reuse"]["dense"] == 128
    assert 64 < values["reuse"]["scan"] < 68


def test_tables_against_separate_on_another_seed():
    rng = np.random.default_rng(11)
    (x, y), (x_test, y_test) = posters(2000, rng), posters(1000, rng)
    torch.manual_seed(4)
    groups = torch.stack([torch.randperm(64)[:6] for _ in range(64)])
    nets = Tables(torch.arange(64)[:, None]), Ternary(), Tables(groups)
    rights = [accuracy(fit(net, x, y, steps=200), x_test, y_test) for net in nets]
    assert rights[0] < 0.4 and min(rights[1:]) > 0.85


def test_arithmetic(values):
    assert 0.11 < values["worst"] < 0.1112
    assert abs(values["right_before"] - values["right_by_adding"]) < 0.01
    assert 0.99 < values["agree"] <= 1


def test_beneath(values):
    assert values["same"] is True and values["regroups"] is True
    torch.manual_seed(2)
    net = randomised(Scan(3), 2)
    net.keep.data[1] = net.keep.data[0]  # the same a for either colour: a linear map
    x = torch.randn(4, 64).sign()
    middle = (net(torch.ones(1, 64)) + net(-torch.ones(1, 64))) / 2
    assert torch.allclose(net(x) + net(-x), 2 * middle.expand(4, 10), atol=1e-4)


def test_ratings(values):
    assert values["entropy"]["overall"] == 0 < values["entropy"]["accuracy"] < 1
    means = {topic: sum(s[:3]) / 3 for topic, s in STARS.items()}
    assert len(set(means.values())) == 3  # three different means, one and the same total
    assert {topic for topic, m in means.items() if round(m) != STARS[topic][3]} == {"quantum"}


def test_scorecard(values):
    sizes = {topic: sum(map(len, v.values())) for topic, v in LEDGER.items()}
    assert sizes == {"rules": 12, "quantum": 16, "graphs": 7, "continual": 15, "ODE": 8}
    ids = [i for v in LEDGER.values() for claims in v.values() for i in claims]
    assert len(ids) == len(set(ids)) and 53 <= min(ids) and max(ids) <= 122
    holds = values["holds"]
    assert min(holds, key=holds.get) == "quantum" and max(holds, key=holds.get) == "graphs"
    assert sorted(holds, key=holds.get)[:2] == ["quantum", "continual"]
    assert sorted(holds, key=holds.get)[-2:] == ["ODE", "graphs"]
    assert min(STARS, key=lambda t: STARS[t][0]) == "quantum"
    assert STARS["rules"][0] == STARS["graphs"][0] == STARS["continual"][0]


def test_scorecard_agrees_with_the_ledger(root):
    claims = yaml.safe_load((root / "ledger/claims/000.yml").read_text())
    ledger = {int(claim["id"][4:]): claim["verdict"] for claim in claims}
    counted = {i: verdict for v in LEDGER.values() for verdict, ids in v.items() for i in ids}
    assert not {i: ledger[i] for i in counted if ledger[i] not in counted[i]}
    # The five directions take up claims 53 to 116; 122 comes back to the first.
    judged = {i for i in (*range(53, 117), 122) if ledger[i] != "opinion"}
    assert counted.keys() == judged


@settings(max_examples=30)
@given(st.floats(0, 1))
def test_the_last_place_depends_on_the_weight(weight):
    order = sorted(LEDGER, key=lambda t: score(LEDGER[t], weight))
    if abs(weight - 6 / 7) > 1e-9:
        assert order[0] == ("quantum" if weight < 6 / 7 else "ODE")
    assert score(LEDGER["graphs"], weight) == max(score(v, weight) for v in LEDGER.values())


def test_crossing(values):
    assert values["crossing"] == pytest.approx(6 / 7)


def test_the_questions_left_open_are_answered(root):
    """Every page and heading to which the closing section sends the reader exists."""
    for lang in ("zh", "en"):
        page = root / "docs" / lang / f"{NAME.replace('_', '-')}.md"
        text = page.read_text()
        section = text.split("{ #what-was-done }")[1].split("\n## ")[0]
        links = re.findall(r"\]\(([\w./-]+\.md)#([\w-]+)\)", section)
        assert len(links) >= 12
        for path, anchor in links:
            assert f"{{ #{anchor} }}" in (page.parent / path).resolve().read_text()
