"""Make .venv ready: `python tools/setup.py`. Costs nothing when it is.

With `--locked`, as the published builds do it: every file of every package as its hash says.

Standard library only, and readable by old Pythons, so that these can say what is wrong.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11, 5)  # pymdown-extensions 13.1 asks for it
NEWEST = (3, 14)  # the last Python that torch 2.13.0 has wheels for
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
CPU_INDEX_SECONDS = 10


class SetupError(Exception):
    """What the user has to know, in one line."""


def check_python(version: tuple) -> None:
    """Raise SetupError unless the pinned packages have wheels for this Python."""
    if OLDEST <= version[:3] and version[:2] <= NEWEST:
        return
    raise SetupError(
        f"Python 3.11.5 to 3.14 is needed, this is {'.'.join(map(str, version[:3]))} "
        f"({sys.executable}). Name another one, as in: make PYTHON=python3.13 serve"
    )


def python_in(venv: Path) -> Path:
    """The environment's interpreter."""
    windows = sys.platform == "win32"
    return venv / ("Scripts/python.exe" if windows else "bin/python")


def stamp_of(requirements: Path) -> str:
    """What a finished environment was made from: this Python and these requirements."""
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    return f"{sys.version_info[0]}.{sys.version_info[1]} {digest}"


def has_this_python(venv: Path) -> bool:
    """Whether the environment exists and belongs to the Python that runs this script."""
    try:
        config = (venv / "pyvenv.cfg").read_text(encoding="utf-8")
    except OSError:
        return False
    version = f"version = {sys.version_info[0]}.{sys.version_info[1]}."
    return version in config and python_in(venv).exists()


def create(venv: Path) -> None:
    """Make an empty environment in place of whatever was there."""
    if subprocess.run([sys.executable, "-m", "venv", "--clear", str(venv)]).returncode != 0:
        shutil.rmtree(venv, ignore_errors=True)
        raise SetupError(
            "Python could not create .venv (on Debian and Ubuntu: apt install python3-venv)."
        )


def pip(venv: Path, *arguments: str, **options) -> subprocess.CompletedProcess:
    """Run the environment's pip; the user's own configuration of pip applies."""
    command = [str(python_in(venv)), "-m", "pip", "--disable-pip-version-check", "--no-input"]
    return subprocess.run(command + list(arguments), **options)


def torch_pin(requirements: Path) -> str:
    """The plain version of torch that the requirements ask for."""
    for line in requirements.read_text(encoding="utf-8").splitlines():
        if line.startswith("torch=="):
            return line[len("torch==") :].split(";")[0].strip()
    raise SetupError(f"{requirements.name} does not pin torch.")


def wants_cpu_build() -> bool:
    """On Linux the public index gives gigabytes of CUDA, useless without an NVIDIA driver."""
    driver = Path("/proc/driver/nvidia").exists() or shutil.which("nvidia-smi")
    return sys.platform == "linux" and not driver


def install_cpu_torch(venv: Path, version: str, index: str = CPU_INDEX) -> bool:
    """Install PyTorch's CPU build if it answers soon; False leaves torch to the plain pin.

    A CPU build that pip's configuration offers (a wheel folder, a mirror) serves as well.
    """
    build = version + "+cpu"
    look = ("index", "versions", "torch", "--index-url", index, "--retries", "0", "--timeout", "5")
    try:
        found = pip(venv, *look, capture_output=True, text=True, timeout=CPU_INDEX_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    if build not in found.stdout.replace(",", " ").split():
        return False
    print(f"Taking the CPU build of PyTorch {version} (about 200 MB) ...", flush=True)
    # Without its dependencies, which the requirements bring from the usual index.
    wanted = ("--no-deps", "--index-url", index, "--retries", "2", "torch==" + build)
    if pip(venv, "install", *wanted, capture_output=True).returncode == 0:
        return True
    print("That failed; PyTorch comes from the usual index instead.", flush=True)
    return False


def install(venv: Path, root: Path) -> bool:
    """Install the pinned packages, with whatever else they need; whether that worked."""
    requirements = root / "requirements.txt"
    if wants_cpu_build():
        install_cpu_torch(venv, torch_pin(requirements))
    done = pip(venv, "install", "--progress-bar", "off", "-r", str(requirements))
    return done.returncode == 0


def install_locked(venv: Path, root: Path) -> bool:
    """Install what the locks name and nothing else; whether that worked."""
    exact = ("install", "--progress-bar", "off", "--no-deps", "--require-hashes")
    if sys.platform == "linux":  # the plain build would ask for CUDA, which the lock leaves out
        build = ("--index-url", CPU_INDEX, "-r", str(root / "locks/torch-cpu.txt"))
        if pip(venv, *exact, *build).returncode != 0:
            return False
    return pip(venv, *exact, "-r", str(root / "locks/book.txt")).returncode == 0


def set_up(root: Path, how=install) -> bool:
    """Bring `root/.venv` up to `root/requirements.txt`; False if there was nothing to do."""
    venv, requirements = root / ".venv", root / "requirements.txt"
    stamp = venv / "matmul-book.stamp"
    wanted = stamp_of(requirements)
    if stamp.exists() and stamp.read_text() == wanted and python_in(venv).exists():
        return False
    print("Setting up .venv; the first time takes minutes and about 2 GB of disk.", flush=True)
    if not has_this_python(venv):
        create(venv)
    stamp.unlink(missing_ok=True)
    if not how(venv, root):
        raise SetupError("pip could not install requirements.txt (see above). Run this again.")
    stamp.write_text(wanted)
    return True


def main() -> int:
    """The command: 0 if .venv is ready, else 1 and one line that says why not."""
    try:
        check_python(sys.version_info)
        set_up(ROOT, install_locked if sys.argv[1:] == ["--locked"] else install)
    except SetupError as error:
        print("set-up:", error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
