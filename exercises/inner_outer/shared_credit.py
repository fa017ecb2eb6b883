"""Credit for an output, shared among the inputs by trying every order."""

import itertools

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "inner-outer/outlook"
TITLE = {"zh": "功劳怎么分", "en": "Who gets the credit?"}
TASK = {
    "zh": """
`f` 把一个向量变成一个分数。从全零的向量出发，把 `x` 的数一个接一个填到各自的位置上，每填一个，
分数变多少，就记在它名下。谁先填、谁后填，结果会不同，所以把所有的先后次序都试一遍，取平均。
返回每个输入平均分到多少。
""",
    "en": """
`f` makes a score of a vector. Begin with a vector of zeros and put in the numbers of `x`, each in
its place, one after another; by as much as the score changes, the number just put in is credited.
It matters who comes first, so try all orders and take the mean. Return the mean credit of each
input.
""",
}


def shared_credit(f, x: np.ndarray) -> np.ndarray:
    credit, orders = np.zeros(len(x)), list(itertools.permutations(range(len(x))))
    for order in orders:
        present = np.zeros(len(x))
        for place in order:
            before = f(present)
            present[place] = x[place]
            credit[place] += f(present) - before
    return credit / len(orders)


def weighted_sum(x):
    return x @ np.arange(2, len(x) + 2)


def one_relu(x):
    """Both are needed, or nothing comes out."""
    return max(0.0, x.sum() - 1)


def two_relus(x):
    """Some inputs share more than others, and zeros give 3."""
    return 3 + max(0.0, x[0] + x[1] - 2) + max(0.0, x[1] * x[-1] - x[0])


def by_subsets(f, x):
    """The same mean, sorted by who was there before."""
    n, credit = len(x), np.zeros(len(x))
    for chosen in itertools.product((0, 1), repeat=n):
        for i in range(n):
            if not chosen[i]:
                size = sum(chosen)
                orders = np.prod([1.0, *range(1, size + 1), *range(1, n - size)])
                share = orders / np.prod([1.0, *range(1, n + 1)])
                after = np.array(chosen) + np.eye(n)[i]
                credit[i] += share * (f(after * x) - f(np.array(chosen) * x))
    return credit


@hint(
    zh="`f` 是加权和（权重 2、3、4）时，次序无所谓，每个输入分到权重乘它自己",
    en="where `f` is a weighted sum, with weights 2, 3 and 4, order does not matter, and each "
    "input gets its weight times itself",
)
def sums_are_easy(answer, rng):
    x = rng.integers(1, 9, 3).astype(float)
    expect(answer(weighted_sum, x), np.arange(2, 5) * x)


@hint(
    zh="分数是 ReLU(a + b - 1)、两个输入都是 1 时，缺一不可，功劳总记在后来的名下；两种次序平均，"
    "该各得一半",
    en="where the score is ReLU(a + b - 1) and both inputs are 1, neither may be missing, and the "
    "later one gets the credit; over both orders each should get one half",
)
def both_needed(answer, rng):
    expect(answer(one_relu, np.ones(2)), np.full(2, 0.5))


@hint(
    zh="输入更多时，先后次序有好几种，每一种都要算；全零的分数也不一定是 0",
    en="with more inputs there are more orders, and all of them count; and zeros need not score 0",
)
def every_order(answer, rng):
    x = rng.integers(1, 6, int(rng.integers(3, 5))).astype(float)
    expect(answer(two_relus, x), by_subsets(two_relus, x))


@wrong(sums_are_easy)
def added_up_over_orders(f, x):
    credit = np.zeros(len(x))
    for order in itertools.permutations(range(len(x))):
        present = np.zeros(len(x))
        for place in order:
            before = f(present)
            present[place] = x[place]
            credit[place] += f(present) - before
    return credit


@wrong(sums_are_easy)
def the_same_for_all(f, x):
    return np.full(len(x), (f(x) - f(0 * x)) / len(x))


@wrong(both_needed)
def what_is_lost_without_it(f, x):
    return np.array([f(x) - f(x * (1 - one)) for one in np.eye(len(x))])


@wrong(both_needed)
def what_it_does_alone(f, x):
    return np.array([f(x * one) - f(0 * x) for one in np.eye(len(x))])


@wrong(both_needed)
def a_single_order(f, x):
    scores = [f(np.where(np.arange(len(x)) < count, x, 0)) for count in range(len(x) + 1)]
    return np.diff(scores)


@wrong(every_order)
def lost_and_scaled_to_fit(f, x):
    lost = np.array([f(x) - f(x * (1 - one)) for one in np.eye(len(x))])
    return lost * (f(x) - f(0 * x)) / lost.sum()


@wrong(every_order)
def first_or_last(f, x):
    units = np.eye(len(x))
    alone = np.array([f(x * one) - f(0 * x) for one in units])
    last = np.array([f(x) - f(x * (1 - one)) for one in units])
    return (alone + last) / 2
