"""One network learns task A, then task B: what it forgets, and what keeping A costs."""

import numpy as np

Array = np.ndarray

SIDE, CLASSES, HIDDEN = 8, 10, 64
PIXELS = SIDE * SIDE
SIZES = (PIXELS * HIDDEN, HIDDEN, HIDDEN * CLASSES, CLASSES)
FONT = (  # rows of 3 x 5 digits, 0 to 9
    "111101101101111 010110010010111 111001111100111 111001011001111 101101111001001",
    "111100111001111 111100111101111 111001010010010 111101111101111 111101111001111",
)


def glyphs() -> Array:
    """The ten digits as bitmaps, shape (10, 5, 3), of 0 and 1."""
    rows = " ".join(FONT).split()
    return np.array([[int(bit) for bit in row] for row in rows], float).reshape(10, 5, 3)


def digits(rng: np.random.Generator, count: int, noise: float = 0.2) -> tuple[Array, Array]:
    """Pictures, shape (count, 64), and labels, (count,): a digit anywhere in 8 x 8, with noise."""
    labels = rng.integers(CLASSES, size=count)
    pictures = noise * rng.standard_normal((count, SIDE, SIDE))
    downs, rights = rng.integers(1, 3, size=count), rng.integers(2, 4, size=count)
    shapes = glyphs()
    for picture, label, down, right in zip(pictures, labels, downs, rights, strict=True):
        picture[down : down + 5, right : right + 3] += shapes[label]
    return pictures.reshape(count, PIXELS), labels


def world(seed: int, movable: Array) -> list[tuple[Array, Array]]:
    """Task A and its test, task B and its test: (pictures, labels) of 2000 and 1000 each.

    B is other digits whose pixels in `movable`, an array of positions, are shuffled.
    """
    rng, order = np.random.default_rng(seed), np.arange(PIXELS)
    order[movable] = rng.permutation(movable)
    sets = [digits(rng, count) for count in (2000, 1000, 2000, 1000)]
    return sets[:2] + [(x[:, order], y) for x, y in sets[2:]]


def layers(theta: Array) -> list[Array]:
    """Views into the flat parameters: W1 (64, 64), b1 (64,), W2 (64, 10), b2 (10,)."""
    w1, b1, w2, b2 = np.split(theta, np.cumsum(SIZES)[:-1])
    return [w1.reshape(PIXELS, HIDDEN), b1, w2.reshape(HIDDEN, CLASSES), b2]


def start(seed: int) -> Array:
    """Random weights, He-scaled in the first layer, and zero biases, as one vector."""
    rng, theta = np.random.default_rng(seed), np.zeros(sum(SIZES))
    w1, _, w2, _ = layers(theta)
    w1[:] = rng.standard_normal(w1.shape) * np.sqrt(2 / PIXELS)
    w2[:] = rng.standard_normal(w2.shape) * np.sqrt(1 / HIDDEN)
    return theta


def forward(theta: Array, x: Array) -> tuple[Array, Array]:
    """Hidden values, (n, 64), and class probabilities, (n, 10)."""
    w1, b1, w2, b2 = layers(theta)
    hidden = np.maximum(x @ w1 + b1, 0)
    scores = hidden @ w2 + b2
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return hidden, powers / powers.sum(axis=1, keepdims=True)


def accuracy(theta: Array, x: Array, y: Array) -> float:
    """Share of pictures whose most probable class is the right one."""
    return float((forward(theta, x)[1].argmax(axis=1) == y).mean())


def gradient(theta: Array, x: Array, target: Array) -> Array:
    """Gradient of the mean cross-entropy, flat; target: (n, 10), each row a distribution."""
    hidden, p = forward(theta, x)
    delta = (p - target) / len(x)
    back = (delta @ layers(theta)[2].T) * (hidden > 0)
    parts = (x.T @ back, back.sum(axis=0), hidden.T @ delta, delta.sum(axis=0))
    return np.concatenate([part.ravel() for part in parts])


