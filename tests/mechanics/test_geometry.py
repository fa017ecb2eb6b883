from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from torch.utils.flop_counter import FlopCounterMode

from snippets.mechanics.geometry import (
    LETTER,
    SQUARE,
    affine_piece,
    block_flops,
    collapse,
    cut,
    descend,
    draw_map,
    grid_lines,
    half_plane,
    homogeneous,
    network,
    output_bends,
    pieces,
    random_network,
    relu,
    rotate_scale_rotate,
    rotation,
    shaken,
    signed_area,
    switches,
    tent_network,
    train_xor,
)

seeds = st.integers(0, 10_000).map(np.random.default_rng)
GEOMETRY = "mechanics/geometry"


def torch_network(layers, x):
    for w, b in layers[:-1]:
        x = torch.nn.functional.relu(torch.nn.functional.linear(x, w, b))
    return torch.nn.functional.linear(x, *layers[-1])


def as_torch(layers):
    return [(torch.from_numpy(w), torch.from_numpy(b)) for w, b in layers]


# A matrix acts on the plane


@given(seeds)
def test_columns_are_images_of_the_basis(rng):
    rows, columns = rng.integers(1, 6, size=2)
    w, x = rng.standard_normal((rows, columns)), rng.standard_normal(columns)
    assert np.array_equal(w @ np.eye(columns), w)
    assert np.allclose(w @ x, sum(x[k] * w[:, k] for k in range(columns)))


@given(seeds)
def test_straight_lines_stay_straight_and_the_origin_stays(rng):
    w, p, q = rng.standard_normal((2, 2)), *rng.standard_normal((2, 2))
    t = np.linspace(-3, 3, 7)
    line = p[:, None] + np.outer(q - p, t)
    assert np.allclose(np.diff(w @ line, n=2, axis=1), 0, atol=1e-12)
    assert np.array_equal(w @ np.zeros(2), np.zeros(2))


@given(st.floats(-360, 360), st.floats(-360, 360))
def test_rotations_keep_lengths_and_add_up(a, b):
    turn = rotation(a)
    assert np.allclose(turn.T @ turn, np.eye(2))
    assert np.isclose(np.linalg.det(turn), 1)
    assert np.allclose(turn @ rotation(b), rotation(a + b))
    assert np.allclose(rotation(90) @ [1, 0], [0, 1])


@given(seeds)
def test_area_of_the_letter_grows_by_the_determinant(rng):
    w = rng.standard_normal((2, 2))
    assert np.isclose(signed_area(w @ LETTER), np.linalg.det(w) * signed_area(LETTER))


def test_area_of_known_polygons():
    assert signed_area(SQUARE) == 1
    assert signed_area(SQUARE[:, ::-1]) == -1
    assert signed_area(np.array([[0.0, 4, 0], [0, 0, 3]])) == 6
    inside = (0 < LETTER) & (LETTER < 1)
    assert inside.all() and 0 < signed_area(LETTER) < 0.5


def test_letter_tells_turns_from_mirrors():
    mirror = np.array([[0.0, 1.0], [1.0, 0.0]]) @ LETTER
    assert signed_area(mirror) < 0 < signed_area(rotation(77) @ LETTER)


@given(seeds, st.integers(1, 6))
def test_svd_is_turn_stretch_turn_or_mirror(rng, n):
    w = rng.standard_normal((n, n))
    u, s, vt = rotate_scale_rotate(w)
    assert np.abs(u @ np.diag(s) @ vt - w).max() < 1e-12
    assert np.allclose(u.T @ u, np.eye(n)) and np.allclose(vt @ vt.T, np.eye(n))
    assert np.linalg.det(vt) > 0 and vt[0, 0] >= 0
    assert np.sign(np.linalg.det(u)) == np.sign(np.linalg.det(w))
    assert np.allclose(s, np.sqrt(np.linalg.eigvalsh(w.T @ w)[::-1].clip(0)), atol=1e-6)


@given(seeds, st.sampled_from([(-1, 1), (1, -1), (-1, -1)]))
def test_signs_of_the_routine_do_not_change_the_turns(rng, signs):
    w = rng.standard_normal((2, 2))
    expected = rotate_scale_rotate(w)
    u, s, vt = np.linalg.svd(w)
    flipped = u * signs, s, np.array(signs)[:, None] * vt
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(np.linalg, "svd", lambda _: flipped)
        for ours, theirs in zip(rotate_scale_rotate(w), expected, strict=True):
            assert np.allclose(ours, theirs)


