"""Broadcasting: its rule, what it does in memory, where it is silently wrong, its gradient."""
from collections.abc import Sequence
from itertools import zip_longest
from math import prod

import numpy as np
import torch

from snippets.palette import ACCENT, INK, LINE, PAPER, SOFT


def broadcast_shape(a: Sequence[int], b: Sequence[int]) -> tuple[int, ...]:
    """The shape of x + y for x of shape a and y of shape b.

    From the right: equal lengths stay, a length of 1 gives way to the other,
    and where one shape has run out of axes the other's length stays.
    Raises ValueError where two lengths differ and neither is 1.
    """
    shape = []
    for m, n in zip_longest(reversed(a), reversed(b), fillvalue=1):
        if m != n and m != 1 and n != 1:
            raise ValueError(f"{m} against {n}")
        shape.insert(0, n if m == 1 else m)
    return tuple(shape)


def matmul_shape(a: Sequence[int], b: Sequence[int]) -> tuple[int, ...]:
    """The shape of x @ y for two tensors with at least two axes each.

    The last two axes multiply, and there nothing stretches; the axes before
    them broadcast. Raises ValueError where either fails.
    """
    if a[-1] != b[-2]:
        raise ValueError(f"{a[-1]} against {b[-2]}")
    return broadcast_shape(a[:-2], b[:-2]) + (a[-2], b[-1])


def attempt(rule, a: Sequence[int], b: Sequence[int]) -> tuple[int, ...] | None:
    """The shape by some rule, None where the rule refuses."""
    try:
        return tuple(rule(a, b))
    except (ValueError, RuntimeError):
        return None


def random_shape(rng: np.random.Generator, most: int) -> tuple[int, ...]:
    """Up to `most` axes of lengths 0 to 3, half of all lengths 1."""
    lengths = rng.choice([0, 1, 2, 3], size=rng.integers(most + 1), p=[0.1, 0.5, 0.2, 0.2])
    return tuple(lengths.tolist())


def stretched_strides(
    shape: Sequence[int], strides: Sequence[int], target: Sequence[int]
) -> tuple[int, ...]:
    """Strides with which the same memory is read as the target shape.

    0 along new axes and along axes that grow: a step there moves nowhere.
    """
    new = len(target) - len(shape)
    kept = zip(shape, target[new:], strides, strict=True)
    return (0,) * new + tuple(step if n == m else 0 for n, m, step in kept)


def sum_to_shape(gradient: torch.Tensor, shape: Sequence[int]) -> torch.Tensor:
    """Add up a gradient over the axes along which shape was stretched to it."""
    while gradient.ndim > len(shape):
        gradient = gradient.sum(dim=0)
    for axis, length in enumerate(shape):
        if length == 1:
            gradient = gradient.sum(dim=axis, keepdim=True)
    return gradient


def fit_line(
    x: torch.Tensor, y: torch.Tensor, flat_target: bool,
    steps: int = 300, rate: float = 0.1,
) -> tuple[float, float, float]:
    """Slope, intercept and last loss of gradient descent on the squared error.

    x and y have shape (n, 1). With flat_target the target has shape (n,), and
    the subtraction broadcasts to (n, n).
    """
    line = torch.zeros(2, dtype=x.dtype, requires_grad=True)
    target = y[:, 0] if flat_target else y
    for _ in range(steps):
        prediction = line[0] * x + line[1]
        loss = ((prediction - target) ** 2).mean()
        (gradient,) = torch.autograd.grad(loss, line)
        with torch.no_grad():  # the step itself needs no gradient
            line -= rate * gradient
    slope, intercept = line.tolist()
    return slope, intercept, loss.item()


def draw_cells(
    ax, cells: Sequence[Sequence[object]], left: float, top: float, stored: bool = True
) -> None:
    """Draw a table of unit cells; what is stored in ink, what is only thought in grey."""
    from matplotlib.patches import Rectangle

    edge, ink, style, layer = (INK, INK, "-", 3) if stored else (LINE, SOFT, "--", 2)
    for i, row in enumerate(cells):
        for j, entry in enumerate(row):
            corner = (left + j, top - i - 1)
            ax.add_patch(Rectangle(corner, 1, 1, facecolor=PAPER, edgecolor=edge, ls=style,
                                   lw=1.0, zorder=layer))
            ax.text(left + j + 0.5, top - i - 0.5, f"{entry}", ha="center", va="center",
                    color=ink, zorder=layer)


