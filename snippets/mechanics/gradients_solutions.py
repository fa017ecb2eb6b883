"""Solutions to the exercises on gradients that walk back through many layers."""

import numpy as np

from snippets.mechanics.gradients import (
    gaussian,
    newman_exponents,
    norm_bound,
    orthogonal,
    power_iteration,
    pull_back,
    run,
    train,
    unit_vector,
    weight_gradients,
    with_spectrum,
)

Array = np.ndarray


def steps_counted(r: float, tolerance: float) -> int:
    """Power iteration on diag(1, r) from (1, 1): steps until the relative error is below."""
    estimates = power_iteration(np.diag([1.0, r]), 5000, np.ones((2, 1)))
    return int(np.argmax(1 - estimates < tolerance))


def steps_predicted(r: float, tolerance: float) -> float:
    """Solve (1 - r^2) / 2 * r^(4 k) = tolerance for k.

    After k steps the second direction has r^(2k) of the weight of the first, and a little of
    it, squared, costs the estimate half of the gap 1 - r^2.
    """
    return np.log(2 * tolerance / (1 - r**2)) / (4 * np.log(r))


def top_pair(w: Array, steps: int, start: Array) -> tuple[float, Array, Array]:
    """Largest singular value of w with its left and right vector, by power iteration."""
    v = start / np.linalg.norm(start)
    for _ in range(steps):
        v = w.T @ (w @ v)
        v /= np.linalg.norm(v)
    u = w @ v
    sigma = np.linalg.norm(u)
    return float(sigma), u / sigma, v


def layer_gradient_ratio(weights: Array, x: Array, y: Array) -> float:
    """Largest over smallest gradient among the layers of a linear network."""
    out, inputs, slopes = run(weights, x)
    gradients = weight_gradients(pull_back(weights, slopes, out - y), inputs)
    norms = [np.linalg.norm(g) for g in gradients]
    return max(norms) / min(norms)


def imbalance(weights: Array) -> Array:
    """W_{l+1}^T W_{l+1} - W_l W_l^T for neighbours; gradient flow keeps each of them."""
    return weights[1:].mT @ weights[1:] - weights[:-1] @ weights[:-1].mT


def largest_and_smallest(rng: np.random.Generator, n: int, depth: int, chains: int) -> Array:
    """log10 of the extreme singular values of products of 1 .. depth Gaussian matrices.

    Mean over the chains, shape (depth, 2).
    """
    product = np.broadcast_to(np.eye(n), (chains, n, n))
    rows = []
    for w in gaussian(rng, depth * chains, n).reshape(depth, chains, n, n):
        product = w @ product
        s = np.linalg.svd(product, compute_uv=False)
        rows.append(np.log10(s[:, [0, -1]]).mean(axis=0))
    return np.array(rows)


def relu_square_ratio(rng: np.random.Generator, n: int, gain: float, samples: int) -> float:
    """Mean of |relu(W x)|^2 / |x|^2 over random W of this gain and random x."""
    ratios = []
    for w in gaussian(rng, samples, n, gain):
        x = rng.standard_normal((n, 1))
        ratios.append((np.maximum(w @ x, 0) ** 2).sum() / (x**2).sum())
    return float(np.mean(ratios))


def aligned_chain(depth: int, n: int, norm: float) -> Array:
    """Matrices with one entry, `norm`; each sends axis k to axis k + 1, the next takes over."""
    axes = np.eye(n)
    return np.array([norm * np.outer(axes[(k + 1) % n], axes[k % n]) for k in range(depth)])


def clip(gradients: list[Array], limit: float) -> list[Array]:
    """The same direction, its length over all layers at most `limit`."""
    length = np.sqrt(sum((g**2).sum() for g in gradients))
    return [g * min(1, limit / length) for g in gradients]


def descend(weights: Array, x: Array, y: Array, rate: float, limit: float, steps: int) -> list:
    """Losses of gradient descent on a linear network whose steps are clipped at `limit`."""
    weights, losses = weights.copy(), []
    for _ in range(steps):
        out, inputs, slopes = run(weights, x)
        losses.append(float(((out - y) ** 2).mean()))
        if not np.isfinite(losses[-1]):
            break
        errors = pull_back(weights, slopes, (out - y) / x.shape[1])
        weights -= rate * np.array(clip(weight_gradients(errors, inputs), limit))
    return losses


