"""Which piece goes round a ring, so that all are summed in the end."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "labs/sharded-matmul"
EXERCISE = "exercise-ring"
TITLE = {"zh": "这一步寄哪一段", "en": "Which piece to send?"}
TASK = {
    "zh": """
p 个 rank 围成一圈，每个都有一个向量，切成 p 段，编号 0 到 p-1。每一步，每个 rank 把自己的一段
寄给下一个 rank，同时收到上一个 rank 寄来的一段，加到自己编号相同的那一段上。p-1 步之后，
每个 rank 手里都该有一段是所有 rank 之和，各人的段号不同。
返回 `rank` 在第 `step` 步（从 0 数起）该寄的段号。
""",
    "en": """
p ranks stand in a ring. Each has a vector, cut into p pieces numbered 0 to p-1. In every step each
rank sends one of its pieces to the next rank, and adds the one that comes from the rank before to
its own piece of the same number. After p-1 steps each rank should hold one piece that is the sum
over all ranks, no two of them the same piece.
Return the number of the piece that `rank` sends in step `step`, counted from 0.
""",
}


def piece_to_send(rank: int, step: int, p: int) -> int:
    return (rank - step) % p


def sent(answer, p):
    return [[answer(rank, step, p) for rank in range(p)] for step in range(p - 1)]


def after(pieces, p):
    """held[rank, piece, other]: how often the other rank's piece is in this one."""
    held = np.zeros((p, p, p), int)
    for rank in range(p):
        held[rank, :, rank] = 1
    for step in pieces:
        came = [held[rank - 1, step[rank - 1]].copy() for rank in range(p)]
        for rank in range(p):
            held[rank, step[rank - 1]] += came[rank]
    return held


@hint(
    zh="段号应当是 0 到 p-1 之间的整数",
    en="the number should be an integer from 0 to p-1",
)
def numbers_of_pieces(answer, rng):
    p = int(rng.integers(2, 7))
    for step in sent(answer, p):
        assert all(piece == int(piece) and 0 <= piece < p for piece in step)


@hint(
    zh="同一份数不该在一段里加进去两次：刚收到并加好的那一段，下一步往哪里去？",
    en="nothing should be added into a piece twice: where should the piece go next that has just "
    "come and been added to?",
)
def nothing_twice(answer, rng):
    p = int(rng.integers(3, 7))
    assert after(sent(answer, p), p).max() == 1


@hint(
    zh="最后每个 rank 都应当有一段凑齐了所有的 rank",
    en="in the end every rank should have one piece with all ranks in it",
)
def all_are_summed(answer, rng):
    p = int(rng.integers(2, 7))
    complete = (after(sent(answer, p), p) == 1).all(axis=2)
    expect(complete.sum(axis=1), np.ones(p))
    expect(complete.sum(axis=0), np.ones(p))


@wrong(numbers_of_pieces)
def without_going_round(rank, step, p):
    return rank - step


@wrong(nothing_twice)
def the_same_piece_again(rank, step, p):
    return rank


@wrong(all_are_summed)
def the_other_way(rank, step, p):
    return (rank + step) % p


@wrong(all_are_summed)
def the_same_for_all(rank, step, p):
    return step
