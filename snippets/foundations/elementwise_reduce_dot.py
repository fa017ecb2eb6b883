"""Multiply entry by entry, then add up: the two steps of a dot product, apart and together."""

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes

from snippets.palette import ACCENT, INK, PAPER, SOFT, A, B, C


def shape_after(
    shape: tuple[int, ...], axis: int, keepdim: bool = False
) -> tuple[int, ...]:
    """The shape that is left when one axis of `shape` has been summed away.

    Raises IndexError if there is no such axis.
    """
    left = list(shape)
    if keepdim:
        left[axis] = 1
    else:
        del left[axis]
    return tuple(left)


def dot(x: list[float], y: list[float]) -> float:
    """Multiply entry by entry, then add up.

    Raises ValueError if the lengths differ.
    """
    total = 0.0
    for a, b in zip(x, y, strict=True):
        total += a * b
    return total


def unit(x: torch.Tensor) -> torch.Tensor:
    """Scale every row of x, shape (…, d), to length 1.

    Raises ValueError if a row is zero: it has no direction.
    """
    length = x.square().sum(dim=-1, keepdim=True).sqrt()
    if (length == 0).any():
        raise ValueError("a zero vector has no direction")
    return x / length


def cosines(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Cosine of every row of x (n, d) with every row of y (m, d): (n, m)."""
    return unit(x) @ unit(y).T


def count_words(texts: list[str], words: list[str]) -> torch.Tensor:
    """How often each word stands in each text: shape (texts, words)."""
    rows = [[text.split().count(word) for word in words] for text in texts]
    return torch.tensor(rows, dtype=torch.float64)


def rarity(counts: torch.Tensor) -> torch.Tensor:
    """ln(texts / texts that contain the word), from counts (texts, words).

    The "inverse document frequency": 0 for a word that stands in every text.
    Each word must stand in at least one text.
    """
    return torch.log(len(counts) / (counts > 0).sum(dim=0))


def draw_matrix(
    ax: Axes,
    values: np.ndarray,
    left: float,
    top: float,
    colour: str,
    lit: tuple | slice | np.ndarray | None = None,
) -> None:
    """Draw a matrix as unit boxes with their numbers; y points down.

    The cells of `values` that the index `lit` picks are filled, the others pale;
    without `lit` all are filled.
    """
    bright = np.zeros(values.shape, bool)
    bright[() if lit is None else lit] = True
    for (i, j), value in np.ndenumerate(values):
        fill = colour if bright[i, j] else PAPER
        corner = (left + j + 0.04, top + i + 0.04)
        box = plt.Rectangle(corner, 0.92, 0.92, fc=fill, ec=colour, lw=0.9)
        ax.add_patch(box)
        ink = PAPER if bright[i, j] else SOFT
        middle = (left + j + 0.5, top + i + 0.5)
        ax.text(*middle, f"{value:g}", color=ink, ha="center", va="center")


def bare(ax: Axes, width: float, height: float) -> None:
    """Show x from 0 to width and y from 0 (top) to height, to scale, without axes."""
    ax.set(xlim=(-0.1, width + 0.1), ylim=(height + 0.1, -0.1), aspect="equal")
    ax.set_axis_off()


if __name__ == "__main__":
    # --8<-- [start:star]
    P = torch.tensor([[1, 2], [3, 4]])
    Q = torch.tensor([[5, 6], [7, 8]])
    print("P * Q", (P * Q).tolist())
    print("P @ Q", (P @ Q).tolist())
    # --8<-- [end:star]
    corner, star_corner = (P @ Q)[0, 1].item(), (P * Q)[0, 1].item()

    # --8<-- [start:star_picture]
    p, q = P.numpy(), Q.numpy()
    places = {"*": (0, 1), "@": (0, slice(None))}, {"*": (0, 1), "@": (slice(None), 1)}
    results = {"*": p * q, "@": p @ q}
    figure, axes = plt.subplots(2, 1, figsize=(5.8, 3.8))
    for ax, sign in zip(axes, results, strict=True):
        draw_matrix(ax, p, 0, 0, A, lit=places[0][sign])
        draw_matrix(ax, q, 3.4, 0, B, lit=places[1][sign])
        draw_matrix(ax, results[sign], 6.8, 0, C, lit=(0, 1))
        for x, mark in ((2.7, sign), (6.1, "=")):
            ax.text(x, 1, mark, ha="center", va="center", fontsize=15)
        bare(ax, 8.8, 2)
    plt.show()
    # --8<-- [end:star_picture]

    # --8<-- [start:units]
    ones, eye = torch.ones(2, 2), torch.eye(2)
    print("P * ones:", torch.equal(P * ones, P.float()))
    print("P @ eye: ", torch.equal(P.float() @ eye, P.float()))
    print("P * eye ", (P * eye).tolist())
    print("P * Q == Q * P:", torch.equal(P * Q, Q * P))
    print("P @ Q == Q @ P:", torch.equal(P @ Q, Q @ P))
    # --8<-- [end:units]

    # --8<-- [start:mixing]
    from torch.autograd.functional import jacobian

    torch.manual_seed(0)
    x, w, W = torch.randn(4), torch.randn(4), torch.randn(4, 4)
    print("y = w * x")
    print((jacobian(lambda x: w * x, x) != 0).int().numpy())
    print("y = W @ x")
    print((jacobian(lambda x: W @ x, x) != 0).int().numpy())
    # --8<-- [end:mixing]

    # --8<-- [start:shapes_meet]
    column = torch.tensor([[1], [2], [3]])
    row = torch.tensor([[10, 20, 30]])
    table = column * row
    print(tuple(column.shape), "*", tuple(row.shape), "->", tuple(table.shape))
    print(table)
    # --8<-- [end:shapes_meet]

    # --8<-- [start:per_number]
    per_number = {"*": {}, "@": {}}
    for n in (64, 1024):
        moved = 3 * n * n  # read two matrices, write one
        per_number["*"][n] = n * n / moved
        per_number["@"][n] = n**3 / moved
        star, at = per_number["*"][n], per_number["@"][n]
        print(f"n = {n:4}  *: {star:.2f}  @: {at:.2f}")
    # --8<-- [end:per_number]

    # --8<-- [start:score]
    user = torch.tensor([2.0, -1, 1])  # thrill, romance, jokes
    films = torch.tensor([[2.0, 0, 0], [0, 2, 1], [0, 1, 2]])
    print("entry by entry:", (user * films[2]).tolist())
    print("added up:      ", (user * films[2]).sum().item())
    scores = films @ user
    print("all three:     ", scores.tolist())
    # --8<-- [end:score]
    liking = scores.tolist()

    # --8<-- [start:gmf]
    h = torch.tensor([0.5, 1, 2])  # how much each feature counts
    weighted = torch.stack([h @ (user * film) for film in films])
    print("h @ (user * film):", weighted.tolist())
    print("films @ (h * user):", (films @ (h * user)).tolist())
    # --8<-- [end:gmf]
    weighted_liking = weighted.tolist()

    # --8<-- [start:axes]
    M = torch.arange(12).reshape(3, 4)
    print(M)
    print("sum(axis=0)", M.sum(axis=0).tolist(), tuple(M.sum(axis=0).shape))
    print("sum(axis=1)", M.sum(axis=1).tolist(), tuple(M.sum(axis=1).shape))
    print("sum()      ", M.sum().item(), tuple(M.sum().shape))
    print("keepdim    ", tuple(M.sum(axis=1, keepdim=True).shape))
    # --8<-- [end:axes]

    # --8<-- [start:axes_picture]
    m = M.numpy()
    figure, ax = plt.subplots(figsize=(5.8, 3.9))
    draw_matrix(ax, m, 1, 1, SOFT, lit=slice(0))  # none filled
    draw_matrix(ax, m.sum(axis=0)[None], 1, 5.2, INK)
    draw_matrix(ax, m.sum(axis=1)[:, None], 6.2, 1, INK)
    arrow = {"arrowstyle": "->", "color": ACCENT, "lw": 1.4}
    for j in range(4):
        ax.annotate("", (1.5 + j, 5.1), (1.5 + j, 4.1), arrowprops=arrow)
    for i in range(3):
        ax.annotate("", (6.1, 1.5 + i), (5.1, 1.5 + i), arrowprops=arrow)
    ax.text(7.4, 2.5, "axis 1 gone", va="center")
    ax.text(5.3, 5.7, "axis 0 gone", va="center")
    bare(ax, 9.4, 6.2)
    plt.show()
    # --8<-- [end:axes_picture]

    # --8<-- [start:keepdim]
    N = torch.tensor([[8.0, 1, 1], [1, 2, 1], [3, 3, 4]])
    wrong = N / N.sum(dim=1)
    right = N / N.sum(dim=1, keepdim=True)
    print("without:", wrong.sum(dim=1).numpy().round(2))
    print("keepdim:", right.sum(dim=1).numpy().round(2))
    sums = M.sum(dim=1)
    try:
        M / sums
    except RuntimeError as error:
        print(tuple(M.shape), "/", tuple(sums.shape), type(error).__name__)
    # --8<-- [end:keepdim]
    wrong_rows = [round(value, 2) for value in wrong.sum(dim=1).tolist()]

    # --8<-- [start:names]
    print(torch.equal(M.sum(axis=0), M.sum(dim=0)))
    for name, call in {
        "numpy sum(dim=0)": lambda: M.numpy().sum(dim=0),
        "mean of integers": lambda: M.mean(dim=0),
    }.items():
        try:
            call()
        except (TypeError, RuntimeError) as error:
            print(name, "->", type(error).__name__)
    print("mean of floats", M.float().mean(dim=0).tolist())
    # --8<-- [end:names]

    # --8<-- [start:pool]
    images = torch.randint(0, 256, (2, 3, 8, 8)).float()  # 2 images, 3 channels
    pooled = images.mean(dim=(2, 3))
    layer = torch.nn.AdaptiveAvgPool2d(1)
    same = torch.allclose(layer(images).flatten(1), pooled)
    print(tuple(images.shape), "->", tuple(pooled.shape))
    print("same as the layer:", same)

    order = torch.randperm(64)
    shuffled = images.flatten(2)[:, :, order].reshape(images.shape)
    print("pixels shuffled, images equal:", torch.equal(shuffled, images))
    print("means equal:", torch.equal(shuffled.mean(dim=(2, 3)), pooled))
    # --8<-- [end:pool]

    # --8<-- [start:keeps]
    rng = np.random.default_rng(0)
    along = rng.standard_normal((500, 1)) * [1, -1]  # one up, the other down
    points = along + 0.3 * rng.standard_normal((500, 2))
    points -= points.mean(axis=0)

    best = np.linalg.svd(points)[2][0]  # the direction that PCA keeps
    kept = {}
    for name, direction in {"sum": np.ones(2) / 2**0.5, "PCA": best}.items():
        kept[name] = (points @ direction).var() / points.var(axis=0).sum()
        print(f"{name}: {kept[name]:.0%} of the variance")
    # --8<-- [end:keeps]

    # --8<-- [start:cumsum]
    a = torch.tensor([3.0, 1, 4, 1, 5])
    running = a.cumsum(dim=0)
    L = torch.tril(torch.ones(5, 5))
    print(tuple(a.shape), "->", tuple(running.shape))
    print("cumsum", running.tolist())
    print("L @ a ", (L @ a).tolist())
    back = torch.diff(running, prepend=torch.zeros(1))
    print("undone", back.tolist())
    print("M:", tuple(M.cumsum(dim=0).shape), " last row = sum:",
          torch.equal(M.cumsum(dim=0)[-1], M.sum(dim=0)))
    # --8<-- [end:cumsum]

    # --8<-- [start:cumsum_picture]
    figure, ax = plt.subplots(figsize=(5.8, 3.2))
    ones_below = L.numpy()
    draw_matrix(ax, ones_below, 0, 0, A, lit=ones_below > 0)
    draw_matrix(ax, a.numpy()[:, None], 6.4, 0, B)
    draw_matrix(ax, running.numpy()[:, None], 8.8, 0, C)
    for x, mark in ((5.7, "@"), (8.1, "=")):
        ax.text(x, 2.5, mark, ha="center", va="center", fontsize=15)
    bare(ax, 9.8, 5)
    plt.show()
    # --8<-- [end:cumsum_picture]

    # --8<-- [start:four_ways]
    x, y = torch.tensor([1.0, 2, 3]), torch.tensor([4.0, -5, 6])
    print("products", (x * y).tolist())
    print(dot(x.tolist(), y.tolist()), (x * y).sum().item(),
          torch.dot(x, y).item(), (x @ y).item())
    # --8<-- [end:four_ways]
    product_of_both = dot(x.tolist(), y.tolist())

    # --8<-- [start:dot_trap]
    column = y.reshape(3, 1)
    trapped = (x * column).sum().item()
    print(tuple((x * column).shape), trapped, x.sum().item() * y.sum().item())
    # --8<-- [end:dot_trap]

    # --8<-- [start:dot_refuses]
    pairs = {
        "matrix, matrix": (torch.ones(3, 3), torch.ones(3, 3)),
        "column, row": (torch.ones(3, 1), torch.ones(1, 3)),
        "lengths 3, 4": (torch.ones(3), torch.ones(4)),
        "integers, floats": (torch.arange(3), torch.ones(3)),
    }
    refused = 0
    for name, (left, right) in pairs.items():
        try:
            torch.dot(left, right)
        except RuntimeError as error:
            refused += 1
            print(f"torch.dot  {name:16} {type(error).__name__}")

    left, right = np.ones((2, 3, 4)), np.ones((5, 4, 6))
    for p, q in ((left[0], right[0]), (left, right)):
        print("np.dot ", p.shape, q.shape, np.dot(p, q).shape)
    # --8<-- [end:dot_refuses]

    # --8<-- [start:cosine]
    query = torch.tensor([[1.0, 0]])
    near, long = torch.tensor([0.9, 0.1]), torch.tensor([3.0, 3])
    both = torch.stack([near, long])  # one per row
    by_dot = (query @ both.T)[0].tolist()
    by_cosine = cosines(query, both)[0].tolist()
    print(f"dot     near {by_dot[0]:5.2f}   long {by_dot[1]:5.2f}")
    print(f"cosine  near {by_cosine[0]:5.2f}   long {by_cosine[1]:5.2f}")
    # --8<-- [end:cosine]

    # --8<-- [start:cosine_picture]
    across, up = np.meshgrid(np.linspace(0.001, 3.2, 200), np.linspace(0.001, 3.2, 200))
    fields = {"dot product": across, "cosine": across / np.hypot(across, up)}
    levels = {"dot product": np.arange(0.25, 3.2, 0.25), "cosine": np.arange(0.1, 1, 0.1)}
    marks = {"near": near.tolist(), "long": long.tolist()}
    figure, axes = plt.subplots(1, 2, figsize=(6.6, 3.4))
    for ax, name in zip(axes, fields, strict=True):
        ax.contour(across, up, fields[name], levels[name], colors=SOFT, linewidths=0.7)
        ax.annotate("", (1, 0), (0, 0), arrowprops={"arrowstyle": "->", "color": INK, "lw": 2})
        for label, (x, y) in marks.items():
            side = {"near": (0.15, 0.2), "long": (-0.15, -0.02)}[label]
            ax.plot(x, y, "o", color=ACCENT, markersize=6)
            ax.text(x + side[0], y + side[1], label, color=ACCENT, va="center",
                    ha="left" if side[0] > 0 else "right",
                    bbox={"fc": PAPER, "ec": "none", "pad": 1.5})
        ax.text(1.6, 3.5, name, ha="center")
        ax.set(xlim=(0, 3.3), ylim=(0, 3.9), xticks=[], yticks=[], aspect="equal")
    plt.show()
    # --8<-- [end:cosine_picture]

    # --8<-- [start:centre]
    torch.manual_seed(0)
    cloud = torch.randn(60, 50, dtype=torch.float64)
    others = ~torch.eye(60, dtype=torch.bool)  # every pair but each with itself
    mean_cosine = {}
    for name, rows in {
        "plain": cloud,
        "plus 3": cloud + 3,
        "centred": cloud + 3 - (cloud + 3).mean(dim=0),
    }.items():
        mean = cosines(rows, rows)[others].mean().item()
        mean_cosine[name] = round(mean, 2) + 0.0  # no minus zero
        print(f"{name:8} mean cosine {mean_cosine[name]:5.2f}")
    # --8<-- [end:centre]

    # --8<-- [start:rescale]
    users, items = torch.randn(2, 40, 3, dtype=torch.float64)
    d = torch.tensor([8.0, 1, 1 / 8], dtype=torch.float64)
    rescaled = (users * d) @ (items / d).T
    print("scores equal:", torch.allclose(rescaled, users @ items.T))

    def nearest(rows):
        others = cosines(rows, rows).fill_diagonal_(-1)  # not itself
        return others.argmax(dim=1)

    moved = (nearest(items) != nearest(items / d)).sum().item()
    print("items with another nearest item:", moved, "of", len(items))
    # --8<-- [end:rescale]
    item_count = len(items)

    # --8<-- [start:search]
    texts = {
        "T1": "hungry cat chases little fish",
        "T2": "the dog and the man and the boat and the rope and the cat",
        "T3": "the man and the dog",
        "T4": "the price of gold and the price of salt",
    }
    question = "the cat and the fish"
    words = sorted(set(" ".join(texts.values()).split()))

    counts = count_words(list(texts.values()), words)
    asked = count_words([question], words)
    weight = rarity(counts)
    rankings = {}
    for name, score in {
        "dot": asked @ counts.T,
        "cosine": cosines(asked, counts),
        "tf-idf cosine": cosines(asked * weight, counts * weight),
    }.items():
        by_text = dict(zip(texts, score[0].tolist(), strict=True))
        rankings[name] = sorted(texts, key=by_text.get, reverse=True)
        print(f"{name:13}", *(f"{k} {s:5.2f} " for k, s in by_text.items()))
    # --8<-- [end:search]
    weights = {word: weight[words.index(word)].item() for word in ("the", "and", "cat", "fish")}
    text_count = len(texts)
