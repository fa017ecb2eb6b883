"""How much of the past the state of a linear recurrence h_t = W h_{t-1} + u x_t gives back.

Inputs x are white noise of variance 1; the past lists them from the latest backwards.
"""

import numpy as np

Array = np.ndarray


def past_matrix(w: Array, u: Array, steps: int) -> Array:
    """K of shape (n, steps) with h = K @ past: column k is W^k u.

    w: (n, n), u: (n,), past: (steps,), and h = 0 before the past begins.
    """
    columns = [u]
    for _ in range(steps - 1):
        columns.append(w @ columns[-1])
    return np.stack(columns, axis=1)


def modes(k: Array, noise: float) -> tuple[Array, Array]:
    """How well h = K @ past holds each of its n patterns of the past.

    Returns weights, shape (n,), the share of a pattern's variance that
    the best linear reading of h explains, and patterns, (n, steps), the
    right singular vectors of K. noise > 0 is the error of reading a
    component of h, in units of the components' root mean square.
    White, Lee & Sompolinsky (2004).
    """
    _, s, patterns = np.linalg.svd(k, full_matrices=False)
    return s**2 / (s**2 + noise**2 * (s @ s) / len(k)), patterns


def recalled(k: Array, noise: float) -> Array:
    """How well each past input can be read off h, shape (steps,): 1 exactly, 0 not at all."""
    weights, patterns = modes(k, noise)
    return weights @ patterns**2


def readable(k: Array, target: Array, noise: float) -> float:
    """Share of the variance of target @ past that can be read off h."""
    weights, patterns = modes(k, noise)
    return float(weights @ (patterns @ target) ** 2 / (target @ target))


def delay_line(n: int) -> Array:
    """Each unit hands its number on to the next; the last one drops it."""
    return np.eye(n, k=-1)


def ring(n: int) -> Array:
    """Each unit hands its number on to the next, the last one to the first."""
    return np.roll(np.eye(n), 1, axis=0)


def ring_recalled(n: int, fade: float, steps: int) -> Array:
    """`recalled` of fade * ring(n), fed at one unit, without noise: by formula.

    An input k steps old shares its unit with those n, 2n, ... steps away from it.
    """
    rounds = np.arange(steps) // n
    return fade ** (2 * n * rounds) * (1 - fade ** (2 * n))


def traces(w: Array, u: Array, steps: int) -> Array:
    """How well past inputs survive noise that enters at every step: Fisher memory, (steps,).

    h_t = W h_{t-1} + u x_t + noise of variance 1 per component; with C the covariance that
    the noise leaves in h, the value is (W^k u)^T C^-1 (W^k u). Ganguli, Huh & Sompolinsky
    (2008), `steps` long enough for W^steps to vanish.
    """
    covariance, power = np.zeros_like(w), np.eye(len(w))
    for _ in range(steps):
        covariance = covariance + power @ power.T
        power = w @ power
    k = past_matrix(w, u, steps)
    return (k * np.linalg.solve(covariance, k)).sum(axis=0)


def gated(x: Array, flags: Array) -> Array:
    """One unit that takes x_t where flags_t is 1 and keeps what it has where it is 0."""
    state, states = 0.0, []
    for value, flag in zip(x, flags, strict=True):
        state = flag * value + (1 - flag) * state
        states.append(state)
    return np.array(states)


def explained(states: Array, target: Array) -> float:
    """Share of the variance of target, (T,), explained by the best linear reading of (n, T)."""
    fit = np.linalg.lstsq(states.T, target)[0]
    return float(1 - ((fit @ states - target) ** 2).mean() / (target**2).mean())


def run_linear(w: Array, u: Array, x: Array) -> Array:
    """States of h_t = W h_{t-1} + u x_t for t = 0 .. T-1, shape (n, T), from h = 0."""
    h, states = np.zeros(len(w)), []
    for value in x:
        h = w @ h + u * value
        states.append(h)
    return np.stack(states, axis=1)


def half_life(bias: float) -> float:
    """Steps until a unit whose gate stands at sigmoid(bias) has kept half of its number."""
    return float(np.log(2) / np.log1p(np.exp(-bias)))


def leaky_units(count: int, longest: float) -> Array:
    """A diagonal W: units that lose a share 1 / tau per step, tau from 1.25 to `longest`."""
    return np.diag(1 - 1 / np.geomspace(1.25, longest, count))


