"""What the page on running things tells a reader to type exists and does what the page says."""

import re
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / f"docs/{language}/reference/run-it-yourself.md" for language in ("zh", "en")]


def commands(page: Path) -> str:
    """All shell commands of the page; other fences and the prose are left out."""
    return "\n".join(re.findall(r"```(?:sh|powershell)\n(.*?)```", page.read_text("utf-8"), re.S))


def test_both_languages_give_the_same_commands():
    chinese, english = map(commands, PAGES)
    assert chinese == english and "make serve" in chinese


@pytest.mark.parametrize("page", PAGES, ids=["zh", "en"])
def test_what_the_commands_name_exists(page):
    typed = commands(page)
    modules = re.findall(r"python -m (snippets[.\w]+)", typed)
    files = re.findall(r"(?:tests|tools|snippets)/[\w/]+\.py", typed)
    targets = re.findall(r"^make (\w+)", typed, re.M)
    wanted = [f"{name.replace('.', '/')}.py" for name in modules] + files
    wanted += [f"snippets/{name}.py" for name in re.findall(r"snippet=(\S+)|weave run (\S+)", typed)
               for name in name if name]
    assert len(wanted) >= 8 and all((ROOT / name).is_file() for name in wanted)
    rules = (ROOT / "Makefile").read_text()
    assert targets and all(f"\n{target}:" in rules for target in targets)
    tests = (ROOT / "tests/mechanics/test_rounding.py").read_text()
    named = re.findall(r"\b(test_\w+)(?!\.py)\b", page.read_text("utf-8"))
    assert all(f"def {name}(" in tests for name in named if name != "test_rounding")


def test_the_line_to_change_is_there_once_and_matters():
    source = (ROOT / "snippets/mechanics/rounding.py").read_text()
    region = source.split("[start:scalars]")[1].split("[end:scalars]")[0]
    assert region.count("1e8") == 1 == source.count("1e8")
    kept = {}
    for size in (1e8, 1e7):
        big, one = torch.tensor([size, 1.0])
        kept[size] = ((big - big) + one).item(), (big + (-big + one)).item()
    assert kept == {1e8: (1, 0), 1e7: (1, 1)}
