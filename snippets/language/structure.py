"""Dense, locally connected, convolution: three patterns for one matrix."""

from __future__ import annotations

import numpy as np

from snippets.mechanics.convolution_as_product import output_length


def shift_patterns(
    n: int, kernel: int, stride: int = 1, padding: int = 0
) -> np.ndarray:
    """Return the Kronecker deltas of a convolution, shape (kernel, M, n).

    Entry [t, m, j] is 1 where j = m * stride - padding + t, otherwise 0.
    """
    t = np.arange(kernel)[:, None, None]
    m = np.arange(output_length(n, kernel, stride, padding))[:, None]
    return (np.arange(n) == m * stride - padding + t).astype(float)


def convolution(
    kernel: np.ndarray, n: int, stride: int = 1, padding: int = 0
) -> np.ndarray:
    """Return the sum of kernel[t] * D[t] over the shift patterns D."""
    patterns = shift_patterns(n, len(kernel), stride, padding)
    return np.tensordot(kernel, patterns, axes=1)


def local(
    weights: np.ndarray, n: int, stride: int = 1, padding: int = 0
) -> np.ndarray:
    """Return the matrix whose row m holds weights[m], shape (M, kernel)."""
    patterns = shift_patterns(n, weights.shape[1], stride, padding)
    return np.einsum("mt,tmj->mj", weights, patterns)


def nearest_local(w: np.ndarray, patterns: np.ndarray) -> np.ndarray:
    """Keep the entries of w that a window reaches, drop the others."""
    return w * patterns.sum(0)


def nearest_convolution(w: np.ndarray, patterns: np.ndarray) -> np.ndarray:
    """Replace each diagonal of w that a weight occupies by its mean.

    It is the convolution with the smallest sum of squared differences to w.
    """
    sums = (w * patterns).sum((1, 2))
    return np.tensordot(sums / patterns.sum((1, 2)), patterns, axes=1)


def energy(part: np.ndarray, whole: np.ndarray) -> float:
    """Return the sum of squares of part, relative to that of whole."""
    return float((part**2).sum() / (whole**2).sum())


def shifted_mean(w: np.ndarray) -> np.ndarray:
    """Average the square matrix w over all circular shifts of its index.

    The result commutes with circular shifts.
    """
    turned = [np.roll(w, (k, k), axis=(0, 1)) for k in range(len(w))]
    return np.mean(turned, axis=0)


def follows(w: np.ndarray, x: np.ndarray, by: int, out: int) -> int:
    """Count outputs that move `out` places when x moves `by`, on a ring."""
    return int(np.isclose(w @ np.roll(x, by), np.roll(w @ x, out)).sum())


