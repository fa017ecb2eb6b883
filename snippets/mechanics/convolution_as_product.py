"""A convolution is a product with a matrix that repeats one small row."""

from __future__ import annotations

import numpy as np
import torch


def output_length(n: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
    """Count the places where a window of `kernel` entries fits on n entries plus padding.

    Raises ValueError if it fits nowhere.
    """
    if kernel > n + 2 * padding:
        raise ValueError(f"kernel of {kernel} is longer than the padded input, {n + 2 * padding}")
    return (n + 2 * padding - kernel) // stride + 1


def convolution_matrix(
    kernel: np.ndarray, n: int, stride: int = 1, padding: int = 0
) -> np.ndarray:
    """Return W with W @ x == conv1d(x, kernel): row m holds the kernel from m * stride - padding.

    Kernel entries that hang over the edge meet padding zeros and are left out.
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

    images: (batch, channels, height, width). Returns (batch, channels * size**2, places).
    Chellapilla, Puri and Simard, "High performance convolutional neural networks for document
    processing", 2006.
    """
    edge = (padding, padding)
    padded = np.pad(images, ((0, 0), (0, 0), edge, edge))
    view = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(2, 3))
    view = view[:, :, ::stride, ::stride]
    batch, channels, rows, columns = view.shape[:4]
    return view.transpose(0, 1, 4, 5, 2, 3).reshape(batch, channels * size**2, rows * columns)


def conv2d(
    images: np.ndarray, kernels: np.ndarray, stride: int = 1, padding: int = 0
) -> np.ndarray:
    """Convolve with square kernels (filters, channels, size, size) as one matrix product."""
    filters, _, size, _ = kernels.shape
    batch, _, height, width = images.shape
    out = kernels.reshape(filters, -1) @ windows(images, size, stride, padding)
    rows = output_length(height, size, stride, padding)
    columns = output_length(width, size, stride, padding)
    return out.reshape(batch, filters, rows, columns)


def circulant(kernel: np.ndarray, n: int) -> np.ndarray:
    """Return the (n, n) matrix of circular convolution: column 0 is the kernel, then it wraps."""
    first = np.zeros(n)
    first[: len(kernel)] = kernel
    return np.stack([np.roll(first, shift) for shift in range(n)], axis=1)


def image_operator(kernel: np.ndarray, height: int, width: int) -> torch.Tensor:
    """Return the sparse matrix that filters a (height, width) image flattened row by row.

    One row for each place where the whole kernel fits; entries that are 0 are not stored.
    """
    rows, columns = height - kernel.shape[0] + 1, width - kernel.shape[1] + 1
    places = [(r, c) for r in range(rows) for c in range(columns)]
    entries = [
        (m, (r + i) * width + c + j, kernel[i, j])
        for m, (r, c) in enumerate(places)
        for i, j in np.argwhere(kernel)
    ]
    row, column, value = zip(*entries)
    return torch.sparse_coo_tensor(
        [row, column], value, (len(places), height * width), dtype=torch.float64,
        check_invariants=True,
    )


