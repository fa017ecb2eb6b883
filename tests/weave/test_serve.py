"""`mkdocs serve` weaves again when a chapter, a snippet or a helper changes, and only that."""

import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from weave import hook

from .conftest import FRONT

PAGE = FRONT + """\
# Small {{ #small }}

```snippet
part/topic.py:a
```

{prose} {{{{ part.topic.x }}}} {{{{ part.other.y }}}}
"""

LAB = """\
# ---
# title: Lab
# description: A small lab.
# ---
# # Lab {{ #lab }}
#
# {prose} {{{{ cells.z }}}}

# %%
z = 7
"""


def write_lab(book, prose: str) -> None:
    for language in ("zh", "en"):
        book.write(f"docs/{language}/labs/lab.py", LAB.format(prose=prose))


@pytest.fixture
def served(book):
    book.snippet("y = 5\n", "part/other.py")
    book.snippet("base = 40\n", "part/helper.py")
    book.snippet(
        "from snippets.part.helper import base\n"
        "# --8<-- [start:a]\nx = base + 2\nprint(x)\n# --8<-- [end:a]\n"
    )
    book.page(PAGE.format(prose="before"))
    write_lab(book, "measured")
    config = (book.root / "mkdocs.yml").read_text()
    book.write("mkdocs.yml", config + "watch: [docs/en, snippets]\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    log = open(book.root / "log", "w+")
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "mkdocs", "serve", "-a", address],
        cwd=book.root, env=book.environment(), stdout=log, stderr=log,
    )  # fmt: skip
    yield book, f"http://{address}/"
    process.terminate()
    process.wait()
    log.close()


def wait_for(url: str, words: str) -> str:
    deadline = time.monotonic() + 60
    page = ""
    while time.monotonic() < deadline:
        try:
            page = urllib.request.urlopen(url, timeout=5).read().decode()
        except (OSError, urllib.error.URLError):
            page = ""
        if words in page:
            return page
        time.sleep(0.1)
    raise AssertionError(f"{words!r} did not appear at {url}: {page[-2000:]}")


def ran(book) -> list[str]:
    return re.findall(r"running snippets/(\S+)", (book.root / "log").read_text())


def test_only_what_changed_is_woven_again_in_both_languages(served):
    book, url = served
    for language in ("", "en/"):
        wait_for(url + language, "before 42 5")
    assert sorted(ran(book)) == ["part/other.py", "part/topic.py"]
    write_lab(book, "told otherwise")
    for language in ("", "en/"):
        wait_for(f"{url}{language}labs/lab/", "told otherwise 7")
    book.page(PAGE.format(prose="after"))
    for language in ("", "en/"):
        wait_for(url + language, "after 42 5")
    assert len(ran(book)) == 2
    book.snippet("base = 50\n", "part/helper.py")
    for language in ("", "en/"):
        wait_for(url + language, "after 52 5")
    assert ran(book)[2:] == ["part/topic.py"]
    book.page(PAGE.format(prose="broken {{ part.topic.nothing }}"))
    wait_for(url, "broken ? 52 5")
    book.page(PAGE.format(prose="mended"))
    wait_for(url, "mended 52 5")


@pytest.mark.parametrize(("command", "frozen"), [("build", True), ("serve", False)])
def test_only_a_process_that_ends_leaves_its_garbage(monkeypatch, command, frozen):
    """While the book is served, each round ends the build of a language."""
    called = []
    monkeypatch.setattr(hook, "running", hook.running)
    for name in ("disable", "freeze", "set_threshold"):
        monkeypatch.setattr(hook.gc, name, lambda *given, name=name: called.append(name))
    hook.on_startup(command, False)
    hook.on_shutdown()
    assert ("freeze" in called, "disable" in called) == (frozen, frozen)
