"""What a linear state remembers, read back."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "language/memory"
TITLE = {"zh": "从状态倒推输入", "en": "From the state back to the inputs"}
TASK = {
    "zh": """
线性循环从零出发，每步算 `h = w @ h + u * x`，x 是这一步的输入，一个数。状态有 n 个数，
恰好走了 n 步，现在是 `state`。返回这 n 个输入，按到来的先后排列。一定推得出来。
""",
    "en": """
A linear recurrence starts from zero, and each step computes `h = w @ h + u * x` with one number x
for its input. The state has n numbers; just n steps were taken, and now it is `state`. Return the n
inputs in the order in which they came. The state always determines them.
""",
}


def recover_inputs(w: np.ndarray, u: np.ndarray, state: np.ndarray) -> np.ndarray:
    traces = [u]
    while len(traces) < len(u):
        traces.append(w @ traces[-1])
    return np.linalg.solve(np.array(traces).T, state)[::-1]


def run(w, u, inputs):
    h = np.zeros(len(u))
    for x in inputs:
        h = w @ h + u * x
    return h


def ask(answer, w, u, rng):
    inputs = rng.integers(1, 9, len(u)).astype(float)
    inputs[0] = 9
    expect(answer(w, u, run(w, u, inputs)), inputs)


@hint(
    zh="只有一个数、走了一步时，状态是 `u` 乘那个输入",
    en="with one number and one step, the state is `u` times the input",
)
def one_number(answer, rng):
    ask(answer, np.array([[0.5]]), rng.integers(2, 5, 1).astype(float), rng)


@hint(
    zh="每步把各数往后传一格的延迟线，最新的输入排在最前面；答案要从最早的排起",
    en="in a delay line, which passes each number on by a place, the latest input is in front; the "
    "answer should begin with the earliest",
)
def delay_line(answer, rng):
    n = int(rng.integers(2, 4))
    ask(answer, np.eye(n, k=-1), np.eye(n)[0], rng)


@hint(
    zh="k 步之前的输入，此刻留下的是 `u` 乘了 k 次 `w`；状态是这些痕迹之和，分开它们要解一个方程组",
    en="an input of k steps ago has left `u`, multiplied k times by `w`. The state is the sum of "
    "such traces, and telling them apart takes a system of equations",
)
def mixed_up(answer, rng):
    n = int(rng.integers(2, 5))
    w, u = np.diag(0.9 - 0.4 * np.arange(n)) + np.eye(n, k=1), rng.uniform(1, 2, n)
    ask(answer, w, u, rng)


@wrong(one_number)
def forgets_the_way_in(w, u, state):
    traces = [np.ones(len(u))]
    while len(traces) < len(u):
        traces.append(w @ traces[-1])
    return np.linalg.solve(np.array(traces).T, state)[::-1]


@wrong(one_number)
def one_step_too_many(w, u, state):
    traces = [w @ u]
    while len(traces) < len(u):
        traces.append(w @ traces[-1])
    return np.linalg.lstsq(np.array(traces).T, state, rcond=None)[0][::-1]


@wrong(delay_line)
def latest_first(w, u, state):
    traces = [u]
    while len(traces) < len(u):
        traces.append(w @ traces[-1])
    return np.linalg.solve(np.array(traces).T, state)


@wrong(mixed_up)
def dots_with_the_traces(w, u, state):
    traces = [u]
    while len(traces) < len(u):
        traces.append(w @ traces[-1])
    return np.array([trace @ state / (trace @ trace) for trace in traces[::-1]])
