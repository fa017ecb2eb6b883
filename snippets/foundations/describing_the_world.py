"""Pictures, sounds and names written as arrays, and what a small network does to a line."""

import numpy as np

from snippets.mechanics.geometry import network, random_network, relu, switches
from snippets.palette import INK, LINE, SOFT, A, B, C

# The letter F, five pixels wide and seven high: 1 is ink, 0 is paper.
LETTER_F = np.array(
    [
        [1, 1, 1, 1, 1],
        [1, 0, 0, 0, 0],
        [1, 0, 0, 0, 0],
        [1, 1, 1, 1, 0],
        [1, 0, 0, 0, 0],
        [1, 0, 0, 0, 0],
        [1, 0, 0, 0, 0],
    ]
)


def cosines(n: int) -> np.ndarray:
    """n × n matrix whose rows are sampled cosines, slow to fast, each of length one.

    The rows are perpendicular, so the transpose undoes the matrix. This is the orthonormal
    discrete cosine transform, type II.
    """
    moment, pitch = np.arange(n), np.arange(n)[:, None]
    waves = np.cos(np.pi * pitch * (moment + 0.5) / n)
    return waves / np.linalg.norm(waves, axis=1, keepdims=True)


def bend_size(layers, p: np.ndarray, q: np.ndarray, t: np.ndarray, h: float) -> np.ndarray:
    """Second differences |f(t - h) - 2 f(t) + f(t + h)| of a one-output network on p → q.

    Zero where the three points lie on one straight line; positive at a bend.
    """
    def f(at):
        return network(layers, p[:, None] + np.outer(q - p, at))[0]

    return np.abs(f(t - h) - 2 * f(t) + f(t + h))


def shifted(picture: np.ndarray, columns: int, width: int) -> np.ndarray:
    """The picture on empty paper of `width` columns, moved right by `columns` pixels."""
    paper = np.zeros((picture.shape[0], width))
    paper[:, columns:columns + picture.shape[1]] = picture
    return paper


def swiss_roll(count: int, noise: float, rng: np.random.Generator) -> np.ndarray:
    """`count` points (count, 3) of a rolled-up strip, each pushed by Gaussian noise.

    The strip has two coordinates, a turning angle and a height; space has three.
    """
    angle = rng.uniform(1.5 * np.pi, 4.5 * np.pi, count)
    height = rng.uniform(0, 21, count)
    strip = np.stack([angle * np.cos(angle), height, angle * np.sin(angle)], axis=1)
    return strip + noise * rng.standard_normal(strip.shape)


def thickness(points: np.ndarray, centre: np.ndarray, neighbours: int) -> float:
    """Share of the spread of the points near `centre` that leaves their plane.

    0 for points (count, 3) of a plane, about 1/3 for a ball filled evenly.
    """
    distance = np.linalg.norm(points - centre, axis=1)
    near = points[np.argsort(distance)[:neighbours]]
    spread = np.linalg.svd(near - near.mean(axis=0), compute_uv=False) ** 2
    return float(spread[2] / spread.sum())


def count_by_listing(n: int) -> int:
    """Words of n zeros and ones without two ones in a row, found by trying all 2ⁿ words."""
    return sum("11" not in format(word, f"0{n}b") for word in range(2**n))


def count_by_products(n: int) -> int:
    """The same number by n - 1 products of a 2 × 2 matrix with a vector."""
    step = np.array([[1, 1], [1, 0]], dtype=object)  # Python's integers
    ending = np.array([1, 1], dtype=object)  # words ending in 0, in 1
    for _ in range(n - 1):
        ending = step @ ending
    return int(ending.sum())


def distance(a: np.ndarray, b: np.ndarray) -> float:
    """Length of the straight line between two arrays of one shape."""
    return float(np.sqrt(np.sum((a - b) ** 2)))


def draw_cells(ax, shape, corner, colour, numbers=None):
    """Draw an array of rows × columns as unit cells, its upper left corner at `corner`."""
    rows, columns = shape
    left, top = corner
    for i in range(rows):
        for j in range(columns):
            x, y = left + j, top - i - 1
            across, up = [x, x + 1, x + 1, x, x], [y, y, y + 1, y + 1, y]
            ax.fill(across, up, facecolor=colour, edgecolor=colour, alpha=0.12)
            ax.plot(across, up, "-", color=colour, linewidth=0.8)
            if numbers is not None:
                ax.text(x + 0.5, y + 0.5, f"{numbers[i][j]}", fontsize=10, color=INK,
                        ha="center", va="center")


