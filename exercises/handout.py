"""The file that a reader gets: the task in the reader's language, and a function with a hole."""

import ast
import textwrap
from pathlib import Path

from exercises.words import WORDS
from weave.puzzles import ROOT, Puzzle

TEMPLATE = '''"""{title}

{task}

{rules}{chapter}
{check}
"""

{code}
'''


def hand_out(puzzle: Puzzle, language: str, folder: Path) -> bool:
    """Write the reader's file, unless there is one already; whether it was written."""
    file, text = folder / puzzle.answer, handout(puzzle, language)
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open(file, "x", encoding="utf-8", newline="\n") as new:
            new.write(text)
    except FileExistsError:
        return False
    return True


def handout(puzzle: Puzzle, language: str) -> str:
    words = WORDS[language]
    rules = words["without"].format(", ".join(puzzle.without)) if puzzle.without else ""
    hole = code(puzzle, puzzle.name, f"    ...  # {words['here']}")
    return TEMPLATE.format(
        title=puzzle.title[language],
        task=puzzle.task[language].strip(),
        rules="".join(line + "\n" for line in textwrap.wrap(rules, 96)),
        chapter=words["chapter"].format(place(puzzle, language)),
        check=words["to_check"].format(f"{puzzle.name} --lang {language}"),
        code="\n" * hole.startswith("def ") + hole,
    )


def place(puzzle: Puzzle, language: str) -> str:
    """The file of the chapter, with the exercise if it is one."""
    page = next(ROOT.glob(f"docs/{language}/{puzzle.chapter}.*")).relative_to(ROOT).as_posix()
    return page + f"#{puzzle.exercise}" * bool(puzzle.exercise)


def code(puzzle: Puzzle, function: str, body: str = "") -> str:
    """A function of the puzzle's file under the puzzle's name, with the imports it needs.

    Its body is that of the puzzle's file, or `body`.
    """
    node = puzzle.functions[function]
    text = ast.get_source_segment(puzzle.source, node)
    text = text.replace(f"def {function}(", f"def {puzzle.name}(", 1)
    if body:
        lines = puzzle.source.split("\n")
        text = "\n".join([*lines[node.lineno - 1 : node.body[0].lineno - 1], body])
    imported = "\n".join(imports(puzzle, node))
    return imported + "\n\n\n" * bool(imported) + text


def imports(puzzle: Puzzle, function: ast.FunctionDef) -> list[str]:
    """The lines of the puzzle's file that import what a function uses."""
    used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    lines = []
    for node in puzzle.tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            wanted = [name for name in node.names if bound(name) in used]
            if wanted:
                lines.append(ast.unparse(type(node)(**(vars(node) | {"names": wanted}))))
    return lines


def bound(name: ast.alias) -> str:
    return name.asname or name.name.partition(".")[0]
