"""One small network made cheaper in every way the outlook names: accuracy against cost."""
from itertools import pairwise
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np

from snippets.labs.timing import cpu_medians
from snippets.palette import ACCENT, INK, LINE, SOFT

MACHINE_BOUND = True  # two regions print CPU times

SIDE = 10  # images have 10 x 10 pixels
FONT = (  # ten digits, five pixels wide and seven high, row by row
    "01110100011001110101110011000101110", "00100011000010000100001000010001110",
    "01110100010000100010001000100011111", "11111000100010000010000011000101110",
    "00010001100101010010111110001000010", "11111100001111000001000011000101110",
    "00110010001000011110100011000101110", "11111000010001000100010000100001000",
    "01110100011000101110100011000101110", "01110100011000101111000010001001100",
)
GLYPHS = np.array([[int(p) for p in digit] for digit in FONT], float).reshape(10, 7, 5)


class Layer(NamedTuple):
    """x -> w x + b, then ReLU if relu; w has shape (outputs, inputs)."""

    w: np.ndarray
    b: np.ndarray
    relu: bool


Net = list[Layer]


def digits(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Images of shape (count, 100) and their digits: random place, brightness and noise."""
    labels = rng.integers(10, size=count)
    images = rng.normal(scale=0.25, size=(count, SIDE, SIDE))
    places = rng.integers(3, size=(count, 2))
    light = rng.uniform(0.7, 1.2, size=count)
    for image, label, (i, j), a in zip(images, labels, places, light, strict=True):
        image[i + 1:i + 8, j + 1:j + 6] += a * GLYPHS[label]
    return images.reshape(count, -1), labels


def new_net(widths: list[int], rng: np.random.Generator) -> Net:
    """Untrained layers of the given widths; ReLU after all but the last."""
    shapes = list(pairwise(widths))
    return [
        Layer(rng.normal(scale=np.sqrt(2 / n), size=(m, n)), np.zeros(m), k < len(shapes) - 1)
        for k, (n, m) in enumerate(shapes)
    ]


def activations(net: Net, x: np.ndarray) -> list[np.ndarray]:
    """The input and what each layer makes of it; one image per row."""
    out = [x]
    for w, b, relu in net:
        z = out[-1] @ w.T + b
        out.append(np.maximum(z, 0) if relu else z)
    return out


def probabilities(net: Net, x: np.ndarray) -> np.ndarray:
    """Softmax of the last layer: one row of ten probabilities per image."""
    z = activations(net, x)[-1]
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def accuracy(net: Net, x: np.ndarray, y: np.ndarray) -> float:
    """Share of the images whose digit gets the highest score."""
    return float((activations(net, x)[-1].argmax(1) == y).mean())


def gradients(net: Net, x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """Mean cross-entropy's gradient for each w and b, in the order of the layers."""
    out, grads = activations(net, x), []
    delta = probabilities(net, x)
    delta[np.arange(len(y)), y] -= 1
    delta /= len(y)
    for k in reversed(range(len(net))):
        if net[k].relu:
            delta = delta * (out[k + 1] > 0)
        grads = [delta.T @ out[k], delta.sum(0), *grads]
        delta = delta @ net[k].w
    return grads


def trained(net: Net, x: np.ndarray, y: np.ndarray, steps: int, rate: float = 5e-3) -> Net:
    """The net after Adam on batches of 64, the rate falling to 0. Zero weights stay zero."""
    rng = np.random.default_rng(1)
    params = [p.copy() for w, b, _ in net for p in (w, b)]
    free = [p != 0 if p.ndim == 2 else np.ones_like(p, bool) for p in params]
    m, v = [[np.zeros_like(p) for p in params] for _ in range(2)]
    for t in range(1, steps + 1):
        batch = rng.integers(len(x), size=64)
        now = [Layer(*params[2 * k:2 * k + 2], layer.relu) for k, layer in enumerate(net)]
        for k, g in enumerate(gradients(now, x[batch], y[batch])):
            m[k] += 0.1 * (g - m[k])
            v[k] += 0.01 * (g * g - v[k])
            step = m[k] / (1 - 0.9**t) / (np.sqrt(v[k] / (1 - 0.99**t)) + 1e-8)
            params[k] -= rate * (1 - t / steps) * step * free[k]
    return [Layer(*params[2 * k:2 * k + 2], layer.relu) for k, layer in enumerate(net)]


def multiplications(net: Net) -> int:
    """Multiplications for one image, those by zero weights left out."""
    return sum(int(np.count_nonzero(layer.w)) for layer in net)


def stored_bytes(net: Net, bits: int = 32) -> int:
    """Bytes of the net: weights of so many bits, 32 bits for each bias.

    Below 32 bits each row carries a scale (32 bits). A layer with zeros is
    stored as one bit per place and its other weights, if that is shorter.
    """
    total = 0
    for w, b, _ in net:
        dense, sparse = w.size * bits, w.size + np.count_nonzero(w) * bits
        total += min(dense, sparse) + 32 * b.size
        total += 32 * len(w) if bits < 32 else 0
    return int(-(-total // 8))


def pruned(net: Net, share: float, rank_by=np.abs) -> Net:
    """This share of the weights set to zero: where rank_by(w) is smallest.

    Each layer loses the same share, but the last, a small one, loses none.
    """
    out = []
    for w, b, relu in net[:-1]:
        rank = rank_by(w)
        keep = rank > np.quantile(rank, share)
        out.append(Layer(np.where(keep, w, 0), b, relu))
    return [*out, net[-1]]


def integers(w: np.ndarray, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """(q, scale): w is about scale * q, q whole, |q| < 2^(bits - 1).

    No row of w may be all zeros: it would have no scale.
    """
    top = 2 ** (bits - 1) - 1
    scale = np.abs(w).max(1, keepdims=True) / top
    return np.round(w / scale).astype(np.int32), scale


def quantised(net: Net, bits: int) -> Net:
    """Each weight rounded to one of 2^bits - 1 levels of its row."""
    return [Layer(np.multiply(*integers(w, bits)), b, relu) for w, b, relu in net]


def integer_scores(net: Net, x: np.ndarray, bits: int = 8) -> np.ndarray:
    """Scores by products of integers; weights and inputs are rounded."""
    for w, b, relu in net:
        q, w_scale = integers(w, bits)
        p, x_scale = integers(x, bits)
        x = (p @ q.T) * x_scale * w_scale.T + b  # p @ q.T is int32
        x = np.maximum(x, 0) if relu else x
    return x


def factored(net: Net, ranks: dict[int, int]) -> Net:
    """Layer k cut to rank ranks[k], as two thin layers in a row."""
    out = []
    for k, layer in enumerate(net):
        if k not in ranks:
            out.append(layer)
            continue
        u, s, vt = np.linalg.svd(layer.w, full_matrices=False)
        r = ranks[k]
        out.append(Layer(np.sqrt(s[:r, None]) * vt[:r], np.zeros(r), False))
        out.append(Layer(u[:, :r] * np.sqrt(s[:r]), layer.b, layer.relu))
    return out


def block_diagonal(shape: tuple[int, int], blocks: int) -> np.ndarray:
    """True where input group k feeds output group k."""
    rows, columns = (np.arange(n) * blocks // n for n in shape)
    return rows[:, None] == columns


def exit_early(
    small: Net, big: Net, x: np.ndarray, bar: float
) -> tuple[np.ndarray, np.ndarray]:
    """(digits, who left): the small net answers if at least bar sure."""
    p = probabilities(small, x)
    leaves = p.max(1) >= bar
    answer = p.argmax(1)
    answer[~leaves] = activations(big, x[~leaves])[-1].argmax(1)
    return answer, leaves


def chain_costs(sizes: list[int]) -> tuple[int, int]:
    """(fewest, left to right) multiplications for a chain of matrices.

    Matrix k is sizes[k] x sizes[k + 1]; all bracketings are compared.
    """
    count = len(sizes) - 1
    fewest = {(i, i): 0 for i in range(count)}
    for length in range(1, count):
        for i in range(count - length):
            j = i + length
            fewest[i, j] = min(
                fewest[i, k] + fewest[k + 1, j]
                + sizes[i] * sizes[k + 1] * sizes[j + 1]
                for k in range(i, j)
            )
    left_to_right = sum(
        sizes[0] * sizes[k] * sizes[k + 1] for k in range(1, count)
    )
    return fewest[0, count - 1], left_to_right


def descent(
    h: np.ndarray, x: np.ndarray, rule: str, steps: int, rate: float = 0.1
) -> np.ndarray:
    """Where a rule ends that minimises x^T h x / 2.

    h has eigenvalues from 1 to 1000, for which "plain" and "momentum" have
    their best step sizes (Polyak 1964); rate is Adam's.
    """
    low, high = 1, 1000
    m, v = np.zeros_like(x), np.zeros_like(x)
    for t in range(1, steps + 1):
        g = h @ x
        if rule == "plain":
            x = x - 2 / (low + high) * g
        elif rule == "momentum":
            root = np.sqrt(high / low)
            m = ((root - 1) / (root + 1)) ** 2 * m + g
            x = x - 4 / (high**0.5 + low**0.5) ** 2 * m
        else:  # Adam, its rate falling to 0
            m, v = 0.9 * m + 0.1 * g, 0.99 * v + 0.01 * g * g
            step = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.99**t)) + 1e-8)
            x = x - rate * (1 - t / steps) * step
    return x


def slopes(net: Net, x: np.ndarray, digit: int) -> np.ndarray:
    """Derivative of one digit's score for each pixel; a row per image, as x."""
    out = activations(net, x)
    delta = np.eye(len(net[-1].b))[np.full(len(x), digit)]
    for k in reversed(range(len(net))):
        if net[k].relu:
            delta = delta * (out[k + 1] > 0)
        delta = delta @ net[k].w
    return delta


def integrated_gradients(
    net: Net, image: np.ndarray, digit: int, points: int
) -> np.ndarray:
    """Each pixel's part in the score (Sundararajan et al. 2017).

    Slopes are averaged over midpoints of the straight path from an image
    of zeros to this one.
    """
    path = (np.arange(points) + 0.5)[:, None] / points * image
    return image * slopes(net, path, digit).mean(0)


if __name__ == "__main__":
    # --8<-- [start:network]
    rng = np.random.default_rng(0)
    (x, y), (x_val, y_val), (x_test, y_test) = (
        digits(n, rng) for n in (8000, 1000, 4000)
    )
    widths = [SIDE * SIDE, 96, 48, 10]
    start = new_net(widths, rng)
    big = trained(start, x, y, steps=600)

    def bill(net: Net, bits: int = 32) -> tuple[float, int, int]:
        """(accuracy on the test images, multiplications, bytes)"""
        right = accuracy(net, x_test, y_test)
        return round(right, 3), multiplications(net), stored_bytes(net, bits)

    def show(name: str, bill: tuple[float, int, int]) -> None:
        print(f"{name:12} accuracy {bill[0]:.2f}"
              f"  mult. {bill[1]:6}  bytes {bill[2]:6}")

    bills = {"untrained": bill(start), "big": bill(big)}
    show("untrained", bills["untrained"])
    show("big", bills["big"])
    # --8<-- [end:network]

    # --8<-- [start:samples]
    fig, axes = plt.subplots(2, 10, figsize=(7.2, 1.7))
    for ax, image in zip(axes.flat, x_test, strict=False):
        ax.imshow(image.reshape(SIDE, SIDE), cmap="gray_r", vmin=-0.5, vmax=1.5)
        ax.axis("off")
    plt.show()
    # --8<-- [end:samples]

    # --8<-- [start:smaller]
    narrow = {}
    for h in (48, 36, 24, 12):
        net = new_net([SIDE * SIDE, h, h // 2, 10], rng)
        narrow[h] = trained(net, x, y, steps=600)
        bills[f"width {h}"] = bill(narrow[h])
        show(f"width {h}", bills[f"width {h}"])
    # --8<-- [end:smaller]

    # --8<-- [start:prune]
    for percent in (50, 80, 90):
        gone = percent / 100
        cut = pruned(big, gone)
        tuned = trained(cut, x, y, steps=200, rate=2e-3)
        chance = pruned(big, gone, rank_by=lambda w: rng.random(w.shape))
        for kind, net in (("random", chance), ("cut", cut), ("pruned", tuned)):
            bills[f"{kind} {percent}"] = bill(net)
            show(f"{kind} {percent}", bills[f"{kind} {percent}"])
    # --8<-- [end:prune]

    # --8<-- [start:zeros]
    a, b = rng.normal(size=(2, 400, 400)).astype(np.float32)
    sparse = a * (rng.random(a.shape) < 0.1)
    fewer = a[:40].copy()  # a tenth of the rows instead
    works = {
        "full": lambda: a @ b,
        "90% zeros": lambda: sparse @ b,
        "90% of rows gone": lambda: fewer @ b,
    }
    seconds = cpu_medians(works, rounds=15)
    time_left = {name: s / seconds["full"] for name, s in seconds.items()}
    print(*(f"{name}: {t:.2f}" for name, t in time_left.items()), sep="   ")
    # --8<-- [end:zeros]

    # --8<-- [start:bits]
    for bits in (8, 4, 3, 2):
        bills[f"{bits} bits"] = bill(quantised(big, bits), bits)
        show(f"{bits} bits", bills[f"{bits} bits"])
    answer = integer_scores(big, x_test).argmax(1)
    by_integers = float((answer == y_test).mean())
    print(f"8-bit weights times 8-bit inputs: accuracy {by_integers:.2f}")
    # --8<-- [end:bits]

    # --8<-- [start:rank]
    break_even = 100 * 96 / (100 + 96)
    print(f"fewer multiplications in layer 1 below rank {break_even:.0f}")
    for r in (32, 16, 8):
        thin = factored(big, {0: r, 1: r})
        tuned = trained(thin, x, y, steps=200, rate=2e-3)
        bills[f"cut to {r}"], bills[f"rank {r}"] = bill(thin), bill(tuned)
        show(f"cut to {r}", bills[f"cut to {r}"])
        show(f"rank {r}", bills[f"rank {r}"])
    # --8<-- [end:rank]

    # --8<-- [start:blocks]
    for blocks in (2, 4):
        net = [
            # fewer inputs to each output, so larger weights
            Layer(w * block_diagonal(w.shape, blocks) * blocks**0.5, b, relu)
            for w, b, relu in new_net(widths, rng)[:2]
        ] + new_net([48, 10], rng)
        bills[f"blocks {blocks}"] = bill(trained(net, x, y, steps=600))
        show(f"blocks {blocks}", bills[f"blocks {blocks}"])
    # --8<-- [end:blocks]

    # --8<-- [start:exit]
    small = narrow[24]
    cheap, dear = multiplications(small), multiplications(big)
    worst = cheap + dear

    def exit_bill(bar: float, x: np.ndarray, y: np.ndarray) -> tuple[float, int, int]:
        """(accuracy, mean multiplications, bytes) with this bar."""
        answer, leaves = exit_early(small, big, x, bar)
        mean = round(cheap + (1 - leaves.mean()) * dear)
        size = stored_bytes(small) + stored_bytes(big)
        return round(float((answer == y).mean()), 3), mean, size

    tried = {bar: exit_bill(bar, x_val, y_val) for bar in (0.5, 0.6, 0.7, 0.8, 0.9)}
    for bar, outcome in tried.items():
        show(f"bar {bar}", outcome)
    enough = accuracy(big, x_val, y_val) - 0.015
    bar = min(bar for bar, outcome in tried.items() if outcome[0] >= enough)
    print("bar chosen:", bar, "  dearest image:", worst, "  on the test images:")
    for b in tried:
        bills[f"exit {b}"] = exit_bill(b, x_test, y_test)
    chosen = bills[f"exit {bar}"]
    show(f"exit {bar}", chosen)
    # --8<-- [end:exit]

    # --8<-- [start:shrink]
    def shrunk(x: np.ndarray) -> np.ndarray:
        """Mean of each 2 x 2 pixels: 25 numbers instead of 100."""
        return x.reshape(-1, 5, 2, 5, 2).mean((2, 4)).reshape(len(x), -1)

    net = trained(new_net([25, 96, 48, 10], rng), shrunk(x), y, steps=600)
    right = round(accuracy(net, shrunk(x_test), y_test), 3)
    bills["25 pixels"] = right, multiplications(net), stored_bytes(net)
    show("25 pixels", bills["25 pixels"])
    # --8<-- [end:shrink]

    reads, products, sizes = ({name: b[k] for name, b in bills.items()} for k in range(3))

    # --8<-- [start:picture]
    families = {
        "narrow": ("--", SOFT, ["width 24", "width 36", "width 48", "big"]),
        "pruned": ("-", INK, ["pruned 90", "pruned 80", "pruned 50"]),
        "low rank": (":", SOFT, ["rank 8", "rank 16", "rank 32"]),
        "fewer bits": ("-", ACCENT, ["3 bits", "4 bits", "8 bits"]),
        "blocks": ("-.", SOFT, ["blocks 4", "blocks 2"]),
        "early exit": ("", INK, [f"exit {b}" for b in tried]),
        "25 pixels": ("", INK, ["25 pixels"]),
    }
    places = {  # where each family's name stands, in the left and in the right panel
        "narrow": ((2900, 0.89), (12700, 0.888)), "pruned": ((2100, 0.862), (10600, 0.862)),
        "low rank": ((3600, 0.822), (15500, 0.822)), "blocks": ((5500, 0.905), (21500, 0.913)),
        "fewer bits": ((8600, 0.922), (5800, 0.99)), "25 pixels": ((6000, 0.85), (24000, 0.85)),
        "early exit": ((3000, 0.986), (85000, 0.915)),
    }
    fig, axes = plt.subplots(1, 2, figsize=(7.2, 3.8), sharey=True)
    for column, ax in enumerate(axes, start=1):
        for family, (style, color, names) in families.items():
            cost = [bills[name][column] for name in names]
            right = [bills[name][0] for name in names]
            marker = "s" if family == "early exit" else "o"
            ax.plot(cost, right, ls=style, color=color, marker=marker, ms=4)
            ha = "right" if family == "early exit" else "left"
            ax.text(*places[family][column - 1], family, color=color, size=9, ha=ha)
        ax.axhline(bills["big"][0], color=LINE, lw=0.8, zorder=0)
        ax.set(xscale="log", ylim=(0.8, 1), yticks=[0.8, 0.9, 1])
        ax.set_xlim([(1600, 18000), (5000, 90000)][column - 1])
        ax.minorticks_off()
    ax = axes[0]  # points among other lines: their name is joined to one of them
    ax.plot([3100, bills["exit 0.6"][1]], [0.985, bills["exit 0.6"][0]], color=INK, lw=0.5)
    axes[0].set_xticks([2000, 4000, 8000, 16000], ["2 000", "4 000", "8 000", "16 000"])
    axes[1].set_xticks([6000, 15000, 30000, 60000], ["6 000", "15 000", "30 000", "60 000"])
    axes[0].set_xlabel("multiplications")
    axes[1].set_xlabel("bytes")
    axes[0].set_ylabel("accuracy")
    plt.show()
    # --8<-- [end:picture]

    # --8<-- [start:devices]
    def best(fits) -> str:
        """Name of the most accurate net among those that fit."""
        fitting = [
            name for name, b in bills.items()
            if fits(name, b) and "exit" not in name  # which is a mean
        ]
        return max(fitting, key=lambda name: bills[name][0])

    with_zeros = ("cut", "random", "pruned", "bits")
    choice = {
        "zeros skipped": best(lambda name, b: b[1] <= 5000),
        "zeros multiplied": best(
            lambda name, b: b[1] <= 5000
            and not any(kind in name for kind in with_zeros)
        ),
        "little memory": best(lambda name, b: b[2] <= 10000),
    }
    for device, name in choice.items():
        print(f"{device:17}", end="")
        show(name, bills[name])
    # --8<-- [end:devices]

    # --8<-- [start:more_data]
    by_images = {}
    for count in (500, 2000, 8000):
        net = new_net([100, 48, 24, 10], np.random.default_rng(0))
        net = trained(net, x[:count], y[:count], steps=600)
        by_images[count] = accuracy(net, x_test, y_test)
        print(f"{count:4} images: accuracy {by_images[count]:.2f}")
    # --8<-- [end:more_data]

    # --8<-- [start:optimisers]
    turn, _ = np.linalg.qr(rng.normal(size=(10, 10)))
    h = np.diag(np.geomspace(1, 1000, 10))
    x0 = np.ones(10)
    at_start = float(np.linalg.norm(x0))
    left = {}
    for rule in ("plain", "momentum", "Adam"):
        end = descent(h, x0, rule, steps=200)
        turned = descent(turn @ h @ turn.T, turn @ x0, rule, steps=200)
        left[rule] = float(np.linalg.norm(end)), float(np.linalg.norm(turned))
        print(f"{rule:9} {left[rule][0]:.2g}  turned {left[rule][1]:.2g}")
    # --8<-- [end:optimisers]

    # --8<-- [start:order]
    fewest, left_to_right = chain_costs([30, 35, 15, 5, 10, 20, 25])
    print("six matrices:", left_to_right, "or", fewest, "multiplications")
    n = 300
    matrix_first, vector_first = n**3 + n**2, 2 * n**2
    order_gain = matrix_first / vector_first
    print(f"(AB)v {matrix_first:,}   A(Bv) {vector_first:,}")
    # --8<-- [end:order]

    # --8<-- [start:same_count]
    n = 48
    a, b = rng.normal(size=(2, n, n))

    def by_scalars() -> np.ndarray:
        c = np.zeros((n, n))
        for i in range(n):
            for j in range(n):
                for k in range(n):
                    c[i, j] += a[i, k] * b[k, j]
        return c

    works = {
        "scalars": by_scalars,
        "inner products": lambda: np.array([[r @ q for q in b.T] for r in a]),
        "outer products": lambda: sum(
            np.outer(a[:, k], b[k]) for k in range(n)
        ),
        "a @ b": lambda: a @ b,
    }
    same = all(np.allclose(work(), a @ b) for work in works.values())
    seconds = cpu_medians(works, rounds=3)
    times = {name: s / seconds["a @ b"] for name, s in seconds.items()}
    calls = dict(zip(works, (n**3, n**2, n, 1), strict=True))
    print("multiplications", n**3, " same result:", same)
    for name, t in times.items():
        print(f"{name:15} calls from Python {calls[name]:6}   CPU time {t:.0f}")
    # --8<-- [end:same_count]

    # --8<-- [start:explain]
    line = trained(new_net([SIDE * SIDE, 10], rng), x, y, steps=300)
    parts = x_test * line[0].w[y_test]
    scores = activations(line, x_test)[-1][np.arange(len(y_test)), y_test]
    linear_exact = np.allclose(parts.sum(1) + line[0].b[y_test], scores)
    print("linear: parts and bias sum to the score:", linear_exact)
    gap = {"slopes": [], "integrated": []}
    for image, digit in zip(x_test[:100], y_test[:100], strict=True):
        ends = np.array([0 * image, image])
        blank, score = activations(big, ends)[-1][:, digit]
        parts = {
            "slopes": image * slopes(big, image[None], digit)[0],
            "integrated": integrated_gradients(big, image, digit, points=200),
        }
        for name, part in parts.items():
            missed = abs(part.sum() - (score - blank))
            gap[name].append(missed / abs(score - blank))
    gap = {name: float(np.mean(g)) for name, g in gap.items()}
    print("network, mean gap:", *(f"{name} {g:.1%}" for name, g in gap.items()))
    # --8<-- [end:explain]

    # --8<-- [start:who]
    def both(a: int, b: int) -> int:
        """One ReLU: 1 only for (1, 1)."""
        return max(a + b - 1, 0)

    score = both(1, 1)
    losses = [score - both(0, 1), score - both(1, 0)]
    print("score", score, "  lost without the first, the second:", losses)
    # --8<-- [end:who]

    # --8<-- [start:shuffle]
    weight = np.mean([
        np.abs(integrated_gradients(big, image, digit, points=20))
        for image, digit in zip(x_val[:200], y_val[:200], strict=True)
    ], axis=0)
    order = weight.argsort()
    shuffled = {}
    for name, pixels in (("least", order[:10]), ("most", order[-10:])):
        mixed = x_test.copy()
        mixed[:, pixels] = rng.permutation(x_test)[:, pixels]
        shuffled[name] = accuracy(big, mixed, y_test)
        print(f"ten {name:5} telling swapped: accuracy {shuffled[name]:.2f}")
    # --8<-- [end:shuffle]
