"""Operations and words moved: why machines like matrix products, and which recurrences are one."""

from itertools import product

import numpy as np

from snippets.mechanics.cache_layout import Cache, misses, triple_loop


class Machine:
    """A small fast memory in front of a large one; both bills are kept.

    The fast memory holds the words used last. A word that is not in it has to
    be fetched, even to be overwritten; taking results back is not counted.
    """

    def __init__(self, words: int):
        self.fast = Cache(words, line_bytes=1)
        self.operations = 0

    def work(self, operations: int, *addresses: int) -> None:
        """So many operations on the words at these addresses."""
        self.operations += operations
        for address in addresses:
            self.fast.touch(address)

    @property
    def fetched(self) -> int:
        return self.fast.misses

    @property
    def intensity(self) -> float:
        """Operations per word fetched."""
        return self.operations / self.fetched


def add(machine: Machine, n: int) -> None:
    """Sum of two vectors."""
    for i in range(n):
        machine.work(1, i, n + i, 2 * n + i)


def gather(machine: Machine, rows: np.ndarray) -> None:
    """y[i] = x[rows[i]]."""
    n = len(rows)
    for i, row in enumerate(rows.tolist()):
        machine.work(0, i, n + row, 2 * n + i)


def merge_sort(machine: Machine, values: list) -> list:
    """The values in order; each comparison is one operation."""
    n, values = len(values), list(values)

    def sort(low: int, high: int) -> None:
        if high - low < 2:
            return
        middle = (low + high) // 2
        sort(low, middle)
        sort(middle, high)
        merged, i, j = [], low, middle
        while i < middle or j < high:
            if i < middle and j < high:
                machine.work(1, i, j)
                left = values[i] <= values[j]
            else:
                left = i < middle
            take = i if left else j
            machine.work(0, take, n + low + len(merged))
            merged.append(values[take])
            i, j = i + left, j + (not left)
        values[low:high] = merged
        for k in range(low, high):
            machine.work(0, n + k, k)

    sort(0, n)
    return values


def transform(machine: Machine, bits: int) -> None:
    """Hadamard transform of 2**bits numbers: each step makes a + b and a - b.

    Half of the bits on every part, then the other half, and so on within: an
    order that suits a fast memory of any size (Frigo et al. 1999, for the FFT).
    """
    def mix(places: list[int], base: int) -> None:
        if len(places) == 1:
            machine.work(2, base, base + 2 ** places[0])
            return
        half = len(places) // 2
        first, second = places[:half], places[half:]
        for mine, others in ((first, second), (second, first)):
            for choice in product((False, True), repeat=len(others)):
                chosen = zip(choice, others, strict=True)
                mix(mine, base + sum(2**place for yes, place in chosen if yes))

    mix(list(range(bits)), 0)


def recur(machine: Machine, n: int, steps: int, batch: int = 1) -> None:
    """h = f(W h + x), step after step, for a batch of sequences. W is n x n."""
    state, inputs = n * n, n * n + 2 * n * batch
    for step in range(steps):
        old, new = ((step + swap) % 2 * n * batch + state for swap in (0, 1))
        for i, j, s in product(range(n), range(n), range(batch)):
            machine.work(2, i * n + j, old + j * batch + s, new + i * batch + s)
        for i in range(n * batch):  # add the input, apply f
            machine.work(2, inputs + step * n * batch + i, new + i)


def multiply(machine: Machine, n: int) -> None:
    """Product of two n x n matrices, halving all loops; n is 3 * 2**k."""
    def block(i: int, j: int, k: int, size: int) -> None:
        if size > 3:
            half = size // 2
            for di, dj, dk in product((0, half), repeat=3):
                block(i + di, j + dj, k + dk, half)
            return
        for r, c, t in product(range(size), repeat=3):
            machine.work(2, (i + r) * n + k + t, n * n + (k + t) * n + j + c,
                         2 * n * n + (i + r) * n + j + c)

    block(0, 0, 0, n)


def blocked(a: np.ndarray, b: np.ndarray, size: int) -> np.ndarray:
    """a @ b by blocks of size x size; smaller ones at the edges."""
    c = np.zeros((len(a), b.shape[1]), np.result_type(a, b))
    starts = (range(0, length, size) for length in (*a.shape, b.shape[1]))
    for i, k, j in product(*starts):
        c[i : i + size, j : j + size] += (
            a[i : i + size, k : k + size] @ b[k : k + size, j : j + size])
    return c


def stationary(n: int, tile: int):
    """Addresses of c += a @ b while a tile of c stays in place.

    A column of a and a row of b pass by at a time. As in `triple_loop`: 8 bytes
    an entry, a, b, c one after the other.
    """
    for top, left in product(range(0, n, tile), repeat=2):
        rows, columns = (range(s, min(s + tile, n)) for s in (top, left))
        for k, i, j in product(range(n), rows, columns):
            yield 8 * (i * n + k)
            yield 8 * (n * n + k * n + j)
            yield 8 * (2 * n * n + i * n + j)


