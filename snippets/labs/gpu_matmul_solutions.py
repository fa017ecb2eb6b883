"""Solutions of the exercises of the lab gpu-matmul."""
import torch

from snippets.labs.gpu_kernels import order, tiles_read
from snippets.labs.gpu_peaks import peak_of, ridge


def to_tf32(x: torch.Tensor) -> torch.Tensor:
    """float32 rounded to the 11 significant bits of TF32, half away from zero."""
    bits = x.view(torch.int32)
    return ((bits + 0x1000) & ~0x1FFF).view(torch.float32)


def rows_to_be_busy(tflops: float, gigabytes: float, n: int, size: int = 2) -> int:
    """The least m for which an (m, n) times (n, n) product is limited by arithmetic.

    Operations a byte are 2 m n^2 / (size (2 m n + n^2)); solved for m. Raises ValueError where
    no m suffices.
    """
    wanted = ridge(tflops, gigabytes) * size / 2
    if wanted * 2 >= n:
        raise ValueError(f"{n} columns never reach {wanted:.0f} products a number")
    m = int(wanted * n / (n - 2 * wanted))
    return m if m * n / (2 * m + n) >= wanted else m + 1


def best_group(tiles: int, at_once: int) -> tuple[int, dict[int, int]]:
    """The group that reads the fewest tiles of A and B for the first `at_once` tiles of C."""
    counts = {
        group: tiles_read(order(tiles, tiles, group)[:at_once], tiles)
        for group in range(1, tiles + 1)
    }
    return min(counts, key=counts.get), counts


def fp8_error(x: torch.Tensor, by_row: bool) -> torch.Tensor:
    """Relative error of each row after a scale (one, or one a row), fp8, and back."""
    largest = x.abs().amax(1, keepdim=True) if by_row else x.abs().amax()
    scale = largest / torch.finfo(torch.float8_e4m3fn).max
    back = (x / scale).to(torch.float8_e4m3fn).float() * scale
    return (back - x).norm(dim=1) / x.norm(dim=1)


def possible(n: int, milliseconds: float, tflops: float) -> bool:
    """Whether a device of such a peak can have done an n x n x n product in so short a time."""
    return 2 * n**3 / (milliseconds / 1e3) <= tflops * 1e12


if __name__ == "__main__":
    # --8<-- [start:tf32]
    torch.manual_seed(0)
    a, b = torch.randn(256, 256), torch.randn(256, 256)
    exact = a.double() @ b.double()
    tries = {
        "fp32": (a, b),
        "tf32": (to_tf32(a), to_tf32(b)),
        "fp16": (a.half().float(), b.half().float()),
        "bf16": (a.bfloat16().float(), b.bfloat16().float()),
    }
    tf32_errors = {}
    for name, (x, y) in tries.items():
        got = (x @ y).double()
        tf32_errors[name] = float((got - exact).norm() / exact.norm())
        print(f"{name} {tf32_errors[name]:.0e}")
    # --8<-- [end:tf32]

    # --8<-- [start:busy]
    busy = {}
    for name in ("A100-SXM4-80GB", "H100 80GB HBM3", "H200"):
        peak = peak_of(name)
        busy[name] = rows_to_be_busy(peak.tflops["bf16"], peak.memory, 8192)
        print(f"{name:15} {busy[name]:4}")
    # --8<-- [end:busy]

    # --8<-- [start:groups]
    group, counts = best_group(64, 132)
    for g in (1, 4, 8, group, group + 1, 16, 32):
        print(f"group {g:2}: {counts[g]:5} tiles")
    # --8<-- [end:groups]
    read_in_rows, read_best = counts[1], counts[group]

    # --8<-- [start:scales]
    x = torch.randn(8, 1024)
    x[0] *= 1e6
    one, each = fp8_error(x, by_row=False), fp8_error(x, by_row=True)
    print(f"one scale:       row 0 {one[0]:.2f}, row 1 {one[1]:.2f}")
    print(f"a scale per row: row 0 {each[0]:.2f}, row 1 {each[1]:.2f}")
    # --8<-- [end:scales]
    lost, kept = float(one[1]), float(each[1])

    # --8<-- [start:claimed]
    peak = peak_of("H100 80GB HBM3").tflops["bf16"]
    least = 2 * 8192**3 / (peak * 1e12) * 1e3
    at_plain_clock = least * 1.83 / 1.98  # GHz behind the bfloat16 and the float32 figure
    print(f"least {least:.2f} ms; 0.9 ms possible: {possible(8192, 0.9, peak)}")
    print(f"at 1.98 GHz {at_plain_clock:.2f} ms")
    # --8<-- [end:claimed]
