"""Attention spectra against numpy's own eigenvalues, and what the page says of them."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from snippets.mechanics.attention_as_product import attention, scores, softmax
from snippets.mechanics.attention_spectrum import (
    centred,
    directions_for,
    effective_ranks,
    energies,
    spread,
    spread_by_depth,
    train,
    truncated,
    untrained,
)

RUN = "mechanics/attention_spectrum"
seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(2, 12)


def random_attention(seed: int, n: int, sharpness: float = 1.0) -> np.ndarray:
    """Positive rows that sum to 1, with no structure."""
    weights = np.exp(sharpness * np.random.default_rng(seed).standard_normal((n, n)))
    return weights / weights.sum(axis=1, keepdims=True)


@given(seeds, sizes)
def test_energies_are_the_eigenvalues_of_the_gram_matrix(seed, n):
    a = random_attention(seed, n)
    assert np.allclose(energies(a), np.linalg.eigvalsh(a @ a.T)[::-1])
    assert np.allclose(energies(a), np.linalg.eigvalsh(a.T @ a)[::-1])


@given(seeds, sizes, st.sampled_from([0.1, 1.0, 5.0]))
def test_trace_is_the_sum_of_squares_and_lies_between_one_and_n(seed, n, sharpness):
    a = random_attention(seed, n, sharpness)
    total = energies(a).sum()
    assert total == pytest.approx(np.trace(a @ a.T)) == pytest.approx((a**2).sum())
    assert 1 - 1e-9 <= total <= n + 1e-9


def test_range_of_the_trace_is_attained():
    n = 9
    assert energies(np.full((n, n), 1 / n)).sum() == pytest.approx(1)
    assert energies(np.eye(n)[::-1]).sum() == pytest.approx(n)


@given(st.integers(1, 12), st.integers(1, 12))
def test_every_effective_rank_counts_equal_directions(k, more):
    a = np.zeros((k + more, k + more))
    a[:k, :k] = 3 * np.eye(k)
    assert effective_ranks(a) == pytest.approx(
        {"entropy": k, "participation": k, "stable": k}
    )


@given(seeds, st.integers(2, 12), st.data())
def test_a_few_large_eigenvalues_bound_the_ranks(seed, n, data):
    """A share s in the first k: stable rank at most k / s, participation at most k / s**2."""
    k = data.draw(st.integers(1, n))
    a = random_attention(seed, n, data.draw(st.sampled_from([0.1, 1.0, 4.0])))
    share = energies(a)[:k].sum() / energies(a).sum()
    ranks = effective_ranks(a)
    assert ranks["stable"] <= k / share + 1e-9
    assert ranks["participation"] <= k / share**2 + 1e-9


def test_effective_ranks_of_unequal_directions():
    ranks = effective_ranks(np.diag(np.sqrt([0.5, 0.25, 0.25])))
    assert ranks == pytest.approx(
        {"entropy": 2**1.5, "participation": 8 / 3, "stable": 2}
    )


@given(seeds, sizes, st.floats(0.1, 10))
def test_effective_ranks_are_ordered_and_ignore_scale(seed, n, factor):
    a = random_attention(seed, n, 2.0)
    ranks = effective_ranks(a)
    rank = np.linalg.matrix_rank(a)
    assert 1 <= ranks["stable"] <= ranks["participation"] + 1e-9
    assert ranks["participation"] <= ranks["entropy"] + 1e-9 <= rank + 2e-9
    assert effective_ranks(factor * a) == pytest.approx(ranks)


@given(seeds, sizes)
def test_centring_removes_exactly_one_unit_of_energy(seed, n):
    a = random_attention(seed, n)
    assert energies(centred(a)).sum() == pytest.approx(energies(a).sum() - 1)
    assert np.allclose(centred(a), a @ (np.eye(n) - 1 / n))


@given(seeds, st.integers(3, 10))
def test_truncation_loses_the_eigenvalues_left_out(seed, n):
    a = random_attention(seed, n)
    for k in range(1, n):
        near = truncated(a, k)
        assert np.linalg.matrix_rank(near, rtol=1e-9) <= k
        assert np.linalg.norm(a - near) ** 2 == pytest.approx(energies(a)[k:].sum())


def test_directions_for_a_share():
    a = np.diag(np.sqrt([0.5, 0.3, 0.2]))
    assert [directions_for(a, share) for share in (0.49, 0.51, 0.79, 0.81, 0.99)] == [1, 2, 2, 3, 3]
    assert [directions_for(np.eye(4), share) for share in (0.25, 0.5, 0.6, 1)] == [1, 2, 3, 4]


@given(seeds, sizes, st.integers(1, 6))
def test_untrained_attention_is_attention_and_uniform_without_scores(seed, n, d):
    a = untrained(n, d, 1.0, np.random.default_rng(seed))
    assert a.shape == (n, n) and (a > 0).all() and np.allclose(a.sum(axis=1), 1)
    assert np.allclose(untrained(n, d, 0.0, np.random.default_rng(seed)), 1 / n)
    log = np.log(a) - np.log(a).mean(axis=1, keepdims=True)
    assert np.linalg.matrix_rank(log, rtol=1e-8) <= d


def test_untrained_scores_have_variance_near_one():
    a = untrained(400, 400, 1.0, np.random.default_rng(0))
    assert np.log(a).var(axis=1).mean() == pytest.approx(1, rel=0.05)
    twice = untrained(400, 400, 2.0, np.random.default_rng(0))
    assert np.log(twice).var(axis=1).mean() == pytest.approx(4, rel=0.05)


def test_torchs_own_layer_starts_at_scale_one_half():
    """Xavier on the stacked (3d, d) weight: variance 1 / (2d), scores of deviation 1/2."""
    d = 256
    torch.manual_seed(0)
    layer = torch.nn.MultiheadAttention(d, 1, bias=False)
    w_q, w_k, _ = layer.in_proj_weight.detach().double().numpy().reshape(3, d, d)
    assert w_q.var() * d == pytest.approx(0.5, rel=0.02)
    x = np.random.default_rng(0).standard_normal((d, d))
    s = scores(x @ w_q.T, x @ w_k.T)
    assert s.std() == pytest.approx(0.5, rel=0.05)
    assert effective_ranks(softmax(s[:64, :64]))["entropy"] < 5


def test_training_learns_the_source_that_is_asked_for():
    source = [2, 0, 1, 1]
    before, after, right = train(source, d=16)
    assert right > 0.95
    assert (after.argmax(axis=1) == source).all() and after.max(axis=1).min() > 0.8
    assert before.shape == after.shape == (4, 4)
    assert np.allclose(before.sum(axis=1), 1) and np.allclose(after.sum(axis=1), 1)
    again = train(source, d=16)
    assert np.allclose(again[1], after)


def attention_of_torch(x: torch.Tensor, w_q: torch.Tensor, w_k: torch.Tensor) -> torch.Tensor:
    """The attention matrix itself: torch's attention with the identity for values."""
    return F.scaled_dot_product_attention(x @ w_q, x @ w_k, torch.eye(len(x), dtype=x.dtype))