def test_half_of_random_matrices_mirror(woven):
    values = woven(GEOMETRY).values
    # five standard deviations of a fair coin tossed 2000 times
    assert abs(values["mirror_share"] - 0.5) < 5 * 0.5 / np.sqrt(values["trials"])
    assert values["rebuild_error"] < 1e-12


def test_determinants_of_the_gallery(woven):
    values = woven(GEOMETRY).values["determinants"]
    assert values == pytest.approx({"identity": 1, "rotation": 1, "stretch": 1.02, "shear": 1,
                                    "reflection": -1, "projection": 0}, abs=1e-12)


def test_small_determinant_is_not_near_singular(woven):
    values = woven(GEOMETRY).values
    assert values["tiny_det"] == pytest.approx(1e-100, rel=1e-9)
    assert values["tiny_condition"] == pytest.approx(1)


# Bias, batches, order


@given(seeds)
def test_homogeneous_matrix_carries_the_affine_map_and_composition(rng):
    k, m, n = rng.integers(1, 5, size=3)
    (v, c), (w, b) = [(rng.standard_normal(s), rng.standard_normal(s[0])) for s in ((k, m), (m, n))]
    x = rng.standard_normal(n)
    assert np.allclose(homogeneous(w, b) @ np.append(x, 1), np.append(w @ x + b, 1))
    both = homogeneous(v, c) @ homogeneous(w, b)
    assert np.allclose(both, homogeneous(v @ w, v @ b + c))


@given(seeds)
def test_no_matrix_moves_the_origin(rng):
    w, b = rng.standard_normal((3, 3)), rng.standard_normal(3)
    assert not (w @ np.zeros(3)).any()
    assert np.allclose(homogeneous(w, b) @ [0, 0, 0, 1], [*b, 1])


def test_linear_layer_is_x_wt_plus_b():
    torch.manual_seed(1)
    layer, batch = torch.nn.Linear(7, 4).double(), torch.randn(9, 7, dtype=torch.float64)
    expected = batch.numpy() @ layer.weight.detach().numpy().T + layer.bias.detach().numpy()
    assert layer.weight.shape == (4, 7)
    assert np.allclose(layer(batch).detach().numpy(), expected)


def test_order_matters(woven):
    values = woven(GEOMETRY).values
    assert values["commuting"] == 0 and values["pair_count"] == 1000
    a, b = rotation(30), rotation(50)
    assert np.allclose(a @ b, b @ a)  # turns of the plane are an exception


# Depth without and with ReLU


@given(seeds)
def test_affine_chain_collapses(rng):
    widths = rng.integers(1, 6, size=5)
    layers = [(rng.standard_normal((m, n)), rng.standard_normal(m))
              for n, m in pairwise(widths)]
    x = rng.standard_normal(widths[0])
    y = x
    for w, b in layers:
        y = w @ y + b
    w, b = collapse(layers)
    assert np.allclose(w @ x + b, y)
    assert np.linalg.matrix_rank(w) <= widths.min()


def test_collapse_loses_nothing_but_parameters(woven):
    values = woven(GEOMETRY).values
    assert values["same_output"] is True
    assert values["chain_rank"] == values["narrowest"] == 3
    assert values["single_parameters"] == 64 * 64 + 64 < values["chain_parameters"] / 10


def test_without_a_narrow_layer_rounding_still_hides_some_of_the_rank():
    rng = np.random.default_rng(1)
    chain = [(rng.standard_normal((64, 64)) / 8, rng.standard_normal(64)) for _ in range(20)]
    w, _ = collapse(chain)
    assert all(np.linalg.matrix_rank(weight) == 64 for weight, _ in chain)
    assert np.linalg.matrix_rank(w) < 64
    assert np.linalg.cond(w) > 1e14


XOR_INPUTS = np.array([[0.0, 0, 1, 1], [0, 1, 0, 1]])
XOR = np.array([0.0, 1, 1, 0])


def test_best_affine_fit_of_xor_is_one_half(woven):
    values = woven(GEOMETRY).values
    assert values["best_mse"] == pytest.approx(0.25)
    assert values["best_value"] == pytest.approx(0.5)


