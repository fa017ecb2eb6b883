"""Build the book with the newest versions of all that it needs: `make newest`.

In an environment of its own, in a folder that is removed afterwards; nothing is kept but
`requirements-newest.txt`: when the book last built so, and with which versions. PyTorch stays at
its pin, because the newest is to be had without gigabytes of CUDA only by its exact name.
"""

import datetime
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import setup  # noqa: E402
from tools.reproducible import LEFT_OUT  # noqa: E402

PIN = re.compile(r"^([A-Za-z][\w.-]*)==(\S+)", re.MULTILINE)
KEPT = "torch"
RECORD = ROOT / "requirements-newest.txt"
HEAD = """\
# With these versions, the newest of that day, the book was last built: {date}, Python {python}.
# Written by `make newest`; {kept} stays at the pin of requirements.txt.
"""


def names(requirements: str) -> list[str]:
    """The packages that the requirements pin."""
    return [name for name, _ in PIN.findall(requirements)]


def environment(venv: Path, requirements: Path) -> None:
    """A fresh environment with the newest of everything but PyTorch."""
    setup.create(venv)
    version = setup.torch_pin(requirements)
    if setup.wants_cpu_build():
        setup.install_cpu_torch(venv, version)
    wanted = [name for name in names(requirements.read_text(encoding="utf-8")) if name != KEPT]
    if setup.pip(venv, "install", "-q", *wanted, f"{KEPT}=={version}").returncode:
        raise SystemExit("pip could not install the newest versions (see above).")


def build(venv: Path, book: Path) -> None:
    shutil.copytree(ROOT, book, ignore=LEFT_OUT)
    command = [str(setup.python_in(venv)), "-m", "mkdocs", "build", "--strict", "--quiet"]
    variables = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    if subprocess.run(command, cwd=book, env=variables, check=False).returncode:
        raise SystemExit("The book does not build with these versions (see above).")


def plain(name: str) -> str:
    """A package's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def record(installed: str, requirements: str, date: datetime.date) -> str:
    """The text of the file: the date, and the version of each package that was asked for."""
    versions = {plain(name): version for name, version in PIN.findall(installed)}
    head = HEAD.format(date=date, python=platform.python_version(), kept=KEPT)
    lines = (f"{name}=={versions[plain(name)].partition('+')[0]}" for name in names(requirements))
    return head + "\n".join(lines) + "\n"


def main() -> None:
    requirements = ROOT / "requirements.txt"
    with tempfile.TemporaryDirectory() as folder:
        venv = Path(folder) / "venv"
        environment(venv, requirements)
        found = setup.pip(venv, "freeze", "--all", capture_output=True, text=True).stdout
        print(found, end="")
        build(venv, Path(folder) / "book")
    today = datetime.datetime.now(datetime.UTC).date()
    text = record(found, requirements.read_text(encoding="utf-8"), today)
    RECORD.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
