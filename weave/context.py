"""What the Markdown extension is told of the page that it converts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from weave.edition import name_of
from weave.percent import is_lab, lab_of
from weave.problems import Problem
from weave.records import Record
from weave.shelf import Shelf


@dataclass
class Context:
    """The page that is being converted, and the records that it is woven from."""

    root: Path
    language: str = "en"
    path: str = "page"
    offset: int = 0  # lines of front matter above what is converted
    records: Mapping[str, Record] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    link: str = ""  # of a file of the repository, with {path}, {first} and {last}
    shelf: Shelf = field(default_factory=Shelf)
    problems: list[Problem] = field(default_factory=list)
    files: dict[str, str] | None = None  # to stand beside the page; None where nothing can

    @property
    def page(self) -> str:
        """The page as the ledger names it: ``part/topic``."""
        return name_of(self.path.removeprefix(f"docs/{self.language}/"))

    @property
    def lab(self) -> str:
        """The lab whose cells the page shows, if it is one."""
        return lab_of(self.path) if is_lab(self.path) else ""

    def complain(self, line: int, message: str) -> None:
        self.problems.append(Problem(self.path, line, message))
