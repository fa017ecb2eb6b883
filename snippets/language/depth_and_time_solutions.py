"""Solutions to the exercises of 'Depth and time'."""

from __future__ import annotations

from itertools import product

import numpy as np

from snippets.language.depth_and_time import growth_rate, spread, word_rate
from snippets.mechanics.gradients import orthogonal
from snippets.mechanics.residuals import spectral_radius


def masked_radius(w: np.ndarray) -> float:
    """Return the largest spectral radius of D W over all diagonal 0-1 matrices D."""
    masks = product((0.0, 1.0), repeat=len(w))
    return max(spectral_radius(np.diag(mask) @ w) for mask in masks)


def simulated_spread(
    rng: np.random.Generator, w: np.ndarray, runs: int, steps: int
) -> float:
    """Return the root mean square component of h after `steps` of h -> W h + noise."""
    h = np.zeros((len(w), runs))
    for _ in range(steps):
        h = w @ h + rng.standard_normal(h.shape)
    return float(np.sqrt(np.mean(h**2)))


if __name__ == "__main__":
    # --8<-- [start:blind]
    rng = np.random.default_rng(0)
    rate = {}
    for sigma in (1.8, 2.0, 2.2):
        factors = np.array([[sigma], [0]]) * orthogonal(rng, 20_000, 2)
        rate[sigma] = np.exp(growth_rate(factors, np.array([1.0, 0])))
        print(f"sigma {sigma}, 0   growth per layer {rate[sigma]:.1f}")
    # --8<-- [end:blind]

    # --8<-- [start:words]
    A = np.array([[0.5, 2], [0, 0.5]])
    letters = {"A": A, "B": A.T}
    rates = {}
    for letter_tuple in product("AB", repeat=8):
        word = "".join(letter_tuple)
        rates[word] = word_rate(word, letters)
    fastest, slowest = max(rates.values()), min(rates.values())
    growing = sum(rate > 1 for rate in rates.values())
    print(f"{len(rates)} words, {growing} of them grow")
    print(f"fastest {fastest:.4f}: ABABABAB {rates['ABABABAB']:.4f}")
    print(f"slowest {slowest:.4f}: AAAAAAAA {rates['AAAAAAAA']:.4f}")
    print(f"norm of A {np.linalg.norm(A, 2):.4f}")
    # --8<-- [end:words]
    count, norm = len(rates), np.linalg.norm(A, 2)

    # --8<-- [start:wide]
    limit = np.sqrt((2**2 + 0.5**2) / 2)
    growth = {}
    for n in (2, 4, 16, 64):
        sigma = np.repeat([2.0, 0.5], n // 2)
        turns = (orthogonal(rng, 1, n)[0] for _ in range(400))
        factors = (sigma[:, None] * q for q in turns)
        growth[n] = np.exp(growth_rate(factors, np.eye(n)[0]))
        print(f"n = {n:2}   growth per layer {growth[n]:.2f}")
    print(f"root of the mean square {limit:.2f}")
    # --8<-- [end:wide]

    # --8<-- [start:masks]
    draws = 300
    raised = {"Gaussian": 0, "symmetric": 0}
    for _ in range(draws):
        g = rng.standard_normal((4, 4))
        for name, w in (("Gaussian", g), ("symmetric", g + g.T)):
            gain = masked_radius(w) / spectral_radius(w)
            raised[name] += gain > 1 + 1e-9
    for name, times in raised.items():
        print(f"{name:9}   a mask raises the radius of {times} of {draws}")
    # --8<-- [end:masks]

    # --8<-- [start:simulate]
    W = np.array([[0.9, 1.0], [0.0, 0.9]])
    formula = spread(W)
    measured = {
        steps: simulated_spread(rng, W, runs=20_000, steps=steps)
        for steps in (5, 20, 80)
    }
    print(f"formula {formula:.1f}")
    for steps, value in measured.items():
        print(f"{steps:2} steps, 20000 runs {value:.1f}")
    # --8<-- [end:simulate]
