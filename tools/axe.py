"""What axe-core finds on every page of site/, in both palettes, on a screen and on a phone.

    make build && .venv/bin/python tools/axe.py [address of a page ...]

Takes about a second for each of a thousand looks, in as many processes as there are processors.
"""

import functools
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tools.browser import find_chromium
from tools.serving import SITE, serve

LOOKS = list(product((1440, 390), ("light", "dark")))


def broken(pages: list[str], address: str) -> list[str]:
    """A line for each rule that a page breaks, with the first place."""
    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium())
        for width, palette in LOOKS:
            viewport = {"width": width, "height": 900}
            context = browser.new_context(viewport=viewport, color_scheme=palette)
            for path in pages:
                page = context.new_page()
                page.goto(f"{address}/{path}")
                for rule in Axe().run(page).response["violations"]:
                    targets = [node["target"] for node in rule["nodes"]]
                    seen = f"{path} ({width}, {palette}): {rule['id']}: {rule['help']}"
                    found.append(f"{seen}: {len(targets)} places, the first {targets[0]}")
                page.close()
        browser.close()
    return found


def main(chosen: list[str]) -> int:
    look = functools.partial(broken, address=serve())
    pages = chosen or sorted(
        file.relative_to(SITE).as_posix().removesuffix("index.html")
        for file in SITE.rglob("*.html")
    )
    share = os.cpu_count() or 1
    with ProcessPoolExecutor(share) as pool:
        found = [line for lines in pool.map(look, (pages[i::share] for i in range(share)))
                 for line in lines]  # fmt: skip
    print(*found, f"{len(pages)} pages, {len(LOOKS)} looks each: {len(found)} found", sep="\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
