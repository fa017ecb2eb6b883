"""What `test_certified` plants into the book: mistakes that must be found, edits that must pass.

A plant takes the first place in the book that fits its pattern and stands on no page that has been
planted already, so that it goes on working while chapters change.
"""

from typing import NamedTuple

ZH, EN, BOTH = "docs/zh/*/**/*.md", "docs/en/*/**/*.md", "docs/*/*/**/*.md"
CLAIMS, SOURCES = "ledger/claims/*.yml", "ledger/sources/*.yml"
REFERENCES = "ledger/references/*.yml"
HERE, NEAR = "here", "near"  # named with file and line; or in the section where it belongs


class Plant(NamedTuple):
    files: str  # a glob; BOTH means that both versions of the page are edited
    find: str  # a pattern, as in re.MULTILINE
    put: str
    says: str = ""  # part of the message
    where: str = HERE


FORMULA = r"(?<=[^$\\\w])\$(?![\s$])"
MISTAKES = {
    "formula": {
        "sign": Plant(ZH, FORMULA + r"([^$\n]*?\w)\+(\w[^$\n]*)\$(?=[^$])", r"$\1-\2$", "formula"),
        "inequality": Plant(EN, FORMULA + r"([^$\n]*?)\\le\b([^$\n]*)\$", r"$\1\\ge\2$", "formula"),
        "index": Plant(ZH, FORMULA + r"([^$\n]+)_i([^$\n]+)\$", r"$\1_j\2$", "formula"),
        "power": Plant(EN, FORMULA + r"([^$\n]+)\^2([^$\n]*=[^$\n]*)\$", r"$\1^3\2$", "formula"),
        "transpose": Plant(
            ZH, FORMULA + r"([^$\n]*\w)\^\{?(?:\\top|\\mathsf T)\}?(\w[^$\n]*)\$", r"$\1\2$",
            "formula"),
        "constant": Plant(
            EN, FORMULA + r"([^$\n]*=[^$\n]*[^\d$\n])2([^\d$\n][^$\n]*)\$", r"$\g<1>3\2$",
            "formula"),
        "display": Plant(ZH, r"^\$\$\n(.*)=(.*)\n", "$$\n\\1+\\2\n", "formula", NEAR),
        "left out": Plant(EN, FORMULA + r"[^$\n]*=[^$\n]*\$(?= )", "it", "no formula", NEAR),
        "unclosed": Plant(ZH, r"^\$\$\n(.*\n)\$\$\n", "$$\n\\1\n", "`$$` is no formula"),
    },
    "value": {
        "typed in Chinese": Plant(ZH, r"\{\{ [^{}]*\}\}", "3.14", "no value", NEAR),
        "typed in English": Plant(EN, r"\{\{ [^{}]*\}\}", "3.14", "no value", NEAR),
        "another": Plant(EN, r"\{\{ (\w+\.\w+\.\w+)(?=:)", r"{{ \1_x", "value"),
        "another item": Plant(ZH, r"\{\{ ([\w.]+)\[([A-Za-z]\w*)\]", r"{{ \1[\2_x]", "value"),
        "another format": Plant(EN, r"(\{\{ [^{}]*:)\.2f", r"\1.5f", "value"),
        "half a brace": Plant(ZH, r"(\{\{ [^{}]*\})\}", r"\1", "not a value"),
    },
    "section": {
        "missing in Chinese": Plant(
            ZH, r"^## .*#(?!what|exer)[\s\S]*?(?=^## )", "", "no heading", NEAR),
        "missing in English": Plant(
            EN, r"^## .*#(?!what|exer)[\s\S]*?(?=^## )", "", "no heading", NEAR),
        "level": Plant(ZH, r"^## (?=.*#(?!what|exer))", "### ", "heading"),
        "id": Plant(EN, r"^(## .*\{ #(?!what|exer)[\w-]+)", r"\1-x", "heading"),
        "no id": Plant(ZH, r"^(## .*) \{ #(?!what|exer).*\}$", r"\1", "no id"),
        "id twice": Plant(EN, r"^(## .*)#what-holds", r"\1#exercises", "already on line", NEAR),
        "exercise missing": Plant(EN, r"^### .*#exercise[\s\S]*?(?=^### )", "", "no heading", NEAR),
    },
    "table": {
        "row missing": Plant(ZH, r"^\|.*\|\n(?=\|.*\|\n\n)", "", "rows", NEAR),
        "cell too many": Plant(EN, r"^(\|.*\|)(?=\n\n)", r"\1 x |", "cells"),
    },
    "box": {
        "missing": Plant(ZH, r"^!!! imprecise .*\n(?:    .*\n)+", "", "admonition", NEAR),
        "verdict in one language": Plant(
            EN, r'^!!! wrong "Wrong"', '!!! correct "Correct"', "admonition"),
        "verdict's word": Plant(ZH, r'^!!! wrong "错误"', '!!! wrong "成立"', "is called `成立`"),
        "verdict in both": Plant(
            BOTH, r"^!!! imprecise .*(?=\n.*(?:来源|Source) 003)", '!!! dated',
            "dated here; the ledger"),
        "no box": Plant(EN, r'^!!! (\w+) "(\w+)"$', r"!!! \1 “\2”", "not an admonition"),
        "section of a source": Plant(
            ZH, r"来源 (00\d) §\w+", r"来源 \1 §99", "has no section `99`"),
    },
    "code": {
        "region": Plant(EN, r"^(```snippet)\n(\w\S*)", "\\1\n\\2_x", "snippet"),
        "fence missing": Plant(ZH, r"^```snippet\n\S+\n```\n", "", "no snippet", NEAR),
        "folded in one language": Plant(ZH, r"^(```snippet\n\S+\n)code: fold\n", r"\1", "snippet"),
        "open fence": Plant(EN, r"^(```snippet\n\S+\n)```\n", r"\1", "is not closed"),
        "unknown option": Plant(ZH, r"^(```snippet\n\S+\n)code:", r"\1cdoe:", "no option `cdoe`"),
        "Chinese comma in a comment": Plant(
            "snippets/*/*.py", r"^( *# [^,\n]+),", r"\1，", "is no character for English"),
    },
    "figure": {
        "caption missing": Plant(
            EN, r"^(```snippet\n\S+\n(?:(?!```).*\n)*?  - alt: .*\n)    caption: .*\n",
                                 r"\1", "has no caption"),
        "alt missing": Plant(ZH, r"^(```snippet\n\S+\n(?:(?!```).*\n)*?)  - alt: .*\n    caption",
                             r"\1  - caption", "has no alt"),
        "one too many": Plant(EN, r"^(```snippet\n\S+\n(?:(?!```).*\n)*?)  - alt: ",
                              "\\1  - alt: x\n    caption: x\n  - alt: ", "snippet"),
        "broken YAML": Plant(ZH, r"^(```snippet\n\S+\ncode: fold\n)figures:", r"\1figures: [",
                             "bad snippet options", NEAR),
    },
    "link": {
        "anchor": Plant(ZH, r"\]\((\S+\.md)#([\w-]+)\)", r"](\1#\2-x)", "dead anchor"),
        "page": Plant(EN, r"\]\((\S+)\.md(#[\w-]+)?\)", r"](\1x.md)", "dead link"),
        "elsewhere": Plant(ZH, r"\]\((\S+\.md)#[\w-]+\)", r"](\1)", "link to"),
        "left out": Plant(EN, r"\[([^\[\]]+)\]\(\S+\.md#[\w-]+\)", r"\1", "no link to", NEAR),
        "absolute": Plant(ZH, r"\]\((\w\S*\.md)", r"](/\1", "is absolute"),
        "case": Plant(EN, r"\]\(([a-z])([\w-]+\.md)", r"](X\2", "dead link"),
    },
    "reference": {
        "unknown": Plant(ZH, r"\[\^([a-z]+\d{4})\](?!:)", r"[^\1x]", "is no note"),
        "a DOI that is none": Plant(REFERENCES, r"^  DOI: 10\.", "  DOI: 11.", "10.…/…"),
        "not looked up": Plant(REFERENCES, r"^  checked: .*\n", "", "checked", NEAR),
    },
    "typed number": {
        "in both": Plant(
            BOTH, r"^(## .*#what-holds)", "2.71 < 3.14\n\n\\1", "`2.71` is typed", NEAR),
    },
    "front matter": {
        "no description": Plant(
            ZH, r"\A---\n(title: .*\n)description: .*\n", "---\n\\1", "no description"),
        "broken": Plant(EN, r"\A---\ntitle: ", "---\ntitle: [", "bad front matter", NEAR),
        "nav entry missing": Plant(
            "mkdocs.en.yml", r"^ +- mechanics/(?!index)\S+\.md\n", "", "nav entry", NEAR),
    },
    "ledger": {
        "unknown verdict": Plant(CLAIMS, r"^  verdict: wrong$", "  verdict: worng", "did you mean"),
        "what holds is missing": Plant(
            CLAIMS, r"^(  verdict: )correct(\n  zh: .*\n  en: [^>\n]*\n  page)", r"\1wrong\2",
            "does not say what `holds`", NEAR),
        "no such test": Plant(CLAIMS, r"(::test_\w+)$", r"\1_x", "has no test"),
        "no such test file": Plant(
            CLAIMS, r"(tests/\S+/test_\w+)\.py", r"\1_x.py", "there is no tests/"),
        "no test": Plant(CLAIMS, r"^(- id: .*\n(?:  (?!tests).*\n)*)  tests: \S+\n(?=- id)", r"\1",
                         "names no test or reference"),
        "no such heading": Plant(CLAIMS, r"^(  page: \S+#[\w-]+)$", r"\1-x", "has no heading"),
        "no such page": Plant(
            CLAIMS, r"^  page: (\w+)/\S+#", r"  page: \1/x#", "there is no docs/zh"),
        "number": Plant(CLAIMS, r"^(- id: 00\d-)09$", r"\g<1>90", "stands where"),
        "section": Plant(CLAIMS, r"^  section: \d+$", "  section: 99", "has no section `99`"),
        "field": Plant(CLAIMS, r"^  verdict:", "  verdit:", "did you mean `verdict`"),
        "value in one language": Plant(
            CLAIMS, r"^(    zh: [^{}\n]*)\{\{ [^{}]*\}\}", r"\g<1>3", "value", NEAR),
        "snippet of a code block": Plant(
            SOURCES, r"^(    snippet: \S+:\w+)$", r"\1_x", "has no region"),
        "formula in one language": Plant(
            "ledger/glossary.yml", r"^(    en: .*)\$[^$\n]+\$", r"\1it", "formula", NEAR),
    },
    "term": {
        "Chinese": Plant(ZH, r"^([一-鿿][^“\n]*)单位阵", r"\1单位矩阵", "write `单位阵`"),
        "English": Plant(
            EN, r"^([A-Z][^“\n]*) elementwise", r"\1 element-wise", "write `elementwise`"),
        "heading": Plant(
            EN, r"^(#+ [^{\n]*)\bidentity\b", r"\1unit matrix", "write `identity matrix`"),
    },
    "typography": {
        "space before a formula": Plant(ZH, r"([一-鿿]) (\$\w)", r"\1\2", "write `"),
        "half-width comma": Plant(ZH, r"([一-鿿])，(?=[一-鿿])", r"\1,", "write `"),
        "straight quotes": Plant(ZH, r"“([一-鿿]+)”(?=[一-鿿])", r'"\1"', "write `"),
        "space in Chinese": Plant(ZH, r"([一-鿿])，(?=[一-鿿])", r"\1， ", "write `"),
        "caption": Plant(ZH, r"^(    caption: .*[一-鿿]) (\d)", r"\1\2", "write `"),
        "ledger": Plant(CLAIMS, r"^(  zh: [一-鿿]+)，", r"\1, ", "write `"),
    },
    "strong word": {
        "always": Plant(
            EN, r"^(## .*#what-holds)", "It always is so.\n\n\\1", "`always` beside nothing"),
        "通常": Plant(ZH, r"^(## .*#what-holds)", "事情通常如此。\n\n\\1", "`通常` beside nothing"),
    },
}  # fmt: skip

