"""tools/setup.py against tiny wheels in a local index: no network, nothing of the user's own."""

import base64
import hashlib
import http.server
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from tools import setup

BUILD = "torch-9.1.0+cpu-py3-none-any.whl"


def write_wheel(folder: Path, name: str, version: str, needs: str = "") -> Path:
    """An empty package that pip installs like any other."""
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    files = {
        f"{name}.py": f"version = '{version}'\n",
        f"{info}/METADATA": metadata + (f"Requires-Dist: {needs}\n" if needs else ""),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }

    def row(path: str, text: str) -> str:
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
        return f"{path},sha256={digest.decode().rstrip('=')},{len(text)}\n"

    record = "".join(row(*file) for file in files.items()) + f"{info}/RECORD,,\n"
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in (files | {f"{info}/RECORD": record}).items():
            archive.writestr(path, text)
    return wheel


def installed(venv: Path, name: str) -> str:
    """The version of an installed package, or nothing."""
    code = f"import importlib.metadata as m; print(m.version({name!r}))"
    run = subprocess.run([setup.python_in(venv), "-c", code], capture_output=True, text=True)
    return run.stdout.strip()


@pytest.fixture(scope="module")
def empty_venv(tmp_path_factory):
    """One environment for all tests here: making one takes seconds."""
    venv = tmp_path_factory.mktemp("shared") / ".venv"
    setup.create(venv)
    return venv


@pytest.fixture
def wheels(tmp_path, monkeypatch):
    """A wheel folder that is all pip knows."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return folder


@pytest.fixture
def book(tmp_path, wheels, empty_venv, monkeypatch):
    """A repository whose requirements the wheel folder can meet, and no .venv yet."""
    root = tmp_path / "book"
    root.mkdir()
    (root / "requirements.txt").write_text("torch==9.1.0\nabacus==1.0\n")
    for name, version in (("torch", "9.1.0"), ("abacus", "1.0"), ("abacus", "2.0")):
        write_wheel(wheels, name, version)

    def link(venv):
        venv.symlink_to(empty_venv)

    monkeypatch.setattr(setup, "create", link)
    monkeypatch.setattr(setup, "wants_cpu_build", lambda: False)
    yield root
    for package in ("torch", "abacus"):
        for left in empty_venv.rglob(f"site-packages/{package}[.-]*"):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    (empty_venv / "matmul-book.stamp").unlink(missing_ok=True)


class Index(http.server.BaseHTTPRequestHandler):
    """A package index that has a CPU build of torch, and nothing of what that needs."""

    wheel: bytes

    def do_GET(self):
        here = self.path == "/torch/"
        page = f'<a href="/{BUILD}#sha256={hashlib.sha256(self.wheel).hexdigest()}">{BUILD}</a>'
        self.send_response(200 if here or self.path.endswith(".whl") else 404)
        self.send_header("Content-Type", "text/html" if here else "application/zip")
        self.end_headers()
        self.wfile.write(page.encode() if here else self.wheel)

    def log_message(self, *_):
        """Keep the test's output clean."""


@pytest.fixture
def cpu_index(tmp_path, monkeypatch):
    """The address of such an index."""
    folder = tmp_path / "cpu"
    folder.mkdir()
    Index.wheel = write_wheel(folder, "torch", "9.1.0+cpu", "abacus").read_bytes()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 11, 4), (3, 15, 0), (4, 0, 0)])
def test_a_python_without_wheels_is_named_in_one_line(version):
    with pytest.raises(setup.SetupError) as error:
        setup.check_python(version)
    line = str(error.value)
    assert "\n" not in line
    assert ".".join(map(str, version)) in line and "3.11.5" in line and sys.executable in line


@pytest.mark.parametrize("version", [(3, 11, 5), (3, 12, 0), (3, 14, 9)])
def test_a_python_with_wheels_passes(version):
    setup.check_python(version)


def test_requirements_pin_every_package_exactly():
    requirements = setup.ROOT / "requirements.txt"
    lines = [line for line in requirements.read_text().splitlines() if line and line[0] != "#"]
    assert len(lines) > 10
    assert [line for line in lines if not re.match(r"[A-Za-z-]+==[0-9.]+( ;|$)", line)] == []
    assert setup.torch_pin(requirements) == "2.13.0"


def test_the_first_run_installs_and_the_second_does_nothing(book, monkeypatch):
    assert setup.set_up(book) is True
    assert installed(book / ".venv", "torch") == "9.1.0"
    assert installed(book / ".venv", "abacus") == "1.0"
    monkeypatch.setattr(setup, "pip", None)  # a second call would fail here
    assert setup.set_up(book) is False


def test_changed_requirements_are_installed(book):
    setup.set_up(book)
    (book / "requirements.txt").write_text("torch==9.1.0\nabacus==2.0\n")
    assert setup.set_up(book) is True
    assert installed(book / ".venv", "abacus") == "2.0"


def test_an_interrupted_run_is_taken_up_again(book):
    (book / "requirements.txt").write_text("torch==9.1.0\nabacus==3.0\n")
    with pytest.raises(setup.SetupError, match="pip could not install"):
        setup.set_up(book)
    assert not (book / ".venv/matmul-book.stamp").exists()
    (book / "requirements.txt").write_text("torch==9.1.0\nabacus==1.0\n")
    assert setup.set_up(book) is True
    assert installed(book / ".venv", "abacus") == "1.0"


