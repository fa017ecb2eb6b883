"""Products over depth and over time: different matrices, or one matrix many times.

Depth and time share one form, h_t = tanh(W_t h_{t-1} + x_t). A deep network has another
W_t in each layer and an input only at the bottom; a recurrent one has the same W at each
step and an input at each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from snippets.mechanics.gradients import orthogonal
from snippets.mechanics.residuals import spectral_radius

Array = np.ndarray


def unroll(weights: Sequence[Array], inputs: Sequence[Array]) -> list[Array]:
    """Return h_0 = 0 and h_t = tanh(W_t h_{t-1} + x_t) for t = 1 .. T, shape (n,) each."""
    states = [np.zeros_like(inputs[0])]
    for w, x in zip(weights, inputs, strict=True):
        states.append(np.tanh(w @ states[-1] + x))
    return states


def step_gradients(
    weights: Sequence[Array], states: Sequence[Array], delta: Array
) -> list[Array]:
    """Return dL/dW_t for t = 1 .. T, each (n, n), where delta = dL/dh_T.

    If all W_t are one W, the gradient of W is their sum.
    """
    gradients = []
    for t in range(len(weights), 0, -1):
        error = (1 - states[t] ** 2) * delta
        gradients.append(np.outer(error, states[t - 1]))
        delta = weights[t - 1].T @ error
    return gradients[::-1]


def linked_chain(
    rng: np.random.Generator, sigma: Array, depth: int, link: Array
) -> Array:
    """Return `depth` matrices W_l = U_l diag(sigma) link U_{l-1}^T.

    The U_l are random orthogonal matrices, so all W_l have the singular
    values sigma. `link`, orthogonal, says how the directions in which one
    layer sends meet those in which the next receives. Shape (depth, n, n).
    """
    turns = orthogonal(rng, depth + 1, len(sigma))
    return turns[1:] * sigma @ link @ turns[:-1].mT


def growth_rate(factors: Iterable[Array], x: Array) -> float:
    """Return the mean of ln(|W x| / |x|) along x -> W x, factor by factor.

    For random factors it tends to the largest Lyapunov exponent
    (Furstenberg and Kesten, 1960). x is rescaled at each step, so that
    nothing overflows.
    """
    logs = []
    for w in factors:
        image = w @ x
        logs.append(np.log(np.linalg.norm(image) / np.linalg.norm(x)))
        x = image / np.linalg.norm(image)
    return float(np.mean(logs))


def word_rate(word: str, letters: dict[str, Array]) -> float:
    """Return by what factor per letter a word grows that is repeated for ever.

    The letters name matrices, the first of them is applied first: it is the spectral radius
    of the product, to the power 1 / length.
    """
    product = np.eye(len(letters[word[0]]))
    for letter in word:
        product = letters[letter] @ product
    return spectral_radius(product) ** (1 / len(word))


def spread(w: Array) -> float:
    """Return the typical size of a component of h_t = W h_{t-1} + noise, in the long run.

    The noise has variance 1. The covariance solves C = W C W^T + I; the size is the root of
    the mean of its diagonal. Raises ValueError unless the spectral radius is below 1.
    """
    n = len(w)
    if spectral_radius(w) >= 1:
        raise ValueError("no steady state: the spectral radius is not below 1")
    covariance = np.linalg.solve(np.eye(n * n) - np.kron(w, w), np.eye(n).ravel())
    return float(np.sqrt(np.trace(covariance.reshape(n, n)) / n))


def relu_states(w: Array, h: Array, steps: int) -> list[Array]:
    """Return h, relu(W h), relu(W relu(W h)), ..., `steps` + 1 of them."""
    states = [h]
    for _ in range(steps):
        states.append(np.maximum(w @ states[-1], 0))
    return states


def driven_rate(
    w: Array, inputs: Array, h: Array, v: Array, skip: int
) -> float:
    """Return the growth of ln |v| per step, where v -> D_t W v along a run.

    h_t = tanh(W h_{t-1} + x_t), D_t the slopes of tanh; `skip` steps at
    the start do not count, they let v turn to the direction that grows
    most. It estimates the largest Lyapunov exponent; below 0, the start
    is forgotten.
    """
    jacobians = []
    for x in inputs:
        h = np.tanh(w @ h + x)
        jacobians.append((1 - h**2)[:, None] * w)
    for jacobian in jacobians[:skip]:
        v = jacobian @ v
        v /= np.linalg.norm(v)
    return growth_rate(jacobians[skip:], v)


def distances(w: Array, inputs: Array, h: Array, other: Array) -> Array:
    """Return |h_t - other_t| for two runs with the same inputs, t = 0 .. T."""
    apart = [np.linalg.norm(h - other)]
    for x in inputs:
        h, other = np.tanh(w @ h + x), np.tanh(w @ other + x)
        apart.append(np.linalg.norm(h - other))
    return np.array(apart)


if __name__ == "__main__":
    import matplotlib.pyplot as plt
    import torch

    from snippets.language.two_rulers import chain, power_norms, spectral_norm
    from snippets.mechanics.gradients import gaussian
    from snippets.mechanics.residuals import recall
    from snippets.palette import ACCENT, INK, LINE, SOFT

    # --8<-- [start:unrolled]
    rng = np.random.default_rng(0)
    n, steps = 5, 7
    W = gaussian(rng, 1, n)[0]
    inputs, delta = rng.standard_normal((steps, n)), rng.standard_normal(n)
    states = unroll([W] * steps, inputs)
    shares = step_gradients([W] * steps, states, delta)

    w = torch.tensor(W, requires_grad=True)
    h = torch.zeros(n, dtype=torch.float64)
    for x in torch.tensor(inputs):
        h = torch.tanh(w @ h + x)
    (h @ torch.tensor(delta)).backward()
    print("shares of the gradient", len(shares), "of shape", shares[0].shape)
    print("their sum is autograd's:", np.allclose(sum(shares), w.grad))

    J, plain = np.eye(n), np.eye(n)
    for h in states[2:]:
        J, plain = np.diag(1 - h**2) @ W @ J, W @ plain
    power = np.linalg.matrix_power(W, steps - 1)
    print("without tanh a power of W:", np.allclose(plain, power))
    print(f"with tanh: norm {spectral_norm(J):.4f}"
          f"   the power: norm {spectral_norm(power):.2f}")
    # --8<-- [end:unrolled]
    sum_is_autograd = bool(np.allclose(sum(shares), w.grad))
    jacobian_norm, power_norm = spectral_norm(J), spectral_norm(power)

    # --8<-- [start:fates]
    sigma, depth = np.array([2, 1.25, 0.8, 0.5]), 20
    links = {"aligned": np.eye(4), "opposed": np.eye(4)[::-1]}
    largest, smallest = {}, {}
    for name, link in links.items():
        factors = linked_chain(rng, sigma, depth, link)
        values = np.linalg.svd(np.linalg.multi_dot(factors[::-1]))[1]
        largest[name], smallest[name] = values[0], values[-1]
    tops, bottoms = [], []
    for _ in range(40):  # a random link at each layer: turn, then stretch
        factors = sigma[:, None] * orthogonal(rng, depth, 4)
        values = np.linalg.svd(np.linalg.multi_dot(factors[::-1]))[1]
        tops.append(values[0])
        bottoms.append(values[-1])
    largest["random"], smallest["random"] = np.median(tops), np.median(bottoms)
    for name in largest:
        print(f"{name:8} largest {largest[name]:7.1e}"
              f"   smallest {smallest[name]:7.1e}")
    # --8<-- [end:fates]
    least_top, most_top = min(tops), max(tops)

    # --8<-- [start:mean]
    pairs = {"grows": (2.0, 0.5), "stays": (1.9, 0.1), "dies": (1.6, 0.2)}
    per_layer, mean = {}, {}
    print("sigma        norm   root of det   mean   growth per layer")
    for name, (a, b) in pairs.items():
        factors = np.array([[a], [b]]) * orthogonal(rng, 20_000, 2)
        per_layer[name] = np.exp(growth_rate(factors, np.array([1.0, 0])))
        mean[name] = (a + b) / 2
        print(f"{a}, {b}   {a:7.2f} {np.sqrt(a * b):13.2f} {mean[name]:6.2f}"
              f" {per_layer[name]:18.2f}")
    # --8<-- [end:mean]

    # --8<-- [start:order]
    A = np.array([[0.5, 2], [0, 0.5]])
    letters = {"A": A, "B": A.T}
    words = {m: "A" * m + "B" * m for m in (1, 2, 4, 8)}
    per_step = {m: word_rate(word, letters) for m, word in words.items()}
    for m, rate in per_step.items():
        print(f"{words[m]:16}   {rate:.2f} per step")
    draws = np.random.default_rng(0).choice([A, A.T], 20_000)
    at_random = np.exp(growth_rate(draws, np.array([1.0, 0])))
    print(f"drawn at random    {at_random:.1f} per step")
    # --8<-- [end:order]

    # --8<-- [start:order_picture]
    figure, axes = plt.subplots(figsize=(6.4, 3.1))
    for word, style in (("AB", "-"), ("AABB", "--"), ("A" * 8 + "B" * 8, "-")):
        x, lengths = np.array([0.6, 0.8]), [1.0]
        for letter in (word * 48)[:48]:
            x = letters[letter] @ x
            lengths.append(np.linalg.norm(x))
        axes.semilogy(lengths, style, color=SOFT if len(word) > 4 else INK)
    axes.axhline(1, color=LINE, linewidth=0.8, zorder=0)
    axes.text(25, 1e12, "ABAB", color=INK)
    axes.text(37, 3e3, "AABB", color=INK)
    axes.text(8, 1e-5, "blocks of eight", color=SOFT)
    axes.set(xlabel="steps", xticks=[0, 16, 32, 48], ylim=(1e-7, 1e17))
    axes.set_ylabel("length of the signal")
    axes.set_yticks([1e-5, 1, 1e5, 1e10, 1e15])
    plt.show()
    # --8<-- [end:order_picture]

    # --8<-- [start:one_matrix]
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    W = turn @ np.diag([1.5, 0.5]) @ turn.T
    h, lengths = turn[:, 1], [1.0]
    for _ in range(120):
        h = W @ h
        lengths.append(np.linalg.norm(h))
    print("radius", round(spectral_radius(W), 3))
    print("start shrinks below 1e-8:", min(lengths) < 1e-8)
    print("and exceeds 1 again by step 120:", lengths[-1] > 1)
    # --8<-- [end:one_matrix]
    shrank, came_back = min(lengths) < 1e-8, lengths[-1] > 1

    # --8<-- [start:steady]
    print("corner   radius   highest power   size under steady noise")
    size, peak = {}, {}
    for corner in (0, 1, 10):
        W = np.array([[0.9, corner], [0, 0.9]])
        size[corner], peak[corner] = spread(W), power_norms(W, 200).max()
        print(f"{corner:6} {spectral_radius(W):8.1f} {peak[corner]:15.1f}"
              f" {size[corner]:25.1f}")
    # --8<-- [end:steady]

    # --8<-- [start:switch]
    W = np.array([[2.0, 4.0], [-1.0, -2.0]])
    D = np.diag([1.0, 0.0])
    print(f"W W = {(W @ W).tolist()}   radius {spectral_radius(W):.1f}")
    states = relu_states(W, np.array([1.0, 0.0]), steps=20)
    print("states", [h.tolist() for h in states[:4]])
    print(f"after 20 steps {states[-1][0]:,.0f}")
    print(f"radius of D W {spectral_radius(D @ W):.1f}")
    # --8<-- [end:switch]
    after_20, masked_radius = states[-1][0], spectral_radius(D @ W)
    switch_radius = spectral_radius(W)

    # --8<-- [start:driven]
    n, steps, skip = 100, 1500, 200
    rng = np.random.default_rng(0)
    G = rng.standard_normal((n, n))
    noise, start, v = (rng.standard_normal(s) for s in ((steps, n), n, n))
    strengths = (0, 2, 4)
    exponents = {}
    print("radius   input 0   input 2   input 4")
    for radius in (0.5, 2.0, 3.0):
        w = radius * G / spectral_radius(G)
        row = [driven_rate(w, s * noise, start, v, skip) for s in strengths]
        exponents[radius] = row
        print(f"{radius:6}", *(f"{rate:9.1f}" for rate in row))
    # --8<-- [end:driven]

    # --8<-- [start:driven_picture]
    w = 3 * G / spectral_radius(G)
    other = start + 1e-6 * v / np.linalg.norm(v)
    figure, axes = plt.subplots(figsize=(6.4, 3.1))
    for s, style in ((0, "-"), (4, "--")):
        settled = start
        for x in s * noise[:skip]:  # past the first steps, which are not typical
            settled = np.tanh(w @ settled + x)
        path = distances(w, s * noise[skip:skip + 121], settled,
                         settled + 1e-6 * v / np.linalg.norm(v))
        axes.semilogy(path, style, color=INK if s else ACCENT)
    axes.text(60, 60, "no input", color=ACCENT)
    axes.text(60, 1e-6, "strong input", color=INK)
    axes.set(xlabel="steps", xticks=[0, 40, 80, 120], ylim=(1e-12, 1e3))
    axes.set_ylabel("distance of two runs")
    axes.set_yticks([1e-10, 1e-5, 1])
    plt.show()
    # --8<-- [end:driven_picture]

    # --8<-- [start:starve]
    rng = np.random.default_rng(0)
    n, steps = 64, 30
    at_each_step = rng.standard_normal((steps, n)) / 2
    at_bottom = np.vstack([at_each_step[:1], np.zeros((steps - 1, n))])
    delta = rng.standard_normal(n)
    layers = gaussian(rng, steps, n, gain=0.7)
    one = 0.7 * layers[0] / spectral_radius(layers[0])
    sizes = {}
    for name, weights, x in (
        ("depth", layers, at_bottom),
        ("time", [one] * steps, at_each_step),
    ):
        gradients = step_gradients(weights, unroll(weights, x), delta)
        sizes[name] = [np.linalg.norm(g) for g in gradients]
        second, last = sizes[name][1], sizes[name][-1]
        print(f"{name:5}   t = 2: {second:7.1e}   t = 30: {last:7.1e}")
    # --8<-- [end:starve]
    early_over_late = {name: s[1] / s[-1] for name, s in sizes.items()}

    # --8<-- [start:forget]
    n = 40
    register = chain(n, 1.0)
    entry = np.eye(n)[:, -1:]
    start = np.ones((n, 1)) / np.sqrt(n)
    recalled = {
        "shift register": recall(register, entry, 800, noise=0.01).sum(),
        "0.99 identity": recall(0.99 * np.eye(n), start, 800, 0.01).sum(),
    }
    gradient_left = {
        "shift register": power_norms(register, n)[n],
        "0.99 identity": power_norms(0.99 * np.eye(n), n)[n],
    }
    for name, total in recalled.items():
        print(f"{name:14}   gradient after 40 steps {gradient_left[name]:.2f}"
              f"   inputs recalled {total:4.1f}")
    # --8<-- [end:forget]
