"""The author's command line: `python -m weave run [module…]`, `status`, `verify`, `clean`."""

import argparse
import shutil
import sys
from pathlib import Path

from weave import export, loom, records
from weave.chapters import collect
from weave.labs import find
from weave.problems import did_you_mean
from weave.values import modules
from weave.verify import verify


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m weave", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run snippets anew where needed; print what they print")
    run.add_argument("module", nargs="*", help="mechanics/rounding or docs/labs/cube.py")
    commands.add_parser("status", help="which snippets have a record that holds")
    commands.add_parser("verify", help="run all anew and compare with the records that hold")
    commands.add_parser("notebooks", help="write every page's notebook to notebooks/")
    commands.add_parser("clean", help="remove all records")
    arguments = parser.parse_args()
    root = Path.cwd()
    if arguments.command == "run":
        return run_modules(root, arguments.module)
    if arguments.command == "notebooks":
        return write_notebooks(root)
    if arguments.command == "status":
        return status(root)
    if arguments.command == "verify":
        return compare_all(root)
    shutil.rmtree(root / ".weave", ignore_errors=True)
    return 0


def run_modules(root: Path, names: list[str]) -> int:
    expected = collect(root)
    known = modules(root)
    paths = [name if name in expected else path_of(name) for name in names]
    for path in paths:
        if path not in known and path not in expected:
            print(f"no snippet snippets/{path}{did_you_mean(path, known)}", file=sys.stderr)
            return 2
    wanted = {path: expected.get(path) for path in paths} or expected
    woven = loom.weave(root, wanted, warn=complain, progress=loom.Report(len(wanted), complain))
    for path in paths:
        if path in woven.records:
            show(woven.records[path])
    for problem in woven.problems:
        complain(str(problem))
    return 1 if woven.problems else 0


def write_notebooks(root: Path) -> int:
    expected = collect(root)
    woven = loom.weave(root, expected, warn=complain, progress=loom.Report(len(expected), complain))
    for problem in woven.problems:
        complain(str(problem))
    if not woven.problems:
        complain(f"wrote {export.write(root, woven.records)} notebooks")
    return 1 if woven.problems else 0


def path_of(name: str) -> str:
    return name.removesuffix(".py").replace(".", "/").replace("-", "_") + ".py"


def show(record: records.Record) -> None:
    for name, region in record.regions.items():
        if region.output or region.figures:
            drawn = f" ({len(region.figures)} figure(s))" if region.figures else ""
            print(f"— {record.path}:{name or 'outside regions'}{drawn}, {region.seconds:.2f} s")
            print(region.output, end="")
    print("— values")
    for name, value in record.values.items():
        print(f"{name} = {value!r}"[:120])


def status(root: Path) -> int:
    missing = 0
    for path in sorted(collect(root)):
        source = find(root, path)
        try:
            record = records.load(root, path, records.key(source), complain)
        except SyntaxError as fault:
            print(f"{source.label}:{fault.lineno}: SyntaxError: {fault.msg}")
            record = None
        missing += record is None
        state = f"{record.date}, {record.seconds:.2f} s" if record else "to be run"
        print(f"{path:50} {state}")
    return 1 if missing else 0


def compare_all(root: Path) -> int:
    paths = sorted(collect(root))
    problems = verify(root, paths, complain, loom.Report(len(paths), complain))
    print(*problems, sep="\n", end="\n" if problems else "")
    return 1 if problems else 0


def complain(message: str) -> None:
    print(message, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
