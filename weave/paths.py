"""The data of a drawn line, made short: points that a reader could not tell from a straight line
are left out, and each point is told from the one before it, in tenths of a unit.

A figure is some 500 units wide and is shown at little more than that in pixels.
"""

import re

import numpy as np

SLACK = 0.06  # units by which a line may move when points are left out
GRID = 10  # parts of a unit in which points are told
SMALL, FINE = 12.0, 100  # what is smaller than this, such as a marker, is told in hundredths
COMMAND = re.compile(r"([A-Za-z])((?:\s+-?\d+(?:\.\d+)?)*)\s*")
NUMBERS = {"M": 2, "L": 2, "Q": 4, "C": 6, "z": 0}


def shorten(data: str) -> str:
    """SVG path data in absolute M, L, Q, C and z, as matplotlib writes it; other data unchanged."""
    commands = parse(data)
    if not commands:
        return data
    points = np.concatenate([numbers.reshape(-1, 2) for _, numbers in commands])
    small = np.ptp(points, axis=0).max(initial=0) < SMALL
    return relative(commands, FINE) if small else relative(straighten(commands), GRID)


def parse(data: str) -> list[tuple[str, np.ndarray]]:
    """Each command with its coordinates; nothing if there is anything else in the data."""
    commands, before, place = [], "z", 0
    for match in COMMAND.finditer(data):
        letter, numbers = match[1], np.array(match[2].split(), dtype=float)
        expected = letter in NUMBERS and len(numbers) == NUMBERS[letter]
        if match.start() != place or not expected or before == "z" and letter != "M":
            return []
        commands.append((letter, numbers))
        before, place = letter, match.end()
    return commands if place == len(data) else []


def straighten(commands: list[tuple[str, np.ndarray]]) -> list[tuple[str, np.ndarray]]:
    """Leave out the points of a run of lines that lie within SLACK of the line without them."""
    kept, run = [], []
    for letter, numbers in [*commands, ("", np.empty(0))]:
        if letter == "L":
            run.append(numbers)
            continue
        if run:
            points = np.array([kept[-1][1][-2:], *run])
            kept += [("L", point) for point in points[needed(points)][1:]]
            run = []
        if letter:
            kept.append((letter, numbers))
    return kept


def needed(points: np.ndarray) -> np.ndarray:
    """Which points of a line to keep (Ramer 1972; Douglas & Peucker 1973); both ends always."""
    keep = np.zeros(len(points), dtype=bool)
    keep[[0, -1]] = True
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        distances = from_line(points[first + 1 : last], points[first], points[last])
        farthest = int(distances.argmax())
        if distances[farthest] > SLACK:
            middle = first + 1 + farthest
            keep[middle] = True
            spans += [(first, middle), (middle, last)]
    return keep


def from_line(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Distance of each point from the segment."""
    along = end - start
    length = along @ along
    place = np.clip((points - start) @ along / length, 0, 1) if length else np.zeros(len(points))
    return np.linalg.norm(points - start - place[:, None] * along, axis=1)


def relative(commands: list[tuple[str, np.ndarray]], grid: int) -> str:
    """The commands in lower case; errors of rounding do not add up."""
    out, last = [], ""
    here = start = np.zeros(2, dtype=int)
    for letter, numbers in commands:
        points = np.rint(numbers.reshape(-1, 2) * grid).astype(int)
        name = letter.lower()
        if letter == "z":
            here = start
        steps = "".join(tell(step, grid) for step in (points - here).ravel())
        # After a move, and after a line, further pairs are lines.
        again = name == "l" and last in ("l", "m") or name in "qc" and name == last
        out.append(steps if again else name + steps.lstrip(" "))
        if len(points):
            here = points[-1]
        if letter == "M":
            start = here
        last = name
    return "".join(out)


def tell(step: int, grid: int) -> str:
    """A number as short as it can be, after whatever stands before it."""
    text = f"{step / grid:.{len(str(grid)) - 1}f}".rstrip("0").rstrip(".")
    text = re.sub(r"^(-?)0\.", r"\1.", text)
    text = "0" if text in ("-0", "", "-") else text
    return text if text.startswith("-") else " " + text
