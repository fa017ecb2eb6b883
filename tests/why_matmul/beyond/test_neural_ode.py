"""Solvers, three ways to the gradient, and what a flow can and cannot do."""
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.why_matmul.beyond.neural_ode import (
    Field,
    Leaky,
    adaptive,
    apart,
    by_adjoint,
    by_backprop,
    by_checkpoints,
    euler_step,
    fit,
    integrate,
    path,
    random_flow,
    rk4_step,
    saved_bytes,
    spiral,
    towards_two_points,
    van_der_pol,
)

NAME = "why_matmul/beyond/neural_ode"
seeds = st.integers(0, 10_000).map(np.random.default_rng)


def decay(t, z):
    return -z


def test_steps_are_taylor_polynomials_of_the_exponential():
    z, h = np.array([2.0]), 0.3
    assert euler_step(decay, 0, z, h) == pytest.approx(2 * (1 - h))
    series = 1 - h + h**2 / 2 - h**3 / 6 + h**4 / 24
    assert rk4_step(decay, 0, z, h) == pytest.approx(2 * series)


@given(st.floats(-2, 2), st.floats(0.1, 1))
@settings(max_examples=20)
def test_rk4_is_exact_for_cubic_polynomials_of_time(t, h):
    def f(t, z):
        return np.array([4 * t**3 - 3 * t**2 + 2])

    def whole(t):
        return t**4 - t**3 + 2 * t

    step = rk4_step(f, t, np.array([0.5]), h)[0]
    assert step == pytest.approx(0.5 + whole(t + h) - whole(t), abs=1e-10)
    assert euler_step(f, t, np.array([0.5]), h)[0] == pytest.approx(0.5 + h * f(t, 0)[0])


def test_integrate_runs_either_way_and_between_given_times():
    def f(t, z):
        return np.array([np.cos(t)])

    assert integrate(f, np.array([0.0]), 1, 3, 50)[0] == pytest.approx(np.sin(3) - np.sin(1))
    there = integrate(decay, np.array([1.0]), 0, 2, 50)
    assert there[0] == pytest.approx(np.exp(-2), rel=1e-6)
    assert integrate(decay, there, 2, 0, 50)[0] == pytest.approx(1, rel=1e-5)
    assert integrate(decay, np.array([1.0]), 0, 1, 2, euler_step)[0] == 0.25


def test_residual_network_is_euler(woven):
    assert woven(NAME).values["same"] is True


def test_orders(woven):
    order = woven(NAME).values["order"]
    assert 0.95 < order["euler_step"] < 1.1 and 3.8 < order["rk4_step"] < 4.2


def test_field_is_a_network_minus_a_pull():
    torch.manual_seed(1)
    field, z = Field(size=3, hidden=5, pull=0.5), torch.randn(3, dtype=torch.float64)
    w1, b1, w2, b2 = field.parameters()
    assert w1.shape == (5, 3) and w2.shape == (3, 5) and field.calls == 0
    assert torch.allclose(field(0, z), w2 @ torch.tanh(w1 @ z + b1) + b2 - 0.5 * z)
    assert field.calls == 1 and Field().pull == 0
    assert sum(p.numel() for p in Field().parameters()) == 162


def test_leaky():
    dz = Leaky(3.0)(0, torch.tensor([0.25, 9.0], dtype=torch.float64))
    assert dz.tolist() == [2.25, 0.75]


def test_saved_bytes_counts_each_tensor_once_and_no_weights():
    field, z = Field(), torch.zeros(2, dtype=torch.float64)
    assert saved_bytes(field, lambda: field(0, z)) == 8 * (32 + 2)  # tanh's output and z
    x = torch.ones(10, requires_grad=True)
    assert saved_bytes(field, lambda: x * x) == 40
    assert saved_bytes(field, lambda: x + 1) == 0


@pytest.fixture(scope="module")
def case():
    torch.manual_seed(2)
    return Field(), torch.tensor([0.7, -1.1], dtype=torch.float64)


def test_backprop_gradient_against_differences(case):
    field, z0 = case
    gradient, saved = by_backprop(field, z0, 1.5, 10)
    weights = torch.nn.utils.parameters_to_vector(field.parameters()).detach()

    def loss():
        return (integrate(field, z0, 0, 1.5, 10) ** 2).sum().item() / 2

    for i in (0, 70, 100, 161):
        moved = []
        for sign in (1, -1):
            shifted = weights.clone()
            shifted[i] += sign * 1e-5
            torch.nn.utils.vector_to_parameters(shifted, field.parameters())
            moved.append(loss())
        assert (moved[0] - moved[1]) / 2e-5 == pytest.approx(float(gradient[i]), abs=1e-7)
    torch.nn.utils.vector_to_parameters(weights, field.parameters())
    assert saved == 10 * 4 * 8 * 34


