"""The smallest change that gives a matrix a wanted eigenvalue."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "language/two-rulers"
TITLE = {"zh": "最轻的一推", "en": "The least push"}
TASK = {
    "zh": """
返回一个矩阵 e，使 `z` 成为 `w + e` 的特征值，而 e 的谱范数（最大的奇异值）尽可能小。
`w` 是实方阵，`z` 可以是复数，这时 e 也可以是复的。
""",
    "en": """
Return a matrix e such that `z` is an eigenvalue of `w + e`, with the spectral norm of e (its
largest singular value) as small as it can be. `w` is real and square; `z` may be complex, and then
e may be, too.
""",
}


def least_push(w: np.ndarray, z: complex) -> np.ndarray:
    u, s, vh = np.linalg.svd(z * np.eye(len(w)) - w)
    return s[-1] * np.outer(u[:, -1], vh[-1])


def short_of_singular(w, z):
    """The least singular value of zI - w: 0 where z is an eigenvalue of w."""
    return np.linalg.svd(z * np.eye(len(w)) - w, compute_uv=False)[-1]


@hint(
    zh="1×1 的矩阵就是一个数：要推的，是它到 `z` 的差",
    en="a 1×1 matrix is a number, and the push leads from it to `z`",
)
def one_number(answer, rng):
    number, z = (float(value) for value in rng.permutation(9)[:2])
    expect(answer(np.array([[number]]), z), np.array([[z - number]]))


@hint(
    zh="`z` 是 `w + e` 的特征值，就是说从 z 倍单位阵里减去 `w + e`，剩下的矩阵压扁了某个方向",
    en="`z` is an eigenvalue of `w + e` if z times the identity, less `w + e`, flattens some "
    "direction",
)
def becomes_an_eigenvalue(answer, rng):
    w, z = rng.integers(-4, 5, (3, 3)), float(rng.integers(5, 9))
    e = answer(w, z)
    expect(np.shape(e), (3, 3))
    expect(short_of_singular(w + e, z), 0.0)


@hint(
    zh="还能推得更轻：照特征值之差去推，多半用力过猛，该看奇异值",
    en="a lighter push is enough: the distance between eigenvalues is mostly more than it takes; "
    "singular values tell",
)
def as_light_as_can_be(answer, rng):
    w = np.array([[0.5, rng.integers(3, 9)], [0, 0.5]])
    e = answer(w, 1.0)
    expect(short_of_singular(w + e, 1.0), 0.0)
    expect(np.linalg.norm(e, 2), short_of_singular(w, 1.0))


@hint(
    zh="`z` 是复数时也要成立：该取共轭的地方取了吗？不该取的呢？",
    en="it should hold for a complex `z`: is everything conjugated that has to be, and "
    "nothing else?",
)
def complex_targets(answer, rng):
    w, z = rng.normal(size=(3, 3)), complex(*rng.uniform(1, 3, 2))
    e = answer(w, z)
    expect(short_of_singular(w + e, z), 0.0)
    expect(np.linalg.norm(e, 2), short_of_singular(w, z))


@wrong(one_number)
def away_from_it(w, z):
    u, s, vh = np.linalg.svd(w - z * np.eye(len(w)))
    return s[-1] * np.outer(u[:, -1], vh[-1])


@wrong(as_light_as_can_be)
def largest_singular_value(w, z):
    u, s, vh = np.linalg.svd(z * np.eye(len(w)) - w)
    return s[0] * np.outer(u[:, 0], vh[0])


@wrong(becomes_an_eigenvalue)
def only_one_of_the_vectors(w, z):
    u, s, vh = np.linalg.svd(z * np.eye(len(w)) - w)
    return s[-1] * np.outer(u[:, -1], u[:, -1]) * np.sign(u[0, -1] * vh[-1, 0])


@wrong(as_light_as_can_be)
def moves_them_all(w, z):
    values = np.linalg.eigvals(w)
    nearest = values[np.abs(values - z).argmin()]
    push = z - nearest if np.iscomplexobj(values + z) else float(z - nearest)
    return push * np.eye(len(w))


@wrong(complex_targets)
def conjugated_once_too_often(w, z):
    u, s, vh = np.linalg.svd(z * np.eye(len(w)) - w)
    return s[-1] * np.outer(u[:, -1], vh[-1].conj())
