import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.why_matmul.four_eras import moons
from snippets.why_matmul.four_eras_solutions import perceptron, refuted, threshold_functions

SOLUTIONS = "why_matmul/four_eras_solutions"
literals = st.integers(1, 4).flatmap(lambda a: st.sampled_from([a, -a]))
clauses = st.lists(st.frozensets(literals, min_size=1, max_size=3), min_size=1, max_size=7)


@given(clauses)
@settings(max_examples=60)
def test_resolution_agrees_with_the_truth_table(formula):
    worlds = itertools.product((False, True), repeat=4)
    possible = any(all(any(world[abs(a) - 1] == (a > 0) for a in clause) for clause in formula)
                   for world in worlds)
    assert refuted(formula) == (not possible)


def test_resolution_of_the_page(woven):
    values = woven(SOLUTIONS).values
    assert values["proved"] is True and values["guess"] is False


@pytest.mark.parametrize(("inputs", "reach", "count"), [(1, 1, 4), (2, 1, 14), (2, 2, 14),
                                                        (3, 2, 104), (3, 3, 104)])
def test_threshold_functions_are_the_known_counts(inputs, reach, count):
    assert threshold_functions(inputs, reach) == count


def test_units_of_the_page(woven):
    assert woven(SOLUTIONS).values["units"] == {"1": 4, "2": 14, "3": 104}


@given(st.integers(0, 500))
@settings(max_examples=20)
def test_perceptron_keeps_within_its_bound(seed):
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.uniform(-1, 1, (80, 2)), np.ones(80)])
    best = rng.standard_normal(3)
    best /= np.linalg.norm(best)
    x = x[np.abs(x @ best) > 0.2]
    sign = np.sign(x @ best)
    w, mistakes, clean = perceptron(x, sign, 500)
    assert clean and (sign * (x @ w) > 0).all()
    assert mistakes <= (np.linalg.norm(x, axis=1).max(initial=0) / 0.2) ** 2


def test_perceptron_follows_its_rule():
    x, sign = np.array([[1.0, 0], [0, 2], [1, 1]]), np.array([1.0, -1, 1])
    w, mistakes, clean = perceptron(x, sign, 1)
    assert w.tolist() == [2, -1] and mistakes == 3 and not clean


def test_mistakes_of_the_page(woven):
    values = woven(SOLUTIONS).values
    assert values["clean"] is True and values["mistakes"] < values["bound"]
    assert values["finished"] is False and values["endless"] > 100 * values["mistakes"]


def test_longer_prompts_answer_better(woven):
    hits = woven(SOLUTIONS).values["hits"]
    assert hits["4"] + 0.1 < hits["16"] < hits["64"] <= hits["256"] + 0.01
    assert hits["256"] > 0.97


def test_nobody_does_better_than_who_knows_the_law(woven):
    """The page's best possible is Bayes' rule: on a fine grid of the arcs it says the same."""
    best = woven(SOLUTIONS).values["best_possible"]
    assert max(woven(SOLUTIONS).values["hits"].values()) - 0.002 < best < 1
    new, truth = moons(4000, np.random.default_rng(7))
    t = np.linspace(0, np.pi, 300)
    arcs = (np.stack([1 - np.cos(t), 0.5 - np.sin(t)], axis=1),
            np.stack([np.cos(t), np.sin(t)], axis=1))
    density = [np.exp(-((new[:, None] - arc) ** 2).sum(axis=2) / (2 * 0.15**2)).mean(axis=1)
               for arc in arcs]
    assert np.mean((density[1] > density[0]) == truth) == pytest.approx(best, abs=0.006)
