"""Eigenvalues and singular values: what each tells, and what it hides."""

from __future__ import annotations

import numpy as np

from snippets.mechanics.residuals import spectral_radius


def spectral_norm(w: np.ndarray) -> float:
    """Return the largest singular value: the longest image of a unit vector."""
    return float(np.linalg.norm(w, 2))


def power_norms(w: np.ndarray, steps: int) -> np.ndarray:
    """Return the spectral norms of W**0, W**1, ..., W**steps."""
    power, norms = np.eye(len(w)), []
    for _ in range(steps + 1):
        norms.append(spectral_norm(power))
        power = w @ power
    return np.array(norms)


def departure(w: np.ndarray) -> float:
    """Return Henrici's departure from normality.

    The square root of sum of sigma**2 minus sum of |lambda|**2; it is 0
    exactly for normal matrices. P. Henrici, Numer. Math. 4 (1962).
    """
    excess = (w**2).sum() - (abs(np.linalg.eigvals(w)) ** 2).sum()
    return float(np.sqrt(max(excess, 0.0)))


def chain(n: int, weight: float) -> np.ndarray:
    """Return the (n, n) matrix in which unit i + 1 feeds unit i only."""
    return np.diag(np.full(n - 1, weight), 1)


def distance_to_singular(w: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Return the smallest singular value of z I - W for each complex z.

    It is the norm of the smallest change of W that makes z an eigenvalue.
    Trefethen and Embree, Spectra and Pseudospectra (2005), section 2.
    """
    shifted = z[..., None, None] * np.eye(len(w)) - w
    return np.linalg.svd(shifted, compute_uv=False)[..., -1]


def kreiss_constant(w: np.ndarray, z: np.ndarray) -> float:
    """Return the largest (|z| - 1) / distance_to_singular over given |z| > 1.

    Some power of W has at least this norm, and no power exceeds e n times
    the supremum over all z (Kreiss matrix theorem, section 18 of the same).
    """
    return float(((abs(z) - 1) / distance_to_singular(w, z)).max())


def recurrent_run(
    w: np.ndarray, x: np.ndarray, bias: float, steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """Iterate x -> tanh(W x + bias); return the last x and its Jacobian."""
    jacobian = np.eye(len(x))
    for _ in range(steps):
        x = np.tanh(w @ x + bias)
        jacobian = (1 - x**2)[:, None] * (w @ jacobian)
    return x, jacobian


if __name__ == "__main__":
    # --8<-- [start:two]
    W = np.array([[0.9, 2.0], [0.0, 0.3]])
    eigenvalues, eigenvectors = np.linalg.eig(W)
    U, sigma, Vt = np.linalg.svd(W)
    print("eigenvalues    ", eigenvalues)
    print("singular values", sigma.round(3))
    v = eigenvectors[:, 1]
    print("W v against v  ", (W @ v / v).round(3))
    print("W v1 against s1 u1:", np.allclose(W @ Vt[0], sigma[0] * U[:, 0]))
    # --8<-- [end:two]
    largest_eigenvalue, largest_stretch = max(eigenvalues), sigma[0]

    # --8<-- [start:two_picture]
    import matplotlib.pyplot as plt

    from snippets.palette import ACCENT, INK, LINE, SOFT, B, C

    turn = np.linspace(0, 2 * np.pi, 200)
    circle = np.array([np.cos(turn), np.sin(turn)])
    figure, row = plt.subplots(1, 2, figsize=(6.2, 2.6), width_ratios=[1, 1.7])
    for axes, image, colour in ((row[0], np.eye(2), B), (row[1], W, C)):
        axes.plot(*(image @ circle), "-", color=LINE, linewidth=1.2)
        for x in Vt:
            axes.plot(*np.outer(image @ x, [-1, 1]), "-", color=colour)
        for x in eigenvectors.T:
            axes.plot(*np.outer(image @ x, [-1, 1]), "--", color=ACCENT)
        axes.set_aspect("equal")
        axes.axis("off")
    row[0].text(0, 1.25, "before", ha="center", color=INK)
    row[1].text(0, 1.25, "after", ha="center", color=INK)
    row[0].set(xlim=(-1.2, 1.2), ylim=(-1.3, 1.5))
    row[1].set(xlim=(-2.4, 2.4), ylim=(-1.3, 1.5))
    plt.show()
    # --8<-- [end:two_picture]

    # --8<-- [start:real]
    rng = np.random.default_rng(0)
    n, draws = 100, 40
    counts = []
    for _ in range(draws):
        eigenvalues = np.linalg.eigvals(rng.standard_normal((n, n)))
        counts.append(int(np.isreal(eigenvalues).sum()))
    mean_real = np.mean(counts)
    expected_real = np.sqrt(2 * n / np.pi) + 0.5
    print(f"real ones among {n}: mean {mean_real:.1f},"
          f" fewest {min(counts)}, most {max(counts)}")
    print(f"sqrt(2n/pi) + 1/2 = {expected_real:.1f}")

    turn30 = np.array([[np.sqrt(3), -1], [1, np.sqrt(3)]]) / 2
    print("rotation by 30 degrees:", np.linalg.eigvals(turn30).round(3))
    # --8<-- [end:real]

    # --8<-- [start:real_picture]
    g = rng.standard_normal((n, n)) / np.sqrt(n)
    figure, row = plt.subplots(1, 3, figsize=(6.4, 2.3))
    for axes, (name, w) in zip(row, {
        "Gaussian": g,
        "symmetric": (g + g.T) / np.sqrt(8),
        "orthogonal": np.linalg.qr(g)[0],
    }.items(), strict=True):
        spectrum = np.linalg.eigvals(w)
        real = np.isreal(spectrum)
        axes.plot(*circle, "-", color=LINE)
        for which, colour in ((~real, SOFT), (real, ACCENT)):
            dots = spectrum[which]
            axes.plot(dots.real, dots.imag, "o", color=colour, markersize=2.5)
        axes.text(0, 1.2, name, ha="center", color=INK)
        axes.set(xlim=(-1.3, 1.3), ylim=(-1.2, 1.5), aspect="equal")
        axes.axis("off")
    plt.show()
    # --8<-- [end:real_picture]

    # --8<-- [start:normal]
    g = rng.standard_normal((16, 16)) / 4
    samples = {
        "symmetric": (g + g.T) / 2,
        "orthogonal": np.linalg.qr(g)[0],
        "Gaussian": g,
        "triangular": np.triu(g),
    }
    print("             radius   norm   departure   basis")
    radius, norm, share, basis = {}, {}, {}, {}
    for name, w in samples.items():
        radius[name], norm[name] = spectral_radius(w), spectral_norm(w)
        share[name] = departure(w) / np.linalg.norm(w)
        basis[name] = np.linalg.cond(np.linalg.eig(w)[1])
        print(f"{name:11} {radius[name]:7.3f} {norm[name]:7.3f}"
              f" {share[name]:10.2f}   {basis[name]:7.0e}")
    # --8<-- [end:normal]

    # --8<-- [start:hump]
    W = np.array([[0.9, 10.0], [0.0, 0.9]])
    norms = power_norms(W, 200)
    peak_at = int(norms.argmax())
    peak = norms[peak_at]
    below = int((norms >= 1).nonzero()[0].max()) + 1
    print(f"radius {spectral_radius(W):.1f}   norm {norms[1]:.2f}")
    print(f"largest power norm {peak:.2f} at k = {peak_at}")
    print(f"below 1 from k = {below} on")
    gelfand = {k: norms[k] ** (1 / k) for k in (1, 10, 50, 200)}
    for k, root in gelfand.items():
        print(f"k = {k:3}   k-th root of the norm {root:.3f}")
    # --8<-- [end:hump]

    # --8<-- [start:hump_picture]
    figure, axes = plt.subplots(figsize=(6.4, 3.0))
    steps = np.arange(81)
    axes.semilogy(steps, norms[:81], "-", color=INK)
    axes.semilogy(steps, 0.9**steps, "--", color=SOFT)
    axes.semilogy([0, 3], [1, norms[1] ** 3], ":", color=SOFT)
    axes.axhline(1, color=LINE, linewidth=0.8, linestyle="-", zorder=0)
    axes.text(30, 28, "norm of the power", color=INK)
    axes.text(2, 1.2e-2, "radius to the power", color=SOFT)
    axes.text(4, 500, "norm to the power", color=SOFT)
    axes.set(xlabel="steps", xticks=[0, peak_at, below, 80], ylim=(1e-3, 2e3))
    axes.set_yticks([1e-2, 1, 1e2])
    plt.show()
    # --8<-- [end:hump_picture]

    # --8<-- [start:random]
    growth, peaks = [], []
    for seed in range(10):
        g = np.random.default_rng(seed).standard_normal((100, 100))
        w = 0.95 * g / spectral_radius(g)
        norms = power_norms(w, 20)
        growth.append(norms[1])
        peaks.append(norms.max())
    print(f"radius 0.95   norm {min(growth):.2f} to {max(growth):.2f}")
    print(f"largest power norm {min(peaks):.2f} to {max(peaks):.2f}")
    # --8<-- [end:random]
    least_peak, most_peak = min(peaks), max(peaks)

    # --8<-- [start:pseudo]
    side = np.linspace(-3, 3, 121)
    z = side[:, None] * 1j + side
    kreiss = kreiss_constant(W, z[abs(z) > 1])
    change_for_one = distance_to_singular(W, np.array(1.0))
    print(f"1 becomes an eigenvalue if W changes by {change_for_one:.4f}")
    print(f"Kreiss {kreiss:.1f} <= peak {peak:.1f}"
          f" <= e n Kreiss {np.e * 2 * kreiss:.1f}")
    # --8<-- [end:pseudo]

    # --8<-- [start:pseudo_picture]
    figure, row = plt.subplots(1, 2, figsize=(6.2, 2.9))
    plain = np.array([[0.9, 0.0], [0.0, 0.9]])
    for axes, w in ((row[0], plain), (row[1], W)):
        axes.contour(side, side, distance_to_singular(w, z),
                     levels=[0.01, 0.1, 0.3], colors=[INK, SOFT, SOFT],
                     linestyles=["-", "--", ":"], linewidths=1.2)
        axes.plot(np.cos(turn), np.sin(turn), "-", color=ACCENT, linewidth=1)
        axes.plot([0.9], [0], "o", color=INK, markersize=4)
        axes.set(aspect="equal", xlim=(-2.2, 3), ylim=(-2.4, 2.8))
        axes.axis("off")
    row[0].text(0.4, 1.6, "normal", ha="center")
    row[1].text(0.4, 2.45, "not normal", ha="center")
    plt.show()
    # --8<-- [end:pseudo_picture]

    # --8<-- [start:one_way]
    n = 20
    N = chain(n, 3.0)
    norms = power_norms(N, n)
    print(f"radius {spectral_radius(N):.1f}   norm {norms[1]:.1f}")
    print(f"norm of N**19 {norms[19]:.3e}   of N**20 {norms[20]:.1f}")

    nudged = N.copy()
    nudged[-1, 0] = 1e-10
    nudged_radius = spectral_radius(nudged)
    moved = abs(np.linalg.svd(nudged)[1] - np.linalg.svd(N)[1]).max()
    print(f"one entry changed by 1e-10: radius {nudged_radius:.3f}")
    print(f"singular values moved by at most 1e-10: {moved < 1.01e-10}")
    # --8<-- [end:one_way]
    chain_peak = norms[19]

    # --8<-- [start:different]
    left = np.array([[0.5, 2.0], [0.0, 0.5]])
    right = left.T
    radius_product = spectral_radius(left @ right)
    print(f"radii {spectral_radius(left)} and {spectral_radius(right)},"
          f" of the product {radius_product:.2f}")
    print(f"norms {spectral_norm(left):.2f} and {spectral_norm(right):.2f},"
          f" of the product {spectral_norm(left @ right):.2f}")

    layers = rng.standard_normal((30, 64, 64)) / 8
    product = np.linalg.multi_dot(layers)
    bound = np.prod([spectral_norm(w) for w in layers])
    print(f"30 Gaussian layers: product of norms {bound:.0e},"
          f" norm of product {spectral_norm(product):.0f}")
    x = rng.standard_normal(64)
    typical = np.linalg.norm(product @ x) / np.linalg.norm(x)
    print(f"a random x becomes {typical:.2f} times as long")
    # --8<-- [end:different]
    loose_bound, true_norm = bound, spectral_norm(product)

    # --8<-- [start:saturate]
    g = np.random.default_rng(0).standard_normal((50, 50))
    w = 1.5 * g / spectral_radius(g)
    x = np.random.default_rng(1).standard_normal(50)
    linear = np.linalg.norm(np.linalg.matrix_power(w, 50) @ x)
    print(f"linear          state {linear:.0e}")
    size, gradient = {}, {}
    for bias in (0, 5):
        state, jacobian = recurrent_run(w, x, bias, steps=50)
        size[bias] = np.linalg.norm(state)
        gradient[bias] = spectral_norm(jacobian)
        print(f"tanh, bias {bias}    state {size[bias]:.1f}"
              f"   Jacobian {gradient[bias]:.0e}")

    calm = np.linalg.matrix_power(np.diag([1.1, 0.5]), 50) @ [0, 1]
    print(f"radius 1.1, but this start shrinks to {np.linalg.norm(calm):.0e}")
    # --8<-- [end:saturate]
    linear_state, calm_state = linear, np.linalg.norm(calm)
