import math

import pytest
import typer

from crampwatch.app.cli.options import label_map
from crampwatch.app.cli.replay import paced, parse_speed


def test_labels_may_hold_what_paths_and_sums_hold():
    assert label_map(["Leg/L=EMG L TA", " a=b = EMG R GM "]) == {
        "Leg/L": "EMG L TA",
        "a=b": "EMG R GM",
    }
    assert label_map(None) == {}


@pytest.mark.parametrize("pairs", [["Leg"], ["=EMG"], ["Leg="], ["a=b", "a=c"], [""]])
def test_a_wrong_map_is_wrong_usage(pairs):
    with pytest.raises(typer.BadParameter):
        label_map(pairs)


@pytest.mark.parametrize(
    ("text", "factor"), [("1", 1.0), ("0.5", 0.5), ("0", math.inf), ("MAX", math.inf)]
)
def test_speed(text, factor):
    assert parse_speed(text) == factor


@pytest.mark.parametrize("text", ["-1", "nan", "inf", "fast", ""])
def test_an_impossible_speed_is_wrong_usage(text):
    with pytest.raises(typer.BadParameter):
        parse_speed(text)


class Clock:
    def __init__(self, cost):
        self.now, self.cost, self.slept = 100.0, cost, []

    def read(self):
        return self.now

    def sleep(self, seconds):
        assert seconds > 0
        self.slept.append(seconds)
        self.now += seconds


def steps(clock, count):
    for second in range(1, count + 1):
        clock.now += clock.cost
        yield float(second), []


def test_replay_keeps_pace_without_drift():
    clock = Clock(cost=0.01)
    times = [
        (at, clock.now - 100.0)
        for at, _ in paced(steps(clock, 50), 10.0, clock.read, clock.sleep)
    ]
    for at, passed in times:
        assert passed == pytest.approx(at / 10.0, abs=1e-6)


def test_replay_as_fast_as_possible_never_waits():
    clock = Clock(cost=0.0)
    assert len(list(paced(steps(clock, 50), math.inf, clock.read, clock.sleep))) == 50
    assert clock.slept == []


def test_replay_that_is_too_slow_does_not_wait():
    clock = Clock(cost=2.0)
    list(paced(steps(clock, 5), 1.0, clock.read, clock.sleep))
    assert clock.slept == []
