"""How fast a signal grows if the same few matrices are applied in turn for ever."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "language/depth-and-time"
TITLE = {"zh": "按次序反复乘", "en": "The same word for ever"}
TASK = {
    "zh": """
`matrices` 是一个字典，每个字母对应一个方阵。`word` 是一串字母，从左到右依次把对应的矩阵乘到向量上，
第一个字母最先乘；乘完一遍，再从头来，永远重复下去。从一般的起点出发，长远来看，
向量平均每一步（每个字母）变成原来的几倍？
""",
    "en": """
`matrices` is a dictionary with a square matrix for each letter. `word` is a string of letters;
their matrices are applied to a vector from left to right, that of the first letter first, and then
from the beginning again, for ever. From a generic start and in the long run, by what factor does
the length of the vector change per step, that is, per letter, on average?
""",
}


def growth_per_step(matrices: dict, word: str) -> float:
    product = np.eye(len(matrices[word[0]]))
    for letter in word:
        product = matrices[letter] @ product
    return np.abs(np.linalg.eigvals(product)).max() ** (1 / len(word))


def by_walking(matrices, word, rounds=1500):
    """Lengths of a walk from a random start, those of the first rounds left out."""
    x, growth = np.linspace(1, 1.7, len(matrices[word[0]])), 0.0
    for number in range(rounds):
        for letter in word:
            x = matrices[letter] @ x
        if number >= rounds // 3:
            growth += np.log(np.linalg.norm(x))
        x = x / np.linalg.norm(x)
    return np.exp(growth / (rounds - rounds // 3) / len(word))


def drawn(rng, letters):
    """Matrices of positive numbers: a walk soon settles in its direction."""
    return {letter: rng.integers(1, 9, (2, 2)) / 4 for letter in letters}


@hint(
    zh="只有一个字母时，乘的是一个矩阵的幂：长远来看，看的是特征值，不是范数",
    en="with one letter these are the powers of one matrix: in the long run eigenvalues count, not "
    "the norm",
)
def one_letter(answer, rng):
    matrices = {"A": np.array([[0.5, rng.integers(2, 9)], [0, rng.uniform(0.7, 1.5)]])}
    expect(answer(matrices, "A"), matrices["A"][1, 1])


@hint(
    zh="一轮两个字母，算两步；两个矩阵各自的特征值说了不算，那该看谁的？",
    en="a round of two letters is two steps; the eigenvalues of either matrix settle nothing, so "
    "whose do?",
)
def two_letters(answer, rng):
    corner = float(rng.integers(2, 9))
    a = np.array([[0.5, corner], [0, 0.5]])
    expect(answer({"A": a, "B": a.T}, "AB"), np.linalg.norm(a, 2))


@hint(
    zh="字母更多时，次序要紧：先乘的矩阵挨着向量，站在右边",
    en="with more letters order matters: the matrix that comes first stands next to the vector, on "
    "the right",
)
def three_letters(answer, rng):
    matrices = drawn(rng, "ABC")
    expect(answer(matrices, "ABC"), by_walking(matrices, "ABC", 150), 1e-5)


@wrong(one_letter)
def norm_of_the_product(matrices, word):
    product = np.eye(len(matrices[word[0]]))
    for letter in word:
        product = matrices[letter] @ product
    return np.linalg.norm(product, 2) ** (1 / len(word))


@wrong(two_letters)
def mean_of_the_radii(matrices, word):
    radii = [np.abs(np.linalg.eigvals(matrices[letter])).max() for letter in word]
    return np.prod(radii) ** (1 / len(word))


@wrong(two_letters)
def growth_per_round(matrices, word):
    product = np.eye(len(matrices[word[0]]))
    for letter in word:
        product = matrices[letter] @ product
    return np.abs(np.linalg.eigvals(product)).max()


@wrong(three_letters)
def from_right_to_left(matrices, word):
    product = np.eye(len(matrices[word[0]]))
    for letter in word:
        product = product @ matrices[letter]
    return np.abs(np.linalg.eigvals(product)).max() ** (1 / len(word))
