"""What a snippet can do wrong: each is named with its place, and harms nothing else.

The numbers are those of the list of faults that the engine has to survive.
"""

import sys

import pytest

linux_only = pytest.mark.skipif(
    sys.platform != "linux", reason="the engine says that it cannot enforce this here"
)

GOOD = "x = 1\nprint('fine')\n"


def only_problem(woven) -> str:
    assert len(woven.problems) == 1, woven.problems
    assert not woven.records
    return str(woven.problems[0])


def test_1_endless_loop_is_ended_at_the_limit(book):
    book.snippet("while True: pass\n")
    message = only_problem(book.weave(seconds=1))
    assert message.startswith("snippets/part/topic.py:1: still running after 1 s")


def test_1_long_sleep_is_ended_at_the_limit(book):
    book.snippet("import time\ntime.sleep(600)\n")
    assert "still running after 1 s" in only_problem(book.weave(seconds=1))


@pytest.mark.parametrize("text", [
    "print('x' * 100_000_000)\n",
    "for _ in range(200_000): print('x' * 500)\n",
    "import subprocess\nsubprocess.run(['yes'])\n",
])  # fmt: skip
def test_2_too_much_output_is_cut_and_named(book, text):
    book.snippet(text)
    assert "printed more than 64 KiB" in only_problem(book.weave())
    assert sum(f.stat().st_size for f in book.root.rglob("*") if f.is_file()) < 1 << 20


def test_3_exception_names_the_deepest_own_line_and_shows_the_traceback(book):
    book.snippet("def f(x):\n    return 1 / x\n\n\nif __name__ == '__main__':\n    f(0)\n")
    message = only_problem(book.weave())
    assert message.startswith("snippets/part/topic.py:2: ZeroDivisionError: division by zero")
    assert 'File "snippets/part/topic.py", line 6, in <module>' in message
    assert "weave" not in message


def test_3_syntax_error(book):
    book.snippet("x = 1\ny = = 2\n")
    assert only_problem(book.weave()).startswith("snippets/part/topic.py:2: SyntaxError")


def test_3_syntax_error_in_a_helper_names_the_helper(book):
    book.snippet("x = = 1\n", "part/helper.py")
    book.snippet("from snippets.part import helper\n")
    assert only_problem(book.weave()).startswith("snippets/part/helper.py:1: SyntaxError")


def test_3_syntax_error_in_a_shared_helper_is_said_once(book):
    book.snippet("x = = 1\n", "part/helper.py")
    book.snippet("from snippets.part import helper\n")
    book.snippet("from snippets.part import helper\n", "part/b.py")
    woven = book.weave("part/topic.py", "part/b.py")
    assert [problem.path for problem in woven.problems] == ["snippets/part/helper.py"]


def test_3_import_error(book):
    book.snippet("x = 1\nfrom snippets.part.nowhere import y\n")
    assert "snippets/part/topic.py:2: ModuleNotFoundError" in only_problem(book.weave())


EXPECTED = "# --8<-- [start:a]\nprint('before')\nint('x')\n# --8<-- [end:a]\n"


def test_3_an_exception_that_the_fence_expects_is_a_result(book):
    book.snippet(EXPECTED)
    woven = book.weave(expect=("a", "ValueError"))
    assert not woven.problems
    record = woven.records["part/topic.py"]
    assert record.regions["a"].output == "before\n"
    assert record.error["type"] == "ValueError"


@pytest.mark.parametrize("expect", [("a", "TypeError"), ("b", "ValueError"), None])
def test_3_any_other_exception_fails(book, expect):
    book.snippet(EXPECTED)
    assert "topic.py:3: ValueError" in only_problem(book.weave(expect=expect))


def test_4_expected_exception_does_not_come(book):
    book.snippet("# --8<-- [start:a]\nint('1')\n# --8<-- [end:a]\n")
    message = only_problem(book.weave(expect=("a", "ValueError")))
    assert "topic.py:2: region 'a' should raise ValueError: it did not" in message


