"""The least order that can be halved down to a leaf."""

from exercises.properties import expect, hint, wrong

CHAPTER = "mechanics/strassen"
EXERCISE = "exercise-padding"
TITLE = {"zh": "补到几阶", "en": "Padded to what order?"}
TASK = {
    "zh": """
Strassen 的办法每层对半切，切到不超过 `leaf` 阶为止，所以每次要切的阶数都得是偶数。
n 阶矩阵补零到几阶才行？返回不小于 `n` 的最小阶数。
""",
    "en": """
Strassen's method halves the matrix, level after level, until its order is at most `leaf`; so each
order that is cut has to be even. To which order must a matrix of order n be padded with zeros?
Return the least order, not below `n`, that will do.
""",
}


def padded_order(n: int, leaf: int) -> int:
    levels = 0
    while -(-n // 2**levels) > leaf:
        levels += 1
    return -(-n // 2**levels) * 2**levels


def can_be_cut(order, leaf):
    while order > leaf:
        if order % 2:
            return False
        order //= 2
    return True


def by_trying(n, leaf):
    return next(order for order in range(n, 2 * n + 1) if can_be_cut(order, leaf))


@hint(
    zh="不超过 `leaf` 的，一次也不切，不用补",
    en="up to `leaf` nothing is cut, and nothing needs padding",
)
def small_ones(answer, rng):
    leaf = int(rng.integers(3, 40))
    n = int(rng.integers(1, leaf + 1))
    expect(answer(n, leaf), n)


@hint(
    zh="返回的阶数应当不小于 `n`，而且一路对半切到 `leaf` 以内，每次都是偶数",
    en="the order should be at least `n`, and even whenever it is halved on the way to `leaf`",
)
def every_cut_is_even(answer, rng):
    leaf = int(rng.integers(2, 40))
    n = int(rng.integers(leaf + 1, 2000))
    order = answer(n, leaf)
    assert order >= n and can_be_cut(order, leaf)


@hint(
    zh="应当是最小的：切三层只要 8 的倍数，不必是 2 的幂",
    en="it should be the least: three cuts take a multiple of 8, and not a power of two",
)
def the_least(answer, rng):
    for n, leaf in ((1025, 200), (int(rng.integers(9, 999)), int(rng.integers(1, 40)))):
        expect(answer(n, leaf), by_trying(n, leaf))


@wrong(small_ones)
def next_power_of_two(n, leaf):
    order = 1
    while order < n:
        order *= 2
    return order


@wrong(every_cut_is_even)
def next_even_number(n, leaf):
    return n if n <= leaf else n + n % 2


@wrong(every_cut_is_even)
def next_multiple_of_the_leaf(n, leaf):
    return n if n <= leaf else -(-n // leaf) * leaf


@wrong(the_least)
def leaf_times_a_power(n, leaf):
    if n <= leaf:
        return n
    order = leaf
    while order < n:
        order *= 2
    return order
