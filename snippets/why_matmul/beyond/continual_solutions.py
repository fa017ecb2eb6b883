"""Solutions to the exercises on learning that does not stop."""

import numpy as np

Array = np.ndarray


def window(keep: float) -> float:
    """How many examples a forgetting factor weighs in effect: sum of keep^k over k >= 0."""
    return 1 / (1 - keep)


def more_confident(first: Array, second: Array) -> Array:
    """Which of two networks is surer, (n,): 1 where second's top probability is higher.

    first, second: class probabilities, (n, c).
    """
    return (second.max(axis=1) > first.max(axis=1)).astype(int)


def gradient_steps(w: Array, x: Array, y: Array, rate: float, steps: int) -> Array:
    """Gradient descent on the mean squared error of x @ w against y, over 2; w: (n,)."""
    for _ in range(steps):
        w = w - rate * x.T @ (x @ w - y) / len(x)
    return w


def nearest_mean(train: Array, labels: Array, test: Array) -> Array:
    """Label of the nearest class mean, (m,), for the classes that occur in labels."""
    classes = np.unique(labels)
    means = np.stack([train[labels == c].mean(axis=0) for c in classes])
    gaps = ((test[:, None] - means) ** 2).sum(axis=2)
    return classes[gaps.argmin(axis=1)]


def principal_axes(x: Array, count: int) -> Array:
    """Leading directions of variance of x, (n, d), as rows, (count, d)."""
    return np.linalg.svd(x - x.mean(axis=0), full_matrices=False)[2][:count]