@linux_only
@pytest.mark.parametrize("text", [
    "import subprocess\nsubprocess.Popen(['sleep', '60'])\n",
    "import os, time\nif os.fork() == 0: time.sleep(60)\n",
    "import os, time\nif os.fork() == 0:\n    os.setsid()\n"
    "    if os.fork() == 0: time.sleep(60)\n    os._exit(0)\n",
])  # fmt: skip
def test_5_processes_left_behind_are_ended_and_named(book, text):
    mark = "61.7310"
    book.snippet(text.replace("60", mark))
    assert "left 1 process(es) running: ended" in only_problem(book.weave())
    assert not processes_with(mark, str(book.root))


def processes_with(*marks: str) -> list[str]:
    from pathlib import Path

    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = file.read_bytes().decode(errors="replace")
        except OSError:
            continue
        if any(mark in command for mark in marks) and "pytest" not in command:
            found.append(command)
    return found


@linux_only
def test_6_too_much_memory(book):
    book.snippet("x = bytearray(20 << 30)\n")
    message = only_problem(book.weave())
    assert message.startswith("snippets/part/topic.py:1: MemoryError (limit: memory, 8 GiB)")


@linux_only
def test_7_huge_file(book):
    book.snippet("with open('big', 'wb') as f:\n    for _ in range(100): f.write(bytes(1 << 20))\n")
    assert "topic.py:2: OSError: [Errno 27] File too large" in only_problem(book.weave())


@pytest.mark.parametrize("statement", [
    "open(target, 'w')", "open(target, 'a')",
    "os.remove(target)", "os.rename(target, target + '2')",
    "os.truncate(target, 0)", "shutil.rmtree(os.path.dirname(target))",
])  # fmt: skip
def test_7_writes_outside_its_directory_are_refused(book, statement):
    target = book.root / "docs/zh/index.md"
    before = target.read_bytes()
    book.snippet(f"import os, shutil\ntarget = {str(target)!r}\n{statement}\n")
    message = only_problem(book.weave())
    assert message.startswith("snippets/part/topic.py:3: PermissionError: a snippet may write only")
    assert target.read_bytes() == before


def test_7_an_edit_by_another_program_is_noticed(book):
    target = book.root / "docs/zh/index.md"
    book.snippet(
        "import subprocess, sys\n"
        "code = 'import sys; open(sys.argv[1], \"a\").write(\"x\")'\n"
        f"subprocess.run([sys.executable, '-c', code, {str(target)!r}])\n"
    )
    woven = book.weave()
    assert [str(problem) for problem in woven.problems] == [
        "docs/zh/index.md:1: changed while snippets/part/topic.py ran: "
        "a snippet must not edit the book"
    ]


def test_7_an_author_who_edits_meanwhile_is_not_blamed_on_a_plain_snippet(book, monkeypatch):
    from weave import loom

    real = loom.execute

    def edit_meanwhile(*arguments):
        outcomes = real(*arguments)
        book.page("edited")
        return outcomes

    monkeypatch.setattr(loom, "execute", edit_meanwhile)
    book.snippet(GOOD)
    assert not book.weave().problems


def test_7_its_own_directory_is_its_own(book):
    book.snippet("open('note', 'w').write('x')\nprint(open('note').read())\n")
    assert book.weave().records["part/topic.py"].regions[""].output == "x\n"
    assert not list(book.root.rglob("note"))


def test_10_nan_infinity_and_warnings_are_shown(book):
    book.snippet("import numpy as np\nprint(np.array([1.0]) / 0, float('nan'))\nx = float('inf')\n")
    record = book.weave().records["part/topic.py"]
    assert "[inf] nan" in record.regions[""].output
    assert "snippets/part/topic.py:2: RuntimeWarning: divide by zero" in record.regions[""].output
    assert record.values["x"] == float("inf")


@pytest.mark.parametrize(("statement", "shown"), [
    (r"os.write(1, b'a\xffb\n')", "a\\xffb\n"),
    (r"print('a\udc80b')", "a\\udc80b\n"),
    (r"print('a\x00b\x07c\x1b[31m')", "a\\x00b\\x07c\\x1b[31m\n"),
    (r"print('a\rb')", "a\\x0db\n"),
])  # fmt: skip
def test_11_what_cannot_be_shown_is_escaped(book, statement, shown):
    book.snippet(f"import os\n{statement}\n")
    assert book.weave().records["part/topic.py"].regions[""].output == shown


