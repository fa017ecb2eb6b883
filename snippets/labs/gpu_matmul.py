"""Matrix products on whatever accelerator torch finds (CUDA, ROCm, MPS, XPU), else on the CPU.

    python -m snippets.labs.gpu_matmul --record
    python -m snippets.labs.gpu_matmul --out my.json --against runs/<device>/<run>.json

What a device cannot do (a data type, a graph, a kernel) is a cell with the reason. Sizes are
smaller on a CPU, where the lab shows that it works, not how fast a GPU is.
"""
from dataclasses import asdict, dataclass
from functools import cache, cached_property, lru_cache

import torch

from snippets.labs import gpu_kernels
from snippets.labs.gpu_ways import MANY, Device, take_turns, ways
from snippets.labs.lab import Cell, Lab, Ordering, Work, cells
from snippets.labs.timing import CONTROL, Call, clock_of, with_control

DTYPES = {
    "fp32": torch.float32,
    "tf32": torch.float32,  # stored so; tensor cores read 11 of the 24 bits of each significand
    "bf16": torch.bfloat16,
    "fp16": torch.float16,
    "fp8": torch.float8_e4m3fn,
}
ROWS = 16  # of C that are held against float64
WARM = 0.025  # seconds
SMALL = "fp32-256x16"  # 256 products of 16 x 16, the same on all devices


@cache
def device() -> str:
    """The accelerator's kind, "cuda" for ROCm too; "cpu" where there is none."""
    if torch.accelerator.is_available():
        return torch.accelerator.current_accelerator().type
    return "cpu"


def here(gpu, cpu):
    """The first on an accelerator, the second on a CPU."""
    return cpu if device() == "cpu" else gpu


@dataclass(frozen=True)
class Product:
    """C = A B, A of (m, k) and B of (k, n); operands are drawn when it is first called.

    `layout` has a letter for A and one for B, as in `stored`. `values` is random, zeros or ones.
    """

    precision: str
    m: int
    k: int
    n: int
    layout: str = "nn"
    values: str = "random"

    def __call__(self) -> torch.Tensor:
        a, b = self.operands
        if self.precision == "fp8":
            one = self.scale
            return torch._scaled_mm(a, b, one, one, out_dtype=torch.bfloat16)
        if DTYPES[self.precision] is torch.float32 and device() == "cuda":
            mode = "tf32" if self.precision == "tf32" else "ieee"
            torch.backends.cuda.matmul.fp32_precision = mode
        elif self.precision == "tf32":
            raise RuntimeError(f"no TF32 on {device()}")
        return torch.mm(a, b, out=self.result)

    @cached_property
    def operands(self) -> tuple[torch.Tensor, torch.Tensor]:
        drawn = draw(self.m, self.k, self.n, self.values)
        # The library multiplies fp8 only where B is stored by columns.
        layout = "nt" if self.precision == "fp8" else self.layout
        rounded = (x.to(DTYPES[self.precision]) for x in drawn)
        return tuple(stored(x, kind) for x, kind in zip(rounded, layout, strict=True))

    @cached_property
    def result(self) -> torch.Tensor:
        return torch.empty(self.m, self.n, dtype=DTYPES[self.precision], device=device())

    @cached_property
    def scale(self) -> torch.Tensor:
        return torch.ones((), device=device())

    def error(self) -> float:
        """Relative to float64, from operands not yet rounded, on some rows of C."""
        picked, exact = reference(self.m, self.k, self.n)
        got = self()[picked.to(device())].cpu().double()
        return float((got - exact).norm() / exact.norm())

    def work(self) -> Work:
        size = DTYPES[self.precision].itemsize
        moved = size * (self.m * self.k + self.k * self.n) + max(size, 2) * self.m * self.n
        error = self.error if self.values == "random" else None
        return Work(self, 2 * self.m * self.k * self.n, moved, error)


def draw(m: int, k: int, n: int, values: str = "random") -> tuple[torch.Tensor, torch.Tensor]:
    """A and B in float32 on the device, the same at each call."""
    if values != "random":
        make = torch.zeros if values == "zeros" else torch.ones
        return make(m, k, device=device()), make(k, n, device=device())
    source = torch.Generator(device=device()).manual_seed(0)
    a = torch.randn(m, k, generator=source, device=device())
    return a, torch.randn(k, n, generator=source, device=device())


def stored(x: torch.Tensor, kind: str) -> torch.Tensor:
    """The matrix stored by rows (n), by columns (t), or in every other place of a row (s)."""
    if kind == "t":
        return x.T.contiguous().T
    if kind == "s":
        wide = x.new_zeros(x.shape[0], 2 * x.shape[1])
        wide[:, ::2] = x
        return wide[:, ::2]
    return x.contiguous()


