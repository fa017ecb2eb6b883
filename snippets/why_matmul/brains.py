"""Do neurons multiply matrices? Spikes, signs and dendrites beside a product."""
from itertools import product

import numpy as np

Array = np.ndarray

LEAK = 20.0  # ms, in which a membrane forgets all but 1/e of what it holds
STEP = 1.0  # ms

# pJ for 32 bits in 45 nm, from Horowitz (2014) as tabled by Han et al. (2016)
ENERGY = {"add": 0.9, "multiply": 3.7, "cache": 5.0, "DRAM": 640.0}


def poisson(rng: np.random.Generator, rates: Array, steps: int) -> Array:
    """Random spikes in steps of 1 ms, (steps, len(rates)); rates per second."""
    return rng.random((steps, len(rates))) < rates / 1000


def event_sum(w: Array, fired: Array) -> tuple[Array, int]:
    """w @ fired, by adding the columns of the inputs that fired.

    w (m, n), fired (n,) of True and False. Returns the sum and the number of
    additions; without a spike nothing is done.
    """
    total, additions = np.zeros(len(w), dtype=w.dtype), 0
    for j in np.flatnonzero(fired):
        total += w[:, j]
        additions += len(w)
    return total, additions


def integrate_and_fire(
    pushes: Array, step: float = STEP
) -> tuple[Array, Array]:
    """Leaky integrate-and-fire cells: threshold 1, reset to 0.

    pushes (steps, n) is what arrives in each step of `step` ms. Returns the
    spikes and the voltages before the reset, both (steps, n).
    Gerstner et al., Neuronal Dynamics, 2014, section 1.3.
    """
    keep = np.exp(-step / LEAK)
    voltage, spikes, trace = np.zeros(pushes.shape[1]), [], []
    for push in pushes:
        voltage = keep * voltage + push
        fired = voltage >= 1
        spikes.append(fired)
        trace.append(voltage)
        voltage = np.where(fired, 0, voltage)
    return np.array(spikes), np.array(trace)


def steady(current: Array, steps: int, step: float = STEP) -> Array:
    """Pushes of a constant current; the voltage would settle at `current`."""
    push = np.asarray(current) * (1 - np.exp(-step / LEAK))
    return np.tile(push, (steps, 1))


def firing_rate(current: Array) -> Array:
    """Spikes per second for a constant current, in closed form; 0 up to 1."""
    above = np.maximum(current, 1 + 1e-12)
    return np.where(current > 1, 1000 / (LEAK * np.log(above / (above - 1))), 0)


def explained(guess: Array, truth: Array) -> float:
    """R²: the share of the variance of truth that guess accounts for."""
    left = np.sum((guess - truth) ** 2)
    return float(1 - left / np.sum((truth - truth.mean()) ** 2))


def one_sign_columns(w: Array) -> Array:
    """The nearest matrix whose columns have one sign each (Dale's law)."""
    positive, negative = np.maximum(w, 0), np.minimum(w, 0)
    excites = np.sum(positive**2, axis=0) >= np.sum(negative**2, axis=0)
    return np.where(excites, positive, negative)


def with_relays(w: Array) -> Array:
    """Positive and negative part of w side by side, shape (m, 2n).

    Inputs excite, and inhibit by way of relay cells that repeat them: every
    column has one sign, and with_relays(w) @ [x, x] = w @ x.
    """
    return np.hstack([np.maximum(w, 0), np.minimum(w, 0)])


def calcium_spike(drive: Array) -> Array:
    """A dendrite's spike: none below 1, largest at 1, smaller beyond.

    The shape follows Gidon et al. (2020); the rate of decay is ours.
    """
    drive = np.asarray(drive, dtype=float)
    return np.where(drive >= 1, np.exp(1 - np.maximum(drive, 1)), 0)


def cuts(scores: Array) -> set[tuple[bool, ...]]:
    """All truth tables `score > threshold`, for each row and any threshold."""
    tables = set()
    for row in np.unique(scores.round(9), axis=0):
        for threshold in (-np.inf, *row):
            tables.add(tuple((row > threshold).tolist()))
    return tables


