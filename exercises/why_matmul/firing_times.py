"""A leaky integrate-and-fire cell that is computed only when a spike comes in."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "why-matmul/brains"
TITLE = {"zh": "脉冲来了才算", "en": "Only when a spike comes in"}
TASK = {
    "zh": """
细胞的电压起初是 0。没有脉冲进来时它会漏：过 t 毫秒，就变成原来的 exp(-t / `tau`) 倍。
脉冲在 `times` 的各个时刻进来（毫秒，从小到大，各不相同），第 i 个让电压立刻增加 `weights[i]`，
负数就是减少。加完若不小于 1，细胞在这一刻发放，电压回到 0。返回各次发放的时刻，写成列表。
两个脉冲隔得再久，也只在脉冲进来时才要算。
""",
    "en": """
The voltage of a cell is 0 at first. While no spike comes in, it leaks: t milliseconds later it is
exp(-t / `tau`) times what it was. Spikes come in at the `times`, in milliseconds, in rising order
and no two at once; number i adds `weights[i]` to the voltage at once, or takes away where that is
negative. If the voltage is then 1 or more, the cell fires at that moment and its voltage goes back
to 0. Return the times at which it fires, as a list. However far apart spikes are, there is
something to compute only when one comes in.
""",
}


def firing_times(times: list, weights: list, tau: float) -> list:
    voltage, before, fired = 0.0, 0.0, []
    for time, weight in zip(times, weights):
        voltage = voltage * np.exp((before - time) / tau) + weight
        if voltage >= 1:
            fired.append(time)
            voltage = 0.0
        before = time
    return fired


def by_milliseconds(times, weights, tau):
    pushes, voltage, fired = dict(zip(times, weights)), 0.0, []
    for time in range(times[-1] + 1):
        voltage = voltage * np.exp(-1 / tau) + pushes.get(time, 0.0)
        if voltage >= 1:
            fired.append(time)
            voltage = 0.0
    return fired


@hint(
    zh="脉冲隔得很久时，前一个早漏光了：只有自己就达到 1 的才让细胞发放，恰好是 1 也算",
    en="where spikes are far apart, each finds that the one before has leaked away: only one that "
    "is 1 or more by itself makes the cell fire",
)
def far_apart(answer, rng):
    times, weights = [400, 900, 1400, 1900], [1.0, *rng.permutation([0.7, 0.8, 1.5]).tolist()]
    expect(answer(times, weights, 20.0), by_milliseconds(times, weights, 20.0))


@hint(
    zh="前一个脉冲还剩多少，要看它进来以后过了多久",
    en="what is left of the spike before depends on the time since that one came in",
)
def close_together(answer, rng):
    start = int(rng.integers(60, 90))
    for gap in (1, 2, 40):
        times = [start, start + gap]
        expect(answer(times, [0.8, 0.6], 20.0), by_milliseconds(times, [0.8, 0.6], 20.0))


@hint(
    zh="发放之后电压是 0，多出来的那一截不留下",
    en="after firing the voltage is 0, and nothing in excess of 1 is kept",
)
def starts_again(answer, rng):
    times = [10, 10 + int(rng.integers(1, 4))]
    expect(answer(times, [1.8, 0.5], 20.0), [10])


@hint(
    zh="电压可以低于 0，同样慢慢漏回 0；低于 0 的那一截，后来的脉冲得先补上",
    en="the voltage may be below 0 and leaks back to 0 likewise; a later spike has to make up for "
    "what is missing",
)
def inhibited(answer, rng):
    expect(answer([5, 5 + int(rng.integers(1, 6))], [-0.9, 1.2], 20.0), [])
    times = np.cumsum(rng.integers(1, 12, 40)).tolist()
    weights = np.round(rng.uniform(-0.5, 0.9, 40), 2).tolist()
    expect(answer(times, weights, 20.0), by_milliseconds(times, weights, 20.0))


@wrong(far_apart)
def above_the_threshold_only(times, weights, tau):
    voltage, before, fired = 0.0, 0.0, []
    for time, weight in zip(times, weights):
        voltage = voltage * np.exp((before - time) / tau) + weight
        if voltage > 1:
            fired.append(time)
            voltage = 0.0
        before = time
    return fired


@wrong(far_apart)
def never_leaks(times, weights, tau):
    voltage, fired = 0.0, []
    for time, weight in zip(times, weights):
        voltage += weight
        if voltage >= 1:
            fired.append(time)
            voltage = 0.0
    return fired


@wrong(far_apart)
def same_leak_for_any_gap(times, weights, tau):
    voltage, fired = 0.0, []
    for time, weight in zip(times, weights):
        voltage = voltage * np.exp(-1 / tau) + weight
        if voltage >= 1:
            fired.append(time)
            voltage = 0.0
    return fired


@wrong(far_apart)
def leaks_after_adding(times, weights, tau):
    voltage, before, fired = 0.0, 0.0, []
    for time, weight in zip(times, weights):
        voltage = (voltage + weight) * np.exp((before - time) / tau)
        if voltage >= 1:
            fired.append(time)
            voltage = 0.0
        before = time
    return fired


@wrong(close_together)
def leaks_since_it_fired(times, weights, tau):
    voltage, before, fired = 0.0, 0.0, []
    for time, weight in zip(times, weights):
        voltage = voltage * np.exp((before - time) / tau) + weight
        if voltage >= 1:
            fired.append(time)
            voltage, before = 0.0, time
    return fired


@wrong(starts_again)
def keeps_the_excess(times, weights, tau):
    voltage, before, fired = 0.0, 0.0, []
    for time, weight in zip(times, weights):
        voltage = voltage * np.exp((before - time) / tau) + weight
        if voltage >= 1:
            fired.append(time)
            voltage -= 1
        before = time
    return fired


@wrong(inhibited)
def never_below_zero(times, weights, tau):
    voltage, before, fired = 0.0, 0.0, []
    for time, weight in zip(times, weights):
        voltage = max(0.0, voltage * np.exp((before - time) / tau) + weight)
        if voltage >= 1:
            fired.append(time)
            voltage = 0.0
        before = time
    return fired
