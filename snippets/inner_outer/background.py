"""Where three small networks spend their arithmetic, counted, and their time, measured."""
from time import process_time_ns
from typing import Callable, NamedTuple

import matplotlib.pyplot as plt
import torch
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode

from snippets.labs.timing import cpu_medians
from snippets.palette import A, B, C, INK, LINE, SOFT

MACHINE_BOUND = True  # two regions print CPU times

# Operations for each number of the result, or of the input where numbers are summed up.
PER_RESULT = {"relu": 1, "tanh": 1, "add": 1, "mul": 1, "div": 1, "sub": 1, "exp": 1,
              "_softmax": 5, "native_layer_norm": 5, "max_pool2d_with_indices": 3}
PER_INPUT = {"sum": 1, "mean": 1, "amax": 1}
VIEWS = {"view", "_unsafe_view", "t", "transpose", "permute", "expand", "select", "split",
         "unsqueeze", "detach", "slice", "unbind"}
COPIES = {"clone", "cat", "zeros"}


class Entry(NamedTuple):
    """One operation of PyTorch: what it computes, what it moves, how long it takes."""

    name: str
    kind: str  # "products", "single numbers" or "moving"
    operations: int
    numbers: int  # read and written
    seconds: float


def product_operations(name: str, args: tuple) -> int:
    """Operations of a product, two for a multiplication with its addition.

    Convolution: two for each weight of a filter and each number of the
    result, padding included; backward, the same for each gradient asked for.
    Anything else: 0.
    """
    if name in ("mm", "bmm"):
        return 2 * args[0].numel() * args[1].shape[-1]
    if name == "addmm":
        return 2 * args[1].numel() * args[2].shape[-1]
    if name == "convolution":
        x, w, _, stride, padding = args[:5]
        sides = zip(x.shape[2:], w.shape[2:], stride, padding, strict=True)
        places = 1
        for n, k, s, p in sides:
            places *= (n + 2 * p - k) // s + 1
        return 2 * x.shape[0] * places * w.numel()
    if name == "convolution_backward":
        grad, _, w = args[:3]
        places = grad.shape[2:].numel() * grad.shape[0]
        return 2 * places * w.numel() * sum(args[10][:2])
    return 0


def book(name: str, args: tuple, out: object) -> tuple[str, int, int]:
    """(kind, operations, numbers moved) of one operation.

    KeyError if the operation is unknown.
    """
    moved = 0
    for arg in (*args, out):
        for t in arg if isinstance(arg, (tuple, list)) else [arg]:
            moved += t.numel() if isinstance(t, torch.Tensor) else 0
    if operations := product_operations(name, args):
        return "products", operations, moved
    if name in VIEWS:
        return "moving", 0, 0
    if name in COPIES:
        return "moving", 0, moved
    if name in PER_INPUT:
        return "single numbers", PER_INPUT[name] * args[0].numel(), moved
    result = out[0] if isinstance(out, tuple) else out
    return "single numbers", PER_RESULT[name] * result.numel(), moved


class Ledger(TorchDispatchMode):
    """Books every operation that PyTorch carries out while it is open."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Entry] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        start = process_time_ns()
        out = func(*args, **(kwargs or {}))
        seconds = (process_time_ns() - start) / 1e9
        name = func.overloadpacket.__name__
        self.entries.append(Entry(name, *book(name, args, out), seconds))
        return out


def weights(*shapes: tuple[int, ...], device: str = "cpu") -> list[torch.Tensor]:
    """Random weights of these shapes, of the size that He et al. (2015) advise."""
    return [
        torch.randn(s, device=device) * (2 / s[1:].numel()) ** 0.5
        for s in map(torch.Size, shapes)
    ]


def cnn(x: torch.Tensor, params: list[torch.Tensor]) -> torch.Tensor:
    """Two convolutions with ReLU and 2 x 2 pooling, then a linear layer.

    x has shape (images, 1, 28, 28).
    """
    first, second, last = params
    for filters in (first, second):
        x = torch.relu(functional.conv2d(x, filters, padding=1))
        x = functional.max_pool2d(x, 2)
    return x.flatten(1) @ last.T


def rnn(x: torch.Tensor, params: list[torch.Tensor]) -> torch.Tensor:
    """h <- tanh(W x_t + U h), step by step.

    x has shape (steps, batch, width).
    """
    w, u = params
    h = torch.zeros(x.shape[1], len(u), device=x.device)
    for step in x:
        h = torch.tanh(step @ w.T + h @ u.T)
    return h


def block(
    x: torch.Tensor, params: list[torch.Tensor], heads: int = 4
) -> torch.Tensor:
    """One transformer block; x has shape (texts, tokens, width)."""
    qkv, mix, up, down = params
    texts, tokens, width = x.shape
    y = functional.layer_norm(x, [width])
    by_head = (y @ qkv.T).view(texts, tokens, 3, heads, -1)
    q, k, v = by_head.permute(2, 0, 3, 1, 4)
    a = torch.softmax(q @ k.transpose(-1, -2) / (width / heads) ** 0.5, -1)
    x = x + (a @ v).transpose(1, 2).reshape(texts, tokens, width) @ mix.T
    y = functional.layer_norm(x, [width])
    return x + torch.relu(y @ up.T) @ down.T


def block_weights(width: int, device: str = "cpu") -> list[torch.Tensor]:
    """Weights of a block: queries, keys and values; mixing; up and down again."""
    inputs = (3 * width, width), (width, width), (4 * width, width)
    return weights(*inputs, (width, 4 * width), device=device)


def booked(run: Callable[[], object]) -> list[Entry]:
    """What a run does, entry by entry."""
    with Ledger() as ledger:
        run()
    return ledger.entries


def shares(entries: list[Entry], field: str) -> dict[str, float]:
    """Each kind's share of "operations", "numbers" or "seconds"."""
    total = sum(getattr(e, field) for e in entries)
    return {
        kind: sum(getattr(e, field) for e in entries if e.kind == kind) / total
        for kind in ("products", "single numbers", "moving")
    }


