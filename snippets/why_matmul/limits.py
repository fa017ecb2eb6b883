"""What one matrix cannot learn, what removes each limit, and which limit comes next."""

from itertools import combinations, product

import numpy as np
import torch

from snippets.mechanics.geometry import Layer, network, random_network, relu


def words(bits: int) -> np.ndarray:
    """All words of zeros and ones, one per row (2**bits, bits); bit j of the row number."""
    return (np.arange(2**bits)[:, None] >> np.arange(bits)) & 1


def with_products(x: np.ndarray) -> np.ndarray:
    """The columns of `x` and the product of each pair of them: the terms of x'Mx."""
    i, j = np.triu_indices(x.shape[1], 1)
    return np.hstack([x, x[:, i] * x[:, j]])


def mask(answers: np.ndarray) -> np.ndarray:
    """Truth tables as numbers: answer i, true or false, becomes bit i; last axis is i."""
    return answers @ (1 << np.arange(answers.shape[-1]))


def learnable(features: np.ndarray, largest: int) -> set[int]:
    """Truth tables of `features @ w > t`, weights from -largest to largest.

    features: integers (words, columns). Weights and thresholds are integers
    too; a table is a number, see `mask`.
    """
    choices = product(range(-largest, largest + 1), repeat=features.shape[1])
    scores = np.array(list(choices)) @ features.T
    reach = np.abs(scores).max()
    found: set[int] = set()
    for threshold in range(-reach - 1, reach + 1):
        found.update(mask(scores > threshold).tolist())
    return found


def hidden_xors(bits: int) -> np.ndarray:
    """For each truth table: do two true and two false words have the same sum?

    The four words are the corners of a parallelogram with unlike diagonals. No
    affine score has the sign for this, whatever the weights.
    """
    by_sum: dict[tuple, list[int]] = {}
    for a, b in combinations(range(2**bits), 2):
        total = tuple(words(bits)[a] + words(bits)[b])
        by_sum.setdefault(total, []).append((1 << a) | (1 << b))
    tables = np.arange(2 ** (2**bits))
    found = np.zeros(len(tables), bool)
    for diagonals in by_sum.values():
        for one, other in combinations(diagonals, 2):
            corners = tables & (one | other)
            found |= (corners == one) | (corners == other)
    return found


def xor_tree(x: np.ndarray) -> np.ndarray:
    """Parity of each row of zeros and ones: neighbours by a + b - 2ab.

    The number of columns is a power of two; each level multiplies data by data.
    """
    while x.shape[1] > 1:
        a, b = x[:, ::2], x[:, 1::2]
        x = a + b - 2 * a * b
    return x[:, 0]


def square_network(depth: int) -> list[Layer]:
    """ReLU network, three units in each of `depth` layers, close to x² on [0, 1].

    Two units make the tent of the layer before, the third carries
    x - tent(x)/4 - tent(tent(x))/16 - ... along. Source: Yarotsky 2017.
    """
    bias = np.array([0.0, -0.5, 0.0])
    layers = [(np.ones((3, 1)), bias)]
    for level in range(1, depth):
        less = 4.0**-level
        layers.append((np.array([[2, -4, 0], [2, -4, 0], [-2 * less, 4 * less, 1]]), bias))
    less = 4.0**-depth
    layers.append((np.array([[-2 * less, 4 * less, 1]]), np.zeros(1)))
    return layers


def hinge_network(knots: np.ndarray, values: np.ndarray) -> list[Layer]:
    """One hidden layer, a ReLU unit per piece: the zigzag through the given points.

    Left of the first knot it is constant; right of the last it keeps its slope.
    """
    slopes = np.diff(values) / np.diff(knots)
    bends = np.diff(slopes, prepend=0.0)
    return [(np.ones((len(bends), 1)), -knots[:-1]), (bends[None, :], values[:1])]


def correlations(answers: np.ndarray) -> np.ndarray:
    """Mean of answer times parity, for the parity of every subset of the bits.

    answers: (2**bits,), one per word in the order of `words`. Entry m belongs to
    the subset of the ones of m. This is the fast Walsh-Hadamard transform.
    """
    c = np.array(answers, float)
    step = 1
    while step < len(c):
        pairs = c.reshape(-1, 2, step)
        c = np.stack([pairs[:, 0] + pairs[:, 1], pairs[:, 0] - pairs[:, 1]], axis=1)
        c = c.reshape(-1)
        step *= 2
    return c / len(c)