@given(seeds)
def test_no_affine_map_separates_xor(rng):
    w, b = rng.standard_normal(2) * 3, rng.standard_normal()
    f = w @ XOR_INPUTS + b
    assert np.isclose(f[0] + f[3], f[1] + f[2])  # the identity behind the impossibility
    assert ((f > 0) == (XOR > 0)).sum() <= 3
    assert np.mean((f - XOR) ** 2) >= 0.25 - 1e-12


def test_affine_map_can_get_three_of_four():
    f = np.array([1.0, 1.0]) @ XOR_INPUTS - 0.5
    assert ((f > 0) == (XOR > 0)).sum() == 3


def test_two_relu_units_are_exact_on_xor():
    layers = [(np.array([[1.0, -2], [-2, 1]]), np.zeros(2)), (np.ones((1, 2)), np.zeros(1))]
    assert np.array_equal(network(layers, XOR_INPUTS)[0], XOR)
    hidden = relu(layers[0][0] @ XOR_INPUTS)
    assert np.array_equal(hidden[:, 0], hidden[:, 3])  # (0,0) and (1,1) fall together


def test_existing_is_not_learning(woven):
    learned = woven(GEOMETRY).values["learned"]
    assert 0.05 < learned["2"] < 0.35 and learned["8"] > learned["2"] + 0.3


def test_training_on_xor_follows_torch():
    """The same networks, the same steps, with autograd's gradients."""
    start, steps, rate = np.random.default_rng(5), 30, 0.2
    w = torch.from_numpy(start.standard_normal((6, 3, 2))).requires_grad_()
    v = torch.from_numpy(start.standard_normal((6, 1, 3)) * np.sqrt(2 / 3)).requires_grad_()
    b = torch.zeros(6, 3, 1, dtype=torch.float64, requires_grad=True)
    c = torch.zeros(6, 1, 1, dtype=torch.float64, requires_grad=True)
    x, target = torch.from_numpy(XOR_INPUTS), torch.from_numpy(XOR)

    def errors():
        return ((v @ torch.relu(w @ x + b) + c - target) ** 2).mean(dim=(1, 2))

    for _ in range(steps):
        gradients = torch.autograd.grad(errors().sum(), (w, v, b, c))
        with torch.no_grad():
            for parameter, gradient in zip((w, v, b, c), gradients, strict=True):
                parameter -= rate * gradient
    trained = train_xor(3, 6, steps, rate, np.random.default_rng(5))
    assert np.allclose(trained, errors().detach().numpy())


@given(seeds)
def test_network_equals_torch(rng):
    layers = random_network(rng.integers(1, 7, size=4), rng)
    x = rng.standard_normal((layers[0][0].shape[1], 5))
    expected = torch_network(as_torch(layers), torch.from_numpy(x.T)).numpy().T
    assert np.allclose(network(layers, x), expected)
    assert np.allclose(network(layers, x[:, 0]), expected[:, 0])


# Pieces


@given(seeds)
def test_masked_product_is_the_jacobian(rng):
    layers = random_network([4, 6, 5, 3], rng)
    x = rng.standard_normal(4)
    w, b = affine_piece(layers, x)
    jacobian = torch.autograd.functional.jacobian(
        lambda v: torch_network(as_torch(layers), v), torch.from_numpy(x))
    assert np.allclose(w, jacobian.numpy(), atol=1e-12)
    assert np.allclose(w @ x + b, network(layers, x))
    near = x + 1e-9 * rng.standard_normal(4)
    assert np.allclose(w @ near + b, network(layers, near), atol=1e-14, rtol=1e-12)


def test_plain_product_is_not_the_jacobian(woven):
    assert woven(GEOMETRY).regions["jacobian"].output.startswith("autograd agrees: True")
    (w1, b1), (w2, b2), (w3, b3) = random_network([2, 7, 7, 1], np.random.default_rng(10))
    x = np.array([0.0, 0.2])  # the point of the page
    jacobian = affine_piece([(w1, b1), (w2, b2), (w3, b3)], x)[0]
    assert np.linalg.norm(w3 @ w2 @ w1 - jacobian) > 2 * np.linalg.norm(jacobian)


def test_autograd_takes_zero_for_the_slope_of_relu_at_zero():
    zero = torch.zeros((), requires_grad=True)
    line = torch.relu(zero) - torch.relu(-zero)  # the identity, whose slope is one
    assert torch.autograd.grad(torch.relu(zero), zero)[0] == 0
    assert torch.autograd.grad(line, zero)[0] == 0


