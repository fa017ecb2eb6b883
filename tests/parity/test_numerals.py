"""No number is typed that a run could give, in either language and wherever a reader meets it."""

import re

import pytest

from weave.check import check_book
from weave.clean import Clean
from weave.edition import read_edition
from weave.numeral_rules import RULES, Place, rule_for
from weave.numerals import numerals
from weave.numerals_check import LIST, check_numerals

ZH, EN = "docs/zh/mechanics/rounding.md", "docs/en/mechanics/rounding.md"

VALUES = {
    ("en", "0.37 of it"): [0.37],
    ("en", "1,162,261 and $1{,}024$"): [1162261, 1024],
    ("en", r"37 %, $37\%$, 3 per cent"): [0.37, 0.37, 0.03],
    ("en", r"4.9×10⁻³, $3\times 10^{-4}$"): [0.0049, 0.0003],
    ("en", "1.07 billion, 13 thousand"): [1.07e9, 13000],
    ("en", "one hundred and twenty-eight"): [128],
    ("en", "eighty and twelve"): [80, 12],
    ("en", "sixty-four thousand five hundred and twelve"): [64512],
    ("en", "half a million, a dozen"): [500000, 12],
    ("en", "two thirds, a quarter of it, a sixty-fourth"): [2 / 3, 1 / 4, 1 / 64],
    ("en", "a hundred-millionth, five ten-thousandths"): [1e-8, 5e-4],
    ("en", "zero point eight three, near point one seven"): [0.83, 0.17],
    ("en", "seven per cent"): [0.07],
    ("en", "A third way, once or twice, half of ten, several dozen, hundreds of them"): [],
    ("en", "The point one reaches; a fifth fault"): [],
    ("zh", "一百二十八个，六万五千多"): [128, 65000],
    ("zh", "三成、九成五、三成半"): [0.3, 0.95, 0.35],
    ("zh", "百分之七、百分之 7、三分之二、千万分之一"): [0.07, 0.07, 2 / 3, 1e-7],
    ("zh", "3.5 亿、10.7 万亿、十亿、两万、27 万"): [3.5e8, 1.07e13, 1e9, 20000, 270000],
    ("zh", "零点八三、七点五"): [0.83, 7.5],
    ("zh", "20 %、3‰"): [0.2, 0.003],
    ("zh", "一半，几十个，成百上千，一成不变，分三点说，一点一点来，两三个，千万别"): [],
    ("zh", "重 4 千克，5 千米"): [4, 5],
}


@pytest.mark.parametrize(("language", "text"), VALUES)
def test_numerals_are_found_with_their_values(language, text):
    found = [numeral.value for numeral in numerals(text, language)]
    assert found == pytest.approx(VALUES[language, text])


ALLOWED = {
    "counting": ["in 10 steps", "共 8 个", "from −1 to 1", "$2n^3+7n$"],
    "shown": ["for 64 numbers", "sixty-four of them", "取 64 个", "六十四阶", "$64n$"],
    "numbering": ["Source 001 §14 ·", "see exercise 12", "练习 12", "第 12 行", "the 12th layer"],
    "position": ["$10^{14}$", "$x_{12}$", r"$\log_212$", r"$\tfrac18$", "$45^2$"],
    "date": ["in 2012", "(1986)", "2024 年 12 月", "12 October 2026", "2009 and 2015"],
    "name": ["float32", "int16", "GPT-2 and H100", "IEEE 754", "Python 3.11", "2.9 版起"],
    "width": ["16 bits", "a 32-bit sum", "32 位的"],
    "angle": ["turned by 90°", "45 degrees", "转 180 度", "旋转九十度"],
    "quoted": ["says “a gap of 37%” here", "说“九成是乘法”"],
    "task": ["**Try it.** With 150 points?", "**动手。** 换成 150 个点"],
    "worked": [r"$3\times3\times3=27$", r"$1-0.1\times0.1=0.99$", r"$\frac{12}{16}=0.75$"],
}
REFUSED = {
    "counting": ["11 steps", "3 ms", "8 GB", "8%", "5 秒", "十一个", "0.5"],
    "shown": ["for 65 numbers", "0.64", "64%", "65 个"],
    "numbering": ["14 sources", "12 层", "exercise by 12 people"],
    "position": ["$14x^2$", "$14+x_1$", "10 to the 14"],
    "date": ["1987 steps", "2013 个点", "in 2012.5", "3012", "45 月台"],
    "name": ["1.7x", "about 3.11", "-32"],
    "width": ["17 bits", "16 points", "32 个"],
    "angle": ["turned by 37°", "12 degrees", "九十层"],
    "quoted": ["“a gap” of 37%", "说“是乘法”的有九成"],
    "task": ["**Try it.** You get 0.371.", "**动手。** 会降到 37%", "Try it with 150 points"],
    "worked": [r"$3\times3\times3=28$", r"$0.1\times0.1=0.011$", "$x=27$"],
}