if __name__ == "__main__":
    import matplotlib.pyplot as plt

    from snippets.mechanics.gradients import gaussian, orthogonal, unit_vector
    from snippets.mechanics.residuals import antisymmetric, rotation, spectral_radius
    from snippets.palette import INK, SOFT

    # --8<-- [start:past]
    first = np.array([1.0, 0, 0, 0])
    machines = {"I": np.eye(4), "ring": ring(4), "line": delay_line(4)}
    x = np.array([3.0, 1, 4, 1, 5, 9, 2])  # the latest comes last
    for name, w in machines.items():
        k = past_matrix(w, first, 7)
        h = run_linear(w, first, x)[:, -1]
        rank = np.linalg.matrix_rank(k)
        print(f"{name:5} state {h}  K @ past {k @ x[::-1]}  rank {rank}")
    # --8<-- [end:past]
    same_state = bool((h == k @ x[::-1]).all())
    total = float(x.sum())

    # --8<-- [start:past_picture]
    rng = np.random.default_rng(0)
    u, q = unit_vector(rng, 10)[:, 0], orthogonal(rng, 1, 10)[0]
    start = np.eye(10)[0]
    panels = [(0.96 * np.eye(10), u), (delay_line(10), start)]
    panels += [(0.96 * ring(10), start), (0.96 * q, u)]
    fig, axes = plt.subplots(4, 1, figsize=(7.2, 4.6))
    for ax, (w, entry) in zip(axes, panels, strict=True):
        size = np.abs(past_matrix(w, entry, 50))
        ax.imshow(size / size.max(), aspect="auto", interpolation="nearest")
        ax.axis("off")
    plt.show()
    # --8<-- [end:past_picture]

    # --8<-- [start:budget]
    rng = np.random.default_rng(0)
    n, start = 8, np.eye(8)[0]
    u, a = unit_vector(rng, n)[:, 0], gaussian(rng, 1, n)[0]
    near = np.eye(n) + 0.1 * a
    memories = {
        "delay line": (delay_line(n), start),
        "orthogonal": (0.95 * orthogonal(rng, 1, n)[0], u),
        "Gaussian": (0.95 * a / spectral_radius(a), u),
        "leaky units": (leaky_units(n, 64), np.ones(n)),
        "near identity": (0.95 * near / spectral_radius(near), u),
        "identity": (0.95 * np.eye(n), u),
    }
    pasts = {name: past_matrix(w, v, 1500) for name, (w, v) in memories.items()}
    totals, latest = {}, {}
    for name, k in pasts.items():
        r = recalled(k, noise=1e-9)
        totals[name], latest[name] = float(r.sum()), float(r[0])
        print(
            f"{name:13} total {r.sum():.2f}   by age"
            f" {r[:8].sum():.2f} {r[8:64].sum():.2f} {r[64:].sum():.2f}"
        )
    # --8<-- [end:budget]
    spent_near = [float(recalled(pasts["near identity"], 1e-9)[:8].sum())]

    # --8<-- [start:noise]
    sizes = np.logspace(0, -6, 25)
    held = {}
    for name, k in pasts.items():
        curve = held[name] = [modes(k, s)[0].sum() for s in sizes]
        print(f"{name:13}", *(f"{curve[i]:5.1f}" for i in (4, 8, 12, 16)))
    # --8<-- [end:noise]
    at_percent = {name: float(curve[8]) for name, curve in held.items()}
    at_tenth = {name: float(curve[4]) for name, curve in held.items()}
    at_millionth = {name: float(curve[24]) for name, curve in held.items()}

    # --8<-- [start:noise_picture]
    fig, ax = plt.subplots(figsize=(7.2, 3.6))
    drawn = {
        "delay line": ("-", 1.1, 8.25),
        "orthogonal": ("--", 0.8, 6.5),
        "leaky units": ("-.", 2.1, 6.0),
        "near identity": ("-", 3.2, 5.1),
        "identity": (":", 3.2, 1.25),
    }
    for name, (style, across, up) in drawn.items():
        colour = INK if style == "-" else SOFT
        ax.plot(-np.log10(sizes), held[name], color=colour, ls=style)
        ax.text(across, up, name, color=colour)
    ax.set_xticks([0, 2, 4, 6], ["$1$", "$10^{-2}$", "$10^{-4}$", "$10^{-6}$"])
    ax.set(xlabel="noise of the reading", ylabel="inputs held", yticks=[0, 1, 8])
    ax.set_ylim(0, 8.9)
    plt.show()
    # --8<-- [end:noise_picture]

    # --8<-- [start:near]
    rng = np.random.default_rng(1)
    n = 40
    a, u = gaussian(rng, 1, n)[0], unit_vector(rng, n)[:, 0]
    away, grown, kept = {}, {}, {}
    for eps in (0.001, 0.01, 0.1, 1.0):
        w = np.eye(n) + eps * a
        key = f"e{eps:g}"
        away[key] = float(np.abs(np.linalg.eigvals(w) - 1).max())
        back = np.linalg.matrix_power(w.T, 100) @ u
        grown[key] = float(np.linalg.norm(back))
        k = past_matrix(0.99 * w / spectral_radius(w), u, 800)
        kept[key] = float(modes(k, 0.01)[0].sum())
        print(
            f"eps {eps:<5}  eigenvalues within {away[key]:.3f} of 1"
            f"  gradient {grown[key]:7.1e}  holds {kept[key]:4.1f}"
        )
    half = np.linalg.norm(np.linalg.matrix_power(a.T / 2, 100) @ u)
    print(f"Gaussian / 2, gradient {half:.0e}")
    # --8<-- [end:near]
    half_gradient = float(half)

    # --8<-- [start:limits]
    stretch, eps = np.linalg.norm(a, 2), 0.01
    lower, measured, upper = {}, {}, {}
    for steps in (10, 100, 1000):
        back = np.linalg.matrix_power((np.eye(n) + eps * a).T, steps) @ u
        measured[steps] = float(np.linalg.norm(back))
        lower[steps] = float((1 - eps * stretch) ** steps)
        upper[steps] = float((1 + eps * stretch) ** steps)
        print(
            f"{steps:4} steps   {lower[steps]:.1e} <="
            f" {measured[steps]:.1e} <= {upper[steps]:.1e}"
        )
    # --8<-- [end:limits]

    # --8<-- [start:line]
    w, start = delay_line(n), np.eye(n)[0]
    sent = np.linalg.norm(np.linalg.matrix_power(w, n - 1) @ start)
    lost = np.linalg.norm(np.linalg.matrix_power(w, n) @ start)
    line_total = modes(past_matrix(w, start, 800), 0.01)[0].sum()
    nonzero = np.count_nonzero(np.linalg.eigvals(w))
    print("eigenvalues other than 0:", nonzero)
    print(f"an input after 39 steps: {sent:.0f}, after 40: {lost:.0f}")
    print(f"holds {line_total:.1f} of {n}")
    # --8<-- [end:line]
    line_eigenvalues = int(nonzero)

    # --8<-- [start:fade]
    fades = [0.7, 0.8, 0.85, 0.9, 0.93, 0.96, 0.98, 0.99, 0.995, 0.999]
    little, more, exact = [], [], []
    for fade in fades:
        k = past_matrix(fade * ring(n), start, 3000)
        little.append(recalled(k, 0.01)[:n].sum())
        more.append(recalled(k, 0.1)[:n].sum())
        exact.append(ring_recalled(n, fade, n).sum())
        print(f"{fade:<5} {little[-1]:6.1f} {more[-1]:6.1f} {exact[-1]:6.1f}")
    # --8<-- [end:fade]
    best_fade, noisy_fade = fades[np.argmax(little)], fades[np.argmax(more)]
    fast_useful, slow_useful = float(little[0]), float(little[-1])
    best_useful = float(max(little))

    # --8<-- [start:fade_picture]
    fig, ax = plt.subplots(figsize=(7.2, 3.2))
    place = -np.log10(1 - np.array(fades))
    ax.plot(place, exact, color=SOFT, ls="--", lw=1.4)
    ax.plot(place, little, color=INK, ls="-")
    ax.plot(place, more, color=INK, ls=":")
    ax.text(0.55, 36.5, "no noise", color=SOFT)
    ax.text(0.50, 24, "1%", color=INK)
    ax.text(0.75, 12, "10%", color=INK)
    ax.set_xticks(-np.log10([0.3, 0.1, 0.01, 0.001]), ["0.7", "0.9", "0.99", "0.999"])
    ax.set(xlabel="fade per step", ylabel="of the last 40", yticks=[0, 20, 40], ylim=(0, 42))
    plt.show()
    # --8<-- [end:fade_picture]

    # --8<-- [start:leak]
    one = np.ones(1)
    for keep in (0.5, 0.9, 0.99):
        r = recalled(past_matrix(np.array([[keep]]), one, 3000), 1e-9)
        print(f"keeps {keep:<4} latest {r[0]:.3f}  all {r.sum():.2f}")
    leaky = {}
    for count in (2, 4, 8, 16, 32):
        k = past_matrix(leaky_units(count, 64), np.ones(count), 1500)
        leaky[count] = float(modes(k, 0.01)[0].sum())
        print(f"{count:2} leaky units hold {leaky[count]:.1f}")
    # --8<-- [end:leak]
    slow_latest = float(r[0])

    # --8<-- [start:bias]
    lives = {}
    for bias in (0, 1, 3, 5, 7):
        keep = 1 / (1 + np.exp(-bias))
        lives[bias] = half_life(bias)
        print(f"bias {bias}  keeps {keep:.4f}  half-life {lives[bias]:5.1f}")
    # --8<-- [end:bias]

    # --8<-- [start:gate]
    rng = np.random.default_rng(2)
    steps, rare = 30_000, 0.2
    x = rng.standard_normal(steps)
    flags = (rng.random(steps) < rare).astype(float)
    flags[0] = 1
    latest_flag = np.maximum.accumulate(np.arange(steps) * flags)
    target = x[latest_flag.astype(int)]
    u, q = unit_vector(rng, n)[:, 0], orthogonal(rng, 1, n)[0]
    linear = {
        "leaky unit": (np.array([[1 - rare]]), one),
        "delay line": (delay_line(n), start),
        "orthogonal": (0.95 * q, u),
    }
    scores = {}
    for name, (w, v) in linear.items():
        states = run_linear(w, v, x * flags)
        scores[name] = explained(states, target)
        print(f"{name}, {len(w):2} numbers: {scores[name]:.2f}")
    scores["gated"] = explained(gated(x, flags)[None], target)
    print(f"gated unit,  1 numbers: {scores['gated']:.2f}")
    ceiling = 1 / (2 - rare)
    print(f"1 / (2 - p) is {ceiling:.2f}")
    # --8<-- [end:gate]

    # --8<-- [start:inner]
    rng = np.random.default_rng(3)
    n = 20
    a, u = gaussian(rng, 1, n)[0], unit_vector(rng, n)[:, 0]
    start, s = np.eye(n)[0], a + a.T
    cases = {
        "identity": (0.95 * np.eye(n), u),
        "orthogonal": (0.95 * orthogonal(rng, 1, n)[0], u),
        "symmetric": (0.95 * s / spectral_radius(s), u),
        "rotation": (0.9 * rotation(antisymmetric(rng, n), 1.0), u),
        "delay line": (delay_line(n), start),
        "line times 3": (3 * delay_line(n), start),
    }
    survive = {}
    for name, (w, v) in cases.items():
        j = traces(w, v, 300)
        survive[name] = float(j.sum())
        print(f"{name:12} total {j.sum():6.3f}   after 15 {j[15]:.3f}")
    draws = gaussian(rng, 20, n)
    scaled = [0.95 * g / spectral_radius(g) for g in draws]
    sums = [traces(w, u, 300).sum() for w in scaled]
    below = int((np.array(sums) < 1).sum())
    most = np.ceil(max(sums))
    print(f"Gaussian: {below} of 20 below 1, none above {most:.0f}")
    # --8<-- [end:inner]

    # --8<-- [start:tasks]
    rng = np.random.default_rng(4)
    n, ages = 16, np.arange(600)
    u, a = unit_vector(rng, n)[:, 0], gaussian(rng, 1, n)[0]
    near = np.eye(n) + 0.01 * a
    wanted = {
        "ten ago": np.where(ages == 10, 1.0, 0),
        "trend": 1.0 * (ages < 5) - ((ages >= 5) & (ages < 10)),
        "fading sum": 0.95**ages,
    }
    states = {
        "near identity": (0.95 * near / spectral_radius(near), u),
        "leaky units": (leaky_units(n, 64), np.ones(n)),
        "orthogonal": (0.95 * orthogonal(rng, 1, n)[0], u),
        "delay line": (delay_line(n), np.eye(n)[0]),
    }
    found = {}
    print(" " * 13, *(f"{task:>10}" for task in wanted))
    for name, (w, v) in states.items():
        k = past_matrix(w, v, 600)
        found[name] = [readable(k, t, 0.01) for t in wanted.values()]
        print(f"{name:13}", *(f"{value:10.2f}" for value in found[name]))
    # --8<-- [end:tasks]
    near_ago, line_ago = found["near identity"][0], found["delay line"][0]
    line_sum = found["delay line"][2]
