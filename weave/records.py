"""Records of runs: what each printed, drew and computed, where, and whether that still holds.

One file a record below ``.weave/records``, named by module and key. The key hashes all that the run
is known to depend on before it runs; what it was seen to read besides is listed inside and compared
when the record is read. Times of files are never looked at.
"""

import datetime
import hashlib
import json
import os
import platform
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from weave.kept import write_whole
from weave.source import Source, version

FORMAT = 3
KEPT = 4  # records of a module: going back and forth between branches costs no run
ENGINE = ("capture.py", "child.py", "drawings.py", "forked.py", "guard.py", "limits.py", "paths.py")
ENGINE += ("kept.py", "labs.py", "namespace.py", "outlines.py", "percent.py", "source.py")
ENGINE += ("artists.py", "plotted.py")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
Warn = Callable[[str], None]


@dataclass
class Region:
    output: str = ""
    figures: list[str] = field(default_factory=list)
    tables: list[list] = field(default_factory=list)  # what each figure is drawn from: `plotted`
    seconds: float = 0.0


@dataclass
class Record:
    """What one run left. `error` is None, or the exception that ended it (fences may expect it)."""

    path: str
    regions: dict[str, Region]
    values: dict[str, Any]
    others: dict[str, str]
    error: dict[str, Any] | None
    machine: dict[str, str]
    seconds: float
    date: str
    inputs: dict[str, str]
    seal: str = ""  # checksum of the stored record; empty where it is not stored


def key(source: Source) -> str:
    """Hash of a run's source, imports, packages, engine and Python (and machine if bound to it).

    Raises SyntaxError where the source or an import of it cannot be parsed.
    """
    files, packages = source.dependencies
    parts = {
        "engine": engine(),
        "source": source.digest,
        "files": {label: digest(file) for label, file in files.items() if label != source.label},
        "packages": {name: version(name) for name in packages},
        "python": [sys.implementation.name, *sys.version_info[:3], platform.machine()],
        "machine": machine_card()["cpu"] if source.machine_bound else None,
        "format": FORMAT,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@cache
def engine() -> dict[str, str]:
    """Digests of what shapes a run; this process has loaded it, so they hold to its end."""
    return {name: digest(Path(__file__).with_name(name)) for name in ENGINE} | {
        "style": digest(Path(__file__).with_name("matplotlibrc"))
    }


def digest(place: Path) -> str:
    """Hash of a file's bytes, or of the names in a folder."""
    if place.is_dir():
        return hashlib.sha256(json.dumps(sorted(os.listdir(place))).encode()).hexdigest()
    return hashlib.sha256(place.read_bytes()).hexdigest()


def build(source: Source, result: dict[str, Any]) -> Record:
    """The record of a finished run, from what `execute` brought back."""
    regions: dict[str, Region] = {}
    for segment in result["segments"]:
        region = regions.setdefault(segment["region"] or "", Region())
        region.output += readable(bytes.fromhex(segment["output"]))
        region.figures += segment["figures"]
        region.tables += segment["tables"]
        region.seconds += segment["seconds"]
    files, _ = source.dependencies
    return Record(
        path=source.path,
        regions=regions,
        values=result["values"],
        others=result["others"],
        error=result["error"],
        machine=machine_card() | result["libraries"],
        seconds=sum(region.seconds for region in regions.values()),
        date=datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
        inputs={
            name: digest(source.root / name)
            for name in result["inputs"]
            if name not in files and (source.root / name).exists()
        },
    )


def printed(record: Record | None, name: str) -> str:
    """What a region printed, and the exception that ended it if it was to."""
    if not record:
        return ""
    text = record.regions[name].output if name in record.regions else ""
    if record.error and record.error["region"] == name:
        text += f"{record.error['type']}: {record.error['message']}\n"
    return text


def readable(output: bytes) -> str:
    """Output as text: nothing is lost; what cannot be shown is escaped; addresses say nothing."""
    text = output.decode("utf-8", "backslashreplace").replace("\r\n", "\n")
    text = CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text)
    text = re.sub(r"\S*/\.weave/run-\w+/\d+/work", ".", text)
    return re.sub(r"\b0x[0-9a-f]{6,}\b", "0x…", text)


def store(root: Path, record: Record, record_key: str) -> None:
    """Write a record down, and forget the oldest of the module's."""
    place = file_of(root, record.path, record_key)
    payload = json.dumps(record, default=vars, ensure_ascii=False)
    seal = hashlib.sha256(payload.encode()).hexdigest()
    try:
        write_whole(place, f"{seal}\n{payload}\n".encode())
    except OSError as fault:
        raise OSError(fault.errno, f"cannot write the record {place}: {fault.strerror}") from fault
    record.seal = seal
    older = sorted(siblings(root, record.path), key=lambda file: file.stat().st_mtime)
    for file in older[:-KEPT]:
        file.unlink(missing_ok=True)


def load(root: Path, path: str, record_key: str, warn: Warn) -> Record | None:
    """The record that still holds, or None; a damaged one is a miss with a warning."""
    place = file_of(root, path, record_key)
    try:
        text = place.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as fault:
        return warn(f"{place}: unreadable record ({fault}); running the snippet again")
    seal, _, payload = text.removesuffix("\n").partition("\n")
    try:
        if hashlib.sha256(payload.encode()).hexdigest() != seal:
            raise ValueError("its checksum does not match")
        fields = json.loads(payload)
        fields["regions"] = {name: Region(**value) for name, value in fields["regions"].items()}
        record = Record(**fields | {"seal": seal})
    except (ValueError, TypeError, KeyError, AttributeError) as fault:
        return warn(f"{place}: damaged record ({fault}); running the snippet again")
    return record if inputs_unchanged(root, record) else None


def inputs_unchanged(root: Path, record: Record) -> bool:
    places = ((root / name, expected) for name, expected in record.inputs.items())
    return all(place.exists() and digest(place) == expected for place, expected in places)


def file_of(root: Path, path: str, record_key: str) -> Path:
    return root / ".weave" / "records" / f"{name_of(path)}-{record_key[:20]}.json"


def siblings(root: Path, path: str) -> list[Path]:
    """The module's records; `glob` is slow in a folder of hundreds."""
    start, folder = f"{name_of(path)}-", root / ".weave" / "records"
    length = len(f"{start}{'0' * 20}.json")
    names = (name for name in os.listdir(folder) if name.startswith(start))
    return [folder / name for name in names if len(name) == length]


def name_of(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


@cache
def machine_card() -> dict[str, str]:
    """The machine as a reader would name it: processor, cores, system."""
    return {
        "cpu": processor(),
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
    }


def processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists() and (
        match := re.search(r"^model name\s*:\s*(.+)$", cpuinfo.read_text(), re.M)
    ):
        return match[1].strip()
    return platform.processor() or platform.machine()
