"""How much of each input a gated unit holds in the end."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "language/memory"
TITLE = {"zh": "每个输入还剩多少", "en": "What is left of each input"}
TASK = {
    "zh": """
带门的单元从零出发，每步收到输入 x，门开到 z，0 ≤ z ≤ 1：`h = z * x + (1 - z) * h`。
`gates` 是各步的 z，按先后排列。走完之后，h 是各个输入的加权和。返回这些权重，次序与 `gates` 相同。
不用循环。
""",
    "en": """
A gated unit starts from zero. At each step comes an input x, and the gate is open by z, which is
between 0 and 1: `h = z * x + (1 - z) * h`. `gates` holds the z of the steps, in order. At the end h
is a weighted sum of the inputs. Return the weights, in the order of `gates`. Use no loop.
""",
}
WITHOUT = ("for", "while", "accumulate", "reduce")


def gate_shares(gates: np.ndarray) -> np.ndarray:
    kept = np.cumprod(1 - gates[::-1])[::-1]
    return gates * np.append(kept[1:], 1)


def one_input_at_a_time(gates):
    shares = []
    for inputs in np.eye(len(gates)):
        h = 0.0
        for z, x in zip(gates, inputs, strict=True):
            h = z * x + (1 - z) * h
        shares.append(h)
    return np.array(shares)


@hint(
    zh="只有一步时，输入留下 z 那么多",
    en="with one step, as much as z of the input is left",
)
def one_step(answer, rng):
    gates = rng.integers(1, 9, 1) / 10
    expect(answer(gates), gates)


@hint(
    zh="一个输入进来之后，后面每一步都只留下 1 - z；它自己那一步的 1 - z 不算，先前的也不算",
    en="once an input is in, each later step leaves 1 - z of it; its own step does not count among "
    "these, nor do earlier ones",
)
def later_steps(answer, rng):
    gates = rng.permutation(9)[: int(rng.integers(2, 5))] / 10 + 0.1
    expect(answer(gates), one_input_at_a_time(gates))


@hint(
    zh="门全开（z 是 1）的一步抹掉先前的一切；全关（z 是 0）的一步什么也不改",
    en="a step with the gate wide open, z being 1, wipes out all before it; one with the gate "
    "shut, z being 0, changes nothing",
)
def open_and_shut(answer, rng):
    gates = rng.permutation([0.0, 1, 0.5, 0, 1, 0.2])
    expect(answer(gates), one_input_at_a_time(gates))


@wrong(one_step)
def own_step_too(gates):
    return gates * np.cumprod(1 - gates[::-1])[::-1]


@wrong(later_steps)
def gates_alone(gates):
    return gates


@wrong(later_steps)
def earlier_steps(gates):
    return gates * np.append(1, np.cumprod(1 - gates[:-1]))


@wrong(open_and_shut)
def divided_by_what_is_left(gates):
    with np.errstate(all="ignore"):
        return gates * np.prod(1 - gates) / np.cumprod(1 - gates)
