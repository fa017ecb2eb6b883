"""tools/external_links.py against a server of its own: what is dead, what only refuses."""

import http.server
import threading

import pytest

from tools import external_links


class Server(http.server.BaseHTTPRequestHandler):
    """Answers with the status that the path names."""

    def do_GET(self):
        self.send_response(int(self.path.strip("/")))
        self.end_headers()

    def log_message(self, *_):
        """Keep the test's output clean."""


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(external_links, "SECONDS", 5)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("status", [200, 403, 429, 500])
def test_an_answer_that_proves_nothing_is_let_pass(site, status):
    assert external_links.trouble(f"{site}/{status}") is None


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_gone_is_dead(site, status):
    assert external_links.trouble(f"{site}/{status}") == str(status)


def test_a_host_that_does_not_answer_is_dead():
    assert external_links.trouble("http://127.0.0.1:9/") is not None
    assert external_links.trouble("http://nowhere.invalid/") is not None


def test_addresses_lose_the_punctuation_around_them():
    text = (
        "[a](https://a.example/x_(y)), <https://b.example/?q=1>.\n"
        "https://c.example/d. 见 https://e.example/f。 http://127.0.0.1:8000/ no\n"
    )
    assert list(external_links.addresses(text)) == [
        ("https://a.example/x_(y)", 1),
        ("https://b.example/?q=1", 1),
        ("https://c.example/d", 2),
        ("https://e.example/f", 2),
    ]


def test_the_report_names_each_place_once_and_only_what_is_dead(tmp_path):
    file = tmp_path / "docs" / "a.md"
    file.parent.mkdir()
    file.write_text("https://a.example/#x\n\nhttps://b.example/ https://a.example/#y\n")
    places = external_links.named([file], tmp_path)
    found = external_links.report(places, {"https://a.example/": "404"}.get)
    assert "- `https://a.example/`: 404\n  docs/a.md:1, docs/a.md:3\n" in found
    assert "b.example" not in found
    assert external_links.report(places, lambda address: None) == ""


def test_the_book_names_addresses(root):
    places = external_links.named(external_links.texts(root), root)
    assert len(places) > 200
    assert not [address for address in places if address.endswith((".", ",", ";", "))"))]
