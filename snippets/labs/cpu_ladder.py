"""From a triple loop in Python to the machine's peak, each rung measured against the next."""
import os
import platform
from collections.abc import Callable, Iterator

import numpy as np
from threadpoolctl import threadpool_info

from snippets.labs import tile
from snippets.labs.compiled import LOOPS, product
from snippets.labs.lab import Cell, Lab, Ordering, Work, cells
from snippets.labs.rungs import (
    blocks, column_axpy, dots, elements, gemvs, literal, outers, row_axpy, sums,
)  # fmt: skip
from snippets.labs.timing import CONTROL, WALL, with_control
from snippets.labs.worker import in_turn

N = 240  # of the ladder: 48 divides it, and no power of two above 16
PEAK_STEPS = 100_000
TILE_SIZES = (192, 384, 768, 1152, 1536, 1584, 2304, 3072)
LOOP_SIZES = (1536, 3072)  # in float32 9 and 36 MiB
THREAD_SIZES = (64, 128, 256, 512, 1024)
CORES = ("Nehalem", "Sandybridge", "Haswell", "SkylakeX", "Sapphirerapids")
WIDE = 4096  # rows and columns of the matrix in the roofline's thin shapes
SHAPES = {
    "2048^3": (2048, 2048, 2048),
    "1024^3": (1024, 1024, 1024),
    "256^3": (256, 256, 256),
    "1 column": (WIDE, WIDE, 1),
    **{f"{c} columns": (WIDE, WIDE, c) for c in (2, 4, 8, 16, 64, 256)},
    **{f"rank {k}": (WIDE, k, WIDE) for k in (1, 8, 64)},
}  # m, k, n: (m, k) times (k, n)

LAB = Lab("cpu-ladder", [
    Ordering("python-64/matmul", "python-64/literal", 50),
    Ordering("python-64/literal", "python-64/elements", 2, "each index makes an object"),
    Ordering("numpy-240/matmul", f"numpy-240/{CONTROL}", 0.7, limit=1.4),
    Ordering("numpy-240/matmul", "numpy-240/gemvs", 1.3, "no entry of b is used twice"),
    Ordering("numpy-240/matmul", "numpy-240/outers", 3, "c goes through memory for each k"),
    Ordering("numpy-240/gemvs", "numpy-240/dots", 3, "calls"),
    Ordering("numpy-240/matmul32", "numpy-240/matmul", 1.3, "half as many lanes", limit=4),
    Ordering("order-1024/row C", "order-1024/column C", 1.5, "strides"),
    Ordering("order-1024/column F", "order-1024/row F", 1.5, "strides"),
    Ordering("blocks-384/128", "blocks-384/16", 3, "calls"),
    Ordering("blocks-384/32", "blocks-384/16", 1.5, "calls"),
    Ordering("blocks-384/64", "blocks-384/32", 1.2, "calls"),
    Ordering("blocks-384/128", "blocks-384/64", 0.7, "no valley yet"),
    Ordering("dtypes-256/float64", "dtypes-256/int64", 3, "no BLAS"),
    Ordering("dtypes-256/float32", "dtypes-256/float16", 10, "no BLAS, and converted one by one"),
    Ordering("dtypes-256/int64 by float64", "dtypes-256/int64", 2, "BLAS"),
    Ordering("einsum-128/matmul", "einsum-128/einsum", 1.5, "no BLAS"),
    Ordering("chain-40/optimized", "chain-40/einsum", 5, "four loops instead of two times three"),
    Ordering("association-1000/P(Qv)", "association-1000/(PQ)v", 5, "operations", limit=400),
    Ordering("batch-512x16/matmul", "batch-512x16/loop", 2, "calls"),
    Ordering("batch-512x16/matmul", "batch-512x16/batch innermost", 1.5, "gathered first"),
    Ordering("small/n=4", "small/n=16", 0.6, "the call costs more than the product", limit=8),
    Ordering("thin-4096/256^3", "thin-4096/1 column", 3, "as many operations, more bytes"),
    Ordering("thin-4096/1 column", "thin-4096/64 columns", 1, "64 times the work", limit=38),
    Ordering("simd-512/Haswell", "simd-512/Nehalem", 1.5, "256 bits and FMA instead of 128"),
    Ordering("simd-512/SkylakeX", "simd-512/Haswell", 0.8, "some do 512 bits in halves", limit=4),
    Ordering("compiled-512/ikj", "compiled-512/jki", 2, "strides"),
    Ordering("compiled-512/ikj", "compiled-512/ijk", 2, "one sum, which is not vectorised"),
    Ordering("compiled-3072/blocked", "compiled-3072/ikj", 1.1, "b comes from afar less often"),
    Ordering("tile-3072/packed", "tile-3072/tiles", 1.2, "strides"),
])  # fmt: skip


def operands(m: int, k: int, n: int, dtype: type = np.float64) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.standard_normal((m, k)).astype(dtype), rng.standard_normal((k, n)).astype(dtype)


