"""Solutions to the exercises of the chapter on rounding and parentheses."""

import math

import torch
from torch import Tensor

from snippets.mechanics.rounding import (
    association_gap,
    best_bracketing,
    chain_error,
    chain_product,
    random_orthogonal,
    with_condition,
)


def largest_exact_entry(n: int) -> int:
    """Largest m for which n x n integers in [-m, m] multiply exactly.

    Every partial sum of a triple product stays within n * n * m**3, and
    float32 holds all integers up to 2**24.
    """
    m = 0
    while n * n * (m + 1) ** 3 <= 2**24:
        m += 1
    return m


def tilt(n: int, angle: float) -> Tensor:
    """An orthogonal n x n matrix, n even, turning all vectors by angle."""
    basis = random_orthogonal(n)
    left, right = basis[:, : n // 2], basis[:, n // 2 :]
    quarter_turn = right @ left.T - left @ right.T
    whole = torch.eye(n, dtype=torch.float64)
    return math.cos(angle) * whole + math.sin(angle) * quarter_turn


def compensated_sum(values: Tensor) -> Tensor:
    """Sum in the values' own type; each rounding error is handed on.

    Kahan, Further Remarks on Reducing Truncation Errors (1965).
    """
    total = lost = torch.zeros((), dtype=values.dtype)
    for value in values:
        wanted = value - lost
        reached = total + wanted
        lost = (reached - total) - wanted
        total = reached
    return total


def scaled_chain_product(factors: list[Tensor]) -> tuple[Tensor, int]:
    """A chain's product as a matrix and an exponent of two.

    After each factor the largest entry is brought back to between 1/2
    and 1. Powers of two change no digit, so scaling adds no error.
    """
    product, exponent = factors[0], 0
    for factor in factors[1:]:
        product = product @ factor
        power = int(torch.frexp(product.abs().max()).exponent)
        product = torch.ldexp(product, torch.tensor(-power))
        exponent += power
    return product, exponent


if __name__ == "__main__":
    # --8<-- [start:share]
    torch.manual_seed(0)
    x, y, z = torch.rand(3, 100_000)  # float32, between 0 and 1
    sums_differ = ((x + y) + z != x + (y + z)).double().mean()
    products_differ = ((x * y) * z != x * (y * z)).double().mean()
    print(f"sums that differ: {sums_differ:.0%}")
    print(f"products that differ: {products_differ:.0%}")
    # --8<-- [end:share]

    # --8<-- [start:integers]
    sizes = (2, 32, 256, 1024, 4096, 8192)
    limits = {n: largest_exact_entry(n) for n in sizes}
    print("largest entry by size:", limits)

    torch.manual_seed(0)
    m = limits[32]
    triples = torch.randint(-m, m + 1, (100, 3, 32, 32)).float()
    equal = [torch.equal((a @ b) @ c, a @ (b @ c)) for a, b, c in triples]
    print(f"size 32, entries up to {m}: {sum(equal)} of 100 triples equal")
    # --8<-- [end:integers]
    all_equal = all(equal)

    # --8<-- [start:turning]
    torch.manual_seed(0)
    n, angles = 64, [10 ** (-k / 2) for k in range(9)]
    m, inverse = with_condition(n, 1e6)
    outer = m.float()
    aligned_gap = association_gap(outer, inverse.float(), outer)
    tilted_gaps = []
    for angle in angles:
        r = tilt(n, angle)
        middle = (r @ inverse @ r.T).float()
        tilted_gaps.append(association_gap(outer, middle, outer))
    for i in (0, 2, 4, 6, 8):
        print(f"turned by {angles[i]:.0e} rad: gap {tilted_gaps[i]:.0e}")
    # --8<-- [end:turning]

    # --8<-- [start:turning_picture]
    import matplotlib.pyplot as plt

    from snippets.palette import INK, SOFT

    figure, axes = plt.subplots(figsize=(5.8, 2.8))
    axes.axhline(aligned_gap, color=SOFT, linestyle="--", linewidth=1.2)
    axes.loglog(angles, tilted_gaps, "o-", color=INK)
    axes.text(1, aligned_gap * 0.7, "aligned", ha="right", va="top", color=SOFT)
    axes.set_title("gap", loc="left", size="medium")
    axes.set(xlabel="angle", yticks=[1e-7, 1e-5, 1e-3])
    axes.set_xticks([1e-4, 1e-3, 1e-2, 1e-1, 1])
    plt.show()
    # --8<-- [end:turning_picture]

    # --8<-- [start:compensated]
    for dtype in (torch.bfloat16, torch.float16):
        ones = torch.ones(4096, dtype=dtype)
        print(f"{dtype}: {compensated_sum(ones):.0f}")

    tenths = torch.full((4096,), 0.1, dtype=torch.float16)
    exact_tenths = tenths.double().sum().item()
    kahan_tenths = compensated_sum(tenths).item()
    print(f"4096 times 0.1: {kahan_tenths:.2f}, exact {exact_tenths:.2f}")
    # --8<-- [end:compensated]

    # --8<-- [start:scaled]
    torch.manual_seed(0)
    chain = [with_condition(32, 1000)[0].float() for _ in range(128)]
    matrix, exponent = scaled_chain_product(chain)
    exact = chain_product([factor.double() for factor in chain])
    kept = matrix.double() * 2.0**exponent
    plain_error = chain_error(chain)
    scaled_error = ((kept - exact).norm() / exact.norm()).item()
    print(f"exponent {exponent}")
    print(f"relative error {scaled_error:.0e} instead of {plain_error:.0f}")
    # --8<-- [end:scaled]

    # --8<-- [start:consumers]
    tokens, width, rank = 4096, 64, 16
    cases = {
        "Q K' V ": [tokens, width, tokens, width],
        "B A x  ": [4096, rank, 4096, 1],
        "g W2 W1": [1, 4096, 4096, 4096],
    }
    savings = []
    for name, (rows, inner, outer, columns) in cases.items():
        fewest, bracketing = best_bracketing([rows, inner, outer, columns])
        left_first = rows * inner * outer + rows * outer * columns
        right_first = inner * outer * columns + rows * inner * columns
        savings.append(max(left_first, right_first) / fewest)
        print(f"{name} {bracketing} {fewest:,}, {savings[-1]:.0f} times fewer")
    # --8<-- [end:consumers]
