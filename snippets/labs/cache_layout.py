"""The same numbers in other places, or fetched in another order: what the clock says of it."""
from array import array

import numpy as np

from snippets.labs.lab import Cell, Lab, Ordering, Work, cells
from snippets.labs.timing import CONTROL, Call, with_control

STRIDES = (16, 32, 64, 128, 256, 512)  # bytes from one number to the next
COUNT = 2**16  # numbers touched at each stride, and by each gather
STEPS = (1, 2, 4, 8, 16, 32, 64)
SIZES = (2, 16, 128, 1024, 4096, 16384, 32768)  # KiB, from within the first cache to far out
READ = 2**26  # bytes that each work of read-64MiB reads
HOPS = 20_000
ROW_LENGTHS = (512, 520, 1024, 1032, 4096, 4104)  # float64
ORDERS = ("BMK", "BKM", "MBK", "KBM", "MKB", "KMB")

LAB = Lab("cache-layout", [
    Ordering("traversal-2048/rows", f"traversal-2048/{CONTROL}", 0.7, limit=1.4),
    Ordering("traversal-2048/rows", "traversal-2048/columns", 2, "lines"),
    Ordering("traversal-2048/columns F", "traversal-2048/rows F", 2, "lines"),
    Ordering("strides-65536/float32 16", "strides-65536/float32 64", 1.5, "four times the lines"),
    Ordering("strides-65536/float32 64", "strides-65536/int8 64", 0.6, "bytes", limit=1.7),
    Ordering("strides-65536/float32 64", "strides-65536/float64 64", 0.6, "bytes", limit=1.7),
    Ordering("every-64MiB/1", "every-64MiB/16", 0.3, "a sixteenth of the sums, all the lines"),
    Ordering("read-64MiB/256", "read-64MiB/65536", 1.5, "a cache further away"),
    Ordering("gather-65536/16 random", "gather-65536/32768 random", 2, "lines"),
    Ordering("gather-65536/32768 in order", "gather-65536/32768 random", 1.5, "lines"),
    Ordering("chase-20000/2", "chase-20000/32768", 2, "lines"),
    Ordering("chase-20000/32768 in order", "chase-20000/32768", 1.5, "lines"),
    Ordering("apart-512/4104", "apart-512/4096", 1.3, "one set for a whole column"),
    Ordering("transpose-2048/straight", "transpose-2048/naive", 2, "lines"),
    Ordering("transpose-2048/tiles of 64", "transpose-2048/naive", 1.3, "lines"),
    Ordering("records-2^20/one field, apart", "records-2^20/one field", 1.5, "lines"),
    Ordering("records-2^20/all, apart", "records-2^20/all", 0.4, "the same lines", limit=2.5),
    Ordering("batch-256x64/BMK", "batch-256x64/MBK", 0.5, "BLAS takes it as it is", limit=3),
    Ordering("batch-256x64/BMK", "batch-256x64/MKB", 2, "a copy that uses 4 bytes of a line"),
    Ordering("batch-256x64/MBK", "batch-256x64/MKB", 1.5, "a copy that uses 4 bytes of a line"),
    Ordering("batch-256x64/scattered", "batch-256x64/MKB", 1.2, "a copy on both sides"),
    Ordering("flags-512/as it is", "flags-512/A transposed", 0.6, "packing", limit=1.7),
    Ordering("flags-512/as it is", "flags-512/B transposed", 0.6, "packing", limit=1.7),
    Ordering("flags-512/as it is", "flags-512/rows of 1024", 0.6, "packing", limit=1.7),
    Ordering("view-1024/view", "view-1024/copy", 100, "nothing moves"),
], rounds=25)  # fmt: skip


def along_rows(x: np.ndarray) -> np.ndarray:
    """The sums of the rows, one call for each."""
    return np.array([row.sum() for row in x])


def down_columns(x: np.ndarray) -> np.ndarray:
    """The sums of the columns, one call for each."""
    return along_rows(x.T)


@LAB.group("traversal-2048", quick=True)
def traversal(rounds: int) -> list[Cell]:
    works = {}
    for order, name in (("C", ""), ("F", " F")):
        x = np.ones((2048, 2048), np.float32, order)
        works[f"rows{name}"] = lambda x=x: along_rows(x)
        works[f"columns{name}"] = lambda x=x: down_columns(x)
    return cells(with_control(works, "rows"), rounds)


@LAB.group("strides-65536", quick=True)
def strides(rounds: int) -> list[Cell]:
    works = {}
    for dtype in ("int8", "float32", "float64"):
        for stride in STRIDES:
            x = apart(COUNT, dtype, stride)
            works[f"{dtype} {stride}"] = x.max
    return cells(works, rounds)


def apart(count: int, dtype: str, stride: int) -> np.ndarray:
    """So many ones, each `stride` bytes from the one before."""
    step = stride // np.dtype(dtype).itemsize
    return np.ones(count * step, dtype)[::step]


@LAB.group("every-64MiB", quick=True)
def every(rounds: int) -> list[Cell]:
    x = np.zeros(2**24, np.float32)
    return cells({str(step): adding(x[::step]) for step in STEPS}, rounds)


def adding(x: np.ndarray) -> Call:
    """Add one to each number, in place."""
    return lambda: np.add(x, 1, out=x)


