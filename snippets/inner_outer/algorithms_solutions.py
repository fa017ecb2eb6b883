"""Solutions to the exercises of 'Three layers, written correctly'."""

from __future__ import annotations

import numpy as np

from snippets.labs.timing import cpu_medians
from snippets.inner_outer.algorithms import by_im2col, by_loops, by_windows, pool
from snippets.mechanics.convolution_as_product import windows

MACHINE_BOUND = True  # one exercise prints CPU times


def larger(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The larger of each pair, by one ReLU."""
    return b + np.maximum(a - b, 0)


def pool_by_relu(image: np.ndarray) -> np.ndarray:
    """Maximum over 2 x 2 blocks by three ReLUs per block."""
    across = larger(image[:, ::2], image[:, 1::2])
    return larger(across[::2], across[1::2])


def max_plus(p: np.ndarray, x: np.ndarray) -> np.ndarray:
    """p times x with + for times and max for plus; p: (m, n), x: (n, q)."""
    return (p[:, :, None] + x[None]).max(axis=1)


def selection(n: int, size: int) -> np.ndarray:
    """(n / size, n): 0 where row i may choose j, minus infinity elsewhere."""
    chosen = np.kron(np.eye(n // size), np.ones((1, size)))
    return np.where(chosen == 1, 0.0, -np.inf)


def convolution_gradients(
    image: np.ndarray, kernel: np.ndarray, delta: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Gradients in kernel and image; delta: the gradient in the output."""
    height, width = kernel.shape
    wide = np.pad(delta, ((height - 1, height - 1), (width - 1, width - 1)))
    return by_windows(image, delta), by_windows(wide, kernel[::-1, ::-1])


def corrected_inverse(
    inverse: np.ndarray, u: np.ndarray, v: np.ndarray
) -> np.ndarray:
    """Inverse of A + u v' from the inverse of A: the Sherman-Morrison formula.

    Raises ZeroDivisionError if A + u v' is singular.
    """
    left, right = inverse @ u, v @ inverse
    scale = 1 + v @ left
    if np.isclose(scale, 0):
        raise ZeroDivisionError("the corrected matrix is singular")
    return inverse - np.outer(left, right) / scale


if __name__ == "__main__":
    # --8<-- [start:mean]
    import torch
    from torch.nn.functional import conv2d

    ramp = np.arange(16.0).reshape(4, 4)
    quarter = torch.full((1, 1, 2, 2), 0.25).double()
    by_convolution = conv2d(torch.tensor(ramp)[None, None], quarter, stride=2)
    print("kernel of quarters, stride 2:", by_convolution[0, 0].tolist())
    print("mean pooling:                ", pool(ramp, 2, np.mean).tolist())
    # --8<-- [end:mean]

    # --8<-- [start:relu]
    rng = np.random.default_rng(0)
    image = rng.integers(-9, 10, (8, 8))
    print("max pooling by ReLU:",
          np.array_equal(pool_by_relu(image), pool(image, 2, np.max)))
    drowned = larger(np.float64(1), np.float64(-1e20))
    print("the larger of 1 and -1e20:", drowned)
    # --8<-- [end:relu]

    # --8<-- [start:tropical]
    p = selection(8, 2)
    print(p[:2])
    rows_done = max_plus(p, image)
    both_done = max_plus(p, rows_done.T).T
    print("max pooling by two products:",
          np.array_equal(both_done, pool(image, 2, np.max)))
    # --8<-- [end:tropical]

    # --8<-- [start:backward]
    image, kernel = rng.standard_normal((7, 6)), rng.standard_normal((3, 3))
    delta = rng.standard_normal((5, 4))
    pixels = torch.tensor(image, requires_grad=True)
    weights = torch.tensor(kernel, requires_grad=True)
    out = conv2d(pixels[None, None], weights[None, None])
    out.backward(torch.tensor(delta)[None, None])
    in_kernel, in_image = convolution_gradients(image, kernel, delta)
    print("kernel", in_kernel.shape, np.allclose(in_kernel, weights.grad))
    print("image ", in_image.shape, np.allclose(in_image, pixels.grad))
    # --8<-- [end:backward]

    # --8<-- [start:inverse]
    n = 200
    a = rng.standard_normal((n, n)) + 20 * np.eye(n)
    u, v = rng.standard_normal(n), rng.standard_normal(n)
    quick = corrected_inverse(np.linalg.inv(a), u, v)
    anew = np.linalg.inv(a + np.outer(u, v))
    print("equal to inverting anew:", np.allclose(quick, anew))
    multiplied = 4 * n**2 + n  # inverse u, v inverse, outer, v left
    print(f"multiplications and divisions: {multiplied:,}, n^3 = {n**3:,}")
    # --8<-- [end:inverse]

    # --8<-- [start:clock]
    image, kernel = rng.standard_normal((64, 64)), rng.standard_normal((3, 3))
    works = {
        "loops": lambda: by_loops(image, kernel),
        "windows": lambda: by_windows(image, kernel),
        "im2col": lambda: by_im2col(image, kernel),
    }
    seconds = cpu_medians(works, rounds=5)
    times = {name: s / seconds["im2col"] for name, s in seconds.items()}
    copied = windows(image[None, None], 3).size / image.size
    print("CPU time:", *(f"{name} {t:.1f}" for name, t in times.items()))
    print(f"numbers laid out by im2col, for each pixel: {copied:.1f}")
    # --8<-- [end:clock]