def multiply(function: Callable, a, b, *options) -> Work:
    """A product of two matrices as something to time, with its operations counted."""
    m, k, n = len(a), len(b), len(b[0])
    return Work(lambda: function(a, b, *options), flop=2 * m * k * n)


@LAB.group("python-64", quick=True)
def python_64(rounds: int) -> list[Cell]:
    return in_python(64, rounds, {"elements": elements})


@LAB.group("python-240")
def python_240(rounds: int) -> list[Cell]:
    return in_python(N, min(rounds, 5), {})


def in_python(n: int, rounds: int, on_arrays: dict[str, Callable]) -> list[Cell]:
    a, b = operands(n, n, n)
    x, y = a.tolist(), b.tolist()
    lists = {name: multiply(f, x, y) for name, f in (("literal", literal), ("sums", sums))}
    arrays = on_arrays | {"matmul": np.matmul}
    return cells(lists | {name: multiply(f, a, b) for name, f in arrays.items()}, rounds)


@LAB.group("numpy-240", quick=True)
def numpy_240(rounds: int) -> list[Cell]:
    a, b = operands(N, N, N)
    single = operands(N, N, N, np.float32)
    works = {
        "dots": multiply(dots, a, b),
        "column axpy": multiply(column_axpy, a, b),
        "row axpy": multiply(row_axpy, a, b),
        "outers": multiply(outers, a, b),
        "blocks of 48": multiply(blocks, a, b, 48),
        "gemvs": multiply(gemvs, a, b),
        "matmul": multiply(np.matmul, a, b),
        "matmul32": multiply(np.matmul, *single),
        "tile32": multiply(tile.tiles, *single),
        "peak32": peak(),
    }
    return cells(with_control(works, "matmul"), rounds)


def peak() -> Work:
    """Multiply and add without memory; without a compiler, a cell that says so."""
    try:
        flop = tile.peak_flop(PEAK_STEPS)
    except RuntimeError:
        flop = None
    return Work(lambda: tile.peak(PEAK_STEPS), flop=flop)


@LAB.group("order-1024", quick=True)
def order_1024(rounds: int) -> list[Cell]:
    works = {}
    for order in "CF":
        a, b = (np.asarray(x, order=order) for x in operands(1024, 2, 1024))
        works[f"row {order}"] = multiply(row_axpy, a, b, order)
        works[f"column {order}"] = multiply(column_axpy, a, b, order)
    return cells(works, rounds)


@LAB.group("blocks-384", quick=True)
def blocks_384(rounds: int) -> list[Cell]:
    a, b = operands(384, 384, 384)
    works = {str(size): multiply(blocks, a, b, size) for size in (16, 32, 64, 128, 192)}
    return cells(works | {"matmul": multiply(np.matmul, a, b)}, rounds)


@LAB.group("dtypes-256", quick=True)
def dtypes_256(rounds: int) -> list[Cell]:
    whole = np.random.default_rng(0).integers(-9, 10, (2, 256, 256))
    names = ("float32", "float64", "complex64", "int32", "int64", "float16")
    works = {name: multiply(np.matmul, *whole.astype(name)) for name in names}
    works["int64 by float64"] = multiply(by_float64, *whole)
    return cells(with_control(works, "float32"), rounds)