def fisher(theta: Array, x: Array) -> Array:
    """Diagonal of the Fisher information, flat: a mean over pictures x.

    Labels are the model's own. The gradient of one picture is an outer
    product, so its squares are the outer product of the squares, and the
    sum over pictures is a matrix product again.
    """
    hidden, p = forward(theta, x)
    w2, total = layers(theta)[2], np.zeros_like(theta)
    for label in range(CLASSES):
        weight = p[:, [label]] / len(x)
        delta = p - np.eye(CLASSES)[label]
        back = ((delta @ w2.T) * (hidden > 0)) ** 2 * weight
        delta = delta**2 * weight
        first = (x.T**2 @ back, back.sum(axis=0))
        second = (hidden.T**2 @ delta, delta.sum(axis=0))
        total += np.concatenate([part.ravel() for part in first + second])
    return total


def train(
    theta: Array,
    sources: list[tuple[Array, Array]],
    seed: int,
    steps: int = 300,
    stiffness: Array | float = 0.0,
    path: list[Array] | None = None,
) -> Array:
    """Adam on batches of 32 from each (x, target) in sources, every source weighing the same.

    stiffness: a number, or one per parameter; the loss gains stiffness/2 * (theta - start)^2.
    path: a list that receives the parameters before each tenth step.
    """
    rng, anchor, theta = np.random.default_rng(seed), theta, theta.copy()
    m, v = np.zeros_like(theta), np.zeros_like(theta)
    for step in range(1, steps + 1):
        if path is not None and step % 10 == 1:
            path.append(theta.copy())
        g = stiffness * (theta - anchor)
        for x, target in sources:
            rows = rng.integers(len(x), size=32)
            g = g + gradient(theta, x[rows], target[rows]) / len(sources)
        m, v = 0.9 * m + 0.1 * g, 0.99 * v + 0.01 * g**2
        theta -= 0.005 * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.99**step)) + 1e-8)
    return theta


def one_hot(y: Array) -> Array:
    """Labels as rows of the identity, (n, 10)."""
    return np.eye(CLASSES)[y]


def fit_dreams(x: Array, y: Array, rank: int) -> list[tuple[int, Array, Array, float]]:
    """A small generator: for each class in y its mean, (64,), axes, (rank, 64), and noise.

    The axes are the leading singular vectors of the class, scaled by their spread; the noise
    makes up for the variance that they leave.
    """
    generator = []
    for label in np.unique(y):
        own = x[y == label]
        mean = own.mean(axis=0)
        _, s, axes = np.linalg.svd((own - mean) / np.sqrt(len(own)), full_matrices=False)
        noise = float(np.sqrt((s[rank:] ** 2).sum() / PIXELS))
        generator.append((int(label), mean, s[:rank, None] * axes[:rank], noise))
    return generator


def dream(
    generator: list[tuple[int, Array, Array, float]], rng: np.random.Generator, each: int
) -> tuple[Array, Array]:
    """Made-up pictures, `each` of every class, and their labels."""
    pictures = [
        mean
        + rng.standard_normal((each, len(axes))) @ axes
        + noise * rng.standard_normal((each, PIXELS))
        for _, mean, axes, noise in generator
    ]
    return np.concatenate(pictures), np.repeat([label for label, *_ in generator], each)


