"""What one build carries from event to event; `building` and `placing` share it."""

import logging
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from jinja2 import Environment

from weave import loom, twins
from weave.context import Context
from weave.dates import Dates
from weave.edition import Edition
from weave.glossary import Term
from weave.keeper import Keeper
from weave.ledger import Ledger
from weave.puzzles import Puzzle
from weave.reading_paths import ReadingPath
from weave.references import Reference
from weave.runs import Run
from weave.stage import Stage
from weave.stamp import Stamp
from weave.structure import Chapter
from weave.whole import Whole

log = logging.getLogger("mkdocs.hooks.weave")
# For what is no mistake of the book: `--strict` counts the warnings of MkDocs' own loggers.
aside = logging.getLogger("weave")


@dataclass
class Build:
    """What one `mkdocs build` or one round of `mkdocs serve` carries from event to event."""

    command: str = "build"
    stage: Stage | None = None
    old: Path = Path()  # the site as the build before left it
    finished: bool = False
    dates: Dates = field(default_factory=Dates)
    woven: loom.Woven = field(default_factory=loom.Woven)
    editions: list[Edition] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)
    terms: list[Term] = field(default_factory=list)
    names: dict[str, list[str]] = field(default_factory=dict)  # by place, for the search
    paths: list[ReadingPath] = field(default_factory=list)
    drifts: list[twins.Drift] = field(default_factory=list)
    puzzles: dict[str, list[Puzzle]] = field(default_factory=dict)
    references: dict[str, Reference] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    nested: bool = False
    seals: dict[str, str] = field(default_factory=dict)
    awaited: dict[str, Chapter] = field(default_factory=dict)
    context: Context | None = None
    keeper: Keeper | None = None  # of the edition that is being built
    whole: Whole | None = None  # that edition
    keepers: list[Keeper] = field(default_factory=list)  # of all editions of this build
    wholes: list[Whole] = field(default_factory=list)
    stamp: Stamp | None = None
    clearing: Thread | None = None  # removes what was served before
    clean: bool = True  # nothing to complain of
    env: Environment | None = None


now = Build()
