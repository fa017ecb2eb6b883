"""Solutions to the exercises on the orthogonality penalty."""

import numpy as np

Array = np.ndarray


def higher_newton_schulz(w: Array) -> Array:
    """W (15 I - 10 G + 3 G^2) / 8 with G = W^T W. Björck & Bowie (1971), order three."""
    gram = w.T @ w
    return w @ (15 * np.eye(w.shape[1]) - 10 * gram + 3 * gram @ gram) / 8


def rounds_for(smallest: float) -> int:
    """Rounds of 1/8 until a singular value at most 1 is within 1e-12 of 1."""
    rounds = 0
    while 1 - smallest > 1e-12:
        smallest, rounds = smallest * (3 - smallest**2) / 2, rounds + 1
    return rounds


def cayley(a: Array) -> Array:
    """(I - A)(I + A)^-1: orthogonal if A is antisymmetric."""
    eye = np.eye(len(a))
    return np.linalg.solve((eye + a).T, (eye - a).T).T


if __name__ == "__main__":
    from snippets.language.orthogonality import (
        descend,
        newton_schulz,
        penalty,
        polar,
    )

    # --8<-- [start:traces]
    w = np.random.default_rng(0).integers(-3, 4, (3, 7))
    s = np.linalg.svd(w, compute_uv=False)
    by_values = ((s**2 - 1) ** 2).sum() + 7 - 3
    print("columns", penalty(w), "  rows", penalty(w.T))
    print("from singular values:", np.isclose(by_values, penalty(w)))
    # --8<-- [end:traces]
    trace_gap = penalty(w) - penalty(w.T)

    # --8<-- [start:rounds]
    counted = {}
    for n in (16, 64, 256):
        w = np.random.default_rng(n).standard_normal((n, n))
        w /= np.linalg.norm(w, 2)
        low = np.linalg.norm(w, -2)
        counted[n] = rounds_for(low)
        guess = np.log(1 / low) / np.log(1.5)
        reached = penalty(descend(w, 1 / 8, counted[n])[-1]) < 1e-15
        print(f"{n:3}: {counted[n]} rounds, {guess:.0f} to leave 0   {reached}")
    # --8<-- [end:rounds]

    # --8<-- [start:order]
    w = np.random.default_rng(1).standard_normal((8, 5)) / 8**0.5
    nearest, second, third = polar(w), w, w
    for k in range(1, 6):
        second, third = newton_schulz(second), higher_newton_schulz(third)
        gaps = [np.linalg.norm(m - nearest) for m in (second, third)]
        print(k, *(f"{max(gap, 1e-14):.0e}" for gap in gaps))
    # --8<-- [end:order]

    # --8<-- [start:frames]
    plain = np.eye(2, 3)
    turns = 2 * np.pi * np.arange(3) / 3
    star = np.sqrt(2 / 3) * np.array([np.cos(turns), np.sin(turns)])
    for w in (plain, star):
        lengths = np.linalg.norm(w, axis=0)
        print(f"penalty {penalty(w):.2f}   lengths {lengths.round(2)}")
    # --8<-- [end:frames]
    frame_penalties = [penalty(plain), penalty(star)]

    # --8<-- [start:twins]
    twins = np.array([[0.6, 0.6], [0.3, 0.3], [0.1, 0.1]])
    twins[0, 0] += 1e-6
    path = descend(twins, 1 / 8, 60)
    apart = int(np.argmax([penalty(w) < 0.5 for w in path]))
    print(f"penalty below 0.5 after {apart} steps")
    print(f"ln(1e6) / ln(1.5) = {np.log(1e6) / np.log(1.5):.0f}")
    # --8<-- [end:twins]

    # --8<-- [start:turns]
    rng = np.random.default_rng(2)
    g = rng.standard_normal((5, 5))
    q = cayley(g - g.T)
    print("orthogonal:", penalty(q) < 1e-20, f"  det {np.linalg.det(q):.0f}")
    turn = np.array([[0.0, 1.0], [-1.0, 0.0]])
    for size in (1, 10, 100):
        angle = np.degrees(np.arctan2(*cayley(size * turn)[::-1, 0]))
        print(f"A of size {size:3}: turn by {abs(angle):.0f} degrees")
    # --8<-- [end:turns]
    cayley_penalty = penalty(q)