def draw(bits: int, chosen: int, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Random words in -1 and 1 (count, bits); parity of the first `chosen` bits (count,)."""
    x = torch.randint(0, 2, (count, bits)) * 2.0 - 1
    return x, x[:, :chosen].prod(dim=1)


def learn_parity(bits: int, chosen: int, steps: int, rate: float) -> float:
    """Share of fresh random words judged correctly after gradient descent.

    The answer is the parity of the first `chosen` of `bits` bits, in -1 and 1.
    One hidden layer of 128 ReLU units, Adam with the given learning rate, 256
    fresh words at each step.
    """
    torch.manual_seed(0)
    net = torch.nn.Sequential(
        torch.nn.Linear(bits, 128), torch.nn.ReLU(), torch.nn.Linear(128, 1))
    optimiser = torch.optim.Adam(net.parameters(), lr=rate)
    for _ in range(steps):
        x, y = draw(bits, chosen, 256)
        loss = torch.nn.functional.softplus(-y * net(x)[:, 0]).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    x, y = draw(bits, chosen, 20_000)
    with torch.no_grad():
        return ((net(x)[:, 0] * y) > 0).float().mean().item()


def learn_curve(target, features, activation, steps: int):
    """A network of two hidden layers trained on target(t) for t from -pi to pi.

    target, features: functions of a column of points (100, 1); `features` gives
    the network's input. Returns the trained network as a function of points (n,).
    """
    torch.manual_seed(0)
    t = torch.linspace(-np.pi, np.pi, 100, dtype=torch.float64)[:, None]
    inputs, wanted = features(t), target(t)
    net = torch.nn.Sequential(
        torch.nn.Linear(inputs.shape[1], 32), activation,
        torch.nn.Linear(32, 32), activation, torch.nn.Linear(32, 1)).double()
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(steps):
        loss = ((net(inputs) - wanted) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    def trained(points: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return net(features(torch.from_numpy(points)[:, None]))[:, 0].numpy()

    return trained


if __name__ == "__main__":
    import matplotlib.pyplot as plt

    from snippets.mechanics.geometry_solutions import parity_network
    from snippets.palette import ACCENT, INK, LINE, SOFT

    # --8<-- [start:counting]
    one_matrix, of_all = {}, {}
    for bits, largest in ((2, 1), (3, 2), (4, 3)):
        one_matrix[bits] = len(learnable(words(bits), largest))
        of_all[bits] = 2 ** (2**bits)
        print(f"{bits} bits: {one_matrix[bits]:4} of {of_all[bits]:5} relations")
    # --8<-- [end:counting]
    share = {bits: one_matrix[bits] / of_all[bits] for bits in one_matrix}

    # --8<-- [start:why_not]
    hidden = {bits: int(hidden_xors(bits).sum()) for bits in one_matrix}
    for bits, count in hidden.items():
        print(f"{bits} bits: {count:5} hide an XOR,"
              f" {one_matrix[bits] + count == of_all[bits]}")
    # --8<-- [end:why_not]

    # --8<-- [start:depth]
    rng = np.random.default_rng(0)
    allowed = learnable(words(3), 2)
    outside = {"linear": [], "ReLU": []}
    for _ in range(2000):
        layers = random_network([3, 8, 8, 1], rng)
        scores = words(3).T
        for w, b in layers:  # the same weights, nothing in between
            scores = w @ scores + b[:, None]
        bent = network(layers, words(3).T)
        for name, out in (("linear", scores), ("ReLU", bent)):
            table = int(mask(out[0] > 0))
            if table not in allowed:
                outside[name].append(table)
    for name, tables in outside.items():
        print(f"{name:6} not among the {len(allowed)}: {len(tables):3}"
              f" of 2000, {len(set(tables))} different")
    # --8<-- [end:depth]
    outside_count = {name: len(tables) for name, tables in outside.items()}
    outside_kinds = {name: len(set(tables)) for name, tables in outside.items()}

    # --8<-- [start:bilinear]
    M = np.array([[1, -1], [-1, 1]])
    bilinear = [int(x @ M @ x) for x in words(2)]
    print("x'Mx:", bilinear)

    with_pairs = {}
    for bits in (2, 3):
        signs = 2 * words(bits) - 1  # -1 and 1 instead of 0 and 1
        tables = learnable(with_products(signs), 1)
        with_pairs[bits] = len(tables)
        print(f"{bits} bits: {len(tables)} of {of_all[bits]}")
    missing = sorted(set(range(of_all[3])) - tables)
    # --8<-- [end:bilinear]

    # --8<-- [start:missing]
    print(words(3).sum(axis=1) % 2, "parity")
    for table in missing:
        print((table >> np.arange(8)) & 1, "missing")
    # --8<-- [end:missing]

    # --8<-- [start:tree]
    all_words = words(16)
    parity = all_words.sum(axis=1) % 2
    tree_right = np.array_equal(xor_tree(all_words), parity)
    print(f"16 bits, 4 levels, {len(all_words)} words: {tree_right}")
    # --8<-- [end:tree]
    tree_words = len(all_words)

    # --8<-- [start:bend]
    x = np.linspace(0, 1, 1001)
    target = np.sin(5 * x)
    activations = {"none": lambda z: z, "square": np.square, "ReLU": relu}
    fit_error, fit_rank = {}, {}
    for name, activation in activations.items():
        for units in (4, 8, 16, 32, 64):
            z = x[:, None] - np.arange(units) / units  # one first layer for all
            h = np.column_stack([np.ones_like(x), activation(z)])
            v, _, rank, _ = np.linalg.lstsq(h, target, rcond=1e-10)
            fit_rank.setdefault(name, []).append(int(rank))
            worst = np.abs(h @ v - target).max()
            fit_error.setdefault(name, []).append(float(worst))
        print(f"{name:6} rank {fit_rank[name]}")
        print("       error", *[f"{e:.0e}" for e in fit_error[name]])
    # --8<-- [end:bend]
    first, *_, last = fit_error["ReLU"]
    width_exponent = float(np.log(last / first) / np.log(64 / 4))

    # --8<-- [start:bend_picture]
    fig, ax = plt.subplots(figsize=(6.4, 3.2))
    units = [4, 8, 16, 32, 64]
    for name, style, colour in (("none", ":", SOFT), ("square", "--", SOFT),
                                ("ReLU", "-", INK)):
        ax.loglog(units, fit_error[name], style, color=colour, marker="o", ms=4)
        high = 1.3 if name == "none" else 0.8  # keeps two labels apart
        ax.text(68, fit_error[name][-1] * high, name, color=colour, va="center")
    ax.set(xticks=units, xticklabels=units, xlabel="units", ylabel="largest error")
    ax.set(xlim=(3.6, 105), ylim=(2e-4, 3))  # the axis stays clear of the label
    ax.minorticks_off()
    plt.show()
    # --8<-- [end:bend_picture]

    # --8<-- [start:squares]
    x = np.arange(2**10 + 1) / 2**10
    square_error = {}
    for depth in (1, 2, 4, 6, 8):
        deep = network(square_network(depth), x[None, :])[0]
        knots = np.arange(2**depth + 1) / 2**depth
        wide = network(hinge_network(knots, knots**2), x[None, :])[0]
        square_error[depth] = float(np.abs(deep - x**2).max())
        power = np.log2(square_error[depth]) / 2
        print(f"depth {depth}: error 4^{power:.0f}, one layer of"
              f" {len(knots) - 1:3} the same: {np.array_equal(deep, wide)}")
    # --8<-- [end:squares]
    deepest, deep_units, wide_units = 8, 3 * 8, 2**8
    needed = int(np.ceil(np.sqrt(1 / (8 * square_error[deepest])) - 1))

    # --8<-- [start:squares_picture]
    fig, axes = plt.subplots(1, 3, figsize=(7.2, 2.6))
    fine = np.linspace(0, 1, 513)
    for ax, depth in zip(axes, (1, 2, 3), strict=True):
        knots = np.arange(2**depth + 1) / 2**depth
        approx = network(square_network(depth), fine[None, :])[0]
        ax.plot(fine, fine**2, "-", color=SOFT, lw=0.9)
        ax.plot(fine, approx, "-", color=INK, lw=1.5)
        ax.plot(knots, knots**2, "o", color=ACCENT, ms=4)
        ax.text(0.05, 0.85, f"{2**depth}", color=INK)
        ax.set(xticks=[0, 1], yticks=[0, 1])
    plt.show()
    # --8<-- [end:squares_picture]

    # --8<-- [start:by_hand]
    by_hand = network(parity_network(8), words(8).T)[0]
    hand_right = np.array_equal(by_hand, words(8).sum(axis=1) % 2)
    print("8 bits, 8 units by hand:", hand_right)
    # --8<-- [end:by_hand]

    # --8<-- [start:trained]
    parity_steps = 500
    learned = {}
    for chosen, bits in ((4, 30), (8, 30), (30, 30), (8, 16)):
        name = f"{chosen} of {bits}"
        learned[name] = learn_parity(bits, chosen, parity_steps, 0.01)
        print(f"{name:8} bits: {learned[name]:.1f}")
    # --8<-- [end:trained]
    seen = 256 * parity_steps

    # --8<-- [start:needle]
    rng = np.random.default_rng(0)
    signs = 2 * words(16) - 1
    size = words(16).sum(axis=1)  # how many bits each of the parities takes
    squares = []
    for _ in range(20):  # ReLU units with random weights: on 1, off -1
        w, b = rng.standard_normal(16), rng.standard_normal()
        squares.append(correlations(np.where(signs @ w + b > 0, 1, -1)) ** 2)
    sums = np.sum(squares, axis=1)
    rms = {}
    for chosen in (1, 2, 4, 8, 16):
        mean_square = np.mean(squares, axis=0)[size == chosen].mean()
        rms[chosen] = float(np.sqrt(mean_square))
        print(f"{chosen:2} bits: {rms[chosen]:.4f}")
    parities = len(size)
    print(f"squares of all {parities}: sum {sums.min():.6f} to {sums.max():.6f}")
    # --8<-- [end:needle]
    typical = parities**-0.5

    # --8<-- [start:outside]
    def wave(t):
        return torch.sin(t) + torch.sin(2 * t) / 2

    def ring(t):  # the point at angle t on a circle
        return torch.cat([torch.cos(t), torch.sin(t)], dim=1)

    curves = {
        "ReLU": learn_curve(wave, lambda t: t / 3, torch.nn.ReLU(), 500),
        "tanh": learn_curve(wave, lambda t: t / 3, torch.nn.Tanh(), 500),
        "ring": learn_curve(wave, ring, torch.nn.ReLU(), 500),
    }
    near, far = np.linspace(-np.pi, np.pi, 201), np.linspace(12, 20, 201)
    wave_error = {}
    for name, net in curves.items():
        gap = [np.abs(net(t) - wave(torch.from_numpy(t)).numpy()).max()
               for t in (near, far)]
        wave_error[name] = [float(g) for g in gap]
        print(f"{name}  within 0.15: inside {gap[0] < 0.15}, far {gap[1] < 0.15}")
    way_out = curves["ReLU"](np.linspace(1e6, 2e6, 101))
    bend = np.abs(np.diff(way_out, n=2)).max() / np.abs(way_out).max()
    is_straight = bool(bend < 1e-9)
    print("ReLU straight beyond a million:", is_straight)
    # --8<-- [end:outside]

    # --8<-- [start:outside_picture]
    fig, axes = plt.subplots(3, 1, figsize=(7.2, 4.6), sharex=True)
    t = np.linspace(-11, 11, 441)
    for ax, (name, net) in zip(axes, curves.items(), strict=True):
        ax.axvspan(-np.pi, np.pi, color=LINE, alpha=0.6, lw=0)
        ax.plot(t, wave(torch.from_numpy(t)), "--", color=SOFT, lw=1)
        ax.plot(t, net(t), "-", color=INK, lw=1.6)
        ax.text(-11, -2.1, name, color=INK)
        ax.set(ylim=(-2.4, 2.4), yticks=[-1, 1])
    axes[-1].set_xticks([-np.pi, 0, np.pi], [r"$-\pi$", "0", r"$\pi$"])
    plt.show()
    # --8<-- [end:outside_picture]
