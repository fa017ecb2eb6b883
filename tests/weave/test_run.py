"""How a snippet runs: as a plain script would, and in regions."""

import subprocess
import sys

import pytest

PATH = "part/topic.py"

SCRIPT = '''\
"""A script."""
from __future__ import annotations

import random

import numpy as np


def half(x: undefined_name) -> float:
    return x / 2


print("outside")
if __name__ == "__main__":
    # --8<-- [start:first]
    total = sum(half(i) for i in range(5))
    print(total)
    # --8<-- [end:first]
    hidden = np.arange(3)
    # --8<-- [start:second]
    print(__name__, __file__.endswith("topic.py"), hidden)
    for i in range(2):
        print(i)
    # --8<-- [end:second]
'''


def test_regions_hold_what_each_printed(book):
    book.snippet(SCRIPT)
    record = book.weave().records[PATH]
    assert {name: region.output for name, region in record.regions.items()} == {
        "": "outside\n",
        "first": "5.0\n",
        "second": "__main__ True [0 1 2]\n0\n1\n",
    }


def test_output_is_that_of_python_m(book):
    book.snippet(SCRIPT)
    record = book.weave().records[PATH]
    plain = subprocess.run(
        [sys.executable, "-m", "snippets.part.topic"], cwd=book.root, text=True,
        capture_output=True, check=True,
    )  # fmt: skip
    assert "".join(region.output for region in record.regions.values()) == plain.stdout


def test_outputs_of_subprocesses_and_stderr_keep_their_order(book):
    book.snippet(
        "import subprocess, sys\n"
        "print('a')\nsubprocess.run(['echo', 'b'])\nprint('c', file=sys.stderr)\nprint('d')\n"
    )
    assert book.weave().records[PATH].regions[""].output == "a\nb\nc\nd\n"


def test_unseeded_generators_start_alike_in_every_run(book):
    text = "import random\nimport numpy as np\na = random.random()\nb = float(np.random.rand())\n"
    book.snippet(text)
    book.snippet(text + "# other\n", "part/b.py")
    woven = book.weave(PATH, "part/b.py")
    assert woven.records[PATH].values == woven.records["part/b.py"].values


@pytest.mark.parametrize(("text", "said"), [
    ("# --8<-- [start:a]\nx = 1\n", ":1: region 'a' does not end"),
    ("x = 1\n# --8<-- [end:a]\n", ":2: region 'a' ends but did not start"),
    ("# --8<-- [start:a]\n# --8<-- [start:b]\n# --8<-- [end:b]\n# --8<-- [end:a]\n",
     ":2: region 'b' starts inside 'a'"),
    ("# --8<-- [start:a]\n# --8<-- [end:a]\n# --8<-- [start:a]\n# --8<-- [end:a]\n",
     ":3: region 'a' is defined twice"),
    ("def a(): pass\n# --8<-- [start:a]\nx = 1\n# --8<-- [end:a]\n",
     ":2: region 'a' is also a function or class"),
    ("for i in range(2):\n    # --8<-- [start:a]\n    print(i)\n    # --8<-- [end:a]\n",
     ":1: region 'a' cuts through a statement"),
])  # fmt: skip
def test_bad_markers_name_their_line(book, text, said):
    book.snippet(text)
    (problem,) = book.weave().problems
    assert str(problem) == f"snippets/part/topic.py{said}"


def test_values_are_plain_data_and_the_rest_is_named(book):
    book.snippet(
        "import numpy as np\n"
        "whole = np.int64(3)\nreal = np.float32(0.5)\nscalar = np.array(2.5)\n"
        "flag = np.bool_(True)\n"
        "shape = np.ones((2, 3)).shape\nfew = np.arange(4)\ntable = {1: [0.5], 'b': (1, 2)}\n"
        "from numpy.typing import NDArray\nAlias = NDArray[np.floating]\n"
        "many = np.ones((100, 100))\nlong = 'x' * 500\nthing = object()\n"
        "def function(): pass\n"
    )
    record = book.weave().records[PATH]
    assert record.values == {
        "whole": 3, "real": 0.5, "scalar": 2.5, "flag": True, "shape": [2, 3],
        "few": [0, 1, 2, 3], "table": {"1": [0.5], "b": [1, 2]},
    }  # fmt: skip
    assert record.others["many"] == "ndarray of shape (100, 100)"
    assert set(record.others) == {"NDArray", "Alias", "many", "long", "thing"}


FIGURE = """\
import matplotlib.pyplot as plt
from snippets.palette import A
# --8<-- [start:a]
plt.plot([0, 1], color=A)
plt.xlabel("steps taken")
plt.show()
# --8<-- [end:a]
"""


def test_figures_belong_to_the_region_that_shows_them_and_are_the_same_every_time(book):
    book.snippet(FIGURE)
    (first,) = book.weave().records[PATH].regions["a"].figures
    assert "var(--A)" in first and "steps taken" in first
    book.snippet(FIGURE + "# other\n")
    assert book.weave().records[PATH].regions["a"].figures == [first]


def test_figure_left_open_is_an_error(book):
    book.snippet(FIGURE.replace("plt.show()", "pass"))
    (problem,) = book.weave().problems
    assert "1 figure(s) left open" in str(problem)


def test_addresses_and_the_working_directory_are_not_shown(book):
    book.snippet("import os\nprint(object())\nprint(os.getcwd() + '/x')\n")
    output = book.weave().records[PATH].regions[""].output
    assert output == "<object object at 0x…>\n./x\n"


def test_temporary_files_go_to_the_run_s_own_directory(book):
    book.snippet(
        "import os, subprocess, tempfile\n"
        "ours = os.path.realpath(tempfile.mkdtemp())\n"
        "theirs = subprocess.run(['mktemp'], capture_output=True, text=True).stdout.strip()\n"
        "inside = [path.startswith(os.getcwd()) for path in (ours, theirs)]\n"
    )
    assert book.weave().records[PATH].values["inside"] == [True, True]


def test_the_script_has_no_arguments(book):
    book.snippet("import sys\nx, name = len(sys.argv), sys.argv[0][-8:]\n")
    values = book.weave().records[PATH].values
    assert values == {"x": 1, "name": "topic.py"}


def test_the_script_has_no_arguments_where_there_is_no_fork(book, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    test_the_script_has_no_arguments(book)
