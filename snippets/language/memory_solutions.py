"""Solutions to the exercises on how much of the past a linear state holds."""

import numpy as np

Array = np.ndarray


def leak_recalled(keep: float, steps: int) -> Array:
    """Shares of one unit that keeps this much per step, by formula: (1 - keep^2) keep^2k."""
    return (1 - keep**2) * keep ** (2 * np.arange(steps))


def bias_for(steps: float) -> float:
    """The bias at which half of a unit's number is left after so many steps."""
    return float(-np.log(2 ** (1 / steps) - 1))


def chain_traces(gain: float, n: int) -> Array:
    """Fisher memory of gain * delay_line(n) fed at its first unit, by formula, shape (n,).

    A number k steps old has been enlarged to gain^k; the noise that came in on the way
    adds up to 1 + gain^2 + ... + gain^2k.
    """
    enlarged = gain ** (2 * np.arange(n))
    return enlarged / np.cumsum(enlarged)


def unpack(state: float, count: int) -> list[int]:
    """The binary digits of a number in [0, 2], the one before the point first."""
    digits = []
    for _ in range(count):
        digits.append(int(state >= 1))
        state = 2 * (state - digits[-1])
    return digits


if __name__ == "__main__":
    from snippets.language.memory import (
        delay_line,
        half_life,
        leaky_units,
        modes,
        past_matrix,
        recalled,
        traces,
    )
    from snippets.mechanics.gradients import orthogonal

    # --8<-- [start:one]
    for keep in (0.5, 0.9, 0.99):
        k = past_matrix(np.array([[keep]]), np.ones(1), 3000)
        r = leak_recalled(keep, 3000)
        middle = np.searchsorted(np.cumsum(r), 0.5) + 1
        equal = np.allclose(r, recalled(k, 1e-9))
        print(f"{keep:<4} formula {equal}   half within {middle} steps")
    # --8<-- [end:one]
    slow_middle = int(middle)

    # --8<-- [start:hidden]
    n = 40
    q = orthogonal(np.random.default_rng(0), 1, n)[0]
    hidden = q @ delay_line(n) @ q.T
    weights, _ = modes(past_matrix(hidden, q[:, 0], 200), 0.01)
    radius = np.abs(np.linalg.eigvals(hidden)).max()
    entries = np.count_nonzero(np.abs(hidden) > 1e-6)
    print(f"entries other than 0: {entries} of {n * n}")
    print(f"holds {weights.sum():.1f}")
    print("computed spectral radius above 0.2:", radius > 0.2)
    # --8<-- [end:hidden]
    hidden_holds = float(weights.sum())

    # --8<-- [start:decades]
    k = past_matrix(leaky_units(32, 64), np.ones(32), 1500)
    held = [float(modes(k, 10.0**-d)[0].sum()) for d in range(1, 7)]
    for d, total in enumerate(held, start=1):
        print(f"noise 1e-{d}: holds {total:.1f} of 32")
    per_decade = (held[-1] - held[0]) / 5
    # --8<-- [end:decades]

    # --8<-- [start:bias]
    biases = {}
    for steps in (10, 100, 1000):
        bias = biases[steps] = bias_for(steps)
        back = half_life(bias)
        print(f"{steps:5} steps: bias {bias:.2f}   back again {back:.1f}")
    # --8<-- [end:bias]

    # --8<-- [start:chain]
    n = 20
    totals = {}
    for gain in (1.0, 1.5, 2.0, 3.0, 10.0):
        j = chain_traces(gain, n)
        equal = np.allclose(j, traces(gain * delay_line(n), np.eye(n)[0], n))
        totals[f"g{gain:g}"] = float(j.sum())
        print(f"gain {gain:<4}  formula {equal}   total {j.sum():5.2f} of {n}")
    # --8<-- [end:chain]

    # --8<-- [start:bits]
    x = np.random.default_rng(1).integers(0, 2, 200)
    h = 0.0
    for bit in x:
        h = h / 2 + bit
    read = np.array(unpack(h, 60))
    right = int(np.argmin(read == x[::-1][:60]))
    share = recalled(past_matrix(np.array([[0.5]]), np.ones(1), 100), 1e-9)
    print(f"digits read: the latest {right} bits")
    print(f"linearly: the latest {share[0]:.2f}, all {share.sum():.2f}")
    # --8<-- [end:bits]