def patterns(layers, points):
    signs, h = [], points
    for w, b in layers[:-1]:
        z = w @ h + b[:, None]
        signs.append(z > 0)
        h = relu(z)
    return np.vstack(signs)


@given(seeds)
def test_switches_are_all_the_changes_of_pattern_on_the_way(rng):
    layers = random_network([3, 6, 5, 1], rng)
    p, q = rng.standard_normal((2, 3)) * 2
    t = switches(layers, p, q)
    assert np.array_equal(t, np.sort(t)) and (0 < t).all() and (t < 1).all()

    gaps = np.diff(t, prepend=0, append=1)
    middle = np.concatenate([[0], t]) + gaps / 2
    seen = patterns(layers, p[:, None] + np.outer(q - p, middle[gaps > 1e-7]))
    changes = (seen[:, 1:] != seen[:, :-1]).sum()
    if (gaps > 1e-7).all():
        assert changes == len(t)  # one unit switches at each place

    fine = patterns(layers, p[:, None] + np.outer(q - p, np.linspace(0, 1, 2001)))
    assert (fine[:, 1:] != fine[:, :-1]).sum() <= len(t)


@given(seeds)
def test_output_is_straight_between_switches_and_bends_at_them(rng):
    layers = random_network([2, 5, 5, 1], rng)
    p, q = np.array([-2.0, -1.0]), np.array([2.0, 1.5])
    knots = np.concatenate([[0], switches(layers, p, q), [1]])
    for start, end in pairwise(knots):
        t = np.linspace(start, end, 5)
        f = network(layers, p[:, None] + np.outer(q - p, t))[0]
        assert np.abs(np.diff(f, n=2)).max() < 1e-10


@given(seeds)
def test_output_bends_are_the_switches_where_the_slope_changes(rng):
    *hidden, (w, b) = random_network([2, 3, 3, 3, 2], rng)
    layers = [*hidden, (w * [[1], [0]], b)]  # the second output never bends
    p, q = rng.standard_normal((2, 2)) * 3
    t = switches(layers, p, q)
    ends = np.concatenate([[0], t, [1]])
    slopes = [affine_piece(layers, p + m * (q - p))[0] @ (q - p)
              for m in (ends[1:] + ends[:-1]) / 2]
    changed = np.abs(np.diff(slopes, axis=0)) > 1e-9 * np.abs(slopes).max()
    assert np.array_equal(output_bends(layers, p, q), t[changed.any(axis=1)])


def test_a_switch_before_a_dead_layer_is_no_bend():
    w, zero = np.ones((1, 1)), np.zeros(1)
    dead = [(w, zero), (-w, zero - 1), (w, zero)]
    assert len(switches(dead, np.array([-1.0]), np.array([1.0]))) == 1
    assert len(output_bends(dead, np.array([-1.0]), np.array([1.0]))) == 0


def test_each_bend_of_the_printed_network_is_real(woven):
    values = woven(GEOMETRY).values
    layers = random_network([2, 7, 7, 1], np.random.default_rng(10))
    p, q = np.array([-2.2, -1.2]), np.array([2.2, 1.6])
    t = switches(layers, p, q)
    middle = np.convolve(np.concatenate([[0], t, [1]]), [0.5, 0.5], mode="valid")
    slope = [affine_piece(layers, p + m * (q - p))[0] @ (q - p) for m in middle]
    assert np.abs(np.diff(np.ravel(slope))).min() > 1e-6
    assert values["bends"] == len(t)


@given(seeds)
def test_half_planes_split_the_area(rng):
    normal, offset = rng.standard_normal(2), rng.standard_normal() / 2
    triangle = rng.standard_normal((2, 3))
    kept, rest = half_plane(triangle, normal, offset), half_plane(triangle, -normal, -offset)
    assert (normal @ kept + offset >= -1e-12).all()
    assert np.isclose(signed_area(kept) + signed_area(rest), signed_area(triangle))


def test_cut_by_two_crossing_lines_gives_four_quarters():
    parts = cut(2 * SQUARE - 1, np.eye(2), np.zeros(2))
    assert sorted(signed_area(part) for part in parts) == [1, 1, 1, 1]


