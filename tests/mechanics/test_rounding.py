"""What the chapter on rounding and parentheses claims, checked again by other means."""

import itertools
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from snippets.mechanics.rounding import (
    add_one_by_one,
    aligned_triple,
    amplification,
    association_gap,
    best_bracketing,
    cancellation,
    chain_error,
    chain_product,
    gamma,
    gap_bound,
    hilbert,
    hilbert_inverse,
    log10_singular_values,
    random_orthogonal,
    random_triple,
    with_condition,
)

PAGE = "mechanics/rounding"
seeds = st.integers(0, 10**6)
U32 = 2.0**-24


@pytest.fixture
def values(woven):
    return woven(PAGE).values


def spectral(matrix):
    return torch.linalg.matrix_norm(matrix.double(), 2).item()


# Three numbers


def test_three_numbers_in_float32():
    big, one = torch.tensor([1e8, 1.0])
    assert ((big - big) + one).item() == 1
    assert (big + (-big + one)).item() == 0


def test_finite_bits_leave_gaps(values):
    assert values["gap_at_big"] == 8  # 1e8 lies between 2**26 and 2**27: steps of 2**(26 - 23)
    assert torch.tensor(1e8 + 3).item() == 1e8


def test_ruler_is_a_float_format():
    """The drawn ruler holds the numbers with three significant bits, and 9 is not among them."""
    numbers = {d * 2.0**p for p in (-1, 0, 1) for d in range(4, 8)} | {16.0}
    by_definition = {
        x / 8 for x in range(16, 129) if (x / 8) / 2 ** math.floor(math.log2(x / 8)) * 4 % 1 == 0
    }
    assert numbers == by_definition and 9 not in numbers


# Exactly equal


@given(seed=seeds, n=st.integers(1, 24), entry=st.integers(1, 30), shift=st.integers(-20, 20))
def test_integer_products_are_exact(seed, n, entry, shift):
    assert n * n * entry**3 <= 2**24
    torch.manual_seed(seed)
    whole = torch.randint(-entry, entry + 1, (3, n, n))
    a, b, c = whole.float()
    assert torch.equal((a @ b) @ c, a @ (b @ c))
    assert torch.equal((a @ b) @ c, (whole[0] @ whole[1] @ whole[2]).float())
    scaled = a * 2.0**shift
    assert torch.equal((scaled @ b) @ c, scaled @ (b @ c))


@given(seed=seeds, n=st.integers(1, 24), place=st.integers(0, 2))
def test_identity_in_any_place_is_exact(seed, n, place):
    torch.manual_seed(seed)
    triple = [torch.randn(n, n), torch.randn(n, n)]
    triple.insert(place, torch.eye(n))
    assert association_gap(*triple) == 0


def test_rounding_is_not_in_every_step(woven, values):
    output = woven(PAGE).regions["exact"].output
    assert "integers: True" in output and "times powers of two: True" in output
    assert values["largest_sum"] == 524288 < values["exact_up_to"] == 16777216


@given(x=st.floats(1, 1e6, width=32), ratio=st.floats(0.5, 2))
def test_nearby_numbers_subtract_exactly(x, ratio):
    """Sterbenz: if x / 2 <= y <= 2x, the difference is a float32 number itself."""
    a = torch.tensor(x)
    b = torch.clamp(a * ratio, a / 2, 2 * a)
    assert (a - b).item() == a.item() - b.item()


def test_large_integers_are_rounded(values):
    assert values["large_differ"] > 0.5


def test_float32_runs_out_of_integers_at_two_to_the_24():
    limit = torch.tensor(2.0**24)
    assert limit - 1 + 1 == limit and limit + 1 == limit and limit + 2 != limit


# Three orientations


def test_identity_is_exact_and_orthogonal_is_not(values):
    assert values["gap"]["identity"] == 0 and values["differ"]["identity"] == 0
    for name in ("orthogonal", "Gaussian"):
        assert 1e-8 < values["gap"][name] < 2e-6


def test_most_entries_differ(values):
    assert values["differ"]["orthogonal"] > 0.5 and values["differ"]["Gaussian"] > 0.5


def test_random_orientation(values):
    """The condition number alone does not raise the gap: a million times, less than threefold."""
    gaps = values["random_gaps"]
    assert max(gaps) < 3 * min(gaps) and max(gaps) < 2e-6


def test_aligned_orientation(values):
    gaps = values["aligned_gaps"]
    assert all(later > 3 * earlier for earlier, later in itertools.pairwise(gaps[1:]))
    slope = math.log10(gaps[6] / gaps[2]) / 4
    assert 0.7 < slope < 1.15
    assert values["aligned_growth"] > 1000


