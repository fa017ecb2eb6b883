"""Solutions to the exercises of 'Attention, built from products'."""

from __future__ import annotations

import numpy as np

from snippets.mechanics.attention_as_product import (
    attention,
    causal_mask,
    linear_attention,
    positive,
    scores,
    softmax,
)


def blockwise_attention(
    q: np.ndarray, k: np.ndarray, v: np.ndarray, block: int
) -> np.ndarray:
    """Attention that sees `block` keys at a time and never holds all scores.

    Running maximum and sum as in Milakov and Gimelshein, "Online normalizer
    calculation for softmax", 2018.
    """
    top = np.full((len(q), 1), -np.inf)
    total, mixed = np.zeros((len(q), 1)), np.zeros((len(q), v.shape[1]))
    for start in range(0, len(k), block):
        s = scores(q, k[start : start + block])
        new_top = np.maximum(top, s.max(axis=1, keepdims=True))
        fade, powers = np.exp(top - new_top), np.exp(s - new_top)
        total = fade * total + powers.sum(axis=1, keepdims=True)
        mixed = fade * mixed + powers @ v[start : start + block]
        top = new_top
    return mixed / total


def decode(
    q: np.ndarray, k: np.ndarray, v: np.ndarray
) -> tuple[np.ndarray, int]:
    """Answer the queries one by one, each from the keys up to its own.

    Earlier k and v are kept (a KV cache). Returns the outputs and the number of
    multiplications in the products.
    """
    outputs, count = [], 0
    for i, query in enumerate(q):
        seen = i + 1
        outputs.append(attention(query[None], k[:seen], v[:seen])[0])
        count += seen * (k.shape[1] + v.shape[1])
    return np.stack(outputs), count


def recurrent_attention(
    q: np.ndarray, k: np.ndarray, v: np.ndarray
) -> np.ndarray:
    """Causal linear attention, one token at a time, with a fixed state.

    Katharopoulos et al., "Transformers are RNNs", 2020, section 3.4.
    """
    state, total = np.zeros((k.shape[1], v.shape[1])), np.zeros(k.shape[1])
    outputs = np.empty_like(v)
    queries, keys = positive(q), positive(k)
    for i in range(len(v)):
        state += np.outer(keys[i], v[i])
        total += keys[i]
        outputs[i] = queries[i] @ state / (queries[i] @ total)
    return outputs


def winners(q: np.ndarray, k: np.ndarray) -> set[int]:
    """Return the keys that have the largest score for at least one query."""
    return set(scores(q, k).argmax(axis=1).tolist())


if __name__ == "__main__":
    # --8<-- [start:key_bias]
    rng = np.random.default_rng(0)
    q, k, v = rng.standard_normal((3, 12, 8))
    bias = rng.standard_normal(8)
    plain = attention(q, k, v)
    print(
        "same bias on every key:  ",
        np.abs(attention(q, k + bias, v) - plain).max() < 1e-14,
    )
    print(
        "same bias on every query:",
        np.abs(attention(q + bias, k, v) - plain).max() < 1e-14,
    )
    # --8<-- [end:key_bias]

    # --8<-- [start:blocks]
    q, k, v = rng.standard_normal((3, 1000, 16))
    whole = attention(q, k, v)
    for block in (1, 64, 1000):
        gap = np.abs(blockwise_attention(q, k, v, block) - whole).max()
        print(
            f"block {block:4}   scores held {len(q) * block:9,}   "
            f"gap below 1e-13: {gap < 1e-13}"
        )
    # --8<-- [end:blocks]

    # --8<-- [start:cache]
    n, d = 256, 16
    q, k, v = rng.standard_normal((3, n, d))
    one_by_one, with_cache = decode(q, k, v)
    without_cache = sum(m * m * 2 * d for m in range(1, n + 1))
    print(
        "equals the causal pass:",
        np.allclose(one_by_one, attention(q, k, v, causal_mask(n))),
    )
    print(
        f"multiplications: cached {with_cache:,}   anew {without_cache:,}"
    )
    # --8<-- [end:cache]
    cache_saving = without_cache / with_cache

    # --8<-- [start:recurrent]
    outputs = recurrent_attention(q, k, v)
    prefixes = [
        linear_attention(q[: i + 1], k[: i + 1], v[: i + 1], True)[-1]
        for i in range(n)
    ]
    print(
        "equals linear attention of each prefix:",
        np.allclose(outputs, prefixes),
    )
    print(
        "numbers kept: state", d * d + d, "  KV cache of all tokens", 2 * n * d
    )
    # --8<-- [end:recurrent]

    # --8<-- [start:winners_run]
    queries, keys = rng.standard_normal((2000, 2)), rng.standard_normal((64, 2))
    won = {
        "d = 1": len(winners(queries[:, :1], keys[:, :1])),
        "d = 2, Gaussian keys": len(winners(queries, keys)),
        "d = 2, keys on a circle": len(
            winners(queries, keys / np.linalg.norm(keys, axis=1, keepdims=True))
        ),
    }
    for name, count in won.items():
        print(f"{name:24} keys that can win: {count:2} of 64")
    # --8<-- [end:winners_run]
    won_line, won_plane, won_circle = won.values()

    # --8<-- [start:hard]
    q, k, v = rng.standard_normal((3, 5, 4))
    best = v[scores(q, k).argmax(axis=1)]
    for sharpness in (0, 1, 10, 1000):
        out = softmax(sharpness * scores(q, k)) @ v
        to_mean, to_best = (
            np.abs(out - v.mean(axis=0)).max(),
            np.abs(out - best).max(),
        )
        print(
            f"scores times {sharpness:4}   distance to the mean {to_mean:.2f}   "
            f"to the best key's value {to_best:.2f}"
        )
    # --8<-- [end:hard]
