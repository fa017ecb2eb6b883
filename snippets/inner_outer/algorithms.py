"""A linear layer, a convolution and pooling, each written so that it can be checked."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import add

import numpy as np
import torch

from snippets.mechanics.convolution_as_product import image_operator, windows
from snippets.mechanics.strassen import Counted


def dot_table(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """x @ w: a dot product for each sample (row of x) and unit (column of w)."""
    return np.array([[np.dot(sample, unit) for unit in w.T] for sample in x])


def outer_sum(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a @ b as column 0 times row 0, plus column 1 times row 1, and so on."""
    pairs = zip(a.T, b, strict=True)
    return sum(np.outer(column, row) for column, row in pairs)


def gradients(
    x: np.ndarray, target: np.ndarray, params: list[np.ndarray]
) -> tuple[float, list[np.ndarray]]:
    """Loss and gradients of tanh units followed by one logistic unit.

    x: (samples, inputs); target: (samples, 1), 0 or 1; params: w1, b1, w2, b2.
    The loss is the mean cross-entropy.
    """
    w1, b1, w2, b2 = params
    hidden = np.tanh(x @ w1 + b1)
    z = hidden @ w2 + b2
    loss = np.mean(np.logaddexp(0, z) - target * z)
    delta2 = (1 / (1 + np.exp(-z)) - target) / len(x)
    delta1 = (delta2 @ w2.T) * (1 - hidden**2)
    return float(loss), [
        x.T @ delta1,
        delta1.sum(0),
        hidden.T @ delta2,
        delta2.sum(0),
    ]


