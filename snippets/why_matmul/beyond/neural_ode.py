"""Networks whose depth is time: solvers, gradients, and what a flow cannot do."""

from __future__ import annotations

from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
import torch

from snippets.palette import ACCENT, INK, LINE, SOFT

Array = np.ndarray
Flow = Callable[[float, Array], Array]  # (t, z) -> dz/dt, also for tensors


def euler_step(f: Flow, t: float, z: Array, h: float) -> Array:
    """One step of Euler's method: z + h f(t, z)."""
    return z + h * f(t, z)


def rk4_step(f: Flow, t: float, z: Array, h: float) -> Array:
    """One step of the classical Runge-Kutta method: four evaluations."""
    k1 = f(t, z)
    k2 = f(t + h / 2, z + h / 2 * k1)
    k3 = f(t + h / 2, z + h / 2 * k2)
    k4 = f(t + h, z + h * k3)
    return z + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def integrate(
    f: Flow, z: Array, start: float, end: float, steps: int, step=rk4_step
) -> Array:
    """The state at `end` after equal steps from z at `start`, either way."""
    h = (end - start) / steps
    for i in range(steps):
        z = step(f, start + i * h, z, h)
    return z


class Field(torch.nn.Module):
    """dz/dt = W2 tanh(W1 z + b1) + b2 - pull * z; counts evaluations."""

    def __init__(self, size: int = 2, hidden: int = 32, pull: float = 0):
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Linear(size, hidden),
            torch.nn.Tanh(),
            torch.nn.Linear(hidden, size),
        ).double()
        self.pull, self.calls = pull, 0

    def forward(self, t: float, z: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        return self.layers(z) - self.pull * z


class Leaky(torch.nn.Module):
    """A flow of (x, y): x goes to 1 at this rate, y' = w (1 - x)."""

    def __init__(self, rate: float):
        super().__init__()
        self.w = torch.nn.Parameter(torch.ones(1, dtype=torch.float64))
        self.rate = rate

    def forward(self, t: float, z: torch.Tensor) -> torch.Tensor:
        lack = 1 - z[:1]
        return torch.cat([self.rate * lack, self.w * lack])


def saved_bytes(field: Field, work: Callable[[], object]) -> int:
    """Bytes that autograd keeps of work() to go back, weights left out."""
    weights = {p.untyped_storage().data_ptr() for p in field.parameters()}
    kept = {}

    def pack(x: torch.Tensor) -> torch.Tensor:
        if x.untyped_storage().data_ptr() not in weights:
            kept[x.data_ptr()] = x  # held, so that no address is used twice
        return x

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda x: x):
        work()
    return sum(x.nbytes for x in kept.values())


def by_backprop(
    field: Field, z0: torch.Tensor, end: float, steps: int
) -> tuple[torch.Tensor, int]:
    """The gradient of |z(end)|^2 / 2 for all weights, and the bytes saved."""
    out = []

    def solve() -> None:
        out.append(integrate(field, z0, 0, end, steps))

    saved = saved_bytes(field, solve)
    loss = (out[0] ** 2).sum() / 2
    grads = torch.autograd.grad(loss, list(field.parameters()))
    return torch.cat([g.flatten() for g in grads]), saved


def by_adjoint(
    field: Field, z0: torch.Tensor, end: float, steps: int
) -> tuple[torch.Tensor, int, torch.Tensor]:
    """The same gradient, solved backwards with z and a = dL/dz.

    Returns it, the bytes held, and the z(0) reached. Chen et al. 2018.
    """
    weights = list(field.parameters())
    n = z0.numel()

    def backwards(t: float, state: torch.Tensor) -> torch.Tensor:
        z, a = state[:n].clone().requires_grad_(), state[n : 2 * n]
        with torch.enable_grad():
            dz = field(t, z)
            products = torch.autograd.grad(dz, [z, *weights], a)
        return torch.cat([dz.detach(), *(-p.flatten() for p in products)])

    with torch.no_grad():
        zt = integrate(field, z0, 0, end, steps)
        none = zt.new_zeros(sum(w.numel() for w in weights))
        state = torch.cat([zt, zt, none])  # dL/dz(end) is z(end)
        state = integrate(backwards, state, end, 0, steps)
    held = saved_bytes(field, lambda: field(0, z0.clone().requires_grad_()))
    return state[2 * n :], held + 2 * z0.nbytes, state[:n]


