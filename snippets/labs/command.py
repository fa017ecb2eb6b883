"""The command line that all labs share: measure, record, and compare.

    python -m snippets.labs.cpu_ladder --record
    python -m snippets.labs.cpu_ladder --out my.json --against runs/<device>/<run>.json
    python -m snippets.labs.cpu_ladder --run my.json --against runs/<device>/<run>.json
"""
import argparse
import json
import locale
import os
import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from snippets.labs import compare, machine, records
from snippets.labs.lab import Lab
from snippets.labs.records import Record, RecordError

LIMIT = 600  # seconds that a run may take
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
CHILD = "MATMUL_BOOK_MEASURES"  # set in the process that measures: what was taken from it, as JSON


def main(lab: Lab) -> None:
    """Do what the command line asks for; return where it asks for nothing."""
    if len(sys.argv) == 1:
        return
    options = parse(lab, sys.argv[1:])
    if not options.run and CHILD not in os.environ:
        sys.exit(start_child())
    try:
        record = records.load(options.run) if options.run else measure(lab, options)
        for file in options.against:
            show(record, records.load(file), options)
    except RecordError as fault:
        sys.exit(str(fault))
    sys.exit(0)


def parse(lab: Lab, arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=f"python -m {module()}", description=f"Measure the lab {lab.name} on this machine."
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--record", action="store_true", help="measure, and keep the run in runs/")
    what.add_argument("--out", type=Path, metavar="FILE", help="measure, and keep the run in FILE")
    what.add_argument("--run", type=Path, metavar="FILE", help="take the run that FILE holds")
    parser.add_argument("--against", type=Path, nargs="+", default=[], metavar="FILE",
                        help="compare with recorded runs")  # fmt: skip
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw it, as .svg or .png")
    parser.add_argument("--quick", action="store_true", help="only what takes a few seconds")
    parser.add_argument("--lang", choices=compare.WORDS, default=language(), help="zh or en")
    parser.add_argument("--commit", type=commit, help="of this tree, where no git can tell it")
    options = parser.parse_args(arguments)
    if options.run and not options.against:
        parser.error("--run needs --against")
    if options.plot and len(options.against) != 1:
        parser.error("--plot needs one run to compare with")
    return options


def commit(text: str) -> str:
    if not re.fullmatch("[0-9a-f]{40}", text):
        raise argparse.ArgumentTypeError(f"a commit has 40 hexadecimal digits, not '{text}'")
    return text


def module() -> str:
    """The lab's module, by the name under which `python -m` started it."""
    spec = sys.modules["__main__"].__spec__
    if spec is None:
        sys.exit("start it as a module: python -m snippets.labs.<lab>")
    return spec.name


def language() -> str:
    name = os.environ.get("LANG") or locale.getlocale()[0] or ""
    return "zh" if name.lower().startswith(("zh", "chinese")) else "en"


def start_child() -> int:
    """Measure in a process without variables that pin the libraries, and with one thread."""
    kept, removed = {}, {}
    for name, value in os.environ.items():
        pins = machine.BLAS.fullmatch(name)
        (removed if pins else kept)[name] = value
    for name, value in removed.items():
        say(f"measuring without {name}={value}")
    say("measuring with one thread")
    environment = kept | dict.fromkeys(THREADS, "1") | {CHILD: json.dumps(removed)}
    command = [sys.executable, "-m", module(), *sys.argv[1:]]
    try:
        return subprocess.run(command, env=environment, timeout=LIMIT, check=False).returncode
    except subprocess.TimeoutExpired:
        say(f"still measuring after {LIMIT} s: ended, nothing is kept")
        return 1


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def measure(lab: Lab, options: argparse.Namespace) -> Record:
    """Run the lab and write its record down where it was asked for."""
    device = lab.device()
    data = describe(lab, options, device)
    file = records.place(data) if options.record else options.out
    if options.record and file.exists():
        raise RecordError(f"{file}: there is such a run already; remove it first")
    before, start, during = machine.state(device), seconds(), []

    def progress(line: str) -> None:
        say(line)
        during.append(machine.state(device))

    cells = lab.run(options.quick, progress)
    wall, cpu = (now - then for now, then in zip(seconds(), start, strict=True))
    busy = round(wall / max(cpu, 1e-3), 3)
    data["machine"] = machine.card(device)  # now that all libraries are loaded
    states = {"before": before, "during": during, "after": machine.state(device)}
    data["state"] = states | {"wall_per_cpu": busy}
    data["cells"] = records.plain(cells)
    if file:
        records.store(data, file)
        say(f"kept in {file}")
    return Record(file or Path("this run"), data)


def describe(lab: Lab, options: argparse.Namespace, device: str) -> dict:
    """All that a record says before anything is measured."""
    commit, dirty = (options.commit, False) if options.commit else revision()
    if options.record and commit == "unknown":
        raise RecordError("no git can tell which commit this is: give it with --commit")
    return {
        "schema": records.SCHEMA,
        "lab": lab.name,
        "label": "recorded" if options.record else "local",
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "commit": commit,
        "dirty": dirty,
        "command": f"python -m {module()} {' '.join(sys.argv[1:])}",
        "versions": machine.versions(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "machine": machine.card(device),
        "environment": machine.environment(),
        "removed": json.loads(os.environ[CHILD]),
        "method": {"rounds": lab.rounds, "quick": options.quick, "threads": 1},
    }


def seconds() -> tuple[float, float]:
    """By the wall, and of the processor: of this process and of those it waited for."""
    used = os.times()
    return perf_counter(), sum(used[:4])


def revision() -> tuple[str, bool]:
    """The commit, and whether tracked files differ from it."""
    top = str(records.RUNS.parent)
    commit = machine.run("git", "-C", top, "rev-parse", "HEAD")
    status = machine.run("git", "-C", top, "status", "--porcelain", "--untracked-files=no")
    return commit or "unknown", bool(status)


def show(record: Record, other: Record, options: argparse.Namespace) -> None:
    rows = compare.join(record, other)
    print(compare.table(record, other, rows, options.lang))
    if options.plot:
        compare.plot(record, other, rows, options.plot)
        say(f"drawn in {options.plot}")
