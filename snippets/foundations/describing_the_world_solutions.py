"""Solutions to the exercises on writing the world as arrays."""

import numpy as np

from snippets.foundations.describing_the_world import cosines
from snippets.mechanics.geometry import Layer, network, output_bends, random_network, switches


def polyline_network(t: np.ndarray, y: np.ndarray) -> list[Layer]:
    """One hidden ReLU layer whose output joins the points (t, y) by straight lines.

    `t` ascends. One unit for each piece; its weight is the change of slope where it starts.
    """
    slopes = np.diff(y) / np.diff(t)
    change = np.diff(slopes, prepend=0.0)
    return [(np.ones((len(change), 1)), -t[:-1]), (change[None, :], y[:1])]


def no_three_ones(n: int) -> int:
    """Words of n ≥ 1 zeros and ones without three ones in a row, in whole numbers.

    The vector counts words by the number of ones they end in: none, one, two.
    """
    step = np.array([[1, 1, 1], [1, 0, 0], [0, 1, 0]], dtype=object)
    ending = np.array([1, 0, 0], dtype=object)  # the empty word
    for _ in range(n):
        ending = step @ ending
    return int(ending.sum())


def nearest_others(rows: np.ndarray) -> np.ndarray:
    """For each row (one of n), the index of the other row at the smallest distance."""
    gaps = np.linalg.norm(rows[:, None] - rows[None, :], axis=2)
    np.fill_diagonal(gaps, np.inf)
    return gaps.argmin(axis=1)


def unit_free(rows: np.ndarray) -> np.ndarray:
    """Each column divided by its standard deviation."""
    return rows / rows.std(axis=0)


if __name__ == "__main__":
    # --8<-- [start:polyline]
    t = np.array([0.0, 1.0, 3.0, 4.0, 6.0])
    y = np.array([1.0, 3.0, -1.0, 0.0, 4.0])
    layers = polyline_network(t, y)
    print("units:", len(layers[0][1]), "  weights:", layers[1][0][0].tolist())
    print("through the points:", network(layers, t[None, :])[0].tolist())
    # --8<-- [end:polyline]

    # --8<-- [start:silent]
    p, q = np.array([-4.0]), np.array([4.0])
    more, fewer = 0, 0
    for seed in range(200):
        layers = random_network([1, 6, 2, 1], np.random.default_rng(seed))
        switched = len(switches(layers, p, q))
        bent = len(output_bends(layers, p, q))
        more += switched > bent
        fewer += switched < bent
    print("more switches than bends:", more, "of 200")
    print("more bends than switches:", fewer)
    # --8<-- [end:silent]

    # --8<-- [start:three]
    for n in (3, 10, 16):
        words = (format(word, f"0{n}b") for word in range(2**n))
        listed = sum("111" not in word for word in words)
        print(f"n = {n:2}: {listed} {no_three_ones(n)}")
    print("n = 300:", len(str(no_three_ones(300))), "digits")
    # --8<-- [end:three]

    # --8<-- [start:scale]
    rng = np.random.default_rng(0)
    height = 1.7 + 0.1 * rng.standard_normal(50)
    weight = 65 + 60 * (height - 1.7) + 8 * rng.standard_normal(50)
    metres = np.stack([height, weight], axis=1)
    centimetres = metres * [100, 1]

    def changed(a, b):
        return int(np.sum(nearest_others(a) != nearest_others(b)))

    raw = changed(metres, centimetres)
    scaled = changed(unit_free(metres), unit_free(centimetres))
    print("nearest changed, as measured:", raw, "of 50")
    print("nearest changed, scaled:     ", scaled)
    # --8<-- [end:scale]

    # --8<-- [start:click]
    click = np.zeros(24)
    click[3] = 1.0
    by_pitch = cosines(24) @ click
    click_nonzeros = int(np.sum(np.abs(by_pitch) > 1e-12))
    print("non-zero, by moment:", int(np.sum(click != 0)))
    print("non-zero, by pitch: ", click_nonzeros)
    # --8<-- [end:click]
