"""Solutions to the exercises on mixing and interaction."""

import itertools
from collections.abc import Callable

import torch

from snippets.why_matmul.mixing_dimensions import additive_fit, lost_directions


def best_additive_corners(levels: int) -> int:
    """Most corners of XOR that the sign of `g(x1) + h(x2)` gets right.

    Tries g and h with every pair of values from -levels to levels.
    """
    values = range(-levels, levels + 1)
    best = 0
    for g0, g1, h0, h1 in itertools.product(values, repeat=4):
        score = {(0, 0): g0 + h0, (0, 1): g0 + h1, (1, 0): g1 + h0, (1, 1): g1 + h1}
        hits = sum((score[corner] > 0) == (corner[0] != corner[1]) for corner in score)
        best = max(best, hits)
    return best


def product_of_three(x: torch.Tensor) -> torch.Tensor:
    """`x[0] * x[1] * x[2]` by one fixed ±1 matrix and four cubes; x is (3, samples)."""
    signs = torch.tensor([[1.0, 1, 1], [1, 1, -1], [1, -1, 1], [-1, 1, 1]]).to(x)
    cubes = (signs @ x) ** 3
    return (cubes[0] - cubes[1] - cubes[2] - cubes[3]) / 24


def interaction_share(f: Callable, cells: int = 40) -> float:
    """Share of the variance of f(x1, x2) on [-1, 1]² that no g(x1) + h(x2) explains."""
    axis = (torch.arange(cells) + 0.5) * 2 / cells - 1
    table = f(axis[:, None].double(), axis.double()).expand(cells, cells)
    left = table - additive_fit(table, torch.ones(cells, cells, dtype=torch.bool))
    return float((left**2).mean() / table.var(correction=0))


def butterfly(n: int, level: int) -> torch.Tensor:
    """n × n matrix with two ones per row: row i reads i and i with bit `level` flipped."""
    rows = torch.arange(n)
    matrix = torch.zeros(n, n)
    matrix[rows, rows] = 1
    matrix[rows, rows ^ (1 << level)] = 1
    return matrix


if __name__ == "__main__":
    torch.set_default_dtype(torch.float64)

    # --8<-- [start:corners]
    for levels in (1, 2, 4):
        print(f"values up to {levels}: {best_additive_corners(levels)} of 4 corners")
    # --8<-- [end:corners]
    corners = best_additive_corners(2)

    # --8<-- [start:three]
    torch.manual_seed(0)
    x = torch.randn(3, 1000)
    print(torch.allclose(product_of_three(x), x.prod(dim=0)))
    # --8<-- [end:three]

    # --8<-- [start:shares]
    functions = {
        "x1 * x2": lambda a, b: a * b,
        "max(x1, x2)": torch.maximum,
        "relu(x1 + x2)": lambda a, b: torch.relu(a + b),
        "exp(x1 + x2)": lambda a, b: torch.exp(a + b),
        "log of that": lambda a, b: a + b,
        "sin(9 x1) + x2^2": lambda a, b: torch.sin(9 * a) + b**2,
    }
    share = {}
    for name, f in functions.items():
        share[name] = interaction_share(f)
        print(f"{name:16} {share[name]:.2f}")
    # --8<-- [end:shares]
    share_relu, share_exp = share["relu(x1 + x2)"], share["exp(x1 + x2)"]
    share_max = share["max(x1, x2)"]

    # --8<-- [start:reach]
    n = 64
    layers = [butterfly(n, level) for level in range(6)]
    J = torch.eye(n)
    for depth, layer in enumerate(layers, start=1):
        J = layer @ J
        read = int((J[0] != 0).sum())
        print(f"{depth} layers: each output reads {read} inputs")
    sparse = sum(int(layer.count_nonzero()) for layer in layers)
    print("weights:", sparse, " dense:", n * n)
    # --8<-- [end:reach]
    dense = n * n

    # --8<-- [start:rank]
    torch.manual_seed(0)
    few = torch.randn(500, 3)
    W, b = torch.randn(64, 3), torch.randn(64)
    wide = torch.relu(few @ W.T + b)
    rank_before = int(torch.linalg.matrix_rank(few @ W.T))
    rank_after = int(torch.linalg.matrix_rank(wide))
    free = 3 - lost_directions(lambda x: torch.relu(W @ x + b), few[0])
    print("rank after W:", rank_before, "  after ReLU:", rank_after)
    print("directions felt at one point:", free)
    # --8<-- [end:rank]
