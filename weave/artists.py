"""What stands in the axes of a figure, each thing with its points in the axes' coordinates."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from matplotlib import collections, colors, contour, patches, text
from matplotlib.axes import Axes
from matplotlib.path import Path

BREAK = (np.nan, np.nan)  # between the parts of what is drawn in several
STYLES = {"-": "solid", "--": "dashed", ":": "dotted", "-.": "dash-dotted"}


class Series(NamedTuple):
    kind: str
    points: np.ndarray  # n × 2
    colour: str = ""
    style: str = ""
    label: str = ""


def series(ax: Axes) -> Iterator[Series]:
    """All but rasters and words that stands in one pair of axes."""
    for line in ax.lines:
        xy, own = line.get_xydata(), line.get_transform()
        xy = xy if own is ax.transData else in_data(ax, own.transform(xy))
        style = STYLES.get(line.get_linestyle(), "dashed")
        kind, style = ("points", "") if line.get_linestyle() == "None" else ("line", style)
        yield Series(kind, xy, colors.to_hex(line.get_color()), style, own_label(line))
    for found in ax.collections:
        yield from of_collection(found)
    bars = {bar: box.orientation == "vertical" for box in ax.containers for bar in box.patches}
    for patch in ax.patches:
        yield of_bar(ax, patch, bars[patch]) if patch in bars else of_patch(ax, patch)
    for word in ax.texts:
        if isinstance(word, text.Annotation) and word.arrow_patch and word.xycoords == "data":
            tail = word.xyann if word.anncoords == "data" else word.xy
            colour = colors.to_hex(word.arrow_patch.get_edgecolor())
            yield Series("arrow", np.array([tail, word.xy], float), colour)


def of_collection(found: collections.Collection) -> Iterator[Series]:
    paths = found.get_paths()
    if isinstance(found, contour.ContourSet):
        for level, path in zip(found.levels, paths, strict=False):
            yield Series("contour", joined(pieces(path)), label=f"{level:.6g}")
        return
    edges = [*found.get_edgecolor(), *found.get_facecolor()]
    colour = colors.to_hex(edges[0]) if edges else ""
    if isinstance(found, collections.PathCollection):
        places = np.ma.filled(found.get_offsets(), np.nan)
        yield Series("points", places, colour, "", own_label(found))
    else:
        kind = "line" if isinstance(found, collections.LineCollection) else "shape"
        parts = [piece for path in paths for piece in pieces(path)]
        dashes = [dash for _, dash in found.get_linestyle()] if kind == "line" else []
        style = ("dashed" if any(dashes) else "solid") if dashes else ""
        yield Series(kind, joined(parts), colour, style, own_label(found))


def of_bar(ax: Axes, bar: patches.Rectangle, upright: bool) -> Series:
    """From a bar's foot to its end; its label is the tick's that it stands at."""
    (left, bottom), (right, top) = bar.get_bbox().get_points()
    x, y = (left + right) / 2, (bottom + top) / 2
    ends, at, axis = ([[x, bottom], [x, top]], x, ax.xaxis) if upright else (
        [[left, y], [right, y]], y, ax.yaxis)  # fmt: skip
    ticks = zip(axis.get_majorticklocs(), axis.get_majorticklabels(), strict=False)
    name = next((label.get_text() for place, label in ticks if np.isclose(place, at)), "")
    return Series("bar", np.array(ends, float), colors.to_hex(bar.get_facecolor()), label=name)


def of_patch(ax: Axes, patch: patches.Patch) -> Series:
    outline = patch.get_transform().transform_path(patch.get_path())
    parts = [in_data(ax, np.asarray(piece)) for piece in outline.to_polygons(closed_only=False)]
    colour = patch.get_facecolor() if patch.get_fill() else patch.get_edgecolor()
    return Series("shape", joined(parts), colors.to_hex(colour), "", own_label(patch))


def pieces(path: Path) -> list[np.ndarray]:
    """The parts of a path of straight lines."""
    if path.codes is None:
        return [path.vertices]
    starts = np.flatnonzero(path.codes == Path.MOVETO)
    return [part for part in np.split(path.vertices, starts) if len(part)]


def joined(parts: Iterable[np.ndarray]) -> np.ndarray:
    rows = [row for part in parts for row in [BREAK, *part]]
    return np.array(rows[1:], float).reshape(-1, 2)


def in_data(ax: Axes, places: np.ndarray) -> np.ndarray:
    """Places on the canvas in the axes' coordinates."""
    return ax.transData.inverted().transform(places)


def own_label(artist: Any) -> str:
    name = str(artist.get_label())
    return "" if name.startswith("_") else name
