"""When the book last built with the newest versions, and with which, is on record."""

import datetime
import re

import pytest

from tools import newest


def test_the_record_has_a_date_and_the_versions():
    text = newest.RECORD.read_text(encoding="utf-8")
    date = datetime.date.fromisoformat(re.search(r"last built: (\S+),", text)[1])
    assert datetime.date(2026, 11, 22) <= date <= datetime.date.today()
    assert {"mkdocs", "mkdocs-material", "numpy", "torch"} <= set(newest.names(text))


def test_what_was_installed_is_recorded_under_the_names_of_the_requirements():
    requirements = "# c\nPyYAML==1.0\nmath-core==0.1\ntorch==2.0 ; platform_system != 'x'\n"
    installed = "pyyaml==6.1\nmath_core==0.9.1\nother==1\ntorch==2.0+cpu\n"
    text = newest.record(installed, requirements, datetime.date(2027, 1, 2))
    assert text.splitlines()[2:] == ["PyYAML==6.1", "math-core==0.9.1", "torch==2.0"]
    assert "last built: 2027-01-02," in text


def test_a_package_that_was_not_installed_is_no_record():
    with pytest.raises(KeyError):
        newest.record("numpy==1\n", "numpy==1\nabsent==1\n", datetime.date(2027, 1, 2))
