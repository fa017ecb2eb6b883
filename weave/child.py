"""Runs one snippet as ``__main__``, statement by statement, and writes down what it did.

Lives in a process of its own that has nothing else to do: see `fork` and `spawn`.
"""

import __future__

import ast
import json
import linecache
import math
import os
import random
import sys
import time
import traceback
import types
from pathlib import Path
from typing import Any

from weave import figures
from weave.source import Source, SourceError

MAX_STRING = 200
MAX_ENTRIES = 64
WRITE_EVENTS = {"os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.truncate", "os.chmod"}
WRITE_EVENTS |= {"os.link", "os.symlink", "shutil.rmtree"}
WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def main(root: Path, path: str, workdir: Path) -> None:
    """Run ``snippets/<path>`` with ``workdir`` as its directory; leave ``result.json`` beside it.

    The file appears only after the last statement, by a rename: it is the end marker.
    """
    source = Source(root, path)
    output = workdir.parent / "output"
    redirect(output)
    scratch = workdir.parent / "result.tmp"
    read_files = guard_files(root, workdir)
    os.chdir(workdir)
    reseed()
    result = run(source, output)
    result["values"], result["others"] = collect_values(sys.modules["__main__"].__dict__)
    result["inputs"] = sorted(read_files | repository_modules(root))
    result["libraries"] = libraries()
    os.chdir(workdir.parent)
    scratch.write_text(json.dumps(result), encoding="utf-8")
    scratch.replace(workdir.parent / "result.json")


def redirect(path: Path) -> None:
    """Send stdout and stderr, also those of subprocesses, to one file, in the order written."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0))
    for stream, number in (("stdout", 1), ("stderr", 2)):
        os.dup2(descriptor, number)
        setattr(
            sys,
            stream,
            open(number, "w", encoding="utf-8", errors="backslashreplace", closefd=False),
        )
        getattr(sys, stream).reconfigure(write_through=True)


def read_from(path: Path, start: int) -> bytes:
    with open(path, "rb") as file:
        file.seek(start)
        return file.read(1 << 17)


def guard_files(root: Path, workdir: Path) -> set[str]:
    """Refuse writes outside the working directory; collect what is read from the repository."""
    allowed = [os.path.realpath(workdir.parent), "/dev/", os.environ.get("MPLCONFIGDIR", "/dev/")]
    top = os.path.realpath(root) + os.sep
    seen: set[str] = set()

    def audit(event: str, arguments: tuple) -> None:
        if event == "open":
            target, _, flags = arguments
            if not isinstance(target, (str, bytes)):
                return
            place = os.path.realpath(os.fsdecode(target))
            if flags & WRITE_FLAGS:
                refuse(place)
            elif place.startswith(top) and os.path.isfile(place):
                seen.add(place[len(top) :].replace(os.sep, "/"))
        elif event in WRITE_EVENTS:
            for target in arguments[:2]:
                if isinstance(target, (str, bytes)):
                    refuse(os.path.realpath(os.fsdecode(target)))

    def refuse(place: str) -> None:
        if not place.startswith(tuple(allowed)):
            raise PermissionError(f"a snippet may write only in its own directory, not to {place}")

    sys.addaudithook(audit)
    return seen


def reseed() -> None:
    """Generators start alike whether the process was forked or started afresh."""
    random.seed(0)
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed(0)
    if torch := sys.modules.get("torch"):
        torch.manual_seed(0)


def run(source: Source, output: Path) -> dict[str, Any]:
    """Execute all statements; what each region printed, drew and took, or the error."""
    module = types.ModuleType("__main__")
    module.__file__ = str(source.file)
    module.__package__ = ".".join(["snippets", *source.path.split("/")[:-1]])
    sys.modules["__main__"] = module
    segments: list[dict[str, Any]] = []
    try:
        linecache.cache[source.label] = (
            len(source.text), None, source.text.splitlines(keepends=True), source.label,
        )  # fmt: skip
        flags = future_flags(source.tree)
        regions = source.regions
        for statement in source.statements():
            region = region_of(source, statement)
            start, began = output.stat().st_size, time.perf_counter()
            error = execute(statement, flags, source, module)
            seconds = time.perf_counter() - began
            drawn = [figures.clean(svg) for svg in take_figures()]
            segments.append(
                {"region": region, "seconds": seconds, "figures": drawn,
                 "output": read_from(output, start).hex()}
            )  # fmt: skip
            if error:
                return {"segments": segments, "error": error | {"region": region}}
        if left := open_figures():
            last = max(end for _, end in regions.values()) if regions else 1
            raise SourceError(last, f"{left} figure(s) left open: end the region with plt.show()")
    except SyntaxError as fault:
        return failed(segments, fault.lineno or 1, "SyntaxError", fault.msg)
    except (SourceError, figures.FigureError) as fault:
        line = getattr(fault, "line", None) or statement.lineno
        return failed(segments, line, "", str(fault))
    return {"segments": segments, "error": None}


def failed(segments: list, line: int, kind: str, message: str) -> dict[str, Any]:
    error = {"line": line, "type": kind, "message": message, "traceback": "", "region": None}
    return {"segments": segments, "error": error}


def future_flags(tree: ast.Module) -> int:
    return sum(
        getattr(__future__, alias.name).compiler_flag
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "__future__"
        for alias in node.names
    )


def region_of(source: Source, statement: ast.stmt) -> str | None:
    first, last = (source.region_at(line) for line in (statement.lineno, statement.end_lineno))
    inside = {
        name for name, (start, end) in source.regions.items()
        if start <= statement.end_lineno and statement.lineno <= end
    }  # fmt: skip
    definition = isinstance(statement, (ast.FunctionDef, ast.ClassDef))
    if not definition and (first != last or inside - {first}):
        raise SourceError(statement.lineno, f"region '{min(inside)}' cuts through a statement")
    return first


def execute(
    statement: ast.stmt, flags: int, source: Source, module: types.ModuleType
) -> dict[str, Any] | None:
    """Run one statement in the module; an error is returned, not raised."""
    code = compile(
        ast.Module([statement], []), source.label, "exec", flags=flags, dont_inherit=True
    )
    try:
        exec(code, module.__dict__)
    except BaseException as fault:
        frames = traceback.extract_tb(fault.__traceback__)[1:]
        own = [frame for frame in frames if frame.filename == source.label]
        fault.__traceback__ = fault.__traceback__ and fault.__traceback__.tb_next
        return {
            "line": own[-1].lineno if own else statement.lineno,
            "type": type(fault).__name__,
            "message": str(fault),
            "traceback": "".join(traceback.format_exception(fault)),
        }
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return None


def take_figures() -> list[str]:
    if not (capture := sys.modules.get("weave.capture")):
        return []
    taken = capture.shown[:]
    capture.shown.clear()
    return taken


def open_figures() -> int:
    pyplot = sys.modules.get("matplotlib.pyplot")
    return len(pyplot.get_fignums()) if pyplot else 0


def collect_values(namespace: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Variables that a page may name, and what the others are (for messages)."""
    values, others = {}, {}
    for name, value in namespace.items():
        if name.startswith("_") or isinstance(value, (types.ModuleType, types.FunctionType, type)):
            continue
        try:
            values[name] = to_value(value)
        except TypeError:
            shape = getattr(value, "shape", None)
            others[name] = type(value).__name__ + (f" of shape {tuple(shape)}" if shape else "")
    return values, others


