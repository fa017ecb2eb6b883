"""What the identity does to the singular values of a layer, of many, and of a start."""

from __future__ import annotations

import numpy as np
import torch

from snippets.mechanics.gradients import (
    gaussian,
    orthogonal,
    pull_back,
    run,
    weight_gradients,
)
from snippets.mechanics.residuals import block, block_jacobian, residual_layers

Array = np.ndarray


def mean_stretch(w: Array) -> float:
    """Return the geometric mean of the singular values, |det W| ** (1 / n)."""
    return float(np.exp(np.linalg.slogdet(w)[1] / len(w)))


def expected_mean_stretch(gain: float) -> float:
    """Return the limit of mean_stretch(I + W) for wide Gaussian W of this gain.

    ln |1 + z| averaged over the disc |z| <= gain, on which the eigenvalues
    of W lie evenly: 0 up to gain 1, ln(gain) - (1 - 1 / gain**2) / 2 above.
    """
    if gain <= 1:
        return 1.0
    return float(gain * np.exp(-(1 - gain**-2) / 2))


def product_values(factors: Array) -> Array:
    """Return the singular values of W_L ... W_1, largest first."""
    product = np.eye(factors.shape[-1])
    for w in factors:
        product = w @ product
    return np.linalg.svd(product)[1]


def spectrum_end(c: float) -> float:
    """Return the largest singular value of many wide layers I + W, c = gain**2 * L.

    The limit for width and depth to infinity; the smallest is its inverse.
    The squares follow the law of free multiplicative Brownian motion.
    """
    root = np.sqrt(c * (c + 2))
    return float(np.sqrt((1 + c + root) * np.exp(root)))


def branch_jacobian(x: Array, w1: Array, w2: Array) -> Array:
    """Return the Jacobian at x, (n, 1), of blocks h + W2 relu(W1 h) in a row."""
    jacobian = np.eye(len(x))
    for a, b in zip(w1, w2, strict=True):
        jacobian = block_jacobian(x, a, b) @ jacobian
        x = block(x, a, b)
    return jacobian


def descend(
    weights: Array, target: Array, rate: float, steps: int
) -> tuple[Array, Array]:
    """Gradient descent on half the squared error |W_L ... W_1 - target|_F^2.

    weights: (L, n, n). Returns the squared error before each step and after
    the last, shape (steps + 1,), and the trained weights.
    """
    weights, unit, losses = weights.copy(), np.eye(len(target)), []
    with np.errstate(over="ignore", invalid="ignore"):  # too large a rate runs away
        for step in range(steps + 1):
            product, inputs, slopes = run(weights, unit)
            losses.append(((product - target) ** 2).sum())
            if step < steps:
                errors = pull_back(weights, slopes, product - target)
                weights -= rate * np.array(weight_gradients(errors, inputs))
    return np.array(losses), weights


def turns(rng: np.random.Generator, depth: int, n: int, sign: int) -> Array:
    """Return random orthogonal matrices, (depth, n, n), with det(product) = sign."""
    weights = orthogonal(rng, depth, n)
    if np.sign(np.linalg.det(weights)).prod() != sign:
        weights[0, :, 0] *= -1
    return weights


def mirrored_jacobian(weights: Array, x: Array) -> Array:
    """Return the Jacobian of h -> W_l [relu(h); relu(-h)], layer after layer.

    weights: (L, n, 2 n), x: (n, 1).
    """
    jacobian = np.eye(len(x))
    for w in weights:
        both = np.vstack([np.diag(1.0 * (x[:, 0] > 0)), np.diag(-1.0 * (x[:, 0] < 0))])
        jacobian = w @ both @ jacobian
        x = w @ np.vstack([np.maximum(x, 0), np.maximum(-x, 0)])
    return jacobian


def forward(
    kind: str, weights: list[torch.Tensor], h: torch.Tensor
) -> torch.Tensor:
    """Return the output of a plain, mirrored or residual ReLU network."""
    if kind == "residual":
        for w1, w2 in zip(weights[::2], weights[1::2], strict=True):
            h = h + w2 @ (w1 @ h).relu()
    elif kind == "mirrored":
        for w in weights:
            h = w @ torch.cat([h.relu(), (-h).relu()], dim=-2)
    else:
        h = weights[0] @ h
        for w in weights[1:]:
            h = w @ h.relu()
    return h


