"""The penalty |W^T W - I|^2: its gradient, its steps, what it reaches and what it is good for.

Matrices have shape (m, n): n columns of m numbers. y = W x has m outputs, one per row.
"""

import numpy as np
import torch

Array = np.ndarray


def penalty(w: Array) -> float:
    """|W^T W - I|_F^2: zero if and only if the columns have length 1 and right angles."""
    return float(((w.T @ w - np.eye(w.shape[1])) ** 2).sum())


def penalty_gradient(w: Array) -> Array:
    """The gradient of `penalty`: 4 W (W^T W - I), of the shape of w."""
    return 4 * w @ (w.T @ w - np.eye(w.shape[1]))


def column_gradient(w: Array, i: int) -> Array:
    """Column i of the gradient, put together from what each column contributes.

    4 (|w_i|^2 - 1) w_i changes the length, 4 (w_j . w_i) w_j turns w_i away from w_j.
    """
    own = (w[:, i] @ w[:, i] - 1) * w[:, i]
    others = [(w[:, j] @ w[:, i]) * w[:, j] for j in range(w.shape[1]) if j != i]
    return 4 * (own + sum(others))


def descend(w: Array, rate: float, steps: int) -> list[Array]:
    """w, then w after each of `steps` steps of gradient descent on the penalty alone."""
    path = [w]
    for _ in range(steps):
        path.append(path[-1] - rate * penalty_gradient(path[-1]))
    return path


def step_of_value(s: Array, rate: float) -> Array:
    """What such a step makes of each singular value s; the singular vectors stay."""
    return s - 4 * rate * s * (s**2 - 1)


def newton_schulz(w: Array) -> Array:
    """W (3 I - W^T W) / 2, one round. Björck & Bowie (1971), order two."""
    return w @ (3 * np.eye(w.shape[1]) - w.T @ w) / 2


def polar(w: Array) -> Array:
    """U V^T of the singular value decomposition: the nearest W with orthonormal columns.

    (m, n) with m >= n and full rank; for m < n it has orthonormal rows.
    """
    u, _, vt = np.linalg.svd(w, full_matrices=False)
    return u @ vt


def gram_schmidt(w: Array) -> Array:
    """Columns made orthonormal one after another, the first only in length."""
    columns = []
    for column in w.T:
        for q in columns:
            column = column - (q @ column) * q
        columns.append(column / np.linalg.norm(column))
    return np.stack(columns, axis=1)


def soft_value(target: float, strength: float) -> float:
    """The s > 0 that minimises (s - target)^2 + strength (s^2 - 1)^2."""
    roots = np.roots([4 * strength, 0, 2 - 4 * strength, -2 * target])
    real = roots[abs(roots.imag) < 1e-9].real
    costs = (real - target) ** 2 + strength * (real**2 - 1) ** 2
    return float(real[np.argmin(costs)])


def quintic(s: Array) -> Array:
    """The step of the Muon optimiser (Jordan et al. 2024) on a singular value, torch's numbers."""
    return 3.4445 * s - 4.7750 * s**3 + 2.0315 * s**5


def teacher(correlation: float, inputs: int, units: int, rng: np.random.Generator) -> Array:
    """Rows of length 1, shape (units, inputs), any two with this inner product."""
    q = np.linalg.qr(rng.standard_normal((inputs, units)))[0].T
    gram = (1 - correlation) * np.eye(units) + correlation
    return np.linalg.cholesky(gram) @ q


