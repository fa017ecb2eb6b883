"""Figures on a page: labels in the page's language, ids of their own."""

import csv
import html
import io
import re
from collections.abc import Mapping

VIEW_BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
LABEL = re.compile("\ue000(.*?)\ue001", re.S)
WORDS = {  # of the tables behind them
    "zh": {
        "panel": "子图", "kind": "种类", "series": "序号", "look": "样子", "label": "标注",
        "row": "行", "value": "值", "line": "线", "points": "点", "bar": "条", "shape": "形状",
        "arrow": "箭头", "contour": "等值线", "image": "图像", "text": "文字",
        "blue": "蓝", "orange": "橙", "green": "绿", "black": "黑", "grey": "灰", "pale": "浅灰",
        "red": "红", "white": "白", "solid": "实线", "dashed": "虚线", "dotted": "点线",
        "dash-dotted": "点划线",
    },
    "en": {},
}  # fmt: skip


def labels(svg: str) -> list[str]:
    """The words of a cleaned figure that a chapter may have to say in its own language."""
    return list(dict.fromkeys(html.unescape(key) for key in LABEL.findall(svg)))


def with_ratio(svg: str) -> str:
    """A browser that leaves the drawing for later (see book.css) keeps room for it by its ratio."""
    width, height = VIEW_BOX.search(svg).groups()
    return svg.replace("<svg ", f'<svg style="aspect-ratio: {width}/{height}" ', 1)


def numbered(svg: str, number: int) -> str:
    """A cleaned figure with ids that no other on the page has."""
    return svg.replace("ID-", f"figure{number}-")


def localise(svg: str, number: int, alt: str, names: dict[str, str]) -> str:
    """A cleaned figure, ready for a page: ids made unique, labels in the page's language."""
    svg = LABEL.sub(lambda m: html.escape(names.get(html.unescape(m[1]), html.unescape(m[1]))), svg)
    svg = numbered(svg, number)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{html.escape(alt)}" ', 1)


def localise_table(table: list, names: Mapping[str, str], language: str) -> str:
    """The table behind a figure as a CSV file for readers of a language."""
    words = WORDS[language] | names
    shown: list[str] = []
    for begin, rows in table:
        said = io.StringIO()
        for cells in csv.reader([begin]):
            said_cells = [LABEL.sub(lambda m: words.get(m[1], m[1]), cell) for cell in cells]
            csv.writer(said, lineterminator="").writerow(said_cells)
        shown += [said.getvalue() + row for row in rows.split("\n")]
    text = "\n".join(shown) + "\n"
    return text if text.isascii() else f"\ufeff{text}"  # or spreadsheets guess its encoding wrong
