"""The numbers behind a drawing, as a table from which it can be drawn again.

Runs in the process that has drawn. A figure of rasters alone gives their matrices; any other gives
one row for each point of what stands in its axes, in the axes' own coordinates. What many rows
begin with is kept once. Words stand between the marks that `figures` puts a page's language into.
"""

import csv
import io
from collections.abc import Iterator

import numpy as np
from matplotlib import colors, image, text
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from snippets import palette
from weave.artists import Series, in_data, series
from weave.drawings import WORD

Part = tuple[str, str]  # how each of its lines begins; the rest of the lines
NEAR = 30  # points: a word that stands farther from a line says nothing of it
COLOURS = {
    palette.A: "blue", palette.B: "orange", palette.C: "green", palette.INK: "black",
    palette.SOFT: "grey", palette.LINE: "pale", palette.ACCENT: "red", palette.PAPER: "white",
}  # fmt: skip


def table(figure: Figure) -> list[Part]:
    """What a figure shows, after it has been drawn; empty where that is nothing."""
    axes = {ax: list(series(ax)) for ax in figure.axes}
    rasters = [raster for ax in figure.axes for raster in ax.images]
    plain = not any(found for found in axes.values())
    return list(matrices(rasters) if rasters and plain else points(axes, rasters))


def matrices(rasters: list[image.AxesImage]) -> Iterator[Part]:
    """One matrix as it is; several below each other, each row with its panel and its number."""
    arrays = list(map(matrix, rasters))
    if len(arrays) == 1:
        yield "", lines(arrays[0])
        return
    width = max(array.shape[1] for array in arrays)
    yield cells(marked("panel"), marked("row"), *map(str, range(width))), ""
    for panel, array in enumerate(arrays, 1):
        empty = np.full((len(array), width - array.shape[1]), np.nan)
        numbered = np.hstack([np.arange(len(array))[:, None], array, empty])
        yield cells(str(panel), ""), lines(numbered)


def matrix(raster: image.AxesImage) -> np.ndarray:
    """A raster's numbers; where it has several for each place, they stand side by side."""
    found = np.ma.filled(raster.get_array().astype(float), np.nan)
    return found.reshape(len(found), -1)


def points(axes: dict[Axes, list[Series]], rasters: list) -> Iterator[Part]:
    """A row for each point, with the panel where there are several."""
    shown = [ax for ax in axes if axes[ax] or words(ax) or ax.images]
    if not shown:
        return
    several, value = len(shown) > 1, [marked("value")] if rasters else []
    head = [*map(marked, ("kind", "series", "look", "label")), *axis_names(shown), *value]
    yield cells(*[marked("panel")] * several, *head), ""
    for panel, ax in enumerate(shown, 1):
        for begin, places in [*drawn(ax, axes[ax]), *pixels(ax), *said(ax)]:
            empty = np.full((len(places), 2 + len(value) - places.shape[1]), np.nan)
            yield cells(*[str(panel)] * several, *begin, ""), lines(np.hstack([places, empty]))


def axis_names(shown: list[Axes]) -> list[str]:
    """What the axes are called, where all panels agree."""
    names = []
    for letter in "xy":
        labels = {getattr(ax, f"get_{letter}label")() for ax in shown}
        names.append(marked(labels.pop() if len(labels) == 1 else "") or letter)
    return names if names[0] != names[1] else ["x", "y"]


def drawn(ax: Axes, found: list[Series]) -> Iterator[tuple]:
    beside = labels_beside(ax, found)
    for count, (one, label) in enumerate(zip(found, beside, strict=True), 1):
        seen = look(one.colour, one.style), marked(one.label or label)
        yield (marked(one.kind), str(count), *seen), without_dust(ax, one.points)


def pixels(ax: Axes) -> Iterator[tuple]:
    for count, raster in enumerate(ax.images, 1):
        found = matrix(raster)
        down, across = np.indices(found.shape)
        places = np.stack([across, down, found], axis=-1).reshape(-1, 3)
        yield (marked("image"), str(count), "", ""), places


def said(ax: Axes) -> Iterator[tuple]:
    for word in words(ax):
        hue = look(colors.to_hex(word.get_color()))
        begin = marked("text"), "", hue, marked(word.get_text())
        yield begin, without_dust(ax, [place(word, ax)])


