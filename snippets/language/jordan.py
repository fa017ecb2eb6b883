"""Jordan blocks: powers with a polynomial factor, and what is left when the block is not exact."""

from math import comb

import numpy as np

Array = np.ndarray


def jordan(value: float, size: int) -> Array:
    """The Jordan block: `value` on the diagonal, ones just above it."""
    return value * np.eye(size) + np.eye(size, k=1)


def jordan_power(value: float, size: int, k: int) -> Array:
    """The k-th power of a Jordan block, k >= 0, by its formula.

    comb(k, d) value^(k - d) on the d-th diagonal above the main one.
    """
    power = np.zeros((size, size))
    for d in range(min(size, k + 1)):
        power += comb(k, d) * value ** (k - d) * np.eye(size, k=d)
    return power


def trajectory(w: Array, start: Array, steps: int) -> Array:
    """start, w start, ..., w^steps start as rows, shape (steps + 1, n)."""
    rows = [start]
    for _ in range(steps):
        rows.append(w @ rows[-1])
    return np.array(rows)


def nearly(value: float, gap: float) -> Array:
    """A block whose eigenvalues, value and value - gap, differ if gap > 0."""
    return np.array([[value, 1.0], [0.0, value - gap]])


def basis_condition(w: Array) -> float:
    """Condition number of the computed eigenvectors, taken as a basis."""
    return float(np.linalg.cond(np.linalg.eig(w)[1]))


def momentum_matrix(curvature: float, rate: float, beta: float) -> Array:
    """One step of gradient descent with momentum on curvature x^2 / 2.

    It maps (x_k, x_(k-1)) to (x_(k+1), x_k), where
    x_(k+1) = x_k - rate curvature x_k + beta (x_k - x_(k-1)).
    """
    return np.array([[1 + beta - rate * curvature, -beta], [1.0, 0.0]])


