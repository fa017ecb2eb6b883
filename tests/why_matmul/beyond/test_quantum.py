"""State vectors, gates as unitary products, and the algorithms made of them."""
import math
from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.why_matmul.beyond.quantum import (
    CNOT, H, X, Z, alternate, apply, basis, best_calls, bits, cut_sizes, expectation, fidelity,
    collision_queries, gradient_variance, grover, grover_step, hadamard_all, local_search,
    majority_error, parity, problem, random_circuit, repair, schmidt_rank, simon_queries,
    simon_readings, state_bytes, train,
)

NAME = "why_matmul/beyond/quantum"
seeds = st.integers(0, 2**32 - 1)


def random_state(n, rng):
    state = rng.normal(size=2**n) + 1j * rng.normal(size=2**n)
    return state / np.linalg.norm(state)


@pytest.mark.parametrize("gate", [H, X, Z, CNOT])
def test_gates_are_unitary(gate):
    assert np.allclose(gate.conj().T @ gate, np.eye(len(gate)))


def test_gates_do_what_their_names_say():
    assert np.allclose(X @ [1, 0], [0, 1]) and np.allclose(Z @ [0, 1], [0, -1])
    assert np.allclose(H @ [1, 0], np.sqrt([0.5, 0.5]))
    assert [int(np.argmax(CNOT @ e)) for e in np.eye(4)] == [0, 1, 3, 2]


@given(seeds, st.integers(1, 4), st.data())
def test_apply_is_the_kronecker_product(seed, n, data):
    rng = np.random.default_rng(seed)
    qubit = data.draw(st.integers(0, n - 1))
    state = random_state(n, rng)
    gate = np.linalg.qr(rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2)))[0]
    whole = np.kron(np.kron(np.eye(2**qubit), gate), np.eye(2 ** (n - 1 - qubit)))
    after = apply(gate, state, qubit)
    assert np.allclose(after, whole @ state)
    assert np.linalg.norm(after) == pytest.approx(1)


@given(seeds, st.permutations(range(4)))
def test_apply_on_two_qubits_in_any_order(seed, order):
    control, target = order[:2]
    state = random_state(4, np.random.default_rng(seed))
    after = apply(CNOT, state, control, target)
    for index, reading in enumerate(product((0, 1), repeat=4)):
        flipped = list(reading)
        flipped[target] ^= reading[control]
        assert after[int("".join(map(str, flipped)), 2)] == pytest.approx(state[index])


def test_basis():
    assert basis(3, 5).tolist() == [0, 0, 0, 0, 0, 1, 0, 0]
    assert basis(2).tolist() == [1, 0, 0, 0]


def test_bell_state(woven):
    state = apply(CNOT, apply(H, basis(2), 0), 0, 1)
    assert np.allclose(np.abs(state) ** 2, [0.5, 0, 0, 0.5])
    assert schmidt_rank(state, 1) == 2
    assert schmidt_rank(np.kron(H @ [1, 0], [0, 1]), 1) == 1
    assert "[0.5 0.  0.  0.5]" in woven(NAME).regions["bell"].output


def test_circuits_are_linear(woven):
    output = woven(NAME).regions["unitary"].output
    assert output.count("True") == 3 and "False" not in output


@given(seeds, st.integers(1, 3))
def test_schmidt_rank_of_products_is_one(seed, left):
    rng = np.random.default_rng(seed)
    state = np.kron(random_state(left, rng), random_state(4 - left, rng))
    assert schmidt_rank(state, left) == 1
    assert schmidt_rank(random_state(4, rng), left) == 2 ** min(left, 4 - left)


def test_memory(woven):
    assert state_bytes(20) == basis(20).nbytes == woven(NAME).values["measured"]
    assert state_bytes(31) == 2 * state_bytes(30) and 1e16 < state_bytes(50) < 2e16


@given(st.integers(2, 8), st.data())
def test_grover_step_is_two_reflections(n, data):
    size = 2**n
    wanted = data.draw(st.integers(0, size - 1))
    oracle = np.eye(size)
    oracle[wanted, wanted] = -1
    s = np.full(size, size**-0.5)
    matrix = (2 * np.outer(s, s) - np.eye(size)) @ oracle
    assert np.allclose(matrix @ matrix.T, np.eye(size))
    start = np.random.default_rng(n).normal(size=size)
    before = start.copy()
    assert np.allclose(grover_step(start, wanted), matrix @ start)
    assert np.array_equal(start, before)


