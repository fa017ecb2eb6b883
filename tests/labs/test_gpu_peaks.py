"""Datasheets, and tables that are computed from recorded samples."""
import copy

import pytest

from snippets.labs import gpu_peaks
from snippets.labs.gpu_peaks import PEAKS, gpu_runs, peak_of, precision_of, ridge, roof, rows
from snippets.labs.records import Record, place, store

GPU = {"name": "NVIDIA H100 80GB HBM3", "L2": 50 << 20}
CELLS = [
    {"key": "precisions/bf16-4096", "samples": [2e-3, 1e-3, 4e-3], "clock": "event", "calls": 1,
     "flop": 4e11, "bytes": 1e8, "rel_err": 3e-3},
    {"key": "precisions/bf16-8192", "samples": [1e-3], "clock": "event", "calls": 1,
     "flop": 5e11, "bytes": 2e8},
    {"key": "precisions/fp8-4096", "error": "RuntimeError: no fp8 on this device"},
    {"key": "thin/bf16-1x64x64", "samples": [1e-3], "clock": "event", "calls": 1,
     "flop": 8e9, "bytes": 8e9},
    {"key": "thin/copy", "samples": [1e-3], "clock": "event", "calls": 1, "bytes": 3e9},
]  # fmt: skip


@pytest.fixture
def run(data, tmp_path) -> Record:
    data["lab"], data["cells"] = "gpu-matmul", copy.deepcopy(CELLS)
    data["machine"] |= {"device": GPU["name"], "gpu": GPU}
    return Record(tmp_path / "run.json", data)


@pytest.mark.parametrize(
    ("name", "peak"),
    [
        ("NVIDIA H100 80GB HBM3", "H100 SXM"),
        ("NVIDIA H100 PCIe", "H100 PCIe"),
        ("NVIDIA H200", "H200 SXM"),
        ("NVIDIA A100-SXM4-40GB", "A100 SXM 40 GB"),
        ("NVIDIA A100-SXM4-80GB", "A100 SXM 80 GB"),
    ],
)
def test_peaks_by_the_drivers_name(name, peak):
    assert peak_of(name).name == peak


@pytest.mark.parametrize("name", ["NVIDIA H200 NVL", "NVIDIA A10", "mps Apple M3", "NVIDIA H100"])
def test_no_peak_is_guessed(name):
    assert peak_of(name) is None


def test_dense_peaks_follow_from_cores_and_clock():
    """528 tensor cores, 1024 operations a cycle each, at 1.83 GHz; each halving of the width
    doubles the rate. Without tensor cores 16,896 cores do two operations a cycle at 1.98 GHz."""
    peak = peak_of("NVIDIA H200").tflops
    assert peak["bf16"] == peak["fp16"] == pytest.approx(528 * 1024 * 1.83e9 / 1e12, rel=1e-3)
    assert peak["fp8"] == pytest.approx(2 * peak["bf16"], rel=1e-3)
    assert peak["tf32"] == pytest.approx(peak["bf16"] / 2, rel=1e-3)
    assert peak["fp32"] == pytest.approx(16896 * 2 * 1.98e9 / 1e12, rel=5e-3)


def test_peaks_have_their_source(root):
    for peak in PEAKS:
        text = (root / "ledger/references/n.yml").read_text(encoding="utf-8")
        assert f"- id: {peak.source}\n" in text


def test_roof_and_ridge():
    assert ridge(1000, 2000) == 500
    assert roof(500, 1000, 2000) == roof(501, 1000, 2000) == 1000
    assert roof(1, 1000, 2000) == 2


def test_precision_of():
    assert precision_of("kernels/tiled-bf16-2048") == "bf16"
    assert precision_of("thin/fp32-1x64x64") == "fp32"
    assert precision_of("thin/copy") is None


def test_rows_come_from_the_samples(run):
    first, second = rows(run, "precisions")
    assert first.seconds.median == 2e-3
    assert first.rate == pytest.approx(200)  # TFLOP/s
    assert first.of_peak == pytest.approx(200 / 989.5)
    assert first.of_best == pytest.approx(200 / 500)
    assert (first.rel_err, second.rel_err, second.of_best) == (3e-3, None, 1)


def test_table(run):
    table = gpu_peaks.table(run, "precisions")
    line = next(line for line in table.splitlines() if line.startswith("bf16-4096"))
    assert line.split() == ["bf16-4096", "2", "1.2..3.6", "200", "20%", "40%", "3e-03"]
    assert "fp8-4096                RuntimeError: no fp8" in table
    assert max(map(len, table.splitlines())) <= 82
    copy = gpu_peaks.table(run, "thin").splitlines()[-1]
    assert copy.split() == ["copy", "1", "1..1", "-", "-", "-", "-"]


def test_a_device_without_a_datasheet_has_no_share(run):
    run.data["machine"]["device"] = "mps Apple M3"
    assert {row.of_peak for row in rows(run, "precisions")} == {None}
    assert next(rows(run, "precisions")).of_best is not None


def test_thin_products_under_the_runs_own_roof(run):
    ((name, intensity, limit, found),) = gpu_peaks.thin(run)
    assert (name, intensity) == ("bf16-1x64x64", 1)
    assert limit == pytest.approx(3)  # at 3000 GB/s
    assert found == pytest.approx(8)


def test_only_runs_on_a_gpu_are_shown(run, data, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(gpu_peaks, "load_all", lambda lab: [])
    gpu_peaks.show("precisions")
    assert capsys.readouterr().out == "no run recorded yet\n"

    monkeypatch.setattr(gpu_peaks, "load_all", lambda lab: [run])
    gpu_peaks.show("precisions")
    banner, _, *lines = capsys.readouterr().out.splitlines()
    assert banner.startswith("recorded on NVIDIA H100 80GB HBM3, 2026-11-22, commit 1af25ea; not")
    assert len(lines) == 3

    del run.data["machine"]["gpu"]
    assert gpu_runs() == []


def test_such_a_record_is_valid(run, tmp_path):
    store(run.data, place(run.data, tmp_path / "runs"))


def test_share_of_the_library(run):
    assert gpu_peaks.share_of_library(run) is None
    for name, samples in (("autotuned", [2e-3, 4e-3, 1e-3]), ("library", [1e-3, 3e-3, 9e-4])):
        cell = {"key": f"kernels/{name}-bf16-8192", "samples": samples, "flop": 1e12}
        run.data["cells"].append(cell)
    run.__dict__.pop("cells", None)
    assert gpu_peaks.share_of_library(run) == pytest.approx(0.75)
    run.cells["kernels/autotuned-bf16-8192"].error = "RuntimeError: no"
    assert gpu_peaks.share_of_library(run) is None


def test_a_run_of_a_few_groups_is_shown_too(run):
    assert gpu_peaks.square(run, 512) is None
    run.data["cells"].append({"key": "precisions/fp32-512", "samples": [1e-3], "flop": 5e11})
    run.__dict__.pop("cells")
    assert gpu_peaks.square(run, 512) == pytest.approx(5e5)
    del run.cells["thin/copy"]
    assert list(gpu_peaks.thin(run)) == []