def by_float64(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """A product of integers; exact where no entry of |a| |b| exceeds 2**53."""
    return (a.astype(np.float64) @ b.astype(np.float64)).astype(a.dtype)


@LAB.group("einsum-128", quick=True)
def einsum_128(rounds: int) -> list[Cell]:
    a, b = operands(128, 128, 128)
    works = {
        "matmul": lambda: a @ b,
        "einsum": lambda: np.einsum("ij,jk->ik", a, b),
        "optimized": lambda: np.einsum("ij,jk->ik", a, b, optimize=True),
    }
    return cells(with_control(works, "matmul"), rounds)


@LAB.group("chain-40", quick=True)
def chain_40(rounds: int) -> list[Cell]:
    x, y, z = np.random.default_rng(0).standard_normal((3, 40, 40))
    works = {
        "matmul": lambda: x @ y @ z,
        "einsum": lambda: np.einsum("ij,jk,kl->il", x, y, z),
        "optimized": lambda: np.einsum("ij,jk,kl->il", x, y, z, optimize=True),
    }
    return cells(works, rounds)


@LAB.group("association-1000", quick=True)
def association_1000(rounds: int) -> list[Cell]:
    n = 1000
    p, q = operands(n, n, n)
    v = np.ones(n)
    works = {
        "(PQ)v": Work(lambda: (p @ q) @ v, flop=2 * n**3 + 2 * n**2),
        "P(Qv)": Work(lambda: p @ (q @ v), flop=4 * n**2),
    }
    return cells(works, rounds)


@LAB.group("batch-512x16", quick=True)
def batch_512x16(rounds: int) -> list[Cell]:
    a, b = np.random.default_rng(0).standard_normal((2, 512, 16, 16)).astype(np.float32)
    innermost = np.ascontiguousarray(a.transpose(1, 2, 0)).transpose(2, 0, 1)
    works = {
        "matmul": lambda: a @ b,
        "loop": lambda: [x @ y for x, y in zip(a, b, strict=True)],
        "einsum": lambda: np.einsum("bij,bjk->bik", a, b),
        "batch innermost": lambda: innermost @ b,
    }
    return cells(works, rounds)


@LAB.group("small", quick=True)
def small(rounds: int) -> list[Cell]:
    sizes = (1, 2, 4, 8, 16, 32, 64, 128)
    return cells({f"n={n}": multiply(np.matmul, *operands(n, n, n, np.float32)) for n in sizes},
                 rounds)  # fmt: skip


@LAB.group("thin-4096", quick=True)
def thin_4096(rounds: int) -> list[Cell]:
    names = ("256^3", "1 column", "64 columns")
    return cells({name: once_through_memory(*SHAPES[name]) for name in names}, rounds)


@LAB.group("roofline")
def roofline(rounds: int) -> list[Cell]:
    works = {name: once_through_memory(*shape) for name, shape in SHAPES.items()}
    x = np.ones(WIDE * WIDE // 2, np.float32)
    y = x.copy()
    works["read"] = Work(lambda: np.dot(x, y), bytes=2 * x.nbytes)
    return cells(works, rounds)


def once_through_memory(m: int, k: int, n: int) -> Work:
    """A float32 product, and the least that it has to move: each matrix once."""
    a, b = operands(m, k, n, np.float32)
    c = np.empty((m, n), np.float32)
    moved = a.nbytes + b.nbytes + c.nbytes
    return Work(lambda: np.matmul(a, b, out=c), flop=2 * m * k * n, bytes=moved)


@LAB.group("simd-512", quick=True)
def simd_512(rounds: int) -> list[Cell]:
    """OpenBLAS, told to take the kernels of older processors; each in a process of its own."""
    if fault := no_core_types():
        return [Cell(core, error=fault) for core in CORES]
    settings = {core: {"OPENBLAS_CORETYPE": core} | thread_count(1) for core in CORES}
    samples, chosen = in_turn(settings, 512, rounds)
    return [simd_cell(core, samples[core], chosen[core]) for core in CORES]


def no_core_types() -> str | None:
    """Why OpenBLAS cannot be told which kernels to take, if it cannot."""
    if platform.machine() not in tile.X86:
        return "the names are those of x86 processors"
    if not any(found["internal_api"] == "openblas" for found in threadpool_info()):
        return "NumPy's library is not OpenBLAS"
    return None


def simd_cell(core: str, samples: list[float], chosen: str) -> Cell:
    if chosen.lower() != core.lower():
        return Cell(core, error=f"not to be had here: OpenBLAS took {chosen or 'others'}")
    return Cell(core, samples, flop=2 * 512**3)


@LAB.group("threads")
def threads(rounds: int) -> Iterator[Cell]:
    """By the wall, since the CPU clock adds the threads up: held by no ordering."""
    for n in THREAD_SIZES:
        counts = sorted({1, os.cpu_count() or 1})
        settings = {f"{n} on {count}": thread_count(count) for count in counts}
        samples, _ = in_turn(settings, n, rounds, WALL.name)
        for name, seconds in samples.items():
            yield Cell(name, seconds, clock=WALL.name, flop=2 * n**3)


def thread_count(count: int) -> dict[str, str]:
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS",
             "VECLIB_MAXIMUM_THREADS")  # fmt: skip
    return dict.fromkeys(names, str(count))


@LAB.group("compiled-512")
def compiled_512(rounds: int) -> list[Cell]:
    a, b = operands(512, 512, 512, np.float32)
    works = {name: multiply(product(name), a, b) for name in LOOPS}
    return cells(works | {"matmul": multiply(np.matmul, a, b)}, min(rounds, 5))


def loop_group(n: int) -> None:
    @LAB.group(f"compiled-{n}")
    def measurement(rounds: int) -> list[Cell]:
        a, b = operands(n, n, n, np.float32)
        works = {name: multiply(product(name), a, b) for name in ("ikj", "blocked")}
        return cells(works | {"matmul": multiply(np.matmul, a, b)}, min(rounds, 5))


for size in LOOP_SIZES:
    loop_group(size)


def tile_group(n: int) -> None:
    @LAB.group(f"tile-{n}")
    def measurement(rounds: int) -> list[Cell]:
        pair = operands(n, n, n, np.float32)
        works = {"tiles": tile.tiles, "packed": tile.packed, "matmul": np.matmul}
        works = {name: multiply(function, *pair) for name, function in works.items()}
        return cells(works, rounds if n < 2000 else min(rounds, 3))


for size in TILE_SIZES:
    tile_group(size)


if __name__ == "__main__":
    from snippets.labs.command import main

    main(LAB)
