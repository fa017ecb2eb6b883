"""The whole book in one zip that opens from a folder: `make offline`.

Takes the finished site, in which a link names a folder, and makes each name the page in it, for
no server is there to do so. The search gets its index as a script and runs without a worker.
No page asks another host for anything, nor could it: each keeps its policy.
"""

import argparse
import json
import re
import sys
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
NAME = "matmul-book"
INDEX = "search/search_index.json"
LEFT_OUT = ("404.html", "sitemap.xml")  # they are for servers
LINK = re.compile(r'(?<=\shref=")[^"]*(?=")')
PRELOAD = re.compile(r'<link rel="preload"[^>]*>')  # fails in a folder, and gains nothing there
POLICY = re.compile(r"(?<=; script-src )'self'")
BOOK = re.compile(r'<script src="([^"]*)assets/js/book\.js"></script>')
SHIM = r'<script src="\1assets/js/offline.js"></script>\g<0>'
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first day that a zip can name


def to_file(link: str) -> str:
    """A link that names a folder of the site, with the page in it; any other as it is."""
    path = re.match(r"[^?#]*", link)[0]
    if urlsplit(link).scheme or link.startswith("//") or not path:
        return link
    if path.endswith("/"):
        return f"{path}index.html{link[len(path):]}"
    if path.rpartition("/")[2] in (".", ".."):
        return f"{path}/index.html{link[len(path):]}"
    return link


def offline_page(html: str) -> str:
    """A page of the site as it works from a folder."""
    html = LINK.sub(lambda match: to_file(match[0]), PRELOAD.sub("", html))
    html = BOOK.sub(SHIM, html)
    return POLICY.sub("'self' file:", html)


def offline_index(text: str) -> str:
    """The search's index as a script, with places that name files."""
    index = json.loads(text)
    for entry in index["docs"]:
        entry["location"] = to_file("./" + entry["location"]).removeprefix("./")
    return "var __index = " + json.dumps(index, ensure_ascii=False, separators=(",", ":"))


def contents(site: Path) -> dict[str, bytes]:
    """The files of the book for reading offline."""
    found = {}
    for file in sorted(file for file in site.rglob("*") if file.is_file()):
        name, data = file.relative_to(site).as_posix(), file.read_bytes()
        if name.removeprefix("en/") in LEFT_OUT:
            continue
        if name.endswith(".html"):
            data = offline_page(data.decode()).encode()
        elif name.endswith(INDEX):
            name, data = name.removesuffix("on"), offline_index(data.decode()).encode()
        found[name] = data
    return found


def pack(files: dict[str, bytes], target: Path) -> None:
    """A zip that depends on nothing but the files."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            stored = name == "mimetype"  # what an EPUB begins with is read as it stands
            entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("site", nargs="?", type=Path, default=ROOT / "site")
    parser.add_argument("target", nargs="?", type=Path, default=ROOT / f"dist/{NAME}.zip")
    arguments = parser.parse_args()
    if not (arguments.site / "index.html").is_file():
        sys.exit(f"there is no site in {arguments.site}: build it first")
    files = {f"{NAME}/{name}": data for name, data in contents(arguments.site).items()}
    pack(files, arguments.target)
    print(f"{arguments.target}: {arguments.target.stat().st_size / 1e6:.1f} MB; "
          f"unpack it and open {NAME}/index.html")  # fmt: skip


if __name__ == "__main__":
    main()
