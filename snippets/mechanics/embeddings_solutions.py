"""Solutions to the exercises of the chapter on embeddings."""
import numpy as np
import torch
from torch import nn, optim

from snippets.mechanics.embeddings import (
    MODELS,
    embedding_gradient,
    share_of_layers,
    step,
)


def overwriting_gradient(ids: np.ndarray, G: np.ndarray, vocab: int):
    """The tempting version: of a repeated word only the last row survives."""
    grad = np.zeros((vocab, G.shape[1]), dtype=G.dtype)
    grad[ids] += G
    return grad


def bag(ids: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Sum of the rows of table that ids name: counts of words times table."""
    return np.bincount(ids, minlength=len(table)) @ table


def soft_lookup(
    q: np.ndarray, keys: np.ndarray, table: np.ndarray, beta: float
) -> np.ndarray:
    """softmax(beta keys q) @ table: a mixture of rows, one row for large beta."""
    scores = beta * (keys @ q)
    weights = np.exp(scores - scores.max())
    return weights / weights.sum() @ table


class LazyMomentum:
    """SGD with momentum that writes only rows in use; the others catch up later.

    After k steps without gradient, v becomes mu^k v, and the row has moved by
    lr (mu + ... + mu^k) v.
    """

    def __init__(self, table: np.ndarray, lr: float, mu: float):
        self.table, self.lr, self.mu = table, lr, mu
        self.velocity = np.zeros_like(table)
        self.seen = np.zeros(len(table), dtype=int)  # last step a row knows
        self.steps = 0

    def catch_up(self, rows: np.ndarray) -> None:
        """Bring rows to where plain momentum would have them now."""
        power = self.mu ** (self.steps - self.seen[rows])[:, None]
        series = self.mu * (1 - power) / (1 - self.mu)
        self.table[rows] -= self.lr * series * self.velocity[rows]
        self.velocity[rows] *= power
        self.seen[rows] = self.steps

    def step(self, rows: np.ndarray, grad: np.ndarray) -> None:
        """One update with the gradient of the rows in use, all distinct."""
        self.catch_up(rows)
        self.steps += 1
        self.velocity[rows] = self.mu * self.velocity[rows] + grad
        self.table[rows] -= self.lr * self.velocity[rows]
        self.seen[rows] = self.steps


if __name__ == "__main__":
    rng = np.random.default_rng(0)

    # --8<-- [start:repeats]
    ids = np.array([2, 0, 2, 2])
    G = np.array([[1.0], [10.0], [100.0], [1000.0]])
    right = embedding_gradient(ids, G, vocab=4).ravel().tolist()
    wrong = overwriting_gradient(ids, G, vocab=4).ravel().tolist()
    print("np.add.at   ", right)
    print("grad[ids] +=", wrong)

    table = nn.Embedding(4, 1, dtype=torch.float64)
    (table(torch.from_numpy(ids)) * torch.from_numpy(G)).sum().backward()
    autograd = table.weight.grad.ravel().tolist()
    print("autograd    ", autograd)
    # --8<-- [end:repeats]

    # --8<-- [start:sum]
    table = rng.normal(size=(50, 8))
    ids = rng.integers(50, size=200)
    bag_gap = float(np.abs(bag(ids, table) - table[ids].sum(axis=0)).max())
    print("largest difference below 1e-12:", bag_gap < 1e-12)
    # --8<-- [end:sum]

    # --8<-- [start:soft]
    keys = rng.normal(size=(50, 16))
    keys /= np.linalg.norm(keys, axis=1, keepdims=True)
    soft_gap = {}
    for beta in (1, 10, 30):
        found = soft_lookup(keys[3], keys, table, beta)
        soft_gap[beta] = float(np.abs(found - table[3]).max())
        print(f"beta {beta:2}: largest difference from row 3: {soft_gap[beta]:.1e}")
    # --8<-- [end:soft]

    # --8<-- [start:decay]
    lr, decay, steps = 0.1, 0.1, 70
    table = nn.Embedding(2, 1)
    nn.init.ones_(table.weight)
    optimiser = optim.AdamW(table.parameters(), lr=lr, weight_decay=decay)
    for _ in range(steps):
        step(table, optimiser, torch.tensor([1]))
    unused = table.weight[0].item()
    predicted = (1 - lr * decay) ** steps
    half_life = round(np.log(0.5) / np.log(1 - lr * decay))
    print(f"after {steps} steps {unused:.4f}, predicted {predicted:.4f}")
    print("half after", half_life)
    # --8<-- [end:decay]

    # --8<-- [start:lazy]
    start = rng.normal(size=(100, 4))
    plain = nn.Parameter(torch.from_numpy(start.copy()))
    optimiser = optim.SGD([plain], lr=0.1, momentum=0.9)
    lazy = LazyMomentum(start.copy(), lr=0.1, mu=0.9)
    for _ in range(50):
        rows = rng.choice(100, size=5, replace=False)
        grad = rng.normal(size=(5, 4))
        plain.grad = torch.zeros_like(plain)
        plain.grad[rows] = torch.from_numpy(grad)
        optimiser.step()
        lazy.step(rows, grad)
    behind = float(np.abs(lazy.table - plain.detach().numpy()).max())
    lazy.catch_up(np.arange(100))
    caught_up = float(np.abs(lazy.table - plain.detach().numpy()).max())
    print(f"behind by {behind:.2f}; caught up to 1e-12: {caught_up < 1e-12}")
    # --8<-- [end:lazy]

    # --8<-- [start:breakeven]
    gpt2 = MODELS["GPT-2 small"]
    vocab_equal = round(gpt2.vocab / share_of_layers(gpt2))
    print("one-hot product as dear as all layers from V =", vocab_equal)
    print("L (12 d + 2 N) =", gpt2.layers * (12 * gpt2.width + 2 * gpt2.tokens))
    # --8<-- [end:breakeven]