@given(seed=seeds, n=st.integers(2, 5))
def test_gap_against_definition(seed, n):
    """The reference is summed term by term with math.fsum, which rounds once."""
    torch.manual_seed(seed)
    a, b, c = torch.randn(n, n + 1), torch.randn(n + 1, n + 2), torch.randn(n + 2, 3)
    exact = torch.tensor(
        [
            [
                math.fsum(
                    a[i, j].item() * b[j, k].item() * c[k, col].item()
                    for j in range(n + 1)
                    for k in range(n + 2)
                )
                for col in range(3)
            ]
            for i in range(n)
        ],
        dtype=torch.float64,
    )
    difference = ((a @ b) @ c).double() - (a @ (b @ c)).double()
    expected = math.sqrt((difference**2).sum() / (exact**2).sum())
    assert association_gap(a, b, c) == pytest.approx(expected, rel=1e-9, abs=1e-18)


def test_gap_is_measured_in_the_inputs_own_type():
    torch.manual_seed(0)
    triple = torch.randn(3, 20, 20, dtype=torch.float64)
    assert association_gap(*triple) < 1e-14 < 1e-8 < association_gap(*triple.float())


@given(seed=seeds, n=st.integers(2, 12), exponent=st.floats(0, 6))
def test_prescribed_condition(seed, n, exponent):
    torch.manual_seed(seed)
    kappa = 10**exponent
    m, inverse = with_condition(n, kappa)
    sizes = torch.linalg.svdvals(m)
    assert sizes[0].item() == pytest.approx(1, rel=1e-9)
    assert (sizes[0] / sizes[-1]).item() == pytest.approx(kappa, rel=1e-6)
    torch.testing.assert_close(m @ inverse, torch.eye(n, dtype=m.dtype), atol=1e-8, rtol=0)


def test_spectrum_is_evenly_spaced_on_a_log_scale():
    torch.manual_seed(0)
    steps = torch.linalg.svdvals(with_condition(9, 1e4)[0]).log10().diff()
    torch.testing.assert_close(steps, torch.full_like(steps, -0.5))


@given(seed=seeds, n=st.integers(1, 12))
def test_random_orthogonal(seed, n):
    torch.manual_seed(seed)
    q = random_orthogonal(n)
    torch.testing.assert_close(q.T @ q, torch.eye(n, dtype=torch.float64))


def test_random_orthogonal_prefers_no_sign():
    """Without the signs of R the diagonal of Q would always be of one sign."""
    torch.manual_seed(0)
    positive = sum((random_orthogonal(3).diagonal() > 0).sum().item() for _ in range(200))
    assert 240 < positive < 360


def test_triples():
    torch.manual_seed(0)
    a, b, c = aligned_triple(16, 100)
    assert torch.equal(a, c) and a.dtype == b.dtype == torch.float32
    torch.testing.assert_close(a @ b, torch.eye(16), atol=1e-4, rtol=0)
    x, y, z = random_triple(16, 100)
    assert not torch.equal(x, y) and not torch.equal(y, z) and x.dtype == torch.float32
    for factor in (a, b, c, x, y, z):
        assert torch.linalg.cond(factor.double()).item() == pytest.approx(100, rel=1e-3)


# Cancellation decides


def test_tiny_inverse(woven):
    k = 10_000
    m, inverse = [[k + 1, k], [k, k - 1]], [[1 - k, k], [k, -k - 1]]
    rows, columns = m, list(zip(*inverse, strict=True))
    product = [[x * p + y * q for p, q in columns] for x, y in rows]
    assert product == [[1, 0], [0, 1]]
    region = woven(PAGE).regions["tiny"]
    assert "sum: 0" in region.output
    assert woven(PAGE).values["tiny_cancellation"] == 2 * k * k - 1


@given(seed=seeds, spread=st.floats(0, 3))
def test_gap_never_exceeds_its_bound(seed, spread):
    """Entry by entry, too: |(AB)C - A(BC)| <= 2 gamma |A||B||C|, for shapes of any kind."""
    torch.manual_seed(seed)
    shapes = torch.randint(1, 20, (4,)).tolist()
    a, b, c = (
        torch.randn(rows, columns) * 10 ** (spread * torch.randn(rows, columns))
        for rows, columns in itertools.pairwise(shapes)
    )
    difference = ((a @ b) @ c).double() - (a @ (b @ c)).double()
    terms = a.double().abs() @ b.double().abs() @ c.double().abs()
    assert (difference.abs() <= 2 * gamma(shapes[1] + shapes[2], U32) * terms).all()
    if (a.double() @ b.double() @ c.double()).norm() > 0:
        assert association_gap(a, b, c) <= gap_bound(a, b, c)