if __name__ == "__main__":
    import matplotlib.pyplot as plt

    from snippets.palette import ACCENT

    # --8<-- [start:arrays]
    picture = LETTER_F  # 1 is ink, 0 is paper
    tone = cosines(24)
    sound = 3 * tone[4] + 2 * tone[9]  # two pure tones, 24 moments
    names = ["the", "cat", "sat", "on", "mat"]
    sentence = [names.index(w) for w in "the cat sat on the mat".split()]

    print("picture ", picture.shape, "top row:", picture[0].tolist())
    print("sound   ", sound.shape, " starts:", sound[:4].round(1).tolist())
    print("sentence", np.shape(sentence), "  all:", sentence)
    # --8<-- [end:arrays]

    # --8<-- [start:arrays_picture]
    figure, axes = plt.subplots(1, 3, figsize=(7.2, 3.0), width_ratios=[5, 8, 6.5])
    draw_cells(axes[0], (7, 5), (0, 7), SOFT, numbers=picture)
    axes[0].set(xlim=(-0.2, 5.2), ylim=(-1.2, 7.2))
    axes[0].text(2.5, -0.8, "(7, 5)", fontsize=11, ha="center")
    axes[1].vlines(np.arange(24), 0, sound, color=SOFT, linewidth=1.2)
    axes[1].plot(np.arange(24), sound, "o", color=INK, markersize=3.5)
    axes[1].axhline(0, color=LINE, linewidth=1)
    axes[1].set(ylim=(-2.35, 1.75))
    axes[1].text(11.5, -2.1, "(24,)", fontsize=11, ha="center")
    draw_cells(axes[2], (1, 6), (0, 4), SOFT, numbers=[sentence])
    axes[2].set(xlim=(-0.2, 6.2), ylim=(-1.2, 7.2))
    axes[2].text(3, -0.8, "(6,)", fontsize=11, ha="center")
    for ax in axes:
        ax.set_axis_off()
    for ax in axes[::2]:
        ax.set_aspect("equal")
    plt.show()
    # --8<-- [end:arrays_picture]

    # --8<-- [start:zigzag]
    W1 = np.array([[1.0], [1.0], [1.0]])  # three units, one input
    b1 = np.array([0.0, -1.0, -2.0])  # they switch on at 0, at 1, at 2
    W2 = np.array([[1.0, -2.0, 2.0]])  # how much of each goes in

    for t in (-0.5, 0.5, 1.5, 2.5):
        before = W1 @ [t] + b1
        output = W2 @ relu(before)
        D = np.diag((before > 0).astype(int))
        slope = W2 @ D @ W1
        print(f"t = {t:4}   on: {np.diag(D)}   output: {output[0]:.1f}"
              f"   slope: {slope[0, 0]:+.0f}")
    # --8<-- [end:zigzag]

    # --8<-- [start:zigzag_picture]
    t = np.linspace(-1, 3, 401)
    figure, axes = plt.subplots(2, 1, figsize=(6.4, 4.2), sharex=True)
    parts = W2.T * relu(W1 @ t[None, :] + b1[:, None])
    for part, style in zip(parts, ("-", "--", ":"), strict=True):
        axes[0].plot(t, part, style, color=SOFT, linewidth=1.6)
    for k, place in enumerate([(2.35, 2.5), (2.55, -3.9), (2.55, 0.25)]):
        axes[0].text(*place, f"{k + 1}", fontsize=11, color=INK)
    axes[1].plot(t, parts.sum(axis=0), "-", color=INK, linewidth=2)
    axes[1].plot([0, 1, 2], [0, 1, 0], "o", color=ACCENT, markersize=7)
    for x, y, slope in ((-0.6, 0.1, "0"), (0.28, 0.6, "+1"), (1.55, 0.6, "-1"),
                        (2.25, 0.6, "+1")):
        axes[1].text(x, y, slope, fontsize=11, color=INK)
    for ax in axes:
        for bend in (0, 1, 2):
            ax.axvline(bend, color=LINE, linewidth=1, zorder=0)
        ax.set(xticks=[-1, 0, 1, 2, 3], yticks=[])
    axes[1].set(xlabel="$t$", ylim=(-0.2, 1.3))
    plt.show()
    # --8<-- [end:zigzag_picture]

    # --8<-- [start:count]
    rng = np.random.default_rng(33)
    layers = random_network([1, 16, 16, 1], rng)  # 32 units in two layers
    p, q = np.array([-4.0]), np.array([4.0])

    switch_at = switches(layers, p, q)  # from the units inside
    edges = np.concatenate([[0.0], switch_at, [1.0]])  # 0 is p, 1 is q
    middle, h = (edges[1:] + edges[:-1]) / 2, np.diff(edges).min() / 4
    inside = bend_size(layers, p, q, middle, h)  # from the output
    at_switch = bend_size(layers, p, q, switch_at, h)

    switch_count, piece_count = len(switch_at), len(middle)
    print("switches:", switch_count, "  pieces between them:", piece_count)
    straight = bool(inside.max() < 1e-12)
    print("pieces straight:", straight)
    bends = int((at_switch > 1e-9).sum())
    print("switches that bend the output:", bends)
    # --8<-- [end:count]

    # --8<-- [start:count_picture]
    t = np.linspace(0, 1, 2001)
    line = p[:, None] + np.outer(q - p, t)
    first = relu(layers[0][0] @ line + layers[0][1][:, None])
    second = relu(layers[1][0] @ first + layers[1][1][:, None])
    on = np.concatenate([first, second]) > 0
    figure, axes = plt.subplots(2, 1, figsize=(7.2, 5.0), sharex=True,
                                height_ratios=[1, 1.2])
    axes[0].plot(line[0], network(layers, line)[0], "-", color=INK, linewidth=1.6)
    at = p + (q - p) * switch_at
    axes[0].plot(at, network(layers, at[None, :])[0], "o", color=ACCENT, markersize=4.5)
    axes[1].vlines(at, -1, 32, color=LINE, linewidth=0.8)
    for k, row in enumerate(on):
        axes[1].plot(line[0], np.where(row, 31 - k, np.nan), "-", color=SOFT,
                     linewidth=2.4)
    axes[1].axhline(15.5, color=INK, linewidth=0.6, linestyle=":")
    axes[1].text(4.15, 23, "layer 1", fontsize=10, va="center")
    axes[1].text(4.15, 7, "layer 2", fontsize=10, va="center")
    axes[0].set(yticks=[], ylabel="output")
    axes[1].set(yticks=[], ylabel="units that are on", xlabel="input", ylim=(-1, 32))
    plt.show()
    # --8<-- [end:count_picture]

    # --8<-- [start:no_bends]
    t = np.linspace(-2, 2, 5)
    silent = relu(t) - relu(-t)  # both units switch at 0
    print("relu(t) - relu(-t) :", silent.tolist())

    t, h = np.linspace(-1, 2, 2001), 7e-4
    for name, f in (("relu", relu), ("tanh", np.tanh)):
        second = np.abs(f(t - h) - 2 * f(t) + f(t + h))
        flat = np.sum(second < 1e-12)
        print(f"{name}: straight at {flat} of {len(t)} points")
    # --8<-- [end:no_bends]
    tanh_straight = int(flat)
    tested_points = len(t)

    # --8<-- [start:ghost]
    frames = [shifted(LETTER_F, k, width=11) for k in range(7)]
    average = (frames[0] + frames[6]) / 2  # halfway on the straight line

    gaps = [distance(average, frame) for frame in frames]
    one_step = distance(frames[0], frames[1])
    print(f"average to the nearest F: {min(gaps):.2f}")
    print(f"one F to the next:        {one_step:.2f}")
    print("grey values in the average:", np.unique(average).tolist())
    # --8<-- [end:ghost]
    nearest_gap = min(gaps)

    # --8<-- [start:ghost_picture]
    figure, axes = plt.subplots(1, 4, figsize=(7.2, 1.7))
    for ax, picture in zip(axes, (frames[0], average, frames[3], frames[6]), strict=True):
        ax.imshow(1 - picture, cmap="gray", vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
        for side in ax.spines.values():
            side.set_visible(True)
    plt.show()
    # --8<-- [end:ghost_picture]

    # --8<-- [start:roll]
    rng = np.random.default_rng(0)
    sizes = [5, 10, 20, 40, 80, 160, 320]
    clouds = {f"noise {noise}": swiss_roll(2000, noise, rng)
              for noise in (0, 0.3, 2)}
    clouds["no surface"] = rng.uniform(-10, 10, (2000, 3))  # points fill a cube

    shares = {}
    print("neighbours ", *(f"{k:6}" for k in sizes))
    for name, points in clouds.items():
        each = [[thickness(points, c, k) for c in points[:40]] for k in sizes]
        shares[name] = np.median(each, axis=1).tolist()
        print(f"{name:11}", *(f"{share:6.3f}" for share in shares[name]))
    # --8<-- [end:roll]

    # --8<-- [start:roll_picture]
    drawn = 400  # more would take a browser seconds
    figure, axes = plt.subplots(1, 3, figsize=(7.2, 2.6))
    for ax, name in zip(axes, ("noise 0", "noise 0.3", "noise 2"), strict=True):
        points = clouds[name][:drawn]
        ax.plot(points[:, 0], points[:, 2], ".", color=SOFT, markersize=2.5)
        ax.text(0, 21.5, name, fontsize=11, ha="center")
        ax.set(aspect="equal", xlim=(-19, 19), ylim=(-19, 25))
        ax.set_axis_off()
    plt.show()
    # --8<-- [end:roll_picture]

    # --8<-- [start:thickness_picture]
    figure, ax = plt.subplots(figsize=(6.4, 3.4))
    styles = {"noise 0": "-", "noise 0.3": "--", "noise 2": ":", "no surface": "-."}
    label_at = {"noise 0": 0.168, "noise 0.3": 0.214, "noise 2": 0.191, "no surface": 0.237}
    for name, style in styles.items():
        strong = name == "noise 0.3"
        ax.plot(sizes, shares[name], style, color=INK if strong else SOFT,
                linewidth=2 if strong else 1.5)
        ax.text(340, label_at[name], name, fontsize=10, va="center")
    ax.set(xscale="log", xticks=[5, 20, 80, 320], xticklabels=["5", "20", "80", "320"],
           yticks=[0, 0.1, 0.2, 0.3], xlabel="neighbours", ylabel="share off the plane")
    ax.minorticks_off()
    plt.show()
    # --8<-- [end:thickness_picture]

    # --8<-- [start:pitch]
    Q = cosines(24)
    by_pitch = Q @ sound  # how much of each tone
    again = Q.T @ by_pitch
    print("non-zero, by moment:", int(np.sum(np.abs(sound) > 1e-12)))
    print("non-zero, by pitch: ", int(np.sum(np.abs(by_pitch) > 1e-12)))
    print("nothing lost:", np.allclose(again, sound))

    other = cosines(24)[3] + sound  # a second sound, and how far off it is
    print(f"distance by moment {distance(sound, other):.6f},",
          f"by pitch {distance(Q @ sound, Q @ other):.6f}")
    # --8<-- [end:pitch]
    moment_nonzeros = int(np.sum(np.abs(sound) > 1e-12))
    pitch_nonzeros = int(np.sum(np.abs(by_pitch) > 1e-12))

    # --8<-- [start:permuted]
    order = [2, 0, 1]  # the same three units in another order
    x = np.linspace(-1, 3, 9)[None, :]
    one = W2 @ relu(W1 @ x + b1[:, None])
    two = W2[:, order] @ relu(W1[order] @ x + b1[order, None])
    print("W2:", W2[0].tolist(), "  reordered:", W2[0, order].tolist())
    print("same outputs:", np.array_equal(one, two))
    # --8<-- [end:permuted]

    # --8<-- [start:units]
    length, per_metre = np.array([2.0]), np.array([2.0])  # 2 m; 2 kg per m
    in_cm, per_cm = length * 100, per_metre / 100
    print("in metres:     ", length, per_metre, " kg:", per_metre @ length)
    print("in centimetres:", in_cm, per_cm, " kg:", per_cm @ in_cm)
    # --8<-- [end:units]

    # --8<-- [start:words]
    for n in (4, 8, 16):
        listed, multiplied = count_by_listing(n), count_by_products(n)
        print(f"n = {n:2}: {2**n:6} words tried, {n - 1:2} products:",
              listed, multiplied)

    many = count_by_products(300)
    print(f"n = 300: {299} products, a number of {len(str(many))} digits")
    print("0.1 + 0.2 == 0.3:", 0.1 + 0.2 == 0.3)
    # --8<-- [end:words]
    words_tried = 2**n
    digits = len(str(many))
    tries = float(2**300)

    # --8<-- [start:compose]
    x = np.array([2.0, -1.0, 1.0])
    first = np.array([[1.0, 0, 2], [0, 3, 1], [1, 1, 0], [2, 0, 1]])
    second = np.array([[1.0, 0, -1, 2], [0, 1, 1, 1]])
    print("first", first.shape, " second", second.shape, " x", x.shape)
    print("second @ (first @ x):", second @ (first @ x))
    print("(second @ first) @ x:", (second @ first) @ x)
    try:
        first @ (second @ x)
    except ValueError as error:
        print("other order:", type(error).__name__)
    print("with relu between:   ", second @ relu(first @ x))
    # --8<-- [end:compose]

    # --8<-- [start:compose_picture]
    figure, ax = plt.subplots(figsize=(7.2, 2.7))
    # second @ first @ x = y, then the other order
    for shape, left, colour in (((2, 4), 0, A), ((4, 3), 5, A), ((3, 1), 9, B), ((2, 1), 11.5, C),
                                ((4, 3), 15, A), ((2, 4), 19, A), ((3, 1), 24, B)):
        rows, columns = shape
        draw_cells(ax, shape, (left, 2 + rows / 2), colour)
        ax.text(left + columns / 2, -0.9, f"({rows}, {columns})", fontsize=10, ha="center")
    ax.text(10.75, 2, "=", fontsize=13, ha="center", va="center")
    ax.plot([4.0, 5.0], [-1.3, -1.3], "-", color=SOFT, linewidth=1.6)
    ax.plot([8.0, 9.0], [-1.3, -1.3], "-", color=SOFT, linewidth=1.6)
    for start, numbers in ((18.0, "3 2"), (23.0, "4 3")):
        ax.plot([start, start + 1], [-1.3, -1.3], "-", color=ACCENT, linewidth=2.4)
        ax.text(start + 0.5, -2.1, numbers, fontsize=11, color=ACCENT, ha="center")
    ax.set(xlim=(-0.5, 25.5), ylim=(-2.4, 4.3), aspect="equal")
    ax.set_axis_off()
    plt.show()
    # --8<-- [end:compose_picture]

    # --8<-- [start:ids]
    for animals in (["cat", "dog", "truck"], ["cat", "truck", "dog"]):
        number = {name: float(animals.index(name)) for name in animals}
        one_hot = {name: np.eye(3)[animals.index(name)] for name in animals}
        print(animals)
        for other in ("dog", "truck"):
            by_number = abs(number["cat"] - number[other])
            by_place = distance(one_hot["cat"], one_hot[other])
            print(f"  cat to {other:5}: {by_number:.2f} by number, "
                  f"{by_place:.2f} one-hot")
    # --8<-- [end:ids]

    # --8<-- [start:ruler]
    people = np.array([[1.60, 60.0], [1.95, 61.0], [1.62, 64.0]])  # metres, kg
    nearest = {}
    for unit, factor in (("m", 1), ("cm", 100)):
        rows = people * [factor, 1]
        gaps = [distance(rows[0], row) for row in rows[1:]]
        nearest[unit] = 1 + int(np.argmin(gaps))
        print(f"{unit:2}: {gaps[0]:5.2f} to person 1, {gaps[1]:5.2f} to 2,"
              f" nearest: {nearest[unit]}")
    # --8<-- [end:ruler]
    taller_cm = float((people[1, 0] - people[0, 0]) * 100)

    # --8<-- [start:ruler_picture]
    figure, axes = plt.subplots(1, 2, figsize=(7.2, 3.3))
    angle = np.linspace(0, 2 * np.pi, 300)
    for ax, unit, factor, scale in ((axes[0], "m", 1, 5.2), (axes[1], "cm", 100, 40)):
        rows = people * [factor, 1]
        radius = distance(rows[0], rows[nearest[unit]])
        ax.plot(rows[0, 0] + radius * np.cos(angle), rows[0, 1] + radius * np.sin(angle),
                "-", color=SOFT, linewidth=1.2)
        for k, (x, y) in enumerate(rows):
            ax.plot(x, y, "o", color=ACCENT if k == nearest[unit] else INK, markersize=6)
            away = (-16, -13) if k == 0 else (6, 5)
            ax.annotate(f"{k}", (x, y), away, textcoords="offset points", fontsize=11)
        ax.set(xlim=(rows[0, 0] - scale, rows[0, 0] + scale),
               ylim=(60 - scale, 60 + scale), aspect="equal", xticks=[], yticks=[],
               xlabel=f"height, {unit}", ylabel="weight, kg")
    plt.show()
    # --8<-- [end:ruler_picture]

    # --8<-- [start:enough]
    t = np.arange(4.0)
    zigzag = np.array([0.0, 1.0, 0.0, 1.0])
    rows = np.stack([t, np.ones(4)], axis=1)  # slope and height of a line
    line, *_ = np.linalg.lstsq(rows, zigzag, rcond=None)
    line_error = float(np.mean((rows @ line - zigzag) ** 2))
    fitted = (W2 @ relu(W1 @ t[None, :] + b1[:, None]))[0]
    network_error = float(np.mean((fitted - zigzag) ** 2))
    print(f"best straight line: mean square error {line_error:.2f}")
    print(f"three relu units:   mean square error {network_error:.2f}")
    # --8<-- [end:enough]