def rules_of(text: str) -> list[str | None]:
    language = "zh" if re.search("[\u4e00-\u9fff]", text) else "en"
    formula = next((match.span() for match in re.finditer(r"\$.*\$", text)), None)
    shown = frozenset({64.0})
    return [rule_for(Place(text, n, formula, shown)) for n in numerals(text, language)]


@pytest.mark.parametrize("rule", ALLOWED)
def test_a_rule_lets_its_kind_stand(rule):
    for text in ALLOWED[rule]:
        assert rule in rules_of(text) and None not in rules_of(text), text


@pytest.mark.parametrize("rule", REFUSED)
def test_a_rule_lets_nothing_else_stand(rule):
    for text in REFUSED[rule]:
        assert None in rules_of(text), text


def test_each_rule_is_tried_both_ways_and_says_why():
    names = {rule.__name__ for rule in RULES}
    assert names == ALLOWED.keys() == REFUSED.keys()
    assert all(rule.__doc__ for rule in RULES)


PLACES = {  # an edit that types a number, and what the message names
    "prose": (EN, "tell all:", "tell all, 0.37 of it:", "0.37"),
    "prose in words": (EN, "random matrices,", "random matrices, a third of them,", "a third"),
    "Chinese prose": (ZH, "个随机矩阵", "个随机矩阵里的三成", "三成"),
    "Chinese numeral": (ZH, "浮点乘法不满足", "浮点乘法有一百二十八处不满足", "一百二十八"),
    "heading": (EN, "## How large is the gap?", "## How large is the gap of 12%?", "12%"),
    "description": (EN, "decides the result.", "decides 98% of the result.", "98%"),
    "caption": (EN, "caption: A gap of", "caption: Beyond 4.9×10⁻³ a gap of", "4.9×10⁻³"),
    "alt text": (ZH, "两条曲线", "两条曲线，末端在零点八三", "零点八三"),
    "label": (ZH, "首尾相克}", "首尾相克 37 对}", "37"),
    "table": (EN, "| float32 | small |", "| float32 | 0.0012 |", "0.0012"),
    "box": (ZH, "“差别只有最后一位。”", "“差别只有最后一位。”有 3.5 亿次，", "3.5 亿"),
    "solution": (EN, "    - First step", "    - First step, 17 times", "17"),
    "formula": (EN, r"\gamma_n \|A\|", r"0.37 \gamma_n \|A\|", "0.37"),
    "image": (EN, "![Two circles]", "![Two circles, 12.5 apart]", "12.5"),
}


@pytest.mark.parametrize("name", PLACES)
def test_a_typed_number_is_found_where_it_stands(book, name):
    path, old, new, numeral = PLACES[name]
    book.edit(path, old, new)
    found = [problem for problem in book.problems() if "is typed" in problem]
    assert found == [f"{path}:{book.line(path, new)}: `{numeral}` is typed: show the value of a "
                     f"run, or say in {LIST} why it needs none"]  # fmt: skip