def truth_tables(n: int, dendrite: bool) -> set[tuple[bool, ...]]:
    """Boolean functions of n inputs that one cell can compute.

    The cell fires if v·x, plus twice the dendrite's spike for w·x, exceeds a
    threshold; entries of v from −2 to 2, of w one of 0, 1/2, 1.
    """
    x = np.array(list(product((0, 1), repeat=n))).T
    soma = np.array(list(product(range(-2, 3), repeat=n))) @ x
    if not dendrite:
        return cuts(soma)
    branch = calcium_spike(np.array(list(product((0, 0.5, 1), repeat=n))) @ x)
    return cuts(np.vstack([soma + 2 * spike for spike in branch]))


def row_format(w: Array, value: str, index: str) -> int:
    """Bytes of w as a sparse matrix: a value and a column for each non-zero.

    Four bytes more say where each row starts, and where the last one ends.
    `value` and `index` are NumPy types such as "f4" and "i2".
    """
    entry = np.dtype(value).itemsize + np.dtype(index).itemsize
    return np.count_nonzero(w) * entry + 4 * (len(w) + 1)


def dense_energy(weights: str) -> float:
    """pJ for one weight of a dense layer: read it, multiply, add."""
    return ENERGY[weights] + ENERGY["multiply"] + ENERGY["add"]


def spike_energy(weights: str, sums: str | None) -> float:
    """pJ for a spike at one synapse: read the weight, add, no multiply.

    The running sums are read and written in `sums`; None if they stay put.
    """
    return ENERGY[weights] + ENERGY["add"] + (2 * ENERGY[sums] if sums else 0)


def weight_reads(density: float, batch: Array) -> tuple[Array, Array]:
    """How often a weight is fetched for a batch: by events, and by a product.

    An event fetches its column; with `batch` samples a column is fetched once
    for each sample in which its input fired. A product fetches it once.
    """
    batch = np.asarray(batch, dtype=float)
    return density * batch, np.ones_like(batch)


