"""What a puzzle's file is written with: `hint`, `wrong` and `expect`.

The decorators change nothing. They mark a function for `weave.puzzles`, which reads the file
without running it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

Function = Callable[..., Any]


def hint(*, zh: str, en: str) -> Callable[[Function], Function]:
    """A property `(answer, rng)` that every right answer has, and what to say of one that lacks it.

    `answer` is the reader's function, `rng` a generator of NumPy's with a fixed seed. The property
    fails with `expect` or `assert`.
    """
    return lambda function: function


def wrong(caught_by: Function | str) -> Callable[[Function], Function]:
    """A typical mistake, with the property that shows it, or "without" for a forbidden word."""
    return lambda function: function


class Mismatch(AssertionError):
    """A result that cannot be right, whatever its numbers; `kind` is a key of `words.WORDS`."""

    def __init__(self, kind: str, got: object = "", wanted: object = ""):
        super().__init__(kind)
        self.kind, self.got, self.wanted = kind, str(got), str(wanted)


def expect(got: Any, wanted: Any, tolerance: float = 1e-6) -> None:
    """Fail unless `got` is of the kind, the shape and, within `tolerance`, the value of `wanted`.

    The tolerance is relative to the largest number that is wanted, or to 1 where that is smaller.
    Python's numbers, NumPy's and arrays without axes are all of one kind.
    """
    ours, theirs = kind_of(wanted), kind_of(got)
    if {ours, theirs} & {"list", "tuple"}:
        expect_sequence(got, wanted, tolerance)
    elif "number" in (ours, theirs) and {ours, theirs} <= {"number", "array", "tensor"}:
        expect_shape(got, wanted)
        expect_close(numbers(got), numbers(wanted), tolerance)
    elif ours != theirs:
        raise Mismatch("type", theirs, ours)
    elif ours in ("array", "tensor"):
        expect_shape(got, wanted)
        expect_close(numbers(got), numbers(wanted), tolerance)
    else:
        assert got == wanted


def expect_sequence(got: Any, wanted: Any, tolerance: float) -> None:
    if kind_of(got) != kind_of(wanted):
        raise Mismatch("type", kind_of(got), kind_of(wanted))
    if len(got) != len(wanted):
        raise Mismatch("length", len(got), len(wanted))
    for mine, right in zip(got, wanted, strict=True):
        expect(mine, right, tolerance)


def expect_shape(got: Any, wanted: Any) -> None:
    if np.shape(got) != np.shape(wanted):
        raise Mismatch("shape", tuple(np.shape(got)), tuple(np.shape(wanted)))


def expect_close(got: np.ndarray, wanted: np.ndarray, tolerance: float) -> None:
    if not np.isfinite(got[np.isfinite(wanted)]).all():
        raise Mismatch("nan")
    finite = np.abs(wanted[np.isfinite(wanted)])
    scale = max(1.0, finite.max(initial=0.0))
    assert np.allclose(got, wanted, rtol=0.0, atol=tolerance * scale, equal_nan=True)


def kind_of(value: Any) -> str:
    """The name of what a value is, as a message can say it."""
    if type(value).__module__.partition(".")[0] == "torch" and hasattr(value, "detach"):
        return "tensor" if value.ndim else "number"
    if isinstance(value, np.ndarray) and value.ndim:
        return "array"
    if isinstance(value, (bool, int, float, complex, np.generic, np.ndarray)):
        return "number"
    return type(value).__name__


def numbers(value: Any) -> np.ndarray:
    """A value as an array of float64, or complex where it is."""
    if hasattr(value, "detach"):
        value = value.detach().resolve_conj()
        value = value.numpy() if value.is_complex() else value.double().numpy()
    array = np.asarray(value)
    return array if np.iscomplexobj(array) else array.astype(np.float64)
