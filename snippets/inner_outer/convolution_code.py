"""A loop that calls itself a convolution, what it computes, and its repair."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Operation = Callable[[np.ndarray, np.ndarray], np.ndarray]


def published(x: np.ndarray, f: np.ndarray) -> np.ndarray:
    """The source's loop with names of our own: same steps, same result."""
    height, width = f.shape
    y = np.zeros_like(x)
    for row in f:
        for i in range(x.shape[0] - height + 1):
            for j in range(x.shape[1] - width + 1):
                window = np.s_[i : i + height, j : j + width]  # a slice
                y[window] += row * x[window]
    return y


def mask(shape: tuple[int, int], f: np.ndarray) -> np.ndarray:
    """The table by which `published` multiplies an image of this shape.

    An outer product: how many windows cover a row, times the column sums of f
    that reach a column.
    """
    column_sums = f.sum(axis=0)
    rows, columns = np.subtract(shape, f.shape) + 1
    covered = np.convolve(np.ones(rows, int), np.ones(len(f), int))
    reached = np.convolve(np.ones(columns, int), column_sums)
    return np.outer(covered, reached)


def repaired(x: np.ndarray, f: np.ndarray) -> np.ndarray:
    """Cross-correlate x with f: one number for each place where f fits."""
    height, width = f.shape
    x = x.astype(np.result_type(x, f, np.int64))  # room for the sums
    y = np.zeros(np.subtract(x.shape, f.shape) + 1, x.dtype)
    for i, j in np.ndindex(y.shape):
        y[i, j] = (f * x[i : i + height, j : j + width]).sum()
    return y


def jacobian(
    operation: Operation, shape: tuple[int, int], f: np.ndarray
) -> np.ndarray:
    """(outputs, pixels): column p answers an image with a 1 at pixel p.

    That is the matrix of derivatives because the operation is linear in x.
    """
    units = np.eye(shape[0] * shape[1], dtype=int).reshape(-1, *shape)
    return np.stack([operation(unit, f).ravel() for unit in units], axis=1)


def impulse(shape: tuple[int, int], row: int, column: int) -> np.ndarray:
    """An image of zeros with a single 1."""
    image = np.zeros(shape, int)
    image[row, column] = 1
    return image


def flipped(x: np.ndarray, f: np.ndarray) -> np.ndarray:
    """The convolution of mathematics: the kernel makes half a turn first."""
    return repaired(x, f[::-1, ::-1])


def transposed(x: np.ndarray, f: np.ndarray) -> np.ndarray:
    """Rows and columns of the kernel mixed up."""
    return repaired(x, f.T)


def short(x: np.ndarray, f: np.ndarray) -> np.ndarray:
    """One place forgotten at the end of each axis."""
    return repaired(x, f)[:-1, :-1]


def checks(operation: Operation, f: np.ndarray) -> dict[str, bool]:
    """Which checks of a cross-correlation with square f it passes."""
    rng = np.random.default_rng(0)
    size = len(f)
    x, other = rng.integers(-9, 10, (2, 9, 8))
    out = operation(x, f)
    moved = operation(np.roll(x, 1, axis=1), f)
    answer = operation(impulse((9, 8), 4, 4), f)
    here = answer[5 - size : 5, 5 - size : 5]  # whose windows hold the 1
    return {
        "linear": np.array_equal(
            operation(x + 3 * other, f), out + 3 * operation(other, f)
        ),
        "shape": out.shape == (10 - size, 9 - size),
        "constant": bool((operation(np.ones((9, 8), int), f) == f.sum()).all()),
        "shift": np.array_equal(moved[:, 1:], out[:, :-1]),
        "impulse": np.array_equal(here, f[::-1, ::-1]),
    }


