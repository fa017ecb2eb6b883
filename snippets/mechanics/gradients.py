"""What a gradient meets on its way back through many layers.

Networks here are h_l = f(W_l h_{l-1}) for l = 1 .. L-1 and a last layer W_L without
activation. Vectors are columns; a batch is a matrix with one column per example.
"""

from collections.abc import Sequence

import numpy as np

Array = np.ndarray


def sigmoid(z: Array) -> Array:
    """1 / (1 + exp(-z)), without overflow."""
    return 0.5 * (1 + np.tanh(z / 2))


# name -> (activation, its slope)
ACTIVATIONS = {
    "linear": (lambda z: z, np.ones_like),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(z.dtype)),
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
}


def gaussian(rng: np.random.Generator, depth: int, n: int, gain: float = 1.0) -> Array:
    """`depth` random n x n matrices, shape (depth, n, n), entries of variance gain^2 / n.

    With that variance W keeps the squared length of a vector, times gain^2, on average.
    """
    return rng.standard_normal((depth, n, n)) * (gain / np.sqrt(n))


def orthogonal(rng: np.random.Generator, depth: int, n: int, gain: float = 1.0) -> Array:
    """`depth` random orthogonal n x n matrices times `gain`, shape (depth, n, n).

    QR alone does not draw all rotations and reflections evenly; giving R a positive
    diagonal does (Mezzadri 2007).
    """
    q, r = np.linalg.qr(rng.standard_normal((depth, n, n)))
    signs = np.sign(np.diagonal(r, axis1=-2, axis2=-1))
    return gain * q * signs[:, None, :]


def run(
    weights: Sequence[Array], x: Array, activation: str = "linear"
) -> tuple[Array, list[Array], list[Array]]:
    """Output of the network, the input of every layer, and the slope at each of those inputs.

    x: (n, batch). The slope belongs to the activation that made the input; it is 1 for x.
    Weights may be stacks (..., n, n): then many networks run side by side.
    """
    f, slope = ACTIVATIONS[activation]
    inputs, slopes = [x], [np.ones_like(x)]
    for w in weights[:-1]:
        z = w @ inputs[-1]
        inputs.append(f(z))
        slopes.append(slope(z))
    return weights[-1] @ inputs[-1], inputs, slopes


def pull_back(
    weights: Sequence[Array], slopes: Sequence[Array], delta: Array
) -> list[Array]:
    """The error at the output, then after each layer on the way back.

    L + 1 arrays; the one after k layers is D W^T of the one before.
    """
    errors = [delta]
    for w, slope in zip(reversed(weights), reversed(slopes), strict=True):
        errors.append(slope * (w.mT @ errors[-1]))
    return errors


def weight_gradients(errors: Sequence[Array], inputs: Sequence[Array]) -> list[Array]:
    """dLoss/dW_l for l = 1 .. L: error behind the layer times its input, transposed.

    The product sums over the batch by itself.
    """
    behind = reversed(errors[:-1])
    return [e @ h.mT for e, h in zip(behind, inputs, strict=True)]


def norms_walking_back(
    weights: Sequence[Array], x: Array, delta: Array, activation: str = "linear"
) -> Array:
    """Length of the error after 0 .. L layers on the way back, for the input x, shape (n, 1)."""
    _, _, slopes = run(weights, x, activation)
    return np.array([np.linalg.norm(e) for e in pull_back(weights, slopes, delta)])


def norm_bound(weights: Sequence[Array]) -> Array:
    """Upper bound on `norms_walking_back` for a unit error: products of spectral norms."""
    norms = [np.linalg.norm(w, 2) for w in reversed(weights)]
    return np.cumprod([1.0, *norms])


def unit_vector(rng: np.random.Generator, n: int) -> Array:
    """A random direction, shape (n, 1)."""
    v = rng.standard_normal((n, 1))
    return v / np.linalg.norm(v)


