"""An embedding lookup is a one-hot product; its training is less sparse than that."""
from dataclasses import dataclass
from typing import Callable

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn, optim

from snippets.labs.timing import cpu_medians
from snippets.palette import A, B, C, INK, LINE, SOFT

MACHINE_BOUND = True  # one region prints a ratio of CPU times

Make = Callable[..., optim.Optimizer]  # an optimiser, or a function of the parameters


@dataclass(frozen=True)
class Model:
    """Published sizes of a language model."""

    vocab: int  # V, rows of E
    width: int  # d, columns of E
    tokens: int  # N, longest sequence of pre-training, not counting extensions
    layers: int
    weights: int  # weights of one layer, in units of width squared


MODELS = {
    "BERT base": Model(30_522, 768, 512, 12, 12),
    "GPT-2 small": Model(50_257, 768, 1_024, 12, 12),
    "GPT-3": Model(50_257, 12_288, 2_048, 96, 12),
    "Llama 3 8B": Model(128_256, 4_096, 8_192, 32, 13),
}


def one_hot(ids: np.ndarray, vocab: int) -> np.ndarray:
    """(N,) ids -> float32 (N, vocab): row i is 1 at column ids[i], else 0."""
    rows = np.zeros((len(ids), vocab), dtype=np.float32)
    rows[np.arange(len(ids)), ids] = 1
    return rows


def same_bits(x: np.ndarray, y: np.ndarray) -> bool:
    """Compare two float32 arrays bit by bit; == would not tell -0.0 from 0.0."""
    return np.array_equal(x.view(np.uint32), y.view(np.uint32))


def products_by_zero(tokens: int, vocab: int, width: int) -> int:
    """Multiplications by 0 in X @ E: all but one term of each of the sums."""
    return tokens * (vocab - 1) * width


def share_of_layers(model: Model) -> float:
    """Multiplications of X @ E over those of all layers, for one sequence.

    A token passes all weights once; attention multiplies it with every key
    and every value (2 N d, the masked half included).
    """
    layer = model.weights * model.width**2 + 2 * model.tokens * model.width
    return model.vocab * model.width / (model.layers * layer)


def embedding_gradient(ids: np.ndarray, G: np.ndarray, vocab: int):
    """X.T @ G without X: row v is the sum of those rows of G whose id is v."""
    grad = np.zeros((vocab, G.shape[1]), dtype=G.dtype)
    np.add.at(grad, ids, G)
    return grad


def rows_with(values: torch.Tensor) -> int:
    """Number of rows of a matrix that hold anything but zero."""
    return int((values != 0).any(dim=1).sum())


def step(table: nn.Embedding, optimiser: optim.Optimizer, ids: torch.Tensor):
    """One step on sum(E[ids]): the gradient of a row is its number of tokens."""
    optimiser.zero_grad()
    table(ids).sum().backward()
    optimiser.step()


def rows_moved(make: Make, vocab: int, sparse: bool = False) -> int:
    """Rows that a second step changes; step one has words 0-9, step two 10-19."""
    table = nn.Embedding(vocab, 4, sparse=sparse)
    optimiser = make(table.parameters())
    step(table, optimiser, torch.arange(10))
    before = table.weight.detach().clone()
    step(table, optimiser, torch.arange(10, 20))
    return rows_with(table.weight.detach() - before)


def drift(
    make: Make, steps: int, sparse: bool = False, wait: int = 0
) -> list[float]:
    """How far word 0 has come, step by step, since its only use after wait steps."""
    table = nn.Embedding(2, 1, sparse=sparse)
    nn.init.ones_(table.weight)
    optimiser = make(table.parameters())
    distance = []
    for i in range(wait + steps):
        step(table, optimiser, torch.tensor([int(i != wait)]))
        distance.append(1 - table.weight[0].item())
    return distance[wait:]


