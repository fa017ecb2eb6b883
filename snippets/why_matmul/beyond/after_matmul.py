"""What might replace the matrix product: seven candidates on one task, and a scorecard."""
from math import log2

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn import functional

from snippets.palette import ACCENT, INK, SOFT
from snippets.why_matmul.verification import accuracy, fit, posters

# The source rates four topics: accuracy, application, foresight, overall (as flames).
STARS = {
    "rules": (5, 5, 4, 5),
    "quantum": (4, 4, 5, 5),
    "graphs": (5, 5, 4, 5),
    "continual": (5, 5, 5, 5),
}
# Claims of source 000 by topic and verdict; opinions cannot be judged and are left out.
LEDGER = {
    "rules": {"correct": (56, 58, 59, 60, 62, 63),
              "imprecise": (53, 55, 57, 61, 64, 122), "wrong or dated": ()},
    "quantum": {"correct": (72, 75, 78, 79),
                "imprecise": (66, 68, 70, 71, 73, 77, 80, 81, 83),
                "wrong or dated": (65, 67, 74)},
    "graphs": {"correct": (85, 86, 88, 89, 90, 91), "imprecise": (87,),
               "wrong or dated": ()},
    "continual": {"correct": (108, 109, 110, 113, 114, 115),
                  "imprecise": (101, 103, 106, 107, 111, 112, 116),
                  "wrong or dated": (104, 105)},
    "ODE": {"correct": (93, 95, 96, 97, 100), "imprecise": (94,),
            "wrong or dated": (92, 98)},
}