def test_an_environment_of_another_python_is_replaced(tmp_path, empty_venv):
    venv = tmp_path / ".venv"
    (venv / "bin").mkdir(parents=True)
    assert not setup.has_this_python(venv)
    (venv / "pyvenv.cfg").write_text("version = 3.9.18\n")
    assert not setup.has_this_python(venv)
    assert setup.has_this_python(empty_venv)


def test_a_failed_environment_leaves_nothing_behind(tmp_path, monkeypatch):
    broken = tmp_path / "python"  # as where the system's Python comes without ensurepip
    broken.write_text(f"#!/bin/sh\nmkdir -p {tmp_path}/.venv/bin; exit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    with pytest.raises(setup.SetupError, match="could not create"):
        setup.create(tmp_path / ".venv")
    assert not (tmp_path / ".venv").exists()


def test_the_cpu_build_comes_from_its_own_index(book, cpu_index, monkeypatch):
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")  # never asked
    setup.create(book / ".venv")
    assert setup.install_cpu_torch(book / ".venv", "9.1.0", cpu_index) is True
    assert installed(book / ".venv", "torch") == "9.1.0+cpu"
    assert installed(book / ".venv", "abacus") == ""  # that is for the usual index to bring
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    setup.set_up(book)  # the plain pin is content with it
    assert installed(book / ".venv", "torch") == "9.1.0+cpu"
    assert installed(book / ".venv", "abacus") == "1.0"


def test_another_version_on_the_cpu_index_is_left_alone(book, cpu_index, monkeypatch):
    monkeypatch.delenv("PIP_NO_INDEX")
    setup.create(book / ".venv")
    assert setup.install_cpu_torch(book / ".venv", "9.1", cpu_index) is False
    assert installed(book / ".venv", "torch") == ""


def test_a_users_own_wheel_folder_serves_without_the_index(book, wheels, monkeypatch, capfd):
    monkeypatch.delenv("PIP_NO_INDEX")
    write_wheel(wheels, "torch", "9.1.0+cpu")
    setup.create(book / ".venv")
    assert setup.install_cpu_torch(book / ".venv", "9.1.0", "http://127.0.0.1:9/cpu") is True
    assert installed(book / ".venv", "torch") == "9.1.0+cpu"
    assert "WARNING" not in "".join(capfd.readouterr())


def test_an_index_that_refuses_leaves_torch_to_the_plain_pin(book, monkeypatch, capfd):
    monkeypatch.delenv("PIP_NO_INDEX")
    setup.create(book / ".venv")
    assert setup.install_cpu_torch(book / ".venv", "9.1.0", "http://127.0.0.1:9/cpu") is False
    assert capfd.readouterr() == ("", "")


def test_an_index_that_never_answers_is_given_up(book, monkeypatch, capfd):
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setattr(setup, "CPU_INDEX_SECONDS", 1)
    setup.create(book / ".venv")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        index = f"http://127.0.0.1:{listener.getsockname()[1]}/cpu"
        assert setup.install_cpu_torch(book / ".venv", "9.1.0", index) is False
    assert capfd.readouterr() == ("", "")


def test_only_linux_without_a_driver_wants_the_cpu_build(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    if not Path("/proc/driver/nvidia").exists():
        assert setup.wants_cpu_build()
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    assert not setup.wants_cpu_build()
    tool.unlink()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not setup.wants_cpu_build()


def test_the_command_says_in_one_line_why_it_fails(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    (tmp_path / "requirements.txt").write_text("abacus==1.0\n")
    monkeypatch.setattr(setup, "create", lambda venv: None)
    monkeypatch.setattr(setup, "wants_cpu_build", lambda: True)
    assert setup.main() == 1
    assert capsys.readouterr().err == "set-up: requirements.txt does not pin torch.\n"


def lock_line(wheel: Path, pin: str) -> str:
    return f"{pin} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


@pytest.fixture
def locked_book(book, wheels):
    """The book with locks that fit the wheels."""
    (book / "locks").mkdir()
    build = write_wheel(wheels, "torch", "9.1.0+cpu", "abacus")
    plain = lock_line(wheels / "torch-9.1.0-py3-none-any.whl", "torch==9.1.0")
    other = lock_line(wheels / "abacus-1.0-py3-none-any.whl", "abacus==1.0")
    (book / "locks/torch-cpu.txt").write_text(lock_line(build, "torch==9.1.0+cpu"))
    (book / "locks/book.txt").write_text(plain + other)
    return book


def test_the_locks_give_what_the_requirements_ask_for(locked_book):
    assert setup.set_up(locked_book, setup.install_locked) is True
    build = "9.1.0+cpu" if sys.platform == "linux" else "9.1.0"
    assert installed(locked_book / ".venv", "torch") == build
    assert installed(locked_book / ".venv", "abacus") == "1.0"
    assert setup.set_up(locked_book) is False  # the plain requirements are content with it


@pytest.mark.parametrize("lock", ["book", "torch-cpu"])
def test_a_file_that_is_not_the_locked_one_is_refused(locked_book, wheels, lock):
    if lock == "torch-cpu" and sys.platform != "linux":
        lock = "book"  # the CPU builds are for Linux
    name = "abacus-1.0" if lock == "book" else "torch-9.1.0+cpu"
    (wheels / f"{name}-py3-none-any.whl").open("ab").write(b"more")
    with pytest.raises(setup.SetupError, match="pip could not install"):
        setup.set_up(locked_book, setup.install_locked)
    assert not (locked_book / ".venv/matmul-book.stamp").exists()
