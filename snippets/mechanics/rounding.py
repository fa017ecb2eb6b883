"""Where the parentheses stand changes a floating-point product: by how much, and why."""

import math
from itertools import pairwise

import torch
from torch import Tensor

Triple = tuple[Tensor, Tensor, Tensor]


def association_gap(a: Tensor, b: Tensor, c: Tensor) -> float:
    """Difference between (AB)C and A(BC), relative to ABC.

    Shapes (m, n), (n, p), (p, q). Both are computed in the type of the
    inputs; ABC is the float64 product of the inputs as stored. The norm
    is the root of the sum of squares.
    """
    left, right = (a @ b) @ c, a @ (b @ c)
    exact = a.double() @ b.double() @ c.double()
    difference = left.double() - right.double()
    return (difference.norm() / exact.norm()).item()


def cancellation(a: Tensor, b: Tensor, c: Tensor) -> float:
    """Size of the terms of ABC against what is left: |A||B||C| over ABC.

    1 when all entries are non-negative; never below 1.
    """
    a, b, c = a.double(), b.double(), c.double()
    terms = a.abs() @ b.abs() @ c.abs()
    return (terms.norm() / (a @ b @ c).norm()).item()


def gamma(n: int, u: float) -> float:
    """Bound on the relative error that n roundings can build up: nu / (1 - nu), for nu < 1.

    Higham, Accuracy and Stability of Numerical Algorithms (2002), lemma 3.1.
    """
    if n * u >= 1:
        raise ValueError(f"no bound: {n} roundings of {u:.1e} add up to 1 or more")
    return n * u / (1 - n * u)


def gap_bound(a: Tensor, b: Tensor, c: Tensor) -> float:
    """What `association_gap` cannot exceed, in any order of summation."""
    u = torch.finfo(a.dtype).eps / 2
    inner = a.shape[1] + b.shape[1]
    return 2 * gamma(inner, u) * cancellation(a, b, c)


def random_orthogonal(n: int) -> Tensor:
    """A float64 orthogonal n x n matrix, all directions equally likely (Mezzadri 2007)."""
    q, r = torch.linalg.qr(torch.randn(n, n, dtype=torch.float64))
    return q * r.diagonal().sign()


def with_condition(n: int, kappa: float) -> tuple[Tensor, Tensor]:
    """A matrix of size n and condition number kappa, and its inverse.

    In float64; singular values evenly spaced on a log scale from 1 down
    to 1/kappa, directions random.
    """
    sizes = kappa ** -torch.linspace(0, 1, n, dtype=torch.float64)
    u, v = random_orthogonal(n), random_orthogonal(n)
    return (u * sizes) @ v.T, (v / sizes) @ u.T


def random_triple(n: int, kappa: float) -> Triple:
    """Three float32 matrices of condition number kappa whose directions have nothing in common."""
    a, b, c = (with_condition(n, kappa)[0].float() for _ in range(3))
    return a, b, c


def aligned_triple(n: int, kappa: float) -> Triple:
    """M, its inverse and M again in float32: each factor undoes the one before it."""
    m, inverse = with_condition(n, kappa)
    return m.float(), inverse.float(), m.float()


def hilbert(n: int) -> Tensor:
    """The n x n Hilbert matrix, entries 1 / (i + j - 1), in float64."""
    i = torch.arange(1, n + 1, dtype=torch.float64)
    return 1 / (i[:, None] + i - 1)


def hilbert_inverse(n: int) -> Tensor:
    """The inverse of `hilbert(n)`: all entries are integers, computed as such.

    Higham (2002), section 28.1.
    """

    def entry(i: int, j: int) -> int:
        size = math.comb(n + i - 1, n - j) * math.comb(n + j - 1, n - i)
        return (-1) ** (i + j) * (i + j - 1) * size * math.comb(i + j - 2, i - 1) ** 2

    rows = range(1, n + 1)
    return torch.tensor([[entry(i, j) for j in rows] for i in rows], dtype=torch.float64)


