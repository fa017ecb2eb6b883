"""Solutions to the exercises of the chapter on verification."""
import numpy as np
import torch
from torch import nn

from snippets.inner_outer.outlook import GLYPHS, activations, digits, new_net, trained
from snippets.why_matmul.verification import (
    Structured, Tally, accuracy, bfloat16, fit, hadamard, posters, safe, scores_by, shaped,
)


def neighbours(x: torch.Tensor) -> torch.Tensor:
    """Products of each pixel with the next in line and with the one below: 119 numbers."""
    return torch.cat([x[:, :-1] * x[:, 1:], x[:, :-8] * x[:, 8:]], 1)


def adam_step(weights: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
    """The weights after Adam's first step, operation by operation as in its paper."""
    mean = 0 * weights + 0.1 * gradient
    square = 0 * weights + 0.001 * gradient * gradient
    return weights - 0.001 * (mean / 0.1) / (torch.sqrt(square / 0.001) + 1e-8)


def rounded_sums(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a @ b with factors, products and every partial sum rounded to bfloat16."""
    a, b = bfloat16(a), bfloat16(b)
    total = np.zeros((a.shape[0], b.shape[1]), np.float32)
    for column, row in zip(a.T, b, strict=True):
        total = bfloat16(total + bfloat16(np.outer(column, row)))
    return total


if __name__ == "__main__":
    # --8<-- [start:reached]
    x = -np.ones((10, 8, 8))
    x[:, :7, :5] += 2 * GLYPHS  # ten digits, all at one place
    x = x.reshape(10, 64)
    w = np.linalg.pinv(x)  # x @ w is the identity
    w[:, 0] = 0
    level = np.array([0.5] + [0] * 9)
    right = [(s * x @ w + level).argmax(1) == range(10) for s in (1, -1)]
    best = float(np.mean(right))
    print(f"both polarities: {best}, by class:", np.mean(right, 0))
    # --8<-- [end:reached]

    # --8<-- [start:given_products]
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    (x, y), (x_test, y_test) = (posters(n, rng) for n in (4000, 4000))
    with_products = accuracy(
        fit(nn.Linear(119, 10), neighbours(x), y), neighbours(x_test), y_test
    )
    print(f"separate, from products of neighbours: {with_products:.2f}")
    # --8<-- [end:given_products]

    # --8<-- [start:permuted]
    shuffle = torch.eye(64)[torch.randperm(64)]
    mixed = {}
    for name, mix in (("Hadamard", hadamard(64)), ("permutation", shuffle)):
        torch.manual_seed(1)
        mixed[name] = accuracy(fit(Structured(4, mix), x, y), x_test, y_test)
        print(f"{name:11} {mixed[name]:.2f}")
    # --8<-- [end:permuted]

    # --8<-- [start:optimiser]
    products_share = {}
    for batch in (1, 16, 256):
        with Tally() as tally:
            w, x_in, g_out = shaped(512, 512), shaped(batch, 512), shaped(batch, 512)
            x_in @ w.T  # forward
            g_out @ w  # gradient of the input
            adam_step(w, g_out.T @ x_in)  # gradient of the weights, and the step
        products_share[batch] = tally.share()
        print(f"batch {batch:3}: products {tally.share():.0%}")
    # --8<-- [end:optimiser]

    # --8<-- [start:half_sums]
    rng = np.random.default_rng(0)
    (im, tag), (im_test, tag_test) = (digits(n, rng) for n in (3000, 1000))
    reader = trained(new_net([100, 96, 48, 10], rng), im, tag, steps=300)
    exact = activations(reader, im_test)[-1]
    off, sure = {}, {}
    for name, product in (
        ("sums in float32", lambda a, b: bfloat16(a) @ bfloat16(b)),
        ("sums in bf16", rounded_sums),
    ):
        scores = scores_by(product, reader, im_test)
        off[name] = np.linalg.norm(scores - exact) / np.linalg.norm(exact)
        sure[name] = safe(exact, scores).mean()
        print(f"{name:15} off by {off[name]:.0e}  safe {sure[name]:.1%}")
    # --8<-- [end:half_sums]