def to_value(value: Any) -> Any:
    """A number, boolean, short string, or a container of at most 64 of those; else TypeError."""
    leaves = 0

    def convert(item: Any) -> Any:
        nonlocal leaves
        if hasattr(item, "tolist") and hasattr(item, "shape"):  # array, tensor or scalar of either
            if math.prod(item.shape) > MAX_ENTRIES:
                raise TypeError
            item = item.tolist()
        if isinstance(item, (list, tuple)):
            return [convert(part) for part in item]
        if isinstance(item, dict):
            return {str(key): convert(part) for key, part in item.items()}
        leaves += 1
        plain = item is None or isinstance(item, (bool, int, float))
        short = isinstance(item, str) and len(item) <= MAX_STRING
        if leaves > MAX_ENTRIES or not (plain or short):
            raise TypeError
        return item

    return convert(value)


def repository_modules(root: Path) -> set[str]:
    """Files of the book's snippets that were imported, by whatever name."""
    top = root / "snippets"
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    paths = [Path(file) for file in files if file]
    return {path.relative_to(root).as_posix() for path in paths if path.is_relative_to(top)}


def libraries() -> dict[str, str]:
    """What the run was computed with, for the machine card."""
    found = {"python": sys.version.split()[0]}
    for name in ("numpy", "torch", "matplotlib"):
        if module := sys.modules.get(name):
            found[name] = module.__version__
    if numpy := sys.modules.get("numpy"):
        blas = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]
        found["blas"] = f"{blas['name']} {blas['version']}"
    if torch := sys.modules.get("torch"):
        found["torch_simd"] = torch.backends.cpu.get_cpu_capability()
        found["torch_threads"] = str(torch.get_num_threads())
    return found
