"""Operations and words counted; which recurrences are products; what structure saves."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.mechanics.cache_layout import Cache, misses, triple_loop
from snippets.why_matmul.hardware_lottery import (
    Machine,
    add,
    as_matrix,
    blocked,
    gather,
    hadamard,
    merge_sort,
    multiply,
    newton,
    recur,
    scan,
    stationary,
    step_by_step,
    transform,
)

LOTTERY = "why_matmul/hardware_lottery"
seeds = st.integers(0, 2**32 - 1).map(np.random.default_rng)


class Tape:
    """Takes the place of a Machine and writes down each piece of work."""

    def __init__(self):
        self.works = []

    def work(self, operations, *addresses):
        self.works.append((operations, *addresses))

    @property
    def operations(self):
        return sum(work[0] for work in self.works)

    @property
    def words(self):
        return {address for work in self.works for address in work[1:]}


# The machine


def test_machine_keeps_both_bills():
    machine = Machine(2)
    machine.work(3, 7, 8)
    machine.work(1, 7)
    machine.work(1, 9, 8)  # 9 pushes 8 out, the word used longest ago, and 8 pushes out 7
    assert (machine.operations, machine.fetched, machine.intensity) == (5, 4, 5 / 4)


@given(st.integers(1, 40))
def test_add_and_gather_touch_each_word_once(n):
    tape = Tape()
    add(tape, n)
    assert tape.operations == n
    assert tape.works == [(1, i, n + i, 2 * n + i) for i in range(n)]
    tape, rows = Tape(), np.random.default_rng(n).permutation(n)
    gather(tape, rows)
    assert tape.works == [(0, i, n + rows[i], 2 * n + i) for i in range(n)]


@given(st.lists(st.integers(0, 50), max_size=40))
def test_sort_sorts_and_counts_its_comparisons(values):
    class Counted(int):
        compared = 0

        def __le__(self, other):
            Counted.compared += 1
            return int(self) <= int(other)

    tape, given_values = Tape(), [Counted(v) for v in values]
    assert merge_sort(tape, given_values) == sorted(values)
    assert given_values == values
    assert tape.operations == Counted.compared
    n = len(values)
    moves = [work for work in tape.works if work[0] == 0]
    assert all((a < n <= b < 2 * n) or (b < n <= a < 2 * n) for _, a, b in moves)
    assert all(max(work[1:]) < n for work in tape.works if work[0])


def test_sort_moves_every_number_there_and_back_at_every_level():
    tape = Tape()
    merge_sort(tape, list(range(16)))
    assert sum(work[0] == 0 for work in tape.works) == 2 * 16 * 4
    assert [work for work in tape.works if work[0]][0] == (1, 0, 1)


@given(seeds, st.integers(1, 7))
def test_transform_is_the_hadamard_matrix(rng, bits):
    tape, n = Tape(), 2**bits
    transform(tape, bits)
    x = rng.integers(-9, 10, size=n)
    y = x.copy()
    for _, low, high in tape.works:
        y[low], y[high] = y[low] + y[high], y[low] - y[high]
    assert np.array_equal(y, hadamard(bits) @ x)
    assert tape.operations == n * bits


@given(seeds, st.integers(1, 4), st.integers(1, 3), st.integers(1, 3))
def test_recur_reads_old_states_and_writes_new_ones(rng, n, steps, batch):
    tape = Tape()
    recur(tape, n, steps, batch)
    assert tape.operations == steps * batch * (2 * n * n + 2 * n)
    memory = {i: rng.standard_normal() for i in sorted(tape.words)}
    w = np.array([memory[i] for i in range(n * n)]).reshape(n, n)
    start = n * n + 2 * n * batch
    x = np.array([memory[start + i] for i in range(steps * n * batch)])
    x = x.reshape(steps, n, batch)
    h = np.array([memory[n * n + i] for i in range(n * batch)]).reshape(n, batch)
    works = iter(tape.works)
    for step in range(steps):
        total = np.zeros((n, batch))
        for _ in range(n * n * batch):
            _, weight, old, new = next(works)
            row, sample = divmod(new - n * n - (step + 1) % 2 * n * batch, batch)
            column = divmod(old - n * n - step % 2 * n * batch, batch)
            assert column[1] == sample
            total[row, sample] += memory[weight] * h[column]
        for i in range(n * batch):
            _, entry, new = next(works)
            total[divmod(i, batch)] += memory[entry]
            assert new == n * n + (step + 1) % 2 * n * batch + i
        h_next = np.tanh(w @ h + x[step])
        assert np.allclose(np.tanh(total), h_next)
        h = h_next


def test_recur_carries_one_sequence_unless_told_otherwise():
    plain, single = Tape(), Tape()
    recur(plain, 3, 2)
    recur(single, 3, 2, batch=1)
    assert plain.works == single.works


@pytest.mark.parametrize("n", [3, 6, 12])
def test_multiply_meets_each_triple_once(n):
    tape = Tape()
    multiply(tape, n)
    expected = {(2, i * n + k, n * n + k * n + j, 2 * n * n + i * n + j)
                for i, j, k in product(range(n), repeat=3)}
    assert set(tape.works) == expected and len(tape.works) == n**3


def test_two_thirds_n_operations_per_word_if_there_is_room():
    machine = Machine(3 * 12 * 12)
    multiply(machine, 12)
    assert machine.fetched == 3 * 12 * 12 and machine.intensity == 2 * 12 / 3


def test_halving_goes_from_the_outside_in():
    """Otherwise the order would be that of a plain loop, which reuses far less."""
    halved, plain = Machine(48), Machine(48)
    multiply(halved, 24)
    for i, j, k in product(range(24), repeat=3):
        plain.work(2, i * 24 + k, 576 + k * 24 + j, 1152 + i * 24 + j)
    assert halved.fetched < plain.fetched / 2


# What the runs say


def test_the_bill(woven):
    bill = woven(LOTTERY).values["bill"]
    assert bill["gather"] == 0 and bill["add"] == pytest.approx(1 / 3)
    assert bill["add"] < bill["sort"] < 1 < bill["recurrence"] < 2 < bill["Hadamard"]
    assert bill["product"] > 1.5 * bill["Hadamard"]


def test_only_the_product_keeps_growing_with_the_root_of_the_memory(woven):
    curves = woven(LOTTERY).values["curves"]
    steps = [b / a for a, b in zip(curves["product"], curves["product"][1:], strict=False)]
    assert all(1.8 < step < 2.2 for step in steps)  # four times the memory, twice the use
    assert len(set(curves["add"])) == 1
    assert curves["Hadamard"][0] > curves["product"][0]
    growth = woven(LOTTERY).values["growth"]
    assert growth["Hadamard"] == pytest.approx(np.log(768) / np.log(48), rel=0.1)
    assert growth["product"] > 2 * growth["Hadamard"]
    for name in curves.keys() - {"product"}:  # none of the others goes like the root throughout
        steps = [b / a for a, b in zip(curves[name], curves[name][1:], strict=False)]
        assert min(steps) < 1.5


def test_a_recurrence_waits_for_its_weights_until_they_fit(woven):
    curve = woven(LOTTERY).values["curves"]["recurrence"]
    assert max(curve[:3]) < 2 < 10 * curve[2] < curve[3]


# Blocks


@settings(max_examples=30)
@given(seeds, st.integers(1, 12))
def test_blocks_give_the_product_exactly(rng, size):
    m, k, n = rng.integers(1, 20, size=3)
    a, b = rng.integers(-9, 10, (m, k)), rng.integers(-9, 10, (k, n))
    assert np.array_equal(blocked(a, b, size), a @ b)


def test_printed_blocks_need_not_divide_the_matrix(woven):
    assert woven(LOTTERY).values["same"] == {"1": True, "4": True, "5": True, "30": True}


@given(st.integers(1, 8), st.integers(1, 9))
@settings(max_examples=25)
def test_stationary_is_a_product_too(n, tile):
    trail = list(stationary(n, tile))
    triples = {tuple(trail[i : i + 3]) for i in range(0, len(trail), 3)}
    plain = list(triple_loop("ijk", n))
    assert triples == {tuple(plain[i : i + 3]) for i in range(0, len(plain), 3)}
    assert len(trail) == 3 * n**3


def test_three_tiles_of_room_are_not_enough(woven):
    traffic = woven(LOTTERY).values["traffic"]
    for t, row in traffic.items():
        assert row["formula"] == 24**2 + 2 * 24**3 // int(t)
        assert row["4tt+t"] == row["tt+3t+1"] == row["formula"]
        assert row["3tt"] > 1.25 * row["formula"]
    assert min(woven(LOTTERY).values["excess"].values()) > 0.25


@pytest.mark.parametrize(("n", "t"), [(12, 3), (12, 4), (15, 5)])
def test_room_that_is_just_enough(n, t):
    formula = n * n + 2 * n**3 // t
    for addresses, room in ((list(triple_loop("ijk", n, t)), 4 * t * t + t),
                            (list(stationary(n, t)), t * t + 3 * t + 1)):
        assert misses(addresses, Cache(room, line_bytes=8)) == formula
        assert misses(addresses, Cache(room - 1, line_bytes=8)) > formula


def test_one_tile_that_stays_is_near_the_lower_bound(woven):
    """2 n³ / √M: Smith et al. 2019, the leading term for large n."""
    values = woven(LOTTERY).values
    for t, over in values["over"].items():
        t = int(t)
        assert over == pytest.approx(values["traffic"][str(t)]["formula"]
                                     * np.sqrt(t * t + 3 * t + 1) / (2 * 24**3))
        assert 1 < over < 1.7


# Recurrences


@settings(max_examples=25)
@given(seeds, st.integers(1, 40), st.integers(1, 3))
def test_scan_is_the_loop(rng, steps, n):
    a, x = rng.integers(-2, 3, (steps, n, n)), rng.integers(-9, 10, (steps, n))
    a, x = a.astype(object), x.astype(object)  # integers without a limit
    h, expected = [0] * n, []
    for matrix, entry in zip(a, x, strict=True):
        h = [sum(matrix[i, j] * h[j] for j in range(n)) + entry[i] for i in range(n)]
        expected.append(h)
    assert step_by_step(a, x).tolist() == expected
    small = (rng.integers(-1, 2, (steps, 1, 1)), rng.integers(-9, 10, (steps, 1)))
    states, rounds = scan(*small)
    assert np.array_equal(states, step_by_step(*small))
    assert rounds == int(np.ceil(np.log2(steps)))


@settings(max_examples=25)
@given(seeds, st.integers(1, 30))
def test_scan_of_matrices(rng, steps):
    a, x = rng.standard_normal((steps, 3, 3)) / 2, rng.standard_normal((steps, 3))
    assert np.allclose(scan(a, x)[0], step_by_step(a, x))


@settings(max_examples=25)
@given(seeds, st.integers(1, 12))
def test_the_matrix_of_a_recurrence_is_triangular(rng, steps):
    a = rng.integers(-2, 3, size=steps)
    rows = as_matrix(a)
    assert np.array_equal(rows, np.tril(rows)) and (np.diag(rows) == 1).all()
    for t, s in product(range(steps), repeat=2):
        if s < t:
            assert rows[t, s] == np.prod(a[s + 1 : t + 1])
    x = rng.integers(-9, 10, size=steps)
    assert np.array_equal(rows @ x, step_by_step(a[:, None, None], x[:, None])[:, 0])


def test_256_steps_in_one_product_or_8_rounds(woven):
    values = woven(LOTTERY).values
    assert values["product_same"] is True and values["scan_same"] is True
    assert values["rounds"] == 8


def bent_states(w, x):
    h, states = np.zeros(x.shape[1]), []
    for entry in x:
        h = np.tanh(w @ h + entry)
        states.append(h)
    return np.array(states)


@settings(max_examples=15)
@given(seeds)
def test_newton_finds_the_states_of_a_bent_recurrence(rng):
    w, x = rng.standard_normal((3, 3)) / 3, rng.standard_normal((20, 3))
    found, sweeps = newton(w, x, most=20)
    assert np.allclose(found, bent_states(w, x), atol=1e-9) and 1 < sweeps <= 20


@settings(max_examples=15)
@given(seeds, st.integers(1, 6))
def test_each_sweep_settles_at_least_one_more_state(rng, most):
    w, x = 1.5 * rng.standard_normal((2, 2)), rng.standard_normal((12, 2))
    found, sweeps = newton(w, x, most)
    assert sweeps <= most
    assert np.allclose(found[:sweeps], bent_states(w, x)[:sweeps], atol=1e-8)


def test_bent_recurrences_go_in_few_sweeps_or_not(woven):
    values = woven(LOTTERY).values
    sweeps, gap = values["sweeps"], values["gap"]
    assert sweeps["0.5"] <= sweeps["1.0"] <= 12 and max(gap["0.5"], gap["1.0"]) < 1e-8
    assert sweeps["4.0"] == 32 and not gap["4.0"] < 1e-8
    apart = values["apart"]  # of two runs that started 1e-6 apart
    assert max(apart["0.5"], apart["1.0"]) < 1e-9 and apart["4.0"] > 1e-2


def test_one_bent_step_after_another_is_no_longer_of_the_same_form():
    """tanh(a tanh(b h)) is not tanh(c h) for any c: the c that fits at 1/2 does not fit at 1."""
    h = np.array([0.5, 1.0])
    twice = np.tanh(2 * np.tanh(2 * h))
    c = np.arctanh(twice) / h
    assert abs(c[0] - c[1]) > 0.5
    shift = 3 * (2 * h + 1) + 5  # two affine steps
    assert np.allclose(shift, 6 * h + 8)


# Structure


@given(st.integers(0, 6))
def test_hadamard_matrices_are_orthogonal_up_to_size(bits):
    h = hadamard(bits)
    assert h.shape == (2**bits, 2**bits) and set(np.unique(np.abs(h))) == {1}
    assert np.array_equal(h @ h, 2**bits * np.eye(2**bits, dtype=int))


def test_three_ways_to_the_same_mixture(woven):
    values = woven(LOTTERY).values
    assert values["all_same"] is True
    assert values["counts"] == {"dense": 2 * 1024**2, "two products": 4 * 32**3,
                                "butterflies": 1024 * 10}
    assert values["remaining"] == pytest.approx(12.8 * 15.7 / 125)
    assert values["remaining_adding"] == pytest.approx(12.8 * 15.7 / 2 / 125)
    assert values["per_sweep"] == 7 and values["bent_steps"] == 128
    assert values["saved"] == pytest.approx(204.8) and values["disguise"] == pytest.approx(12.8)