if __name__ == "__main__":
    from snippets.why_matmul.beyond.continual import rls_step
    from snippets.why_matmul.beyond.continual_forgetting import (
        PIXELS,
        accuracy,
        digits,
        dream,
        fisher,
        fit_dreams,
        forward,
        gradient,
        one_hot,
        start,
        train,
        world,
    )

    # --8<-- [start:forgetting]
    rng = np.random.default_rng(0)
    truth, price = rng.standard_normal(5), {}
    for keep in (0.9, 0.98, 0.998):
        w, p, error = np.zeros(5), np.eye(5), 0.0
        for t in range(5000):
            x = rng.standard_normal(5)
            if t >= 3000:  # error beyond the noise, which nobody can avoid
                error += (x @ (truth - w)) ** 2 / 2000
            y = x @ truth + 0.1 * rng.standard_normal()
            w, p = rls_step(w, p, x, y, keep)
        price[keep] = error / 0.1**2
        size = window(keep)
        print(f"keep {keep:<5}  window {size:4.0f}  price {price[keep]:.3f}")
    # --8<-- [end:forgetting]

    # --8<-- [start:classes]
    rng = np.random.default_rng(0)
    x, y = digits(rng, 4000)
    test_x, test_y = digits(rng, 2000)
    low, test_low = y < 5, test_y < 5
    first, second = (x[low], y[low]), (x[~low], y[~low])
    old = train(start(0), [(first[0], one_hot(first[1]))], 0)
    importance = fisher(old, first[0])
    generator = fit_dreams(*first, rank=2)
    dreams = dream(generator, rng, each=400)
    plans = {
        "naive": ([], 0.0),
        "EWC 10": ([], 10 * importance),
        "EWC 1000": ([], 1000 * importance),
        "EWC 10000": ([], 10_000 * importance),
        "75 pictures": ([(first[0][:75], one_hot(first[1][:75]))], 0.0),
        "generator": ([(dreams[0], one_hot(dreams[1]))], 0.0),
    }
    split = {}
    for name, (extra, stiffness) in plans.items():
        sources = [(second[0], one_hot(second[1])), *extra]
        theta = train(old, sources, 0, stiffness=stiffness)
        split[name] = [
            accuracy(theta, test_x[test_low], test_y[test_low]),
            accuracy(theta, test_x[~test_low], test_y[~test_low]),
        ]
        print(f"{name:12} 0-4 {split[name][0]:.2f}   5-9 {split[name][1]:.2f}")
    # --8<-- [end:classes]
    held = train(old, [(second[0], one_hot(second[1]))], 0, stiffness=10_000 * importance)
    said = forward(held, test_x[test_low])[1].argmax(axis=1)
    called_new = float((said >= 5).mean())

    # --8<-- [start:which]
    a, test_a, b, test_b = world(0, np.arange(PIXELS))
    nets = [
        train(start(0), [(a[0], one_hot(a[1]))], 0),
        train(start(1), [(b[0], one_hot(b[1]))], 0),
    ]
    means = [a[0].mean(axis=0), b[0].mean(axis=0)]
    x, y = (np.concatenate(pair) for pair in zip(test_a, test_b, strict=True))
    task = np.repeat([0, 1], 1000)
    probabilities = [forward(net, x)[1] for net in nets]
    confident = more_confident(*probabilities)
    closer = nearest_mean(np.stack(means), np.array([0, 1]), x)
    told = {}
    guesses = {"told": task, "surer net": confident, "nearer mean": closer}
    answers = [p.argmax(axis=1) for p in probabilities]
    for name, guess in guesses.items():
        answer = np.where(guess == 0, *answers)
        of_task, of_digit = (guess == task).mean(), (answer == y).mean()
        told[name] = [float(of_task), float(of_digit)]
        print(f"{name:12} task {of_task:.2f}   digit {of_digit:.2f}")
    # --8<-- [end:which]
    sure_seen, sure_unseen = (float(p) for p in probabilities[0].max(axis=1).reshape(2, -1).mean(1))

    # --8<-- [start:unlabelled]
    x, y = digits(np.random.default_rng(1), 4000)
    axes = principal_axes(x[:2000], 18)  # no label is used here
    scaled = x @ (axes / (x[:2000] @ axes.T).std(axis=0)[:, None]).T
    right = {"pixels": 0.0, "scaled axes": 0.0}
    for seed in range(20):
        rows = np.random.default_rng(seed).choice(2000, size=30, replace=False)
        for name, seen in (("pixels", x), ("scaled axes", scaled)):
            guess = nearest_mean(seen[rows], y[rows], seen[2000:])
            right[name] += float((guess == y[2000:]).mean()) / 20
    for name, share in right.items():
        print(f"{name:11} right {share:.2f}")
    # --8<-- [end:unlabelled]

    # --8<-- [start:reptile]
    rng = np.random.default_rng(0)
    common = rng.standard_normal(10)  # what all tasks share

    def task():
        w = common + 0.3 * rng.standard_normal(10)
        x = rng.standard_normal((5, 10))  # five examples for ten numbers
        return w, x, x @ w

    begin = np.zeros(10)
    for _ in range(400):
        w, x, y = task()
        begin = begin + 0.1 * (gradient_steps(begin, x, y, 0.2, 5) - begin)
    loss = {"zero": 0.0, "Reptile": 0.0}
    for _ in range(200):
        w, x, y = task()
        for name, origin in (("zero", np.zeros(10)), ("Reptile", begin)):
            adapted = gradient_steps(origin, x, y, 0.2, 5)
            loss[name] += float(((adapted - w) ** 2).sum()) / 200
    print(
        f"error after five steps: {loss['zero']:.2f} from zero,"
        f" {loss['Reptile']:.2f} from the learned start"
    )
    # --8<-- [end:reptile]

    # --8<-- [start:stream]
    pictures, names = digits(np.random.default_rng(2), 6000)
    _, test, *_ = world(0, np.arange(PIXELS))
    theta, stream = start(0), {}
    for seen, (x, y) in enumerate(zip(pictures, one_hot(names), strict=True), start=1):
        theta = theta - 0.05 * gradient(theta, x[None], y[None])
        if seen in (500, 2000, 6000):
            stream[seen] = accuracy(theta, *test)
            print(f"{seen:4} pictures seen once, right {stream[seen]:.2f}")
    # --8<-- [end:stream]
