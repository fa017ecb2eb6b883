"""Solutions to the exercises of the chapter on rounding and parentheses."""

import math

import torch

from snippets.mechanics.rounding import (
    association_gap,
    best_bracketing,
    chain_error,
    chain_product,
    random_orthogonal,
    with_condition,
)


def largest_exact_entry(n: int) -> int:
    """Largest m for which integer n x n matrices with entries in [-m, m] multiply exactly.

    Every partial sum of a triple product stays within n * n * m**3, and float32 holds all
    integers up to 2**24.
    """
    m = 0
    while n * n * (m + 1) ** 3 <= 2**24:
        m += 1
    return m


def tilt(n: int, angle: float) -> torch.Tensor:
    """An orthogonal n x n matrix (n even) that turns every vector by the angle, in radians."""
    basis = random_orthogonal(n)
    quarter = torch.zeros(n, n, dtype=torch.float64)
    half = torch.eye(n // 2, dtype=torch.float64)
    quarter[: n // 2, n // 2 :], quarter[n // 2 :, : n // 2] = -half, half
    turned = basis @ quarter @ basis.T
    return math.cos(angle) * torch.eye(n, dtype=torch.float64) + math.sin(angle) * turned


def compensated_sum(values: torch.Tensor) -> torch.Tensor:
    """Sum in the values' own type that hands each rounding error on to the next addition.

    Kahan, Further remarks on reducing truncation errors, Communications of the ACM 8, 1965.
    """
    total = lost = torch.zeros((), dtype=values.dtype)
    for value in values:
        wanted = value - lost
        reached = total + wanted
        lost = (reached - total) - wanted
        total = reached
    return total


def scaled_chain_product(factors: list[torch.Tensor]) -> tuple[torch.Tensor, int]:
    """A chain's product as (matrix, exponent): product = matrix * 2**exponent.

    After each factor the largest entry is brought back to between 1/2 and 1. Dividing by a power
    of two changes no digit, so nothing is lost but what the products themselves round away.
    """
    product, exponent = factors[0], 0
    for factor in factors[1:]:
        product = product @ factor
        power = int(torch.frexp(product.abs().max()).exponent)
        product, exponent = torch.ldexp(product, torch.tensor(-power)), exponent + power
    return product, exponent


if __name__ == "__main__":
    # --8<-- [start:share]
    torch.manual_seed(0)
    x, y, z = torch.rand(3, 100_000)  # float32, between 0 and 1
    sums_differ = ((x + y) + z != x + (y + z)).double().mean()
    products_differ = ((x * y) * z != x * (y * z)).double().mean()
    print(f"sums that differ: {sums_differ:.0%}, products that differ: {products_differ:.0%}")
    # --8<-- [end:share]

    # --8<-- [start:integers]
    limits = {n: largest_exact_entry(n) for n in (2, 32, 256, 1024, 4096, 8192)}
    print("largest entry by size:", limits)

    torch.manual_seed(0)
    m = limits[32]
    triples = [torch.randint(-m, m + 1, (3, 32, 32)).float() for _ in range(100)]
    all_equal = all(torch.equal((a @ b) @ c, a @ (b @ c)) for a, b, c in triples)
    print(f"n = 32, entries up to {m}: 100 triples equal bit for bit: {all_equal}")
    # --8<-- [end:integers]

    # --8<-- [start:turning]
    import matplotlib.pyplot as plt

    from snippets.palette import INK, SOFT

    torch.manual_seed(0)
    n, angles = 64, [10 ** (-k / 2) for k in range(9)]
    m, inverse = with_condition(n, 1e6)
    tilted_gaps = []
    for angle in angles:
        r = tilt(n, angle)
        tilted_gaps.append(association_gap(m.float(), (r @ inverse @ r.T).float(), m.float()))
    aligned_gap = association_gap(m.float(), inverse.float(), m.float())
    for i in (0, 2, 4, 6, 8):
        print(f"turned by {angles[i]:.0e} rad: gap {tilted_gaps[i]:.0e}")

    figure, axes = plt.subplots(figsize=(5.8, 2.8))
    axes.axhline(aligned_gap, color=SOFT, linestyle="--", linewidth=1.2)
    axes.loglog(angles, tilted_gaps, "o-", color=INK)
    axes.text(1, aligned_gap * 0.7, "aligned", ha="right", va="top", color=SOFT)
    axes.set(xlabel="angle", ylabel="gap", yticks=[1e-7, 1e-5, 1e-3])
    axes.set_xticks([1e-4, 1e-3, 1e-2, 1e-1, 1])
    plt.show()
    # --8<-- [end:turning]

    # --8<-- [start:compensated]
    for dtype in (torch.bfloat16, torch.float16):
        print(f"{dtype}: {compensated_sum(torch.ones(4096, dtype=dtype)):.0f}")

    tenths = torch.full((4096,), 0.1, dtype=torch.float16)
    exact_tenths = tenths.double().sum().item()
    kahan_tenths = compensated_sum(tenths).item()
    print(f"float16, 4096 times 0.1: {kahan_tenths:.2f}, exact {exact_tenths:.2f}")
    # --8<-- [end:compensated]

    # --8<-- [start:scaled]
    torch.manual_seed(0)
    chain = [with_condition(32, 1000)[0].float() for _ in range(128)]
    matrix, exponent = scaled_chain_product(chain)
    exact = chain_product([factor.double() for factor in chain])
    kept = matrix.double() * 2.0**exponent
    plain_error = chain_error(chain)
    scaled_error = ((kept - exact).norm() / exact.norm()).item()
    print(f"exponent {exponent}, relative error {scaled_error:.0e} instead of {plain_error:.0f}")
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
        print(f"{name} {bracketing}: {fewest:,}, {savings[-1]:.0f} times fewer than the other")
    # --8<-- [end:consumers]
