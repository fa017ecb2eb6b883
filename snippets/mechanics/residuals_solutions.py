"""Solutions to the exercises on residual layers and near-identity recurrences."""

import numpy as np
import torch

from snippets.mechanics.gradients import gaussian, orthogonal, unit_vector
from snippets.mechanics.residuals import (
    antisymmetric,
    horizon,
    lengths_along,
    orthogonality_error,
    recall,
    residual_layers,
    rotation,
    spectral_radius,
)

Array = np.ndarray


def symmetric_with(rng: np.random.Generator, eigenvalues: Array) -> Array:
    """A symmetric matrix with these eigenvalues and random eigenvectors."""
    q = orthogonal(rng, 1, len(eigenvalues))[0]
    return q * eigenvalues @ q.T


def nilpotent(n: int, size: float) -> Array:
    """`size` just above the diagonal, zero elsewhere: every eigenvalue is 0."""
    return size * np.eye(n, k=1)


def predicted_horizon(factor: float) -> float:
    """The t = eps T at which the root mean square of |exp(t A) v| is `factor`.

    It is sqrt(I_0(2 t)), I_0 the modified Bessel function, for A with independent entries of
    variance 1 / n and n large: (t A)^j v / j! has length t^j / j! and the terms are
    uncorrelated, so that the squares t^(2j) / j!^2 add up.
    """
    t = np.linspace(0, 20, 200_001)
    return float(t[np.searchsorted(np.sqrt(np.i0(2 * t)), factor)])


def median_horizon(rng: np.random.Generator, eps: float, n: int, runs: int) -> float:
    """Median over fresh A and start of the step at which I + eps A has doubled or halved."""
    found = []
    for _ in range(runs):
        w = np.eye(n) + eps * gaussian(rng, 1, n)[0]
        found.append(horizon(lengths_along([w] * round(5 / eps), unit_vector(rng, n)), 2))
    return float(np.median(found))


def gain_for_growth(growth: float, depth: int) -> float:
    """Branch gain with which `depth` residual layers lengthen a signal by `growth`."""
    return float(np.sqrt(growth ** (2 / depth) - 1))


def train_rotation(
    x: torch.Tensor, y: torch.Tensor, depth: int, steps: int, rate: float
) -> tuple[list[float], Array]:
    """Fit y = W_L ... W_1 x with W_l = exp(S_l - S_l^T): orthogonal at every step.

    Plain gradient descent on the S_l. Returns the mean squared errors and the final W_l.
    """
    n = len(x)
    generator = torch.Generator().manual_seed(0)
    s = torch.randn(depth, n, n, generator=generator, dtype=torch.float64) / n
    s.requires_grad_()
    losses = []
    for _ in range(steps):
        out = x
        for w in torch.matrix_exp(s - s.mT):
            out = w @ out
        loss = ((out - y) ** 2).mean()
        (gradient,) = torch.autograd.grad(loss, s)
        losses.append(loss.item())
        with torch.no_grad():
            s -= rate * gradient
    with torch.no_grad():
        return losses, torch.matrix_exp(s - s.mT).numpy()


def run_reservoir(w: Array, u: Array, signal: Array) -> Array:
    """States h_t = W h_{t-1} + u x_t, one row per step, from h = 0. u: (n, 1), signal: (T,)."""
    h, states = np.zeros(len(w)), []
    for x in signal:
        h = w @ h + u[:, 0] * x
        states.append(h)
    return np.array(states)


def recall_by_fit(states: Array, signal: Array, delay: int) -> tuple[float, float]:
    """R^2 of x_{t-delay} read off h_t by least squares: on the fitted half, on the other.

    states: (T, n), signal: (T,), in the same order.
    """
    inside, past = states[delay:], signal[: len(signal) - delay]
    half = len(past) // 2
    fit, *_ = np.linalg.lstsq(inside[:half], past[:half], rcond=None)
    missed = (inside @ fit - past) ** 2
    scores = (1 - missed[s].mean() / past[s].var() for s in (slice(half), slice(half, None)))
    seen, unseen = scores
    return float(seen), float(unseen)


if __name__ == "__main__":
    # --8<-- [start:counterexample]
    rng = np.random.default_rng(0)
    small = symmetric_with(rng, rng.uniform(-0.1, 0.1, 20))
    steep = nilpotent(20, 50.0)
    radius, moved = {}, {}
    for name, w in (("symmetric", small), ("nilpotent", steep)):
        radius[name] = spectral_radius(w)
        moved[name] = float(np.linalg.norm(w, 2))
        print(f"{name}   |eig(I + W) - 1| <= {radius[name]:.2f}   moves {moved[name]:.2f}")
    # --8<-- [end:counterexample]

    # --8<-- [start:horizon]
    rng = np.random.default_rng(1)
    scaled = {}
    for eps in (0.1, 0.05, 0.02, 0.01):
        steps = median_horizon(rng, eps, 64, 15)
        scaled[f"e{eps}"] = eps * steps
        print(f"eps {eps:<5} horizon {steps:4.0f}   eps * horizon {eps * steps:.2f}")
    t_star = predicted_horizon(2)
    print(f"predicted eps * horizon {t_star:.2f}")
    # --8<-- [end:horizon]

    # --8<-- [start:turning]
    rng = np.random.default_rng(2)
    n = 40
    k, u = antisymmetric(rng, n), unit_vector(rng, n)
    recalled = {}
    for angle in (0, 0.01, 0.1, 0.3, 1, 3):
        total = float(recall(0.99 * rotation(k, angle), u, 800, 0.01).sum())
        recalled[f"a{angle}"] = total
        print(f"0.99 exp({angle:<4} K) recalls {total:4.1f} of {n}")
    # --8<-- [end:turning]

    # --8<-- [start:gain]
    rng = np.random.default_rng(3)
    gain = gain_for_growth(2, 100)
    found = [
        lengths_along(residual_layers(rng, 100, 64, gain), unit_vector(rng, 64))[-1]
        for _ in range(10)
    ]
    growth = float(np.median(found))
    print(f"gain {gain:.3f}   growth {growth:.2f}")
    # --8<-- [end:gain]

    # --8<-- [start:parametrised]
    torch.manual_seed(4)
    x = torch.randn(8, 32, dtype=torch.float64)
    target, _ = torch.linalg.qr(torch.randn(8, 8, dtype=torch.float64))
    target[:, 0] *= torch.linalg.det(target).sign()  # exp reaches rotations only
    losses, w = train_rotation(x, target @ x, depth=3, steps=300, rate=0.5)
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.3f}")
    print("orthogonal to 1e-12:", orthogonality_error(w) < 1e-12)
    # --8<-- [end:parametrised]
    first_loss, last_loss = losses[0], losses[-1]
    deviation = orthogonality_error(w)

    # --8<-- [start:fit]
    rng = np.random.default_rng(5)
    w, u = 0.99 * orthogonal(rng, 1, n)[0], unit_vector(rng, n)
    signal = rng.standard_normal(2000)
    states = run_reservoir(w, u, signal)
    states /= np.sqrt((states**2).mean())
    states += 0.01 * rng.standard_normal(states.shape)
    exact = float(recall(w, u, 11, 0.01)[10])
    seen, unseen = recall_by_fit(states, signal, 10)
    print(f"exact {exact:.2f}   fitted half {seen:.2f}   other half {unseen:.2f}")
    # --8<-- [end:fit]
