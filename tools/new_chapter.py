"""Lay down the files of a chapter: `python tools/new_chapter.py mechanics my-topic`.

Both pages, a snippet, solutions and tests, with their lines in the navs and on the part's opening
pages. They build and pass at once. The pages say `draft: true` until somebody has written them.
"""

import argparse
import keyword
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from weave.check import BLANKS  # noqa: E402

TEMPLATES = Path(__file__).parent / "chapter"
LANGUAGES = {"zh": "mkdocs.yml", "en": "mkdocs.en.yml"}
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class Refused(Exception):
    """Why nothing was laid down, in one line."""


def lay_down(root: Path, part: str, name: str) -> list[str]:
    """Write a chapter's files and lines; all of them or, with `Refused`, none."""
    check(root, part, name)
    new = files(part, name)
    for path in new:
        if (root / path).exists():
            raise Refused(f"there is a {path} already: choose another name")
    edited = {}
    for language, config in LANGUAGES.items():
        text = (root / config).read_text(encoding="utf-8")
        edited[config] = with_nav_line(text, part, name, config)
        path = opener(root, part, language)
        line = entry(root, path, part, name, language)
        edited[path] = with_entry((root / path).read_text(encoding="utf-8"), line, part, path)
    for path, text in (new | edited).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8", newline="\n")
    return [*new, *edited]


def check(root: Path, part: str, name: str) -> None:
    """Raise `Refused` unless a chapter can have this part and this name."""
    docs = root / "docs" / "zh"
    parts = sorted({page.parent.relative_to(docs).as_posix() for page in docs.glob("*/**/*.md")})
    if part not in parts:
        raise Refused(f"there is no part `{part}`: choose one of {', '.join(parts)}")
    if not NAME.fullmatch(name):
        raise Refused(f"`{name}`: a name is lower-case words with hyphens, such as my-topic")
    module = name.replace("-", "_")
    if module in sys.stdlib_module_names or keyword.iskeyword(module):
        raise Refused(f"`{name}`: Python has a module or a word of that name; choose another")
    if name == "index" or module.endswith("_solutions"):
        raise Refused(f"`{name}` has a meaning of its own here; choose another")


def files(part: str, name: str) -> dict[str, str]:
    """The new files, by their paths."""
    folder, module = part.replace("-", "_"), name.replace("-", "_")
    words = {
        "TITLE": name.replace("-", " ").capitalize(), "PATH": f"{folder}/{module}",
        "PART": part, "NAME": name, "MODULE": f"{folder}/{module}".replace("/", "."),
    }  # fmt: skip
    places = {
        "snippet.py": f"snippets/{folder}/{module}.py",
        "solutions.py": f"snippets/{folder}/{module}_solutions.py",
        "test.py": f"tests/{folder}/test_{module}.py",
        "test_solutions.py": f"tests/{folder}/test_{module}_solutions.py",
        "zh.md": f"docs/zh/{part}/{name}.md",
        "en.md": f"docs/en/{part}/{name}.md",
    }
    return {path: filled(template, words) for template, path in places.items()}


def filled(template: str, words: dict[str, str]) -> str:
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    return re.sub(r"TITLE|PATH|PART|NAME|MODULE", lambda match: words[match[0]], text)


def with_nav_line(text: str, part: str, name: str, path: str) -> str:
    """The configuration with the chapter behind its part's last; all else stays as it is."""
    lines = text.splitlines(keepends=True)
    pattern = re.compile(rf"( *- )(?:.*: )?{re.escape(part)}/[\w-]+\.md *(#.*)?\n?$")
    found = [(number, match) for number, line in enumerate(lines) if (match := pattern.match(line))]
    if not found:
        raise Refused(f"{path} lists no page of {part}: add one there first")
    number, match = found[-1]
    lines[number] = lines[number].rstrip("\n") + "\n"
    lines.insert(number + 1, f"{match[1]}{part}/{name}.md\n")
    return "".join(lines)


def opener(root: Path, part: str, language: str) -> str:
    """The page that lists a part's chapters: its own index, or the one above it."""
    for folder in (part, *(above.as_posix() for above in Path(part).parents)):
        path = f"docs/{language}/{folder}/index.md"
        if (root / path).is_file():
            return path
    raise Refused(f"there is no docs/{language}/{part}/index.md to list the chapter")


def entry(root: Path, path: str, part: str, name: str, language: str) -> str:
    """The chapter's entry on the page that lists its part."""
    page = root / "docs" / language / part / f"{name}.md"
    link = page.relative_to((root / path).parent).as_posix()
    title = name.replace("-", " ").capitalize()
    return f"[{title}]({link})\n:   {BLANKS[language]}\n"


def with_entry(text: str, new: str, part: str, path: str) -> str:
    """The list of chapters with a new entry behind the last of the same folder."""
    folder = re.match(r"\[.*\]\((.*/)?", new)[1] or ""
    pattern = rf"^\[.+\]\({re.escape(folder)}[\w-]+\.md\)\n(?::   .*\n?|    .*\n?|\n(?=    ))+"
    found = list(re.finditer(pattern, text, re.MULTILINE))
    if not found:
        raise Refused(f"{path} lists no page of {part}: add one there first")
    end = found[-1].end()
    return text[:end].rstrip("\n") + "\n\n" + new + text[end:]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", help="such as mechanics")
    parser.add_argument("name", help="such as my-topic")
    given = parser.parse_args()
    try:
        paths = lay_down(ROOT, given.part, given.name)
    except Refused as refused:
        print(f"new chapter: {refused}", file=sys.stderr)
        return 1
    print(*paths, sep="\n")
    print("They pass as they are: `make serve` shows them, `make check` checks them.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
