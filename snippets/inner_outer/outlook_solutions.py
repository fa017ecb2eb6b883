"""Solutions to the exercises on cheaper networks."""
import numpy as np

from snippets.inner_outer.outlook import (
    SIDE, Layer, Net, accuracy, descent, digits, factored, multiplications, new_net, pruned,
    quantised, stored_bytes, trained,
)


def shortest_layout(zeros: float, bits: int) -> str:
    """Which takes fewer bits per place, for this share of zeros."""
    sparse = 1 + (1 - zeros) * bits
    return "one bit per place" if sparse < bits else "dense"


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    (x, y), (x_test, y_test) = digits(8000, rng), digits(4000, rng)
    widths = [SIDE * SIDE, 96, 48, 10]
    big = trained(new_net(widths, rng), x, y, steps=600)

    # --8<-- [start:both]
    tuned = trained(pruned(big, 0.8), x, y, steps=200, rate=2e-3)
    both = quantised(tuned, bits=4)
    both_bill = {}
    nets = {"big": (big, 32), "pruned": (tuned, 32), "both": (both, 4)}
    for name, (net, bits) in nets.items():
        right = accuracy(net, x_test, y_test)
        both_bill[name] = right, multiplications(net), stored_bytes(net, bits)
        print(f"{name:6} {right:.2f}  mult. {both_bill[name][1]:5}"
              f"  bytes {both_bill[name][2]:5}")
    shrinkage = both_bill["big"][2] / both_bill["both"][2]
    # --8<-- [end:both]

    # --8<-- [start:rounds]
    def in_rounds(net: Net, shares: list[float]) -> Net:
        """Prune and train again, once for each share; 600 steps in all."""
        for share in shares:
            net = trained(pruned(net, share), x, y, 600 // len(shares), 2e-3)
        return net

    by_rounds = {}
    for shares in ([0.9], [0.6, 0.8, 0.9]):
        net = in_rounds(big, shares)
        by_rounds[len(shares)] = accuracy(net, x_test, y_test)
        print(len(shares), f"round(s), accuracy {by_rounds[len(shares)]:.2f}")
    mask = [w != 0 for w, _, _ in pruned(big, 0.9)]
    fresh = [  # the same places, new random weights, larger since fewer
        Layer(w * keep / np.sqrt(keep.mean()), b, relu)
        for (w, b, relu), keep in zip(new_net(widths, rng), mask, strict=True)
    ]
    from_scratch = {}
    for steps in (600, 1200):
        net = trained(fresh, x, y, steps)
        from_scratch[steps] = accuracy(net, x_test, y_test)
        print(f"the same places, new weights, {steps} steps:"
              f" accuracy {from_scratch[steps]:.2f}")
    # --8<-- [end:rounds]

    # --8<-- [start:seeds]
    spread = {"pruned 80": [], "width 48": [], "rank 16": []}
    for seed in (1, 2, 3):
        rng = np.random.default_rng(seed)
        (a, b), (a_test, b_test) = digits(8000, rng), digits(4000, rng)
        net = trained(new_net(widths, rng), a, b, steps=600)
        cut, thin = pruned(net, 0.8), factored(net, {0: 16, 1: 16})
        nets = {
            "pruned 80": trained(cut, a, b, 200, 2e-3),
            "rank 16": trained(thin, a, b, 200, 2e-3),
            "width 48": trained(new_net([SIDE**2, 48, 24, 10], rng), a, b, 600),
        }
        for name, net in nets.items():
            spread[name].append(accuracy(net, a_test, b_test))
    for name, rights in spread.items():
        print(f"{name}: from {min(rights):.3f} to {max(rights):.3f}")
    # --8<-- [end:seeds]

    # --8<-- [start:rates]
    turn, _ = np.linalg.qr(rng.normal(size=(10, 10)))
    h = np.diag(np.geomspace(1, 1000, 10))
    by_rate = {}
    for rate in (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0):
        straight = descent(h, np.ones(10), "Adam", 200, rate)
        start = turn @ np.ones(10)
        turned = descent(turn @ h @ turn.T, start, "Adam", 200, rate)
        norms = [float(np.linalg.norm(end)) for end in (straight, turned)]
        by_rate[f"{rate}"] = norms
        print(f"rate {rate:4}  straight {norms[0]:.1g}  turned {norms[1]:.1g}")
    best_turned = min(norms[1] for norms in by_rate.values())
    # --8<-- [end:rates]

    # --8<-- [start:layouts]
    for bits in (32, 8, 4, 2):
        row = [shortest_layout(zeros, bits) for zeros in (0.1, 0.3, 0.6)]
        print(f"{bits:2} bits, above {1 / bits:.1%} zeros:", row)
    # --8<-- [end:layouts]