def test_bound_uses_both_inner_lengths():
    a, b, c = torch.ones(2, 5), torch.ones(5, 7), torch.ones(7, 3)
    assert gap_bound(a, b, c) == pytest.approx(2 * 12 * U32 / (1 - 12 * U32), rel=1e-12)
    assert gap_bound(a.double(), b.double(), c.double()) == pytest.approx(24 * 2.0**-53, rel=1e-9)


def test_size_depends_on_the_matrices(values):
    """Gap / (u * cancellation) varies less than 10-fold while the cancellation varies 1000-fold."""
    assert values["most_cancellation"] > 1000 * values["least_cancellation"]
    assert values["most_quotient"] < 10 * values["least_quotient"]
    assert 0.01 < values["least_quotient"] and values["most_quotient"] < 1
    assert values["most_of_bound"] < 0.1
    assert values["bound_factor"] == pytest.approx(128, rel=1e-3)


@given(seed=seeds, n=st.integers(1, 8))
def test_cancellation(seed, n):
    torch.manual_seed(seed)
    a, b, c = torch.randn(3, n, n)
    product = a.double() @ b.double() @ c.double()
    by_hand = torch.zeros(n, n, dtype=torch.float64)
    for j, k in itertools.product(range(n), repeat=2):
        by_hand += (a[:, j, None].double() * b[j, k].double() * c[None, k].double()).abs()
    factor = cancellation(a, b, c)
    assert factor == pytest.approx((by_hand.norm() / product.norm()).item(), rel=1e-9)
    assert factor >= 1 - 1e-12
    assert cancellation(a.abs(), b.abs(), c.abs()) == pytest.approx(1)
    frobenius = (a.double().norm() * b.double().norm() * c.double().norm() / product.norm()).item()
    assert factor <= frobenius * (1 + 1e-12)


@given(seed=seeds, n=st.integers(2, 12))
def test_condition_number_is_a_ceiling(seed, n):
    """||A|| ||B|| / ||AB|| <= min(cond A, cond B); three factors: the smallest product of two."""
    torch.manual_seed(seed)
    a, b, c = (with_condition(n, 10 ** (4 * torch.rand(1).item()))[0] for _ in range(3))
    conds = [torch.linalg.cond(factor).item() for factor in (a, b, c)]
    slack = 1 + 1e-6
    assert spectral(a) * spectral(b) / spectral(a @ b) <= min(conds[:2]) * slack
    three = spectral(a) * spectral(b) * spectral(c) / spectral(a @ b @ c)
    assert three <= min(x * y for x, y in itertools.combinations(conds, 2)) * slack


def test_gamma():
    assert gamma(1000, U32) == pytest.approx(1000 * U32 / (1 - 1000 * U32), rel=1e-15)
    assert gamma(3, U32) > 3 * U32
    j, k = 40, 60
    assert gamma(j, U32) + gamma(k, U32) + gamma(j, U32) * gamma(k, U32) <= gamma(j + k, U32)
    with pytest.raises(ValueError, match="no bound"):
        gamma(256, 2.0**-8)


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_hilbert_inverse_is_exact(n):
    from fractions import Fraction

    inverse = [[int(x) for x in row] for row in hilbert_inverse(n).tolist()]
    for i, k in itertools.product(range(n), repeat=2):
        assert sum(Fraction(inverse[j][k], i + j + 1) for j in range(n)) == (i == k)
    assert hilbert(n)[n - 1, n - 1].item() == 1 / (2 * n - 1)


def test_hilbert_gaps(values):
    """A condition number above 1e10: harmless in one chain, fatal in the other."""
    assert values["hilbert_condition"]["8"] > 1e10
    assert max(values["hilbert_gap"].values()) < 1e-6
    assert min(values["inverse_gap"].values()) > 1e-3 and values["inverse_gap"]["8"] > 0.1
    assert values["largest_inverse_entry"] == 4249941696
    assert cancellation(hilbert(8), hilbert(8), hilbert(8)) == pytest.approx(1)


# Other types


def test_gap_by_type(values):
    gaps = values["dtype_gap"]
    order = ["float64", "float32", "float16", "bfloat16"]
    for kind in ("GGG", "MWM", "WMG"):
        for finer, coarser in itertools.pairwise(order):
            assert gaps[coarser][kind] > 3 * gaps[finer][kind]
    assert gaps["float32"]["GGG"] < 2e-6 and 5e-4 < gaps["bfloat16"]["GGG"] < 2e-2


