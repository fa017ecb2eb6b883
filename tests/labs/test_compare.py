"""Two runs side by side; each likely reason shows on a record that was doctored to have it."""
import copy
import re
from pathlib import Path

import pytest

from snippets.labs.compare import WORDS, join, pad, plot, table, told, width
from snippets.labs.reasons import reasons
from snippets.labs.records import Record
from snippets.labs.timing import Spread


def record(data: dict) -> Record:
    return Record(Path("x.json"), data)


def slower(data: dict, factor: float = 2.0) -> dict:
    """The same run, every sample so many times as long."""
    new = copy.deepcopy(data)
    for cell in new["cells"]:
        if "samples" in cell:
            cell["samples"] = [factor * seconds for seconds in cell["samples"]]
    return new


def compared(mine: dict, theirs: dict, language: str = "en") -> str:
    rows = join(record(mine), record(theirs))
    return table(record(mine), record(theirs), rows, language)


def test_cells_are_joined_by_their_keys(data):
    mine = slower(data, 3.0)
    mine["cells"].reverse()
    rows = {row.mine.key: row for row in join(record(mine), record(data))}
    assert rows["a/fast"].ratio == pytest.approx(3) == rows["a/slow"].ratio
    assert rows["a/fast"].seconds[0].median == pytest.approx(6e-5)
    assert rows["a/fp8"].seconds is None and not rows["a/fp8"].large


def test_the_table_shows_ratio_and_spread_of_both(data):
    shown = compared(slower(data, 1.25), data)
    assert re.search(r"a/slow +375 us \[275\.\.675\] +300 us \[220\.\.540\] +1\.25$", shown, re.M)
    assert re.search(r"a/fp8 +not measured: RuntimeError: no fp8 here$", shown, re.M)
    assert "No two differ 1.5-fold." in shown
    assert "other: Intel(R) Xeon(R) Processor, 2026-11-22, commit 1af25ea" in shown


def test_cells_of_one_run_only_are_named(data):
    mine = copy.deepcopy(data)
    del mine["cells"][1]
    assert "in one run only: a/slow" in compared(mine, data)
    mine["cells"] = [{"key": "b/x", "samples": [1.0], "clock": "cpu", "calls": 1}]
    assert "no cell was measured in both runs" in compared(mine, data)


def test_a_large_gap_without_a_reason_says_so(data):
    shown = compared(slower(data), data)
    assert "2 differ 1.5-fold or more." in shown
    assert "yours takes longer: a/fast, a/slow\nThe records do not tell why." in shown
    assert "other takes longer: a/fast, a/slow\n" in compared(data, slower(data))


def test_both_languages_have_the_same_sentences():
    def holes(text: str) -> int:
        return text.count("{")

    assert WORDS["zh"].keys() == WORDS["en"].keys()
    for name, text in WORDS["en"].items():
        assert holes(WORDS["zh"][name]) == holes(text), name


# Reasons, each on a doctored record


def gpu(data: dict, power: str = "700.00", throttled: str = "0x0000000000000000", l2: int = 50):
    data["machine"]["gpu"] = {"name": "GPU", "L2": l2 << 20}
    state = {"gpu": {"power.limit": power, "clocks_throttle_reasons.active": throttled}}
    data["state"] |= {"during": [state], "after": {"gpu": {"power.limit": power}}}
    for cell in data["cells"]:
        if "samples" in cell:
            cell["clock"] = "event"


def pin(mine: dict, theirs: dict) -> None:
    mine["environment"]["OPENBLAS_CORETYPE"] = "Haswell"


def avx2_library(mine: dict, theirs: dict) -> None:
    mine["machine"]["blas"][0]["core"] = "Haswell"


def avx2_processor(mine: dict, theirs: dict) -> None:
    mine["machine"]["blas"][0]["core"] = "Zen"
    mine["machine"]["simd"] = ["avx", "avx2", "fma"]


def power_met(mine: dict, theirs: dict) -> None:
    gpu(mine, throttled="0x0000000000000004")
    gpu(theirs)


def power_lower(mine: dict, theirs: dict) -> None:
    gpu(mine, power="350.00")
    gpu(theirs)


