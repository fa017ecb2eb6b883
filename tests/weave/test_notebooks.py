"""A page's notebook: it runs from top to bottom by itself, and says what the page says."""

import json
import re

import nbformat
import pytest
from nbclient import NotebookClient

from weave import loom
from weave.export import stale, write
from weave.source import Source
from weave.unrolled import Unrolled

from .conftest import FRONT, REPOSITORY

TOPIC = '''\
"""A topic."""

import random

from snippets.part.helper import double

START = random.Random(0).randrange(10)


def late(x):
    """Shown last, needed at once."""
    return inner(x) + START


def inner(x):
    return double(x)


def unused(x):
    return x


if __name__ == "__main__":
    generator = random.Random(1)
    # --8<-- [start:first]
    one = late(generator.randrange(100))
    print("one", one)
    # --8<-- [end:first]
    hidden = generator.randrange(100)  # not on the page
    # --8<-- [start:second]
    import matplotlib.pyplot as plt

    two = hidden + generator.randrange(100)
    plt.plot([0, two])
    plt.xlabel("index")
    plt.show()
    # --8<-- [end:second]
    # --8<-- [start:third]
    print("third", one + two)
    # --8<-- [end:third]
    after = two + 1
'''
SOLUTIONS = '''\
from snippets.part.topic import inner

late = None
if __name__ == "__main__":
    # --8<-- [start:solved]
    one = inner(4)
    print("solved", one)
    raise ValueError("on purpose")
    # --8<-- [end:solved]
'''
HELPER = "def double(x):\n    return 2 * x\n\n\nif __name__ == '__main__':\n    print('not this')\n"
PAGE = FRONT + """\
# Small { #small }

Lead.
{ .lead }

It is ${{ part.topic.one }}$[^note], `{{ part.topic.one }}` in code; [there](other.md#x).

!!! wrong "Wrong"
    “No.” See [above](#small).

```snippet
part/topic.py:third
```

```snippet
part/topic.py:first
```

```snippet
part/topic.py:second
code: fold
figures:
  - alt: a line
    caption: A line to {{ part.topic.two }}.
    labels: {index: place}
```

1. An exercise.

    ??? success "Solution"
        Look:

        ```snippet
        part/topic_solutions.py:solved
        raises: ValueError
        ```

        So.

```snippet
part/topic.py:late
```

```python
text = "{{ part.topic.one }}"
```

[^note]: A note.
"""


@pytest.fixture
def small(book):
    for path, text in (("topic", TOPIC), ("topic_solutions", SOLUTIONS), ("helper", HELPER)):
        book.snippet(text, f"part/{path}.py")
    book.page(PAGE)
    for language in ("zh", "en"):
        book.write(f"docs/{language}/other.md", FRONT + "# Other { #x }\n")
    book.write("requirements.txt", "numpy==2.4.6\nmatplotlib==3.11.2\n")
    for file in ("mkdocs.yml", "mkdocs.en.yml"):
        text = (book.root / file).read_text().replace("[index.md]", "[index.md, other.md]")
        book.write(file, text)
    return book


@pytest.fixture
def records(small):
    raising = {"part/topic_solutions.py": ("solved", "ValueError")}
    woven = loom.weave(small.root, {"part/topic.py": None, **raising})
    assert woven.problems == []
    return woven.records


def text_of(notebook, kind: str) -> str:
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == kind)


def printed(notebook) -> str:
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    return "".join(output.get("text", "") for output in outputs)


def test_the_site_has_it_beside_the_page_with_outputs(small):
    done = small.build(REPO_URL="https://github.com/someone/book")
    assert done.returncode == 0, done.stdout
    site = small.site()
    assert "other/other.ipynb" not in site
    page = site["index.html"].decode()
    assert '<a href="index.ipynb" download' in page
    for path, place in (("index.ipynb", "图 1"), ("en/index.ipynb", "Figure 1")):
        made = nbformat.reads(site[path].decode(), as_version=4)
        nbformat.validate(made)
        told = text_of(made, "markdown")
        assert place in told and "A line to " in told
        assert told.count("{{ part") == 2 and 'text = "{{ part' in told  # code is left as it is
        assert "> **Wrong**" in told and "So." in told
        assert "http://127.0.0.1:8000/" in told and "other/#x)" in told
        assert "<sup>1</sup>" in told and "1. A note." in told and "{ #" not in told
        (drawn,) = [x for cell in made.cells for x in cell.get("outputs", []) if "data" in x]
        assert ">place<" in drawn["data"]["image/svg+xml"]
        assert "var(" not in drawn["data"]["image/svg+xml"]
        assert "third" in printed(made) and "solved 8\nValueError: on purpose" in printed(made)
    before = small.site()
    (small.root / ".weave/stamp.json").unlink()
    small.build(REPO_URL="https://github.com/someone/book")
    assert small.site() == before


