"""Solutions to the exercises of the chapter on networks whose depth is time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from snippets.why_matmul.beyond.neural_ode import (
    Field,
    Flow,
    adaptive,
    apart,
    by_adjoint,
    by_backprop,
    euler_step,
    integrate,
    rk4_step,
    van_der_pol,
)

Array = np.ndarray


def midpoint_step(f: Flow, t: float, z: Array, h: float) -> Array:
    """One step with the slope in the middle, two evaluations of f."""
    return z + h * f(t + h / 2, z + h / 2 * f(t, z))


def most_held(steps: int, segment: int, state: float, step: float) -> float:
    """Memory with a checkpoint every `segment` steps, from that of each."""
    return state * steps / segment + step * segment


def implicit_step(mu: float, z: Array, h: float, rounds: int = 8) -> Array:
    """A step of backward Euler for van der Pol's equation.

    Solves new = z + h f(new) for z = (x, x') by Newton's method.
    """
    f, new = van_der_pol(mu), z
    for _ in range(rounds):
        x, v = new
        slopes = [-2 * mu * x * v - 1, mu * (1 - x**2)]
        jacobian = np.array([[0, 1], slopes])
        off = new - z - h * f(0, new)
        new = new - np.linalg.solve(np.eye(2) - h * jacobian, off)
    return new


def couple(
    f: Callable, g: Callable, x: Array, y: Array
) -> tuple[Array, Array]:
    """A reversible block: x takes f(y), then y takes g of the new x."""
    x = x + f(y)
    return x, y + g(x)


def uncouple(
    f: Callable, g: Callable, x: Array, y: Array
) -> tuple[Array, Array]:
    """The way back through `couple`, with the same f and g."""
    y = y - g(x)
    return x - f(y), y


def largest_step_in_order(f: Callable, x: Array) -> float:
    """The least h > 0 at which z + h f(z) makes two neighbours of x meet.

    x increasing; infinite if no two of them ever do.
    """
    slopes = np.diff(f(x)) / np.diff(x)
    steepest = slopes.min()
    return float(-1 / steepest) if steepest < 0 else np.inf


if __name__ == "__main__":
    # --8<-- [start:equal_work]
    def pendulum(t, z):
        return np.array([z[1], -np.sin(z[0])])

    z = np.array([2.0, 0.0])
    exact = integrate(pendulum, z, 0, 10, 4000)
    works = {"euler": (euler_step, 1), "midpoint": (midpoint_step, 2)}
    works["rk4"] = (rk4_step, 4)
    errors = {}
    for calls in (80, 320, 1280):
        for name, (step, each) in works.items():
            end = integrate(pendulum, z, 0, 10, calls // each, step)
            errors[f"{name} {calls}"] = float(np.abs(end - exact).max())
        print(f"{calls:5} evaluations",
              *(f" {name} {errors[f'{name} {calls}']:.0e}" for name in works))
    # --8<-- [end:equal_work]

    # --8<-- [start:segments]
    best = {}
    for state, step in ((1, 1), (1, 4), (1, 25)):
        divisors = [k for k in range(1, 401) if 400 % k == 0]
        least = min(divisors, key=lambda k: most_held(400, k, state, step))
        best[step] = [least, most_held(400, least, state, step)]
        print(f"a step holds {step:2} states: segment {least:2},",
              f"held {best[step][1]:.0f} instead of {400 * step}")
    # --8<-- [end:segments]

    # --8<-- [start:implicit]
    z = np.array([2.0, 0.0])
    true, calls, _ = adaptive(van_der_pol(100), z, 0, 20, 1e-7)
    calls = 50 * round(calls / 50)
    for _ in range(40):
        z = implicit_step(100, z, h=0.5)
    implicit_off = float(abs(z[0] - true[0]))
    print(f"40 implicit steps: x off by {implicit_off:.0e}")
    print(f"explicit, with steps of its own: about {calls} evaluations")
    # --8<-- [end:implicit]

    # --8<-- [start:reversible]
    rng = np.random.default_rng(0)
    blocks = rng.normal(size=(100, 2, 4, 4))
    x, y = start = rng.normal(size=(2, 4))

    def layers(a, b):
        return lambda v: np.tanh(a @ v), lambda v: np.tanh(b @ v)

    for a, b in blocks:
        x, y = couple(*layers(a, b), x, y)
    for a, b in blocks[::-1]:
        x, y = uncouple(*layers(a, b), x, y)
    returned = float(np.abs(np.stack([x, y]) - start).max())
    print("100 steep blocks and back, off less than 1e-12:", returned < 1e-12)
    # --8<-- [end:reversible]

    # --8<-- [start:folding]
    x = np.linspace(-1, 1, 2001)

    def bend(z):
        return np.sin(2 * z) - np.tanh(5 * z)

    limit = largest_step_in_order(bend, x)
    in_order = {
        k: bool((np.diff(x + k * limit * bend(x)) > 0).all())
        for k in (0.5, 0.99, 1.01, 2)
    }
    print(f"limit {limit:.2f}")
    print(*(f"{k} of it, in order: {kept} " for k, kept in in_order.items()))
    # --8<-- [end:folding]

    # --8<-- [start:pulled]
    torch.manual_seed(0)
    z0 = torch.tensor([1.0, 0.5], dtype=torch.float64)
    pulled = {}
    for pull in (0, 8, 32):
        field = Field(pull=pull)
        true, _ = by_backprop(field, z0, 2.0, 50)
        adjoint, _, back = by_adjoint(field, z0, 2.0, 50)
        lost = float((back - z0).abs().max())
        pulled[pull] = [lost, apart(adjoint, true)]
        print(f"pull {pull:2}  z(0) off {lost:.0e}  gradient off less than 1e-8:",
              pulled[pull][1] < 1e-8)
    # --8<-- [end:pulled]