def draw_alignment(ax, shapes: Sequence[Sequence[int]]) -> None:
    """Draw two shapes aligned on the right and what comes out, an axis to a column.

    Dashed is what stretches, in accent what clashes; (1) is an axis that is not there.
    """
    from matplotlib.patches import Rectangle

    axes = max(map(len, shapes))
    padded = [(None,) * (axes - len(shape)) + tuple(shape) for shape in shapes]
    for row, name in enumerate(("x", "y", "x + y")):
        ax.text(-axes - 0.15, -row, name, ha="right", va="center", color=SOFT)
    for column, pair in enumerate(zip(*padded, strict=True), start=-axes):
        ax.text(column + 0.5, 0.9, f"−{-column}", ha="center", va="center", color=SOFT)
        known = [length for length in pair if length is not None]
        length = attempt(broadcast_shape, known[:1], known[1:])
        shown = ["(1)" if own is None else str(own) for own in pair]
        for row, own in enumerate(pair):
            grows = length is not None and (own,) != length
            if grows:
                ax.add_patch(Rectangle((column + 0.03, -row - 0.4), 0.94, 0.8, ls="--",
                                       facecolor="none", edgecolor=SOFT))
                shown[row] += f" → {length[0]}"
        for row, text in enumerate([*shown, "✗" if length is None else str(length[0])]):
            ax.text(column + 0.5, -row, text, ha="center", va="center",
                    color=ACCENT if length is None else INK, fontsize=9)
    ax.plot((-axes, 0), (-1.5, -1.5), color=LINE)
    bare(ax, (-4.1, -2.5), (0.1, 1.3))


def bare(ax, low: tuple[float, float], high: tuple[float, float]) -> None:
    """A window on the plane, from low to high, without axes and undistorted."""
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal")
    ax.set_axis_off()


