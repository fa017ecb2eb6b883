"""What rules add to a score, and what they cannot make certain."""
from dataclasses import dataclass
from itertools import count, product
from typing import Iterator

import matplotlib.pyplot as plt
import numpy as np
import torch

from snippets.inner_outer.outlook import GLYPHS
from snippets.palette import INK, SOFT

COMPANIES = 120
LISTED = (0, 1)  # companies on the sanctions list
FEATURES = ("amount", "hour", "count", "distance", "age", "delay")
CAUSES = np.array([[1.0, 0.5, 0.0, 0.0, -0.5, 0.5],
                   [0.0, 0.8, 1.0, 0.5, 0.0, -0.5],
                   [-0.5, 0.0, 0.0, 1.0, 0.8, 0.8]])
NOISE = 0.3
Reason = tuple[str, object]
Tree = str | int | tuple


def fit_plane(x: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and k principal directions (columns of v) of the rows of x."""
    mean = x.mean(axis=0)
    return mean, np.linalg.svd(x - mean, full_matrices=False)[2][:k].T


def residuals(x: np.ndarray, mean: np.ndarray, v: np.ndarray) -> np.ndarray:
    """What encoding by v and decoding by v^T loses, one row per case."""
    return (x - mean) - (x - mean) @ v @ v.T


def boolean_product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """OR over k of (a_ik AND b_kj): an integer product and a comparison."""
    return a.astype(int) @ b.astype(int) > 0


def closure(owns: np.ndarray) -> tuple[np.ndarray, int]:
    """Who controls whom through any number of links; products taken."""
    reach = owns
    for rounds in count(1):
        wider = reach | boolean_product(reach, owns)
        if np.array_equal(wider, reach):
            return reach, rounds
        reach = wider


def ownership(rng: np.random.Generator) -> np.ndarray:
    """owns[i, j]: i controls j. All but the first 12 have one controller, an earlier one."""
    owns = np.zeros((COMPANIES, COMPANIES), dtype=bool)
    for j in range(12, COMPANIES):
        owns[rng.integers(max(0, j - 24), j), j] = True
    return owns


def chain(owns: np.ndarray, company: int) -> list[int]:
    """Controllers above a company, up to a listed one or the top, then the company."""
    links = [int(company)]
    while links[0] not in LISTED and owns[:, links[0]].any():
        links.insert(0, int(np.argmax(owns[:, links[0]])))
    return links


def ordinary(n: int, rng: np.random.Generator) -> np.ndarray:
    """(n, 6) features made by three hidden causes and a little noise."""
    return rng.normal(size=(n, 3)) @ CAUSES + NOISE * rng.normal(size=(n, 6))


def odd(n: int, rng: np.random.Generator) -> np.ndarray:
    """Each feature spread as in `ordinary`, but independent of the others."""
    return np.sqrt((CAUSES**2).sum(axis=0) + NOISE**2) * rng.normal(size=(n, 6))


@dataclass
class World:
    """A register of companies, a fitted score and the cases to decide, one row each."""

    owns: np.ndarray  # (companies, companies)
    controlled: np.ndarray  # (companies,) listed, or controlled by a listed company
    plane: tuple[np.ndarray, np.ndarray]  # of legal cases: mean and directions
    threshold: float  # on the score; 2% of legal cases exceed it
    x: np.ndarray  # (cases, 6) features
    payee: np.ndarray  # (cases,) company that receives the money
    known: np.ndarray  # (cases,) the customer's identity has been checked
    approved: np.ndarray  # (cases,) cleared beforehand, like a payroll run
    fraud: np.ndarray  # (cases,) what the decision should find
    alarm: np.ndarray  # (cases,) the score exceeds the threshold


def world(seed: int, quiet: int = 120, breakers: int = 120, odd_share: float = 0.0,
          unchecked: float = 0.0) -> World:
    """3000 legal cases, 120 odd but approved ones, and two kinds of fraud.

    quiet frauds break no rule but look odd. breakers pay a controlled company or have not
    been identified; odd_share of them also look odd. unchecked is the share of the legal
    cases whose identity was not checked although nothing is wrong with them.
    """
    rng = np.random.default_rng(seed)
    owns = ownership(rng)
    listed = np.isin(np.arange(COMPANIES), LISTED)
    controlled = listed | boolean_product(listed[None], closure(owns)[0])[0]
    legal = ordinary(3000, rng)
    plane = fit_plane(legal, 3)
    threshold = np.quantile((residuals(legal, *plane) ** 2).sum(axis=1), 0.98)

    kind = np.repeat(["legal", "approved", "quiet", "breaker"], [3000, 120, quiet, breakers])
    n = len(kind)
    breaker = kind == "breaker"
    looks_odd = (kind == "approved") | (kind == "quiet")
    looks_odd |= breaker & (rng.random(n) < odd_share)
    x = np.where(looks_odd[:, None], odd(n, rng), ordinary(n, rng))
    hidden = breaker & (rng.random(n) < 0.5)
    payee = np.where(hidden, rng.choice(np.flatnonzero(controlled), n),
                     rng.choice(np.flatnonzero(~controlled), n))
    forgotten = (kind == "legal") & (rng.random(n) < unchecked)
    alarm = (residuals(x, *plane) ** 2).sum(axis=1) > threshold
    return World(owns, controlled, plane, threshold, x, payee, ~(breaker & ~hidden | forgotten),
                 kind == "approved", breaker | (kind == "quiet"), alarm)


def policies(w: World) -> dict[str, np.ndarray]:
    """Six ways to decide which cases to stop."""
    broken = w.controlled[w.payee] | ~w.known
    return {
        "score": w.alarm,
        "score, exemptions": w.alarm & ~w.approved,
        "rules": broken,
        "score AND rules": w.alarm & broken,
        "score OR rules": w.alarm | broken,
        "rules, exemptions, score": broken | (w.alarm & ~w.approved),
    }


def grade(stopped: np.ndarray, fraud: np.ndarray) -> tuple[float, float, float]:
    """Precision (0 if nothing was stopped), recall and their harmonic mean F1."""
    hits = (stopped & fraud).sum()
    return (hits / max(stopped.sum(), 1), hits / fraud.sum(),
            2 * hits / (stopped.sum() + fraud.sum()))


def explain(w: World, i: int) -> Reason:
    """The first thing that settles case i, with its evidence."""
    if w.controlled[w.payee[i]]:
        return "controlled", chain(w.owns, w.payee[i])
    if not w.known[i]:
        return "unidentified", None
    if w.approved[i]:
        return "approved", None
    parts = residuals(w.x[i], *w.plane) ** 2
    return "odd" if parts.sum() > w.threshold else "ordinary", parts


def holds(reason: Reason, w: World, i: int) -> bool:
    """Whether the reason fits case i, checked by other means than made."""
    kind, evidence = reason
    if kind == "controlled":
        links = zip(evidence, evidence[1:])
        return (evidence[0] in LISTED and evidence[-1] == w.payee[i]
                and all(w.owns[a, b] for a, b in links))
    if kind == "unidentified":
        return not w.known[i]
    if not w.known[i] or chain(w.owns, w.payee[i])[0] in LISTED:
        return False  # a rule is broken: no other reason may come first
    if kind == "approved":
        return bool(w.approved[i])
    mean, v = w.plane
    distance = np.linalg.lstsq(v, w.x[i] - mean)[1][0]  # squared
    above = distance > w.threshold
    return np.isclose(evidence.sum(), distance) and (kind == "odd") == above


def gate(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """A layer of Łukasiewicz connectives: an affine map, cut off at 0 and 1."""
    return np.clip(x @ w.T + b, 0, 1)


def digits(n: int, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """n noisy 7 x 5 pictures of digits as rows of 35 pixels, and the digits."""
    y = rng.integers(10, size=n)
    x = GLYPHS.reshape(10, 35)[y] + 0.5 * rng.normal(size=(n, 35))
    return torch.tensor(x), torch.tensor(y)


def sum_table(last_digit: bool) -> torch.Tensor:
    """(100, sums): row 10 a + b has a one at a + b, or at its last digit."""
    a, b = torch.arange(100) // 10, torch.arange(100) % 10
    s = (a + b) % 10 if last_digit else a + b
    return torch.eye(int(s.max()) + 1, dtype=torch.float64)[s]


def sum_probabilities(p: torch.Tensor, q: torch.Tensor,
                      table: torch.Tensor) -> torch.Tensor:
    """Probability of each sum of two independent digits, (..., 10) each."""
    return (p[..., :, None] * q[..., None, :]).flatten(-2) @ table


def train(x: torch.Tensor, table: torch.Tensor, sums: torch.Tensor | None = None,
          labelled: tuple[torch.Tensor, torch.Tensor] | None = None,
          nets: int = 8, steps: int = 100) -> tuple[torch.Tensor, torch.Tensor]:
    """Softmax readers (nets, 35, 10) and (nets, 1, 10), trained on sums of neighbours in x,
    on single digits, or on both."""
    random = torch.Generator().manual_seed(0)
    w = 0.1 * torch.randn(nets, 35, 10, generator=random, dtype=torch.float64)
    b = torch.zeros(nets, 1, 10, dtype=torch.float64)
    adam = torch.optim.Adam([w.requires_grad_(), b.requires_grad_()], lr=0.1)
    for _ in range(steps):
        loss = torch.zeros(())
        if sums is not None:
            p = torch.softmax(x @ w + b, dim=-1)
            right = sum_probabilities(p[:, 0::2], p[:, 1::2], table)[:, range(len(sums)), sums]
            loss = loss - torch.log(right + 1e-12).mean(dim=1).sum()
        if labelled is not None:
            few, y = labelled
            right = torch.log_softmax(few @ w + b, dim=-1)[:, range(len(y)), y]
            loss = loss - right.mean(dim=1).sum()
        adam.zero_grad()
        loss.backward()
        adam.step()
    return w.detach(), b.detach()


def accuracies(reader: tuple[torch.Tensor, torch.Tensor], x: torch.Tensor, y: torch.Tensor,
               last_digit: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """Share of right digits and of right sums of neighbours, one of each per net."""
    w, b = reader
    guess = (x @ w + b).argmax(dim=-1)
    modulus = 10 if last_digit else 19
    gap = (guess[:, 0::2] + guess[:, 1::2] - y[0::2] - y[1::2]) % modulus
    return (guess == y).double().mean(dim=1), (gap == 0).double().mean(dim=1)


OPERATIONS = {"+": np.add, "-": np.subtract, "*": np.multiply, "min": np.minimum,
              "max": np.maximum}


def evaluate(tree: Tree, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Value of an expression such as ("min", "x", ("+", "y", 3)) for each pair."""
    if isinstance(tree, tuple):
        return OPERATIONS[tree[0]](*(evaluate(part, x, y) for part in tree[1:]))
    return {"x": x, "y": y}.get(tree, np.full_like(x, tree if isinstance(tree, int) else 0))


def combinations(levels: list[list[tuple[Tree, np.ndarray]]]) -> Iterator[tuple[Tree, np.ndarray]]:
    """Every expression with one leaf more than the last level holds."""
    for left in range(len(levels)):
        for (a, u), (b, v) in product(levels[left], levels[-1 - left]):
            for name, operation in OPERATIONS.items():
                yield (name, a, b), operation(u, v)


def search(x: np.ndarray, y: np.ndarray,
           wanted: np.ndarray) -> tuple[Tree, int]:
    """A shortest expression with the wanted values, and the number tried.

    Of expressions that agree on all examples only the first is kept.
    """
    leaves = [(leaf, evaluate(leaf, x, y)) for leaf in ("x", "y", 1, 2, 3)]
    seen, levels, tried = set(), [], 0
    while True:
        level = []
        for tree, values in leaves if not levels else combinations(levels):
            tried += 1
            if np.array_equal(values, wanted):
                return tree, tried
            if values.tobytes() not in seen:
                seen.add(values.tobytes())
                level.append((tree, values))
        levels.append(level)


def written(tree: Tree) -> str:
    """The expression in Python's notation."""
    if not isinstance(tree, tuple):
        return str(tree)
    name, a, b = tree[0], written(tree[1]), written(tree[2])
    return f"{name}({a}, {b})" if name in ("min", "max") else f"({a} {name} {b})"


if __name__ == "__main__":
    # --8<-- [start:score]
    rng = np.random.default_rng(0)
    legal = ordinary(3000, rng)
    mean, v = fit_plane(legal, 3)
    strange, fresh = odd(3000, rng), ordinary(3000, rng)
    print("spread, ordinary:", legal.std(axis=0).round(1))
    print("spread, odd:     ", strange.std(axis=0).round(1))

    def score(x):
        return (residuals(x, mean, v) ** 2).sum(axis=1)

    threshold = np.quantile(score(legal), 0.98)
    false_alarms = np.mean(score(fresh) > threshold)
    caught = np.mean(score(strange) > threshold)
    print(f"above the threshold: new ordinary {false_alarms:.1%},"
          f" odd {caught:.0%}")
    # --8<-- [end:score]

    # --8<-- [start:who_controls]
    w = world(0)
    reach, rounds = closure(w.owns)
    listed = list(LISTED)
    direct = int(w.owns[listed].any(axis=0).sum())
    indirect = int(reach[listed].any(axis=0).sum())
    print("controlled in one step:", direct, " in any number:", indirect)
    print("products until nothing changed:", rounds)

    far = max(np.flatnonzero(w.controlled), key=lambda j: len(chain(w.owns, j)))
    print("longest proof:", " -> ".join(map(str, chain(w.owns, far))))
    # --8<-- [end:who_controls]
    missed = indirect - direct

    # --8<-- [start:six_ways]
    worlds = [world(seed) for seed in range(10)]
    precision, recall, f1 = {}, {}, {}
    print(f"{'stopped if':26}precision   recall     F1    lowest - highest")
    for name in policies(worlds[0]):
        grades = np.array([grade(policies(w)[name], w.fraud) for w in worlds])
        precision[name], recall[name], f1[name] = mean = grades.mean(axis=0)
        print(f"{name:26}{mean[0]:6.2f} {mean[1]:10.2f} {mean[2]:8.2f}"
              f"    {grades[:, 2].min():.2f} - {grades[:, 2].max():.2f}")
    # --8<-- [end:six_ways]
    smallest_gain = min(
        grade(d.pop("rules, exemptions, score"), w.fraud)[2]
        - max(grade(other, w.fraud)[2] for other in d.values())
        for w, d in ((w, policies(w)) for w in worlds))

    # --8<-- [start:mixture]
    shares = np.arange(0, 241, 40)  # of 240 frauds, so many break no rule
    names = ("score, exemptions", "rules", "rules, exemptions, score")
    by_mixture = {name: [] for name in names}
    for quiet in shares:
        some = [world(s, quiet=quiet, breakers=240 - quiet) for s in range(3)]
        for name in names:
            by_mixture[name].append(
                np.mean([grade(policies(w)[name], w.fraud)[2] for w in some]))
    pairs = zip(by_mixture[names[2]], by_mixture["rules"])
    ahead = shares[[a > b for a, b in pairs]]
    print("together beats rules alone from", ahead[0], "of 240 on")
    # --8<-- [end:mixture]
    together, rules_only = by_mixture[names[2]][0], by_mixture["rules"][0]
    score_at_end = by_mixture[names[0]][-1] - by_mixture[names[2]][-1]

    # --8<-- [start:mixture_picture]
    figure, ax = plt.subplots(figsize=(6.4, 3.2))
    marks = {"score, exemptions": (":", 90, 0.26), "rules": ("--", 172, 0.52),
             "rules, exemptions, score": ("-", 128, 0.89)}
    for name, (style, across, up) in marks.items():
        ax.plot(shares, by_mixture[name], style, color=INK, linewidth=1.6)
        ax.text(across, up, name, color=INK)
    ax.set(xlabel="frauds that break no rule", ylabel="F1", ylim=(0, 1.05),
           xticks=[0, 60, 120, 180, 240], yticks=[0, 0.5, 1])
    plt.show()
    # --8<-- [end:mixture_picture]

    # --8<-- [start:loose]
    looks = [0, 0.25, 0.5, 0.75, 1]  # share of rule-breakers that look odd
    names = ("rules", "score AND rules", "rules, exemptions, score")
    loose = {name: [] for name in names}
    for share in looks:
        some = [world(s, 0, 240, share, unchecked=0.1) for s in range(3)]
        for name in names:
            loose[name].append(
                np.mean([grade(policies(w)[name], w.fraud)[2] for w in some]))
    for name in names:
        print(f"{name:26}", " ".join(f"{f:.2f}" for f in loose[name]))
    # --8<-- [end:loose]

    # --8<-- [start:reasons]
    w = world(0)
    reasons = [explain(w, i) for i in range(len(w.x))]
    alarms = ("controlled", "unidentified", "odd")
    stopped = np.array([kind in alarms for kind, _ in reasons])
    same = np.array_equal(stopped, policies(w)["rules, exemptions, score"])
    verified = np.mean([holds(r, w, i) for i, r in enumerate(reasons)])
    print(f"same decisions: {same}   reasons that hold: {verified:.0%}")

    others = np.random.default_rng(0).permutation(len(reasons))
    exchanged = np.mean([holds(reasons[j], w, i) for i, j in enumerate(others)])
    print(f"reasons of other cases that hold: {exchanged:.1%}")

    kinds = np.array([r[0] for r in reasons])
    right = {}
    for kind in alarms:
        these = kinds == kind
        right[kind] = w.fraud[these].mean()
        print(f"{kind:13} {these.sum():4} stopped, {right[kind]:.0%} frauds")
    first = int(np.argmax(kinds == "odd"))
    parts = reasons[first][1]
    print("case", first, *(f"{f} {p:.2f}" for f, p in zip(FEATURES, parts)))
    print(f"sum {parts.sum():.3f}, limit {w.threshold:.3f},"
          f" fraud: {w.fraud[first]}")
    # --8<-- [end:reasons]
    decisions, verified = len(reasons), float(verified)

    # --8<-- [start:blame]
    def unit(x):
        return max(0.0, x[0] + x[1] - 1)

    whole = unit([1, 1])
    removed = [whole - unit([0, 1]), whole - unit([1, 0])]
    print("output", whole, " lost without x1, without x2:", removed)
    # --8<-- [end:blame]

    # --8<-- [start:gates]
    W = np.array([[1, 1], [1, 1], [-1, 1], [-1, 0]])
    b = np.array([-1, 0, 1, 1])
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1], [0.5, 0.5]])
    print("  p    q     AND   OR  p=>q NOT p")
    for (p, q), row in zip(x, gate(x, W, b)):
        print(f"{p:4.1f} {q:4.1f}   ", " ".join(f"{z:4.1f}" for z in row))
    # --8<-- [end:gates]

    # --8<-- [start:noisy]
    rng = np.random.default_rng(0)
    error, trials = 0.02, 20000  # each fact is wrong in 2% of the cases
    wrong = {}
    for k in (1, 5, 10, 20, 50):
        independent = (rng.random((trials, k)) < error).any(axis=1).mean()
        shared = (rng.random(trials) < error).mean()  # one mistake spoils all k
        wrong[k] = 1 - (1 - error) ** k
        print(f"{k:2} facts  simulated {independent:.2f}"
              f"  formula {wrong[k]:.2f}  at most {min(1, k * error):.2f}"
              f"  one source {shared:.2f}")
    # --8<-- [end:noisy]

    # --8<-- [start:noisy_picture]
    k = np.arange(1, 61)
    figure, ax = plt.subplots(figsize=(6.4, 3.0))
    ax.plot(k, np.minimum(1, k * error), "--", color=SOFT, linewidth=1.4)
    ax.plot(k, 1 - (1 - error) ** k, color=INK, linewidth=1.8)
    ax.plot(k, np.full(60, error), ":", color=SOFT, linewidth=1.4)
    ax.text(38, 0.84, "at most", color=SOFT, ha="right")
    ax.text(44, 0.5, "independent", color=INK)
    ax.text(44, 0.06, "one source", color=SOFT)
    ax.set(xlabel="facts in the proof", ylabel="unsupported conclusions",
           xticks=[1, 20, 40, 60], xlim=(1, 61),
           yticks=[0, 0.5, 1], ylim=(0, 1.05))
    plt.show()
    # --8<-- [end:noisy_picture]

    # --8<-- [start:sums]
    rng = np.random.default_rng(0)
    x, y = digits(300, rng)  # 150 pairs of neighbours; only their sum is told
    test_x, test_y = digits(1000, rng)
    nets = 8

    learned = {}
    for last_digit in (False, True):
        told = y[0::2] + y[1::2]
        told = told % 10 if last_digit else told
        reader = train(x, sum_table(last_digit), told, nets=nets)
        single, sums = accuracies(reader, test_x, test_y, last_digit)
        name = "last digit" if last_digit else "whole sum"
        learned[name] = int((single > 0.9).sum())
        print(f"{name:10}  digits read: {learned[name]} of {nets} nets")
        print("   digits", single.numpy().round(1))
        print("   sums  ", sums.numpy().round(1))
    # --8<-- [end:sums]

    # --8<-- [start:shortcut]
    guess = (test_x @ reader[0] + reader[1]).argmax(-1)
    five_on = ((guess - test_y) % 10 == 5).double().mean(dim=1)
    print("read five places on:", five_on.numpy().round(1))

    net = int(single.argmax())
    p = torch.softmax(test_x @ reader[0][net] + reader[1][net], dim=-1)
    shifted = p.roll(5, dims=-1)  # reads every 0 as a 5, every 1 as a 6, ...
    table = sum_table(last_digit=True)
    true_last = (test_y[0::2] + test_y[1::2]) % 10
    loss, digit_accuracy = {}, {}
    for name, reading in {"as learned": p, "shifted": shifted}.items():
        given = sum_probabilities(reading[0::2], reading[1::2], table)
        loss[name] = -torch.log(given[range(500), true_last]).mean().item()
        sure, digit = reading.max(-1)
        digit_accuracy[name] = (digit == test_y).double().mean()
        print(f"{name:10}  loss {loss[name]:.4f}"
              f"  digits {digit_accuracy[name]:.2f}"
              f"  confidence {sure.mean():.2f}")
    # --8<-- [end:shortcut]
    sure = sure.mean()

    # --8<-- [start:anchored]
    more_x, more_y = digits(200, rng)
    first = [int((more_y == d).nonzero()[0]) for d in range(10)]
    ten = (more_x[first], more_y[first])  # one labelled picture of each digit
    alone = accuracies(train(x, table, None, ten), test_x, test_y, True)[0]
    both = accuracies(train(x, table, told, ten), test_x, test_y, True)[0]
    print(f"ten labels: {alone.mean():.2f}"
          f"   with the last digits: {both.mean():.2f}, worst {both.min():.2f}")
    # --8<-- [end:anchored]
    ten_alone, ten_and_sums = alone.mean().item(), both.mean().item()

    # --8<-- [start:synthesis]
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 20, size=(2, 1006))  # income, deposit
    limit = np.minimum(2 * x, y + 3)  # the rule that nobody tells
    print("x    ", x[:6], "\ny    ", y[:6], "\nlimit", limit[:6])
    found, holds_for = {}, {}
    for k in range(1, 7):
        tree, tried = search(x[:k], y[:k], limit[:k])
        found[k] = written(tree)
        holds_for[k] = float(np.mean(evaluate(tree, x[6:], y[6:]) == limit[6:]))
        print(f"{k} examples  tried {tried:5}  {found[k]:24}"
              f" right on {holds_for[k]:.1%}")
    # --8<-- [end:synthesis]
    candidates = tried
