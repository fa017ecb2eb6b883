"""The GPU lab on a machine without a GPU: products, their errors, and six ways to time a call."""
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.labs import gpu_kernels, gpu_matmul
from snippets.labs.gpu_matmul import LAB, Product, batched, draw, reference, stored
from snippets.labs.gpu_ways import MANY, fake, take_turns, ways
from snippets.labs.lab import attempt

# Rounding of operands and result, relative to float64; twice what a run shows.
ERROR = {"fp32": 1e-6, "bf16": 6e-3, "fp16": 8e-4, "fp8": 8e-2}
SIZES = st.integers(1, 40)

on_cpu = pytest.mark.skipif(
    gpu_matmul.device() != "cpu", reason="this machine has an accelerator: the fallback is not used"
)


@settings(max_examples=20)
@given(m=SIZES, k=SIZES, n=SIZES, layout=st.sampled_from(["nn", "nt", "tn", "tt", "ss"]))
def test_layouts_store_otherwise_and_multiply_alike(m, k, n, layout):
    product = Product("fp32", m, k, n, layout)
    a, b = (x.cpu() for x in draw(m, k, n))
    exact = a.double() @ b.double()
    torch.testing.assert_close(product().cpu().double(), exact, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("kind", "strides"), [("n", (7, 1)), ("t", (1, 5)), ("s", (14, 2))])
def test_stored(kind, strides):
    x = torch.arange(35.0).reshape(5, 7)
    assert stored(x, kind).stride() == strides
    assert stored(x, kind).equal(x)


@pytest.mark.parametrize("precision", ERROR)
def test_error_is_that_of_the_precision(precision):
    error = Product(precision, 48, 64, 32).error()
    assert ERROR[precision] / 20 < error < ERROR[precision]


def test_errors_are_in_the_order_of_the_significands():
    errors = [Product(p, 48, 64, 32).error() for p in ("fp32", "fp16", "bf16", "fp8")]
    assert all(3 * less < more for less, more in zip(errors, errors[1:], strict=False))


def test_error_counts_the_rounding_of_the_operands():
    product = Product("bf16", 16, 64, 32)
    a, b = draw(16, 64, 32)
    exact = a.double() @ b.double()
    expected = (product().double() - exact).norm() / exact.norm()
    assert product.error() == pytest.approx(float(expected), rel=1e-6)


def test_a_wrong_product_has_a_large_error(monkeypatch):
    product = Product("fp32", 64, 32, 32)
    monkeypatch.setattr(torch, "mm", lambda a, b, out: out.copy_((a @ b).flip(0)))
    assert product.error() > 0.5


def test_rows_of_the_reference_reach_from_first_to_last():
    picked, exact = reference(100, 8, 9)
    assert picked[0] == 0 and picked[-1] == 99 and len(set(picked.tolist())) == gpu_matmul.ROWS
    a, b = draw(100, 8, 9)
    torch.testing.assert_close(exact, (a.double() @ b.double())[picked])


@pytest.mark.parametrize(("values", "sum_of_c"), [("zeros", 0), ("ones", 6 * 4 * 5)])
def test_values(values, sum_of_c):
    product = Product("fp32", 6, 4, 5, values=values)
    assert product().sum() == sum_of_c
    assert product.work().rel_err is None


@pytest.mark.parametrize(
    ("precision", "moved"),
    [("fp32", 4 * (6 + 15 + 10)), ("bf16", 2 * 31), ("fp8", 6 + 15 + 2 * 10)],
)
def test_work_of_a_product(precision, moved):
    work = Product(precision, 2, 3, 5).work()
    assert (work.flop, work.bytes) == (2 * 2 * 3 * 5, moved)


@on_cpu
def test_what_a_device_cannot_do_is_a_cell_with_the_reason():
    cell = attempt("tf32-8", Product("tf32", 8, 8, 8).work())
    assert cell.error == "RuntimeError: no TF32 on cpu"
    assert gpu_matmul.graph_of(lambda: None) is None


def test_the_fallback(monkeypatch):
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: False)
    assert gpu_matmul.device.__wrapped__() == "cpu"
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: True)
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda: torch.device("mps"))
    assert gpu_matmul.device.__wrapped__() == "mps"


def test_batches_are_the_same_product():
    works = batched("fp32", 6, 5)
    one, other = (work.call().clone() for work in works.values())
    a, b = (x.reshape(6, 5, 5) for x in draw(30, 5, 30))
    expected = torch.einsum("bij,bjk->bik", a.double(), b.double())
    for found in (one, other):
        torch.testing.assert_close(found.double(), expected, rtol=1e-4, atol=1e-4)
    assert {work.flop for work in works.values()} == {2 * 6 * 5**3}


@on_cpu
def test_groups_run_without_a_gpu(monkeypatch):
    monkeypatch.setattr(gpu_kernels, "triton", None)
    found = [cell for name in ("six-ways", "batch", "thin", "kernels") if name in LAB.groups
             for cell in LAB.groups[name].run(1)]  # fmt: skip
    keys = [cell.key for cell in found]
    assert len(set(keys)) == len(keys)
    errors = {cell.error for cell in found if cell.error}
    assert errors == {"RuntimeError: " + gpu_kernels.why_not("cpu")}
    assert "pip install -r requirements-labs.txt" in errors.pop()
    assert {key for key in keys if key.startswith("kernels/library")} == {
        "kernels/library-fp32-64", "kernels/library-fp32-128"
    }  # fmt: skip
    assert all(cell.flop for cell in found if not cell.error and "c" != cell.key[5:6])


# Six ways, on a device made of a thread


@pytest.fixture(scope="module")
def six():
    device, call, graph = fake(0.002)
    return {cell.key: cell for cell in take_turns(device, ways(device, call, graph), 3)}


def test_six_ways(six):
    assert set(six) == {"launch", "sync-each", "sync-once", "events", "events-cold", "graph"}
    assert all(len(cell.samples) == 3 for cell in six.values())
    assert {name for name, cell in six.items() if cell.calls == MANY} == {
        "launch", "sync-once", "graph"
    }  # fmt: skip


def test_launching_takes_no_time(six):
    for sound in ("sync-each", "sync-once", "events", "events-cold", "graph"):
        assert min(six[sound].samples) > 0.0019, sound
        assert min(six["launch"].samples) < 0.2 * min(six[sound].samples), sound


def test_many_calls_share_their_time(six):
    for shared in ("sync-once", "graph"):
        assert min(six[shared].samples) < 0.002 * MANY / 2


def test_nothing_is_left_over_for_the_next_sample():
    device, call, graph = fake(0.001)
    found = ways(device, call, graph)
    cells = take_turns(device, {name: found[name] for name in ("launch", "events")}, 4)
    events = next(cell for cell in cells if cell.key == "events")
    # Not the MANY calls of the launch before it.
    assert sorted(events.samples)[0] < 0.001 * MANY / 2


def test_the_cache_is_emptied_outside_the_sample():
    device, call, _ = fake(0.001)
    flushed = []
    device = type(device)(device.clock, device.wait, lambda: flushed.append(1))
    take_turns(device, {"events-cold": ways(device, call, None)["events-cold"]}, 3)
    assert len(flushed) == 4
    assert "graph" not in ways(device, call, None)
