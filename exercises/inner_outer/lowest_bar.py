"""Choose when a small network may answer, on images kept for choosing."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "inner-outer/outlook"
TITLE = {"zh": "门槛定在哪里", "en": "Where to set the bar"}
TASK = {
    "zh": """
小网络先答，它对第 i 幅图像的把握是 `sure[i]`；把握不低于门槛就用它的答案，否则去问大网络。
`small[i]`、`big[i]` 说两个网络答得对不对（True 或 False）。返回最低的门槛，使答对的份额
至少是 `wanted`。门槛只在 `sure` 里的数中选；没有一个合格，就返回 `np.inf`，一律去问大网络。
""",
    "en": """
The small network answers first, and `sure[i]` is how sure it is of image i; from the bar upwards
its answer is taken, and below it the big network is asked. `small[i]` and `big[i]` say whether each
of the two is right, True or False. Return the lowest bar for which the share of right answers is
`wanted` or more. Try the numbers in `sure` only; if none will do, return `np.inf`: the big network
is always asked.
""",
}


def lowest_bar(sure: np.ndarray, small: np.ndarray, big: np.ndarray, wanted: float) -> float:
    for bar in np.sort(sure):
        if np.where(sure >= bar, small, big).mean() >= wanted:
            return bar
    return np.inf


def shares(sure, small, big):
    """Right answers at each bar, counted one by one."""
    found = {}
    for bar in sure:
        right = [s if c >= bar else b for c, s, b in zip(sure, small, big, strict=True)]
        found[bar] = sum(right) / len(right)
    return found


def lowest(sure, small, big, wanted):
    return min((bar for bar, share in shares(sure, small, big).items() if share >= wanted))


def drawn(rng, small, big):
    """The small network is the surer the further on it is in the list; then all are mixed."""
    sure = np.sort(rng.choice(np.arange(30, 100), len(small), replace=False)) / 100
    order = rng.permutation(len(small))
    return sure[order], np.array(small, bool)[order], np.array(big, bool)[order]


@hint(
    zh="把握恰好等于门槛的，用小网络的答案：它若错了，门槛还得高一点",
    en="where the small network is just as sure as the bar, its answer is taken: if that is wrong, "
    "the bar has to be higher",
)
def just_at_the_bar(answer, rng):
    case = drawn(rng, [0, 1, 1, 1], [1, 1, 1, 1])
    expect(answer(*case, 0.9), lowest(*case, 0.9))


@hint(
    zh="两个网络各管一部分：门槛以上看小的对不对，门槛以下看大的对不对，合起来算份额",
    en="each network has its part: above the bar the small one has to be right, below it the big "
    "one, and the share is of both together",
)
def both_have_a_part(answer, rng):
    case = drawn(rng, [0, 0, 1, 0, 1, 1], [1, 1, 1, 0, 1, 1])
    expect(answer(*case, 0.8), lowest(*case, 0.8))


@hint(
    zh="份额恰好等于 `wanted`，也算合格",
    en="a share of just `wanted` will do",
)
def just_enough(answer, rng):
    case = drawn(rng, [0, 0, 1, 1], [1, 0, 1, 1])
    expect(answer(*case, 0.75), lowest(*case, 0.75))


@hint(
    zh="门槛抬高，份额有升有降：找到一个合格的，更低的里还可能有",
    en="as the bar rises the share goes up and down: below one that will do, there may be another",
)
def up_and_down(answer, rng):
    case = drawn(rng, [0, 1, 1, 0, 0, 1], [1, 0, 0, 1, 1, 1])
    expect(answer(*case, 0.6), lowest(*case, 0.6))


@hint(
    zh="没有一个门槛合格时，应当返回 `np.inf`",
    en="where no bar will do, it should return `np.inf`",
)
def none_will_do(answer, rng):
    expect(answer(*drawn(rng, [0, 0, 0], [1, 1, 1]), 0.9), np.inf)


@wrong(just_at_the_bar)
def above_the_bar_only(sure, small, big, wanted):
    for bar in np.sort(sure):
        if np.where(sure > bar, small, big).mean() >= wanted:
            return bar
    return np.inf


@wrong(both_have_a_part)
def small_where_it_answers(sure, small, big, wanted):
    for bar in np.sort(sure):
        if small[sure >= bar].mean() >= wanted:
            return bar
    return np.inf


@wrong(just_enough)
def more_than_wanted(sure, small, big, wanted):
    for bar in np.sort(sure):
        if np.where(sure >= bar, small, big).mean() > wanted:
            return bar
    return np.inf


@wrong(up_and_down)
def down_while_it_lasts(sure, small, big, wanted):
    best = np.inf
    for bar in np.sort(sure)[::-1]:
        if np.where(sure >= bar, small, big).mean() < wanted:
            break
        best = bar
    return best


@wrong(none_will_do)
def the_highest_then(sure, small, big, wanted):
    for bar in np.sort(sure):
        if np.where(sure >= bar, small, big).mean() >= wanted:
            return bar
    return sure.max()
