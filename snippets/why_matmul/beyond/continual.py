"""Learning one example at a time, state that changes while weights stand still, local rules."""

import numpy as np

Array = np.ndarray


def lms_step(w: Array, x: Array, y: float, rate: float) -> Array:
    """One step on one example: w plus rate times error times input. Widrow & Hoff (1960).

    w, x: (n,). Stable in the mean square only for small enough rate * |x|^2.
    """
    return w + rate * (y - w @ x) * x


def rls_step(w: Array, p: Array, x: Array, y: float, keep: float = 1.0) -> tuple[Array, Array]:
    """One step of recursive least squares: new weights and new inverse matrix.

    w, x: (n,); p: (n, n), the inverse of the discounted sum of outer products x x^T, plus a
    start. keep: the weight of the whole past in this step, 1 forgets nothing.
    """
    gain = p @ x / (keep + x @ p @ x)
    return w + gain * (y - w @ x), (p - np.outer(gain, x @ p)) / keep


def rnn_step(h: Array, x: float, w: Array, u: Array) -> Array:
    """tanh(W h + u x), shape (n,)."""
    return np.tanh(w @ h + u * x)


def attend(query: Array, keys: Array, values: Array) -> Array:
    """Softmax attention of one query, (d,), over keys, (t, d), and values, (t, m)."""
    scores = keys @ query / np.sqrt(len(query))
    weights = np.exp(scores - scores.max())
    return weights @ values / weights.sum()


def hebb(memory: Array, key: Array, value: Array) -> Array:
    """Hebb's rule: add the outer product of value, (m,), and key, (d,), to memory, (m, d)."""
    return memory + np.outer(value, key)


def delta(memory: Array, key: Array, value: Array) -> Array:
    """The delta rule for a key of length 1: add only what memory @ key lacks of the value."""
    return memory + np.outer(value - memory @ key, key)


def oja(w: Array, x: Array, rate: float) -> Array:
    """Oja's rule: Hebb's term y x, less y^2 w, which keeps the length of w near 1."""
    y = w @ x
    return w + rate * y * (x - y * w)


def hopfield_weights(patterns: Array) -> Array:
    """Sum of outer products of the patterns, (k, n) of +-1, without the diagonal, over n."""
    n = patterns.shape[1]
    return (patterns.T @ patterns - len(patterns) * np.eye(n)) / n


def settle(weights: Array, states: Array, rounds: int = 20) -> Array:
    """Let states, (k, n) of +-1, follow their fields: one unit after another, `rounds` times."""
    states = states.copy()
    for unit in np.tile(np.arange(len(weights)), rounds):
        states[:, unit] = np.where(states @ weights[unit] >= 0, 1, -1)
    return states


def best_arm_share(rate: float | None, drift: float, steps: int, runs: int) -> Array:
    """How often a bandit player pulls the arm that is best just then, (steps,), over runs.

    Ten arms, rewards of variance 1; arm values start at Gaussian draws and take Gaussian
    steps of size drift. One pull in ten is random. rate None: estimates are sample
    averages; otherwise they move by this share of the error. Sutton & Barto (2018), 2.5.
    """
    rng, row = np.random.default_rng(0), np.arange(runs)
    value = rng.standard_normal((runs, 10))
    guess, pulls = np.zeros((2, runs, 10))
    share = np.zeros(steps)
    for step in range(steps):
        value += drift * rng.standard_normal(value.shape)
        explore = rng.random(runs) < 0.1
        arm = np.where(explore, rng.integers(10, size=runs), guess.argmax(axis=1))
        reward = value[row, arm] + rng.standard_normal(runs)
        pulls[row, arm] += 1
        move = 1 / pulls[row, arm] if rate is None else rate
        guess[row, arm] += move * (reward - guess[row, arm])
        share[step] = (arm == value.argmax(axis=1)).mean()
    return share


