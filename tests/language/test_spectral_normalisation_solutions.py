import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from snippets.language.spectral_normalisation import gains
from snippets.language.spectral_normalisation_solutions import (
    excess_share,
    gelu_slope,
    normal_cdf,
    norms_of_descent,
    padded_matrix,
)

PAGE = "language/spectral_normalisation_solutions"
seeds = st.integers(0, 10_000).map(np.random.default_rng)


def test_shares_fall_with_rounds(woven):
    shares = woven(PAGE).values["shares"]
    for row in shares.values():
        assert all(a >= b for a, b in zip(row, row[1:], strict=False))
    assert shares["close"][0] == 1 and shares["close"][2] > 0.5
    assert shares["apart"][2] < 0.1 and shares["apart"][4] == 0


def test_share_is_known_for_two_singular_values():
    rng = np.random.default_rng(0)
    assert excess_share(np.diag([3.0, 3.0]), 1, 20, rng) == 0
    # |W v|^2 = (9 a^2 + b^2) with v from W^T u: below (3 / 1.01)^2 when u is far off axis
    angles = np.linspace(0, np.pi, 100_001)
    v = np.array([3 * np.cos(angles), np.sin(angles)])
    stretch = np.sqrt((9 * v[0] ** 2 + v[1] ** 2) / (v**2).sum(axis=0))
    expected = (3 / stretch > 1.01).mean()
    assert excess_share(np.diag([3.0, 1.0]), 1, 2000, rng) == pytest.approx(expected, abs=0.04)


def test_nearest_run(woven):
    values = woven(PAGE).values
    assert values["closer_found"] == 0
    assert values["nearest_move"] < 0.8 * values["divided_move"]


@given(seeds)
def test_each_step_lengthens_the_weights_by_pythagoras(rng):
    w, target = rng.standard_normal((2, 4, 3))
    history = norms_of_descent(w, target, 0.3, 6)
    assert history[0][0] == pytest.approx((w**2).sum())
    for (before, g), (after, _) in zip(history, history[1:], strict=False):
        assert after == pytest.approx(before + 0.09 * g)


def test_growth_run(woven):
    values = woven(PAGE).values
    assert values["predicted"] == pytest.approx(values["history_end"])
    assert values["grown"] > 2


@given(st.floats(-6, 6))
def test_gelu_slope_is_autograd(x):
    t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    torch.nn.functional.gelu(t).backward()
    assert gelu_slope(x) == pytest.approx(t.grad.item(), abs=1e-12)
    assert gelu_slope(x) <= gelu_slope(2**0.5) + 1e-12
    assert gelu_slope(x) + gelu_slope(-x) == pytest.approx(1)


def test_normal_cdf():
    assert normal_cdf(0) == 0.5
    assert normal_cdf(1.959964) == pytest.approx(0.975, abs=1e-6)


@given(seeds, st.integers(1, 3), st.integers(1, 3), st.sampled_from([1, 3, 5]))
def test_padded_matrix_is_the_layer_of_torch(rng, ins, outs, width):
    kernel, x = rng.standard_normal((outs, ins, width)), rng.standard_normal((ins, 7))
    expected = torch.nn.functional.conv1d(
        torch.tensor(x)[None], torch.tensor(kernel), padding=width // 2
    )[0].numpy()
    assert np.allclose(padded_matrix(kernel, 7) @ x.ravel(), expected.ravel())
    circular = gains(kernel, 256).max()
    assert np.linalg.norm(padded_matrix(kernel, 7), 2) <= circular * 1.001


def test_true_norm_holds_and_flattened_does_not(woven):
    norms = woven(PAGE).values["norms"]
    assert norms["flattened"] > 1.3 and 0.95 < norms["true"] <= 1


def test_slower_learning_overshoots_less(woven):
    worst = woven(PAGE).values["worst"]
    assert all(a > b for a, b in zip(worst, worst[1:], strict=False))
    assert worst[0] > 1.3 > 1.12 > worst[-1]
