"""The CPU clock counts work, not waiting, and lets the works take turns."""
import time

from snippets.clock import cpu_medians, cpu_times


def busy(seconds: float) -> None:
    """Use up this much CPU time."""
    start = time.process_time()
    while time.process_time() - start < seconds:
        pass


def test_works_take_turns():
    calls = []
    times = cpu_times({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, rounds=3)
    assert calls == ["a", "b"] * 3
    assert {name: len(each) for name, each in times.items()} == {"a": 3, "b": 3}


def test_waiting_costs_nothing():
    # The bounds below are on CPU time, which another program's load does not stretch.
    seconds = cpu_medians({"sleep": lambda: time.sleep(0.05), "busy": lambda: busy(0.05)}, rounds=3)
    assert seconds["sleep"] < 0.02
    assert 0.05 <= seconds["busy"] < 0.1


def test_median_of_an_uneven_work():
    lengths = iter([0.06, 0.0, 0.0])
    assert cpu_medians({"uneven": lambda: busy(next(lengths))}, rounds=3)["uneven"] < 0.03