@given(seeds)
def test_pieces_tile_the_window_one_affine_map_each(rng):
    layers = random_network([2, 5, 4, 1], rng)
    window = 3 * (2 * SQUARE - 1)
    parts = pieces(layers, window)
    assert np.isclose(sum(signed_area(part) for part in parts), signed_area(window))
    centres = np.stack([part.mean(axis=1) for part in parts], axis=1)
    assert len(np.unique(patterns(layers, centres), axis=1).T) == len(parts)
    for part in parts:
        w, b = affine_piece(layers, part.mean(axis=1))
        assert np.allclose(w @ part + b[:, None], network(layers, part), atol=1e-9)


def test_no_sampled_pattern_is_missed(woven):
    layers = random_network([2, 7, 7, 1], np.random.default_rng(10))
    points = np.random.default_rng(0).uniform(-2.4, 2.4, (2, 200_000))
    sampled = len(np.unique(patterns(layers, points), axis=1).T)
    counted = woven(GEOMETRY).values["plane_pieces"]
    assert counted - 2 <= sampled <= counted


def test_lines_in_general_position_reach_the_classical_count():
    n = 6
    angle = np.arange(n) * np.pi / n
    layer = (np.stack([np.cos(angle), np.sin(angle)], axis=1), np.cos(3 * angle**2) / 5)
    parts = pieces([layer, (np.ones((1, n)), np.zeros(1))], 50 * (2 * SQUARE - 1))
    assert len(parts) == 1 + n + n * (n - 1) // 2


@given(st.integers(1, 10))
def test_tent_doubles_its_bends_with_each_layer(depth):
    layers = tent_network(depth)
    t = switches(layers, np.zeros(1), np.ones(1))
    assert np.array_equal(t, np.arange(1, 2**depth) / 2**depth)
    peaks = network(layers, np.arange(2**depth + 1)[None, :] / 2**depth)[0]
    assert np.array_equal(peaks, np.arange(2**depth + 1) % 2)


def test_random_depth_does_not_multiply_bends(woven):
    values = woven(GEOMETRY).values
    assert values["tent_bends"] == 2**12 - 1
    assert all(bends <= 24 for bends in values["mean_bends"].values())
    assert values["mean_bends"]["6"] < 0.7 * values["mean_bends"]["1"]
    assert values["mean_bends"]["12"] < 1
    assert 24 < values["shaken_bends"]["10"] < values["tent_bends"] / 2
    assert values["shaken_bends"]["1"] > values["tent_bends"] / 2


@given(seeds, st.floats(0, 0.2))
def test_shaken_changes_each_number_by_its_share(rng, share):
    layers = [(np.full((300, 300), 3.0), np.full(300, -2.0))]
    [(w, b)] = shaken(layers, share, rng)
    assert np.std(w / 3) == pytest.approx(share, rel=0.05, abs=1e-12)
    assert np.std(b / 2) == pytest.approx(share, rel=0.25, abs=1e-12)
    assert layers[0][0].min() == layers[0][0].max() == 3


@given(seeds)
def test_one_hidden_layer_bends_a_line_at_most_once_per_unit(rng):
    layers = random_network([2, 24, 1], rng)
    assert len(switches(layers, *rng.standard_normal((2, 2)) * 10)) <= 24


def test_random_network_has_the_stated_variances():
    (w, b), _ = random_network([50, 4000, 1], np.random.default_rng(0))
    assert w.shape == (4000, 50) and b.shape == (4000,)
    assert w.var() == pytest.approx(2 / 50, rel=0.02)
    assert b.var() == pytest.approx(1, rel=0.1)


# The product is not the whole character


@given(seeds)
def test_descend_follows_the_gradient_of_torch(rng):
    w2, w1, target = (rng.standard_normal(s) for s in ((3, 2), (2, 4), (3, 4)))
    left, right = (torch.from_numpy(w).requires_grad_() for w in (w2, w1))
    ((left @ right - torch.from_numpy(target)) ** 2).sum().div(2).backward()
    new_left, new_right = descend(w2, w1, target, rate=0.1)
    assert np.allclose(new_left, w2 - 0.1 * left.grad.numpy())
    assert np.allclose(new_right, w1 - 0.1 * right.grad.numpy())


@given(seeds)
def test_same_product_other_step(rng):
    w2, w1, target = rng.standard_normal((3, 4, 4))
    even = np.matmul(*descend(w2, w1, target, rate=1e-2))
    skewed = np.matmul(*descend(w2 / 4, 4 * w1, target, rate=1e-2))
    assert np.array_equal(w2 @ w1, (w2 / 4) @ (4 * w1))
    assert np.linalg.norm(even - skewed) > 1e-2

    rate, error = 1e-6, w2 @ w1 - target
    step = (np.matmul(*descend(w2, w1, target, rate)) - w2 @ w1) / rate
    expected = -(w2 @ w2.T @ error + error @ w1.T @ w1)
    assert np.allclose(step, expected, atol=1e-2, rtol=1e-2)


