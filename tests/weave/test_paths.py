"""Shortened path data draws the same lines; `read` is how SVG's specification reads it."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weave.paths import shorten

COORDINATE = st.integers(-600_000_000, 600_000_000).map(lambda micro: micro / 1e6)
LINE = st.lists(st.tuples(COORDINATE, COORDINATE), min_size=2, max_size=30)
PAIRS = {"m": 1, "l": 1, "q": 2, "c": 3, "z": 0}


def written(lines, closed: bool) -> str:
    """As matplotlib writes lines."""
    parts = ["M " + " L ".join(f"{x:f} {y:f}" for x, y in line) for line in lines]
    return " ".join(part + (" z" if closed else "") for part in parts)


def read(data: str) -> list[tuple[str, np.ndarray]]:
    """Each command in lower case with its points, absolute (SVG 2, chapter 9.3)."""
    tokens = re.findall(r"[a-zA-Z]|-?(?:\d+\.?\d*|\.\d+)", data)
    found, here, start, letter = [], np.zeros(2), np.zeros(2), ""
    while tokens:
        if tokens[0].isalpha():
            letter = tokens.pop(0)
        numbers = [float(tokens.pop(0)) for _ in range(2 * PAIRS[letter.lower()])]
        points = np.reshape(numbers, (-1, 2)) + (here if letter.islower() else 0)
        found.append((letter.lower(), points))
        here = points[-1] if len(points) else start
        if letter in "mM":
            start, letter = here, "l" if letter == "m" else "L"
    return found


def lines_of(data: str) -> list[np.ndarray]:
    """The corners of each subpath that consists of lines."""
    lines = []
    for letter, points in read(data):
        if letter == "m":
            lines.append([])
        lines[-1].extend(points)
    return [np.array(line) for line in lines]


def distance(point: np.ndarray, line: np.ndarray) -> float:
    starts, along = line[:-1], np.diff(line, axis=0)
    lengths = np.maximum((along**2).sum(1), 1e-30)
    places = np.clip(((point - starts) * along).sum(1) / lengths, 0, 1)
    return np.linalg.norm(point - starts - places[:, None] * along, axis=1).min()


@given(st.lists(LINE, min_size=1, max_size=3), st.booleans())
def test_a_line_moves_by_less_than_a_pixel_shows(lines, closed):
    data = shorten(written(lines, closed))
    found = lines_of(data)
    assert data.count("z") == closed * len(lines) and len(found) == len(lines)
    for line, ours in zip(lines, found, strict=True):
        line = np.array(line)
        assert np.abs(ours[[0, -1]] - line[[0, -1]]).max() <= 0.051
        assert max(distance(point, ours) for point in line) < 0.06 + 0.05 * 2**0.5 + 1e-6
        assert len(ours) <= len(line)


@given(st.lists(st.tuples(COORDINATE, COORDINATE), min_size=7, max_size=7))
def test_curves_keep_their_points(points):
    m, q, p, a, b, c, d = (f"{x:f} {y:f}" for x, y in points)
    found = read(shorten(f"M {m} Q {q} {p} C {a} {b} {c} L {d}"))
    assert [letter for letter, _ in found] == ["m", "q", "c", "l"]
    ours = np.concatenate([points for _, points in found])
    assert np.abs(ours - np.array(points)).max() <= 0.051


def test_a_circle_of_many_lines_becomes_short_and_stays_round():
    angles = np.linspace(0, 2 * np.pi, 800)
    circle = np.stack([250 + 90 * np.cos(angles), 120 + 90 * np.sin(angles)], axis=1)
    data = written([circle], closed=True)
    short = shorten(data)
    assert len(short) < len(data) / 10
    radii = np.linalg.norm(lines_of(short)[0] - [250, 120], axis=1)
    assert np.abs(radii - 90).max() < 0.1


def test_a_marker_keeps_hundredths():
    found = read(shorten("M 0 3 C 0.795609 3 1.55874 2.683901 2.12132 2.12132 z"))
    assert found[1][1].tolist() == [[0.8, 3], [1.56, 2.68], [2.12, 2.12]]


@pytest.mark.parametrize("data", [
    "", "M 0 0 A 5 5 0 0 1 20.123456 30", "M 0 0 H 20.123456 V 4", "m 0 0 l 20.123456 4",
    "M 0 0 L 20.123456", "L 0 0 L 20.123456 5", "M 0 0 L 20 x", "M 0 0 L 20.123456-5",
    "M 0 0 L 30 4 z L 20.123456 4",
])  # fmt: skip
def test_what_matplotlib_does_not_write_is_left_alone(data):
    assert shorten(data) == data
