"""Solutions: infinite text, word2vec's table, free coordinates, other tables."""

from __future__ import annotations

import numpy as np

from snippets.language.word_geometry import (
    analogies,
    corpus,
    embed,
    parallel,
    ppmi,
    score,
    together,
    unit,
)


def infinite_table(chance: np.ndarray) -> np.ndarray:
    """Return the PPMI of nouns and contexts in an infinite corpus.

    chance[w, c] is the probability of context c beside noun w; the nouns are
    equally frequent, and each context has a positive chance somewhere.
    """
    return np.log(np.maximum(chance / chance.mean(axis=0), 1))


def sgns_gradient(x: np.ndarray, pairs: np.ndarray, k: float) -> np.ndarray:
    """Return the gradient of word2vec's loss in x[w, c], the product of w and c.

    The loss sums pairs log(1 + exp(-x)) over observed pairs and k expected
    log(1 + exp(x)) over pairs drawn by chance. Levy and Goldberg (2014), eq. 4.
    """
    each = pairs.sum(axis=1)
    expected = np.outer(each, each) / each.sum()
    pull = 1 / (1 + np.exp(x))
    return -pairs * pull + k * expected * (1 - pull)


def solve_by_mean(vectors: np.ndarray, questions: np.ndarray) -> np.ndarray:
    """Answer with c plus the mean step of the other pairs; exclude nothing.

    The mean runs over the questions that share c. A. Drozd et al. (2016).
    """
    rows = unit(vectors)
    a, b, c, _ = questions.T
    steps = rows[b] - rows[a]
    mean = np.array([steps[c == word].mean(axis=0) for word in c])
    return ((rows[c] + mean) @ rows.T).argmax(axis=1)


if __name__ == "__main__":
    # --8<-- [start:infinite]
    rng = np.random.default_rng(0)
    topic = np.repeat(rng.dirichlet(np.ones(30), size=12), 2, axis=0)
    marker = np.tile(np.kron(np.eye(2), np.full(8, 1 / 8)), (12, 1))
    chance = np.hstack([topic, marker])  # 24 nouns, 30 + 16 contexts
    mates = np.arange(24).reshape(12, 2)
    print(f"factors:   {parallel(infinite_table(chance), mates):.6f}")
    crowned = np.zeros((24, 12))
    crowned[::2] = np.eye(12) / 2  # each masculine noun has a word of its own
    crossed = infinite_table(np.hstack([chance, crowned]))
    print(f"crossed:   {parallel(crossed, mates):.2f}")
    # --8<-- [end:infinite]
    crossed_steps = parallel(crossed, mates)

    # --8<-- [start:word2vec]
    C = together(corpus(np.random.default_rng(1), marked=1))
    each = C.sum(axis=1)
    seen = C > 0
    pmi = np.log(C[seen] / (np.outer(each, each) / each.sum())[seen])
    for k in (1, 5):
        x = np.zeros_like(C)
        x[seen] = pmi - np.log(k)
        gradient = sgns_gradient(x, C, k)
        zero = np.abs(gradient[seen]).max() < 1e-9
        print(f"k = {k}   zero at PMI - log k: {zero}"
              f"   pairs never seen pull down: {(gradient[~seen] > 0).all()}")
    # --8<-- [end:word2vec]

    # --8<-- [start:gauge]
    M = ppmi(C)
    U, S, Vt = np.linalg.svd(M)
    E, K = U[:, :20] * np.sqrt(S[:20]), Vt[:20].T * np.sqrt(S[:20])
    A = np.eye(20)
    A[9, 9] = 4  # one of the two dimensions of gender
    E2, K2 = E @ A, K @ np.linalg.inv(A)
    print("same product:", np.allclose(E @ K.T, E2 @ K2.T))
    mate_of = mates[:, ::-1].ravel()
    for name, vectors in (("E", E), ("E A", E2)):
        cosine = unit(vectors) @ unit(vectors).T - 2 * np.eye(len(E))
        hits = (cosine[:24].argmax(axis=1) == mate_of).sum()
        print(f"{name:4} nearest word is the mate: {hits} of 24")
    # --8<-- [end:gauge]
    mates_left = int(hits)

    # --8<-- [start:power]
    low = U[:, :20] * S[:20] @ Vt[:20]
    truth = unit(low) @ unit(low).T
    off = {}
    for power in (0, 0.5, 1):
        rows = unit(U[:, :20] * S[:20] ** power)
        off[power] = np.abs(rows @ rows.T - truth).max()
        print(f"power {power:3}   cosines off by at most {off[power]:.1f}")
    # --8<-- [end:power]

    # --8<-- [start:mean]
    asked = analogies()
    print("marked   one pair   mean of the others")
    one, many = {}, {}
    for marked in (1, 0.3, 0):
        text = corpus(np.random.default_rng(1), marked)
        vectors = embed(ppmi(together(text)), 20)
        one[marked] = score(vectors, asked, exclude=False)
        many[marked] = (solve_by_mean(vectors, asked) == asked[:, 3]).mean()
        print(f"{marked:6} {one[marked]:10.2f} {many[marked]:14.2f}")
    # --8<-- [end:mean]

    # --8<-- [start:tables]
    tabled = {}
    for name, table in (("counts", C), ("log(1 + counts)", np.log1p(C)), ("PPMI", M)):
        vectors = embed(table, 10)
        tabled[name] = parallel(vectors, mates)
        print(f"{name:16} c + b - a: {score(vectors, asked):.2f}"
              f"   c alone: {score(vectors, asked, step=0):.2f}"
              f"   parallel: {tabled[name]:.2f}")
    # --8<-- [end:tables]
