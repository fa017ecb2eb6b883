"""What runs: a snippet, or the code cells of a lab."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from weave import percent
from weave.source import Source, digest_of

LANGUAGES = ("zh", "en")


@dataclass(frozen=True)
class Lab(Source):
    """The code of ``docs/*/labs/<lab>.py``, named ``docs/labs/<lab>.py``.

    Every language's page has the same code (`parity` sees to it). That of the first is run, so
    messages name its lines. Each cell is a region.
    """

    @cached_property
    def label(self) -> str:
        top, _, rest = self.path.partition("/")
        labels = [f"{top}/{language}/{rest}" for language in LANGUAGES]
        return next((label for label in labels if (self.root / label).is_file()), labels[0])

    @cached_property
    def file(self) -> Path:
        return self.root / self.label

    @property
    def package(self) -> str:
        return ""

    @cached_property
    def digest(self) -> str:
        """Of the code alone: another word in a Markdown cell runs nothing anew."""
        return digest_of("\n# %%\n".join(map(self.code, self.regions)))

    @cached_property
    def regions(self) -> dict[str, tuple[int, int]]:
        return percent.code_cells(self.lines)


def find(root: Path, path: str) -> Source:
    """A snippet by its path below ``snippets``, or a lab by its name."""
    return Lab(root, path) if path.startswith("docs/") else Source(root, path)


def label(path: str) -> str:
    """What progress calls it, in whatever language it lies."""
    return path if path.startswith("docs/") else f"snippets/{path}"