@given(st.integers(2, 9), st.integers(0, 30))
def test_grover_follows_the_sine(n, calls):
    angle = math.asin(2 ** (-n / 2))
    wanted = [math.sin((2 * k + 1) * angle) ** 2 for k in range(calls + 1)]
    assert np.allclose(grover(n, calls, wanted=1), wanted)


@pytest.mark.parametrize("n", range(2, 11))
def test_best_calls_is_the_first_peak(n):
    calls = best_calls(n)
    found = grover(n, 2 * calls + 1, wanted=0)
    assert found[calls] == pytest.approx(found.max()) and found[calls] > 0.9
    assert calls == pytest.approx(math.pi / 4 * 2 ** (n / 2), abs=1)


def test_calls_grow_like_the_root(woven):
    values = woven(NAME).values
    assert 0.47 < values["exponent"] < 0.55
    assert list(values["calls"].values()) == [3, 6, 12, 25]
    assert min(values["success"].values()) > 0.95


def test_too_many_calls_lose_it_again(woven):
    assert woven(NAME).values["found_at_25"] < 0.05
    assert grover(8, 25, wanted=3)[25] < 0.05 < 0.99 < grover(8, 12, wanted=3)[12]


def test_doubling_the_bits_undoes_the_gain(woven):
    years = woven(NAME).values["years"]
    assert years["80"][1] == pytest.approx(math.pi / 4 * years["40"][0])
    assert years["256"][1] > 1e20  # still out of reach


def test_bits_and_hadamard():
    assert bits(3)[6].tolist() == [1, 1, 0] and bits(3).shape == (8, 3)
    assert np.allclose(hadamard_all(3), np.kron(H, np.kron(H, H)))


def test_cut_sizes():
    edges = [(0, 1), (1, 2), (2, 0), (2, 3)]
    for index, side in enumerate(product((0, 1), repeat=4)):
        assert cut_sizes(4, edges)[index] == sum(side[i] != side[j] for i, j in edges)
    cut, hadamard = problem(4, edges)
    assert torch.equal(cut, torch.tensor(cut_sizes(4, edges)))
    assert hadamard.dtype == torch.complex128 and hadamard.shape == (16, 16)


@given(st.integers(2, 5), st.data())
def test_simon_reads_what_is_orthogonal_to_the_secret(n, data):
    secret = data.draw(st.integers(1, 2**n - 1))
    readings = simon_readings(n, secret)
    even = [bin(y & secret).count("1") % 2 == 0 for y in range(2**n)]
    assert np.allclose(readings, np.where(even, 2.0 ** (1 - n), 0))
    rng = np.random.default_rng(secret)
    assert simon_queries(readings / readings.sum(), rng) >= n - 1
    assert 2 <= collision_queries(n, secret, rng) <= 2 ** (n - 1) + 1


def test_query_counts():
    certain = np.zeros(4)
    certain[1] = 1  # every reading is 01, which leaves 00 and 10
    assert simon_queries(certain, np.random.default_rng(0)) == 1

    class Given:
        def permutation(self, size):
            return np.array([3, 0, 5, 1, 2, 4, 6, 7])

    assert collision_queries(3, 5, Given()) == 3  # 0 and 5
    assert collision_queries(3, 2, Given()) == 4  # 3 and 1
    with pytest.raises(ValueError):
        collision_queries(3, 8, Given())


def test_simon_gains_more_with_every_bit(woven):
    queries = woven(NAME).values["queries"]
    assert all(int(n) - 1 <= quantum <= int(n) + 3 for n, (quantum, _) in queries.items())
    ratio = [classical / quantum for quantum, classical in queries.values()]
    assert all(a < b for a, b in zip(ratio, ratio[1:])) and ratio[-1] > 2