def test_two_factorisations_part_after_one_step(woven):
    values = woven(GEOMETRY).values
    assert values["bitwise_equal"] is True
    after, start = values["loss_after_step"], values["loss_at_start"]
    assert after["skewed"] < 0.85 * start < 0.95 * start < after["even"] < start
    assert values["loss_fast"]["skewed"] > 100 * start > start > values["loss_fast"]["even"]


# What the opening of the source says


def test_vanishing_is_not_rounding(woven):
    norm, rounding = (woven(GEOMETRY).values[k] for k in ("gradient_norm", "rounding"))
    assert norm["gaussian"] < 1e-10 and norm["orthogonal"] == pytest.approx(1)
    assert all(1e-8 < gap < 1e-5 for gap in rounding.values())


class Block(torch.nn.Module):
    """A pre-norm transformer block, written with plain products so that torch counts them all."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv, self.out = torch.nn.Linear(width, 3 * width), torch.nn.Linear(width, width)
        self.up, self.down = torch.nn.Linear(width, 4 * width), torch.nn.Linear(4 * width, width)
        self.norms = torch.nn.ModuleList(torch.nn.LayerNorm(width) for _ in range(2))

    def forward(self, x):
        tokens, width = x.shape
        split = self.qkv(self.norms[0](x)).reshape(tokens, 3, self.heads, -1).permute(1, 2, 0, 3)
        q, k, v = split
        weights = torch.softmax(q @ k.mT / q.shape[-1] ** 0.5, dim=-1)
        x = x + self.out((weights @ v).transpose(0, 1).reshape(tokens, width))
        return x + self.down(torch.nn.functional.gelu(self.up(self.norms[1](x))))


@pytest.mark.parametrize(("tokens", "width", "heads"), [(6, 8, 2), (32, 48, 3)])
def test_products_are_the_ones_torch_counts(tokens, width, heads):
    with FlopCounterMode(display=False) as counter:
        Block(width, heads)(torch.randn(tokens, width))
    flops = block_flops(tokens, width, heads)
    assert flops["projections"] + flops["attention"] + flops["mlp"] == counter.get_total_flops()


def test_other_operations_by_shape():
    """Each of the remaining kinds, counted from the sizes of the tensors it touches."""
    tokens, width, heads = 5, 12, 3
    flops = block_flops(tokens, width, heads)
    model, inner, scores = 5 * 12, 5 * 48, 3 * 5 * 5
    assert flops["bias"] == 3 * model + model + inner + model
    assert flops["softmax"] == 6 * scores
    assert flops["gelu"] == 5 * inner
    assert flops["layernorm"] == 14 * model
    assert flops["residual"] == 2 * model


def test_products_dominate_the_arithmetic(woven):
    share = woven(GEOMETRY).values["product_share"]
    assert 0.9 < share["toy"] < 0.97 < 0.99 < share["small"] < share["large"] < 1


def test_grid_is_made_of_upright_and_level_lines():
    lines = grid_lines(2, samples=3)
    assert len(lines) == 10
    assert {tuple(line[0]) for line in lines[:5]} == {(k,) * 3 for k in (-2, -1, 0, 1, 2)}
    assert all(np.array_equal(a, b[::-1]) for a, b in zip(lines[:5], lines[5:], strict=True))


def test_picture_shows_letter_columns_and_name():
    w = np.array([[1.0, 0.5], [-0.25, 2.0]])
    ax = Figure().subplots()
    draw_map(ax, w, "some name", low=-1, high=2.5)
    filled = [patch.get_xy()[: LETTER.shape[1]].T for patch in ax.patches]
    for letter in (LETTER, w @ LETTER):
        assert any(p.shape == letter.shape and np.allclose(p, letter) for p in filled)
    arrows = [text.xy for text in ax.texts if isinstance(text, Annotation)]
    assert np.allclose(arrows, w.T)
    assert "some name" in [text.get_text() for text in ax.texts]
    assert ax.get_xlim() == ax.get_ylim() == (-1, 2.5) and ax.get_aspect() == 1