def costs(n: int, kernel: int) -> dict[str, tuple[int, int]]:
    """Count (stored weights, multiplications) of one output channel over n places, same padding.

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

    from torch.nn.functional import conv1d, conv_transpose1d

    rng = np.random.default_rng(0)
    gaps, toeplitz = [], {1: [], 2: [], 3: []}
    for n, size, stride, padding in product((5, 8, 17), (1, 2, 3, 5), (1, 2, 3), (0, 1, 2)):
        x, kernel = rng.standard_normal(n), rng.standard_normal(size)
        w = convolution_matrix(kernel, n, stride, padding)
        theirs = conv1d(torch.tensor(x)[None], torch.tensor(kernel)[None, None],
                        stride=stride, padding=padding)
        gaps.append(np.abs(w @ x - theirs[0].numpy()).max())
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

    from snippets.palette import A, B, C, INK, LINE

    def draw(axes, matrix: np.ndarray, colour: str, name: str) -> None:
        """A square for each entry that is not 0, stronger the larger it is."""
        height, width = matrix.shape
        for i, j in np.argwhere(matrix):
            strength = abs(matrix[i, j]) / abs(matrix).max()
            square = plt.Rectangle((j, i), 0.9, 0.9, color=colour, alpha=strength, linewidth=0)
            axes.add_patch(square)
        frame = plt.Rectangle((-0.2, -0.2), width + 0.3, height + 0.3, fill=False, color=LINE)
        axes.add_patch(frame)
        axes.text(width / 2, -0.06 * width, name, ha="center", va="bottom", color=INK)
        axes.set(xlim=(-0.5, width + 0.5), ylim=(height + 0.5, -0.2 * width), aspect="equal")
        axes.axis("off")

    kernel = np.array([1.0, 0.7, 0.4])
    panels = {
        "plain": convolution_matrix(kernel, 12),
        "padded": convolution_matrix(kernel, 12, padding=2),
        "stride 2": convolution_matrix(kernel, 12, stride=2),
        "circular": circulant(kernel, 12),
    }
    figure, row = plt.subplots(1, 4, figsize=(5.8, 2.0))
    for axes, (name, w) in zip(row, panels.items()):
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

    images, kernels = rng.standard_normal((2, 3, 9, 9)), rng.standard_normal((4, 3, 3, 3))
    columns = windows(images, 3, stride=2, padding=1)
    ours = kernels.reshape(4, -1) @ columns
    theirs = torch_conv2d(torch.tensor(images), torch.tensor(kernels), stride=2, padding=1)
    im2col_gap = np.abs(ours.reshape(theirs.shape) - theirs.numpy()).max()
    print("kernels", kernels.reshape(4, -1).shape, "@ windows", columns.shape, "=", ours.shape)
    print("gap below 1e-13:", im2col_gap < 1e-13)

    copies = {s: windows(np.zeros((1, 1, 224, 224)), 3, s, 1).size / 224**2 for s in (1, 2)}
    print(f"copies of a 224 x 224 image: stride 1 {copies[1]:.2f}, stride 2 {copies[2]:.2f}")
    # --8<-- [end:im2col]

    # --8<-- [start:transpose]
    n, stride, padding = 9, 2, 1
    kernel = np.array([1.0, 2, 1])
    w = convolution_matrix(kernel, n, stride, padding)
    y = rng.standard_normal(len(w))
    rest = (n + 2 * padding - len(kernel)) % stride
    up = conv_transpose1d(torch.tensor(y)[None], torch.tensor(kernel)[None, None],
                          stride=stride, padding=padding, output_padding=rest)
    x = torch.tensor(rng.standard_normal(n), requires_grad=True)
    out = conv1d(x[None], torch.tensor(kernel)[None, None], stride=stride, padding=padding)
    (out @ torch.tensor(y)).backward()
    print("W' y equals conv_transpose1d:", np.allclose(w.T @ y, up[0]))
    print("W' y equals the gradient:    ", np.allclose(w.T @ y, x.grad))
    print("W' W equals the identity:    ", np.allclose(w.T @ w, np.eye(n)))
    # --8<-- [end:transpose]
    inverse = bool(np.allclose(w.T @ w, np.eye(n)))

    # --8<-- [start:overlap]
    for size in (3, 4):
        w = convolution_matrix(np.ones(size), 12, stride=2)
        print(f"kernel {size}, stride 2: W' 1 =", (w.T @ np.ones(len(w))).astype(int))
    # --8<-- [end:overlap]

    # --8<-- [start:circulant]
    n = 8
    kernel = np.array([0.5, 0.3, 0.2])
    w = circulant(kernel, n)
    gains = np.fft.fft(kernel, n)
    wave = np.exp(2j * np.pi * np.arange(n) / n)
    x = rng.standard_normal(n)
    print("a wave comes out scaled:    ", np.allclose(w @ wave, gains[1] * wave))
    print("product equals FFT, *, FFT: ", np.allclose(w @ x, np.fft.ifft(gains * np.fft.fft(x))))
    print("norm is the largest gain:   ", np.isclose(np.linalg.norm(w, 2), abs(gains).max()))
    other = circulant(rng.standard_normal(3), n)
    print("two convolutions commute:   ", np.allclose(w @ other, other @ w))
    # --8<-- [end:circulant]

    # --8<-- [start:edge_of_dft]
    kernel = np.array([1.0, 1, 1])
    for n in (4, 16, 64):
        same = convolution_matrix(kernel, n, padding=1)
        print(f"n = {n:2}   norm with zero padding {np.linalg.norm(same, 2):.4f}   "
              f"circular {np.linalg.norm(circulant(kernel, n), 2):.4f}")
    padded_norm = float(np.linalg.norm(convolution_matrix(kernel, 4, padding=1), 2))
    other = np.array([1.0, 0, -2])
    first, second = (convolution_matrix(k, 8, padding=1) for k in (kernel, other))
    commute_padded = np.allclose(first @ second, second @ first)
    print("commute with zero padding:", commute_padded)
    # --8<-- [end:edge_of_dft]

    # --8<-- [start:edges]
    size = 32
    row, column = np.mgrid[:size, :size]
    image = 0.6 * ((row - 20) ** 2 + (column - 11) ** 2 < 60)
    image[5:18, 17:28] = 1.0

    sobel = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    operator = image_operator(sobel, size, size)
    edges = (operator @ torch.tensor(image.ravel())).reshape(size - 2, size - 2)

    theirs = torch_conv2d(torch.tensor(image)[None, None], torch.tensor(sobel)[None, None])
    stored, entries = operator._nnz(), operator.shape[0] * operator.shape[1]
    print("matrix", tuple(operator.shape), f"stored {stored:,} of {entries:,} entries")
    print("equals conv2d:", torch.allclose(edges, theirs[0, 0]))
    # --8<-- [end:edges]
    stored_share = stored / entries

    # --8<-- [start:edges_picture]
    figure, row = plt.subplots(1, 3, width_ratios=[1, 1.4, 1], figsize=(5.8, 2.1))
    draw(row[0], image, B, "input")
    draw(row[1], image_operator(sobel, 6, 8).to_dense().numpy(), A, "matrix of a 6 by 8 image")
    draw(row[2], edges.numpy(), C, "output")
    plt.show()
    # --8<-- [end:edges_picture]

    # --8<-- [start:costs]
    n, size = 4096, 9
    bill = costs(n, size)
    print("             weights   multiplications")
    for name, (weights, multiplied) in bill.items():
        print(f"{name:11} {weights:10,}   {multiplied:10,}")
    # --8<-- [end:costs]
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
