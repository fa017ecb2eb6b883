"""Solutions to the exercises on four lines of AI: one small machine from each."""

import itertools
from collections.abc import Iterable

import numpy as np

from snippets.why_matmul.four_eras import attention, moons

Clause = frozenset[int]
"""Literals of a disjunction: 3 says that fact 3 holds, -3 that it does not."""


def refuted(clauses: Iterable[Clause]) -> bool:
    """Whether the clauses contradict each other, by propositional resolution.

    From `a or rest` and `not a or more` follows `rest or more`; nothing at all
    left over is a contradiction. Source: Robinson 1965, whose rule also
    handles variables.
    """
    known = set(clauses)
    while True:
        derived = {(p - {a}) | (q - {-a})
                   for p, q in itertools.permutations(known, 2)
                   for a in p if -a in q}
        derived = {c for c in derived if not any(-a in c for a in c)}
        if frozenset() in derived:
            return True
        if derived <= known:
            return False
        known |= derived


def threshold_functions(inputs: int, reach: int) -> int:
    """How many functions of 0/1 inputs one threshold unit can compute.

    The unit fires when `2 * w @ x >= t`, with integer weights from -reach to
    reach and every integer threshold that makes a difference.
    """
    x = np.array(list(itertools.product((0, 1), repeat=inputs)))
    values = range(-reach, reach + 1)
    found = set()
    for w in itertools.product(values, repeat=inputs):
        sums = x @ np.array(w)
        found |= {tuple(2 * sums >= t) for t in range(-2 * reach * inputs - 1,
                                                      2 * reach * inputs + 2)}
    return len(found)


def perceptron(x: np.ndarray, sign: np.ndarray, rounds: int) -> tuple[np.ndarray, int, bool]:
    """Weights, mistakes made, and whether the last round had none.

    On a mistake add sign × x to the weights. x is (samples, d) and holds its
    own constant. Source: Rosenblatt 1958.
    """
    w, mistakes, clean = np.zeros(x.shape[1]), 0, False
    for _ in range(rounds):
        before = mistakes
        for point, s in zip(x, sign, strict=True):
            if s * (w @ point) <= 0:
                w, mistakes = w + s * point, mistakes + 1
        clean = mistakes == before
        if clean:
            break
    return w, mistakes, clean


if __name__ == "__main__":
    # --8<-- [start:resolution]
    rain, wet, sprinkler, slip = 1, 2, 3, 4
    rules = [frozenset({-rain, wet}), frozenset({-sprinkler, wet}),
             frozenset({-wet, slip})]
    facts = [frozenset({rain, sprinkler})]  # one of the two, unknown which
    proved = refuted([*rules, *facts, frozenset({-slip})])
    guess = refuted([*rules, *facts, frozenset({-rain})])
    print("slippery follows:", proved, "  rain follows:", guess)
    # --8<-- [end:resolution]

    # --8<-- [start:neuron]
    units = {}
    for inputs, reach in ((1, 1), (2, 2), (3, 3)):
        units[inputs] = threshold_functions(inputs, reach)
        print(f"{inputs} inputs: {units[inputs]} of {2 ** 2**inputs}")
    # --8<-- [end:neuron]

    # --8<-- [start:mistakes]
    rng = np.random.default_rng(0)
    x = np.column_stack([rng.uniform(-1, 1, (400, 2)), np.ones(400)])
    best = np.array([0.6, 0.8, 0.1])
    margin = x @ best / np.linalg.norm(best)
    apart = np.abs(margin) > 0.1
    _, mistakes, clean = perceptron(x[apart], np.sign(margin[apart]), 200)
    bound = (np.linalg.norm(x[apart], axis=1).max() / 0.1) ** 2
    print(f"separable: mistakes {mistakes}, bound {bound:.0f}, done {clean}")

    points, label = moons(400, rng)
    two_moons = np.column_stack([points, np.ones(400)])
    _, endless, finished = perceptron(two_moons, 2.0 * label - 1, 200)
    print(f"moons: mistakes {endless}, done {finished}")
    # --8<-- [end:mistakes]

    # --8<-- [start:prompt]
    rng = np.random.default_rng(2)
    new, truth = moons(1000, rng)
    hits = {}
    for n in (4, 16, 64, 256):
        scores = []
        for _ in range(20):
            x, label = moons(n, rng)
            answer = attention(new, x, 2.0 * label - 1)
            scores.append(np.mean((answer > 0) == truth))
        hits[n] = float(np.mean(scores))
        print(f"{n:3} examples: {hits[n]:.2f}")

    arcs, side = moons(4000, rng, noise=0)
    surest = attention(new, arcs, 2.0 * side - 1, width=0.15)
    best_possible = float(np.mean((surest > 0) == truth))
    print(f"best possible: {best_possible:.2f}")
    # --8<-- [end:prompt]