def test_it_runs_alone_and_gives_the_same(small, records, tmp_path):
    assert write(small.root, records) == 2
    made = nbformat.read(small.root / "notebooks/en/index.ipynb", as_version=4)
    assert printed(made) == ""
    code = text_of(made, "code")
    assert code.count("def late") == 2  # once in the module that the solution imports
    assert code.count("def unused") == 1 and "not this" not in code
    assert max(map(code.rindex, ("def inner", "def late"))) < code.index("one = late(")
    assert "%pip install matplotlib==3.11.2" in code and "numpy==" not in code
    ran = run(made, tmp_path)
    outputs = [region.output for region in records["part/topic.py"].regions.values()]
    assert "".join(outputs) + "solved 8\n" == printed(ran)


def run(notebook, folder):
    """The notebook as a fresh kernel leaves it, in a folder that has nothing of the book."""
    nbformat.validate(notebook)
    alone = "import sys; assert not any('weave' in name for name in sys.modules)"
    notebook.cells.append(nbformat.v4.new_code_cell(alone))
    # A kernel starts late on a busy machine, and what a cell prints can come later than its reply.
    patience = {"timeout": 120, "startup_timeout": 120, "iopub_timeout": 60}
    there = {"metadata": {"path": str(folder)}}
    client = NotebookClient(notebook, kernel_name="python3", resources=there, **patience)
    return client.execute()


def test_a_name_that_is_bound_again_is_defined_at_once(book):
    book.snippet(
        "def f():\n    return 1\n\n\ndef g():\n    return f()\n\n\n"
        'if __name__ == "__main__":\n    # --8<-- [start:a]\n    f = f() + 1\n'
        "    # --8<-- [end:a]\n    # --8<-- [start:b]\n    print(f)\n    # --8<-- [end:b]\n"
    )
    script = Unrolled(Source(book.root, "part/topic.py"))
    first = script.show("b")
    assert [piece.name for piece in first] == ["", "a", "b"]
    assert "def f" in first[0].code and "def g" not in first[0].code
    assert script.show("a") == [] == script.show("f") == script.rest()
    assert [piece.name for piece in script.show("g")] == ["g"]


def test_what_is_not_up_to_date_is_named(small, records):
    def told() -> list[str]:
        return [problem.path for problem in stale(small.root)]

    english = "notebooks/en/index.ipynb"
    assert told() == [english, "notebooks/zh/index.ipynb"]
    write(small.root, records)
    assert told() == []
    small.write("docs/en/index.md", PAGE.replace("Lead.", "Led."))
    assert told() == [english]
    small.write("docs/en/index.md", PAGE)
    small.snippet(HELPER + "# more\n", "part/helper.py")
    assert len(told()) == 2
    write(small.root, records)
    small.write("notebooks/en/gone.ipynb", "{}")
    assert told() == ["notebooks/en/gone.ipynb"]
    write(small.root, records)
    assert told() == [] and not (small.root / "notebooks/en/gone.ipynb").exists()


def test_the_books_notebooks_are_up_to_date():
    problems = "\n".join(map(str, stale(REPOSITORY)))
    assert not problems, problems


def quick(part: str) -> str:
    """The page of a part whose scripts took least time, none of them bound to the machine."""
    found = {}
    for file in sorted((REPOSITORY / "notebooks/en" / part).glob("*.ipynb")):
        text = file.read_text(encoding="utf-8")
        code = "\n".join(cell["source"] for cell in json.loads(text)["cells"])
        paths = set(re.findall(r"^# snippets/(.*?\.py)", code, re.MULTILINE))
        sources = [Source(REPOSITORY, path) for path in paths]
        if not any(source.machine_bound or "clock" in source.text for source in sources):
            found[file.stem] = len(text)
    return min(found, key=found.get)


PARTS = sorted(folder.name for folder in (REPOSITORY / "notebooks/en").iterdir()
               if folder.is_dir() and folder.name not in ("labs", "reference"))  # fmt: skip


@pytest.mark.parametrize("part", PARTS)
def test_a_notebook_of_each_part_gives_what_its_page_shows(part, tmp_path, woven):
    file = REPOSITORY / f"notebooks/en/{part}/{quick(part)}.ipynb"
    ran = run(nbformat.read(file, as_version=4), tmp_path)
    compared = 0
    for cell in ran.cells:
        first = cell.source.partition("\n")[0]
        path, _, name = first.removeprefix("# snippets/").partition(":")
        if not name or not first.startswith("# snippets/"):
            continue
        region = woven(path).regions.get(name)
        if region and not cell.metadata.get("tags"):
            streams = [x.text for x in cell.outputs if x.output_type == "stream"]
            drawn = [x for x in cell.outputs if x.output_type == "display_data"]
            assert "".join(streams) == region.output, first
            assert len(drawn) == len(region.figures), first
            compared += bool(region.output)
    assert compared > 5
