"""What adding the identity does to a layer, to many layers, and to a recurrence."""

from collections.abc import Sequence

import numpy as np
import torch

from snippets.mechanics.gradients import gaussian, orthogonal, train, unit_vector

Array = np.ndarray


def set_distance(a: Array, b: Array) -> float:
    """Between two sets of complex numbers: the largest distance to the nearest."""
    gaps = np.abs(a[:, None] - b[None, :])
    return float(max(gaps.min(axis=0).max(), gaps.min(axis=1).max()))


def spectral_radius(w: Array) -> float:
    """Largest absolute value among the eigenvalues of w."""
    return float(np.abs(np.linalg.eigvals(w)).max())


def orthogonality_error(w: Array) -> float:
    """Frobenius norm of W^T W - I; for a stack (L, n, n) the mean over its matrices."""
    return float(np.linalg.norm(w.mT @ w - np.eye(w.shape[-1]), axis=(-2, -1)).mean())


def lengths_along(matrices: Sequence[Array], x: Array) -> Array:
    """Length of x, then of x after each matrix in turn, in units of the first."""
    lengths = [np.linalg.norm(x)]
    for m in matrices:
        x = m @ x
        lengths.append(np.linalg.norm(x))
    return np.array(lengths) / lengths[0]


def residual_layers(rng: np.random.Generator, depth: int, n: int, gain: float) -> Array:
    """I + W for `depth` independent Gaussian W of this gain, shape (depth, n, n)."""
    return np.eye(n) + gaussian(rng, depth, n, gain)


def block(h: Array, w1: Array, w2: Array) -> Array:
    """x + F(x) with F(x) = W2 relu(W1 x): a residual block without normalisation."""
    return h + w2 @ np.maximum(w1 @ h, 0)


def block_jacobian(h: Array, w1: Array, w2: Array) -> Array:
    """I + W2 D W1 at h of shape (n, 1); D keeps the rows where W1 h is positive."""
    return np.eye(len(h)) + w2 @ ((w1 @ h > 0) * w1)


def antisymmetric(rng: np.random.Generator, n: int) -> Array:
    """A random K with K^T = -K, entries of variance 1 / n."""
    g = rng.standard_normal((n, n))
    return (g - g.T) / np.sqrt(2 * n)


def rotation(k: Array, t: float) -> Array:
    """exp(t K) for antisymmetric K, orthogonal at any t; iK is Hermitian, so eigh will do."""
    values, vectors = np.linalg.eigh(1j * k)
    return ((vectors * np.exp(-1j * t * values)) @ vectors.conj().T).real


def horizon(lengths: Array, factor: float) -> int | None:
    """First step at which a length leaves [1 / factor, factor], if it does."""
    outside = np.flatnonzero((lengths > factor) | (lengths < 1 / factor))
    return int(outside[0]) if len(outside) else None


def recall(w: Array, u: Array, delays: int, noise: float) -> Array:
    """How well x_{t-k} can be read off h_t = W h_{t-1} + u x_t, for k = 0 .. delays - 1.

    1 is perfect, 0 is not at all: the share of the variance of x_{t-k} that the best linear
    reading explains when x is white noise and the run is long. h is scaled to a mean square
    of 1 per component and read with this much noise. u: (n, 1); W must forget (its powers
    tend to 0). With C the covariance of h, the share is v^T (C + noise^2 I)^-1 v for
    v = W^k u (White, Lee & Sompolinsky 2004).
    """
    covariance, power = u @ u.T, w
    for _ in range(14):  # doubles the number of past inputs: 2^14 of them at the end
        covariance = covariance + power @ covariance @ power.T
        power = power @ power
    scale = np.trace(covariance) / len(w)
    reading = np.linalg.inv(covariance / scale + noise**2 * np.eye(len(w)))
    shares, v = [], u / np.sqrt(scale)
    for _ in range(delays):
        shares.append((v.T @ reading @ v).item())
        v = w @ v
    return np.array(shares)


