"""Quantum gates are unitary matrices: what they buy, and what simulating them costs."""
import math
from typing import Callable

import matplotlib.pyplot as plt
import numpy as np
import torch

from snippets.palette import INK, LINE, SOFT

H = np.array([[1, 1], [1, -1]]) / np.sqrt(2)  # Hadamard
X = np.array([[0, 1], [1, 0]])  # flips a bit
Z = np.diag([1, -1])  # flips a sign
CNOT = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])


def basis(n: int, index: int = 0) -> np.ndarray:
    """State of n qubits, a vector of 2^n amplitudes, that reads as index for certain."""
    return np.eye(1, 2**n, index, dtype=complex)[0]


def apply(gate: np.ndarray, state: np.ndarray, *qubits: int) -> np.ndarray:
    """Multiply the state by the gate on some qubits, by I on the others.

    gate: (2^k, 2^k) for k qubits; qubit 0 is the leftmost bit of an index.
    """
    n, k = state.size.bit_length() - 1, len(qubits)
    front = np.moveaxis(state.reshape((2,) * n), qubits, range(k))
    after = (gate @ front.reshape(2**k, -1)).reshape((2,) * n)
    return np.moveaxis(after, range(k), qubits).reshape(-1)


def schmidt_rank(state: np.ndarray, left: int) -> int:
    """Rank of the amplitudes as a matrix: first `left` qubits against the others."""
    return int(np.linalg.matrix_rank(state.reshape(2**left, -1)))


def state_bytes(n: int) -> int:
    """Memory of 2^n amplitudes of 16 bytes each."""
    return 16 * 2**n


def grover_step(state: np.ndarray, wanted: int) -> np.ndarray:
    """A call flips a sign; then 2 s s^T - I, with s the uniform vector."""
    state = state.copy()
    state[wanted] *= -1
    return 2 * state.mean() - state


def grover(n: int, calls: int, wanted: int) -> np.ndarray:
    """Probability of reading the wanted index after 0, 1, ..., calls calls."""
    state = np.full(2**n, 2 ** (-n / 2))
    found = [state[wanted] ** 2]
    for _ in range(calls):
        state = grover_step(state, wanted)
        found.append(state[wanted] ** 2)
    return np.array(found)


def best_calls(n: int) -> int:
    """Calls that bring the state closest to the wanted one: about (pi/4) sqrt(2^n)."""
    return round(math.pi / 4 / math.asin(2 ** (-n / 2)) - 0.5)


def bits(n: int) -> np.ndarray:
    """(2^n, n): the binary digits of 0 ... 2^n - 1."""
    return np.arange(2**n)[:, None] >> np.arange(n)[::-1] & 1


def cut_sizes(n: int, edges: list[tuple[int, int]]) -> np.ndarray:
    """(2^n,) number of edges between the zeros and the ones of each bit string."""
    b = bits(n)
    return sum(b[:, i] != b[:, j] for i, j in edges).astype(float)


def hadamard_all(n: int) -> np.ndarray:
    """(2^n, 2^n) Hadamard on each qubit: signs (-1)^(i . j), scaled to be orthogonal."""
    b = bits(n)
    return (1 - 2 * (b @ b.T % 2)) / np.sqrt(2.0**n)


def simon_readings(n: int, secret: int) -> np.ndarray:
    """(2^n,) probability of each reading after one query of f.

    f(x) = f(x XOR secret) and no other values agree. state[x, y] is the
    amplitude of input x with value y; then come Hadamards on the input.
    """
    x = np.arange(2**n)
    state = np.zeros((2**n, 2**n))
    state[x, np.minimum(x, x ^ secret)] = 2 ** (-n / 2)
    return ((hadamard_all(n) @ state) ** 2).sum(axis=1)


def simon_queries(readings: np.ndarray, rng: np.random.Generator) -> int:
    """Queries until the readings so far leave a single secret other than 0."""
    b = bits(readings.size.bit_length() - 1)
    even = b @ b.T % 2 == 0
    left, queries = np.ones(readings.size, dtype=bool), 0
    while left.sum() > 2:
        left &= even[rng.choice(readings.size, p=readings)]
        queries += 1
    return queries


