"""The plan's three experiments: a learning gap, a count of operations, a ruler for quality."""
from typing import Callable

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from snippets.inner_outer.outlook import (
    GLYPHS, Net, activations, digits, factored, integer_scores, new_net, pruned, quantised,
    trained,
)
from snippets.mechanics.strassen import strassen
from snippets.palette import ACCENT, INK, LINE, SOFT

# Operations for each number that comes in, where an operation makes several passes.
PASSES = {"_softmax": 5, "native_layer_norm": 5}
MOVES = {"view", "_unsafe_view", "permute", "transpose", "unbind", "split", "expand", "empty",
         "clone", "t", "detach", "select", "zeros_like"}

Product = Callable[[np.ndarray, np.ndarray], np.ndarray]


def attention(
    query: torch.Tensor,
    keys: torch.Tensor,
    values: torch.Tensor,
    sharpness: float,
) -> torch.Tensor:
    """Values weighted by softmax(sharpness * keys @ query).

    Shapes: query (tasks, width), keys and values (tasks, pairs, width).
    """
    match = (keys @ query[:, :, None]).squeeze(2)
    weights = torch.softmax(sharpness * match, 1)
    return (weights[:, None] @ values).squeeze(1)


def posters(
    count: int, rng: np.random.Generator, flips: float = 0.03
) -> tuple[torch.Tensor, torch.Tensor]:
    """Digits on 8 x 8 pixels, each -1 or 1: (images of shape (count, 64), digits).

    Place and polarity are random; each pixel is flipped with probability flips.
    """
    labels = rng.integers(10, size=count)
    x = -np.ones((count, 8, 8))
    places = rng.integers((2, 4), size=(count, 2))
    for image, label, (i, j) in zip(x, labels, places, strict=True):
        image[i:i + 7, j:j + 5] += 2 * GLYPHS[label]
    x *= rng.choice([-1, 1], size=(count, 1, 1))
    x *= np.where(rng.random(x.shape) < flips, -1, 1)
    return torch.tensor(x.reshape(count, 64), dtype=torch.float32), torch.tensor(labels)


def hadamard(n: int) -> torch.Tensor:
    """The n x n matrix of signs with orthogonal rows, over sqrt(n); n a power of two."""
    h = torch.ones(1, 1)
    while len(h) < n:
        h = torch.cat([torch.cat([h, h], 1), torch.cat([h, -h], 1)])
    return h / n**0.5


class Structured(nn.Module):
    """Layers H (d2 * H (d1 * x)) + b with ReLU between.

    The mixing matrix H is fixed, d1, d2 and b are learned; the last layer's
    first ten numbers are the scores.
    """

    def __init__(self, depth: int, mix: torch.Tensor) -> None:
        super().__init__()
        n = len(mix)
        self.mix = mix
        self.scale = nn.Parameter(torch.randn(depth, 2, n) * 2**0.25)
        self.bias = nn.Parameter(torch.zeros(depth, n))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        layers = zip(self.scale, self.bias, strict=True)
        for k, ((d1, d2), b) in enumerate(layers):
            x = torch.relu(x) if k else x
            x = (x * d1 @ self.mix * d2) @ self.mix + b
        return x[:, :10]


def dense(hidden: int, bend: bool = True) -> nn.Module:
    """64 pixels, a layer of hidden units, ten scores; without bend, no ReLU between."""
    layers = [nn.Linear(64, hidden), nn.ReLU(), nn.Linear(hidden, 10)]
    return nn.Sequential(*(layers if bend else layers[::2]))


def fit(
    net: nn.Module, x: torch.Tensor, y: torch.Tensor, steps: int = 300
) -> nn.Module:
    """The net, trained in place by Adam, batches of 128, rate falling to 0."""
    adam = torch.optim.Adam(net.parameters(), lr=0.03)
    rate = torch.optim.lr_scheduler.LinearLR(adam, 1, 0, steps)
    for _ in range(steps):
        batch = torch.randint(len(x), (128,))
        loss = functional.cross_entropy(net(x[batch]), y[batch])
        adam.zero_grad()
        loss.backward()
        adam.step()
        rate.step()
    return net


@torch.no_grad()
def accuracy(net: nn.Module, x: torch.Tensor, y: torch.Tensor) -> float:
    """Share of the images whose digit gets the highest score."""
    return (net(x).argmax(1) == y).float().mean().item()


