"""What the book's symbols mean, each shown by the smallest run that can show it."""

import numpy as np
import torch


def machine_epsilon(dtype: torch.dtype) -> float:
    """Distance from 1 to the next number of this floating-point type.

    Halves a power of two as long as adding the half still changes 1; every
    sum is rounded to the type.
    """
    one = torch.ones((), dtype=dtype)
    epsilon = 1.0
    while one + torch.tensor(epsilon / 2, dtype=dtype) != one:
        epsilon /= 2
    return epsilon


def softmax(scores: np.ndarray) -> np.ndarray:
    """exp(s) / sum of exp(s) along the last axis, for scores of any shape.

    The largest score is subtracted first: it changes nothing on paper and
    keeps the exponentials from overflowing.
    """
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def operations(m: int, k: int, n: int) -> dict[str, int]:
    """What the school product of shapes (m, k) and (k, n) costs, in four counts.

    An entry is a sum of k products, so it takes k - 1 additions; a program
    that starts from 0 makes k, which is what two for a multiply-add counts.
    """
    return {
        "multiplications": m * k * n,
        "multiply-adds": m * k * n,
        "without the first addition": m * n * (2 * k - 1),
        "two for a multiply-add": 2 * m * k * n,
    }


if __name__ == "__main__":
    import matplotlib.pyplot as plt
    from torch.utils.flop_counter import FlopCounterMode

    from snippets.palette import A, B, C, INK, SOFT

    # --8<-- [start:shapes]
    W = np.array([[1, 2, 3], [4, 5, 6]])  # 2 outputs, 3 inputs
    x = np.array([1, 0, -1])              # one sample
    X = np.array([x, [2, 2, 2], [0, 1, 0], [5, 0, 1]])  # a sample a row

    y, Y = W @ x, X @ W.T
    print("W @ x  ", W.shape, x.shape, "->", y.shape)
    print("X @ W.T", X.shape, W.T.shape, "->", Y.shape)
    print("x @ W.T is W @ x:", np.array_equal(x @ W.T, y))
    print("row 0 of X @ W.T:", np.array_equal(Y[0], y))
    print("samples as columns:", np.array_equal(W @ X.T, Y.T))
    # --8<-- [end:shapes]

    # --8<-- [start:batch]
    stack = np.ones((8, 12, 5, 16))  # batch, heads, words, width
    other = np.ones((16, 7))
    batch_shape = (stack @ other).shape
    print(stack.shape, "@", other.shape, "->", batch_shape)
    # --8<-- [end:batch]

    # --8<-- [start:products]
    P, Q = np.array([[1, 2], [3, 4]]), np.array([[0, 1], [1, 0]])
    a, b = np.array([1, 2, 3]), np.array([4, 5])
    made = {
        "P @ Q": P @ Q,
        "P * Q": P * Q,
        "a @ a": a @ a,
        "outer": np.outer(a, b),
        "kron": np.kron(P, Q),
    }
    for name, result in made.items():
        print(f"{name:6} {str(result.shape):7} {result.tolist()}")
    # --8<-- [end:products]

    # --8<-- [start:rulers]
    M = np.array([[3.0, 4.0], [0.0, 5.0]])
    singular = np.linalg.svd(M, compute_uv=False)
    ruler = {
        "spectral norm": np.linalg.norm(M, 2),
        "Frobenius norm": np.linalg.norm(M),
        "spectral radius": np.abs(np.linalg.eigvals(M)).max(),
        "condition number": np.linalg.cond(M),
    }
    for name, value in ruler.items():
        print(f"{name:16} {value:.3f}")
    rank = int(np.linalg.matrix_rank(M))
    print("singular values ", *(f"{s:.3f}" for s in singular), "  rank", rank)
    v = np.array([3.0, 4.0])
    length = float(np.linalg.norm(v))
    print(f"length of v      {length:.3f}")
    # --8<-- [end:rulers]
    largest, smallest = (float(s) for s in singular)

    # --8<-- [start:epsilon]
    epsilon, bits = {}, {}
    for dtype in (torch.float64, torch.float32, torch.float16,
                  torch.bfloat16):
        name = str(dtype).removeprefix("torch.")
        epsilon[name] = machine_epsilon(dtype)
        bits[name] = 1 - int(np.log2(epsilon[name]))
        same = epsilon[name] == torch.finfo(dtype).eps
        print(f"{name:9} eps {epsilon[name]:.1e}  u {epsilon[name] / 2:.1e}"
              f"  {bits[name]:2} significant bits  {same}")
    # --8<-- [end:epsilon]

    # --8<-- [start:shares]
    scores = np.array([[1.0, 2.0, 3.0], [1001.0, 1002.0, 1003.0]])
    shares = softmax(scores)
    print(shares.round(3))
    shift_changes = float(np.abs(shares[0] - shares[1]).max())
    # --8<-- [end:shares]

    # --8<-- [start:counting]
    counts = operations(m=64, k=256, n=32)
    for name, count in counts.items():
        print(f"{name:26} {count:9,}")
    with FlopCounterMode(display=False) as counter:
        torch.empty(64, 256, device="meta") @ torch.empty(
            256, 32, device="meta")
    by_torch = counter.get_total_flops()
    print(f"{'counted by PyTorch':26} {by_torch:9,}")
    # --8<-- [end:counting]
    missing = 1 - counts["without the first addition"] / by_torch

    # --8<-- [start:colours]
    fig, ax = plt.subplots(figsize=(6.4, 2.3))
    tables = [(0, 3, 2, A, "left"), (4.2, 2, 4, B, "right"),
              (10.4, 3, 4, C, "product")]
    for left, rows, columns, colour, name in tables:
        for i in range(rows):
            for j in range(columns):
                ax.add_patch(plt.Rectangle(
                    (left + j, -i - 1), 0.92, 0.92, color=colour))
        ax.text(left + columns / 2, 0.25, name, ha="center", color=colour)
    ax.text(3.1, -1.6, "@", ha="center", color=INK, fontsize=14)
    ax.text(9.3, -1.6, "=", ha="center", color=INK, fontsize=14)
    for left, words in ((1, "3 × 2"), (6.2, "2 × 4"), (12.4, "3 × 4")):
        ax.text(left, -3.6, words, ha="center", color=SOFT)
    ax.set(xlim=(-0.3, 14.7), ylim=(-3.9, 0.9), aspect="equal")
    ax.axis("off")
    plt.show()
    # --8<-- [end:colours]
