"""Which names of the snippets mean something else than before a change, and who imports them.

A change below a snippet's guard reaches nobody who imports it; that of a function reaches those
who import it, or what uses it.
"""

import ast
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

EVERY = "*"  # all names of a module: what else its top level does could change any of them
Names = dict[str, set[str]]  # by the module's path from the root
Imports = set[tuple[str, str]]  # of a module's path, a name in it or EVERY


class Module(NamedTuple):
    """What a module's top level binds, as far as another module can see it."""

    code: dict[str, str]  # what makes each name, without places
    uses: dict[str, set[str]]  # the names that stand in it
    imports: dict[str, Imports]  # what each imported name means, wherever it is imported


def read_module(text: str, root: Path) -> Module:
    """Raises SyntaxError."""
    tree = ast.parse(text)
    code: dict[str, str] = {}
    uses: dict[str, set[str]] = {}
    for node in filter(counts, tree.body):
        for name in bound(node):
            code[name] = code.get(name, "") + ast.dump(node)
            found = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
            uses[name] = uses.get(name, set()) | found
    return Module(code, uses, imported(tree, root))


def counts(node: ast.stmt) -> bool:
    """Not what a text alone says, nor what stands under the guard."""
    guard = isinstance(node, ast.If) and "__name__" in ast.dump(node.test)
    return not guard and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def bound(node: ast.stmt) -> set[str]:
    """The names that a statement makes; EVERY where it may do more than that."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    targets = node.targets if isinstance(node, ast.Assign) else [None]
    if isinstance(node, (ast.AnnAssign, ast.AugAssign)):
        targets = [node.target]
    plain = all(isinstance(target, ast.Name) for target in targets)
    return {target.id for target in targets} if plain else {EVERY}


def imported(tree: ast.Module, root: Path) -> dict[str, Imports]:
    """Names that mean a snippet or a name in one."""
    found: dict[str, Imports] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                found.setdefault(name, set()).add((path_of(alias.name), EVERY))
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                whole = path_of(f"{node.module}.{alias.name}")
                there = (root / whole).is_file()
                target = (whole, EVERY) if there else (path_of(node.module), alias.name)
                found.setdefault(alias.asname or alias.name, set()).add(target)
    return found


def path_of(module: str) -> str:
    return f"{module.replace('.', '/')}.py"


def touched(paths: Iterable[str], before: Callable[[str], str], root: Path) -> Names:
    """The names of the snippets at `paths` that mean something else than `before`.

    Every name of a module that cannot be read, then or now. Raises nothing.
    """
    found: Names = {}
    modules: dict[str, Module] = {}
    for path in paths:
        try:
            modules[path] = now = read_module((root / path).read_text(encoding="utf-8"), root)
            then = read_module(before(path), root)
        except (OSError, SyntaxError, ValueError):
            found[path] = {EVERY}
            continue
        names = now.code.keys() | then.code.keys()
        found[path] = {name for name in names if now.code.get(name) != then.code.get(name)}
    while spread(modules, found):
        pass
    return found


def spread(modules: dict[str, Module], found: Names) -> bool:
    """Add the names that use one that is found; whether there were any."""
    more = False
    for path, module in modules.items():
        known = found[path]
        alive = {name for name, means in module.imports.items() if meets(means, found)}
        new = {name for name, uses in module.uses.items() if uses & (known | alive)} | (
            alive & module.code.keys()
        )
        if new - known:
            known |= new
            more = True
    return more


def meets(means: Imports, found: Names) -> bool:
    """Whether one of these imports brings in a name that is found."""
    return any(
        names and (name == EVERY or name in names or EVERY in names)
        for path, name in means
        if (names := found.get(path))
    )


def imports_any(text: str, found: Names, root: Path) -> bool:
    """Whether a source imports a name that is found; raises SyntaxError."""
    return any(meets(means, found) for means in imported(ast.parse(text), root).values())
