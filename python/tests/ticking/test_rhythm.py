"""Recording takes its share of a step and no more."""

from __future__ import annotations

import itertools

import pytest

from normlens.ticking.channel_steps import ChannelSteps
from normlens.ticking.rhythm import _PLANNED, START_CREDIT, Rhythm, allowed_share


@pytest.mark.parametrize("seconds, share", [(0.0001, 0.02), (0.0005, 0.02), (0.005, 0.005), (2.0, 0.005)])
def test_the_share_is_what_is_promised(seconds: float, share: float) -> None:
    assert allowed_share(seconds) == pytest.approx(share)


@pytest.mark.parametrize("step", [0.0005, 0.002, 0.014, 0.15])
@pytest.mark.parametrize("cost", [0.0001, 0.001, 0.01])
def test_what_is_paid_stays_below_the_share(step: float, cost: float) -> None:
    rhythm = Rhythm()
    paid, steps = 0.0, 20_000
    for _ in range(steps):
        rhythm.step(step)
        rhythm.pay(0.000003)
        paid += 0.000003
        if rhythm.affords(cost):
            rhythm.pay(cost)
            paid += cost
    assert paid <= allowed_share(step) * steps * step + 0.05
    most = min(allowed_share(step) * steps * step, steps * cost)
    assert paid >= 0.8 * _PLANNED * most, "the purse is never opened"


def test_several_steps_at_once_count_as_much_as_one_after_the_other() -> None:
    single, several = Rhythm(), Rhythm()
    for rhythm in (single, several):
        rhythm.step(0.01)
        rhythm.pay(10)
    for _ in range(640):
        single.step(0.01)
    several.several(600, 6.0)
    several.several(40, 0.4)
    assert several.credit == pytest.approx(single.credit, rel=0.01)
    assert several.step_seconds == pytest.approx(single.step_seconds)
    steps = several.steps_until(several.credit + 0.002)
    several.several(steps, 0.01 * steps)
    assert several.affords(0.002)


def test_what_is_done_apart_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(10.0, 2.0)
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    rhythm = Rhythm()
    with rhythm.apart():
        pass
    rhythm.pay(2.0)
    assert rhythm.credit == pytest.approx(START_CREDIT)


def test_a_validation_between_two_steps_fills_no_purse() -> None:
    rhythm = Rhythm()
    for _ in range(100):
        rhythm.step(0.01)
    before = rhythm.credit
    rhythm.step(600.0)
    assert rhythm.credit - before < 0.001
    assert rhythm.step_seconds < 0.02


def test_channels_are_recorded_at_the_same_steps_in_every_rank_and_within_their_bytes() -> None:
    for size in (100, 10_000_000):
        first, second = ChannelSteps(size, 50e6), ChannelSteps(size, 50e6)
        taken = []
        for step in range(1, 200_000):
            assert first.is_due(step) == second.is_due(step)
            if first.is_due(step):
                first.take(step)
                second.take(step)
                taken.append(step)
        assert taken[0] == 1
        assert len(taken) * size <= 50e6