def jacobian(weights: Sequence[Array], x: Array, activation: str = "linear") -> Array:
    """W_L D_{L-1} W_{L-1} ... D_1 W_1 at the point x of shape (n, 1)."""
    _, _, slopes = run(weights, x, activation)
    return pull_back(weights, slopes, np.eye(len(weights[-1])))[-1].T


def power_iteration(w: Array, steps: int, start: Array) -> Array:
    """Estimates of the spectral norm of w, one per round of w and then w^T.

    w: (m, n), start: (n, 1). |w v| with |v| = 1 never exceeds the norm.
    """
    v = start / np.linalg.norm(start)
    estimates = []
    for _ in range(steps):
        u = w @ v
        estimates.append(np.linalg.norm(u))
        v = w.T @ u
        v /= np.linalg.norm(v)
    return np.array(estimates)


def one_sided_iteration(w: Array, steps: int, start: Array) -> float:
    """What multiplying by w alone converges to: the largest |eigenvalue|, not the norm.

    It converges only if one eigenvalue is larger in absolute value than all others.
    """
    v = start / np.linalg.norm(start)
    for _ in range(steps):
        v = w @ v
        length = np.linalg.norm(v)
        v /= length
    return float(length)


def with_spectrum(rng: np.random.Generator, singular_values: Array) -> Array:
    """A square matrix with these singular values and random singular vectors."""
    u, v = orthogonal(rng, 2, len(singular_values))
    return u * singular_values @ v


def log_spread(weights: Sequence[Array]) -> Array:
    """log10 of the n stretches of W_k ... W_1 for k = 1 .. L, shape (L, n), largest first.

    The product itself would lose its small singular values to rounding, so each step keeps
    only an orthogonal factor Q and adds up log10 |diag R| (W_k Q_old = Q R). Divided by k
    the sums converge to the same growth rates as the logarithms of the singular values.
    """
    q = np.eye(len(weights[0]))
    total, history = np.zeros(len(q)), []
    for w in weights:
        q, r = np.linalg.qr(w @ q)
        total = total + np.log10(np.abs(np.diagonal(r)))
        history.append(total)
    return np.array(history)