def add_one_by_one(values: Tensor) -> list[float]:
    """Running sums of a vector, each rounded to the vector's own type before the next is added."""
    total = torch.zeros((), dtype=values.dtype)
    sums = []
    for value in values:
        total = total + value
        sums.append(total.item())
    return sums


def amplification(w: Tensor, x: Tensor, error: Tensor) -> float:
    """Factor by which W (m, n) changes error / x, both of shape (n,)."""
    before = error.norm() / x.norm()
    after = (w @ error).norm() / (w @ x).norm()
    return (after / before).item()


def best_bracketing(sizes: list[int]) -> tuple[int, str]:
    """Fewest multiplications for a chain, and the brackets for it.

    The matrices A, B, C, ... have shapes (sizes[0], sizes[1]) and so on.
    Cormen et al., Introduction to Algorithms (2022), section 14.2.
    """

    def split(i: int, k: int, j: int) -> tuple[int, str]:
        (left, x), (right, y) = best[i, k], best[k, j]
        return left + right + sizes[i] * sizes[k] * sizes[j], f"({x}{y})"

    count = len(sizes) - 1
    best = {(i, i + 1): (0, chr(ord("A") + i)) for i in range(count)}
    for length in range(2, count + 1):
        for i in range(count - length + 1):
            j = i + length
            best[i, j] = min(split(i, k, j) for k in range(i + 1, j))
    return best[0, count]


def chain_product(factors: list[Tensor]) -> Tensor:
    """Product of square matrices from left to right, in their own type."""
    product = factors[0]
    for factor in factors[1:]:
        product = product @ factor
    return product


def chain_error(factors: list[Tensor]) -> float:
    """Relative error of a chain's product against the float64 product of the same factors."""
    exact = chain_product([factor.double() for factor in factors])
    return ((chain_product(factors).double() - exact).norm() / exact.norm()).item()


def log10_singular_values(factors: list[Tensor]) -> Tensor:
    """Logarithms of a product's singular values, the product not formed.

    Each factor is applied to an orthonormal basis, which is made
    orthonormal again at once; its stretches are kept as logarithms.
    Sweeps back and forth turn it towards the singular directions.
    """
    basis = torch.eye(factors[0].shape[0], dtype=factors[0].dtype)
    for _ in range(15):
        logs = torch.zeros(len(basis), dtype=torch.float64)
        for factor in reversed(factors):
            basis, r = torch.linalg.qr(factor @ basis)
            logs += r.diagonal().abs().double().log10()
        factors = [factor.T for factor in reversed(factors)]
    return logs


