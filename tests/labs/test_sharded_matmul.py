"""Shared products are the unshared ones, move the bytes of theory, and end without a trace."""

import importlib
import math
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from torch import nn
from torch.nn import functional as F

from snippets.labs import ranks
from snippets.labs.ranks import Book, Group, RankError, launch, on_the_wire
from snippets.labs.sharded_matmul import (
    Alone, Grid, Summa, attention, by_columns, by_rows, collectives, dtensor_mlp, layer, mlp,
    moved_forward, one_dies, part, products, side_of_grid, whole_numbers,
)  # fmt: skip

ROOT = Path(__file__).resolve().parents[2]
COMMAND = ["-m", "torch.distributed.run", "--nproc-per-node"]
MODULE = ["-m", "snippets.labs.sharded_matmul"]


@pytest.fixture(autouse=True)
def nothing_left_behind():
    yield
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("p", [1, 4, 9])
def test_products_and_their_bytes(p):
    n, q = 36, math.isqrt(p)
    whole = 8 * n * n
    for report in launch(p, products, n):
        assert all(way["equal"] for way in report.values())
        thick, grid = 2 * (p - 1) / p * whole, 2 * (q - 1) / p * whole
        assert [report[way]["forward"] for way in report] == pytest.approx([0, thick, grid])
        assert [report[way]["backward"] for way in report] == pytest.approx([thick, 0, 2 * grid])
        held = [(1 + 2 / p) * whole, (1 + 2 / p) * whole, 3 / p * whole]
        assert [report[way]["holds"] for way in report] == pytest.approx(held)
        for way in report:
            assert report[way]["forward"] == pytest.approx(moved_forward(way, p) * whole)
        both = {way: report[way]["forward"] + report[way]["backward"] for way in report}
        assert both["columns"] == pytest.approx(both["rows"])
        assert both["grid"] == pytest.approx(6 * (q - 1) / p * whole)
        assert both["grid"] <= both["rows"] * (1 if p < 9 else 0.8)


