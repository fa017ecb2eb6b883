"""Which classes may come first if every score is known up to an error."""

from itertools import product

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "why-matmul/verification"
TITLE = {"zh": "谁还可能得第一", "en": "Who may still come first?"}
TASK = {
    "zh": """
网络给每一类打分，分数最高的就是答案。换一种便宜的算法以后，第 i 类的分数可能变，
最多变大或变小 `slack[i]`，各类的变化互不相干。`scores` 是原来的分数。
哪些类还可能得最高分（并列也算）？返回与 `scores` 一样长的布尔数组。若只有一个为真，答案就不会变。
""",
    "en": """
A network scores each class, and the highest score is the answer. A cheaper way of computing may
change the score of class i, up or down by no more than `slack[i]`, each independently of the
others. `scores` are the original ones. Which classes may come out with the highest score, alone or
tied? Return an array of booleans as long as `scores`. If only one is true, the answer is safe.
""",
}


def may_win(scores: np.ndarray, slack: np.ndarray) -> np.ndarray:
    return scores + slack >= (scores - slack).max()


def by_extremes(scores, slack):
    """Try every combination of scores at their highest or lowest."""
    worlds = scores + slack * np.array([*product((-1, 1), repeat=len(scores))])
    return (worlds == worlds.max(axis=1, keepdims=True)).any(axis=0)


@hint(
    zh="各类能变的幅度相同时：自己会涨，领先的也会跌；并列第一也算",
    en="where all may change by the same: one may rise, and the leader may fall as well; a tie "
    "for the first place counts",
)
def same_slack(answer, rng):
    scores = rng.permutation([9.0, 7, 5, 1])
    for slack in (np.full(4, 1.25), np.full(4, 1.0)):
        expect(answer(scores, slack), by_extremes(scores, slack))


@hint(
    zh="幅度各不相同时，涨用的是自己的幅度，跌用的是对手的幅度",
    en="where they differ, a class rises by its own slack, and rivals fall by theirs",
)
def leader_is_sure(answer, rng):
    order = rng.permutation(4)
    scores, slack = np.array([9.0, 7, 6, 5])[order], np.array([0, 1.25, 3.25, 2.25])[order]
    expect(answer(scores, slack), by_extremes(scores, slack))


@hint(
    zh="领先的可能跌得很低，那时挡在前面的，会不会是另一类？",
    en="the leader may fall very low: might it then be another class that stands in the way?",
)
def another_in_the_way(answer, rng):
    order = rng.permutation(3)
    scores, slack = np.array([10.0, 9, 5])[order], np.array([6.25, 0.25, 1.25])[order]
    expect(answer(scores, slack), by_extremes(scores, slack))
    scores, slack = rng.integers(0, 9, 5) * 1.0, rng.integers(0, 4, 5) + 0.25
    expect(answer(scores, slack), by_extremes(scores, slack))


@wrong(same_slack)
def leader_stands_still(scores, slack):
    return scores + slack >= scores.max()


@wrong(same_slack)
def highest_possible_only(scores, slack):
    return scores + slack == (scores + slack).max()


@wrong(same_slack)
def ties_do_not_count(scores, slack):
    return scores + slack > (scores - slack).max()


@wrong(leader_is_sure)
def own_slack_twice(scores, slack):
    return scores + 2 * slack >= scores.max()


@wrong(leader_is_sure)
def largest_slack_for_all(scores, slack):
    return scores + 2 * slack.max() >= scores.max()


@wrong(another_in_the_way)
def against_the_leader_only(scores, slack):
    leader = scores.argmax()
    return scores + slack >= scores[leader] - slack[leader]
