"""A record says all that its page needs, and one that cannot be used says why."""
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from snippets.labs import records
from snippets.labs.lab import Cell
from snippets.labs.records import (
    Record, RecordError, banner, check, load, load_all, place, plain, slug, store,
)  # fmt: skip


def keep(data: dict, runs: Path) -> Path:
    file = place(data, runs)
    store(data, file)
    return file


def test_the_schema_is_one(root):
    Draft202012Validator.check_schema(json.loads((root / "runs/schema.json").read_text()))


def test_every_recorded_run_is_valid_and_in_its_place(root):
    assert len(load_all()) == len(list((root / "runs").glob("*/*.json")))


def test_what_is_stored_is_loaded_again(data, tmp_path):
    record = load(keep(data, tmp_path))
    assert record.data == data
    assert record.file == tmp_path / "intel-xeon-processor" / "2026-11-22-1af25ea-toy.json"
    lines = record.file.read_text().splitlines()
    assert [json.loads(line.rstrip(",")) for line in lines if '"key"' in line] == data["cells"]


def test_all_that_a_page_shows_is_computed_from_the_samples(data):
    record = Record(Path(), data)
    assert record.seconds("a/fast").median == 2e-5
    assert record.rate("a/fast") == pytest.approx(8e5 / 2e-5)
    assert record.ratio("a/slow", "a/fast") == pytest.approx((20, 10, 30))
    with pytest.raises(KeyError, match="a/fp8: RuntimeError: no fp8 here"):
        record.seconds("a/fp8")


def test_the_banner_says_where_when_and_that_it_was_not_here(data):
    expected = "recorded on Intel(R) Xeon(R) Processor, 2026-11-22, commit 1af25ea"
    assert banner(Record(Path(), data)) == f"{expected}; not run on this machine"
    assert "1af25ea+;" in banner(Record(Path(), data | {"dirty": True}))
    assert banner(None) == "no run recorded yet"


def test_runs_of_a_lab_come_by_device_and_date(data, tmp_path):
    keep(data, tmp_path)
    keep(data | {"date": "2025-01-01T00:00:00Z"}, tmp_path)
    keep(data | {"lab": "other"}, tmp_path)
    amd = data["machine"] | {"device": "AMD EPYC"}
    keep(data | {"machine": amd, "date": "2027-01-01T00:00:00Z"}, tmp_path)
    found = [(record.folder, record.date) for record in load_all("toy", tmp_path)]
    xeon = "intel-xeon-processor"
    assert found == [("amd-epyc", "2027-01-01"), (xeon, "2025-01-01"), (xeon, "2026-11-22")]
    assert len(load_all(runs=tmp_path)) == 4


@pytest.mark.parametrize(
    "name, expected",
    [
        ("NVIDIA H100 80GB HBM3", "nvidia-h100-80gb-hbm3"),
        ("Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz", "intel-xeon-platinum-8481c-cpu-2-70ghz"),
        ("AMD EPYC 9R14 96-Core Processor", "amd-epyc-9r14-96-core-processor"),
        ("Apple M3", "apple-m3"),
    ],
)
def test_a_device_names_its_folder(name, expected):
    assert slug(name) == expected


# Broken records


def change(path: str, value: object):
    """Set, or with a value of None remove, what stands at a path like cells.0.key."""

    def doctor(data: dict) -> None:
        *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        for part in parents:
            data = data[part]
        if value is None:
            del data[last]
        else:
            data[last] = value

    return doctor


@pytest.mark.parametrize(
    "path, value, said",
    [
        ("schema", 2, "schema: 1 was expected"),
        ("date", "yesterday", "date: 'yesterday' does not match"),
        ("commit", "abc", "commit: 'abc' does not match"),
        ("machine.cores", "two", "machine.cores: 'two' is not of type 'integer'"),
        ("machine.blas.0.core", None, r"machine.blas\[0\]: 'core' is a required property"),
        ("machine", None, "the whole: 'machine' is a required property"),
        ("cells.0.samples.1", -1.0, r"cells\[0\].samples\[1\]: -1.0 is less than"),
        ("cells.0.samples", [], r"cells\[0\].samples: \[\] should be non-empty"),
        ("cells.1.key", "a/fast", "cells: 'a/fast' is there 2 times"),
        ("cells.1.key", "slow", r"cells\[1\].key: 'slow' does not match"),
        ("cells.2.error", None, r"cells\[2\]: .* is not valid under any of the given schemas"),
        ("cells.2.samples", [1.0], None),
        ("cells", [], "cells: \\[\\] should be non-empty"),
        ("state.wall_per_cpu", 0, "state.wall_per_cpu: 0 is less than"),
        ("note", "more", r"the whole: Additional properties are not allowed \('note'"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_a_remedy(data, tmp_path, path, value, said):
    change(path, value)(data)
    file = tmp_path / "my.json"
    file.write_text(json.dumps(data))
    if said is None:
        assert load(file).data == data
        return
    with pytest.raises(RecordError, match=f"my.json: {said}.*; record the run again, or take my"):
        load(file)
    with pytest.raises(RecordError):
        store(data, tmp_path / "other.json")
    assert not (tmp_path / "other.json").exists()


def test_files_that_are_no_json(tmp_path):
    file = tmp_path / "my.json"
    with pytest.raises(RecordError, match="my.json: No such file"):
        load(file)
    file.write_text('{\n "schema": 1,\n}')
    with pytest.raises(RecordError, match=r"my.json:[23]:\d+: not JSON: .*; record the run again"):
        load(file)
    file.write_bytes(b'{"lab": "\xff"}')
    with pytest.raises(RecordError, match="my.json: not UTF-8 at byte 9"):
        load(file)


def test_a_record_lies_where_it_says(data, tmp_path):
    file = keep(data, tmp_path / "runs")
    other = tmp_path / "runs" / "amd-epyc" / file.name
    other.parent.mkdir()
    file.rename(other)
    message = f"belongs in runs/intel-xeon-processor/{file.name}: move it there"
    with pytest.raises(RecordError, match=message):
        load_all(runs=tmp_path / "runs")


def test_a_readers_own_run_is_not_kept_among_the_recorded(data, tmp_path):
    keep(data | {"label": "local"}, tmp_path)
    with pytest.raises(RecordError, match="label: a reader's own run"):
        load_all(runs=tmp_path)


@given(st.lists(st.floats(1e-9, 1e3), min_size=1, max_size=9))
def test_five_digits_are_kept(samples):
    (entry,) = plain([Cell("a/x", samples)])
    assert entry["samples"] == pytest.approx(samples, rel=1e-4)
    assert set(entry) == {"key", "samples", "clock", "calls"}


def test_a_cell_survives_being_written_down(data):
    known = Cell("a/x", [1.0], "event", 3, flop=2.0, bytes=4.0, rel_err=1e-3)
    broken = Cell("a/y", error="RuntimeError: no")
    data["cells"] = plain([known, broken])
    check(data, Path("x.json"))
    assert list(Record(Path(), data).cells.values()) == [known, broken]
    assert records.SCHEMA == data["schema"]