def intensity(entries: list[Entry], kind: str) -> float:
    """Operations for each number read or written, over all entries of a kind."""
    chosen = [e for e in entries if e.kind == kind]
    return sum(e.operations for e in chosen) / sum(e.numbers for e in chosen)


def training_products(run: Callable[[], torch.Tensor]) -> tuple[int, int]:
    """(forward, backward) operations in products; the gradient at the result is all ones."""
    counted = [0, 0]

    class Products(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            counted[backward] += product_operations(func.overloadpacket.__name__, args)
            return func(*args, **(kwargs or {}))

    with Products():
        backward = False
        out = run()
        backward = True
        out.backward(torch.ones_like(out))
    return counted[0], counted[1]


if __name__ == "__main__":
    # --8<-- [start:networks]
    torch.manual_seed(0)
    torch.set_num_threads(1)
    networks = {
        "CNN": (cnn, torch.randn(64, 1, 28, 28),
                weights((16, 1, 3, 3), (32, 16, 3, 3), (10, 32 * 49))),
        "RNN": (rnn, torch.randn(32, 32, 128), weights((128, 128), (128, 128))),
        "transformer": (block, torch.randn(4, 128, 128),
                        block_weights(128)),
    }
    entries = {
        name: booked(lambda: net(x, params))
        for name, (net, x, params) in networks.items()
    }
    arithmetic = {name: shares(e, "operations") for name, e in entries.items()}
    for name, e in entries.items():
        total = sum(entry.operations for entry in e)
        print(f"{name:11} {total:11,} operations, products"
              f" {arithmetic[name]['products']:.1%}")
    # --8<-- [end:networks]

    # --8<-- [start:time]
    clock = {}
    for name, (net, x, params) in networks.items():
        rounds = [e for _ in range(9) for e in booked(lambda: net(x, params))]
        clock[name] = shares(rounds, "seconds")
        print(f"{name:11}", *(f"  {k} {t:.0%}" for k, t in clock[name].items()))
    # --8<-- [end:time]

    # --8<-- [start:picture]
    fig, ax = plt.subplots(figsize=(7.2, 3))
    places = []
    for row, name in enumerate(networks):
        for shift, share in ((0.2, arithmetic[name]), (-0.2, clock[name])):
            left, y = 0.0, shift - 1.2 * row
            for kind, color in zip(share, (C, SOFT, LINE), strict=True):
                ax.barh(y, share[kind], left=left, height=0.34, color=color)
                left += share[kind]
            ax.text(1.01, y, "arithmetic" if shift > 0 else "time", va="center", color=INK)
        places.append(-1.2 * row)
    for x_place, kind, color in ((0.01, "products", C), (0.36, "single numbers", SOFT),
                                 (0.76, "moving", INK)):
        ax.text(x_place, 0.55, kind, color=color)
    ax.set_yticks(places, list(networks))
    ax.set(xlim=(0, 1.2), ylim=(-2.9, 0.8))
    ax.set_xticks([0, 0.5, 1], ["0%", "50%", "100%"])
    ax.tick_params(length=0)
    plt.show()
    # --8<-- [end:picture]

    # --8<-- [start:names]
    net, x, params = networks["CNN"]
    by_name: dict[str, list[float]] = {}
    for e in booked(lambda: net(x, params)):
        total = by_name.setdefault(e.name, [0, 0.0])
        total[0] += e.operations
        total[1] += e.seconds
    for name, (operations, seconds) in by_name.items():
        if operations:
            print(f"{name:23} {operations:11,} operations"
                  f"  {seconds / operations * 1e9:6.2f} ns each")
    nanoseconds = {name: 1e9 * s / n for name, (n, s) in by_name.items() if n}
    # --8<-- [end:names]

    # --8<-- [start:layer]
    layer_share = {}
    for n in (8, 64, 512):
        w, x = torch.randn(n, n), torch.randn(n, 1)
        layer = booked(lambda: torch.relu(w @ x))
        layer_share[n] = shares(layer, "operations")["products"]
        print(f"width {n:3}", *(f"  {e.name} {e.operations:7,}" for e in layer),
              f"  products {layer_share[n]:.1%}")
    # --8<-- [end:layer]

    # --8<-- [start:layer_picture]
    fig, ax = plt.subplots(figsize=(7.2, 2.6))
    n = 8
    columns = {0: (n, A), 9: (1, B), 12: (1, C), 15: (1, SOFT)}
    for left, (width, color) in columns.items():
        for i in range(n):
            for j in range(width):
                ax.add_patch(plt.Rectangle((left + j, i), 0.88, 0.88, color=color))
    for left, sign in ((11, "$=$"), (14, "$\\to$")):
        ax.text(left, n / 2, sign, ha="center", va="center", color=INK, size=15)
    for left, symbol in ((4, "$W$"), (9.5, "$x$"), (12.5, "$Wx$"), (15.5, "$\\phi(Wx)$")):
        ax.text(left, -1.4, symbol, ha="center", color=INK, size=15)
    ax.text(17, 6, "64 products", color=A, size=14)
    ax.text(17, 2, "8 activations", color=SOFT, size=14)
    ax.set(xlim=(0, 22.5), ylim=(-1.9, 8.2), aspect="equal")
    ax.axis("off")
    plt.show()
    # --8<-- [end:layer_picture]

    # --8<-- [start:reuse]
    moved = {}
    for name, e in entries.items():
        kinds = ("products", "single numbers")
        moved[name] = [intensity(e, kind) for kind in kinds]
        print(f"{name:11} operations for each number read or written:"
              f" products {moved[name][0]:.0f}, others {moved[name][1]:.1f}")
    # --8<-- [end:reuse]

    # --8<-- [start:one_by_one]
    w, many = torch.randn(1024, 1024), torch.randn(64, 1024)
    works = {
        "together": lambda: many @ w,
        "one by one": lambda: [row @ w for row in many.split(1)],
    }
    counted, used = {}, {}
    for name, work in works.items():
        run = booked(work)
        counted[name] = sum(e.operations for e in run)
        used[name] = intensity(run, "products")
    seconds = cpu_medians(works, rounds=9)
    slower = seconds["one by one"] / seconds["together"]
    for name in works:
        print(f"{name:10} {counted[name]:,} operations"
              f"  {used[name]:5.1f} for each number moved")
    print(f"CPU time, one by one over together: {slower:.1f}")
    # --8<-- [end:one_by_one]

    # --8<-- [start:growth]
    def cost(texts: int, tokens: int, width: int) -> int:
        """Operations in a block's products, counted without computing."""
        x = torch.empty(texts, tokens, width, device="meta")
        params = block_weights(width, device="meta")
        run = booked(lambda: block(x, params))
        return sum(e.operations for e in run if e.kind == "products")

    base = cost(4, 128, 128)
    growth = {
        "texts": cost(8, 128, 128) / base,
        "tokens": cost(4, 256, 128) / base,
        "width": cost(4, 128, 256) / base,
    }
    for name, g in growth.items():
        print(f"twice the {name:6} {g:.2f}")
    # --8<-- [end:growth]

    # --8<-- [start:training]
    backward_ratio = {}
    for name, (net, x, params) in networks.items():
        learned = [p.clone().requires_grad_() for p in params]
        forward, backward = training_products(lambda: net(x, learned))
        backward_ratio[name] = backward / forward
        print(f"{name:11} forward {forward:11,}  backward {backward:11,}"
              f"  ratio {backward / forward:.2f}")
    # --8<-- [end:training]

    # --8<-- [start:ceiling]
    ceiling = {}
    for name, share in clock.items():
        ceiling[name] = 1 / (1 - share["products"])
        print(f"{name:11} at most {ceiling[name]:.1f} times faster")
    # --8<-- [end:ceiling]
