"""Five steps from one entry a program to a library's product, in Triton.

Triton is an extra (requirements-labs.txt). Without it the module can be imported and the kernels
can be read; `why_not` says why they cannot run. `instructions` compiles a kernel for a GPU that
need not be there and counts what its text asks for; with TRITON_INTERPRET=1 in the environment
of a process, `product` runs on a CPU, entry by entry, slowly and correctly.
"""
from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import torch

try:  # by name: an `import` would keep the pages from being built without it
    triton = importlib.import_module("triton")
    tl = importlib.import_module("triton.language")
except ImportError:
    triton = tl = None

INTERPRETED = os.environ.get("TRITON_INTERPRET") == "1"
STEPS = ("naive", "tiled", "grouped", "tensor", "autotuned")
TILE = {"BM": 64, "BN": 64, "BK": 32}  # of the steps that are not tuned
TENSOR = {"BM": 128, "BN": 128, "BK": 64}
GROUP = 8
# Tiles, warps and stages that are tried; measured once for each shape.
CHOICES = (
    (128, 256, 64, 8, 3), (128, 256, 64, 8, 4), (256, 128, 64, 8, 3), (256, 128, 64, 8, 4),
    (128, 128, 64, 8, 4), (128, 128, 64, 4, 4), (128, 128, 32, 8, 4), (128, 64, 64, 4, 4),
    (64, 128, 64, 4, 4), (64, 64, 64, 4, 4),
)  # fmt: skip
PATTERNS = {
    "wgmma": r"\bwgmma\.mma_async",  # tensor cores from compute capability 9.0 on
    "mma": r"\bmma\.sync",  # tensor cores before
    "fma": r"\bfma\.rn\.f32",  # one multiply-add of each thread
}


def jit(kernel):
    """Triton's decorator; without Triton, nothing."""
    return triton.jit(kernel) if triton else kernel


@jit
def naive(
    a, b, c, M, N, K, a_row, a_col, b_row, b_col, c_row, c_col,
    BK: tl.constexpr,
):  # fmt: skip
    """A program computes one entry of C: a row of A times a column of B."""
    i, j = tl.program_id(0), tl.program_id(1)
    total = 0.0
    for start in range(0, K, BK):
        k = start + tl.arange(0, BK)
        x = tl.load(a + i * a_row + k * a_col, mask=k < K, other=0.0)
        y = tl.load(b + k * b_row + j * b_col, mask=k < K, other=0.0)
        total += tl.sum(x.to(tl.float32) * y.to(tl.float32))
    tl.store(c + i * c_row + j * c_col, total)


@jit
def in_rows(program, rows, columns, GROUP: tl.constexpr):
    """Tiles in the order in which one reads."""
    return program // columns, program % columns


@jit
def in_groups(program, rows, columns, GROUP: tl.constexpr):
    """Down GROUP tiles, then one to the right: neighbours share more."""
    first = program // (GROUP * columns) * GROUP
    height = min(rows - first, GROUP)
    within = program % (GROUP * columns)
    return first + within % height, within // height


