"""Matplotlib backend of a run: `plt.show()` hands every open figure over, as SVG and as a table.

Chosen through MPLBACKEND=module://weave.capture; it draws with matplotlib's own SVG canvas.
"""

import io

from matplotlib import _pylab_helpers
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_svg import FigureCanvasSVG

from weave import plotted

FigureCanvas = FigureCanvasSVG
FigureManager = FigureManagerBase
shown: list[tuple[str, list[plotted.Part]]] = []


def show(*args: object, **kwargs: object) -> None:
    for manager in _pylab_helpers.Gcf.get_all_fig_managers():
        buffer = io.StringIO()
        figure, dpi = manager.canvas.figure, manager.canvas.figure.dpi
        # `savefig` would draw twice: once for the layout, which this drawing settles as it begins.
        manager.canvas.print_svg(buffer, metadata={"Date": None, "Creator": None})
        figure.dpi = dpi
        shown.append((buffer.getvalue(), plotted.table(figure)))
    _pylab_helpers.Gcf.destroy_all()
