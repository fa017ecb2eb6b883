"""How many clusters stand on a circle."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "language/attention-dynamics"
TITLE = {"zh": "圆上有几团", "en": "Clusters on a circle"}
TASK = {
    "zh": """
词是圆上的点，`angles` 是它们的角度，用弧度，次序是乱的。两个词沿圆周相距小于 `width` 就连在一起，
直接连着的、经由别的词连起来的，都算同一团。返回一共有几团。
""",
    "en": """
Tokens are points of a circle, and `angles` are their angles in radians, in no order. Two tokens
less than `width` apart along the circle are linked, and all that are linked, directly or by way of
others, form a cluster. Return the number of clusters.
""",
}
WITHOUT = ("for", "while")


def count_clusters(angles: np.ndarray, width: float) -> int:
    around = np.sort(angles % (2 * np.pi))
    gaps = np.diff(around, append=around[0] + 2 * np.pi)
    return max(1, int(np.sum(gaps >= width)))


def by_walking(angles, width):
    """Start with all apart, and merge whatever is linked."""
    cluster = list(range(len(angles)))
    for i, a in enumerate(angles):
        for j, b in enumerate(angles):
            if abs((a - b + np.pi) % (2 * np.pi) - np.pi) < width:
                cluster = [cluster[i] if one == cluster[j] else one for one in cluster]
    return len(set(cluster))


def ask(answer, rng, angles, width):
    angles = rng.permutation(np.round(angles, 2))
    expect(answer(angles, width), by_walking(angles, width))


@hint(
    zh="角度是乱序的；一团可以拉得很长，只要相邻的词都近",
    en="the angles are in no order; and a cluster may be long, as long as neighbours are near",
)
def away_from_zero(answer, rng):
    chains = [1 + 0.3 * np.arange(3), 2.5 + 0.3 * np.arange(2), 4 + 0.3 * np.arange(4)]
    ask(answer, rng, np.concatenate(chains[: int(rng.integers(2, 4))]), 0.4)


@hint(
    zh="0 和 2π 是同一点，一团可以横跨那里",
    en="0 and 2π are the same point, and a cluster may lie on both sides of it",
)
def across_zero(answer, rng):
    ask(answer, rng, [0.05, 0.3, 6.1, *rng.uniform(2, 3, 2)], 0.4)


@hint(
    zh="转过几整圈的角度，和没转过的是同一点",
    en="an angle some whole turns further is the same point",
)
def whole_turns(answer, rng):
    turns = 2 * np.pi * rng.integers(-2, 3, 5)
    ask(answer, rng, np.array([1, 1.2, 3, 3.2, 5]) + turns, 0.4)


@hint(
    zh="首尾相接连成一圈时，是一团，不是零团",
    en="where they are linked all the way round there is one cluster, not none",
)
def all_the_way_round(answer, rng):
    ask(answer, rng, np.linspace(0, 2 * np.pi, int(rng.integers(8, 12)), endpoint=False), 1.0)


@wrong(away_from_zero)
def steps_in_the_order_given(angles, width):
    gaps = np.abs(np.diff(angles % (2 * np.pi), append=angles[0]))
    return max(1, int(np.sum(gaps >= width)))


@wrong(away_from_zero)
def cells_that_are_used(angles, width):
    return len(np.unique(angles % (2 * np.pi) // width))


@wrong(across_zero)
def cut_open_at_zero(angles, width):
    return 1 + int(np.sum(np.diff(np.sort(angles % (2 * np.pi))) >= width))


@wrong(whole_turns)
def angles_as_they_are(angles, width):
    around = np.sort(angles)
    gaps = np.diff(around, append=around[0] + 2 * np.pi)
    return max(1, int(np.sum(gaps >= width)))


@wrong(all_the_way_round)
def counts_the_gaps(angles, width):
    around = np.sort(angles % (2 * np.pi))
    gaps = np.diff(around, append=around[0] + 2 * np.pi)
    return int(np.sum(gaps >= width))