@settings(max_examples=15)
@given(seeds, st.integers(1, 3))
def test_alternate_is_a_product_of_gates(seed, rounds):
    n, edges = 3, [(0, 1), (1, 2)]
    rng = np.random.default_rng(seed)
    angles = rng.uniform(0, 3, (2, rounds, 2))
    cut, hadamard = problem(n, edges)
    states = alternate(torch.tensor(angles), cut, hadamard).numpy()
    for state, its_angles in zip(states, angles):
        by_gates = np.full(8, 8**-0.5, dtype=complex)
        for a, b in its_angles:
            by_gates = by_gates * np.exp(-1j * a * cut_sizes(n, edges))
            turn = np.cos(b) * np.eye(2) - 1j * np.sin(b) * X
            for qubit in range(n):
                by_gates = apply(turn, by_gates, qubit)
        assert np.allclose(state, by_gates)
        assert np.linalg.norm(state) == pytest.approx(1)


def test_expectation():
    states = torch.tensor([[0.6, 0.8j], [1, 0]], dtype=torch.complex128)
    values = torch.tensor([10.0, 20.0], dtype=torch.float64)
    assert expectation(states, values).tolist() == pytest.approx([16.4, 10])


def test_train_descends():
    cut, hadamard = problem(4, [(0, 1), (1, 2), (2, 3), (3, 0)])

    def minus_cut(angles):
        return -expectation(alternate(angles, cut, hadamard), cut)

    first = minus_cut(train(minus_cut, starts=4, rounds=1, steps=0))
    last = minus_cut(train(minus_cut, starts=4, rounds=1, steps=40))
    assert (last < first).all() and train(minus_cut, 4, 1, 0).shape == (4, 1, 2)
    assert last.min().item() == pytest.approx(-3, abs=0.01)  # 3/4 of the four edges
    drawn = train(minus_cut, 50, 2, 0)
    assert 0 <= drawn.min() and 2.5 < drawn.max() < math.pi


def test_ring_reaches_the_formula(woven):
    for p, ratio in woven(NAME).values["ring_ratio"].items():
        assert ratio == pytest.approx((2 * int(p) + 1) / (2 * int(p) + 2), abs=0.004)


def test_some_starts_get_stuck(woven):
    values = woven(NAME).values
    ratios = values["ratios"]
    assert ratios["3"][-1] > ratios["1"][-1] + 0.08
    assert ratios["3"][0] < ratios["3"][-1] - 0.1  # a local optimum of its own
    assert values["near_best"]["3"] < 0.5 * values["starts"]
    assert values["near_best"]["1"] == values["starts"]


def test_local_optima_stay_however_long_one_trains():
    wagner = [(i, (i + 1) % 8) for i in range(8)] + [(i, i + 4) for i in range(4)]
    cut, hadamard = problem(8, wagner)

    def missing(angles):
        return cut.max() - expectation(alternate(angles, cut, hadamard), cut)

    angles = train(missing, starts=16, rounds=3, steps=400).requires_grad_()
    missing(angles).sum().backward()
    still = angles.grad.abs().amax(dim=(1, 2)) < 0.01
    assert still.sum() > 8  # most stand still, and not at the same height
    ended, angles = missing(angles)[still].detach(), angles.detach()[still]
    assert ended.max() > ended.min() + 0.2
    generator = torch.Generator().manual_seed(1)
    for _ in range(20):  # and no small step from there leads down
        nudge = torch.randn(angles.shape, generator=generator, dtype=torch.float64)
        assert (missing(angles + 0.03 * nudge) > ended - 1e-3).all()


def test_local_search_is_hard_to_beat(woven):
    values = woven(NAME).values
    assert values["classical"] > values["ratios"]["3"][-1] > values["random_ratio"] + 0.3
    assert values["local_hits"] > values["at_optimum"]["3"] > values["at_optimum"]["1"]


@settings(max_examples=20)
@given(seeds, st.integers(3, 7))
def test_local_search_stops_where_no_flip_helps(seed, n):
    rng = np.random.default_rng(seed)
    edges = [(i, j) for i in range(n) for j in range(i) if rng.random() < 0.6]
    found = local_search(n, edges, np.random.default_rng(seed))
    sizes = cut_sizes(n, edges)
    optima = {int(sizes[i]) for i in range(2**n)
              if all(sizes[i ^ (1 << k)] <= sizes[i] for k in range(n))}
    assert found in optima and 2 * found >= len(edges)


