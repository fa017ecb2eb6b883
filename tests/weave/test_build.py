"""Whole builds with MkDocs: both languages, all mistakes at once, and the old site kept whole."""

import html
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from .conftest import FRONT, REPOSITORY, Book, small_book

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX provoke it")

SNIPPET = "# --8<-- [start:a]\nx = 41 + 1\nprint('answer', x)\n# --8<-- [end:a]\n"
HASH = re.compile(rb"'(sha256-[^']+)'")
PAGE = FRONT + """\
# Small {{ #small }}

```snippet
part/topic.py:a
```

It is {{{{ part.topic.x }}}}. {extra}
"""


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """A small book that has been built."""
    book = small_book(tmp_path_factory.mktemp("built"))
    book.snippet(SNIPPET)
    book.page(PAGE.format(extra=""))
    result = book.build()
    assert result.returncode == 0, result.stdout
    return book


@pytest.fixture
def built(once, tmp_path):
    """A copy of it, to be changed and built anew."""
    return Book(Path(shutil.copytree(once.root, tmp_path / "book")))


def test_one_command_builds_both_languages_from_one_run(built):
    for page, lang in (("index.html", "zh"), ("en/index.html", "en")):
        text = built.site()[page].decode()
        assert f'<html lang="{lang}"' in text
        assert "answer 42" in text and "It is 42." in text
    assert not list(built.root.glob(".site.building"))


def test_warm_build_runs_nothing_and_gives_the_same_bytes(built):
    before = built.site()
    (built.root / ".weave/stamp.json").unlink()
    result = built.build()
    assert "running" not in result.stdout and "Nothing has changed" not in result.stdout
    assert built.site() == before


def test_where_nothing_has_changed_the_engine_is_not_loaded(built):
    assert built.build().returncode == 0  # here; a copy is a change
    python, *rest = built.command("--strict")
    told = subprocess.run(
        [python, "-X", "importtime", *rest], cwd=built.root, env=built.environment(),
        capture_output=True, text=True, check=True,
    ).stderr  # fmt: skip
    assert "Nothing has changed" in told and "weave.stamp" in told
    assert "weave.building" not in told and "numpy" not in told


def test_cold_build_elsewhere_differs_only_in_timings(built, tmp_path_factory):
    other = tmp_path_factory.mktemp("other") / "book"
    ignore = shutil.ignore_patterns(".weave", "site", ".site.lock")
    shutil.copytree(built.root, other, ignore=ignore)
    subprocess.run(
        built.command("--strict"), cwd=other, check=True, capture_output=True,
        env=built.environment(TZ="Asia/Shanghai", LC_ALL="C", PYTHONHASHSEED="7"),
    )  # fmt: skip
    strip = re.compile(rb'<details class="snippet-machine timing".*?</details>', re.S)
    first = {name: strip.sub(b"", data) for name, data in built.site().items()}
    second = {
        file.relative_to(other / "site").as_posix(): strip.sub(b"", file.read_bytes())
        for file in (other / "site").rglob("*") if file.is_file()
    }  # fmt: skip
    assert first == second


def test_19_every_mistake_of_both_languages_in_one_build_and_the_old_site_whole(built):
    before = built.site()
    built.write("docs/zh/index.md", PAGE.format(extra="$\\foo$ {{ part.topic.y }} [x](no.md)"))
    built.write("docs/en/index.md", PAGE.format(extra="{{ part.topic.x:.1q }}").replace(":a", ":b"))
    built.snippet(SNIPPET + "1 / 0\n")
    result = built.build()
    assert result.returncode != 0
    for said in (
        "snippets/part/topic.py:5: ZeroDivisionError",
        'docs/zh/index.md:11: formula `\\foo`',
        "docs/zh/index.md:11: dead link",
        "docs/en/index.md:7: snippets/part/topic.py has no region or definition `b`",
    ):
        assert said in result.stdout, result.stdout
    assert built.site() == before


def test_value_mistakes_name_file_and_line(built):
    built.page(PAGE.format(extra="{{ part.topic.y }} {{ part.topic.x:.1q }}"))
    result = built.build()
    assert result.returncode != 0
    for language in ("zh", "en"):
        assert f"docs/{language}/index.md:11: part/topic.py computes no value `y`" in result.stdout
        assert f"docs/{language}/index.md:11: unknown format `.1q`" in result.stdout


def test_lines_count_from_the_top_of_a_file_with_front_matter(built):
    built.page(PAGE.format(extra="{{ part.topic.y }}").replace("---\n#", "---\n\n\n#"))
    assert "docs/zh/index.md:13: part/topic.py computes no value `y`" in built.build().stdout


def test_3_expected_exception_is_shown(built):
    built.snippet("# --8<-- [start:a]\nint('x')\n# --8<-- [end:a]\n")
    page = FRONT + "# Small { #small }\n\n```snippet\npart/topic.py:a\nraises: ValueError\n```\n"
    built.page(page)
    result = built.build()
    assert result.returncode == 0, result.stdout
    assert b"ValueError: invalid literal" in built.site()["index.html"]
    built.page(page.replace("ValueError", "TypeError"))
    assert "snippets/part/topic.py:2: ValueError" in built.build().stdout


