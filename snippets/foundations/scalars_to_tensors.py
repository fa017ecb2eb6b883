"""Numbers, and the axes they are arranged along; behind every shape, one strip of memory."""
from collections.abc import Sequence
from itertools import product

import torch

from snippets.palette import ACCENT, INK, LINE, PAPER, SOFT, A, B, C


def angle(x: torch.Tensor, y: torch.Tensor) -> float:
    """Angle between two vectors (n,), in degrees."""
    cosine = (x * y).sum() / (x.norm() * y.norm())
    return torch.rad2deg(torch.acos(cosine.clamp(-1, 1))).item()


def is_symmetric(a: torch.Tensor, tolerance: float = 0.0) -> bool:
    """Whether a is square and equals its transpose up to the tolerance."""
    if a.ndim != 2 or a.shape[0] != a.shape[1]:
        return False
    return bool(((a - a.T).abs() <= tolerance).all())


def row_major_strides(shape: Sequence[int]) -> tuple[int, ...]:
    """How many cells of memory to move for one step along each axis.

    The numbers lie one after the other, the last axis fastest.
    """
    strides, step = [], 1
    for length in reversed(shape):
        strides.insert(0, step)
        step *= length
    return tuple(strides)


def position(index: Sequence[int], strides: Sequence[int]) -> int:
    """The cell of memory that holds the entry x[index]."""
    return sum(i * stride for i, stride in zip(index, strides, strict=True))


def share_memory(x: torch.Tensor, y: torch.Tensor) -> bool:
    """Whether x and y are two names for numbers in the same piece of memory."""
    return x.untyped_storage().data_ptr() == y.untyped_storage().data_ptr()


def draw_cells(ax, cells: Sequence[Sequence[object]], left: float, top: float,
               face: str = PAPER, ink: str = INK, edge: str = SOFT) -> None:
    """Draw a table as unit cells, its top left corner at (left, top), entries as text.

    What is drawn later covers what was there.
    """
    from matplotlib.patches import Rectangle

    for i, row in enumerate(cells):
        for j, entry in enumerate(row):
            corner = (left + j, top - i - 1)
            ax.add_patch(Rectangle(corner, 1, 1, facecolor=face, edgecolor=edge, lw=0.9, zorder=2))
            ax.text(left + j + 0.5, top - i - 0.5, f"{entry}", ha="center", va="center",
                    color=ink, zorder=2)


def draw_letter(ax, cells: torch.Tensor, left: float, top: float) -> None:
    """Draw a table of zeros and ones as light and dark unit cells."""
    for i, j in product(*map(range, cells.shape)):
        face = INK if cells[i, j] else PAPER
        draw_cells(ax, [[""]], left + j, top - i, face)


def bare(ax, low: tuple[float, float], high: tuple[float, float]) -> None:
    """A window on the plane, from low to high, without axes and undistorted."""
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal")
    ax.set_axis_off()