def test_storing_between_products_costs_more(values):
    for name in ("float16", "bfloat16"):
        gaps = values["dtype_gap"][name]
        assert gaps["WMG"] > 2 * gaps["MWM"] and gaps["MWM"] < 2 * gaps["GGG"]
    assert min(values["rounded_once"].values()) > 0.95


@pytest.mark.parametrize("sign", [1, -1])
def test_small_updates_are_lost(sign):
    """In float16, below 1/4096 of the weight always; up to 1/2048 sometimes, beyond it never."""
    weights = torch.arange(1024, 2048).half() / 1024  # every float16 from 1 to 2

    def lost(share):
        return weights + sign * (weights.double() * share).half() == weights

    assert lost(0.99 / 4096).all()
    assert lost(0.99 / 2048).any() and not lost(0.99 / 2048).all()
    assert not lost(1.01 / 2048).any()


def test_sums_stall(values):
    assert values["stall_bfloat16"] == 256 and values["stall_float16"] == 2048
    for dtype, limit in ((torch.bfloat16, 256), (torch.float16, 2048)):
        ones = torch.ones(limit + 50, dtype=dtype)
        assert add_one_by_one(ones) == [*map(float, range(1, limit + 1)), *[limit] * 50]
        assert ones.sum().double().item() == pytest.approx(limit + 50, rel=2**-8)
    assert add_one_by_one(torch.tensor([1.0, 2.0, 3.5])) == [1.0, 3.0, 6.5]


def test_whole_sum_is_not_stalled(woven):
    output = woven(PAGE).regions["stall"].output
    assert "bfloat16: one by one 256, ones.sum() 4096" in output
    assert "float16: one by one 2048, ones.sum() 4096" in output
    assert "2**24 + 1 == 2**24: True" in output


# Sensitivity


@given(seed=seeds, n=st.integers(2, 20))
def test_condition_number_is_exactly_the_ratio(seed, n):
    torch.manual_seed(seed)
    w = torch.randn(n, n, dtype=torch.float64)
    sizes = torch.linalg.svdvals(w)
    worst = spectral(w) * spectral(torch.linalg.inv(w))
    assert worst == pytest.approx((sizes[0] / sizes[-1]).item(), rel=1e-6)
    assert torch.linalg.cond(w).item() == pytest.approx(worst, rel=1e-6)


def test_condition_number_of_a_singular_matrix_is_infinite():
    assert torch.linalg.cond(torch.diag(torch.tensor([1.0, 0.0]))).isinf()


def test_condition_number_is_the_worst_case(values):
    for kappa, factor in values["worst"].items():
        assert factor == pytest.approx(float(kappa), rel=1e-4)
        assert values["mildest"][kappa] == pytest.approx(1 / float(kappa), rel=1e-4)


def test_typical_error_is_not_amplified(values):
    for factor in values["typical"].values():
        assert 0.5 < factor < 2


@given(seed=seeds, n=st.integers(2, 12))
def test_amplification_stays_within_the_condition_number(seed, n):
    torch.manual_seed(seed)
    w, x, error = (torch.randn(*size, dtype=torch.float64) for size in ((n, n), (n,), (n,)))
    factor, kappa = amplification(w, x, error), torch.linalg.cond(w).item()
    assert 1 / kappa * (1 - 1e-9) <= factor <= kappa * (1 + 1e-9)
    assert amplification(w, x, 7 * error) == pytest.approx(factor)
    assert amplification(torch.eye(n, dtype=torch.float64), x, error) == pytest.approx(1)


# Cost and order


def test_order_is_not_bracketing(woven):
    output = woven(PAGE).regions["order"].output
    assert "AB = [[1.0, 0.0], [0.0, 0.0]]" in output
    assert "BA = [[0.0, 0.0], [0.0, 1.0]]" in output
    assert "(AB)A == A(BA): True" in output


def test_bracketing_changes_the_cost(values):
    assert values["left_first"] == 1074790400 and values["right_first"] == 2 * 1024**2
    assert values["cost_ratio"] == pytest.approx(512.5)


def test_chain_order(values):
    assert values["fewest"] == 15125 and values["bracketing"] == "((A(BC))((DE)F))"
    assert values["left_to_right"] == 40500


@given(sizes=st.lists(st.integers(1, 40), min_size=2, max_size=7))
def test_best_bracketing_against_all(sizes):
    def costs(i, j):
        """Every bracketing of matrices i to j, as (cost, parentheses)."""
        if j == i + 1:
            return [(0, "ABCDEF"[i])]
        return [
            (left + right + sizes[i] * sizes[k] * sizes[j], f"({x}{y})")
            for k in range(i + 1, j)
            for left, x in costs(i, k)
            for right, y in costs(k, j)
        ]

    every = costs(0, len(sizes) - 1)
    best = best_bracketing(sizes)
    assert best in every and best[0] == min(cost for cost, _ in every)


