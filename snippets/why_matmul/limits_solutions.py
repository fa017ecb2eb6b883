"""Solutions to the exercises on what one matrix cannot learn."""

from itertools import combinations

import numpy as np
import torch

from snippets.mechanics.geometry import network
from snippets.why_matmul.limits import (
    hinge_network,
    learn_curve,
    learnable,
    square_network,
    words,
)


def crossing(answers: np.ndarray) -> tuple | None:
    """Two true and two false words with equal sums, or None. answers: (2**bits,)."""
    table = words(int(np.log2(len(answers))))
    for true in combinations(table[answers], 2):
        for false in combinations(table[~answers], 2):
            if np.array_equal(sum(true), sum(false)):
                return ["".join(map(str, word)) for word in (*true, *false)]
    return None


def multiply(x: np.ndarray, y: np.ndarray, depth: int) -> np.ndarray:
    """Approximate products of numbers in [0, 1] by three `square_network`s.

    x y = 2 ((x + y) / 2)² - x² / 2 - y² / 2.
    """
    def square(z):
        return network(square_network(depth), z[None, :])[0]

    return 2 * square((x + y) / 2) - square(x) / 2 - square(y) / 2


def kolmogorov(samples: np.ndarray, cumulative) -> float:
    """Largest distance between the share of samples below t and `cumulative(t)`."""
    ordered = cumulative(np.sort(samples))
    steps = np.arange(len(samples) + 1) / len(samples)
    return float(max(np.max(steps[1:] - ordered), np.max(ordered - steps[:-1])))


def learn_step(steps: int):
    """A small network trained on the four pairs of bits, as a function (n, 2) -> (n,).

    Its answer is rounded to 0 or 1.
    """
    torch.manual_seed(0)
    pairs = torch.from_numpy(words(2)).float()
    wanted = pairs.sum(dim=1) % 2
    net = torch.nn.Sequential(torch.nn.Linear(2, 16), torch.nn.ReLU(),
                              torch.nn.Linear(16, 1))
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(steps):
        loss = ((net(pairs)[:, 0] - wanted) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    def step(x: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return (net(torch.from_numpy(x).float())[:, 0] > 0.5).numpy().astype(int)

    return step


def fold(step, x: np.ndarray) -> np.ndarray:
    """Apply `step` to (state, next bit) along each row of x (n, bits); starts at 0."""
    state = np.zeros(len(x), int)
    for bit in x.T:
        state = step(np.column_stack([state, bit]))
    return state


def solve_mod_2(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The w of zeros and ones with x @ w = y modulo 2, by elimination.

    x (examples, bits) and y (examples,) hold zeros and ones. Raises ValueError
    when the examples leave a choice or contradict each other.
    """
    rows, bits = np.column_stack([x, y]), x.shape[1]
    for column in range(bits):
        below = column + np.flatnonzero(rows[column:, column])
        if not below.size:
            raise ValueError(f"bit {column} is not determined")
        rows[[column, below[0]]] = rows[[below[0], column]]
        others = np.flatnonzero(rows[:, column])
        others = others[others != column]
        rows[others] ^= rows[column]
    if rows[bits:].any():
        raise ValueError("no w fits all examples")
    return rows[:bits, -1]


if __name__ == "__main__":
    # --8<-- [start:crossings]
    ones = words(3).sum(axis=1)
    relations = {
        "at least two": ones >= 2,
        "exactly one": ones == 1,
        "first two equal": words(3)[:, 0] == words(3)[:, 1],
        "not all equal": (ones > 0) & (ones < 3),
    }
    crossings = {}
    for name, answers in relations.items():
        crossings[name] = crossing(answers)
        print(f"{name:16}", crossings[name])
    # --8<-- [end:crossings]

    # --8<-- [start:one_hot]
    one_hot = np.eye(8, dtype=int)  # word i is row i
    by_bits, by_word = learnable(words(3), 2), learnable(one_hot, 1)
    print("by bits", len(by_bits), " by word", len(by_word))
    # --8<-- [end:one_hot]
    words_all, bits_all = len(by_word), len(by_bits)

    # --8<-- [start:products]
    grid = np.arange(65) / 64
    x, y = (g.ravel() for g in np.meshgrid(grid, grid))
    times_error = {}
    for depth in (2, 4, 5):
        times_error[depth] = float(np.abs(multiply(x, y, depth) - x * y).max())
        print(f"{depth} layers: {times_error[depth]:.1e},"
              f" bound {2 * 4.0 ** -(depth + 1):.1e}")
    # --8<-- [end:products]

    # --8<-- [start:distribution]
    u = np.random.default_rng(0).uniform(size=20_000)
    distance = {}
    for pieces in (2, 8, 32):
        knots = np.arange(pieces + 1) / (pieces + 1)  # stops short of 1
        curve = hinge_network(knots, -np.log(1 - knots))
        samples = network(curve, u[None, :])[0]
        distance[pieces] = kolmogorov(samples, lambda t: 1 - np.exp(-t))
        print(f"{pieces:2} units: {distance[pieces]:.3f}")
    one_point = network(curve, np.full((1, 3), 0.5))[0]
    print("same input:", len(set(one_point.tolist())), "value")
    # --8<-- [end:distribution]

    # --8<-- [start:steps]
    step = learn_step(500)
    print("pairs:", step(words(2)).tolist())
    x = np.random.default_rng(0).integers(0, 2, size=(20_000, 30))
    right = float(np.mean(fold(step, x) == x.sum(axis=1) % 2))
    print(f"parity of 30 bits, one bit at a time: {right:.2f}")
    # --8<-- [end:steps]

    # --8<-- [start:mod_2]
    rng = np.random.default_rng(0)
    secret = rng.integers(0, 2, size=30)
    x = rng.integers(0, 2, size=(50, 30))
    w = solve_mod_2(x, x @ secret % 2)
    print("found from", len(x), "examples:", np.array_equal(w, secret))
    # --8<-- [end:mod_2]
    examples = len(x)
    secret_found = np.array_equal(w, secret)

    # --8<-- [start:straight]
    net = learn_curve(torch.abs, lambda t: t / 3, torch.nn.ReLU(), 500)
    far = np.linspace(12, 20, 201)
    off = float(np.max(np.abs(net(far) - far) / far))
    print("off by less than 5% far out:", off < 0.05)
    # --8<-- [end:straight]
