"""Solutions to the exercises of 'The identity to the rescue'."""

from __future__ import annotations

import numpy as np
import torch

from snippets.language.identity_to_the_rescue import (
    descend,
    mean_stretch,
    product_values,
    relu_recurrence_jacobian,
    spectrum_end,
)
from snippets.mechanics.gradients import gaussian
from snippets.mechanics.residuals import antisymmetric, residual_layers


def symmetric(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return a random symmetric matrix, entries of variance 1 / n off the diagonal."""
    g = rng.standard_normal((n, n))
    return (g + g.T) / np.sqrt(2 * n)


def cycle(n: int) -> np.ndarray:
    """Return the permutation matrix that moves each entry to the next place."""
    return np.roll(np.eye(n), 1, axis=0)


if __name__ == "__main__":
    # --8<-- [start:kinds]
    rng = np.random.default_rng(0)
    n, gain = 400, 0.3
    kept = {
        "Gaussian": gaussian(rng, 1, n)[0],
        "symmetric": symmetric(rng, n),
        "antisymmetric": antisymmetric(rng, n),
    }
    stretch = {}
    for name, w in kept.items():
        stretch[name] = mean_stretch(np.eye(n) + gain * w)
        print(f"{name:13}   mean stretch {stretch[name]:.3f}")
    down, up = np.exp(-(gain**2) / 2), np.exp(gain**2 / 2)
    print(f"exp(-g^2/2) {down:.3f}   exp(g^2/2) {up:.3f}")
    # --8<-- [end:kinds]

    # --8<-- [start:ends]
    n, L = 256, 200
    measured, formula = {}, {}
    for c in (0.25, 1.0, 4.0):
        s = product_values(residual_layers(rng, L, n, np.sqrt(c / L)))
        measured[c], formula[c] = s[0], spectrum_end(c)
        print(f"c = {c:4}   largest {s[0]:5.1f}   limit {formula[c]:5.1f}")
    # --8<-- [end:ends]

    # --8<-- [start:half_turn]
    L = 8
    quarter = np.array([[0.0, -1.0], [1.0, 0.0]])
    final = {}
    for nudge in (0.0, 0.01):
        start = np.tile(np.eye(2) + nudge * quarter, (L, 1, 1))
        losses, trained = descend(start, -np.eye(2), 0.2 / L, steps=400)
        final[nudge] = losses[-1]
        print(f"nudge {nudge:4}   error {losses[0]:.1f} -> {losses[-1]:.1f}")
    degrees = np.degrees(np.arctan2(trained[0][1, 0], trained[0][0, 0]))
    print(f"each layer turns by {abs(degrees):.1f} degrees")
    # --8<-- [end:half_turn]

    # --8<-- [start:zero]
    torch.manual_seed(0)
    x, y = torch.randn(2, 16, 32, dtype=torch.float64)
    weights = torch.randn(50, 16, 16, dtype=torch.float64) / 4
    weights.requires_grad_()
    alpha = torch.zeros(50, dtype=torch.float64, requires_grad=True)
    sizes = []
    for step in range(2):
        h = x
        for a, w in zip(alpha, weights, strict=True):
            h = h + a * (w @ h).relu()
        loss = ((h - y) ** 2).mean()
        grads = torch.autograd.grad(loss, [alpha, weights])
        sizes.append([g.norm().item() for g in grads])
        print(f"step {step}   gradient of alpha zero: {sizes[-1][0] == 0}"
              f"   of W zero: {sizes[-1][1] == 0}")
        with torch.no_grad():
            alpha -= 0.01 * grads[0]
            weights -= 0.01 * grads[1]
    # --8<-- [end:zero]
    alpha_first, weights_first = sizes[0]
    weights_second = sizes[1][1]

    # --8<-- [start:permutation]
    n, T = 64, 100
    h, inputs = abs(rng.standard_normal(n)), 0.1 * rng.standard_normal((T, n))
    s = np.linalg.svd(relu_recurrence_jacobian(cycle(n), h, inputs))[1]
    ones, zeros = int((abs(s - 1) < 1e-12).sum()), int((s < 1e-12).sum())
    print(f"singular values: {ones} are 1, {zeros} are 0, {n} in all")
    # --8<-- [end:permutation]