if __name__ == "__main__":
    import matplotlib.pyplot as plt

    from snippets.palette import ACCENT, INK, LINE, SOFT

    # --8<-- [start:sum]
    rng = np.random.default_rng(0)
    inputs, cells, steps = 1000, 200, 1000  # one second
    w = rng.integers(-8, 9, (cells, inputs))
    spikes = poisson(rng, np.full(inputs, 4.0), steps)
    same, additions = True, 0
    for fired in spikes:
        total, count = event_sum(w, fired)
        same &= np.array_equal(total, w @ fired)
        additions += count
    dense = inputs * cells * steps
    print("same sums in every step:", bool(same))
    print(f"dense: {dense:,} multiply-adds")
    print(f"by events: {additions:,} additions, {additions / dense:.2%}")
    # --8<-- [end:sum]
    event_share, active_share = additions / dense, float(spikes.mean())

    # --8<-- [start:curve]
    currents = np.linspace(0, 4, 81)
    fired, _ = integrate_and_fire(steady(currents, 20_000, 0.1), 0.1)
    measured = fired.sum(axis=0) / 2  # per second
    exact = firing_rate(currents)
    off = np.abs(measured - exact)[exact > 0] / exact[exact > 0]
    print(f"simulated against closed form: {off.max():.0%} off at most")

    bend = np.linspace(0, 2, 201)  # where a ReLU would start
    ramps = np.maximum(currents - bend[:, None], 0)
    slopes = ramps @ exact / np.maximum((ramps**2).sum(axis=1), 1e-12)
    fits = slopes[:, None] * ramps
    best = max(range(len(bend)), key=lambda i: explained(fits[i], exact))
    relu_r2 = explained(fits[best], exact)
    print(f"best ReLU starts at {bend[best]:.2f}, R2 {relu_r2:.3f}")
    # --8<-- [end:curve]
    relu_start, curve_off = float(bend[best]), float(off.max())

    # --8<-- [start:curve_picture]
    fig, ax = plt.subplots(figsize=(6.2, 3.0))
    ax.plot(currents, exact, color=INK)
    ax.plot(currents, fits[best], "--", color=SOFT)
    ax.text(1.12, 52, "spiking cell", ha="right", color=INK)
    ax.text(2.6, 62, "best ReLU", color=SOFT)
    ax.set_title("spikes per second", loc="left", size="medium")
    ax.set(xlabel="input current", xticks=[0, 1, 2, 3, 4], yticks=[0, 50, 100, 150])
    plt.show()
    # --8<-- [end:curve_picture]

    # --8<-- [start:layer]
    rng = np.random.default_rng(0)
    rates = rng.uniform(0, 60, 200)  # of 200 inputs, per second
    w = rng.normal(0, 0.06, (100, 200))
    arriving = poisson(rng, rates, 4000)  # four seconds
    fired, _ = integrate_and_fire(arriving @ w.T)
    out = fired.sum(axis=0) / 4
    drive = w @ rates * STEP / 1000 / (1 - np.exp(-STEP / LEAK))  # mean voltage
    agreement = np.corrcoef(out, np.maximum(drive, 0))[0, 1]
    print(f"rates against relu(W r): correlation {agreement:.2f}")
    quiet = drive < 1  # a steady push of this size would make no spike
    print(f"cells with a mean below threshold: {quiet.sum()} of 100")
    print(f"of these, firing all the same: {(out[quiet] > 0).sum()}")
    # --8<-- [end:layer]
    quiet_cells, noise_fired = int(quiet.sum()), int((out[quiet] > 0).sum())

    # --8<-- [start:timing]
    constant = steady([0.9], 1000)
    bursts = np.zeros((1000, 1))
    on = np.arange(1000) % 100 < 20  # 20 ms of every 100 ms
    bursts[on] = steady([4.5], 200)
    print(f"mean push: {constant.mean():.4f} and {bursts.mean():.4f}")
    counts, traces = {}, {}
    for name, pushes in (("constant", constant), ("bursts", bursts)):
        fired, traces[name] = integrate_and_fire(pushes)
        counts[name] = int(fired.sum())
        print(f"{name:<8} {counts[name]:3} spikes")

    pair = np.zeros((1000, 2))  # two cells, ten volleys of two inputs
    pair[50::100] += [1.2, 0.6]  # first cell: both inputs at once
    pair[70::100] += [0.0, 0.6]  # second cell: the other one 20 ms later
    together, apart = integrate_and_fire(pair)[0].sum(axis=0).tolist()
    print(f"two inputs together {together:3} spikes, 20 ms apart {apart}")
    # --8<-- [end:timing]
    constant_spikes, burst_spikes = counts["constant"], counts["bursts"]

    # --8<-- [start:timing_picture]
    fig, axes = plt.subplots(2, 1, figsize=(6.4, 3.4), sharex=True)
    for ax, (name, trace) in zip(axes, traces.items(), strict=True):
        ax.axhline(1, color=LINE, lw=1)
        ax.plot(trace[:300, 0], color=INK, lw=1.2)
        over = np.flatnonzero(trace[:300, 0] >= 1)
        ax.plot(over, np.full(len(over), 1.45), "|", color=ACCENT, markersize=8)
        ax.text(300, 1.5, name, ha="right", va="center")
        ax.set(yticks=[0, 1], ylim=(-0.05, 1.65))
    axes[0].set_title("voltage", loc="left", size="medium")
    axes[1].set(xlabel="milliseconds", xticks=[0, 100, 200, 300])
    plt.show()
    # --8<-- [end:timing_picture]

    # --8<-- [start:dale]
    rng = np.random.default_rng(0)
    w = rng.integers(-8, 9, (64, 64))
    x = rng.integers(0, 100, 64)  # rates are never negative
    lost = np.linalg.norm(w - one_sign_columns(w)) / np.linalg.norm(w)
    print(f"one sign for each input, nothing added: {lost:.0%} off")
    split = with_relays(w)
    same = np.array_equal(split @ np.r_[x, x], w @ x)
    print("64 relay cells added, same result:", same)
    synapses, original = np.count_nonzero(split), np.count_nonzero(w)
    print(f"synapses onto the cells: {original} before, {synapses} after")
    # --8<-- [end:dale]

    # --8<-- [start:xor]
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    spike = calcium_spike(x.sum(axis=1))
    for pair, size in zip(x.tolist(), spike, strict=True):
        fires = bool(size > 0.5)
        print(pair, f"dendritic spike {size:.2f}, cell fires: {fires}")
    # --8<-- [end:xor]

    # --8<-- [start:tables]
    tables = {}
    for n in (2, 3):
        plain, branched = (len(truth_tables(n, d)) for d in (False, True))
        tables[n] = {"sum": plain, "dendrite": branched, "all": 2 ** 2**n}
        print(f"{n} inputs: sum and threshold {plain},", end=" ")
        print(f"with a dendrite {branched}, of {2 ** 2**n}")
    # --8<-- [end:tables]

    # --8<-- [start:dendrite_picture]
    fig, ax = plt.subplots(figsize=(6.0, 2.6))
    drive = np.linspace(0, 3, 301)
    rising = drive >= 1
    ax.plot(drive[~rising], calcium_spike(drive[~rising]), color=INK)
    ax.plot(drive[rising], calcium_spike(drive[rising]), color=INK)
    ax.axhline(0.5, color=SOFT, lw=1, ls=":")
    ax.plot([0, 1, 2], calcium_spike([0, 1, 2]), "o", color=ACCENT, markersize=5)
    for at, words in ((0, "none on"), (1, "one on"), (2, "both on")):
        ax.text(at + 0.06, calcium_spike(at) + 0.06, words, color=ACCENT)
    ax.text(3, 0.53, "threshold of the cell", ha="right", color=SOFT)
    ax.set_title("dendritic spike", loc="left", size="medium")
    ax.set(xlabel="drive", xticks=[0, 1, 2, 3], yticks=[0, 1], ylim=(-0.05, 1.25))
    plt.show()
    # --8<-- [end:dendrite_picture]

    # --8<-- [start:even]
    print("weights in  sums in   dense pJ  spike pJ  break-even")
    break_even = {}
    places = [("cache", None), ("cache", "cache"), ("DRAM", "cache")]
    for weights, sums in places:
        whole, spike = dense_energy(weights), spike_energy(weights, sums)
        place = sums or "place"
        break_even[f"{weights} {place}"] = whole / spike
        row = f"{weights:<11} {place:<7} {whole:10.1f} {spike:9.1f}"
        print(f"{row} {whole / spike:11.2f}")
    # --8<-- [end:even]
    even_in_place, even_cache = break_even["cache place"], break_even["cache cache"]

    # --8<-- [start:index]
    rng = np.random.default_rng(0)
    print("density   4+4 bytes   2+2 bytes   1+2 bytes")
    size = {}
    for density in (0.6, 0.4, 0.2, 0.05):
        w = rng.standard_normal((512, 512)) * (rng.random((512, 512)) < density)
        size[density] = [
            row_format(w, value, index) / (w.size * int(value[1]))
            for value, index in (("f4", "i4"), ("f2", "i2"), ("i1", "i2"))
        ]
        print(f"{density:7.0%}", *(f"{share:11.2f}" for share in size[density]))
    # --8<-- [end:index]

    # --8<-- [start:batch_picture]
    fig, ax = plt.subplots(figsize=(6.2, 2.8))
    batch = np.geomspace(1, 1000, 31)
    for density, words in ((0.1, "10% fire"), (0.01, "1% fire")):
        events, once = weight_reads(density, batch)
        ax.loglog(batch, events, color=INK)
        ax.text(1100, events[-1], words, va="center")
    ax.loglog(batch, once, "--", color=SOFT)
    ax.text(1.1, 1.25, "dense product", color=SOFT)
    ax.set_title("fetches of each weight", loc="left", size="medium")
    ax.set(xlabel="samples at a time", xlim=(1, 5000), yticks=[0.01, 0.1, 1, 10, 100])
    ax.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1000"])
    ax.minorticks_off()
    plt.show()
    # --8<-- [end:batch_picture]