VALUE = "{{ mechanics.rounding.worst:.1e }}"


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (EN, "alt: Two curves", f"alt: Two curves {VALUE}"),
        (ZH, "caption: 差别", f"caption: 差别 {VALUE}"),
        (ZH, "aligned: 首尾相克", f'aligned: "首尾相克 {VALUE}"'),
        (EN, "| float32 | small", f"| float32 | small {VALUE}"),
        (EN, "“Only the last digit differs.”", f"“Only the last digit differs.” {VALUE}"),
        (EN, "    - First step", f"    - First step {VALUE}"),
        (EN, "tell all", f"tell all {VALUE}"),
    ],
)
def test_a_value_in_one_language_alone_is_found(book, path, old, new):
    book.edit(path, old, new)
    assert any("mechanics.rounding.worst" in problem for problem in book.problems())


HARMLESS = {
    "a numeral in code": (EN, "tell all:", "tell all `0.37` of:"),
    "in a fence": (EN, "Examples do", "```\n0.37 and 12%\n```\n\nExamples do"),
    "in an address": (EN, "the [manual].", "the [book](https://example.org/0.37/12)."),
    "in a comment": (EN, "tell all:", "tell all: <!-- 0.37 -->"),
    "in a footnote": (EN, "SIAM, 2002.", "2nd ed., SIAM, 2002, pp. 432–487, doi:10.1137/1.97."),
    "a value": (EN, "A gap of {{", "A gap of some {{"),
    "a small number": (ZH, "两条曲线", "2 条曲线，10 个点"),
    "a year": (ZH, "浮点乘法不满足", "自 1985 年起，浮点乘法不满足"),
    "a shape's index": (EN, r"\gamma_n \|A\|", r"\gamma_{12} \|A\|"),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_no_result_may_stand(book, name):
    book.edit(*HARMLESS[name])
    assert not [problem for problem in book.problems() if "typed" in problem]


SNIPPET = """\
SIZE = 48
if __name__ == "__main__":
    # --8<-- [start:gap]
    count = 2**12 + 17
    print(f"{count:>23.2f} of 0.25")
    # --8<-- [end:gap]
"""


@pytest.mark.parametrize(("text", "stands"), [
    ("17", True), ("4096", True), ("四千零九十六", True), ("0.25", True), ("25%", True),
    ("a quarter of it", True), ("23", False), ("48", False), ("12.5", False),
])  # fmt: skip
def test_what_the_shown_code_says_may_be_said(book, text, stands):
    book.write("snippets/mechanics/rounding.py", SNIPPET)
    path, place = (ZH, "个随机矩阵") if re.search("[\u4e00-\u9fff]", text) else (EN, "tell all")
    book.edit(path, place, f"{place} {text} ")
    assert stands is not any("is typed" in problem for problem in book.problems())


def listed(book, kind: str, text: str, place: str = "tell all:", more: str = "") -> list[str]:
    """What is wrong with an entry for a number in the English page."""
    book.edit(EN, place, f"{place} {text}")
    book.write(LIST, f"- page: mechanics/rounding\n  kind: {kind}\n{more}  en: ['{text}']\n")
    return [problem for problem in book.problems() if LIST in problem]


TEST = "  test: tests/test_a.py::test_a\n"


FITTING = {
    "exact": ("a gap of 0.371", "tell all:", ""),
    "given": ("some 19 pages", "tell all:", ""),
    "setting": ("a size of 48", "tell all:", ""),
    "bound": ("more than 98%", "tell all:", TEST),
    "literature": ("98.5% [^higham2002]", "tell all:", ""),
    "picture": ("as far as 0.83", "alt: Two curves", ""),
}


@pytest.mark.parametrize("kind", FITTING)
def test_an_entry_lets_a_phrase_stand(book, kind):
    text, place, more = FITTING[kind]
    book.write("snippets/mechanics/rounding.py", SNIPPET)
    book.write("tests/test_a.py", "def test_a(woven):\n")
    assert listed(book, kind, text, place, more) == []
    assert not any("is typed" in problem for problem in book.problems())


BAD = {
    "literature without a reference": ("literature", "98.5% of it", "", "has no reference"),
    "a setting that no code says": ("setting", "a size of 49", "", "is no setting"),
    "a picture in prose": ("picture", "as far as 0.83", "", "not in the text of a figure"),
    "an unknown kind": ("exactly", "a gap of 0.37", "", "did you mean `exact`?"),
    "a bound without a test": ("bound", "more than 98%", "", "names the `test`"),
    "a bound whose test is missing": ("bound", "more than 98%", TEST, "there is no test"),
    "a test where none is needed": ("given", "more than 98%", TEST, "names the `test`"),
    "what needs no entry": ("given", "some 7 pages", "", "needs no entry"),
    "an unknown field": ("given", "some 17 pages", "  why: so\n", "has no field `why`"),
}


@pytest.mark.parametrize("name", BAD)
def test_an_entry_must_fit(book, name):
    kind, text, more, says = BAD[name]
    book.write("snippets/mechanics/rounding.py", SNIPPET)
    assert any(says in problem for problem in listed(book, kind, text, more=more))


def test_a_picture_is_read_to_two_digits(book):
    problems = listed(book, "picture", "up to 0.837", place="alt: Two curves")
    assert "more digits than" in problems[0]


def test_an_entry_that_matches_nothing_is_an_error(book):
    assert listed(book, "given", "some 17 pages") == []
    book.edit(EN, "some 17 pages", "many pages")
    (problem,) = (problem for problem in book.problems() if LIST in problem)
    assert problem == f"{LIST}:3: `some 17 pages` stands 0 times in {EN}, not once"


def test_an_entry_means_one_place(book):
    book.edit(EN, "Examples do", "And some 17 pages. Examples do")
    assert any("stands 2 times" in p for p in listed(book, "given", "some 17 pages"))


def test_an_entry_names_a_page(book):
    listed(book, "given", "some 17 pages")
    book.edit(LIST, "mechanics/rounding", "mechanics/roundings")
    assert any(p.startswith(f"{LIST}:1: there is no page mechanics/roundings; did you mean")
               for p in book.problems())  # fmt: skip


@pytest.mark.parametrize("text", ["{page: a}", "- 17", "- [", "'"])
def test_a_damaged_list_is_a_problem_and_no_crash(book, text):
    book.write(LIST, text)
    assert any(problem.startswith(LIST) for problem in book.problems())


REAL = {  # numbers typed into real pages: the page, a place, and what stands there then
    "docs/en/mechanics/strassen.md": ("**Where this stops being true.**", " It takes 0.873 of it."),
    "docs/zh/mechanics/strassen.md": ("**什么时候不成立。**", "只要原来的八成七。"),
    "docs/en/language/dropout.md": ("{ .lead }\n", "\nIn 61% of the draws they agree.\n"),
    "docs/zh/language/dropout.md": ("{ .lead }\n", "\n抽一千三百七十次，有 61% 相同。\n"),
    "docs/en/foundations/norms.md": ("caption: ", "Within 0.0137. "),
    "docs/zh/foundations/norms.md": ("caption: ", "相差不到 0.0137。"),
    "docs/en/why-matmul/limits.md": ("alt: ", "Ends at seventeen hundredths. "),
    "docs/zh/why-matmul/limits.md": ("alt: ", "末端落在零点一七三。"),
}


@pytest.mark.parametrize("path", REAL)
def test_a_number_typed_into_a_real_page_is_found(root, tmp_path, path):
    place, typed = REAL[path]
    text = (root / path).read_text(encoding="utf-8")
    before, _, after = text.partition(place)
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(before + place + typed + after, encoding="utf-8")
    (tmp_path / "snippets").symlink_to(root / "snippets")
    edition = read_edition(tmp_path, path.split("/")[1], "")
    line = before.count("\n") + place.count("\n") + typed.rstrip("\n").count("\n") + 1
    problems = check_numerals(tmp_path, [edition], Clean(tmp_path))
    problems = [problem for problem in problems if problem.line == line]
    typed_here = [numeral.text for numeral in numerals(typed, edition.language)]
    assert [p.message.split("`")[1] for p in problems][: len(typed_here)] == typed_here


def test_one_language_alone_can_be_checked(book):
    listed(book, "given", "some 17 pages")
    assert check_book(book.root, languages=("zh",)) == []


def test_what_was_clean_is_looked_at_again_when_the_list_changes(book):
    assert listed(book, "given", "some 19 pages") == []
    assert not book.problems()
    book.write(LIST, "[]\n")
    assert any("`19` is typed" in problem for problem in book.problems())
