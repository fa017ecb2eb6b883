"""The built site in a real browser: below a domain and below a path, as on GitHub Pages."""

import functools
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tools.browser import BrowserMissing, find_chromium
from weave.edition import address, read_editions
from weave.stage import lock

ROOT = Path(__file__).resolve().parents[2]
BELOW = "matmul-book"


EDITIONS = {edition.language: edition for edition in read_editions(ROOT, ("zh", "en"))}


def built_pages(language: str) -> list[str]:
    """The address of every page of a language, from the language's own root; notices included."""
    return [address(page) for page in sorted(EDITIONS[language].shown)]


PAGES = [prefix + page.lstrip("/") for prefix, language in (("", "zh"), ("en/", "en"))
         for page in built_pages(language)]  # fmt: skip


class Handler(SimpleHTTPRequestHandler):
    """Like GitHub Pages: what is not there is answered with the site's own 404 page."""

    def send_error(self, code, message=None, explain=None):
        here = Path(self.directory)
        page = (here if here.name == BELOW else here / BELOW) / "404.html"
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page.read_bytes())

    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def built(tmp_path_factory, worker_id) -> Path:
    """The site, built strictly for an address below a domain; by the first worker, for all."""
    top = tmp_path_factory.getbasetemp()
    site = (top if worker_id == "master" else top.parent) / "site" / BELOW
    with lock(site.parent.with_suffix(".lock"), print):
        if not site.exists():
            build(site)
    return site


@pytest.fixture(scope="session")
def texts(built) -> dict[str, str]:
    """What stands in the file of each page, by its address."""
    return {path: (built / path / "index.html").read_text(encoding="utf-8") for path in PAGES}


def build(site: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "REPO_URL"}
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)],
        cwd=ROOT,
        env=environment | {"SITE_URL": f"https://example.org/{BELOW}/"},
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.fail("mkdocs build --strict fails:\n" + done.stdout, pytrace=False)


def serve(directory: Path) -> ThreadingHTTPServer:
    handler = functools.partial(Handler, directory=str(directory))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture(scope="session")
def addresses(built) -> Iterator[dict[str, str]]:
    """Where the site is served: `root` of a host, and `below` a path of another."""
    servers = {"root": serve(built), "below": serve(built.parent)}
    hosts = {name: f"http://127.0.0.1:{server.server_port}/" for name, server in servers.items()}
    yield hosts | {"below": f"{hosts['below']}{BELOW}/"}
    for server in servers.values():
        server.shutdown()


@pytest.fixture(params=["root", "below"])
def base(request, addresses) -> str:
    return addresses[request.param]


@pytest.fixture
def below(addresses) -> str:
    """For what does not depend on where the site is served."""
    return addresses["below"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    try:
        chromium = find_chromium()
    except BrowserMissing as missing:
        raise pytest.fail.Exception(str(missing), pytrace=False) from None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        yield browser
        browser.close()


# What moved by itself while the page was loading (web.dev/cls; more than 0.1 is called poor).
COUNT_SHIFTS = """
  window.shifts = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) shifts += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
"""


class Visit:
    """A page of the site, with what it asked for and what it complained about."""

    def __init__(self, page: Page):
        self.page = page
        page.add_init_script(COUNT_SHIFTS)
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self.hear)

    def hear(self, message) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} {message.location.get('url', '')}")

    def foreign(self) -> list[str]:
        host = urlsplit(self.page.url).netloc
        urls = (url for url in self.requests if not url.startswith("data:"))
        return [url for url in urls if urlsplit(url).netloc != host]

    def asked_for(self, part: str) -> int:
        return sum(part in url for url in self.requests)


@pytest.fixture
def visit(browser) -> Iterator[Callable[..., Visit]]:
    """`visit(url, width=390, color_scheme="dark", ...)`: a fresh reader opens a page."""
    contexts = []

    def open_page(url: str, width: int = 1440, **options) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        visited = Visit(context.new_page())
        visited.page.goto(url)
        return visited

    yield open_page
    for context in contexts:
        context.close()
