"""One product on many processes: who holds what, what has to travel, and the same result.

    torchrun --nproc-per-node 4 -m snippets.labs.sharded_matmul
"""

import math
import os
import signal
import sys

import torch
import torch.distributed as dist
from torch.nn import functional as F

from snippets.labs.ranks import PATIENCE, Book, Group, launch, on_the_wire

Function = torch.autograd.Function


def part(m: torch.Tensor, dim: int, group: Group) -> torch.Tensor:
    """This rank's share of a matrix that is cut into equal pieces along dim.

    Raises ValueError if the pieces would not be equal.
    """
    if m.shape[dim] % group.size:
        what = ("rows", "columns")[dim]
        raise ValueError(f"{m.shape[dim]} {what} cannot be shared evenly by {group.size} ranks")
    return m.chunk(group.size, dim)[group.rank].clone()


class Copy(Function):
    """x, which all hold and use: its gradient is the sum of theirs."""

    @staticmethod
    def forward(ctx, x, group):
        ctx.group = group
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        return ctx.group.all_reduce(gradient), None


class Sum(Function):
    """The sum of all ranks' x. Each summand has the gradient of the sum."""

    @staticmethod
    def forward(ctx, x, group):
        return group.all_reduce(x)

    @staticmethod
    def backward(ctx, gradient):
        return gradient, None


def by_columns(a: torch.Tensor, b: torch.Tensor, group: Group) -> torch.Tensor:
    """This rank's columns of A B.

    a: all of A, (m, n); b: this rank's columns of B, (n, k/p).
    """
    return Copy.apply(a, group) @ b


def by_rows(a: torch.Tensor, b: torch.Tensor, group: Group) -> torch.Tensor:
    """All of A B.

    a: this rank's columns of A, (m, n/p); b: its rows of B, (n/p, k).
    """
    return Sum.apply(a @ b, group)


class Grid:
    """q x q ranks; `row` holds those beside this one, `column` those above and below it."""

    def __init__(self, book: Book):
        self.side = side = side_of_grid(dist.get_world_size())
        ranks = torch.arange(side * side).view(side, side)
        self.row = Group(book, dist.new_subgroups_by_enumeration(ranks.tolist())[0])
        self.column = Group(book, dist.new_subgroups_by_enumeration(ranks.T.tolist())[0])

    def block(self, m: torch.Tensor) -> torch.Tensor:
        """This rank's block of a matrix."""
        return part(part(m, 0, self.column), 1, self.row)


def side_of_grid(world: int) -> int:
    """q for q * q ranks; ValueError if their number is no square."""
    side = math.isqrt(world)
    if world < 1 or side * side != world:
        raise ValueError(f"{world} processes make no square grid: start 1, 4 or 9")
    return side


class Summa(Function):
    """C_ij = sum over k of A_ik B_kj; in step k the owners hand them round.

    a, b: this rank's blocks of A and B. It gets its block of C, and on the
    way back those of the gradients. R. van de Geijn and J. Watts (1995).
    """

    @staticmethod
    def forward(ctx, a, b, grid):
        ctx.save_for_backward(a, b)
        ctx.grid = grid
        return sum(
            grid.row.broadcast(a, k) @ grid.column.broadcast(b, k)
            for k in range(grid.side)
        )

    @staticmethod
    def backward(ctx, gradient):
        (a, b), grid = ctx.saved_tensors, ctx.grid
        for k in range(grid.side):  # dA = dC B^T, dB = A^T dC
            b_k, a_k = grid.column.broadcast(b, k), grid.row.broadcast(a, k)
            for_a = grid.row.reduce(gradient @ b_k.T, k)
            for_b = grid.column.reduce(a_k.T @ gradient, k)
            if k == grid.row.rank:
                to_a = for_a
            if k == grid.column.rank:
                to_b = for_b
        return to_a, to_b, None


def mlp(
    x: torch.Tensor, up: torch.Tensor, down: torch.Tensor, group: Group
) -> torch.Tensor:
    """gelu(x up) down.

    x: whole, (tokens, d); up: this rank's columns, (d, h/p); down: its
    rows, (h/p, d).
    """
    return by_rows(F.gelu(by_columns(x, up, group)), down, group)


