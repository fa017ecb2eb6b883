"""MkDocs hook: where nothing has changed nothing is built, and that is soon told.

All else is in `weave/building.py`, which takes longer to load than MkDocs itself.
"""

import gc
import logging
import os
import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from weave.dates import commit_of  # noqa: E402
from weave.stamp import Stamp  # noqa: E402

log = logging.getLogger("mkdocs.hooks.weave")
running = ""  # the command


def on_startup(command: str, dirty: bool) -> None:
    global running
    running = command
    # What a build makes is needed to its end, which is that of the process unless it serves.
    gc.set_threshold(50_000, 20, 100) if command == "serve" else gc.disable()


def on_shutdown() -> None:
    if running != "serve":  # there each language ends one in every round, and more are to come
        gc.freeze()


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """End here if the site is up to date; else hand over."""
    file = Path(config.config_file_path)
    stamp = None
    if file.name == "mkdocs.yml":
        keys = ("site_dir", "site_url", "repo_url", "strict", "use_directory_urls")
        settings = [config[key] for key in keys]
        commit = commit_of(file.parent)
        settings += config.theme.dirs, os.environ.get("CI")
        stamp = Stamp(file.parent, Path(config.site_dir), settings, commit)
        if running == "build" and stamp.holds():
            log.info(f"Nothing has changed: {config.site_dir} is up to date")
            raise SystemExit(0)
    from weave import building

    config.plugins["weave/building"] = building
    return building.prepare(config, running, stamp)
