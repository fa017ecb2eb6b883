"""What element-wise networks cannot learn, what one matrix adds, and what it takes besides."""

from collections.abc import Callable

import numpy as np
import torch
from torch.func import vmap

Map = Callable[[torch.Tensor], torch.Tensor]
"""From a vector (inputs,) to a vector (outputs,)."""


class Elementwise(torch.nn.Module):
    """Every hidden unit sees one input: `sum of v * relu(w * x[i] + b)`, plus c.

    `networks` of them at once, each with `branches` units for each of the `inputs`.
    """

    def __init__(self, networks: int, inputs: int, branches: int, seed: int):
        super().__init__()
        draw = torch.Generator().manual_seed(seed)
        shape, hidden = (networks, inputs, branches, 1), inputs * branches
        self.w = parameter(torch.randn(shape, generator=draw) * 2**0.5)
        self.b = parameter(torch.rand(shape, generator=draw) * 2 - 1)
        self.v = parameter(torch.randn(shape, generator=draw) / hidden**0.5)
        self.c = parameter(torch.zeros(networks, 1))

    def curves(self, x: torch.Tensor) -> torch.Tensor:
        """What each input contributes, (networks, inputs, samples).

        x is (inputs, samples).
        """
        hidden = torch.relu(self.w * x[:, None] + self.b)
        return (self.v * hidden).sum(dim=2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.curves(x).sum(dim=1) + self.c


class OneUnit(torch.nn.Module):
    """`relu(w @ x + b)` and no output layer, `networks` of them at once."""

    def __init__(self, networks: int, inputs: int, seed: int):
        super().__init__()
        draw = torch.Generator().manual_seed(seed)
        self.w = parameter(torch.randn((networks, inputs), generator=draw))
        self.b = parameter(torch.rand((networks, 1), generator=draw) * 2 - 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.w @ x + self.b)


class TwoMatrices(torch.nn.Module):
    """`V @ relu(W @ x + b) + c`: every hidden unit sees every input."""

    def __init__(self, networks: int, inputs: int, hidden: int, seed: int):
        super().__init__()
        draw = torch.Generator().manual_seed(seed)
        w = torch.randn((networks, hidden, inputs), generator=draw)
        b = torch.rand((networks, hidden, 1), generator=draw)
        v = torch.randn((networks, 1, hidden), generator=draw)
        self.w, self.b = parameter(w * (2 / inputs) ** 0.5), parameter(2 * b - 1)
        self.v = parameter(v / hidden**0.5)
        self.c = parameter(torch.zeros(networks, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = torch.relu(self.w @ x + self.b)
        return (self.v @ hidden)[:, 0] + self.c


def parameter(start: torch.Tensor) -> torch.nn.Parameter:
    """A trainable copy in float64, in which runs agree on every machine to many digits."""
    return torch.nn.Parameter(start.double())


def train(
    model: torch.nn.Module, x: torch.Tensor, y: torch.Tensor, steps: int = 150
) -> torch.nn.Module:
    """Fit by Adam on the mean squared error over all samples.

    The networks in a model do not share. The steps are those of
    `torch.optim.Adam(lr=0.05)`, written out because that takes a second to load.
    """
    weights = list(model.parameters())
    mean, square = ([torch.zeros_like(p) for p in weights] for _ in range(2))
    for t in range(1, steps + 1):
        loss = ((model(x) - y) ** 2).mean(dim=-1).sum()
        gradients = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            for p, g, m, s in zip(weights, gradients, mean, square, strict=True):
                m.lerp_(g, 0.1)
                s.lerp_(g**2, 0.001)
                p -= 0.05 * m / (1 - 0.9**t) / ((s / (1 - 0.999**t)).sqrt() + 1e-8)
    return model.requires_grad_(False)


def explained(guess: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """R²: one minus squared error over variance. 1 is perfect, 0 no better than the mean."""
    return 1 - ((guess - y) ** 2).mean(dim=-1) / y.var(correction=0)


def right(guess: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Share of samples whose sign is right."""
    return ((guess > 0) == (y > 0)).double().mean(dim=-1)


def half_planes(x: torch.Tensor, directions: int, offsets: int) -> torch.Tensor:
    """`w @ x + b` for unit vectors w all round and b from -1.5 to 1.5: (all of them, samples).

    x is (2, samples).
    """
    angle = torch.arange(directions).to(x) * (2 * torch.pi / directions)
    along = torch.stack([angle.cos(), angle.sin()], dim=1) @ x
    return (along + torch.linspace(-1.5, 1.5, offsets).to(x)[:, None, None]).flatten(0, 1)


def best_length(h: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The multiples of each row of h (units, samples), not negative, that come closest to y.

    relu(s * z) = s * relu(z) for s >= 0: with direction and offset of a ReLU unit given, the
    length of its w is a least-squares problem in one unknown.
    """
    length = (h @ y).clamp(min=0) / (h * h).sum(dim=1).clamp(min=1e-12)
    return length[:, None] * h


def cross_difference(
    f: Map, x: torch.Tensor, i: int, j: int, step: float
) -> torch.Tensor:
    """f(x + step at i and j) - f(x + step at i) - f(x + step at j) + f(x).

    What changing two inputs together does beyond changing each alone. Zero
    for all i ≠ j, x and step exactly when a continuous f is a sum of
    functions of one input each; for a single step a function of that period gives zero too.
    """
    at_i, at_j = torch.zeros_like(x), torch.zeros_like(x)
    at_i[i], at_j[j] = step, step
    return f(x + at_i + at_j) - f(x + at_i) - f(x + at_j) + f(x)


def superposition_defect(f: Map, x: torch.Tensor, z: torch.Tensor) -> float:
    """Largest |f(2x - 3z) - 2 f(x) + 3 f(z)| over the rows of x and z (probes, inputs)."""
    f = vmap(f)
    return (f(2 * x - 3 * z) - 2 * f(x) + 3 * f(z)).abs().max().item()


def jacobian(f: Map, x: torch.Tensor) -> torch.Tensor:
    """∂ output i / ∂ input j at x, (outputs, inputs).

    Copy i of x is asked for the gradient of output i alone.
    """
    copies = x.repeat(len(f(x)), 1).requires_grad_()
    return torch.autograd.grad(vmap(f)(copies).diagonal().sum(), copies)[0]


def mixing(f: Map, x: torch.Tensor) -> float:
    """Largest |∂ output i / ∂ input j| with i ≠ j over the rows of x; f is n to n."""
    jacobians = torch.stack([jacobian(f, row) for row in x])
    return (jacobians * (1 - torch.eye(x.shape[1]))).abs().max().item()


def interaction(f: Map, x: torch.Tensor, step: float = 1.0) -> float:
    """Largest cross difference in size over all pairs i ≠ j and the rows of x."""
    f, n = vmap(f), x.shape[1]
    pairs = [(i, j) for i in range(n) for j in range(i)]
    return max(cross_difference(lambda rows: f(rows.T), x.T, i, j, step).abs().max().item()
               for i, j in pairs)


def moved(f: Map, x: torch.Tensor, j: int) -> int:
    """How many outputs change when input j grows by one."""
    changed = x.clone()
    changed[j] += 1
    return int((f(changed) != f(x)).sum())


def lost_directions(f: Map, x: torch.Tensor) -> int:
    """Dimension of the changes of x that the output does not feel, to first order."""
    return len(x) - int(torch.linalg.matrix_rank(jacobian(f, x)))


def additive_fit(table: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
    """Least-squares fit of `row effect + column effect` to the known entries of a table."""
    rows, columns = known.nonzero(as_tuple=True)
    design = torch.cat([torch.eye(table.shape[0])[rows], torch.eye(table.shape[1])[columns]],
                       dim=1).to(table)
    effects = torch.linalg.lstsq(design, table[known][:, None], driver="gelsd").solution[:, 0]
    return effects[:table.shape[0], None] + effects[table.shape[0]:]


if __name__ == "__main__":
    import matplotlib.pyplot as plt

    from snippets.foundations.elementwise_reduce_dot_solutions import factorise
    from snippets.language.word_geometry import corpus, embed, ppmi, together, unit, vocabulary
    from snippets.palette import INK, SOFT

    torch.set_default_dtype(torch.float64)

    # --8<-- [start:contest]
    torch.manual_seed(0)
    x, new = torch.rand(2, 300) * 2 - 1, torch.rand(2, 2000) * 2 - 1
    y, truth = x[0] * x[1], new[0] * new[1]
    models = {
        "A, 2 branches": Elementwise(8, inputs=2, branches=2, seed=1),
        "A, 16 branches": Elementwise(8, inputs=2, branches=16, seed=1),
        "B, one unit": OneUnit(8, inputs=2, seed=1),
        "B, then V": TwoMatrices(8, inputs=2, hidden=32, seed=1),
    }
    r2, signs = {}, {}
    for name, model in models.items():
        guess = train(model, x, y)(new)
        r2[name] = sorted(explained(guess, truth).tolist())
        signs[name] = sorted(right(guess, truth).tolist())
        print(f"{name:14}  R2 {r2[name][0]:5.2f} to {r2[name][-1]:5.2f}"
              f"   signs {signs[name][0]:.2f} to {signs[name][-1]:.2f}")
    # --8<-- [end:contest]
    r2_wide, r2_unit = r2["A, 16 branches"][-1], r2["B, one unit"][-1]
    r2_full, signs_full = r2["B, then V"][0], signs["B, then V"][0]
    signs_elementwise = max(signs["A, 2 branches"][-1], signs["A, 16 branches"][-1])
    signs_unit = signs["B, one unit"][-1]

    # --8<-- [start:landscapes]
    axis = torch.linspace(-1, 1, 41)
    square = torch.stack([axis.repeat(41), axis.repeat_interleave(41)])
    panels = {"target": square[0] * square[1]}
    for key, name in (("A, 16", "A, 16 branches"), ("B", "B, one unit"),
                      ("B, then V", "B, then V")):
        middle = explained(models[name](new), truth).argsort()[4]
        panels[key] = models[name](square)[middle]
    figure, axes = plt.subplots(1, 4, figsize=(7.2, 2.1))
    for ax, (name, values) in zip(axes, panels.items(), strict=True):
        ax.imshow(values.reshape(41, 41), cmap="Greys", vmin=-1, vmax=1,
                  origin="lower")
        ax.set(xticks=[], yticks=[])
        ax.text(20, 43, name, ha="center", fontsize=11, color=INK)
    plt.show()
    # --8<-- [end:landscapes]

    # --8<-- [start:ceilings]
    axis = (torch.arange(30) + 0.5) / 15 - 1
    grid = torch.cartesian_prod(axis, axis).T
    product = grid[0] * grid[1]
    z = half_planes(grid, directions=32, offsets=61)
    units = best_length(torch.relu(z), product)
    unit_ceiling = explained(units, product).max().item()
    plane_ceiling = right(z, product).max().item()
    print(f"best relu(w @ x + b): R2 {unit_ceiling:.2f}"
          f"   signs {plane_ceiling:.2f}")

    table, known = product.reshape(30, 30), torch.ones(30, 30).bool()
    additive = additive_fit(table, known).flatten()
    additive_ceiling = explained(additive, product).abs().item()
    print(f"best g(x1) + h(x2):   R2 {additive_ceiling:.2f}")
    # --8<-- [end:ceilings]

    # --8<-- [start:cross]
    point = torch.tensor([0.3, -0.4])
    crosses = {}
    for name in ("A, 16 branches", "B, then V"):
        f = models[name]
        both = cross_difference(lambda p: f(p[:, None])[:, 0], point, 0, 1, 0.5)
        crosses[name] = both.abs()
        print(f"{name:14}  {both.abs().min():.2f} to {both.abs().max():.2f}")
    print("x1 * x2:       ", 0.5 * 0.5)
    # --8<-- [end:cross]
    additive_cross = crosses["A, 16 branches"].max().item()
    full_cross = crosses["B, then V"].median().item()

    # --8<-- [start:rotate]
    H = torch.tensor([[1.0, 1.0], [1.0, -1.0]])  # fixed, never trained
    squares = (H @ new) ** 2
    print("exact:", torch.allclose((squares[0] - squares[1]) / 4, truth))

    model = Elementwise(8, inputs=2, branches=16, seed=1)
    train(model, H @ x / 2, y)  # halved: again from -1 to 1
    fit = explained(model(H @ new / 2), truth)
    print(f"A after H: R2 {fit.min():.3f} to {fit.max():.3f}")
    # --8<-- [end:rotate]
    rotated = fit.min().item()

    # --8<-- [start:additive]
    torch.manual_seed(1)
    x, new = torch.rand(8, 300) * 2 - 1, torch.rand(8, 4000) * 2 - 1
    y, truth = (torch.sin(5 * inputs).sum(dim=0) for inputs in (x, new))
    Q = torch.linalg.qr(torch.randn(8, 8)).Q  # turns all inputs together
    models = {
        "A": (Elementwise, {"branches": 8}, torch.eye(8)),
        "B, then V": (TwoMatrices, {"hidden": 64}, torch.eye(8)),
        "A, rotated": (Elementwise, {"branches": 8}, Q),
    }
    fits, r2_sum = {}, {}
    for name, (kind, size, turn) in models.items():
        fits[name] = train(kind(4, 8, seed=1, **size), turn @ x, y)
        seen = explained(fits[name](turn @ x), y)
        fresh = explained(fits[name](turn @ new), truth)
        r2_sum[name] = [v.item() for v in
                        (seen.min(), fresh.min(), fresh.max())]
        print(f"{name:10}  seen {seen.min():.2f} to {seen.max():.2f}"
              f"   new {fresh.min():5.2f} to {fresh.max():5.2f}")
    # --8<-- [end:additive]
    sum_a_worst, sum_b_seen = r2_sum["A"][1], r2_sum["B, then V"][0]
    sum_b_best = r2_sum["B, then V"][2]

    # --8<-- [start:curves]
    t = torch.linspace(-1, 1, 201)
    best = explained(fits["A"](new), truth).argmax()
    learned = fits["A"].curves(t.expand(8, -1))[best]
    learned -= learned.mean(dim=1, keepdim=True)
    figure, axes = plt.subplots(2, 4, figsize=(7.2, 2.6),
                                sharex=True, sharey=True)
    for k, (ax, curve) in enumerate(zip(axes.flat, learned, strict=True)):
        ax.plot(t, torch.sin(5 * t), "--", color=SOFT, linewidth=1)
        ax.plot(t, curve, color=INK, linewidth=1.5)
        ax.set(xticks=[-1, 1], yticks=[-1, 1], ylim=(-1.6, 1.8))
        ax.text(0, 1.35, f"$x_{k + 1}$", ha="center", fontsize=10, color=INK)
    plt.show()
    # --8<-- [end:curves]

    # --8<-- [start:fusion]
    torch.manual_seed(0)
    images = torch.randn(32, 28, 28, 3)
    dimmer = 0.5 * images + 0.1
    flat = images.reshape(32, -1)
    W = torch.randn(512, flat.shape[1])
    hidden = torch.relu(flat @ W.T)
    print("images", tuple(images.shape), "->", tuple(dimmer.shape))
    print("flat  ", tuple(flat.shape), "->", tuple(hidden.shape))

    before, after = (images.mean(), images.std()), (dimmer.mean(), dimmer.std())
    shifted = torch.isclose(after[0], 0.5 * before[0] + 0.1).item()
    halved = torch.isclose(after[1], 0.5 * before[1]).item()
    print(f"mean 0.5 m + 0.1: {shifted}   spread halved: {halved}")
    spread = (flat @ W.T).std().item()
    scaled = (flat @ W.T * (2 / W.shape[1]) ** 0.5).std().item()
    print(f"spread of W @ x: {spread:.0f}, scaled: {scaled:.1f}")
    # --8<-- [end:fusion]
    weights, pixels = W.numel(), W.shape[1]

    # --8<-- [start:jacobians]
    x = flat[0]
    maps = {
        "x * 0.5 + 0.1": lambda x: x * 0.5 + 0.1,
        "W @ x": lambda x: W @ x,
        "relu(W @ x)": lambda x: torch.relu(W @ x),
    }
    J, filled, reached = {}, {}, {}
    for name, f in maps.items():
        J[name] = jacobian(f, x)
        filled[name] = (J[name] != 0).double().mean().item()
        reached[name] = moved(f, x, 0)
        print(f"{name:13}  J {tuple(J[name].shape)}  {filled[name]:.2%} not zero"
              f"   one input moves {reached[name]}")
    print("J of W @ x is W:", torch.equal(J["W @ x"], W))

    p = torch.randperm(len(x))
    unmoved = torch.allclose(W[:, p] @ x[p], W @ x)
    print("pixels and columns shuffled, same output:", unmoved)
    # --8<-- [end:jacobians]
    filled_relu, reached_relu = filled["relu(W @ x)"], reached["relu(W @ x)"]

    # --8<-- [start:patterns]
    torch.manual_seed(2)
    n = 12
    x, W = torch.randn(n), torch.randn(n, n)
    conv1d = torch.nn.functional.conv1d
    past = torch.ones(n, n).tril()
    drawn = {
        "w * x": lambda x: W[0] * x,
        "W @ x": lambda x: W @ x,
        "relu(W @ x)": lambda x: torch.relu(W @ x),
        "convolution": lambda x: conv1d(x[None, None], W[:1, None, :3],
                                        padding=1)[0, 0],
        "causal mask": lambda x: (W * past) @ x,
    }
    figure, axes = plt.subplots(1, 5, figsize=(7.2, 1.75))
    for ax, (name, f) in zip(axes, drawn.items(), strict=True):
        ax.imshow(jacobian(f, x) != 0, cmap="Greys", vmin=0, vmax=1.6)
        ax.set(xticks=[], yticks=[])
        ax.text(5.5, -1.2, name, ha="center", fontsize=9, color=INK)
    plt.show()
    # --8<-- [end:patterns]

    # --8<-- [start:seven]
    torch.manual_seed(0)
    n = 8
    w, W, V = torch.randn(n), torch.randn(n, n), torch.randn(n, n)
    relu, tanh = torch.relu, torch.tanh
    seven = {
        "w * x": lambda x: w * x,
        "W @ x": lambda x: W @ x,
        "V @ (W @ x)": lambda x: V @ (W @ x),
        "relu(w * x)": lambda x: relu(w * x),
        "tanh(w * tanh(x))": lambda x: tanh(w * tanh(x)),
        "relu(W @ x)": lambda x: relu(W @ x),
        "x * (W @ x)": lambda x: x * (W @ x),
    }
    x, z = torch.randn(2, 100, n)
    measured = {}
    print("                   superposition   mixing   interaction")
    for name, f in seven.items():
        row = superposition_defect(f, x, z), mixing(f, x), interaction(f, x)
        measured[name] = [0.0 if value < 1e-11 else value for value in row]
        print(f"{name:17}", *[f"{v:11.1f}" for v in measured[name]])
    # --8<-- [end:seven]
    matrix_mixing = measured["W @ x"][1]
    relu_interaction = measured["relu(W @ x)"][2]
    product_interaction = measured["x * (W @ x)"][2]

    # --8<-- [start:rank]
    torch.manual_seed(0)
    X = torch.randn(600, 512)
    down, up = torch.randn(256, 512) / 16, torch.randn(1024, 512) / 32
    mask = (torch.arange(512) >= 28).double()
    maps = {
        "2 * x": lambda x: 2 * x,
        "mask * x": lambda x: mask * x,
        "relu(x)": lambda x: torch.relu(x),
        "W @ x, 256": lambda x: down @ x,
        "W @ x, 1024": lambda x: up @ x,
    }
    coordinates, ranks, lost = {}, {}, {}
    print("             coordinates   rank   lost directions")
    for name, f in maps.items():
        Y = vmap(f)(X)
        coordinates[name] = Y.shape[1]
        ranks[name] = int(torch.linalg.matrix_rank(Y))
        lost[name] = lost_directions(f, X[0])
        print(f"{name:12} {coordinates[name]:11} {ranks[name]:6}"
              f" {lost[name]:17}")
    # --8<-- [end:rank]
    lost_relu, lost_mask = lost["relu(x)"], lost["mask * x"]

    # --8<-- [start:distances]
    change = torch.linalg.svd(down).Vh[-1] * 20  # a direction down drops
    same = torch.allclose(down @ (X[0] + change), down @ X[0])
    print(f"|change| = {change.norm():.0f}   output unchanged: {same}")

    few = X[:30]
    ratio = torch.pdist(few @ down.T) / torch.pdist(few)
    shortest, longest = ratio.min().item(), ratio.max().item()
    print(f"{len(ratio)} distances, after over before:"
          f" {shortest:.2f} to {longest:.2f}")
    # --8<-- [end:distances]
    pairs = len(ratio)

    # --8<-- [start:pixels]
    torch.manual_seed(0)
    x, new = torch.rand(16, 1200), torch.rand(16, 10_000)  # 4 x 4 pixels
    corners = [0, 15]  # top left, bottom right
    lit = (new[corners] > 0.5).sum(dim=0)
    both, one = (lit == 2) * 2.0 - 1, (lit == 1) * 2.0 - 1

    neuron = new[0] + new[15] - 4 / 3
    steps = (1000 * (new[corners] - 0.5)).clamp(0, 1)  # two ReLUs each
    neuron_right = right(neuron, both).item()
    steps_right = right(steps.sum(dim=0) - 1.5, both).item()
    print(f"both bright: one neuron {neuron_right:.2f}"
          f"   A by hand {steps_right:.2f}")

    y = ((x[corners] > 0.5).sum(dim=0) == 1) * 2.0 - 1
    models = {"A": Elementwise(2, inputs=16, branches=2, seed=1),
              "B, then V": TwoMatrices(2, inputs=16, hidden=32, seed=1)}
    one_right = {}
    for name, model in models.items():
        one_right[name] = right(train(model, x, y)(new), one).tolist()
        worst, best = min(one_right[name]), max(one_right[name])
        print(f"exactly one: {name:9} {worst:.2f} to {best:.2f}")
    # --8<-- [end:pixels]
    one_a_best, one_b_worst = max(one_right["A"]), min(one_right["B, then V"])

    # --8<-- [start:words]
    words = vocabulary(forms=2)
    king, queen = words.index("king"), words.index("queen")
    sentences = corpus(np.random.default_rng(1), marked=1)
    E = embed(ppmi(together(sentences)), 20)  # one row per word, from counts
    one_hot = np.eye(len(words))[king]
    print("one_hot @ E is row king:", np.array_equal(one_hot @ E, E[king]))

    rng = np.random.default_rng(0)
    tables = {"counted": E, "random": rng.normal(size=E.shape)}
    to_queen, to_others = {}, {}
    for name, vectors in tables.items():
        cosine = unit(vectors) @ unit(vectors)[king]
        to_queen[name], to_others[name] = cosine[queen], cosine[2:24].mean()
        print(f"{name:8} king, queen {to_queen[name]:5.2f}"
              f"   king, other nouns {to_others[name]:5.2f}")
    # --8<-- [end:words]

    # --8<-- [start:ratings]
    torch.manual_seed(0)
    users, films = 120, 80
    mood, fame = 0.6 * torch.randn(users, 1), 0.6 * torch.randn(films)
    taste, content = torch.randn(users, 2), torch.randn(films, 2)
    clean = mood + fame + taste @ content.T
    table = clean + 0.2 * torch.randn(users, films)
    known = torch.rand(users, films) < 0.3

    only_added, low = additive_fit(table, known), torch.zeros_like(table)
    for _ in range(5):  # each part fits what the other leaves
        added = additive_fit(table - low, known)
        U, V = factorise(table - added, known, width=2)
        low = U @ V.T
    guesses = {
        "mean": table[known].mean().expand(users, films),
        "user + film": only_added,
        "user + film + U @ V.T": added + low,
    }
    error = {}
    for name, guess in guesses.items():
        error[name] = ((guess - table)[~known] ** 2).mean().sqrt().item()
        cross = guess[0, 0] - guess[0, 1] - guess[1, 0] + guess[1, 1]
        print(f"{name:22} error {error[name]:.2f}"
              f"   cross difference {cross.abs():.1f}")
    # --8<-- [end:ratings]
    error_added = error["user + film"]
    error_product = error["user + film + U @ V.T"]
