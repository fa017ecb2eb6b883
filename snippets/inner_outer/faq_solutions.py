"""Solutions to the exercises of the questions and answers."""

import numpy as np
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint_sequential

from snippets.inner_outer.concepts import kronecker
from snippets.inner_outer.faq import (
    network,
    read,
    scenes,
    share_right,
    train,
    training_bill,
    whole_speedup,
    write,
)

Array = np.ndarray


def orthogonal_signs(doublings: int) -> Array:
    """2^doublings keys of 1 and -1, any two with inner product 0, as rows.

    Sylvester (1867).
    """
    keys = np.ones((1, 1), int)
    for _ in range(doublings):
        keys = kronecker(np.array([[1, 1], [1, -1]]), keys)
    return keys


def overwrite(memory: Array, key: Array, value: Array) -> Array:
    """The memory with this value under this key, whatever was there."""
    change = value - read(memory, key)
    return memory + np.outer(change, key)


def factor_needed(share: float, target: float) -> float:
    """The speed that `share` of the time needs for the whole to reach `target`.

    Raises ValueError if no factor is enough.
    """
    left = 1 / target - (1 - share)
    if left <= 0:
        limit = 1 / (1 - share)
        raise ValueError(f"never: the rest alone allows {limit:.1f}")
    return share / left


if __name__ == "__main__":
    # --8<-- [start:exact]
    keys = orthogonal_signs(6)
    rng = np.random.default_rng(0)
    values = rng.choice([-1, 1], (64, 25))
    memory = write(keys, values)
    out = np.array([read(memory, key) for key in keys])
    print(keys.shape, "all 64 read exactly:", np.array_equal(out, values))
    # --8<-- [end:exact]

    # --8<-- [start:again]
    key, old, new = keys[5], values[5], -values[5]
    added = memory + np.outer(new, key)
    print("added:      ", np.array_equal(read(added, key), old + new))
    changed = overwrite(memory, key, new)
    print("overwritten:", np.array_equal(read(changed, key), new))
    others = [np.array_equal(read(changed, k), read(memory, k)) for k in keys]
    print("other pairs unchanged:", sum(others), "of", len(keys) - 1)
    # --8<-- [end:again]

    # --8<-- [start:mean]
    left, right = scenes(400, "left", rng), scenes(500, "right", rng)
    found = {}
    for name, pool, steps in (
        ("max", nn.AdaptiveMaxPool2d, 60),
        ("mean", nn.AdaptiveAvgPool2d, 60),
        ("mean longer", nn.AdaptiveAvgPool2d, 600),
    ):
        torch.manual_seed(0)
        net = network("conv + pool")
        net[2] = pool(1)
        train(net, *left, steps)
        found[name] = share_right(net, *right)
        print(f"{name:11} {steps} steps, right: {found[name]:4.0%}")
    # --8<-- [end:mean]

    # --8<-- [start:needed]
    for share in (0.8, 0.6):
        try:
            factor = factor_needed(share, 3)
            whole = whole_speedup(share, factor)
            print(f"{share:.0%}: {factor:.0f}, check {whole:.1f}")
        except ValueError as error:
            print(f"{share:.0%}: {error}")
    # --8<-- [end:needed]
    factor = factor_needed(0.8, 3)

    # --8<-- [start:checkpoint]
    torch.manual_seed(0)
    layers = [m for _ in range(16) for m in (nn.Linear(256, 256), nn.ReLU())]
    net = nn.Sequential(*layers)
    x = torch.randn(64, 256, requires_grad=True)

    def in_parts():
        return checkpoint_sequential(net, 4, x, use_reentrant=False)

    runs = {"all kept": lambda: net(x), "four parts": in_parts}
    operations, kept, gradients = {}, {}, {}
    for name, run in runs.items():
        x.grad = None
        forward, backward, kept[name] = training_bill(net, run)
        operations[name] = forward + backward
        gradients[name] = x.grad
        print(f"{name:10} {operations[name]:,} operations, "
              f"kept {kept[name]:,} bytes")
    print("same gradient:", torch.allclose(*gradients.values()))
    # --8<-- [end:checkpoint]
    kept_share = kept["four parts"] / kept["all kept"]
    more_operations = operations["four parts"] / operations["all kept"] - 1