class Tally(TorchDispatchMode):
    """Counts what PyTorch computes while open.

    Products are counted by PyTorch's own table, two operations for a
    multiplication with its addition. KeyError for an operation unknown here.
    """

    def __init__(self) -> None:
        super().__init__()
        self.products = self.singles = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        packet = func.overloadpacket
        name = packet.__name__
        if packet in flop_registry:
            self.products += flop_registry[packet](*args, out_val=out)
        elif name in MOVES:
            pass
        elif torch.Tag.pointwise in func.tags:
            self.singles += out.numel()
        else:
            self.singles += PASSES[name] * args[0].numel()
        return out

    def share(self, price: float = 1) -> float:
        """Products' share of all operations, others at this price."""
        return self.products / (self.products + price * self.singles)


def shaped(*size: int) -> torch.Tensor:
    """A tensor of this size without numbers: its shape alone can be computed with."""
    return torch.empty(size, device="meta")


def separate(x, w1, b1, w2, b2):
    """The source's element-wise network."""
    return torch.relu(w1 * x + b1) + torch.relu(w2 * x + b2)


def mlp(x, *layers):
    """Layers (w, b), a ReLU after all but the last."""
    for w, b in layers[:-1]:
        x = torch.relu(x @ w.T + b)
    w, b = layers[-1]
    return x @ w.T + b


def residual(x, first, second, scale, shift):
    """Two 3 x 3 convolutions, each scaled and shifted, added to their input."""
    h = torch.relu(functional.conv2d(x, first, padding=1) * scale + shift)
    return torch.relu(x + functional.conv2d(h, second, padding=1) * scale + shift)


def separable(x, by_channel, across, scale, shift):
    """A 3 x 3 filter for each channel, then a product across channels."""
    h = functional.conv2d(x, by_channel, padding=1, groups=len(by_channel))
    h = functional.conv2d(torch.relu(h * scale + shift), across)
    return torch.relu(h * scale + shift)


def lstm(x, w, u, b):
    """Four gates a step, from a state of zeros; x has shape (steps, batch, width)."""
    h = c = torch.zeros_like(x[0])
    for step in x.unbind():
        i, f, g, o = (step @ w.T + h @ u.T + b).chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
    return h


def block(x, qkv, mix, up, down, heads=12):
    """A transformer block; x has shape (texts, tokens, width)."""
    texts, tokens, width = x.shape
    y = functional.layer_norm(x, [width])
    by_head = (y @ qkv.T).view(texts, tokens, 3, heads, -1)
    q, k, v = by_head.permute(2, 0, 3, 1, 4).unbind()
    a = torch.softmax(q @ k.transpose(-1, -2) / (width / heads) ** 0.5, -1)
    x = x + (a @ v).transpose(1, 2).reshape(x.shape) @ mix.T
    y = functional.layer_norm(x, [width])
    return x + functional.gelu(y @ up.T) @ down.T


def bfloat16(a: np.ndarray) -> np.ndarray:
    """Each number rounded to eight significant bits, as a float32 array."""
    return torch.tensor(a, dtype=torch.float32).bfloat16().float().numpy()


def by_strassen(a: np.ndarray, b: np.ndarray, order: int = 128, leaf: int = 16) -> np.ndarray:
    """a @ b in float32 by Strassen, order rows of a at a time; rest filled with zeros.

    a and b have at most order columns.
    """
    right = np.zeros((order, order), np.float32)
    right[:b.shape[0], :b.shape[1]] = b
    parts = []
    for rows in np.split(a, range(order, len(a), order)):
        left = np.zeros_like(right)
        left[:rows.shape[0], :rows.shape[1]] = rows
        parts.append(strassen(left, right, leaf)[:len(rows), :b.shape[1]])
    return np.concatenate(parts)


def scores_by(product: Product, net: Net, x: np.ndarray) -> np.ndarray:
    """The net's scores with this product for @; a row for each image."""
    for w, b, relu in net:
        x = product(x, w.T) + b
        x = np.maximum(x, 0) if relu else x
    return x


