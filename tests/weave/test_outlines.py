"""What is kept of a source is what parsing it would give; nothing else is ever taken for it."""

import ast
import json

import pytest

from weave import outlines

SOURCE = '''
import numpy as np
from torch import nn
from . import near
from ..up import far

MACHINE_BOUND = True


@property
def one():
    import inside


class Two:
    pass
'''


@pytest.fixture
def forgetful(monkeypatch):
    """A process that knows no outline yet."""

    def forget():
        monkeypatch.setattr(outlines, "KNOWN", {})
        monkeypatch.setattr(outlines, "USED", set())

    forget()
    return forget


@pytest.fixture
def parsed(monkeypatch) -> list[str]:
    """The labels of the sources that were parsed."""
    labels, parse = [], ast.parse

    def note(text, filename="", **rest):
        labels.append(filename)
        return parse(text, filename, **rest)

    monkeypatch.setattr(ast, "parse", note)
    return labels


EVERYWHERE = '''
if one: import a
elif two: import b
else: import c
try: import d
except E: import e
else: import f
finally: import g
for x in y: import h
else: import i
while z: import j
else: import k
with w: import l
match v:
    case 1: import m
class C:
    async def f(self):
        async for x in y:
            async with w: from n import o
try: pass
except* E: import p
'''


def test_imports_are_found_wherever_a_statement_can_stand():
    tree = ast.parse(EVERYWHERE)
    assert outlines.imported_names(tree, "snippets/x.py") == {*"abcdefghijklmnp", "n.o"}


def test_an_outline_says_what_the_source_imports_and_defines(forgetful):
    outline = outlines.outline(SOURCE, "snippets/part/topic.py")
    assert set(outline.imports) == {
        "numpy", "torch", "torch.nn", "snippets.part", "snippets.part.near", "snippets.up",
        "snippets.up.far", "inside",
    }  # fmt: skip
    assert outline.definitions == {"one": (10, 12), "Two": (15, 16)}
    assert outline.machine_bound
    assert not outlines.outline("MACHINE_BOUND = False", "a.py").machine_bound


def test_what_was_kept_is_what_parsing_gives(forgetful, root, tmp_path, parsed):
    files = sorted((root / "snippets").rglob("*.py"))
    texts = [(file.read_text(encoding="utf-8"), str(file)) for file in files]
    fresh = [outlines.outline(*text) for text in texts]
    outlines.store(tmp_path / "kept.json")
    forgetful()
    parsed.clear()
    outlines.load(tmp_path / "kept.json")
    assert [outlines.outline(*text) for text in texts] == fresh
    assert parsed == []


def test_an_edited_or_moved_source_is_parsed_again(forgetful, parsed):
    outlines.outline("import a", "x.py")
    assert outlines.outline("import b", "x.py").imports == ["b"]
    outlines.outline("import a", "y.py")
    outlines.outline("import a", "x.py")
    assert parsed == ["x.py", "x.py", "y.py"]


def test_a_mistake_is_not_kept(forgetful, tmp_path):
    for _ in range(2):
        with pytest.raises(SyntaxError) as caught:
            outlines.outline("x = (", "snippets/part/topic.py")
        assert caught.value.filename == "snippets/part/topic.py"
        outlines.store(tmp_path / "kept.json")
        outlines.load(tmp_path / "kept.json")


@pytest.mark.parametrize("damage", [
    "", "{", "[]", '{"key": 1}', '{"value": {}}',
    lambda told: told | {"key": "of another engine"},
    lambda told: told | {"value": {key: [1] for key in told["value"]}},
])  # fmt: skip
def test_a_damaged_or_foreign_file_is_nothing(forgetful, tmp_path, parsed, damage):
    file = tmp_path / "kept.json"
    expected = outlines.outline(SOURCE, "x.py")
    outlines.store(file)
    file.write_text(
        damage if isinstance(damage, str) else json.dumps(damage(json.loads(file.read_text())))
    )
    forgetful()
    parsed.clear()
    outlines.load(file)
    assert outlines.outline(SOURCE, "x.py") == expected
    assert parsed == ["x.py"]


def test_a_second_build_parses_no_source(book, forgetful, parsed):
    book.snippet("value = 1\n")
    assert not book.weave().problems
    forgetful()
    parsed.clear()
    assert not book.weave().problems
    assert parsed == []
