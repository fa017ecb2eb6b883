"""Words as vectors: each step against an independent count, and each claim of the chapter."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.language.word_geometry import (
    FILLERS,
    analogies,
    corpus,
    embed,
    parallel,
    ppmi,
    score,
    solve,
    together,
    unit,
    vocabulary,
)

PAGE = "language/word_geometry"
MATES = np.arange(24).reshape(12, 2)
seeds = st.integers(0, 10_000).map(np.random.default_rng)


@pytest.fixture(scope="module")
def values(woven):
    return woven(PAGE).values


@pytest.fixture(scope="module")
def tables():
    """PPMI tables of six corpora for each strength of the markers."""
    return {
        marked: [ppmi(together(corpus(np.random.default_rng(s), marked))) for s in range(6)]
        for marked in (1, 0)
    }


# Definitions


def test_vocabulary():
    two, four = vocabulary(2), vocabulary(4)
    assert len(two) == len(set(two)) == 24 + 36 + 16 + 12
    assert len(four) == len(set(four)) == 48 + 36 + 32 + 12
    assert two[:4] == ["king", "queen", "man", "woman"]
    assert four[:4] == ["king", "queen", "kings", "queens"]
    assert two[-12:] == FILLERS and two[24] == "t00" and two[60] == "he" and two[68] == "she"
    assert four[100] == "this" and four[108:110] == ["these", "those"]


@pytest.mark.parametrize("forms", [2, 4])
def test_every_sentence_obeys_the_grammar(forms):
    x = corpus(np.random.default_rng(3), 1, forms, 4_000)
    nouns, topics = 12 * forms, 12 * forms + 36
    markers = x[:, topics:-12]
    assert (x[:, :nouns].sum(axis=1) == 1).all()
    assert (x[:, nouns:topics].sum(axis=1) == 3).all()
    assert (x[:, -12:].sum(axis=1) == 3).all()
    assert (markers.sum(axis=1) == forms // 2).all()
    form = x[:, :nouns].argmax(axis=1) % forms
    lines = markers.reshape(len(x), forms // 2, 2, 8).sum(axis=3)
    for bit in range(forms // 2):  # every marker tells the truth
        assert (lines[:, bit].argmax(axis=1) == (form >> bit & 1)).all()
    assert (x.sum(axis=0) > 0).all()


@given(seeds)
@settings(max_examples=5)
def test_each_root_has_six_topics_and_each_topic_two_roots(rng):
    x = corpus(rng, 0, size=6_000)
    roots = x[:, 0:24:2] + x[:, 1:24:2]
    used = (roots.T @ x[:, 24:60]) > 0
    assert (used.sum(axis=1) == 6).all() and (used.sum(axis=0) == 2).all()


@pytest.mark.parametrize("marked", [0, 0.3, 1])
def test_markers_tell_the_gender_as_often_as_they_should(marked):
    x = corpus(np.random.default_rng(0), marked)
    gender = x[:, 1:24:2].sum(axis=1)
    line = x[:, 68:76].sum(axis=1)
    assert (gender == line).mean() == pytest.approx((1 + marked) / 2, abs=0.02)
    for word in range(60, 76):  # each marker is used alike
        assert x[:, word].mean() == pytest.approx(1 / 16, abs=0.01)
    assert gender.mean() == pytest.approx(0.5, abs=0.02)


@given(seeds)
@settings(max_examples=10)
def test_together_counts_pairs_one_by_one(rng):
    x = rng.integers(0, 3, size=(6, 5)).astype(float)
    expected = np.zeros((5, 5))
    for sentence in x:
        words = [w for w, n in enumerate(sentence) for _ in range(int(n))]
        for i, v in enumerate(words):
            for j, w in enumerate(words):
                if i != j and v != w:
                    expected[v, w] += 1
    assert np.array_equal(together(x), expected)


@given(seeds)
@settings(max_examples=20)
def test_ppmi_entry_by_entry(rng):
    pairs = rng.integers(0, 4, size=(6, 6)).astype(float)
    pairs = pairs + pairs.T
    pairs[2], pairs[:, 2] = 0, 0  # a word that nobody met
    table = ppmi(pairs)
    total = pairs.sum()
    for v in range(6):
        for w in range(6):
            chance = pairs[v].sum() * pairs[w].sum() / total**2
            seen = pairs[v, w] / total
            expected = max(np.log(seen / chance), 0) if seen > 0 else 0
            assert table[v, w] == pytest.approx(expected)
    assert (ppmi(np.outer(np.arange(1.0, 5), np.arange(1.0, 5))) < 1e-12).all()
    couples = np.kron(np.eye(2), [[0, 1], [1, 0]])  # two couples, each seen once
    assert np.allclose(ppmi(couples), couples * np.log(4))


@given(seeds)
@settings(max_examples=20)
def test_embedding_is_the_best_factor(rng):
    m = rng.standard_normal((7, 7))
    m = m @ m.T  # symmetric, no negative eigenvalues: E E^T is the best rank-d table
    e = embed(m, 3)
    assert e.shape == (7, 3)
    values, vectors = np.linalg.eigh(m)
    best = vectors[:, -3:] * values[-3:] @ vectors[:, -3:].T
    assert np.allclose(e @ e.T, best)
    assert np.allclose(embed(m, 7) @ embed(m, 7).T, m)


@given(seeds)
@settings(max_examples=20)
def test_unit(rng):
    rows = rng.standard_normal((5, 3))
    rows[2] = 0
    scaled = unit(rows)
    assert np.allclose(np.linalg.norm(scaled, axis=1), [1, 1, 0, 1, 1])
    assert np.allclose(scaled * np.linalg.norm(rows, axis=1)[:, None], rows)


def test_questions():
    two, four = analogies(), analogies(forms=4)
    assert len(two) == 12 * 11 * 2 and len(four) == 12 * 11 * 4 * 2
    words = vocabulary(4)
    asked = {tuple(words[i] for i in q) for q in four}
    assert len(asked) == len(four)
    assert ("king", "queen", "uncle", "aunt") in asked
    assert ("queens", "queen", "aunts", "aunt") in asked
    assert ("king", "queens", "uncle", "aunts") not in asked
    for q in four:  # each c has two different answers, asked equally often
        assert q[0] // 4 != q[2] // 4 and q[0] % 4 == q[2] % 4
    for c in range(48):
        answers, times = np.unique(four[four[:, 2] == c, 3], return_counts=True)
        assert len(answers) == 2 and (times == 11).all()


@given(seeds, st.sampled_from([-1, 0, 1]), st.booleans())
@settings(max_examples=20)
def test_solve_by_brute_force(rng, step, exclude):
    vectors = rng.standard_normal((9, 4))
    questions = np.array([[0, 1, 2, 3], [4, 5, 6, 7], [8, 3, 1, 0]])
    found = solve(vectors, questions, step=step, exclude=exclude)
    rows = [v / np.linalg.norm(v) for v in vectors]
    for (a, b, c, _), answer in zip(questions, found, strict=True):
        target = rows[c] + step * (rows[b] - rows[a])
        free = [w for w in range(9) if not (exclude and w in (a, b, c))]
        assert answer == max(free, key=lambda w: target @ rows[w])


def test_score_counts_right_answers():
    vectors = np.array([[1.0, 0, 0], [1, 1, 0], [0, 0, 1], [0, 1, 1], [-1, 0, 0]])
    right, wrong = [0, 1, 2, 3], [0, 1, 2, 4]
    assert score(vectors, np.array([right])) == 1
    assert score(vectors, np.array([right, wrong, wrong, wrong])) == 0.25


@given(seeds)
@settings(max_examples=20)
def test_parallel_is_the_mean_cosine_of_different_steps(rng):
    vectors = rng.standard_normal((8, 3))
    mates = np.arange(8).reshape(4, 2)
    steps = vectors[mates[:, 1]] - vectors[mates[:, 0]]
    cosines = [
        s @ t / np.linalg.norm(s) / np.linalg.norm(t)
        for i, s in enumerate(steps) for j, t in enumerate(steps) if i != j
    ]
    assert parallel(vectors, mates) == pytest.approx(np.mean(cosines))


# Claims


def test_mates_never_meet_and_yet_are_nearest(values, woven):
    assert values["met"] == 0 and values["met_filler"] > 100
    first = woven(PAGE).regions["company"].output.splitlines()
    assert all(line.split()[1] == "queen" for line in first)
    assert values["mate"]["PPMI"] > 0.7 > 0.3 > values["others"]["PPMI"]
    assert values["others"]["counts"] > 2 * values["others"]["PPMI"]


def test_a_row_of_the_embedding_is_a_row_of_the_table_times_one_matrix(tables):
    for table in tables[1]:
        _, s, vt = np.linalg.svd(table)
        for d in (10, 20):
            assert np.allclose(embed(table, d), table @ vt[:d].T / np.sqrt(s[:d]))


def test_left_over(values, tables):
    s = np.linalg.svd(tables[1][1], compute_uv=False)
    for d in (5, 10, 20, 40):
        left = np.sqrt((s[d:] ** 2).sum() / (s**2).sum())
        assert values["left"][str(d)] == pytest.approx(left)


def test_steps_become_parallel_with_more_text(values):
    steps, table, mixed = (values[n] for n in ("steps", "table_steps", "mixed_steps"))
    assert table["200"] < 0.5 < 0.7 < table["2000"] < 0.9 < table["20000"]
    assert steps["200"] < 0.9 and steps["2000"] > 0.97 and steps["20000"] > 0.99
    assert max(mixed.values()) < 0.2


def test_a_control_that_passes_too(values, tables):
    """Claim: at d = 20 the nearest word to c alone scores as much as the analogy."""
    assert values["right"] == {"5": 1, "10": 1, "20": 1, "40": 1}
    assert values["control"] == {"5": 1, "10": 0, "20": 1, "40": 1}
    asked = analogies()
    ten = [score(embed(t, 10), asked, step=0) for t in tables[1]]
    twenty = [score(embed(t, 20), asked, step=0) for t in tables[1]]
    assert max(ten) < 0.8 and min(twenty) > 0.8
    assert values["most"]["10"] == max(ten) and values["least"]["20"] == min(twenty)
    assert values["least"]["half"] > 0.9
    for d in (10, 20):
        assert min(score(embed(t, d), asked) for t in tables[1]) > 0.99


def test_gender_enters_with_dimensions_nine_and_ten(values, tables):
    assert values["gender_share"] > 0.9
    for d in (8, 10):
        nouns = embed(tables[1][1], d)[:24]
        step = np.linalg.norm(nouns[1::2] - nouns[::2], axis=1)
        short = step / np.linalg.norm(nouns[::2], axis=1)
        assert short.max() < 0.2 if d == 8 else short.min() > 0.6
    mate, other = values["to_mate"], values["to_other"]
    assert mate["8"] > 0.97 and mate["10"] < other["10"] and mate["20"] > other["20"] + 0.1


def test_a_language_without_gender_passes_the_test(values, tables):
    """Claim: full marks for an analogy that the language does not contain."""
    asked = analogies()
    for table in tables[0]:
        for d in (10, 20, 40):
            vectors = embed(table, d)
            assert score(vectors, asked) > 0.99
            assert score(vectors, asked, step=-1) > 0.99
            assert abs(parallel(vectors, MATES)) < 0.25
    assert set(values["blank_right"].values()) == {1}
    assert set(values["blank_wrong_way"].values()) == {1}


def test_without_exclusion_the_answer_is_the_question(values, tables):
    asked = analogies()
    for table in tables[0]:
        found = solve(embed(table, 20), asked, exclude=False)
        assert (found == asked[:, 2]).mean() > 0.7
        assert (found == asked[:, 3]).mean() < 0.2
    assert values["kept"]["1"] == 1 and values["kept"]["0"] < 0.2 < values["kept"]["0.3"] < 0.95
    assert values["answers_c"] > 0.8
    assert set(values["excluded"].values()) == {1}


def test_a_fair_test_tells_the_languages_apart(values):
    """Claim: two answers for each c; ignoring a and b cannot pass one half."""
    assert values["fair"]["1"] == 1 and values["fair"]["0"] < 0.5
    assert values["fair"]["0"] < values["fair"]["0.3"] < values["fair"]["1"]
    assert max(values["fair_control"].values()) <= 0.5
    asked = analogies(forms=4)
    for seed in (0, 2):
        empty, full = (
            embed(ppmi(together(corpus(np.random.default_rng(seed), m, forms=4))), 20)
            for m in (0, 1)
        )
        assert score(full, asked) > 0.95 and score(empty, asked) < 0.5


@given(seeds)
@settings(max_examples=10)
def test_no_answer_from_c_alone_passes_one_half(rng):
    asked = analogies(forms=4)
    for guess in (rng.integers(48, size=48), asked[np.argsort(asked[:, 2])[::22], 3]):
        assert (guess[asked[:, 2]] == asked[:, 3]).mean() <= 0.5
