"""The locks hold what the requirements pin, for every system, and nothing of any one machine."""

import re

import pytest

from tools import lock, setup

PIN = re.compile(r"^([\w.-]+)==([^\s;\\]+)", re.MULTILINE)


def pins(text: str) -> dict[str, set[str]]:
    """Package -> its versions; a lock may name two, for different Pythons."""
    found: dict[str, set[str]] = {}
    for name, version in PIN.findall(text):
        found.setdefault(re.sub(r"[-_.]+", "-", name).lower(), set()).add(version)
    return found


def faults(requirements: str, locked: str) -> list[str]:
    """What is wrong with a lock; empty where nothing is."""
    found = pins(locked)
    wrong = [
        f"{name}: {version} is required, the lock has {found.get(name)}: run `make lock`"
        for name, (version,) in pins(requirements).items()
        if found.get(name) != {version}
    ]
    wrong += [f"{n}: a local version" for n, all_of in found.items() if "+" in "".join(all_of)]
    lines = [line for line in locked.splitlines() if not line.startswith("#")]
    wrong += [f"a host, path or option: {line}" for line in lines if re.search(r"//|@|^-|/", line)]
    entries = re.split(r"^(?=[\w.-]+==)", "\n".join(lines), flags=re.MULTILINE)
    wrong += [f"no hash: {e.strip()}" for e in entries if e.strip() and "--hash=sha256:" not in e]
    return wrong


@pytest.mark.parametrize("requirements, locked", lock.LOCKS.items())
def test_a_lock_covers_its_requirements(root, requirements, locked):
    required, text = ((root / name).read_text() for name in (requirements, locked))
    assert len(pins(text)) > len(pins(required)) > 4
    assert faults(required, text) == []


@pytest.mark.parametrize(
    "change",
    [
        (r"^numpy==[\d.]+", "numpy==0.1"),
        (r"^torch==([\d.]+)", r"torch==\1+cpu"),
        (r"^jieba==.*\n(?:    .*\n)+", ""),
        (r"\A", "--index-url https://example.org/simple\n"),
        (r"^jieba==.*\n", "jieba @ file:///wheels/jieba.whl \\\\\n"),
        (r"(?<=^ruff==0.17.6) \\\n(?:    .*\n)+", "\n"),
    ],
)
def test_a_lock_that_is_wrong_is_noticed(root, change):
    required, text = ((root / n).read_text() for n in ("requirements.txt", "locks/book.txt"))
    changed = re.sub(*change, text, count=1, flags=re.MULTILINE)
    assert changed != text
    assert faults(required, changed) != []


def test_the_lock_leaves_cuda_out(root):
    names = pins((root / "locks/book.txt").read_text())
    assert "torch" in names
    assert [name for name in names if name.startswith(("nvidia", "cuda", "triton"))] == []


def test_cuda_is_dropped_with_its_hashes():
    text = "numpy==1 \\\n    --hash=a\nnvidia-nvtx==2 ; sys_platform == 'linux' \\\n    --hash=b\n"
    assert lock.CUDA.sub("", text + "tzdata==3 \\\n    --hash=c\n") == (
        "numpy==1 \\\n    --hash=a\ntzdata==3 \\\n    --hash=c\n"
    )


def test_the_cpu_build_is_that_of_the_pinned_torch(root):
    text = (root / "locks/torch-cpu.txt").read_text()
    assert pins(text) == {"torch": {setup.torch_pin(root / "requirements.txt") + "+cpu"}}
    assert len(set(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", text))) == 8


def test_both_requirements_name_the_same_linter(root):
    book, ci = ((root / name).read_text() for name in lock.LOCKS)
    assert pins(book)["ruff"] == pins(ci)["ruff"]
