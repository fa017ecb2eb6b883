"""A rule, a statistical model, a network and attention on one task; a timeline of their lines."""

from collections.abc import Callable

import numpy as np

Classifier = Callable[[np.ndarray], np.ndarray]
"""From points (samples, 2) to classes (samples,), 0 or 1."""

# Published works, in five lines: key, year, line. The page's table names and cites each.
WORKS = [
    ("newell1956", 1956, "rules"),
    ("robinson1965", 1965, "rules"),
    ("buchanan1984", 1984, "rules"),
    ("quinlan1986", 1986, "rules"),
    ("trinh2024", 2024, "rules"),
    ("fisher1936", 1936, "statistics"),
    ("watson1964", 1964, "statistics"),
    ("cortes1995", 1995, "statistics"),
    ("grinsztajn2022", 2022, "statistics"),
    ("mcculloch1943", 1943, "networks"),
    ("rosenblatt1958", 1958, "networks"),
    ("minsky1969", 1969, "networks"),
    ("rumelhart1986", 1986, "networks"),
    ("lecun1989", 1989, "networks"),
    ("krizhevsky2012", 2012, "networks"),
    ("bengio2003", 2003, "general models"),
    ("vaswani2017", 2017, "general models"),
    ("brown2020", 2020, "general models"),
    ("lawson1979", 1979, "products"),
    ("dongarra1990", 1990, "products"),
    ("raina2009", 2009, "products"),
    ("jouppi2017", 2017, "products"),
]


QUANTILES = np.linspace(0.02, 0.98, 49)  # where a tree may cut


def moons(samples: int, rng: np.random.Generator,
          noise: float = 0.15) -> tuple[np.ndarray, np.ndarray]:
    """Points (samples, 2) on two interlocking half circles, and their classes.

    Class 1 is the upper half circle, class 0 the lower. Each coordinate has
    Gaussian noise.
    """
    angle = rng.uniform(0, np.pi, samples)
    label = rng.integers(0, 2, samples)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    points = np.where(label[:, None] == 1, upper, lower)
    return points + noise * rng.standard_normal((samples, 2)), label


def rule(x: np.ndarray) -> np.ndarray:
    """Written by hand after a look at the picture: high up is class 1."""
    return (x[:, 1] > 0.25).astype(int)


def entropy(label: np.ndarray) -> float:
    """Bits needed for one label of a set, from 0 to 1; 0 for an empty set."""
    share = np.bincount(label, minlength=2) / max(len(label), 1)
    return float(-np.sum(share * np.log2(np.where(share > 0, share, 1))))


def tree(x: np.ndarray, label: np.ndarray, depth: int) -> Classifier:
    """A decision tree: ask the question that leaves the least entropy; repeat.

    Questions have the form `x[axis] > cut`; those of Quinlan 1986 were about
    named attributes.
    """
    majority = int(label.mean() >= 0.5)
    if depth == 0 or entropy(label) == 0:
        return lambda points: np.full(len(points), majority)
    questions = [(axis, cut) for axis in (0, 1)
                 for cut in np.quantile(x[:, axis], QUANTILES)]

    def left_over(question):
        yes = x[:, question[0]] > question[1]
        return (yes.mean() * entropy(label[yes])
                + (~yes).mean() * entropy(label[~yes]))

    axis, cut = min(questions, key=left_over)
    yes = x[:, axis] > cut
    if yes.all() or not yes.any():
        return lambda points: np.full(len(points), majority)
    above = tree(x[yes], label[yes], depth - 1)
    below = tree(x[~yes], label[~yes], depth - 1)
    return lambda points: np.where(points[:, axis] > cut,
                                   above(points), below(points))


class Gaussians:
    """One Gaussian per class with a common covariance (Fisher 1936), from data (samples, 2)."""

    def __init__(self, x: np.ndarray, label: np.ndarray):
        self.means = np.stack([x[label == k].mean(axis=0) for k in (0, 1)])
        centred = x - self.means[label]
        self.covariance = centred.T @ centred / len(x)
        self.share = float(np.mean(label))

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """The likelier class. The border is a straight line: w @ x + b = 0."""
        w = np.linalg.solve(self.covariance, self.means[1] - self.means[0])
        b = -w @ self.means.sum(axis=0) / 2 + np.log(self.share / (1 - self.share))
        return (x @ w + b > 0).astype(int)

    def sample(self, samples: int, rng: np.random.Generator) -> np.ndarray:
        """Points (samples, 2) drawn from the world as this model imagines it."""
        label = (rng.random(samples) < self.share).astype(int)
        noise = rng.multivariate_normal(np.zeros(2), self.covariance, samples)
        return self.means[label] + noise