def collision_queries(n: int, secret: int, rng: np.random.Generator) -> int:
    """Classical queries at random inputs until two of them have the same value."""
    seen = set()
    for queries, x in enumerate(rng.permutation(2**n), start=1):
        if x ^ secret in seen:
            return queries
        seen.add(x)
    raise ValueError("the secret is 0: no two values are equal")


def alternate(angles: torch.Tensor, cut: torch.Tensor,
              hadamard: torch.Tensor) -> torch.Tensor:
    """States (starts, 2^n) after p rounds of phases and rotations.

    angles: (starts, p, 2). Starts from the uniform state. A phase is an
    angle times the size of the cut; the rotation exp(-i b X) of each qubit
    is diagonal between two Hadamard matrices.
    """
    n = len(cut).bit_length() - 1
    x = torch.as_tensor(n - 2 * bits(n).sum(axis=1))  # of the sum of X
    state = torch.full((len(angles), 2**n), 2 ** (-n / 2),
                       dtype=hadamard.dtype)
    for a, b in angles.permute(1, 2, 0):
        state = state * torch.exp(-1j * a[:, None] * cut)
        turn = torch.exp(-1j * b[:, None] * x)
        state = (state @ hadamard * turn) @ hadamard
    return state


def expectation(state: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """Mean of values[i] when index i is read with probability |state_i|^2, per start."""
    return (state.abs() ** 2) @ values


def problem(n: int, edges: list[tuple[int, int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Cut sizes and the Hadamard matrix, as alternate() wants them."""
    return (torch.tensor(cut_sizes(n, edges)),
            torch.tensor(hadamard_all(n)).to(torch.complex128))


def train(objective: Callable[[torch.Tensor], torch.Tensor], starts: int, rounds: int,
          steps: int = 100) -> torch.Tensor:
    """Angles (starts, rounds, 2) that make objective(angles), one per start, small.

    Each start is drawn at random and followed by Adam on its own.
    """
    generator = torch.Generator().manual_seed(0)
    angles = torch.rand(starts, rounds, 2, generator=generator, dtype=torch.float64)
    adam = torch.optim.Adam([angles.mul_(np.pi).requires_grad_()], lr=0.1)
    for _ in range(steps):
        adam.zero_grad()
        objective(angles).sum().backward()
        adam.step()
    return angles.detach()


def local_search(n: int, edges: list[tuple[int, int]], rng: np.random.Generator) -> int:
    """Edges cut after flipping single vertices for as long as that helps."""
    side = rng.integers(2, size=n)
    neighbours = [[j if i == v else i for i, j in edges if v in (i, j)] for v in range(n)]
    improved = True
    while improved:
        improved = False
        for v in range(n):
            if sum(side[u] == side[v] for u in neighbours[v]) * 2 > len(neighbours[v]):
                side[v], improved = 1 - side[v], True
    return sum(int(side[i] != side[j]) for i, j in edges)


def random_circuit(n: int, layers: int, shift: float, samples: int,
                   rng: np.random.Generator) -> np.ndarray:
    """<Z> of the first qubit after random rotations and sign flips, per sample.

    Each layer turns each qubit by a random angle, about Y in even and X in odd layers,
    then flips the sign where neighbours are both 1. The very first angle is moved by shift.
    """
    b = bits(n)
    signs = 1 - 2 * ((b[:, :-1] & b[:, 1:]).sum(axis=1) % 2)
    state = np.tile(basis(n), (samples, 1))
    for layer in range(layers):
        for qubit in range(n):
            angle = rng.uniform(0, 2 * np.pi, samples) / 2
            if layer == qubit == 0:
                angle = angle + shift / 2
            c, s = np.cos(angle)[:, None, None], np.sin(angle)[:, None, None]
            pair = state.reshape(samples, 2**qubit, 2, -1)
            zero, one = pair[:, :, 0], pair[:, :, 1]
            if layer % 2:
                turned = c * zero - 1j * s * one, c * one - 1j * s * zero
            else:
                turned = c * zero - s * one, s * zero + c * one
            state = np.stack(turned, axis=2).reshape(samples, -1)
        state = state * signs
    return (np.abs(state) ** 2) @ (1 - 2 * b[:, 0])


def gradient_variance(n: int, samples: int = 200) -> float:
    """Variance, over random circuits of 4n layers, of the derivative by the first angle.

    For a rotation the derivative is half the difference of the values a quarter turn apart.
    """
    up, down = (random_circuit(n, 4 * n, shift, samples, np.random.default_rng(n))
                for shift in (np.pi / 2, -np.pi / 2))
    return float(np.var((up - down) / 2))


def majority_error(d: int, p: float) -> float:
    """Chance that more than half of d copies are flipped, each with probability p."""
    return sum(math.comb(d, k) * p**k * (1 - p) ** (d - k) for k in range(d // 2 + 1, d + 1))


def repair(state: np.ndarray) -> np.ndarray:
    """Undo one bit flip in a|000> + b|111>, found from two parities."""
    parities = tuple(round(parity(state, i, i + 1)) for i in (0, 1))
    broken = {(1, 1): None, (-1, 1): 0, (-1, -1): 1, (1, -1): 2}[parities]
    return state if broken is None else apply(X, state, broken)


def parity(state: np.ndarray, i: int, j: int) -> float:
    """<Z_i Z_j>: 1 if the two qubits agree for certain, -1 if they differ for certain."""
    return float(np.vdot(state, apply(np.kron(Z, Z), state, i, j)).real)


def fidelity(a: np.ndarray, b: np.ndarray) -> float:
    """|<a|b>|^2: 1 if no measurement tells the states apart."""
    return float(np.abs(np.vdot(a, b)) ** 2)


if __name__ == "__main__":
    # --8<-- [start:bell]
    state = basis(2)  # 00
    state = apply(H, state, 0)
    state = apply(CNOT, state, 0, 1)
    print("amplitudes   ", state.real.round(3))
    print("probabilities", (np.abs(state) ** 2).round(3), " 00 01 10 11")
    print("Schmidt rank ", schmidt_rank(state, 1), " before:",
          schmidt_rank(apply(H, basis(2), 0), 1))
    # --8<-- [end:bell]

    # --8<-- [start:unitary]
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 8)) + 1j * rng.normal(size=(2, 8))

    def circuit(state):
        state = apply(H, state, 0)
        state = apply(CNOT, state, 2, 0)
        return apply(H, state, 1)

    U = np.array([circuit(e) for e in np.eye(8, dtype=complex)]).T
    print("U* U = I:", np.allclose(U.conj().T @ U, np.eye(8)))
    linear = np.allclose(circuit(2 * x + y), 2 * circuit(x) + circuit(y))
    print("linear:  ", linear)
    kron = np.kron(np.kron(np.eye(2), H), np.eye(2))
    print("I x H x I:", np.allclose(kron @ x, apply(H, x, 1)))
    # --8<-- [end:unitary]

    # --8<-- [start:memory]
    for n in (10, 30, 53):
        print(f"{n} qubits: {state_bytes(n):.1e} bytes")
    measured = basis(20).nbytes
    print("20 qubits, in this run:", measured, measured == state_bytes(20))
    # --8<-- [end:memory]
    memory = {n: state_bytes(n) for n in (30, 53)}
    laptops = memory[53] // memory[30]

    # --8<-- [start:search]
    calls, success = {}, {}
    for n in (4, 6, 8, 10):
        calls[2**n] = best_calls(n)
        success[2**n] = grover(n, calls[2**n], wanted=3)[-1]
        print(f"N = {2**n:4}  calls {calls[2**n]:2}  found {success[2**n]:.3f}"
              f"  one by one {(2**n + 1) / 2:5.1f}")
    sizes = np.array(list(calls))
    exponent = np.polyfit(np.log(sizes), np.log(list(calls.values())), 1)[0]
    print(f"calls grow like N^{exponent:.2f}")
    # --8<-- [end:search]

    # --8<-- [start:overshoot]
    found = grover(8, 40, wanted=3)
    worst = int(np.argmin(found[: 2 * calls[256] + 4]))
    figure, ax = plt.subplots(figsize=(6.4, 2.8))
    ax.plot(found, "o-", color=INK, markersize=3, linewidth=1)
    ax.plot([0, 40], [1 / 256, 41 / 256], "--", color=SOFT, linewidth=1.2)
    ax.text(3, 0.9, "Grover", color=INK, ha="right")
    ax.text(33, 0.2, "one by one", color=SOFT)
    ax.axvline(calls[256], color=LINE, linewidth=1, zorder=0)
    ax.set(xlabel="calls", ylabel="found", xticks=[0, calls[256], 25, 40],
           yticks=[0, 1], ylim=(0, 1.05))
    plt.show()
    # --8<-- [end:overshoot]
    found_at_25 = float(found[25])

    # --8<-- [start:years]
    rate, year = 1e9, 3.15e7  # calls a second, seconds a year
    years = {n: (2.0**n / rate / year, np.pi / 4 * 2.0 ** (n / 2) / rate / year)
             for n in (40, 80, 128, 256)}
    for n, (one_by_one, with_grover) in years.items():
        print(f"{n:3} bits  one by one {one_by_one:.0e} years"
              f"  Grover {with_grover:.0e} years")
    # --8<-- [end:years]

    # --8<-- [start:simon]
    rng = np.random.default_rng(0)
    queries = {}
    for n in (4, 6, 8, 10):
        secret = 2**n - 2
        readings = simon_readings(n, secret) / simon_readings(n, secret).sum()
        queries[n] = np.mean([(simon_queries(readings, rng),
                               collision_queries(n, secret, rng))
                              for _ in range(50)], axis=0)
        print(f"{n:2} bits  quantum {queries[n][0]:4.0f}"
              f"  classical {queries[n][1]:4.0f}")
    # --8<-- [end:simon]

    # --8<-- [start:ring]
    n = 8
    ring = [(i, (i + 1) % n) for i in range(n)]
    ring_cut, hadamard = problem(n, ring)

    def missing(angles, cut):
        return cut.max() - expectation(alternate(angles, cut, hadamard), cut)

    ring_ratio = {}
    for p in (1, 2, 3):
        angles = train(lambda a: missing(a, ring_cut), starts=3, rounds=p)
        best = missing(angles, ring_cut).min()
        ring_ratio[p] = float(1 - best / ring_cut.max())
        print(f"p = {p}  best {ring_ratio[p]:.3f}  (2p+1)/(2p+2)"
              f" = {(2 * p + 1) / (2 * p + 2):.3f}")
    # --8<-- [end:ring]

    # --8<-- [start:wagner]
    wagner = ring + [(i, i + 4) for i in range(4)]  # opposite vertices, too
    cut = problem(n, wagner)[0]
    optimum = int(cut.max())  # all 256 cuts are in the table
    print("best cut", optimum, "of", len(wagner), " mean of all cuts",
          f"{cut.mean() / optimum:.2f}")
    ratios, at_optimum = {}, {}
    for p in (1, 3):
        angles = train(lambda a: missing(a, cut), starts=16, rounds=p)
        ratios[p] = np.sort((1 - missing(angles, cut) / optimum).numpy())
        best = missing(angles, cut).argmin()
        state = alternate(angles[best : best + 1], cut, hadamard)
        at_optimum[p] = expectation(state, (cut == optimum).double()).item()
        print(f"p = {p}  worst start {ratios[p][0]:.2f}"
              f"  best {ratios[p][-1]:.2f}"
              f"  reads a best cut with {at_optimum[p]:.2f}")

    rng = np.random.default_rng(0)
    found_cuts = np.array([local_search(n, wagner, rng) for _ in range(500)])
    classical = found_cuts.mean() / optimum
    local_hits = np.mean(found_cuts == optimum)
    print(f"flip one vertex while it helps: mean {classical:.3f}"
          f"  ends at a best cut: {local_hits:.2f}")
    # --8<-- [end:wagner]
    near_best = {p: int(np.sum(r > r[-1] - 0.005)) for p, r in ratios.items()}
    starts = len(ratios[3])
    random_ratio = float(cut.mean() / optimum)

    # --8<-- [start:wagner_picture]
    figure, ax = plt.subplots(figsize=(6.4, 2.2))
    for row, p in enumerate(ratios):
        ax.plot(ratios[p], np.full(len(ratios[p]), row), "o",
                color=INK, markersize=6, alpha=0.35)
        ax.text(0.53, row, f"$p={p}$", va="center")
    for value, name in ((random_ratio, "random"),
                        (float(classical), "local search")):
        ax.axvline(value, color=SOFT, linestyle="--", linewidth=1.2)
        ax.text(value - 0.006, 0.5, name, color=SOFT, va="center", ha="right")
    ax.set(xlim=(0.52, 1.02), ylim=(-0.5, 1.5), yticks=[], xticks=[0.6, 0.8, 1],
           xlabel="share of the best cut")
    plt.show()
    # --8<-- [end:wagner_picture]

    # --8<-- [start:vqe]
    m = 6
    cut, hadamard = problem(m, [(i, (i + 1) % m) for i in range(m)])
    bonds = m - 2 * cut  # the sum of Z Z over the ring
    spins = torch.tensor(m - 2.0 * bits(m).sum(axis=1))  # sum of X, its basis

    def energy(angles):  # of the Ising ring, - sum Z Z - sum X
        state = alternate(angles, cut, hadamard)
        return -expectation(state, bonds) - expectation(state @ hadamard, spins)

    field = hadamard @ torch.diag(spins).to(torch.complex128) @ hadamard
    ground = torch.linalg.eigvalsh(-torch.diag(bonds) - field)[0].item()
    share, worst_share = {}, {}
    for p in (1, 2, 3):
        reached = energy(train(energy, starts=8, rounds=p))
        share[p] = reached.min().item() / ground
        worst_share[p] = reached.max().item() / ground
        print(f"p = {p}  best start {reached.min():.3f}"
              f"  worst start {reached.max():.3f}  exact {ground:.3f}")
    # --8<-- [end:vqe]

    # --8<-- [start:plateau]
    variance = {n: gradient_variance(n) for n in (2, 4, 6, 8)}
    for n, v in variance.items():
        print(f"{n} qubits  variance of the gradient {v:.4f}")
    slope = np.polyfit(list(variance), np.log2(list(variance.values())), 1)[0]
    print(f"halvings per qubit: {-slope:.1f}")
    # --8<-- [end:plateau]

    # --8<-- [start:repetition]
    logical = {}
    for p in (0.1, 0.4, 0.6):
        logical[str(p)] = [majority_error(d, p) for d in (1, 3, 5, 7)]
        errors = " ".join(f"{e:.4f}" for e in logical[str(p)])
        print(f"p = {p}  d = 1, 3, 5, 7:", errors)
    # --8<-- [end:repetition]

    # --8<-- [start:repair_run]
    a, b = 0.6, 0.8
    code = a * basis(3, 0b000) + b * basis(3, 0b111)
    repaired = [fidelity(repair(apply(X, code, q)), code) for q in range(3)]
    print("one bit flip, repaired:", np.round(repaired, 6))
    two = fidelity(repair(apply(X, apply(X, code, 0), 1)), code)
    sign = fidelity(repair(apply(Z, code, 0)), code)
    print(f"two bit flips: {two:.2f}   a sign flip: {sign:.2f}")
    # --8<-- [end:repair_run]