def train(
    kind: str, start: list[Array], x: Array, y: Array, rates: list[float], steps: int
) -> Array:
    """Gradient descent from one start with several learning rates side by side.

    Returns the mean squared errors, shape (steps + 1, len(rates)).
    """
    count, losses = len(rates), []
    rate = torch.tensor(rates, dtype=torch.float64)[:, None, None]
    weights = [torch.tensor(w).repeat(count, 1, 1).requires_grad_() for w in start]
    x, y = torch.tensor(x), torch.tensor(y)
    for step in range(steps + 1):
        loss = ((forward(kind, weights, x) - y) ** 2).mean(dim=(-2, -1))
        losses.append(loss.detach().numpy())
        if step < steps:
            gradients = torch.autograd.grad(loss.sum(), weights)
            with torch.no_grad():
                for w, g in zip(weights, gradients, strict=True):
                    w -= rate * g
    return np.array(losses)


def relu_recurrence_jacobian(w: Array, h: Array, inputs: Array) -> Array:
    """Return dh_T/dh_0 for h_t = relu(W h_{t-1} + x_t); h and each x_t (n,)."""
    jacobian = np.eye(len(h))
    for x in inputs:
        z = w @ h + x
        h = np.maximum(z, 0)
        jacobian = (z > 0)[:, None] * (w @ jacobian)
    return jacobian


