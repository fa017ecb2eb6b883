"""Records of runs: what was measured, on what, how; one JSON file each, kept in runs/.

`runs/schema.json` says what stands in a record. All else that a page says of a run (medians,
rates, ratios) is computed from the samples when the page is built.
"""
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from snippets.labs.lab import Cell
from snippets.labs.timing import Spread, ratio, spread

RUNS = Path(__file__).resolve().parents[2] / "runs"
SCHEMA = 1


class RecordError(Exception):
    """A record that cannot be used: file, place, what is wrong and what to do."""


@dataclass(frozen=True)
class Record:
    """A run as it was written down, and what can be computed from it."""

    file: Path
    data: dict

    @cached_property
    def cells(self) -> dict[str, Cell]:
        return {cell["key"]: Cell(**cell) for cell in self.data["cells"]}

    @property
    def lab(self) -> str:
        return self.data["lab"]

    @property
    def device(self) -> str:
        return self.data["machine"]["device"]

    @property
    def folder(self) -> str:
        """The device as runs/ names it."""
        return slug(self.device)

    @property
    def date(self) -> str:
        return self.data["date"][:10]

    @property
    def commit(self) -> str:
        """The commit, made short; a plus says that there were changes on top of it."""
        return self.data["commit"][:7] + "+" * self.data["dirty"]

    def seconds(self, key: str) -> Spread:
        """Of one call: median and tenths. Raises KeyError where the cell has no samples."""
        return spread(self.samples(key))

    def rate(self, key: str) -> float:
        """Operations a second, at the median."""
        return self.cells[key].flop / self.seconds(key).median

    def ratio(self, slower: str, faster: str) -> Spread:
        return ratio(self.samples(slower), self.samples(faster))

    def samples(self, key: str) -> list[float]:
        cell = self.cells[key]
        if cell.error:
            raise KeyError(f"{key}: {cell.error}")
        return cell.samples


def load_all(lab: str | None = None, runs: Path = RUNS) -> list[Record]:
    """The recorded runs of a lab (of all labs), by device and date, newest last."""
    records = [load(file) for file in sorted(runs.glob("*/*.json"))]
    for record in records:
        check_place(record)
    found = [record for record in records if lab in (None, record.lab)]
    return sorted(found, key=lambda record: (record.file.parent.name, record.data["date"]))


def load(file: Path) -> Record:
    """Read a record. Raises RecordError with the place of the fault."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except OSError as fault:
        raise RecordError(f"{file}: {fault.strerror}") from fault
    except UnicodeDecodeError as fault:
        raise RecordError(f"{file}: not UTF-8 at byte {fault.start}; {remedy(file)}") from fault
    except json.JSONDecodeError as fault:
        place = f"{file}:{fault.lineno}:{fault.colno}"
        raise RecordError(f"{place}: not JSON: {fault.msg}; {remedy(file)}") from fault
    check(data, file)
    return Record(file, data)


def check(data: object, file: Path) -> None:
    """Hold a record against the schema, and what a schema cannot say."""
    if fault := best_match(validator().iter_errors(data)):
        place = fault.json_path.removeprefix("$").removeprefix(".") or "the whole"
        raise RecordError(f"{file}: {place}: {fault.message[:200]}; {remedy(file)}")
    for key, count in Counter(cell["key"] for cell in data["cells"]).items():
        if count > 1:
            raise RecordError(f"{file}: cells: '{key}' is there {count} times; {remedy(file)}")


def remedy(file: Path) -> str:
    return f"record the run again, or take {file.name} back as it was committed"


def validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads((RUNS / "schema.json").read_text(encoding="utf-8")))


def check_place(record: Record) -> None:
    if record.data["label"] != "recorded":
        raise RecordError(f"{record.file}: label: a reader's own run; record it with --record")
    expected = place(record.data, record.file.parents[1])
    if record.file != expected:
        there = "/".join(expected.parts[-3:])
        raise RecordError(f"{record.file}: what it says belongs in {there}: move it there")


def place(data: dict, runs: Path = RUNS) -> Path:
    """Where a record is kept: runs/<device>/<date>-<commit>-<lab>.json"""
    name = f"{data['date'][:10]}-{data['commit'][:7]}-{data['lab']}.json"
    return runs / slug(data["machine"]["device"]) / name


def slug(name: str) -> str:
    """A device's name as a folder's: NVIDIA H100 80GB HBM3 -> nvidia-h100-80gb-hbm3"""
    return re.sub(r"\((r|tm)\)|[^a-z0-9]+", "-", name.lower()).strip("-").replace("--", "-")


def store(data: dict, file: Path) -> None:
    """Write a record down, readable: a line for each cell."""
    check(data, file)
    lines = [json.dumps(cell, ensure_ascii=False) for cell in data["cells"]]
    head = json.dumps(data | {"cells": []}, ensure_ascii=False, indent=1)
    cells = ",\n  ".join(lines)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(head.replace('"cells": []', f'"cells": [\n  {cells}\n ]') + "\n", "utf-8")


def plain(cells: Iterable[Cell]) -> list[dict]:
    """Cells as JSON holds them; five digits say more than any clock does."""
    found = []
    for cell in cells:
        entry = {name: value for name, value in asdict(cell).items() if value is not None}
        entry["samples"] = [float(f"{seconds:.5g}") for seconds in cell.samples]
        if cell.error:
            entry = {"key": cell.key, "error": cell.error}
        found.append(entry)
    return found


def banner(record: Record | None) -> str:
    """The line above all that a page shows of a run."""
    if record is None:
        return "no run recorded yet"
    run = f"recorded on {record.device}, {record.date}, commit {record.commit}"
    return f"{run}; not run on this machine"