if __name__ == "__main__":
    # --8<-- [start:lookup]
    ids = np.array([2, 0, 2, 4])  # four tokens, five words in the vocabulary
    E = np.arange(15, dtype=np.float32).reshape(5, 3)  # one row per word
    X = one_hot(ids, vocab=5)
    print(X)
    print(X @ E)
    print("equal to E[ids]:", np.array_equal(X @ E, E[ids]))
    # --8<-- [end:lookup]

    # --8<-- [start:picture]
    fig, ax = plt.subplots(figsize=(7.2, 3.2))
    used = np.isin(np.arange(5), ids)[:, None] & (E >= 0)
    for name, matrix, strong, colour, left in [
        ("X", X, X == 1, A, 0.0), ("E", E, used, B, 6.0), ("X E", X @ E, X @ E >= 0, C, 10.2)
    ]:
        for (i, j), value in np.ndenumerate(matrix):
            corner = (left + j, len(matrix) / 2 - i - 1)
            if strong[i, j]:
                ax.add_patch(plt.Rectangle(corner, 1, 1, fc=colour, alpha=0.25, lw=0))
            ax.add_patch(plt.Rectangle(corner, 1, 1, fc="none", ec=colour, lw=0.8))
            ax.text(corner[0] + 0.5, corner[1] + 0.5, f"{value:.0f}", ha="center", va="center",
                    color=INK if strong[i, j] else SOFT)
        ax.text(left + matrix.shape[1] / 2, 2.85, f"${name}$", ha="center", color=colour)
    ax.text(5.5, 0, "$\\times$", ha="center", va="center")
    ax.text(9.6, 0, "$=$", ha="center", va="center")
    ax.set(xlim=(-0.2, 13.4), ylim=(-2.7, 3.4), aspect="equal")
    ax.axis("off")
    plt.show()
    # --8<-- [end:picture]

    # --8<-- [start:order]
    print("X E :", X.shape, "@", E.shape, "->", (X @ E).shape)
    try:
        E @ X
    except ValueError as refused:
        print("E X :", E.shape, "@", X.shape, "->", type(refused).__name__)
    accident = (E @ X[:3]).shape  # as many tokens as columns of E
    print("E X':", E.shape, "@", X[:3].shape, "->", accident)
    # --8<-- [end:order]

    # --8<-- [start:bits]
    rng = np.random.default_rng(0)
    vocab, width, tokens = 5_000, 128, 256
    table = rng.normal(size=(vocab, width)).astype(np.float32)
    batch = rng.integers(vocab, size=tokens)
    onehot = one_hot(batch, vocab)
    bitwise = same_bits(onehot @ table, table[batch])
    print(onehot.shape, "@", table.shape, " same bits as the lookup:", bitwise)
    # --8<-- [end:bits]

    # --8<-- [start:inf]
    stranger = 7
    table[stranger, 0] = np.inf
    with np.errstate(invalid="ignore"):
        product = onehot @ table
    print(f"word {stranger} in the batch:", stranger in batch)
    nan_product = int(np.isnan(product).sum())
    nan_lookup = int(np.isnan(table[batch]).sum())
    print("NaN in the product:", nan_product, " in the lookup:", nan_lookup)
    table[stranger, 0] = 1
    # --8<-- [end:inf]

    # --8<-- [start:zero]
    signed = np.array([[-0.0], [1.0]], dtype=np.float32)
    print("lookup:", signed[[0]], " product:", one_hot(np.array([0]), 2) @ signed)
    # --8<-- [end:zero]

    # --8<-- [start:bfloat16]
    half = torch.from_numpy(onehot).bfloat16() @ torch.from_numpy(table).bfloat16()
    rows = torch.from_numpy(table[batch])
    rounded_rows = bool((half == rows.bfloat16()).all())
    print("equal to the rounded rows:", rounded_rows)
    kept = int((half.float() == rows).sum())
    print("entries that survived rounding:", kept, "of", rows.numel())
    # --8<-- [end:bfloat16]

    # --8<-- [start:cost]
    zeros, share, onehot_mb = {}, {}, {}
    for name, m in MODELS.items():
        zeros[name] = products_by_zero(m.tokens, m.vocab, m.width)
        share[name] = share_of_layers(m)
        onehot_mb[name] = 4 * m.tokens * m.vocab / 1e6  # X itself, in float32
        print(f"{name:11} V {m.vocab:7,} d {m.width:6,} N {m.tokens:5,} L {m.layers}")
    gpt3_batch_tokens = 3_200_000
    gpt3_batch = products_by_zero(gpt3_batch_tokens, 50_257, 12_288)
    # --8<-- [end:cost]

    # --8<-- [start:clock]
    works = {
        "product": lambda: onehot @ table,
        "100 lookups": lambda: [table[batch] for _ in range(100)],
    }
    seconds = cpu_medians(works, rounds=15)
    slower = 100 * seconds["product"] / seconds["100 lookups"]
    print(f"product / lookup: {slower:.0f}")
    # --8<-- [end:clock]

    # --8<-- [start:gradient]
    G = np.array([[1, 2, 3], [10, 20, 30], [100, 200, 300], [0, 0, 7]], np.float32)
    grad = embedding_gradient(ids, G, vocab=5)
    print(grad)
    print("equal to X.T @ G:", np.array_equal(grad, X.T @ G))
    # --8<-- [end:gradient]

    # --8<-- [start:layout]
    words = torch.from_numpy(rng.integers(1_000, size=128))
    held = {}
    for sparse in (False, True):
        layer = nn.Embedding(1_000, 64, sparse=sparse)
        layer(words).square().sum().backward()
        grad = layer.weight.grad
        held[str(grad.layout)] = grad._nnz() * 64 if sparse else grad.numel()
        print(grad.layout, tuple(grad.shape), "holds", held[str(grad.layout)])
    distinct = len(words.unique())
    merged = grad.coalesce()._nnz()
    nonzero_rows = rows_with(grad.to_dense())
    print(len(words), "tokens,", distinct, "distinct;", merged, "rows merged,",
          nonzero_rows, "not zero")
    # --8<-- [end:layout]

    # --8<-- [start:optimisers]
    optimisers = {
        "SGD": lambda p: optim.SGD(p, lr=0.1),
        "momentum": lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
        "decay": lambda p: optim.SGD(p, lr=0.1, weight_decay=0.01),
        "Adagrad": optim.Adagrad,
        "RMSprop": optim.RMSprop,
        "Adam": optim.Adam,
        "AdamW": optim.AdamW,
    }
    moved = {name: rows_moved(make, 1_000) for name, make in optimisers.items()}
    moved["SparseAdam"] = rows_moved(optim.SparseAdam, 1_000, sparse=True)
    for name, count in moved.items():
        print(f"{name:10} {count:5}")
    # --8<-- [end:optimisers]

    # --8<-- [start:refused]
    try:
        rows_moved(optim.Adam, vocab=1_000, sparse=True)
    except RuntimeError as refused:
        print(refused)
    # --8<-- [end:refused]

    # --8<-- [start:rolling]
    steps, lr = 60, 0.01
    paths = {
        "SGD": drift(lambda p: optim.SGD(p, lr), steps),
        "momentum": drift(lambda p: optim.SGD(p, lr, momentum=0.9), steps),
        "Adam": drift(lambda p: optim.Adam(p, lr), steps),
        "Adam later": drift(lambda p: optim.Adam(p, lr), steps, wait=1_000),
        "SparseAdam": drift(lambda p: optim.SparseAdam(p, lr), steps, sparse=True),
    }
    travelled = {name: path[-1] / path[0] for name, path in paths.items()}
    for name, first_steps in travelled.items():
        print(f"{name:10} {first_steps:5.2f} first steps")
    # --8<-- [end:rolling]

    # --8<-- [start:drift_picture]
    fig, ax = plt.subplots(figsize=(7.2, 3.4))
    styles = {"SGD": (SOFT, ":"), "momentum": (INK, "--"), "Adam": (INK, "-")}
    for name, (colour, style) in styles.items():
        ax.plot(range(1, steps + 1), np.array(paths[name]) / lr, color=colour, ls=style)
        ax.text(steps + 1, travelled[name], name, color=colour, va="center")
    ax.axhline(0, color=LINE, lw=0.8)
    ax.set(xlim=(0, steps + 10), xticks=[1, 20, 40, 60], yticks=[0, 1, 5, 10])
    ax.set_xlabel("step")
    ax.set_ylabel("distance")
    plt.show()
    # --8<-- [end:drift_picture]

    # --8<-- [start:tied]
    torch.manual_seed(0)
    words, following = torch.arange(10), torch.arange(1, 11)
    embed, output = nn.Embedding(100, 16), nn.Linear(16, 100, bias=False)
    with_gradient = {}
    for case in ("untied", "tied"):
        if case == "tied":
            output.weight = embed.weight  # one matrix reads words and writes them
        embed.zero_grad()
        nn.functional.cross_entropy(output(embed(words)), following).backward()
        with_gradient[case] = rows_with(embed.weight.grad)
        print(f"{case:6}  rows with a gradient: {with_gradient[case]:3} of 100")
    # --8<-- [end:tied]
