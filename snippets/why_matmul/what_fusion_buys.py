"""What mixing by a matrix buys: superposition, gradients; and what it costs."""
from collections.abc import Callable

import numpy as np
import torch

from snippets.inner_outer.background import Ledger
from snippets.mechanics.attention_as_product import attention, causal_mask, scores, softmax
from snippets.mechanics.attention_as_product_solutions import blockwise_attention, decode
from snippets.mechanics.gradients import (
    gaussian, norms_walking_back, orthogonal, unit_vector,
)
from snippets.mechanics.strassen import count, strassen

Array = np.ndarray
Map = Callable[[Array], Array]


def relu(z: Array) -> Array:
    """max(z, 0), entry by entry."""
    return np.maximum(z, 0)


def parts_gap(f: Map, parts: Array) -> float:
    """How far f(sum of parts) is from the sum of f(part).

    parts: one vector a row. Relative to the larger of the two, so 0 means
    that the whole is the sum of its parts, and 2 is the most there can be.
    """
    whole, summed = f(parts.sum(axis=0)), sum(f(part) for part in parts)
    size = max(np.linalg.norm(whole), np.linalg.norm(summed))
    return float(np.linalg.norm(whole - summed) / size)


def operations(ledger: Ledger) -> int:
    """All operations that a ledger has booked."""
    return sum(entry.operations for entry in ledger.entries)


def product_flops(shape: tuple[int, int, int]) -> tuple[int, int]:
    """Operations of X @ W, and of the backward pass to X and to W.

    shape is (m, k, n): X is m by k, W is k by n. Nothing is computed.
    """
    m, k, n = shape
    x = torch.empty(m, k, device="meta", requires_grad=True)
    w = torch.empty(k, n, device="meta", requires_grad=True)
    error = torch.empty(m, n, device="meta")
    with Ledger() as forward:
        y = x @ w
    with Ledger() as backward:
        y.backward(error)
    return operations(forward), operations(backward)