# Chains


def test_chains_of_turns_grow_slowly(values):
    for name in ("orthogonal", "Gaussian"):
        errors = values["growth"][name]
        assert 2 < errors[6] / errors[2] < 32  # 16 times the length
    assert 1.2 < values["per_doubling"] < 1.9  # sqrt(2) if errors add up like random steps
    positive = values["growth"]["positive"]
    assert positive[6] < values["growth"]["orthogonal"][6]


def test_opposed_chains_grow_exponentially(values):
    opposed = values["opposed"]
    assert all(later > 2.5 * earlier for earlier, later in itertools.pairwise(opposed))
    assert opposed[4] > 300 * opposed[0] and values["per_pair"] > 3


def test_chain_product_and_error():
    torch.manual_seed(0)
    factors = list(torch.randint(-3, 4, (4, 5, 5)).float())
    by_hand = factors[0] @ (factors[1] @ (factors[2] @ factors[3]))
    assert torch.equal(chain_product(factors), by_hand) and chain_error(factors) == 0
    rounded = list(torch.randn(6, 20, 20))
    exact = torch.linalg.multi_dot([factor.double() for factor in rounded])
    expected = (chain_product(rounded).double() - exact).norm() / exact.norm()
    assert chain_error(rounded) == pytest.approx(expected.item(), rel=1e-6)
    assert 1e-8 < chain_error(rounded) < 1e-5


def test_product_underflows(values, woven):
    assert 1e-90 < values["true_norm"] < 1e-50
    assert "not zero: 0" in woven(PAGE).regions["underflow"].output


def test_weak_directions_go_before_the_product_underflows():
    torch.manual_seed(0)
    chain = [with_condition(32, 1000)[0].float() for _ in range(8)]
    product = chain_product(chain).double()
    weakest = log10_singular_values([factor.double() for factor in chain])[-1].item()
    assert product.norm() > 1e-10 and chain_error(chain) < 1e-5
    assert torch.linalg.svdvals(product)[-1].log10().item() > weakest + 3


def test_weak_directions_are_lost(values):
    assert values["first_off"] < 1e-5
    assert values["thirty_second_share"] < 1e-9
    assert values["thirty_second_factor"] > 10


def test_singular_values_without_the_product(values):
    """Determinants fix their sum, float64 the strong ones, the inverse the weakest."""
    torch.manual_seed(1)
    factors = [torch.randn(10, 10, dtype=torch.float64) for _ in range(60)]
    logs = log10_singular_values(factors)
    total = sum(torch.linalg.slogdet(factor).logabsdet.item() for factor in factors)
    assert logs.sum().item() == pytest.approx(total / math.log(10), rel=1e-9)
    direct = torch.linalg.svdvals(chain_product(factors[:4])).log10()
    torch.testing.assert_close(log10_singular_values(factors[:4]), direct, atol=0.01, rtol=0)
    top = torch.linalg.svdvals(chain_product(factors))[0].log10()
    assert logs[0].item() == pytest.approx(top.item(), abs=0.01)
    assert values["smallest_log"] < -30
    assert values["by_inverse"] == pytest.approx(values["smallest_log"], abs=0.01)


# Batch shape


def test_batch_shape_stays_within_the_bound(values):
    """Equality is promised by nobody, and inequality neither: only the distance is bounded."""
    assert values["batch_gap"] <= values["allowed"]


@given(seed=seeds, rows=st.integers(1, 9), inner=st.integers(1, 60))
def test_any_two_orders_of_summation_stay_close(seed, rows, inner):
    torch.manual_seed(seed)
    x, w = torch.randn(rows, inner), torch.randn(inner, 5)
    shuffle = torch.randperm(inner)
    difference = (x[:, shuffle] @ w[shuffle] - x @ w).abs()
    assert (difference <= 2 * gamma(inner, U32) * (x.abs() @ w.abs()) * (1 + 1e-5)).all()


def test_amplification_by_hand():
    w = torch.tensor([[2.0, 1.0], [0.0, 5.0]])
    # W x = (4, 10) and W e = (1, -5), with squared lengths 116 and 26, against 5 and 2 before.
    found = amplification(w, torch.tensor([1.0, 2.0]), torch.tensor([1.0, -1.0]))
    assert found == pytest.approx((26 / 116 / (2 / 5)) ** 0.5)
