"""Matplotlib backend of a run: `plt.show()` hands every open figure over, as SVG and as a table.

Chosen through MPLBACKEND=module://weave.capture; it draws with matplotlib's own SVG canvas.
"""

import io

from matplotlib import _pylab_helpers
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.layout_engine import TightLayoutEngine

from weave import plotted

FigureCanvas = FigureCanvasSVG
FigureManager = FigureManagerBase
shown: list[tuple[str, list[plotted.Part]]] = []
WHOLE = (0, 0, 1, 1)


def show(*args: object, **kwargs: object) -> None:
    for manager in _pylab_helpers.Gcf.get_all_fig_managers():
        buffer = io.StringIO()
        figure, dpi = manager.canvas.figure, manager.canvas.figure.dpi
        settle_once(figure)
        # `savefig` would draw twice: once for the layout, which this drawing settles as it begins.
        manager.canvas.print_svg(buffer, metadata={"Date": None, "Creator": None})
        figure.dpi = dpi
        shown.append((buffer.getvalue(), plotted.table(figure)))
    _pylab_helpers.Gcf.destroy_all()


def settle_once(figure: Figure) -> None:
    """Margins for the whole figure are those for no rectangle, which are worked out but once."""
    engine = figure.get_layout_engine()
    if isinstance(engine, TightLayoutEngine) and engine.get()["rect"] == WHOLE:
        figure.set_layout_engine(TightLayoutEngine(**engine.get() | {"rect": None}))