def attention(
    x: torch.Tensor, inward: list[torch.Tensor], out: torch.Tensor,
    width: int, group: Group,
) -> torch.Tensor:
    """Causal attention; each rank has some heads of `width` columns.

    x: whole, (tokens, d); inward: this rank's columns of W_Q, W_K, W_V,
    (d, d/p); out: its rows of W_O, (d/p, d).
    """
    x = Copy.apply(x, group)
    q, k, v = (
        (x @ w).unflatten(1, (-1, width)).transpose(0, 1) for w in inward
    )
    heads = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    return by_rows(heads.transpose(0, 1).flatten(1), out, group)


class Alone:
    """A group of one: nothing to add, nobody to tell."""

    size, rank = 1, 0

    def all_reduce(self, x: torch.Tensor) -> torch.Tensor:
        return x


def whole_numbers(*shape: int, seed: int) -> torch.Tensor:
    """Small whole numbers in float64: their sums are exact in every order."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(-9, 10, shape, generator=generator, dtype=torch.float64)


def gradients(c: torch.Tensor, to_c: torch.Tensor, *of: torch.Tensor) -> list[torch.Tensor]:
    """C and, for a loss whose gradient with respect to it is to_c, those of the factors."""
    (c * to_c).sum().backward()
    return [c.detach(), *(m.grad for m in of)]


def products(n: int) -> dict[str, dict]:
    """On each rank: A B three ways, with both gradients; whether all are right, bit for bit, the
    bytes that the rank holds of A, B and C, and the bytes that reach it on both passes."""
    book = Book()
    group, grid = Group(book), Grid(book)
    cut = {
        "whole": lambda m: m.clone(),
        "columns": lambda m: part(m, 1, group),
        "rows": lambda m: part(m, 0, group),
        "block": grid.block,
    }
    ways = {
        "columns": (by_columns, group, ("whole", "columns", "columns")),
        "rows": (by_rows, group, ("columns", "rows", "whole")),
        "grid": (Summa.apply, grid, ("block", "block", "block")),
    }
    a, b, to_c = (whole_numbers(n, n, seed=seed) for seed in range(3))
    report = {}
    for name, (multiply, ranks, (cut_a, cut_b, cut_c)) in ways.items():
        my_a, my_b = cut[cut_a](a).requires_grad_(), cut[cut_b](b).requires_grad_()
        c = multiply(my_a, my_b, ranks)
        forward = book.turn()
        got = gradients(c, cut[cut_c](to_c), my_a, my_b)
        wanted = [cut[cut_c](a @ b), cut[cut_a](to_c @ b.T), cut[cut_b](a.T @ to_c)]
        report[name] = {
            "equal": all(map(torch.equal, got, wanted)),
            "holds": my_a.nbytes + my_b.nbytes + c.nbytes,
            "forward": forward.total,
            "backward": book.turn().total,
        }
    return report


def layer(tokens: int, d: int, heads: int) -> dict[str, dict]:
    """On each rank: an MLP and an attention block shared by all, against the unshared ones.

    Returns for each the largest error, relative to the largest entry, of the result and of the
    gradients, and the calls and bytes of the forward and the backward pass.
    """
    torch.manual_seed(0)
    book = Book()
    group, width = Group(book), d // heads
    x, to_y = torch.randn(2, tokens, d, dtype=torch.float64)
    up, q, k, v = (torch.randn(d, n, dtype=torch.float64) / d**0.5 for n in (4 * d, d, d, d))
    down, out = (torch.randn(n, d, dtype=torch.float64) / n**0.5 for n in (4 * d, d))

    def attend(x, q, k, v, out, group):
        return attention(x, [q, k, v], out, width, group)

    report = {}
    for name, block, weights in (
        ("mlp", mlp, ((up, 1), (down, 0))),
        ("attention", attend, ((q, 1), (k, 1), (v, 1), (out, 0))),
    ):
        whole = [m.clone().requires_grad_() for m in (x, *(w for w, _ in weights))]
        y, to_x, *to_weights = gradients(block(*whole, Alone()), to_y, *whole)
        wanted = [y, to_x, *(part(g, dim, group) for g, (_, dim) in zip(to_weights, weights))]
        mine = [x.clone(), *(part(w, dim, group) for w, dim in weights)]
        mine = [m.requires_grad_() for m in mine]
        y = block(*mine, group)
        forward = book.turn()
        got = gradients(y, to_y, *mine)
        report[name] = {
            "error": max(((g - w).abs().max() / w.abs().max()).item() for g, w in zip(got, wanted)),
            "forward": vars(forward),
            "backward": vars(book.turn()),
        }
    return report


def collectives(numbers: int) -> dict[str, dict[str, float]]:
    """On each rank: five collectives on a float32 vector; bytes by the formula, and arrived."""
    report = {}
    group = Group(Book())
    x = torch.ones(numbers)
    for name, action in {
        "all_reduce": lambda: group.all_reduce(x),
        "all_gather": lambda: group.all_gather(x.chunk(group.size)[group.rank]),
        "reduce_scatter": lambda: group.reduce_scatter(x),
        "broadcast": lambda: group.broadcast(x, 0),
        "reduce": lambda: group.reduce(x, 0),
    }.items():
        arrived = on_the_wire(action)
        report[name] = {"formula": group.book.bytes[name], "arrived": arrived}
    return report


def moved_forward(way: str, p: int) -> float:
    """Numbers that reach each of p ranks for an n x n product, in units of n * n."""
    side = math.isqrt(p)
    return {
        "columns": 0,
        "rows": 2 * (p - 1) / p,
        "grid": 2 * (side - 1) / side**2,
    }[way]


def dtensor_mlp(tokens: int, d: int) -> dict[str, dict[str, int]]:
    """On each rank: torch's own tensor-parallel MLP; the collectives that it calls."""
    from torch import nn
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.tensor.debug import CommDebugMode
    from torch.distributed.tensor.parallel import (
        ColwiseParallel, RowwiseParallel, parallelize_module,
    )  # fmt: skip

    torch.manual_seed(0)
    up, down = nn.Linear(d, 4 * d, bias=False), nn.Linear(4 * d, d, bias=False)
    model = nn.Sequential(up, nn.GELU(), down)
    x = torch.randn(tokens, d, requires_grad=True)
    unshared = x.detach().clone().requires_grad_()
    wanted = gradients(model(unshared), torch.ones(tokens, d), unshared)
    mesh = init_device_mesh("cpu", (dist.get_world_size(),))
    parallelize_module(model, mesh, {"0": ColwiseParallel(), "2": RowwiseParallel()})
    with CommDebugMode() as forward:
        y = model(x)
    with CommDebugMode() as backward:
        y.sum().backward()
    return {
        "forward": names_of(forward.get_comm_counts()),
        "backward": names_of(backward.get_comm_counts()),
        "equal": all(
            torch.allclose(g, w, atol=1e-5) for g, w in zip((y.detach(), x.grad), wanted)
        ),
    }