if __name__ == "__main__":
    # --8<-- [start:prints]
    x = np.arange(1, 10).reshape(3, 3)
    f = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
    y = published(x, f)
    print(y)
    # --8<-- [end:prints]

    # --8<-- [start:stretched]
    total = 0
    for row in f:
        total = total + np.broadcast_to(row, f.shape)
    print(total)
    print("published is x times this:", np.array_equal(y, x * total))
    # --8<-- [end:stretched]
    column_sums = f.sum(axis=0).tolist()

    # --8<-- [start:stretched_picture]
    import matplotlib.pyplot as plt

    from snippets.palette import INK, LINE, A, B, C

    def numbers(axes, left: float, top: float, table, colour: str) -> None:
        """Draw a table of numbers in cells."""
        for (i, j), value in np.ndenumerate(np.asarray(table)):
            axes.add_patch(plt.Rectangle(
                (left + j, top + i), 1, 1, fill=False, edgecolor=colour
            ))
            axes.text(left + j + 0.5, top + i + 0.54, f"{value}",
                      ha="center", va="center", color=INK, fontsize=11)

    figure, axes = plt.subplots(figsize=(6.4, 3.6))
    axes.text(0, -0.4, "the source", color=INK)
    numbers(axes, 0, 0, x, B)
    numbers(axes, 4, 0, total, A)
    numbers(axes, 8, 0, y, C)
    axes.text(0, 4.6, "a convolution layer", color=INK)
    numbers(axes, 0, 5, x, B)
    numbers(axes, 4, 5, f, A)
    numbers(axes, 8, 5, x * f, LINE)
    numbers(axes, 12, 6, repaired(x, f), C)
    for place, top, sign in (
        (3.5, 1.5, "×"), (7.5, 1.5, "="), (3.5, 6.5, "×"), (7.5, 6.5, "="),
    ):
        axes.text(place, top, sign, ha="center", va="center", color=INK)
    axes.annotate("", (11.9, 6.5), (11.1, 6.5),
                  arrowprops={"arrowstyle": "->", "color": INK})
    axes.text(11.5, 6.2, "sum", ha="center", color=INK, fontsize=11)
    axes.set(xlim=(-0.2, 13.2), ylim=(8.2, -1.2), aspect="equal")
    axes.axis("off")
    plt.show()
    # --8<-- [end:stretched_picture]

    # --8<-- [start:visits]
    windows = (x.shape[0] - f.shape[0] + 1) * (x.shape[1] - f.shape[1] + 1)
    print("windows", windows, " rows of the one filter", f.shape[0])
    print("sizes: source", y.shape, " layer", repaired(x, f).shape)
    # --8<-- [end:visits]

    # --8<-- [start:one_by_one]
    one = np.array([[3]])
    print("1 x 1 filter, source equals layer:",
          np.array_equal(published(x, one), repaired(x, one)))
    # --8<-- [end:one_by_one]

    # --8<-- [start:answers]
    import torch
    from torch.nn.functional import conv2d

    from snippets.inner_outer.algorithms import (
        by_fft,
        by_im2col,
        by_loops,
        by_matrix,
        by_windows,
    )

    theirs = conv2d(torch.tensor(x)[None, None], torch.tensor(f)[None, None])
    correlation, convolution = repaired(x, f), repaired(x, f[::-1, ::-1])
    print("torch            ", theirs[0, 0].tolist())
    print("repaired         ", correlation.tolist())
    print("kernel turned    ", convolution.tolist())
    padded = np.pad(x, 1)
    same_size = repaired(padded, f)
    print("padded with zeros", same_size.tolist())
    for way in (by_loops, by_windows, by_im2col, by_matrix, by_fft):
        print(f"{way.__name__:10}", np.allclose(way(padded, f), same_size))
    # --8<-- [end:answers]
    theirs_padded = conv2d(
        torch.tensor(x)[None, None], torch.tensor(f)[None, None], padding=1
    )[0, 0].numpy()
    right_value, turned_value = int(correlation[0, 0]), int(convolution[0, 0])

    # --8<-- [start:always_a_mask]
    rng = np.random.default_rng(0)
    agree = 0
    for _ in range(100):
        image = rng.integers(-9, 10, rng.integers(4, 10, 2))
        kernel = rng.integers(-9, 10, rng.integers(1, 5, 2))
        by_mask = image * mask(image.shape, kernel)
        agree += np.array_equal(published(image, kernel), by_mask)
    print("image times mask:", agree, "of 100")
    # --8<-- [end:always_a_mask]

    # --8<-- [start:ramp]
    ramp = np.arange(1, 26).reshape(5, 5)
    print(mask(ramp.shape, f)[:3])
    print("repaired:", np.unique(repaired(ramp, f)))
    print(published(ramp, f))
    # --8<-- [end:ramp]
    ramp_value = int(repaired(ramp, f)[0, 0])
    ramp_least, ramp_most = published(ramp, f).min(), published(ramp, f).max()

    # --8<-- [start:scene]
    row, column = np.mgrid[:22, :26]
    image = 3 * ((row - 13) ** 2 + (column - 3) ** 2 < 28)
    image[4:13, 15:] = 5
    edges, not_edges = repaired(image, f), published(image, f)
    inside = not_edges[:, 2:-2]
    print("numbers that are not 0: layer", np.count_nonzero(edges),
          " source", np.count_nonzero(not_edges))
    print("source, but for two columns at either border:", np.unique(inside))
    # --8<-- [end:scene]

    # --8<-- [start:scene_picture]
    def squares(axes, table, colour: str, largest: float) -> None:
        """A square for each number that is not 0, stronger the larger it is."""
        for (i, j), value in np.ndenumerate(table):
            if value:
                alpha = round(0.15 + 0.85 * abs(value) / largest, 2)
                axes.add_patch(plt.Rectangle(
                    (j, i), 0.9, 0.9, color=colour, alpha=alpha, linewidth=0
                ))
        height, width = table.shape
        axes.add_patch(plt.Rectangle(
            (-0.2, -0.2), width + 0.3, height + 0.3, fill=False, color=LINE
        ))
        axes.set(xlim=(-0.5, width + 0.5), ylim=(height + 0.5, -3.2))
        axes.set_aspect("equal")
        axes.axis("off")

    figure, panels = plt.subplots(1, 3, figsize=(7.0, 2.3))
    shown = {
        "input": (image, B), "convolution layer": (edges, C),
        "the source": (not_edges, C),
    }
    for axes, name in zip(panels, shown, strict=True):
        table, colour = shown[name]
        squares(axes, table, colour, max(1, abs(table).max()))
        axes.text(table.shape[1] / 2, -1, name, ha="center", color=INK,
                  fontsize=13)
    plt.show()
    # --8<-- [end:scene_picture]

    # --8<-- [start:fractions]
    try:
        published(x, f / 8)
    except TypeError as error:
        raised = type(error).__name__
        print(raised)
    print("the same numbers as floats:", published(x / 1.0, f / 8)[0])
    # --8<-- [end:fractions]

    # --8<-- [start:wrapped]
    bright = np.full((3, 3), 200, dtype=np.uint8)
    blur = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]], dtype=np.uint8)
    by_bytes = published(bright, blur)[0].tolist()
    by_hand = (200 * mask((3, 3), blur.astype(int)))[0].tolist()
    print("in bytes ", by_bytes)
    print("by hand  ", by_hand)
    print("repaired ", repaired(bright, blur).tolist())
    # --8<-- [end:wrapped]

    # --8<-- [start:derivatives]
    from snippets.mechanics.convolution_as_product import image_operator

    kernel = rng.integers(1, 10, (3, 4))
    theirs = jacobian(published, (8, 9), kernel)
    ours = jacobian(repaired, (8, 9), kernel)
    off_diagonal = np.count_nonzero(theirs - np.diag(np.diag(theirs)))
    per_output = np.unique(np.count_nonzero(ours, axis=1))
    print("source  ", theirs.shape, "nonzeros off the diagonal", off_diagonal)
    print("repaired", ours.shape, "nonzeros in each row", per_output)
    operator = image_operator(kernel, 8, 9).to_dense().numpy()
    print("repaired is the convolution matrix:", np.array_equal(ours, operator))
    # --8<-- [end:derivatives]
    distinct_weights = len(np.unique(kernel))
    entries_per_output = int(per_output[0])

    # --8<-- [start:derivatives_picture]
    figure, panels = plt.subplots(1, 2, figsize=(6.4, 3.2))
    blur = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]])
    pair = {"the source": published, "convolution layer": repaired}
    for axes, (name, operation) in zip(panels, pair.items(), strict=True):
        table = jacobian(operation, (5, 5), blur)
        squares(axes, table, A, table.max())
        axes.text(12.5, -1, name, ha="center", color=INK, fontsize=12)
        axes.set_ylim(25.5, -3.2)
    plt.show()
    # --8<-- [end:derivatives_picture]

    # --8<-- [start:moved]
    right_moves = np.array_equal(
        repaired(np.roll(image, 1, axis=1), f)[:, 1:], edges[:, :-1]
    )
    source_moves = np.array_equal(
        published(np.roll(image, 1, axis=1), f)[:, 1:], not_edges[:, :-1]
    )
    print("the image above: repaired follows", right_moves,
          "  source follows", source_moves)
    for place in (0, 1, 2, 3):
        dot = impulse((1, 7), 0, place)
        line = np.array([[1, 2, 4]])
        print(dot[0], " repaired", repaired(dot, line)[0],
              " source", published(dot, line)[0])
    # --8<-- [end:moved]

    answers = [int(published(impulse((1, 7), 0, place), line).sum())
               for place in range(3)]

    # --8<-- [start:moved_picture]
    figure, panels = plt.subplots(2, 3, figsize=(6.0, 3.4))
    for line, place in zip(panels, (3, 8), strict=True):
        dot = impulse((7, 12), 3, place)
        tables = ((dot, B, 1), (repaired(np.pad(dot, 1), f), C, 2),
                  (published(dot, f), C, 12))
        for axes, (table, colour, largest) in zip(line, tables, strict=True):
            squares(axes, table, colour, largest)
            axes.set_ylim(7.5, -2)
    for axes, name in zip(panels[0], shown, strict=True):
        axes.text(6, -0.7, name, ha="center", color=INK, fontsize=12)
    plt.show()
    # --8<-- [end:moved_picture]

    # --8<-- [start:caught]
    kernel = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 10]])
    suspects = {
        "repaired": repaired, "source": published, "flipped": flipped,
        "transposed": transposed, "one short": short,
    }
    verdicts = {name: checks(suspect, kernel)
                for name, suspect in suspects.items()}
    print(" " * 12 + "  ".join(verdicts["source"]))
    for name, passed in verdicts.items():
        row = "  ".join(f"{'ok' if fine else 'FAILS':{len(check)}}"
                        for check, fine in passed.items())
        print(f"{name:12}{row}".rstrip())
    # --8<-- [end:caught]
    with_sobel = checks(flipped, f)

    # --8<-- [start:outer]
    smooth, difference = np.array([1, 2, 1]), np.array([1, 0, -1])
    print("outer product:",
          np.array_equal(np.outer(smooth, difference), f))
    across = repaired(image, difference[None])
    in_two = repaired(across, smooth[:, None])
    print("two passes equal one:", np.array_equal(in_two, edges))
    # --8<-- [end:outer]
    passes_agree = bool(np.array_equal(in_two, edges))
