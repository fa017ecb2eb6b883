"""tools/browser.py with made-up PATHs and browsers: nothing is downloaded or installed."""

import os
import sys
from pathlib import Path

import pytest

from tools import browser

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")


def script(path: Path, text: str = "exit 0") -> Path:
    """A program made of one line of shell."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def path(tmp_path, monkeypatch):
    """The only folder on the PATH, empty; and a playwright that has nothing."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(browser, "usual_places", lambda: [])
    monkeypatch.setattr(browser, "from_playwright", lambda: None)
    return folder


@pytest.mark.parametrize("name", ["chromium", "google-chrome", "msedge"])
def test_a_browser_on_the_path_is_found(path, name):
    there = script(path / name)
    assert browser.find_chromium() == there


def test_chromium_comes_before_others(path):
    script(path / "google-chrome")
    first = script(path / "chromium")
    assert browser.find_chromium() == first


def test_a_stub_that_does_not_start_is_passed_over(path):
    script(path / "chromium", "echo 'requires the snap'; exit 10")
    real = script(path / "google-chrome")
    assert browser.find_chromium() == real


def test_the_usual_places_are_searched(path, tmp_path, monkeypatch):
    there = script(tmp_path / "Applications/Chromium.app/chromium")
    monkeypatch.setattr(browser, "usual_places", lambda: [tmp_path / "absent", there])
    assert browser.find_chromium() == there


def test_playwrights_own_comes_after_the_systems(path, tmp_path, monkeypatch):
    own = script(tmp_path / "playwright/chrome")
    monkeypatch.setattr(browser, "from_playwright", lambda: own)
    assert browser.find_chromium() == own
    systems = script(path / "chromium")
    assert browser.find_chromium() == systems


def test_the_variable_overrides_all(path, tmp_path, monkeypatch):
    script(path / "chromium")
    mine = script(tmp_path / "mine")
    monkeypatch.setenv("CHROMIUM", str(mine))
    assert browser.find_chromium() == mine


def test_a_wrong_variable_is_an_error_and_not_replaced(path, monkeypatch):
    script(path / "chromium")
    monkeypatch.setenv("CHROMIUM", "/nowhere/chrome")
    with pytest.raises(browser.BrowserMissing, match="/nowhere/chrome"):
        browser.get_chromium()


def test_looking_never_installs(path, monkeypatch):
    monkeypatch.setattr(browser, "attempt", None)
    with pytest.raises(browser.BrowserMissing, match="CHROMIUM=/path"):
        browser.find_chromium()


def test_a_download_is_tried_before_the_package(path, monkeypatch):
    tried = []

    def attempt(command, seconds, **environment):
        tried.append(command)
        script(path / "chromium")

    monkeypatch.setattr(browser, "attempt", attempt)
    script(path / "apt-get")
    assert browser.get_chromium() == path / "chromium"
    assert [command[1:] for command in tried] == [
        ["-m", "playwright", "install", "--no-shell", "chromium"]
    ]


def test_the_package_is_installed_where_the_download_fails(path, monkeypatch):
    monkeypatch.setattr(browser, "download", lambda: None)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    script(path / "apt-get", f'[ "$1" = update ] || /bin/ln -s /bin/true {path}/chromium')
    assert browser.get_chromium() == path / "chromium"


def test_sudo_is_asked_without_a_password(path, monkeypatch):
    monkeypatch.setattr(browser, "download", lambda: None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    script(path / "apt-get")
    script(path / "sudo", f'printf "%s\\n" "$*" >> {path}/asked; exit 1')
    with pytest.raises(browser.BrowserMissing):
        browser.get_chromium()
    asked = (path / "asked").read_text().splitlines()
    assert asked[0] == "-n apt-get update"
    assert asked[1].startswith("-n apt-get install -y") and asked[1].endswith(" chromium")


def test_an_installer_that_hangs_is_ended(path, monkeypatch):
    slow = script(path / "slow", "exec /bin/sleep 60")
    browser.attempt([str(slow)], 1)  # returns, or the test's own limit ends it
    with pytest.raises(browser.BrowserMissing):
        browser.find_chromium()


def test_without_a_browser_the_command_fails_with_one_line(path, monkeypatch, capsys):
    monkeypatch.setattr(browser, "attempt", lambda *_, **__: None)
    assert browser.main() == 1
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err == f"browser: {browser.NEEDED}\n"


def test_the_command_prints_the_path(path, capsys):
    script(path / "chromium")
    assert browser.main() == 0
    assert capsys.readouterr().out == f"{path}/chromium\n"