def small_cache(mine: dict, theirs: dict) -> None:
    mine["machine"]["caches"] = {"L1": 32 << 10, "L2": 1 << 20, "L3": 32 << 20}
    theirs["machine"]["caches"]["L3"] = 600 << 20


def small_cache_of_the_gpu(mine: dict, theirs: dict) -> None:
    gpu(mine, l2=50)
    gpu(theirs, l2=500)


def busy(mine: dict, theirs: dict) -> None:
    mine["state"]["wall_per_cpu"] = 3.21


def old_library(mine: dict, theirs: dict) -> None:
    mine["versions"]["numpy"] = "2.2.6"


CASES = [
    (pin, ["pinned"], "环境变量 OPENBLAS_CORETYPE=Haswell 让矩阵库只用为别的处理器写的内核。"),
    (avx2_library, ["narrow", "unused"], "处理器有 AVX-512，矩阵库却没有用上。"),
    (avx2_processor, ["narrow"], "矩阵库选了 Zen 的内核，向量 256 位；另一台用的是 512 位。"),
    (power_met, ["power"], "显卡到了功率上限（700 W），降了频。"),
    (power_lower, ["cap"], "显卡的功率上限低一些：350 W，另一台是 700 W。"),
    (small_cache, ["cache"], "最后一级缓存只有 32 MiB，数据放不下；另一台有 600 MiB，放得下。"),
    (small_cache_of_the_gpu, ["cache"], "最后一级缓存只有 50 MiB，数据放不下"),
    (busy, ["busy"], "机器当时还忙着别的：实际过去的时间是 CPU 时间的 3.2 倍。"),
    (old_library, ["version"], "numpy 的版本不同：2.2.6 与 2.4.6。"),
]


@pytest.mark.parametrize("doctor, names, sentence", CASES)
def test_a_reason_is_found_on_the_side_that_is_slow(data, doctor, names, sentence):
    mine, theirs = slower(data), copy.deepcopy(data)
    doctor(mine, theirs)
    pairs = [(row.mine, row.theirs) for row in join(record(mine), record(theirs)) if row.large]
    assert [name for name, *_ in reasons(record(mine), record(theirs), pairs)] == names
    assert sentence in compared(mine, theirs, "zh")
    assert "Likely reasons: " in compared(mine, theirs, "en")
    if doctor is not old_library:  # versions differ whichever is the slow one
        backwards = [pair[::-1] for pair in pairs]
        assert not list(reasons(record(theirs), record(mine), backwards))


@pytest.mark.parametrize("doctor", [case[0] for case in CASES])
def test_no_reason_is_given_where_there_is_no_gap(data, doctor):
    mine, theirs = copy.deepcopy(data), copy.deepcopy(data)
    doctor(mine, theirs)
    assert "Likely" not in compared(mine, theirs)


def test_what_nvidia_smi_cannot_tell_is_no_reason(data):
    mine, theirs = slower(data), copy.deepcopy(data)
    gpu(mine, power="[N/A]", throttled="[Not Supported]")
    gpu(theirs)
    assert "The records do not tell why." in compared(mine, theirs)


# How it looks


def test_times_come_in_a_unit_that_suits_them():
    assert told(Spread(2.5, 2.0, 3.0)) == "2.5 s [2..3]"
    assert told(Spread(2.5e-3, 2e-3, 3.14159e-3)) == "2.5 ms [2..3.14]"
    assert told(Spread(7e-7, 6e-7, 8e-7)) == "700 ns [600..800]"


def test_chinese_characters_take_two_columns():
    assert width("对照 a") == 6
    assert pad("对照", 6) == "对照  "


@pytest.mark.parametrize("name", ["gap.svg", "gap.png"])
def test_the_plot_shows_each_cell(data, tmp_path, name):
    mine = record(slower(data))
    file = tmp_path / name
    plot(mine, record(data), join(mine, record(data)), file)
    head = {"svg": b"<?xml", "png": b"\x89PNG"}[file.suffix[1:]]
    assert file.read_bytes().startswith(head)
    if file.suffix == ".svg":
        text = file.read_text()
        assert "a/fast" in text and "a/slow" in text and "a/fp8" not in text
