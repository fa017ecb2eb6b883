"""Lighthouse's scores of the built site: home, a chapter and a lab, in both languages.

    make build && npm install --global lighthouse && .venv/bin/python tools/lighthouse.py

Served compressed, as GitHub Pages does, and looked at as Lighthouse's phone on a slow network.
Each score is the median of three; one that is too low is an error.
"""

import functools
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tools.browser import find_chromium

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "site"
PAGES = [
    prefix + page
    for page in ("", "mechanics/rounding/", "labs/cpu-ladder/")
    for prefix in ("", "en/")
]
LEAST = {"performance": 98, "accessibility": 100, "best-practices": 100, "seo": 100}
TEXT = (".html", ".css", ".js", ".json", ".svg", ".xml", ".txt")
ROUNDS = 3


class Compressed(SimpleHTTPRequestHandler):
    """Text is sent compressed, and everything may be kept for ten minutes, as on GitHub Pages."""

    def send_head(self):
        file = Path(self.translate_path(self.path))
        file = file / "index.html" if file.is_dir() else file
        if file.suffix not in TEXT or not file.is_file():
            return super().send_head()
        content = gzip.compress(file.read_bytes())
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(file)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        return BytesIO(content)

    def end_headers(self):
        self.send_header("Cache-Control", "max-age=600")
        super().end_headers()

    def log_message(self, *args):
        pass


def scores(address: str, lighthouse: str) -> dict[str, float]:
    """Each category's score, out of 100."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        subprocess.run(
            [lighthouse, address, "--quiet", "--output=json", f"--output-path={report}",
             f"--only-categories={','.join(LEAST)}",
             "--chrome-flags=--headless=new --no-sandbox --disable-gpu"],
            check=True, env=os.environ | {"CHROME_PATH": find_chromium()},
        )  # fmt: skip
        found = json.loads(report.read_text(encoding="utf-8"))
    for audit in found["audits"].values():  # what is wrong, if something is
        if audit["score"] == 0 and audit["scoreDisplayMode"] == "binary":
            print(f"  {address}: {audit['id']}: {audit['title']}", file=sys.stderr)
    return {name: 100 * found["categories"][name]["score"] for name in LEAST}


def main() -> int:
    lighthouse = shutil.which("lighthouse")
    if not lighthouse:
        print("no lighthouse on the PATH: npm install --global lighthouse")
        return 1
    if not SITE.exists():
        print("no site/ yet: make build")
        return 1
    handler = functools.partial(Compressed, directory=str(SITE))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    low = 0
    print(f"{'page':28}", *(f"{name:>15}" for name in LEAST))
    for page in PAGES:
        address = f"http://127.0.0.1:{server.server_port}/{page}"
        rounds = [scores(address, lighthouse) for _ in range(ROUNDS)]
        middle = {name: median(found[name] for found in rounds) for name in LEAST}
        low += sum(middle[name] < least for name, least in LEAST.items())
        print(f"/{page:27}", *(f"{score:15.0f}" for score in middle.values()), flush=True)
    return int(low > 0)


if __name__ == "__main__":
    sys.exit(main())