UNCAUGHT = {  # nobody but a reader can find these
    "'more' for 'less', in one language": Plant(EN, r"\bmore than\b", "less than"),
    "大于 for 小于, in one language": Plant(ZH, "大于", "小于"),
    "a sentence left out in one language": Plant(ZH, r"(?<=。)[一-鿿，]{9,}。(?=[一-鿿])", ""),
    "'not' left out of a judged claim, in both": Plant(
        BOTH, r"^(!!! wrong .*\n    .*?)(?:\bnot |不)", r"\1"),
    "two names of a figure's labels exchanged": Plant(
        ZH, r"labels: \{(\w+): ([一-鿿]+), (\w+): ([一-鿿]+)\}", r"labels: {\1: \4, \3: \2}"),
    "a wrong formula, in both": Plant(BOTH, r"^(## .*#what-holds)", "0 < 1, $1 + 1 = 3$\n\n\\1"),
    "a judgement in the ledger reworded to its opposite": Plant(
        CLAIMS, r"^(    zh: [一-鿿，]*)不", r"\1"),
}  # fmt: skip

WHAT_HOLDS = r"^(## .*#what-holds)"
HARMLESS = {
    "a reworded sentence": Plant(EN, r"\bmust\b", "has to"),
    "a reworded Chinese sentence": Plant(ZH, "因此", "所以"),
    "a paragraph in both": Plant(BOTH, WHAT_HOLDS, "1 + 1 = 2\n\n\\1"),
    "a paragraph in one": Plant(EN, WHAT_HOLDS, "A word more.\n\n\\1"),
    "a section in both": Plant(BOTH, WHAT_HOLDS, "## 1 + 1 { #one-and-one }\n\n2\n\n\\1"),
    "an exercise in both": Plant(
        BOTH, r"^(## .*#exercises.*\n)", "\\1\n### 0. 1 + 1 { #exercise-one-and-one }\n\n2\n"),
    "a formula in both": Plant(BOTH, WHAT_HOLDS, "$a + b = c$\n\n\\1"),
    "a display formula in both": Plant(BOTH, WHAT_HOLDS, "$$\na + b = c\n$$\n\n\\1"),
    "a link in both": Plant(BOTH, WHAT_HOLDS, "[2](#what-holds)\n\n\\1"),
    "a table in both": Plant(BOTH, WHAT_HOLDS, "| 1 | 2 |\n| - | - |\n| 3 | 4 |\n\n\\1"),
    "a list in both": Plant(BOTH, WHAT_HOLDS, "- 1\n- 2\n\n\\1"),
    "code in both": Plant(BOTH, WHAT_HOLDS, "```python\nx = 1\n```\n\n\\1"),
    "a row in both": Plant(
        BOTH, r"^(## .*#what-holds[^\n]*\n\n(?:\|[^|\n]*\|[^|\n]*\|\n){2})", "\\1| 1 | 2 |\n"),
    "another order of the front matter": Plant(
        EN, r"\A---\n(title: .*\n)(description: .*\n)", "---\n\\2\\1"),
    "a comment on a page": Plant(ZH, WHAT_HOLDS, "<!-- 取64个, {{ x }} always -->\n\n\\1"),
    "a blank line more": Plant(ZH, WHAT_HOLDS, "\n\\1"),
    "another heading": Plant(EN, r"^## [A-Z][^{}$]* \{ #(?!what|exer)", "## Reworded { #"),
    "another link text": Plant(EN, r"\[[a-z ]+\](?=\(\S+\.md)", "[there]"),
    "a longer caption": Plant(EN, r"^(    caption: [A-Z].*)\.$", r"\1. So it is."),
    "another alt text": Plant(ZH, r"^  - alt: (?=[一-鿿])", "  - alt: 图中画着："),
    "spaces in a formula": Plant(EN, FORMULA + r"([^$\n]*)=([^$\n]*)\$", r"$\1 = \2$"),
    "words in a formula": Plant(ZH, r"\\text\{[^{}$]*\}", r"\\text{如此}"),
    "the alignment of a table": Plant(EN, r"^\| --- \|", "| :-- |"),
    "a box without title": Plant(ZH, r'^!!! (\w+) "[^"]*"', r"!!! \1"),
    "emphasis": Plant(ZH, r"(?<=[一-鿿])([一-鿿]{2})，", r"**\1**，"),
    "a quoted name that is ruled out": Plant(EN, WHAT_HOLDS, "Some say “element-wise”.\n\n\\1"),
    "a strong word that is shown": Plant(EN, WHAT_HOLDS, "It always is `so`.\n\n\\1"),
    "digits of a magnitude": Plant(EN, r":big2? *\}\}", ":big }}"),
    "spaces in a value": Plant(ZH, r"(\{\{ [^{}]*[^ {}])\}\}", r"\1 }}"),
    "a comment in a snippet": Plant("snippets/*/*.py", r"^import", "# numbers\nimport"),
    "a test more": Plant(
        "tests/mechanics/test_*.py", r"^def test_", "def test_x():\n    pass\n\n\ndef test_"),
    "a comment in the ledger": Plant(CLAIMS, r"\A- id", "# by hand\n- id"),
    "a reworded claim": Plant(SOURCES, r"^(    en: [A-Z][^:$]*)$", r"\1 here"),
    "a reworded guide": Plant("README.md", r"\bYou need\b", "One needs"),
    "line ends": Plant(EN, r"\n", "\r\n"),
    "a byte order mark": Plant(ZH, r"\A", "\ufeff"),
}  # fmt: skip

