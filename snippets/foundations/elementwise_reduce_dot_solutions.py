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
