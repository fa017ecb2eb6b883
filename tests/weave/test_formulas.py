"""Formulas become MathML at build; what TeX does not know is an error."""

import xml.etree.ElementTree as ET

import markdown
import pytest

from weave import formulas

GOOD = [
    r"\|A\|_2 \le \gamma_n", r"\begin{bmatrix}1&2\\3&4\end{bmatrix}", r"\mathbb{R}^{m\times n}",
    r"\begin{aligned}a&=b\\c&=d\end{aligned}", r"\operatorname{rank}(A)\lVert x\rVert_F",
    r"\sum_{k=1}^{n} a_{ik} b_{kj}", r"\kappa(A)=\frac{\sigma_{\max}}{\sigma_{\min}}",
    r"W^{\mathsf T} x", r"10^{14}\text{ 亿}", r"\begin{cases}x&x>0\\0&\text{else}\end{cases}",
]  # fmt: skip


@pytest.mark.parametrize("tex", GOOD)
def test_becomes_well_formed_mathml(tex):
    assert formulas.complaint(tex, False) is None
    root = ET.fromstring(formulas.mathml(tex, True).replace("&ApplyFunction;", ""))
    assert root.tag == "math" and root.get("display") == "block"


@pytest.mark.parametrize("tex", [r"\foo", r"\frac{1", r"\begin{matrix}1", r"a & b", r"x^2^3"])
def test_bad_tex_is_a_complaint_that_shows_it(tex):
    assert tex in formulas.complaint(tex, False)


def test_page_has_no_tex_left():
    page = markdown.markdown(
        "a $x < y$ b\n\n$$\nA \\& B\n$$\n\n`$not$`",
        extensions=["pymdownx.arithmatex"],
        extension_configs={"pymdownx.arithmatex": {"generic": True}},
    )
    shown = formulas.convert(page)
    assert shown.count("<math") == 2 and "arithmatex" not in shown
    assert "<mo>&lt;</mo>" in shown and "<code>$not$</code>" in shown
