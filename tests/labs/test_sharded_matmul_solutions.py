"""The solutions of the lab on shared products give what their exercises ask for."""

import pytest
import torch
import torch.distributed as dist

from snippets.labs.ranks import launch
from snippets.labs.sharded_matmul_solutions import (
    moved, ring_against_gloo, ring_all_reduce, shifts_against_whole, two_orders,
)  # fmt: skip

NAME = "labs/sharded_matmul_solutions"


def ring():
    x = torch.arange(12) ** 2 + 7 * dist.get_rank()
    total, received = ring_all_reduce(x)
    return x.tolist(), total.tolist(), received


@pytest.mark.parametrize("p", [1, 2, 3, 4])
def test_ring(p):
    results = launch(p, ring)
    wanted = [sum(column) for column in zip(*(x for x, _, _ in results))]
    for _, total, received in results:
        assert total == wanted
        assert received == 2 * (p - 1) * 12 * 8 // p


def test_ring_is_gloos_sum():
    for report in launch(4, ring_against_gloo, 64):
        assert report["equal"] and report["received"] == report["formula"] == 1.5 * 64 * 8


def test_orders_of_the_cuts():
    for report in launch(4, two_orders, 6, 8):
        equal = {name: one["equal"] for name, one in report.items()}
        assert equal == {"columns first": True, "rows first": True, "too late": False}
        columns, rows = report["columns first"]["bytes"], report["rows first"]["bytes"]
        assert columns == 1.5 * 6 * 8 * 8 and rows == 4 * columns


def test_shifts():
    for report in launch(4, shifts_against_whole, 8, 12):
        assert report["equal"]
        assert report["bytes"]["all_reduce"] == report["bytes"]["two halves"] == 1.5 * 96 * 8
        assert report["numbers"] == {"all_reduce": 96, "two halves": 24}


def test_moved():
    assert moved(4, 4, 4, 1) == {"rows": 0, "grid": 0}
    assert moved(2, 3, 5, 2) == {"rows": 15, "grid": 0.25 * 21}


def test_page(woven):
    values = woven(NAME).values
    assert values["ring"]["equal"] is True and values["shifts"]["equal"] is True
    turning, first = values["turning"], values["first_grid"]
    assert first / 2 < turning <= first
    for m, way in ((turning * 0.99, "rows"), (turning * 1.01, "grid")):
        both = moved(m, values["width"], values["width"], values["side"])
        assert min(both, key=both.get) == way
