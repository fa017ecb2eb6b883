"""The degree of a polynomial score for a relation that counts ones."""

from itertools import combinations, groupby

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "why-matmul/limits"
TITLE = {"zh": "至少要几次", "en": "Of what degree at least?"}
TASK = {
    "zh": """
一道判断题只看 n 个比特里有几个 1：有 k 个时，`answers[k]` 是 1 就该答“是”，是 0 就该答“否”，
k 从 0 到 n。用 k 的一个多项式打分，分数大于 0 答“是”，小于 0 答“否”，不许等于 0。
要全部答对，多项式至少是几次？一次就是把各个比特加起来，看过不过门槛；常数是 0 次。
""",
    "en": """
The answer to a question depends only on how many of n bits are 1: where k of them are, it should be
yes if `answers[k]` is 1 and no if it is 0, for k from 0 to n. A polynomial in k gives a score:
above 0 the answer is yes, below 0 it is no, and exactly 0 is not allowed. Of what degree is it at
least, if all answers are to be right? Degree 1 adds up the bits and compares with a threshold; a
constant has degree 0.
""",
}


def degree_needed(answers: list) -> int:
    return int(np.count_nonzero(np.diff(answers)))


def by_trying_roots(answers):
    """The fewest roots between whole numbers with which the signs come out."""
    places = np.arange(len(answers))
    wanted = np.where(answers, 1, -1)
    for degree in range(len(answers)):
        for roots in combinations(places[:-1] + 0.5, degree):
            score = np.prod([places - root for root in roots], axis=0) * np.ones(len(places))
            if abs(np.sign(score) @ wanted) == len(places):
                return degree
    raise ValueError("no polynomial")


@hint(
    zh="够多就答“是”，或者够少就答“是”：加起来过一道门槛就行",
    en="yes if there are enough ones, or if there are few enough: a sum and a threshold will do",
)
def a_threshold(answer, rng):
    few, many = (int(number) for number in rng.integers(2, 4, 2))
    expect(answer([0] * few + [1] * many), 1)
    expect(answer([1] * few + [0] * many), 1)


@hint(
    zh="不论有几个 1，答案都一样：那还用得着看 k 吗？",
    en="where the answer is the same for every count, does the score have to depend on k at all?",
)
def always_the_same(answer, rng):
    length = int(rng.integers(2, 6))
    expect(answer([1] * length), 0)
    expect(answer([0] * length), 0)


@hint(
    zh="把分数画成一条曲线：从“是”到“否”，从“否”到“是”，中间都得穿过 0。d 次的曲线最多穿过几回？",
    en="draw the score as a curve: between a yes and a no it has to pass through 0. How often can "
    "a curve of degree d?",
)
def back_and_forth(answer, rng):
    for answers in ([0, 1, 0, 1], [0, 1, 0, 0], rng.integers(0, 2, 7).tolist()):
        expect(answer(answers), by_trying_roots(answers))


@wrong(a_threshold)
def number_of_yes(answers):
    return sum(answers)


@wrong(a_threshold)
def through_every_point(answers):
    return len(answers) - 1


@wrong(a_threshold)
def number_of_runs(answers):
    return len([*groupby(answers)])


@wrong(always_the_same)
def at_least_one(answers):
    return max(1, sum(a != b for a, b in zip(answers, answers[1:])))


@wrong(back_and_forth)
def one_bend_is_enough(answers):
    return min(2, sum(a != b for a, b in zip(answers, answers[1:])))


@wrong(back_and_forth)
def runs_of_yes(answers):
    if len({*answers}) == 1:
        return 0
    return len([answer for answer, _ in groupby(answers) if answer])