def digamma_half(k: int) -> float:
    """The digamma function at k / 2 for a whole number k >= 1."""
    start, value = (0.5, -np.euler_gamma - 2 * np.log(2)) if k % 2 else (1.0, -np.euler_gamma)
    return value + sum(1 / (start + j) for j in range((k - 1) // 2))


def newman_exponents(n: int) -> Array:
    """Growth per layer, in log10, of the n stretches of a product of Gaussian matrices.

    Newman (1986): (ln(2/n) + digamma((n - i + 1) / 2)) / 2 for i = 1 .. n, gain 1.
    """
    psi = np.array([digamma_half(n - i + 1) for i in range(1, n + 1)])
    return 0.5 * (np.log(2 / n) + psi) / np.log(10)


def train(
    weights: Array, x: Array, y: Array, rates: Array, activation: str, steps: int
) -> tuple[Array, Array]:
    """Plain gradient descent on S networks side by side, each with its own learning rate.

    weights: (L, S, n, n), x and y: (n, batch), rates: (S,). Returns the mean squared error
    before each step and after the last, shape (steps + 1, S), and the trained weights.
    """
    weights = weights.copy()
    losses = []
    with np.errstate(over="ignore", invalid="ignore"):  # rates that are too large run away
        for step in range(steps + 1):
            out, inputs, slopes = run(weights, x, activation)
            losses.append(((out - y) ** 2).mean(axis=(-2, -1)))
            if step < steps:
                errors = pull_back(weights, slopes, (out - y) / x.shape[1])
                weights -= rates[:, None, None] * np.array(weight_gradients(errors, inputs))
    return np.array(losses), weights


if __name__ == "__main__":
    import matplotlib.pyplot as plt
    import torch

    from snippets.palette import ACCENT, INK, LINE, SOFT, A, B, C

    # --8<-- [start:outer]
    rng = np.random.default_rng(0)
    shapes = ((5, 4), (5, 5), (3, 5), (4, 1), (3, 1))
    w1, w2, w3, x, target = (rng.standard_normal(s) for s in shapes)

    delta = w3 @ w2 @ w1 @ x - target  # the gradient at the output
    error = (w3 @ w2).T @ delta
    gradient = error @ x.T

    t1 = torch.tensor(w1, requires_grad=True)
    t3, t2, tx, t = map(torch.tensor, (w3, w2, x, target))
    (((t3 @ t2 @ t1 @ tx - t) ** 2).sum() / 2).backward()
    print("W1", w1.shape, " error", error.shape, " error x^T", gradient.shape)
    print("equals autograd:", np.allclose(gradient, t1.grad, rtol=1e-12))
    # --8<-- [end:outer]
    agrees_with_autograd = bool(np.allclose(gradient, t1.grad, rtol=1e-12))
    error_shape, gradient_shape = error.shape, gradient.shape

    # --8<-- [start:outer_picture]
    fig, ax = plt.subplots(figsize=(7.2, 2.2))

    def block(left, rows, columns, colour, name):
        """A matrix drawn to scale, one square per entry, its shape written below."""
        for i in range(rows):
            for j in range(columns):
                ax.add_patch(plt.Rectangle((left + j, -i), 0.9, 0.9, color=colour, lw=0))
        middle = left + columns / 2
        ax.text(middle, 1.25, name, ha="center", color=INK)
        ax.text(middle, -rows - 0.1, f"{rows} × {columns}", ha="center", color=SOFT)

    block(0, 5, 1, A, "error")
    block(3, 1, 4, B, "input")
    block(9, 5, 4, C, "gradient")
    ax.text(8, -1.6, "=", ha="center", color=INK)
    ax.set(xlim=(-6, 19), ylim=(-5.6, 2))
    ax.set_aspect("equal")
    ax.axis("off")
    plt.show()
    # --8<-- [end:outer_picture]

    # --8<-- [start:walk]
    rng = np.random.default_rng(0)
    n, depth = 64, 50
    chains = [gaussian(rng, depth, n) for _ in range(40)]
    x = unit_vector(rng, n)
    deltas = [unit_vector(rng, n) for _ in chains]
    walks = np.array(
        [norms_walking_back(c, x, d) for c, d in zip(chains, deltas, strict=True)]
    )
    bound, middle = norm_bound(chains[0]), np.median(walks, axis=0)
    for k in (1, 10, 20, 50):
        print(f"{k:2} layers   bound {bound[k]:7.1e}   median {middle[k]:.2f}")
    # --8<-- [end:walk]
    one_norm = float(bound[1])
    bound_at_50 = float(bound[-1])
    log_bound = float(np.log10(bound_at_50))
    median_gain = float(middle[-1])
    log_median = float(np.log10(median_gain))
    smallest_gain, largest_gain = float(walks[:, -1].min()), float(walks[:, -1].max())
    log_gap = log_bound - log_median

    # --8<-- [start:walk_picture]
    fig, ax = plt.subplots()
    for walk in walks:
        ax.plot(np.log10(walk), color=LINE, lw=1)
    ax.plot(np.log10(middle), color=INK, lw=2)
    ax.plot(np.log10(bound), color=SOFT, lw=1.6, ls="--")
    ax.text(34, 11.6, "bound", color=SOFT, ha="right")
    ax.text(34, 1.3, "40 networks and their median", color=INK, ha="center")
    ax.set_yticks([0, 5, 10, 15], ["$1$", "$10^{5}$", "$10^{10}$", "$10^{15}$"])
    ax.set_xticks([0, 10, 20, 30, 40, 50])
    ax.set_xlabel("layers walked back")
    ax.set_ylabel("length of the gradient")
    plt.show()
    # --8<-- [end:walk_picture]

    # --8<-- [start:toy]
    shift = np.array([[0.0, 2.0], [0.0, 0.0]])
    print("norm", np.linalg.norm(shift, 2))
    print("twice", (shift @ shift).tolist())
    print("with its transpose", (shift @ shift.T).tolist())
    # --8<-- [end:toy]
    toy_square_norm = float(np.linalg.norm(shift @ shift, 2))
    toy_transpose_norm = float(np.linalg.norm(shift @ shift.T, 2))

    # --8<-- [start:drift]
    drift_per_layer = 0.5 * (digamma_half(n) - np.log(n / 2)) / np.log(10)
    predicted = depth * drift_per_layer
    measured = np.log10(walks[:, -1]).mean()
    print(f"mean of log10: predicted {predicted:.2f}, measured {measured:.2f}")
    print(f"mean of squares: {np.mean(walks[:, -1] ** 2):.2f}")
    # --8<-- [end:drift]
    predicted, measured = float(predicted), float(measured)
    mean_square = float(np.mean(walks[:, -1] ** 2))

    # --8<-- [start:gains]
    rng = np.random.default_rng(1)
    log_gains, log_bounds = {}, {}
    for gain in (0.5, 0.9, 1.0, 1.1, 2.0):
        w = gaussian(rng, depth, n, gain)
        g = norms_walking_back(w, unit_vector(rng, n), unit_vector(rng, n))[-1]
        gradient, most, guess = np.log10([g, norm_bound(w)[-1], gain**depth])
        log_gains[f"g{gain}"], log_bounds[f"g{gain}"] = float(gradient), float(most)
        print(
            f"gain {gain}   log10 of the gradient {gradient:5.1f}"
            f"   of gain^50 {guess:5.1f}   of the bound {most:4.1f}"
        )
    # --8<-- [end:gains]
    gradient_at = {name: 10**value for name, value in log_gains.items()}
    bound_at = {name: 10**value for name, value in log_bounds.items()}

    # --8<-- [start:critical]
    critical = {}
    for activation in ("linear", "relu"):
        ends = [
            norms_walking_back(c, x, d, activation)[-1]
            for c, d in zip(chains, deltas, strict=True)
        ]
        critical[activation] = np.median(ends) ** (-1 / depth)
        print(f"{activation:6}   median {np.median(ends):.1e} at gain 1", end="")
        print(f"   and 1 at gain {critical[activation]:.3f}")
    # --8<-- [end:critical]

    # --8<-- [start:precision]
    rng = np.random.default_rng(2)
    w = gaussian(rng, 40, n, 0.5)
    x, delta = unit_vector(rng, n), unit_vector(rng, n)
    w32, x32, delta32 = (a.astype(np.float32) for a in (w, x, delta))
    exact = norms_walking_back(w32.astype(float), x, delta32.astype(float))[-1]
    single = norms_walking_back(w32, x32, delta32)[-1]
    print(f"float64 {exact:.3e}")
    print(f"float32 {single:.3e}")
    # --8<-- [end:precision]
    vanished = float(exact)
    precision_gap = float(abs(single - exact) / exact)

    # --8<-- [start:underflow]
    w32 = gaussian(rng, 100, n, 0.25).astype(np.float32)
    straight = [np.ones_like(x32)] * len(w32)
    back32 = pull_back(w32, straight, delta32)
    back64 = pull_back(w32.astype(float), straight, delta32.astype(float))
    print("layers   largest entry, float32   its norm, float32   norm, float64")
    for k in (30, 50, 90):
        entry, norm = np.abs(back32[k]).max(), np.linalg.norm(back32[k])
        print(f"{k:6} {entry:24.0e} {norm:19.0e} {np.linalg.norm(back64[k]):15.0e}")
    # --8<-- [end:underflow]
    entry_after_50, entry_after_90 = (float(np.abs(back32[k]).max()) for k in (50, 90))
    norm_after_50 = float(np.linalg.norm(back32[50]))
    exact_after_50, exact_after_90 = (float(np.linalg.norm(back64[k])) for k in (50, 90))
    tiny32, tiny16 = (float(np.finfo(t).smallest_subnormal) for t in (np.float32, np.float16))

    # --8<-- [start:power]
    rng = np.random.default_rng(3)
    ratios = (0.5, 0.8, 0.9, 0.99)
    errors, factors = {}, {}
    for r in ratios:
        w = with_spectrum(rng, np.array([1.0, r, *np.linspace(0.6 * r, 0, 48)]))
        estimates = power_iteration(w, 300, unit_vector(rng, 50))
        errors[r] = 1 - estimates
        last = np.flatnonzero(errors[r] > 1e-11)[-1]
        factor = factors[f"r{r}"] = float(errors[r][last] / errors[r][last - 1])
        print(f"r = {r:<4}   error times {factor:.4f} per round   r^4 = {r**4:.4f}")
    # --8<-- [end:power]
    slowest_error = float(errors[0.99][59])

    # --8<-- [start:power_picture]
    fig, ax = plt.subplots()
    for r, place in zip(ratios, (5, 17, 36, 66), strict=True):
        steps = np.flatnonzero(errors[r][:80] > 1e-12)
        ax.plot(steps, np.log10(errors[r][steps]), color=INK, ls="-", lw=1.8)
        ax.text(place + 1, np.log10(errors[r][place]) + 0.4, f"{r}", color=INK)
    ax.set_yticks([0, -5, -10], ["$1$", "$10^{-5}$", "$10^{-10}$"])
    ax.set_xticks([0, 20, 40, 60, 80])
    ax.set_xlabel("steps")
    ax.set_ylabel("relative error")
    plt.show()
    # --8<-- [end:power_picture]

    # --8<-- [start:one_sided]
    shear = np.array([[1.0, 100.0], [0.0, 0.5]])
    start = np.array([[0.6], [0.8]])
    wrong = one_sided_iteration(shear, 100, start)
    right = power_iteration(shear, 20, start)[-1]
    print(f"W alone {wrong:.3f}   W and its transpose {right:.3f}")
    print(f"norm {np.linalg.norm(shear, 2):.3f}")
    # --8<-- [end:one_sided]
    right = float(right)

    # --8<-- [start:activations]
    rng = np.random.default_rng(4)
    cases = {
        "linear": ("linear", 1.0),
        "tanh": ("tanh", 1.0),
        "relu": ("relu", 1.0),
        "relu_root2": ("relu", np.sqrt(2)),
    }
    bent = {}
    for name, (activation, gain) in cases.items():
        runs = [
            norms_walking_back(
                orthogonal(rng, depth, n, gain),
                rng.standard_normal((n, 1)),
                unit_vector(rng, n),
                activation,
            )
            for _ in range(9)
        ]
        bent[name] = np.log10(np.median(runs, axis=0)) + 0
        print(f"{name:11} log10 of the gradient {bent[name][-1]:6.2f}")
    # --8<-- [end:activations]
    log_activation = {name: float(curve[-1]) for name, curve in bent.items()}
    length_after_50 = {name: 10**value for name, value in log_activation.items()}

    # --8<-- [start:activation_picture]
    fig, ax = plt.subplots()
    styles = {"linear": "-", "tanh": "--", "relu": ":", "relu_root2": "-."}
    for name, curve in bent.items():
        ax.plot(curve, color=SOFT if name == "tanh" else INK, ls=styles[name], lw=1.8)
    ax.text(50.5, 0.45, "linear", color=INK, va="center")
    ax.text(50.5, -0.35, "ReLU, gain √2", color=INK, va="center")
    ax.text(50.5, -1.1, "tanh", color=SOFT, va="center")
    ax.text(50.5, -7.8, "ReLU", color=INK, va="center")
    ax.set_yticks([0, -2, -4, -6, -8], ["$1$"] + [f"$10^{{-{k}}}$" for k in (2, 4, 6, 8)])
    ax.set_xticks([0, 10, 20, 30, 40, 50])
    ax.set_xlabel("layers walked back")
    ax.set_ylabel("length of the gradient")
    plt.show()
    # --8<-- [end:activation_picture]

    # --8<-- [start:rank]
    rng = np.random.default_rng(5)
    point = rng.standard_normal((n, 1))
    w = orthogonal(rng, 8, n)
    for name in ("linear", "tanh", "relu"):
        s = np.linalg.svd(jacobian(w, point, name), compute_uv=False)
        rank = int((s > 1e-9 * s[0]).sum())
        print(f"{name:6}   rank {rank}   from {s[0]:.3f} down to {s[rank - 1]:.3f}")
    # --8<-- [end:rank]
    relu_rank = rank

    # --8<-- [start:not_square]
    tall, square = orthogonal(rng, 1, n)[0][:, :16], orthogonal(rng, 1, n)[0]
    narrow = tall @ tall.T  # 64 -> 16 -> 64
    s = np.linalg.svd(narrow, compute_uv=False)
    signs = [int(np.sign(np.linalg.det(q))) for q in orthogonal(rng, 200, 5)]
    ones, zeros = int((s > 0.5).sum()), int((s < 0.5).sum())
    print(f"singular values near 1: {ones}   near 0: {zeros}")
    print("reflections among 200:", signs.count(-1))
    # --8<-- [end:not_square]
    lost_directions = zeros
    reflections = signs.count(-1)

    # --8<-- [start:product_drift]
    product = np.eye(n, dtype=np.float32)
    for q in orthogonal(rng, 1000, n).astype(np.float32):
        product = q @ product
    off = np.linalg.norm(product.T @ product - np.eye(n))
    print(f"1000 orthogonal factors in float32: off by {off:.0e}")
    # --8<-- [end:product_drift]
    float32_drift = float(off)

    # --8<-- [start:spread]
    rng = np.random.default_rng(6)
    w = gaussian(rng, 40, 16)
    stretches = log_spread(w)  # (40, 16): sums of log10 |diag R|
    product, extremes = np.eye(16), []
    for layer in w:
        product = layer @ product
        s = np.linalg.svd(product, compute_uv=False)
        extremes.append(np.log10(s[[0, -1]]))
    extremes = np.array(extremes)  # (40, 2): read off the product
    by_qr, read_off = (s[:, 0] - s[:, -1] for s in (stretches, extremes))
    print("largest over smallest, powers of ten")
    print(f"10 layers   {by_qr[9]:.1f}   read off the product {read_off[9]:.1f}")
    print(f"40 layers   {by_qr[-1]:.1f}   the product shows less: {read_off[-1] < 22}")
    # --8<-- [end:spread]
    spread_after_10, spread_after_40 = float(read_off[9]), float(by_qr[-1])
    ratio_after_10 = 10**spread_after_10

    # --8<-- [start:spread_picture]
    fig, ax = plt.subplots()
    k = np.arange(1, 41)
    ax.plot(k, stretches[:, 1:-1], color=LINE, ls="-", lw=1)
    ax.plot(k, stretches[:, [0, -1]], color=INK, ls="-", lw=2)
    ax.plot(k, extremes[:, 1], color=ACCENT, lw=1.8, ls=":")
    ax.axhline(0, color=SOFT, lw=1.6, ls="--")
    ax.text(40.5, 0.6, "orthogonal", color=SOFT, va="bottom")
    ax.text(40.5, -2.0, "largest", color=INK, va="center")
    ax.text(40.5, stretches[-1, -1], "smallest", color=INK, va="center")
    ax.text(40.5, extremes[-1, 1], "read off the product", color=ACCENT, va="center")
    ax.set_yticks([0, -10, -20, -30], ["$1$", "$10^{-10}$", "$10^{-20}$", "$10^{-30}$"])
    ax.set_xticks([1, 10, 20, 30, 40])
    ax.set_xlabel("layers multiplied")
    ax.set_ylabel("stretch")
    plt.show()
    # --8<-- [end:spread_picture]

    # --8<-- [start:newman]
    theory = newman_exponents(16)
    slopes = log_spread(gaussian(rng, 4000, 16))[-1] / 4000
    print(f"theory     largest {theory[0]:.3f}   smallest {theory[-1]:.3f}")
    print(f"measured   largest {slopes[0]:.3f}   smallest {slopes[-1]:.3f}")
    # --8<-- [end:newman]
    exponent_gap = float(np.abs(slopes - theory).max())
    decades_per_layer = float(theory[0] - theory[-1])

    # --8<-- [start:starve]
    rng = np.random.default_rng(7)
    batch, labels = rng.standard_normal((16, 64)), rng.standard_normal((16, 64))
    first_over_last, first_layer = {}, {}
    for activation, gain in (("linear", 0.5), ("sigmoid", 1.0)):
        w = gaussian(rng, 20, 16, gain)
        out, inputs, slopes = run(w, batch, activation)
        g = weight_gradients(pull_back(w, slopes, (out - labels) / 64), inputs)
        first, last = float(np.linalg.norm(g[0])), float(np.linalg.norm(g[-1]))
        first_over_last[activation], first_layer[activation] = first / last, first
        print(f"{activation:8} first layer {first:.0e}   last layer {last:.0e}")
    # --8<-- [end:starve]

    # --8<-- [start:training]
    rng = np.random.default_rng(8)
    batch = rng.standard_normal((16, 64))
    labels = gaussian(rng, 1, 16)[0] @ batch
    rates = np.geomspace(2e-3, 0.5, 6)
    zero = np.mean(labels**2)  # the loss of answering 0 to everything
    curves, ends = {}, {}
    for activation, gain in (("linear", 1), ("tanh", 1), ("relu", np.sqrt(2))):
        for start in (gaussian, orthogonal):
            w = start(rng, 40, 16, gain)
            copies = np.repeat(w[:, None], len(rates), axis=1)
            losses, _ = train(copies, batch, labels, rates, activation, 100)
            best = losses[:, np.nanargmin(losses[-1])] / zero
            name = f"{activation}_{start.__name__}"
            curves[name], ends[name] = best, float(best[-1])
            print(f"{activation:6} {start.__name__:10} {best[0]:.2f} -> {best[-1]:.3f}")
    # --8<-- [end:training]
    start_gap = ends["linear_gaussian"] / ends["linear_orthogonal"]

    # --8<-- [start:training_picture]
    fig, panels = plt.subplots(1, 3, sharey=True, figsize=(7.2, 3))
    for ax, (activation, title) in zip(
        panels, {"linear": "linear", "tanh": "tanh", "relu": "ReLU"}.items(), strict=True
    ):
        for start, style, colour in (("gaussian", "--", SOFT), ("orthogonal", "-", INK)):
            curve = curves[f"{activation}_{start}"]
            ax.semilogy(curve, color=colour, ls=style, lw=1.8)
        ax.text(50, 5, title, color=INK, ha="center")
        ax.set_ylim(0.01, 10)  # a rate that is too large can pass 1e40 before its units die
        ax.set_xticks([0, 50, 100])
        ax.set_yticks([1, 0.1, 0.01], ["1", "0.1", "0.01"])
        ax.minorticks_off()
    panels[0].text(100, 1.35, "Gaussian", color=SOFT, ha="right")
    panels[0].text(100, 0.045, "orthogonal", color=INK, ha="right")
    panels[1].set_xlabel("steps")
    panels[0].set_ylabel("loss")
    plt.show()
    # --8<-- [end:training_picture]