def attend(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """softmax(q kᵀ / √d) v for q, k, v of shape (n, d)."""
    return torch.softmax(q @ k.T / q.shape[1] ** 0.5, dim=1) @ v


def attend_linear(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor
) -> torch.Tensor:
    """Attention without a softmax, keys first: no n by n matrix appears."""
    q, k = q.relu(), k.relu()
    return q @ (k.T @ v) / (q @ k.sum(dim=0, keepdim=True).T)


def attention_layer(x: torch.Tensor, *weights: torch.Tensor) -> torch.Tensor:
    """One head with its four projections; x (n, d), four weights (d, d)."""
    w_q, w_k, w_v, w_o = weights
    return attend(x @ w_q, x @ w_k, x @ w_v) @ w_o


def bill(f: Callable, *shapes: tuple[int, ...]) -> tuple[int, int]:
    """(operations, numbers read and written) of f on tensors of these shapes.

    Products and operations on single numbers both count; nothing is computed.
    """
    blanks = [torch.empty(shape, device="meta") for shape in shapes]
    with Ledger() as ledger:
        f(*blanks)
    return operations(ledger), sum(entry.numbers for entry in ledger.entries)


def exponent(cost: Callable[[int], tuple[int, int]], n: int) -> float:
    """log2 of what doubling n does to the first count: p if it is n ** p."""
    return float(np.log2(cost(2 * n)[0] / cost(n)[0]))


def after(*ready: Array) -> Array:
    """When a result is ready: one step after the last number it needs."""
    return 1 + np.maximum.reduce(np.broadcast_arrays(*ready))


def tree(ready: Array, axis: int) -> Array:
    """When a sum (or maximum) along axis is ready, taken pair by pair."""
    ready = np.moveaxis(np.asarray(ready), axis, 0)
    while len(ready) > 1:
        odd = ready[len(ready) // 2 * 2 :]
        pairs = after(ready[0 : len(ready) - len(odd) : 2], ready[1::2])
        ready = np.concatenate([pairs, odd])
    return ready[0]


def product_steps(a: Array, b: Array) -> Array:
    """When the entries of A @ B are ready, given when A's and B's are."""
    return tree(after(a[:, :, None], b[None]), axis=1)


def attention_steps(q: Array, k: Array, v: Array) -> Array:
    """When softmax(q kᵀ / √d) v is ready, given when q, k, v are."""
    score = after(product_steps(q, k.T))  # the division by √d
    power = after(after(score, tree(score, 1)[:, None]))  # subtract, exp
    weight = after(power, tree(power, 1)[:, None])
    return product_steps(weight, v)


def recurrent_steps(n: int, d: int) -> int:
    """Steps of h = tanh(U h + W x_t) over n inputs, all there at the start."""
    state = np.zeros((d, 1), dtype=int)
    weight, token = np.zeros((d, d), dtype=int), np.zeros((d, 1), dtype=int)
    for _ in range(n):
        from_state = product_steps(weight, state)
        from_token = product_steps(weight, token)
        state = after(after(from_state, from_token))  # add, tanh
    return int(state.max())


def decoding_steps(n: int, d: int) -> int:
    """Steps to write n vectors when each is the attention of the last one.

    Keys and values stay in the cache; the newest vector is query, key and
    value at once.
    """
    cache = np.zeros((1, d), dtype=int)
    for _ in range(n):
        new = attention_steps(cache[-1:], cache, cache)
        cache = np.concatenate([cache, new])
    return int(cache.max())


def reach(f: Map, x: Array) -> Array:
    """How many entries of x each output of f depends on: move one, look."""
    before = f(x)
    moved = [f(x + step) != before for step in np.eye(len(x))]
    return np.sum(moved, axis=0)


def recall_task(
    rng: np.random.Generator, tasks: int, pairs: int, d: int, width: int
) -> tuple[Array, Array, Array, Array]:
    """Fresh keys and values for every task, and a query equal to one key.

    Returns keys (tasks, pairs, d) of length 1, values (tasks, pairs, width)
    with entries of variance 1, queries (tasks, 1, d), wanted (tasks, width).
    """
    keys = rng.standard_normal((tasks, pairs, d))
    keys /= np.linalg.norm(keys, axis=2, keepdims=True)
    values = rng.standard_normal((tasks, pairs, width))
    asked = rng.integers(pairs, size=tasks)
    every = np.arange(tasks)
    return keys, values, keys[every, asked][:, None], values[every, asked]


def explained(guess: Array, truth: Array) -> float:
    """R²: the share of the variance of truth that guess accounts for."""
    left = np.sum((guess - truth) ** 2)
    return float(1 - left / np.sum((truth - truth.mean(axis=0)) ** 2))


def flat(keys: Array, values: Array, queries: Array) -> Array:
    """Each task as one row of numbers: all keys, all values, the query."""
    rows = [part.reshape(len(keys), -1) for part in (keys, values, queries)]
    return np.concatenate(rows, axis=1)


def other_weights(weights: Array, values: Array, token: int) -> Array:
    """Weights with less on one token but the same weights @ values.

    weights (n,) are positive and sum to 1, and so are the new ones. There is
    room to move if values (n, d) have n > d + 1; ValueError if not.
    """
    n, d = values.shape
    if n <= d + 1:
        raise ValueError("as many conditions as weights: no room to move")
    conditions = np.column_stack([values, np.ones(n)]).T
    silent = np.linalg.svd(conditions)[2][d + 1 :]  # change no output
    move = -silent[:, token] @ silent  # the one that lowers it most
    falling = move < 0
    furthest = np.min(weights[falling] / -move[falling])  # one is zero
    return weights + 0.99 * furthest * move


if __name__ == "__main__":
    import matplotlib.pyplot as plt

    from snippets.palette import ACCENT, INK, LINE, SOFT

    # --8<-- [start:parts]
    rng = np.random.default_rng(0)
    n = 64
    w, d = rng.standard_normal((n, n)) / 8, rng.standard_normal(n)
    maps = {
        "d * x": lambda x: d * x,
        "W @ x": lambda x: w @ x,
        "relu(d * x)": lambda x: relu(d * x),
        "relu(W @ x)": lambda x: relu(w @ x),
    }
    x, y = rng.standard_normal((2, n))
    print("map           two vectors   one number each")
    vectors, numbers = {}, {}
    for name, f in maps.items():
        vectors[name] = parts_gap(f, np.stack([x, y]))
        numbers[name] = parts_gap(f, np.diag(x))
        print(f"{name:<12} {vectors[name]:12.2f} {numbers[name]:17.2f}")
    # --8<-- [end:parts]
    gap_relu_matrix = vectors["relu(W @ x)"]
    gap_relu_scale = vectors["relu(d * x)"]
    gap_numbers = numbers["relu(W @ x)"]
    linear_gap = max(vectors["d * x"], vectors["W @ x"], *(
        numbers[name] for name in ("d * x", "W @ x", "relu(d * x)")))

    # --8<-- [start:more]
    pairs = rng.standard_normal((1000, 2, n))
    more = {}
    maps["x * (W @ x)"] = lambda x: x * (w @ x)
    for name, f in maps.items():
        gain = np.array([f(x + y) - f(x) - f(y) for x, y in pairs])
        more[name] = (gain > 1e-9).mean(), (gain < -1e-9).mean()
        above, below = more[name]
        print(f"{name:<12} more: {above:4.0%}   less: {below:4.0%}")
    # --8<-- [end:more]
    more_relu, less_relu = more["relu(W @ x)"]
    more_gate, less_gate = more["x * (W @ x)"]

    # --8<-- [start:more_picture]
    fig, axes = plt.subplots(1, 2, figsize=(6.4, 3.1), sharey=True)
    whole, parts = w @ (x + y), w @ x + w @ y
    bent, bent_parts = relu(whole), relu(w @ x) + relu(w @ y)
    for ax, across, up in ((axes[0], parts, whole), (axes[1], bent_parts, bent)):
        ax.plot([-4, 5], [-4, 5], color=LINE, lw=1.2)
        ax.plot(across, up, "o", color=INK, markersize=3)
        ax.set(xlim=(-4, 5), ylim=(-4, 5), xticks=[0], yticks=[0], aspect="equal")
        ax.set_xlabel("sum of the parts")
    axes[0].text(-3.7, 4.2, "without ReLU")
    axes[1].text(-3.7, 4.2, "with ReLU")
    axes[0].set_title("the whole", loc="left", size="medium")
    plt.show()
    # --8<-- [end:more_picture]

    # --8<-- [start:pieces]
    u, s, vt = np.linalg.svd(w)
    layered = sum(s[i] * u[:, i] * (vt[i] @ x) for i in range(n))
    by_column = sum(w[:, j] * x[j] for j in range(n))
    print("64 layers of rank 1:", np.allclose(layered, w @ x))
    print("64 columns:", np.allclose(by_column, w @ x))
    # --8<-- [end:pieces]

    # --8<-- [start:backward]
    torch.manual_seed(0)
    x = torch.randn(32, 64, dtype=torch.float64, requires_grad=True)
    w = torch.randn(64, 48, dtype=torch.float64, requires_grad=True)
    error = torch.randn(32, 48, dtype=torch.float64)
    (x @ w).backward(error)
    print("gradient of x is error @ w.T:", torch.allclose(x.grad, error @ w.T))
    print("gradient of w is x.T @ error:", torch.allclose(w.grad, x.T @ error))

    print("    m     k     n     forward    backward")
    ratios = []
    for shape in ((32, 64, 48), (1, 512, 512), (1000, 10, 3)):
        forward, backward = product_flops(shape)
        ratios.append(backward / forward)
        sides = " ".join(f"{side:5}" for side in shape)
        print(f"{sides} {forward:11,} {backward:11,}")
    # --8<-- [end:backward]
    least_ratio, most_ratio = min(ratios), max(ratios)

    # --8<-- [start:fifty]
    rng = np.random.default_rng(0)
    n, depth = 64, 50
    starts = {
        "Gaussian, gain 0.7": (gaussian(rng, depth, n, 0.7), "linear"),
        "Gaussian, gain 1": (gaussian(rng, depth, n), "linear"),
        "Gaussian, gain 1.4": (gaussian(rng, depth, n, 1.4), "linear"),
        "orthogonal": (orthogonal(rng, depth, n), "linear"),
        "near identity": (np.eye(n) + gaussian(rng, depth, n, 0.05), "linear"),
        "ReLU, gain 1": (gaussian(rng, depth, n), "relu"),
        "ReLU, gain 1.41": (gaussian(rng, depth, n, 2**0.5), "relu"),
    }
    left = {}
    for name, (weights, activation) in starts.items():
        walks = [
            norms_walking_back(
                weights, unit_vector(rng, n), unit_vector(rng, n), activation
            )[-1]
            for _ in range(25)
        ]
        left[name] = float(np.median(walks))
        print(f"{name:<19} {left[name]:9.1g}")
    # --8<-- [end:fifty]
    vanished, exploded = left["Gaussian, gain 0.7"], left["Gaussian, gain 1.4"]
    relu_one = left["ReLU, gain 1"]
    orders = np.log10(exploded / relu_one)

    # --8<-- [start:exponents]
    costs = {
        "d * x": lambda n: bill(torch.mul, (n,), (n,)),
        "W @ x": lambda n: bill(torch.matmul, (n, n), (n, 1)),
        "A @ B": lambda n: bill(torch.matmul, (n, n), (n, n)),
        "attention, n tokens": lambda n: bill(attend, *[(n, 64)] * 3),
        "attention, n by n": lambda n: bill(attend, *[(n, n)] * 3),
        "linear attention": lambda n: bill(attend_linear, *[(n, 64)] * 3),
    }
    costs["Strassen, products"] = lambda n: count(strassen, n, 1)
    exponents = {}
    for name, cost in costs.items():
        start = 8 if name.startswith("Strassen") else 512  # 8: made, not billed
        exponents[name] = exponent(cost, start)
        print(f"{name:<20} {exponents[name]:5.3f}")
    # --8<-- [end:exponents]
    matvec_exponent, matmul_exponent = exponents["W @ x"], exponents["A @ B"]

    # --8<-- [start:bend]
    lengths = 2 ** np.arange(4, 17)

    def layer(n):
        return bill(attention_layer, (n, 64), *[(64, 64)] * 4)

    climb = [exponent(layer, n) for n in lengths.tolist()]
    for i in (0, 3, 6, 12):
        print(f"n {lengths[i]:6}   exponent {climb[i]:.2f}")
    # --8<-- [end:bend]
    first_climb, middle_climb, last_climb = climb[0], climb[3], climb[12]
    half_length = int(lengths[3])

    # --8<-- [start:bend_picture]
    fig, ax = plt.subplots(figsize=(6.2, 2.8))
    ax.semilogx(lengths, climb, "o-", color=INK, markersize=3.5)
    for level in (1, 2):
        ax.axhline(level, color=LINE, lw=1)
    ax.axvline(128, color=SOFT, lw=1, ls=":")
    ax.text(140, 1.05, "twice the width", color=SOFT)
    ax.set_title("exponent", loc="left", size="medium")
    ax.set(xlabel="tokens", ylim=(0.93, 2.05), yticks=[1, 1.5, 2])
    ax.set_xticks([16, 128, 1024, 8192, 65536], ["16", "128", "1024", "8192", "65536"])
    ax.minorticks_off()
    plt.show()
    # --8<-- [end:bend_picture]

    # --8<-- [start:held]
    rng = np.random.default_rng(0)
    q, k, v = rng.standard_normal((3, 1024, 64))
    plain = attention(q, k, v)
    blocks = (16, 64, 256)
    for block in blocks:
        gap = np.abs(blockwise_attention(q, k, v, block) - plain).max()
        share = f"1/{len(k) // block}"
        print(f"scores held {share:>5}   same to 1e-12: {gap < 1e-12}")
    # --8<-- [end:held]
    largest_gap = float(gap)

    # --8<-- [start:reuse]
    kinds = {
        "d * x": (torch.mul, (512 * 512,), (512 * 512,)),
        "W @ x": (torch.matmul, (512, 512), (512, 1)),
        "A @ B": (torch.matmul, (512, 512), (512, 512)),
    }
    per_number = {}
    for name, (f, *shapes) in kinds.items():
        done, moved = bill(f, *shapes)
        per_number[name] = done / moved
        print(f"{name} {done:13,} operations,", end=" ")
        print(f"{per_number[name]:6.2f} per number")
    # --8<-- [end:reuse]
    scale_per_number, product_per_number = per_number["d * x"], per_number["A @ B"]

    # --8<-- [start:steps]
    d = 16
    now = np.zeros((d, d), dtype=int)  # everything is ready at time 0
    print("tokens   product   attention   recurrent   decoding")
    table = {}
    for n in (8, 32, 128):
        tokens = np.zeros((n, d), dtype=int)
        table[n] = {
            "product": int(product_steps(tokens, now).max()),
            "attention": int(attention_steps(tokens, tokens, tokens).max()),
            "recurrent": recurrent_steps(n, d),
            "decoding": decoding_steps(n, d),
        }
        row = "   ".join(f"{v:9}" for v in table[n].values())
        print(f"{n:6} {row}")
    # --8<-- [end:steps]
    scale_steps = int(after(now).max())
    product_128, attention_128 = table[128]["product"], table[128]["attention"]
    recurrent_128, decoding_128 = table[128]["recurrent"], table[128]["decoding"]
    attention_growth = attention_128 - table[8]["attention"]

    # --8<-- [start:steps_picture]
    fig, ax = plt.subplots(figsize=(6.2, 3.0))
    sizes = list(table)
    for name, style in (("product", ":"), ("attention", "-"), ("recurrent", "--"),
                        ("decoding", "-.")):
        curve = [table[size][name] for size in sizes]
        ax.loglog(sizes, curve, style, color=INK if name != "product" else SOFT, lw=1.8)
        ax.text(135, curve[-1], name, va="center")
    ax.set_title("dependent steps", loc="left", size="medium")
    ax.set(xlabel="tokens", xlim=(7.5, 400), yticks=[10, 100, 1000])
    ax.set_xticks([8, 32, 128], ["8", "32", "128"])
    ax.minorticks_off()
    plt.show()
    # --8<-- [end:steps_picture]

    # --8<-- [start:cache]
    q, k, v = rng.standard_normal((3, 48, 16))
    one_pass = attention(q, k, v, causal_mask(48))
    one_by_one, _ = decode(q, k, v)
    print("same outputs:", np.abs(one_pass - one_by_one).max() < 1e-12)
    # --8<-- [end:cache]

    # --8<-- [start:local]
    n = 12
    w, x = rng.standard_normal((n, n)), rng.standard_normal(n)
    band = np.triu(np.tril(w, 1), -1)  # a convolution has this shape
    lower = np.tril(w)  # a causal mask has this one
    for name, f in {
        "d * x": lambda x: w[0] * x,
        "band @ x": lambda x: band @ x,
        "lower @ x": lambda x: lower @ x,
        "W @ x": lambda x: w @ x,
    }.items():
        inputs = reach(f, x)
        print(f"{name:<9} ", *(f"{i:2}" for i in inputs))
    # --8<-- [end:local]
    band_reach = int(reach(lambda x: band @ x, x)[5])

    # --8<-- [start:moves]
    rng = np.random.default_rng(0)
    w_q, w_k = rng.standard_normal((2, 64, 64)) / 8
    one, other = rng.standard_normal((2, 96, 64))  # two inputs, same W_Q, W_K
    first, second = (softmax(scores(x @ w_q, x @ w_k)) for x in (one, other))
    moved = np.abs(first - second).sum(axis=1).mean() / 2
    print(f"share of the weight that sits elsewhere: {moved:.2f}")
    # --8<-- [end:moves]

    # --8<-- [start:recall]
    pairs, d, width = 8, 16, 4
    train = recall_task(rng, 10_000, pairs, d, width)
    test = recall_task(rng, 2000, pairs, d, width)

    def ask(keys, values, queries):
        """Attention with a sharp softmax: scores 40 q·k."""
        return attention(40 * d**0.5 * queries, keys, values)[:, 0]

    asked = flat(*train[:3])
    fixed = np.linalg.solve(asked.T @ asked, asked.T @ train[3])
    recall = explained(ask(*test[:3]), test[3])
    fixed_recall = explained(flat(*test[:3]) @ fixed, test[3])
    print(f"attention, nothing trained: {recall:.2f}")
    print(f"best fixed matrix: {fixed_recall:.2f}, in theory {1 / pairs:.3f}")
    # --8<-- [end:recall]
    recall_theory = 1 / pairs

    # --8<-- [start:jacobians]
    w1, w2 = rng.standard_normal((16, 8)), rng.standard_normal((1, 16))
    inputs = rng.standard_normal((1000, 8))
    contributions = w2 @ w1 * inputs  # weight times input, one row a sample
    print("linear: contributions sum to the output:",
          np.allclose(contributions.sum(axis=1), (inputs @ w1.T @ w2.T)[:, 0]))
    on = inputs @ w1.T > 0  # which ReLUs are on
    formulas = len(np.unique(on, axis=0))
    print(f"with ReLU: {formulas} different sets of weights on 1000 inputs")
    # --8<-- [end:jacobians]

    # --8<-- [start:twins]
    rng = np.random.default_rng(0)
    q, k, v = rng.standard_normal((3, 64, 8))
    weights = softmax(scores(q, k))[0]
    favourite = int(weights.argmax())
    twin = other_weights(weights, v, favourite)
    distance = np.abs(weights - twin).sum() / 2
    print(f"positive: {twin.min() > 0}, sum {twin.sum():.0f}")
    print("same output:", np.abs((weights - twin) @ v).max() < 1e-12)
    print(f"weight that moved elsewhere: {distance:.2f}")
    twin_favourite = int(twin.argmax())
    print(f"largest weight: token {favourite} before, {twin_favourite} after")
    # --8<-- [end:twins]
    before_weight, after_weight = float(weights[favourite]), float(twin[favourite])

    # --8<-- [start:twins_picture]
    fig, ax = plt.subplots(figsize=(6.4, 2.8))
    order = np.argsort(-weights)
    ax.vlines(np.arange(64), twin[order], weights[order], color=LINE, lw=1)
    ax.plot(weights[order], "o", color=INK, markersize=3)
    ax.plot(twin[order], "o", color=ACCENT, markersize=3)
    ax.text(1, weights[order[0]], "before", va="center")
    ax.text(1, twin[order[0]], "after", va="center", color=ACCENT)
    ax.set_title("weight", loc="left", size="medium")
    ax.set(xlabel="tokens, largest weight first", xticks=[], yticks=[0, 0.02, 0.04])
    plt.show()
    # --8<-- [end:twins_picture]