def test_18_line_ends_and_byte_order_mark_are_normalised(built):
    before = built.site()
    for language in ("zh", "en"):
        text = PAGE.format(extra="").replace("\n", "\r\n").encode()
        built.write(f"docs/{language}/index.md", b"\xef\xbb\xbf" + text)
    result = built.build()
    assert result.returncode == 0, result.stdout
    assert built.site() == before


@pytest.mark.parametrize(("data", "said"), [
    ("# 好 { #small }\n\n好\n".encode("gb18030"), "docs/zh/index.md:1: not UTF-8"),
    (FRONT.encode() + b"# Small { #small }\n\na\0b\n", "docs/zh/index.md:7: a NUL character"),
    (b"---\ntitle: [\n---\n# Small { #small }\n", "docs/zh/index.md:2: bad front matter"),
    (FRONT.encode() + b"# Small { #small }\n\n```snippet\npart/topic.py:a\n",
     "docs/zh/index.md:7: the snippet fence is not closed"),
    (FRONT.encode() + b"# Small { #small }\n\n## B { #b }\n\n## C { #b }\n",
     "docs/zh/index.md:9: "),
])  # fmt: skip
def test_18_bad_chapters_fail_with_their_line(built, data, said):
    before = built.site()
    built.write("docs/zh/index.md", data)
    result = built.build()
    assert result.returncode != 0 and said in result.stdout, result.stdout
    assert built.site() == before


def test_18_missing_twin(built):
    built.write("docs/zh/more.md", "# More { #more }\n\nText.\n")
    result = built.build()
    assert result.returncode != 0 and "docs/zh/more.md:1: " in result.stdout


def test_13_dying_interpreter_fails_the_build(built):
    before = built.site()
    built.snippet("import os\nos._exit(0)\n" + SNIPPET)
    result = built.build()
    assert result.returncode != 0
    assert "snippets/part/topic.py:1: ended with exit status 0" in result.stdout
    assert built.site() == before


def whole(site: dict[str, bytes], words: list[str]) -> bool:
    """Whether both languages are there and say the same one of the words."""
    pages = [site.get(name, b"").decode() for name in ("index.html", "en/index.html")]
    return any(all(f"word: {word}." in page for page in pages) for word in words)