if __name__ == "__main__":
    import matplotlib.pyplot as plt

    from snippets.palette import ACCENT, INK, SOFT

    # --8<-- [start:tasks]
    worlds = [world(seed, movable=np.arange(PIXELS)) for seed in range(3)]
    network = sum(SIZES)
    print(f"pixels {PIXELS}, classes {CLASSES}, parameters {network:,}")
    # --8<-- [end:tasks]

    # --8<-- [start:tasks_picture]
    fig, axes = plt.subplots(2, 10, figsize=(7.2, 1.7))
    (x, y), (shuffled, z) = worlds[0][0], worlds[0][2]
    for label in range(CLASSES):
        for row, (pictures, labels) in enumerate([(x, y), (shuffled, z)]):
            picture = pictures[labels == label][0].reshape(SIDE, SIDE)
            axes[row, label].imshow(picture, cmap="Greys", vmin=-0.5, vmax=1.5)
            axes[row, label].axis("off")
    plt.show()
    # --8<-- [end:tasks_picture]

    # --8<-- [start:forget]
    learned, naive, path = [], [], []
    for seed, ((x, y), test_a, (xb, yb), test_b) in enumerate(worlds):
        after_a = train(start(seed), [(x, one_hot(y))], seed)
        after_b = train(after_a, [(xb, one_hot(yb))], seed, path=path)
        learned.append(after_a)
        first, then = accuracy(after_a, *test_a), accuracy(after_b, *test_a)
        naive.append((first, then, accuracy(after_b, *test_b)))
    a_first, a_then, b_then = np.mean(naive, axis=0)
    print(f"after A: A {a_first:.2f}   after B: A {a_then:.2f}, B {b_then:.2f}")
    # --8<-- [end:forget]
    lost = [first - then for first, then, _ in naive]
    a_first, a_then, b_then = float(a_first), float(a_then), float(b_then)
    least_lost = float(min(lost))

    # --8<-- [start:forget_picture]
    track = (
        np.array(
            [  # paths of the worlds lie one after another
                [accuracy(theta, *worlds[i // 30][test]) for test in (1, 3)]
                for i, theta in enumerate(path)
            ]
        )
        .reshape(3, 30, 2)
        .mean(axis=0)
    )
    fig, ax = plt.subplots(figsize=(6.6, 2.9))
    time = np.arange(0, 300, 10)
    ax.plot(time, track[:, 0], color=INK)
    ax.plot(time, track[:, 1], color=SOFT, ls="--")
    ax.text(235, 0.47, "task A", color=INK)
    ax.text(235, 0.74, "task B", color=SOFT)
    ax.set(xlabel="steps on B", ylabel="right", ylim=(0, 1))
    ax.set_xticks([0, 100, 200])
    ax.set_yticks([0.1, 0.5, 1])
    plt.show()
    # --8<-- [end:forget_picture]
    early_a, early_b = float(track[3, 0]), float(track[3, 1])

    # --8<-- [start:importance]
    stiff = [fisher(learned[s], worlds[s][0][0]) for s in range(3)]
    top = np.sort(stiff[0])[::-1].cumsum()
    top_tenth = float(top[network // 10] / top[-1])
    print(f"one tenth of the parameters holds {top_tenth:.0%} of the sum")
    # --8<-- [end:importance]

    # --8<-- [start:second]
    second = []  # a fresh network for B; the old one stays as it is
    for seed, (_, test_a, (xb, yb), test_b) in enumerate(worlds):
        fresh = train(start(seed + 10), [(xb, one_hot(yb))], seed)
        old = learned[seed]
        second.append((accuracy(old, *test_a), accuracy(fresh, *test_b)))
    second_a, second_b = (float(score) for score in np.mean(second, axis=0))
    print(f"two networks: A {second_a:.2f}  B {second_b:.2f}")
    # --8<-- [end:second]

    # --8<-- [start:anchors]
    def learn_b(seed, sources=(), stiffness=0.0):
        """Accuracy on A and on B after learning B this way."""
        _, test_a, (xb, yb), test_b = worlds[seed]
        sources = [(xb, one_hot(yb)), *sources]
        theta = train(learned[seed], sources, seed, stiffness=stiffness)
        return accuracy(theta, *test_a), accuracy(theta, *test_b)

    seeds = range(len(worlds))
    curves = {"L2": {}, "EWC": {}}
    for k in (0.003, 0.01, 0.02, 0.05):
        curves["L2"][k] = [learn_b(s, stiffness=k) for s in seeds]
    for k in (1, 3, 10, 30):
        curves["EWC"][k] = [learn_b(s, stiffness=k * stiff[s]) for s in seeds]
    for name, curve in curves.items():
        for k, scores in curve.items():
            a, b = np.mean(scores, axis=0)
            mean = (a + b) / 2
            print(f"{name:3} {k:<5}  A {a:.2f}  B {b:.2f}  mean {mean:.2f}")
    # --8<-- [end:anchors]
    tops = {
        name: np.max([np.mean(scores, axis=1) for scores in curve.values()], axis=0)
        for name, curve in curves.items()
    }
    ewc_wins = int((tops["EWC"] > tops["L2"]).sum())

    # --8<-- [start:replays]
    each = PIXELS + 1  # numbers in a picture and its label
    replays, rank = {}, 2
    for count in (30, 75, 150, 2000):
        kept = [(x[:count], one_hot(y[:count])) for (x, y), *_ in worlds]
        replays[count] = [learn_b(s, [kept[s]]) for s in seeds]
    dreamt = []
    for s in seeds:
        generator = fit_dreams(*worlds[s][0], rank)
        x, y = dream(generator, np.random.default_rng(s), each=200)
        dreamt.append(learn_b(s, [(x, one_hot(y))]))
    generator_numbers = CLASSES * (PIXELS + rank * PIXELS + 1)
    rows = [(f"{n} pictures", n * each, replays[n]) for n in replays]
    rows.append(("generator", generator_numbers, dreamt))
    for name, stored, scores in rows:
        a, b = np.mean(scores, axis=0)
        mean = (a + b) / 2
        scored = f"A {a:.2f}  B {b:.2f}  mean {mean:.2f}"
        print(f"{name:13} {scored}  stored {stored:,}")
    # --8<-- [end:replays]
    best = {
        name: float(max(np.mean(scores) for scores in curve.values()))
        for name, curve in curves.items()
    }
    best |= {f"kept {n}": float(np.mean(scores)) for n, scores in replays.items()}
    best |= {
        "dreams": float(np.mean(dreamt)),
        "naive": (a_then + b_then) / 2,
        "second": (second_a + second_b) / 2,
    }
    best_a = {
        name: float(max(np.mean(scores, axis=0)[0] for scores in curve.values()))
        for name, curve in curves.items()
    }
    stiff_b = float(np.mean(curves["EWC"][30], axis=0)[1])
    anchor_pictures = network // each
    ewc_numbers = 2 * network
    kept_numbers = {n: n * each for n in replays}
    ewc_pictures = ewc_numbers // each
    generator_pictures = -(-generator_numbers // each)

    # --8<-- [start:remedies_picture]
    fig, ax = plt.subplots(figsize=(6.6, 4.2))
    for curve, style, colour in (
        (curves["L2"], "--", SOFT),
        (curves["EWC"], "-", INK),
        (replays, ":", INK),
    ):
        points = [(a_then, b_then)] + [np.mean(scores, axis=0) for scores in curve.values()]
        ax.plot(*np.array(points).T, ls=style, color=colour, marker="o", ms=4)
    ax.plot(a_then, b_then, "o", color=ACCENT)
    for point in (np.mean(dreamt, axis=0), (second_a, second_b)):
        ax.plot(*point, "o", color=ACCENT)
    ax.text(a_then, b_then - 0.03, "no protection", color=ACCENT, ha="left", va="top")
    ax.text(second_a + 0.01, second_b + 0.012, "two networks", color=ACCENT, ha="right")
    ax.text(
        np.mean(dreamt, axis=0)[0] + 0.012,
        np.mean(dreamt, axis=0)[1] - 0.012,
        "generator",
        color=ACCENT,
        va="top",
    )
    ax.text(0.645, 0.70, "plain L2", color=SOFT, ha="right")
    ax.text(0.80, 0.77, "EWC", color=INK)
    ax.text(0.62, 0.885, "stored pictures", color=INK)
    ax.set(xlabel="right on A", ylabel="right on B", xlim=(0.3, 1), ylim=(0.6, 0.97))
    ax.set_xticks([0.4, 0.6, 0.8, 1])
    ax.set_yticks([0.6, 0.7, 0.8, 0.9])
    plt.show()
    # --8<-- [end:remedies_picture]