def test_12_deleting_its_directory_and_ignoring_sigterm_harm_nobody(book):
    book.snippet("import os, shutil\nshutil.rmtree(os.getcwd())\n")
    deaf = "import signal\nsignal.signal(15, signal.SIG_IGN)\nwhile True: pass\n"
    book.snippet(deaf, "part/b.py")
    book.snippet(GOOD, "part/c.py")
    woven = book.weave("part/topic.py", "part/b.py", "part/c.py", seconds=1)
    assert woven.records["part/c.py"].regions[""].output == "fine\n"
    assert {p.path for p in woven.problems} <= {"snippets/part/topic.py", "snippets/part/b.py"}
    assert any("b.py" in str(problem) and "1 s" in str(problem) for problem in woven.problems)


def test_12_stdin_is_at_its_end(book):
    book.snippet("import sys\nprint(repr(sys.stdin.read()))\ninput()\n")
    assert "topic.py:3: EOFError" in only_problem(book.weave())


@linux_only
def test_11_a_run_that_ends_its_keeper_is_lost_and_no_other(book, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)  # fewer keepers than runs that end theirs
    monkeypatch.setattr("os.process_cpu_count", lambda: 2, raising=False)
    killers = [f"part/killer_{number}.py" for number in range(3)]
    for path in killers:
        book.snippet("import os\nos.kill(os.getppid(), 9)\n", path)
    book.snippet(GOOD, "part/last.py")
    woven = book.weave(*killers, "part/last.py")
    assert list(woven.records) == ["part/last.py"]
    said = {problem.path: problem.message for problem in woven.problems}
    assert said == {f"snippets/{path}": "its process was lost" for path in killers}


@pytest.mark.parametrize(("text", "said"), [
    ("import os\nos._exit(0)\n", "ended with exit status 0 before its last statement"),
    ("import sys\nsys.exit(0)\n", "SystemExit: 0 (a snippet must run to its last statement)"),
    ("import ctypes\nctypes.string_at(0)\n", "died of signal 11 before its last statement"),
    ("import os\nos.kill(os.getpid(), 9)\n", "died of signal 9 before its last statement"),
])  # fmt: skip
def test_13_an_early_end_is_no_success(book, text, said):
    book.snippet(text)
    assert said in only_problem(book.weave())


def test_14_the_environment_is_an_allow_list(book, monkeypatch):
    monkeypatch.setenv("MATMUL_SECRET", "hunter2")
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    book.snippet("import os\nfor name in sorted(os.environ): print(name)\n")
    names = book.weave().records["part/topic.py"].regions[""].output.split()
    assert "PATH" in names
    assert not {"MATMUL_SECRET", "OPENBLAS_CORETYPE"} & set(names)


def test_20_a_missing_package_is_said_but_is_no_error_outside_ci(book, monkeypatch):
    book.snippet("import torch_that_is_not_there\n")
    monkeypatch.delenv("CI", raising=False)
    woven = book.weave()
    assert woven.absent == {"part/topic.py": "torch_that_is_not_there"}
    assert not woven.problems
    monkeypatch.setenv("CI", "true")
    assert "topic.py:1: not run: torch_that_is_not_there is not installed" in only_problem(
        book.weave()
    )


def test_one_failure_does_not_stop_the_others_and_all_are_reported(book):
    book.snippet("1 / 0\n", "part/a.py")
    book.snippet(GOOD, "part/b.py")
    book.snippet("x = = 1\n", "part/c.py")
    book.snippet("import os\nos._exit(3)\n", "part/d.py")
    woven = book.weave("part/a.py", "part/b.py", "part/c.py", "part/d.py")
    assert list(woven.records) == ["part/b.py"]
    assert sorted(problem.path for problem in woven.problems) == [
        "snippets/part/a.py", "snippets/part/c.py", "snippets/part/d.py",
    ]  # fmt: skip
    assert not list((book.root / ".weave").glob("run-*"))
