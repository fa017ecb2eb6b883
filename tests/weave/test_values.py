"""Values in prose and formulas: looked up by name, shown in words of the language."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weave.records import Record
from weave.values import ValueProblem, look_up, show

RECORD = Record(
    "part/topic.py", {}, {"gap": {"aligned": 0.5}, "list": [1, 2], "x": 3}, {"a": "ndarray"},
    None, {}, 0.0, "", {},
)  # fmt: skip


@pytest.mark.parametrize(("value", "spec", "language", "prose", "tex"), [
    (0.0049, ".1e", "en", "4.9×10⁻³", r"4.9\times 10^{-3}"),
    (1e14, ".0e", "zh", "1×10¹⁴", r"1\times 10^{14}"),
    (-2, None, "en", "−2", "-2"),
    (-0.25, ".2f", "zh", "−0.25", "-0.25"),
    (0.25, ".0%", "en", "25%", r"25\%"),
    (1234567, ",", "en", "1,234,567", "1{,}234{,}567"),
    (1_074_790_400, "big", "en", "1.07 billion", r"1.07\text{ billion}"),
    (1_074_790_400, "big", "zh", "10.7 亿", r"10.7\text{ 亿}"),
    (2_097_152, "big2", "zh", "210 万", r"210\text{ 万}"),
    (15_125, "big", "en", "15,100", "15,100"),
    (15_125, "big", "zh", "1.51 万", r"1.51\text{ 万}"),
    (812, "big", "zh", "812", "812"),
    (999_999_999, "big", "en", "1.00 billion", r"1.00\text{ billion}"),
    (3.0e12, "big", "zh", "3.00 万亿", r"3.00\text{ 万亿}"),
    ([3, 1], None, "en", "(3, 1)", "(3, 1)"),
    ([3], None, "en", "(3,)", "(3,)"),
    (True, None, "en", "True", "True"),
    ("float32", None, "zh", "float32", "float32"),
    (float("nan"), ".1f", "en", "NaN", r"\text{NaN}"),
    (float("-inf"), ".1f", "en", "−∞", r"-\infty"),
])  # fmt: skip
def test_shown_in_prose_and_in_a_formula(value, spec, language, prose, tex):
    assert show(value, spec, language, tex=False) == prose
    assert show(value, spec, language, tex=True) == tex


@pytest.mark.parametrize(("value", "spec", "said"), [
    (0.1, None, "a float needs a format"),
    (0.1, "d", "does not fit"),
    (0.1, "nonsense", "unknown format `nonsense`"),
    (0.1, "big9x", "unknown format"),
    ("text", ".1f", "does not fit"),
    ({"a": 1}, None, "a mapping cannot be shown"),
    ([0.5], None, "only a shape"),
    ([1], ".1f", "only a shape"),
])  # fmt: skip
def test_what_cannot_be_shown_says_why(value, spec, said):
    with pytest.raises(ValueProblem, match=re.escape(said)):
        show(value, spec, "en", tex=False)


@pytest.mark.parametrize(("name", "items", "value"), [
    ("x", "", 3), ("list", "[1]", 2), ("list", "[-1]", 2), ("gap", "[aligned]", 0.5),
    ("gap", "['aligned']", 0.5),
])  # fmt: skip
def test_look_up(name, items, value):
    assert look_up(RECORD, name, items) == value


@pytest.mark.parametrize(("name", "items", "said"), [
    ("gaps", "", "computes no value `gaps`; did you mean `gap`?"),
    ("a", "", "`a` of part/topic.py is a ndarray, which is not a value"),
    ("gap", "[alinged]", "has no item `alinged`; did you mean `aligned`?"),
    ("list", "[2]", "has 2 items, none of them `[2]`"),
    ("list", "[one]", "none of them `[one]`"),
    ("x", "[0]", "is a single value"),
])  # fmt: skip
def test_what_does_not_exist_says_what_was_probably_meant(name, items, said):
    with pytest.raises(ValueProblem, match=re.escape(said)):
        look_up(RECORD, name, items)


@given(st.floats(min_value=1, max_value=1e15), st.sampled_from(["en", "zh"]))
def test_a_big_number_keeps_its_size(value, language):
    words = {" trillion": 1e12, " billion": 1e9, " million": 1e6, " 万亿": 1e12, " 亿": 1e8,
             " 万": 1e4}  # fmt: skip
    text = show(value, "big", language, tex=False)
    size = next((words[word] for word in words if text.endswith(word)), 1)
    number = float(re.match(r"[\d.,]+", text)[0].replace(",", "")) * size
    assert number == pytest.approx(value, rel=0.006)


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 6))
def test_scientific_notation_reads_back(value, digits):
    text = show(value, f".{digits}e", "en", tex=False)
    normal = text.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-"))
    assert float(normal.replace("×10", "e")) == float(f"{value:.{digits}e}")