if __name__ == "__main__":
    # --8<-- [start:steps]
    counted, guessed = {}, {}
    for r in (0.5, 0.8, 0.9, 0.99, 0.999):
        counted[f"r{r}"] = steps_counted(r, 1e-6)
        guessed[f"r{r}"] = float(np.log(1e-6) / (4 * np.log(r)))
        print(
            f"r = {r:<6} counted {counted[f'r{r}']:4}   predicted {steps_predicted(r, 1e-6):6.1f}"
            f"   without the gap {guessed[f'r{r}']:6.1f}"
        )
    # --8<-- [end:steps]

    # --8<-- [start:deflation]
    rng = np.random.default_rng(0)
    w = with_spectrum(rng, np.array([3.0, 2.0, 1.0, 0.5, 0.1]))
    start = unit_vector(rng, 5)
    first, u, v = top_pair(w, 60, start)
    second, _, _ = top_pair(w - first * u @ v.T, 60, start)
    print(f"first {first:.6f}   second {second:.6f}")
    # --8<-- [end:deflation]

    # --8<-- [start:balance]
    rng = np.random.default_rng(1)
    x = rng.standard_normal((16, 64))
    y = gaussian(rng, 1, 16)[0] @ x
    for start in (gaussian, orthogonal):
        print(f"{start.__name__:10} ratio {layer_gradient_ratio(start(rng, 40, 16), x, y):.2f}")

    w = orthogonal(rng, 4, 16)
    drift = []
    for rate in (0.02, 0.01, 0.005):
        _, after = train(w[:, None], x, y, np.array([rate]), "linear", round(1 / rate))
        drift.append(float(np.abs(imbalance(after[:, 0]) - imbalance(w)).max()))
        print(f"rate {rate:<5}   balance off by {drift[-1]:.4f}")
    # --8<-- [end:balance]
    halving = drift[0] / drift[1]

    # --8<-- [start:exponents]
    rng = np.random.default_rng(2)
    mean = largest_and_smallest(rng, 16, 12, 100)
    slopes = (mean[-1] - mean[3]) / 8  # layers 4 to 12
    theory = newman_exponents(16)
    print(f"largest  per layer {slopes[0]:6.3f}   Newman {theory[0]:6.3f}")
    print(f"smallest per layer {slopes[1]:6.3f}   Newman {theory[-1]:6.3f}")
    # --8<-- [end:exponents]
    slope_largest, slope_smallest = float(slopes[0]), float(slopes[1])

    # --8<-- [start:relu_half]
    rng = np.random.default_rng(3)
    half = relu_square_ratio(rng, 64, 1.0, 1000)
    whole = relu_square_ratio(rng, 64, np.sqrt(2), 1000)
    print(f"gain 1: {half:.2f}   gain sqrt 2: {whole:.2f}")
    # --8<-- [end:relu_half]

    # --8<-- [start:tight]
    chain = aligned_chain(50, 8, 2.0)
    exchanged = chain[[*range(24), 25, 24, *range(26, 50)]]  # two neighbours change places
    bound = float(norm_bound(chain)[-1])
    attained = float(np.linalg.norm(np.linalg.multi_dot(chain[::-1]), 2))
    left = float(np.linalg.norm(np.linalg.multi_dot(exchanged[::-1]), 2))
    print(f"bound {bound:.3e}   in line {attained:.3e}   two exchanged {left}")
    # --8<-- [end:tight]

    # --8<-- [start:clipping]
    rng = np.random.default_rng(5)
    w = gaussian(rng, 10, 16, 1.4)
    with np.errstate(over="ignore", invalid="ignore"):  # the first run overflows on purpose
        free = descend(w, x, y, 0.1, np.inf, 300)
    held = descend(w, x, y, 0.1, 1.0, 300)
    print("free:       ", *(f"{loss:.0e}" for loss in free))
    print(f"clipped at 1: {held[0]:.0e} -> {held[-1]:.2f}   answering 0 costs {np.mean(y**2):.2f}")
    # --8<-- [end:clipping]
    free_steps, held_start, held_end = len(free), held[0], held[-1]
    zero_loss = float(np.mean(y**2))