@lru_cache(maxsize=1)
def reference(m: int, k: int, n: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Some rows of the product in float64, on the CPU, since not every GPU knows float64."""
    a, b = draw(m, k, n)
    picked = torch.linspace(0, m - 1, min(m, ROWS)).long()
    return picked, a.cpu()[picked].double() @ b.cpu().double()


def against_each_other(works: dict, rounds: int, twice: str) -> list[Cell]:
    """Measure works on the device; the one named `twice` is measured twice, as a control."""
    works = with_control(works, twice)
    return cells(works, rounds, clock=clock_of(device()), warm_up=here(WARM, 0.0))


def queue() -> Device:
    """The device as `ways` wants it."""
    buffer = torch.empty(2 * last_cache() // 4, dtype=torch.int32, device=device())
    wait = torch.accelerator.synchronize if device() != "cpu" else (lambda: None)
    return Device(clock_of(device()), wait, buffer.zero_)


def last_cache() -> int:
    """Bytes of the cache that all programs share; 128 MiB where torch does not say."""
    if device() == "cuda":
        return torch.cuda.get_device_properties(0).L2_cache_size
    return here(128 << 20, 4 << 20)


def graph_of(call: Call) -> Call | None:
    """A CUDA graph of MANY calls; None on a device that has no such thing."""
    if device() != "cuda":
        return None
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):  # libraries set themselves up outside the graph
        for _ in range(3):
            call()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for _ in range(MANY):
            call()
    return graph.replay


def usual() -> str:
    """The precision that one would use."""
    return here("bf16", "fp32")


LAB = Lab(
    "gpu-matmul",
    [
        Ordering(f"batch/bmm-{SMALL}", f"batch/loop-{SMALL}", margin=2.0),
        Ordering(f"batch/bmm-{SMALL}", f"batch/{CONTROL}", margin=0.8, limit=1.25),
    ],
    rounds=20,
    device=device,
)


@LAB.group("six-ways")
def six_ways(rounds: int) -> list[Cell]:
    found = []
    for n in here((1024, 4096), (64, 256)):
        product, there = Product(usual(), n, n, n), queue()
        product()
        for cell in take_turns(there, ways(there, product, graph_of(product)), rounds):
            cell.key, cell.flop = f"{cell.key}-{usual()}-{n}", product.work().flop
            found.append(cell)
    return found


@LAB.group("precisions")
def precisions(rounds: int) -> list[Cell]:
    sizes = here((256, 512, 1024, 2048, 4096, 8192), (64, 128))
    works = {f"{p}-{n}": Product(p, n, n, n).work() for n in sizes for p in DTYPES}
    return against_each_other(works, rounds, f"fp32-{sizes[-1]}")


@LAB.group("layouts")
def layouts(rounds: int) -> list[Cell]:
    n, p = here(4096, 256), usual()
    works = {
        f"{layout}-{p}-{n}": Product(p, n, n, n, layout).work()
        for layout in ("nn", "nt", "tn", "tt", "ss")
    }
    return against_each_other(works, rounds, f"nn-{p}-{n}")


@LAB.group("batch", quick=True)
def batch(rounds: int) -> list[Cell]:
    works = batched("fp32", 256, 16)
    if device() != "cpu":
        works |= batched("bf16", 256, 128) | batched("bf16", 16, 1024)
    return against_each_other(works, rounds, f"bmm-{SMALL}")


def batched(precision: str, count: int, n: int) -> dict[str, Work]:
    """`count` products of n x n at one request, and one after the other."""
    a, b = draw(count * n, n, count * n)
    a = a.reshape(count, n, n).to(DTYPES[precision])
    b = b.reshape(count, n, n).to(DTYPES[precision])
    out, flop = torch.empty_like(a), 2 * count * n**3

    def loop() -> torch.Tensor:
        for x, y, z in zip(a, b, out, strict=True):
            torch.mm(x, y, out=z)
        return out

    name, size = f"{precision}-{count}x{n}", 3 * a.numel() * a.itemsize
    return {
        f"bmm-{name}": Work(lambda: torch.bmm(a, b, out=out), flop, size),
        f"loop-{name}": Work(loop, flop, size),
    }


@LAB.group("thin")
def thin(rounds: int) -> list[Cell]:
    """A few rows times a large matrix of weights, as when a language model writes one token."""
    n, p = here(8192, 512), usual()
    works = {
        f"{p}-{m}x{n}x{n}": Product(p, m, n, n).work()
        for m in here((1, 8, 64, 512, 8192), (1, 8, 64, 512))
    }
    source = torch.ones(here(512 << 20, 16 << 20), dtype=torch.uint8, device=device())
    target = torch.empty_like(source)
    copy = Work(lambda: target.copy_(source), bytes=2 * source.numel())
    return against_each_other(works | {"copy": copy}, rounds, "copy")


@LAB.group("values")
def values(rounds: int) -> list[Cell]:
    n, p = here(8192, 256), usual()
    works = {
        f"{kind}-{p}-{n}": Product(p, n, n, n, values=kind).work()
        for kind in ("random", "zeros", "ones")
    }
    return against_each_other(works, rounds, f"random-{p}-{n}")


@LAB.group("kernels")
def kernels(rounds: int) -> list[Cell]:
    """Our kernels and the library's; the first step only where it does not take for ever."""
    p, small, large = usual(), here(2048, 64), here(8192, 128)
    works = {}
    for n in (small, large):
        library = Product(p, n, n, n)
        works[f"library-{p}-{n}"] = library.work()
        for step in gpu_kernels.STEPS if n == small else gpu_kernels.STEPS[1:]:
            works[f"{step}-{p}-{n}"] = own(library, step)
    return against_each_other(works, rounds, f"library-{p}-{large}")


def own(library: Product, step: str) -> Work:
    """The same product by one of our kernels."""
    ours, known = OwnProduct(**asdict(library), step=step), library.work()
    return Work(ours, known.flop, known.bytes, ours.error)


@dataclass(frozen=True)
class OwnProduct(Product):
    """A product by a kernel of gpu_kernels."""

    step: str = "tensor"

    def __call__(self) -> torch.Tensor:
        return gpu_kernels.product(*self.operands, self.step)


if __name__ == "__main__":
    from snippets.labs.command import main

    main(LAB)
