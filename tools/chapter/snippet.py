"""Whether two matrices may be swapped in a product."""
import numpy as np


def commutator(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """AB - BA of two square matrices of the same shape; zero if their order does not matter."""
    return a @ b - b @ a


if __name__ == "__main__":
    # --8<-- [start:experiment]
    turn, flip = np.array([[0, -1], [1, 0]]), np.array([[1, 0], [0, -1]])
    difference = commutator(turn, flip)
    print(difference)
    # --8<-- [end:experiment]
    entries = int(np.count_nonzero(difference))
