"""Solved exercises of the chapter on what mixing buys."""
from collections.abc import Callable

import numpy as np
import torch
from torch.utils.checkpoint import checkpoint
from torch.utils.flop_counter import FlopCounterMode

from snippets.mechanics.attention_as_product import scores, softmax
from snippets.why_matmul.what_fusion_buys import (
    explained, other_weights, recall_task, relu,
)

Array = np.ndarray


def from_probes(f: Callable[[Array], Array], n: int) -> Array:
    """The matrix with columns f(e_1) … f(e_n); it is f if f is linear."""
    return np.stack([f(e) for e in np.eye(n)], axis=1)


def attention_flops(n: int, d: int, recompute: bool) -> tuple[int, int]:
    """Products of attention's core, forward and backward, counted by PyTorch.

    With `recompute` the n by n weights are not kept for the way back: they are
    computed again from q and k.
    """
    q, k, v = (torch.ones(n, d, requires_grad=True) for _ in range(3))

    def weights(q: torch.Tensor, k: torch.Tensor) -> torch.Tensor:
        return torch.softmax(q @ k.T, dim=1)

    with FlopCounterMode(display=False) as forward:
        if recompute:
            a = checkpoint(weights, q, k, use_reentrant=False)
        else:
            a = weights(q, k)
        out = (a @ v).sum()
    with FlopCounterMode(display=False) as backward:
        out.backward()
    return forward.get_total_flops(), backward.get_total_flops()


def off_span(weights: Array, keys: Array) -> float:
    """Share of log(weights) that no query can produce with these keys.

    weights (n,), keys (n, d). The softmax hides a shift of all scores, so a
    constant is free. Norm over norm, after the mean is taken off: 0 to 1.
    """
    logs = np.log(weights)
    logs = logs - logs.mean()
    span = np.column_stack([keys, np.ones(len(keys))])
    best, *_ = np.linalg.lstsq(span, logs)
    return float(np.linalg.norm(logs - span @ best) / np.linalg.norm(logs))


if __name__ == "__main__":
    # --8<-- [start:probes]
    rng = np.random.default_rng(0)
    n = 64
    w = rng.standard_normal((n, n)) / 8
    boxes = {"linear": lambda x: w @ x, "ReLU": lambda x: relu(w @ x)}
    xs = rng.standard_normal((200, n))
    off = {}
    for name, box in boxes.items():
        guessed = from_probes(box, n)
        truth = np.array([box(x) for x in xs])
        error = np.linalg.norm(xs @ guessed.T - truth)
        off[name] = error / np.linalg.norm(truth)
        print(f"{name:<6} relative error {off[name]:.2f}")
    # --8<-- [end:probes]
    relu_off = float(off["ReLU"])

    # --8<-- [start:affine]
    b, (x, y) = rng.standard_normal(n), rng.standard_normal((2, n))

    def layer(x):
        return w @ x + b

    missing = layer(x + y) - layer(x) - layer(y)
    print("missing is -b:", np.allclose(missing, -b))
    mixed = 0.3 * layer(x) + 0.7 * layer(y)
    print("mixtures survive:", np.allclose(layer(0.3 * x + 0.7 * y), mixed))

    def both(x):
        """1 if both inputs are 1, else 0."""
        return relu(x[0] + x[1] - 1)

    parts = both(np.array([1, 0])), both(np.array([0, 1]))
    print("parts", *parts, "whole", both(np.array([1, 1])))
    # --8<-- [end:affine]

    # --8<-- [start:recompute]
    ratio = {}
    for name, recompute in (("weights kept", False), ("weights again", True)):
        forward, backward = attention_flops(64, 16, recompute)
        ratio[name] = backward / forward
        print(f"{name:<13} backward / forward = {ratio[name]:.1f}")
    # --8<-- [end:recompute]
    ratio_kept, ratio_again = ratio["weights kept"], ratio["weights again"]

    # --8<-- [start:no_softmax]
    rng = np.random.default_rng(0)
    pairs = 8
    without = {}
    for d in (16, 64, 256):
        keys, values, queries, wanted = recall_task(rng, 4000, pairs, d, 4)
        mixed = (queries @ (keys.swapaxes(1, 2) @ values))[:, 0]
        share = d / (d + pairs - 1)
        without[d] = explained(share * mixed, wanted)
        print(f"d {d:3}   R2 {without[d]:.2f}   d / (d + 7) = {share:.2f}")
    # --8<-- [end:no_softmax]

    # --8<-- [start:same_head]
    rng = np.random.default_rng(0)
    q, k, v = rng.standard_normal((3, 64, 8))
    weights = softmax(scores(q, k))[0]
    twin = other_weights(weights, v, int(weights.argmax()))
    print(f"its own weights: {off_span(weights, k):.2f} out of reach")
    print(f"the other weights: {off_span(twin, k):.2f} out of reach")
    wide = rng.standard_normal((64, 63))
    print(f"with keys 63 wide: {off_span(twin, wide):.2f}")
    # --8<-- [end:same_head]
    twin_off = off_span(twin, k)
