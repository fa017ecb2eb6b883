"""Words as vectors: count company, compare with chance, factorise, then doubt the score."""

from __future__ import annotations

import numpy as np

# One root per line: masculine and feminine, singular and plural.
FAMILIES = """king queen kings queens
man woman men women
boy girl boys girls
father mother fathers mothers
son daughter sons daughters
brother sister brothers sisters
uncle aunt uncles aunts
nephew niece nephews nieces
husband wife husbands wives
actor actress actors actresses
waiter waitress waiters waitresses
duke duchess dukes duchesses"""
MARKERS = """he him his himself mr sir lad gentleman
she her hers herself ms madam lass lady
this that is was has does each one
these those are were have do both many"""
FILLERS = "the of and to in at by on for with from as".split()
ROOTS, TOPICS = 12, 36  # each root has six topic words, each serves two roots


def vocabulary(forms: int) -> list[str]:
    """List all words: nouns root by root, topic words, markers, fillers.

    forms is 2 (gender) or 4 (gender and number); each bit of the form has
    two lines of markers, one for 0 and one for 1.
    """
    nouns = [w for line in FAMILIES.splitlines() for w in line.split()[:forms]]
    markers = [w for line in MARKERS.splitlines()[:forms] for w in line.split()]
    return nouns + [f"t{i:02}" for i in range(TOPICS)] + markers + FILLERS


