"""One rule for every product: rows against columns, read in three ways, and in batches."""

import matplotlib.pyplot as plt
import numpy as np
import torch

from snippets.labs.timing import cpu_medians
from snippets.foundations.elementwise_reduce_dot import bare, draw_matrix
from snippets.palette import ACCENT, INK, PAPER, SOFT, A, B, C

MACHINE_BOUND = True  # one region prints a ratio of CPU times


def by_dots(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Each entry is the dot product of a row of a and a column of b."""
    rows = [[torch.dot(row, column) for column in b.T] for row in a]
    return torch.stack([torch.stack(row) for row in rows])


def by_columns(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Each column mixes the columns of a; the weights are a column of b."""
    columns = [
        sum(w * column for w, column in zip(weights, a.T, strict=True))
        for weights in b.T
    ]
    return torch.stack(columns, dim=1)


def by_rows(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Each row mixes the rows of b; the weights are a row of a."""
    rows = [
        sum(w * row for w, row in zip(weights, b, strict=True))
        for weights in a
    ]
    return torch.stack(rows)


def layers(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The k outer products, column i of a times row i of b: shape (k, n, m)."""
    pairs = zip(a.T, b, strict=True)
    return torch.stack([torch.outer(column, row) for column, row in pairs])


def product_shape(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of a @ b, from the shapes of a and b.

    Raises ValueError if they do not fit.
    """
    if not a or not b:
        raise ValueError("a single number is multiplied with *")
    rows, columns = a[-2:-1], b[-1:] if len(b) > 1 else ()  # () for a vector
    if a[-1] != (b[-2] if len(b) > 1 else b[-1]):
        raise ValueError(f"inner lengths differ: {a} @ {b}")
    return (*np.broadcast_shapes(a[:-2], b[:-2]), *rows, *columns)


def intensity(n: int, columns: int, size: int = 4) -> float:
    """Operations per byte for an (n, n) matrix times (n, columns).

    Every number is moved once: both factors read, the product written. `size`
    is the number of bytes in a number.
    """
    operations = 2 * n * n * columns
    moved = n * n + 2 * n * columns
    return operations / (size * moved)


if __name__ == "__main__":
    # --8<-- [start:bill]
    prices = torch.tensor([[3, 2, 5], [4, 3, 2]])  # 2 shops, 3 kinds of fruit
    basket = torch.tensor([2, 1, 3])  # how many of each kind
    print("mv ", torch.mv(prices, basket).tolist())
    print("row by row", [torch.dot(row, basket).item() for row in prices])
    # --8<-- [end:bill]
    bill = torch.mv(prices, basket).tolist()

    # --8<-- [start:bill_picture]
    figure, ax = plt.subplots(figsize=(5.8, 2.6))
    p, x = prices.numpy(), basket.numpy()[:, None]
    draw_matrix(ax, p, 0.5, 1, A, lit=0)
    draw_matrix(ax, x, 5, 0.5, B)
    draw_matrix(ax, p @ x, 7.2, 1, C, lit=0)
    for place, mark in ((4, "@"), (6.6, "=")):
        ax.text(place, 2, mark, ha="center", va="center", fontsize=15)
    for place, mark, colour in (
        ((2, 0.7), "3", ACCENT), ((4.75, 2), "3", ACCENT),
        ((0.25, 2), "2", INK), ((8.45, 2), "2", INK),
    ):
        ax.text(*place, mark, color=colour, ha="center", va="center", fontsize=13)
    bare(ax, 8.6, 3.6)
    plt.show()
    # --8<-- [end:bill_picture]

    # --8<-- [start:linear]
    other = torch.tensor([0, 4, 1])
    print(torch.mv(prices, basket + other).tolist(),
          (torch.mv(prices, basket) + torch.mv(prices, other)).tolist())
    print(torch.mv(prices, 10 * basket).tolist(),
          (10 * torch.mv(prices, basket)).tolist())
    # --8<-- [end:linear]

    # --8<-- [start:layer]
    torch.manual_seed(0)
    layer = torch.nn.Linear(3, 2)
    x, zero = torch.randn(3), torch.zeros(3)
    W, b = layer.weight, layer.bias
    print("weight", tuple(W.shape), " input", tuple(x.shape))
    y = layer(x)
    print("layer(x) = mv(W, x):    ", torch.allclose(y, torch.mv(W, x)))
    print("layer(x) = mv(W, x) + b:", torch.allclose(y, torch.mv(W, x) + b))
    print("layer(0) is 0:          ", not layer(zero).any().item())
    # --8<-- [end:layer]

    # --8<-- [start:bills]
    baskets = torch.tensor([[2, 1, 0, 5], [1, 0, 4, 0], [3, 2, 1, 0]])
    bills = torch.mm(prices, baskets)
    print(tuple(prices.shape), "@", tuple(baskets.shape),
          "->", tuple(bills.shape))
    print(bills)
    for j in range(4):
        print("customer", j, torch.mv(prices, baskets[:, j]).tolist())
    # --8<-- [end:bills]

    # --8<-- [start:corner]
    figure, ax = plt.subplots(figsize=(5.8, 4.4))
    draw_matrix(ax, prices.numpy(), 0.6, 4.1, A, lit=1)
    draw_matrix(ax, baskets.numpy(), 4.2, 0.6, B, lit=np.s_[:, 2])
    draw_matrix(ax, bills.numpy(), 4.2, 4.1, C, lit=(1, 2))
    for place, mark, colour in (
        ((0.3, 5.1), "2", INK), ((2.1, 3.8), "3", ACCENT), ((3.9, 2.1), "3", ACCENT),
        ((6.2, 0.3), "4", INK), ((8.5, 5.1), "2", INK), ((6.2, 6.4), "4", INK),
    ):
        ax.text(*place, mark, color=colour, ha="center", va="center", fontsize=13)
    bare(ax, 8.8, 6.6)
    plt.show()
    # --8<-- [end:corner]

    # --8<-- [start:fits]
    for left, right in (((2, 3), (3, 4)), ((3, 4), (2, 3)), ((2, 3), (2, 3))):
        try:
            product = torch.mm(torch.ones(left), torch.ones(right))
            print(left, "@", right, "->", tuple(product.shape))
        except RuntimeError:
            print(left, "@", right, "does not fit")
    # --8<-- [end:fits]

    # --8<-- [start:readings]
    print("dots   ", by_dots(prices, baskets).tolist())
    print("columns", by_columns(prices, baskets).tolist())
    print("rows   ", by_rows(prices, baskets).tolist())
    print("outer  ", layers(prices, baskets).sum(dim=0).tolist())
    # --8<-- [end:readings]

    # --8<-- [start:readings_picture]
    one, rest = slice(None), slice(None)
    panels = {  # what is lit in the left factor, in the right one, in the product
        "dots": ((0, rest), (rest, 1), (0, 1)),
        "columns": (one, (rest, 1), (rest, 1)),
        "rows": ((0, rest), one, (0, rest)),
    }
    figure, axes = plt.subplots(3, 1, figsize=(6.6, 5))
    for ax, (name, (left, right, result)) in zip(axes, panels.items(), strict=True):
        draw_matrix(ax, prices.numpy(), 2.3, 0.5, A, lit=left)
        draw_matrix(ax, baskets.numpy(), 6.3, 0, B, lit=right)
        draw_matrix(ax, bills.numpy(), 11.3, 0.5, C, lit=result)
        for x, mark in ((5.8, "@"), (10.8, "=")):
            ax.text(x, 1.5, mark, ha="center", va="center", fontsize=14)
        ax.text(0, 1.5, name, va="center")
        bare(ax, 15.3, 3)
    plt.show()
    # --8<-- [end:readings_picture]

    # --8<-- [start:layers_picture]
    figure, axes = plt.subplots(3, 1, figsize=(6.6, 4.4))
    steps = layers(prices, baskets)
    for k, ax in enumerate(axes):
        draw_matrix(ax, prices.numpy(), 0, 0.5, A, lit=np.s_[:, k])
        draw_matrix(ax, baskets.numpy(), 4, 0, B, lit=k)
        draw_matrix(ax, steps[k].numpy(), 9.3, 0.5, SOFT)
        draw_matrix(ax, steps[: k + 1].sum(dim=0).numpy(), 14.3, 0.5, C)
        for x, mark in ((3.5, "@"), (8.65, "$\\to$"), (13.8, "$\\Sigma$")):
            ax.text(x, 1.5, mark, ha="center", va="center", fontsize=14)
        bare(ax, 18.4, 3)
    plt.show()
    # --8<-- [end:layers_picture]

    # --8<-- [start:count]
    n = 2048
    per_byte = {}
    for columns in (1, 2, 32, 256, 2048):
        per_byte[columns] = intensity(n, columns)
        print(f"{columns:4} columns: {per_byte[columns]:6.1f} per byte")
    # --8<-- [end:count]
    limit = n / 4

    # --8<-- [start:count_picture]
    widths = 2 ** np.arange(17)
    figure, ax = plt.subplots(figsize=(6.4, 3.2))
    ax.loglog(widths, [intensity(n, int(b)) for b in widths], "-", color=INK)
    ax.axhline(limit, color=SOFT, ls="--", lw=0.9)
    ax.text(1.2, limit * 0.5, "limit", color=SOFT)
    for b in (1, 32, 256):
        ax.plot(b, intensity(n, b), "o", color=ACCENT, markersize=5)
    ax.set(xlabel="columns at once", ylabel="operations per byte", ylim=(0.3, 1200))
    ax.set_xticks([1, 32, 256, 65536], ["1", "32", "256", "65536"])
    ax.set_yticks([1, 10, 100], ["1", "10", "100"])
    ax.minorticks_off()
    plt.show()
    # --8<-- [end:count_picture]

    # --8<-- [start:clock]
    torch.manual_seed(0)
    weights, inputs = torch.randn(2048, 2048), torch.randn(2048, 64)
    gain = {}
    for b in (2, 8, 64):
        some = inputs[:, :b].contiguous()  # a copy that fills one block of memory
        singles = list(some.T.contiguous())
        seconds = cpu_medians({  # the median CPU time of five rounds, for each
            "one by one": lambda: [torch.mv(weights, x) for x in singles],
            "all at once": lambda: torch.mm(weights, some),
        }, rounds=5)
        gain[b] = seconds["one by one"] / seconds["all at once"]
        print(f"{b:2} columns: mv one by one / mm at once = {gain[b]:.1f}")
    # --8<-- [end:clock]

    # --8<-- [start:batch]
    torch.manual_seed(0)
    a = torch.randint(1, 7, (3, 3, 2))  # three matrices, 3 by 2
    b = torch.randint(1, 7, (3, 2, 4))  # three matrices, 2 by 4
    c = torch.matmul(a, b)
    print(tuple(a.shape), "@", tuple(b.shape), "->", tuple(c.shape))
    one_by_one = torch.stack([torch.mm(a[i], b[i]) for i in range(3)])
    print("equal to three mm:", torch.equal(c, one_by_one))
    # --8<-- [end:batch]
    batch_left, batch_right, batch_product = a.tolist(), b.tolist(), c.tolist()

    # --8<-- [start:batch_picture]
    def draw_stack(ax, shape, left, top, colour):
        count, height, width = shape
        for i in reversed(range(count)):
            corner = (left + 0.45 * i, top + 0.45 * (count - 1 - i))
            ax.add_patch(plt.Rectangle(corner, width, height, fc=PAPER, ec="none"))
            for (r, s) in np.ndindex(height, width):
                box = (corner[0] + s, corner[1] + r)
                fill = {"fc": colour, "alpha": 1.0 if i == 0 else 0.25}
                ax.add_patch(plt.Rectangle(box, 1, 1, ec=PAPER, lw=0.8, **fill))

    figure, ax = plt.subplots(figsize=(6.6, 2.9))
    draw_stack(ax, a.shape, 0, 0.4, A)
    draw_stack(ax, b.shape, 4.1, 0.9, B)
    draw_stack(ax, c.shape, 10.3, 0.4, C)
    for x, mark in ((3.5, "@"), (9.7, "=")):
        ax.text(x, 2.5, mark, ha="center", va="center", fontsize=15)
    for place, shape in (((1, 5), a.shape), ((6.1, 5), b.shape), ((12.3, 5), c.shape)):
        ax.text(*place, str(tuple(shape)), ha="center", va="center")
    bare(ax, 15.4, 5.4)
    plt.show()
    # --8<-- [end:batch_picture]

    # --8<-- [start:prefix]
    shapes = [
        ((3, 3, 2), (3, 2, 4)),
        ((3, 3, 2), (2, 4)),
        ((5, 1, 3, 2), (3, 2, 4)),
        ((2, 3, 4), (2, 1, 5)),
        ((3, 3, 2), (2, 2, 4)),
    ]
    for left, right in shapes:
        try:
            shape = tuple((torch.ones(left) @ torch.ones(right)).shape)
            same = product_shape(left, right) == shape
            print(left, "@", right, "->", shape, same)
        except RuntimeError:
            print(left, "@", right, "-> RuntimeError")
    # --8<-- [end:prefix]

    # --8<-- [start:vectors]
    x, stack = torch.randn(3, 5), torch.randn(3, 5, 4)
    print("x @ stack", tuple((x @ stack).shape))
    each = torch.stack([x[i] @ stack[i] for i in range(3)])
    rows = (x[:, None, :] @ stack)[:, 0]
    print("each x[i] @ stack[i]", tuple(each.shape), torch.allclose(rows, each))
    # --8<-- [end:vectors]

    # --8<-- [start:who]
    calls = {"dot": torch.dot, "mv": torch.mv, "mm": torch.mm,
             "bmm": torch.bmm, "matmul": torch.matmul}
    operands = [((3,), (3,)), ((2, 3), (3,)), ((2, 3), (3, 4)),
                ((5, 2, 3), (5, 3, 4)), ((6, 5, 2, 3), (6, 5, 3, 4))]
    accepted = {}
    for name, call in calls.items():
        taken = []
        for left, right in operands:
            try:
                call(torch.ones(left), torch.ones(right))
                taken.append("yes")
            except RuntimeError:
                taken.append("-")
        accepted[name] = taken
        print(f"{name:7}", *(f"{word:>4}" for word in taken))
    # --8<-- [end:who]

    # --8<-- [start:heads]
    q = torch.randn(2, 4, 6, 8)  # 2 sequences, 4 heads, 6 tokens, 8 entries
    k = torch.randn(2, 4, 6, 8)
    try:
        torch.mm(q, k.mT)
    except RuntimeError as error:
        print("mm:", type(error).__name__)

    scores = q @ k.mT  # mT swaps the last two axes
    print("matmul:", tuple(q.shape), "@", tuple(k.mT.shape),
          "->", tuple(scores.shape))
    pairs = zip(q.flatten(0, 1), k.flatten(0, 1), strict=True)
    loop = torch.stack([torch.mm(query, key.T) for query, key in pairs])
    equal = torch.allclose(scores.flatten(0, 1), loop)
    print("equal to", len(loop), "mm:", equal)
    # --8<-- [end:heads]
    head_products = len(loop)

    # --8<-- [start:heads_picture]
    figure, ax = plt.subplots(figsize=(6.6, 2.7))
    for s, h in np.ndindex(2, 4):
        left, top = 0.9 + 6.6 * h, 1.1 + 4.9 * s
        for colour, x, y, width, height in (  # q: 6 by 8, mT: 8 by 6, scores: 6 by 6
            (A, left, top + 2.3, 2, 1.5), (B, left + 2.3, top, 1.5, 2),
            (C, left + 2.3, top + 2.3, 1.5, 1.5),
        ):
            ax.add_patch(plt.Rectangle((x, y), width, height, fc=colour, ec="none"))
    for h in range(4):
        ax.text(3.95 + 6.6 * h, 0.5, str(h), ha="center", va="center", color=SOFT)
    for s in range(2):
        ax.text(0.3, 4.1 + 4.9 * s, str(s), ha="center", va="center", color=SOFT)
    bare(ax, 25, 10)
    plt.show()
    # --8<-- [end:heads_picture]

    # --8<-- [start:forgot]
    q, k = torch.randn(2, 2, 4, 8, 8)  # 8 tokens, 8 entries each
    wrong, right = q @ k, q @ k.mT
    print("without mT:", tuple(wrong.shape), " with mT:", tuple(right.shape))
    print("equal:", torch.allclose(wrong, right))
    # --8<-- [end:forgot]
