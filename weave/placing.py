"""Where the site goes: the old one stays until the new one is whole, one language after the other.

An edition that stands as it is comes from the old site. `mkdocs.yml` is the main site; every
`mkdocs.<language>.yml` beside it is built into a folder of that name after it.
"""

import shutil
from collections import ChainMap
from pathlib import Path
from threading import Thread

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort

from weave import squeeze
from weave.now import log, now
from weave.purge import purge
from weave.stage import Stage
from weave.stamp import Stamp


def is_main(config: MkDocsConfig) -> bool:
    return Path(config.config_file_path).name == "mkdocs.yml"


def begin(config: MkDocsConfig, stamp: Stamp) -> None:
    """Keep the old site: whole until the new one is or, where it is served, aside."""
    now.stamp, now.clean, now.finished, now.keepers, now.wholes = stamp, True, False, [], []
    site_dir = Path(config.site_dir)
    now.old = site_dir / ".old"
    if now.command == "serve":
        set_aside(site_dir, now.old)
    elif now.command == "build":
        try:
            now.stage = Stage(site_dir, log.info)
        except OSError as fault:
            place = fault.filename or site_dir
            raise Abort(f"cannot build in {place}: {fault.strerror}") from fault
        now.old, config.site_dir = now.stage.site, str(now.stage.building)


def set_aside(site_dir: Path, old: Path) -> None:
    """Move what is served into a hidden folder: that one MkDocs leaves alone when it cleans up."""
    cleared()
    shutil.rmtree(old, ignore_errors=True)
    found = list(site_dir.iterdir())
    old.mkdir()
    for entry in found:
        entry.rename(old / entry.name)


def clear(old: Path) -> None:
    """Remove what was served; nobody need wait for it."""
    now.clearing = Thread(target=shutil.rmtree, args=(old, True))
    now.clearing.start()


def cleared() -> None:
    if now.clearing:
        now.clearing.join()


def spare(config: MkDocsConfig) -> None:
    """Have MkDocs make nothing of an edition that stands; `on_files` gives it no file."""
    config.nav = None
    config.theme.static_templates.clear()


def on_post_build(config: MkDocsConfig) -> None:
    now.clean &= now.keeper.clean()
    complete(config)
    if is_main(config):
        build_others(config)
        now.finished = True
        keep()
        if now.command == "serve":
            clear(now.old)


def keep() -> None:
    """Write down what the next build can take over, unless somebody has edited the book since."""
    if now.stamp.edited():
        now.clean = False
        return
    for keeper in now.keepers:
        keeper.pages.write()
    for whole in now.wholes if now.clean else ():
        whole.leave()


def complete(config: MkDocsConfig) -> None:
    """Give an edition what MkDocs has not made of it."""
    site_dir = Path(config.site_dir)
    if now.whole.stands:
        now.whole.take(site_dir)
        return
    kept = Path(config.config_file_path).parent / ".weave" / "sent"
    squeeze.squeeze(Path(config.theme.custom_dir), site_dir, kept)
    purge(site_dir, kept)
    # A copy that bears the day of the build; whoever reads sitemaps asks for sitemap.xml.
    (site_dir / "sitemap.xml.gz").unlink(missing_ok=True)
    now.whole.note(site_dir)


def build_others(config: MkDocsConfig) -> None:
    main = Path(config.config_file_path)
    now.nested = True
    try:
        for other in sorted(main.parent.glob("mkdocs.*.yml")):
            build_other(other, config)
    finally:
        now.nested = False


def build_other(file: Path, main: MkDocsConfig) -> None:
    """Build the language of `mkdocs.<language>.yml` into a folder of the main site."""
    language = file.suffixes[0][1:]
    config = load_config(
        str(file),
        strict=main.strict,
        site_dir=str(Path(main.site_dir) / language),
        site_url=f"{main.site_url.rstrip('/')}/{language}/" if main.site_url else "",
    )
    config.plugins.on_startup(command=now.command, dirty=False)
    try:
        build(config)
    finally:
        config.plugins.on_shutdown()


def on_build_error(error: Exception) -> None:
    now.finished = False
    if isinstance(error, OSError) and not error.filename and now.stage:
        log.error(f"cannot write below {now.stage.building}: {error.strerror}; the old site stays")


def on_shutdown() -> None:
    cleared()
    if now.stage and not now.nested:
        if now.finished:
            now.stage.swap()
            if now.clean:
                read = [record.inputs for record in now.woven.records.values()]
                now.stamp.leave(dict(ChainMap(*read)))
        now.stage.close()
        now.stage = None
