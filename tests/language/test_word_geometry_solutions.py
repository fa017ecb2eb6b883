import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.language.word_geometry import analogies, parallel, unit
from snippets.language.word_geometry_solutions import (
    infinite_table,
    sgns_gradient,
    solve_by_mean,
)

SOLUTIONS = "language/word_geometry_solutions"
MATES = np.arange(24).reshape(12, 2)
seeds = st.integers(0, 10_000).map(np.random.default_rng)


@given(seeds, st.floats(0.1, 1))
@settings(max_examples=20)
def test_an_infinite_corpus_has_parallel_steps(rng, marked):
    topic = np.repeat(rng.dirichlet(np.ones(20), size=12), 2, axis=0)
    told = np.kron(np.eye(2), np.full(8, 1 / 8))
    marker = np.tile(marked * told + (1 - marked) / 16, (12, 1))
    chance = np.hstack([topic, marker])
    table = infinite_table(chance)
    assert parallel(table, MATES) == pytest.approx(1)
    joint = chance / 24
    pmi = np.log(np.maximum(joint, 1e-300) / np.outer(np.full(24, 1 / 24), joint.sum(axis=0)))
    assert np.allclose(table, np.maximum(pmi, 0))


def test_crossed(woven):
    assert 0.2 < woven(SOLUTIONS).values["crossed_steps"] < 0.7
    assert "factors:   1.000000" in woven(SOLUTIONS).regions["infinite"].output


@given(seeds, st.integers(1, 10))
@settings(max_examples=20)
def test_sgns_gradient_against_autograd(rng, k):
    pairs = rng.integers(0, 9, size=(5, 5)).astype(float) + 1
    pairs = pairs + pairs.T
    x = torch.tensor(rng.standard_normal((5, 5)), requires_grad=True)
    count = torch.tensor(pairs)
    each = count.sum(dim=1)
    log = torch.nn.functional.logsigmoid
    loss = -(count * log(x) + k * torch.outer(each, each) / count.sum() * log(-x)).sum()
    loss.backward()
    assert np.allclose(sgns_gradient(x.detach().numpy(), pairs, k), x.grad.numpy())
    share = pairs.sum(axis=1)
    pmi = np.log(pairs * pairs.sum() / np.outer(share, share))
    assert np.abs(sgns_gradient(pmi - np.log(k), pairs, k)).max() < 1e-9


def test_word2vec_run(woven):
    assert woven(SOLUTIONS).regions["word2vec"].output.count("True") == 4


def test_gauge(woven):
    output = woven(SOLUTIONS).regions["gauge"].output
    assert "same product: True" in output and "24 of 24" in output
    assert woven(SOLUTIONS).values["mates_left"] < 6


def test_power(woven):
    lines = woven(SOLUTIONS).regions["power"].output.splitlines()
    assert lines[2].endswith("at most 0.0") and not lines[1].endswith("0.0")


@given(seeds)
@settings(max_examples=5)
def test_mean_of_the_other_pairs(rng):
    vectors = rng.standard_normal((30, 6))
    vectors[1:24:2] += 3  # a step that all pairs share and that leaves c behind
    asked = analogies()
    found = solve_by_mean(vectors, asked)
    rows = unit(vectors)
    for i in rng.integers(len(asked), size=5):
        c = asked[i, 2]
        mate, root = c + 1 - 2 * (c % 2), c // 2
        others = [r for r in range(12) if r != root]
        sign = 1 - 2 * (c % 2)
        mean = sign * np.mean([rows[2 * r + 1] - rows[2 * r] for r in others], axis=0)
        assert mate == asked[i, 3]
        assert found[i] == (rows @ (rows[c] + mean)).argmax()
    assert (found != asked[:, 2]).mean() > 0.2


def test_mean_run(woven):
    values = woven(SOLUTIONS).values
    assert values["many"]["1"] == 1 and values["many"]["0"] < 0.05 < values["one"]["0"]
    assert values["many"]["0.3"] > values["one"]["0.3"]


def test_tables_run(woven):
    steps = woven(SOLUTIONS).values["tabled"]
    assert steps["counts"] < 0.5 and steps["PPMI"] > 0.95 and steps["log(1 + counts)"] > 0.95
