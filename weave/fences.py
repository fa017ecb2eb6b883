"""Find a chapter's code, read what its snippet fences say, and blank it all."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import yaml

from weave.inline import FORMULA, Inline, blank, overwrite, read_inline
from weave.percent import SHOWN

YamlLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

FENCE = re.compile(r"(?P<indent>[ >]*)(?P<run>`{3,}|~{3,})[ ]*(?P<info>[^`]*)$")
CONTAINER = re.compile(r"\s*(!!!|\?\?\?|===|[-*+] |\d+\. |\[\^[^\]]+\]:|:   )")
LISTS = ("claim-counts", "ledger", "source-map", "glossary", "references", "runs", "guide",
         "paths")  # fmt: skip
VIEWS = (*LISTS, "drawing")
HIDDEN = re.compile(  # comments, and code spans, which never cross a blank line
    r"<!--.*?-->"
    r"|`(?<![\\`]`)(?P<more>`*+)(?:[^\n]|\n(?!\s*\n))+?(?<!`)`(?P=more)(?!`)",
    re.DOTALL,
)


class Snippet(NamedTuple):
    """A fence that shows a snippet's region, or a code cell of a lab."""

    target: str  # part/module.py:region, or docs/labs/lab.py:cell-1
    options: dict
    indent: int
    line: int
    end: int


class View(NamedTuple):
    """A fence that shows a list of the book, all of it or one source's part, or a drawing."""

    kind: str  # one of VIEWS
    source: str  # of the ledger; or what to show, as a snippet fence names it
    indent: int
    line: int
    end: int


def hide_spans(text: str) -> str:
    """Overwrite comments and code spans; lines and offsets stay as they were."""

    def hide(match: re.Match) -> str:
        return overwrite(match[0], "_" if match[0][0] == "`" else " ")

    return HIDDEN.sub(hide, text)


def take_fences(lines: list[str], found: Inline) -> list[Snippet | View]:
    """Return the fences that are woven; empty the lines of all fences and of indented code."""
    woven = []
    i, depth, after_blank = 0, 0, True
    while i < len(lines):
        line = lines[i]
        indent = len(line) - len(line.lstrip(" "))
        if not line:
            after_blank = True
        elif after_blank and indent >= depth + 4 and line[indent] != "<":
            lines[i] = ""
        elif cell := SHOWN.match(line):
            woven.append(Snippet(cell[1], {}, 0, i + 1, i + 1))
            lines[i], after_blank = "", True
        elif fence := FENCE.match(line):
            end, after = fence_end(lines, i, fence, found)
            place = len(fence["indent"]), i + 1, after
            body = [line[len(fence["indent"]) :] for line in lines[i + 1 : end]]
            kind = fence["info"].strip()
            if kind.split()[:1] == ["snippet"]:
                woven.append(Snippet(*read_snippet(body, i + 1, found), *place))
            elif kind == "cell":
                between = lines[woven[-1].end : i] if woven else []
                describe_cell(woven, body, any(between), place, found)
            elif kind in VIEWS:
                woven.append(View(kind, " ".join(body).strip(), *place))
            lines[i:after] = [""] * (after - i)
            i, after_blank = after - 1, True
        else:
            if after_blank:
                depth = min(depth, indent // 4 * 4)
            if CONTAINER.match(line):
                depth = indent // 4 * 4 + 4
            after_blank = False
        i += 1
    return woven


def fence_end(lines: list[str], start: int, fence: re.Match, found: Inline) -> tuple[int, int]:
    """Where a fence's body ends, and where the text goes on; an open one ends with its block."""
    indent, last = fence["indent"], len(lines)
    for i in range(start + 1, len(lines)):
        if lines[i] == indent + fence["run"]:
            return i, i + 1
        inner = FENCE.match(lines[i])
        if inner and inner["run"] == fence["run"] and inner["info"]:
            last = i
            break
        if lines[i] and not lines[i].startswith(indent.rstrip() if ">" in indent else indent):
            break
    kind = fence["info"] or "code"
    found.complain(start + 1, f"the {kind} fence is not closed at its indentation")
    for i in range(start + 1, last):
        if not lines[i] or lines[i].strip() == fence["run"]:
            return i, i + 1
    return last, last


def read_snippet(body: list[str], line: int, found: Inline) -> tuple[str, dict]:
    """A snippet fence's target and options; its figures' texts are read as prose."""
    target = body[0].strip() if body else ""
    if not target:
        found.complain(line, "the snippet fence does not say what to show on its first line")
    return target, read_options(body[1:], line + 2, found)


def read_options(body: list[str], first: int, found: Inline) -> dict:
    node, options = read_yaml("\n".join(body), first, "snippet options", found)
    for text, number in figure_texts(node, first):
        read_inline(hide_spans(text), number, found)
    return options


def describe_cell(
    woven: list[Snippet | View], body: list[str], late: bool, place: tuple, found: Inline
) -> None:
    """Give the code cell above a `cell` fence the fence's options and place."""
    options = read_options(body, place[1] + 1, found)
    above = woven[-1].target if woven and isinstance(woven[-1], Snippet) else ""
    if ":cell-" not in above or late:
        found.complain(place[1], "a cell fence stands right below the code cell that it is about")
        return
    woven[-1] = Snippet(above, options, *place)


def read_yaml(text: str, first: int, what: str, found: Inline) -> tuple[yaml.Node | None, dict]:
    """A YAML mapping as nodes, which know their lines, and as a dict; else a problem and {}."""
    if not text.strip():
        return None, {}
    try:
        loader = YamlLoader(text)
        node = loader.get_single_node()
        data = loader.construct_document(node) if node else {}
    except Exception as error:  # beside YAMLError, PyYAML lets many a kind through
        mark = getattr(error, "problem_mark", None)
        line = first + min(mark.line if mark else 0, text.count("\n"))
        reason = getattr(error, "problem", None) or str(error).split("\n")[0]
        found.complain(line, f"bad {what}: {reason}")
        return None, {}
    if not isinstance(data, dict):
        found.complain(first, f"bad {what}: not a mapping of names to values")
        return None, {}
    return node, data


def figure_texts(node: yaml.Node | None, first: int) -> Iterator[tuple[str, int]]:
    """Each figure's alt text, caption and labels, with its line in the chapter."""
    for key, figures in node.value if node else []:
        if key.value != "figures" or not isinstance(figures, yaml.SequenceNode):
            continue
        for figure in figures.value:
            for name, text in figure.value if isinstance(figure, yaml.MappingNode) else []:
                if name.value in ("alt", "caption") and isinstance(text, yaml.ScalarNode):
                    yield text.value.replace("\n", " "), first + text.start_mark.line
                if name.value == "labels" and isinstance(text, yaml.MappingNode):
                    for _, label in text.value:
                        # A formula is drawn in both languages; named or not, it is the same.
                        yield blank(FORMULA, str(label.value)), first + label.start_mark.line
