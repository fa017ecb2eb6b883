"""Spectral normalisation: what each rule makes of a matrix, and what it says of a network.

Matrices are (outputs, inputs) and multiply columns; sigma is a matrix's largest singular value.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch.nn.functional import conv1d, conv_transpose1d

from snippets.mechanics.geometry import Layer, affine_piece, pieces

Array = np.ndarray


def power_step(w: Array, u: Array) -> tuple[float, Array]:
    """One round from u, shape (m,): the estimate of sigma, the next u.

    Miyato et al. (2018), algorithm 1. The estimate is |W v| with
    |v| = 1, so it never exceeds sigma.
    """
    v = w.T @ u
    image = w @ (v / np.linalg.norm(v))
    estimate = np.linalg.norm(image)
    return float(estimate), image / estimate


def divided(w: Array, sigma: float) -> Array:
    """Always divide: the rule of Miyato et al. (2018) and of torch."""
    return w / sigma


def capped(w: Array, sigma: float) -> Array:
    """Divide only if sigma is above 1: the rule of Gouk et al. (2021)."""
    return w / max(1.0, sigma)


def clipped(w: Array) -> Array:
    """The nearest matrix of norm at most 1: singular values above 1 are set to 1."""
    u, s, vt = np.linalg.svd(w, full_matrices=False)
    return u * np.minimum(s, 1) @ vt


def gradient_through(w: Array, g: Array) -> Array:
    """dLoss/dW where g, shape of w, is dLoss/d(W / sigma).

    sigma changes by u^T dW v, so (g - <g, W / sigma> u v^T) / sigma.
    """
    u, s, vt = np.linalg.svd(w)
    along = (g * w).sum() / s[0]
    return (g - along * np.outer(u[:, 0], vt[0])) / s[0]


def projected_descent(
    w: Array, target: Array, rate: float, steps: int, warm: bool, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Fit y = target x by least squares, 16 samples a step, with `capped` after each step.

    One round of power iteration per step, from the last u if warm, else from a random one.
    Returns sigma after each step, shape (steps,), and the last matrix.
    """
    w, u, norms = w.copy(), rng.standard_normal(len(w)), []
    for _ in range(steps):
        x = rng.standard_normal((w.shape[1], 16))
        w -= rate * (w - target) @ x @ x.T / 16
        estimate, following = power_step(w, u)
        w = capped(w, estimate)
        u = following if warm else rng.standard_normal(len(w))
        norms.append(np.linalg.norm(w, 2))
    return np.array(norms), w


def flat_norm(kernel: Array) -> float:
    """sigma of the kernel (outputs, inputs, width) flattened to (outputs, inputs * width)."""
    return float(np.linalg.norm(kernel.reshape(len(kernel), -1), 2))


def gains(kernel: Array, positions: int) -> Array:
    """sigma of a circular convolution at each frequency, (positions,).

    Each frequency is mapped to itself, by a matrix outputs x inputs;
    the largest of these norms is that of the layer. Sedghi, Gupta and
    Long (2019).
    """
    matrices = np.fft.fft(kernel, positions, axis=-1)
    return np.linalg.norm(np.moveaxis(matrices, -1, 0), 2, axis=(1, 2))


def layer_matrix(layer: Callable, channels: int, positions: int) -> Array:
    """The matrix of a linear 1-D layer: its answers to every unit input, as columns."""
    units = torch.eye(channels * positions, dtype=torch.float64)
    with torch.no_grad():
        answers = layer(units.reshape(-1, channels, positions))
    return answers.reshape(len(units), -1).T.numpy()