if __name__ == "__main__":
    import matplotlib.pyplot as plt

    from snippets.palette import INK, SOFT

    # --8<-- [start:single]
    rng = np.random.default_rng(0)
    truth = rng.standard_normal(5)
    x = rng.standard_normal((300, 5))
    y = x @ truth + 0.1 * rng.standard_normal(300)
    w, p = np.zeros(5), np.eye(5)
    for example, answer in zip(x, y, strict=True):
        w, p = rls_step(w, p, example, answer)
    batch = np.linalg.solve(x.T @ x + np.eye(5), x.T @ y)
    print("one by one", w.round(4))
    print("all at once", batch.round(4))
    print("same to 1e-12:", np.abs(w - batch).max() < 1e-12)
    # --8<-- [end:single]
    single_gap = float(np.abs(w - batch).max())

    # --8<-- [start:drift]
    names = ["frozen", "all the past", "RLS keep 0.98", "LMS 0.03"]
    errors = np.zeros((4, 2000))
    for seed in range(10):
        rng = np.random.default_rng(seed)
        truth = rng.standard_normal(5)
        w = np.zeros((4, 5))
        p_all, p_new = np.eye(5), np.eye(5)
        for t in range(2000):
            if t == 1000:
                truth = -truth
            x = rng.standard_normal(5)
            y = x @ truth + 0.1 * rng.standard_normal()
            errors[:, t] += (y - w @ x) ** 2 / 10
            w[1], p_all = rls_step(w[1], p_all, x, y)
            w[2], p_new = rls_step(w[2], p_new, x, y, keep=0.98)
            w[3] = lms_step(w[3], x, y, rate=0.03)
            if t < 1000:
                w[0] = w[1]
    before = dict(zip(names, errors[:, 500:1000].mean(axis=1).tolist()))
    after = dict(zip(names, errors[:, 1500:].mean(axis=1).tolist()))
    for name in names:
        print(f"{name:13}  before {before[name]:.4f}  after {after[name]:8.4f}")
    # --8<-- [end:drift]

    # --8<-- [start:drift_picture]
    fig, ax = plt.subplots(figsize=(7.2, 3.3))
    smooth = errors.reshape(4, -1, 20).mean(axis=2)
    time = np.arange(10, 2000, 20)
    for curve, style, colour in zip(
        smooth, ("--", ":", "-", "-."), (SOFT, SOFT, INK, INK), strict=True
    ):
        ax.semilogy(time, curve, ls=style, color=colour)
    ax.text(1250, 45, "frozen", color=SOFT)
    ax.text(1560, 2.1, "all the past", color=SOFT)
    ax.text(1190, 0.06, "step by step", color=INK)
    ax.text(970, 9, "the world flips", color=INK, ha="right")
    ax.set(xlabel="examples seen", ylabel="squared error", ylim=(0.004, 150))
    ax.set_xticks([0, 1000, 2000])
    ax.set_yticks([0.01, 1], ["0.01", "1"])
    plt.show()
    # --8<-- [end:drift_picture]

    # --8<-- [start:state]
    w, u = np.array([[0.8]]), np.array([1.0])
    rng = np.random.default_rng(1)
    key_of, value_of = rng.standard_normal((2, 4, 4))
    weights = [w, u, key_of, value_of]
    before_use = [each.copy() for each in weights]

    h, answers = np.zeros(1), []
    for x in (0.5, 0.5, 0.5):
        h = rnn_step(h, x, w, u)
        answers.append(round(float(h[0]), 2))
    print("recurrent, the same input three times:", answers)

    tokens, query = rng.standard_normal((6, 4)), rng.standard_normal(4)
    keys, values = tokens @ key_of, tokens @ value_of
    cached = []
    for seen in (2, 4, 6):
        answer = attend(query, keys[:seen], values[:seen])
        cached.append(round(float(answer[0]), 2))
    print("attention, the same query, 2, 4, 6 tokens:", cached)

    pairs = zip(weights, before_use, strict=True)
    weights_kept = all(np.array_equal(now, then) for now, then in pairs)
    print("weights unchanged:", weights_kept)
    # --8<-- [end:state]

    # --8<-- [start:prompt]
    rng = np.random.default_rng(2)
    truth, rate = rng.standard_normal(8), 1 / 60
    examples = rng.standard_normal((60, 8))
    labels = examples @ truth
    question = rng.standard_normal(8)
    step = rate * labels @ examples  # one gradient step from w = 0
    trained = step @ question
    read_off = rate * labels @ (examples @ question)  # keys, values
    print(f"trained {trained:.6f}  read {read_off:.6f}")
    # --8<-- [end:prompt]
    prompt_gap = float(abs(trained - read_off))

    # --8<-- [start:recall]
    rng = np.random.default_rng(3)
    keys = rng.standard_normal((20, 64))
    keys /= np.linalg.norm(keys, axis=1, keepdims=True)
    values = rng.standard_normal((20, 8))
    recall_error = {}
    for name, rule, sweeps in (
        ("Hebb", hebb, 1),
        ("delta once", delta, 1),
        ("delta 10 times", delta, 10),
    ):
        memory = np.zeros((8, 64))
        for _ in range(sweeps):
            for key, value in zip(keys, values, strict=True):
                memory = rule(memory, key, value)
        miss = np.linalg.norm(memory @ keys.T - values.T)
        recall_error[name] = float(miss / np.linalg.norm(values))
        print(f"{name:14} relative error {recall_error[name]:.4f}")
    # --8<-- [end:recall]

    # --8<-- [start:rewrite]
    key, old, new = keys[0], np.array([1.0, 0]), np.array([0, 1.0])
    rewritten = {}
    for name, rule in (("Hebb", hebb), ("delta", delta)):
        memory = rule(rule(np.zeros((2, 64)), key, old), key, new)
        rewritten[name] = (memory @ key).round(6).tolist()
        print(f"{name:5} stored {old}, then {new}, recalls {rewritten[name]}")
    # --8<-- [end:rewrite]

    # --8<-- [start:principal]
    rng = np.random.default_rng(4)
    turn = np.linalg.qr(rng.standard_normal((10, 10)))[0]
    spread = np.array([3, 2] + [1] * 8)
    w = rng.standard_normal(10)
    w /= np.linalg.norm(w)
    for t in range(4000):
        x = turn @ (spread * rng.standard_normal(10))
        w = oja(w, x, rate=1 / (t + 100))
    oja_cosine = float(abs(w @ turn[:, 0]) / np.linalg.norm(w))
    oja_length = float(np.linalg.norm(w))
    print(f"cosine {oja_cosine:.3f}  length {oja_length:.3f}")
    # --8<-- [end:principal]

    # --8<-- [start:hopfield]
    rng = np.random.default_rng(5)
    restored = {}
    for count in (5, 15, 25, 35, 45):
        patterns = rng.choice([-1, 1], size=(count, 200))
        damaged = patterns * np.where(rng.random((count, 200)) < 0.1, -1, 1)
        settled = settle(hopfield_weights(patterns), damaged)
        agree = (settled == patterns).mean(axis=1)
        restored[count] = float((agree > 0.98).mean())
        print(f"{count:2} patterns, restored {restored[count]:.2f}")
    # --8<-- [end:hopfield]

    # --8<-- [start:bandit]
    shares = {}
    for world, drift in (("still", 0.0), ("drifting", 0.05)):
        for name, rate in (("average", None), ("constant 0.1", 0.1)):
            share = best_arm_share(rate, drift, steps=2000, runs=150)
            shares[f"{name}, {world}"] = float(share[1000:].mean())
            print(f"{world:8}  {name:12} best arm {share[1000:].mean():.2f}")
    # --8<-- [end:bandit]
