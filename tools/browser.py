"""Find a Chromium for the browser tests, or get one: `python tools/browser.py`.

The tests only look (`find_chromium`); what may download or install is this command.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "chrome",
    "msedge",
)
MACOS = (
    "Chromium.app/Contents/MacOS/Chromium",
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
WINDOWS = (
    r"Google\Chrome\Application\chrome.exe",
    r"Chromium\Application\chrome.exe",
    r"Microsoft\Edge\Application\msedge.exe",
)
DOWNLOAD_SECONDS = 300
PACKAGE_SECONDS = 300
NEEDED = "no Chromium found: install Chromium, Chrome or Edge, or set CHROMIUM=/path/to/it"


class BrowserMissing(Exception):
    """No Chromium-like browser that starts."""


def starts(browser: Path) -> bool:
    """Whether the file is a browser that runs, and no stub or one that lacks its libraries."""
    if sys.platform == "win32":  # there --version opens a window
        return browser.is_file()
    try:
        run = subprocess.run([browser, "--version"], capture_output=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return run.returncode == 0


def usual_places() -> list[Path]:
    """Where macOS and Windows keep browsers that are not on the PATH."""
    if sys.platform == "darwin":
        return [Path("/Applications") / app for app in MACOS]
    roots = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
    folders = [Path(os.environ[root]) for root in roots if root in os.environ]
    return [folder / app for folder in folders for app in WINDOWS]


def from_system() -> Path | None:
    """The first browser on the PATH or in a usual place that starts."""
    on_path = [Path(found) for name in NAMES if (found := shutil.which(name))]
    return next(filter(starts, on_path + usual_places()), None)


def from_playwright() -> Path | None:
    """The browser that playwright has downloaded, if it has."""
    code = (
        "from playwright.sync_api import sync_playwright as start\n"
        "with start() as playwright: print(playwright.chromium.executable_path)"
    )
    # In a process of its own: the tests may have another playwright running.
    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    path = Path(asked.stdout.strip() or "playwright-is-not-installed")
    return path if starts(path) else None


def find_chromium() -> Path:
    """The browser: $CHROMIUM, else the system's, else playwright's; raises BrowserMissing."""
    if named := os.environ.get("CHROMIUM"):
        if starts(Path(named)):
            return Path(named)
        raise BrowserMissing(f"CHROMIUM={named} is no browser that starts")
    if found := from_system() or from_playwright():
        return found
    raise BrowserMissing(NEEDED)


def attempt(command: list[str], seconds: int, **environment: str) -> None:
    """Run an installer; whether it helped is seen by looking for the browser again."""
    print("no Chromium yet, trying:", " ".join(command), file=sys.stderr, flush=True)
    try:
        subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            env=os.environ | environment,
        )
    except (OSError, subprocess.TimeoutExpired):
        pass


def download() -> None:
    """Playwright's own build. Where its host does not answer, this fails within seconds."""
    command = [sys.executable, "-m", "playwright", "install", "--no-shell", "chromium"]
    attempt(command, DOWNLOAD_SECONDS, PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT="5000")


def install_package() -> None:
    """The distribution's package, where apt-get is and needs no password."""
    if not shutil.which("apt-get"):
        return
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    attempt([*root, "apt-get", "update"], PACKAGE_SECONDS)
    attempt(
        [*root, "apt-get", "install", "-y", "--no-install-recommends", "chromium"],
        PACKAGE_SECONDS,
        DEBIAN_FRONTEND="noninteractive",
    )


def get_chromium() -> Path:
    """`find_chromium`, after trying to get one where there is none."""
    for get in (download, install_package):
        try:
            return find_chromium()
        except BrowserMissing:
            if "CHROMIUM" in os.environ:
                raise
            get()
    return find_chromium()


def main() -> int:
    """Print the browser's path; 1 and one line on what to do if there is none to be had."""
    try:
        print(get_chromium())
    except BrowserMissing as missing:
        print(f"browser: {missing}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