@posix_only
def test_15_killed_at_any_moment_the_site_is_whole_and_the_next_build_works(built):
    built.page(PAGE.format(extra="word: old."))
    assert built.build().returncode == 0
    began = time.monotonic()
    assert built.build().returncode == 0
    length = time.monotonic() - began
    moments = random.Random(0)
    for number in range(8):
        built.page(PAGE.format(extra="word: new."))
        built.snippet(SNIPPET + f"# {number}\n")
        process = subprocess.Popen(
            built.command("--strict"), cwd=built.root, env=built.environment(),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        time.sleep(moments.uniform(0.3, 1.1) * length)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert whole(built.site(), ["old", "new"])
    result = built.build()
    assert result.returncode == 0, result.stdout
    assert whole(built.site(), ["new"])
    assert not list(built.root.glob(".site.building")) and not list(built.root.glob(".site.old"))


def test_15_two_builds_at_once_do_no_harm(built):
    built.page(PAGE.format(extra="word: new."))
    both = [
        subprocess.Popen(
            built.command("--strict"), cwd=built.root, env=built.environment(),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    outputs = [process.communicate(timeout=100)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert whole(built.site(), ["new"])


@posix_only
def test_15_full_disk_names_the_place_and_keeps_the_old_site(built):
    import resource

    before = built.site()
    large = 2 << 20
    built.page(PAGE.format(extra="x" * large))
    process = subprocess.run(
        built.command("--strict"), cwd=built.root, env=built.environment(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (large - 1000, large - 1000)),
    )  # fmt: skip
    assert process.returncode != 0
    assert str(built.root / ".site.building") in process.stdout
    assert built.site() == before
    built.page(PAGE.format(extra=""))
    assert built.build().returncode == 0


@pytest.mark.parametrize("blocked", [".site.building", ".site.lock/x", "mkdocs.yml/x"])
def test_15_no_permission_names_the_path(built, blocked):
    """Root may write anywhere, so what is in the way here is a file or a folder of that name."""
    before = built.site()
    built.page(PAGE.format(extra="New."))
    arguments = []
    if blocked.startswith(".site.lock"):
        (built.root / ".site.lock").unlink()
    if blocked.startswith("mkdocs.yml"):
        arguments = ["--site-dir", str(built.root / "mkdocs.yml" / "site")]
    else:
        built.write(blocked, "in the way")
    result = built.build(*arguments)
    assert result.returncode != 0
    assert f"cannot build in {built.root / blocked.split('/')[0]}" in result.stdout
    assert "Traceback" not in result.stdout
    assert built.site() == before


def test_15_unwritable_cache_names_the_path_and_keeps_the_site(built):
    before = built.site()
    shutil.rmtree(built.root / ".weave")
    built.write(".weave", "in the way")
    result = built.build()
    assert result.returncode != 0
    assert "cannot weave the book: " in result.stdout
    assert str(built.root / ".weave") in result.stdout and "Traceback" not in result.stdout
    assert built.site() == before


def test_16_damaged_record_is_said_and_does_not_fail_the_build(built):
    (record,) = (built.root / ".weave/records").glob("part.topic-*.json")
    record.write_text("{")
    built.page(PAGE.format(extra="New."))
    result = built.build()
    assert result.returncode == 0, result.stdout
    assert f"{record}: damaged record" in result.stdout


def test_20_missing_package_builds_with_a_notice_but_not_in_ci(built):
    built.snippet("import no_such_package\n" + SNIPPET)
    built.page(FRONT + "# Small { #small }\n\n```snippet\npart/topic.py:a\n```\n")
    result = built.build()
    assert result.returncode == 0, result.stdout
    assert "no_such_package" in built.site()["index.html"].decode()
    english = built.site()["en/index.html"].decode()
    assert "Not run here: no_such_package is not installed." in english
    result = built.build(CI="true")
    assert result.returncode != 0 and "no_such_package is not installed" in result.stdout


def test_21_without_network_nothing_changes(built):
    before = built.site()
    code = (
        "import socket, sys\n"
        "def refuse(*a, **k): raise OSError('no network')\n"
        "socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse\n"
        "from mkdocs.__main__ import cli\n"
        "cli(['build', '--strict'])\n"
    )
    built.snippet(SNIPPET + "# other\n")
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=built.root, env=built.environment(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout
    assert built.site().keys() == before.keys()


def test_a_script_in_a_chapter_fails_the_build_and_is_never_trusted(built):
    """Not even where the build goes on: what pages hold adds nothing to what may run."""
    before = built.site()
    built.page(PAGE.format(extra="<script>document.title = 1</script>"))
    result = built.build()
    assert result.returncode != 0 and "a script that is not the theme's" in result.stdout
    assert built.site() == before
    subprocess.run(built.command(), cwd=built.root, env=built.environment(), check=True,
                   capture_output=True)  # fmt: skip
    for name in ("index.html", "en/index.html"):
        page = built.site()[name]
        assert b"<script>document.title = 1</script>" in page
        assert set(HASH.findall(page)) == set(HASH.findall(before[name])) != set()


def test_without_strict_the_page_is_built_and_the_mistake_is_logged(built):
    built.page(PAGE.format(extra="{{ part.topic.y }}"))
    result = subprocess.run(
        built.command(), cwd=built.root, env=built.environment(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    assert result.returncode == 0 and "computes no value `y`" in result.stdout
    assert b"It is 42. ?" in built.site()["index.html"]


def test_20_a_book_without_torch_builds_and_says_so_but_never_in_ci(book):
    """As on a Mac with an Intel processor: a fence, its figure and a value."""
    book.snippet("""
        import torch_that_is_not_there
        if __name__ == "__main__":
            # --8<-- [start:a]
            x = torch_that_is_not_there.ones(2)
            # --8<-- [end:a]
    """)
    fence = "```snippet\npart/topic.py:a\nfigures:\n  - alt: a\n    caption: b\n```\n"
    for language in ("zh", "en"):
        page = FRONT + "# Small { #small }\n\nThe value is {{ part.topic.x:.2f }}.\n\n" + fence
        book.write(f"docs/{language}/index.md", page)
    done = book.build(CI="")
    assert done.returncode == 0, done.stdout
    assert "not run here: torch_that_is_not_there is not installed" in done.stdout
    site = {path: data.decode() for path, data in book.site().items() if path.endswith(".html")}
    assert "Not run here: torch_that_is_not_there is not installed." in site["en/index.html"]
    assert "这台机器没装 torch_that_is_not_there" in site["index.html"]
    assert "The value is ?." in site["index.html"]
    refused = book.build(CI="true")
    assert refused.returncode != 0
    assert "snippets/part/topic.py:1: not run: torch_that_is_not_there" in refused.stdout


def test_a_page_can_be_edited_and_an_error_reported_with_the_page_filled_in(book):
    config = book.root / "mkdocs.yml"
    config.write_text(config.read_text() + "repo_url: https://github.com/someone/a-fork\n")
    book.write("docs/en/index.md", FRONT.replace("Small", "A & B") + "# Small { #small }\n")
    assert book.build().returncode == 0
    for page, language, title in (("index.html", "zh", "Small"), ("en/index.html", "en", "A & B")):
        links = re.findall(r'href="([^"]*)" class="md-content__button"', book.site()[page].decode())
        edit, report, *_ = (html.unescape(link) for link in links)
        source = f"docs/{language}/index.md"
        assert edit == f"https://github.com/someone/a-fork/edit/main/{source}"
        assert (book.root / source).is_file()
        form, _, given = report.partition("?")
        assert form == "https://github.com/someone/a-fork/issues/new"
        filled = dict(parse_qsl(given))
        assert filled["title"] == title
        assert filled["page"] == f"http://127.0.0.1:8000/{page.removesuffix('index.html')}"
        fields = (REPOSITORY / ".github/ISSUE_TEMPLATE" / filled["template"]).read_text("utf-8")
        assert "\n    id: page\n" in fields
