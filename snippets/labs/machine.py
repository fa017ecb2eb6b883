"""What a measurement ran on, and in what state. Clocks and power are read, never set."""
import os
import platform
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from threadpoolctl import threadpool_info

PACKAGES = ("numpy", "scipy", "torch", "triton", "numba")
# What decides how a matrix library works. Values of other variables are nobody's business.
BLAS = re.compile(
    r"(OPENBLAS|GOTO|OMP|GOMP|MKL|BLIS|VECLIB|DNNL|ONEDNN)_\w+"
    r"|KMP_(?!DUPLICATE_LIB_OK)\w+"  # which threadpoolctl sets itself
    r"|NPY_(DISABLE|ENABLE)_CPU_FEATURES|ATEN_CPU_CAPABILITY"
)
DEVICE = re.compile(
    r"NVIDIA_TF32_OVERRIDE|TORCH_ALLOW_TF32_CUBLAS_OVERRIDE|CUBLAS_WORKSPACE_CONFIG"
    r"|CUDA_(LAUNCH_BLOCKING|VISIBLE_DEVICES)|TRITON_INTERPRET"
)
SIMD = ("avx", "avx2", "fma", "avx512f", "avx512_bf16", "avx512_fp16", "amx_bf16", "asimd", "sve")
SMI = ("driver_version", "clocks.sm", "clocks.mem", "power.draw", "power.limit",
       "temperature.gpu", "clocks_throttle_reasons.active")  # fmt: skip


def environment() -> dict[str, str]:
    """The variables in effect that bear on the speed of a product."""
    return {
        name: value
        for name, value in sorted(os.environ.items())
        if BLAS.fullmatch(name) or DEVICE.fullmatch(name)
    }


def versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def card(device: str) -> dict:
    """The machine as a record names it; `device` is "cpu" or what `torch.device` is given."""
    cpu = {
        "cpu": processor(),
        "cores": os.cpu_count() or 1,
        "caches": caches(),
        "simd": simd(),
        "blas": blas(),
    }
    if device == "cpu":
        return {"device": cpu["cpu"], **cpu}
    gpu = accelerator(device)
    return {"device": gpu["name"], **cpu, "gpu": gpu}


def processor() -> str:
    """The processor's name; 'model name' of Linux says more than `platform` does."""
    if match := re.search(r"^model name\s*:\s*(.+)$", cpuinfo(), re.M):
        return " ".join(match[1].split())
    if sys.platform == "darwin":
        return run("sysctl", "-n", "machdep.cpu.brand_string") or platform.machine()
    return platform.processor() or platform.machine()


def cpuinfo() -> str:
    file = Path("/proc/cpuinfo")
    return file.read_text() if file.exists() else ""


def simd() -> list[str]:
    match = re.search(r"^(?:flags|Features)\s*:\s*(.+)$", cpuinfo(), re.M)
    flags = set(match[1].split()) if match else set()
    return [name for name in SIMD if name in flags]


def caches() -> dict[str, int]:
    """Bytes of each cache that a core can use, as the system (or the hypervisor) tells."""
    found = {}
    for index in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        level, kind = ((index / name).read_text().strip() for name in ("level", "type"))
        if kind != "Instruction":
            size = (index / "size").read_text().strip()
            found[f"L{level}"] = int(size.rstrip("KM")) << (20 if size.endswith("M") else 10)
    return found


def blas() -> list[dict]:
    """The matrix libraries that are loaded, and the kernels that each chose for this processor."""
    return [
        {
            "library": found["internal_api"],
            "version": found["version"] or "unknown",
            "core": found.get("architecture") or "unknown",
            "threads": found["num_threads"],
        }
        for found in threadpool_info()
        if found["user_api"] == "blas"
    ]


def accelerator(device: str) -> dict:
    torch = sys.modules["torch"]  # whoever measured on it has imported it
    kind = torch.device(device).type
    if kind != "cuda":  # ROCm calls itself cuda too
        return {"name": f"{kind} {processor()}"}
    given = torch.cuda.get_device_properties(device)
    return {
        "name": given.name,
        "capability": f"{given.major}.{given.minor}",
        "multiprocessors": given.multi_processor_count,
        "memory": given.total_memory,
        "L2": given.L2_cache_size,
        "runtime": torch.version.cuda or f"ROCm {torch.version.hip}",
    }


def state(device: str) -> dict:
    """What can change while one measures: load, clock rates, temperature, power."""
    found: dict = {}
    if hasattr(os, "getloadavg"):
        found["load"] = round(os.getloadavg()[0], 2)
    if rates := re.findall(r"^cpu MHz\s*:\s*([\d.]+)", cpuinfo(), re.M):
        found["cpu_MHz"] = max(map(float, rates))
    if device != "cpu" and (line := run(
        "nvidia-smi", f"--query-gpu={','.join(SMI)}", "--format=csv,noheader,nounits", "-i", "0"
    )):  # fmt: skip
        found["gpu"] = dict(zip(SMI, (part.strip() for part in line.split(",")), strict=False))
    return found


def run(*command: str) -> str:
    """What a command prints; nothing where there is no such command, or it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
