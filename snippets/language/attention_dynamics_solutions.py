"""Solutions to the exercises on attention dynamics."""

import numpy as np

from snippets.language.attention_dynamics import (
    circle,
    meeting_time,
    move,
    on_sphere,
    stationary,
)
from snippets.mechanics.attention_as_product import (
    attention,
    causal_mask,
    scores,
    softmax,
)

Array = np.ndarray


def meeting_time_unequal(
    beta: float, start: float, end: float, share: float
) -> float:
    """Time in which clusters with `share` and 1 - share of the tokens meet."""
    angle = np.geomspace(end, start, 4001)
    far = np.exp(-beta * (1 - np.cos(angle)))
    pull = sum(
        other * far / (own + other * far)
        for own, other in [(share, 1 - share), (1 - share, share)]
    )
    return float(np.trapezoid(angle / (pull * np.sin(angle)), np.log(angle)))


def recall(query: Array, patterns: Array, beta: float, steps: int) -> Array:
    """Attend again and again with one query (d,) to fixed patterns (m, d)."""
    for _ in range(steps):
        query = softmax(beta * query[None] @ patterns.T)[0] @ patterns
    return query


if __name__ == "__main__":
    # --8<-- [start:rows]
    x = on_sphere(np.random.default_rng(0).standard_normal((8, 3)))
    g = np.exp(4 * x @ x.T)
    a = g / g.sum(axis=1, keepdims=True)
    p = g.sum(axis=1) / g.sum()
    values = np.linalg.eigvals(a)
    print("p", p.round(3))
    print("p @ a = p:", np.allclose(p @ a, p))
    print("agrees with stationary:", np.allclose(p, stationary(a)))
    print("eigenvalues real and positive:", bool((values.real > 0).all()))
    # --8<-- [end:rows]
    same_weights = np.allclose(p, stationary(a))
    imaginary = float(np.abs(np.imag(values)).max())
    least = float(values.real.min())

    # --8<-- [start:causal]
    rng = np.random.default_rng(0)
    q, k = rng.standard_normal((2, 8, 4))
    a = softmax(scores(q, k) + causal_mask(8))
    print("p", np.abs(stationary(a)).round(6))
    slowest = np.diag(a)[1:].max()
    second = np.sort(np.abs(np.linalg.eigvals(a)))[-2]
    print(f"largest other diagonal {slowest:.3f}   second {second:.3f}")
    shares = {}
    for layers in (1, 10, 50):
        shares[layers] = float(np.linalg.matrix_power(a, layers)[-1, 0])
        print(f"layers {layers:2}   share of the first {shares[layers]:.3f}")
    # --8<-- [end:causal]

    # --8<-- [start:unequal]
    beta, start, end, step = 6, np.pi / 2, 0.1, 0.1
    met, expected = {}, {}
    for many in (3, 4, 5):
        x = circle(np.array([0] * many + [start] * (6 - many)))
        layers = 0
        while np.arccos(x[0] @ x[-1]) > end:
            x = move(x, beta, step=step)
            layers += 1
        time = meeting_time_unequal(beta, start, end, many / 6)
        met[many], expected[many] = layers, time * (1 + step) / step
        print(
            f"{many} against {6 - many}   layers {layers}   "
            f"from the integral {expected[many]:.0f}"
        )
    # --8<-- [end:unequal]
    equal_again = meeting_time(beta, start, end) * (1 + step) / step
    hastened = met[3] / met[5]

    # --8<-- [start:frozen]
    rng = np.random.default_rng(0)
    patterns = on_sphere(rng.standard_normal((16, 64)))
    noise = 0.5 * on_sphere(rng.standard_normal((1, 64)))[0]
    query = patterns[0] + noise
    layer = attention(8 * 16 * query[None], patterns, patterns)[0]
    print("attention:", np.allclose(layer, recall(query, patterns, 16, 1)))
    to_pattern, to_mean = {}, {}
    for beta in (1, 4, 16):
        end = recall(query, patterns, beta, 20)
        to_pattern[beta] = float(np.linalg.norm(end - patterns[0]))
        to_mean[beta] = float(np.linalg.norm(end - patterns.mean(axis=0)))
        print(
            f"beta {beta:2}   to its pattern {to_pattern[beta]:.2f}   "
            f"to the mean {to_mean[beta]:.2f}"
        )
    # --8<-- [end:frozen]

    # --8<-- [start:repel]
    nearest, neighbours = [], []
    for seed in range(5):
        x = np.random.default_rng(seed).standard_normal((12, 3))
        x = on_sphere(x)
        for _ in range(1500):
            x = move(x, 2, step=-0.3)
        cosines = x @ x.T - 3 * np.eye(12)
        nearest.append(cosines.max(axis=1))
        neighbours.append((cosines > 0.44).sum(axis=1))
    print("nearest", np.min(nearest).round(4), np.max(nearest).round(4))
    print("1 / sqrt(5)", round(1 / np.sqrt(5), 4))
    print("neighbours", np.unique(neighbours))
    # --8<-- [end:repel]
