"""Plant one fault after another in a snippet's functions and see which ones its tests miss.

    python tools/mutate.py mechanics/rounding [--most 60] [--seed 0]

Each fault changes one operator, comparison, number, sign or return value in a function. A forked
process holds the changed module and runs the snippet's test file; a test that fails, or takes too
long, has caught the fault. Tests that only read the record of the page's run see the unchanged
module, so the count is a lower bound. Needs a system that can fork.
"""

import argparse
import ast
import copy
import os
import random
import signal
import sys
import time
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("MPLBACKEND", "agg")
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import hypothesis  # noqa: E402, F401  imported once, for all forks
import matplotlib.pyplot  # noqa: E402, F401
import numpy  # noqa: E402, F401
import pytest  # noqa: E402
import torch  # noqa: E402

torch.set_num_threads(1)
SECONDS = 60
OPERATORS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.MatMult: ast.Mult, ast.Pow: ast.Mult, ast.Mod: ast.Mult, ast.FloorDiv: ast.Mult,
}  # fmt: skip
COMPARISONS = {
    ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
}  # fmt: skip


def places(tree: ast.Module) -> list[int]:
    """The nodes inside functions that a fault can change, by their number in `ast.walk`."""
    inside = set()
    for top in tree.body:
        if isinstance(top, (ast.FunctionDef, ast.ClassDef)):
            for node in ast.walk(top):
                inside.add(id(node))
            for hint in annotations(top):
                inside -= {id(node) for node in ast.walk(hint)}
    nodes = enumerate(ast.walk(tree))
    return [number for number, node in nodes if id(node) in inside and change(copy.copy(node))]


def annotations(top: ast.AST) -> list[ast.AST]:
    found = []
    for node in ast.walk(top):
        found += [getattr(node, name, None) for name in ("annotation", "returns")]
    return [hint for hint in found if isinstance(hint, ast.AST)]


def change(node: ast.AST) -> bool:
    """Plant the fault that belongs to this kind of node; False where there is none."""
    if isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in OPERATORS:
        node.op = OPERATORS[type(node.op)]()
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
        node.ops = [COMPARISONS[type(node.ops[0])](), *node.ops[1:]]
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        node.value += 1
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node.op = ast.UAdd()
    elif isinstance(node, ast.Return) and node.value is not None:
        node.value = ast.copy_location(ast.Constant(None), node.value)
    else:
        return False
    return True


def with_fault(tree: ast.Module, number: int) -> tuple[ast.Module, str]:
    """A changed copy of the tree, and the change in words."""
    changed = copy.deepcopy(tree)
    node = list(ast.walk(changed))[number]
    before = ast.unparse(node)
    change(node)
    return changed, f"line {node.lineno}: {before}  ->  {ast.unparse(node)}"


def survives(tree: ast.Module, name: str, file: Path, tests: Path) -> bool:
    """Whether the tests pass with this module in the place of the real one."""
    pid = os.fork()
    if pid == 0:
        os.setsid()
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        status = 1
        try:
            module = types.ModuleType(name)
            module.__file__ = str(file)
            sys.modules[name] = module
            exec(compile(tree, str(file), "exec"), module.__dict__)
            status = int(pytest.main(["-x", "-p", "no:cacheprovider", "-n", "0", str(tests)]) != 0)
        finally:
            os._exit(status)
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return status == 0
        time.sleep(0.01)
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("snippet", nargs="+", help="mechanics/rounding")
    parser.add_argument("--most", type=int, default=60, help="faults per snippet, drawn at random")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    os.chdir(ROOT)
    enough = True
    for snippet in arguments.snippet:
        file = ROOT / "snippets" / f"{snippet}.py"
        part, _, topic = snippet.rpartition("/")
        tests = ROOT / "tests" / part / f"test_{topic}.py"
        tree = ast.parse(file.read_text(encoding="utf-8"))
        name = f"snippets.{snippet.replace('/', '.')}"
        if not survives(tree, name, file, tests):
            sys.exit(f"{tests} fails, or takes over {SECONDS} s, without a fault")
        numbers = places(tree)
        if not numbers:
            print(f"{snippet}: no function in which a fault could be planted")
            continue
        drawn = random.Random(arguments.seed).sample(numbers, min(arguments.most, len(numbers)))
        missed = []
        for number in sorted(drawn):
            changed, words = with_fault(tree, number)
            if survives(changed, name, file, tests):
                missed.append(words)
        share = 1 - len(missed) / len(drawn)
        enough &= share >= 0.9
        print(f"{snippet}: {len(drawn) - len(missed)} of {len(drawn)} faults caught ({share:.0%})")
        print("".join(f"  missed, {words}\n" for words in missed), end="", flush=True)
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