def convolution_norm(
    kernel: Array, positions: int, stride: int, padding: int, rounds: int
) -> float:
    """Estimate sigma of a convolution by power iteration, without its matrix.

    `conv1d` multiplies by W, `conv_transpose1d` by W transposed. Like that
    of `power_step`, the estimate never exceeds sigma.
    """
    w, (outputs, _, width) = torch.tensor(kernel), kernel.shape
    room = positions + 2 * padding - width  # how far the window can move
    y = torch.ones(1, outputs, room // stride + 1, dtype=w.dtype)
    for _ in range(rounds):
        x = conv_transpose1d(
            y, w, stride=stride, padding=padding, output_padding=room % stride
        )
        y = conv1d(x / x.norm(), w, stride=stride, padding=padding)
    return float(y.norm())


def norm_product(layers: Sequence[Layer]) -> float:
    """The product of the layers' spectral norms."""
    return float(np.prod([np.linalg.norm(w, 2) for w, _ in layers]))


def largest_slope(layers: Sequence[Layer], window: Array) -> float:
    """The Lipschitz constant of a ReLU network on a convex window.

    window: (2, corners). The network is affine on each piece, so this
    is the largest norm of a piece's matrix, exactly.
    """
    centres = [part.mean(axis=1) for part in pieces(layers, window)]
    matrices = [affine_piece(layers, c)[0] for c in centres]
    return float(max(np.linalg.norm(w, 2) for w in matrices))


def normalise(layers: Sequence[Layer]) -> list[Layer]:
    """Divide each layer's matrix by its exact norm; biases stay."""
    return [(divided(w, np.linalg.norm(w, 2)), b) for w, b in layers]


def steepest(f: Callable) -> tuple[float, float]:
    """Where in [-6, 6] the slope of f is greatest in size, and the slope there."""
    x = torch.linspace(-6, 6, 120_001, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(f(x).sum(), x)
    top = int(slope.abs().argmax())
    return float(x[top].detach()), float(slope[top])


def chain_slope(f: Callable, at: float, depth: int) -> float:
    """Slope of h -> f(h + b) repeated, each bias b chosen so that f is met at `at`."""
    x = torch.zeros((), dtype=torch.float64, requires_grad=True)
    h = x
    for _ in range(depth):
        h = f(h + (at - h.detach()))
    return float(torch.autograd.grad(h, x)[0])


if __name__ == "__main__":
    import matplotlib.pyplot as plt
    from torch.nn.functional import gelu, relu, silu
    from torch.nn.utils.parametrizations import spectral_norm

    from snippets.mechanics.geometry import network, random_network
    from snippets.palette import ACCENT, INK, LINE, SOFT

    # --8<-- [start:bound]
    rng = np.random.default_rng(0)
    window = np.array([[-3.0, 3, 3, -3], [-3, -3, 3, 3]])
    layers = random_network([2, 12, 12, 1], rng)
    norms = [np.linalg.norm(w, 2) for w, _ in layers]
    print("norms  ", *(f"{s:.2f}" for s in norms))
    bound, exact = norm_product(layers), largest_slope(layers, window)
    print(f"product {bound:.2f}   steepest piece {exact:.2f}")
    # --8<-- [end:bound]
    piece_count = len(pieces(layers, window))
    looseness = bound / exact

    # --8<-- [start:cone]
    centres = [part.mean(axis=1) for part in pieces(layers, window)]
    slopes = [affine_piece(layers, c)[0][0] for c in centres]
    steep = int(np.argmax(np.linalg.norm(slopes, axis=1)))
    direction = slopes[steep] / np.linalg.norm(slopes[steep])
    t = np.linspace(-2.6, 2.6, 400)  # stays in the square
    path = centres[steep][:, None] + np.outer(direction, t)
    f = network(layers, path)[0]
    f0 = network(layers, centres[steep][:, None])[0, 0]
    fig, ax = plt.subplots(figsize=(7.2, 3.4))
    for rise, alpha in ((bound, 0.1), (exact, 0.25)):
        reach = rise * np.abs(t)
        low, high = f0 - reach, f0 + reach
        ax.fill_between(t, low, high, color=SOFT, lw=0, alpha=alpha)
    ax.plot(t, f, color=INK, lw=2)
    ax.plot(0, f0, "o", color=ACCENT, ms=6)
    ax.text(1.02, f0 + 6.8, "product of norms", color=INK)
    ax.text(2.5, f0 - 2.1, "steepest piece", color=INK, ha="right")
    ax.set(xlim=(-2.6, 2.6), ylim=(f0 - 9, f0 + 9), xticks=[-2, 0, 2])
    ax.set_yticks([])
    ax.set_xlabel("distance walked")
    ax.set_ylabel("output")
    plt.show()
    # --8<-- [end:cone]
    farthest = float(np.abs(path).max())

    # --8<-- [start:cold]
    rng = np.random.default_rng(1)
    w = rng.standard_normal((40, 30))
    sigma = np.linalg.norm(w, 2)
    excess = []
    for _ in range(100):
        u, row = rng.standard_normal(40), []
        for _ in range(15):
            estimate, u = power_step(w, u)
            row.append(np.linalg.norm(capped(w, estimate), 2))
        excess.append(row)
    excess = np.array(excess)
    for k in (1, 2, 5, 15):
        low, middle, high = np.quantile(excess[:, k - 1], [0, 0.5, 1])
        print(f"{k:2} rounds   {low:.3f} to {high:.3f}, median {middle:.3f}")
    # --8<-- [end:cold]
    starts = len(excess)
    norm_after = {k: float(np.median(excess[:, k - 1])) for k in (1, 2, 5, 15)}
    least_after_one, worst_after_one = float(excess[:, 0].min()), float(excess[:, 0].max())
    worst_after_15 = float(excess[:, -1].max())

    # --8<-- [start:cold_picture]
    fig, ax = plt.subplots(figsize=(7.2, 3.2))
    rounds = np.arange(1, 16)
    ax.plot(rounds, excess[:60].T, color=LINE, lw=0.8)
    ax.plot(rounds, np.median(excess, axis=0), color=INK, lw=2)
    ax.axhline(1, color=SOFT, ls="--", lw=1.4)
    ax.text(15, 0.98, "what was promised", color=SOFT, ha="right", va="top")
    ax.text(3.4, 1.42, "random starts", color=SOFT)
    ax.set(ylim=(0.9, 1.8), xticks=[1, 5, 10, 15], yticks=[1, 1.4, 1.8])
    ax.set_xlabel("rounds of power iteration")
    ax.set_ylabel("norm afterwards")
    plt.show()
    # --8<-- [end:cold_picture]

    # --8<-- [start:rules]
    rng = np.random.default_rng(2)
    w = rng.standard_normal((6, 6))
    w /= np.linalg.norm(w, 2)
    sizes, moves = {}, {}
    for name, scale in (("large", 2.0), ("small", 0.1)):
        m = scale * w
        made = {
            "divide": divided(m, scale),
            "cap": capped(m, scale),
            "clip": clipped(m),
        }
        size = {k: float(np.linalg.norm(x, 2)) for k, x in made.items()}
        moved = {k: float(np.linalg.norm(x - m)) for k, x in made.items()}
        for k in made:
            print(f"{name} {k:6}   norm {size[k]:.2f}   moved {moved[k]:.2f}")
        sizes[name], moves[name] = size, moved
    # --8<-- [end:rules]

    # --8<-- [start:rules_picture]
    fig, panels = plt.subplots(1, 2, sharey=True, figsize=(7.2, 3))
    s = np.linalg.svd(w, compute_uv=False)
    k = np.arange(1, 7)
    for ax, scale in zip(panels, (2.0, 0.6), strict=True):
        ax.plot(k, scale * s, color=SOFT, ls="--", marker="o", ms=4)
        ax.plot(k, s, color=INK, marker="o", ms=4)
        kept = np.minimum(scale * s, 1)
        ax.plot(k, kept, color=ACCENT, ls=":", marker="o", ms=4, lw=2)
        ax.set(ylim=(0, 2.3), xticks=k, yticks=[0, 1, 2])
    panels[0].text(2.2, 1.75, "before", color=SOFT, ha="left")
    panels[0].text(2.6, 0.24, "divide, cap", color=INK, ha="right")
    panels[0].text(3.6, 1.05, "clip", color=ACCENT, ha="left")
    panels[1].text(2.2, 0.95, "divide", color=INK, ha="left")
    panels[1].text(2.6, 0.1, "cap, clip", color=ACCENT, ha="right")
    panels[0].set_ylabel("singular value")
    plt.show()
    # --8<-- [end:rules_picture]

    # --8<-- [start:torch_rule]
    torch.manual_seed(0)
    small = torch.nn.Linear(30, 40, bias=False).double()
    with torch.no_grad():
        small.weight *= 0.1
    before = torch.linalg.matrix_norm(small.weight, 2).item()
    layer = spectral_norm(small)
    wrapped = torch.linalg.matrix_norm(layer.weight, 2).item()
    for _ in range(100):
        layer.weight  # in training mode each use makes one round
    after = torch.linalg.matrix_norm(layer.weight, 2).item()
    print(f"before {before:.3f}   wrapped {wrapped:.3f}   after {after:.3f}")
    # --8<-- [end:torch_rule]

    # --8<-- [start:gradient]
    rng = np.random.default_rng(3)
    w, target = rng.standard_normal((2, 5, 4))
    sigma = np.linalg.norm(w, 2)
    by_hand = gradient_through(w, w / sigma - target)

    t = torch.tensor(w, requires_grad=True)
    normed = t / torch.linalg.matrix_norm(t, 2)
    ((normed - torch.tensor(target)) ** 2).sum().div(2).backward()
    print("equals autograd:", np.allclose(by_hand, t.grad, rtol=1e-10))
    cosine = (by_hand * w).sum() / np.linalg.norm(by_hand) / np.linalg.norm(w)
    print("perpendicular to W:", abs(cosine) < 1e-14)
    # --8<-- [end:gradient]
    gradient_agrees = bool(np.allclose(by_hand, t.grad, rtol=1e-10))

    # --8<-- [start:scale]
    for scale in (1, 10):
        g = gradient_through(scale * w, w / sigma - target)
        print(f"W times {scale:2}   gradient {np.linalg.norm(g):.4f}")
    # --8<-- [end:scale]
    gradient_at_ten = float(np.linalg.norm(g))

    # --8<-- [start:descent]
    rng = np.random.default_rng(4)
    target = rng.standard_normal((40, 30))
    target *= 3 / np.linalg.norm(target, 2)
    start = np.zeros((40, 30))
    curves, worst = {}, {}
    for name, warm in (("warm", True), ("cold", False)):
        rng = np.random.default_rng(5)
        curves[name], _ = projected_descent(start, target, 0.05, 150, warm, rng)
        worst[name] = float(curves[name].max())
        last = curves[name][-50:].mean()
        print(f"{name}   largest {worst[name]:.3f}   last 50 steps {last:.3f}")
    # --8<-- [end:descent]
    settled = {name: float(c[-50:].mean()) for name, c in curves.items()}

    # --8<-- [start:descent_picture]
    fig, ax = plt.subplots(figsize=(7.2, 3))
    steps = np.arange(1, 151)
    ax.axhline(1, color=LINE, lw=1.4)
    ax.plot(steps, curves["cold"], color=SOFT, lw=1.2, ls="--")
    ax.plot(steps, curves["warm"], color=INK, lw=2)
    ax.text(150, 1.7, "cold", color=SOFT, ha="right")
    ax.text(150, 0.95, "warm", color=INK, ha="right", va="top")
    ax.set(ylim=(0, 1.9), xticks=[0, 50, 100, 150], yticks=[0, 0.5, 1])
    ax.set_xlabel("steps")
    ax.set_ylabel("norm")
    plt.show()
    # --8<-- [end:descent_picture]

    # --8<-- [start:conv]
    torch.manual_seed(0)
    conv = torch.nn.Conv1d(1, 1, 5, padding=2, bias=False).double()
    torch.nn.init.ones_(conv.weight)
    conv = spectral_norm(conv)
    for _ in range(50):
        conv.weight
    kernel = conv.weight.detach().numpy()
    operator = np.linalg.norm(layer_matrix(conv, 1, 64), 2)
    print(f"flattened kernel {flat_norm(kernel):.4f}   layer {operator:.4f}")
    # --8<-- [end:conv]
    operator = float(operator)

    # --8<-- [start:kernels]
    rng = np.random.default_rng(6)
    kernels = {
        "single": np.eye(5)[2][None, None],
        "difference": np.array([[[0.0, -1, 1, 0, 0]]]),
        "even": np.ones((1, 1, 5)),
        "random, 1": rng.standard_normal((1, 1, 5)),
        "random, 16": rng.standard_normal((16, 16, 5)),
    }
    ratios = {}
    for name, kernel in kernels.items():
        ratios[name] = float(gains(kernel, 64).max() / flat_norm(kernel))
        print(f"{name:10}   layer / flattened {ratios[name]:.3f}")
    # --8<-- [end:kernels]

    # --8<-- [start:strided]
    kernel = rng.standard_normal((4, 3, 5))
    layer = torch.nn.Conv1d(3, 4, 5, stride=2, padding=2, bias=False)
    layer.weight = torch.nn.Parameter(torch.tensor(kernel))
    matrix = layer_matrix(layer, 3, 64)
    full = float(np.linalg.norm(matrix, 2))
    print("matrix", matrix.shape, f" norm {full:.3f}")
    iterated = {}
    for rounds in (1, 10, 100):
        iterated[rounds] = convolution_norm(kernel, 64, 2, 2, rounds)
        print(f"{rounds:3} rounds  {iterated[rounds]:.3f}")
    # --8<-- [end:strided]
    strided_ratio = full / flat_norm(kernel)

    # --8<-- [start:kernels_picture]
    fig, ax = plt.subplots(figsize=(7.2, 3.2))
    frequency = np.arange(129) / 256
    styles = {"single": "-", "difference": "--", "even": "-"}
    for name, style in styles.items():
        gain = gains(kernels[name], 256)[:129] / flat_norm(kernels[name])
        colour = INK if name == "even" else SOFT
        ax.plot(frequency, gain, color=colour, ls=style, lw=1.8)
    ax.axhline(5**0.5, color=LINE, lw=1.4)
    ax.text(0.5, 2.29, "√5", color=SOFT, ha="right")
    ax.text(0.07, 1.85, "even", color=INK)
    ax.text(0.5, 1.48, "difference", color=SOFT, ha="right")
    ax.text(0.44, 0.86, "single", color=SOFT, ha="center")
    ax.set(ylim=(0, 2.5), xticks=[0, 0.25, 0.5], yticks=[0, 1, 2])
    ax.set_xlabel("frequency")
    ax.set_ylabel("gain")
    plt.show()
    # --8<-- [end:kernels_picture]

    # --8<-- [start:activations]
    tops, chains = {}, {}
    for f in (relu, torch.tanh, silu, gelu):
        at, slope = steepest(f)
        name, chain = f.__name__, chain_slope(f, at, 20)
        print(f"{name}   largest slope {slope:.3f}   20 layers {chain:5.2f}")
        tops[name], chains[name] = slope, chain
    # --8<-- [end:activations]

    # --8<-- [start:activations_picture]
    fig, ax = plt.subplots(figsize=(7.2, 3.2))
    x = torch.linspace(-5, 5, 1001, dtype=torch.float64, requires_grad=True)
    for f, style in ((torch.tanh, ":"), (silu, "--"), (gelu, "-")):
        (slope,) = torch.autograd.grad(f(x).sum(), x)
        colour = INK if f is gelu else SOFT
        ax.plot(x.detach(), slope, color=colour, ls=style, lw=1.8)
    ax.axhline(1, color=LINE, lw=1.4)
    ax.text(1.5, 1.17, "GELU", color=INK, ha="center")
    ax.text(3.6, 1.12, "SiLU", color=SOFT, ha="center")
    ax.text(-1.3, 0.5, "tanh", color=SOFT, ha="right")
    ax.set(ylim=(-0.2, 1.3), xticks=[-5, 0, 5], yticks=[0, 1])
    ax.set_xlabel("input")
    ax.set_ylabel("slope")
    plt.show()
    # --8<-- [end:activations_picture]

    # --8<-- [start:floor]
    rng = np.random.default_rng(7)
    window = np.array([[-3.0, 3, 3, -3], [-3, -3, 3, 3]])
    reached = {}
    for hidden in (1, 2, 4, 8):
        sample = [
            normalise(random_network([2, *[6] * hidden, 1], rng))
            for _ in range(9)
        ]
        slopes = [largest_slope(net, window) for net in sample]
        reached[hidden] = float(np.median(slopes))
        print(f"{hidden} hidden   bound {norm_product(sample[0]):.2f}", end="")
        print(f"   steepest piece {reached[hidden]:.4f}")
    # --8<-- [end:floor]
