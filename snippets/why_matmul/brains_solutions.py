"""Solved exercises of the chapter on brains."""
import numpy as np

from snippets.why_matmul.brains import (
    LEAK, calcium_spike, integrate_and_fire, with_relays,
)

Array = np.ndarray


def window(weight: float) -> float:
    """Longest gap in ms at which two pushes of this weight make a spike.

    Needs 1/2 ≤ weight < 1; ValueError if not.
    """
    if not 0.5 <= weight < 1:
        raise ValueError("one push is enough, or two are too little")
    return LEAK * np.log(weight / (1 - weight))


def with_one_relay(w: Array) -> Array:
    """[w + c, −c], shape (m, n + 1): one inhibitory cell, fed by all inputs.

    c is just large enough to make w + c non-negative. The last input is the
    sum of the others.
    """
    c = -min(w.min(), 0)
    return np.hstack([w + c, np.full((len(w), 1), -c)])


def fetched_once(density: float, batch: int) -> float:
    """Share of columns that a batch fetches if it fetches each at most once."""
    return 1 - (1 - density) ** batch


def train(
    feedback: str, rng: np.random.Generator, steps: int = 2000
) -> tuple[float, float]:
    """Fit a 2-layer ReLU network to a random one of the same shape.

    feedback: how the error reaches the first layer: "transposed" W2, a fixed
    "random" matrix, or "none". Returns the last loss over the first one, and
    the cosine between W2ᵀ and the random matrix.
    Lillicrap et al., Nature Communications 7, 13276, 2016.
    """
    n, hidden, out, rate = 20, 64, 10, 0.02
    x = rng.standard_normal((500, n))
    teacher = [rng.standard_normal((n, hidden)) / n**0.5,
               rng.standard_normal((hidden, out)) / hidden**0.5]
    target = np.maximum(x @ teacher[0], 0) @ teacher[1]
    w1 = rng.standard_normal((n, hidden)) / n**0.5
    w2 = rng.standard_normal((hidden, out)) / hidden**0.5
    fixed = rng.standard_normal((out, hidden)) / hidden**0.5
    losses = []
    for _ in range(steps):
        h = np.maximum(x @ w1, 0)
        error = h @ w2 - target
        losses.append(np.mean(error**2))
        ways = {"transposed": w2.T, "random": fixed, "none": 0 * fixed}
        back = ways[feedback]
        w1 -= rate * x.T @ ((error @ back) * (h > 0)) / len(x)
        w2 -= rate * h.T @ error / len(x)
    aligned = np.sum(w2.T * fixed) / np.linalg.norm(w2) / np.linalg.norm(fixed)
    return float(losses[-1] / losses[0]), float(aligned)


if __name__ == "__main__":
    # --8<-- [start:coincidence]
    gaps = np.arange(1, 31)
    spikes = {}
    for weight in (0.6, 0.8):
        pushes = np.zeros((200, len(gaps)))
        pushes[50] = weight
        pushes[50 + gaps, np.arange(len(gaps))] += weight
        fired = integrate_and_fire(pushes)[0].any(axis=0)
        spikes[weight] = int(gaps[fired].max())
        print(f"weight {weight}: formula {window(weight):.1f} ms,", end=" ")
        print(f"longest gap that fires: {spikes[weight]} ms")
    # --8<-- [end:coincidence]
    formula_six, formula_eight = window(0.6), window(0.8)

    # --8<-- [start:one_relay]
    rng = np.random.default_rng(0)
    w, x = rng.standard_normal((64, 256)), rng.uniform(0, 1, 256)
    exact = w @ x
    designs = {
        "256 relays": (with_relays(w), np.r_[x, x]),
        "1 relay": (with_one_relay(w), np.r_[x, x.sum()]),
    }
    noisy = {}
    for name, (wires, signal) in designs.items():
        fault = np.linalg.norm(wires @ signal - exact) / np.linalg.norm(exact)
        slip = 1 + 0.01 * rng.standard_normal(wires.shape)  # 1% on each synapse
        noisy[name] = np.linalg.norm((wires * slip) @ signal - exact)
        noisy[name] /= np.linalg.norm(exact)
        print(f"{name:<10} exact: {fault < 1e-12},", end=" ")
        print(f"with 1% noise {noisy[name]:.0%} off")
    # --8<-- [end:one_relay]
    noise_one, noise_many = noisy["1 relay"], noisy["256 relays"]

    # --8<-- [start:batches]
    rng = np.random.default_rng(0)
    share = {}
    for batch in (1, 10, 100, 1000):
        fired = rng.random((batch, 20_000)) < 0.01
        share[batch] = float(fired.any(axis=0).mean())
        print(f"batch {batch:4}: {share[batch]:.2f}", end="   ")
        print(f"formula {fetched_once(0.01, batch):.2f}")
    # --8<-- [end:batches]

    # --8<-- [start:xnor]
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    soma = 1 - x.sum(axis=1)  # both inputs inhibit; a bias of 1
    branch = 2 * calcium_spike(x @ [0.5, 0.5])  # and excite a dendrite
    fires = soma + branch > 0.5
    for pair, fired in zip(x.tolist(), fires.tolist(), strict=True):
        print(pair, "fires:", fired)
    # --8<-- [end:xnor]

    # --8<-- [start:feedback]
    left, aligned = {}, {}
    for feedback in ("transposed", "random", "none"):
        rng = np.random.default_rng(0)
        left[feedback], aligned[feedback] = train(feedback, rng)
        print(f"{feedback:<10} loss left: {left[feedback]:.1%}")
    print(f"cosine of W2 with the random matrix: {aligned['random']:.2f}")
    # --8<-- [end:feedback]
    turned = aligned["random"]
