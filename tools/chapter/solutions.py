"""Solutions to the exercises of PART/NAME."""
import numpy as np

from snippets.MODULE import commutator

if __name__ == "__main__":
    # --8<-- [start:diagonal]
    left, right = np.diag([1, 2]), np.diag([3, 4])
    swapped = not commutator(left, right).any()
    print(swapped)
    # --8<-- [end:diagonal]
