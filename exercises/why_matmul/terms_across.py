"""The Schmidt rank of a state for any division of its qubits."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "why-matmul/beyond/quantum"
TITLE = {"zh": "左手和右手", "en": "Left hand, right hand"}
TASK = {
    "zh": """
`state` 是 n 个量子比特的 2ⁿ 个振幅，按读数 0…00、0…01、0…10……排列，最左边的比特是第 0 个。
编号在 `left` 里的比特交给左手，其余的交给右手。两手若不纠缠，整个态就是左手的态与右手的态之积：
每个振幅是两个数相乘，一个只看左手的几位读成什么，一个只看右手的。一般的态是几个这样的积之和，
至少要几个？这个数叫 Schmidt 秩，不纠缠时是 1。返回它。
""",
    "en": """
`state` holds the 2ⁿ amplitudes of n qubits, in the order of the readings 0…00, 0…01, 0…10 and so
on; the leftmost qubit is number 0. The qubits whose numbers are in `left` go to the left hand and
the others to the right. If the hands are not entangled, the state is a product of one state for
each: an amplitude is a number that depends on the left hand's bits times one that depends on the
right hand's. In general it is a sum of such products. Of how many at least? Return this number,
the Schmidt rank; it is 1 if the hands are not entangled.
""",
}


def terms_across(state: np.ndarray, left: list) -> int:
    qubits = len(state).bit_length() - 1
    state = state.reshape((2,) * qubits)
    state = np.moveaxis(state, left, range(len(left)))
    return int(np.linalg.matrix_rank(state.reshape(2 ** len(left), -1)))


def entangled(rng, qubits, left, terms):
    """A state that is a sum of so many products across the division, and of no fewer."""
    rows, columns = 2 ** len(left), 2 ** (qubits - len(left))
    ours = np.tril(np.ones((rows, terms)))
    theirs = np.tril(rng.integers(1, 4, (columns, terms)))
    right = [qubit for qubit in range(qubits) if qubit not in left]
    tensor = (ours @ theirs.T).reshape((2,) * qubits)
    state = tensor.transpose(np.argsort([*left, *right])).ravel()
    return state / np.linalg.norm(state)


@hint(
    zh="两个比特，一手一个：四个振幅能写成两数之积，就没有纠缠，有几个不为 0 说明不了什么",
    en="two qubits, one in each hand: if the four amplitudes are products of two numbers, nothing "
    "is entangled, however many of them are not 0",
)
def one_each(answer, rng):
    expect(answer(np.full(4, 0.5), [0]), 1)
    expect(answer(np.sqrt([0.5, 0, 0, 0.5]), [0]), 2)
    expect(answer(np.array([1, 1, 1, -1]) / 2, [0]), 2)


@hint(
    zh="左手拿最左边的几个：左手的一种读数是一行，右手的一种读数是一列，各有几种读数？",
    en="the left hand has the leftmost qubits: let each of its readings be a row and each of the "
    "other hand's a column. How many readings has either?",
)
def leftmost_ones(answer, rng):
    for terms in (1, 3, 4):
        expect(answer(entangled(rng, 4, [0, 1], terms), [0, 1]), terms)


@hint(
    zh="左手拿的可以是任何几个比特：同一只手的先要归到一起。编号从左数起",
    en="the left hand may have any of the qubits: those of a hand have to be brought together "
    "first. Numbering starts at the left",
)
def anywhere(answer, rng):
    expect(answer(np.sqrt([0.5, 0, 0, 0, 0, 0.5, 0, 0]), [1]), 1)
    bells = np.kron(np.sqrt([0.5, 0, 0, 0.5]), np.sqrt([0.5, 0, 0, 0.5]))
    expect(answer(bells, [0, 2]), 4)
    left = rng.permutation(4)[:2].tolist()
    expect(answer(entangled(rng, 4, left, 2), left), 2)
    expect(answer(entangled(rng, 3, [0], 1), [0]), 1)


@wrong(one_each)
def amplitudes_that_are_not_zero(state, left):
    return int(np.count_nonzero(state))


@wrong(one_each)
def readings_that_go_together(state, left):
    table = (np.abs(state) > 1e-9).reshape(2 ** len(left), -1)
    return int(np.linalg.matrix_rank(table.astype(float)))


@wrong(leftmost_ones)
def always_two_rows(state, left):
    return int(np.linalg.matrix_rank(state.reshape(2, -1)))


@wrong(anywhere)
def as_if_leftmost(state, left):
    return int(np.linalg.matrix_rank(state.reshape(2 ** len(left), -1)))


@wrong(anywhere)
def numbered_from_the_right(state, left):
    qubits = len(state).bit_length() - 1
    axes = [qubits - 1 - qubit for qubit in left]
    state = np.moveaxis(state.reshape((2,) * qubits), axes, range(len(left)))
    return int(np.linalg.matrix_rank(state.reshape(2 ** len(left), -1)))