def test_vqe_reaches_the_ground_energy(woven):
    values = woven(NAME).values
    share = values["share"]
    assert share["1"] < share["2"] < share["3"] <= 1 + 1e-9
    assert share["3"] > 0.99
    assert all(0.9 < worst < share[p] for p, worst in values["worst_share"].items())
    m = values["m"]
    matrix = np.zeros((2**m, 2**m))
    for i in range(m):
        ops = [np.eye(2)] * m
        ops[i] = X
        flip = ops[0]
        for op in ops[1:]:
            flip = np.kron(flip, op)
        matrix -= flip
    b = 1 - 2 * bits(m)
    matrix -= np.diag(sum(b[:, i] * b[:, (i + 1) % m] for i in range(m)))
    assert values["ground"] == pytest.approx(np.linalg.eigvalsh(matrix)[0])


def test_random_circuit_against_gates():
    n, layers = 3, 4
    for shift in (0.0, 1.1):
        got = random_circuit(n, layers, shift, 1, np.random.default_rng(4))[0]
        rng, state = np.random.default_rng(4), basis(n)
        for layer in range(layers):
            for qubit in range(n):
                half = rng.uniform(0, 2 * np.pi, 1)[0] / 2
                half += shift / 2 if layer == qubit == 0 else 0
                axis = X if layer % 2 else np.array([[0, -1j], [1j, 0]])
                state = apply(np.cos(half) * np.eye(2) - 1j * np.sin(half) * axis, state, qubit)
            for qubit in range(n - 1):
                state = apply(np.diag([1, 1, 1, -1]), state, qubit, qubit + 1)
        assert got == pytest.approx(np.vdot(state, apply(Z, state, 0)).real)


def test_quarter_turns_give_the_derivative():
    def value(shift):
        return random_circuit(3, 3, shift, 5, np.random.default_rng(1))

    slope = (value(1e-5) - value(-1e-5)) / 2e-5
    assert np.allclose((value(np.pi / 2) - value(-np.pi / 2)) / 2, slope, atol=1e-8)


def test_gradient_variance():
    up, down = (random_circuit(2, 8, s, 50, np.random.default_rng(2))
                for s in (np.pi / 2, -np.pi / 2))
    assert gradient_variance(2, 50) == pytest.approx(np.var((up - down) / 2))


def test_the_plateau_is_barren(woven):
    variance = woven(NAME).values["variance"]
    assert variance["2"] > variance["4"] > variance["6"] > variance["8"]
    assert woven(NAME).values["slope"] < -0.5


@given(st.integers(0, 4), st.floats(0, 1))
def test_majority_error(k, p):
    d = 2 * k + 1
    by_cases = sum(np.prod([p if flip else 1 - p for flip in flips])
                   for flips in product((0, 1), repeat=d) if sum(flips) > d / 2)
    assert majority_error(d, p) == pytest.approx(by_cases, abs=1e-12)


def test_the_code_helps_below_one_half_only(woven):
    logical = woven(NAME).values["logical"]
    assert all(a > b for a, b in zip(logical["0.1"], logical["0.1"][1:]))
    assert all(a > b for a, b in zip(logical["0.4"], logical["0.4"][1:]))
    assert all(a < b for a, b in zip(logical["0.6"], logical["0.6"][1:]))


@given(st.floats(0, 6.28), st.floats(0, 6.28))
def test_one_bit_flip_is_undone_for_any_amplitudes(theta, phase):
    code = np.cos(theta) * basis(3, 0) + np.exp(1j * phase) * np.sin(theta) * basis(3, 7)
    assert fidelity(repair(code), code) == pytest.approx(1)
    for qubit in range(3):
        assert fidelity(repair(apply(X, code, qubit)), code) == pytest.approx(1)


def test_the_code_does_not_undo_a_sign_flip(woven):
    values = woven(NAME).values
    assert np.allclose(values["repaired"], 1)
    assert values["sign"] == pytest.approx((0.36 - 0.64) ** 2)
    assert values["two"] == pytest.approx((2 * 0.6 * 0.8) ** 2)


def test_parity_and_fidelity():
    assert parity(basis(3, 0b011), 0, 1) == pytest.approx(-1)
    assert parity(basis(3, 0b011), 1, 2) == pytest.approx(1)
    assert parity(np.full(4, 0.5), 0, 1) == pytest.approx(0)
    assert fidelity(basis(1), np.array([0.6, 0.8j])) == pytest.approx(0.36)
    assert fidelity(1j * basis(1), basis(1)) == pytest.approx(1)