def names_of(counts: dict) -> dict[str, int]:
    """Torch counts its operators; their plain names are easier to read."""
    return {str(operator).split(".")[-1]: n for operator, n in counts.items()}


def one_dies(victim: int) -> None:
    """On each rank: all meet in an all-reduce, but the victim is killed on its way there."""
    if dist.get_rank() == victim:
        os.kill(os.getpid(), signal.SIGKILL)
    Group(Book()).all_reduce(torch.ones(1))


def demonstrate() -> str:
    """What `torchrun` runs on each rank: all of it, in a few lines."""
    lines = [
        f"{name:14} equal {way['equal']}  forward {way['forward']:9,.0f} B"
        f"  backward {way['backward']:9,.0f} B"
        for name, way in products(144).items()
    ]
    for name, block in layer(24, 72, 36).items():
        calls = [block[way]["calls"] for way in ("forward", "backward")]
        lines.append(f"{name:14} equal {block['error'] < 1e-12}  calls {calls}")
    for name, one in collectives(9 << 15).items():
        formula, arrived = one["formula"], one["arrived"]
        lines.append(f"{name:14} formula {formula:9,.0f} B  arrived {arrived:9,.0f} B")
    return "\n".join(lines)


def main() -> None:
    """Under torchrun this process is one of the ranks; else it starts four."""
    if not dist.is_torchelastic_launched():
        print(launch(4, demonstrate)[0])
        return
    try:
        side_of_grid(int(os.environ["WORLD_SIZE"]))
    except ValueError as error:
        sys.exit(f"sharded_matmul: {error}")
    dist.init_process_group("gloo", timeout=PATIENCE)
    text = demonstrate()
    if dist.get_rank() == 0:
        print(text)
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
