"""The solutions do what the exercises ask."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from snippets.foundations.elementwise_reduce_dot import count_words
from snippets.foundations.elementwise_reduce_dot_solutions import (
    best_rows,
    bm25,
    correlation,
    factorise,
    masked_mean,
    window_sums,
)

NAME = "foundations/elementwise_reduce_dot_solutions"
seeds = st.integers(0, 2**32 - 1)


@given(seeds)
def test_sum_of_products_is_a_trace(seed):
    p, q = np.random.default_rng(seed).integers(-9, 10, (2, 3, 5))
    assert (p * q).sum() == np.trace(p.T @ q) == p.ravel() @ q.ravel()


def test_page_trace(woven):
    assert "70 70" in woven(NAME).regions["frobenius"].output


@given(seeds, st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_masked_mean(seed, lengths):
    x = torch.from_numpy(np.random.default_rng(seed).standard_normal((len(lengths), 5, 2)))
    expected = torch.stack([row[:n].mean(dim=0) for row, n in zip(x, lengths)])
    for b, n in enumerate(lengths):
        x[b, n:] = float("nan")  # whatever the padding holds
    assert torch.allclose(masked_mean(x, torch.tensor(lengths)), expected)


def test_padding_pulls_the_plain_mean(woven):
    values = woven(NAME).values
    assert (values["plain_mean"], values["true_mean"]) == (2, 3)


@given(st.lists(st.integers(-99, 99), min_size=1, max_size=9), st.data())
def test_window_sums(x, data):
    width = data.draw(st.integers(1, len(x)))
    expected = [sum(x[i : i + width]) for i in range(len(x) - width + 1)]
    assert window_sums(torch.tensor(x), width).tolist() == expected


def test_window_sums_in_float32_can_lose_everything(woven):
    last = woven(NAME).regions["windows"].output.splitlines()[-1]
    assert last.endswith("0.0, 0.0, 0.0]")


@given(seeds, st.floats(0.1, 9), st.floats(-9, 9))
def test_correlation(seed, a, b):
    x, y = np.random.default_rng(seed).standard_normal((2, 8))
    expected = np.corrcoef(x, y)[0, 1]
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    assert correlation(x, y).item() == pytest.approx(expected)
    assert correlation(a * x + b, y).item() == pytest.approx(expected)


def test_degrees_change_the_cosine_alone(woven):
    values = woven(NAME).values
    assert abs(values["cosine"]["Celsius"] - values["cosine"]["Fahrenheit"]) > 0.01
    assert values["correlated"]["Celsius"] == pytest.approx(values["correlated"]["Fahrenheit"])


def by_hand(counts, asked, k, b):
    """BM25 term by term, with ln(N / n) as the weight of a word."""
    total_length = sum(map(sum, counts)) / len(counts)
    scores = []
    for row in counts:
        slow = k * (1 - b + b * sum(row) / total_length)
        scores.append(sum(
            q * np.log(len(counts) / sum(other[j] > 0 for other in counts))
            * f * (k + 1) / (f + slow)
            for j, (q, f) in enumerate(zip(asked, row)) if f
        ))
    return scores


@pytest.mark.parametrize(("k", "b"), [(1.2, 0.75), (1.2, 0.0), (2.0, 1.0)])
def test_bm25_by_hand(k, b):
    counts = [[3, 0, 1], [1, 2, 0], [0, 1, 5], [0, 1, 0]]
    asked = [1, 2, 0]
    found = bm25(torch.tensor(asked, dtype=torch.float64),
                 torch.tensor(counts, dtype=torch.float64), k, b)
    assert found.tolist() == pytest.approx(by_hand(counts, asked, k, b))


def test_bm25_defaults_and_ceiling():
    words = ["cat", "dog"]
    counts = count_words(["cat " * 10**4, "dog", "dog dog"], words)
    asked = torch.tensor([1.0, 0.0], dtype=torch.float64)
    assert torch.equal(bm25(asked, counts), bm25(asked, counts, 1.2, 0.75))
    ceiling = 2.2 * np.log(3)
    assert 0.999 * ceiling < bm25(asked, counts, b=0)[0].item() < ceiling


def test_stuffing_pays_with_the_dot_and_not_with_bm25(woven):
    values = woven(NAME).values
    assert values["growth"]["dot"]["100"] == 100 * values["growth"]["dot"]["1"]
    assert values["growth"]["bm25"]["100"] < values["honest"]


@given(seeds, st.floats(0.01, 2))
def test_best_rows_is_least_squares_with_a_penalty(seed, price):
    rng = np.random.default_rng(seed)
    table, other = rng.standard_normal((4, 6)), rng.standard_normal((6, 2))
    known = rng.random((4, 6)) < 0.7
    found = best_rows(*map(torch.from_numpy, (table, known, other)), price)
    for row, mask, vector in zip(table, known, found.numpy()):
        left = np.vstack([other[mask], np.sqrt(price) * np.eye(2)])  # the penalty as two rows
        right = np.concatenate([row[mask], np.zeros(2)])
        assert np.allclose(vector, np.linalg.lstsq(left, right, rcond=None)[0])


def test_a_table_of_the_right_width_is_completed():
    generator = torch.Generator().manual_seed(1)
    users, films = (torch.randn(n, 2, generator=generator).double() for n in (20, 15))
    table, known = users @ films.T, torch.rand(20, 15, generator=generator) < 0.7
    users, films = factorise(torch.where(known, table, 99.0), known, 2, rounds=99, price=1e-6)
    assert torch.allclose(users @ films.T, table, atol=0.01)


def test_ratings_are_guessed_best_at_their_own_width(woven):
    seen, hidden = (list(woven(NAME).values[name].values()) for name in ("seen", "hidden"))
    assert seen == sorted(seen, reverse=True)
    assert min(hidden) == hidden[2] < 0.25
    assert hidden[0] > hidden[1] > 3 * hidden[2]
    assert hidden[4] > 1.5 * hidden[2]
    assert woven(NAME).values["quiet"] < hidden[4] / 2
