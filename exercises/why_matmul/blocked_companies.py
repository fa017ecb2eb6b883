"""Which companies are blocked if shares are added up, layer by layer."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "why-matmul/beyond/neurosymbolic"
TITLE = {"zh": "凑够一半就算", "en": "Half of it is enough"}
TASK = {
    "zh": """
`listed[i]` 为真，表示第 i 家公司在制裁名单上；`shares[i, j]` 是第 i 家持有第 j 家的百分之几。
名单上的公司受限。一家公司的股份，若受限的各家加起来持有 50% 或更多，它也受限，
它持有的股份从此一并算进去；这样一层一层推下去，直到再没有新的。
返回布尔数组：哪些公司受限。
""",
    "en": """
`listed[i]` is true if company i is on a sanctions list, and `shares[i, j]` is the percentage of
company j that company i owns. Companies on the list are blocked. If blocked companies together own
50% or more of a company, it is blocked as well, and from then on what it owns is counted with the
rest; so it goes on, layer by layer, until no other is found. Return an array of booleans: which
companies are blocked?
""",
}


def blocked_companies(shares: np.ndarray, listed: np.ndarray) -> np.ndarray:
    blocked = listed
    while True:
        more = listed | (blocked @ shares >= 50)
        if (more == blocked).all():
            return blocked
        blocked = more


def one_at_a_time(shares, listed):
    blocked = {i for i in range(len(listed)) if listed[i]}
    found = True
    while found:
        others = {*range(len(listed))} - blocked
        found = {j for j in others if sum(shares[i, j] for i in blocked) >= 50}
        blocked |= found
    return [i in blocked for i in range(len(listed))]


def register(count, *owned):
    """Shares from (owner, company, per cent), with the first company on the list."""
    shares = np.zeros((count, count), int)
    for owner, company, percent in owned:
        shares[owner, company] = percent
    return shares, np.arange(count) == 0


def ask(answer, shares, listed):
    expect(answer(shares, listed), np.array(one_at_a_time(shares, listed)))


@hint(
    zh="名单上的公司受限；它持有一半或更多的公司也受限，少一点就不算",
    en="the company on the list is blocked, and so is one of which it owns half or more, but not "
    "one of which it owns just below half",
)
def directly_owned(answer, rng):
    ask(answer, *register(3, (0, 1, 50), (0, 2, int(rng.integers(40, 50)))))


@hint(
    zh="几家受限的公司各持一点，加起来算",
    en="where several blocked companies own a little each, it is the total that counts",
)
def added_up(answer, rng):
    part = int(rng.integers(20, 31))
    shares, listed = register(3, (0, 2, part), (1, 2, 50 - part))
    ask(answer, shares, np.array([True, True, False]))


@hint(
    zh="隔了一层：受限的公司持有的每一股都照整股算，不因为它自己只有六成归名单上的公司而打折",
    en="one layer down: every share that a blocked company owns counts in full, even if only 60% "
    "of that company is in blocked hands",
)
def two_layers(answer, rng):
    ask(answer, *register(3, (0, 1, 60), (1, 2, int(rng.integers(50, 70)))))


@hint(
    zh="新查出来的公司又持有别的公司，不管隔多少层、编号怎么排，都要查到底",
    en="each company found may own others: go on to the end, through any number of layers and "
    "whatever the order of the numbers",
)
def to_the_end(answer, rng):
    order = [0, *rng.permutation([1, 2, 3, 4, 5])]
    chain = [(a, b, 55) for a, b in zip(order, order[1:])]
    ask(answer, *register(6, *chain))
    shares = np.round(rng.dirichlet(np.full(8, 0.3), 8).T * 90).astype(int)
    ask(answer, shares * (1 - np.eye(8, dtype=int)), np.arange(8) < 2)


@wrong(directly_owned)
def more_than_half(shares, listed):
    blocked = listed
    for _ in listed:
        blocked = listed | (blocked @ shares > 50)
    return blocked


@wrong(directly_owned)
def without_the_list(shares, listed):
    blocked = listed
    for _ in listed:
        blocked = blocked @ shares >= 50
    return blocked


@wrong(added_up)
def by_a_single_owner(shares, listed):
    blocked = listed
    for _ in listed:
        blocked = listed | ((shares >= 50) & blocked[:, None]).any(axis=0)
    return blocked


@wrong(two_layers)
def direct_owners_only(shares, listed):
    return listed | (listed @ shares >= 50)


@wrong(two_layers)
def share_of_a_share(shares, listed):
    owned = through = 100.0 * listed
    for _ in listed:
        through = through @ shares / 100
        owned = owned + through
    return owned >= 50


@wrong(to_the_end)
def two_rounds(shares, listed):
    blocked = listed | (listed @ shares >= 50)
    return blocked | (blocked @ shares >= 50)


@wrong(to_the_end)
def once_through_the_numbers(shares, listed):
    blocked = listed.copy()
    for company in range(len(listed)):
        blocked[company] |= blocked @ shares[:, company] >= 50
    return blocked