if __name__ == "__main__":
    # --8<-- [start:scalars]
    big, one = torch.tensor([1e8, 1.0])  # float32, as always in torch
    print(f"(big - big) + one = {(big - big) + one:.0f}")
    print(f"big + (-big + one) = {big + (-big + one):.0f}")

    gap_at_big = (torch.nextafter(big, big + big) - big).item()
    print(f"next number after {big:.0f}: {big + gap_at_big:.0f}")
    # --8<-- [end:scalars]

    # --8<-- [start:ruler]
    import matplotlib.pyplot as plt

    from snippets.palette import ACCENT, INK, LINE, SOFT

    numbers = [digit * 2.0**power for power in (-1, 0, 1) for digit in range(4, 8)] + [16]
    figure, axes = plt.subplots(figsize=(5.8, 1.5))
    axes.hlines(0, 1.8, 16.2, color=INK, linewidth=0.8)
    axes.vlines(numbers, 0, 0.5, color=INK, linewidth=1.2)
    axes.vlines([2, 4, 8, 16], 0, 0.9, color=INK, linewidth=1.8)
    for number in (2, 4, 8, 16):
        axes.text(number, -0.2, f"{number}", ha="center", va="top")
    for start, spacing in ((2, 0.5), (4, 1), (8, 2)):
        axes.text(1.5 * start, -0.2, f"+{spacing}", ha="center", va="top", color=SOFT)
    axes.plot([9], [0], "o", color=ACCENT, markersize=5)
    axes.annotate("", (8.05, 1), (9, 0.1), arrowprops={"arrowstyle": "->", "color": ACCENT})
    axes.text(8.9, 0.8, "8 + 1", color=ACCENT)
    axes.set(xlim=(1.6, 16.4), ylim=(-0.8, 1.3))
    axes.axis("off")
    plt.show()
    # --8<-- [end:ruler]

    # --8<-- [start:exact]
    torch.manual_seed(0)
    a, b, c = torch.randint(-8, 9, (3, 32, 32)).float()  # from -8 to 8
    print("integers:", torch.equal((a @ b) @ c, a @ (b @ c)))

    a, c = a / 2**10, c * 2**15
    print("times powers of two:", torch.equal((a @ b) @ c, a @ (b @ c)))

    a, b, c = torch.randint(-2000, 2001, (3, 32, 32)).float()
    large_differ = ((a @ b) @ c != a @ (b @ c)).float().mean()
    print(f"integers up to 2000: {large_differ:.0%} of the entries differ")
    # --8<-- [end:exact]
    largest_sum = 32**2 * 8**3
    exact_up_to = 2**24

    # --8<-- [start:well_conditioned]
    torch.manual_seed(0)
    n = 64
    well_conditioned = {
        "identity": [torch.eye(n) for _ in range(3)],
        "orthogonal": [random_orthogonal(n).float() for _ in range(3)],
        "Gaussian": list(torch.randn(3, n, n)),
    }
    gap, differ = {}, {}
    for name, (a, b, c) in well_conditioned.items():
        gap[name] = association_gap(a, b, c)
        differ[name] = ((a @ b) @ c != a @ (b @ c)).double().mean()
        print(f"{name:<10}  gap {gap[name]:5.1g}   differ {differ[name]:4.0%}")
    # --8<-- [end:well_conditioned]

    # --8<-- [start:orientations]
    torch.manual_seed(0)
    kappas = [10**k for k in range(7)]
    random_gaps = [association_gap(*random_triple(n, k)) for k in kappas]
    aligned_gaps = [association_gap(*aligned_triple(n, k)) for k in kappas]

    print("condition   random   aligned")
    for i, kappa in enumerate(kappas):
        print(f"{kappa:9.0e}  {random_gaps[i]:7.0e}   {aligned_gaps[i]:7.0e}")
    # --8<-- [end:orientations]
    aligned_growth = aligned_gaps[6] / aligned_gaps[0]

    # --8<-- [start:orientations_picture]
    figure, axes = plt.subplots()
    axes.loglog(kappas, aligned_gaps, "o-", color=INK)
    axes.loglog(kappas, random_gaps, "o--", color=SOFT)
    axes.text(3e5, aligned_gaps[6] / 2, "aligned", ha="right")
    axes.text(1e6, random_gaps[6] * 2, "random directions", ha="right", color=SOFT)
    axes.set_title("gap", loc="left", size="medium")  # the vertical axis, read without turning
    axes.set(xlabel="condition number", xticks=[1, 1e2, 1e4, 1e6])
    axes.set_yticks([1e-7, 1e-5, 1e-3])
    plt.show()
    # --8<-- [end:orientations_picture]

    # --8<-- [start:tiny]
    k = 10_000.0
    m = torch.tensor([[k + 1, k], [k, k - 1]])
    inverse = torch.tensor([[1 - k, k], [k, -k - 1]])  # exact

    terms = m[0] * inverse[:, 0]
    print(f"terms: {terms[0]:.0f} and {terms[1]:.0f}")
    print(f"sum: {terms.sum():.0f}")
    # --8<-- [end:tiny]
    tiny_cancellation = 2 * k**2 - 1

    # --8<-- [start:law]
    torch.manual_seed(0)
    n, u = 32, 2.0**-24
    factors, gaps, quotients, shares = [], [], [], []
    for _ in range(200):
        kappa, mix = 10 ** (6 * torch.rand(1)), 10 ** (-6 * torch.rand(1))
        m, inverse = with_condition(n, kappa.item())
        # from aligned (mix small) to random (mix large)
        middle = inverse / inverse.norm() + mix * torch.randn(n, n) / n
        triple = m.float(), middle.float(), m.float()
        factors.append(cancellation(*triple))
        gaps.append(association_gap(*triple))
        quotients.append(gaps[-1] / (u * factors[-1]))
        shares.append(gaps[-1] / gap_bound(*triple))

    print(f"cancellation {min(factors):.0f} to {max(factors):.0e}")
    least_quotient, most_quotient = min(quotients), max(quotients)
    print(f"gap / (u cancellation) {least_quotient:.2f} to {most_quotient:.2f}")
    print(f"largest share of the bound: {max(shares):.4f}")
    # --8<-- [end:law]
    least_cancellation, most_cancellation = min(factors), max(factors)
    most_of_bound = max(shares)
    bound_factor = 2 * gamma(2 * n, u) / u

    # --8<-- [start:law_picture]
    figure, axes = plt.subplots()
    ends = torch.tensor([min(factors), max(factors)])
    axes.loglog(ends, bound_factor * u * ends, "--", color=SOFT)
    axes.loglog(factors, gaps, "o", color=INK, markersize=2.5)
    axes.text(3e4, 8e-1, "bound", ha="right", color=SOFT)
    axes.text(1e5, 1e-4, "measured")
    axes.set_title("gap", loc="left", size="medium")
    axes.set(xlabel="cancellation", yticks=[1e-7, 1e-5, 1e-3, 1e-1])
    plt.show()
    # --8<-- [end:law_picture]

    # --8<-- [start:hilbert_gaps]
    print("n   condition     H,H,H   inverse,H,inverse")
    hilbert_condition, hilbert_gap, inverse_gap = {}, {}, {}
    for n in (6, 7, 8):
        h, inverse = hilbert(n), hilbert_inverse(n).float()
        hilbert_condition[n] = torch.linalg.cond(h)
        h = h.float()
        hilbert_gap[n] = association_gap(h, h, h)
        inverse_gap[n] = association_gap(inverse, h, inverse)
        row = f"{n}   {hilbert_condition[n]:9.0e}   {hilbert_gap[n]:7.0e}"
        print(f"{row}   {inverse_gap[n]:17.0e}")
    # --8<-- [end:hilbert_gaps]
    largest_inverse_entry = hilbert_inverse(8).abs().max()

    # --8<-- [start:dtypes]
    torch.manual_seed(0)
    g = torch.randn(3, 64, 64, dtype=torch.float64)
    m, w = with_condition(64, 100)  # w undoes m
    triples = {"GGG": g, "MWM": (m, w, m), "WMG": (w, m, g[0])}

    print("type       bits        u ", *(f"{name:>6}" for name in triples))
    dtype_gap = {}
    for name in ("float64", "float32", "float16", "bfloat16"):
        dtype = getattr(torch, name)
        u = torch.finfo(dtype).eps / 2
        dtype_gap[name] = {
            kind: association_gap(*(factor.to(dtype) for factor in triple))
            for kind, triple in triples.items()
        }
        gaps = " ".join(f"{gap:6.0e}" for gap in dtype_gap[name].values())
        print(f"{name:<9} {-math.log2(u):5.0f}   {u:6.0e}  {gaps}")
    # --8<-- [end:dtypes]

    # --8<-- [start:rounded_once]
    torch.manual_seed(0)
    rounded_once = {}
    for dtype in (torch.float16, torch.bfloat16):
        a, b = torch.randn(2, 64, 64).to(dtype)
        once = (a.double() @ b.double()).to(dtype)
        rounded_once[dtype] = (a @ b == once).double().mean()
        print(f"{dtype}: {rounded_once[dtype]:.1%} as if rounded once")
    # --8<-- [end:rounded_once]

    # --8<-- [start:stall]
    running = {}
    for dtype in (torch.bfloat16, torch.float16):
        ones = torch.ones(4096, dtype=dtype)
        running[dtype] = add_one_by_one(ones)
        print(f"{dtype}: one by one {running[dtype][-1]:.0f}", end=", ")
        print(f"ones.sum() {ones.sum():.0f}")

    limit = torch.tensor(2.0**24)
    print("float32, 2**24 + 1 == 2**24:", (limit + 1 == limit).item())
    # --8<-- [end:stall]
    stall_bfloat16, stall_float16 = running[torch.bfloat16][-1], running[torch.float16][-1]

    # --8<-- [start:stall_picture]
    figure, axes = plt.subplots()
    axes.plot([0, 4096], [0, 4096], color=SOFT, linewidth=1, linestyle=":")
    axes.plot(running[torch.float16], color=INK)
    axes.plot(running[torch.bfloat16], color=INK, linestyle="--")
    axes.text(3800, 3600, "exact", va="top", color=SOFT)
    axes.text(4096, 2120, "float16", ha="right")
    axes.text(4096, 330, "bfloat16", ha="right")
    axes.set_title("sum", loc="left", size="medium")
    axes.set(xlabel="ones added", xticks=[0, 2048, 4096], yticks=[256, 2048, 4096])
    plt.show()
    # --8<-- [end:stall_picture]

    # --8<-- [start:sensitivity]
    torch.manual_seed(0)
    typical, worst, mildest = {}, {}, {}
    print("condition   typical     worst   mildest")
    for kappa in (10**2, 10**4, 10**6):
        w, _ = with_condition(64, kappa)
        pairs = torch.randn(200, 2, 64, dtype=w.dtype)
        draws = [amplification(w, x, error) for x, error in pairs]
        _, _, directions = torch.linalg.svd(w)
        strong, weak = directions[0], directions[-1]
        typical[kappa] = torch.tensor(draws).median()
        worst[kappa] = amplification(w, x=weak, error=strong)
        mildest[kappa] = amplification(w, x=strong, error=weak)
        row = f"{kappa:9.0e}   {typical[kappa]:7.1f}   {worst[kappa]:7.0e}"
        print(f"{row}   {mildest[kappa]:7.0e}")
    # --8<-- [end:sensitivity]

    # --8<-- [start:sensitivity_picture]
    from snippets.palette import A, B, C

    w = torch.tensor([[2.0, 0.0], [0.0, 0.25]])  # strong from left to right, weak upwards
    signal, error = torch.tensor([0.0, 1.0]), torch.tensor([0.25, 0.0])
    turn = torch.linspace(0, 2 * math.pi, 200)
    circle = torch.stack([turn.cos(), turn.sin()])
    figure, sides = plt.subplots(1, 2, figsize=(5.8, 2.5), width_ratios=[2.1, 5.1])
    for axes, matrix, colour, name in ((sides[0], torch.eye(2), B, "x"), (sides[1], w, C, "Wx")):
        axes.plot(*(matrix @ circle), color=LINE, linewidth=1.2)
        tip, slip = matrix @ signal, matrix @ error
        axes.annotate("", tip, (0, 0), arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 2})
        axes.annotate(
            "", tip + slip, tip, arrowprops={"arrowstyle": "-|>", "color": ACCENT, "lw": 1.5}
        )
        axes.text(-0.08, tip[1] * 0.5, name, color=colour, ha="right", va="center")
        axes.text(tip[0] + slip[0] / 2, tip[1] + 0.1, "error", color=ACCENT, ha="center")
        axes.set(xlim=(-1.05, 1.05) if name == "x" else (-3, 2.1), ylim=(-1.1, 1.4), aspect="equal")
        axes.axis("off")
    sides[1].annotate("", (-2.2, 0), (-2.9, 0), arrowprops={"arrowstyle": "->", "color": A})
    sides[1].text(-2.55, 0.1, "W", color=A, ha="center")
    plt.show()
    # --8<-- [end:sensitivity_picture]

    # --8<-- [start:order]
    a = torch.tensor([[0.0, 1.0], [0.0, 0.0]])
    b = torch.tensor([[0.0, 0.0], [1.0, 0.0]])
    print("AB =", (a @ b).tolist())
    print("BA =", (b @ a).tolist())
    print("(AB)A == A(BA):", torch.equal((a @ b) @ a, a @ (b @ a)))
    # --8<-- [end:order]

    # --8<-- [start:cost]
    n = 1024  # A and B are n x n, x is n x 1
    left_first = n * n * n + n * n * 1  # (AB)x
    right_first = n * n * 1 + n * n * 1  # A(Bx)
    print(f"(AB)x: {left_first:13,} multiplications")
    print(f"A(Bx): {right_first:13,} multiplications")
    # --8<-- [end:cost]
    cost_ratio = left_first / right_first

    # --8<-- [start:cost_picture]
    big, thin = 1.0, 0.1  # side of the square matrices; width of a vector, not to scale
    steps = [
        [(big, big, "A"), (big, big, "B"), (big, big, "AB")],
        [(big, big, "AB"), (thin, big, "x"), (thin, big, "ABx")],
        [(big, big, "B"), (thin, big, "x"), (thin, big, "Bx")],
        [(big, big, "A"), (thin, big, "Bx"), (thin, big, "ABx")],
    ]
    figure, axes = plt.subplots(figsize=(5.8, 2.9))
    for step, blocks in enumerate(steps):
        left, bottom = 4.6 * (step % 2), -2.2 * (step // 2)
        start = left
        for (width, height, name), colour, sign in zip(
            blocks, (A, B, C), ("", "·", "="), strict=True
        ):
            if sign:
                axes.text(left + 0.2, bottom + 0.5, sign, ha="center", va="center")
                left += 0.4
            axes.add_patch(plt.Rectangle((left, bottom), width, height, color=colour, linewidth=0))
            axes.text(left + width / 2, bottom - 0.08, f"${name}$", ha="center", va="top")
            left += width
        count = "$n^3$" if step == 0 else "$n^2$"
        axes.text((start + left) / 2, bottom - 0.6, count, ha="center", va="top", color=SOFT)
    for row, name in enumerate(("(AB)x", "A(Bx)")):
        axes.text(-0.3, 0.5 - 2.2 * row, f"${name}$", ha="right", va="center")
    axes.set(xlim=(-1.4, 6.6), ylim=(-3.2, 1.05), aspect="equal")
    axes.axis("off")
    plt.show()
    # --8<-- [end:cost_picture]

    # --8<-- [start:chain]
    sizes = [30, 35, 15, 5, 10, 20, 25]  # A is 30 x 35, B is 35 x 15, ...
    fewest, bracketing = best_bracketing(sizes)
    left_to_right = sum(sizes[0] * k * n for k, n in pairwise(sizes[1:]))
    print(f"left to right: {left_to_right} multiplications")
    print(f"{bracketing}: {fewest} multiplications")
    # --8<-- [end:chain]

    # --8<-- [start:growth]
    torch.manual_seed(0)
    n, lengths, pairs = 32, [2, 4, 8, 16, 32, 64, 128], [1, 2, 3, 4, 5]
    scatter = [torch.randn(n, n) / math.sqrt(n) for _ in range(128)]
    turns = [random_orthogonal(n).float() for _ in range(128)]
    positive = [torch.rand(n, n) * 2 / n for _ in range(128)]

    q = random_orthogonal(n)
    sizes = 10 ** -torch.linspace(0, 1, n, dtype=torch.float64)
    m, inverse = ((q * sizes) @ q.T).float(), ((q / sizes) @ q.T).float()

    growth = {
        "Gaussian": [chain_error(scatter[:length]) for length in lengths],
        "orthogonal": [chain_error(turns[:length]) for length in lengths],
        "positive": [chain_error(positive[:length]) for length in lengths],
    }
    for name, errors in growth.items():
        print(f"{name:<10}", " ".join(f"{error:.0e}" for error in errors))
    opposed = [chain_error([m] * pair + [inverse] * pair) for pair in pairs]
    print("opposed   ", " ".join(f"{error:.0e}" for error in opposed))
    # --8<-- [end:growth]
    per_doubling = (growth["orthogonal"][6] / growth["orthogonal"][2]) ** (1 / 4)
    per_pair = (opposed[4] / opposed[0]) ** (1 / 4)

    # --8<-- [start:growth_picture]
    figure, axes = plt.subplots()
    styles = {"Gaussian": "--", "orthogonal": "-", "positive": ":"}
    lift = {"Gaussian": 0.7, "orthogonal": 1.4, "positive": 1}  # keeps the names apart
    for name, errors in growth.items():
        axes.loglog(lengths, errors, styles[name], color=SOFT)
        axes.text(140, errors[-1] * lift[name], name, va="center", color=SOFT)
    axes.loglog([2 * pair for pair in pairs], opposed, "o-", color=INK)
    axes.text(12, opposed[-1], "opposed", va="center")
    axes.set_title("relative error", loc="left", size="medium")
    axes.set(xlabel="matrices in the chain", xlim=(1.8, 600))
    axes.set_xticks([2, 8, 32, 128], ["2", "8", "32", "128"])
    axes.set_yticks([1e-7, 1e-5, 1e-3])
    plt.show()
    # --8<-- [end:growth_picture]

    # --8<-- [start:underflow]
    torch.manual_seed(0)
    chain = [with_condition(32, 1000)[0].float() for _ in range(128)]
    product = chain_product(chain)
    true_norm = chain_product([factor.double() for factor in chain]).norm()
    print(f"float64 norm of the product: {true_norm:.0e}")
    print(f"smallest positive float32: {2.0**-149:.0e}")
    print(f"float32 entries that are not zero: {product.count_nonzero()}")
    # --8<-- [end:underflow]

    # --8<-- [start:weak]
    torch.manual_seed(0)
    chain = [torch.randn(64, 64) / 8 for _ in range(64)]
    doubles = [factor.double() for factor in chain]
    single = torch.linalg.svdvals(chain_product(chain).double())
    double = torch.linalg.svdvals(chain_product(doubles))
    logs = log10_singular_values(doubles)

    print("index   share of the first   error in float32")
    for i in (1, 8, 16, 32):
        share = double[i - 1] / double[0]
        off = abs(single[i - 1] / double[i - 1] - 1)
        print(f"{i:5}   {share:18.0e}   {off:16.0e}")
    # --8<-- [end:weak]
    first_off = abs(single[0] / double[0] - 1)
    thirty_second_share = double[31] / double[0]
    thirty_second_factor = single[31] / double[31]

    # --8<-- [start:weak_picture]
    figure, axes = plt.subplots()
    index = range(1, 65)
    axes.plot(index, (single / double[0]).log10(), color=INK)
    axes.plot(index, (double / double[0]).log10(), "--", color=INK)
    axes.plot(index, logs - logs[0], ":", color=SOFT)
    axes.text(64, -7.2, "float32", ha="right")
    axes.text(64, -16.2, "float64", ha="right")
    axes.text(51, -27, "QR after each factor", ha="right", color=SOFT)
    axes.set_title("power of ten", loc="left", size="medium")
    axes.set(xlabel="singular value", ylim=(-42, 1.5))
    axes.set(xticks=[1, 16, 32, 48, 64], yticks=[0, -8, -16, -24, -32, -40])
    plt.show()
    # --8<-- [end:weak_picture]

    # --8<-- [start:weakest]
    inverses = [torch.linalg.inv(factor) for factor in reversed(doubles)]
    largest = torch.linalg.matrix_norm(chain_product(inverses), 2)
    smallest_log, by_inverse = logs[-1] - logs[0], -largest.log10() - logs[0]
    print(f"factor by factor: 10^{smallest_log:.2f}, by the inverse: 10^{by_inverse:.2f}")
    # --8<-- [end:weakest]

    # --8<-- [start:batch]
    torch.manual_seed(0)
    x, w = torch.randn(256, 512), torch.randn(512, 512)
    in_batch, alone = (x @ w)[:1], x[:1] @ w
    batch_gap = (in_batch - alone).abs().max()
    allowed = (2 * gamma(512, 2.0**-24) * (x[:1].abs() @ w.abs())).min()
    print(f"typical entry: {in_batch.abs().median():.0f}")
    print(f"largest difference: {batch_gap:.0e}")
    print(f"two orders of summation may differ by {allowed:.0e}")
    # --8<-- [end:batch]