def train_students(
    teachers: Array, strengths: Array, samples: int, noise: float, steps: int = 300, seed: int = 0
) -> tuple[Array, Array]:
    """Learn y = sum over units of relu(T x) from few noisy samples, with a penalty on the rows.

    teachers: (R, units, inputs), each with samples and a start of its own; strengths: (L,), of
    |W W^T - I|^2 beside the mean squared error. R x L students of the teacher's shape train
    side by side: Adam on W and on the output weights. Returns the test error over the variance
    of y, and the mean |cosine| of two rows of W, both of shape (R, L).
    """
    generator = torch.Generator().manual_seed(seed)
    t = torch.tensor(teachers)[:, None]
    count, _, units, inputs = t.shape

    def draw(*shape: int) -> torch.Tensor:
        return torch.randn(count, 1, *shape, generator=generator, dtype=torch.float64)

    x, fresh = draw(inputs, samples), draw(inputs, 500)
    y = torch.relu(t @ x).sum(dim=2) + noise * draw(samples)
    truth = torch.relu(t @ fresh).sum(dim=2)
    start = draw(units, inputs) / inputs**0.5
    w = start.repeat(1, len(strengths), 1, 1).requires_grad_()
    v = torch.ones_like(w[..., :1]).requires_grad_()
    strength = torch.tensor(strengths)
    eye = torch.eye(units, dtype=torch.float64)
    optimiser = torch.optim.Adam([w, v], lr=0.02)
    for _ in range(steps):
        errors = ((v * torch.relu(w @ x)).sum(dim=2) - y) ** 2
        rows = ((w @ w.mT - eye) ** 2).sum(dim=(2, 3))
        optimiser.zero_grad()
        (errors.mean(dim=2) + strength * rows).sum().backward()
        optimiser.step()
    with torch.no_grad():
        errors = ((v * torch.relu(w @ fresh)).sum(dim=2) - truth) ** 2
        unit = w / w.norm(dim=3, keepdim=True)
        cosines = (unit @ unit.mT - eye).abs().sum(dim=(2, 3)) / (units * (units - 1))
        return (errors.mean(dim=2) / truth.var(dim=2)).numpy(), cosines.numpy()