if __name__ == "__main__":
    import warnings

    import matplotlib.pyplot as plt
    import torch.nn.functional as F

    # --8<-- [start:bonus]
    marks = torch.tensor([[60, 70, 80, 90],  # three pupils, four subjects
                          [50, 50, 50, 50],
                          [75, 85, 95, 65]])
    bonus = torch.tensor([1, 2, 3, 4])  # one per subject
    raised = marks + bonus
    print(marks.shape, "+", bonus.shape, "->", raised.shape)
    print(raised)

    by_loop = marks.clone()
    for i in range(3):
        for j in range(4):
            by_loop[i, j] += bonus[j]
    print("same as the loop:", torch.equal(raised, by_loop))
    # --8<-- [end:bonus]

    # --8<-- [start:picture]
    row, column = torch.tensor([[1, 2, 3, 4]]), torch.tensor([[0], [10], [20]])
    table = torch.arange(12).reshape(3, 4)
    sums = ((table, row, "(3, 4) + (4,)"), (column, row, "(3, 1) + (4,)"),
            (table, column, "(3, 4) + (3, 1)"))
    fig, axes = plt.subplots(3, 1, figsize=(5.4, 5.8))
    for ax, (left, right, shapes) in zip(axes, sums, strict=True):
        for x, operand in ((0, left), (5.4, right)):
            if operand.shape != (3, 4):
                draw_cells(ax, operand.expand(3, 4).tolist(), x, 3, stored=False)
            draw_cells(ax, operand.tolist(), x, 3)
        draw_cells(ax, (left + right).tolist(), 10.8, 3)
        ax.text(4.7, 1.5, "+", ha="center", va="center", color=INK)
        ax.text(10.1, 1.5, "=", ha="center", va="center", color=INK)
        ax.text(7.4, 3.4, shapes, ha="center", color=INK)
        bare(ax, (-0.2, -0.3), (15, 4.3))
    plt.show()
    # --8<-- [end:picture]

    # --8<-- [start:cases]
    cases = [
        ((3, 4), (4,)), ((3, 1), (4,)), ((3, 4), (3, 1)), ((3, 4), (3,)),
        ((3,), (3, 1)), ((5, 1, 4), (3, 1)), ((), (2, 3)), ((2, 3), (3, 2)),
    ]
    for a, b in cases:
        print(f"{a!s:10} + {b!s:7} -> {attempt(broadcast_shape, a, b)}")
    # --8<-- [end:cases]

    # --8<-- [start:aligned]
    fig, axes = plt.subplots(1, 2, figsize=(7.2, 2.9))
    for ax, at in zip(axes, (5, 3), strict=True):
        draw_alignment(ax, cases[at])
    plt.show()
    # --8<-- [end:aligned]

    # --8<-- [start:fuzz]
    rng = np.random.default_rng(0)
    pairs = [(random_shape(rng, 4), random_shape(rng, 4)) for _ in range(500)]
    disagree = refused = not_covered = 0
    for a, b in pairs:
        ours = attempt(broadcast_shape, a, b)
        by_torch = attempt(torch.broadcast_shapes, a, b)
        by_numpy = attempt(np.broadcast_shapes, a, b)
        disagree += not ours == by_torch == by_numpy
        refused += ours is None
        not_covered += ours is not None and len(a) != len(b)
    print(f"pairs {len(pairs)}, refused {refused}, disagreements {disagree}")
    print("accepted with unequal numbers of axes:", not_covered)
    # --8<-- [end:fuzz]
    tried = len(pairs)

    # --8<-- [start:empty_axis]
    a, b = (3, 0), (3, 1)
    by_rule = broadcast_shape(a, b)
    by_maximum = tuple(map(max, a, b))
    print("torch:", tuple((torch.ones(a) + torch.ones(b)).shape),
          "  ours:", by_rule, "  maximum:", by_maximum)
    # --8<-- [end:empty_axis]

    # --8<-- [start:strides]
    b = torch.arange(4)
    wide = b.expand(1_000_000, 4)
    print("shape:", tuple(wide.shape), "  strides:", wide.stride())
    print("by our rule:", stretched_strides((4,), (1,), (1_000_000, 4)))

    stored = wide.untyped_storage().nbytes()
    apparent = wide.numel() * wide.element_size()
    print(f"bytes stored: {stored}   bytes if copied: {apparent:,}")
    # --8<-- [end:strides]
    apparent_millions = apparent / 1e6

    # --8<-- [start:strides_picture]
    fig, ax = plt.subplots(figsize=(5.4, 3.0))
    draw_cells(ax, [range(4)], 0, 6)
    draw_cells(ax, [range(4)] * 2, 0, 5, stored=False)
    draw_cells(ax, [range(4)], 0, 1)
    for level in (5.5, 4.5, 3.5):
        ax.annotate("", xy=(4.1, 0.5), xytext=(4.1, level), arrowprops={
            "arrowstyle": "->", "color": SOFT, "shrinkA": 0, "shrinkB": 0,
            "connectionstyle": f"arc3,rad={-0.3 - 0.06 * level}"})
    for start, end, x, y, text in (((-0.3, 6), (-0.3, 3), -0.75, 4.5, "0"),
                                   ((0, 2.7), (4, 2.7), 2, 2.2, "1")):
        ax.annotate("", xy=end, xytext=start, arrowprops={
            "arrowstyle": "->", "color": SOFT, "shrinkA": 0, "shrinkB": 0})
        ax.text(x, y, text, ha="center", va="center", color=ACCENT)
    ax.text(7.2, 4.5, "stretched", va="center", color=INK)
    ax.text(7.2, 0.5, "memory", va="center", color=INK)
    bare(ax, (-1.2, -0.2), (10.2, 6.3))
    plt.show()
    # --8<-- [end:strides_picture]

    # --8<-- [start:writing]
    b = torch.zeros(4, dtype=torch.int64)
    rows = b.expand(3, 4)
    rows[0, 0] = 9  # one cell, three rows
    print(rows)

    for name, change in (
        ("stretched += 1", lambda: rows.add_(1)),
        ("(4,) += (3, 4)", lambda: b.add_(torch.ones(3, 4, dtype=torch.int64))),
    ):
        try:
            change()
        except RuntimeError as error:
            print(f"{name}: {type(error).__name__}")
    # --8<-- [end:writing]
    seen = rows[:, 0].tolist()

    # --8<-- [start:result_size]
    n, d = 1000, 64  # so many points, so many coordinates each
    pairwise = broadcast_shape((n, 1, d), (1, n, d))  # x[:, None] - x
    print("differences of all pairs:", pairwise)
    print(f"numbers: {n * d:,} -> {prod(pairwise):,}")
    growth = prod(pairwise) // (n * d)
    # --8<-- [end:result_size]

    # --8<-- [start:trap]
    target = torch.tensor([1.0, 2.0, 3.0])
    prediction = torch.tensor([[1.0], [2.0], [3.0]])  # perfect
    difference = target - prediction
    print(target.shape, "-", prediction.shape, "->", difference.shape)
    print(difference)
    wrong_loss = (difference**2).mean().item()
    right_loss = ((target[:, None] - prediction) ** 2).mean().item()
    print(f"loss: {wrong_loss:.2f}   with equal shapes: {right_loss:.2f}")
    # --8<-- [end:trap]

    # --8<-- [start:training]
    torch.manual_seed(0)
    x = torch.linspace(-1, 1, 40, dtype=torch.float64)[:, None]
    y = 2 * x + 1 + 0.3 * torch.randn(40, 1, dtype=torch.float64)
    slope, intercept, loss = fit_line(x, y, flat_target=False)
    flat_slope, flat_intercept, flat_loss = fit_line(x, y, flat_target=True)
    flat_slope = round(flat_slope, 9) + 0.0  # no minus before a zero
    print(f"equal shapes: slope {slope:.2f}  "
          f"intercept {intercept:.2f}  loss {loss:.2f}")
    print(f"(40, 1), (40,): slope {flat_slope:.2f}  "
          f"intercept {flat_intercept:.2f}  loss {flat_loss:.2f}")
    mean, variance = y.mean().item(), y.var(correction=0).item()
    print(f"targets: mean {mean:.2f}  variance {variance:.2f}")
    # --8<-- [end:training]

    # --8<-- [start:training_picture]
    fig, ax = plt.subplots(figsize=(5.8, 3.2))
    ax.plot(x[:, 0], y[:, 0], "o", color=SOFT, ms=3.5)
    ends = torch.tensor([-1.0, 1.0])
    ax.plot(ends, slope * ends + intercept, color=INK, ls="-")
    ax.plot(ends, flat_slope * ends + flat_intercept, color=ACCENT, ls="--")
    ax.text(1.05, slope + intercept, "equal shapes", va="center", color=INK)
    ax.text(1.05, flat_intercept, "broadcast", va="center", color=ACCENT)
    ax.set(xlim=(-1.1, 1.75), xticks=[-1, 0, 1], yticks=[-1, 1, 3])
    ax.set_xlabel("$x$")
    ax.set_ylabel("$y$")
    plt.show()
    # --8<-- [end:training_picture]

    # --8<-- [start:warned]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        by_hand = ((prediction - target) ** 2).mean()
        by_torch = F.mse_loss(prediction, target)
    print("same wrong loss:", torch.equal(by_hand, by_torch))
    print("warnings:", [w.category.__name__ for w in caught])
    # --8<-- [end:warned]

    # --8<-- [start:square]
    x = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])
    means = x.mean(dim=1)  # one per row, shape (3,)
    silent = x - means
    right = x - x.mean(dim=1, keepdim=True)  # shape (3, 1)
    print("row sums:", silent.sum(dim=1).tolist(), right.sum(dim=1).tolist())
    # --8<-- [end:square]

    # --8<-- [start:uses]
    images = torch.rand(8, 3, 32, 32)  # which, channel, row, column
    scale = torch.rand(3)
    scores = torch.rand(2, 4, 5, 5)  # sentence, head, word, word
    allowed = torch.ones(5, 5, dtype=torch.bool).tril()
    digits = torch.arange(1, 10)
    samples, bias = torch.rand(6, 3), torch.rand(3)
    used = {
        "bias, samples in rows": samples + bias,
        "bias, samples in columns": samples.T + bias[:, None],
        "scale per channel": images * scale[:, None, None],
        "mask": scores.masked_fill(~allowed, 0),
        "table of products": digits[:, None] * digits,
        "all differences": digits[:, None] - digits,
    }
    for name, result in used.items():
        print(f"{name:25} {tuple(result.shape)}")
    # --8<-- [end:uses]

    # --8<-- [start:matmul]
    torch.manual_seed(0)
    a = torch.randint(-3, 4, (3, 3, 2)).float()
    b = torch.randint(-3, 4, (2, 4)).float()
    c = a @ b
    print(tuple(a.shape), "@", tuple(b.shape), "->", tuple(c.shape))
    print("the rule of +:", attempt(broadcast_shape, a.shape, b.shape))
    print("our rule of @:", matmul_shape(a.shape, b.shape))

    stretched = b.expand(3, 2, 4)
    print("b, stretched:", tuple(stretched.shape), stretched.stride())
    print("same as a @ stretched:", torch.equal(c, a @ stretched))
    tall = (a.reshape(9, 2) @ b).reshape(3, 3, 4)
    print("same as one tall product:", torch.equal(c, tall))
    # --8<-- [end:matmul]
    b_strides = stretched.stride()

    # --8<-- [start:inner]
    a, b = (2, 3, 4), (2, 1, 4)
    print(a, "*", b, "->", attempt(broadcast_shape, a, b))
    a, b = (2, 3, 4), (2, 1, 5)
    print(a, "@", b, "->", attempt(matmul_shape, a, b))
    # --8<-- [end:inner]

    # --8<-- [start:matmul_fuzz]
    def torch_matmul_shape(a, b):
        return (torch.ones(a) @ torch.ones(b)).shape

    rng = np.random.default_rng(1)
    matmul_disagree = matmul_refused = plus_differs = 0
    for _ in range(500):
        a = random_shape(rng, 2) + tuple(rng.integers(1, 3, size=2).tolist())
        b = random_shape(rng, 2) + tuple(rng.integers(1, 3, size=2).tolist())
        ours = attempt(matmul_shape, a, b)
        matmul_disagree += ours != attempt(torch_matmul_shape, a, b)
        matmul_refused += ours is None
        by_plus = attempt(broadcast_shape, a, b)
        plus_differs += (ours is None) != (by_plus is None)
    print(f"refused {matmul_refused}, disagreements {matmul_disagree}")
    print("where + and @ decide differently:", plus_differs)
    # --8<-- [end:matmul_fuzz]

    # --8<-- [start:folded]
    operations = {}
    for shape in ((2, 4), (3, 2, 4)):
        product = torch.rand(3, 3, 2) @ torch.rand(shape, requires_grad=True)
        done = product.grad_fn.next_functions[0][0]  # kept for gradients
        operations[len(shape)] = done.name()
        print((3, 3, 2), "@", shape, "by", done.name())
    # --8<-- [end:folded]

    # --8<-- [start:gradient]
    x = torch.zeros(3, 4)
    b = torch.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    weight = torch.tensor([[1.0, 2.0, 3.0, 4.0],
                           [10.0, 20.0, 30.0, 40.0],
                           [100.0, 200.0, 300.0, 400.0]])
    loss = ((x + b) * weight).sum()  # each entry counts with its weight
    loss.backward()
    print("gradient of b:", b.grad)
    print("column sums:  ", weight.sum(dim=0))
    print("by our rule:  ", sum_to_shape(weight, (4,)))
    # --8<-- [end:gradient]
    gradient = b.grad.tolist()

    # --8<-- [start:gradient_picture]
    fig, axes = plt.subplots(1, 2, figsize=(6.4, 2.9))
    downwards = {"stored": [[1, 2, 3, 4]], "thought": [[1, 2, 3, 4]] * 3}
    draw_cells(axes[0], downwards["stored"], 0, 5)
    draw_cells(axes[0], downwards["thought"], 0, 3, stored=False)
    draw_cells(axes[1], weight.long().tolist(), 0, 5)
    draw_cells(axes[1], [[f"{g:.0f}" for g in gradient]], 0, 1)
    for ax, name in ((axes[0], "forward"), (axes[1], "backward")):
        for j in range(4):
            high, low = (3.85, 3.15) if name == "forward" else (1.85, 1.15)
            ax.annotate("", xy=(j + 0.5, low), xytext=(j + 0.5, high), arrowprops={
                "arrowstyle": "->", "color": ACCENT, "shrinkA": 0, "shrinkB": 0})
        ax.text(2, 5.35, name, ha="center", color=INK)
        bare(ax, (-0.3, -0.3), (4.3, 6.1))
    axes[0].text(4.15, 3.5, "copy", va="center", color=ACCENT)
    axes[1].text(4.15, 1.5, "add", va="center", color=ACCENT)
    for ax in axes:
        ax.set_xlim(-0.3, 5.6)
    plt.show()
    # --8<-- [end:gradient_picture]

    # --8<-- [start:ones]
    ones = torch.ones(3, 1)
    row = torch.tensor([[1.0, 2, 3, 4]])
    print("stretching is a product:", torch.equal(ones @ row, row.expand(3, 4)))
    print("adding up is its transpose:",
          torch.equal(ones.T @ weight, weight.sum(dim=0, keepdim=True)))
    # --8<-- [end:ones]

    # --8<-- [start:batch_gradient]
    bias_gradient = {}
    for samples in (1, 32, 1024):
        b = torch.zeros(1, requires_grad=True)
        ((torch.zeros(samples, 1) + b) - 1).pow(2).sum().backward()
        by_sum = b.grad.item()
        b.grad = None
        ((torch.zeros(samples, 1) + b) - 1).pow(2).mean().backward()
        by_mean = b.grad.item()
        bias_gradient[samples] = (by_sum, by_mean)
        print(f"batch {samples:4}   sum {by_sum:6.0f}   mean {by_mean:.0f}")
    # --8<-- [end:batch_gradient]
