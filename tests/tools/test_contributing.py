"""The example in CONTRIBUTING is true: it runs, its value can be named, its test passes."""

import re

import pytest
from markdown import Markdown

from weave import loom, values
from weave.chapters import collect
from weave.check import check_page
from weave.context import Context
from weave.inline import VALUE
from weave.markdown import WeaveExtension
from weave.parity import compare_chapters
from weave.structure import read_chapter

LAB = "docs/labs/cube.py"
GUIDES = {"en": "CONTRIBUTING.md", "zh": "CONTRIBUTING.zh.md"}
SNIPPET = "mechanics/order.py"


@pytest.fixture(params=GUIDES)
def guide(request, root):
    return (root / GUIDES[request.param]).read_text(encoding="utf-8")


@pytest.fixture
def example(guide, tmp_path):
    """The record of the example's run, in a book that has nothing else."""
    file = tmp_path / "snippets" / SNIPPET
    file.parent.mkdir(parents=True)
    file.write_text(python_blocks(guide)[0], encoding="utf-8")
    woven = loom.weave(tmp_path, {SNIPPET: None})
    assert woven.problems == []
    return woven.records[SNIPPET]


def python_blocks(guide: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", guide, re.DOTALL | re.MULTILINE)


def test_both_guides_show_the_same_code(root):
    english, chinese = ((root / name).read_text(encoding="utf-8") for name in GUIDES.values())
    assert len(python_blocks(english)) == 2
    assert python_blocks(english) == python_blocks(chinese)
    assert VALUE.findall(english) == VALUE.findall(chinese)


def test_the_example_prints_what_it_computes(example):
    found = example.values
    assert found["saved"] == found["matrix_first"] / found["vector_first"]
    assert f"{found['matrix_first']:,}" in example.regions["order"].output


def test_the_value_on_the_page_is_the_runs(example, guide, tmp_path):
    match = VALUE.search(guide)
    shown = values.resolve(tmp_path, {SNIPPET: example}, match, "en", tex=False)
    assert shown == f"{example.values['saved']:.1f}"


def test_its_test_passes_and_can_fail(example, guide):
    space: dict = {}
    exec(python_blocks(guide)[1], space)
    (test,) = [value for name, value in space.items() if name.startswith("test_")]
    test({"mechanics/order": example}.__getitem__)
    example.values["saved"] = 1.0
    with pytest.raises(AssertionError):
        test({"mechanics/order": example}.__getitem__)


def test_its_lab_runs_and_its_page_is_without_fault(root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # whoever follows the guide has a chapter of this name in the book
    for language, name in GUIDES.items():
        guide = (root / name).read_text(encoding="utf-8")
        (text,) = re.findall(r"^````python\n(.*?)^````$", guide, re.DOTALL | re.MULTILINE)
        snippet = python_blocks(guide)[0]
        for path, content in (
            (f"docs/{language}/labs/cube.py", text),
            (f"snippets/{SNIPPET}", snippet),
        ):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(content, encoding="utf-8")
    assert collect(tmp_path) == {LAB: None}
    woven = loom.weave(tmp_path, {LAB: None})
    assert woven.problems == []
    assert len(woven.records[LAB].regions["cell-1"].figures) == 1
    chapters = [read_chapter(f"docs/{language}/labs/cube.py", tmp_path) for language in GUIDES]
    assert [*compare_chapters(*chapters)] == []
    for chapter, language in zip(chapters, GUIDES, strict=True):
        assert [*chapter.problems, *check_page(chapter)] == []
        context = Context(tmp_path, language, chapter.path, records=woven.records)
        extensions = ["attr_list", WeaveExtension(context=context)]
        page = Markdown(extensions=extensions).convert(chapter.body)
        assert context.problems == []
        assert f"{64**3:,}" in page and "<svg" in page
