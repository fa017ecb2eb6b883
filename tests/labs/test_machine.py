"""What a record says of its machine: enough to explain a gap, and nothing private."""
import json
import os
import platform
import subprocess
import sys

import pytest
from jsonschema import Draft202012Validator

from snippets.labs import machine

SMI = "570.86.15, 1980, 2619, 687.31, 700.00, 64, 0x0000000000000004"


@pytest.fixture
def schema(root):
    return json.loads((root / "runs/schema.json").read_text())["properties"]["machine"]


def test_the_card_of_this_machine_fits_the_schema(schema):
    import numpy  # noqa: F401  loads the library that the card names

    card = machine.card("cpu")
    Draft202012Validator(schema).validate(card)
    assert card["device"] == card["cpu"] and card["cores"] == os.cpu_count()
    assert "gpu" not in card


@pytest.mark.skipif(
    platform.machine() != "x86_64" or sys.platform != "linux", reason="kernels of x86 by name"
)
@pytest.mark.parametrize("core", ["Haswell", "Nehalem"])
def test_the_kernels_are_those_that_the_library_was_told_to_use(core):
    code = "import numpy; from snippets.labs import machine; print(machine.blas()[0]['core'])"
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"OPENBLAS_CORETYPE": core},
        capture_output=True, text=True, check=True, cwd=machine.__file__.rpartition("/snippets")[0],
    )  # fmt: skip
    assert done.stdout.strip() == core


def test_only_variables_that_bear_on_speed_are_told(monkeypatch):
    for name in list(os.environ):
        monkeypatch.delenv(name)
    kept = {"OPENBLAS_CORETYPE": "Haswell", "OMP_NUM_THREADS": "1", "MKL_CBWR": "AVX2",
            "NVIDIA_TF32_OVERRIDE": "0", "ATEN_CPU_CAPABILITY": "avx2"}  # fmt: skip
    other = {"HOME": "/root", "MY_OMP_TOKEN": "secret", "NVIDIA_API_KEY": "secret", "XMKL_A": "1"}
    for name, value in (kept | other).items():
        monkeypatch.setenv(name, value)
    assert machine.environment() == kept


def test_versions_of_what_is_installed():
    import numpy

    found = machine.versions()
    assert found["numpy"] == numpy.__version__
    assert found["python"] == platform.python_version()
    assert "scikit-learn" not in found


CPUINFO = """\
processor\t: 0
model name\t: AMD EPYC  9R14
flags\t\t: fpu avx avx2 fma
cpu MHz\t\t: 2600.000
processor\t: 1
model name\t: AMD EPYC  9R14
flags\t\t: fpu avx avx2 fma
cpu MHz\t\t: 3700.000
"""


def test_what_linux_tells_of_the_processor(monkeypatch):
    monkeypatch.setattr(machine, "cpuinfo", lambda: CPUINFO)
    assert machine.processor() == "AMD EPYC 9R14"
    assert machine.simd() == ["avx", "avx2", "fma"]
    assert machine.state("cpu")["cpu_MHz"] == 3700.0


def test_a_processor_that_tells_nothing_still_has_a_name(monkeypatch):
    monkeypatch.setattr(machine, "cpuinfo", lambda: "")
    assert machine.processor() and machine.simd() == []
    assert "cpu_MHz" not in machine.state("cpu")


def test_caches_are_read_as_bytes(monkeypatch, tmp_path):
    told = [("1", "Data", "48K"), ("1", "Instruction", "32K"), ("3", "Unified", "307200K"),
            ("4", "Unified", "1M")]  # fmt: skip
    for number, told_of in enumerate(told):
        folder = tmp_path / f"index{number}"
        folder.mkdir()
        for name, value in zip(("level", "type", "size"), told_of, strict=True):
            (folder / name).write_text(value + "\n")
    monkeypatch.setattr(machine, "Path", lambda path: tmp_path)
    assert machine.caches() == {"L1": 48 << 10, "L3": 300 << 20, "L4": 1 << 20}


def test_a_gpus_state_is_asked_for_and_never_set(monkeypatch):
    asked = []

    def run(*command: str) -> str:
        asked.append(command)
        return SMI

    monkeypatch.setattr(machine, "run", run)
    assert "gpu" not in machine.state("cpu") and not asked
    found = machine.state("cuda")["gpu"]
    assert found["power.limit"] == "700.00" and found["clocks.sm"] == "1980"
    assert found["clocks_throttle_reasons.active"] == "0x0000000000000004"
    ((program, *options),) = asked
    assert program == "nvidia-smi"
    assert [option.partition("=")[0] for option in options[:2]] == ["--query-gpu", "--format"]


@pytest.mark.parametrize("command", [["no-such-program-here"], ["false"]])
def test_a_command_that_fails_tells_nothing(command):
    assert machine.run(*command) == ""
    assert "gpu" not in machine.state("cuda") or machine.run("nvidia-smi")


def test_a_gpu_has_a_card_with_its_own_name(monkeypatch, schema):
    import torch

    class H100:
        name, major, minor = "NVIDIA H100 80GB HBM3", 9, 0
        multi_processor_count, total_memory, L2_cache_size = 132, 85 << 30, 50 << 20

    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: H100)
    monkeypatch.setattr(torch.version, "cuda", "12.8")
    card = machine.card("cuda")
    Draft202012Validator(schema).validate(card)
    assert card["device"] == "NVIDIA H100 80GB HBM3" and card["cpu"] == machine.processor()
    assert card["gpu"]["capability"] == "9.0" and card["gpu"]["runtime"] == "12.8"