class Dense(nn.Module):
    """Two matrices with a ReLU between: 64 pixels, hidden units, ten scores."""

    def __init__(self, hidden: int = 64) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(64, hidden), nn.Linear(hidden, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(torch.relu(self.first(x)))

    def cost(self) -> dict[str, int]:
        """Operations for one image."""
        weights = self.first.weight.numel() + self.last.weight.numel()
        hidden = len(self.first.bias)
        return {"multiply": weights, "add": weights, "compare": hidden}


class Tables(nn.Module):
    """Each group of pixels, read as bits, is an address in its own table.

    groups holds the pixels' numbers, shape (tables, bits). The rows found
    are added up (Bledsoe and Browning 1959).
    """

    def __init__(self, groups: torch.Tensor) -> None:
        super().__init__()
        tables, bits = groups.shape
        self.groups = groups
        self.rows = nn.Parameter(torch.zeros(tables, 2**bits, 10))

    def address(self, x: torch.Tensor) -> torch.Tensor:
        """Row numbers, shape (images, tables)."""
        values = 2 ** torch.arange(self.groups.shape[1])
        return ((x[:, self.groups] > 0) * values).sum(2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.rows[torch.arange(len(self.rows)), self.address(x)].sum(1)

    def cost(self) -> dict[str, int]:
        """Operations for one image."""
        return {"add": 10 * (len(self.rows) - 1), "look up": 10 * len(self.rows)}


class Butterfly(nn.Module):
    """Layers of log2(n) stages; a stage mixes pairs 2^j places apart.

    A bias after each layer, ReLU between; the last layer's first ten
    numbers are the scores.
    """

    def __init__(self, depth: int = 2, n: int = 64) -> None:
        super().__init__()
        stages = n.bit_length() - 1
        self.partners = [torch.arange(n) ^ 2**j for j in range(stages)]
        self.weights = nn.Parameter(torch.randn(depth, stages, 2, n) / 2**0.5)
        self.bias = nn.Parameter(torch.zeros(depth, n))

    def layer(self, x: torch.Tensor, k: int) -> torch.Tensor:
        """Layer k without its bias: a linear map."""
        stages = zip(self.weights[k], self.partners, strict=True)
        for (own, other), partner in stages:
            x = own * x + other * x[:, partner]
        return x

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for k, bias in enumerate(self.bias):
            x = torch.relu(x) if k else x
            x = self.layer(x, k) + bias
        return x[:, :10]

    def cost(self) -> dict[str, int]:
        """Operations for one image."""
        depth, stages, _, n = self.weights.shape
        return {"multiply": 2 * n * stages * depth,
                "add": n * (stages + 1) * depth,
                "compare": n * (depth - 1)}


def ternary(w: torch.Tensor) -> torch.Tensor:
    """w rounded to -1, 0, 1; 0 up to 0.7 mean |w| of its row (Li et al. 2016).

    Backward as if nothing had been rounded: rounding has no useful slope.
    """
    bar = 0.7 * w.abs().mean(1, keepdim=True)
    rounded = torch.sign(w) * (w.abs() > bar)
    return w + (rounded - w).detach()


class Ternary(nn.Module):
    """Dense, with weights -1, 0 and 1."""

    def __init__(self, hidden: int = 64) -> None:
        super().__init__()
        self.first = nn.Parameter(torch.randn(hidden, 64))
        self.last = nn.Parameter(torch.randn(10, hidden))
        self.bias = nn.Parameter(torch.zeros(hidden))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = torch.relu(x @ ternary(self.first).T + self.bias)
        return hidden @ ternary(self.last).T / 8  # a shift by three bits

    def cost(self) -> dict[str, int]:
        """Operations for one image."""
        weights = self.first, self.last
        used = sum(int(ternary(w).count_nonzero()) for w in weights)
        return {"add": used, "compare": len(self.bias)}


class Tropical(nn.Module):
    """Products in which + stands for * and max (then min) for +.

    Pixels come in twice, as x and as -x: max and + alone cannot negate.
    """

    def __init__(self, hidden: int = 64) -> None:
        super().__init__()
        self.first = nn.Parameter(0.3 * torch.randn(hidden, 128))
        self.last = nn.Parameter(0.3 * torch.randn(10, hidden))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.cat([x, -x], 1)
        hidden = (x[:, None] + self.first).amax(2)
        return 4 * (hidden[:, None] + self.last).amin(2)  # a shift by two bits

    def cost(self) -> dict[str, int]:
        """Operations for one image."""
        hidden = len(self.first)
        return {"add": 138 * hidden,
                "compare": 127 * hidden + 10 * (hidden - 1)}


class Scan(nn.Module):
    """h <- a h + b along the pixels, a and b looked up by place and colour.

    h has width numbers that never mix; ten scores are read from the last h.
    """

    def __init__(self, width: int = 32, pixels: int = 64) -> None:
        super().__init__()
        self.keep = nn.Parameter(0.5 * torch.randn(2, pixels, width) + 2)
        self.put = nn.Parameter(0.3 * torch.randn(2, pixels, width))
        self.read = nn.Parameter(torch.randn(10, width) / width**0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        place = torch.arange(x.shape[1])
        color = (x > 0).long()
        a, b = torch.sigmoid(self.keep)[color, place], self.put[color, place]
        # What is put in at a place is kept by all places after it.
        kept = a.flip(1).cumprod(1).flip(1).roll(-1, 1)
        kept = torch.cat([kept[:, :-1], torch.ones_like(a[:, :1])], 1)
        return (kept * b).sum(1) @ self.read.T

    def cost(self) -> dict[str, int]:
        """Operations for one image, step by step."""
        _, pixels, width = self.keep.shape
        return {"multiply": (pixels - 1 + 10) * width,
                "add": (pixels - 1) * width + 10 * (width - 1),
                "look up": 2 * pixels * width}


def flip(x: torch.Tensor, pixels: torch.Tensor) -> torch.Tensor:
    """Each image with one of its pixels (one number an image) changed in sign."""
    return x * (1 - 2 * functional.one_hot(pixels, x.shape[1]))


@torch.no_grad()
def mixing(net: nn.Module, x: torch.Tensor) -> float:
    """Share of (image, pixel, score) where a flip moves the score."""
    moved = [
        (net(flip(x, torch.full((len(x),), i))) - net(x)).abs() > 1e-5
        for i in range(x.shape[1])
    ]
    return torch.stack(moved).float().mean().item()


@torch.no_grad()
def interaction(
    net: nn.Module, x: torch.Tensor, rng: np.random.Generator
) -> float:
    """What two flips do beyond what each does, relative to one flip."""
    n = x.shape[1]
    first, step = rng.integers((n, n - 1), size=(len(x), 2)).T
    i, j = torch.tensor(first), torch.tensor((first + 1 + step) % n)
    alone = net(flip(x, i)) - net(x)
    beyond = net(flip(flip(x, i), j)) - net(flip(x, j)) - alone
    return (beyond.abs().mean() / alone.abs().mean()).item()


def felt(net: nn.Module, x: torch.Tensor, y: torch.Tensor) -> float:
    """Mean share of the learned numbers that one image's gradient reaches."""
    shares = []
    learned = list(net.parameters())
    for image, label in zip(x[:, None], y[:, None], strict=True):
        loss = functional.cross_entropy(net(image), label)
        slopes = torch.autograd.grad(loss, learned)
        reached = sum(int(torch.count_nonzero(s)) for s in slopes)
        shares.append(reached / sum(p.numel() for p in learned))
    return float(np.mean(shares))


def by_adding(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """About a * b, for float32: bit patterns added as integers (Mitchell 1962).

    A float's bits, read as an integer, are nearly its logarithm. Too small
    by at most 1/9; arguments and result must be ordinary (or 0).
    """
    sign = np.sign(a) * np.sign(b)
    one = np.float32(1).view(np.int32)
    added = np.abs(a).view(np.int32) + np.abs(b).view(np.int32) - one
    return sign * np.where(sign == 0, np.int32(0), added).view(np.float32)


def max_plus(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The matrix product with max for + and + for *."""
    return (a[:, :, None] + b).max(1)


def bits(column: tuple[int, ...]) -> float:
    """Entropy of a column: bits learned, on average, by being told one entry."""
    shares = [column.count(v) / len(column) for v in set(column)]
    return sum(p * log2(1 / p) for p in shares)


def score(verdicts: dict[str, tuple], weight: float) -> float:
    """Share of claims that hold, an imprecise one counting as weight."""
    total = sum(map(len, verdicts.values()))
    partly = weight * len(verdicts["imprecise"])
    return (len(verdicts["correct"]) + partly) / total


if __name__ == "__main__":
    # --8<-- [start:race]
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    (x, y), (x_test, y_test) = (posters(n, rng) for n in (4000, 2000))
    groups = torch.stack([torch.randperm(64)[:6] for _ in range(64)])
    candidates = {
        "dense": Dense(),
        "separate": Tables(torch.arange(64)[:, None]),
        "butterfly": Butterfly(),
        "ternary": Ternary(),
        "max-plus": Tropical(),
        "scan": Scan(),
        "tables": Tables(groups),
    }
    right, learned, cost = {}, {}, {}
    for name, net in candidates.items():
        fit(net, x, y)
        right[name] = accuracy(net, x_test, y_test)
        learned[name] = sum(p.numel() for p in net.parameters())
        cost[name] = net.cost()
        print(f"{name:9} {right[name]:.2f}  {learned[name]:6} learned ",
              *(f"{n} {k}," for k, n in cost[name].items()))
    # --8<-- [end:race]

    # --8<-- [start:four]
    mixes, bends, feels, reuse = {}, {}, {}, {}
    for name, net in candidates.items():
        mixes[name] = mixing(net, x_test[:50])
        bends[name] = interaction(net, x_test[:2000], rng)
        feels[name] = felt(net, x_test[:50], y_test[:50])
        read = cost[name].get("look up", learned[name])
        if name == "scan":
            read += net.read.numel()  # the weights of the scores
        reuse[name] = 128 * read / learned[name]
        print(f"{name:9} mixes {mixes[name]:4.0%}  bends {bends[name]:4.2f}"
              f"  gradient {feels[name]:5.1%}  reuse {reuse[name]:3.0f}")
    # --8<-- [end:four]

    # --8<-- [start:picture]
    fig, ax = plt.subplots(figsize=(6.4, 3.2))
    for name in candidates:
        total = sum(cost[name].values())
        free = "multiply" not in cost[name]
        ax.plot(total, right[name], "D" if free else "o", ms=7,
                color=ACCENT if free else INK, mfc="none" if free else INK)
        rise = {"scan": -15, "butterfly": -15, "max-plus": 5}.get(name, -3)
        ax.annotate(name, (total, right[name]), (8, rise),
                    color=SOFT, size=9.5, textcoords="offset points")
    ax.axhline(0.55, color=SOFT, lw=0.8, ls=":")
    ax.text(900, 0.57, "ceiling without interaction", color=SOFT, size=9)
    ax.set(xscale="log", xlim=(800, 40000), ylim=(0, 1.04),
           xlabel="operations for one image", ylabel="accuracy")
    ax.set_xticks([1000, 10000], ["1000", "10000"])
    ax.set_yticks([0, 0.5, 1])
    plt.show()
    # --8<-- [end:picture]

    # --8<-- [start:arithmetic]
    a, b = rng.lognormal(size=(2, 100_000)).astype(np.float32)
    short = 1 - by_adding(a, b) / (a * b)
    worst = float(short.max())
    print(f"too small by {short.mean():.1%} on average, at most {worst:.1%}")

    def sums(x: np.ndarray, layer: nn.Linear) -> np.ndarray:
        """The layer, by additions only."""
        w, bias = (p.detach().numpy() for p in layer.parameters())
        return by_adding(x[:, None], w).sum(2) + bias

    net = candidates["dense"]
    hidden = np.maximum(sums(x_test[:1000].numpy(), net.first), 0)
    scores = sums(hidden.astype(np.float32), net.last)
    right_by_adding = float((scores.argmax(1) == y_test[:1000].numpy()).mean())
    right_before = accuracy(net, x_test[:1000], y_test[:1000])
    best = net(x_test[:1000]).argmax(1).numpy()
    agree = float((scores.argmax(1) == best).mean())
    print(f"dense, multiplying {right_before:.3f}, adding {right_by_adding:.3f}"
          f", same answer {agree:.1%}")
    # --8<-- [end:arithmetic]

    # --8<-- [start:beneath]
    with torch.no_grad():
        net = candidates["butterfly"]
        matrix = net.layer(torch.eye(64), 0)
        gap_butterfly = (net.layer(x_test, 0) - x_test @ matrix).abs().max()

        net = candidates["tables"]
        hot = functional.one_hot(net.address(x_test[:500]), 64).float()
        product = hot.flatten(1) @ net.rows.flatten(0, 1)
        gap_tables = (net(x_test[:500]) - product).abs().max()

    a = 0.9  # one channel of a scan with the same a everywhere
    put = rng.normal(size=64)
    h, states = 0.0, []
    for b in put:
        h = a * h + b
        states.append(h)
    places = np.arange(64)
    lower = np.tril(a ** np.clip(places[:, None] - places, 0, None))
    gap_scan = np.abs(lower @ put - states).max()

    m = [rng.integers(-9, 9, size=(5, 5)) for _ in range(3)]
    regroups = np.array_equal(max_plus(max_plus(m[0], m[1]), m[2]),
                              max_plus(m[0], max_plus(m[1], m[2])))
    same = bool(max(gap_butterfly, gap_tables, gap_scan) < 1e-3)
    print("butterfly, tables, scan equal a matrix product:", same)
    print("max-plus may be bracketed at will:", regroups)
    # --8<-- [end:beneath]

    # --8<-- [start:ratings]
    names = "accuracy", "application", "foresight", "overall"
    columns = zip(names, zip(*STARS.values(), strict=True), strict=True)
    entropy = {name: bits(column) for name, column in columns}
    print("bits:", ", ".join(f"{name} {h:.2f}" for name, h in entropy.items()))
    # --8<-- [end:ratings]

    # --8<-- [start:scorecard]
    holds = {}
    for topic, verdicts in LEDGER.items():
        counts = {v: len(ids) for v, ids in verdicts.items()}
        holds[topic] = counts["correct"] / sum(counts.values())
        stars = STARS.get(topic, ["-"])[0]
        print(f"{topic:10} stars {stars}  {sum(counts.values()):2} claims:",
              *(f"{n} {v}," for v, n in counts.items()), f"{holds[topic]:.0%} hold")
    # --8<-- [end:scorecard]

    # --8<-- [start:weights]
    fig, ax = plt.subplots(figsize=(5.8, 3.2))
    weight = np.linspace(0, 1, 11)
    for topic, verdicts in LEDGER.items():
        lowest = topic in ("quantum", "ODE")  # one of these is last
        ends = [score(verdicts, w) for w in weight]
        ax.plot(weight, ends, color=ACCENT if lowest else SOFT,
                ls="--" if topic == "ODE" else "-")
        ax.text(-0.02, ends[0], topic, ha="right", va="center", color=INK, size=9.5)
    ax.set(xlim=(-0.25, 1), ylim=(0.2, 1.03), ylabel="score",
           xlabel="what an imprecise claim counts")
    ax.set_xticks([0, 0.5, 1])
    ax.set_yticks([0.5, 1])
    plt.show()
    lead = {w: score(LEDGER["ODE"], w) - score(LEDGER["quantum"], w) for w in (0, 1)}
    crossing = lead[0] / (lead[0] - lead[1])
    print(f"quantum and ODE change places at {crossing:.2f}")
    # --8<-- [end:weights]
