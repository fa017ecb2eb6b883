"""The button that times the page's WGSL kernels, on Chromium's software adapter: no speed."""
import re
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tools.browser import find_chromium

FLAGS = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan"]
POLICY = "default-src 'self'; style-src 'self'; script-src 'self'; connect-src 'none'"
CPU = "  256     12.5 GFLOP/s  a recorded machine"


def kernels(root, language: str) -> list[str]:
    """The WGSL blocks of the lab's page."""
    page = (root / "docs" / language / "labs/gpu-matmul.py").read_text(encoding="utf-8")
    text = "\n".join(line.removeprefix("# ").removeprefix("#") for line in page.split("\n"))
    return re.findall(r"^```wgsl\n(.*?)^```", text, re.M | re.S)


def page(language: str, codes: list[str]) -> str:
    blocks = "".join(
        f'<div class="language-wgsl highlight"><pre><code>{code.replace("<", "&lt;")}</code></pre>'
        "</div>"
        for code in codes
    )
    return (f'<!doctype html><html lang="{language}"><title>x</title><pre>{CPU}</pre>'
            f'{blocks}<script src="/webgpu.js"></script>')  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    def __init__(self, files, *rest):
        self.files = files
        super().__init__(*rest)

    def do_GET(self):
        kind = "text/javascript" if self.path.endswith(".js") else "text/html; charset=utf-8"
        content = self.files.get(self.path)
        self.send_response(200 if content else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write((content or "").encode())

    def log_message(self, *rest):
        pass


@pytest.fixture(scope="module")
def site(root):
    codes = kernels(root, "en")
    script = (root / "overrides/assets/js/webgpu.js").read_text(encoding="utf-8")
    # One size and few rounds: a software adapter is slow, and nothing here is about speed.
    script = re.sub(r"const SIZES = .*", "const SIZES = [256];", script)
    script = script.replace("const ROUNDS = 9", "const ROUNDS = 3")
    script = script.replace("const SAMPLE = 10", "const SAMPLE = 1")
    planted = [codes[0].replace("at.y * n + k", "at.x * n + k"), *codes[1:]]
    files = {
        "/webgpu.js": script,
        "/en": page("en", codes),
        "/zh": page("zh", codes),
        "/wrong": page("en", planted),
        "/broken": page("en", ["fn main( {", *codes[1:]]),
        "/plain": page("en", []),
    }
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, files))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


@pytest.fixture(scope="module")
def chromium(browser):
    """Another Chromium, with WebGPU on the processor."""
    found = browser.browser_type.launch(executable_path=find_chromium(), args=FLAGS)
    yield found
    found.close()


@pytest.fixture
def tab(chromium):
    found = chromium.new_page()
    found.complaints = []
    found.on("console", lambda message: found.complaints.append(message.text)
             if "Content Security Policy" in message.text else None)  # fmt: skip
    yield found
    assert not found.complaints
    found.close()


def press(tab, address: str):
    tab.goto(address)
    tab.click("button")
    tab.locator("button:enabled").wait_for(timeout=120_000)
    rows = tab.locator("table tr").all()
    return [[cell.inner_text() for cell in row.locator("td").all()] for row in rows[1:]]


def test_both_languages_show_the_same_three_kernels(root):
    assert kernels(root, "en") == kernels(root, "zh")
    assert len(kernels(root, "en")) == 3


def test_three_kernels_and_what_was_recorded(tab, site):
    rows = press(tab, f"{site}/en")
    assert [row[0] for row in rows] == [
        "a recorded machine", "naive", "tiled", "4×4 in registers"
    ]  # fmt: skip
    assert rows[0][1:4] == ["256", "", "12.5"]
    for _, n, times, rate, _ in rows[1:]:
        middle, least, most = map(float, re.fullmatch(r"(\S+) \[(.+)\.\.(.+)\]", times).groups())
        assert n == "256" and 0 < least <= middle <= most
        # Both were rounded for the table.
        assert float(rate) == pytest.approx(2 * 256**3 / middle / 1e6, rel=0.02, abs=0.1)
    assert tab.locator("meter").count() == 4
    status = tab.inner_text("[role=status]")
    assert status.startswith("Adapter: ") and "Clock: " in status
    assert tab.inner_text("button") == "Time it again"


def test_in_chinese(tab, site):
    rows = press(tab, f"{site}/zh")
    assert [row[0] for row in rows][1:] == ["直接写", "分块", "寄存器里 4×4"]
    assert "时钟：" in tab.inner_text("[role=status]")


def test_a_wrong_kernel_gets_no_time(tab, site):
    rows = press(tab, f"{site}/wrong")
    assert rows[1][2].startswith("wrong result (relative error 1e+0)")
    assert rows[1][3] == ""
    assert all(row[3] for row in rows[2:])


def test_without_timestamps_the_queue_is_timed(tab, site):
    tab.add_init_script("GPUSupportedFeatures.prototype.has = () => false")
    rows = press(tab, f"{site}/en")
    assert len(rows) == 4 and "around the whole queue" in tab.inner_text("[role=status]")


@pytest.mark.parametrize(
    ("script", "line"),
    [
        ("Object.defineProperty(navigator, 'gpu', {value: undefined})", "offers no WebGPU"),
        ("GPU.prototype.requestAdapter = async () => null", "offers no GPU for it"),
        ("GPUAdapter.prototype.requestDevice = async () => { throw new Error('lost') }",
         "It did not work: lost"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said(tab, site, script, line):
    tab.add_init_script(script)
    assert press(tab, f"{site}/en") == []
    assert line in tab.inner_text("[role=status]")


def test_code_that_does_not_compile(tab, site):
    assert press(tab, f"{site}/broken") == []
    assert "It did not work" in tab.inner_text("[role=status]")
    assert tab.is_enabled("button")


def test_a_page_without_kernels_has_no_button(tab, site):
    tab.goto(f"{site}/plain")
    assert tab.locator("button").count() == 0