def safe(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """True for each row of scores whose largest cannot have changed.

    The change of any score against any other is at most the spread of the
    changes; where that is less than the margin, the best stays best.
    """
    runner_up, best = np.sort(before, 1)[:, -2:].T
    change = after - before
    return change.max(1) - change.min(1) < best - runner_up


if __name__ == "__main__":
    # --8<-- [start:recall]
    torch.manual_seed(0)
    keys, values = torch.randn(2, 5000, 8, 16)
    keys = functional.normalize(keys, dim=2)
    asked = torch.randint(8, (5000,))
    query, target = (t[torch.arange(5000), asked] for t in (keys, values))

    def explained(guess: torch.Tensor) -> float:
        return 1 - ((guess - target).var() / target.var()).item()

    by_attention = explained(attention(query, keys, values, sharpness=30))
    by_fixed = explained(values.mean(1))
    print(f"explained by attention: {by_attention:.3f}")
    print(f"by the best fixed matrix: {by_fixed:.2f}")
    # --8<-- [end:recall]

    # --8<-- [start:samples]
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    (x, y), (x_test, y_test) = (posters(n, rng) for n in (4000, 4000))
    fig, axes = plt.subplots(2, 10, figsize=(7.2, 1.6))
    for ax, image in zip(axes.flat, x_test, strict=False):
        ax.imshow(image.reshape(8, 8), cmap="gray_r", vmin=-1.3, vmax=1.3)
        ax.axis("off")
    plt.show()
    # --8<-- [end:samples]

    # --8<-- [start:ceiling]
    def curved(x: torch.Tensor) -> torch.Tensor:
        """Scores of a curved function of each pixel, with any weights."""
        return (torch.sin(9 * x) + torch.exp(x) * torch.relu(3 - 7 * x)) @ weights

    weights = torch.randn(64, 10)
    sums = curved(x_test) + curved(-x_test)
    same_sum = torch.allclose(sums, sums[:1], rtol=0, atol=1e-2)
    print("s(x) + s(-x) is the same for every image:", same_sum)
    both = torch.cat([x_test, -x_test])  # every image and its negative
    both_y = torch.cat([y_test, y_test])
    additive = fit(nn.Linear(64, 10), x, y)
    reached = accuracy(additive, both, both_y)
    ceiling = (1 + 9 / 2) / 10
    print(f"separate pixels: {reached:.2f}, cannot exceed {ceiling}")
    # --8<-- [end:ceiling]

    # --8<-- [start:curve]
    ladder = {
        "separate": lambda: nn.Linear(64, 10),
        "structured": lambda: Structured(4, hadamard(64)),
        "dense": lambda: dense(64),
    }
    sizes = {
        name: sum(p.numel() for p in make().parameters())
        for name, make in ladder.items()
    }
    curve = {name: {} for name in ladder}
    for name, make in ladder.items():
        for n in (250, 1000, 4000):
            torch.manual_seed(1)
            net = fit(make(), x[:n], y[:n])
            curve[name][n] = accuracy(net, x_test, y_test)
        print(f"{name:10} {sizes[name]:4} numbers learned  ",
              *(f"{n}: {a:.2f}" for n, a in curve[name].items()))
    # --8<-- [end:curve]

    # --8<-- [start:curve_picture]
    fig, ax = plt.subplots(figsize=(6.2, 3))
    styles = {"separate": (SOFT, ":"), "structured": (SOFT, "-"), "dense": (INK, "-")}
    for name, points in curve.items():
        color, style = styles[name]
        ax.plot(list(points), list(points.values()), style, color=color, marker="o")
        ax.text(4400, points[4000], name, va="center", color=color)
    ax.axhline(ceiling, color=ACCENT, lw=1)
    ax.text(255, ceiling + 0.02, "ceiling", color=ACCENT)
    ax.set(xscale="log", xlim=(220, 9000), ylim=(0, 1.03),
           xlabel="training images", ylabel="accuracy")
    ax.set_xticks([250, 1000, 4000], ["250", "1000", "4000"])
    ax.set_xticks([], minor=True)
    ax.set_yticks([0, 0.5, 1])
    plt.show()
    # --8<-- [end:curve_picture]

    # --8<-- [start:narrow]
    narrow, learned = {}, {}
    for hidden in (4, 10, 22):
        torch.manual_seed(1)
        net = fit(dense(hidden), x, y)
        narrow[hidden] = accuracy(net, x_test, y_test)
        learned[hidden] = sum(p.numel() for p in net.parameters())
        print(f"dense, {hidden:2} hidden  {learned[hidden]:4} numbers learned"
              f"    {narrow[hidden]:.2f}")
    longer = {}
    for name, make in (("structured", ladder["structured"]),
                       ("dense, 10 hidden", lambda: dense(10))):
        torch.manual_seed(1)
        longer[name] = accuracy(fit(make(), x, y, steps=1500), x_test, y_test)
        print(f"{name:16}  five times the steps    {longer[name]:.2f}")
    # --8<-- [end:narrow]

    # --8<-- [start:count]
    s = shaped
    runs = {
        "element-wise": lambda: separate(
            s(64, 784), s(784), s(784), s(784), s(784)),
        "MLP": lambda: mlp(
            s(64, 784), (s(512, 784), s(512)),
            (s(512, 512), s(512)), (s(10, 512), s(10))),
        "residual CNN": lambda: residual(
            s(1, 64, 56, 56), s(64, 64, 3, 3), s(64, 64, 3, 3),
            s(64, 1, 1), s(64, 1, 1)),
        "separable CNN": lambda: separable(
            s(1, 64, 112, 112), s(64, 1, 3, 3), s(128, 64, 1, 1),
            s(1, 1, 1), s(1, 1, 1)),
        "LSTM": lambda: lstm(
            s(32, 16, 512), s(2048, 512), s(2048, 512), s(2048)),
        "transformer": lambda: block(
            s(1, 1024, 768), s(2304, 768), s(768, 768),
            s(3072, 768), s(768, 3072)),
    }
    share, at_ten = {}, {}
    for name, run in runs.items():
        with Tally() as tally:
            run()
        share[name], at_ten[name] = tally.share(), tally.share(price=10)
        print(f"{name:13} {tally.products:14,} in products"
              f" {tally.singles:11,} others  {share[name]:6.1%}"
              f"  {at_ten[name]:6.1%}")
    # --8<-- [end:count]

    # --8<-- [start:knockout]
    whole = {}
    for name, bend in (("with ReLU", True), ("without", False)):
        torch.manual_seed(1)
        net = fit(dense(64, bend), x, y)
        whole[name] = accuracy(net, x_test, y_test)
    with Tally() as tally:
        mlp(s(1, 64), (s(64, 64), s(64)), (s(10, 64), s(10)))
    relus = 64 / (tally.products + tally.singles)
    print(f"64 ReLUs: {relus:.2%} of the operations")
    print(*(f"{name}: {a:.2f}" for name, a in whole.items()), sep="   ")
    # --8<-- [end:knockout]

    # --8<-- [start:network]
    rng = np.random.default_rng(0)
    (im, tag), (im_test, tag_test) = (digits(n, rng) for n in (6000, 3000))
    reader = trained(new_net([100, 96, 48, 10], rng), im, tag, steps=600)
    exact = activations(reader, im_test)[-1]
    off, sure, changed, right = {}, {}, {}, {}

    def judge(name: str, scores: np.ndarray) -> None:
        best = scores.argmax(1)
        off[name] = np.linalg.norm(scores - exact) / np.linalg.norm(exact)
        sure[name] = safe(exact, scores).mean()
        changed[name] = (best != exact.argmax(1)).mean()
        right[name] = (best == tag_test).mean()
        print(f"{name:12} off by {off[name]:5.0e}  safe {sure[name]:5.1%}"
              f"  changed {changed[name]:5.1%}  right {right[name]:5.1%}")

    judge("float64", exact)
    # --8<-- [end:network]

    # --8<-- [start:paths]
    def single(a, b):
        return a.astype(np.float32) @ b.astype(np.float32)

    def half(a, b):
        return bfloat16(a) @ bfloat16(b)  # sums in float32

    paths = {"float32": single, "Strassen": by_strassen, "bf16": half}
    for name, product in paths.items():
        judge(name, scores_by(product, reader, im_test))
    judge("int8 x int8", integer_scores(reader, im_test))
    # --8<-- [end:paths]

    # --8<-- [start:changes]
    for bits in (4, 3, 2):
        judge(f"{bits} bits", activations(quantised(reader, bits), im_test)[-1])
    for rank in (32, 16, 8):
        thin = factored(reader, {0: rank, 1: rank})
        judge(f"rank {rank}", activations(thin, im_test)[-1])
    chance = pruned(reader, 0.5, rank_by=lambda w: rng.random(w.shape))
    judge("half, random", activations(chance, im_test)[-1])
    for percent in (50, 80, 90):
        cut = pruned(reader, percent / 100)
        tuned = trained(cut, im, tag, steps=200, rate=2e-3)
        judge(f"cut {percent}%", activations(cut, im_test)[-1])
        judge(f"tuned {percent}%", activations(tuned, im_test)[-1])
    # --8<-- [end:changes]

    # --8<-- [start:ruler]
    fig, ax = plt.subplots(figsize=(6.6, 3.2))
    ax.axhline(1 - right["float64"], color=LINE, zorder=0)
    for name in off:
        again = name.startswith("tuned")
        ax.plot(off[name], 1 - right[name], "D" if again else "o", ms=6,
                color=ACCENT if again else INK, mfc="none" if again else INK)
    labels = {"int8 x int8": "other paths", "4 bits": "4 bits", "3 bits": "3 bits",
              "2 bits": "2 bits", "rank 8": "rank 8",
              "tuned 80%": "tuned 80%", "tuned 90%": "tuned 90%"}
    for name, label in labels.items():
        rise = 0.08 if label == "other paths" else 0.03
        ax.text(off[name] + 0.015, 1 - right[name] + rise, label, color=SOFT, size=9)
    ax.set(xlim=(-0.02, 1), ylim=(0, 0.64),
           xlabel="relative error of the scores", ylabel="wrong answers")
    ax.set_xticks([0, 0.5, 1])
    ax.set_yticks([0, 0.25, 0.5], ["0%", "25%", "50%"])
    plt.show()
    # --8<-- [end:ruler]
