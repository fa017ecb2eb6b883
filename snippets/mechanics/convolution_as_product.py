"""A convolution is a product with a matrix that repeats one small row."""

from __future__ import annotations

import numpy as np
import torch


def output_length(
    n: int, kernel: int, stride: int = 1, padding: int = 0
) -> int:
    """Count the places where a window fits on n entries plus padding.

    Raises ValueError if it fits nowhere.
    """
    if kernel > n + 2 * padding:
        raise ValueError(
            f"kernel of {kernel} exceeds the padded input, {n + 2 * padding}"
        )
    return (n + 2 * padding - kernel) // stride + 1


def convolution_matrix(
    kernel: np.ndarray, n: int, stride: int = 1, padding: int = 0
) -> np.ndarray:
    """Return W with W @ x == conv1d(x, kernel).

    Row m holds the kernel from column m * stride - padding on. Entries that
    hang over the edge meet padding zeros and are left out.
    """
    w = np.zeros((output_length(n, len(kernel), stride, padding), n))
    for m in range(len(w)):
        for j, value in enumerate(kernel):
            i = m * stride + j - padding
            if 0 <= i < n:
                w[m, i] = value
    return w


def is_toeplitz(w: np.ndarray) -> bool:
    """Return whether every diagonal of w is constant."""
    return bool((w[1:, 1:] == w[:-1, :-1]).all())


def windows(
    images: np.ndarray, size: int, stride: int = 1, padding: int = 0
) -> np.ndarray:
    """Copy each window of the images into a column (im2col).

    images: (batch, channels, height, width).
    Returns (batch, channels * size**2, places).
    Chellapilla, Puri and Simard, "High performance convolutional neural
    networks for document processing", 2006.
    """
    edge = (padding, padding)
    padded = np.pad(images, ((0, 0), (0, 0), edge, edge))
    view = np.lib.stride_tricks.sliding_window_view(
        padded, (size, size), axis=(2, 3)
    )
    view = view[:, :, ::stride, ::stride]
    batch, channels, rows, columns = view.shape[:4]
    return view.transpose(0, 1, 4, 5, 2, 3).reshape(
        batch, channels * size**2, rows * columns
    )


def conv2d(
    images: np.ndarray, kernels: np.ndarray, stride: int = 1, padding: int = 0
) -> np.ndarray:
    """Convolve with kernels (filters, channels, size, size) as one product."""
    filters, _, size, _ = kernels.shape
    batch, _, height, width = images.shape
    out = kernels.reshape(filters, -1) @ windows(images, size, stride, padding)
    rows = output_length(height, size, stride, padding)
    columns = output_length(width, size, stride, padding)
    return out.reshape(batch, filters, rows, columns)


def circulant(kernel: np.ndarray, n: int) -> np.ndarray:
    """Return the (n, n) matrix of circular convolution: column 0 is the kernel."""
    first = np.zeros(n)
    first[: len(kernel)] = kernel
    return np.stack([np.roll(first, shift) for shift in range(n)], axis=1)


def image_operator(kernel: np.ndarray, height: int, width: int) -> torch.Tensor:
    """Return the sparse matrix that filters an image flattened row by row.

    It has a row for each place where the whole kernel fits, and stores no zeros.
    """
    rows, columns = height - kernel.shape[0] + 1, width - kernel.shape[1] + 1
    places = [(r, c) for r in range(rows) for c in range(columns)]
    entries = [
        (m, (r + i) * width + c + j, kernel[i, j])
        for m, (r, c) in enumerate(places)
        for i, j in np.argwhere(kernel)
    ]
    row, column, value = zip(*entries, strict=True)
    return torch.sparse_coo_tensor(
        [row, column],
        value,
        (len(places), height * width),
        dtype=torch.float64,
        check_invariants=True,
    )


def costs(n: int, kernel: int) -> dict[str, tuple[int, int]]:
    """Count (stored weights, multiplications) for n inputs and n outputs.

    The products with padding zeros at the two ends are counted as well.
    """
    return {
        "dense": (n * n, n * n),
        "local": (n * kernel, n * kernel),
        "convolution": (kernel, n * kernel),
    }


