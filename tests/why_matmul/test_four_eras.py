import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.why_matmul.four_eras import (
    WORKS,
    Gaussians,
    attention,
    blocked,
    entropy,
    hinges,
    linear_attention,
    moons,
    nearest,
    product_share,
    rule,
    tree,
)
from weave.references import read_references

PAGE = "why_matmul/four_eras"
seeds = st.integers(0, 10_000).map(np.random.default_rng)


# The task and the contestants


def test_moons_lie_on_two_half_circles():
    x, label = moons(4000, np.random.default_rng(0))
    assert x.shape == (4000, 2) and set(label) == {0, 1}
    assert 0.45 < label.mean() < 0.55
    upper = np.linalg.norm(x[label == 1], axis=1)
    lower = np.linalg.norm(x[label == 0] - [1, 0.5], axis=1)
    for radius in (upper, lower):
        assert radius.mean() == pytest.approx(1, abs=0.03)
        assert radius.std() == pytest.approx(0.15, abs=0.02)
    assert x[label == 1, 1].mean() == pytest.approx(2 / np.pi, abs=0.03)
    assert x[label == 0, 1].mean() == pytest.approx(0.5 - 2 / np.pi, abs=0.03)
    assert x[label == 1, 0].mean() == pytest.approx(0, abs=0.05)
    assert x[label == 0, 0].mean() == pytest.approx(1, abs=0.05)


def test_rule_asks_for_height():
    assert rule(np.array([[9.0, 0.26], [-9.0, 0.24]])).tolist() == [1, 0]


def test_entropy_of_known_sets():
    assert entropy(np.array([0, 1, 0, 1])) == 1
    assert entropy(np.array([1, 1])) == entropy(np.array([], dtype=int)) == 0
    assert entropy(np.array([1, 0, 0, 0])) == pytest.approx(0.25 * 2 + 0.75 * np.log2(4 / 3))


def test_tree_finds_the_question():
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 1, (500, 2))
    for axis in (0, 1):
        label = (x[:, axis] > 0.62).astype(int)
        assert np.mean(tree(x, label, depth=1)(x) == label) > 0.98
    corner = ((x[:, 0] > 0.5) & (x[:, 1] > 0.3)).astype(int)
    assert np.mean(tree(x, corner, depth=1)(x) == corner) < 0.9
    assert np.mean(tree(x, corner, depth=2)(x) == corner) > 0.97


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_tree_asks_no_deeper_than_told(depth):
    x = np.column_stack([np.linspace(0, 1, 640, endpoint=False), np.zeros(640)])
    stripes = (x[:, 0] * 16).astype(int) % 2
    assert np.abs(np.diff(tree(x, stripes, depth)(x))).sum() <= 2**depth - 1


def test_tree_without_questions_says_the_majority():
    x = np.zeros((3, 2))
    assert tree(x, np.array([0, 1, 1]), depth=0)(x).tolist() == [1, 1, 1]
    assert tree(x, np.array([0, 0, 1]), depth=3)(x).tolist() == [0, 0, 0]  # nothing to ask
    assert tree(x[:2], np.array([0, 1]), depth=0)(x[:1]).tolist() == [1]


@given(seeds)
@settings(max_examples=15)
def test_gaussians_pick_the_likelier_class(rng):
    x, label = moons(200, rng)
    model = Gaussians(x, label)
    assert np.allclose(model.means, [x[label == 0].mean(axis=0), x[label == 1].mean(axis=0)])
    pooled = sum(np.cov(x[label == k].T, bias=True) * np.mean(label == k) for k in (0, 1))
    assert np.allclose(model.covariance, pooled)
    inverse, query = np.linalg.inv(model.covariance), rng.standard_normal((50, 2))
    logs = []
    for k, share in ((0, 1 - label.mean()), (1, label.mean())):
        gap = query - model.means[k]
        logs.append(np.log(share) - np.einsum("si,ij,sj->s", gap, inverse, gap) / 2)
    assert np.array_equal(model(query), (logs[1] > logs[0]).astype(int))


def test_gaussians_draw_from_their_own_world():
    x, label = moons(500, np.random.default_rng(0))
    model = Gaussians(x, label)
    drawn = model.sample(20_000, np.random.default_rng(1))
    mean = (1 - model.share) * model.means[0] + model.share * model.means[1]
    between = model.share * (1 - model.share) * np.outer(*[model.means[1] - model.means[0]] * 2)
    assert np.allclose(drawn.mean(axis=0), mean, atol=0.03)
    assert np.allclose(np.cov(drawn.T), model.covariance + between, atol=0.03)
    again = model.sample(20_000, np.random.default_rng(1))
    assert np.array_equal(drawn, again)


@given(seeds)
@settings(max_examples=20)
def test_attention_is_torchs_and_is_the_kernel_smoother(rng):
    query, prompt, value = (rng.standard_normal(s) for s in ((5, 3), (7, 3), 7))
    width = 0.7
    gaps = ((query[:, None] - prompt) ** 2).sum(axis=2)
    kernel = np.exp(-gaps / (2 * width**2))
    assert np.allclose(attention(query, prompt, value, width),
                       kernel @ value / kernel.sum(axis=1))

    wide = np.column_stack([query, np.ones(5)])  # the squared length becomes one more feature
    keys = np.column_stack([prompt, -(prompt**2).sum(axis=1) / 2]) / width**2
    expected = torch.nn.functional.scaled_dot_product_attention(
        *(torch.from_numpy(t) for t in (wide, keys, value[:, None])), scale=1.0)
    assert np.allclose(attention(query, prompt, value, width), expected[:, 0])


