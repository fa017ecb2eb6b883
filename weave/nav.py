"""The order of the pages in MkDocs' configuration: read it, compare it between languages."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from weave.compare import Part, Side, compare
from weave.fences import YamlLoader
from weave.problems import Problem, did_you_mean


class Nav(NamedTuple):
    path: str
    line: int
    entries: list[Part]  # key: depth and page; a section has no page


def read_nav(path: str, root: Path) -> tuple[Nav, list[Problem]]:
    """The nav of a configuration file; empty, with a problem, where there is none."""
    try:
        with open(root / path, encoding="utf-8") as file:
            document = yaml.compose(file, Loader=YamlLoader)
        nodes = {key.value: (key, value) for key, value in document.value}
        key, nav = nodes["nav"]
        return Nav(path, key.start_mark.line + 1, list(read_entries(nav, 1))), []
    except yaml.YAMLError as error:
        line, message = error.problem_mark.line + 1, f"bad YAML: {error.problem}"
    except (OSError, KeyError, AttributeError, TypeError, ValueError):
        line, message = 1, "there is no nav"
    return Nav(path, 1, []), [Problem(path, line, message)]


def read_entries(nodes: yaml.SequenceNode, depth: int) -> Iterator[Part]:
    for node in nodes.value:
        line = node.start_mark.line + 1
        target = node.value[0][1] if isinstance(node, yaml.MappingNode) else node
        if isinstance(target, yaml.SequenceNode):
            yield Part((depth, None), f"(a section at level {depth})", line)
            yield from read_entries(target, depth + 1)
        else:
            yield Part((depth, target.value), f"`{target.value}` at level {depth}", line)


def check_nav(nav: Nav, pages: set[str], folder: str) -> Iterator[Problem]:
    """Entries that name a page which is not there."""
    for (_, page), _, line, _ in nav.entries:
        if page and "://" not in page and page not in pages:
            message = f"the nav names `{page}`, which is not in {folder}{did_you_mean(page, pages)}"
            yield Problem(nav.path, line, message)


def compare_navs(ours: Nav, theirs: Nav) -> Iterator[Problem]:
    """Differences in pages, order and nesting."""
    if ours.entries and theirs.entries:
        yield from compare("nav entry", *(Side(*nav) for nav in (ours, theirs)))
