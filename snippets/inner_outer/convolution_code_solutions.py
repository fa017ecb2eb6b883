"""Solutions to the exercises of 'A convolution that is none'."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from snippets.inner_outer.convolution_code import (
    impulse,
    mask,
    published,
    repaired,
)


def by_shifts(x: np.ndarray, f: np.ndarray) -> np.ndarray:
    """Cross-correlate by adding up shifted images, one for each weight."""
    rows, columns = np.subtract(x.shape, f.shape) + 1
    y = np.zeros((rows, columns), np.result_type(x, f, np.int64))
    for (a, b), weight in np.ndenumerate(f):
        y += weight * x[a : a + rows, b : b + columns]
    return y


def same(x: np.ndarray, f: np.ndarray) -> np.ndarray:
    """Cross-correlate with zeros around x, so that the size is kept.

    An even kernel leaves one zero over; it goes below and to the right, where
    torch puts it.
    """
    before = np.subtract(f.shape, 1) // 2
    after = np.array(f.shape) - 1 - before
    return repaired(np.pad(x, list(zip(before, after, strict=True))), f)


def kernel_of(
    box: Callable[[np.ndarray], np.ndarray], size: int
) -> np.ndarray:
    """Read the (size, size) kernel out of a correlation by one question."""
    answer = box(impulse((2 * size - 1, 2 * size - 1), size - 1, size - 1))
    return answer[::-1, ::-1]


if __name__ == "__main__":
    # --8<-- [start:lying]
    x = np.arange(1, 10).reshape(3, 3)
    f = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
    print("column sums of the transposed kernel", f.T.sum(axis=0))
    print("source  ", published(x, f.T).tolist())
    print("repaired", repaired(x, f.T).tolist())
    # --8<-- [end:lying]
    lying_right = int(repaired(x, f.T)[0, 0])

    # --8<-- [start:blurred]
    rng = np.random.default_rng(0)
    blur = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]])
    image = rng.integers(0, 10, (8, 9))
    print(mask(image.shape, blur)[:4])
    factor = int(mask(image.shape, blur)[3, 3])
    inner = np.s_[2:-2, 2:-2]
    brighter = np.array_equal(published(image, blur)[inner],
                              factor * image[inner])
    print("interior is", factor, "times the image:", brighter)
    # --8<-- [end:blurred]

    # --8<-- [start:shifts]
    kernel = rng.integers(-9, 10, (3, 4))
    print("sum of 12 shifted images:",
          np.array_equal(by_shifts(image, kernel), repaired(image, kernel)))
    # --8<-- [end:shifts]

    # --8<-- [start:keep]
    import torch
    from torch.nn.functional import conv2d

    for shape in ((3, 3), (1, 5), (5, 3)):
        kernel = rng.integers(-9, 10, shape)
        theirs = conv2d(
            torch.tensor(image)[None, None].double(),
            torch.tensor(kernel)[None, None].double(),
            padding="same",
        )[0, 0]
        ours = same(image, kernel)
        print(shape, ours.shape, "equals torch:", np.array_equal(ours, theirs))
    # --8<-- [end:keep]

    # --8<-- [start:secret]
    secret = rng.integers(-9, 10, (3, 3))
    found = kernel_of(lambda image: repaired(image, secret), 3)
    print("kernel found:", np.array_equal(found, secret))
    silent = kernel_of(lambda image: published(image, secret), 3)
    print("asked of the source's code:", np.count_nonzero(silent), "nonzero of",
          silent.size)
    # --8<-- [end:secret]
    heard = int(np.count_nonzero(silent))