if __name__ == "__main__":
    import matplotlib.pyplot as plt

    from snippets.mechanics.gradients import jacobian, log_spread
    from snippets.palette import ACCENT, INK, LINE, SOFT

    # --8<-- [start:volume]
    rng = np.random.default_rng(0)
    n = 300
    G = gaussian(rng, 1, n)[0]
    alone, beside, expected, spectra = {}, {}, {}, {}
    print("gain   W alone   I + W   limit    I + W: smallest   largest")
    for gain in (0.3, 1.0, 2.0):
        s = spectra[gain] = np.linalg.svd(np.eye(n) + gain * G)[1]
        alone[gain] = mean_stretch(gain * G)
        beside[gain] = mean_stretch(np.eye(n) + gain * G)
        expected[gain] = expected_mean_stretch(gain)
        print(f"{gain:4} {alone[gain]:9.2f} {beside[gain]:7.2f}"
              f" {expected[gain]:7.2f} {s[-1]:18.2f} {s[0]:9.2f}")
    # --8<-- [end:volume]
    ends = {gain: [s[-1], s[0]] for gain, s in spectra.items()}
    entry, width = 1 / np.sqrt(n), n

    # --8<-- [start:volume_picture]
    figure, axes = plt.subplots(figsize=(6.4, 3.1))
    share = (np.arange(n) + 0.5) / n
    for gain, style in ((0.3, "-"), (1.0, "--")):
        axes.plot(share, spectra[gain], style, color=INK)
    axes.plot(share, np.linalg.svd(G)[1], ":", color=SOFT)
    axes.axhline(1, color=LINE, linewidth=0.8, zorder=0)
    axes.text(0.8, 1.06, "I + 0.3 G", color=INK)
    axes.text(0.2, 2.1, "I + G", color=INK)
    axes.text(0.62, 0.25, "G", color=SOFT)
    axes.set(xticks=[0, 0.5, 1], yticks=[0, 1, 2], ylim=(0, 2.7))
    axes.set_xlabel("rank, as a share of n")
    axes.set_ylabel("singular value")
    plt.show()
    # --8<-- [end:volume_picture]

    # --8<-- [start:many]
    n, depths = 128, (10, 40, 160)
    largest = {"1/L": [], "1/sqrt L": [], "1": []}
    smallest = {"1/L": [], "1/sqrt L": []}
    curves = {}
    for L in depths:
        for name, gain in (("1/L", 1 / L), ("1/sqrt L", L**-0.5), ("1", 1)):
            s = product_values(residual_layers(rng, L, n, gain))
            largest[name].append(s[0])
            if name in smallest:
                smallest[name].append(s[-1])
            if name == "1/sqrt L":
                curves[L] = s
    print("layers             " + "".join(f"{L:8}" for L in depths))
    for name in smallest:
        print(f"{name:9} largest  " + "".join(f"{s:8.1f}" for s in largest[name]))
        print(f"{name:9} smallest " + "".join(f"{s:8.2f}" for s in smallest[name]))
    print("1         largest  " + "".join(f"{s:8.0e}" for s in largest["1"]))
    limit = spectrum_end(1)
    print(f"1/sqrt L, limit of width and depth: {limit:.2f}, {1 / limit:.2f}")
    # --8<-- [end:many]
    limit_inverse, limit_ratio = 1 / limit, limit**2

    # --8<-- [start:many_picture]
    figure, axes = plt.subplots(figsize=(6.4, 3.0))
    share = (np.arange(n) + 0.5) / n
    for s, style in zip(curves.values(), (":", "--", "-"), strict=True):
        axes.semilogy(share, s, style, color=INK)
    for level in (limit, 1 / limit):
        axes.axhline(level, color=ACCENT, linewidth=0.9)
    axes.text(0.99, 5.0, "limit", color=ACCENT, ha="right")
    axes.set(xticks=[0, 0.5, 1], ylim=(0.15, 8))
    axes.set_yticks([0.2, 1, 5], ["0.2", "1", "5"])
    axes.minorticks_off()
    axes.set_xlabel("rank, as a share of n")
    axes.set_ylabel("singular value")
    plt.show()
    # --8<-- [end:many_picture]

    # --8<-- [start:fan]
    n = 64
    top, bottom = [], []
    print("layers   Gaussian: largest   smallest   orthogonal: both")
    for L in (1, 8, 64):
        factors = gaussian(rng, L, n)
        top.append(product_values(factors)[0])
        bottom.append(log_spread(factors)[-1].min())
        s = product_values(orthogonal(rng, L, n))
        print(f"{L:6} {top[-1]:19.1f}   10^{bottom[-1]:<6.0f}"
              f"{s[0]:12.6f} {s[-1]:.6f}")
    # --8<-- [end:fan]
    sample = orthogonal(rng, 200, 5)
    reflections = int((np.linalg.det(sample) < 0).sum())

    # --8<-- [start:blocks]
    print("layers   no skip: above 0.1   with skip: smallest   largest")
    above, block_ends = {}, {}
    for L in (8, 32, 128):
        x = rng.standard_normal((n, 1))
        plain = jacobian(orthogonal(rng, L, n, np.sqrt(2)), x, "relu")
        above[L] = int((np.linalg.svd(plain)[1] > 0.1).sum())
        w1 = gaussian(rng, L, n, np.sqrt(2))
        w2 = gaussian(rng, L, n, L**-0.5)
        s = np.linalg.svd(branch_jacobian(x, w1, w2))[1]
        block_ends[L] = [s[-1], s[0]]
        print(f"{L:6} {above[L]:20} {s[-1]:21.2f} {s[0]:9.1f}")
    # --8<-- [end:blocks]

    # --8<-- [start:blind]
    rng = np.random.default_rng(0)
    n, L = 6, 8
    axes_of_target = orthogonal(rng, 1, n)[0]
    starts = {
        "identity": np.tile(np.eye(n), (L, 1, 1)),
        "rotation": turns(rng, L, n, 1),
        "reflection": turns(rng, L, n, -1),
    }
    left, thinnest = {}, {}
    print("negative eigenvalues   start       error   smallest singular value")
    for negative in (0, 1, 2):
        eigenvalues = np.linspace(0.8, 1.3, n)
        eigenvalues[:negative] *= -1
        target = axes_of_target * eigenvalues @ axes_of_target.T
        for name, start in starts.items():
            losses, trained = descend(start, target, 0.2 / L, steps=700)
            key = f"{name}{negative}"
            left[key] = losses[-1]
            thinnest[key] = product_values(trained)[-1]
            print(f"{negative:20}   {name:10} {left[key]:6.1f}"
                  f" {thinnest[key]:12.1f}")
    # --8<-- [end:blind]

    # --8<-- [start:rates]
    n = 16
    steps_needed = {"orthogonal": [], "gaussian": [], "fixed": []}
    print("layers   orthogonal, 0.5/L   Gaussian, 0.1/L   orthogonal, 0.05")
    for L in (1, 4, 16, 64):
        row = []
        q = orthogonal(rng, 1, n)[0]
        bend = np.eye(n) + 0.4 * q * np.linspace(-1, 1, n) @ q.T
        for name, draw, rate in (
            ("orthogonal", orthogonal, 0.5 / L),
            ("gaussian", gaussian, 0.1 / L),
            ("fixed", orthogonal, 0.05),
        ):
            start = draw(rng, L, n)
            product = run(start, np.eye(n))[0]
            losses, _ = descend(start, product @ bend, rate, steps=90)
            done = np.flatnonzero(losses < 0.01 * losses[0])
            row.append(int(done[0]) if len(done) else None)
            steps_needed[name].append(row[-1])
        print(f"{L:6} {row[0]!s:>19} {row[1]!s:>17} {row[2]!s:>18}")
    # --8<-- [end:rates]

    # --8<-- [start:balance]
    imbalance = {}
    for name, draw in (("orthogonal", orthogonal), ("Gaussian", gaussian)):
        ratios = []
        for _ in range(20):
            start = draw(rng, 64, n)
            product, inputs, slopes = run(start, np.eye(n))
            errors = pull_back(start, slopes, product - product @ bend)
            gradients = weight_gradients(errors, inputs)
            sizes = [np.linalg.norm(g) for g in gradients]
            ratios.append(max(sizes) / min(sizes))
        imbalance[name] = np.median(ratios)
        print(f"{name:10} largest over smallest {imbalance[name]:.0f}")
    # --8<-- [end:balance]
    bend_top = np.linalg.norm(bend, 2)  # the largest singular value of the target
    stable = 2 / bend_top**2

    # --8<-- [start:mirror]
    rng = np.random.default_rng(1)
    n, L = 16, 40
    x = rng.standard_normal((n, 1))
    V = orthogonal(rng, L, n)
    s = np.linalg.svd(mirrored_jacobian(np.concatenate([V, -V], axis=-1), x))[1]
    plain = jacobian(orthogonal(rng, L, n, np.sqrt(2)), x, "relu")
    mirror_low, mirror_high = s[-1], s[0]
    plain_above = int((np.linalg.svd(plain)[1] > 0.1).sum())
    print(f"mirrored: singular values from {s[-1]:.6f} to {s[0]:.6f}")
    print(f"plain: {plain_above} of {n} above 0.1")
    # --8<-- [end:mirror]

    # --8<-- [start:training]
    rng = np.random.default_rng(0)
    n, L, root2 = 16, 30, np.sqrt(2)
    X = rng.standard_normal((n, 64))
    teacher = gaussian(rng, 2, n)
    Y = teacher[1] @ np.maximum(teacher[0] @ X, 0)
    Y /= Y.std()
    V, G = orthogonal(rng, L, n), gaussian(rng, L, n)
    wide = orthogonal(rng, L, 2 * n, root2)
    plain = [wide[0][:, :n], *wide[1:-1], wide[-1][:n]]
    w1, w2 = gaussian(rng, L // 2, n, root2), gaussian(rng, L // 2, n)
    branches = [w for pair in zip(w1, w2 / np.sqrt(L // 2)) for w in pair]
    contest = {
        "plain": ("plain", plain),
        "mirrored": ("mirrored", list(np.concatenate([V, -V], -1))),
        "mirrored Gaussian": ("mirrored", list(np.concatenate([G, -G], -1))),
        "residual": ("residual", branches),
    }
    final, rates = {}, [0.01, 0.02, 0.04, 0.08, 0.16]
    for name, (kind, start) in contest.items():
        losses = train(kind, start, X, Y, rates, steps=60)
        final[name] = np.nanmin(losses[-1])
        print(f"{name:18} best loss after 60 steps {final[name]:.1f}")
    s = np.linalg.svd(branch_jacobian(X[:, :1], w1, w2 / np.sqrt(L // 2)))[1]
    print(f"residual, singular values at the start {s[-1]:.1f} to {s[0]:.1f}")
    best_linear = np.linalg.lstsq(X.T, Y.T)[1].sum() / Y.size
    print(f"best linear map    {best_linear:.1f}")
    # --8<-- [end:training]
    residual_low, residual_high = s[-1], s[0]

    # --8<-- [start:masks]
    rng = np.random.default_rng(0)
    n, T = 64, 100
    h, inputs = abs(rng.standard_normal(n)), 0.1 * rng.standard_normal((T, n))
    q = orthogonal(rng, 1, n)[0]
    recurrences = {
        "identity": np.eye(n),
        "orthogonal": q,
        "larger": root2 * q,
    }
    alive, strongest = {}, {}
    print("             directions above 1/2    largest")
    for name, w in recurrences.items():
        s = np.linalg.svd(relu_recurrence_jacobian(w, h, inputs))[1]
        alive[name], strongest[name] = int((s > 0.5).sum()), s[0]
        print(f"{name:12} {alive[name]:20}   {strongest[name]:8.3g}")
    # --8<-- [end:masks]
