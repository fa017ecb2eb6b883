"""The page of machines lists every recorded run, and changes with them."""

import copy
import json

import markdown
import pytest

from weave.check import check_book
from weave.context import Context
from weave.edition import read_edition
from weave.runs import read_runs
from weave.runs_page import amount
from weave.shelf import Shelf

FRONT = "---\ntitle: Machines\ndescription: All runs.\n---\n"
PAGE = FRONT + "# Machines { #machines }\n\n```runs\n```\n"
XEON = {
    "cpu": "Intel(R) Xeon(R)", "device": "Intel(R) Xeon(R)", "cores": 2,
    "caches": {"L1": 48 << 10, "L2": 2 << 20},
    "blas": [{"library": "openblas", "core": "SkylakeX"}, {"library": "mkl", "core": "unknown"}],
}  # fmt: skip
H100 = XEON | {"device": "NVIDIA H100", "gpu": {"name": "NVIDIA H100", "memory": 80 << 30}}
RUN = {
    "lab": "cpu-ladder", "date": "2026-11-22T08:00:00Z", "commit": "1af25ea82c50", "dirty": False,
    "machine": XEON, "versions": {"python": "3.11.7", "numpy": "2.4.6", "scipy": "9"},
    "state": {"wall_per_cpu": 1.004}, "cells": [{}, {}, {}],
}  # fmt: skip


def record(book, name: str = "xeon/one.json", **changes) -> None:
    book.write(f"runs/{name}", json.dumps(copy.deepcopy(RUN) | changes))


def shelf(book, language: str = "en") -> Shelf:
    pages = read_edition(book.root, language, "").pages
    return Shelf(language=language, pages=pages, root=book.root, runs=read_runs(book.root)[0],
                 link="https://example.org/{path}")  # fmt: skip


def shown(book, language: str = "en") -> str:
    path = f"docs/{language}/index.md"
    context = Context(book.root, language, path, shelf=shelf(book, language))
    return markdown.markdown(
        PAGE.removeprefix(FRONT),
        extensions=["attr_list", "pymdownx.superfences", "weave.markdown"],
        extension_configs={"weave.markdown": {"context": context}},
    )


def test_a_book_without_runs_says_so(book):
    assert "<p>No run has been recorded yet.</p>" in shown(book)
    assert "<p>还没有在任何机器上记录过。</p>" in shown(book, "zh")


def test_a_run_is_shown_with_its_machine(book):
    record(book)
    html = shown(book)
    assert '<h2 id="xeon">Intel(R) Xeon(R)</h2>' in html
    assert "<p>Processor: Intel(R) Xeon(R), 2 cores, L1 48 KiB, L2 2 MiB.</p>" in html
    link = '<a href="https://example.org/runs/xeon/one.json">'
    assert f'<td>{link}<span class="glued">2026-11-22</span></a></td>' in html
    cells = ["cpu-ladder", "1af25ea", "Python 3.11.7, NumPy 2.4.6",
             "openblas SkylakeX, mkl unknown", "3", "1.00"]  # fmt: skip
    assert "".join(f"<td>{cell}</td>" for cell in cells) in html


def test_a_gpu_comes_before_the_processor_that_serves_it(book):
    record(book, "h100/one.json", machine=H100)
    html = shown(book, "zh")
    assert '<h2 id="h100">NVIDIA H100</h2>' in html
    gpu, cpu = "显卡：NVIDIA H100、显存 80 GiB。", "处理器：Intel(R) Xeon(R)、2 核、"
    assert 0 < html.index(gpu) < html.index(cpu)


def test_runs_stand_by_device_the_newest_first(book):
    record(book, "xeon/a.json", date="2025-01-01T00:00:00Z")
    record(book, "xeon/b.json", date="2026-01-01T00:00:00Z")
    record(book, "xeon/c.json", date="2026-01-01T00:00:00Z", lab="gpu-matmul", dirty=True)
    record(book, "epyc/d.json", machine=XEON | {"device": "AMD EPYC"})
    runs = read_runs(book.root)[0]
    assert [run.path[5:] for run in runs] == [
        "epyc/d.json", "xeon/c.json", "xeon/b.json", "xeon/a.json"
    ]  # fmt: skip
    assert runs[1].commit == "1af25ea+"
    assert shown(book).count("<h2") == 2


def test_a_labs_name_leads_to_its_page(book):
    record(book)
    assert "<td>cpu-ladder</td>" in shown(book)
    book.write("docs/en/labs/cpu-ladder.md", PAGE)
    assert '<a href="labs/cpu-ladder/">cpu-ladder</a>' in shown(book)


def test_what_a_record_says_cannot_become_markup(book):
    record(book, machine=XEON | {"cpu": "<b>cpu</b>"}, lab="<i>lab</i>", commit="<u>0123")
    html = shown(book)
    assert not any(tag in html for tag in ("<b>", "<i>", "<u>"))


@pytest.mark.parametrize(
    "content, said",
    [
        (b"{\n\n", "xeon/one.json:3: not a record of a run: Expecting"),
        (b'"\xff"', "xeon/one.json:1: not a record of a run: 'utf-8' codec"),
        (b"[]", "xeon/one.json:1: not a record of a run: list indices"),
        (json.dumps({**RUN, "machine": {}}).encode(), "not a record of a run: lacks 'device'"),
        (json.dumps({**RUN, "cells": 3}).encode(), "not a record of a run: object of type 'int'"),
    ],
)
def test_a_broken_record_is_a_mistake_of_the_book(book, content, said):
    record(book, "xeon/two.json")
    book.write("runs/xeon/one.json", content)
    (problem,) = [str(p) for p in check_book(book.root) if p.path.startswith("runs/")]
    assert said in problem and problem.endswith("record it again, or restore it from git")
    assert [run.path for run in read_runs(book.root)[0]] == ["runs/xeon/two.json"]


def test_only_the_page_that_shows_the_runs_depends_on_them(book):
    book.write("docs/en/machines.md", PAGE)
    book.page(FRONT + "# Other { #other }\n")

    def seen() -> list[str]:
        kept = shelf(book)
        return [kept.shown_on(name, kept.pages[name]) for name in ("machines.md", "index.md")]

    before = seen()
    record(book)
    after = seen()
    assert before[0] != after[0] and before[1] == after[1]


def test_a_build_shows_the_runs_that_there_are(book):
    book.page(PAGE)
    assert (first := book.build()).returncode == 0, first.stdout
    assert b"No run has been recorded yet." in book.site()["en/index.html"]
    record(book)
    assert (second := book.build()).returncode == 0, second.stdout
    assert b"openblas SkylakeX" in book.site()["en/index.html"]
    assert b"openblas SkylakeX" in book.site()["index.html"]


def test_amounts():
    assert [amount(size) for size in (7, 48 << 10, 3 << 19, 80 << 30)] == [
        "7 B", "48 KiB", "1.5 MiB", "80 GiB"
    ]  # fmt: skip
