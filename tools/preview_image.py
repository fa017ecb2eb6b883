"""Draw what other sites show where somebody links to the book: `python tools/preview_image.py`.

One PNG for each language, docs/<language>/assets/preview.png, from the book's own style sheet,
title and description. The pages name it; no page of the book asks for it.
"""

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.browser import find_chromium  # noqa: E402
from weave.structure import read_chapter  # noqa: E402

SIZE = {"width": 1200, "height": 630}
STYLE = """
body { margin: 0; padding: 80px; background: var(--paper); color: var(--ink); }
svg { position: absolute; top: 80px; right: 80px; width: 340px; }
h1 { position: absolute; top: 60px; left: 80px; margin: 0; font: 700 84px/1.25 var(--heading); }
code { position: absolute; top: 340px; left: 80px; font: 40px var(--mono); color: var(--soft); }
p { position: absolute; bottom: 64px; left: 80px; right: 80px; margin: 0; text-wrap: balance;
  font: 32px/1.5 var(--body); color: var(--soft); }
"""
PAGE = """<html lang="{language}"><meta charset="utf-8"><style>{style}</style>
<body data-md-color-scheme="default"><h1>{title}</h1><code>C = A @ B</code>{logo}<p>{says}</p>"""


def main() -> None:
    style = (ROOT / "overrides/assets/css/book.css").read_text(encoding="utf-8") + STYLE
    logo = (ROOT / "overrides/.icons/book/logo.svg").read_text(encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium())
        for language in ("zh", "en"):
            meta = read_chapter(f"docs/{language}/index.md", ROOT).meta
            says = meta["description"].replace("：", "：<br>")  # Chinese could break anywhere
            words = {"title": meta["title"], "says": says}
            page = browser.new_page(viewport=SIZE)
            page.set_content(PAGE.format(language=language, style=style, logo=logo, **words))
            picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            target = ROOT / "docs" / language / "assets" / "preview.png"
            target.parent.mkdir(exist_ok=True)
            picture.quantize(64, dither=Image.Dither.NONE).save(target, optimize=True)
        browser.close()


if __name__ == "__main__":
    main()