def by_checkpoints(
    field: Field, z0: torch.Tensor, end: float, steps: int, segment: int
) -> tuple[torch.Tensor, int]:
    """The gradient of backpropagation from a state every `segment` steps.

    Each segment is computed again when the way back needs it. `segment`
    divides `steps`. Returns the gradient and the most bytes held.
    """
    weights = list(field.parameters())
    h = end / steps
    kept = [z0]
    with torch.no_grad():
        for i in range(0, steps, segment):
            span = (i * h, (i + segment) * h, segment)
            kept.append(integrate(field, kept[-1], *span))
    a = kept[-1]
    total = [torch.zeros_like(w) for w in weights]
    for i, z in reversed(list(enumerate(kept[:-1]))):
        z, out = z.clone().requires_grad_(), []
        span = (i * segment * h, (i + 1) * segment * h, segment)

        def solve() -> None:
            out.append(integrate(field, z, *span))

        held = saved_bytes(field, solve)
        a, *grads = torch.autograd.grad(out[0], [z, *weights], a)
        total = [g + s for g, s in zip(grads, total, strict=True)]
    gradient = torch.cat([g.flatten() for g in total])
    return gradient, held + sum(z.nbytes for z in kept)


def apart(x: torch.Tensor, y: torch.Tensor) -> float:
    """|x - y| / |y|."""
    return float((x - y).norm() / y.norm())


def adaptive(
    f: Flow, z: Array, start: float, end: float, tol: float
) -> tuple[Array, int, list[float]]:
    """Solve with steps of its own choosing: z, evaluations, times of the steps.

    The pair 3(2) of Bogacki and Shampine 1989; a second-order result estimates
    the error, which is kept below tol * (1 + |z|) in every step.
    """
    t, h, k1 = start, (end - start) / 100, f(start, z)
    calls, times = 1, [start]
    while t < end:
        h = min(h, end - t)
        k2 = f(t + h / 2, z + h / 2 * k1)
        k3 = f(t + 3 * h / 4, z + 3 * h / 4 * k2)
        new = z + h * (2 * k1 + 3 * k2 + 4 * k3) / 9
        k4 = f(t + h, new)
        calls += 3
        error = np.abs(h * (-5 * k1 + 6 * k2 + 8 * k3 - 9 * k4) / 72)
        ratio = (error / (tol * (1 + np.abs(z)))).max()
        if ratio <= 1:
            t, z, k1 = (end if h == end - t else t + h), new, k4
            times.append(t)
        h *= min(5.0, max(0.2, 0.9 * max(ratio, 1e-10) ** (-1 / 3)))
    return z, calls, times


def van_der_pol(mu: float) -> Flow:
    """x'' = mu (1 - x^2) x' - x as a flow of (x, x')."""
    return lambda t, z: np.array([z[1], mu * (1 - z[0] ** 2) * z[1] - z[0]])


def spiral(t: float, z: Array) -> Array:
    """dz/dt = A z^3, entry by entry cubed; z (..., 2). Chen et al. 2018."""
    return z**3 @ np.array([[-0.1, 2.0], [-2.0, -0.1]])


def path(f: Flow, z: Array, times: Array, steps: int) -> Array:
    """States (len(times), ...) at increasing times, from z at the first.

    `steps` steps of rk4 between any two, however far apart they lie.
    """
    states = [z]
    for start, end in zip(times[:-1], times[1:], strict=True):
        states.append(integrate(f, states[-1], start, end, steps))
    stack = np.stack if isinstance(z, np.ndarray) else torch.stack
    return stack(states)


def fit(
    field: torch.nn.Module, states: Array, gaps: Array, rounds: int, rate: float
) -> None:
    """Train the field to lead each state to the next one after its gap.

    states (n, d), gaps (n - 1,); all pairs at once, two rk4 steps a gap.
    """
    here, there = torch.tensor(states[:-1]), torch.tensor(states[1:])
    gap = torch.tensor(gaps)[:, None]

    def stretched(t: float, z: torch.Tensor) -> torch.Tensor:
        return gap * field(t, z)  # every gap is solved from 0 to 1

    optimiser = torch.optim.Adam(field.parameters(), lr=rate)
    for _ in range(rounds):
        optimiser.zero_grad()
        loss = ((integrate(stretched, here, 0, 1, 2) - there) ** 2).mean()
        loss.backward()
        optimiser.step()


