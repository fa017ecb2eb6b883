"""Attention is two products and a softmax; four more products make a layer."""

from __future__ import annotations

import numpy as np

from snippets.labs.timing import cpu_medians

MACHINE_BOUND = True  # one region prints a ratio of CPU times


def softmax(scores: np.ndarray) -> np.ndarray:
    """Turn each row (last axis) into positive weights that sum to 1.

    Subtracting the row's maximum changes nothing but keeps exp from
    overflowing; a score of -inf gets weight 0.
    """
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def scores(q: np.ndarray, k: np.ndarray) -> np.ndarray:
    """Compare every query with every key; divide by sqrt(d).

    Shapes (…, n, d) and (…, m, d) give (…, n, m).
    Vaswani et al., "Attention is all you need", 2017, equation 1.
    """
    return q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])


def attention(
    q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: np.ndarray | float = 0.0
) -> np.ndarray:
    """Return softmax(scores + mask) @ v, shape (…, n, width of v)."""
    return softmax(scores(q, k) + mask) @ v


def causal_mask(n: int) -> np.ndarray:
    """Return the (n, n) matrix with -inf where key comes after query, else 0."""
    return np.triu(np.full((n, n), -np.inf), k=1)


def split_heads(x: np.ndarray, heads: int) -> np.ndarray:
    """View (…, n, heads * d) as (…, heads, n, d)."""
    *lead, n, width = x.shape
    return x.reshape(*lead, n, heads, width // heads).swapaxes(-2, -3)


def merge_heads(x: np.ndarray) -> np.ndarray:
    """Undo `split_heads`: (…, heads, n, d) becomes (…, n, heads * d)."""
    *lead, heads, n, d = x.shape
    return x.swapaxes(-2, -3).reshape(*lead, n, heads * d)


def multi_head(
    x: np.ndarray,
    weights: list[np.ndarray],
    heads: int,
    mask: np.ndarray | float = 0.0,
) -> np.ndarray:
    """Self-attention of tokens x (n, width); the weights are W_Q, W_K, W_V, W_O.

    Tokens are rows, so a weight (width, width) stands on the right: x @ W.
    """
    w_q, w_k, w_v, w_o = weights
    q, k, v = (split_heads(x @ w, heads) for w in (w_q, w_k, w_v))
    return merge_heads(attention(q, k, v, mask)) @ w_o


def positive(x: np.ndarray) -> np.ndarray:
    """Return elu(x) + 1: positive features for attention without a softmax.

    Katharopoulos et al., "Transformers are RNNs", 2020, equation 7.
    """
    return np.where(x > 0, x + 1, np.exp(np.minimum(x, 0)))


def linear_attention(
    q: np.ndarray, k: np.ndarray, v: np.ndarray, keys_first: bool
) -> np.ndarray:
    """Means of v weighted by positive(q) @ positive(k).T, rows scaled to sum 1.

    `keys_first` only moves the parentheses: q (kᵀ v) instead of (q kᵀ) v.
    """
    q, k = positive(q), positive(k)
    total = q @ k.sum(axis=0)
    product = q @ (k.T @ v) if keys_first else (q @ k.T) @ v
    return product / total[:, None]


def multiplications(n: int, d: int) -> tuple[int, int]:
    """Count multiplications of (q kᵀ) v and of q (kᵀ v); shapes (n, d)."""
    return 2 * n * n * d, 2 * n * d * d


if __name__ == "__main__":
    # --8<-- [start:small]
    q = np.array([[3.0, 0.0], [0.0, 3.0], [1.0, 1.0]])
    k = np.array([[2.0, 0.0], [0.0, 2.0], [1.0, 1.0], [-2.0, 0.0]])
    v = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [-1.0, 0.0]])

    s = scores(q, k)
    a = softmax(s)
    o = a @ v
    for name, matrix in [("S", s), ("A", a), ("O", o)]:
        print(name, matrix.shape)
        print(matrix.round(2))
    # --8<-- [end:small]
    raw_score = float(q[0] @ k[0])
    first_weight, first_output = float(a[0, 0]), float(o[0, 0])

    # --8<-- [start:shapes]
    import matplotlib.pyplot as plt

    from snippets.palette import INK, PAPER, A, B, C

    n, d = 2.4, 0.9
    top, bottom = 4.2, 0.3
    boxes = [
        ("$Q$", 0.0, top, d, n, A),
        ("$K^{\\top}$", 1.5, top + n - d, n, d, B),
        ("$S$", 5.0, top, n, n, C),
        ("$A$", 0.0, bottom, n, n, A),
        ("$V$", 3.0, bottom, d, n, B),
        ("$O$", 5.0, bottom, d, n, C),
    ]
    figure, axes = plt.subplots(figsize=(5.0, 4.2))
    for label, x, y, width, height, colour in boxes:
        axes.add_patch(plt.Rectangle((x, y), width, height, color=colour))
        axes.text(
            x + width / 2,
            y + height / 2,
            label,
            color=PAPER,
            ha="center",
            va="center",
        )
        across, down = (
            "$d$" if side == d else "$n$" for side in (width, height)
        )
        axes.text(x - 0.08, y + height / 2, down, ha="right", va="center")
        axes.text(x + width / 2, y + height + 0.08, across, ha="center")
    for y in (top + n / 2, bottom + n / 2):
        axes.text(4.45, y, "=", ha="center", va="center")
    axes.annotate(
        "",
        (1.2, bottom + n + 0.5),
        (6.2, top - 0.1),
        arrowprops={
            "arrowstyle": "->",
            "color": INK,
            "connectionstyle": "angle3,angleA=-90,angleB=0",
        },
    )
    axes.text(
        3.5, bottom + n + 0.75, "scale and softmax", ha="center", va="bottom"
    )
    axes.set(xlim=(-0.5, 7.6), ylim=(0, 7.1), aspect="equal")
    axes.axis("off")
    plt.show()
    # --8<-- [end:shapes]

    # --8<-- [start:scale]
    rng = np.random.default_rng(0)
    widths = (4, 16, 64, 256, 1024)
    variance, sharp, soft = {}, {}, {}
    for d in widths:
        q, k = rng.standard_normal((400, d)), rng.standard_normal((32, d))
        variance[d] = (q @ k.T).var()
        sharp[d] = softmax(q @ k.T).max(axis=1).mean()
        soft[d] = softmax(scores(q, k)).max(axis=1).mean()
        print(
            f"d = {d:4}   variance of q.k {variance[d]:6.0f}   "
            f"largest of 32 weights: raw {sharp[d]:.2f}, scaled {soft[d]:.2f}"
        )
    # --8<-- [end:scale]

    # --8<-- [start:scale_picture]
    from snippets.palette import SOFT

    figure, axes = plt.subplots()
    axes.plot(widths, sharp.values(), color=INK, marker="o")
    axes.plot(widths, soft.values(), color=SOFT, marker="o", linestyle="--")
    axes.text(
        widths[-1],
        sharp[1024] - 0.04,
        "not scaled",
        color=INK,
        ha="right",
        va="top",
    )
    axes.text(
        widths[-1],
        soft[1024] + 0.03,
        "divided by the root",
        color=SOFT,
        ha="right",
    )
    axes.set_xscale("log", base=2)
    axes.set_xticks(widths, [str(d) for d in widths])
    axes.set(
        ylim=(0, 1), yticks=(0, 0.5, 1), xlabel="$d$", ylabel="largest weight"
    )
    plt.show()
    # --8<-- [end:scale_picture]

    # --8<-- [start:saturation]
    slope = {}
    for d in (4, 1024):
        q, k = rng.standard_normal((400, d)), rng.standard_normal((32, d))
        for name, s in [("raw", q @ k.T), ("scaled", scores(q, k))]:
            slope[name, d] = float(1 - (softmax(s) ** 2).sum(axis=1).mean())
            print(f"d = {d:4}   {name:6}   trace {slope[name, d]:.2f}")
    # --8<-- [end:saturation]
    slope = {f"{name}{d}": value for (name, d), value in slope.items()}

    # --8<-- [start:aligned]
    own_weight = {}
    for d in (4, 16, 64, 256):
        k = rng.standard_normal((32, d))
        own_weight[d] = softmax(scores(k, k)).diagonal().mean()
        print(f"d = {d:3}   query = key: weight on itself {own_weight[d]:.2f}")
    # --8<-- [end:aligned]

    # --8<-- [start:heads]
    n, width, heads = 6, 8, 2
    x = rng.standard_normal((n, width))
    weights = [
        rng.standard_normal((width, width)) / np.sqrt(width) for _ in range(4)
    ]
    w_q, w_k, w_v, w_o = weights

    q = split_heads(x @ w_q, heads)
    print("queries by head", q.shape, "bytes to the next head", q.strides[0])

    by_hand = np.zeros((n, width))
    for h in range(heads):
        part = slice(h * width // heads, (h + 1) * width // heads)
        own = attention(x @ w_q[:, part], x @ w_k[:, part], x @ w_v[:, part])
        by_hand += own @ w_o[part]
    heads_agree = np.allclose(multi_head(x, weights, heads), by_hand)
    print("reshape equals a loop over the heads:", heads_agree)
    # --8<-- [end:heads]

    # --8<-- [start:wrong_reshape]
    tokens = np.arange(6)[:, None] * 10 + np.arange(8)
    print(split_heads(tokens, 2)[0])
    print(tokens.reshape(2, 6, 4)[0])
    # --8<-- [end:wrong_reshape]
    second_row = [split_heads(tokens, 2)[0, 1], tokens.reshape(2, 6, 4)[0, 1]]

    # --8<-- [start:torch]
    import torch
    from torch.nn import MultiheadAttention
    from torch.nn.functional import scaled_dot_product_attention

    q, k, v = rng.standard_normal((3, 2, 10, 4))
    theirs = scaled_dot_product_attention(*map(torch.from_numpy, (q, k, v)))
    sdpa_gap = np.abs(attention(q, k, v) - theirs.numpy()).max()

    layer = MultiheadAttention(
        width, heads, bias=False, batch_first=True, dtype=torch.float64
    )
    with torch.no_grad():
        layer.in_proj_weight.copy_(
            torch.from_numpy(np.hstack([w_q, w_k, w_v]).T)
        )
        layer.out_proj.weight.copy_(torch.from_numpy(w_o.T))
        batch = torch.from_numpy(x)[None]
        theirs = layer(batch, batch, batch, need_weights=False)[0][0]
    layer_gap = np.abs(multi_head(x, weights, heads) - theirs.numpy()).max()
    print("function, gap below 1e-14:", sdpa_gap < 1e-14)
    print("layer, gap below 1e-14:   ", layer_gap < 1e-14)
    # --8<-- [end:torch]

    # --8<-- [start:order]
    order = rng.permutation(n)
    moved = np.allclose(
        multi_head(x[order], weights, heads),
        multi_head(x, weights, heads)[order],
    )
    mask = causal_mask(n)
    masked = np.allclose(
        multi_head(x[order], weights, heads, mask),
        multi_head(x, weights, heads, mask)[order],
    )
    print("order", order)
    print("outputs move with the tokens:", moved)
    print("the same with a causal mask: ", masked)
    # --8<-- [end:order]

    # --8<-- [start:rank]
    n = 64
    ranks = {}
    for d in (1, 2, 4, 16):
        q, k = rng.standard_normal((2, n, d))
        s = scores(q, k)
        ranks[d] = [
            int(np.linalg.matrix_rank(m, rtol=1e-8)) for m in (s, softmax(s))
        ]
        of_s, of_a = ranks[d]
        print(f"d = {d:2}   rank of S {of_s:2}   rank of A {of_a:2}")
    # --8<-- [end:rank]

    # --8<-- [start:causal]
    q, k, v = rng.standard_normal((3, 6, 4))
    a = softmax(scores(q, k) + causal_mask(6))
    print(a.round(2))

    prefixes = [
        attention(q[: i + 1], k[: i + 1], v[: i + 1])[-1] for i in range(6)
    ]
    one_pass = np.allclose(a @ v, prefixes)
    theirs = scaled_dot_product_attention(
        *map(torch.from_numpy, (q, k, v)), is_causal=True
    )
    print("one pass equals six prefixes:", one_pass)
    print("equals torch's is_causal:    ", np.allclose(a @ v, theirs))
    # --8<-- [end:causal]

    # --8<-- [start:leak]
    late = softmax(scores(q, k)) * np.tri(6)
    changed = k.copy()
    changed[-1] += 1
    early = softmax(scores(q, changed)) * np.tri(6)
    leak = np.abs((early - late) @ v)[:5].max()
    b = softmax(scores(q, changed) + causal_mask(6))
    safe = np.abs((b - a) @ v)[:5].max()
    print("row sums when masked after the softmax", late.sum(axis=1).round(2))
    print(
        f"earlier outputs moved by the last key: {leak:.2f}, "
        f"masked before {safe:.2f}"
    )
    # --8<-- [end:leak]
    first_row_sum = float(late[0].sum())

    # --8<-- [start:linear]
    n, d = 2048, 32
    q, k, v = rng.standard_normal((3, n, d))
    same = np.allclose(
        linear_attention(q, k, v, True), linear_attention(q, k, v, False)
    )
    left_count, right_count = multiplications(n, d)
    print("both bracketings agree:", same)
    print(f"multiplications: (q k')v {left_count:,}   q(k'v) {right_count:,}")
    # --8<-- [end:linear]
    saving = left_count // right_count

    # --8<-- [start:clock]
    works = {
        "(q k')v": lambda: linear_attention(q, k, v, keys_first=False),
        "q(k'v)": lambda: linear_attention(q, k, v, keys_first=True),
    }
    seconds = cpu_medians(works, rounds=5)
    sooner = seconds["(q k')v"] / seconds["q(k'v)"]
    print(f"CPU time, (q k')v over q(k'v): {sooner:.0f}")
    # --8<-- [end:clock]

    # --8<-- [start:not_softmax]
    few = 64
    exact = attention(q[:few], k[:few], v[:few])
    other = linear_attention(q[:few], k[:few], v[:few], keys_first=True)
    linear_gap = np.linalg.norm(exact - other) / np.linalg.norm(exact)
    print(f"distance from softmax attention, relative: {linear_gap:.2f}")
    # --8<-- [end:not_softmax]

    # --8<-- [start:linear_picture]
    lengths = 2 ** np.arange(3, 13)
    left, right = np.array([multiplications(int(m), 64) for m in lengths]).T
    figure, axes = plt.subplots()
    axes.loglog(lengths, left, color=INK, base=2)
    axes.loglog(lengths, right, color=SOFT, linestyle="--", base=2)
    axes.text(900, 2.0**29, "$(QK^{\\top})V$", color=INK, ha="right")
    axes.text(
        4096, 2.0**22.5, "$Q(K^{\\top}V)$", color=SOFT, ha="right", va="top"
    )
    axes.annotate(
        "$n=d$", (64, 2 * 64**3), (20, 2**24), arrowprops={"arrowstyle": "-"}
    )
    axes.set_xticks([8, 64, 512, 4096], ["8", "64", "512", "4096"])
    axes.set_yticks(
        [2.0**16, 2.0**24, 2.0**31], ["$2^{16}$", "$2^{24}$", "$2^{31}$"]
    )
    axes.set(xlabel="$n$", ylabel="multiplications")
    plt.show()
    # --8<-- [end:linear_picture]