def words(ax: Axes) -> list[text.Text]:
    return [word for word in ax.texts if word.get_text().strip()]


def place(word: text.Text, ax: Axes) -> np.ndarray:
    if isinstance(word, text.Annotation) and word.xycoords == "data":
        return np.asarray(word.xy, float)
    return in_data(ax, word.get_transform().transform([word.get_unitless_position()]))[0]


def without_dust(ax: Axes, places: np.ndarray) -> np.ndarray:
    """Places with zero for what is zero but for rounding, and one gap for many in a row."""
    found = np.array(places, float)
    for j, axis in enumerate((ax.xaxis, ax.yaxis)):
        if axis.get_scale() == "linear":
            span = abs(np.subtract(*axis.get_view_interval()))
            found[np.abs(found[:, j]) < 1e-9 * span, j] = 0
    gap = ~np.isfinite(found).all(1)
    return found[~(gap & np.roll(gap, 1) & (np.arange(len(gap)) > 0))]


def labels_beside(ax: Axes, found: list[Series]) -> list[str]:
    """The word that stands beside each line or cloud of points, clearly farther from all others.

    It is black or of the same colour. A colour that only one of them and one word have tells, too.
    """
    if not found:
        return []
    labels = [word for word in words(ax) if WORD.search(word.get_text()) or "$" in word.get_text()]
    hues = [colors.to_hex(word.get_color()) for word in labels]
    far = np.full((len(found), len(labels)), np.inf)
    for (i, j), _ in np.ndenumerate(far):
        if nameable(found[i]) and hues[j] in (palette.INK, found[i].colour):
            far[i, j] = distance(ax, found[i], labels[j])
    beside = [""] * len(found)
    for j, word in enumerate(labels):
        order = np.argsort(far[:, j])
        nearest, *others = far[order, j]
        mutual = nearest == far[order[0]].min()
        if nearest < NEAR and min(others, default=np.inf) > 1.5 * nearest + 3 and mutual:
            beside[order[0]] = word.get_text()
    greys = (palette.INK, palette.SOFT, palette.LINE, palette.PAPER)
    for i, one in enumerate(found):
        alike = [word for word, hue in zip(labels, hues, strict=True) if hue == one.colour]
        alone = sum(other.colour == one.colour for other in found) == 1
        if alone and len(alike) == 1 and one.colour not in greys:
            beside[i] = alike[0].get_text()
    return beside


def nameable(one: Series) -> bool:
    """Whether a word can be meant for it: a pale line is of a grid."""
    return one.kind in ("line", "points") and one.colour != palette.LINE


def distance(ax: Axes, one: Series, word: text.Text) -> float:
    """From a word's box to the nearest point of a line, in points."""
    box, ends = word.get_window_extent(), ax.transData.transform(one.points)
    if one.kind == "line":
        shares = np.linspace(0, 1, 40)[:, None, None]
        ends = (ends[:-1] + shares * (ends[1:] - ends[:-1])).reshape(-1, 2)
    ends = ends[np.isfinite(ends).all(1)]
    if not len(ends):
        return np.inf
    outside = np.maximum(np.maximum(box.min - ends, ends - box.max), 0)
    return float(np.hypot(*outside.T).min() * 72 / ax.figure.dpi)


def look(colour: str, style: str = "") -> str:
    """A colour of the book by its name, and how a line is drawn."""
    words = COLOURS.get(colour, colour), style
    return " ".join(marked(word) for word in words if word)


def cells(*texts: str) -> str:
    """A line of CSV, or the beginning of one where the last text is empty."""
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow(texts)
    return written.getvalue()


def lines(rows: np.ndarray) -> str:
    return "\n".join(",".join(map(number, row)) for row in rows)


def marked(words: str) -> str:
    """Words between marks, line by line, as the drawing has them."""
    said = (line.strip() for line in words.split("\n"))
    return " ".join(f"\ue000{line}\ue001" if WORD.search(line) else line for line in said)


def number(value: float) -> str:
    """Six digits; nothing for what is no number."""
    return "" if np.isnan(value) else f"{value + 0.0:.6g}"
