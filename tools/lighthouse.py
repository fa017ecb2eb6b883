"""Lighthouse's scores of the built site: home, a chapter and a lab, in both languages.

    make build && npx --package=lighthouse@12.8.2 -- .venv/bin/python tools/lighthouse.py [90]

Served compressed, as GitHub Pages does, and looked at as Lighthouse's phone on a slow network.
Each score is the median of three; one that is too low is an error. A busy machine may be given a
lower bound for the performance.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tools.browser import find_chromium
from tools.serving import serve

PAGES = [
    prefix + page
    for page in ("", "mechanics/rounding/", "labs/cpu-ladder/")
    for prefix in ("", "en/")
]
LEAST = {"performance": 98, "accessibility": 100, "best-practices": 100, "seo": 100}
ROUNDS = 3


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


def main(performance: int = LEAST["performance"]) -> int:
    lighthouse = shutil.which("lighthouse")
    if not lighthouse:
        print(f"no lighthouse on the PATH\n\n{__doc__}")
        return 1
    site, low, bounds = serve(), 0, LEAST | {"performance": performance}
    print(f"{'page':28}", *(f"{name:>15}" for name in LEAST))
    for page in PAGES:
        rounds = [scores(f"{site}/{page}", lighthouse) for _ in range(ROUNDS)]
        middle = {name: median(found[name] for found in rounds) for name in LEAST}
        low += sum(middle[name] < least for name, least in bounds.items())
        print(f"/{page:27}", *(f"{score:15.0f}" for score in middle.values()), flush=True)
    return int(low > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
