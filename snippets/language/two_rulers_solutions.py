"""Solutions to the exercises of 'Two rulers'."""

from __future__ import annotations

import numpy as np

from snippets.language.structure import convolution
from snippets.language.two_rulers import departure, power_norms, spectral_norm
from snippets.mechanics.convolution_as_product import circulant
from snippets.mechanics.residuals import spectral_radius


def steps_to_radius(w: np.ndarray, share: float, limit: int) -> int | None:
    """Return the first k with |W**k|**(1/k) within a share of the radius.

    None if no k up to the limit will do.
    """
    norms, radius = power_norms(w, limit), spectral_radius(w)
    for k in range(1, limit + 1):
        if norms[k] ** (1 / k) <= (1 + share) * radius:
            return k
    return None


def running_products(w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return products of the k largest |eigenvalues| and singular values."""
    sizes = np.sort(abs(np.linalg.eigvals(w)))[::-1]
    return np.cumprod(sizes), np.cumprod(np.linalg.svd(w)[1])


def turning_plane(w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a plane, shape (n, 2), and the (2, 2) block by which W turns it.

    W @ plane == plane @ block, where block = [[a, b], [-b, a]] for an
    eigenvalue a + bi with b > 0. Raises ValueError if all are real.
    """
    eigenvalues, vectors = np.linalg.eig(w)
    k = eigenvalues.imag.argmax()
    a, b = eigenvalues[k].real, eigenvalues[k].imag
    if b == 0:
        raise ValueError("all eigenvalues are real")
    plane = np.column_stack([vectors[:, k].real, vectors[:, k].imag])
    return plane, np.array([[a, b], [-b, a]])


def first_growth(w: np.ndarray) -> float:
    """Return the fastest initial growth of |x| under dx/dt = -x + W x.

    It is the largest eigenvalue of the symmetric part of W, less 1.
    """
    return float(np.linalg.eigvalsh((w + w.T) / 2).max() - 1)


if __name__ == "__main__":
    # --8<-- [start:agree]
    lopsided = np.array([0.1, 0.5, 0.4])
    equal, opposite = np.array([[0.3, 0.5, 0.3], [-0.3, 0.5, 0.3]])
    for name, w in {
        "ring, lopsided": circulant(lopsided, 16),
        "zero padding, equal": convolution(equal, 16, padding=1),
        "zero padding, opposite": convolution(opposite, 16, padding=1),
        "zero padding, lopsided": convolution(lopsided, 16, padding=1),
    }.items():
        gap = spectral_norm(w) - spectral_radius(w)
        print(f"{name:24} normal: {departure(w) < 1e-6!s:5}"
              f"   norm - radius: {abs(gap):.3f}")
    # --8<-- [end:agree]

    # --8<-- [start:gelfand]
    for corner in (0, 1, 10, 100):
        w = np.array([[0.9, corner], [0, 0.9]])
        print(f"corner {corner:3}   within 5%: k ="
              f" {steps_to_radius(w, 0.05, 400)}")
    # --8<-- [end:gelfand]
    corners = {c: np.array([[0.9, c], [0, 0.9]]) for c in (0, 1, 100)}
    steps_needed = {c: steps_to_radius(w, 0.05, 400) for c, w in corners.items()}
    per_tenfold = (steps_needed[100] - steps_needed[1]) / 2

    # --8<-- [start:weyl]
    rng = np.random.default_rng(0)
    below, w = True, rng.standard_normal((5, 5))
    for _ in range(200):
        small, large = running_products(rng.standard_normal((5, 5)))
        below &= bool((small <= large * (1 + 1e-9)).all())
    small, large = running_products(w)
    print("eigenvalues    ", small.round(3))
    print("singular values", large.round(3))
    print("never above, in 200 matrices:", below)
    # --8<-- [end:weyl]

    # --8<-- [start:plane]
    w = rng.standard_normal((4, 4))
    plane, block = turning_plane(w)
    stretch = np.sqrt(np.linalg.det(block))
    angle = np.degrees(np.arctan2(block[0, 1], block[0, 0]))
    print("W @ plane == plane @ block:", np.allclose(w @ plane, plane @ block))
    print(f"stretch {stretch:.3f}, angle {angle:.1f} degrees")
    # --8<-- [end:plane]

    # --8<-- [start:first]
    for corner in (0.1, 1.0, 10.0):
        w = np.array([[0.5, corner], [0, 0.5]])
        growth = first_growth(w)
        step = np.eye(2) + 1e-6 * (w - np.eye(2))
        measured = (spectral_norm(step) - 1) / 1e-6
        print(f"corner {corner:4.1f}   first growth {growth:5.2f}"
              f"   measured {measured:5.2f}")
    # --8<-- [end:first]
    symmetric_top = growth + 1
