"""Solutions to the exercises of the lab on products shared by several processes."""

import torch
import torch.distributed as dist
from torch.nn import functional as F

from snippets.labs.ranks import Book, Group, launch
from snippets.labs.sharded_matmul import by_columns, mlp, part


def ring_all_reduce(x: torch.Tensor) -> tuple[torch.Tensor, int]:
    """The sum of all ranks' vectors, and the bytes received.

    Sends to the next rank alone. The length must be a multiple of the
    number of ranks.
    """
    rank, p = dist.get_rank(), dist.get_world_size()
    pieces = [piece.clone() for piece in x.chunk(p)]
    came, received = torch.empty_like(pieces[0]), 0
    for step in range(2 * (p - 1)):
        out, new = (rank - step) % p, (rank - step - 1) % p
        sending = dist.isend(pieces[out], (rank + 1) % p)
        dist.recv(came, (rank - 1) % p)
        sending.wait()
        received += came.nbytes
        summing = step < p - 1  # once round to add up, once to hand on
        pieces[new] = pieces[new] + came if summing else came.clone()
    return torch.cat(pieces), received


def ring_against_gloo(length: int) -> dict:
    """On each rank: is the ring's sum that of gloo, and how many bytes did it receive?"""
    group = Group(Book())
    x = torch.arange(length) * (dist.get_rank() + 1)
    total, received = ring_all_reduce(x)
    equal = torch.equal(total, group.all_reduce(x))
    return {"equal": equal, "received": received, "formula": group.book.total}


def rows_first(
    x: torch.Tensor, up: torch.Tensor, down: torch.Tensor, group: Group
) -> torch.Tensor:
    """The MLP, its first matrix cut by rows, its second by columns.

    x and the result: this rank's columns (tokens, d/p); up: (d/p, h);
    down: (h, d/p).
    """
    hidden = F.gelu(group.all_reduce(x @ up))
    return by_columns(hidden, down, group)


def too_late(
    x: torch.Tensor, up: torch.Tensor, down: torch.Tensor, group: Group
) -> torch.Tensor:
    """The same, but gelu is applied to each rank's own summand: wrong."""
    hidden = group.all_reduce(F.gelu(x @ up))
    return by_columns(hidden, down, group)


def two_orders(tokens: int, d: int) -> dict:
    """On each rank: both orders and the wrong one; right or not, and bytes on the way forward."""
    torch.manual_seed(0)
    book = Book()
    group = Group(book)
    x, up = torch.randn(tokens, d).double(), torch.randn(d, 4 * d).double()
    down = torch.randn(4 * d, d).double()
    y = F.gelu(x @ up) @ down
    report = {}
    for name, block, (cut_x, cut_up, cut_down, cut_y) in (
        ("columns first", mlp, (None, 1, 0, None)),
        ("rows first", rows_first, (1, 0, 1, 1)),
        ("too late", too_late, (1, 0, 1, 1)),
    ):
        cuts = zip((x, up, down, y), (cut_x, cut_up, cut_down, cut_y))
        *mine, wanted = [m if dim is None else part(m, dim, group) for m, dim in cuts]
        got = block(*mine, group)
        report[name] = {"equal": torch.allclose(got, wanted), "bytes": book.turn().total}
    return report


def mlp_in_shifts(
    x: torch.Tensor, up: torch.Tensor, down: torch.Tensor, group: Group
) -> torch.Tensor:
    """The MLP; each rank brings its tokens and takes them home. Forward.

    x and the result: this rank's rows (tokens/p, d); the rest as in `mlp`.
    """
    hidden = F.gelu(group.all_gather(x) @ up)
    return group.reduce_scatter(hidden @ down)


def shifts_against_whole(tokens: int, d: int) -> dict:
    """On each rank: same tokens as `mlp`? Bytes and numbers held at rest, both ways."""
    torch.manual_seed(0)
    book = Book()
    group = Group(book)
    x, up = torch.randn(tokens, d).double(), torch.randn(d, 4 * d).double()
    up, down = part(up, 1, group), part(torch.randn(4 * d, d).double(), 0, group)
    whole, moved_whole = mlp(x, up, down, group), book.turn().total
    mine = part(x, 0, group)
    shifts, moved_shifts = mlp_in_shifts(mine, up, down, group), book.turn().total
    return {
        "equal": torch.allclose(shifts, part(whole, 0, group)),
        "bytes": {"all_reduce": moved_whole, "two halves": moved_shifts},
        "numbers": {"all_reduce": whole.numel(), "two halves": shifts.numel()},
    }


def moved(m: int, n: int, k: int, side: int) -> dict[str, float]:
    """Numbers that reach each of side * side ranks for (m, n) @ (n, k)."""
    p = side * side
    return {
        "rows": 2 * (p - 1) / p * m * k,
        "grid": (side - 1) / p * (m * n + n * k),
    }


if __name__ == "__main__":
    # --8<-- [start:ring]
    ring = launch(4, ring_against_gloo, 4096)[0]
    print(ring)
    # --8<-- [end:ring]

    # --8<-- [start:orders]
    orders = launch(4, two_orders, 16, 32)[0]
    for name, result in orders.items():
        equal, sent = result["equal"], result["bytes"]
        print(f"{name:14} equal {equal!s:6} bytes {sent:,.0f}")
    # --8<-- [end:orders]

    # --8<-- [start:shifts]
    shifts = launch(4, shifts_against_whole, 16, 32)[0]
    for name, result in shifts.items():
        print(f"{name:8} {result}")
    # --8<-- [end:shifts]

    # --8<-- [start:thin]
    width, side = 4096, 4
    sizes = [2**i for i in range(5, 17)]
    pairs = {m: moved(m, width, width, side) for m in sizes}
    fewest = {m: min(way, key=way.get) for m, way in pairs.items()}
    first_grid = next(m for m in sizes if fewest[m] == "grid")
    turning = width * (side - 1) / (2 * side**2 - 2 - (side - 1))
    print("first size with fewer bytes on the grid:", first_grid)
    print(f"exactly: {turning:.0f}")
    # --8<-- [end:thin]
