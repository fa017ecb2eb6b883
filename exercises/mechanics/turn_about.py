"""Turn points about a centre of one's choice."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "mechanics/geometry"
EXERCISE = "exercise-about"
TITLE = {"zh": "绕着这一点转", "en": "About this point"}
TASK = {
    "zh": """
`points` 的每一行是平面上的一个点，形状 (n, 2)。让它们绕点 `centre` 逆时针转 `angle` 弧度，
返回转过之后的点，仍是一行一个。
""",
    "en": """
Each row of `points` is a point of the plane, shape (n, 2). Turn them anticlockwise by `angle`
radians about the point `centre`, and return the turned points, again one to a row.
""",
}


def turn_about(points: np.ndarray, angle: float, centre: np.ndarray) -> np.ndarray:
    cos, sin = np.cos(angle), np.sin(angle)
    rotation = np.array([[cos, -sin], [sin, cos]])
    return (points - centre) @ rotation.T + centre


def by_complex_numbers(points, angle, centre):
    z, c = points @ [1, 1j], centre @ [1, 1j]
    turned = (z - c) * np.exp(1j * angle) + c
    return np.stack([turned.real, turned.imag], axis=1)


@hint(
    zh="绕原点转四分之一圈，(1, 0) 应当转到 (0, 1)，不是 (0, -1)",
    en="a quarter turn about the origin should take (1, 0) to (0, 1), not to (0, -1)",
)
def a_quarter_turn(answer, rng):
    expect(answer(np.array([[1, 0]]), np.pi / 2, np.zeros(2)), np.array([[0, 1]]))


@hint(
    zh="一行一个点：转许多点，每一点都应当像单独转它一样",
    en="a point to a row: among many, each should turn as it does alone",
)
def each_row_a_point(answer, rng):
    points, angle = rng.integers(-5, 6, (3, 2)), float(rng.uniform(0.3, 1.2))
    expect(answer(points, angle, np.zeros(2)), by_complex_numbers(points, angle, np.zeros(2)))


@hint(
    zh="`centre` 自己应当不动",
    en="`centre` itself should stay where it is",
)
def the_centre_stays(answer, rng):
    centre = rng.integers(1, 6, 2).astype(float)
    expect(answer(centre[None], float(rng.uniform(0.5, 3)), centre), centre[None])


@hint(
    zh="转过之后，与 `centre` 的距离不变，连线正好转过 `angle`",
    en="a turned point should be as far from `centre` as before, in a direction turned by `angle`",
)
def about_the_centre(answer, rng):
    points, centre = rng.normal(size=(4, 2)), rng.normal(size=2)
    angle = float(rng.uniform(-3, 3))
    expect(answer(points, angle, centre), by_complex_numbers(points, angle, centre))


@wrong(a_quarter_turn)
def clockwise(points, angle, centre):
    cos, sin = np.cos(angle), np.sin(angle)
    return (points - centre) @ np.array([[cos, -sin], [sin, cos]]) + centre


@wrong(each_row_a_point)
def only_the_first_point(points, angle, centre):
    cos, sin = np.cos(angle), np.sin(angle)
    turned = np.array([[cos, -sin], [sin, cos]]) @ (points[0] - centre) + centre
    return np.broadcast_to(turned, points.shape)


@wrong(the_centre_stays)
def about_the_origin(points, angle, centre):
    cos, sin = np.cos(angle), np.sin(angle)
    return points @ np.array([[cos, -sin], [sin, cos]]).T


@wrong(the_centre_stays)
def not_moved_back(points, angle, centre):
    cos, sin = np.cos(angle), np.sin(angle)
    return (points - centre) @ np.array([[cos, -sin], [sin, cos]]).T


@wrong(about_the_centre)
def always_anticlockwise(points, angle, centre):
    angle = abs(angle)
    cos, sin = np.cos(angle), np.sin(angle)
    return (points - centre) @ np.array([[cos, -sin], [sin, cos]]).T + centre