def ring(rng: np.random.Generator, samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Points of the square [-1, 1]^2, and 1 for those less than 0.7 from 0."""
    x = rng.uniform(-1, 1, (samples, 2))
    return x, (np.linalg.norm(x, axis=1, keepdims=True) < 0.7).astype(float)


def recurrent(
    x: np.ndarray, w: np.ndarray, u: np.ndarray, b: np.ndarray
) -> np.ndarray:
    """States h_t = tanh(x_t w + h_(t-1) u + b) from 0; x: (steps, inputs)."""
    from_input = x @ w + b  # all steps in one product
    states = [np.zeros(len(u))]
    for row in from_input:  # each step has to wait for the one before
        states.append(np.tanh(row + states[-1] @ u))
    return np.array(states[1:])


def by_loops(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Slide the kernel over the image: multiply, add up, move on."""
    height, width = kernel.shape

    def at(i: int, j: int):
        products = [
            image[i + a, j + b] * kernel[a, b]
            for a in range(height)
            for b in range(width)
        ]
        return reduce(add, products)

    rows, columns = np.subtract(image.shape, kernel.shape) + 1
    return np.array([[at(i, j) for j in range(columns)] for i in range(rows)])


def by_windows(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Look at all windows at once, uncopied, and add up each one's products."""
    view = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return (view * kernel).sum((2, 3))


def by_im2col(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Lay each window out as a column, then multiply once. Square kernels."""
    out = kernel.reshape(1, -1) @ windows(image[None, None], len(kernel))[0]
    return out.reshape(np.subtract(image.shape, kernel.shape) + 1)


def by_matrix(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Lay the image out as one column; a sparse matrix times that column."""
    operator = image_operator(kernel, *image.shape)
    out = operator @ torch.tensor(image.ravel(), dtype=torch.float64)
    return out.numpy().reshape(np.subtract(image.shape, kernel.shape) + 1)


def by_fft(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Transform both, multiply entry by entry, transform back.

    The transform closes image and kernel into a ring; the places returned are
    those where the kernel does not reach around. The conjugate makes it a
    correlation; without it, a convolution that turns the kernel around.
    """
    spectrum = np.fft.rfft2(image) * np.fft.rfft2(kernel, image.shape).conj()
    rows, columns = np.subtract(image.shape, kernel.shape) + 1
    return np.fft.irfft2(spectrum, image.shape)[:rows, :columns]


def multiplications(
    method: Callable[[np.ndarray, np.ndarray], np.ndarray],
    image_size: int,
    kernel_size: int,
) -> int:
    """Run the method on numbers that count, and return its multiplications."""

    def ones(n: int) -> np.ndarray:
        return np.array([[Counted(1) for _ in range(n)] for _ in range(n)])

    image, kernel = ones(image_size), ones(kernel_size)
    before = Counted.multiplications
    method(image, kernel)
    return Counted.multiplications - before


def layer(images: np.ndarray, kernels: np.ndarray) -> np.ndarray:
    """Add up over the input planes, stack the output planes.

    images: (batch, planes, height, width); kernels: (filters, planes, p, q).
    """
    view = np.lib.stride_tricks.sliding_window_view(
        images, kernels.shape[2:], axis=(2, 3)
    )
    return np.einsum("ncijab,fcab->nfij", view, kernels)


def printed_convolution(x: np.ndarray, f: np.ndarray) -> np.ndarray:
    """The source's y_ij = sum over k of x_(i-k+1) f_kj, to the letter.

    x has one index: (n,); f: (K, filters). Indices count from 1, and rows i
    for which i - k + 1 leaves x are left out.
    """
    size = len(f)
    return np.array(
        [
            [
                sum(x[i - k] * f[k - 1, j] for k in range(1, size + 1))
                for j in range(f.shape[1])
            ]
            for i in range(size, len(x) + 1)
        ]
    )


def pool(
    image: np.ndarray, size: int, reduction: Callable[..., np.ndarray]
) -> np.ndarray:
    """Cut into size x size blocks and reduce each to one number.

    Raises ValueError if the blocks do not fit.
    """
    rows, columns = image.shape
    if rows % size or columns % size:
        raise ValueError(f"blocks of {size} do not fit {rows} x {columns}")
    blocks = image.reshape(rows // size, size, columns // size, size)
    return reduction(blocks, axis=(1, 3))


def printed_pooling(image: np.ndarray, size: int) -> np.ndarray:
    """The source's y_ij = max over k of (sum over k of x_ik), to the letter.

    The inner k hides the outer one, so the maximum runs over equal numbers.
    """
    rows, columns = np.array(image.shape) // size
    return np.array(
        [
            [
                max(image[i, :size].sum() for _ in range(size))
                for _ in range(columns)
            ]
            for i in range(rows)
        ]
    )


def averaging_matrix(n: int, size: int) -> np.ndarray:
    """(n / size, n): row i averages entries i * size to (i + 1) * size - 1."""
    return np.kron(np.eye(n // size), np.full((1, size), 1 / size))


if __name__ == "__main__":
    # --8<-- [start:row]
    x = np.array([[1], [2], [3]])            # one sample: a column
    w = np.array([[1, 0], [2, -1], [0, 1]])  # 3 inputs, 2 units
    print("x' W", (x.T @ w).shape, (x.T @ w).ravel())
    print("W' x", (w.T @ x).shape, (w.T @ x).ravel())
    # --8<-- [end:row]

    # --8<-- [start:batch]
    from torch.nn.functional import linear

    rng = np.random.default_rng(0)
    samples, b = rng.integers(-3, 4, (4, 3)), np.array([10, 20])
    table = samples @ w + b
    print(table)
    one_by_one = dot_table(samples, w) + b
    theirs = linear(torch.tensor(samples), torch.tensor(w.T), torch.tensor(b))
    print("dot by dot:", np.array_equal(table, one_by_one),
          "  torch, given W':", np.array_equal(table, theirs))
    # --8<-- [end:batch]
    dots = table.size

    # --8<-- [start:batch_picture]
    import matplotlib.pyplot as plt

    from snippets.palette import INK, SOFT, A, B, C

    def cells(axes, left: float, top: float, filled, colour: str) -> None:
        """Draw a table of unit cells; fill those where `filled` is true."""
        for (i, j), full in np.ndenumerate(np.asarray(filled, bool)):
            face = colour if full else "none"
            axes.add_patch(plt.Rectangle(
                (left + j + 0.06, top + i + 0.06), 0.88, 0.88,
                facecolor=face, edgecolor=colour, linewidth=0.7,
            ))

    def blank(axes, width: float, height: float) -> None:
        """Prepare axes of width x height cells, rows counted downwards."""
        axes.set(xlim=(-0.2, width + 0.2), ylim=(height + 0.2, -0.2))
        axes.set_aspect("equal")
        axes.axis("off")

    figure, axes = plt.subplots(figsize=(5.0, 2.2))
    row, column = np.zeros((4, 3)), np.zeros((3, 2))
    row[1], column[:, 1] = 1, 1
    cells(axes, 0, 1.2, row, A)
    cells(axes, 5, 1.7, column, B)
    cells(axes, 9, 1.2, np.outer([0, 1, 0, 0], [0, 1]), C)
    for place, sign in ((4, "·"), (8, "=")):
        axes.text(place, 3.2, sign, ha="center", va="center", color=INK)
    axes.text(1.5, 0.7, "4 samples", ha="center", color=INK)
    axes.text(6, 0.7, "2 units", ha="center", color=INK)
    axes.text(10, 0.7, "table", ha="center", color=INK)
    blank(axes, 11, 5.4)
    plt.show()
    # --8<-- [end:batch_picture]

    # --8<-- [start:bias]
    celsius = np.arange(-20.0, 41, 10)
    fahrenheit = 1.8 * celsius + 32
    ones = np.ones_like(celsius)
    without = np.linalg.lstsq(celsius[:, None], fahrenheit)[0]
    both = np.linalg.lstsq(np.stack([celsius, ones], 1), fahrenheit)[0]
    slope_alone, (slope, shift) = float(without[0]), both.tolist()
    print(f"without bias  slope {slope_alone:.2f}")
    print(f"with bias     slope {slope:.2f}  bias {shift:.2f}")
    # --8<-- [end:bias]
    worst = float(abs(celsius * slope_alone - fahrenheit).max())
    worst_with_bias = float(abs(slope * celsius + shift - fahrenheit).max())

    # --8<-- [start:two_sides]
    x, d = rng.integers(-2, 3, (4, 6)), rng.integers(-2, 3, (4, 5))
    at_once = x.T @ d
    print("sum of 4 outer products equals X' D:",
          np.array_equal(at_once, outer_sum(x.T, d)))
    gradient_rank = int(np.linalg.matrix_rank(at_once))
    print("gradient", at_once.shape, "rank", gradient_rank)
    # --8<-- [end:two_sides]

    # --8<-- [start:autograd]
    x, target = ring(rng, 400)
    shapes = [(2, 16), (16,), (16, 1), (1,)]
    params = [rng.standard_normal(shape) for shape in shapes]
    loss, by_hand = gradients(x, target, params)

    leaves = [torch.tensor(p, requires_grad=True) for p in params]
    w1, b1, w2, b2 = leaves
    z = torch.tanh(torch.tensor(x) @ w1 + b1) @ w2 + b2
    goal = torch.tensor(target)
    torch.nn.functional.binary_cross_entropy_with_logits(z, goal).backward()
    agree = [np.allclose(g, leaf.grad, rtol=1e-12, atol=1e-13)
             for g, leaf in zip(by_hand, leaves, strict=True)]
    print("gradients equal autograd:", agree)
    # --8<-- [end:autograd]

    # --8<-- [start:training]
    for _ in range(2000):
        _, slopes = gradients(x, target, params)
        params = [p - 0.5 * s for p, s in zip(params, slopes, strict=True)]
    final_loss, _ = gradients(x, target, params)

    def score(points: np.ndarray) -> np.ndarray:
        """The logit of the net; above 0 it answers 1."""
        w1, b1, w2, b2 = params
        return np.tanh(points @ w1 + b1) @ w2 + b2

    fresh, truth = ring(rng, 2000)
    accuracy = float(np.mean((score(fresh) > 0) == truth))
    print(f"loss {loss:.1f} -> {final_loss:.2f}")
    print(f"right on 2000 new points: {accuracy:.0%}")
    # --8<-- [end:training]
    most_frequent = float(max(truth.mean(), 1 - truth.mean()))

    # --8<-- [start:training_picture]
    figure, axes = plt.subplots(figsize=(5.8, 2.8))
    line = np.linspace(-1, 1, 81)
    grid = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    axes.contour(line, line, score(grid).reshape(81, 81), [0], colors=INK)
    angle = np.linspace(0, 2 * np.pi, 200)
    axes.plot(0.7 * np.cos(angle), 0.7 * np.sin(angle), "--", color=SOFT)
    axes.text(0, 0, "inside", ha="center", color=SOFT)
    axes.set(xticks=[-1, 0, 1], yticks=[-1, 0, 1], aspect="equal")
    plt.show()
    # --8<-- [end:training_picture]

    # --8<-- [start:steps]
    inputs, units, steps = 5, 4, 7
    net = torch.nn.RNN(inputs, units).double()
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(torch.tensor(rng.standard_normal(p.shape)))
        x = rng.standard_normal((steps, inputs))
        theirs = net(torch.tensor(x))[0].numpy()
    w_in, w_state, b_in, b_state = (p.detach().numpy() for p in net.parameters())
    ours = recurrent(x, w_in.T, w_state.T, b_in + b_state)
    rnn_agrees = bool(np.allclose(ours, theirs, rtol=0, atol=1e-12))
    print("states", ours.shape, " equal torch.nn.RNN:", rnn_agrees)
    # --8<-- [end:steps]

    # --8<-- [start:update]
    w, u, v = (rng.integers(-3, 4, s) for s in ((20, 30), (20, 5), (5, 30)))
    x = rng.integers(-3, 4, 30)
    merged = (w + u @ v) @ x
    beside = w @ x + u @ (v @ x)
    stored_full, stored_low = w.size, u.size + v.size
    print("W + UV applied to x, merged or beside:",
          np.array_equal(merged, beside))
    print("numbers in the update: full", stored_full, " rank 5", stored_low)
    print("rank of the update", np.linalg.matrix_rank(u @ v))
    # --8<-- [end:update]
    even_rank = w.size / sum(w.shape)

    # --8<-- [start:update_picture]
    figure, axes = plt.subplots(figsize=(5.8, 1.9))
    shapes = {  # left, top, width, height, colour
        "W": (0, 0, 6, 4, A), "x": (6.5, 0, 0.4, 6, B),
        "U": (9, 0, 1, 4, A), "V": (10.5, 0, 6, 1, A),
        " x": (17, 0, 0.4, 6, B), "y": (19.6, 0, 0.4, 4, C),
    }
    for name, (left, top, width, height, colour) in shapes.items():
        axes.add_patch(plt.Rectangle(
            (left, top), width, height, color=colour, linewidth=0, alpha=0.8
        ))
        middle = left + width / 2
        axes.text(middle, -0.3, name.strip(), ha="center", color=INK)
    for place, sign in ((7.9, "+"), (18.6, "=")):
        axes.text(place, 2, sign, ha="center", va="center", color=INK)
    axes.set(xlim=(-0.2, 20.4), ylim=(6.2, -1.4), aspect="equal")
    axes.axis("off")
    plt.show()
    # --8<-- [end:update_picture]

    # --8<-- [start:truncated]
    gap = {}
    m = rng.standard_normal((20, 30))
    left, stretch, right = np.linalg.svd(m, full_matrices=False)
    for terms in (1, 5, 20):
        kept = outer_sum(left[:, :terms] * stretch[:terms], right[:terms])
        gap[terms] = float(np.linalg.norm(m - kept) / np.linalg.norm(m))
        dropped = np.sqrt((stretch[terms:] ** 2).sum()) / np.linalg.norm(m)
        print(f"{terms:2} terms  left over {gap[terms]:.2f}"
              f"  predicted {dropped:.2f}")
    # --8<-- [end:truncated]

    # --8<-- [start:five]
    from torch.nn.functional import conv2d

    ways = {
        "loops": by_loops, "windows": by_windows, "im2col": by_im2col,
        "matrix": by_matrix, "FFT": by_fft,
    }
    image, kernel = rng.standard_normal((12, 10)), rng.standard_normal((3, 3))
    theirs = conv2d(
        torch.tensor(image)[None, None], torch.tensor(kernel)[None, None]
    )[0, 0].numpy()
    gaps = {name: float(abs(way(image, kernel) - theirs).max())
            for name, way in ways.items()}
    for name, apart in gaps.items():
        print(f"{name:8} equals torch within 1e-12: {apart < 1e-12}")
    # --8<-- [end:five]

    # --8<-- [start:five_picture]
    figure, axes = plt.subplots(figsize=(7.0, 4.4))
    window = np.zeros((5, 5))
    window[1:4, 2:5] = 1
    third = np.zeros(9)
    third[5] = 1  # the place in row 1, column 2
    axes.text(0, 0.3, "windows", color=INK, fontsize=13)
    cells(axes, 0, 1, np.ones((3, 3)), A)
    cells(axes, 4.5, 1, window, B)
    cells(axes, 11, 1, third.reshape(3, 3), C)
    axes.text(18, 0.3, "im2col", color=INK, fontsize=13)
    cells(axes, 18, 1, np.ones((1, 9)), A)
    cells(axes, 28.5, 1, np.tile(third, (9, 1)), B)
    cells(axes, 39, 1, third[None], C)
    axes.text(0, 12.3, "matrix", color=INK, fontsize=13)
    little = image_operator(np.ones((3, 3)), 5, 5).to_dense().numpy()
    cells(axes, 0, 13, little * third[:, None], A)
    cells(axes, 26.5, 8.5, window.reshape(-1, 1), B)
    cells(axes, 29, 13, third[:, None], C)
    blank(axes, 48, 33.5)
    plt.show()
    # --8<-- [end:five_picture]

    # --8<-- [start:bill]
    from snippets.mechanics.convolution_as_product_solutions import (
        fft_multiplications,
    )

    side, bill = 32, {}
    fft_bill = fft_multiplications(side**2)
    print("kernel  loops/windows/im2col  matrix with zeros     FFT")
    for size in (3, 5, 9):
        direct = [multiplications(way, side, size)
                  for way in (by_loops, by_windows, by_im2col)]
        assert direct[0] == direct[1] == direct[2]
        bill[size] = direct[0]
        places = (side - size + 1) ** 2
        print(f"{size:4}{bill[size]:16,}{places * side**2:21,}{fft_bill:13,}")
    # --8<-- [end:bill]
    with_zeros = {s: (side - s + 1) ** 2 * side**2 for s in bill}
    laid_out = windows(np.zeros((1, 1, side, side)), 3).size
    stored = image_operator(np.ones((3, 3)), side, side)._nnz()
    pixels, copies = side**2, laid_out / side**2

    # --8<-- [start:misfit]
    try:
        np.zeros((5, 5)) * np.zeros((3, 3))
    except ValueError as error:
        print(error)
    # --8<-- [end:misfit]

    # --8<-- [start:planes]
    images = rng.integers(-9, 10, (2, 3, 8, 8))   # 2 images of 3 planes
    kernels = rng.integers(-9, 10, (4, 3, 3, 3))  # 4 filters
    out = layer(images, kernels)
    theirs = conv2d(torch.tensor(images), torch.tensor(kernels))
    layer_agrees = np.array_equal(out, theirs)
    print("output", out.shape, " equals torch:", layer_agrees)

    one_plane = sum(by_loops(images[0, c], kernels[2, c]) for c in range(3))
    print("plane 2 is a sum of 3 convolutions:",
          np.array_equal(out[0, 2], one_plane))
    # --8<-- [end:planes]

    # --8<-- [start:union]
    twins = np.stack([kernels[0], kernels[0], kernels[1]])
    stacked = layer(images[:1], twins)[0]
    union = {plane.tobytes() for plane in stacked}
    print("stacked", len(stacked), "planes, as a set", len(union))
    # --8<-- [end:union]
    stacked_planes, union_size = len(stacked), len(union)

    # --8<-- [start:planes_picture]
    figure, axes = plt.subplots(figsize=(5.6, 3.1))
    for f in range(3):
        for c in range(2):
            cells(axes, 4 * c, 4 * f, np.full((3, 3), f == 1), A)
        cells(axes, 19, 4 * f, np.full((3, 3), f == 1), C)
    for c in range(2):
        cells(axes, 10, 6 * c, np.ones((5, 5)), B)
    axes.text(17, 5.5, "=", ha="center", va="center", color=INK)
    axes.text(3.5, -0.7, "kernels", ha="center", color=INK)
    axes.text(12.5, -0.7, "input", ha="center", color=INK)
    axes.text(20.5, -0.7, "output", ha="center", color=INK)
    blank(axes, 22, 11)
    axes.set_ylim(11.2, -2)
    plt.show()
    # --8<-- [end:planes_picture]

    # --8<-- [start:one_index]
    x = np.array([1, 2, 3, 4, 5, 6])
    f = np.array([[1, 1], [0, 2], [-1, 3]])  # K = 3, two columns
    as_printed = printed_convolution(x, f)
    print(as_printed.T)
    for j in range(2):
        print(f"column {j}: convolve", np.convolve(x, f[:, j], "valid"),
              " correlate", np.correlate(x, f[:, j], "valid"))
    # --8<-- [end:one_index]

    # --8<-- [start:blocks]
    ramp = np.arange(16).reshape(4, 4)
    pooled = {name: pool(ramp, 2, reduction).tolist() for name, reduction in
              {"max": np.max, "mean": np.mean, "sum": np.sum}.items()}
    for name, table in pooled.items():
        print(f"{name:5}", table)
    # --8<-- [end:blocks]

    # --8<-- [start:blocks_picture]
    def numbers(axes, left, top, table, colour) -> None:
        """A table of numbers in cells."""
        table = np.asarray(table)
        cells(axes, left, top, np.zeros(table.shape), colour)
        for (i, j), value in np.ndenumerate(table):
            axes.text(left + j + 0.5, top + i + 0.54, f"{value:g}",
                      ha="center", va="center", color=INK, fontsize=10)

    figure, axes = plt.subplots(figsize=(6.6, 2.2))
    numbers(axes, 0, 0.8, ramp, B)
    for i in (0, 2):
        for j in (0, 2):
            axes.add_patch(plt.Rectangle(
                (j, 0.8 + i), 2, 2, fill=False, color=INK, linewidth=2
            ))
    for left, (name, table) in zip((6, 9.5, 13), pooled.items(), strict=True):
        numbers(axes, left, 1.8, table, C)
        axes.text(left + 1, 1.4, name, ha="center", color=INK)
    axes.text(2, 0.4, "input", ha="center", color=INK)
    blank(axes, 15, 4.9)
    plt.show()
    # --8<-- [end:blocks_picture]

    # --8<-- [start:twice]
    as_printed_pool = printed_pooling(ramp, 2).tolist()
    print("printed", as_printed_pool)
    for name, table in pooled.items():
        print(f"{name:5} agrees in {np.equal(table, as_printed_pool).sum()} of 4")
    # --8<-- [end:twice]

    # --8<-- [start:linear_or_not]
    p = averaging_matrix(4, 2)
    other = ramp.T[::-1]
    print("mean is P X P':", np.array_equal(p @ ramp @ p.T, pooled["mean"]))
    for name, reduction in (("mean", np.mean), ("max", np.max)):
        of_sum = pool(ramp + other, 2, reduction)
        sum_of = pool(ramp, 2, reduction) + pool(other, 2, reduction)
        print(f"{name:5} of a sum {of_sum.ravel()}  sum of parts",
              sum_of.ravel())
    # --8<-- [end:linear_or_not]

    # --8<-- [start:reached]
    from torch.nn.functional import avg_pool2d, max_pool2d

    reached = {}
    for name, pooling in (("max", max_pool2d), ("mean", avg_pool2d)):
        pixels_in = torch.tensor(rng.standard_normal((1, 8, 8)),
                                 requires_grad=True)
        pooling(pixels_in, 2).sum().backward()
        reached[name] = float((pixels_in.grad != 0).double().mean())
        print(f"{name:5} the gradient reaches {reached[name]:.0%}")
    # --8<-- [end:reached]

    # --8<-- [start:moved]
    def dot(row: int, column: int) -> np.ndarray:
        """An 8 x 8 image with a single bright pixel, pooled by maximum."""
        image = np.zeros((8, 8))
        image[row, column] = 1
        return pool(image, 2, np.max)

    changed = {
        "within": int((dot(2, 2) != dot(2, 3)).sum()),
        "across": int((dot(2, 3) != dot(2, 4)).sum()),
    }
    print("one pixel to the right, outputs that change:", changed)
    # --8<-- [end:moved]
