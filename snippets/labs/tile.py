"""The register tile: a product in C, built with the system's compiler for the processor at hand.

The vectors are the compiler's own (GCC and Clang have them for every processor), so there is one
text for AVX-512, AVX2, SSE and NEON; only the shape of the tile depends on the registers.
"""
import ctypes
import os
import platform
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
from numpy.ctypeslib import ndpointer

SHAPE = """\
/* Bytes of a vector; rows and vectors of a tile: its sums fill registers. */
#if defined __AVX512F__      /* 32 registers */
enum { BYTES = 64, ROWS = 8, VECTORS = 3 };
#elif defined __AVX__        /* 16 registers */
enum { BYTES = 32, ROWS = 6, VECTORS = 2 };
#elif defined __aarch64__    /* 32 registers */
enum { BYTES = 16, ROWS = 8, VECTORS = 3 };
#else                        /* 16 registers, or fewer */
enum { BYTES = 16, ROWS = 6, VECTORS = 2 };
#endif
enum { LANES = BYTES / sizeof(float), COLUMNS = VECTORS * LANES };
typedef float vec __attribute__((vector_size(BYTES), aligned(4), may_alias));
"""

TILE = """\
/* ROWS x COLUMNS of c = a b. Rows of a and c are n apart, those of b ldb. */
static void tile(const float *a, const float *b, long ldb, float *c, long n) {
    vec sum[ROWS][VECTORS] = {0};
    for (long k = 0; k < n; k++)
        for (int v = 0; v < VECTORS; v++) {
            vec right = *(const vec *)(b + k * ldb + v * LANES);
            for (int r = 0; r < ROWS; r++) sum[r][v] += a[r * n + k] * right;
        }
    for (int r = 0; r < ROWS; r++)
        for (int v = 0; v < VECTORS; v++)
            *(vec *)(c + r * n + v * LANES) = sum[r][v];
}

void tiles(const float *a, const float *b, float *c, long n) {
    for (long j = 0; j < n; j += COLUMNS)
        for (long i = 0; i < n; i += ROWS)
            tile(a + i * n, b + j, n, c + i * n + j, n);
}
"""

PACKED = """\
/* The same; but first the columns of b needed next are laid side by side. */
void packed(const float *a, const float *b, float *c, long n) {
    float *panel = malloc(n * COLUMNS * sizeof(float));
    for (long j = 0; j < n; j += COLUMNS) {
        for (long k = 0; k < n; k++)
            memcpy(panel + k * COLUMNS, b + k * n + j, COLUMNS * sizeof(float));
        for (long i = 0; i < n; i += ROWS)
            tile(a + i * n, panel, COLUMNS, c + i * n + j, n);
    }
    free(panel);
}
"""

PEAK = """\
/* Multiply and add in registers, in as many chains as a tile has sums; none waits for another. */
enum { CHAINS = ROWS * VECTORS };
float peak(long steps) {
    vec chain[CHAINS], factor = {0}, term = {0};
    factor += 0.5f, term += 1.0f;
    for (int i = 0; i < CHAINS; i++) chain[i] = term + (float)i;
    for (long step = 0; step < steps; step++)
        for (int i = 0; i < CHAINS; i++) chain[i] = chain[i] * factor + term;
    for (int i = 1; i < CHAINS; i++) chain[0] += chain[i];
    return chain[0][0];
}

void shape(long *out) { out[0] = ROWS, out[1] = COLUMNS, out[2] = 8 * BYTES; }
"""

SOURCE = f"#include <stdlib.h>\n#include <string.h>\n\n{SHAPE}\n{TILE}\n{PACKED}\n{PEAK}"
X86 = ("x86_64", "AMD64", "i686")


def compiler() -> str:
    """The system's C compiler. Raises RuntimeError where there is none."""
    names = (os.environ.get("CC", "cc"), "gcc", "clang")
    if found := next(filter(None, map(shutil.which, names)), None):
        return found
    raise RuntimeError("no C compiler here: none of cc, gcc and clang is found")


@cache
def library() -> ctypes.CDLL:
    """The C above, built for this processor. Raises RuntimeError where it cannot be."""
    return build("-march=native" if platform.machine() in X86 else "-mcpu=native")


def build(processor: str) -> ctypes.CDLL:
    """Compile and load; `processor` is the option that names one."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        source, built = Path(folder, "tile.c"), Path(folder, "tile.so")
        source.write_text(SOURCE)
        options = ["-O3", "-funroll-loops", "-ffp-contract=fast", processor, "-shared", "-fPIC"]
        command = [compiler(), *options, "-o", str(built), str(source)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{command[0]} cannot build the tile: {done.stderr[:120]}")
        return declared(ctypes.CDLL(str(built)))


def declared(found: ctypes.CDLL) -> ctypes.CDLL:
    """The library, its functions told what they take and give."""
    matrix = ndpointer(np.float32, ndim=2, flags="C_CONTIGUOUS")
    for function in (found.tiles, found.packed):
        function.argtypes, function.restype = [matrix, matrix, matrix, ctypes.c_long], None
    found.peak.argtypes, found.peak.restype = [ctypes.c_long], ctypes.c_float
    found.shape.argtypes, found.shape.restype = [ndpointer(ctypes.c_long)], None
    return found


@cache
def shape() -> tuple[int, int, int]:
    """Rows and columns of the tile, and bits of a vector, on this processor."""
    return shape_of(library())


def shape_of(built: ctypes.CDLL) -> tuple[int, int, int]:
    found = np.zeros(3, ctypes.c_long)
    built.shape(found)
    rows, columns, bits = map(int, found)
    return rows, columns, bits


def tiles(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The product of two float32 matrices of order n, a multiple of 48, tile by tile."""
    return call(library().tiles, a, b)


def packed(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """As `tiles`, after copying the columns of b that a column of tiles needs."""
    return call(library().packed, a, b)


def call(function, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    if a.shape != b.shape or a.shape != a.T.shape or len(a) % 48:
        raise ValueError(f"the tile takes squares whose order 48 divides, not {a.shape}, {b.shape}")
    c = np.empty_like(a)
    function(a, b, c, len(a))
    return c


def peak(steps: int) -> float:
    """Multiply and add in registers only; `peak_flop(steps)` operations."""
    return library().peak(steps)


def peak_flop(steps: int) -> int:
    rows, columns, _ = shape()
    return steps * 2 * rows * columns