def test_attention_with_a_narrow_kernel_is_the_nearest_neighbour():
    rng = np.random.default_rng(0)
    query, prompt, value = (rng.standard_normal(s) for s in ((20, 2), (9, 2), 9))
    gaps = ((query[:, None] - prompt) ** 2).sum(axis=2)
    assert np.allclose(attention(query, prompt, value, width=1e-3), value[gaps.argmin(axis=1)])


@given(seeds)
@settings(max_examples=20)
def test_linear_attention_is_one_gradient_step(rng):
    prompt, value = torch.from_numpy(rng.standard_normal((30, 4))), rng.standard_normal(30)
    w = torch.zeros(4, dtype=torch.float64, requires_grad=True)
    ((prompt @ w - torch.from_numpy(value)) ** 2).mean().div(2).backward()
    query = rng.standard_normal((3, 4))
    assert np.allclose(linear_attention(query, prompt.numpy(), value), query @ -w.grad.numpy())


# What the page's runs show


def test_the_rule_stays_and_the_others_can_be_redone(woven):
    score = woven(PAGE).values["score"]
    day_one, turned, redone = 0, 1, 2
    assert 0.78 < score["rule"][day_one] < 0.9
    assert score["rule"][turned] == score["rule"][redone] < 0.45
    assert all(row[turned] < 0.7 for row in score.values())
    for name, low, high in (("tree", 0.87, 0.96), ("gaussians", 0.82, 0.92),
                            ("network", 0.97, 1), ("attention", 0.97, 1)):
        assert low < score[name][day_one] <= high
        assert score[name][redone] == pytest.approx(score[name][day_one], abs=0.02)


def test_one_gradient_step_of_the_page(woven):
    values = woven(PAGE).values
    assert values["gap"] < 1e-12
    assert 0.7 < values["r2_plain"] < 0.97 and values["r2_inverse"] > 1 - 1e-9


def test_lines_overlap_instead_of_following(woven):
    values = woven(PAGE).values
    spans = values["spans"]
    assert values["overlapping"] == values["line_pairs"] == 10
    assert spans["networks"][0] < spans["rules"][0]  # neurons before symbolic programs
    assert min(last for _, last in spans.values()) > max(first for first, _ in spans.values())


def test_years_are_those_of_the_references(root):
    """Each work is cited in its row on both pages, and its key and its reference bear its year."""
    references, wrong = read_references(root)
    assert not wrong
    for language in ("zh", "en"):
        text = (root / f"docs/{language}/why-matmul/four-eras.md").read_text()
        for key, year, _ in WORKS:
            assert key.endswith(str(year)) and references[key].get("issued") == str(year), key
            row = rf"four_eras\.number\[{key}\].*four_eras\.year\[{key}\].*\[\^{key}\]"
            assert re.search(row, text), key
    assert len({key for key, *_ in WORKS}) == len(WORKS) == 22  # as the description says


def test_the_gaussians_imagine_another_world(woven):
    values = woven(PAGE).values
    assert values["near_real"] > 0.92 and values["near_imagined"] < 0.82


def test_stacked_regressions_never_beat_the_first(woven):
    stacked = woven(PAGE).values["stacked"]
    assert max(stacked.values()) == stacked["1"] < 0.92
    assert stacked["1"] < woven(PAGE).values["score"]["network"][0] - 0.05


def test_any_curve_inside_none_outside(woven):
    values = woven(PAGE).values
    off = values["off"]
    for units in (8, 16, 32):
        assert 3 < off[str(units)] / off[str(2 * units)] < 4.5  # a quarter for double the units
    assert values["far_off"] > 1000 * off["64"]


def test_softmax_makes_the_border_bend(woven):
    values = woven(PAGE).values
    assert values["hits_softmax"] > 0.97 > 0.9 > values["hits_linear"]
    assert values["defect"] > 0.3


def test_blocks_of_the_page(woven):
    assert woven(PAGE).regions["blocks"].output.count("True") == 5


def test_shares_of_products(woven):
    share = woven(PAGE).values["share"]
    assert share["rule"] == share["tree"] == 0
    assert 0 < share["attention"] < share["network"] < share["transformer"] < 1
    assert share["transformer"] > 0.99
    assert product_share(3, 1) == 0.75


# Tools


@given(seeds)
@settings(max_examples=20)
def test_nearest_is_the_smallest_distance(rng):
    points, crowd = rng.standard_normal((4, 2)), rng.standard_normal((6, 2))
    expected = [min(np.hypot(*(p - q)) for q in crowd) for p in points]
    assert np.allclose(nearest(points, crowd), expected)


@given(seeds)
@settings(max_examples=20)
def test_hinges_pass_through_the_points_and_go_straight_on(rng):
    knots = np.sort(rng.uniform(-2, 2, 6)) + np.arange(6)
    heights = rng.standard_normal(6)
    between = np.linspace(knots[0], knots[-1], 50)
    assert np.allclose(hinges(between, knots, heights), np.interp(between, knots, heights))
    left, right = hinges(np.array([knots[0] - 3]), knots, heights), knots[-1] + np.arange(3)
    assert np.allclose(left, heights[0])
    ahead = hinges(right, knots, heights)
    slope = (heights[-1] - heights[-2]) / (knots[-1] - knots[-2])
    assert np.allclose(np.diff(ahead), slope) and np.isclose(ahead[0], heights[-1])


@given(seeds, st.integers(1, 8))
@settings(max_examples=30)
def test_blocked_product_is_exact(rng, size):
    rows, inner, columns = rng.integers(1, 9, 3)
    a, b = rng.integers(-9, 10, (rows, inner)), rng.integers(-9, 10, (inner, columns))
    result = blocked(a, b, size)
    assert np.array_equal(result, a @ b) and result.dtype == a.dtype
    assert np.allclose(blocked(a / 7, b / 7, size), a @ b / 49)
