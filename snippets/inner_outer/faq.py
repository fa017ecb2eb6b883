"""Three questions answered by runs: two products, two kinds of layer, one bill."""

from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.flop_counter import FlopCounterMode

from snippets.palette import ACCENT, INK, LINE

Array = np.ndarray

PLUS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]])
CROSS = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
SIDE = 12  # images have 12 by 12 pixels
LETTER = "#...##...#######...##...#"  # an H of 5 by 5 pixels


def write(keys: Array, values: Array) -> Array:
    """One outer product per pair, added up: (len(value), len(key))."""
    return sum(np.outer(v, k) for k, v in zip(keys, values, strict=True))


def read(memory: Array, key: Array) -> Array:
    """What is stored under a key: inner products of the rows with it."""
    return memory @ key / (key @ key)


def scenes(
    count: int, half: str, rng: np.random.Generator, margin: int = 2
) -> tuple[torch.Tensor, torch.Tensor]:
    """Noisy images of a plus (0) or a cross (1), and which of them it is.

    Images: (count, 1, SIDE, SIDE). The shape, 3 by 3, lies wholly inside
    one half, "left" or "right", and at least `margin` pixels from the border.
    """
    kinds = rng.integers(2, size=count)
    images = 0.2 * rng.standard_normal((count, 1, SIDE, SIDE))
    rows = rng.integers(margin, SIDE - 2 - margin, size=count)
    columns = rng.integers(margin, SIDE // 2 - 2, size=count)
    if half == "right":  # mirrored: both halves offer the same places
        columns = SIDE - 3 - columns
    for image, kind, i, j in zip(images, kinds, rows, columns, strict=True):
        image[0, i : i + 3, j : j + 3] += (PLUS, CROSS)[kind]
    return torch.from_numpy(images), torch.from_numpy(kinds)


def network(kind: str) -> nn.Sequential:
    """Two answers from an image: "dense", "conv", or "conv + pool"."""
    windows = (SIDE - 2) ** 2
    layers = {
        "dense": [
            nn.Flatten(),
            nn.Linear(SIDE**2, 32),
            nn.ReLU(),
            nn.Linear(32, 2),
        ],
        "conv": [
            nn.Conv2d(1, 4, 3),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(4 * windows, 2),
        ],
        "conv + pool": [
            nn.Conv2d(1, 4, 3),
            nn.ReLU(),
            nn.AdaptiveMaxPool2d(1),  # the largest number of each channel
            nn.Flatten(),
            nn.Linear(4, 2),
        ],
    }
    return nn.Sequential(*layers[kind]).double()


def train(
    net: nn.Module,
    images: torch.Tensor,
    answers: torch.Tensor,
    steps: int = 60,
) -> None:
    """Steps of Adam, each on all images; the net is changed in place."""
    optimiser = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(steps):
        optimiser.zero_grad()
        nn.functional.cross_entropy(net(images), answers).backward()
        optimiser.step()


def share_right(net: nn.Module, images: torch.Tensor, answers: torch.Tensor) -> float:
    """Share of the images for which the larger of both outputs is the answer."""
    with torch.no_grad():
        return (net(images).argmax(dim=1) == answers).double().mean().item()


def parameters(net: nn.Module) -> int:
    """How many numbers the network learns."""
    return sum(p.numel() for p in net.parameters())


def whole_speedup(share: float, factor: float) -> float:
    """Speed of the whole if `share` of it runs `factor` times as fast.

    Amdahl (1967).
    """
    return 1 / (1 - share + share / factor)


def training_bill(
    net: nn.Module, run: Callable[[], torch.Tensor]
) -> tuple[int, int, int]:
    """Operations forward, operations backward, and bytes kept in between.

    `run` returns what the net makes of some input. Only matrix products
    count as operations. Kept are the tensors that autograd saves for the way
    back, the weights apart.
    """
    weights = {p.data_ptr() for p in net.parameters()}
    kept = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        if tensor.data_ptr() not in weights:
            kept[tensor.data_ptr()] = tensor.nbytes
        return tensor

    forward = FlopCounterMode(display=False)
    backward = FlopCounterMode(display=False)
    with forward, saved_tensors_hooks(keep, lambda tensor: tensor):
        loss = run().sum()
    with backward:
        loss.backward()
    counts = forward.get_total_flops(), backward.get_total_flops()
    return *counts, sum(kept.values())


if __name__ == "__main__":
    # --8<-- [start:one_pair]
    key, value = np.array([1, -1, 1, 1]), np.array([3, 7])
    memory = np.outer(value, key)
    print(memory)
    print("read with the key:", read(memory, key))
    other = np.array([1, 1, 1, -1])
    print("inner product of the keys:", key @ other)
    print("read with another:", read(memory, other))
    # --8<-- [end:one_pair]

    # --8<-- [start:pairs]
    rng = np.random.default_rng(0)
    d = 64
    letter = np.array([1 if pixel == "#" else -1 for pixel in LETTER])
    wrong, recalled = {}, {}
    for count in (4, 16, 64, 256):
        keys = rng.choice([-1, 1], (count, d))
        values = rng.choice([-1, 1], (count, 25))
        values[0] = letter
        memory = write(keys, values)
        out = np.array([read(memory, key) for key in keys])
        wrong[count] = np.mean((out > 0) != (values > 0))
        recalled[count] = out[0].reshape(5, 5)
        share = f"{wrong[count]:4.0%} of the pixels wrong"
        print(f"{count:3} pairs, {memory.size} numbers: {share}")
    # --8<-- [end:pairs]
    memory_numbers = memory.size

    # --8<-- [start:pairs_picture]
    figure, axes = plt.subplots(1, 5, figsize=(7, 1.9))
    shown = {"stored": letter.reshape(5, 5)} | {str(k): v for k, v in recalled.items()}
    for ax, (name, image) in zip(axes, shown.items(), strict=True):
        ax.imshow(image, cmap="gray_r", vmin=-2, vmax=2)
        ax.set(xticks=[], yticks=[], xlabel=name)
        for side in ax.spines.values():
            side.set(visible=True, color=LINE)
    plt.show()
    # --8<-- [end:pairs_picture]

    # --8<-- [start:what]
    left, left_kinds = scenes(400, "left", rng)
    new_left = scenes(500, "left", rng)
    right = scenes(500, "right", rng)
    what = {}
    for kind in ("dense", "conv", "conv + pool"):
        torch.manual_seed(0)
        net = network(kind)
        train(net, left, left_kinds)
        what[kind] = [share_right(net, *new_left), share_right(net, *right)]
        print(
            f"{kind:12} {parameters(net):5} parameters  "
            f"left {what[kind][0]:4.0%}  right {what[kind][1]:4.0%}"
        )
    # --8<-- [end:what]
    learned = {kind: parameters(network(kind)) for kind in what}

    # --8<-- [start:scenes_picture]
    figure, axes = plt.subplots(1, 4, figsize=(7, 2))
    for k, ax in enumerate(axes):
        images, name = (left, "left") if k < 2 else (right[0], "right")
        kinds = left_kinds if k < 2 else right[1]
        image = images[kinds == k % 2][0, 0]
        ax.imshow(image, cmap="gray_r", vmin=-0.5, vmax=1.2)
        ax.axvline(SIDE / 2 - 0.5, color=ACCENT, lw=0.9, ls="--")
        ax.set(xticks=[], yticks=[], xlabel=name)
    plt.show()
    # --8<-- [end:scenes_picture]

    # --8<-- [start:where]
    def which_half(count, margin=2):
        left = scenes(count, "left", rng, margin)[0]
        right = scenes(count, "right", rng, margin)[0]
        halves = torch.arange(2).repeat_interleave(count)
        return torch.cat([left, right]), halves

    where = {}
    for name, kind, margin in (
        ("dense", "dense", 2),
        ("conv", "conv", 2),
        ("conv + pool", "conv + pool", 2),
        ("at the border", "conv + pool", 0),
    ):
        torch.manual_seed(0)
        net = network(kind)
        train(net, *which_half(200, margin))
        where[name] = share_right(net, *which_half(500, margin))
        print(f"{name:14} which half: {where[name]:4.0%}")
    # --8<-- [end:where]

    # --8<-- [start:shrink]
    conv = nn.Conv2d(3, 16, 3, padding=1)  # from 32 by 32 pixels
    print("convolution:", parameters(conv))
    print("pooling:    ", parameters(nn.MaxPool2d(2)))
    after = {size: parameters(nn.Linear(16 * size**2, 10)) for size in (32, 16)}
    print(f"dense layer after it: {after[32]:,}, with pooling {after[16]:,}")
    # --8<-- [end:shrink]
    kernel_parameters = parameters(conv)

    # --8<-- [start:amdahl]
    for share in (0.5, 0.9):
        for factor in (2, 10, 1_000_000):
            gain = whole_speedup(share, factor)
            print(f"{share:.0%} of it {factor:9,} times as fast: {gain:4.1f}")
    # --8<-- [end:amdahl]
    gains = {"half": whole_speedup(0.5, 1_000_000), "most": whole_speedup(0.9, 10)}
    limit = whole_speedup(0.9, 1_000_000)

    # --8<-- [start:amdahl_picture]
    factors = np.geomspace(1, 100, 100)
    figure, ax = plt.subplots(figsize=(6, 3))
    for share, style in ((0.5, ":"), (0.8, "--"), (0.9, "-."), (1.0, "-")):
        ax.loglog(factors, [whole_speedup(share, f) for f in factors], style, color=INK)
        ax.text(106, whole_speedup(share, 100), f"{share:.0%}", va="center", color=INK)
    ax.plot(10, whole_speedup(0.9, 10), "o", color=ACCENT, markersize=5)
    ax.set(xlabel="products faster", ylabel="all faster", xlim=(1, 160))
    ax.set_xticks([1, 10, 100], ["1", "10", "100"])
    ax.set_yticks([1, 2, 5, 10, 100], ["1", "2", "5", "10", "100"])
    ax.minorticks_off()
    plt.show()
    # --8<-- [end:amdahl_picture]

    # --8<-- [start:training]
    torch.manual_seed(0)
    layers = [m for _ in range(4) for m in (nn.Linear(256, 256), nn.ReLU())]
    net = nn.Sequential(*layers)
    kept = {}
    for batch in (1, 64, 512):
        x = torch.randn(batch, 256)
        forward, backward, kept[batch] = training_bill(net, lambda: net(x))
        print(
            f"batch {batch:3}: backward / forward "
            f"{backward / forward:.2f}, kept {kept[batch]:9,} bytes"
        )
    weight_bytes = sum(p.nbytes for p in net.parameters())
    print(f"weights {weight_bytes:,} bytes")
    # --8<-- [end:training]
    backward_ratio = backward / forward
    kept_share = kept[512] / weight_bytes
