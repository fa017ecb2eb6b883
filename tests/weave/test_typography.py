"""Chinese typography: each kind of slip is found at its column, and good Chinese passes."""

import pytest

from weave.check import check_book
from weave.clean import Clean
from weave.typography import check_text, check_typography

from .conftest import REPOSITORY

SLIPS = {  # a line, and what the message wants for what
    "取64个": ("取 64 个", "取64个", 2),
    "取 64个": ("取 64 个", "取 64个", 5),
    "取 64 个$x$ 点": ("取 64 个 $x$ 点", "取 64 个$x$ 点", 7),
    "用`code` 算": ("用 `code`", "用`code`", 2),
    "是 {{ a.b.c:.1e}}倍": (":.1e}} 倍", ":.1e}}倍", 17),
    "约 {{ a.b.c:.1%}}的": (":.1%}} 的", ":.1%}}的", 17),
    "是{{ a.b.c:big}}次": ("是 {{ a.b", "是{{ a.b", 2),
    "好, 好": ("好，好", "好, 好", 2),
    "好;好": ("好；好", "好;好", 2),
    "好:好": ("好：好", "好:好", 2),
    "好?好!": ("好？好！", "好?好!", 2),
    "好.": ("好。", "好.", 2),
    '他说"好"。': ("他说“好”。", '他说"好"。', 3),
    "看 “键” $k$": ("看“键”$k$", "看 “键” $k$", 2),
    "（见下) 吧": ("（见下）吧", "（见下) 吧", 4),
    "(见下)": ("（见下）", "(见下)", 1),
    "显卡 (GPU) 上": ("显卡（GPU）上", "显卡 (GPU) 上", 3),
    "好 好": ("好好", "好 好", 2),
    "好 $x$ ，": ("好 $x$，", "好 $x$ ，", 6),
    "第２章": ("第2章", "第２章", 2),
    "# 标题2 { #a }": ("# 标题 2 { #a", "# 标题2 { #a", 5),
    "- 项目2": ("- 项目 2", "- 项目2", 5),
    "| a | 第2格 |": ("a | 第 2 格 |", "a | 第2格 |", 8),
    '!!! wrong "第2条"': ('ong "第 2 条"', 'ong "第2条"', 13),
    "**第2章**好": ("**第 2 章**好", "**第2章**好", 4),
    "[第2章](a.md)好": ("[第 2 章](a.m", "[第2章](a.m", 3),
    "见[^a] 好": ("见[^a]好", "见[^a] 好", 6),
    "description: 第2章": ("ion: 第 2 章", "ion: 第2章", 15),
    "    caption: 图中2条线": ("on: 图中 2 条线", "on: 图中2条线", 16),
    "    labels: {a: 第2层, b: 好}": ("{a: 第 2 层, b:", "{a: 第2层, b:", 18),
    "      zh: 第2层": ("zh: 第 2 层", "zh: 第2层", 12),
    "[^a]: 另见A. Li 的书": ("a]: 另见 A. Li", "a]: 另见A. Li", 9),
}
GOOD = (
    "取 64 个 $x$ 点，用 `a` 算；见“键”$k$（如 GPU）。",
    "- **动手。** 把 $x$ 换成 2。",
    "[^a]: A. Li 等, “The Long Title Of It”, 2020.",
    'labels: {gap size: 差距, "n, m": "大，小", x: 小}',
    "```python\n取64个\n```",
    "```snippet\na/b.py:c\n```",
    "<!-- 取64个 -->",
    "`取64个`",
    "是 {{ a.b.c:big}}次",
    "是 {{ a.b.c:big}} 次",
    "$$\n\\text{取64个}\n$$",
    "形状 (4, 3) 的 $f$(x) 与 (AB)C",
    "来源 001 §4 · 检验 `tests/a.py::b`、`::c`",
    "2 × 3 的，−8 到 8，第 2、3 章，12% 的",
    "见 <https://a.b/c> 吧[^a]，再看[这里](a.md#b)就好",
    "not: {zh: [甲, 乙], en: [c]}",
    "A foreign sentence that names 脱敏, a word in Chinese, passes.",
    "Nothing Chinese :here ,at all",
)


@pytest.mark.parametrize("line", SLIPS)
def test_a_slip_is_found_where_it_stands(line):
    better, now, column = SLIPS[line]
    (problem,) = check_text("a.md", f"\n{line}\n")
    assert str(problem) == f"a.md:2:{column}: write `{better}` for `{now}`"


def test_a_slip_in_a_fence_is_found_if_it_speaks_of_a_figure():
    fence = "```{0}\na/b.py:c\nfigures:\n  - alt: 第2格\n```\n\n取 `x`\n"
    assert [problem.line for problem in check_text("a.md", fence.format("snippet"))] == [4]
    assert not list(check_text("a.md", fence.format("yaml")))


@pytest.mark.parametrize("text", GOOD)
def test_good_chinese_passes(text):
    assert list(check_text("a.md", text)) == []


def test_slips_far_apart_are_two_problems():
    found = check_text("a.md", "取64个数，再从头到尾一个一个地加起来，一共加5遍。")
    assert [problem.column for problem in found] == [2, 24]


def test_the_check_reads_all_that_is_chinese(book):
    places = ["docs/zh/index.md", "README.zh.md", "CONTRIBUTING.zh.md", "ledger/a/b.yml"]
    for path in places:
        book.write(path, "取64个\n")
    code = '"""One.\n\nTwo，three.\n"""\nx = "中文，"  # one，two\n'
    book.write("snippets/part/topic.py", code.encode())
    book.write("docs/en/index.md", "取64个\n")
    found = [*map(str, check_typography(book.root, Clean(book.root)))]
    mended = "write `取 64 个` for `取64个`"
    english = "`，` is no character for English"
    assert sorted(found) == sorted(
        [f"{path}:1:2: {mended}" for path in places]
        + [f"snippets/part/topic.py:{place}: {english}" for place in ("3:4", "5:17")]
    )
    assert set(found) <= set(map(str, check_book(book.root)))


def test_the_book_has_no_slip(tmp_path):
    assert list(check_typography(REPOSITORY, Clean(tmp_path))) == []
