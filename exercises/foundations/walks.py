"""Walks of at most so many steps."""

import itertools

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "foundations/products"
EXERCISE = "exercise-walks"
TITLE = {"zh": "最多走几步", "en": "At most so many steps"}
TASK = {
    "zh": """
`links[i, j]` 是 1，就有一条从 i 到 j 的单行道；否则是 0。返回同样大小的整数表：从 i 到 j，
走一步、两步……直到 `steps` 步，一共有几种走法。`steps` 至少是 1；站着不动不算。
""",
    "en": """
`links[i, j]` is 1 if a one-way road leads from i to j, and 0 if not. Return a table of integers
of the same size: in how many ways can you get from i to j in one step, in two, and so on up to
`steps`, counted together? `steps` is at least 1; standing still does not count.
""",
}


def walks(links: np.ndarray, steps: int) -> np.ndarray:
    exactly = total = links
    for _ in range(steps - 1):
        exactly = exactly @ links
        total = total + exactly
    return total


def by_walking(links, steps):
    """Try every sequence of places."""
    n, total = len(links), np.zeros_like(links)
    for length in range(1, steps + 1):
        for path in itertools.product(range(n), repeat=length + 1):
            total[path[0], path[-1]] += all(links[a, b] for a, b in itertools.pairwise(path))
    return total


def roads(rng, n):
    return (rng.random((n, n)) < 0.5).astype(np.int64)


@hint(
    zh="只许走一步，走法就是路本身",
    en="with one step the ways are the roads themselves",
)
def one_step(answer, rng):
    links = roads(rng, 3)
    expect(answer(links, 1), links)


@hint(
    zh="两步以内：中间停在某处的走法，加上一步就到的",
    en="within two steps: the ways that stop somewhere in between, and those that go straight",
)
def two_steps(answer, rng):
    links = np.ones((2, 2), np.int64) if rng.random() < 0.3 else roads(rng, 3)
    expect(answer(links, 2), by_walking(links, 2))


@hint(
    zh="步数再多，从一步到 `steps` 步的每一种都要算进去",
    en="with more steps, those of every number from one to `steps` should be counted",
)
def more_steps(answer, rng):
    links, steps = roads(rng, 3), int(rng.integers(3, 5))
    expect(answer(links, steps), by_walking(links, steps))


@wrong(one_step)
def standing_still_counts(links, steps):
    return sum(np.linalg.matrix_power(links, k) for k in range(steps + 1))


@wrong(two_steps)
def exactly_so_many(links, steps):
    return np.linalg.matrix_power(links, steps)


@wrong(two_steps)
def powers_of_the_entries(links, steps):
    return sum(links**k for k in range(1, steps + 1))


@wrong(more_steps)
def two_at_most(links, steps):
    return links + links @ links if steps > 1 else links


@wrong(more_steps)
def first_and_last_only(links, steps):
    return links + np.linalg.matrix_power(links, steps) if steps > 1 else links
