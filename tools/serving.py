"""The built site on a port of this machine, compressed as GitHub Pages sends it."""

import gzip
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

SITE = Path(__file__).resolve().parents[1] / "site"
TEXT = (".html", ".css", ".js", ".json", ".svg", ".xml", ".txt")


class Compressed(SimpleHTTPRequestHandler):
    """Text is sent compressed, and everything may be kept for ten minutes."""

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


def serve() -> str:
    """Serve the site for as long as the process lives; its address."""
    if not SITE.exists():
        raise SystemExit("no site/ yet: make build")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Compressed, directory=str(SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"