def corpus(
    rng: np.random.Generator, marked: float, forms: int = 2, size: int = 20_000
) -> np.ndarray:
    """Draw sentences; return the (size, words) matrix of word counts.

    A sentence: a noun, three topic words of its root, three fillers, and for
    each bit of the noun's form one marker. With probability `marked` the
    marker tells the bit, otherwise it is drawn from both lines alike.
    """
    words = vocabulary(forms)
    deck = np.concatenate([rng.permutation(TOPICS), rng.permutation(TOPICS)])
    topics_of = deck.reshape(ROOTS, 6)
    root, form = rng.integers(ROOTS, size=size), rng.integers(forms, size=size)
    first_topic, first_filler = ROOTS * forms, len(words) - len(FILLERS)
    columns = [root * forms + form]
    for _ in range(3):
        pick = rng.integers(6, size=size)
        columns.append(first_topic + topics_of[root, pick])
        columns.append(first_filler + rng.integers(len(FILLERS), size=size))
    for bit in range(forms // 2):
        told = rng.random(size) < marked
        line = np.where(told, form >> bit & 1, rng.integers(2, size=size))
        first = first_topic + TOPICS + 16 * bit
        columns.append(first + 8 * line + rng.integers(8, size=size))
    counts = np.zeros((size, len(words)))
    for column in columns:
        counts[np.arange(size), column] += 1
    return counts


def together(counts: np.ndarray) -> np.ndarray:
    """Count how often two words share a sentence: X^T X with diagonal 0."""
    pairs = counts.T @ counts
    np.fill_diagonal(pairs, 0)
    return pairs


def ppmi(pairs: np.ndarray) -> np.ndarray:
    """Return log of observed over expected counts, negative values set to 0.

    pairs is symmetric (words, words); pairs that were never seen get 0. The
    logarithm: Church and Hanks, Computational Linguistics 16 (1990).
    """
    each = pairs.sum(axis=1)
    expected = np.outer(each, each) / each.sum()
    seen = pairs > 0
    ratio = np.divide(pairs, expected, out=np.ones_like(pairs), where=seen)
    return np.log(np.maximum(ratio, 1))


def embed(table: np.ndarray, d: int) -> np.ndarray:
    """Return the (words, d) matrix U sqrt(S), the d largest values only."""
    u, s, _ = np.linalg.svd(table)
    return u[:, :d] * np.sqrt(s[:d])


def unit(rows: np.ndarray) -> np.ndarray:
    """Scale rows to length 1; rows of length 0 stay."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(length > 0, length, 1)


def analogies(forms: int = 2) -> np.ndarray:
    """Return all questions (a, b, c, answer): b is a with one bit flipped.

    c has a's form and another root; its answer has b's form.
    """
    return np.array([
        (i * forms + f, i * forms + (f ^ bit), j * forms + f, j * forms + (f ^ bit))
        for i in range(ROOTS) for j in range(ROOTS) if i != j
        for f in range(forms) for bit in (1, 2)[: forms // 2]
    ])


def solve(
    vectors: np.ndarray,
    questions: np.ndarray,
    step: float = 1,
    exclude: bool = True,
) -> np.ndarray:
    """Answer each question with the word closest to c + step (b - a).

    Closest by cosine, among all words; exclude removes a, b and c. step = 0
    ignores a and b, step = -1 walks the wrong way: controls of T. Linzen,
    RepEval 2016.
    """
    rows = unit(vectors)
    a, b, c, _ = questions.T
    scores = (rows[c] + step * (rows[b] - rows[a])) @ rows.T
    if exclude:
        np.put_along_axis(scores, questions[:, :3], -np.inf, axis=1)
    return scores.argmax(axis=1)


def score(vectors: np.ndarray, questions: np.ndarray, **how) -> float:
    """Return the share of questions that `solve` answers rightly."""
    return float((solve(vectors, questions, **how) == questions[:, 3]).mean())


def parallel(vectors: np.ndarray, mates: np.ndarray) -> float:
    """Return the mean cosine between the differences of different pairs.

    mates is (pairs, 2), two rows of vectors for each pair.
    """
    steps = unit(vectors[mates[:, 1]] - vectors[mates[:, 0]])
    n = len(steps)
    return float(((steps @ steps.T).sum() - n) / (n * (n - 1)))


if __name__ == "__main__":
    # --8<-- [start:sentence]
    words = vocabulary(forms=2)
    X = corpus(np.random.default_rng(1), marked=1)  # sentences x words
    for sentence in X[:3]:
        print(*[words[i] for i in sentence.nonzero()[0]])
    C = together(X)
    king, queen, uncle = (words.index(w) for w in ("king", "queen", "uncle"))
    print("X", X.shape, "  C", C.shape)
    print("king and queen:", int(C[king, queen]),
          "  king and the:", int(C[king, words.index("the")]))
    # --8<-- [end:sentence]
    met = int(C[king, queen])
    met_filler = int(C[king, words.index("the")])
    sentences, size_of_vocabulary = X.shape

    # --8<-- [start:company]
    M = ppmi(C)
    mate, others = {}, {}
    for name, table in (("counts", C), ("PPMI", M)):
        rows = unit(table)
        cosine = rows @ rows[king]
        near = np.argsort(-cosine)[1:4]
        mate[name] = cosine[queen]
        others[name] = cosine[2:24].mean()  # nouns of the other roots
        print(f"{name:7}", *[f"{words[i]} {cosine[i]:.2f} " for i in near],
              f" other nouns {others[name]:.2f}")
    # --8<-- [end:company]

    # --8<-- [start:factor]
    U, S, Vt = np.linalg.svd(M)
    left = {}
    for d in (5, 10, 20, 40):
        low = U[:, :d] * S[:d] @ Vt[:d]
        left[d] = np.linalg.norm(M - low) / np.linalg.norm(M)
        print(f"d = {d:2}   left over {left[d]:.2f}")
    E = embed(M, 20)
    through = M @ Vt[:20].T / np.sqrt(S[:20])
    print("E", E.shape, "  M times one matrix:", np.allclose(E, through))
    # --8<-- [end:factor]

    # --8<-- [start:offsets]
    mates = np.arange(24).reshape(12, 2)
    mixed = np.column_stack([mates[:, 0], np.roll(mates[:, 1], 1)])
    table_steps, steps, mixed_steps = {}, {}, {}
    print("sentences   table   d = 20   mixed pairs")
    for size in (200, 2_000, 20_000):
        text = corpus(np.random.default_rng(1), marked=1, size=size)
        table = ppmi(together(text))
        vectors = embed(table, 20)
        table_steps[size] = parallel(table, mates)
        steps[size] = parallel(vectors, mates)
        mixed_steps[size] = parallel(vectors, mixed)
        print(f"{size:9,} {table_steps[size]:7.2f} {steps[size]:8.2f}"
              f" {mixed_steps[size]:13.2f}")
    # --8<-- [end:offsets]

    # --8<-- [start:test]
    asked = analogies()
    example = [king, queen, uncle, uncle + 1]
    answer = solve(E, np.array([example]))[0]
    print(*[words[i] for i in example[:3]], "->", words[answer])
    print("questions:", len(asked))
    right, control = {}, {}
    for d in (5, 10, 20, 40):
        right[d] = score(embed(M, d), asked)
        control[d] = score(embed(M, d), asked, step=0)
        print(f"d = {d:2}   c + b - a: {right[d]:.2f}"
              f"   c alone: {control[d]:.2f}")
    # --8<-- [end:test]
    number_asked = len(asked)
    mean_step = (E[1:24:2] - E[:24:2]).mean(axis=0)
    gender_share = float((mean_step[8:10] ** 2).sum() / (mean_step**2).sum())

    # --8<-- [start:why]
    to_mate, to_other = {}, {}
    for d in (8, 10, 20):
        rows = unit(embed(M, d)[:24])
        cosine = rows @ rows.T
        to_mate[d] = cosine[mates[:, 0], mates[:, 1]].mean()
        cosine[np.kron(np.eye(12), np.ones((2, 2))) > 0] = -1  # same root
        to_other[d] = cosine.max(axis=1).mean()
        print(f"d = {d:2}   cosine with mate: {to_mate[d]:.2f}"
              f"   with nearest other noun: {to_other[d]:.2f}")
    # --8<-- [end:why]

    # --8<-- [start:again]
    least, most = {}, {}
    for case, marked, d in (("10", 1, 10), ("20", 1, 20), ("half", 0.5, 10)):
        scores = []
        for seed in range(6):
            text = corpus(np.random.default_rng(seed), marked)
            vectors = embed(ppmi(together(text)), d)
            scores.append([score(vectors, asked, step=step) for step in (1, 0)])
        right_all, control_all = np.transpose(scores)
        least[case], most[case] = control_all.min(), control_all.max()
        print(f"marked {marked:3}   d = {d}   c + b - a: at least"
              f" {right_all.min():.2f}   c alone: {least[case]:.2f}"
              f" to {most[case]:.2f}")
    # --8<-- [end:again]

    # --8<-- [start:nothing]
    blank = ppmi(together(corpus(np.random.default_rng(1), marked=0)))
    blank_right, blank_wrong_way, blank_steps = {}, {}, {}
    for d in (5, 10, 20, 40):
        vectors = embed(blank, d)
        blank_right[d] = score(vectors, asked)
        blank_wrong_way[d] = score(vectors, asked, step=-1)
        blank_steps[d] = parallel(vectors, mates)
        print(f"d = {d:2}   c + b - a: {blank_right[d]:.2f}   c - b + a:"
              f" {blank_wrong_way[d]:.2f}   parallel: {blank_steps[d]:5.2f}")
    # --8<-- [end:nothing]

    # --8<-- [start:plane]
    import matplotlib.pyplot as plt

    from snippets.palette import INK, LINE, SOFT

    figure, row = plt.subplots(1, 2, figsize=(7.2, 3.0), sharey=True)
    for axes, name, table in zip(row, ("marked", "unmarked"), (M, blank), strict=True):
        nouns = embed(table, 20)[:24]
        across = unit((nouns[1::2] - nouns[::2]).mean(axis=0)[None])[0]
        middle = (nouns[::2] + nouns[1::2]) / 2
        middle = middle - middle.mean(axis=0)
        middle -= np.outer(middle @ across, across)
        up = np.linalg.svd(middle)[2][0]
        flat = (nouns - nouns.mean(axis=0)) @ np.column_stack([across, up])
        for he, she in mates:
            axes.annotate("", flat[she], flat[he], arrowprops={
                "arrowstyle": "->", "color": SOFT, "shrinkA": 0, "shrinkB": 0,
                "mutation_scale": 7})
        axes.plot(*flat[::2].T, "o", color=INK, markersize=2.5)
        axes.text(0, 1.35, name, ha="center", color=INK)
        axes.set(xlim=(-1.2, 1.2), ylim=(-1.3, 1.6), xticks=[], yticks=[], aspect="equal")
    plt.show()
    # --8<-- [end:plane]

    # --8<-- [start:exclusion]
    excluded, kept = {}, {}
    for marked in (1, 0.3, 0):
        text = corpus(np.random.default_rng(1), marked)
        vectors = embed(ppmi(together(text)), 20)
        excluded[marked] = score(vectors, asked)
        found = solve(vectors, asked, exclude=False)
        itself = (found == asked[:, 2]).mean()
        kept[marked] = (found == asked[:, 3]).mean()
        print(f"marked {marked:3}   excluded {excluded[marked]:.2f}"
              f"   kept {kept[marked]:.2f}   answers c {itself:.2f}")
    # --8<-- [end:exclusion]
    answers_c = float(itself)

    # --8<-- [start:sweep]
    widths = range(2, 61)
    figure, row = plt.subplots(1, 2, figsize=(7.2, 2.9), sharey=True)
    for axes, name, table in zip(row, ("marked", "unmarked"), (M, blank), strict=True):
        spaces = [embed(table, d) for d in widths]
        for style, colour, how in (
            ("-", INK, {}), ("--", SOFT, {"step": 0}), (":", INK, {"exclude": False})
        ):
            axes.plot(widths, [score(v, asked, **how) for v in spaces], style, color=colour)
        axes.axhline(0, color=LINE, linewidth=0.8)
        axes.text(60, 0.55, name, ha="right", color=INK)
        axes.set(xlabel="d", xticks=[2, 10, 20, 40, 60], yticks=[0, 0.5, 1])
    plt.show()
    # --8<-- [end:sweep]

    # --8<-- [start:fair]
    both = analogies(forms=4)  # each c is asked for its gender and its number
    print("questions:", len(both))
    fair, fair_control = {}, {}
    for marked in (1, 0.3, 0):
        text = corpus(np.random.default_rng(1), marked, forms=4)
        vectors = embed(ppmi(together(text)), 20)
        fair[marked] = score(vectors, both)
        fair_control[marked] = score(vectors, both, step=0)
        print(f"marked {marked:3}   c + b - a: {fair[marked]:.2f}"
              f"   c alone: {fair_control[marked]:.2f}")
    # --8<-- [end:fair]
