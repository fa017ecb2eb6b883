"""Write the hashed locks anew from the requirements: `python tools/lock.py`.

    requirements.txt     ->  locks/book.txt
    requirements-ci.txt  ->  locks/ci.txt

They hold on every system and every Python that the book supports, and name the public index's
files alone: this machine's own settings of pip and uv play no part. `locks/torch-cpu.txt` is kept
by hand, because PyTorch's CPU builds stand on an index of their own.
"""

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INDEX = "https://pypi.org/simple"
OLDEST = "3.11.5"
LOCKS = {"requirements.txt": "locks/book.txt", "requirements-ci.txt": "locks/ci.txt"}
# Only PyTorch's CUDA build needs these gigabytes, and nothing here uses it.
CUDA = re.compile(r"^(?:nvidia|cuda|triton)[\w.-]*==.*\n(?:[ \t]+.*\n)*", re.MULTILINE)


def compiled(requirements: Path) -> str:
    """What uv resolves the requirements to, with the hashes of every file."""
    command = [Path(sysconfig.get_path("scripts")) / "uv", "pip", "compile", "--no-config"]
    command += ["--universal", "--python-version", OLDEST, "--default-index", INDEX]
    command += ["--generate-hashes", "--no-header", "--no-annotate", "--quiet", requirements]
    kept = ("PATH", "HOME", "SYSTEMROOT", "SSL_CERT_FILE", "HTTPS_PROXY", "NO_PROXY")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    run = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)
    if run.returncode != 0:
        raise SystemExit(f"lock: uv could not resolve {requirements.name} (see above)")
    return run.stdout


def main() -> int:
    for requirements, lock in LOCKS.items():
        head = f"# Made from {requirements} by `make lock`. Install it with `pip --no-deps`.\n"
        text = head + CUDA.sub("", compiled(ROOT / requirements))
        (ROOT / lock).write_text(text, encoding="utf-8", newline="\n")
        packages = len(re.findall(r"^[\w.-]+==", text, re.MULTILINE))
        print(f"{lock}: {packages} packages", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
