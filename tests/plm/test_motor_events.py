"""ALMA, hypnagogic foot tremor and fragmentary myoclonus, by their published numbers."""

from dataclasses import replace

import numpy as np
import pytest

from crampwatch.detection.movements.motor_events import (
    ALMA,
    HFT,
    count_fasciculations,
    find_motor_events,
    find_myoclonus,
    find_rhythms,
)
from crampwatch.detection.plm import movements_from_arrays
from crampwatch.recording.annotations.hypnogram import hypnogram_from_epochs


def bursts(onset, duration, side="left"):
    onset = np.asarray(onset, dtype=float)
    sides = [side] * onset.size if isinstance(side, str | None) else list(side)
    return movements_from_arrays(onset, np.full(onset.size, duration), sides)


def alternating(rate, count=6, duration=0.3, start=10.0):
    return bursts(start + np.arange(count) / rate, duration, ["left", "right"] * (count // 2))


@pytest.mark.parametrize(("rate", "found"), [(0.4, 0), (0.5, 1), (1.5, 1), (3.0, 1), (3.2, 0)])
def test_alma_alternates_at_half_to_three_hertz(rate, found):
    events = find_rhythms(alternating(rate, duration=0.2), ALMA)
    assert len(events) == found
    if found:
        assert events[0].side == "both"
        assert events[0].extra == {"bursts": 6, "rate_hz": pytest.approx(rate, abs=1e-5)}


@pytest.mark.parametrize(("duration", "found"), [(0.09, 0), (0.1, 1), (0.5, 1), (0.6, 0)])
def test_alma_bursts_last_100_to_500_ms(duration, found):
    assert len(find_rhythms(alternating(1.0, duration=duration), ALMA)) == found


def test_alma_needs_four_bursts_on_alternating_legs():
    assert not find_rhythms(bursts([1, 2, 3], 0.3, ["left", "right", "left"]), ALMA)
    assert not find_rhythms(bursts(range(8), 0.3), ALMA)
    twice = bursts(range(7), 0.3, ["left", "right", "left", "left", "right", "left", "right"])
    (event,) = find_rhythms(twice, ALMA)
    assert (event.onset, event.extra["bursts"]) == (3.0, 4)


@pytest.mark.parametrize(("rate", "found"), [(0.25, 0), (0.3, 1), (2.0, 1), (4.5, 0)])
def test_hft_is_a_rhythm_of_one_leg_at_0_3_to_4_hertz(rate, found):
    events = find_rhythms(bursts(5 + np.arange(5) / rate, 0.25, "right"), HFT)
    assert [event.side for event in events] == ["right"] * found


def test_hft_at_four_hertz_and_the_shortest_bursts_is_still_one():
    assert len(find_rhythms(bursts(np.arange(6) / 4.0, 0.25), HFT)) == 1


def test_two_legs_have_their_own_tremor():
    both = bursts([*range(5), *(np.arange(5) + 0.1)], 0.4, ["left"] * 5 + ["right"] * 5)
    assert [e.side for e in find_rhythms(both, HFT)] == ["left", "right"]


def test_what_alternates_is_alma_and_no_tremor():
    events, _ = find_motor_events(alternating(1.0, count=10))
    assert [event.trial_type for event in events] == ["ALMA"]


def test_a_periodic_series_is_no_tremor():
    events, _ = find_motor_events(bursts(np.arange(10) * 20.0, 0.8))
    assert events == ()


def brief(minutes, per_minute, start=0.0):
    onset = start + np.concatenate(
        [60.0 * m + np.linspace(2, 55, per_minute) for m in range(minutes)]
    )
    return bursts(onset, 0.1)


def test_efm_needs_twenty_minutes_of_nrem_with_five_bursts_each():
    nrem = hypnogram_from_epochs(["N2"] * 60)
    named = find_myoclonus(brief(20, 5), nrem)
    (event,) = named.events
    assert (event.trial_type, event.onset, event.duration) == ("EFM", 0.0, 1200.0)
    assert event.extra == {"bursts": 100}
    for too_little in (brief(19, 5), brief(30, 4)):
        found = find_myoclonus(too_little, nrem)
        assert found.events == ()
        assert "20 are needed" in found.reason


def test_efm_is_not_named_without_a_hypnogram():
    found = find_myoclonus(brief(60, 20), None)
    assert found.events == ()
    assert "hypnogram" in found.reason


def test_efm_minutes_in_rem_or_wake_do_not_count():
    stages = hypnogram_from_epochs(["N2"] * 38 + ["R"] * 40 + ["W"] * 40)
    found = find_myoclonus(brief(59, 8), stages)
    assert (found.minutes, found.nrem_minutes, found.events) == (19, 19, ())


def test_efm_goes_by_bursts_of_at_most_150_ms():
    nrem = hypnogram_from_epochs(["N1"] * 60)
    onset = np.arange(0, 1800, 10.0)
    assert find_myoclonus(bursts(onset, 0.15), nrem).minutes == 30
    assert find_myoclonus(bursts(onset, 0.2), nrem).minutes == 0


def test_a_rhythm_rule_can_be_changed():
    slow = alternating(0.4)
    assert find_rhythms(slow, replace(ALMA, min_rate_hz=0.4))


def test_fasciculations_are_counted_per_minute_of_valid_recording_on_each_leg():
    marks = movements_from_arrays([1, 2, 3, 4], [0.1, 0.1, 0.1, 0.5], ["left"] * 3 + ["right"])
    assert count_fasciculations(marks, 120.0) == {"left": 1.5, "right": 0.0}
    assert count_fasciculations(marks, 0.0) == {"left": None, "right": None}


def test_no_bursts_are_no_events():
    events, myoclonus = find_motor_events(bursts([], 0.1), hypnogram_from_epochs(["N2"] * 60))
    assert events == ()
    assert myoclonus.minutes == 0
