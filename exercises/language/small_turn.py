"""A large rotation as many small ones."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "language/identity-to-the-rescue"
TITLE = {"zh": "每层转一点", "en": "A little turn in each layer"}
TASK = {
    "zh": """
`rotation` 是平面上的旋转，2×2 的矩阵，可以转半圈，也可以顺时针转。深度线性网络有 `layers` 层，
每层乘的矩阵都一样，乘完所有的层恰好是 `rotation`。返回一层的矩阵；这样的矩阵不止一个，
取离单位阵最近的（转半圈的，逆时针、顺时针都行）。
""",
    "en": """
`rotation` is a rotation of the plane, a 2×2 matrix; it may be half a turn, and it may be clockwise.
A deep linear network has `layers` layers, each with the same matrix, and all of them together
multiply to exactly `rotation`. Return the matrix of one layer; of several that would do, the one
nearest to the identity (half a turn may be taken either way).
""",
}


def small_turn(rotation: np.ndarray, layers: int) -> np.ndarray:
    angle = np.arctan2(rotation[1, 0], rotation[0, 0]) / layers
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, -sin], [sin, cos]])


def turn(degrees):
    z = np.exp(1j * np.deg2rad(degrees))
    return np.array([[z.real, -z.imag], [z.imag, z.real]])


def ask(answer, degrees, layers):
    layer = answer(turn(degrees), layers)
    expect(np.shape(layer), (2, 2))
    expect(np.linalg.matrix_power(layer, layers), turn(degrees))
    nearest = 2 * np.sqrt(2) * np.sin(np.deg2rad(abs(degrees)) / layers / 2)
    expect(np.linalg.norm(layer - np.eye(2)), nearest)


@hint(
    zh="只有一层时，就是 `rotation` 自己",
    en="with one layer it is `rotation` itself",
)
def one_layer(answer, rng):
    ask(answer, int(rng.integers(20, 80)), 1)


@hint(
    zh="两层时，各转一半的角度；乘起来要恰好是 `rotation`，不能只是接近",
    en="with two layers, each turns by half the angle; together they should give `rotation` "
    "exactly, not nearly",
)
def two_layers(answer, rng):
    ask(answer, int(rng.integers(20, 80)), 2)


@hint(
    zh="角度可以超过直角。光看余弦或光看正弦，都分不清是哪个角",
    en="the angle may be larger than a right one. Neither the cosine nor the sine alone tells "
    "which angle it is",
)
def any_angle(answer, rng):
    degrees = int(rng.integers(100, 170)) * int(rng.choice([-1, 1]))
    ask(answer, degrees, int(rng.integers(2, 6)))
    ask(answer, -45, 3)


@hint(
    zh="转半圈的矩阵是 -1 倍的单位阵：每层仍是转一点，不是缩一点",
    en="half a turn is -1 times the identity: each layer still turns a little, and does not shrink",
)
def half_a_turn(answer, rng):
    layers = int(rng.integers(2, 9))
    layer = answer(-np.eye(2), layers)
    expect(np.linalg.matrix_power(layer, layers), -np.eye(2))
    expect(np.linalg.norm(layer - np.eye(2)), 2 * np.sqrt(2) * np.sin(np.pi / layers / 2))


@wrong(two_layers)
def share_of_the_difference(rotation, layers):
    return np.eye(2) + (rotation - np.eye(2)) / layers


@wrong(two_layers)
def divided_by_the_layers(rotation, layers):
    return rotation / layers


@wrong(one_layer)
def a_turn_and_no_more(rotation, layers):
    angle = 2 * np.pi / layers
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


@wrong(any_angle)
def from_the_cosine(rotation, layers):
    angle = np.arccos(np.clip(rotation[0, 0], -1, 1)) / layers
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


@wrong(any_angle)
def from_the_sine(rotation, layers):
    angle = np.arcsin(np.clip(rotation[1, 0], -1, 1)) / layers
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


@wrong(half_a_turn)
def from_the_tangent(rotation, layers):
    slope = (1 - rotation[0, 0]) / rotation[1, 0] if rotation[1, 0] else 0.0
    angle = 2 * np.arctan(slope) / layers
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
