"""Solutions to the exercises of 'Multiply entry by entry, then add up'."""

import torch

from snippets.foundations.elementwise_reduce_dot import (
    cosines,
    count_words,
    rarity,
)


def masked_mean(x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Mean over the first lengths[b] rows of x[b], for each b; lengths are at least 1.

    x (batch, time, d) gives (batch, d).
    """
    valid = torch.arange(x.shape[1]) < lengths[:, None]  # (batch, time)
    kept = torch.where(valid[:, :, None], x, 0.0)
    return kept.sum(dim=1) / lengths[:, None]


def window_sums(x: torch.Tensor, width: int) -> torch.Tensor:
    """Sums of all runs of `width` neighbours of x (n,), one subtraction each."""
    running = torch.cat([torch.zeros(1, dtype=x.dtype), x.cumsum(dim=0)])
    return running[width:] - running[:-width]


def correlation(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Pearson's correlation of x and y, both (n,): cosine after centring."""
    return cosines((x - x.mean())[None], (y - y.mean())[None])[0, 0]


def bm25(
    asked: torch.Tensor, counts: torch.Tensor, k: float = 1.2, b: float = 0.75
) -> torch.Tensor:
    """BM25 scores of texts, counts (texts, words), for `asked` (words,).

    The gain from a word rises with its count ever more slowly, up to k + 1;
    `b` says how much texts longer than the average are held back. Robertson
    and Zaragoza, 2009, with `rarity` as the weight of a word.
    """
    length = counts.sum(dim=1, keepdim=True)
    slow = k * (1 - b + b * length / length.mean())
    gain = counts * (k + 1) / (counts + slow)  # (texts, words)
    return gain @ (asked * rarity(counts))


def best_rows(
    table: torch.Tensor, known: torch.Tensor, other: torch.Tensor, price: float
) -> torch.Tensor:
    """One vector per row of `table` (n, m), the vectors `other` (m, d) held fixed.

    Row i minimises the squared errors of its dot products with `other`, over
    the entries that are `known` (n, m), plus `price` times its squared length.
    """
    weight = known.to(table)
    square = torch.einsum("ij,jc,jd->icd", weight, other, other)
    square = square + price * torch.eye(other.shape[1]).to(table)
    return torch.linalg.solve(square, ((weight * table) @ other)[..., None])[..., 0]


def factorise(
    table: torch.Tensor, known: torch.Tensor, width: int, rounds: int = 30, price: float = 0.1
) -> tuple[torch.Tensor, torch.Tensor]:
    """Vectors of users (n, width) and films (m, width), found by turns.

    Alternating least squares: Koren, Bell and Volinsky, 2009.
    """
    generator = torch.Generator().manual_seed(0)
    films = torch.randn(table.shape[1], width, generator=generator).to(table)
    for _ in range(rounds):
        users = best_rows(table, known, films, price)
        films = best_rows(table.T, known.T, users, price)
    return users, films


if __name__ == "__main__":
    # --8<-- [start:frobenius]
    P = torch.tensor([[1, 2], [3, 4]])
    Q = torch.tensor([[5, 6], [7, 8]])
    print((P * Q).sum().item(), torch.trace(P.T @ Q).item())
    print("dot of the flattened:", torch.dot(P.flatten(), Q.flatten()).item())
    # --8<-- [end:frobenius]

    # --8<-- [start:padding]
    x = torch.tensor([[[2.0], [4], [0]],  # this 0 is padding
                      [[3], [6], [9]]])
    lengths = torch.tensor([2, 3])
    print("plain mean ", x.mean(dim=1).flatten().tolist())
    print("masked mean", masked_mean(x, lengths).flatten().tolist())
    # --8<-- [end:padding]
    plain_mean, true_mean = x.mean(dim=1)[0, 0].item(), masked_mean(x, lengths)[0, 0].item()

    # --8<-- [start:windows]
    x = torch.tensor([3, 1, 4, 1, 5, 9, 2, 6])
    print(window_sums(x, 3).tolist())
    print(x.unfold(0, 3, 1).sum(dim=1).tolist())  # every window added afresh

    far = torch.cat([torch.tensor([1e8]), torch.ones(4)])  # float32
    print(window_sums(far, 2).tolist())
    # --8<-- [end:windows]

    # --8<-- [start:correlate]
    celsius = torch.tensor([12.0, 15, 21, 24, 18])
    sales = torch.tensor([20.0, 29, 50, 61, 40])
    fahrenheit = celsius * 9 / 5 + 32
    degrees = {"Celsius": celsius, "Fahrenheit": fahrenheit}
    cosine, correlated = {}, {}
    for name, x in degrees.items():
        cosine[name] = cosines(x[None], sales[None]).item()
        correlated[name] = correlation(x, sales).item()
        print(f"{name:10} cosine {cosine[name]:.3f}"
              f"  correlation {correlated[name]:.3f}")
    # --8<-- [end:correlate]

    # --8<-- [start:stuffing]
    words = ["cat", "fish", "dog", "man"]
    texts = ["cat fish", "dog man", "dog dog"]
    asked = count_words(["cat fish"], words)[0]
    growth = {"dot": {}, "bm25": {}}
    for times in (1, 10, 100):
        stuffed = count_words([*texts, "cat " * times], words)
        growth["dot"][times] = (stuffed @ asked)[-1].item()
        score = bm25(asked, stuffed, b=0)  # length left out of account
        growth["bm25"][times] = score[-1].item()
        print(f"cat x {times:3}: dot {growth['dot'][times]:5.0f}"
              f"   BM25 {score[-1]:.2f}   cat fish {score[0]:.2f}")
    # --8<-- [end:stuffing]
    honest = score[0].item()

    # --8<-- [start:ratings]
    torch.manual_seed(0)
    tastes = torch.randn(30, 3).double()
    contents = torch.randn(20, 3).double()
    clean = tastes @ contents.T
    ratings = clean + 0.1 * torch.randn(30, 20)
    known = torch.rand(30, 20) < 0.6
    seen, hidden = {}, {}
    for width in (1, 2, 3, 6, 12):
        users, films = factorise(ratings, known, width)
        squares = (users @ films.T - ratings) ** 2
        seen[width] = squares[known].mean().sqrt().item()
        hidden[width] = squares[~known].mean().sqrt().item()
        print(f"width {width:2}: known {seen[width]:.2f}  hidden {hidden[width]:.2f}")

    users, films = factorise(clean, known, 12)
    quiet = ((users @ films.T - clean)[~known] ** 2).mean().sqrt().item()
    print(f"width 12, no noise:       hidden {quiet:.2f}")
    # --8<-- [end:ratings]
