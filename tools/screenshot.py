"""Take the README's pictures of a page from the built site: `python tools/screenshot.py`."""

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.browser import find_chromium  # noqa: E402
from tools.serving import serve  # noqa: E402

PICTURES = {"page": "en/mechanics/geometry/", "page-zh": "mechanics/geometry/"}
WIDTH, MARGIN = 1280, 12


def take(page: Page, target: Path) -> None:
    """Save the page from its top to the end of its first figure, with few colours."""
    figure = page.locator("figure").first.bounding_box()
    height = int(figure["y"] + figure["height"]) + MARGIN
    page.set_viewport_size({"width": WIDTH, "height": height})
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(128, dither=Image.Dither.NONE).save(target, optimize=True)


def main() -> None:
    """One picture for each language and palette, below .github/."""
    site = serve()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium())
        for name, address in PICTURES.items():
            for scheme in ("light", "dark"):
                size = {"width": WIDTH, "height": 900}
                page = browser.new_page(viewport=size, color_scheme=scheme)
                page.goto(f"{site}/{address}", wait_until="networkidle")
                take(page, ROOT / ".github" / f"{name}-{scheme}.png")
        browser.close()


if __name__ == "__main__":
    main()
