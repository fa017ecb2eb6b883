"""Solutions: shapes, a causal mask, distances in less memory, channels, a backward pass."""
import torch


def squared_distances(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """|x_i - y_j|^2 for all rows: (n, d) and (m, d) -> (n, m).

    No (n, m, d) array is made: |x - y|^2 = |x|^2 - 2 x.y + |y|^2, and all
    the x.y together are one product.
    """
    return (x**2).sum(dim=1)[:, None] - 2 * x @ y.T + (y**2).sum(dim=1)


def standardise(images: torch.Tensor) -> torch.Tensor:
    """Images (N, C, H, W), each channel with mean 0 and deviation 1."""
    mean = images.mean(dim=(0, 2, 3), keepdim=True)
    deviation = images.std(dim=(0, 2, 3), keepdim=True)
    return (images - mean) / deviation


def scale_shift_backward(
    x: torch.Tensor, scale: torch.Tensor, gradient: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Gradients of x (n, d), scale (d,) and shift (d,) in x * scale + shift.

    gradient (n, d) is that of the result.
    """
    return gradient * scale, (gradient * x).sum(dim=0), gradient.sum(dim=0)


if __name__ == "__main__":
    from snippets.foundations.broadcasting import attempt, broadcast_shape

    # --8<-- [start:shapes]
    for a, b in (((2, 3), (3,)), ((2, 3), (2,)), ((2, 1), (1, 3)),
                 ((4, 2, 3), (2, 1)), ((4, 2, 3), (4, 1)), ((1,), (7, 0))):
        print(f"{a!s:9} + {b!s:7} -> {attempt(broadcast_shape, a, b)}")
    # --8<-- [end:shapes]

    # --8<-- [start:mask]
    place = torch.arange(5)
    may_look = place[:, None] >= place  # row: who looks, column: at whom
    print(may_look.int())
    same = torch.equal(may_look, torch.ones(5, 5, dtype=torch.bool).tril())
    print("lower triangle:", same)
    # --8<-- [end:mask]

    # --8<-- [start:distances]
    torch.manual_seed(0)
    x = torch.randint(-9, 10, (50, 8)).double()
    y = torch.randint(-9, 10, (70, 8)).double()
    direct = ((x[:, None, :] - y[None, :, :]) ** 2).sum(dim=2)
    exact = torch.equal(squared_distances(x, y), direct)
    print(tuple(direct.shape), "equal on integers:", exact)

    far = torch.tensor([[1e4 + 0.125]])  # float32: 0.25 apart, far from 0
    near = torch.tensor([[1e4 - 0.125]])
    subtracted = ((far - near) ** 2).item()
    expanded = squared_distances(far, near).item()
    print("subtract first:", subtracted, "  expand:", expanded)
    # --8<-- [end:distances]
    coordinates = x.shape[1]

    # --8<-- [start:channels]
    torch.manual_seed(0)
    images = 5 + 3 * torch.randn(8, 3, 16, 16)
    z = standardise(images)
    means, deviations = z.mean(dim=(0, 2, 3)), z.std(dim=(0, 2, 3))
    print("means near 0:", means.abs().max().item() < 1e-5)
    print("deviations near 1:", (deviations - 1).abs().max().item() < 1e-5)

    outcome = {}
    for width in (16, 3, 1):  # the means as (3,), lined up with the columns
        pictures = torch.rand(8, 3, 16, width)
        try:
            shifted = pictures - pictures.mean(dim=(0, 2, 3))
            outcome[width] = f"no error, {tuple(shifted.shape)}"
        except RuntimeError as error:
            outcome[width] = type(error).__name__
        print(f"(3,) against {width} columns:", outcome[width])
    # --8<-- [end:channels]

    # --8<-- [start:backward]
    torch.manual_seed(0)
    inputs = [torch.randint(-5, 6, shape).double().requires_grad_()
              for shape in ((6, 3), (3,), (3,))]
    x, scale, shift = inputs
    gradient = torch.randint(-5, 6, (6, 3)).double()
    (x * scale + shift).backward(gradient)
    ours = scale_shift_backward(x.detach(), scale.detach(), gradient)
    agree = [torch.equal(g, t.grad) for g, t in zip(ours, inputs, strict=True)]
    print("as autograd says:", agree)
    # --8<-- [end:backward]