if __name__ == "__main__":
    import matplotlib.pyplot as plt
    from torch.nn.utils.parametrizations import orthogonal

    from snippets.palette import ACCENT, INK, LINE, SOFT, A

    # --8<-- [start:gram]
    w = np.array([[2, 1], [0, 1], [0, 2]])
    print("W^T W =", (w.T @ w).tolist(), "  penalty", penalty(w))
    x = np.array([5, 7])
    print("W x =", w @ x, "  rows times x", [int(row @ x) for row in w])
    # --8<-- [end:gram]
    small_penalty = penalty(w)

    # --8<-- [start:both]
    rng = np.random.default_rng(0)
    for m, n in ((3, 5), (4, 4), (5, 3)):
        w = rng.standard_normal((m, n))
        difference = penalty(w) - penalty(w.T)
        same = np.allclose(penalty_gradient(w), penalty_gradient(w.T).T)
        print(f"{m} x {n}  difference {difference:5.2f}  same gradient {same}")
    # --8<-- [end:both]
    same_gradient = bool(same)

    # --8<-- [start:gradient]
    w = rng.standard_normal((6, 4))
    t = torch.tensor(w, requires_grad=True)
    ((t.T @ t - torch.eye(4)) ** 2).sum().backward()
    by_columns = np.stack([column_gradient(w, i) for i in range(4)], axis=1)
    print("4 W (W^T W - I):", np.allclose(penalty_gradient(w), t.grad))
    print("column by column:", np.allclose(by_columns, t.grad))
    # --8<-- [end:gradient]
    gradients_agree = bool(np.allclose(penalty_gradient(w), t.grad))

    # --8<-- [start:overshoot]
    u, direction = np.array([1.0, 0.0]), np.array([0.6, 0.8])
    for length in (0.5, 1.0, 3.0):
        v = length * direction
        removed = np.linalg.norm((v @ u) * v)
        projection = np.linalg.norm((direction @ u) * direction)
        print(f"length {length}: {removed:.2f}, projection {projection:.2f}")
    # --8<-- [end:overshoot]
    overshoot = float(removed / projection)

    # --8<-- [start:one]
    ends = {}
    for start in (0.01, 0.5, 1.70, 1.74, 2.3):
        s, steps = start, 0
        while abs(abs(s) - 1) > 1e-12 and abs(s) < 100:
            s, steps = step_of_value(s, 1 / 8), steps + 1
        ends[f"s{start:g}"] = round(s) if abs(s) < 100 else "away"
        print(f"{start:<5} -> {ends[f's{start:g}']:>4}   {steps} steps")
    # --8<-- [end:one]

    # --8<-- [start:one_picture]
    fig, ax = plt.subplots(figsize=(5.8, 3.6))
    s = np.linspace(0, 2.1, 200)
    ax.plot([0, 2.1], [0, 2.1], color=LINE, lw=1.2)
    for rate, style in ((0.02, "--"), (0.125, "-"), (0.24, ":")):
        ax.plot(s, step_of_value(s, rate), color=INK if style == "-" else SOFT, ls=style)
    ax.plot([1], [1], "o", color=ACCENT)
    ax.text(1.52, 1.2, "0.02", color=SOFT)
    ax.text(1.72, 0.42, "1/8", color=INK)
    ax.text(1.2, 0.2, "0.24", color=SOFT)
    ax.set(xlim=(0, 2.1), ylim=(-0.6, 2.1), xticks=[0, 1, 2], yticks=[0, 1, 2])
    ax.set(xlabel="before", ylabel="after")
    plt.show()
    # --8<-- [end:one_picture]

    # --8<-- [start:descent]
    rng = np.random.default_rng(1)
    w = rng.standard_normal((40, 20)) / np.sqrt(40)
    nearest = polar(w)
    curves, apart = {}, {}
    for rate in (0.02, 0.05, 0.125, 0.24):
        path = descend(w, rate, 20)
        curves[rate] = [penalty(step) for step in path]
        apart[f"r{rate:g}"] = float(np.linalg.norm(path[-1] - nearest))
        last = max(curves[rate][-1], 1e-20)  # rounding errors below
        print(f"rate {rate:<5}  penalty {last:.0e}", end="")
        print(f"   from the nearest {apart[f'r{rate:g}']:.1f}")
    path = descend(w, 1 / 8, 7)
    same_step = np.allclose(path[1], newton_schulz(w))
    errors = [float(np.linalg.norm(step - nearest)) for step in path]
    print("1/8 is Newton-Schulz:", same_step)
    print("distance", *(f"{e:.0e}" for e in errors[:-1]))
    # --8<-- [end:descent]
    largest_value = float(np.linalg.norm(w, 2))
    done_at = int(np.argmax(np.array(curves[0.125]) < 1e-20))

    # --8<-- [start:descent_picture]
    fig, ax = plt.subplots(figsize=(6.4, 3.4))
    for rate, style in ((0.02, "--"), (0.05, "-."), (0.125, "-"), (0.24, ":")):
        shown = np.maximum(curves[rate], 1e-20)
        ax.plot(np.log10(shown), color=INK if style == "-" else SOFT, ls=style)
    ax.text(20.3, 0.7, "0.02", color=SOFT, va="center")
    ax.text(20.3, -2.2, "0.24", color=SOFT, va="center")
    ax.text(20.3, np.log10(curves[0.05][-1]), "0.05", color=SOFT, va="center")
    ax.text(8.9, -15, "1/8", color=INK)
    ax.set_yticks([0, -10, -20], ["$1$", "$10^{-10}$", "$10^{-20}$"])
    ax.set(xlabel="steps", ylabel="penalty", xticks=[0, 5, 10, 15, 20])
    plt.show()
    # --8<-- [end:descent_picture]

    # --8<-- [start:nearest]
    rng = np.random.default_rng(2)
    w = rng.standard_normal((6, 4))
    end = descend(w / np.linalg.norm(w, 2), 1 / 8, 40)[-1]  # no value above 1
    print("limit is U V^T:", np.allclose(end, polar(w)))
    to_polar = np.linalg.norm(w - polar(w))
    to_schmidt = np.linalg.norm(w - gram_schmidt(w))
    print(f"distance: U V^T {to_polar:.2f}  Gram-Schmidt {to_schmidt:.2f}")
    order = [3, 0, 2, 1]
    for method in (polar, gram_schmidt):
        moves = np.allclose(method(w[:, order]), method(w)[:, order])
        print(f"{method.__name__:12} follows a change of order: {moves}")
    # --8<-- [end:nearest]
    distances = [float(to_polar), float(to_schmidt)]

    # --8<-- [start:polar_picture]
    w = np.array([[1.25, 0.85], [0.15, 0.75]])
    fig, axes = plt.subplots(1, 2, figsize=(6.4, 3.0))
    for ax, method in zip(axes, (gram_schmidt, polar), strict=True):
        ax.add_patch(plt.Circle((0, 0), 1, fill=False, color=LINE, lw=1.2))
        for matrix, colour, style in ((w, SOFT, "--"), (method(w), A, "-")):
            for column in matrix.T:
                arrow = {"arrowstyle": "->", "color": colour, "ls": style, "lw": 1.6}
                ax.annotate("", column, (0, 0), arrowprops=arrow)
        ax.set(xlim=(-0.55, 1.4), ylim=(-0.4, 1.2))
        ax.set_aspect("equal")
        ax.axis("off")
    axes[0].text(-0.5, -0.35, "one after another", color=INK)
    axes[1].text(-0.5, -0.35, "all at once", color=INK)
    plt.show()
    # --8<-- [end:polar_picture]

    # --8<-- [start:wide]
    rng = np.random.default_rng(3)
    for m, n in ((2, 3), (5, 9), (4, 16)):
        w = rng.standard_normal((m, n)) / 4
        end = descend(w, 0.05, 400)[-1]
        rows = np.allclose(end @ end.T, np.eye(m))
        lengths = np.linalg.norm(end, axis=0)
        print(
            f"{m} x {n:2}  penalty {penalty(end):.4f}  rows orthonormal {rows}"
            f"  columns {lengths.min():.2f} to {lengths.max():.2f}"
        )
    # --8<-- [end:wide]
    wide_penalty = penalty(end)

    # --8<-- [start:wide_picture]
    rng = np.random.default_rng(7)
    fig, axes = plt.subplots(1, 3, figsize=(7.2, 2.6))
    drawn_penalties = []
    for ax in axes:
        w = 0.5 * rng.standard_normal((2, 3))
        end = descend(w, 0.02, 900)[-1]
        drawn_penalties.append(penalty(end))
        ax.add_patch(plt.Circle((0, 0), 1, fill=False, color=LINE, lw=1.2))
        for matrix, colour, style in ((w, SOFT, "--"), (end, A, "-")):
            for column in matrix.T:
                arrow = {"arrowstyle": "->", "color": colour, "ls": style, "lw": 1.6}
                ax.annotate("", column, (0, 0), arrowprops=arrow)
        ax.set(xlim=(-1.15, 1.15), ylim=(-1.15, 1.15))
        ax.set_aspect("equal")
        ax.axis("off")
    plt.show()
    # --8<-- [end:wide_picture]

    # --8<-- [start:stuck]
    twins = np.array([[0.6, 0.6], [0.3, 0.3], [0.1, 0.1]])
    end = descend(twins, 1 / 8, 30)[-1]
    print("columns still equal:", np.allclose(end[:, 0], end[:, 1]))
    print(f"penalty {penalty(end):.2f}")
    print(f"length {np.linalg.norm(end[:, 0]):.3f}")
    # --8<-- [end:stuck]
    twin_penalty = penalty(end)
    twins_equal = bool(np.allclose(end[:, 0], end[:, 1]))

    # --8<-- [start:soft]
    gaps, limits = {}, {}
    for strength in (0.1, 1.0, 10.0, 100.0):
        low, high = soft_value(0.3, strength), soft_value(2.0, strength)
        gaps[f"l{strength:g}"] = float(high - 1)
        bend = 2 + strength * (12 * high**2 - 4)  # second derivative
        limits[f"l{strength:g}"] = float(2 / bend)
        print(
            f"strength {strength:<5}  0.3 -> {low:.3f}   2 -> {high:.3f}"
            f"   step below {limits[f'l{strength:g}']:.3f}"
        )
    # --8<-- [end:soft]

    # --8<-- [start:hard]
    rng = np.random.default_rng(4)
    target, start = rng.standard_normal((2, 8, 8))
    start = polar(start)
    mirrored = start * np.array([-1, 1, 1, 1, 1, 1, 1, 1])
    best = np.linalg.norm(polar(target) - target)
    print(f"determinant of the nearest {np.linalg.det(polar(target)):.0f}")
    results = {}
    for w in (start, mirrored):
        sign, near, far = np.linalg.det(w), w, w
        layer = torch.nn.Linear(8, 8, bias=False).double()
        orthogonal(layer).weight = torch.tensor(w)
        optimiser = torch.optim.Adam(layer.parameters(), lr=0.1)
        for _ in range(100):
            near = polar(near - 0.3 * (near - target))  # a step, then the nearest
            far = polar(far - 0.8 * (far - target))
            optimiser.zero_grad()
            ((layer.weight - torch.tensor(target)) ** 2).sum().backward()
            optimiser.step()
        kept = layer.weight.detach().numpy()
        hard = {"projected 0.3": near, "projected 0.8": far, "parametrised": kept}
        for name, found in hard.items():
            ratio = np.linalg.norm(found - target) / best
            results[f"{name}{sign:+.0f}"] = [penalty(found), float(ratio)]
            print(f"start {sign:2.0f}  {name:13}  distance / best {ratio:.2f}")
    # --8<-- [end:hard]
    best_determinant = int(np.sign(np.linalg.det(polar(target))))
    missed = max(ratio for _, ratio in results.values())

    # --8<-- [start:hill]
    soft_signs = {}
    for strength in (1, 10):
        w = mirrored
        for _ in range(1000):
            w = w - 0.005 * (2 * (w - target) + strength * penalty_gradient(w))
        sign = soft_signs[f"l{strength}"] = int(np.sign(np.linalg.det(w)))
        print(f"strength {strength:2}  sign of the determinant {sign:2}")
    # --8<-- [end:hill]

    # --8<-- [start:help]
    rng = np.random.default_rng(5)
    strengths, repeats = np.array([0, 0.01, 0.1, 1.0]), 12
    angles = (0.0, 0.5, 0.8)
    teachers = [teacher(c, 12, 6, rng) for c in angles for _ in range(repeats)]
    error, cosine = train_students(np.array(teachers), strengths, 80, 0.3)
    error, cosine = (a.reshape(3, repeats, 4) for a in (error, cosine))
    medians, better, overlap = {}, {}, {}
    print("teacher: median error at strength", *strengths)
    for c, e, k in zip(angles, error, cosine, strict=True):
        medians[f"c{c:g}"] = [float(v) for v in np.median(e, axis=0)]
        better[f"c{c:g}"] = int((e[:, 2] < e[:, 0]).sum())
        overlap[f"c{c:g}"] = [float(v) for v in k.mean(axis=0)]
        row = "  ".join(f"{v:.2f}" for v in medians[f"c{c:g}"])
        print(f"{c}   {row}   0.1 beats 0: {better[f'c{c:g}']} of {repeats}")
    # --8<-- [end:help]

    # --8<-- [start:muon]
    values = np.logspace(-2, 0, 2000)
    cubic, fast = values, values
    for _ in range(5):
        cubic, fast = step_of_value(cubic, 1 / 8), quintic(fast)
    print(f"1/8:     from {cubic.min():.2f} to {cubic.max():.2f}")
    print(f"quintic: from {fast.min():.2f} to {fast.max():.2f}")
    u = polar(rng.standard_normal((30, 20)))
    v = polar(rng.standard_normal((20, 20)))
    weight = torch.zeros(30, 20, requires_grad=True)
    weight.grad = torch.tensor(u * np.logspace(0, -2, 20) @ v).float()
    torch.optim.Muon([weight], lr=1.0, momentum=0, nesterov=False).step()
    before = torch.linalg.svdvals(weight.grad)
    after = torch.linalg.svdvals(weight.detach())
    print(f"gradient, largest / smallest: {before[0] / before[-1]:.0f}")
    print("Muon's step, below 2:", bool(after[0] / after[-1] < 2))
    # --8<-- [end:muon]
    cubic_low, fast_low = float(cubic.min()), float(fast.min())
    fast_high = float(fast.max())
    ratio_before, ratio_after = float(before[0] / before[-1]), float(after[0] / after[-1])

    # --8<-- [start:muon_picture]
    fig, ax = plt.subplots(figsize=(6.4, 3.0))
    ax.axhline(1, color=LINE, lw=1.2)
    ax.plot(np.log10(values), cubic, color=INK, ls="-")
    ax.plot(np.log10(values), fast, color=SOFT, ls="--")
    ax.text(-1.35, 0.2, "1/8", color=INK)
    ax.text(-1.9, 1.05, "quintic", color=SOFT)
    ax.set_xticks([-2, -1, 0], ["0.01", "0.1", "1"])
    ax.set(xlabel="singular value", ylabel="after five rounds", yticks=[0, 0.5, 1])
    plt.show()
    # --8<-- [end:muon_picture]