@pytest.mark.parametrize("steps", [0, 2])
def test_training_is_plain_gradient_descent_at_rate_one(steps):
    n, source = 6, [0, 0, 2, 2, 4, 4]
    torch.manual_seed(0)
    weights = [torch.randn(size, dtype=torch.float64) for size in [(8, 32), (n, 32), (32, 32)]]
    weights += [torch.randn(size, dtype=torch.float64) for size in [(32, 32), (32, 8)]]
    word, place, *rest = weights
    w_q, w_k, w_v = (w / 32**0.5 for w in rest)
    weights = [w.requires_grad_() for w in (word, place, w_q, w_k, w_v)]
    fresh = torch.randint(8, (200, n))

    def attention_and_guess(text: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x = F.embedding(text, word) + place
        a = attention_of_torch(x, w_q, w_k)
        return a, a @ (x @ w_v)

    first = attention_and_guess(fresh[0])[0].detach()
    descent = torch.optim.SGD(weights, lr=1.0)
    for _ in range(steps):
        texts = torch.randint(8, (32, n))
        guesses = torch.stack([attention_and_guess(text)[1] for text in texts])
        loss = F.nll_loss(guesses.log_softmax(-1).transpose(1, 2), texts[:, source])
        descent.zero_grad()
        loss.backward()
        descent.step()
    guesses = torch.stack([attention_and_guess(text)[1] for text in fresh])
    share = (guesses.argmax(-1) == fresh[:, source]).double().mean().item()

    before, after, right = train(source, steps=steps)
    assert np.allclose(before, first)
    assert np.allclose(after, attention_and_guess(fresh[0])[0].detach())
    assert right == pytest.approx(share)


def test_spread():
    assert spread(np.ones((5, 3))) == pytest.approx(0)
    assert spread(np.array([[1.0, 0], [-1, 0]])) == pytest.approx(1)
    assert spread(np.array([[3.0], [1.0]])) == pytest.approx(np.sqrt(2 / 10))


@given(seeds)
def test_depth_without_attention_changes_nothing_and_mean_collapses(seed):
    still = spread_by_depth(1, 0, 3, np.random.default_rng(seed))
    assert still == pytest.approx([still[0]] * 4) and still[0] > 0.9
    alone = spread_by_depth(0, 1, 6, np.random.default_rng(seed))
    assert len(alone) == 7 and alone[6] < 1e-6


@pytest.mark.parametrize(("skip", "branch"), [(0, 1), (1, 1), (1, 0.3), (0.5, 2)])
def test_depth_is_torchs_attention_after_rms_norm(skip, branch):
    rng = np.random.default_rng(3)
    x = torch.tensor(rng.standard_normal((32, 32)))
    expected = [spread(x.numpy())]
    for _ in range(3):
        z = F.rms_norm(x, (32,))
        q, k, v = (z @ torch.tensor(w) / 32**0.5 for w in rng.standard_normal((3, 32, 32)))
        x = skip * x + branch * F.scaled_dot_product_attention(q, k, v)
        expected.append(spread(x.numpy()))
    assert spread_by_depth(skip, branch, 3, np.random.default_rng(3)) == pytest.approx(expected)


@given(seeds)
def test_alike_words_lose_their_differences_cubically(seed):
    """A tenth of the difference before a layer is a thousandth after it."""
    rng = np.random.default_rng(seed)
    common, own = rng.standard_normal(32), rng.standard_normal((32, 32))
    w_q, w_k, w_v = rng.standard_normal((3, 32, 32)) / 32**0.5

    def left(delta: float) -> float:
        x = common + delta * own
        out = attention(x @ w_q, x @ w_k, x @ w_v)
        return np.linalg.norm(out - out.mean(axis=0))

    assert np.log10(left(1e-2) / left(1e-3)) == pytest.approx(3, abs=0.1)


# What the page says


def test_small_example(woven):
    assert woven(RUN).values["small_trace"] == pytest.approx(2.0)


def test_patterns(woven):
    values = woven(RUN).values
    total, ranks = values["total"], values["ranks"]
    assert total["uniform"] == pytest.approx(1)
    assert total["diagonal"] == pytest.approx(total["sink"]) == pytest.approx(16)
    assert ranks["diagonal"]["entropy"] == pytest.approx(16)
    assert ranks["sink"]["entropy"] == pytest.approx(1)
    assert ranks["uniform"]["entropy"] == pytest.approx(1)


def test_untrained_baseline_is_already_low(woven):
    """Claim 001-91: a low effective rank shows that the pattern is learned. It does not."""
    values = woven(RUN).values
    assert values["low"] < 5 and values["low_shuffled"] < 5
    assert values["low_centred"] > 15
    assert values["base"] < 20 < values["sharp"] < values["sharp_shuffled"]


@pytest.mark.parametrize("seed", range(5))
def test_baseline_holds_for_other_seeds(seed):
    a = untrained(64, 64, 0.5, np.random.default_rng(seed))
    assert effective_ranks(a)["entropy"] < 5 < 15 < effective_ranks(centred(a))["entropy"]


def test_sharp_untrained_attention_is_lower_than_its_shuffles_on_average():
    below = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        a = untrained(64, 64, 8.0, rng)
        shuffled = rng.permuted(a, axis=1)
        below.append(effective_ranks(shuffled)["entropy"] - effective_ranks(a)["entropy"])
    assert np.mean(below) > 2 and min(below) < 3


def test_centring(woven):
    values = woven(RUN).values
    assert values["removed"] == pytest.approx(1)
    assert values["top_share"] > 0.7 and values["top_share_centred"] < 0.3
    assert values["top_share"] >= 1 / values["low_energy"]


def test_three_tasks(woven):
    """Claims 001-90 and 001-93: rank follows the task, from 1 to n."""
    values = woven(RUN).values
    assert all(share > 0.99 for share in values["correct"].values())
    assert values["task_rank"]["first"] == pytest.approx(1, abs=0.05)
    assert values["task_rank"]["block"] == pytest.approx(4, abs=0.15)
    assert values["task_rank"]["previous"] > 15.5
    assert values["start_rank"] < 6


def test_leading_directions(woven):
    """Claim 001-92: what four directions leave out depends on the pattern."""
    values = woven(RUN).values
    assert values["lost"]["previous"] == pytest.approx(0.75, abs=0.02)
    assert values["lost"]["block"] < 0.01 and 0.02 < values["lost"]["untrained"] < 0.2
    assert values["needed"] == {"untrained": 4, "first": 1, "block": 4, "previous": 15}


def test_two_sides(woven):
    """The sink: leading direction of A A' spread over queries, of A' A on one key."""
    values = woven(RUN).values
    assert values["query_side"] == pytest.approx([0.25] * 16, abs=0.02)
    assert values["key_side"] == pytest.approx([1] + [0] * 15, abs=0.02)


@given(seeds, sizes)
def test_spectrum_does_not_see_which_key_is_which(seed, n):
    """Claim 001-94: two opposite patterns can have one spectrum."""
    a = random_attention(seed, n)
    order = np.random.default_rng(seed).permutation(n)
    assert np.allclose(energies(a[:, order]), energies(a))
    assert np.allclose(energies(a[order]), energies(a))


def test_blind_region(woven):
    values = woven(RUN).values
    assert values["same_spectrum"] is True and values["looks_elsewhere"] > 0.5


def test_collapse(woven):
    """Claim 001-85: attention alone loses the tokens' differences, the skip keeps them."""
    values = woven(RUN).values
    assert values["alone"][1] > 0.5 and values["alone"][3] < 0.03 and values["alone"][4] < 1e-4
    assert values["exponent_growth"] > 2
    assert 0.2 < values["skip_end"] < 0.5 < 0.9 < values["branch_end"]
