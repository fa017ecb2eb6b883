"""Solutions to the exercises of 'One rule, three readings'."""

import torch

from snippets.foundations.products import intensity


def walks(links: torch.Tensor, steps: int) -> torch.Tensor:
    """Ways to go from i to j in `steps` steps.

    links[i, j] is 1 if a road leads from i to j, else 0.
    """
    ways = torch.eye(len(links), dtype=links.dtype)
    for _ in range(steps):
        ways = ways @ links
    return ways


if __name__ == "__main__":
    # --8<-- [start:scale]
    d = torch.tensor([1, 10, 100])
    M = torch.tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    print("D @ M", (torch.diag(d) @ M).tolist())
    print("M @ D", (M @ torch.diag(d)).tolist())
    print(torch.equal(torch.diag(d) @ M, d[:, None] * M),
          torch.equal(M @ torch.diag(d), M * d))
    # --8<-- [end:scale]

    # --8<-- [start:roads]
    links = torch.tensor([[0, 1, 1, 0],
                          [0, 0, 1, 1],
                          [0, 0, 0, 1],
                          [1, 0, 0, 0]])
    for steps in (1, 2, 3):
        print(steps, "steps from 0 to 3:", walks(links, steps)[0, 3].item())
    print("2 steps:", walks(links, 2).tolist())
    # --8<-- [end:roads]
    in_two = walks(links, 2)[0, 3].item()

    # --8<-- [start:einsum]
    torch.manual_seed(0)
    A, B = torch.randn(2, 3), torch.randn(3, 4)
    x, y = torch.randn(3), torch.randn(3)
    S, T = torch.randn(5, 2, 3), torch.randn(5, 3, 4)
    pairs = {
        "i,i->": (torch.einsum("i,i->", x, y), torch.dot(x, y)),
        "i,j->ij": (torch.einsum("i,j->ij", x, y), torch.outer(x, y)),
        "ij,j->i": (torch.einsum("ij,j->i", A, x), torch.mv(A, x)),
        "ij,jk->ik": (torch.einsum("ij,jk->ik", A, B), torch.mm(A, B)),
        "bij,bjk->bik": (torch.einsum("bij,bjk->bik", S, T), torch.bmm(S, T)),
        "bij,bj->bi": (torch.einsum("bij,bj->bi", S, S[:, 0]),
                       (S @ S[:, 0, :, None])[..., 0]),
    }
    all_agree = True
    for rule, (left, right) in pairs.items():
        agree = torch.allclose(left, right, atol=1e-6)
        all_agree &= agree
        print(f"{rule:13} {tuple(left.shape)} {agree}")
    # --8<-- [end:einsum]

    # --8<-- [start:gradient]
    W = torch.randn(2, 3, requires_grad=True)
    X, goal = torch.randn(5, 3), torch.randn(5, 2)  # five samples, one per row
    loss = ((X @ W.T - goal) ** 2).sum()
    loss.backward()

    delta = 2 * (X @ W.T - goal).detach()  # derivative by the outputs, (5, 2)
    by_sample = sum(torch.outer(delta[i], X[i]) for i in range(5))
    for name, gradient in {"outer products": by_sample,
                           "one product": delta.T @ X}.items():
        print(name, torch.allclose(W.grad, gradient, atol=1e-5))
    # --8<-- [end:gradient]

    # --8<-- [start:half]
    n = 2048
    limit = n / 4
    half = next(b for b in range(1, n) if intensity(n, b) >= limit / 2)
    print("half of the limit from", half, "columns on; n / 2 =", n // 2)
    # --8<-- [end:half]
