"""The bedtime tap on two bands; all movements are simulated."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.recording.clock import NoTap, TapMatch, find_taps, match_taps

TAPS = (20.003, 20.4517, 21.1083)


def worn(rate_hz, taps, *, late_s=0.0, seed=0, gain=1.0, strength=1.5, span_s=60.0):
    """Return times and acceleration of a band that feels taps at true times.

    A tap is a damped ring of 30 Hz behind the sensor's own low pass; beside it gravity in a
    random direction, noise, and slow turns of the leg.
    """
    rng = np.random.default_rng(seed)
    fine = np.arange(0.0, span_s, 1 / 2000)
    ring = np.zeros(len(fine))
    for at in taps:
        since = fine - at
        after = since >= 0
        ring[after] += np.exp(-since[after] / 0.012) * np.cos(2 * np.pi * 30 * since[after])
    axis, gravity = rng.normal(size=(2, 3))
    axis, gravity = axis / np.linalg.norm(axis), gravity / np.linalg.norm(gravity)
    smooth = np.hanning(round(2000 / rate_hz) * 2 + 1)
    ring = np.convolve(ring, smooth / smooth.sum(), "same")
    phase = rng.uniform(0, 1 / rate_hz)
    times = np.arange(phase, span_s, 1 / rate_hz)
    turn = 0.2 * np.sin(2 * np.pi * 0.2 * times + rng.uniform(0, 6))
    values = (
        gravity
        + np.interp(times, fine, ring)[:, None] * axis * strength
        + turn[:, None] * rng.normal(size=3)
        + rng.normal(0, 0.004, (len(times), 3))
    )
    return times + late_s, values * gain


@pytest.mark.parametrize("rates", [(50, 50), (50, 200), (52, 100), (200, 200), (104, 62.5)])
@pytest.mark.parametrize("late_s", [-0.35, 0.0, 0.041, 1.2])
def test_offset_to_a_few_milliseconds(rates, late_s):
    first = find_taps(*worn(rates[0], TAPS, seed=1))
    second = find_taps(*worn(rates[1], TAPS, seed=2, late_s=late_s, gain=16384.0))
    match = match_taps(first, second)
    assert isinstance(match, TapMatch)
    assert match.offset_s == pytest.approx(late_s, abs=0.006)
    assert match.confidence > 0.99
    assert match.taps == 3


@given(st.integers(0, 400), st.floats(-1.5, 1.5))
def test_stated_error_covers_the_offset(seed, late_s):
    first = find_taps(*worn(100, TAPS, seed=seed, span_s=30.0))
    second = find_taps(*worn(100, TAPS, seed=seed + 1000, late_s=late_s, span_s=30.0))
    match = match_taps(first, second)
    assert isinstance(match, TapMatch)
    assert abs(match.offset_s - late_s) < max(0.006, 3 * match.error_s)


def test_false_taps_on_either_side_do_not_hide_it():
    first = find_taps(*worn(100, (*TAPS, 5.0, 33.3, 41.0, 41.9, 50.0), seed=1))
    second = find_taps(*worn(100, (*TAPS, 8.0, 9.1, 28.0, 47.0), seed=2, late_s=0.2))
    match = match_taps(first, second)
    assert isinstance(match, TapMatch)
    assert match.offset_s == pytest.approx(0.2, abs=0.006)


def test_taps_at_different_times_are_none():
    first = find_taps(*worn(100, (20.0, 20.45, 21.1), seed=1))
    second = find_taps(*worn(100, (40.0, 40.9, 41.3), seed=2))
    assert isinstance(match_taps(first, second), NoTap)


def test_another_rhythm_is_none():
    first = find_taps(*worn(100, (20.0, 20.45, 21.1), seed=1))
    second = find_taps(*worn(100, (20.0, 20.9, 21.3), seed=2))
    assert isinstance(match_taps(first, second), NoTap)


def test_quiet_night_is_none():
    quiet = find_taps(*worn(100, (), seed=1))
    match = match_taps(quiet, find_taps(*worn(100, TAPS, seed=2)))
    assert isinstance(match, NoTap)
    assert "3 are needed" in match.reason


def test_an_even_beat_with_a_missed_tap_is_ambiguous():
    beat = tuple(20.0 + 0.5 * k for k in range(6))
    first = find_taps(*worn(100, beat, seed=1))
    second = find_taps(*worn(100, beat[1:], seed=2))
    match = match_taps(first, second)
    assert isinstance(match, TapMatch) or "uneven rhythm" in match.reason
    third = find_taps(*worn(100, beat[:-1], seed=2))
    match = match_taps(second, third)
    assert isinstance(match, NoTap)
    assert "uneven rhythm" in match.reason


@pytest.mark.parametrize("seed", range(20))
def test_restless_legs_are_no_taps(seed):
    rng = np.random.default_rng(seed)
    knocks = [np.sort(rng.uniform(0, 120, 40)) for _ in range(2)]
    first = find_taps(*worn(100, knocks[0], seed=1, span_s=120.0))
    second = find_taps(*worn(100, knocks[1], seed=2, span_s=120.0))
    assert isinstance(match_taps(first, second), NoTap)


def test_slow_strong_movements_are_no_taps():
    times = np.arange(0, 60, 0.01)
    values = np.zeros((len(times), 3))
    for at in (20.0, 20.7, 21.6):
        values[:, 0] += 2.0 * np.exp(-(((times - at) / 0.2) ** 2))
    values += np.random.default_rng(0).normal(0, 0.004, values.shape)
    assert len(find_taps(times, values)) == 0


def test_gaps_are_no_taps():
    times, values = worn(100, (), seed=3)
    values[len(values) // 2 :] += 1.0
    kept = np.abs(times - 30.0) > 0.5
    assert len(find_taps(times[kept], values[kept])) == 0


def test_axes_may_be_turned_and_swapped():
    times, values = worn(100, TAPS, seed=1)
    turned = values[:, [2, 0, 1]] * np.array([1.0, -1.0, -1.0])
    np.testing.assert_allclose(
        find_taps(times, values).times_s, find_taps(times, turned).times_s, atol=1e-9
    )


def test_counts_that_rest_exactly():
    times = np.arange(0, 30, 0.02)
    values = np.zeros((len(times), 3))
    values[[400, 430, 470], 1] = 9.0
    taps = find_taps(times, values)
    assert len(taps) == 3


def test_shapes_that_do_not_fit():
    with pytest.raises(ValueError, match="shape"):
        find_taps(np.zeros(3), np.zeros((2, 3)))
    assert len(find_taps(np.zeros(3), np.zeros((3, 3)))) == 0
