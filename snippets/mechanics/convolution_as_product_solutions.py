"""Solutions to the exercises of 'Convolution as a product'."""

from __future__ import annotations

import numpy as np

from snippets.mechanics.convolution_as_product import (
    circulant,
    convolution_matrix,
    image_operator,
)


def spaced(kernel: np.ndarray, dilation: int) -> np.ndarray:
    """Put dilation - 1 zeros between the entries of the kernel."""
    wide = np.zeros((len(kernel) - 1) * dilation + 1)
    wide[::dilation] = kernel
    return wide


def channel_matrix(
    kernels: np.ndarray, n: int, stride: int = 1, padding: int = 0
) -> np.ndarray:
    """Return the block matrix of conv1d; kernels: (filters, channels, size).

    It acts on the channels of the input laid end to end, each of length n.
    """
    return np.block(
        [
            [convolution_matrix(k, n, stride, padding) for k in row]
            for row in kernels
        ]
    )


def padding_matrix(n: int, padding: int, mode: str) -> np.ndarray:
    """Return the (n + 2 * padding, n) matrix that pads as np.pad does."""
    return np.eye(n)[np.pad(np.arange(n), padding, mode=mode)]


def unblur(y: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Undo a circular convolution by dividing each wave by its gain.

    Raises ValueError if some gain is 0: that wave is gone.
    """
    gains = np.fft.fft(kernel, len(y))
    if np.isclose(gains, 0).any():
        raise ValueError(
            "a gain is 0: that wave is gone"
        )
    return np.fft.ifft(np.fft.fft(y) / gains).real


def fft_multiplications(n: int) -> int:
    """Count real multiplications of a circular convolution by two radix-2 FFTs.

    Each transform takes n/2 log2(n) complex multiplications, the gains n more,
    each 4 real ones; the kernel's own transform is done once beforehand.
    Raises ValueError unless n is a power of 2.
    """
    if n < 1 or n & (n - 1):
        raise ValueError(f"{n} is not a power of 2")
    return 4 * (n * (n.bit_length() - 1) + n)


if __name__ == "__main__":
    # --8<-- [start:dilation]
    import torch
    from torch.nn.functional import conv1d

    rng = np.random.default_rng(0)
    x, kernel = rng.standard_normal(12), rng.standard_normal(3)
    w = convolution_matrix(spaced(kernel, 3), 12)
    theirs = conv1d(
        torch.tensor(x)[None], torch.tensor(kernel)[None, None], dilation=3
    )
    print(spaced(np.array([1, 2, 3]), 3))
    print("equals conv1d with dilation 3:", np.allclose(w @ x, theirs[0]))
    # --8<-- [end:dilation]

    # --8<-- [start:channels]
    x, kernels = rng.standard_normal((2, 10)), rng.standard_normal((4, 2, 3))
    w = channel_matrix(kernels, 10, stride=2, padding=1)
    theirs = conv1d(
        torch.tensor(x)[None], torch.tensor(kernels), stride=2, padding=1
    )
    print("matrix", w.shape, "blocks", kernels.shape[:2])
    print("equals conv1d:", np.allclose(w @ x.ravel(), theirs.flatten()))
    # --8<-- [end:channels]

    # --8<-- [start:reflect]
    pad = padding_matrix(5, 2, "reflect")
    print(pad.astype(int))
    w = convolution_matrix(kernel, 9) @ pad
    x = rng.standard_normal(5)
    padded = torch.nn.functional.pad(
        torch.tensor(x)[None, None], (2, 2), mode="reflect"
    )
    theirs = conv1d(padded, torch.tensor(kernel)[None, None])
    print("one matrix for both:", w.shape, np.allclose(w @ x, theirs[0, 0]))
    # --8<-- [end:reflect]

    # --8<-- [start:separable]
    down, across = np.array([[1.0], [2], [1]]), np.array([[-1.0, 0, 1]])
    print("rank of the Sobel kernel", np.linalg.matrix_rank(down @ across))

    at_once = image_operator(down @ across, 8, 8)
    in_turn = (
        image_operator(down, 8, 6) @ image_operator(across, 8, 8).to_dense()
    )
    print(
        "down after across equals both:",
        torch.allclose(in_turn, at_once.to_dense()),
    )
    print(
        "multiplications per pixel, 9 x 9 kernel of rank 1:", 9 * 9, "or", 9 + 9
    )
    # --8<-- [end:separable]

    # --8<-- [start:unblur_run]
    x = rng.standard_normal(16)
    for kernel in (np.array([0.6, 0.4]), np.array([0.5, 0.5])):
        w = circulant(kernel, 16)
        gains = abs(np.fft.fft(kernel, 16))
        print("kernel", kernel, f"smallest gain {gains.min():.2f}", end="  ")
        try:
            print("undone:", np.allclose(unblur(w @ x, kernel), x))
        except ValueError as error:
            print(error)
    # --8<-- [end:unblur_run]

    # --8<-- [start:fft]
    for n in (256, 4096, 65536):
        break_even = fft_multiplications(n) // n
        print(
            f"n = {n:6}   kernel 9: {9 * n:8,}   "
            f"FFT: {fft_multiplications(n):9,}   "
            f"even at length {break_even}"
        )
    # --8<-- [end:fft]