def step_by_step(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """h[t] = a[t] @ h[t-1] + x[t] from h = 0; a (steps, n, n), x (steps, n)."""
    h, states = np.zeros_like(x[0]), []
    for matrix, entry in zip(a, x, strict=True):
        h = matrix @ h + entry
        states.append(h)
    return np.array(states)


def as_matrix(a: np.ndarray) -> np.ndarray:
    """The triangular matrix L with h = L x: L[t, s] = a[s+1] ... a[t].

    a: numbers (steps,).
    """
    rows = np.eye(len(a), dtype=a.dtype)
    for t in range(1, len(a)):
        rows[t, :t] = a[t] * rows[t - 1, :t]
    return rows


def scan(a: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, int]:
    """The states of `step_by_step`, and the number of rounds: log2(steps).

    Two steps h -> a h + x make one of the same form, (a2 a1, a2 x1 + x2); each
    round joins every stretch to the one before it. Source: Kogge and Stone 1973.
    """
    rounds, reach = 0, 1
    while reach < len(x):
        joined = np.einsum("tij,tj->ti", a[reach:], x[:-reach]) + x[reach:]
        x = np.concatenate([x[:reach], joined])
        a = np.concatenate([a[:reach], a[reach:] @ a[:-reach]])
        rounds, reach = rounds + 1, 2 * reach
    return x, rounds


def newton(w: np.ndarray, x: np.ndarray, most: int) -> tuple[np.ndarray, int]:
    """All states of h[t] = tanh(w @ h[t-1] + x[t]), and the sweeps it took.

    Each sweep replaces tanh by its tangents at the guess and solves what is
    then linear by `scan`. Stops when nothing moves by more than 1e-9, or after
    `most` sweeps. Source: Lim et al. 2024.
    """
    guess = np.zeros_like(x)
    for sweep in range(1, most + 1):
        before = np.concatenate([np.zeros_like(x[:1]), guess[:-1]])
        value = np.tanh(before @ w.T + x)
        slope = (1 - value**2)[:, :, None] * w
        rest = value - np.einsum("tij,tj->ti", slope, before)
        better, _ = scan(slope, rest)
        moved = np.abs(better - guess).max()
        guess = better
        if moved < 1e-9:
            break
    return guess, sweep


def hadamard(bits: int) -> np.ndarray:
    """The Hadamard matrix of order 2**bits, entries 1 and -1."""
    h = np.ones((1, 1), int)
    for _ in range(bits):
        h = np.block([[h, h], [h, -h]])
    return h


if __name__ == "__main__":
    import matplotlib.pyplot as plt

    from snippets.palette import INK, LINE, SOFT

    # --8<-- [start:bill]
    rng = np.random.default_rng(0)
    places, values = rng.permutation(4096), rng.permutation(2048).tolist()
    primitives = {
        "gather": lambda m: gather(m, places),
        "add": lambda m: add(m, 4096),
        "sort": lambda m: merge_sort(m, values),
        "Hadamard": lambda m: transform(m, 12),
        "recurrence": lambda m: recur(m, 48, steps=24),
        "product": lambda m: multiply(m, 48),
    }
    bill = {}
    for name, run in primitives.items():
        machine = Machine(words=768)
        run(machine)
        bill[name] = machine.intensity
        print(f"{name:10} {machine.operations:7,} operations,"
              f" {machine.fetched:6,} words: {bill[name]:5.2f}")
    # --8<-- [end:bill]
    weights = 48**2  # of the recurrence

    # --8<-- [start:sweep]
    sizes = (48, 192, 768, 3072)
    curves = {}
    for name in ("add", "sort", "Hadamard", "recurrence", "product"):
        curves[name] = []
        for size in sizes:
            machine = Machine(size)
            primitives[name](machine)
            curves[name].append(machine.intensity)
        print(f"{name:10}", *[f"{value:6.2f}" for value in curves[name]])
    # --8<-- [end:sweep]
    growth = {name: curve[2] / curve[0] for name, curve in curves.items()}

    # --8<-- [start:sweep_picture]
    fig, ax = plt.subplots(figsize=(6.6, 3.6))
    styles = {"product": "-", "recurrence": "--", "Hadamard": "-.",
              "sort": ":", "add": "-"}
    for name, curve in curves.items():
        colour = INK if name == "product" else SOFT
        ax.loglog(sizes, curve, styles[name], color=colour, marker="o", ms=4)
        ax.text(3500, curve[-1], name, color=colour, va="center")
    ax.set(xticks=sizes, xticklabels=sizes, yticks=[0.1, 1, 10],
           yticklabels=["0.1", "1", "10"],
           xlabel="words of fast memory", ylabel="operations per word")
    ax.set_xlim(40, 11000)
    ax.minorticks_off()
    ax.grid(axis="y", color=LINE)
    plt.show()
    # --8<-- [end:sweep_picture]

    # --8<-- [start:exact]
    a, b = rng.integers(-9, 10, (17, 23)), rng.integers(-9, 10, (23, 19))
    same = {size: np.array_equal(blocked(a, b, size), a @ b)
            for size in (1, 4, 5, 30)}
    print(same)
    # --8<-- [end:exact]

    # --8<-- [start:traffic]
    n = 24
    traffic = {}
    for t in (3, 4, 6, 8):
        tiles, stays = list(triple_loop("ijk", n, t)), stationary(n, t)
        traffic[t] = {
            "formula": n**2 + 2 * n**3 // t,
            "3tt": misses(tiles, Cache(3 * t**2, line_bytes=8)),
            "4tt+t": misses(tiles, Cache(4 * t**2 + t, line_bytes=8)),
            "tt+3t+1": misses(stays, Cache(t**2 + 3 * t + 1, line_bytes=8)),
        }
        print(t, traffic[t])
    # --8<-- [end:traffic]
    excess = {t: row["3tt"] / row["formula"] - 1 for t, row in traffic.items()}
    floor = {t: 2 * n**3 / np.sqrt(t**2 + 3 * t + 1) for t in traffic}
    over = {t: float(traffic[t]["formula"] / floor[t]) for t in traffic}

    # --8<-- [start:linear]
    steps = 256
    a, x = rng.integers(-1, 2, size=steps), rng.integers(-9, 10, size=steps)
    loop = step_by_step(a[:, None, None], x[:, None])[:, 0]
    scanned, rounds = scan(a[:, None, None], x[:, None])
    product_same = np.array_equal(as_matrix(a) @ x, loop)
    scan_same = np.array_equal(scanned[:, 0], loop)
    print(f"one by one {steps} steps; one product {product_same};"
          f" scan {scan_same}, {rounds} rounds")
    # --8<-- [end:linear]

    # --8<-- [start:linear_picture]
    fig, axes = plt.subplots(1, 2, figsize=(6.6, 2.9))
    shown = as_matrix(np.full(16, 0.8))
    axes[0].imshow(shown, cmap="Greys", vmin=0, vmax=1.2)
    axes[0].set(xticks=[], yticks=[])
    place, reach = np.arange(16), 1
    for level in range(4):
        for t in place:
            axes[1].plot([t, t], [level, level + 1], "-", color=LINE, lw=1)
            if t >= reach:
                axes[1].plot([t - reach, t], [level, level + 1], "-", color=INK)
        reach *= 2
    for level in range(5):
        axes[1].plot(place, np.full(16, level), "o", color=INK, ms=2.5)
    axes[1].invert_yaxis()
    axes[1].axis("off")
    plt.show()
    # --8<-- [end:linear_picture]

    # --8<-- [start:bent]
    n, steps = 16, 128
    x = rng.standard_normal((steps, n)) / 2
    w = rng.standard_normal((n, n)) / np.sqrt(n)
    sweeps, gap, apart = {}, {}, {}
    for gain in (0.5, 1.0, 4.0):
        h, near, states = np.zeros(n), np.full(n, 1e-6), []
        for entry in x:
            h, near = (np.tanh(gain * w @ s + entry) for s in (h, near))
            states.append(h)
        apart[gain] = float(np.abs(near - h).max())
        with np.errstate(all="ignore"):
            found, sweeps[gain] = newton(gain * w, x, most=32)
        gap[gain] = float(np.abs(found - states).max())
        print(f"gain {gain}: {sweeps[gain]:2} sweeps,"
              f" found {gap[gain] < 1e-8}, apart {apart[gain] > 1e-6}")
    # --8<-- [end:bent]
    per_sweep = int(np.log2(steps))  # rounds of the scan in each sweep
    bent_steps = steps

    # --8<-- [start:structured]
    order = 1024
    h32 = hadamard(5)
    dense = np.kron(h32, h32)  # 1024 x 1024, not a single zero
    x = rng.integers(-9, 10, size=order)

    y = x.copy()
    additions, reach = 0, 1
    while reach < order:
        pairs = y.reshape(-1, 2, reach)
        y = np.stack([pairs[:, 0] + pairs[:, 1], pairs[:, 0] - pairs[:, 1]], 1)
        additions, reach = additions + order, 2 * reach
    y = y.ravel()
    two_products = h32 @ x.reshape(32, 32) @ h32
    all_same = (np.array_equal(dense @ x, y)
                and np.array_equal(two_products.ravel(), y))
    counts = {"dense": 2 * dense.size, "two products": 2 * (2 * 32**3),
              "butterflies": additions}
    print(all_same, counts)
    # --8<-- [end:structured]
    saved = counts["dense"] / counts["butterflies"]
    disguise = counts["two products"] / counts["butterflies"]
    v100 = {"tensor cores": 125, "other units": 15.7}  # peak TFLOP/s, see the page
    peak_ratio = v100["tensor cores"] / v100["other units"]
    remaining = disguise / peak_ratio
    remaining_adding = remaining / 2  # a peak counts a multiply-add as two
