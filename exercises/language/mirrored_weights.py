"""A network of ReLU units that is linear all the same."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "language/identity-to-the-rescue"
TITLE = {"zh": "穿过 ReLU，一点不丢", "en": "Through ReLU, and nothing lost"}
TASK = {
    "zh": """
`matrices` 里的矩阵要一个接一个乘到 x 上，第一个先乘，中间没有激活函数。把它改成带 ReLU 的网络：
返回个数相同的一列权重，除最后一个之外，每乘一个权重就过一次 ReLU，而输出对任何 x 都与原来相同。
负数会被 ReLU 清零，所以中间几层可以加宽。
""",
    "en": """
The matrices in `matrices` are applied to x one after another, the first of them first, with no
activation in between. Make a ReLU network of it: return a list of as many weights, with a ReLU
after each but the last, such that the output is what it was for every x. ReLU sets
negative numbers to zero, so the layers between may be wider.
""",
}


def mirrored_weights(matrices: list) -> list:
    weights = [np.vstack([w, -w]) for w in matrices]
    weights[1:] = [np.hstack([w, -w]) for w in weights[1:]]
    weights[-1] = weights[-1][: len(matrices[-1])]
    return weights


def network(weights, x):
    for w in weights[:-1]:
        x = np.maximum(w @ x, 0)
    return weights[-1] @ x


def ask(answer, matrices, rng):
    inputs = rng.integers(-9, 10, (matrices[0].shape[1], 8))
    wanted = inputs
    for w in matrices:
        wanted = w @ wanted
    weights = answer(matrices)
    expect(type(weights).__name__, "list")
    expect(len(weights), len(matrices))
    expect(network(weights, inputs), wanted)


def drawn(rng, *sizes):
    return [rng.integers(-3, 4, (m, n)) for n, m in zip(sizes, sizes[1:])]


@hint(
    zh="只有一个矩阵时，没有 ReLU，权重就是它自己",
    en="a single matrix has no ReLU after it, and is the weight itself",
)
def one_matrix(answer, rng):
    ask(answer, drawn(rng, 3, 2), rng)


@hint(
    zh="两个矩阵之间有一次 ReLU，负数被清零，得从别处找回来：h 怎样由 relu(h) 和 relu(-h) 拼出？",
    en="between two matrices there is a ReLU, and what it sets to zero has to come from elsewhere: "
    "how is h made from relu(h) and relu(-h)?",
)
def two_matrices(answer, rng):
    ask(answer, drawn(rng, 2, 2, 2), rng)


@hint(
    zh="中间的层，收进来的是成对的数，送出去的也得成对；矩阵不是方的也要成立",
    en="a layer in the middle gets its numbers in pairs, and has to hand them on in pairs; and it "
    "should hold for matrices that are not square",
)
def in_the_middle(answer, rng):
    ask(answer, drawn(rng, *rng.integers(2, 5, 4)), rng)


@wrong(one_matrix)
def always_doubled(matrices):
    return [np.vstack([w, -w]) for w in matrices]


@wrong(two_matrices)
def as_they_are(matrices):
    return list(matrices)


@wrong(two_matrices)
def halves_are_added(matrices):
    weights = [np.vstack([w, -w]) for w in matrices]
    weights[1:] = [np.hstack([w, w]) for w in weights[1:]]
    weights[-1] = weights[-1][: len(matrices[-1])]
    return weights


@wrong(in_the_middle)
def each_half_by_itself(matrices):
    if len(matrices) == 1:
        return list(matrices)
    first, last = matrices[0], matrices[-1]
    middle = [np.kron(np.eye(2), w) for w in matrices[1:-1]]
    return [np.vstack([first, -first]), *middle, np.hstack([last, -last])]
