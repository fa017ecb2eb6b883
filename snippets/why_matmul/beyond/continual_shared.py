"""Where the lead of elastic weight consolidation comes from: pixels that task A never uses."""

import numpy as np

from snippets.why_matmul.beyond.continual_forgetting import (
    PIXELS,
    SIDE,
    SIZES,
    accuracy,
    fisher,
    one_hot,
    start,
    train,
    world,
)

Array = np.ndarray


def inside() -> Array:
    """Positions of the 6 x 4 pixels in the middle, where the digits are drawn."""
    frame = np.zeros((SIDE, SIDE), bool)
    frame[1:7, 2:6] = True
    return np.flatnonzero(frame)


def input_share(importance: Array, pixels: Array) -> float:
    """Share of the first layer's importance, flat, that belongs to weights from these pixels."""
    by_pixel = importance[: SIZES[0]].reshape(PIXELS, -1).sum(axis=1)
    return float(by_pixel[pixels].sum() / by_pixel.sum())


if __name__ == "__main__":
    # --8<-- [start:shared]
    strengths = {"L2": (0.005, 0.01, 0.02), "EWC": (3, 10, 30)}
    lead, wins = {}, {}
    shuffles = {"all 64 pixels": np.arange(PIXELS), "the middle 24": inside()}
    for name, movable in shuffles.items():
        best = {"L2": [], "EWC": []}
        for seed in range(10, 13):  # worlds not seen so far
            (x, y), test_a, (xb, yb), test_b = world(seed, movable)
            old = train(start(seed), [(x, one_hot(y))], seed)
            weight = {"L2": 1.0, "EWC": fisher(old, x)}
            for method, tried in strengths.items():
                means = []
                for k in tried:
                    strength = k * weight[method]
                    theta = train(old, [(xb, one_hot(yb))], seed, stiffness=strength)
                    both = accuracy(theta, *test_a) + accuracy(theta, *test_b)
                    means.append(both / 2)
                best[method].append(max(means))
        gaps = np.subtract(best["EWC"], best["L2"])
        lead[name], wins[name] = float(gaps.mean()), int((gaps > 0.02).sum())
        plain, ewc = np.mean(best["L2"]), np.mean(best["EWC"])
        print(f"shuffled: {name:13}  L2 {plain:.2f}  EWC {ewc:.2f}")
    used = input_share(weight["EWC"], inside())
    print(f"share of the importance on the middle: {used:.2f}")
    # --8<-- [end:shared]
    bright = [world(seed, np.arange(PIXELS))[2][0].mean(axis=0) for seed in range(10, 13)]
    strokes_outside = float(np.mean([1 - b[inside()].sum() / b.sum() for b in bright]))
    ewc_wins, shared_lead = wins["all 64 pixels"], lead["the middle 24"]
