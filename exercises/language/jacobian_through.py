"""The Jacobian of a recurrent network's last state by its first."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "language/depth-and-time"
TITLE = {"zh": "从第一个状态到最后一个", "en": "From the first state to the last"}
TASK = {
    "zh": """
循环网络每一步算 h = tanh(W h + x)：右边是上一步的 h，x 是这一步的输入。`states` 的每一行是一个
状态，按先后排列。`w` 是 W。返回最后一个状态对第一个状态的雅可比矩阵：第 i 行第 j 列，
是最后一个状态的第 i 个数对第一个状态的第 j 个数的导数。
""",
    "en": """
At each step a recurrent network computes h = tanh(W h + x), with the h of the step before on the
right and the input x of this step. The rows of `states` are its states in order, and `w` is W.
Return the Jacobian of the last state by the first: row i, column j holds the derivative of number i
of the last state by number j of the first.
""",
}


def jacobian_through(w: np.ndarray, states: np.ndarray) -> np.ndarray:
    jacobian = np.eye(len(w))
    for state in states[1:]:
        jacobian = (1 - state**2)[:, None] * (w @ jacobian)
    return jacobian


def run(w, inputs):
    states = [inputs[0]]
    for x in inputs[1:]:
        states.append(np.tanh(w @ states[-1] + x))
    return np.array(states)


def by_small_steps(w, inputs):
    """Derivatives by steps along the imaginary axis, exact but for rounding."""
    columns = []
    for direction in np.eye(len(w)):
        moved = inputs.astype(complex)
        moved[0] += 1e-30j * direction
        columns.append(run(w, moved)[-1].imag / 1e-30)
    return np.array(columns).T


def drawn(rng, steps):
    return rng.normal(size=(2, 2)), rng.uniform(-0.9, 0.9, (steps, 2))


@hint(
    zh="只有一个状态时，它对自己的雅可比矩阵是单位阵",
    en="with one state only, its Jacobian by itself is the identity",
)
def one_state(answer, rng):
    w, inputs = drawn(rng, 1)
    expect(answer(w, inputs), np.eye(2))


@hint(
    zh="走一步：乘 W，再乘 tanh 的斜率。斜率在输出一侧，缩放的是行；tanh 取值 h 处，斜率多大？",
    en="one step: times W, times the slopes of tanh. The slopes are on the side of the output and "
    "scale rows; what is the slope of tanh where its value is h?",
)
def one_step(answer, rng):
    w, inputs = drawn(rng, 2)
    expect(answer(w, run(w, inputs)), by_small_steps(w, inputs))


@hint(
    zh="走几步，就乘几个矩阵，各步的斜率不同。后一步的矩阵该乘在哪一边？",
    en="several steps are several matrices, each with slopes of its own. On which side does that "
    "of a later step belong?",
)
def several_steps(answer, rng):
    w, inputs = drawn(rng, int(rng.integers(3, 6)))
    expect(answer(w, run(w, inputs)), by_small_steps(w, inputs))


@wrong(one_state)
def slopes_of_the_first_too(w, states):
    jacobian = np.eye(len(w))
    for state in states:
        jacobian = (1 - state**2)[:, None] * (w @ jacobian)
    return jacobian


@wrong(one_step)
def power_of_w(w, states):
    return np.linalg.matrix_power(w, len(states) - 1)


@wrong(one_step)
def slopes_scale_columns(w, states):
    jacobian = np.eye(len(w))
    for state in states[1:]:
        jacobian = w * (1 - state**2) @ jacobian
    return jacobian


@wrong(one_step)
def tanh_once_more(w, states):
    jacobian = np.eye(len(w))
    for state in states[1:]:
        jacobian = (1 - np.tanh(state) ** 2)[:, None] * (w @ jacobian)
    return jacobian


@wrong(several_steps)
def later_steps_on_the_right(w, states):
    jacobian = np.eye(len(w))
    for state in states[1:]:
        jacobian = jacobian @ ((1 - state**2)[:, None] * w)
    return jacobian
