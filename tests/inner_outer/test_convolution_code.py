"""The published loop, its closed form, its repair, and the checks that tell them apart."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from snippets.inner_outer.convolution_code import (
    checks,
    flipped,
    impulse,
    jacobian,
    mask,
    published,
    repaired,
    short,
    transposed,
)

RUN = "inner_outer/convolution_code"
X = np.arange(1, 10).reshape(3, 3)
SOBEL = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
PRINTED = [[4, 0, -12], [16, 0, -24], [28, 0, -36]]
seeds = st.integers(0, 2**32 - 1)
sides = st.integers(1, 4)


def case(seed: int, height: int, width: int, p: int, q: int) -> tuple[np.ndarray, np.ndarray]:
    """A random image and a kernel that fits into it."""
    rng = np.random.default_rng(seed)
    return rng.integers(-9, 10, (height + p, width + q)), rng.integers(-9, 10, (p, q))


def torch_conv(x: np.ndarray, f: np.ndarray) -> np.ndarray:
    return F.conv2d(torch.tensor(x)[None, None], torch.tensor(f)[None, None])[0, 0].numpy()


# The published loop


def test_it_prints_a_scaled_image(woven):
    """The nine numbers, and the one number that a convolution gives."""
    assert published(X, SOBEL).tolist() == PRINTED
    assert published(X, SOBEL).tolist() == (X * np.array([4, 0, -4])).tolist()
    output = woven(RUN).regions["prints"].output
    assert [int(n) for n in output.replace("[", " ").replace("]", " ").split()] == sum(PRINTED, [])
    assert woven(RUN).values["column_sums"] == [4, 0, -4]
    assert "True" in woven(RUN).regions["stretched"].output


@given(seeds, sides, sides, sides, sides)
def test_it_multiplies_by_a_mask(seed, height, width, p, q):
    x, f = case(seed, height, width, p, q)
    y = published(x, f)
    assert y.shape == x.shape and np.array_equal(y, x * mask(x.shape, f))
    for r, c in np.ndindex(x.shape):  # counted, window by window
        rows = sum(0 <= r - i < p for i in range(height + 1))
        reach = [c - j for j in range(width + 1) if 0 <= c - j < q]
        assert y[r, c] == x[r, c] * rows * sum(f[a, b] for a in range(p) for b in reach)


def test_mask_run(woven):
    assert woven(RUN).regions["always_a_mask"].output.strip().endswith("100 of 100")
    assert np.linalg.matrix_rank(mask((9, 8), SOBEL)) == 1


def test_the_loop_visits_rows_of_one_filter(woven):
    """Three rows of one filter, one window: i and j take one value each."""
    first, second = woven(RUN).regions["visits"].output.splitlines()
    assert first == "windows 1  rows of the one filter 3"
    assert second == "sizes: source (3, 3)  layer (1, 1)"
    other_order = SOBEL[[1, 0, 2]]  # which row comes first does not matter to it
    assert published(X, other_order).tolist() == PRINTED
    squares = X**2
    assert np.array_equal(published(squares, other_order), published(squares, SOBEL))
    assert not np.array_equal(repaired(squares, other_order), repaired(squares, SOBEL))


def test_zero_in_the_interior(woven):
    """With column sums that add up to 0 nothing is left but two columns at either border."""
    rng = np.random.default_rng(1)
    y = published(rng.integers(1, 10, (9, 11)), SOBEL)
    assert not y[:, 2:-2].any() and y[:, [0, 1, -2, -1]].all()
    assert woven(RUN).regions["scene"].output.splitlines()[1].endswith("[0]")


def test_ramp(woven):
    ramp = np.arange(1, 26).reshape(5, 5)
    assert (repaired(ramp, SOBEL) == -8).all() and woven(RUN).values["ramp_value"] == -8
    y = published(ramp, SOBEL)
    assert y[0, 0] == 4 and y[2, 4] == -180
    assert (woven(RUN).values["ramp_least"], woven(RUN).values["ramp_most"]) == (-180, 144)


def test_integer_output_refuses_fractions():
    with pytest.raises(TypeError, match="Cannot cast"):
        published(X, SOBEL / 8)
    assert np.allclose(repaired(X, SOBEL / 8), -1)


def test_kind_of_error(woven):
    assert woven(RUN).values["raised"] == "UFuncTypeError"


def test_bytes_wrap_around_silently(woven):
    values = woven(RUN).values
    assert values["by_hand"] == [800, 1600, 800]
    assert values["by_bytes"] == [n % 256 for n in values["by_hand"]]
    assert "3200" in woven(RUN).regions["wrapped"].output


# The repair


@given(seeds, sides, sides, sides, sides)
def test_repair_is_torch(seed, height, width, p, q):
    x, f = case(seed, height, width, p, q)
    assert np.array_equal(repaired(x, f), torch_conv(x, f))
    assert np.array_equal(flipped(x, f), torch_conv(x, f[::-1, ::-1].copy()))
    assert np.array_equal(short(x, f), torch_conv(x, f)[:-1, :-1])


@given(seeds, sides)
def test_transposed_is_torch(seed, size):
    rng = np.random.default_rng(seed)
    x, f = rng.integers(-9, 10, (6, 7)), rng.integers(-9, 10, (size, size))
    assert np.array_equal(transposed(x, f), torch_conv(x, f.T.copy()))


def test_repair_keeps_floats_and_fractions():
    rng = np.random.default_rng(2)
    x, f = rng.standard_normal((6, 5)), rng.standard_normal((2, 3))
    assert np.allclose(repaired(x, f), torch_conv(x, f))
    assert repaired(x.astype(np.float32), f.astype(np.float32)).dtype == np.float64


def test_right_answers(woven):
    values = woven(RUN).values
    assert (values["right_value"], values["turned_value"]) == (-8, 8)
    assert values["same_size"] == [[-9, -6, 9], [-20, -8, 20], [-21, -6, 21]]
    assert values["theirs_padded"] == values["same_size"]
    assert not set(sum(values["same_size"], [])) & set(sum(PRINTED, []))
    assert woven(RUN).regions["answers"].output.count("True") == 5


@given(seeds, sides, sides, sides, sides)
def test_jacobians(seed, height, width, p, q):
    x, f = case(seed, height, width, p, q)
    ours, theirs = jacobian(repaired, x.shape, f), jacobian(published, x.shape, f)
    assert np.array_equal(ours @ x.ravel(), repaired(x, f).ravel())
    assert np.array_equal(theirs, np.diag(mask(x.shape, f).ravel()))


def test_jacobian_is_autograd():
    f = np.random.default_rng(3).integers(1, 10, (2, 3)).astype(float)
    slopes = torch.autograd.functional.jacobian(
        lambda x: F.conv2d(x[None, None], torch.tensor(f)[None, None])[0, 0],
        torch.zeros(4, 5, dtype=torch.float64),
    )
    assert np.array_equal(jacobian(repaired, (4, 5), f), slopes.reshape(9, 20))


def test_no_pixel_meets_another(woven):
    values = woven(RUN).values
    assert values["off_diagonal"] == 0 and values["entries_per_output"] == 12
    assert "matrix: True" in woven(RUN).regions["derivatives"].output


def test_impulse():
    dot = impulse((3, 4), 1, 2)
    assert dot.sum() == 1 and dot[1, 2] == 1 and dot.shape == (3, 4)


@given(seeds, sides, sides)
def test_shift_equivariance(seed, p, q):
    x, f = case(seed, 4, 5, p, q)
    moved = np.roll(x, (1, 1), (0, 1))
    assert np.array_equal(repaired(moved, f)[1:, 1:], repaired(x, f)[:-1, :-1])


def test_source_does_not_follow_a_shift(woven):
    values = woven(RUN).values
    assert values["right_moves"] is True and values["source_moves"] is False
    lines = woven(RUN).regions["moved"].output.splitlines()[1:]
    assert [line.split("source ")[1] for line in lines[:3]] == [
        "[1 0 0 0 0 0 0]", "[0 3 0 0 0 0 0]", "[0 0 7 0 0 0 0]",
    ]
    assert values["answers"] == [1, 3, 7]


FAILED = {
    "repaired": (repaired, set()),
    "source": (published, {"shape", "constant", "shift", "impulse"}),
    "flipped": (flipped, {"impulse"}),
    "transposed": (transposed, {"impulse"}),
    "one short": (short, {"shape"}),
}


@pytest.mark.parametrize("name", FAILED)
def test_checks_catch(name):
    suspect, expected = FAILED[name]
    passed = checks(suspect, np.array([[1, 2, 3], [4, 5, 6], [7, 8, 10]]))
    assert {check for check, fine in passed.items() if not fine} == expected


def test_page_shows_what_the_checks_catch(woven):
    verdicts = woven(RUN).values["verdicts"]
    failed = {name: {c for c, fine in v.items() if not fine} for name, v in verdicts.items()}
    assert failed == {name: expected for name, (_, expected) in FAILED.items()}


def test_linearity_is_checked():
    f = np.array([[1, 2], [3, 4]])
    assert not checks(lambda x, f: repaired(x, f) ** 2, f)["linear"]
    assert not checks(lambda x, f: repaired(x, f) + 1, f)["linear"]
    assert checks(repaired, f) == dict.fromkeys(
        ("linear", "shape", "constant", "shift", "impulse"), True
    )


def test_a_symmetric_kernel_hides_the_flip():
    blur = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]])
    assert all(checks(flipped, blur).values()) and all(checks(transposed, blur).values())
    turns = np.array([[1, 2, 3], [4, 5, 4], [3, 2, 1]])  # unchanged by 180 degrees only
    assert all(checks(flipped, turns).values()) and not all(checks(transposed, turns).values())
    mirrors = np.array([[1, 2, 3], [2, 4, 5], [3, 5, 6]])  # unchanged by transposing only
    assert all(checks(transposed, mirrors).values()) and not all(checks(flipped, mirrors).values())


def test_sobel_is_an_outer_product(woven):
    assert np.array_equal(np.outer([1, 2, 1], [1, 0, -1]), SOBEL)
    assert np.linalg.matrix_rank(SOBEL) == 1
    assert woven(RUN).values["passes_agree"] is True
    assert "product: True" in woven(RUN).regions["outer"].output


@given(seeds)
def test_one_by_one_filters_are_right(seed):
    x, f = case(seed, 3, 4, 1, 1)
    assert np.array_equal(published(x, f), repaired(x, f))


def test_one_by_one_run(woven):
    assert "True" in woven(RUN).regions["one_by_one"].output