@jit
def tile(
    a, b, c, M, N, K, a_row, a_col, b_row, b_col, c_row, c_col,
    row, column, BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr,
    UPCAST: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """A tile of C is a sum of products of tiles of A and B, kept in registers."""
    i = row * BM + tl.arange(0, BM)
    j = column * BN + tl.arange(0, BN)
    # Beyond the edge we read some other row, and do not store what comes of it.
    rows, columns = i % M, j % N
    total = tl.zeros((BM, BN), tl.float32)
    for start in range(0, K, BK):
        k = start + tl.arange(0, BK)
        left = a + rows[:, None] * a_row + k[None, :] * a_col
        right = b + k[:, None] * b_row + columns[None, :] * b_col
        x = tl.load(left, mask=k[None, :] < K, other=0.0)
        y = tl.load(right, mask=k[:, None] < K, other=0.0)
        if UPCAST:
            x, y = x.to(tl.float32), y.to(tl.float32)
        total = tl.dot(x, y, total, input_precision=PRECISION)
    inside = (i[:, None] < M) & (j[None, :] < N)
    there = c + i[:, None] * c_row + j[None, :] * c_col
    tl.store(there, total.to(c.dtype.element_ty), mask=inside)


@jit
def tiled(
    a, b, c, M, N, K, a_row, a_col, b_row, b_col, c_row, c_col,
    BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr, GROUP: tl.constexpr,
    UPCAST: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """A program computes one tile of C; programs are counted along the rows of tiles."""
    row, column = in_rows(tl.program_id(0), tl.cdiv(M, BM), tl.cdiv(N, BN), GROUP)
    tile(a, b, c, M, N, K, a_row, a_col, b_row, b_col, c_row, c_col,
         row, column, BM, BN, BK, UPCAST, PRECISION)  # fmt: skip


@jit
def grouped(
    a, b, c, M, N, K, a_row, a_col, b_row, b_col, c_row, c_col,
    BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr, GROUP: tl.constexpr,
    UPCAST: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """The same tiles in another order."""
    row, column = in_groups(tl.program_id(0), tl.cdiv(M, BM), tl.cdiv(N, BN), GROUP)
    tile(a, b, c, M, N, K, a_row, a_col, b_row, b_col, c_row, c_col,
         row, column, BM, BN, BK, UPCAST, PRECISION)  # fmt: skip


def options(step: str, dtype: str) -> dict:
    """What a step hands to its kernel.

    'tiled' and 'grouped' work in float32, as a processor without tensor cores would; 'tensor'
    multiplies what it is given, float32 as TF32. The interpreter multiplies the bits of bfloat16
    as if they were integers, so there we convert first.
    """
    if step == "naive":
        return {"BK": 128}
    plain = step in ("tiled", "grouped")
    upcast = dtype != "float32" and (plain or (INTERPRETED and dtype == "bfloat16"))
    exact = plain or dtype != "float32"
    common = {"GROUP": GROUP, "UPCAST": upcast, "PRECISION": "ieee" if exact else "tf32"}
    return common if step == "autotuned" else common | (TENSOR if step == "tensor" else TILE)


def launched_with(step: str) -> dict[str, int]:
    """Warps that share a tile, and tiles that are fetched ahead; Triton's choice for the rest."""
    return {"num_warps": 8, "num_stages": 3} if step == "tensor" and not INTERPRETED else {}


def kernel(step: str):
    if step == "autotuned":
        return tuned()
    return {"naive": naive, "tiled": tiled}.get(step, grouped)


@cache
def tuned():
    """The grouped kernel, which tries all choices the first time that it meets a shape."""
    choices = [
        triton.Config({"BM": m, "BN": n, "BK": k}, num_warps=warps, num_stages=stages)
        for m, n, k, warps, stages in CHOICES
    ]
    return triton.autotune(choices, key=["M", "N", "K"])(grouped)


def product(a, b, step: str):
    """C = A B for torch matrices (M, K) and (K, N) of one dtype, C of the same; any strides.

    Raises RuntimeError where the kernels cannot run, ValueError where the shapes do not fit.
    """
    if reason := why_not(a.device.type):
        raise RuntimeError(reason)
    if a.shape[1] != b.shape[0]:
        raise ValueError(f"inner sizes differ: {a.shape[1]} and {b.shape[0]}")
    (m, k), n = a.shape, b.shape[1]
    c = a.new_empty(m, n)
    chosen = options(step, str(a.dtype).removeprefix("torch."))

    def grid(meta):
        if step == "naive":
            return m, n
        return (triton.cdiv(m, meta["BM"]) * triton.cdiv(n, meta["BN"]),)

    strides = *a.stride(), *b.stride(), *c.stride()
    try:
        kernel(step)[grid](a, b, c, m, n, k, *strides, **chosen, **launched_with(step))
    except triton.errors.TritonError as fault:  # it does not compile here, or takes too much
        raise RuntimeError(f"{type(fault).__name__}: {fault}") from fault
    return c


def why_not(device: str) -> str:
    """Why no kernel can run on a device; empty where one can."""
    if triton is None:
        return "triton is not installed: pip install -r requirements-labs.txt"
    if device not in ("cuda", "xpu") and not INTERPRETED:
        return f"Triton has no backend for {device}"
    return ""


def order(rows: int, columns: int, group: int) -> list[tuple[int, int]]:
    """Tiles (row, column) of C as `in_groups` hands them out, without Triton."""
    place = in_groups.fn if triton else in_groups
    return [place(program, rows, columns, group) for program in range(rows * columns)]


def tiles_read(tiles: list[tuple[int, int]], inner: int) -> int:
    """Tiles of A and B that these tiles of C need, each counted once; `inner` lie along K."""
    return inner * (len({row for row, _ in tiles}) + len({column for _, column in tiles}))


# What can be told without a GPU, in processes of their own: whether a kernel is compiled or
# interpreted is decided when Triton is imported.


def text(step: str, dtype: str, capability: int) -> str:
    """The kernel as PTX, the assembly language of NVIDIA's GPUs."""
    backends = importlib.import_module("triton.backends.compiler")
    made = kernel(step)
    constants = options(step, dtype) | {"a_col": 1, "b_col": 1, "c_col": 1}
    pointer = {"float16": "*fp16", "bfloat16": "*bf16", "float32": "*fp32"}[dtype]
    kinds = {name: pointer if name in "abc" else "i32" for name in made.arg_names}
    kinds |= dict.fromkeys(constants, "constexpr")
    aligned = {(n,): [["tt.divisibility", 16]] for n, name in enumerate(made.arg_names)
               if kinds[name] != "constexpr"}  # fmt: skip
    source = triton.compiler.ASTSource(made, kinds, constants, aligned)
    target = backends.GPUTarget("cuda", capability, 32)
    return triton.compile(source, target, options=launched_with(step)).asm["ptx"]


def instructions(step: str, dtype: str, capability: int) -> dict[str, int]:
    """How often the text of a kernel asks for a tensor core, and for a plain multiply-add."""
    found = text(step, dtype, capability)
    return {name: len(re.findall(pattern, found)) for name, pattern in PATTERNS.items()}


def errors(cases: list[tuple[str, str, int, int, int]]) -> list[float]:
    """Of products (step, dtype, M, K, N), relative to float64: A lies in every other place of a
    row, B by columns."""
    found = []
    for step, dtype, m, k, n in cases:
        source, kind = torch.Generator().manual_seed(0), getattr(torch, dtype)
        a = torch.randn(m, 2 * k, generator=source).to(kind)[:, ::2]
        b = torch.randn(n, k, generator=source).to(kind).T
        exact = a.double() @ b.double()
        found.append(float((product(a, b, step).double() - exact).norm() / exact.norm()))
    return found


def elsewhere(call: str, **environment: str):
    """The value of an expression such as `instructions("tiled", "float16", 90)`, as JSON holds
    it, found by a process of its own. Raises RuntimeError with what that process said last.
    """
    code = f"import json; from snippets.labs.gpu_kernels import *; print(json.dumps({call}))"
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join([root, *filter(None, sys.path)])
    with tempfile.TemporaryDirectory() as folder:
        kept = {"PYTHONPATH": path, "TRITON_CACHE_DIR": folder, "HOME": folder}
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False,
            env={**os.environ, **kept, **environment}, timeout=300,
        )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr.strip().rpartition("\n")[2])
    return json.loads(done.stdout)
