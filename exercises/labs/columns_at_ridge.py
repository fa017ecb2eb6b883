"""How many columns keep a processor busy."""

from exercises.properties import expect, hint, wrong

CHAPTER = "labs/cpu-ladder"
EXERCISE = "ex-ridge"
TITLE = {"zh": "走到拐点要几列", "en": "How many columns to the ridge?"}
TASK = {
    "zh": """
m×m 的矩阵乘 m×c 的矩阵，每个数占 `size` 字节：读两个因子，写一个乘积，各搬一遍；
每个乘积元素做 m 次乘、m 次加。每字节做到 `ridge` 次运算，算力才用得满。
返回恰好做到这个数的 c，不必取整。`ridge` 总是够得到的。
""",
    "en": """
An m×m matrix times an m×c one, each number of `size` bytes: both factors are read and the product
is written, once each, and every entry of the product takes m multiplications and m additions. The
processor is busy from `ridge` operations a byte on. Return the c at which just as many are done,
without rounding. `ridge` is always within reach.
""",
}


def columns_at_ridge(m: int, size: int, ridge: float) -> float:
    return ridge * size * m / (2 * m - 2 * ridge * size)


def intensity(m, size, c):
    return 2 * m * m * c / (size * (m * m + m * c + m * c))


@hint(
    zh="矩阵大得多时，搬的几乎全是它，c 应当接近 `ridge * size / 2`",
    en="where the matrix is by far the largest it is nearly all that moves, and c should be near "
    "`ridge * size / 2`",
)
def thin_limit(answer, rng):
    ridge, size = float(rng.integers(1, 30)), int(rng.choice([2, 4, 8]))
    expect(answer(10**9, size, ridge), ridge * size / 2, 1e-4)


@hint(
    zh="c 列的因子和乘积也要搬：代回去，每字节的运算应当恰好是 `ridge`",
    en="the factor of c columns and the product move too: put back in, c should give exactly "
    "`ridge` operations a byte",
)
def just_at_the_ridge(answer, rng):
    m, size = int(rng.integers(200, 5000)), int(rng.choice([2, 4, 8]))
    ridge = float(rng.uniform(0.1, 0.9)) * m / size
    expect(intensity(m, size, answer(m, size, ridge)) / ridge, 1.0)


@wrong(thin_limit)
def multiplications_only(m, size, ridge):
    return ridge * size * m / (m - 2 * ridge * size)


@wrong(thin_limit)
def one_byte_a_number(m, size, ridge):
    return ridge * m / (2 * m - 2 * ridge)


@wrong(just_at_the_ridge)
def only_the_matrix_moves(m, size, ridge):
    return ridge * size / 2


@wrong(just_at_the_ridge)
def product_not_written(m, size, ridge):
    return ridge * size * m / (2 * m - ridge * size)
