"""The exercises on counted and measured networks come out as their solutions say."""
import pytest
import torch

from snippets.inner_outer.background import booked, cnn, rnn, weights
from snippets.inner_outer.background_solutions import batched_rnn, block_run, strided_cnn

NAME = "inner_outer/background_solutions"


def test_narrow_blocks(woven):
    share = woven(NAME).values["by_width"]
    assert share["4"] < 0.5 < share["8"] and list(share.values()) == sorted(share.values())


def test_long_texts(woven):
    attention = woven(NAME).values["attention"]
    for tokens, share in attention.items():
        t, d = int(tokens), 128
        assert share == pytest.approx(4 * t * t * d / (4 * t * t * d + 24 * t * d * d))
    assert attention["512"] < 0.5 < attention["1024"]


def test_block_run_computes_nothing():
    run = block_run(10_000, 64)  # a table of 10^8 numbers for each head, were it computed
    assert sum(e.seconds for e in run) < 5 and any(e.name == "_softmax" for e in run)


def test_strided(woven):
    values = woven(NAME).values
    params = weights((16, 1, 3, 3), (32, 16, 3, 3), (10, 32 * 49))
    x = torch.randn(2, 1, 28, 28)
    assert strided_cnn(x, params).shape == cnn(x, params).shape == (2, 10)
    assert not any("pool" in e.name for e in booked(lambda: strided_cnn(x, params)))
    assert 0.25 < values["operations_left"] < 0.27 and values["strided_time"] < 0.5


def test_backward_exactly_twice(woven):
    ratio = woven(NAME).values["ratio"]
    assert ratio["True"] == 2 > ratio["False"]


def test_batched(woven):
    torch.manual_seed(1)
    params = weights((6, 4), (6, 6))
    x = torch.randn(5, 2, 4)
    assert torch.allclose(batched_rnn(x, params), rnn(x, params), atol=1e-6)
    values = woven(NAME).values
    assert values["equal"] is True
    assert values["counts"]["rnn"] == values["counts"]["batched_rnn"]
    assert values["batched_time"] < 1
