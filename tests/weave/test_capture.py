"""What `plt.show()` hands over in a run is what matplotlib itself would save."""

import io
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt

from weave import capture

SETTINGS = Path(capture.__file__).with_name("matplotlibrc")


def drawn(rows: int, tight: dict | None = None):
    figure, axes = plt.subplots(rows, 2, squeeze=False)
    for number, one in enumerate(axes.flat):
        one.plot([0, 10**number])
        one.set(xlabel="$x$", ylabel=f"axis {number}", title="title" * number)
    if tight is not None:
        figure.set_layout_engine("tight", **tight)
    return figure


@pytest.mark.parametrize("tight", [None, {"pad": 2.0}, {"rect": (0, 0, 0.6, 0.9)}])
@pytest.mark.parametrize("rows", [1, 2])
def test_a_figure_shown_is_the_figure_saved(rows, tight):
    with mpl.rc_context(fname=str(SETTINGS)):
        plt.switch_backend("module://weave.capture")
        saved = io.StringIO()
        drawn(rows, tight).savefig(saved, format="svg", metadata={"Date": None, "Creator": None})
        plt.close("all")
        drawn(rows, tight)
        plt.show()
        [(shown, _)] = capture.shown
        capture.shown.clear()
        plt.switch_backend("agg")
    assert shown == saved.getvalue()
