"""Runs snippets in processes of their own and brings back what each did."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from weave import limits as limits_module
from weave.limits import Limits

HEAVY = ("numpy", "torch", "matplotlib")
Progress = Callable[[str, str], None]  # (event: 'start' or 'end', path of the snippet)


def execute(
    root: Path,
    packages: dict[str, set[str]],
    limits: Limits,
    progress: Progress,
    meanwhile: Callable[[], None] = lambda: None,
) -> dict[str, dict[str, Any]]:
    """Run snippets (path -> packages it imports); path -> what came of it.

    An outcome has `problem` (None, or why the run does not count) and, unless the run was cut
    short, all that `child.main` writes down.
    """
    with scratch(root) as folder:
        jobs = []
        for number, path in enumerate(packages):
            (folder / str(number) / "work").mkdir(parents=True)
            jobs.append({"root": str(root), "path": path, "folder": str(folder / str(number))})
        environment = limits_module.environment(root, folder)
        Path(environment["MPLCONFIGDIR"]).mkdir(parents=True, exist_ok=True)
        if sys.platform == "linux":
            wanted = [name for name in HEAVY if any(name in used for used in packages.values())]
            run_forked(jobs, wanted, limits, environment, progress, meanwhile)
        else:
            meanwhile()
            for job in jobs:
                progress("start", job["path"])
                run_spawned(job, limits, environment)
                progress("end", job["path"])
        return {job["path"]: outcome(Path(job["folder"])) for job in jobs}


@contextmanager
def scratch(root: Path) -> Iterator[Path]:
    """A directory for the runs, removed with all that they left in it."""
    base = root / ".weave"
    base.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=base))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run_forked(
    jobs: list[dict], packages: list[str], limits: Limits, environment: dict, progress: Progress,
    meanwhile: Callable[[], None],
) -> None:  # fmt: skip
    request = {
        "jobs": jobs,
        "packages": packages,
        "limits": vars(limits),
        "processes": os.process_cpu_count() if sys.version_info >= (3, 13) else os.cpu_count(),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "weave.forked"],
        env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        meanwhile()
        for line in process.stdout:
            event = json.loads(line)
            progress(event["event"], event["path"])


def run_spawned(job: dict, limits: Limits, environment: dict) -> None:
    """One run in a fresh interpreter, for platforms that cannot fork safely."""
    folder = Path(job["folder"])
    code = (
        "import sys, pathlib; from weave import child;"
        "child.main(pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3]))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, job["root"], job["path"], str(folder / "work")],
        env=environment, stdin=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + limits.seconds
    while process.poll() is None:
        late = time.monotonic() > deadline
        if late or limits_module.breach(limits, folder / "output", False):
            end_group(process)
            break
        time.sleep(0.02)
    problem = limits_module.breach(limits, folder / "output", time.monotonic() > deadline)
    if not problem and not (folder / "result.json").exists():
        problem = limits_module.ending(process.wait())
    (folder / "outcome.json").write_text(json.dumps({"problem": problem}))


def end_group(process: subprocess.Popen) -> None:
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(process.pid)], check=False)
    process.wait()


def outcome(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {"problem": "its process was lost"}
    if (folder / "outcome.json").exists():
        found |= json.loads((folder / "outcome.json").read_text())
    if (folder / "result.json").exists():
        found |= json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return found
