"""Fifty random layers: the bound that multiplies norms, and what the product does.

A layer here is a 64 x 64 Gaussian matrix with entries of variance 1/64, so that on average it
keeps the squared length of what it multiplies.
"""
import numpy as np


def random_layers(depth: int, width: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Return `depth` square matrices of side `width` with independent N(0, 1/width) entries."""
    return [rng.standard_normal((width, width)) / width**0.5 for _ in range(depth)]


def product_of_norms(layers: list[np.ndarray]) -> np.ndarray:
    """Return the running product of the layers' spectral norms, shape (depth,)."""
    return np.cumprod([np.linalg.norm(layer, 2) for layer in layers])


def norm_of_product(layers: list[np.ndarray]) -> np.ndarray:
    """Return the spectral norm of the product of the first 1, 2, ... layers, shape (depth,).

    The spectral norm is the most by which any input is stretched.
    """
    product, norms = np.eye(layers[0].shape[1]), []
    for layer in layers:
        product = layer @ product
        norms.append(np.linalg.norm(product, 2))
    return np.array(norms)


if __name__ == "__main__":
    # --8<-- [start:growth]
    layers = random_layers(depth=50, width=64, rng=np.random.default_rng(0))
    bound = product_of_norms(layers)
    truth = norm_of_product(layers)
    print(f"product of the norms  {bound[-1]:.1e}")
    print(f"norm of the product   {truth[-1]:.1f}")
    # --8<-- [end:growth]

    depth = len(layers)
    final_bound, final_truth = bound[-1], truth[-1]
    orders = np.log10(final_bound / final_truth)

    # --8<-- [start:picture]
    import matplotlib.pyplot as plt

    from snippets.palette import INK, SOFT

    fig, ax = plt.subplots(figsize=(7.2, 3.4))
    count = np.arange(depth + 1)
    ax.semilogy(count, np.append(1, bound), color=SOFT, linestyle="--")
    ax.semilogy(count, np.append(1, truth), color=INK)
    ax.text(31, 3e10, "product of the norms", color=SOFT, ha="right")
    ax.text(34, 40, "norm of the product", color=INK, ha="right")
    ax.set_xlabel("layers")
    ax.set_xticks([0, 10, 20, 30, 40, 50])
    ax.set_yticks([1, 1e5, 1e10, 1e15])
    ax.minorticks_off()
    plt.show()
    # --8<-- [end:picture]
