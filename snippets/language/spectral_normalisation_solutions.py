"""Solutions to the exercises on spectral normalisation."""

import math

import numpy as np

from snippets.language.spectral_normalisation import (
    clipped,
    divided,
    flat_norm,
    gains,
    gradient_through,
    power_step,
    projected_descent,
)

Array = np.ndarray


def excess_share(w: Array, rounds: int, starts: int, rng: np.random.Generator) -> float:
    """Share of random starts after which W / estimate still has a norm above 1.01."""
    sigma, late = np.linalg.norm(w, 2), 0
    for _ in range(starts):
        u = rng.standard_normal(len(w))
        for _ in range(rounds):
            estimate, u = power_step(w, u)
        late += sigma / estimate > 1.01
    return late / starts


def normal_cdf(x: float) -> float:
    """Share of a standard normal distribution below x."""
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


def gelu_slope(x: float) -> float:
    """Derivative of x Phi(x): Phi(x) + x phi(x), phi the normal density."""
    return normal_cdf(x) + x * math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def norms_of_descent(w: Array, target: Array, rate: float, steps: int) -> list[tuple]:
    """(|W|^2, |gradient|^2) before each step, fitting W / sigma to the target."""
    history = []
    for _ in range(steps):
        g = gradient_through(w, w / np.linalg.norm(w, 2) - target)
        history.append((float((w**2).sum()), float((g**2).sum())))
        w = w - rate * g
    return history


def padded_matrix(kernel: Array, positions: int) -> Array:
    """The matrix of a stride-1 correlation whose output is as long as its input, zeros around.

    kernel: (outputs, inputs, width), width odd. Rows and columns run over channel, then place.
    """
    outputs, inputs, width = kernel.shape
    matrix = np.zeros((outputs, positions, inputs, positions))
    for place in range(positions):
        for t in range(width):
            source = place + t - width // 2
            if 0 <= source < positions:
                matrix[:, place, :, source] = kernel[:, :, t]
    return matrix.reshape(outputs * positions, inputs * positions)


if __name__ == "__main__":
    # --8<-- [start:rounds]
    rng = np.random.default_rng(0)
    close = rng.standard_normal((40, 30))
    u, _, vt = np.linalg.svd(close, full_matrices=False)
    apart = u * np.append(1, np.linspace(0.5, 0, 29)) @ vt
    shares = {}
    for name, w in (("close", close), ("apart", apart)):
        s = np.linalg.svd(w, compute_uv=False)
        late = [excess_share(w, k, 200, rng) for k in (1, 2, 5, 15, 50)]
        shares[name] = late
        print(f"s2 / s1 = {s[1] / s[0]:.2f}   ", *(f"{x:5.0%}" for x in late))
    # --8<-- [end:rounds]

    # --8<-- [start:nearest]
    rng = np.random.default_rng(1)
    w = rng.standard_normal((40, 30)) / 5
    near = np.linalg.norm(w - clipped(w))
    far = np.linalg.norm(w - divided(w, np.linalg.norm(w, 2)))
    beaten = 0
    for _ in range(500):
        other = clipped(clipped(w) + 0.1 * rng.standard_normal(w.shape))
        beaten += np.linalg.norm(w - other) < near
    print(f"clip {near:.2f}   divide {far:.2f}   closer ones found {beaten}")
    # --8<-- [end:nearest]
    closer_found = int(beaten)
    nearest_move, divided_move = float(near), float(far)

    # --8<-- [start:growth]
    rng = np.random.default_rng(2)
    w, target = rng.standard_normal((2, 6, 5))
    history = norms_of_descent(w, target, 0.5, 200)
    for k in (0, 1, 10, 199):
        size, g = history[k]
        print(f"step {k:3}   |W|^2 {size:.3f}   |gradient|^2 {g:.1e}")
    predicted = history[0][0] + 0.25 * sum(g for _, g in history[:-1])
    print(f"predicted |W|^2 {predicted:.3f}")
    # --8<-- [end:growth]
    history_end = history[-1][0]
    grown = history_end / history[0][0]

    # --8<-- [start:gelu]
    top = math.sqrt(2)
    slope = gelu_slope(top)
    print(f"slope at the root of 2: {slope:.4f}")
    print(f"at its mirror image:    {gelu_slope(-top):.4f}")
    # --8<-- [end:gelu]

    # --8<-- [start:honest]
    rng = np.random.default_rng(3)
    kernel = rng.standard_normal((4, 3, 5))
    norms = {}
    divisors = {"flattened": flat_norm(kernel), "true": gains(kernel, 256).max()}
    for name, by in divisors.items():
        norms[name] = float(np.linalg.norm(padded_matrix(kernel / by, 64), 2))
        print(f"divided by the {name:9} norm: layer {norms[name]:.3f}")
    # --8<-- [end:honest]

    # --8<-- [start:rates]
    rng = np.random.default_rng(4)
    target = rng.standard_normal((40, 30))
    target *= 3 / np.linalg.norm(target, 2)
    start, worst = np.zeros((40, 30)), []
    for rate in (0.2, 0.1, 0.05, 0.02):
        rng, steps = np.random.default_rng(5), round(5 / rate)
        met, _ = projected_descent(start, target, rate, steps, True, rng)
        worst.append(float(met.max()))
        print(f"rate {rate:<4}   largest norm {worst[-1]:.3f}")
    # --8<-- [end:rates]