def attention(query: np.ndarray, prompt: np.ndarray, value: np.ndarray,
              width: float = 0.2) -> np.ndarray:
    """Softmax attention of queries (samples, d) to points (n, d) of values (n,).

    The scores q·k / width² - |k|² / (2 width²) are -|q - k|² / (2 width²) up to
    a constant per query, which softmax ignores: the smoother of Nadaraya and
    Watson 1964.
    """
    scores = (query @ prompt.T - (prompt**2).sum(axis=1) / 2) / width**2
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights @ value / weights.sum(axis=1)


def linear_attention(query: np.ndarray, prompt: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Attention without softmax: the mean of (query · prompt) × value over the prompt."""
    return query @ (prompt.T @ value) / len(prompt)


def nearest(points: np.ndarray, crowd: np.ndarray) -> np.ndarray:
    """Distance of each point (samples, 2) to the nearest of a crowd (n, 2)."""
    gaps = ((points[:, None] - crowd) ** 2).sum(axis=2)
    return np.sqrt(gaps.min(axis=1))


def hinges(x: np.ndarray, knots: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """One-hidden-layer ReLU network through the points (knots, heights): one unit per piece.

    Left of the first knot it is constant, right of the last it goes straight on.
    """
    slopes = np.diff(heights) / np.diff(knots)
    bends = np.diff(slopes, prepend=0)
    return heights[0] + np.maximum(x[:, None] - knots[:-1], 0) @ bends


def blocked(a: np.ndarray, b: np.ndarray, size: int) -> np.ndarray:
    """The product a @ b block by block; blocks at the edge may be smaller."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=np.result_type(a, b))
    for i in range(0, a.shape[0], size):
        for j in range(0, b.shape[1], size):
            for k in range(0, a.shape[1], size):
                c[i:i + size, j:j + size] += (a[i:i + size, k:k + size]
                                              @ b[k:k + size, j:j + size])
    return c


def product_share(products: int, other: int) -> float:
    """Share of the operations that are multiplications and additions of matrix products."""
    return products / (products + other)


if __name__ == "__main__":
    import matplotlib.pyplot as plt
    import torch

    from snippets.mechanics.geometry import block_flops
    from snippets.palette import INK, LINE, SOFT
    from snippets.why_matmul.mixing_dimensions import TwoMatrices, train

    # --8<-- [start:contest]
    def network(x, label):
        model = TwoMatrices(1, inputs=2, hidden=32, seed=0)
        train(model, torch.from_numpy(x.T), torch.from_numpy(2.0 * label - 1))
        return lambda points: (model(torch.from_numpy(points.T))[0] > 0).numpy()

    def from_prompt(x, label):
        return lambda points: attention(points, x, 2.0 * label - 1) > 0

    ways = {
        "rule": lambda x, label: rule,
        "tree": lambda x, label: tree(x, label, depth=3),
        "gaussians": Gaussians,
        "network": network,
        "attention": from_prompt,
    }
    rng = np.random.default_rng(0)
    x, label = moons(600, rng)
    new, truth = moons(2000, rng)
    quarter = np.array([[0.0, 1.0], [-1.0, 0.0]])  # turns all points by 90°
    fitted, score = {}, {}
    print("            day one   turned   turned, redone")
    for name, way in ways.items():
        fitted[name] = way(x, label)
        redone = way(x @ quarter, label)
        trials = ((fitted[name], new), (fitted[name], new @ quarter),
                  (redone, new @ quarter))
        score[name] = [float(np.mean(f(points) == truth))
                       for f, points in trials]
        print(f"{name:10} {score[name][0]:8.2f} {score[name][1]:8.2f}"
              f" {score[name][2]:12.2f}")
    # --8<-- [end:contest]

    # --8<-- [start:borders]
    axis = np.linspace(-2, 3, 101), np.linspace(-1.6, 2.1, 75)
    grid = np.stack([g.ravel() for g in np.meshgrid(*axis)], axis=1)
    figure, axes = plt.subplots(1, 5, figsize=(7.2, 1.9))
    for ax, name in zip(axes, ways, strict=True):
        region = fitted[name](grid).reshape(75, 101)
        ax.contourf(*axis, region, levels=[-0.5, 0.5, 1.5],
                    colors=["none", LINE])
        for k, marker in ((1, "."), (0, "x")):
            points = x[:150][label[:150] == k]
            ax.plot(*points.T, marker, color=INK if k else SOFT, markersize=2.2,
                    markeredgewidth=0.5)
        ax.set(xticks=[], yticks=[])
        ax.text(0.5, 2.3, name, ha="center", fontsize=10, color=INK)
    plt.show()
    # --8<-- [end:borders]

    # --8<-- [start:gradient]
    rng = np.random.default_rng(1)
    gap, plain, inverse, targets = 0.0, [], [], []
    for _ in range(200):  # each prompt is a linear task of its own
        w, prompt = rng.standard_normal(4), rng.standard_normal((40, 4))
        value, query = prompt @ w, rng.standard_normal((1, 4))

        step = (prompt * value[:, None]).mean(axis=0)  # gradient step from 0
        answer = linear_attention(query, prompt, value)[0]
        gap = max(gap, abs(answer - query[0] @ step))
        keys = prompt @ np.linalg.inv(prompt.T @ prompt / 40)
        plain.append(answer)
        inverse.append(linear_attention(query, keys, value)[0])
        targets.append(query[0] @ w)

    targets = np.array(targets)
    r2 = [1 - np.mean((np.array(g) - targets) ** 2) / targets.var()
          for g in (plain, inverse)]
    print("attention is one gradient step:", gap < 1e-12)
    print(f"R2: {r2[0]:.2f}   keys times inverse: {r2[1]:.2f}")
    # --8<-- [end:gradient]
    r2_plain, r2_inverse = r2

    # --8<-- [start:lines]
    spans = {}
    for _, year, line in WORKS:
        first, last = spans.get(line, (year, year))
        spans[line] = (min(first, year), max(last, year))
    for line, (first, last) in spans.items():
        print(f"{line:15} {first} to {last}")

    names = list(spans)
    pairs = [(p, q) for i, p in enumerate(names) for q in names[:i]]
    overlapping = sum(spans[p][0] <= spans[q][1] and spans[q][0] <= spans[p][1]
                      for p, q in pairs)
    print(f"{overlapping} of {len(pairs)} pairs of lines overlap")
    # --8<-- [end:lines]
    in_order = sorted(WORKS, key=lambda work: work[1])
    year = {key: y for key, y, _ in WORKS}
    number = {key: i for i, (key, _, _) in enumerate(in_order, start=1)}
    line_pairs, works = len(pairs), len(WORKS)
    neuron_first = year["newell1956"] - year["mcculloch1943"]

    # --8<-- [start:timeline]
    figure, ax = plt.subplots(figsize=(7.2, 2.7))
    for row, (line, (first, last)) in enumerate(spans.items()):
        ax.plot([first, last], [-row, -row], "-", color=LINE, linewidth=7,
                solid_capstyle="round", zorder=1)
        ax.text(1931, -row, line, ha="right", va="center", fontsize=10)
    previous = {}
    for key, y, line in in_order:
        row = names.index(line)
        ax.plot(y, -row, "o", color=INK, markersize=4, zorder=2)
        above = y - previous.get(line, 0) < 4  # keep neighbours' numbers apart
        ax.text(y, -row + (0.45 if above else 0.22), number[key], ha="center",
                fontsize=9, color=SOFT)
        previous[line] = y
    ax.set(xlim=(1930, 2028), ylim=(-4.5, 0.8), yticks=[],
           xticks=[1940, 1960, 1980, 2000, 2020])
    ax.spines["left"].set_visible(False)
    plt.show()
    # --8<-- [end:timeline]

    # --8<-- [start:imagined]
    rng = np.random.default_rng(2)
    drawn = fitted["gaussians"].sample(2000, rng)
    real, imagined = nearest(new, x), nearest(drawn, x)
    near_real, near_imagined = np.mean(real < 0.1), np.mean(imagined < 0.1)
    print(f"new points near an old one:      {near_real:.2f}")
    print(f"imagined points near an old one: {near_imagined:.2f}")
    # --8<-- [end:imagined]

    # --8<-- [start:regressions]
    def regress(features, label):
        """Least squares onto ±1, with a constant."""
        design = np.column_stack([features, np.ones(len(features))])
        w = np.linalg.lstsq(design, 2.0 * label - 1)[0]
        return lambda f: np.column_stack([f, np.ones(len(f))]) @ w

    stacked = {}
    features, fresh = x, new
    for layer in range(1, 5):
        fit = regress(features, label)
        stacked[layer] = float(np.mean((fit(fresh) > 0) == truth))
        print(f"{layer} regressions: {stacked[layer]:.2f}")
        features = np.maximum(fit(features), 0)[:, None]
        fresh = np.maximum(fit(fresh), 0)[:, None]
    # --8<-- [end:regressions]

    # --8<-- [start:any_curve]
    inside, outside = np.linspace(-3, 3, 2001), np.array([6.0, 9.0, 12.0])
    off = {}
    for units in (8, 16, 32, 64):
        knots = np.linspace(-3, 3, units + 1)
        off[units] = float(np.abs(hinges(inside, knots, np.sin(knots))
                                  - np.sin(inside)).max())
        print(f"{units:2} units: largest error inside {off[units]:.4f}")
    far = np.abs(hinges(outside, knots, np.sin(knots)) - np.sin(outside))
    print("errors at 6, 9, 12:", *[f"{e:.1f}" for e in far])
    # --8<-- [end:any_curve]
    far_off = float(far[-1])

    # --8<-- [start:blocks]
    rng = np.random.default_rng(3)
    a, b = rng.integers(-9, 10, (7, 11)), rng.integers(-9, 10, (11, 5))
    for size in (1, 2, 3, 4, 11):
        equal = np.array_equal(blocked(a, b, size), a @ b)
        print(f"blocks of {size:2}:", equal)
    # --8<-- [end:blocks]

    # --8<-- [start:softmax]
    def with_one(points):
        return np.column_stack([points, np.ones(len(points))])

    centre, signs = x.mean(axis=0), 2.0 * label - 1
    answers = {
        "softmax": attention(new, x, signs),
        "no softmax": linear_attention(with_one(new - centre),
                                       with_one(x - centre), signs),
    }
    hits = {}
    for name, answer in answers.items():
        hits[name] = float(np.mean((answer > 0) == truth))
        print(f"{name:10} {hits[name]:.2f}")

    both = attention(np.array([[0.3, 0.4]]) + np.array([[0.6, -0.5]]), x, signs)
    apart = (attention(np.array([[0.3, 0.4]]), x, signs)
             + attention(np.array([[0.6, -0.5]]), x, signs))
    defect = abs(float((both - apart)[0]))
    print(f"superposition off by {defect:.1f}")
    # --8<-- [end:softmax]
    hits_softmax, hits_linear = hits["softmax"], hits["no softmax"]

    # --8<-- [start:share]
    block = block_flops(tokens=1024, width=1024, heads=16)
    large = sum(block[part] for part in ("projections", "attention", "mlp"))
    n = len(x)
    counts = {  # operations for one answer: in products, other
        "rule": (0, 1),  # a comparison
        "tree": (0, 3),  # three comparisons
        "gaussians": (2 * 2, 2),  # w @ x; add b, compare
        "network": (2 * 2 * 32 + 2 * 32, 32 + 32 + 2),
        "attention": (2 * 2 * n + 2 * n, 6 * n),  # scores, values; softmax
        "transformer": (large, sum(block.values()) - large),
    }
    share = {}
    for name, (products, other) in counts.items():
        share[name] = product_share(products, other)
        print(f"{name:12} {share[name]:.3f}")
    # --8<-- [end:share]
    share_network, share_attention = share["network"], share["attention"]
    share_transformer = share["transformer"]
