"""Solutions: shapes guessed, a cell's index, windows without copies, channels moved, warmth."""
from collections.abc import Sequence

import torch


def index_at(cell: int, shape: Sequence[int]) -> tuple[int, ...]:
    """The index whose entry lies in this cell of a tensor stored row by row.

    The remainder tells the place along the last axis; what was divided away
    tells the rest, axis by axis from the right.
    """
    index = []
    for length in reversed(shape):
        cell, place = divmod(cell, length)
        index.insert(0, place)
    return tuple(index)


def windows(x: torch.Tensor, width: int) -> torch.Tensor:
    """All windows of neighbours in a vector (n,), one per row.

    A view of shape (n - width + 1, width): a step down and a step right
    both move as far as a step along x.
    """
    step = x.stride(0)
    return x.as_strided((len(x) - width + 1, width), (step, step))


if __name__ == "__main__":
    # --8<-- [start:shapes]
    x = torch.zeros(2, 3, 4)
    for text in ("x[0]", "x[:, 1]", "x[:, 1:2]", "x[..., None]",
                 "x.permute(2, 0, 1)", "x[0, 0, 0]"):
        print(f"{text:20}", tuple(eval(text).shape))
    # --8<-- [end:shapes]

    # --8<-- [start:index]
    found = index_at(17, (2, 3, 4))
    print(found, torch.arange(24).reshape(2, 3, 4)[found].item())
    # --8<-- [end:index]

    # --8<-- [start:sliding]
    x = torch.arange(6)
    w = windows(x, 3)
    print(w, w.stride())

    x[2] = 99
    touched = int((w == 99).sum())
    print("entries changed by one write:", touched)
    # --8<-- [end:sliding]

    # --8<-- [start:channels]
    torch.manual_seed(0)
    photo = torch.randint(0, 256, (40, 60, 3))  # row, column, channel
    moved = photo.permute(2, 0, 1)
    refilled = photo.reshape(3, 40, 60)
    print(moved.shape, refilled.shape)

    red = photo[:, :, 0]
    right = {"permute": (moved[0] == red).double().mean().item(),
             "reshape": (refilled[0] == red).double().mean().item()}
    for name, share in right.items():
        print(f"{name}: {share:.1%} of the red pixels in place")
    # --8<-- [end:channels]

    # --8<-- [start:warmth]
    cold, mild = torch.tensor(10.0), torch.tensor(20.0)
    celsius = (mild / cold).item()
    kelvin = ((mild + 273.15) / (cold + 273.15)).item()
    print(f"ratio in Celsius: {celsius:.2f}   in kelvin: {kelvin:.2f}")
    print("difference in either:", (mild - cold).item())
    # --8<-- [end:warmth]
