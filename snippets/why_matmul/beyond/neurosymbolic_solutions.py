"""Solutions to the exercises of the chapter on scores and rules."""
from itertools import count, product

import numpy as np

from snippets.why_matmul.beyond.neurosymbolic import (
    World, boolean_product, closure, ownership, policies, world,
)


def exemptions_first(w: World) -> np.ndarray:
    """Let approved cases pass before any rule is looked at."""
    return ~w.approved & (w.alarm | w.controlled[w.payee] | ~w.known)


def closure_by_squaring(owns: np.ndarray) -> tuple[np.ndarray, int]:
    """The same as closure(); each product doubles the length of paths."""
    reach = owns
    for rounds in count(1):
        wider = reach | boolean_product(reach, reach)
        if np.array_equal(wider, reach):
            return reach, rounds
        reach = wider


def refusals(group: np.ndarray, district: np.ndarray) -> list[float]:
    """Share refused in group 0 and group 1 by a rule that looks at the district only."""
    refused = district == 1
    return [float(refused[group == g].mean()) for g in (0, 1)]


def readings(m: int) -> int:
    """Ways to read the digits 0 ... m - 1 that change no sum's last digit.

    The last digit is that in base m.
    """
    digits = np.arange(m)
    told = (digits[:, None] + digits) % m
    return sum(np.array_equal((np.add.outer(r, r)) % m, told)
               for r in product(range(m), repeat=m))


def wrong_twice(error: float, copied: float) -> float:
    """Chance that a fact is wrong although two registers agree on it.

    The second register copies a share of its facts from the first.
    """
    both_wrong = copied * error + (1 - copied) * error**2
    both_right = copied * (1 - error) + (1 - copied) * (1 - error) ** 2
    return both_wrong / (both_wrong + both_right)


if __name__ == "__main__":
    # --8<-- [start:order]
    w = world(0)
    planted = np.flatnonzero(w.approved)[:30]  # now to a controlled company
    w.payee[planted] = np.flatnonzero(w.controlled)[0]
    rules_first = policies(w)["rules, exemptions, score"]
    stopped = {"rules first": int(rules_first[planted].sum()),
               "exemptions first": int(exemptions_first(w)[planted].sum())}
    print("planted", len(planted), " stopped", stopped)
    # --8<-- [end:order]

    # --8<-- [start:squaring]
    owns = ownership(np.random.default_rng(0))
    step_by_step, slow = closure(owns)
    squared, fast = closure_by_squaring(owns)
    equal = np.array_equal(step_by_step, squared)
    print("equal:", equal, " products:", slow, "and", fast)
    # --8<-- [end:squaring]

    # --8<-- [start:proxy]
    rng = np.random.default_rng(0)
    group = rng.integers(2, size=20000)
    stays = rng.random(20000) < 0.8  # in the district of the own group
    district = np.where(stays, group, 1 - group)
    refused = refusals(group, district)
    print(f"refused: group 0 {refused[0]:.0%}, group 1 {refused[1]:.0%}")
    # --8<-- [end:proxy]

    # --8<-- [start:count_readings]
    fitting = {m: readings(m) for m in range(2, 7)}
    print(fitting)
    # --8<-- [end:count_readings]

    # --8<-- [start:registers]
    error, k = 0.02, 20
    wrong = {copied: 1 - (1 - wrong_twice(error, copied)) ** k
             for copied in (0, 0.5, 1)}
    for copied, share in wrong.items():
        print(f"copied {copied:.0%}: {share:.1%} without support")
    # --8<-- [end:registers]
    one_register = 1 - (1 - error) ** k