if __name__ == "__main__":
    import matplotlib.pyplot as plt
    import torch.nn.functional as F

    def arrow(ax, start, end, colour=SOFT, bend=0.0):
        ax.annotate("", xy=end, xytext=start, arrowprops={
            "arrowstyle": "->", "color": colour, "shrinkA": 0, "shrinkB": 0,
            "connectionstyle": f"arc3,rad={bend}"})

    # --8<-- [start:shapes]
    fig, ax = plt.subplots(figsize=(5.4, 5.0))
    draw_cells(ax, [[7]], 1, 10.5)
    draw_cells(ax, [[2, 7, 1, 8], [2, 8, 1, 8], [2, 8, 4, 5]], 6, 11.5)
    draw_cells(ax, [[3], [1], [4], [1]], 1, 4.5)
    for sheet in (1, 0):  # the front sheet last
        numbers = torch.arange(12).reshape(3, 4) + 12 * sheet
        draw_cells(ax, numbers.tolist(), 6 + 0.9 * sheet, 3.6 + 0.9 * sheet)
    for start, end, axis, x, y in (
        ((5.7, 11.5), (5.7, 8.5), 0, 5.3, 10), ((6, 8.2), (10, 8.2), 1, 8, 7.7),
        ((0.7, 4.5), (0.7, 0.5), 0, 0.3, 2.5), ((10.3, 0.6), (11.2, 1.5), 0, 11.1, 0.8),
        ((5.7, 3.6), (5.7, 0.6), 1, 5.3, 2.1), ((6, 0.3), (10, 0.3), 2, 8, -0.2),
    ):
        arrow(ax, start, end)
        ax.text(x, y, f"{axis}", ha="center", va="center", color=ACCENT)
    for x, y, name, shape in ((1.5, 12, "scalar", "( )"), (8, 12, "matrix", "(3, 4)"),
                              (1.5, 5, "vector", "(4,)"), (8, 5, "three axes", "(2, 3, 4)")):
        ax.text(x, y + 0.75, name, ha="center", color=INK)
        ax.text(x, y, shape, ha="center", color=SOFT)
    bare(ax, (-0.6, -0.6), (11.6, 13.4))
    plt.show()
    # --8<-- [end:shapes]

    # --8<-- [start:scalar]
    x = torch.tensor(3.0)
    print(x, " ", x.shape, "  axes:", x.ndim)

    boxed = torch.tensor([3.0])
    print(boxed, " ", boxed.shape, "  axes:", boxed.ndim)

    print(x.item(), boxed[0].item())
    # --8<-- [end:scalar]

    # --8<-- [start:outputs]
    scores = torch.tensor([2.0, 0.0, 1.0])  # cat, dog, bird
    probabilities = scores.softmax(dim=0)  # positive, adding up to 1
    print("probabilities:", probabilities.shape)
    print("their sum:", round(probabilities.sum().item(), 6))

    loss = -probabilities[0].log()  # the picture showed a cat
    print("loss:", loss.shape)
    # --8<-- [end:outputs]
    classes = len(probabilities)

    # --8<-- [start:vector]
    x = torch.arange(4)
    print(x, x.dtype)
    print("axes:", x.ndim, "  length:", len(x))
    print("first:", x[0].item(), "  last:", x[3].item())

    y = torch.tensor([3, 2, 1, 0])
    print("same numbers, other order, equal:", torch.equal(x, y))
    # --8<-- [end:vector]
    vector_axes, vector_length = x.ndim, len(x)

    # --8<-- [start:arrow_picture]
    fig, ax = plt.subplots(figsize=(5.8, 2.7))
    draw_cells(ax, [[3], [2]], 0, 2.2)
    for k in range(5):
        ax.plot([3, 7], [k - 0.8, k - 0.8], color=LINE, ls="-", lw=0.8)
        ax.plot([3 + k, 3 + k], [-0.8, 3.2], color=LINE, ls="-", lw=0.8)
    ax.annotate("", xy=(6, 1.2), xytext=(3, -0.8), arrowprops={
        "arrowstyle": "-|>", "color": INK, "lw": 1.8, "shrinkA": 0, "shrinkB": 0})
    ax.plot([3, 6, 6], [-0.8, -0.8, 1.2], color=SOFT, ls="--", lw=1)
    ax.text(4.5, -1.15, "3", ha="center", va="center", color=INK)
    ax.text(6.25, 0.2, "2", ha="center", va="center", color=INK)
    bare(ax, (-1.2, -1.5), (7.8, 3.4))
    plt.show()
    # --8<-- [end:arrow_picture]

    # --8<-- [start:lengths]
    v = torch.tensor([3.0, -4.0])
    lengths = {p: torch.linalg.vector_norm(v, p).item()
               for p in (1, 2, torch.inf)}
    print("three lengths of one vector:", lengths)

    zero = torch.zeros(2)
    print("direction of the zero vector:", zero / zero.norm())

    ann = torch.tensor([1.6, 60.0], dtype=torch.float64)  # metres, kilograms
    bob = torch.tensor([1.9, 80.0], dtype=torch.float64)
    in_cm = torch.tensor([100.0, 1.0], dtype=torch.float64)
    angle_m, angle_cm = angle(ann, bob), angle(in_cm * ann, in_cm * bob)
    print(f"angle, heights in m: {angle_m:.1f}   in cm: {angle_cm:.1f}")
    # --8<-- [end:lengths]

    # --8<-- [start:information]
    torch.manual_seed(0)  # the same random numbers in every run
    people = 100
    height = torch.randint(150, 200, (people, 1)).double()
    copies = height.repeat(1, 1000)  # each person: the height, 1000 times
    three = torch.randint(0, 100, (people, 3)).double()
    needed = {}
    for name, table in (("copies", copies), ("three", three)):
        needed[name] = torch.linalg.matrix_rank(table).item()
        length = table.shape[1]
        print(f"{name:6}  length {length:4}  columns needed {needed[name]}")
    # --8<-- [end:information]
    copied_length = copies.shape[1]

    # --8<-- [start:types]
    pixel = torch.tensor([200], dtype=torch.uint8)  # 0 to 255, one byte
    print("200 + 100 =", (pixel + 100).item(), " in", pixel.dtype)
    print("200 + 100 =", (pixel.float() + 100).item(), " in", torch.float32)

    whole, real = torch.arange(4), torch.arange(4.0)
    print(whole.dtype, "*", real.dtype, "->", (whole * real).dtype)
    for name, attempt in (
        ("dot of the two", lambda: torch.dot(whole, real)),
        ("mean of integers", whole.mean),
    ):
        try:
            attempt()
        except RuntimeError as error:
            print(f"{name}: {type(error).__name__}")
    # --8<-- [end:types]
    wrapped = (pixel + 100).item()

    # --8<-- [start:matrix]
    marks = torch.tensor([[90, 80, 70],  # two pupils, three subjects
                          [60, 85, 95]])
    print(marks.shape)
    print("row 0:", marks[0], "  column 0:", marks[:, 0])
    print("row 1, column 2:", marks[1, 2].item())
    print(marks.T, marks.T.shape)
    # --8<-- [end:matrix]
    rows, columns = marks.shape

    # --8<-- [start:symmetric]
    distance = torch.tensor([[0, 5, 9], [5, 0, 7], [9, 7, 0]])
    print("distances:", is_symmetric(distance))

    sums = torch.tensor([[1.0, 0.1 + 0.2 + 0.3], [0.3 + 0.2 + 0.1, 1.0]],
                        dtype=torch.float64)
    print("sums:", is_symmetric(sums), is_symmetric(sums, tolerance=1e-12))

    row = torch.ones(1, 3)
    careless = (row == row.T).all().item()
    print("one row:", is_symmetric(row), "  careless test:", careless)
    # --8<-- [end:symmetric]

    # --8<-- [start:layer]
    torch.manual_seed(0)
    W = torch.randint(-3, 4, (2, 3)).float()  # 3 numbers in, 2 out
    b = torch.tensor([1.0, -1.0])
    X = torch.randint(-3, 4, (4, 3)).float()  # 4 samples, one per row

    one_by_one = torch.stack([W @ x + b for x in X])
    batch = X @ W.T + b
    print(X.shape, "->", batch.shape)
    print("same numbers:", torch.equal(batch, one_by_one),
          torch.equal(batch, F.linear(X, W, b)))
    # --8<-- [end:layer]
    samples, weights = len(X), W.numel()
    multiplications = samples * weights

    # --8<-- [start:layer_picture]
    fig, ax = plt.subplots(figsize=(7.2, 2.9))
    for left, table, colour, name in ((0, X, A, "$X$"), (4.4, W.T, B, r"$W^{\mathsf{T}}$"),
                                      (7.8, X @ W.T, C, r"$XW^{\mathsf{T}}$"),
                                      (11.2, b.expand(4, 2), INK, "$b$"),
                                      (14.6, batch, INK, "$Y$")):
        table = [[f"{v:.0f}".replace("-", "\u2212") for v in r] for r in table.tolist()]
        if name == "$b$":
            draw_cells(ax, table[1:], left, 3, ink=SOFT, edge=LINE)
            table = table[:1]
        draw_cells(ax, table, left, 4, ink=colour)
        ax.text(left + len(table[0]) / 2, 4.45, name, ha="center", color=colour)
    for x, sign in ((3.7, "@"), (7.1, "="), (10.5, "+"), (13.9, "=")):
        ax.text(x, 2, sign, ha="center", va="center", color=INK)
    for x, shape in ((1.5, "(4, 3)"), (5.4, "(3, 2)"), (8.8, "(4, 2)"),
                     (12.2, "(2,)"), (15.6, "(4, 2)")):
        ax.text(x, -0.7, shape, ha="center", color=SOFT)
    bare(ax, (-0.3, -1.0), (16.9, 5.2))
    plt.show()
    # --8<-- [end:layer_picture]

    # --8<-- [start:by_columns]
    in_columns = W @ X.T + b.reshape(2, 1)  # one sample per column
    print(X.T.shape, "->", in_columns.shape)
    print("the transpose of the above:", torch.equal(in_columns, batch.T))
    # --8<-- [end:by_columns]

    # --8<-- [start:tensor]
    x = torch.arange(24).reshape(2, 3, 4)
    print(x)
    print("axes:", x.ndim, "  numbers:", x.numel())
    print("x[1]:", x[1].shape)
    print("x[1, 2]:", x[1, 2], "  x[1, 2, 3]:", x[1, 2, 3])
    # --8<-- [end:tensor]

    # --8<-- [start:image]
    photo = torch.rand(3, 8, 10)  # channel, row, column: a flat picture
    scan = torch.rand(1, 6, 8, 10)  # channel, depth, row, column: a solid
    print("photo:", F.conv2d(photo, torch.rand(5, 3, 3, 3)).shape)
    print("scan: ", F.conv3d(scan, torch.rand(5, 1, 3, 3, 3)).shape)

    sentence = torch.tensor([4, 0, 2])  # three words, by their numbers
    print("words:", F.embedding(sentence, torch.rand(7, 6)).shape)

    channels_last = photo.permute(1, 2, 0)  # row, column, channel
    try:
        F.conv2d(channels_last, torch.rand(5, 3, 3, 3))
    except RuntimeError as error:
        print("channels last:", channels_last.shape, type(error).__name__)
    # --8<-- [end:image]

    # --8<-- [start:units]
    velocity = torch.tensor([3.0, 4.0])  # metres per second
    slope = torch.tensor([2.0, 0.5])  # degrees warmer per metre
    warming = (velocity * slope).sum().item()  # degrees per second
    print("in metres:      ", warming)
    print("in centimetres: ", ((100 * velocity) * (slope / 100)).sum().item())
    print("by one rule:    ", ((100 * velocity) * (100 * slope)).sum().item())
    # --8<-- [end:units]

    # --8<-- [start:strides]
    x = torch.arange(24).reshape(2, 3, 4)
    print("shape:", tuple(x.shape), "  strides:", x.stride())
    print("by our rule:", row_major_strides(x.shape))

    index = (1, 2, 3)
    number, cell = x[index].item(), position(index, x.stride())
    print(f"x{list(index)} = {number}, in cell {cell}")
    everywhere = all(
        x[index].item() == position(index, x.stride())
        for index in product(range(2), range(3), range(4))
    )
    print("true of all", x.numel(), "entries:", everywhere)
    # --8<-- [end:strides]
    strides = x.stride()

    # --8<-- [start:transpose]
    y = torch.arange(12).reshape(3, 4)
    print("y:  ", tuple(y.shape), "strides", y.stride())
    print("y.T:", tuple(y.T.shape), "strides", y.T.stride())
    print("same memory:", share_memory(y, y.T))
    # --8<-- [end:transpose]

    # --8<-- [start:strides_picture]
    fig, ax = plt.subplots(figsize=(7.2, 4.0))
    draw_cells(ax, y.tolist(), 0.5, 7.4)
    draw_cells(ax, y.T.tolist(), 8.2, 7.9)
    draw_cells(ax, [range(12)], 0, 1.6)
    for left, top in ((0.5, 6.4), (9.2, 7.9), (4, 1.6)):  # one cell of memory, three times
        draw_cells(ax, [[4]], left, top, face=LINE)
    ax.text(2.5, 8.3, "$y$", ha="center", color=INK)
    ax.text(9.7, 8.3, r"$y^{\mathsf{T}}$", ha="center", color=INK)
    for x, top, right, down in ((0.5, 7.4, 4, 3), (8.2, 7.9, 3, 4)):
        arrow(ax, (x - 0.25, top), (x - 0.25, top - down))
        arrow(ax, (x, top - down - 0.25), (x + right, top - down - 0.25))
    for x, y_, text in ((-0.25, 5.9, "4"), (2.5, 3.75, "1"), (7.5, 5.9, "1"), (9.7, 3.25, "4")):
        ax.text(x, y_, text, ha="center", va="center", color=ACCENT)
    arrow(ax, (0.5, 1.65), (4.5, 1.65), ACCENT, bend=-0.35)
    arrow(ax, (4.5, 1.65), (5.5, 1.65), ACCENT, bend=-0.5)
    ax.text(2.5, 2.55, "4", ha="center", va="center", color=ACCENT)
    ax.text(5.0, 2.2, "1", ha="center", va="center", color=ACCENT)
    ax.text(6, 0.1, "memory", ha="center", va="center", color=SOFT)
    bare(ax, (-0.8, -0.3), (12.3, 9.0))
    plt.show()
    # --8<-- [end:strides_picture]

    # --8<-- [start:write]
    scores = torch.zeros(3, 4, dtype=torch.int64)
    row = scores[1]  # no number is copied
    row += 5
    scores.T[0] = 9  # the first row of the transpose
    print(scores)
    print("same memory:", share_memory(scores, row))
    # --8<-- [end:write]
    written = scores[1].tolist()

    # --8<-- [start:census]
    x = torch.arange(12).reshape(3, 4)
    made = {
        "x[1]": x[1],
        "x[:, 1:3]": x[:, 1:3],
        "x.T": x.T,
        "x.reshape(4, 3)": x.reshape(4, 3),
        "x.T.reshape(12)": x.T.reshape(12),
        "x[[0, 2]]": x[[0, 2]],
        "x[x > 5]": x[x > 5],
        "x + 0": x + 0,
        "x.clone()": x.clone(),
    }
    is_view = {name: share_memory(x, y) for name, y in made.items()}
    for name, view in is_view.items():
        print(f"{name:16}", "view" if view else "copy")
    # --8<-- [end:census]

    # --8<-- [start:refuses]
    try:
        x.T.view(12)
    except RuntimeError as error:
        print("x.T.view(12):", type(error).__name__)

    flat = x.T.reshape(12)  # works, with a copy
    flat[0] = 99
    print("x[0, 0] is still", x[0, 0].item())
    # --8<-- [end:refuses]

    # --8<-- [start:letter]
    letter = torch.zeros(7, 5, dtype=torch.int64)
    letter[:, 0] = letter[0] = letter[3, :4] = 1  # an F

    turned = letter.T  # axes swapped
    refilled = letter.reshape(5, 7)  # the same row of numbers, cut anew
    print(turned.shape, refilled.shape, torch.equal(turned, refilled))
    # --8<-- [end:letter]

    # --8<-- [start:letter_picture]
    fig, ax = plt.subplots(figsize=(7.2, 2.7))
    for left, table, name in ((0, letter, "letter"), (8, turned, "letter.T"),
                              (18, refilled, "letter.reshape(5, 7)")):
        draw_letter(ax, table, left, 7)
        ax.text(left + table.shape[1] / 2, 7.6, name, ha="center", color=INK)
    bare(ax, (-1.2, -0.2), (27.2, 8.8))
    plt.show()
    # --8<-- [end:letter_picture]

    # --8<-- [start:words]
    x = torch.ones(5, 3)
    print("axes (ndim):", x.ndim)
    print("lengths (shape):", tuple(x.shape))
    print("length of axis 0 (len):", len(x))
    print("numbers (numel):", x.numel())
    rank = torch.linalg.matrix_rank(x).item()
    print("rank:", rank)
    # --8<-- [end:words]
    words = {"axes": x.ndim, "row": len(x[0]), "rank": rank, "numbers": x.numel()}
