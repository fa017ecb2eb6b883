"""Solutions to the exercises of the chapter on quantum computing."""
import math

import numpy as np

from snippets.why_matmul.beyond.quantum import (
    CNOT, H, X, Z, apply, basis, fidelity, repair, state_bytes,
)


def ghz(n: int) -> np.ndarray:
    """(|0...0> + |1...1>) / sqrt(2): one Hadamard, then a CNOT to each other qubit."""
    state = apply(H, basis(n), 0)
    for qubit in range(1, n):
        state = apply(CNOT, state, 0, qubit)
    return state


def ghz_amplitude(reading: str) -> float:
    """The same amplitude as a product of 2 x 2 matrices, one per bit."""
    matrices = {"0": np.diag([1.0, 0.0]), "1": np.diag([0.0, 1.0])}
    product = np.eye(2)
    for bit in reading:
        product = product @ matrices[bit]
    return float(np.trace(product) / math.sqrt(2))


def search_several(n: int, wanted: list[int], calls: int) -> float:
    """Probability that Grover's search reads one of the wanted indices."""
    state = np.full(2**n, 2 ** (-n / 2))
    for _ in range(calls):
        state[wanted] *= -1
        state = 2 * state.mean() - state
    return float((state[wanted] ** 2).sum())


def copy_attempt(a: float, b: float) -> float:
    """Fidelity of CNOT (a|0> + b|1>)|0> with two copies of the state."""
    state = a * basis(1, 0) + b * basis(1, 1)
    attempt = apply(CNOT, np.kron(state, basis(1)), 0, 1)
    return fidelity(attempt, np.kron(state, state))


def everywhere(gate: np.ndarray, state: np.ndarray) -> np.ndarray:
    """The gate on each of three qubits."""
    for qubit in range(3):
        state = apply(gate, state, qubit)
    return state


def distance_for(target: float, error: float, distance: int,
                 gain: float) -> int:
    """Code distance that reaches the target error.

    The given distance has the given error; two more divide it by gain.
    """
    steps = math.ceil(math.log(error / target) / math.log(gain))
    return distance + 2 * max(steps, 0)


if __name__ == "__main__":
    # --8<-- [start:chain]
    state = ghz(10)
    chain = [ghz_amplitude(f"{i:010b}") for i in range(1024)]
    same = np.allclose(chain, state)
    print("ten qubits, all amplitudes equal:", same)
    ends = ghz_amplitude("1" * 50), ghz_amplitude("1" * 49 + "0")
    print("fifty qubits:", np.round(ends, 3))
    numbers = 50 * 2 * 2 * 2  # a 2 x 2 matrix for each bit of each qubit
    print(f"{8 * numbers} bytes instead of {state_bytes(50):.0e}")
    # --8<-- [end:chain]
    chain_bytes = 8 * numbers

    # --8<-- [start:several]
    found = {}
    for m in (1, 4, 16):
        calls = round(math.pi / 4 * math.sqrt(1024 / m) - 0.5)
        found[m] = search_several(10, list(range(m)), calls)
        print(f"{m:2} wanted  {calls:2} calls  found {found[m]:.2f}")
    too_many = search_several(10, [0, 1, 2, 3], 25)
    print(f" 4 wanted  25 calls  found {too_many:.2f}")
    # --8<-- [end:several]

    # --8<-- [start:copy]
    copied = {"0": copy_attempt(1, 0), "1": copy_attempt(0, 1),
              "half and half": copy_attempt(math.sqrt(0.5), math.sqrt(0.5))}
    print({name: round(value, 3) for name, value in copied.items()})
    # --8<-- [end:copy]

    # --8<-- [start:signs]
    a, b = 0.6, 0.8
    code = everywhere(H, a * basis(3, 0b000) + b * basis(3, 0b111))

    def repair_sign(state):
        return everywhere(H, repair(everywhere(H, state)))

    fixed = {name: fidelity(repair_sign(apply(gate, code, 1)), code)
             for name, gate in {"sign flip": Z, "bit flip": X}.items()}
    print({name: round(value, 2) for name, value in fixed.items()})
    # --8<-- [end:signs]

    # --8<-- [start:distance]
    d = distance_for(1e-10, error=1.43e-3, distance=7, gain=2.14)
    qubits = 2 * d**2 - 1
    print("distance", d, " physical qubits for one logical qubit:", qubits)
    # --8<-- [end:distance]