def differences(cases):
    """On each rank: largest errors of result and gradients for rectangular factors."""
    group, grid, found = Group(Book()), Grid(Book()), []
    cut = {None: lambda x: x.clone(), 0: lambda x: x.chunk(4)[group.rank].clone()}
    cut |= {1: lambda x: x.chunk(4, 1)[group.rank].clone()}
    cut |= {"block": lambda x: x.chunk(2)[group.rank // 2].chunk(2, 1)[group.rank % 2].clone()}
    for m, n, k in cases:
        torch.manual_seed(m)
        a = torch.randn(m, n, dtype=torch.float64, requires_grad=True)
        b = torch.randn(n, k, dtype=torch.float64, requires_grad=True)
        (a @ b).sin().sum().backward()
        for multiply, where, cuts in (
            (by_columns, group, (None, 1, 1)),
            (by_rows, group, (1, 0, None)),
            (Summa.apply, grid, ("block", "block", "block")),
        ):
            cut_a, cut_b, cut_c = (cut[name] for name in cuts)
            my_a, my_b = (f(x.detach()).requires_grad_() for f, x in ((cut_a, a), (cut_b, b)))
            c = multiply(my_a, my_b, where)
            c.sin().sum().backward()
            wanted = cut_c((a @ b).detach()), cut_a(a.grad), cut_b(b.grad)
            got = c.detach(), my_a.grad, my_b.grad
            found.append(max((g - w).abs().max().item() for g, w in zip(got, wanted)))
    return found


def test_rectangular_factors_through_a_curved_loss():
    cases = [(4, 8, 12), (20, 4, 8), (8, 16, 4), (4, 4, 4)]
    for found in launch(4, differences, cases):
        assert len(found) == 12 and max(found) < 1e-12


def test_layer_is_the_unshared_one_and_calls_one_sum_each_way():
    tokens, d = 12, 16
    for report in launch(4, layer, tokens, d, 8):
        for block in ("mlp", "attention"):
            assert report[block]["error"] < 1e-12
            for way in ("forward", "backward"):
                assert report[block][way]["calls"] == {"all_reduce": 1}
                moved = 2 * 3 / 4 * tokens * d * 8
                assert report[block][way]["bytes"] == {"all_reduce": moved}


def test_unshared_attention_is_torchs():
    torch.manual_seed(0)
    d, heads, tokens = 12, 3, 7
    torchs = nn.MultiheadAttention(d, heads, bias=False, dtype=torch.float64)
    x = torch.randn(tokens, d, dtype=torch.float64)
    mask = nn.Transformer.generate_square_subsequent_mask(tokens, dtype=torch.float64)
    wanted, _ = torchs(x, x, x, attn_mask=mask)
    inward = [w.T for w in torchs.in_proj_weight.chunk(3)]
    got = attention(x, inward, torchs.out_proj.weight.T, d // heads, Alone())
    assert torch.allclose(got, wanted, atol=1e-12)


def test_unshared_mlp_is_torchs():
    x, up, down = torch.randn(3, 4), torch.randn(4, 8), torch.randn(8, 4)
    wanted = F.linear(F.gelu(F.linear(x, up.T)), down.T)
    assert torch.allclose(mlp(x, up, down, Alone()), wanted, atol=1e-5)


def every_collective():
    """On each rank: what each collective gives for a matrix that names the rank, and the book."""
    group = Group(book := Book())
    x = torch.arange(8).reshape(4, 2) + 100 * group.rank
    got = [group.all_reduce(x), group.all_gather(x), group.reduce_scatter(x)]
    got += [group.broadcast(x, 2), group.reduce(x, 1)]
    return [m.tolist() for m in got], x.tolist(), book.bytes


def test_collectives_and_their_formulas():
    base = torch.arange(8).reshape(4, 2)
    total = 4 * base + 600
    for rank, (got, untouched, moved) in enumerate(launch(4, every_collective)):
        everyone = torch.cat([base + 100 * r for r in range(4)])
        wanted = [total, everyone, total[rank : rank + 1], base + 200]
        assert got[:4] == [m.tolist() for m in wanted]
        assert rank != 1 or got[4] == total.tolist()
        assert untouched == (base + 100 * rank).tolist()
        size = base.nbytes
        assert moved == {
            "all_reduce": 1.5 * size, "all_gather": 3 * size, "reduce_scatter": 0.75 * size,
            "broadcast": 0.75 * size, "reduce": 0.75 * size,
        }  # fmt: skip


def test_a_book_turns_its_pages():
    book = Book()
    book.note("reduce", 3)
    book.note("reduce", 4)
    page = book.turn()
    assert (page.calls, page.bytes, page.total) == ({"reduce": 2}, {"reduce": 7}, 7)
    assert (book.calls, book.total) == ({}, 0)


def silence():
    return on_the_wire(lambda: None)


def test_what_arrives_on_the_wire():
    if sys.platform != "linux":
        assert math.isnan(launch(4, silence)[0])
        return
    assert launch(4, silence)[0] < 4000  # the barriers' own bytes
    report = launch(4, collectives, 1 << 18)[0]
    ratio = {name: one["arrived"] / one["formula"] for name, one in report.items()}
    for name in ("all_reduce", "all_gather", "broadcast"):
        assert 1 <= ratio[name] < 1.02
    assert 1.98 < ratio["reduce_scatter"] < 2.04  # gloo sums everything everywhere
    assert 1.24 < ratio["reduce"] < 1.28  # it sums a p-th each, then sends these to the root


def test_torchs_own_tensor_parallel_mlp_calls_the_same():
    for name in ("parallel", "debug"):  # once, not in every process
        importlib.import_module(f"torch.distributed.tensor.{name}")
    for report in launch(4, dtensor_mlp, 6, 8):
        assert report == {
            "forward": {"all_reduce": 1}, "backward": {"all_reduce": 1}, "equal": True,
        }  # fmt: skip


def test_a_rank_that_dies():
    with pytest.raises(RankError, match="rank 2 of 4 died of SIGKILL; the other ranks were ended"):
        launch(4, one_dies, 2)


def what_the_others_see(victim, folder):
    try:
        one_dies(victim)
    except RuntimeError as error:
        Path(folder, str(dist.get_rank())).write_text(str(error))
        raise


def test_a_death_raises_in_all_the_others(tmp_path):
    with pytest.raises(RankError, match="rank 2 of 4 died"):
        launch(4, what_the_others_see, 2, tmp_path)
    seen = {int(path.name): path.read_text() for path in tmp_path.iterdir()}
    assert sorted(seen) == [0, 1, 3]
    assert all("peer" in text and "rank" not in text for text in seen.values())


def uneven(size):
    return part(torch.ones(size, size), 0, Group(Book()))


def leave_early():
    if dist.get_rank() == 3:
        os._exit(5)
    dist.barrier()


def different_sizes():
    if dist.get_rank() == 1:
        raise KeyError("mine alone")
    dist.barrier()


def test_errors_name_the_rank_and_the_cause():
    for p, work, arguments, message in (
        (4, leave_early, (), "rank 3 of 4 ended with exit status 5"),
        (4, different_sizes, (), "rank 1 of 4 raised KeyError: 'mine alone'"),
        (2, uneven, (5,), "each of 2 ranks raised ValueError: 5 rows cannot be shared evenly"),
        (2, products, (8,), "each of 2 ranks raised ValueError: 2 processes make no square"),
    ):
        with pytest.raises(RankError) as caught:
            launch(p, work, *arguments)
        assert message in str(caught.value)
        assert not multiprocessing.active_children()


def one_never_wakes():
    if dist.get_rank() == 0:
        time.sleep(100)
    raise KeyError("awake")


def test_a_rank_that_never_wakes_is_ended_too(monkeypatch):
    monkeypatch.setattr(ranks, "GRACE", 0.2)
    with pytest.raises(RankError, match="rank 1 of 2 raised KeyError: 'awake'"):
        launch(2, one_never_wakes)


def test_only_squares_make_a_grid():
    assert [side_of_grid(p) for p in (1, 4, 9, 16)] == [1, 2, 3, 4]
    for p in (0, 2, 3, 5, 8):
        with pytest.raises(ValueError, match="square"):
            side_of_grid(p)


def test_whole_numbers_are_whole_and_seeded():
    m = whole_numbers(5, 7, seed=1)
    assert m.shape == (5, 7) and m.dtype == torch.float64 and torch.equal(m, m.round())
    assert m.abs().max() <= 9 and torch.equal(m, whole_numbers(5, 7, seed=1))
    assert not torch.equal(m, whole_numbers(5, 7, seed=2))


def test_page(woven):
    record = woven("docs/labs/sharded-matmul")
    values = record.values
    assert all(way["equal"] for way in values["three"].values()) and values["agree"] is True
    columns, rows, grid = (values["share"][way] for way in ("columns", "rows", "grid"))
    assert columns["holds"] == rows["holds"] > grid["holds"]
    assert columns["backward"] == rows["forward"] > grid["forward"] == grid["backward"] / 2
    assert grid["forward"] + grid["backward"] == rows["forward"]  # four ranks
    assert all(block["error"] < 1e-12 for block in values["shared"].values())
    moved = values["shared"]["mlp"]["forward"]["bytes"]["all_reduce"]
    assert moved == 1.5 * values["whole_input"]
    assert values["torchs"]["forward"] == values["torchs"]["backward"] == {"all_reduce": 1}
    assert values["left"] == 0
    if sys.platform == "linux":
        ratio = {name: round(one, 2) for name, one in values["ratio"].items()}
        assert ratio["all_reduce"] == ratio["all_gather"] == ratio["broadcast"] == 1
        assert ratio["reduce_scatter"] == 2 and ratio["reduce"] == 1.25


def torchrun(p: int) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, *COMMAND, str(p), *MODULE],
        cwd=ROOT, env=os.environ | {"OMP_NUM_THREADS": "1"}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def of_the_session(leader: int) -> list[int]:
    """Living processes of a session (Linux)."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            state, _, _, session = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
        except (OSError, ValueError):
            continue
        if int(session) == leader and state != "Z" and folder.name.isdigit():
            found.append(int(folder.name))
    return found


def test_torchrun():
    with torchrun(4) as run:
        output, errors = run.communicate(timeout=110)
    assert run.returncode == 0, errors
    assert output.count("equal True") == 5 and "False" not in output
    assert output.count("arrived") == 5


def test_torchrun_with_a_wrong_number_of_processes():
    with torchrun(2) as run:
        output, errors = run.communicate(timeout=110)
    assert run.returncode == 1 and not output
    assert "sharded_matmul: 2 processes make no square grid: start 1, 4 or 9" in errors
    assert not of_the_session(run.pid)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells the children of a process")
def test_torchrun_when_a_rank_is_killed():
    with torchrun(4) as run:
        children = Path(f"/proc/{run.pid}/task/{run.pid}/children")
        while not (born := children.read_text().split()) and run.poll() is None:
            time.sleep(0.02)
        os.kill(int(born[0]), signal.SIGKILL)
        output, errors = run.communicate(timeout=110)
    assert run.returncode == 1 and not output
    assert "Signal 9 (SIGKILL)" in errors
    assert not of_the_session(run.pid)
