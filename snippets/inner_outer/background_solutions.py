"""Solutions to the exercises on where the arithmetic goes."""
import torch
from torch.nn import functional

from snippets.labs.timing import cpu_medians
from snippets.inner_outer.background import (
    block, block_weights, booked, cnn, rnn, shares, training_products, weights,
)

MACHINE_BOUND = True  # two regions print CPU times


def block_run(tokens: int, width: int) -> list:
    """What one block does with one text, counted without computing."""
    x = torch.empty(1, tokens, width, device="meta")
    params = block_weights(width, device="meta")
    return booked(lambda: block(x, params))


def strided_cnn(x: torch.Tensor, params: list[torch.Tensor]) -> torch.Tensor:
    """cnn() with convolutions that step by two pixels instead of pooling."""
    first, second, last = params
    x = torch.relu(functional.conv2d(x, first, stride=2, padding=1))
    x = torch.relu(functional.conv2d(x, second, stride=2, padding=1))
    return x.flatten(1) @ last.T


def batched_rnn(x: torch.Tensor, params: list[torch.Tensor]) -> torch.Tensor:
    """rnn(), but W meets the inputs of all steps in one product."""
    w, u = params
    h = torch.zeros(x.shape[1], len(u))
    for step in x @ w.T:
        h = torch.tanh(step + h @ u.T)
    return h


if __name__ == "__main__":
    torch.manual_seed(0)
    torch.set_num_threads(1)

    # --8<-- [start:narrow]
    by_width = {}
    for width in (4, 8, 16, 32, 128, 1024):
        by_width[width] = shares(block_run(128, width), "operations")["products"]
        print(f"width {width:4}: products {by_width[width]:.1%}")
    # --8<-- [end:narrow]

    # --8<-- [start:long]
    width, attention = 128, {}
    for tokens in (128, 512, 1024, 4096):
        products = [e for e in block_run(tokens, width) if e.kind == "products"]
        in_attention = sum(e.operations for e in products if e.name == "bmm")
        attention[tokens] = in_attention / sum(e.operations for e in products)
        print(f"{tokens:4} tokens: {attention[tokens]:.0%} in the attention products")
    # --8<-- [end:long]

    # --8<-- [start:strided]
    x = torch.randn(64, 1, 28, 28)
    params = weights((16, 1, 3, 3), (32, 16, 3, 3), (10, 32 * 49))
    fewer = {}
    for net in (cnn, strided_cnn):
        run = booked(lambda: net(x, params))
        fewer[net.__name__] = sum(e.operations for e in run)
        print(f"{net.__name__:11} {fewer[net.__name__]:11,} operations")
    works = {
        "pooled": lambda: cnn(x, params),
        "strided": lambda: strided_cnn(x, params),
    }
    seconds = cpu_medians(works, rounds=9)
    strided_time = seconds["strided"] / seconds["pooled"]
    operations_left = fewer["strided_cnn"] / fewer["cnn"]
    print(f"left: operations {operations_left:.2f}, CPU time {strided_time:.2f}")
    # --8<-- [end:strided]

    # --8<-- [start:backward]
    ratio = {}
    for asked in (False, True):
        learned = [p.clone().requires_grad_() for p in params]
        images = x.clone().requires_grad_(asked)
        forward, backward = training_products(lambda: cnn(images, learned))
        ratio[f"{asked}"] = backward / forward
        print(f"gradient of the images: {asked!s:5}"
              f"  backward/forward {backward / forward:.3f}")
    # --8<-- [end:backward]

    # --8<-- [start:batched]
    steps = torch.randn(64, 1, 1024)
    params = weights((256, 1024), (256, 256))
    equal = torch.allclose(rnn(steps, params), batched_rnn(steps, params), atol=1e-5)
    counts = {
        net.__name__: sum(e.operations for e in booked(lambda: net(steps, params)))
        for net in (rnn, batched_rnn)
    }
    works = {
        "step by step": lambda: rnn(steps, params),
        "batched": lambda: batched_rnn(steps, params),
    }
    seconds = cpu_medians(works, rounds=9)
    batched_time = seconds["batched"] / seconds["step by step"]
    print("same result:", equal, "  operations:", counts)
    print(f"CPU time, batched over step by step: {batched_time:.2f}")
    # --8<-- [end:batched]