if __name__ == "__main__":
    import matplotlib.pyplot as plt

    from snippets.palette import ACCENT, INK, LINE, SOFT

    # --8<-- [start:missing]
    J, D = jordan(0.9, 2), 0.9 * np.eye(2)
    for name, w in (("J", J), ("0.9 I", D)):
        values, vectors = np.linalg.eig(w)
        directions = 2 - np.linalg.matrix_rank(w - 0.9 * np.eye(2))
        print(f"{name:5}   eigenvalues {values}   eigenvectors {directions}")
    vectors = np.linalg.eig(J)[1]
    print("parallel:", abs(vectors[:, 0] @ vectors[:, 1]) > 1 - 1e-12)
    # --8<-- [end:missing]
    eigen_directions = int(2 - np.linalg.matrix_rank(J - D))

    # --8<-- [start:hump]
    peaks, peak_steps, guesses = {}, {}, {}
    for value in (0.9, 0.99):
        path = trajectory(jordan(value, 2), np.array([0.0, 1.0]), 1000)
        k = np.arange(1001)
        exact = np.stack([k * value ** (k - 1.0), value**k], axis=1)
        agrees = np.allclose(path, exact, rtol=1e-9)
        top = int(np.argmax(path[:, 0] > path[:, 0].max() * (1 - 1e-9)))
        print(f"{value:<4}   peak {path[top, 0]:5.2f} at step {top:2}", end="")
        print(f"   -1/ln {-1 / np.log(value):4.1f}   formula {agrees}")
        name = f"v{value}"
        peaks[name], peak_steps[name] = float(path[top, 0]), top
        guesses[name] = float(-1 / np.log(value))
    # --8<-- [end:hump]

    # --8<-- [start:hump_picture]
    fig, ax = plt.subplots(figsize=(7.2, 3.2))
    k = np.arange(0, 61)
    for value, style in ((1, ":"), (0.95, "-"), (0.9, "--")):
        path = trajectory(jordan(value, 2), np.array([0.0, 1.0]), 60)
        ax.plot(k, path[:, 0], color=INK, ls=style, lw=1.8)
    ax.plot(k, 0.95**k, color=ACCENT, ls=":", lw=1.8)
    ax.text(10.3, 11.2, "1", color=INK, ha="right")
    ax.text(33, 6.6, "0.95", color=INK)
    ax.text(17, 3.6, "0.9", color=INK)
    ax.text(6.5, 1.15, "eigenvalue alone", color=ACCENT)
    ax.set(ylim=(0, 12), xticks=[0, 20, 40, 60], yticks=[0, 5, 10])
    ax.set_xlabel("steps")
    ax.set_ylabel("first entry")
    plt.show()
    # --8<-- [end:hump_picture]

    # --8<-- [start:larger]
    tops = {}
    for size in (1, 2, 3, 4, 5):
        powers = [jordan_power(0.9, size, k) for k in range(200)]
        norms = np.linalg.norm(powers, 2, axis=(1, 2))
        tops[size] = float(norms.max())
        print(f"size {size}   peak {norms.max():7.2f} at step {norms.argmax()}")
    # --8<-- [end:larger]
    ratios = [tops[m + 1] / tops[m] for m in (2, 3, 4)]
    least_ratio, largest_ratio = min(ratios), max(ratios)

    # --8<-- [start:split]
    moved = {}
    for size in (1, 2, 4, 8):
        w = jordan(0.5, size)
        w[-1, 0] += 1e-12
        shift = abs(np.linalg.eigvals(w) - 0.5).max()
        moved[size] = float(shift)
        root = 1e-12 ** (1 / size)
        print(f"size {size}   moved by {shift:.1e}   root {root:.1e}")
    # --8<-- [end:split]

    # --8<-- [start:split_picture]
    fig, row = plt.subplots(1, 3, figsize=(6.4, 2.5), sharey=True)
    rng = np.random.default_rng(0)
    turn = np.linspace(0, 2 * np.pi, 200)
    for ax, size in zip(row, (8, 12, 16), strict=True):
        radius = 1e-10 ** (1 / size)
        ax.plot(radius * np.cos(turn), radius * np.sin(turn), color=LINE)
        for _ in range(20):
            e = rng.standard_normal((size, size))
            w = jordan(0.0, size) + 1e-10 * e
            dots = np.linalg.eigvals(w)
            ax.plot(dots.real, dots.imag, "o", color=INK, ms=1.5)
        ax.plot(0, 0, "o", color=ACCENT, ms=4)
        ax.text(0, 0.36, f"{size}", color=INK, ha="center")
        ax.set(xlim=(-0.45, 0.45), ylim=(-0.32, 0.45), aspect="equal")
        ax.axis("off")
    plt.show()
    # --8<-- [end:split_picture]

    # --8<-- [start:never]
    rng = np.random.default_rng(1)
    worst = max(
        basis_condition(rng.standard_normal((8, 8))) for _ in range(2000)
    )
    print("2000 random matrices, none defective:", worst < 1e8)
    tallest = {}
    for gap in (0.1, 0.01, 0.001, 1e-9):
        w = nearly(0.99, gap)
        path = trajectory(w, np.array([0.0, 1.0]), 1000)
        tallest[f"{gap:g}"] = float(path[:, 0].max())
        print(f"gap {gap:<6g}   basis {basis_condition(w):7.0e}", end="")
        print(f"   peak {path[:, 0].max():.2f}")
    # --8<-- [end:never]
    none_defective = bool(worst < 1e8)
    widest_basis = float(basis_condition(w))

    # --8<-- [start:never_picture]
    fig, ax = plt.subplots(figsize=(7.2, 3.2))
    k, start = np.arange(401), np.array([0.0, 1.0])
    path = trajectory(jordan(0.99, 2), start, 400)[:, 0]
    ax.plot(k, path, color=ACCENT, lw=3)
    for gap, style in ((0.001, "--"), (0.01, "-"), (0.1, ":")):
        path = trajectory(nearly(0.99, gap), start, 400)[:, 0]
        ax.plot(k, path, color=INK, ls=style, lw=1.6)
    ax.text(150, 35, "defective", color=ACCENT)
    ax.text(82, 31, "0.001", color=INK)
    ax.text(112, 23, "0.01", color=INK)
    ax.text(50, 9.2, "0.1", color=INK)
    ax.set(xticks=[0, 100, 200, 300, 400], yticks=[0, 20, 40])
    ax.set_xlabel("steps")
    ax.set_ylabel("first entry")
    plt.show()
    # --8<-- [end:never_picture]

    # --8<-- [start:momentum]
    curvature, rate = 1.0, 0.01
    critical = (1 - np.sqrt(rate * curvature)) ** 2
    needed = {}
    for beta in (0.0, 0.6, critical, 0.82, 0.95):
        w = momentum_matrix(curvature, rate, beta)
        path = abs(trajectory(w, np.array([1.0, 1.0]), 2000)[:, 0])
        steps = int(np.flatnonzero(path > 1e-6)[-1]) + 1
        radius = abs(np.linalg.eigvals(w)).max()
        needed[f"b{beta:.2f}"] = steps
        print(f"beta {beta:.2f}   radius {radius:.3f}   steps {steps}")
    w = momentum_matrix(curvature, rate, critical)
    off = w - np.sqrt(critical) * np.eye(2)
    print("rank of W - r I:", np.linalg.matrix_rank(off, tol=1e-9))
    print("its square is zero:", np.allclose(off @ off, 0))
    # --8<-- [end:momentum]
    critical = float(critical)
    by_radius = int(np.ceil(np.log(1e-6) / np.log(critical**0.5)))

    # --8<-- [start:momentum_picture]
    fig, ax = plt.subplots(figsize=(7.2, 3.2))
    k, start = np.arange(301), np.array([1.0, 1.0])
    for beta, style, colour in (
        (0.6, "--", SOFT), (critical, "-", INK), (0.95, ":", SOFT)
    ):
        w = momentum_matrix(curvature, rate, beta)
        path = abs(trajectory(w, start, 300)[:, 0])
        ax.semilogy(k, path, color=colour, ls=style, lw=1.6)
    ax.semilogy(k, critical ** (k / 2), color=ACCENT, lw=1.4)
    ax.text(262, 4e-3, "0.60", color=SOFT)
    ax.text(205, 1e-2, "0.95", color=SOFT)
    ax.text(150, 3e-5, "0.81", color=INK)
    ax.text(84, 1e-5, "radius alone", color=ACCENT, ha="right")
    ax.set(ylim=(1e-8, 2), xticks=[0, 100, 200, 300], yticks=[1, 1e-4, 1e-8])
    ax.minorticks_off()
    ax.set_xlabel("steps")
    ax.set_ylabel("distance to the minimum")
    plt.show()
    # --8<-- [end:momentum_picture]
