"""Run every snippet anew, past the records, and compare what came of it with what they say.

A record is trusted because its key names all that the run depends on. This looks whether that is
so: `python -m weave verify`, each night, on whatever machine the night gives.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from weave import figures, records, values
from weave.chapters import pages
from weave.execute import Progress, execute
from weave.inline import VALUE
from weave.labs import find
from weave.loom import DEFAULT
from weave.problems import Problem
from weave.records import Record, Warn


def verify(root: Path, paths: list[str], warn: Warn, progress: Progress) -> list[Problem]:
    """Where a new run says something else than the record that holds."""
    kept = held(root, paths, warn)
    if not kept:
        return [Problem(".weave/records", 1, "no record holds: there is nothing to compare with")]
    packages = {path: find(root, path).dependencies[1] for path in kept}
    shown = references(root)
    problems = []
    for path, outcome in execute(root, packages, DEFAULT, progress).items():
        source = find(root, path)
        if outcome["problem"]:
            problems.append(Problem(source.label, 1, outcome["problem"]))
        elif not source.machine_bound:
            old, new = kept[path], records.build(source, outcome)
            found = [*differences(old, new), *values_differ(root, old, new, shown)]
            problems += [Problem(source.label, 1, message) for message in found]
    return problems


def held(root: Path, paths: list[str], warn: Warn) -> dict[str, Record]:
    """The records that hold."""
    keys = {path: records.key(find(root, path)) for path in paths}
    found = {path: records.load(root, path, key, warn) for path, key in keys.items()}
    return {path: record for path, record in found.items() if record}


def differences(old: Record, new: Record) -> Iterator[str]:
    """What the pages show otherwise; on the same machine, whatever else is not the same."""
    if (old.error or {}).get("type") != (new.error or {}).get("type"):
        yield "it ended otherwise than its record says"
    if old.regions.keys() != new.regions.keys():
        yield "it ran through other regions than its record says"
    same_machine = old.machine == new.machine
    for name in old.regions.keys() & new.regions.keys():
        ours, theirs = old.regions[name], new.regions[name]
        if ours.output != theirs.output:
            yield f"region '{name}' printed {theirs.output!r}, the record has {ours.output!r}"
        drawn = [figure if same_machine else figures.labels(figure) for figure in ours.figures]
        again = [figure if same_machine else figures.labels(figure) for figure in theirs.figures]
        if drawn != again:
            yield f"region '{name}' drew another figure than the record has"
    if same_machine and old.values != new.values:
        names = [name for name in old.values if old.values[name] != new.values.get(name)]
        yield f"on the same machine, other values: {', '.join(names)}"


def references(root: Path) -> list[re.Match]:
    """Every value that the chapters and the ledger show, each as it is written there."""
    files = [*pages(root), *(root / "ledger").rglob("*.yml")]
    found = (match for file in sorted(files) for match in VALUE.finditer(file.read_text("utf-8")))
    return list({match[0]: match for match in found}.values())


def values_differ(root: Path, old: Record, new: Record, shown: list[re.Match]) -> Iterator[str]:
    """The values that a reader would see otherwise: digits that no page shows may differ."""
    module = old.path.removesuffix(".py").replace("/", ".") + "."
    for match in shown:
        if match["name"].startswith(module):
            ours, theirs = (say(root, {old.path: record}, match) for record in (old, new))
            if ours != theirs:
                yield f"`{match[0]}` is {theirs}, the record has {ours}"


def say(root: Path, known: Mapping[str, Record], match: re.Match) -> str | None:
    """A value as the English pages show it, or what hinders that."""
    try:
        return values.resolve(root, known, match, "en", tex=False)
    except values.ValueProblem as problem:
        return str(problem)
