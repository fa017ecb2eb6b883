"""What a matrix does to a picture, and what a ReLU network does that no matrix can."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from snippets.palette import INK, LINE, SOFT, A, B, C

Layer = tuple[np.ndarray, np.ndarray]
"""Weight of shape (outputs, inputs) and bias of shape (outputs,)."""

# Corners of an F inside the unit square, one per column. A square looks the same after a
# quarter turn or in a mirror; an F does not.
LETTER = np.array(
    [
        [0.25, 0.42, 0.42, 0.68, 0.68, 0.42, 0.42, 0.78, 0.78, 0.25],
        [0.10, 0.10, 0.42, 0.42, 0.57, 0.57, 0.75, 0.75, 0.90, 0.90],
    ]
)
SQUARE = np.array([[0.0, 1.0, 1.0, 0.0], [0.0, 0.0, 1.0, 1.0]])


def rotation(degrees: float) -> np.ndarray:
    """2 × 2 matrix that turns the plane anticlockwise."""
    angle = np.deg2rad(degrees)
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def signed_area(polygon: np.ndarray) -> float:
    """Area of a polygon, corners in columns; negative when they run clockwise."""
    x, y = polygon
    return float(0.5 * np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))


def rotate_scale_rotate(w: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Singular value decomposition `w = u @ diag(s) @ vt` of a square matrix, `vt` a rotation.

    Reversing a right singular vector and its left partner changes nothing in the product, so
    routines differ in signs. Here the first row of `vt` starts with an entry ≥ 0, which for a
    plane leaves one answer; and the last pair is reversed if that makes `vt` a rotation. A
    mirror is then in `u`, exactly when `det(w) < 0`.
    """
    u, s, vt = np.linalg.svd(w)
    if vt[0, 0] < 0:
        u, vt = -u, -vt
    if np.linalg.det(vt) < 0:
        vt[-1] *= -1
        u[:, -1] *= -1
    return u, s, vt


