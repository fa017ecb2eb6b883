"""Forks runs from one process that has imported the heavy packages (Linux).

``python -m weave.forked`` reads jobs as one JSON line and writes one JSON line per event.
Importing torch takes a second; here it is paid once, not once per snippet. Each run has a keeper
between it and this process: as a 'subreaper' the keeper inherits whatever the run leaves behind,
even from a new session, and ends it before it begins the next.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import re
import signal
import sys
import tempfile
import time
from pathlib import Path

from weave import child, drawings, limits, outlines
from weave.labs import find

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
WARM_FROM = 4  # below this many runs, warming costs more than it saves


def main() -> None:
    request = json.loads(sys.stdin.readline())
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    outlines.load(Path(request["jobs"][0]["root"]) / ".weave" / "outlines.json")
    many = len(request["jobs"]) >= WARM_FROM
    dynamo = many and any(wants_dynamo(job) for job in request["jobs"])
    gc.disable()  # of what is imported, nothing is garbage
    preload(request["packages"], many, dynamo)
    # A run's garbage collector need not look through what is here: looking would copy each page
    # of memory that the runs share, which took longer than a small run itself.
    gc.freeze()
    gc.enable()
    supervise(request["jobs"], limits.Limits(**request["limits"]), request["processes"])


def supervise(jobs: list[dict], limit: limits.Limits, processes: int) -> None:
    """Have a keeper for each process that may run take one job after another."""
    with tempfile.TemporaryFile() as queue:
        queue.write(b"".join(number.to_bytes(4) for number in range(len(jobs))))
        queue.seek(0)
        given = queue.fileno(), jobs, limit
        keepers = {fork(keep_all, *given) for _ in range(min(processes, len(jobs)))}
        while keepers:
            pid, status = os.wait()
            keepers.discard(pid)
            if os.WIFSIGNALED(status):  # with the run that it kept; the others are still to come
                keepers.add(fork(keep_all, *given))


def keep_all(queue: int, jobs: list[dict], limit: limits.Limits) -> None:
    """Supervise one run after another; keepers share their place in the queue of numbers."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    while number := os.read(queue, 4):
        job = jobs[int.from_bytes(number)]
        emit(event="start", path=job["path"])
        keep(job, limit)
        emit(event="end", path=job["path"])


def emit(**event: object) -> None:
    os.write(1, (json.dumps(event) + "\n").encode())


def prctl(option: int, value: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(option, int(value), 0, 0, 0)


def fork(function, *arguments) -> int:
    """Run the function in a forked process that never returns here; gives its pid."""
    if pid := os.fork():
        return pid
    status = 1
    try:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        function(*arguments)
        status = 0
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        os._exit(status)


def wants_dynamo(job: dict) -> bool:
    """Whether the snippet seems to use the parts of torch whose first use takes a second."""
    text = find(Path(job["root"]), job["path"]).file.read_bytes()
    return re.search(rb"\boptim\b|DispatchMode|FlopCounterMode", text) is not None


def preload(packages: list[str], warm: bool, dynamo: bool) -> None:
    """Import what the runs will import, and do once what torch and matplotlib do lazily."""
    for package in packages:
        with contextlib.suppress(ImportError):  # the snippet says it better
            importlib.import_module(package)
            if package == "numpy":
                importlib.import_module("numpy.random")  # which numpy imports when first used
    if "torch" in packages and (torch := sys.modules.get("torch")):
        torch.set_num_threads(1)  # a pool of threads does not survive a fork: children would hang
        weight = torch.nn.Parameter(torch.ones(2, 2))
        if warm:
            (weight @ weight).sum().backward()
        if dynamo:
            torch.optim.AdamW([weight]).step()
    if "matplotlib" in packages and "matplotlib" in sys.modules:
        import matplotlib.pyplot as plt

        for _ in range(2 if warm else 0):  # once more with what the first has prepared
            axes = plt.subplots()[1]
            axes.plot([0, 1])
            axes.set_xlabel("$x$")
            plt.show()
            for svg, _ in child.take_figures():
                drawings.clean(svg)


def keep(job: dict, limit: limits.Limits) -> None:
    """Supervise one run to its end and write what came of it to ``outcome.json``."""
    folder = Path(job["folder"])
    run = fork(begin, job, limit)
    status, timed_out = wait(run, limit, folder / "output")
    left = end_all()
    problem = limits.breach(limit, folder / "output", timed_out)
    if not problem and left and (folder / "result.json").exists():
        problem = f"left {left} process(es) running: ended"
    if not problem and not (folder / "result.json").exists():
        problem = limits.ending(status)
    (folder / "outcome.json").write_text(json.dumps({"problem": problem}))


def begin(job: dict, limit: limits.Limits) -> None:
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    limits.apply(limit)
    child.main(Path(job["root"]), job["path"], Path(job["folder"]) / "work")


def wait(pid: int, limit: limits.Limits, output: Path) -> tuple[int, bool]:
    """Exit status of the run and whether it had to be stopped for time."""
    deadline = time.monotonic() + limit.seconds
    pause = 0.001
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status), False
        late = time.monotonic() > deadline
        if late or (output.exists() and output.stat().st_size > limit.output):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
            return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), late
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)


def end_all(grace: float = 0.3) -> int:
    """Kill what the run left behind; how many there were after a moment's grace."""
    deadline = time.monotonic() + grace
    found: set[int] = set()
    while children := living_children():
        if time.monotonic() > deadline:
            found |= children
            for pid in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)
    return len(found)


def living_children() -> set[int]:
    """Children of this process that have not ended; those that have are reaped."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    own = os.getpid()
    text = Path(f"/proc/{own}/task/{own}/children").read_text()
    return {int(pid) for pid in text.split()}


if __name__ == "__main__":
    main()
    os._exit(0)  # to take apart what is loaded would take a fifth as long as to load it
