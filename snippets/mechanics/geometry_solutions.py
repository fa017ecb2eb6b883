"""Solutions to the exercises on what a matrix does to space."""

from collections.abc import Sequence

import numpy as np

from snippets.mechanics.geometry import (
    Layer,
    block_flops,
    homogeneous,
    network,
    relu,
    rotation,
    tent_network,
)


def matrix_from_images(points: np.ndarray, images: np.ndarray) -> np.ndarray:
    """The matrix that sends every column of `points` to the same column of `images`.

    Raises LinAlgError when the points do not span their space.
    """
    return images @ np.linalg.inv(points)


def shear_stretch(k: float) -> tuple[float, float]:
    """Largest and smallest stretch of the shear [[1, k], [0, 1]] for k ≥ 0.

    Their product is det = 1 and their difference is k, because their squares sum to k² + 2.
    """
    largest = (k + np.sqrt(k**2 + 4)) / 2
    return largest, 1 / largest


def rotation_about(point: np.ndarray, degrees: float) -> np.ndarray:
    """3 × 3 matrix of the rotation that leaves `point` where it is."""
    there = homogeneous(np.eye(2), point)
    turn = homogeneous(rotation(degrees), np.zeros(2))
    back = homogeneous(np.eye(2), -point)
    return there @ turn @ back


def parity_network(bits: int) -> list[Layer]:
    """One hidden layer of `bits` ReLU units that gives the parity of `bits` zeros and ones.

    As a function of the number of ones it is the zigzag 0, 1, 0, 1, ...: slope +1, then -1.
    """
    slopes = np.array([1.0] + [2.0 * (-1) ** k for k in range(1, bits)])
    return [(np.ones((bits, bits)), -np.arange(bits, dtype=float)),
            (slopes[None, :], np.zeros(1))]


def four_bit_parity(s: np.ndarray) -> np.ndarray:
    """Parity of a number of ones `s` from 0 to 4 by three ReLU units, one fewer than bits."""
    return 6 + relu(7 - 3 * s) - relu(13 - 4 * s) - relu(2 * s - 2)


def deep_parity_network(levels: int) -> list[Layer]:
    """`levels` hidden layers of two ReLU units: the parity of `2 ** levels` bits.

    Counting ones in steps of 2⁻ˡ, the tent applied l times is the same zigzag.
    """
    (first, bias), *rest = tent_network(levels)
    return [(first @ np.full((1, 2**levels), 2.0**-levels), bias), *rest]


def leaky_piece(layers: Sequence[Layer], x: np.ndarray, slope: float) -> np.ndarray:
    """Jacobian of a leaky-ReLU network at `x`: D holds one for units on, `slope` for units off."""
    jacobian, value = np.eye(len(x)), x
    for w, b in layers[:-1]:
        z = w @ value + b
        d = np.where(z > 0, 1.0, slope)
        jacobian, value = d[:, None] * (w @ jacobian), d * z
    return layers[-1][0] @ jacobian


if __name__ == "__main__":
    # --8<-- [start:images]
    points = np.array([[1.0, 1.0], [1.0, -1.0]])  # (1, 1) and (1, -1), in columns
    images = np.array([[3.0, 1.0], [1.0, 5.0]])
    W = matrix_from_images(points, images)
    print(W.tolist(), " check:", np.array_equal(W @ points, images))
    try:
        matrix_from_images(np.array([[1.0, 2.0], [1.0, 2.0]]), images)
    except np.linalg.LinAlgError as error:
        print("parallel points:", error)
    # --8<-- [end:images]

    # --8<-- [start:shear]
    for k in (0.5, 1.0, 2.0):
        measured = np.linalg.svd([[1.0, k], [0.0, 1.0]], compute_uv=False)
        print(f"k = {k}: {measured.round(6)}  {np.round(shear_stretch(k), 6)}")
    golden = shear_stretch(1.0)[0]
    # --8<-- [end:shear]

    # --8<-- [start:about]
    M = rotation_about(np.array([2.0, 1.0]), 90)
    print((M.round(12) + 0.0).tolist())
    print("centre stays:", np.allclose(M @ [2, 1, 1], [2, 1, 1]))
    # --8<-- [end:about]

    # --8<-- [start:parity]
    for levels in (1, 2, 3, 4):
        bits = 2**levels
        words = (np.arange(2**bits)[None, :] >> np.arange(bits)[:, None]) & 1
        words = words.astype(float)  # every word of zeros and ones, in columns
        odd = words.sum(axis=0) % 2
        wide = network(parity_network(bits), words)[0]
        deep = network(deep_parity_network(levels), words)[0]
        print(f"{bits:2} bits: 1 layer of {bits:2} units {np.array_equal(wide, odd)}, "
              f"{levels} of 2 units {np.array_equal(deep, odd)}")
    print("4 bits, 3 units:", four_bit_parity(np.arange(5)).tolist())
    # --8<-- [end:parity]

    # --8<-- [start:leaky]
    rng = np.random.default_rng(0)
    layers = [(rng.standard_normal((5, 5)), rng.standard_normal(5)) for _ in range(4)]
    points = rng.standard_normal((500, 5))
    sizes = {}
    for slope in (0.0, 0.1):
        jacobians = [leaky_piece(layers, x, slope) for x in points]
        sizes[slope] = np.linalg.matrix_rank(jacobians)
        print(f"slope {slope}: rank from {min(sizes[slope])} to {max(sizes[slope])}")
    # --8<-- [end:leaky]
    relu_rank, leaky_rank = int(max(sizes[0.0])), int(min(sizes[0.1]))

    # --8<-- [start:crossover]
    width = 768
    for tokens in (1024, 6 * width, 8192):
        flops = block_flops(tokens, width, heads=12)
        weights = flops["projections"] + flops["mlp"]
        print(f"{tokens:5} tokens: attention / weights {flops['attention'] / weights:.3f}")
    crossover = 6 * width
    # --8<-- [end:crossover]