def test_adjoint_gradient_tends_to_the_true_one(case):
    field, z0 = case
    true, _ = by_backprop(field, z0, 1.5, 160)
    off = []
    for steps in (10, 20, 40):
        gradient, held, back = by_adjoint(field, z0, 1.5, steps)
        off.append(apart(gradient, true))
        assert held == 8 * 34 + 2 * 16
        assert torch.allclose(back, z0, atol=1e-3)
    assert off[0] > 8 * off[1] > 64 * off[2] and off[2] < 1e-6


@pytest.mark.parametrize("segment", [1, 3, 4, 12])
def test_checkpoints_give_the_gradient_of_backpropagation(case, segment):
    field, z0 = case
    true, saved = by_backprop(field, z0, 1.5, 12)
    gradient, held = by_checkpoints(field, z0, 1.5, 12, segment)
    assert apart(gradient, true) < 1e-13
    assert held == saved * segment // 12 + 16 * (12 // segment + 1)


def test_segments_know_their_times():
    class Timed(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.w = torch.nn.Parameter(torch.ones(1, dtype=torch.float64))

        def forward(self, t, z):
            return self.w * t * torch.cos(z)

    field, z0 = Timed(), torch.tensor([0.3], dtype=torch.float64)
    true, _ = by_backprop(field, z0, 1.0, 8)
    assert apart(by_checkpoints(field, z0, 1.0, 8, 2)[0], true) < 1e-13
    assert apart(by_adjoint(field, z0, 1.0, 200)[0], by_backprop(field, z0, 1, 200)[0]) < 1e-7


def test_apart():
    x = torch.tensor([3.0, 4.0])
    assert apart(x, x) == 0 and apart(2 * x, x) == 1 and apart(x, 2 * x) == 0.5


def test_memory_and_gradient_of_the_page(woven):
    table = woven(NAME).values["table"]
    for steps, row in table.items():
        assert row["saved"] == int(steps) * 4 * 272 and row["held"] == 304
        assert row["calls"] == [4 * int(steps), 8 * int(steps)]
    assert table["10"]["saved"] > 30 * 304 and table["80"]["saved"] > 200 * 304
    apart_by = [row["apart"] for row in table.values()]
    assert all(a > 8 * b for a, b in zip(apart_by, apart_by[1:]))
    lost = [row["lost"] for row in table.values()]
    assert all(a > 8 * b for a, b in zip(lost, lost[1:]))


def test_numbers_that_flow_together_cannot_be_told_apart(woven):
    recovered = woven(NAME).values["recovered"]
    assert recovered["float64"]["5"] == pytest.approx(0.5, abs=1e-3)
    assert recovered["float32"]["5"] == 1 and recovered["float64"]["10"] == 1


def test_adjoint_gradient_is_lost_where_the_flow_contracts(woven):
    wrong = woven(NAME).values["wrong"]
    assert wrong["2"][1] < 1e-6 and wrong["5"][1] < 1e-3
    assert wrong["10"][0] > 0.9 and wrong["10"][1] > 0.9
    assert all(row[2] < 1e-12 for row in wrong.values())


def test_checkpoints_of_the_page(woven):
    values, output = woven(NAME).values, woven(NAME).regions["checkpoints"].output
    held, all_of_it = values["held"], values["everything"]
    assert all_of_it == 80 * 4 * 272
    assert held["4"] * 15 < all_of_it and held["1"] < held["4"] < held["16"] < held["40"]
    assert output.count("exact: True") == 4 and output.count("evaluations 640") == 4


@given(seeds, st.floats(1e-7, 1e-3))
@settings(max_examples=15)
def test_adaptive_error_and_count(rng, tol):
    calls = []
    m = rng.normal(size=(3, 3))
    m -= m.T  # turns, neither growth nor decay
    z0 = rng.normal(size=3)

    def f(t, z):
        calls.append(t)
        return m @ z

    end, count, times = adaptive(f, z0, 0, 2, tol)
    values, vectors = np.linalg.eig(m)
    exact = (vectors * np.exp(2 * values) @ np.linalg.solve(vectors, z0)).real
    assert np.abs(end - exact).max() < 200 * tol
    assert count == len(calls) and times[0] == 0 and times[-1] == 2
    assert all(a < b for a, b in zip(times, times[1:]))
    assert count >= 1 + 3 * (len(times) - 1)


def test_adaptive_is_of_third_order():
    def f(t, z):
        return np.array([np.cos(t) * z[0]])

    rough, fine = (adaptive(f, np.array([1.0]), 0, 6, tol) for tol in (1e-4, 1e-7))
    assert fine[0][0] == pytest.approx(np.exp(np.sin(6)), abs=3e-6)
    ratio = len(fine[2]) / len(rough[2])
    assert 7 < ratio < 14  # a thousandth of the error in ten times the steps


def test_the_first_step_is_kept_where_its_error_allows():
    # for dz/dt = t^2 from 0 the two formulas differ by h^3 / 24, and h starts at 1/100
    def first(tol):
        return adaptive(lambda t, z: np.array([t**2]), np.array([0.0]), 0, 1, tol)[2][1]

    assert first(5e-8) == pytest.approx(0.01) and first(3e-8) < 0.0099


def test_a_loose_tolerance_takes_growing_steps():
    times = adaptive(lambda t, z: -z, np.array([1.0]), 0, 40, 1e-2)[2]
    steps = np.diff(times)
    assert steps[:-1].max() < 6 and steps[1] > 1.5 * steps[0]


def test_evaluations_of_the_page(woven):
    calls = woven(NAME).values["calls"]
    for mu in ("0", "1", "10"):
        assert calls[mu][0] < calls[mu][1] < calls[mu][2]
    assert calls["0"][2] > 8 * calls["0"][0]
    assert calls["100"][0] > 10 * calls["0"][0]
    assert calls["100"][2] < 1.1 * calls["100"][0]  # the tolerance no longer decides
    assert "x goes from 2 to 1.86" in woven(NAME).regions["stiff"].output


def test_van_der_pol():
    assert van_der_pol(3)(0, np.array([2.0, 0.5])).tolist() == [0.5, -6.5]


def test_spiral():
    assert np.allclose(spiral(0, np.array([2.0, 1.0])), [-0.8 - 2, 16 - 0.1])
    assert np.allclose(spiral(0, np.ones((2, 2))), [[-2.1, 1.9]] * 2)


def test_path_visits_the_times():
    times = np.array([0, 0.1, 0.5, 2])
    states = path(decay, np.array([1.0]), times, 10)
    assert np.allclose(states[:, 0], np.exp(-times), atol=1e-5)
    tensors = path(decay, torch.ones(1), times, 10)
    assert torch.is_tensor(tensors) and np.allclose(tensors.numpy(), states, atol=1e-5)


def test_fit_learns_a_linear_field_from_uneven_gaps():
    rng = np.random.default_rng(0)
    times = np.sort(rng.uniform(0, 3, size=30))
    m = np.array([[-0.2, 1.0], [-1.0, -0.2]])
    states = path(lambda t, z: z @ m.T, np.array([1.0, 0.0]), times, 20)
    torch.manual_seed(0)
    field = Field()
    field.layers = torch.nn.Linear(2, 2).double()
    fit(field, states, np.diff(times), rounds=200, rate=0.05)
    assert np.allclose(field.layers.weight.detach().numpy(), m, atol=0.02)


def test_forecast_needs_the_true_gaps(woven):
    miss = woven(NAME).values["miss"]
    assert miss["true gaps"] < 0.4 * miss["equal gaps"]
    assert miss["true gaps"] < 0.35 * miss["last value"]


def test_the_start_decides_the_path(woven):
    kick = woven(NAME).values["kick"]
    assert kick["from the start"] > 3 * kick["from the new value"]


def test_velocity_is_the_mean_slope_of_the_lines_through_a_point():
    rng, t, x = np.random.default_rng(0), 0.4, 0.3
    noise, target = rng.normal(size=400_000), rng.choice([-1.0, 1.0], size=400_000)
    here = np.abs((1 - t) * noise + t * target - x) < 0.02
    assert towards_two_points(t, x) == pytest.approx((target - noise)[here].mean(), abs=0.03)


def test_noise_flows_to_two_points(woven):
    values = woven(NAME).values
    assert values["near"] > 0.98 and 0.45 < values["upper"] < 0.55


@given(seeds)
@settings(max_examples=20)
def test_numbers_on_a_line_never_pass_each_other(rng):
    z = np.sort(rng.uniform(-1, 1, size=12))
    end = integrate(random_flow(rng), z, 0, 1, 200)
    assert (np.diff(end) > 0).all()


def test_random_flow_takes_any_shape_and_depends_on_both():
    f = random_flow(np.random.default_rng(0))
    z = np.linspace(-1, 1, 6)
    assert np.allclose(f(0.3, z.reshape(2, 3)), f(0.3, z).reshape(2, 3))
    u, v, b, w = np.random.default_rng(0).normal(size=(4, 16))
    assert f(0.5, np.array(0.2)) == pytest.approx(np.tanh(0.6 * u + 1.5 * v + b) @ w)


def test_no_increasing_map_does_better_than_a_constant(woven):
    values = woven(NAME).values
    assert values["kept"] == 50
    assert values["best_in_order"] == pytest.approx(np.mean(np.linspace(-1, 1, 41) ** 2))
    # pooling neighbours that go down leads to one level for all of -x
    level = [[float(-x), 1] for x in np.linspace(-1, 1, 41)]
    i = 0
    while i + 1 < len(level):
        if level[i][0] >= level[i + 1][0]:
            (m1, n1), (m2, n2) = level[i], level.pop(i + 1)
            level[i] = [(m1 * n1 + m2 * n2) / (n1 + n2), n1 + n2]
            i = max(i - 1, 0)
        else:
            i += 1
    assert len(level) == 1 and level[0][0] == pytest.approx(0, abs=1e-12)


def test_one_more_dimension_or_one_large_step_can(woven):
    values = woven(NAME).values
    assert values["turned_off"] < 1e-6 and values["block_off"] == 0


def test_inference_leaves_the_weights(woven):
    assert woven(NAME).values["unchanged"] is True