def random_flow(rng: np.random.Generator, width: int = 16) -> Flow:
    """A random network (t, z) -> dz/dt for numbers z of any shape."""
    u, v, b, w = rng.normal(size=(4, width))

    def f(t: float, z: Array) -> Array:
        return np.tanh(3 * z[..., None] * u + 3 * t * v + b) @ w

    return f


def towards_two_points(t: float, x: Array) -> Array:
    """The velocity that carries standard normal x at t = 0 to -1 or 1 at t = 1.

    Of all lines (1 - t) noise + t target through x at time t, the mean slope;
    both targets equally likely. Lipman et al. 2023, with two points for data.
    """
    target = np.tanh(x * t / (1 - t) ** 2)  # its mean, given x
    return (target - x) / (1 - t)


if __name__ == "__main__":
    # --8<-- [start:euler]
    rng = np.random.default_rng(0)
    w1, w2 = rng.normal(size=(16, 2)), rng.normal(size=(2, 16)) / 4

    def f(t, z):
        return w2 @ np.tanh(w1 @ z)

    z = z0 = np.array([1.0, 0.5])
    for _ in range(10):
        z = z + 0.1 * (w2 @ np.tanh(w1 @ z))  # a residual block
    same = np.array_equal(z, integrate(f, z0, 0, 1, 10, euler_step))
    print("residual network equals Euler:", same)
    # --8<-- [end:euler]

    # --8<-- [start:order]
    exact = integrate(f, z0, 0, 1, 2000)
    counts = (5, 10, 20, 40)
    errors, order = {}, {}
    for step in (euler_step, rk4_step):
        ends = [integrate(f, z0, 0, 1, n, step) for n in counts]
        off = [float(np.abs(z - exact).max()) for z in ends]
        errors[step.__name__] = off
        order[step.__name__] = float(np.log2(off[0] / off[-1]) / 3)
        print(f"{step.__name__:10}", *(f"{e:.0e}" for e in off),
              f"  order {order[step.__name__]:.1f}")
    # --8<-- [end:order]

    # --8<-- [start:gradients]
    torch.manual_seed(0)
    field = Field()
    with torch.no_grad():
        for weight in field.parameters():
            weight *= 3
    weights = sum(weight.numel() for weight in field.parameters())
    z0 = torch.tensor([1.0, 0.5], dtype=torch.float64)
    table = {}
    for steps in (10, 20, 40, 80):
        field.calls = 0
        true, saved = by_backprop(field, z0, 2.0, steps)
        first = field.calls
        adjoint, held, back = by_adjoint(field, z0, 2.0, steps)
        table[steps] = {
            "saved": saved, "held": held, "apart": apart(adjoint, true),
            "lost": float((back - z0).abs().max()),
            "calls": [first, field.calls - first - 1],
        }
        row = table[steps]
        print(f"steps {steps:2}  bytes {saved:6,} and {held}",
              f" apart {row['apart']:.0e}  z(0) off {row['lost']:.0e}")
    print("evaluations at 80 steps:", *table[80]["calls"])
    # --8<-- [end:gradients]

    # --8<-- [start:forgotten]
    recovered = {"float32": {}, "float64": {}}
    rates = (1, 3, 5, 10)
    for name, by_rate in recovered.items():
        for rate in rates:
            shrink = np.exp(np.array(-4.0 * rate))  # over a time of 4
            z_end = (1 + (0.5 - 1) * shrink).astype(name)
            by_rate[rate] = float(1 + (float(z_end) - 1) / shrink)
        print(name, *(f" rate {k}: {v:.3f}" for k, v in by_rate.items()))
    # --8<-- [end:forgotten]

    # --8<-- [start:forgotten_picture]
    fig, ax = plt.subplots(figsize=(5.8, 2.8))
    time = np.linspace(0, 2, 100)
    for z in np.linspace(-0.5, 2, 6):
        ax.plot(time, 1 + (z - 1) * np.exp(-3 * time), color=INK, ls="-", lw=1)
    ax.axhline(1, color=ACCENT, ls="-", lw=0.8)
    ax.set(xlim=(0, 2), xticks=[0, 1, 2], yticks=[0, 1, 2])
    ax.set_xlabel("time")
    ax.set_ylabel("$z$")
    plt.show()
    # --8<-- [end:forgotten_picture]

    # --8<-- [start:wrong]
    wrong = {}
    for rate in (2, 5, 10):
        leaky, z = Leaky(rate), torch.zeros(2, dtype=torch.float64)
        true, _ = by_backprop(leaky, z, 4.0, 200)
        adjoint, _, back = by_adjoint(leaky, z, 4.0, 200)
        stored, _ = by_checkpoints(leaky, z, 4.0, 200, 20)
        off = [float((back - z).abs().max()), apart(adjoint, true)]
        wrong[rate] = [*off, apart(stored, true)]
        print(f"rate {rate:2}  z(0) off {off[0]:.0e}  adjoint off {off[1]:.0e}",
              " checkpoints exact:", wrong[rate][2] < 1e-12)
    # --8<-- [end:wrong]

    # --8<-- [start:checkpoints]
    field.calls = 0
    true, everything = by_backprop(field, z0, 2.0, 80)
    print(f"backpropagation  bytes {everything:7,}  evaluations {field.calls}")
    held = {}
    for segment in (1, 4, 16, 40):
        field.calls = 0
        gradient, held[segment] = by_checkpoints(field, z0, 2.0, 80, segment)
        print(f"segment {segment:3}      bytes {held[segment]:7,}",
              f" evaluations {field.calls}  exact:", apart(gradient, true) < 1e-12)
    fraction = held[4] / everything
    # --8<-- [end:checkpoints]

    # --8<-- [start:stiff]
    z = np.array([2.0, 0.0])
    tolerances = (1e-3, 1e-5, 1e-7)
    calls = {}
    for mu in (0, 1, 10, 100):
        f = van_der_pol(mu)
        runs = [adaptive(f, z, 0, 20, tol) for tol in tolerances]
        calls[mu] = [50 * round(n / 50) for _, n, _ in runs]
        print(f"mu = {mu:3}  about", *(f"{n:6}" for n in calls[mu]))
    slow = float(runs[-1][0][0])
    print(f"mu = 100: x goes from 2 to {slow:.2f}")
    # --8<-- [end:stiff]

    # --8<-- [start:stiff_picture]
    fig, (above, below) = plt.subplots(2, 1, figsize=(6.6, 3.6), sharex=True)
    marks = adaptive(van_der_pol(10), np.array([2.0, 0.0]), 0, 40, 1e-4)[2]
    shown = path(van_der_pol(10), np.array([2.0, 0.0]), np.array(marks), 1)
    above.plot(marks, shown[:, 0], color=INK, ls="-", lw=1.2)
    below.semilogy(marks[1:], np.diff(marks), color=INK, ls="-", lw=0.8)
    above.set(xlim=(0, 40), yticks=[-2, 0, 2], ylabel="$x$")
    below.set(yticks=[1e-3, 1e-2, 1e-1], xlabel="time", ylabel="step")
    plt.show()
    # --8<-- [end:stiff_picture]

    # --8<-- [start:forecast]
    rng = np.random.default_rng(0)
    times = np.sort(np.append(0, rng.uniform(0, 8, size=80)))
    gaps = np.diff(times)
    start = np.array([2.0, 0.0])
    seen = path(spiral, start, times, 10)
    later = np.append(times[-1], np.linspace(8, 12, 41))
    future = path(spiral, seen[-1], later, 5)[1:]

    last = torch.tensor(seen[-1])
    networks, forecasts = {}, {"last value": np.tile(seen[-1], (41, 1))}
    told = {"true gaps": gaps, "equal gaps": np.full(80, gaps.mean())}
    for name, given in told.items():
        torch.manual_seed(0)
        networks[name] = Field()
        fit(networks[name], seen, given, rounds=150, rate=0.04)
        with torch.no_grad():
            forecasts[name] = path(networks[name], last, later, 5)[1:].numpy()
    miss = {k: float(np.abs(z - future).mean()) for k, z in forecasts.items()}
    narrowest, widest = float(gaps.min()), float(gaps.max())
    print(f"gaps from {narrowest:.3f} to {widest:.2f}")
    print("mean error", *(f" {name} {e:.2f}" for name, e in miss.items()))
    # --8<-- [end:forecast]

    # --8<-- [start:forecast_picture]
    fig, ax = plt.subplots(figsize=(6.6, 3.0))
    fine = np.linspace(0, 12, 400)
    ax.plot(fine, path(spiral, start, fine, 2)[:, 1], color=SOFT, ls="-", lw=1)
    ax.plot(times, seen[:, 1], ".", color=INK, ms=5)
    for name, style in (("true gaps", "--"), ("equal gaps", ":")):
        ax.plot(later[1:], forecasts[name][:, 1], color=INK, ls=style)
        ax.text(12.1, forecasts[name][-1, 1], name, va="center", color=INK)
    ax.axvline(times[-1], color=LINE, lw=0.8)
    ax.text(times[-1] - 0.1, 1.9, "seen", ha="right", color=SOFT)
    ax.set(xlim=(0, 14), ylim=(-2.2, 2.2), xticks=[0, 4, 8, 12], yticks=[-2, 0, 2])
    ax.set_xlabel("time")
    ax.set_ylabel("second coordinate")
    plt.show()
    # --8<-- [end:forecast_picture]

    # --8<-- [start:kick]
    half = np.linspace(10, 12, 21)
    at_ten = path(spiral, seen[-1], np.array([times[-1], 10]), 80)[-1]
    kicked = at_ten + [0.0, 0.8]
    after = path(spiral, kicked, half, 5)
    network = networks["true gaps"]
    with torch.no_grad():
        carried = path(network, last, np.append(times[-1], half), 10)[1:]
        renewed = path(network, torch.tensor(kicked), half, 5)
    kick = {"from the start": carried, "from the new value": renewed}
    kick = {k: float(np.abs(z.numpy() - after).mean()) for k, z in kick.items()}
    print(*(f"{name} {e:.2f} " for name, e in kick.items()))
    # --8<-- [end:kick]

    # --8<-- [start:noise]
    noise = np.random.default_rng(0).normal(size=2000)
    sample = integrate(towards_two_points, noise, 0, 0.99, 200)
    upper = float((sample > 0).mean())
    near = float((np.abs(np.abs(sample) - 0.99) < 0.05).mean())
    print(f"above zero {upper:.2f}  within 0.05 of -0.99 or 0.99: {near:.3f}")
    # --8<-- [end:noise]

    # --8<-- [start:line]
    x = np.linspace(-1, 1, 41)
    kept = 0
    for seed in range(50):
        end = integrate(random_flow(np.random.default_rng(seed)), x, 0, 1, 40)
        kept += bool((np.diff(end) > 0).all())
    wanted = -x
    best_in_order = float(np.mean((wanted - wanted.mean()) ** 2))  # a constant
    print("random flows that keep the order:", kept, "of 50")
    print(f"least squares error in order {best_in_order:.2f}")
    # --8<-- [end:line]

    # --8<-- [start:plane]
    turn = np.pi * np.array([[0.0, 1.0], [-1.0, 0.0]])
    plane = np.stack([x, np.zeros(41)], axis=1)
    end = integrate(lambda t, z: z @ turn, plane, 0, 1, 100)
    turned_off = float(np.abs(end[:, 0] + x).max())
    one_block = euler_step(lambda t, z: -2 * z, 0, x, 1.0)
    print(f"one more dimension: off {turned_off:.0e}")
    block_off = float(np.abs(one_block + x).max())
    print("one residual block of step 1: off", block_off)
    # --8<-- [end:plane]

    # --8<-- [start:plane_picture]
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.6, 3.0))
    flow, along = random_flow(np.random.default_rng(3)), np.linspace(0, 1, 41)
    lines = path(flow, np.linspace(-1, 1, 9), along, 2)
    left.plot(along, lines, color=INK, ls="-", lw=1)
    left.set(xticks=[0, 1], yticks=[-1, 0, 1], xlabel="time", ylabel="$z$")
    starts = np.array([[-1.0, 0], [-0.5, 0], [0.5, 0], [1.0, 0]])
    arcs = path(lambda t, z: z @ turn, starts, along, 2)
    for k in range(4):
        right.plot(*arcs[:, k].T, color=INK, ls="-", lw=1)
        right.plot(*arcs[-1, k], "o", color=ACCENT, ms=5)
    right.axhline(0, color=LINE, ls="-", lw=0.8)
    right.set(aspect="equal", xticks=[-1, 0, 1], yticks=[])
    right.set_xlabel("$z$")
    plt.show()
    # --8<-- [end:plane_picture]

    # --8<-- [start:unchanged]
    before = {k: v.clone() for k, v in network.state_dict().items()}
    with torch.no_grad():
        path(network, last, np.linspace(0, 10, 101), 2)
    after = network.state_dict()
    unchanged = all(torch.equal(v, before[k]) for k, v in after.items())
    print("weights after 100 stretches of time, unchanged:", unchanged)
    # --8<-- [end:unchanged]