def first_sign_batch(
    generator: torch.Generator, length: int, batch: int, noise: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """A number, then length - 1 numbers of size `noise`; and 1 where the first is positive.

    Shapes (length, batch) and (batch,).
    """
    x = torch.randn(length, batch, generator=generator)
    x[1:] *= noise
    return x, (x[0] > 0).float()


def train_recurrences(
    starts: Array, activation: str, noise: float, length: int = 40, steps: int = 80, seed: int = 0
) -> tuple[Array, Array]:
    """Train S recurrences h = f(W h + u x) to tell the sign of their first input.

    starts: (S, n, n), one start of W each; u and the readout start alike. Adam, fresh noise
    at each step. Returns loss and accuracy on a new batch, each of shape (S,).
    """
    f = {"tanh": torch.tanh, "relu": torch.relu}[activation]
    generator = torch.Generator().manual_seed(seed)
    count, n, _ = starts.shape
    w = torch.tensor(starts, dtype=torch.float32, requires_grad=True)
    draw = torch.randn(2, n, 1, generator=generator) / np.sqrt(n)
    u, readout = (part.repeat(count, 1, 1).requires_grad_() for part in draw)
    optimiser = torch.optim.Adam([w, u, readout], lr=3e-3)

    def outputs(x: torch.Tensor) -> torch.Tensor:
        h = torch.zeros(count, n, x.shape[1])
        for x_t in x:
            h = f(w @ h + u * x_t)
        return (readout * h).sum(dim=1)

    def losses(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        entropy = torch.nn.functional.binary_cross_entropy_with_logits
        return entropy(logits, labels.expand_as(logits), reduction="none").mean(dim=1)

    for _ in range(steps):
        x, labels = first_sign_batch(generator, length, 32, noise)
        optimiser.zero_grad()
        losses(outputs(x), labels).sum().backward()
        optimiser.step()
    with torch.no_grad():
        x, labels = first_sign_batch(generator, length, 500, noise)
        logits = outputs(x)
        accuracy = ((logits > 0) == (labels > 0)).float().mean(dim=1)
        return losses(logits, labels).numpy(), accuracy.numpy()


def train_blocks(
    skips: Array, gains: Array, depth: int, x: torch.Tensor, y: torch.Tensor, steps: int
) -> tuple[Array, Array, Array]:
    """Adam on S networks of `depth` blocks, h -> skip h + W2 relu(W1 h), side by side.

    skips: (S,), gains: (S,) of W2 at the start; W1 has gain sqrt 2, so that W2 relu(W1 h) is
    `gain` times as long as h. x, y: (n, batch). Returns the mean squared errors, shape
    (steps + 1, S), and the median length of a block's branch over that of its input, before
    and after training, each of shape (S,).
    """
    generator = torch.Generator().manual_seed(0)
    count, n = len(skips), len(x)
    skip = torch.tensor(skips, dtype=torch.float32)[:, None, None]
    w1, w2 = torch.randn(2, depth, 1, n, n, generator=generator) / np.sqrt(n)
    w1 = (np.sqrt(2) * w1).repeat(1, count, 1, 1).requires_grad_()
    w2 = w2 * torch.tensor(gains, dtype=torch.float32)[:, None, None]
    w2.requires_grad_()
    optimiser = torch.optim.Adam([w1, w2], lr=1e-3)
    losses, branch_sizes = [], []
    for step in range(steps + 1):
        h, ratios = x.expand(count, *x.shape), []
        for first, second in zip(w1, w2, strict=True):
            branch = second @ torch.relu(first @ h)
            ratios.append((branch.norm(dim=(1, 2)) / h.norm(dim=(1, 2))).detach())
            h = skip * h + branch
        loss = ((h - y) ** 2).mean(dim=(1, 2))
        losses.append(loss.detach().numpy())
        branch_sizes.append(torch.stack(ratios).median(dim=0).values.numpy())
        if step < steps:
            optimiser.zero_grad()
            loss.sum().backward()
            optimiser.step()
    return np.array(losses), branch_sizes[0], branch_sizes[-1]


if __name__ == "__main__":
    import matplotlib.pyplot as plt

    from snippets.palette import INK, LINE, SOFT, B, C

    # --8<-- [start:drift]
    rng = np.random.default_rng(0)
    batch = rng.standard_normal((16, 64))
    labels = gaussian(rng, 1, 16)[0] @ batch
    w = orthogonal(rng, 10, 16)
    rate = np.array([0.03])
    losses, after = train(w[:, None], batch, labels, rate, "linear", 100)
    error_before = orthogonality_error(w)
    error_after = orthogonality_error(after[:, 0])
    print(f"loss {losses[0, 0]:.2f} -> {losses[-1, 0]:.2f}")
    print("|W^T W - I| below 1e-12 before training:", error_before < 1e-12)
    print(f"after training: {error_after:.2f}")
    # --8<-- [end:drift]
    loss_before, loss_after = float(losses[0, 0]), float(losses[-1, 0])

    # --8<-- [start:by_hand]
    w = np.array([[0.0, 0.3], [0.1, 0.2]])
    print("W     ", np.linalg.eigvals(w).round(3))
    print("I + W ", np.linalg.eigvals(np.eye(2) + w).round(3))
    # --8<-- [end:by_hand]
    low, high = sorted(float(v) for v in np.linalg.eigvals(w))

    # --8<-- [start:shift]
    rng = np.random.default_rng(1)
    w = gaussian(rng, 1, 64, gain=0.3)[0]
    plain, residual = np.linalg.eigvals(w), np.linalg.eigvals(np.eye(64) + w)
    shift_error = set_distance(residual, 1 + plain)
    print("eig(I + W) = 1 + eig(W) to 1e-12:", shift_error < 1e-12)
    sizes = np.abs(residual)
    print(f"|eig(W)| up to {np.abs(plain).max():.2f}")
    print(f"|eig(I + W)| from {sizes.min():.2f} to {sizes.max():.2f}")
    # --8<-- [end:shift]
    plain_radius = float(np.abs(plain).max())
    residual_low, residual_high = float(sizes.min()), float(sizes.max())

    # --8<-- [start:shift_picture]
    fig, ax = plt.subplots(figsize=(7.2, 3.2))
    ax.add_patch(plt.Circle((0, 0), 1, fill=False, color=LINE, lw=1.4))
    ax.plot(plain.real, plain.imag, "o", ms=4, mfc="none", color=SOFT)
    ax.plot(residual.real, residual.imag, "o", ms=4, color=INK)
    ax.text(0, 0.42, "W", ha="center", color=SOFT)
    ax.text(1, 0.42, "I + W", ha="center", color=INK)
    ax.text(-0.72, 0.8, "unit circle", ha="right", color=SOFT)
    ax.axhline(0, color=LINE, lw=1, zorder=0)
    ax.set(xlim=(-1.6, 1.6), ylim=(-1.1, 1.1), xticks=[-1, 0, 1], yticks=[])
    ax.spines["left"].set_visible(False)
    ax.set_aspect("equal")
    plt.show()
    # --8<-- [end:shift_picture]

    # --8<-- [start:small_entries]
    rng = np.random.default_rng(2)
    clouds, radii = {}, {}
    for n in (16, 144, 576):
        clouds[n] = np.linalg.eigvals(0.05 * rng.standard_normal((n, n)))
        radius = radii[f"n{n}"] = float(np.abs(clouds[n]).max())
        law = 0.05 * np.sqrt(n)
        print(f"n = {n:3}   largest |eigenvalue| {radius:.2f}   predicted {law:.2f}")
    even = spectral_radius(np.full((576, 576), 1 / 576))
    print(f"every entry 1/576: {even:.2f}")
    # --8<-- [end:small_entries]

    # --8<-- [start:circles]
    fig, panels = plt.subplots(1, 3, figsize=(7.2, 2.8))
    for ax, (n, cloud) in zip(panels, clouds.items(), strict=True):
        ax.add_patch(plt.Circle((0, 0), 1, fill=False, color=SOFT, lw=1, ls="--"))
        ax.plot(cloud.real, cloud.imag, "o", ms=2, color=INK)
        ax.text(0, 1.45, f"{n} × {n}", ha="center", color=INK)
        ax.set(xlim=(-1.4, 1.4), ylim=(-1.4, 1.4))
        ax.set_aspect("equal")
        ax.axis("off")
    plt.show()
    # --8<-- [end:circles]

    # --8<-- [start:shear]
    shear = np.array([[1.0, 100.0], [0.0, 1.0]])
    up = np.array([0.0, 1.0])
    moved = float(np.linalg.norm(shear @ up - up))
    print("eigenvalues", np.linalg.eigvals(shear), "  e2 goes to", shear @ up)
    print("moved by", moved, "  norm of W", np.linalg.norm(shear - np.eye(2), 2))
    # --8<-- [end:shear]

    # --8<-- [start:shear_picture]
    angle = np.linspace(0, 2 * np.pi, 200)
    circle = np.array([np.cos(angle), np.sin(angle)])
    fig, panels = plt.subplots(1, 2, figsize=(7.2, 2.7), sharey=True, width_ratios=[1, 2])
    for ax, entry in zip(panels, (0.3, 3.0), strict=True):
        image = np.array([[1, entry], [0, 1]]) @ circle
        ax.plot(*circle, color=B, lw=1.6, ls="--")
        ax.plot(*image, color=C, lw=1.8)
        ax.annotate("", (entry, 1), (0, 1), arrowprops={"arrowstyle": "->", "color": INK})
        ax.text(entry / 2, 1.18, f"{entry:g}", ha="center", color=INK)
        ax.set(xlim=(-1.1 - entry, 1.1 + entry), ylim=(-1.15, 1.5))
        ax.set_aspect("equal")
        ax.axis("off")
    panels[1].text(1.15, -0.75, "x", color=B, ha="center")
    panels[1].text(2.55, 0.2, "(I + W) x", color=C, ha="left")
    plt.show()
    # --8<-- [end:shear_picture]

    # --8<-- [start:factors]
    a = np.array([[0.0, 2.0], [0.0, 0.0]])
    for name, m in (("A", a), ("A^T", a.T), ("A A^T", a @ a.T)):
        print(f"eigenvalues of {name:5}", np.linalg.eigvals(m))
    same = np.array([[0.9, 10.0], [0.0, 0.9]])
    powers = lengths_along([same] * 300, np.array([[0.0], [1.0]]))
    peak = int(powers.argmax())
    print(f"0.9, 0.9: {powers[peak]:.1f} after {peak} steps, {powers[-1]:.0e} after 300")
    # --8<-- [end:factors]
    product_radius = spectral_radius(a @ a.T)
    peak_length, end_length = float(powers[peak]), float(powers[-1])

    # --8<-- [start:depth]
    rng = np.random.default_rng(3)
    n, depth = 64, 50
    gains = {"1": 1, "0.3": 0.3, "1/sqrt L": depth**-0.5, "1/L": 1 / depth}
    growth = {}
    for name, gain in gains.items():
        x = unit_vector(rng, n)
        growth[name] = lengths_along(residual_layers(rng, depth, n, gain), x)
        end, predicted = growth[name][-1], (1 + gain**2) ** (depth / 2)
        print(f"branch gain {name:8}  length {end:8.2g}  predicted {predicted:8.2g}")
    # --8<-- [end:depth]
    growth_one, growth_third, growth_root, growth_inverse = (
        float(lengths[-1]) for lengths in growth.values()
    )

    # --8<-- [start:depth_picture]
    fig, ax = plt.subplots()
    steps = np.arange(depth + 1)
    for name, gain in gains.items():
        ax.plot(steps, np.log10(growth[name]), color=INK, ls="-", lw=1.8)
        ax.plot(steps, steps / 2 * np.log10(1 + gain**2), color=SOFT, lw=1.2, ls="--")
    ax.text(50.8, 7.0, "g = 1", color=INK, va="center")
    ax.text(50.8, 1.1, "g = 0.3", color=INK, va="center")
    ax.text(50.8, 0.35, "g = 1/√L", color=INK, va="center")
    ax.text(50.8, -0.4, "g = 1/L", color=INK, va="center")
    ax.set_ylim(bottom=-0.9)
    ax.set_yticks([0, 2, 4, 6, 8], ["$1$"] + [f"$10^{k}$" for k in (2, 4, 6, 8)])
    ax.set_xticks([0, 10, 20, 30, 40, 50])
    ax.set_xlabel("layers")
    ax.set_ylabel("length of the signal")
    plt.show()
    # --8<-- [end:depth_picture]

    # --8<-- [start:lost]
    direction = unit_vector(rng, n)
    w = -direction @ direction.T  # minus the projection onto one direction
    print(f"length of (I + W) x: {np.linalg.norm(direction + w @ direction):.0f}")
    # --8<-- [end:lost]
    what_is_left = float(np.linalg.norm(direction + w @ direction))

    # --8<-- [start:block_slope]
    h = rng.standard_normal((n, 1))
    w1, w2 = gaussian(rng, 2, n, 0.5)
    step = 1e-6 * unit_vector(rng, n)
    seen = (block(h + step, w1, w2) - block(h - step, w1, w2)) / 2
    with_mask = block_jacobian(h, w1, w2) @ step
    without = step + w2 @ w1 @ step
    right, wrong = (
        float(np.linalg.norm(seen - p) / 1e-6) for p in (with_mask, without)
    )
    print(f"I + W2 D W1 right to 1e-6: {right < 1e-6}   I + W2 W1 off by {wrong:.2f}")
    # --8<-- [end:block_slope]
    mask_error, no_mask_error = right, wrong

    # --8<-- [start:training]
    torch.manual_seed(1)
    x = torch.randn(16, 64)
    y = torch.randn(16, 16) / 4 @ torch.relu(torch.randn(16, 16) / 8**0.5 @ x)
    names = ("plain", "g = 1", "g = 1/sqrt L", "g = 0")
    losses, before, after = train_blocks(
        np.array([0, 1, 1, 1]), np.array([1, 1, 50**-0.5, 0]), 50, x, y, 60
    )
    losses /= (y**2).mean().item()  # 1 is the loss of answering 0
    for s, name in enumerate(names):
        print(
            f"{name:13} loss {losses[0, s]:7.1g} -> {losses[-1, s]:7.1g}"
            f"   branch / input {before[s]:.2f} -> {after[s]:.2f}"
        )
    # --8<-- [end:training]
    loss_plain, loss_one, loss_root, loss_zero = (float(v) for v in losses[-1])
    branch_one, branch_root, branch_zero = (float(v) for v in after[1:])

    # --8<-- [start:horizons]
    rng = np.random.default_rng(4)
    n = 64
    a, k, start = gaussian(rng, 1, n)[0], antisymmetric(rng, n), unit_vector(rng, n)
    lengths, leaves = {}, {}
    for eps, steps in ((0.1, 100), (0.01, 1000), (0.001, 10_000)):
        lengths[eps] = lengths_along([np.eye(n) + eps * a.T] * steps, start)
        first = leaves[f"e{eps}"] = horizon(lengths[eps], 2)
        print(
            f"eps {eps:<6} doubled or halved after {first:4} steps,"
            f"   length after {steps:5}: {lengths[eps][-1]:.0e}"
        )
    turning = lengths_along([rotation(k, 0.01)] * 10_000, start)
    print("exp(0.01 K), length 1 after 10000:", abs(turning[-1] - 1) < 1e-9)
    # --8<-- [end:horizons]
    after_100, after_1000 = float(lengths[0.01][100]), float(lengths[0.01][1000])
    turning_end = float(turning[-1])

    # --8<-- [start:horizon_picture]
    fig, ax = plt.subplots()
    t = np.linspace(0, 10, 200)
    ax.plot(t, np.log10(np.i0(2 * t)) / 2, color=SOFT, lw=1.6, ls="--")
    for eps, curve in lengths.items():
        ax.plot(eps * np.arange(len(curve)), np.log10(curve), color=INK, ls="-", lw=1.6)
    ax.plot(0.01 * np.arange(1001), np.log10(turning[:1001]), color=INK, ls="-", lw=2.4)
    ax.text(10.1, 3.85, "average", color=SOFT, va="center")
    ax.text(10.1, 3.3, "I + εA", color=INK, va="center")
    ax.text(10.1, 0, "exp(εK)", color=INK, va="center")
    ax.set_yticks([0, 1, 2, 3, 4], ["$1$"] + [f"$10^{k}$" for k in (1, 2, 3, 4)])
    ax.set_xticks([0, 1, 5, 10])
    ax.set_xlabel("steps times ε")
    ax.set_ylabel("length of the gradient")
    plt.show()
    # --8<-- [end:horizon_picture]

    # --8<-- [start:remember]
    rng = np.random.default_rng(5)
    m = 32
    g = gaussian(rng, 1, m)[0]
    starts = {
        "I + 0.01 A": np.eye(m) + 0.01 * gaussian(rng, 1, m)[0],
        "orthogonal": orthogonal(rng, 1, m)[0],
        "Gaussian": g,
        "Gaussian / 2": 0.5 * g,
    }
    stack = np.array(list(starts.values()))
    accuracy = {}
    for activation in ("relu", "tanh"):
        _, found = train_recurrences(stack, activation, noise=0.3)
        accuracy[activation] = [float(v) for v in found]
        for name, value in zip(starts, found, strict=True):
            print(f"{activation}   {name:12} {value:.1f}")
    # --8<-- [end:remember]

    # --8<-- [start:memory]
    rng = np.random.default_rng(6)
    n = 40
    q, g = orthogonal(rng, 1, n)[0], gaussian(rng, 1, n)[0]
    k = antisymmetric(rng, n)
    near = np.eye(n) + 0.01 * g
    reservoirs = {
        "identity": 0.99 * np.eye(n),
        "near": 0.99 * near / spectral_radius(near),
        "turning": 0.99 * rotation(k, 0.3),
        "orthogonal": 0.99 * q,
        "gaussian": 0.95 * g / spectral_radius(g),
    }
    u = unit_vector(rng, n)
    memory = {name: recall(w, u, 800, noise=0.01) for name, w in reservoirs.items()}
    capacity = {name: float(m.sum()) for name, m in memory.items()}
    for name, total in capacity.items():
        now = memory[name][0]
        print(f"{name:10} recalls {total:4.1f} of {n}   the last input {now:.2f}")
    # --8<-- [end:memory]
    identity_best = float(memory["identity"].max())
    orthogonal_at_20, gaussian_at_20 = (float(memory[k][20]) for k in ("orthogonal", "gaussian"))

    # --8<-- [start:memory_picture]
    fig, ax = plt.subplots()
    styles = {"identity": "-", "gaussian": "--", "orthogonal": "-"}
    for name, style in styles.items():
        ax.plot(memory[name][:81], color=SOFT if style == "--" else INK, ls=style, lw=1.8)
    ax.text(46, 0.45, "orthogonal", color=INK)
    ax.text(10, 1.04, "Gaussian", color=SOFT)
    ax.text(62, 0.04, "identity", color=INK)
    ax.set_yticks([0, 0.5, 1], ["0", "0.5", "1"])
    ax.set_xticks([0, 20, 40, 60, 80])
    ax.set_xlabel("steps back")
    ax.set_ylabel("recalled")
    plt.show()
    # --8<-- [end:memory_picture]