BUILT = {  # in one language's version of one page; the language stands for the file
    "value that no run gives": Plant(
        "zh", r"\{\{ (mechanics\.rounding\.\w+)", r"{{ \1_x", "no value"),
    "item that no run gives": Plant(
        "en", r"\{\{ (mechanics\.rounding\.\w+)\[\w+\]", r"{{ \1[none]", "none"),
    "format that does not exist": Plant("en", r"(\{\{ [^{}]*:\.\d)e", r"\1q", "unknown format"),
    "region that does not exist": Plant(
        "zh", r"^```snippet\n(mechanics/rounding\.py:\w+)", "```snippet\n\\1_x", "no region"),
    "TeX that is none": Plant("en", r"\\kappa", r"\\kapa", "formula"),
    "label that no figure has": Plant("zh",
        r"^(```snippet\n\S+\n(?:(?!```).*\n)*?    labels: \{)(\w+):", r"\1x\2:", "has no label"),
    "label without a name": Plant("zh",
        r"^(```snippet\n\S+\n(?:(?!```).*\n)*?    labels: \{)\w+: [^,]*, ", r"\1", "has no name"),
    "figure that no run draws": Plant(
        "en", r"^(```snippet\n\S+\n(?:(?!```).*\n)*?)  - alt: ",
        "\\1  - alt: x\n    caption: x\n  - alt: ", "the run drew"),
}  # fmt: skip