if __name__ == "__main__":
    # --8<-- [start:small]
    x = np.array([1.0, 2, 3, 4, 5, 6])
    kernel = np.array([1.0, 2, -1])
    w = convolution_matrix(kernel, len(x))
    by_window = [float(kernel @ x[m : m + 3]) for m in range(4)]
    print(w)
    print("matrix ", w @ x)
    print("windows", np.array(by_window))
    # --8<-- [end:small]

    # --8<-- [start:settings]
    from itertools import product

    from torch.nn.functional import conv1d

    def torch_conv(x: np.ndarray, kernel: np.ndarray, **how) -> np.ndarray:
        kernel = torch.tensor(kernel)[None, None]
        return conv1d(torch.tensor(x)[None], kernel, **how)[0].numpy()

    rng = np.random.default_rng(0)
    gaps, toeplitz = [], {1: [], 2: [], 3: []}
    for n, size, stride, padding in product(
        (5, 8, 17), (1, 2, 3, 5), (1, 2, 3), (0, 1, 2)
    ):
        x, kernel = rng.standard_normal(n), rng.standard_normal(size)
        w = convolution_matrix(kernel, n, stride, padding)
        theirs = torch_conv(x, kernel, stride=stride, padding=padding)
        gaps.append(np.abs(w @ x - theirs).max())
        if min(w.shape) > 1:
            toeplitz[stride].append(is_toeplitz(w))
    print(f"settings {len(gaps)}   all gaps below 1e-14: {max(gaps) < 1e-14}")
    for stride, verdicts in toeplitz.items():
        print(f"stride {stride}: Toeplitz {sum(verdicts)} of {len(verdicts)}")
    # --8<-- [end:settings]
    settings, largest_gap = len(gaps), max(gaps)
    stray = sum(toeplitz[2]) + sum(toeplitz[3])

    # --8<-- [start:settings_picture]
    import matplotlib.pyplot as plt
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    from snippets.palette import INK, LINE, A, B, C

    def draw(axes, matrix: np.ndarray, colour: str, name: str) -> None:
        """A square for each entry that is not 0, stronger the larger it is."""
        height, width = matrix.shape
        strength = (abs(matrix) / abs(matrix).max()).round(2)
        for alpha in np.unique(strength)[1:]:
            corner = np.argwhere(strength == alpha)[:, None, ::-1]
            squares = corner + [[0.0, 0.0], [0.9, 0.0], [0.9, 0.9], [0.0, 0.9]]
            path = Path.make_compound_path_from_polys(squares)
            patch = PathPatch(path, color=colour, alpha=alpha, linewidth=0)
            axes.add_patch(patch)
        frame = plt.Rectangle(
            (-0.2, -0.2), width + 0.3, height + 0.3, fill=False, color=LINE
        )
        axes.add_patch(frame)
        axes.text(
            width / 2, -0.06 * width, name, ha="center", va="bottom", color=INK
        )
        axes.set(
            xlim=(-0.5, width + 0.5),
            ylim=(height + 0.5, -0.2 * width),
            aspect="equal",
        )
        axes.axis("off")

    kernel = np.array([1.0, 0.7, 0.4])
    panels = {
        "plain": convolution_matrix(kernel, 12),
        "padded": convolution_matrix(kernel, 12, padding=2),
        "stride 2": convolution_matrix(kernel, 12, stride=2),
        "circular": circulant(kernel, 12),
    }
    figure, row = plt.subplots(1, 4, figsize=(5.8, 2.0))
    for axes, (name, w) in zip(row, panels.items(), strict=True):
        draw(axes, w, A, name)
        axes.set_ylim(14.5, -2.4)
    plt.show()
    # --8<-- [end:settings_picture]

    # --8<-- [start:flip]
    x, kernel = np.array([1, 2, 3, 4, 5]), np.array([1, 2, 3])
    w = convolution_matrix(kernel, 5)
    print("matrix     ", w @ x)
    print("correlate  ", np.correlate(x, kernel, "valid"))
    print("convolve   ", np.convolve(x, kernel, "valid"))
    print("flip first ", convolution_matrix(kernel[::-1], 5) @ x)
    # --8<-- [end:flip]

    # --8<-- [start:im2col]
    from torch.nn.functional import conv2d as torch_conv2d

    images = rng.standard_normal((2, 3, 9, 9))
    kernels = rng.standard_normal((4, 3, 3, 3))
    columns = windows(images, 3, stride=2, padding=1)
    flat = kernels.reshape(4, -1)
    ours = flat @ columns
    theirs = torch_conv2d(
        torch.tensor(images), torch.tensor(kernels), stride=2, padding=1
    )
    im2col_gap = np.abs(ours.reshape(theirs.shape) - theirs.numpy()).max()
    print("kernels", flat.shape, "@ windows", columns.shape, "=", ours.shape)
    print("gap below 1e-13:", im2col_gap < 1e-13)

    copies = {
        s: windows(np.zeros((1, 1, 224, 224)), 3, s, 1).size / 224**2
        for s in (1, 2)
    }
    print(f"copies: stride 1 {copies[1]:.2f}, stride 2 {copies[2]:.2f}")
    # --8<-- [end:im2col]

    # --8<-- [start:transpose]
    from torch.nn.functional import conv_transpose1d

    n, how = 10, {"stride": 2, "padding": 1}
    kernel = np.array([1.0, 2, 1])
    w = convolution_matrix(kernel, n, **how)
    y = rng.standard_normal(len(w))

    weight, given = torch.tensor(kernel)[None, None], torch.tensor(y)[None]
    up = conv_transpose1d(given, weight, output_padding=1, **how)
    x = torch.zeros(1, n, dtype=torch.float64, requires_grad=True)
    conv1d(x, weight, **how).backward(given)
    print("W' y equals conv_transpose1d:", np.allclose(w.T @ y, up[0]))
    print("W' y equals the gradient:    ", np.allclose(w.T @ y, x.grad[0]))
    print("W' W equals the identity:    ", np.allclose(w.T @ w, np.eye(n)))
    # --8<-- [end:transpose]
    inverse = bool(np.allclose(w.T @ w, np.eye(n)))

    # --8<-- [start:overlap]
    for kernel in ([1, 1, 1], [1, 1, 1, 1], [1, 2, 3, 4]):
        w = convolution_matrix(np.array(kernel), 12, stride=2)
        reached = (w.T @ np.ones(len(w))).astype(int)
        print(f"kernel {kernel}, stride 2: W' 1 =", reached)
    # --8<-- [end:overlap]

    # --8<-- [start:dft]
    n = 8
    kernel = np.array([0.5, 0.3, 0.2])
    w = circulant(kernel, n)
    gains = np.fft.fft(kernel, n)
    wave = np.exp(2j * np.pi * np.arange(n) / n)
    x = rng.standard_normal(n)
    by_fft = np.fft.ifft(gains * np.fft.fft(x))
    norm = np.linalg.norm(w, 2)
    other = circulant(rng.standard_normal(3), n)
    print("a wave is only scaled:   ", np.allclose(w @ wave, gains[1] * wave))
    print("FFT, multiply, FFT back: ", np.allclose(w @ x, by_fft))
    print("norm is the largest gain:", np.isclose(norm, abs(gains).max()))
    print("two convolutions commute:", np.allclose(w @ other, other @ w))
    # --8<-- [end:dft]

    # --8<-- [start:edge_of_dft]
    kernel = np.array([1.0, 1, 1])
    padded_norm = {}
    for n in (4, 16, 64):
        same = convolution_matrix(kernel, n, padding=1)
        padded_norm[n] = np.linalg.norm(same, 2)
        round_norm = np.linalg.norm(circulant(kernel, n), 2)
        print(
            f"n = {n:2}   norm with zero padding {padded_norm[n]:.4f}   "
            f"circular {round_norm:.4f}"
        )
    other = convolution_matrix(np.array([1.0, 0, -2]), 64, padding=1)
    commute_padded = np.allclose(same @ other, other @ same)
    print("commute with zero padding:", commute_padded)

    padded = convolution_matrix(np.array([1.0, 0, 0]), 64, padding=1)
    shift_padded = abs(np.linalg.eigvals(padded)).max()
    shift_round = abs(np.linalg.eigvals(circulant(np.array([0.0, 1]), 64))).max()
    print(
        f"shift by one, largest eigenvalue: zero padding {shift_padded:.2f}, "
        f"circular {shift_round:.2f}"
    )
    # --8<-- [end:edge_of_dft]

    # --8<-- [start:edges]
    size = 32
    row, column = np.mgrid[:size, :size]
    image = 0.6 * ((row - 20) ** 2 + (column - 11) ** 2 < 60)
    image[5:18, 17:28] = 1.0

    sobel = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    operator = image_operator(sobel, size, size)
    edges = (operator @ torch.tensor(image.ravel())).reshape(size - 2, size - 2)

    theirs = torch_conv2d(
        torch.tensor(image)[None, None], torch.tensor(sobel)[None, None]
    )
    stored, entries = operator._nnz(), operator.shape[0] * operator.shape[1]
    shape = tuple(operator.shape)
    print("matrix", shape, f"stored {stored:,} of {entries:,} entries")
    print("equals conv2d:", torch.allclose(edges, theirs[0, 0]))
    # --8<-- [end:edges]
    stored_share = stored / entries

    # --8<-- [start:edges_picture]
    figure, row = plt.subplots(
        1, 3, width_ratios=[1, 1.4, 1], figsize=(5.8, 2.1)
    )
    draw(row[0], image, B, "input")
    little = image_operator(sobel, 6, 8).to_dense().numpy()
    draw(row[1], little, A, "matrix of a 6 by 8 image")
    draw(row[2], edges.numpy(), C, "output")
    plt.show()
    # --8<-- [end:edges_picture]

    # --8<-- [start:bill]
    n, size = 4096, 9
    bill = costs(n, size)
    print("             weights   multiplications")
    for name, (weights, multiplied) in bill.items():
        print(f"{name:11} {weights:10,}   {multiplied:10,}")
    # --8<-- [end:bill]
    dense_weights, dense_products = bill["dense"]
    convolution_products = bill["convolution"][1]
    fewer_products = dense_products / convolution_products

    # --8<-- [start:sharing]
    n, size = 10, 3
    x, kernel = rng.standard_normal(n), rng.standard_normal(size)
    w = torch.tensor(convolution_matrix(kernel, n), requires_grad=True)
    shared = torch.tensor(kernel, requires_grad=True)
    (w @ torch.tensor(x)).square().sum().backward()
    conv1d(torch.tensor(x)[None], shared[None, None]).square().sum().backward()
    along = [w.grad.diagonal(j).sum().item() for j in range(size)]
    print("sums along the diagonals", np.round(along, 3))
    print("gradient of the kernel  ", shared.grad.numpy().round(3))
    # --8<-- [end:sharing]
    shared_gradient = shared.grad.numpy()
