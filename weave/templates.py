"""Templates as MkDocs finds them, but quicker: compiled ones are kept from build to build, and a
walk through the theme passes over its icons, thousands of files that MkDocs would leave out."""

import os
from contextlib import suppress
from pathlib import Path

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader


class Loader(FileSystemLoader):
    """Lists no template that lies in a folder whose name begins with a dot."""

    def list_templates(self) -> list[str]:
        found = set()
        for top in self.searchpath:
            for folder, folders, names in os.walk(top):
                folders[:] = [name for name in folders if not name.startswith(".")]
                below = Path(folder).relative_to(top)
                found.update((below / name).as_posix() for name in names)
        return sorted(found)


def quicken(theme, kept: Path) -> None:
    """Have the theme's environments use the loader above, and keep compiled templates."""
    plain = theme.get_env

    def get_env() -> Environment:
        env = plain()
        env.loader = Loader(env.loader.searchpath)
        with suppress(OSError):
            kept.mkdir(parents=True, exist_ok=True)
            env.bytecode_cache = FileSystemBytecodeCache(str(kept))
        return env

    theme.get_env = get_env