def fit_dense(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Least squares for all entries; x: (samples, n), y: (samples, M)."""
    return np.linalg.lstsq(x, y)[0].T


def fit_local(
    x: np.ndarray, y: np.ndarray, patterns: np.ndarray
) -> np.ndarray:
    """Least squares row by row for the entries that a window reaches."""
    w = np.zeros(patterns.shape[1:])
    for m, reached in enumerate(patterns.sum(0) > 0):
        w[m, reached] = np.linalg.lstsq(x[:, reached], y[:, m])[0]
    return w


def fit_convolution(
    x: np.ndarray, y: np.ndarray, patterns: np.ndarray
) -> np.ndarray:
    """Least squares for one kernel; every output is an equation."""
    windows = np.einsum("sj,tmj->smt", x, patterns)
    kernel = np.linalg.lstsq(windows.reshape(y.size, -1), y.ravel())[0]
    return np.tensordot(kernel, patterns, axes=1)


def learning_curve(
    target: np.ndarray,
    patterns: np.ndarray,
    samples: list[int],
    noise: float = 0.1,
    draws: int = 9,
) -> dict[str, list[float]]:
    """Median relative error of the three fits for each number of samples.

    Inputs are standard normal, so that the relative squared error of the
    matrix is the expected squared error on new inputs, relative to the
    outputs. `noise` is relative to the root mean square of the outputs.
    """
    rng = np.random.default_rng(0)
    scale = noise * np.sqrt((target**2).sum() / len(target))
    errors = {"dense": [], "local": [], "convolution": []}
    for count in samples:
        trials = {name: [] for name in errors}
        for _ in range(draws):
            x = rng.standard_normal((count, target.shape[1]))
            y = x @ target.T
            y += scale * rng.standard_normal(y.shape)
            fits = {
                "dense": fit_dense(x, y),
                "local": fit_local(x, y, patterns),
                "convolution": fit_convolution(x, y, patterns),
            }
            for name, w in fits.items():
                trials[name].append(energy(w - target, target))
        for name, values in trials.items():
            errors[name].append(float(np.median(values)))
    return errors


def off_diagonal_share(jacobian: np.ndarray) -> float:
    """Return which share of the squares stands off the diagonal."""
    return float(1 - (np.diag(jacobian) ** 2).sum() / (jacobian**2).sum())


if __name__ == "__main__":
    # --8<-- [start:three]
    rng = np.random.default_rng(0)
    n, size = 64, 5
    outputs = n - size + 1
    kernel = rng.standard_normal(size)
    layers = {
        "dense": rng.standard_normal((outputs, n)),
        "local": local(rng.standard_normal((outputs, size)), n),
        "convolution": convolution(kernel, n),
    }
    nonzero, distinct = {}, {}
    for name, w in layers.items():
        nonzero[name] = np.count_nonzero(w)
        distinct[name] = len(np.unique(w[w != 0]))
        print(f"{name:11}  {w.shape}  nonzero {nonzero[name]:4}"
              f"  different {distinct[name]:4}")

    tied = local(np.tile(kernel, (outputs, 1)), n)
    same = np.array_equal(tied, layers["convolution"])
    print("rows of local all equal:", same)
    # --8<-- [end:three]
    saved = distinct["dense"] // distinct["convolution"]

    # --8<-- [start:three_picture]
    import matplotlib.pyplot as plt

    from snippets.palette import INK, LINE, SOFT, A, B, C

    def draw(axes, matrix: np.ndarray, colour: str) -> None:
        """A square for each entry that is not 0, stronger the larger it is."""
        strength = abs(matrix) / abs(matrix).max()
        for (m, j), alpha in np.ndenumerate(strength):
            if alpha > 0.01:
                square = plt.Rectangle((j, m), 0.9, 0.9, color=colour)
                square.set(alpha=round(float(alpha), 2), linewidth=0)
                axes.add_patch(square)
        height, width = matrix.shape
        frame = plt.Rectangle(
            (-0.2, -0.2), width + 0.3, height + 0.3, fill=False, color=LINE
        )
        axes.add_patch(frame)
        axes.set(xlim=(-0.5, width + 0.5), ylim=(height + 0.5, -2))
        axes.set_aspect("equal")
        axes.axis("off")

    shades = np.array([1.0, 0.6, 0.25])
    panels = {
        "dense": rng.uniform(0.15, 1, (10, 12)),
        "local": local(rng.uniform(0.15, 1, (10, 3)), 12),
        "convolution": convolution(shades, 12),
    }
    figure, row = plt.subplots(1, 3, figsize=(5.8, 1.9))
    for axes, (name, w) in zip(row, panels.items(), strict=True):
        draw(axes, w, A)
        axes.text(6, -0.6, name, ha="center", color=INK)
    plt.show()
    # --8<-- [end:three_picture]

    # --8<-- [start:formula]
    from itertools import product

    import torch
    from torch.nn.functional import conv1d

    from snippets.mechanics.convolution_as_product import convolution_matrix

    worst, same = 0.0, 0
    settings = list(product((5, 8, 17), (1, 2, 3, 5), (1, 2, 3), (0, 1, 2)))
    for n, size, stride, padding in settings:
        x, kernel = rng.standard_normal(n), rng.standard_normal(size)
        w = convolution(kernel, n, stride, padding)
        theirs = conv1d(
            torch.tensor(x)[None], torch.tensor(kernel)[None, None],
            stride=stride, padding=padding,
        )
        worst = max(worst, abs(w @ x - theirs[0].numpy()).max())
        by_rows = convolution_matrix(kernel, n, stride, padding)
        same += np.array_equal(w, by_rows)
    print("settings", len(settings))
    print("all within 1e-14 of conv1d:", worst < 1e-14)
    print("equal to the matrix filled row by row:", same)
    # --8<-- [end:formula]
    count_settings = len(settings)

    # --8<-- [start:held]
    n, size = 12, 5
    small = shift_patterns(n, size, padding=2)  # 12 outputs too
    long = shift_patterns(n, 2 * n - 1, padding=n - 1)
    smooth = convolution(np.array([0.25, 0.5, 0.25]), n, padding=1)
    targets = {
        "smoothing": smooth,
        "uneven gain": np.linspace(-1, 1, n)[:, None] * smooth,
        "running sum": np.tril(np.ones((n, n))),
        "reversal": np.eye(n)[::-1],
        "random": rng.standard_normal((n, n)),
    }
    held = {}
    print("             local  conv  long conv")
    for name, w in targets.items():
        held[name] = [
            energy(nearest_local(w, small), w),
            energy(nearest_convolution(w, small), w),
            energy(nearest_convolution(w, long), w),
        ]
        row = "  ".join(f"{share:4.0%}" for share in held[name])
        print(f"{name:12} {row}")
    # --8<-- [end:held]
    free = {"dense": n * n, "local": int(small.sum())}
    free |= {"conv": len(small), "long": len(long)}

    # --8<-- [start:held_picture]
    figure, row = plt.subplots(1, 5, figsize=(6.4, 1.7))
    for axes, (name, w) in zip(row, targets.items(), strict=True):
        draw(axes, w, A)
        axes.text(6, -1, name, ha="center", fontsize=9.5)
    plt.show()
    # --8<-- [end:held_picture]

    # --8<-- [start:shift]
    from snippets.mechanics.convolution_as_product import circulant

    n, kernel = 12, np.array([0.5, 1.0, -0.7])
    x = rng.standard_normal(n)
    ring = circulant(kernel, n)
    candidates = {
        "dense": rng.standard_normal((n, n)),
        "local": local(rng.standard_normal((n, 3)), n, padding=1),
        "zero padding": convolution(kernel, n, padding=1),
        "circular": ring,
    }
    moved = {}
    for name, w in candidates.items():
        moved[name] = follows(w, x, by=1, out=1)
        print(f"{name:12}  outputs that follow: {moved[name]:2} of {n}")
    half = ring[::2]  # stride 2
    odd, even = follows(half, x, by=1, out=1), follows(half, x, by=2, out=1)
    print(f"stride 2      input moves 1: {odd} of 6, moves 2: {even} of 6")
    # --8<-- [end:shift]

    # --8<-- [start:shift_picture]
    figure, row = plt.subplots(1, 2, figsize=(6.4, 2.2), sharey=True)
    pulse, n = np.array([0.3, 0.8, 1.0, 0.5, -0.5, -0.2, 0.1]), 36
    uneven = rng.uniform(-1, 1, (n, 7))
    both = {
        "local": local(uneven, n, padding=3),
        "convolution": convolution(pulse, n, padding=3),
    }
    for axes, (name, w) in zip(row, both.items(), strict=True):
        axes.plot([0, n], [0, 0], color=LINE, linewidth=0.8)
        for place in (7, 18, 29):
            axes.vlines(place, -1.9, -1.45, color=B, linewidth=2)
            around = np.arange(place - 4, place + 5)
            answer = w[around, place]
            axes.plot(around, answer, "-", color=C, linewidth=1.8)
        axes.text(0, 1.15, name, color=INK)
        axes.set(xlim=(0, n), ylim=(-2, 1.4), xticks=[], yticks=[])
        axes.axis("off")
    plt.show()
    # --8<-- [end:shift_picture]

    # --8<-- [start:mean]
    n = 12
    w = rng.standard_normal((n, n))
    mean = shifted_mean(w)
    print("mean follows every shift:",
          all(follows(mean, x, k, k) == n for k in range(n)))
    print("mean is a circulant:", np.allclose(mean, circulant(mean[:, 0], n)))
    print(f"numbers left: {len(np.unique(mean.round(9)))} of {w.size}")
    # --8<-- [end:mean]

    # --8<-- [start:learn]
    n, size = 32, 5
    patterns = shift_patterns(n, size, padding=2)
    smooth = np.tensordot([1.0, 2, 3, 2, 1], patterns, axes=1)
    uneven = np.linspace(0.5, 1.5, n)[:, None] * smooth
    samples = [1, 2, 4, 8, 16, 32, 64, 128, 256]
    curves = {
        "same everywhere": learning_curve(smooth, patterns, samples),
        "uneven gain": learning_curve(uneven, patterns, samples),
    }
    shown = (1, 4, 16, 64, 256)
    for name, errors in curves.items():
        print(f"{name:15}" + "".join(f"{count:8}" for count in shown))
        for layer, error in errors.items():
            row = [error[samples.index(count)] for count in shown]
            print(f"    {layer:11}" + "".join(f"{e:8.0e}" for e in row))
    # --8<-- [end:learn]
    even_conv = curves["same everywhere"]["convolution"]
    even_dense = curves["same everywhere"]["dense"]
    even_local = curves["same everywhere"]["local"]
    uneven_conv = curves["uneven gain"]["convolution"]
    uneven_local = curves["uneven gain"]["local"]

    # --8<-- [start:learn_picture]
    figure, row = plt.subplots(1, 2, figsize=(6.6, 3.0), sharey=True)
    styles = {"dense": ":", "local": "--", "convolution": "-"}
    for axes, (name, errors) in zip(row, curves.items(), strict=True):
        for layer, error in errors.items():
            axes.loglog(samples, error, styles[layer], color=INK)
        axes.set_title(name, loc="left", size="medium")
        axes.set(xlabel="samples", xticks=[1, 16, 256], yticks=[1e-4, 1e-2, 1])
        axes.set_xticks([], minor=True)
        axes.set_xticklabels(["1", "16", "256"])
    row[0].text(50, 0.3, "dense", color=SOFT)
    row[0].text(1.1, 0.06, "local", color=SOFT)
    row[0].text(1.1, 6e-5, "convolution", color=SOFT)
    row[0].set_ylabel("error")
    plt.show()
    # --8<-- [end:learn_picture]

    # --8<-- [start:gradient]
    n, size = 12, 3
    patterns = shift_patterns(n, size)
    x, g = rng.standard_normal(n), rng.standard_normal(10)  # g: dL/dy
    kernel = torch.tensor(rng.standard_normal(size), requires_grad=True)
    y = conv1d(torch.tensor(x)[None], kernel[None, None])[0]
    y.backward(torch.tensor(g))

    every = np.outer(g, x)  # gradient if all entries were free
    print("autograd         ", kernel.grad.numpy().round(4))
    print("sums of diagonals", (patterns * every).sum((1, 2)).round(4))
    print("correlate x by g ", np.correlate(x, g, "valid").round(4))
    # --8<-- [end:gradient]

    # --8<-- [start:step]
    n, size, rate = 32, 5, 0.1
    patterns = shift_patterns(n, size)
    goal = rng.standard_normal(size)
    shared, free_entries = np.zeros(size), np.zeros(patterns.shape[1:])
    target = np.tensordot(goal, patterns, axes=1)
    for _ in range(10):
        every = np.tensordot(shared, patterns, axes=1) - target
        shared = shared - rate * (patterns * every).sum((1, 2))
        free_entries = free_entries - rate * (free_entries - target)
    left_shared = np.linalg.norm(shared - goal) / np.linalg.norm(goal)
    left_free = energy(free_entries - target, target) ** 0.5
    places = patterns.shape[1]
    print(f"after 10 steps: free {left_free:.3f}, shared {left_shared:.1e}")
    print(f"each weight stands in {places} places: 1 - rate * {places} ="
          f" {1 - rate * places:.1f}")
    # --8<-- [end:step]

    # --8<-- [start:backward]
    x, kernel = np.array([1, 2, 3, 4, 5]), np.array([1, 2, 3])
    g = np.array([1, 0, -1])
    w = convolution(kernel, 5)
    print("forward  W x      ", w @ x)
    print("         correlate", np.correlate(x, kernel, "valid"))
    print("         convolve ", np.convolve(x, kernel, "valid"))
    print("backward W' g     ", w.T @ g)
    print("         convolve ", np.convolve(g, kernel))
    # --8<-- [end:backward]

    # --8<-- [start:toeplitz]
    from snippets.mechanics.convolution_as_product import is_toeplitz

    a, b = rng.standard_normal(3), rng.standard_normal(3)
    inner, outer = convolution(a, 16), convolution(b, 14)
    once = convolution(np.convolve(a, b), 16)
    print("no padding: two in one:", np.allclose(outer @ inner, once))
    two = convolution(b, 16, padding=1) @ convolution(a, 16, padding=1)
    once = convolution(np.convolve(a, b), 16, padding=2)
    differ = np.argwhere(~np.isclose(two, once)).tolist()
    print("zero padding: Toeplitz:", is_toeplitz(two.round(12)),
          " differ at", differ)
    w = convolution(a, 16, stride=2)
    moved_rows = np.array_equal(w[1:, 2:], w[:-1, :-2])
    print("stride 2: Toeplitz:", is_toeplitz(w),
          " row m+1 is row m moved by 2:", moved_rows)
    # --8<-- [end:toeplitz]

    # --8<-- [start:cost]
    n, size = 4096, 9
    weights = {"dense": n * n, "local": n * size, "convolution": size}
    products = {"dense": n * n, "local": n * size, "convolution": n * size}
    for name in weights:
        print(f"{name:11}  weights {weights[name]:10,}"
              f"  multiplications {products[name]:10,}"
              f"  per weight {products[name] // weights[name]:5,}")
    # --8<-- [end:cost]
    fewer_products = products["dense"] / products["convolution"]

    # --8<-- [start:switches]
    layers = {
        "ReLU": torch.relu,
        "tanh": torch.tanh,
        "softmax": lambda v: torch.softmax(v, 0),
        "layer norm": lambda v: torch.nn.functional.layer_norm(v, v.shape),
    }
    point = torch.tensor([1.0, -0.5, 2.0, 0.3], dtype=torch.float64)
    off = {}
    for name, layer in layers.items():
        jacobian = torch.autograd.functional.jacobian(layer, point).numpy()
        off[name] = off_diagonal_share(jacobian)
        print(f"{name:10}  off the diagonal: {off[name]:.0%}")
    # --8<-- [end:switches]