@LAB.group("read-64MiB", quick=True)
def read(rounds: int) -> list[Cell]:
    """As many bytes each time: a small array again and again, or a large one once."""
    works = {}
    for kib in (256, 1024, 4096, 16384, 65536):
        x, y = np.ones((2, kib * 128), np.float32)
        works[str(kib)] = Work(products(x, y, READ // (kib * 1024)), bytes=READ)
    return cells(works, rounds)


def products(x: np.ndarray, y: np.ndarray, times: int) -> Call:
    """The same inner product, so many times."""

    def call() -> None:
        for _ in range(times):
            x.dot(y)

    return call


@LAB.group("gather-65536", quick=True)
def gather(rounds: int) -> list[Cell]:
    rng, works = np.random.default_rng(0), {}
    for kib in (16, 1024, 32768):
        x = np.ones(kib * 256, np.float32)
        at = rng.integers(0, len(x), COUNT)
        works[f"{kib} random"] = lambda x=x, at=at: x.take(at)
        near = np.arange(COUNT) % len(x)  # one after the other
        works[f"{kib} in order"] = lambda x=x, near=near: x.take(near)
    return cells(works, rounds)


def cycle(entries: int, rng: np.random.Generator) -> array:
    """At each place, where to go next: one way through all, at random."""
    order = rng.permutation(entries)
    following = np.empty(entries, np.int64)
    following[order] = np.roll(order, -1)
    return array("q", following.tobytes())


def in_order(entries: int) -> array:
    """The same, but from each place to its neighbour."""
    return array("q", np.roll(np.arange(entries), -1).tobytes())


class Chase:
    """Goes on where the last call ended, so that it meets what is not near."""

    def __init__(self, following: array, hops: int = HOPS):
        self.following, self.hops, self.at = following, hops, 0

    def __call__(self) -> None:
        at, following = self.at, self.following
        for _ in range(self.hops):
            at = following[at]
        self.at = at


@LAB.group("chase-20000", quick=True)
def chase(rounds: int) -> list[Cell]:
    rng = np.random.default_rng(0)
    works = {str(kib): Chase(cycle(kib * 128, rng)) for kib in SIZES}
    works[f"{SIZES[-1]} in order"] = Chase(in_order(SIZES[-1] * 128))
    return cells(with_control(works, "2"), rounds)


@LAB.group("apart-512", quick=True)
def rows_apart(rounds: int) -> list[Cell]:
    """64 columns of 512 float64 numbers, in rows of different lengths."""
    tables = {str(length): np.zeros((512, length))[:, :64] for length in ROW_LENGTHS}
    return cells({name: column_by_column(x) for name, x in tables.items()}, rounds)


def column_by_column(x: np.ndarray) -> Call:
    columns = [adding(column) for column in x.T]

    def call() -> None:
        for add in columns:
            add()

    return call


def transpose(out: np.ndarray, x: np.ndarray, tile: int) -> None:
    """Write the transpose of x into out, tile by tile."""
    for i in range(0, len(x), tile):
        for j in range(0, x.shape[1], tile):
            out[j : j + tile, i : i + tile] = x[i : i + tile, j : j + tile].T


@LAB.group("transpose-2048", quick=True)
def transposition(rounds: int) -> list[Cell]:
    x = np.ones((2048, 2048), np.float32)
    out = np.empty_like(x)
    works = {"straight": lambda: np.copyto(out, x), "naive": lambda: np.copyto(out, x.T)}
    for tile in (16, 32, 64, 128):
        works[f"tiles of {tile}"] = lambda tile=tile: transpose(out, x, tile)
    return cells(with_control(works, "straight"), rounds)


@LAB.group("records-2^20", quick=True)
def records(rounds: int) -> list[Cell]:
    """Records of eight float32 fields: one after the other, or each field by itself."""
    together, fields = np.ones((2**20, 8), np.float32), np.ones((8, 2**20), np.float32)
    works = {
        "one field": adding(together[:, 0]),
        "one field, apart": adding(fields[0]),
        "all": adding(together),
        "all, apart": adding(fields),
    }
    return cells(works, rounds)


def stored_as(x: np.ndarray, order: str) -> np.ndarray:
    """The same (B, M, K) array, its memory in another order, such as "MKB"."""
    there = ["BMK".index(letter) for letter in order]
    back = [order.index(letter) for letter in "BMK"]
    return np.ascontiguousarray(x.transpose(there)).transpose(back)


@LAB.group("batch-256x64", quick=True)
def batch(rounds: int) -> list[Cell]:
    a, b = np.random.default_rng(0).standard_normal((2, 256, 64, 64)).astype(np.float32)
    layouts = {order: stored_as(a, order) for order in ORDERS}
    layouts["scattered"] = np.repeat(a, 2, axis=2)[:, :, ::2]
    works = {name: lambda x=x: x @ b for name, x in layouts.items()}
    return cells(with_control(works, "BMK"), rounds)


@LAB.group("flags-512", quick=True)
def flags(rounds: int) -> list[Cell]:
    a, b, wide = operands(512)
    works = {
        "as it is": lambda: a @ b,
        "A transposed": lambda: a.T @ b,
        "B transposed": lambda: a @ b.T,
        "rows of 1024": lambda: a @ wide[:512, :512],
        "every other": lambda: a @ wide[::2, ::2],
    }
    return cells(with_control(works, "as it is"), rounds)


def operands(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two float32 matrices of order n, and one of twice that."""
    rng = np.random.default_rng(0)
    return tuple(rng.standard_normal((m, m)).astype(np.float32) for m in (n, n, 2 * n))


@LAB.group("view-1024", quick=True)
def view(rounds: int) -> list[Cell]:
    x = np.ones((1024, 1024), np.float32)
    return cells({"view": lambda: x.T, "copy": lambda: x.T.copy()}, rounds)


if __name__ == "__main__":
    from snippets.labs.command import main

    main(LAB)
