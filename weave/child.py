"""Runs one snippet as ``__main__``, statement by statement, and writes down what it did.

Lives in a process of its own that has nothing else to do: `forked` and `execute` start it.
"""

import __future__

import ast
import contextlib
import importlib
import json
import linecache
import os
import random
import sys
import tempfile
import time
import traceback
import types
from pathlib import Path
from typing import Any, BinaryIO

from weave import drawings
from weave.guard import Watch, read_on, redirect
from weave.labs import find
from weave.namespace import collect_values, libraries, repository_modules
from weave.source import Source, SourceError


def main(root: Path, path: str, workdir: Path) -> None:
    """Run a snippet or a lab with ``workdir`` as its directory; leave ``result.json`` beside it.

    The file appears only after the last statement, by a rename: it is the end marker.
    """
    before = len(sys.modules)
    source = find(root, path)
    output = workdir.parent / "output"
    redirect(output)
    scratch = workdir.parent / "result.tmp"
    watch = Watch(root, workdir)
    os.chdir(workdir)
    # Else temporary files would go where the process that this one was forked from has put some.
    tempfile.tempdir = os.environ["TMPDIR"] = str(workdir)
    reseed(source.dependencies[1])
    with open(output, "rb", buffering=0) as written:
        result = run(source, written)
    result["values"], result["others"] = collect_values(sys.modules["__main__"].__dict__)
    result["inputs"] = sorted(watch.read | repository_modules(root, before))
    result["started"] = watch.started
    result["source"] = source.digest
    result["libraries"] = libraries()
    os.chdir(workdir.parent)
    scratch.write_text(json.dumps(result), encoding="utf-8")
    scratch.replace(workdir.parent / "result.json")


def reseed(packages: set[str]) -> None:
    """Generators start alike whether the process was forked or started afresh."""
    random.seed(0)
    with contextlib.suppress(ImportError):  # the snippet's own import says it better
        if "numpy" in packages:
            importlib.import_module("numpy").random.seed(0)
        if "torch" in packages:
            importlib.import_module("torch").manual_seed(0)


def run(source: Source, output: BinaryIO) -> dict[str, Any]:
    """Execute all statements; what each region printed, drew and took, or the error."""
    module = types.ModuleType("__main__")
    module.__file__ = str(source.file)
    module.__package__ = source.package
    sys.modules["__main__"] = module
    sys.argv = [module.__file__]
    segments: list[dict[str, Any]] = []
    try:
        linecache.cache[source.label] = (
            len(source.text), None, source.text.splitlines(keepends=True), source.label,
        )  # fmt: skip
        flags = future_flags(source.tree)
        regions = source.regions
        for statement in source.statements():
            region = region_of(source, statement)
            began = time.perf_counter()
            error = execute(statement, flags, source, module)
            seconds = time.perf_counter() - began
            taken = take_figures()
            segments.append(
                {"region": region, "seconds": seconds,
                 "figures": [drawings.clean(svg) for svg, _ in taken],
                 "tables": [table for _, table in taken],
                 "output": read_on(output).hex()}
            )  # fmt: skip
            if error:
                return {"segments": segments, "error": error | {"region": region}}
        if left := open_figures():
            last = max(end for _, end in regions.values()) if regions else 1
            raise SourceError(last, f"{left} figure(s) left open: end the region with plt.show()")
    except SyntaxError as fault:
        return failed(segments, fault.lineno or 1, "SyntaxError", fault.msg)
    except (SourceError, drawings.FigureError) as fault:
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


def take_figures() -> list[tuple[str, list]]:
    if not (capture := sys.modules.get("weave.capture")):
        return []
    taken = capture.shown[:]
    capture.shown.clear()
    return taken


def open_figures() -> int:
    pyplot = sys.modules.get("matplotlib.pyplot")
    return len(pyplot.get_fignums()) if pyplot else 0