def homogeneous(w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Matrix of one more row and column that carries the affine map `x -> w @ x + b`.

    It acts on `(x, 1)` and returns `(w @ x + b, 1)`.
    """
    outputs, inputs = w.shape
    m = np.zeros((outputs + 1, inputs + 1))
    m[:outputs, :inputs] = w
    m[:outputs, inputs] = b
    m[outputs, inputs] = 1.0
    return m


def relu(z: np.ndarray) -> np.ndarray:
    """Negative entries become zero."""
    return np.maximum(z, 0.0)


def network(layers: Sequence[Layer], x: np.ndarray) -> np.ndarray:
    """Output of a ReLU network for one input (n,) or many inputs in columns (n, batch).

    The last layer is affine, without ReLU.
    """
    columns = x.reshape(len(x), -1)
    for w, b in layers[:-1]:
        columns = relu(w @ columns + b[:, None])
    w, b = layers[-1]
    columns = w @ columns + b[:, None]
    return columns if x.ndim == 2 else columns[:, 0]


def collapse(layers: Sequence[Layer]) -> Layer:
    """The one affine layer that equals a chain of affine layers with nothing in between."""
    w, b = layers[0]
    for weight, bias in layers[1:]:
        w, b = weight @ w, weight @ b + bias
    return w, b


def affine_piece(layers: Sequence[Layer], x: np.ndarray) -> Layer:
    """Weight and bias of the affine map that a ReLU network equals around the point `x` (n,).

    The weight is the masked product `W3 @ D2 @ W2 @ D1 @ W1`: D is diagonal, one for a unit
    that is on at `x` and zero for a unit that is off.
    """
    w, b = layers[0]
    for weight, bias in layers[1:]:
        on = (w @ x + b > 0).astype(float)
        w, b = weight @ (on[:, None] * w), weight @ (on * b) + bias
    return w, b


def switches(layers: Sequence[Layer], p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Sorted t in (0, 1) at which a ReLU unit switches on the way `p + t (q - p)`.

    Exact up to rounding: between two switches of the layers before, the input of every unit
    is affine in t, so its two end values say where it crosses zero.
    """
    knots = np.array([0.0, 1.0])
    for depth in range(1, len(layers)):
        z = network(layers[:depth], p[:, None] + np.outer(q - p, knots))
        before, after = z[:, :-1], z[:, 1:]
        crosses = before * after < 0
        share = before[crosses] / (before[crosses] - after[crosses])
        start, length = knots[:-1], np.diff(knots)
        found = (np.broadcast_to(start, crosses.shape)[crosses]
                 + share * np.broadcast_to(length, crosses.shape)[crosses])
        knots = np.sort(np.concatenate([knots, found]))
    return knots[1:-1]


def output_bends(layers: Sequence[Layer], p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Those of the `switches` at which the slope of the output changes.

    A switch does not reach the output where a later layer is off as a whole.
    """
    t = switches(layers, p, q)
    ends = np.concatenate([[0.0], t, [1.0]])
    x = p[:, None] + np.outer(q - p, (ends[1:] + ends[:-1]) / 2)
    rate = np.repeat((q - p)[:, None], x.shape[1], axis=1)
    for w, b in layers[:-1]:
        x, rate = w @ x + b[:, None], w @ rate
        x, rate = relu(x), (x > 0) * rate
    slope = layers[-1][0] @ rate
    change = np.abs(np.diff(slope, axis=1))
    return t[(change > 1e-9 * np.abs(slope).max()).any(axis=0)]


def half_plane(polygon: np.ndarray, normal: np.ndarray, offset: float) -> np.ndarray:
    """The part of a convex polygon (corners in columns) where `normal @ x + offset >= 0`."""
    height = normal @ polygon + offset
    corners = []
    for k in range(polygon.shape[1]):
        here, there = height[k - 1], height[k]
        if here * there < 0:
            share = here / (here - there)
            corners.append(polygon[:, k - 1] + share * (polygon[:, k] - polygon[:, k - 1]))
        if there >= 0:
            corners.append(polygon[:, k])
    return np.array(corners).reshape(-1, 2).T


def pieces(layers: Sequence[Layer], polygon: np.ndarray) -> list[np.ndarray]:
    """Cut a convex polygon of the plane into the pieces on which no ReLU unit switches."""
    parts = [polygon]
    for depth in range(1, len(layers)):
        finer = []
        for part in parts:
            w, b = affine_piece(layers[:depth], part.mean(axis=1))
            finer += cut(part, w, b)
        parts = finer
    return parts


def cut(polygon: np.ndarray, w: np.ndarray, b: np.ndarray) -> list[np.ndarray]:
    """Cut a convex polygon along every line `w[i] @ x + b[i] = 0`."""
    parts = [polygon]
    for normal, offset in zip(w, b, strict=True):
        sides = [half_plane(part, sign * normal, sign * offset)
                 for part in parts for sign in (1, -1)]
        parts = [side for side in sides if abs(signed_area(side)) > 1e-12]
    return parts


def random_network(widths: Sequence[int], rng: np.random.Generator) -> list[Layer]:
    """Layers of the given widths: weights of variance 2 / inputs (He et al. 2015), biases 1."""
    return [
        (rng.standard_normal((outputs, inputs)) * np.sqrt(2 / inputs),
         rng.standard_normal(outputs))
        for inputs, outputs in pairwise(widths)
    ]


def tent_network(depth: int) -> list[Layer]:
    """Two ReLU units per layer; the tent `2 relu(t) - 4 relu(t - 1/2)` applied `depth` times.

    On [0, 1] the tent rises to one and falls back to zero. Source: Telgarsky 2016.
    """
    bias = np.array([0.0, -0.5])
    tent = np.array([2.0, -4.0])
    first = (np.ones((2, 1)), bias)
    middle = (np.vstack([tent, tent]), bias)
    last = (tent[None, :], np.zeros(1))
    return [first] + [middle] * (depth - 1) + [last]


def shaken(layers: Sequence[Layer], share: float, rng: np.random.Generator) -> list[Layer]:
    """The same layers, each weight and bias off by a random share of itself (Gaussian)."""

    def shake(values):
        return values * (1 + share * rng.standard_normal(values.shape))

    return [(shake(w), shake(b)) for w, b in layers]


def descend(
    w2: np.ndarray, w1: np.ndarray, target: np.ndarray, rate: float
) -> tuple[np.ndarray, np.ndarray]:
    """One step of gradient descent on `||w2 @ w1 - target||² / 2`, both factors at once."""
    error = w2 @ w1 - target
    return w2 - rate * error @ w1.T, w1 - rate * w2.T @ error


def train_xor(
    units: int, networks: int, steps: int, rate: float, rng: np.random.Generator
) -> np.ndarray:
    """Mean squared errors (networks,) of one-hidden-layer networks trained on XOR.

    All are trained at once by gradient descent on the four examples, from random weights of
    variance 2 / inputs and zero biases.
    """
    x = np.array([[0.0, 0, 1, 1], [0, 1, 0, 1]])
    target = np.array([0.0, 1, 1, 0])
    w = rng.standard_normal((networks, units, 2))
    v = rng.standard_normal((networks, 1, units)) * np.sqrt(2 / units)
    b, c = np.zeros((networks, units, 1)), np.zeros((networks, 1, 1))
    for _ in range(steps):
        hidden = relu(w @ x + b)
        error = (v @ hidden + c - target) / 2  # derivative of the mean over four examples
        back = (hidden > 0) * (v.mT @ error)
        v -= rate * error @ hidden.mT
        c -= rate * error.sum(axis=2, keepdims=True)
        w -= rate * back @ x.T
        b -= rate * back.sum(axis=2, keepdims=True)
    return np.mean((v @ relu(w @ x + b) + c - target) ** 2, axis=(1, 2))


def block_flops(tokens: int, width: int, heads: int) -> dict[str, int]:
    """Floating-point operations of a transformer block's forward pass, by kind.

    Pre-norm block: attention, then an MLP of four times the width with GELU.
    Each +, -, ×, ÷, maximum, exponential and erf counts one. The few that
    come once per token, such as the root in LayerNorm, are left out.
    """
    td, scores = tokens * width, heads * tokens**2
    return {
        "projections": 2 * td * width * (3 + 1),
        "attention": 2 * (2 * tokens**2 * width),
        "mlp": 2 * td * width * (4 + 4),
        "bias": td * (3 + 1 + 4 + 1),
        "softmax": scores * 6,  # scale, maximum, -, exp, sum, ÷
        "gelu": 4 * td * 5,  # x / 2 * (1 + erf(x / √2))
        "layernorm": 2 * td * 7,  # two sums, -, square, ÷, gain, shift
        "residual": 2 * td,
    }


def grid_lines(reach: int, samples: int = 2) -> list[np.ndarray]:
    """Lines x = k and y = k of a grid on [-reach, reach]², points in columns (2, samples)."""
    along = np.linspace(-reach, reach, samples)
    levels = range(-reach, reach + 1)
    upright = [np.stack([np.full(samples, k), along]) for k in levels]
    return upright + [line[::-1] for line in upright]


def draw_map(ax, w: np.ndarray, name: str, low: float, high: float) -> None:
    """Draw what `w` does to a grid and an F: before orange, after green, columns of `w` blue."""
    for line in grid_lines(4):
        ax.plot(*line, "-", color=LINE, linewidth=0.8)
        ax.plot(*(w @ line), "-", color=SOFT, linewidth=0.6, alpha=0.7)
    ax.fill(*(w @ SQUARE), facecolor=C, edgecolor="none", alpha=0.14)
    ax.fill(*LETTER, facecolor="none", edgecolor=B, linewidth=1.2, linestyle="-")
    ax.fill(*(w @ LETTER), facecolor=C, edgecolor=C, linewidth=1.2, linestyle="-")
    for column in w.T:
        ax.annotate("", xy=column, xytext=(0, 0),
                    arrowprops={"arrowstyle": "-|>", "color": A, "lw": 1.8,
                                "shrinkA": 0, "shrinkB": 0})
    frame_panel(ax, name, low, high)


def frame_panel(ax, name: str, low: float, high: float) -> None:
    """A square window on the plane without axes, its name above it."""
    ax.set(xlim=(low, high), ylim=(low, high), aspect="equal")
    ax.set_axis_off()
    ax.text(low, high + 0.04 * (high - low), name, fontsize=12, color=INK)


if __name__ == "__main__":
    import matplotlib.pyplot as plt
    import torch

    from snippets.palette import ACCENT, PAPER

    # --8<-- [start:line]
    W = np.array([[1.0, 0.8], [0.0, 1.0]])
    x = np.array([0.0, 1.0])  # a corner of the unit square
    y = W @ x
    print("y =", y)

    picture = W @ LETTER  # the same line moves a whole picture
    print("corners:", LETTER.shape, "->", picture.shape)
    # --8<-- [end:line]
    letter_corners = LETTER.shape[1]

    # --8<-- [start:gallery]
    maps = {
        "identity": np.eye(2),
        "rotation": rotation(40),
        "stretch": np.diag([1.7, 0.6]),
        "shear": np.array([[1.0, 0.8], [0.0, 1.0]]),
        "reflection": np.array([[0.0, 1.0], [1.0, 0.0]]),
        "projection": np.array([[0.5, 0.5], [0.5, 0.5]]),
    }
    figure, axes = plt.subplots(2, 3, figsize=(7.2, 5.3))
    for ax, (name, w) in zip(axes.flat, maps.items(), strict=True):
        draw_map(ax, w, name, low=-1.1, high=2.1)
    plt.show()
    # --8<-- [end:gallery]

    # --8<-- [start:columns]
    W = np.array([[2.0, -1.0], [1.0, 3.0]])
    e1, e2 = np.eye(2)
    print("W @ e1 =", W @ e1, "  first column:", W[:, 0])
    print("W @ e2 =", W @ e2, "  second column:", W[:, 1])

    x = np.array([3.0, 2.0])
    print("W @ x =", W @ x)
    print("by columns:", 3 * W[:, 0] + 2 * W[:, 1])
    print("by rows:   ", np.array([W[0] @ x, W[1] @ x]))
    # --8<-- [end:columns]

    # --8<-- [start:svd]
    W = np.array([[1.0, 0.8], [0.0, 1.0]])  # the shear
    u, stretch, vt = rotate_scale_rotate(W)

    def degrees(turn):
        return np.rad2deg(np.arctan2(turn[1, 0], turn[0, 0]))

    turn_in, turn_out = degrees(vt), degrees(u)
    print(f"turn {turn_in:.1f}, stretch {stretch.round(3)}, turn {turn_out:.1f}")
    rebuild_error = np.abs(u @ np.diag(stretch) @ vt - W).max()
    print("rebuilt to 1e-12:", rebuild_error < 1e-12)
    # --8<-- [end:svd]

    # --8<-- [start:svd_picture]
    circle = np.stack([np.cos(np.linspace(0, 2 * np.pi, 200)),
                       np.sin(np.linspace(0, 2 * np.pi, 200))])
    stages = {"start": np.eye(2), "turn": vt, "scale": np.diag(stretch) @ vt, "turn again": W}
    figure, axes = plt.subplots(2, 2, figsize=(6.0, 6.0))
    for ax, (name, w) in zip(axes.flat, stages.items(), strict=True):
        for line in grid_lines(3):
            ax.plot(*(w @ line), "-", color=SOFT, linewidth=0.6, alpha=0.6)
        ax.plot(*(w @ circle), "-", color=INK, linewidth=1.4)
        ax.fill(*(w @ LETTER), facecolor=C, edgecolor="none")
        for v in vt:  # the two directions that stay perpendicular
            ax.plot(*np.stack([np.zeros(2), w @ v], axis=1), "-", color=ACCENT, linewidth=1.6)
        frame_panel(ax, name, -1.9, 1.9)
    plt.show()
    # --8<-- [end:svd_picture]

    # --8<-- [start:mirrors]
    rng = np.random.default_rng(0)
    trials = 2000
    random = rng.standard_normal((trials, 2, 2))
    last_turn = [rotate_scale_rotate(w)[0] for w in random]
    mirror_share = np.mean(np.linalg.det(last_turn) < 0)
    print(f"with a mirror: {mirror_share:.1%} of {trials}")
    # --8<-- [end:mirrors]

    # --8<-- [start:determinant]
    before = signed_area(LETTER)
    for name, w in maps.items():
        ratio = round(signed_area(w @ LETTER) / before, 2) + 0.0
        det, rank = np.linalg.det(w), np.linalg.matrix_rank(w)
        print(f"{name:10}  area x {ratio:5.2f}   det {det:5.2f}   rank {rank}")
    # --8<-- [end:determinant]
    determinants = {name: float(np.linalg.det(w)) for name, w in maps.items()}

    # --8<-- [start:rank_loss]
    P = maps["projection"]
    print(P @ [1.0, 0.0], P @ [0.0, 1.0], P @ [0.5, 0.5])  # three points, one image
    try:
        np.linalg.inv(P)
    except np.linalg.LinAlgError as error:
        print("inverse:", error)

    tiny = 0.1 * np.eye(100)
    tiny_det, tiny_condition = np.linalg.det(tiny), np.linalg.cond(tiny)
    print(f"0.1 I, 100 x 100: det {tiny_det:.0e}, condition {tiny_condition:.0f}")
    # --8<-- [end:rank_loss]

    # --8<-- [start:affine]
    W, b = maps["shear"], np.array([1.0, -0.5])
    print("W @ 0     =", W @ np.zeros(2))
    print("W @ 0 + b =", W @ np.zeros(2) + b)

    M = homogeneous(W, b)
    print(M)
    print("M @ (0, 0, 1) =", M @ [0.0, 0.0, 1.0])
    # --8<-- [end:affine]

    # --8<-- [start:linear]
    torch.manual_seed(0)
    layer = torch.nn.Linear(3, 2)
    X = torch.randn(5, 3)  # a batch: five inputs, one per row
    print("weight", tuple(layer.weight.shape), " batch", tuple(X.shape),
          " output", tuple(layer(X).shape))
    W, b = layer.weight, layer.bias
    print("X @ W.T + b:", torch.allclose(layer(X), X @ W.T + b))
    one_by_one = torch.stack([W @ x + b for x in X])
    print("W @ x + b, one by one:", torch.allclose(layer(X), one_by_one))
    # --8<-- [end:linear]

    # --8<-- [start:order]
    R, S = rotation(90).round(), maps["shear"]
    print("shear after turn:", (S @ R).tolist())
    print("turn after shear:", (R @ S).tolist())

    x = np.array([1.0, 2.0])
    print("S @ (R @ x) =", S @ (R @ x), "  (S @ R) @ x =", (S @ R) @ x)

    pairs = rng.standard_normal((1000, 2, 4, 4))
    commuting = sum(np.allclose(a @ b, b @ a, atol=1e-3) for a, b in pairs)
    print("random 4 x 4 pairs that commute:", commuting, "of", len(pairs))
    # --8<-- [end:order]
    pair_count = len(pairs)

    # --8<-- [start:order_picture]
    figure, axes = plt.subplots(1, 2, figsize=(6.0, 3.5))
    orders = {"turn, then shear": S @ R, "shear, then turn": R @ S}
    for ax, (name, w) in zip(axes, orders.items(), strict=True):
        draw_map(ax, w, name, low=-1.3, high=1.9)
    plt.show()
    # --8<-- [end:order_picture]

    # --8<-- [start:twenty]
    widths = [64] * 10 + [3] + [64] * 10  # twenty layers; one is only three wide
    rng = np.random.default_rng(1)
    chain = [(rng.standard_normal((m, n)) / np.sqrt(n), rng.standard_normal(m))
             for n, m in pairwise(widths)]
    w_all, b_all = collapse(chain)

    x = rng.standard_normal(64)
    y = x
    for w, b in chain:
        y = w @ y + b
    same_output = np.allclose(w_all @ x + b_all, y)
    chain_parameters = sum(w.size + b.size for w, b in chain)
    single_parameters = w_all.size + b_all.size
    chain_rank = np.linalg.matrix_rank(w_all)
    print("one layer gives the same output:", same_output)
    print(f"parameters {chain_parameters} -> {single_parameters}, rank {chain_rank}")
    # --8<-- [end:twenty]
    chain_layers, narrowest = len(chain), min(widths)

    # --8<-- [start:xor]
    X = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    target = np.array([0.0, 1, 1, 0])

    with_one = np.hstack([X, np.ones((4, 1))])
    best = np.linalg.lstsq(with_one, target)[0]
    fitted = with_one @ best
    best_mse = np.mean((fitted - target) ** 2)
    print("best affine map:", fitted.round(6), f" mse {best_mse:.2f}")

    layers = [(np.array([[1.0, -2], [-2, 1]]), np.zeros(2)),  # two ReLU units
              (np.array([[1.0, 1]]), np.zeros(1))]
    print("two ReLU units: ", network(layers, X.T)[0])
    # --8<-- [end:xor]
    best_value = float(fitted.max())

    # --8<-- [start:fold]
    W1 = layers[0][0]
    stages = {"input": lambda x: x, "after W": lambda x: W1 @ x,
              "after ReLU": lambda x: relu(W1 @ x)}
    figure, axes = plt.subplots(1, 3, figsize=(7.2, 2.9))
    for ax, (name, stage) in zip(axes, stages.items(), strict=True):
        for line in grid_lines(5, samples=401):
            ax.plot(*stage(line), "-", color=SOFT, linewidth=0.7, alpha=0.7)
        for point, label in zip(X, target, strict=True):
            place = stage(point)
            ax.plot(*place, "o", markersize=8, markeredgewidth=1.6,
                    color=INK if label else PAPER, markeredgecolor=INK)
        frame_panel(ax, name, -2.3, 2.5)
    axes[2].plot([0, 0, 2.5], [2.5, 0, 0], "-", color=INK, linewidth=2.2, zorder=1)
    axes[2].plot([-1.2, 1.8], [1.7, -1.3], color=ACCENT, linewidth=1.4, linestyle="--")
    plt.show()
    # --8<-- [end:fold]

    # --8<-- [start:learn]
    learned = {}
    for units in (2, 4, 8):
        mse = train_xor(units, networks=200, steps=1000, rate=0.2,
                        rng=np.random.default_rng(0))
        learned[units] = np.mean(mse < 1e-3)
        print(f"{units} units: {learned[units]:.0%} of {len(mse)} networks")
    # --8<-- [end:learn]

    # --8<-- [start:walk]
    net = random_network([2, 7, 7, 1], np.random.default_rng(10))
    p, q = np.array([-2.2, -1.2]), np.array([2.2, 1.6])
    t = switches(net, p, q)
    bends = len(output_bends(net, p, q))
    print("units that switch:", len(t), " bends of the output:", bends)

    x = p + 0.5 * (q - p)
    (w1, b1), (w2, b2), (w3, b3) = net
    D1 = np.diag((w1 @ x + b1 > 0).astype(float))
    D2 = np.diag((w2 @ relu(w1 @ x + b1) + b2 > 0).astype(float))
    product = w3 @ D2 @ w2 @ D1 @ w1
    w_here, b_here = affine_piece(net, x)
    print("W3 D2 W2 D1 W1", product.round(3), " piece", w_here.round(3))
    here = w_here @ x + b_here
    print("network", network(net, x).round(6), " piece", here.round(6))
    # --8<-- [end:walk]

    # --8<-- [start:jacobian]
    tensors = [(torch.tensor(w), torch.tensor(b)) for w, b in net]

    def torch_network(x):
        for w, b in tensors[:-1]:
            x = torch.relu(w @ x + b)
        return tensors[-1][0] @ x + tensors[-1][1]

    point = torch.tensor(x)
    jacobian = torch.autograd.functional.jacobian(torch_network, point)
    print("autograd agrees:", np.allclose(jacobian, product, atol=1e-12))
    print("without D1, D2: ", (w3 @ w2 @ w1).round(3))
    # --8<-- [end:jacobian]

    # --8<-- [start:plane]
    window = 2.4 * (2 * SQUARE - 1)
    parts = pieces(net, window)
    plane_pieces = len(parts)
    slopes = [np.linalg.norm(affine_piece(net, part.mean(axis=1))[0]) for part in parts]

    figure, (ax, side) = plt.subplots(2, 1, figsize=(6.0, 7.2), height_ratios=[2.4, 1])
    for part, slope in zip(parts, slopes, strict=True):
        shade = 0.04 + 0.5 * slope / max(slopes)
        ax.fill(*part, facecolor=INK, edgecolor="none", alpha=shade)
        ax.fill(*part, facecolor="none", edgecolor=INK, linewidth=0.7, linestyle="-")
    way = p[:, None] + np.outer(q - p, np.concatenate([[0.0], t, [1.0]]))
    ax.plot(*way, "o-", color=ACCENT, linewidth=1.6, markersize=4)
    for name, (across, up) in {"$p$": p, "$q$": q}.items():
        ax.text(across, up + 0.1, name, color=ACCENT, fontsize=14, ha="center")
    ax.set(xlim=(-2.4, 2.4), ylim=(-2.4, 2.4), aspect="equal")
    ax.set_axis_off()

    side.plot(np.concatenate([[0.0], t, [1.0]]), network(net, way)[0], "o-", color=ACCENT,
              linewidth=1.6, markersize=4)
    side.set(xticks=[0, 1], yticks=[], ylabel="output")
    side.set_xticklabels(["$p$", "$q$"], fontsize=14)
    plt.show()
    # --8<-- [end:plane]

    # --8<-- [start:depth]
    rng = np.random.default_rng(0)
    mean_bends = {}
    for depth in (1, 2, 3, 6, 12):
        widths = [2] + [24 // depth] * depth + [1]
        counts = [len(output_bends(random_network(widths, rng), p, q))
                  for _ in range(200)]
        mean_bends[depth] = np.mean(counts)
        print(f"{depth:2} x {24 // depth:2} units, random: {np.mean(counts):7.1f}")

    tent, zero, one = tent_network(12), np.zeros(1), np.ones(1)
    tent_bends = len(output_bends(tent, zero, one))
    print(f"12 x  2 units, chosen: {tent_bends:7.1f}")

    shaken_bends = {}
    for percent in (1, 10):
        counts = [len(output_bends(shaken(tent, percent / 100, rng), zero, one))
                  for _ in range(50)]
        shaken_bends[percent] = np.mean(counts)
        print(f"    shaken by {percent:2}%:     {np.mean(counts):7.1f}")
    # --8<-- [end:depth]

    # --8<-- [start:tents]
    figure, axes = plt.subplots(1, 4, figsize=(5.8, 1.5), sharey=True)
    for ax, depth in zip(axes, (1, 2, 3, 5), strict=True):
        way = np.linspace(0, 1, 2**depth + 1)
        ax.plot(way, network(tent_network(depth), way[None, :])[0], "-", linewidth=1.1)
        ax.text(0.5, 1.12, str(depth), ha="center")
        ax.set(xticks=[0, 1], yticks=[0, 1], ylim=(0, 1.05))
    plt.show()
    # --8<-- [end:tents]

    # --8<-- [start:same_product]
    rng = np.random.default_rng(0)
    w1, w2 = rng.standard_normal((2, 4, 4)) / 2
    goal = rng.standard_normal((4, 4))
    twins = {"even": (w2, w1), "skewed": (w2 / 4, 4 * w1)}  # 4 is exact in binary
    bitwise_equal = np.array_equal(w2 @ w1, (w2 / 4) @ (4 * w1))
    print("products equal, bit for bit:", bitwise_equal)

    def losses(name, rate, steps):
        left, right = twins[name]
        history = [np.sum((left @ right - goal) ** 2) / 2]
        for _ in range(steps):
            left, right = descend(left, right, goal, rate)
            history.append(np.sum((left @ right - goal) ** 2) / 2)
        return history

    slow = {name: losses(name, rate=0.01, steps=60) for name in twins}
    fast = {name: losses(name, rate=0.2, steps=3) for name in twins}
    for name in twins:
        print(f"{name:6}  start {slow[name][0]:.2f}"
              f"   one step of 0.01: {slow[name][1]:.2f}"
              f"   three of 0.2: {fast[name][3]:.2g}")
    # --8<-- [end:same_product]
    loss_at_start = float(slow["even"][0])
    loss_after_step = {name: float(slow[name][1]) for name in twins}
    loss_fast = {name: float(fast[name][-1]) for name in twins}

    # --8<-- [start:same_product_picture]
    figure, ax = plt.subplots(figsize=(6.4, 3.2))
    for name, style in {"even": "-", "skewed": "--"}.items():
        ax.plot(slow[name], color=INK, linestyle=style, linewidth=1.6)
        ax.text(61, slow[name][-1], name, va="center", color=INK)
    ax.set(xlabel="step", ylabel="loss", xticks=[0, 30, 60], ylim=(0, None), xlim=(0, 60))
    plt.show()
    # --8<-- [end:same_product_picture]

    # --8<-- [start:two_troubles]
    rng = np.random.default_rng(0)
    gaussian = [0.5 * rng.standard_normal((64, 64)) / 8 for _ in range(40)]
    orthogonal = [np.linalg.qr(w)[0] for w in gaussian]

    def pull_back(weights, dtype):
        gradient = np.full(64, 1 / 8, dtype)
        for w in reversed(weights):
            gradient = w.astype(dtype).T @ gradient
        return gradient

    gradient_norm, rounding = {}, {}
    for name, weights in {"gaussian": gaussian, "orthogonal": orthogonal}.items():
        exact = pull_back(weights, np.float64)
        gap = np.linalg.norm(pull_back(weights, np.float32) - exact)
        gradient_norm[name] = np.linalg.norm(exact)
        rounding[name] = gap / gradient_norm[name]
        print(f"{name:10}  norm {gradient_norm[name]:.1e}   float32 off by "
              f"1e-8 to 1e-5: {1e-8 < rounding[name] < 1e-5}")
    # --8<-- [end:two_troubles]

    # --8<-- [start:share]
    product_share = {}
    sizes = {"toy": (128, 64, 4),  # tokens, width, heads
             "small": (1024, 768, 12),
             "large": (2048, 4096, 32)}
    for name, size in sizes.items():
        flops = block_flops(*size)
        total = sum(flops.values())
        products = flops["projections"] + flops["attention"] + flops["mlp"]
        product_share[name] = products / total
        print(f"{name:5} {total:.2e} FLOP, products {product_share[name]:.2%}")
    # --8<-- [end:share]
