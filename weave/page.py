"""HTML of a woven snippet: code, output, figures and the machine they came from."""

import html
import re
from functools import cache
from typing import Any

import markdown

from weave import figures, formulas
from weave.cells import Shown
from weave.colours import PLAIN
from weave.records import Record, Region, printed
from weave.source import Source

WORDS = {
    "zh": {
        "run": "自己跑一遍", "copy": "复制", "draws": "画图的代码", "code": "代码", "figure": "图",
        "data": "数据（CSV）",
        "absent": "这台机器没装 {0}，这段代码没有在这里运行。", "cpu": "处理器", "cores": "核数",
        "system": "系统", "python": "Python", "blas": "BLAS", "torch_simd": "torch 指令集",
        "torch_threads": "torch 线程数", "seconds": "本段用时", "date": "运行日期",
    },
    "en": {
        "run": "Run it yourself", "copy": "Copy",
        "draws": "The code that draws this", "code": "The code",
        "figure": "Figure", "data": "Data (CSV)",
        "absent": "Not run here: {0} is not installed.",
        "cpu": "Processor", "cores": "Cores", "system": "System", "python": "Python",
        "blas": "BLAS", "torch_simd": "torch SIMD", "torch_threads": "torch threads",
        "seconds": "Time of this block", "date": "Date of the run",
    },
}  # fmt: skip
def code_box(
    source: Source, name: str, code: str, record: Record | None, language: str, link: str,
    fold: str = "",
) -> str:  # fmt: skip
    """The box of one fence: its coloured code and, for a region, what the run printed and where.

    `fold` is the key of the words under which the code is folded, or empty.
    """
    words = WORDS[language]
    label = html.escape(source.label)
    path = f'<a class="snippet-path" href="{html.escape(link)}">{label}</a>' if link else (
        f'<span class="snippet-path">{label}</span>'
    )  # fmt: skip
    command = f"python -m snippets.{source.name}"
    head = (
        f'<div class="snippet-head" data-search-exclude>{path}'
        f'<button class="copy" type="button">{words["copy"]}</button>'
        f'<details class="snippet-run"><summary>{words["run"]}</summary>'
        f"<code>{html.escape(command)}</code></details></div>"
    )
    code = folded(code, fold, language)
    run = ""
    if name in source.regions and record:
        region = record.regions.get(name, Region())
        run = output_box(html.escape(printed(record, name).rstrip()))
        run += machine_box(record, region, language)
    return f'<div class="snippet">{head}{code}{run}</div>'


def cell_box(shown: Shown, record: Record | None, name: str, language: str, fold: str) -> str:
    """A lab's cell as mkdocs-jupyter shows it, in the looks of a chapter's code."""
    copy = f'<button class="copy" type="button">{WORDS[language]["copy"]}</button>'
    code = PLAIN.sub(r"\1", shown.code).replace("<pre>", "<pre><code>", 1)
    code = code.replace("</pre>", "</code></pre>")
    code = folded(f'<div class="highlight">{code}{copy}</div>', fold, language)
    run = output_box(shown.output.rstrip())
    region = record and record.regions.get(name)
    if region and (region.output or region.figures):
        run += machine_box(record, region, language)
    return f'<div class="snippet">{code}{run}</div>'


def folded(code: str, fold: str, language: str) -> str:
    if not fold:
        return code
    summary = f"<summary>{WORDS[language][fold]}</summary>"
    return f'<details class="snippet-code">{summary}{code}</details>'


def output_box(shown: str) -> str:
    if not shown:
        return ""
    return f'<div class="snippet-output" tabindex="0"><pre><samp>{shown}</samp></pre></div>'


def machine_box(record: Record, region: Region, language: str) -> str:
    """One quiet line that opens to the whole machine card; its timings are marked as such."""
    words, machine = WORDS[language], record.machine
    libraries = [f"{name} {machine[name]}" for name in ("numpy", "torch") if name in machine]
    line = [
        f"{region.seconds:.2f} s", *libraries,
        f"{short_name(machine['cpu'])} × {machine['cores']}", record.date,
    ]  # fmt: skip
    card = machine | {"seconds": f"{region.seconds:.3f} s", "date": record.date}
    rows = "".join(
        f"<dt>{words.get(key, key)}</dt><dd>{html.escape(value)}</dd>"
        for key, value in card.items()
    )
    summary = f"<summary>{html.escape(' · '.join(line))}</summary>"
    opened = '<details class="snippet-machine timing" data-search-exclude>'
    return f"{opened}{summary}<dl>{rows}</dl></details>"


def short_name(cpu: str) -> str:
    """`Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz` -> `Intel Xeon Platinum 8481C`."""
    name = re.sub(r"\((R|TM|r|tm)\)|\bCPU\b|\bProcessor\b|@.*|\d+-Core", "", cpu)
    return " ".join(name.split())


def figure_box(
    svg: str, number: int, entry: dict[str, Any], language: str, interactive: str = "",
    data: str = "",
) -> str:
    """A drawing and its caption; `interactive` names the script that brings it to life, `data`
    the file that holds what it is drawn from.

    A browser that has not drawn the figure yet (see book.css) takes its height from its ratio.
    """
    alt, caption = str(entry.get("alt", "")), str(entry.get("caption", ""))
    names = {str(key): str(name) for key, name in (entry.get("labels") or {}).items()}
    image = figures.with_ratio(figures.localise(svg, number, alt, names))
    words = WORDS[language]
    mark = f'<span class="figure-number">{words["figure"]} {number}</span>'
    live = f' data-interactive="{html.escape(interactive)}"' if interactive else ""
    link = data and f'<a href="{data}" download>{words["data"]}</a>'
    tools = f'<div class="figure-tools" data-search-exclude>{link}</div>'
    return (
        f'<figure class="woven"{live}><div class="woven-scroll">{image}</div>'
        f"<figcaption>{mark} {inline_html(caption)}{tools}</figcaption></figure>"
    )


@cache
def inline_html(text: str) -> str:
    """A caption's Markdown, formulas included, without the paragraph around it."""
    converted = captions().reset().convert(text)
    return formulas.convert(converted).removeprefix("<p>").removesuffix("</p>")


@cache
def captions() -> markdown.Markdown:
    arithmatex = "pymdownx.arithmatex"
    return markdown.Markdown(
        extensions=[arithmatex], extension_configs={arithmatex: {"generic": True}}
    )


def notice(packages: str, language: str) -> str:
    words = html.escape(WORDS[language]["absent"].format(packages))
    return f'<p class="snippet-absent">{words}</p>'
