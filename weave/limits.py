"""What a snippet may use, and the words in which a breach is reported."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

# Everything else of the environment stays outside: results must not depend on it.
PASSED = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


@dataclass(frozen=True)
class Limits:
    seconds: float = 120
    memory: int = 8 << 30
    output: int = 64 << 10
    file: int = 32 << 20


def apply(limits: Limits) -> None:
    """Set what the operating system enforces for this process and all that it starts."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.file, limits.file))
    if sys.platform == "linux":  # macOS accepts the call and ignores it
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))


def unenforced() -> str | None:
    """What this platform cannot hold a snippet to, in one sentence; None on Linux."""
    if sys.platform == "linux":
        return None
    what = "memory and stray processes" if sys.platform == "darwin" else "memory and file size"
    return f"on this platform the limits on {what} of a snippet are not enforced"


def environment(root: Path, home: Path) -> dict[str, str]:
    """The whole environment of a run: fixed, but for what finding programs needs."""
    threads = dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"),
        "1",
    )
    engine = Path(__file__).parent
    return {
        **{name: os.environ[name] for name in PASSED if name in os.environ},
        **threads,
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "MPLBACKEND": "module://weave.capture",
        "MPLCONFIGDIR": str(root / ".weave" / "matplotlib"),
        "MATPLOTLIBRC": str(engine / "matplotlibrc"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONIOENCODING": "utf-8:backslashreplace",
        "PYTHONPATH": os.pathsep.join(dict.fromkeys([str(root), str(engine.parent)])),
    }


def breach(limits: Limits, output: Path, timed_out: bool) -> str | None:
    """Which limit the run broke, if it did."""
    if timed_out:
        return f"still running after {limits.seconds:g} s: ended (limit: seconds)"
    if output.exists() and output.stat().st_size > limits.output:
        return f"printed more than {limits.output // 1024} KiB: cut there (limit: output)"
    return None


def ending(status: int) -> str:
    """What to say of a process that ended before the end marker; negative status: signal."""
    if status < 0:
        return f"died of signal {-status} before its last statement"
    return f"ended with exit status {status} before its last statement"
