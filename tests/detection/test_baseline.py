"""The resting level: what may not lift it, what it must follow, and when it is not known."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.detection import score_night
from crampwatch.detection.settings import BaselineSettings
from crampwatch.detection.signal.baseline import MinuteTrack, opening
from crampwatch.recording.model import Segment

RATE = 128.0


def _resting(lab, values, **changes):
    score = score_night(lab.night(lab.emg(values, rate=RATE, **changes)))
    return score, score.overviews[0]


def _level(lab, seconds, *acts):
    return lab.muscle(seconds, *acts, rate=RATE)


@pytest.mark.parametrize("size", [1.6, 3.0, 20.0, 200.0])
@pytest.mark.parametrize("onset", [0.0, 1800.0, 3600.0])
def test_half_an_hour_of_contraction_does_not_lift_it(lab, size, onset):
    quiet = _resting(lab, _level(lab, 5400.0))[1].resting
    score, track = _resting(lab, _level(lab, 5400.0, (onset, 1800.0, size)))
    assert score.channels[0].status == "ok"
    np.testing.assert_allclose(track.resting, quiet, rtol=0.1)


def test_two_half_hours_twenty_minutes_apart_do_not_lift_it(lab):
    quiet = _resting(lab, _level(lab, 7200.0))[1].resting
    _, track = _resting(lab, _level(lab, 7200.0, (1200.0, 1800.0, 6.0), (4200.0, 1800.0, 6.0)))
    np.testing.assert_allclose(track.resting, quiet, rtol=0.1)


def test_a_long_contraction_is_one_event(lab):
    score, _ = _resting(lab, _level(lab, 5400.0, (1800.0, 1800.0, 6.0)), label="EMG L GM")
    (span,) = lab.of_type(score, "cramp", "possible_cramp")
    assert span == pytest.approx((1800.0, 3600.0), abs=2.0)


def test_a_drift_through_the_night_is_followed(lab):
    hours, tile_s = 8.0, 300.0
    n = int(hours * 3600 * RATE)
    drift = 4.0 ** (np.arange(n) / n)
    values = np.tile(lab.carrier(tile_s, RATE, 2), int(hours * 12))[:n] * drift
    acts = [int(t * 3600 * RATE) for t in (0.2, 3.0, 5.0, 7.8)]
    for at in acts:
        values[at : at + 256] *= 12.0
    score, track = _resting(lab, values, calibrated=False)
    true = 4.0 ** (track.time_s / (hours * 3600))
    ratio = track.resting / true
    assert ratio.max() / ratio.min() < 1.2
    assert [on for on, _ in lab.moves(score)] == pytest.approx(
        [at / RATE for at in acts], abs=0.05
    )


@pytest.mark.parametrize("factor", [0.4, 2.5])
def test_a_lasting_change_of_the_electrode_is_followed(lab, factor):
    values = _level(lab, 7200.0)
    values[round(3600 * RATE) :] *= factor
    score, track = _resting(lab, values, calibrated=False)
    before, after = track.resting[:7000], track.resting[-7000:]
    assert np.median(after) / np.median(before) == pytest.approx(factor, rel=0.1)
    assert not lab.of_type(score, "cramp", "possible_cramp")
    assert len(lab.moves(score)) <= 1


@pytest.mark.parametrize("seconds", [20.0, 300.0, 3600.0])
def test_a_recording_that_is_all_contraction_is_not_guessed_at(lab, seconds):
    score, _ = _resting(lab, 60.0 * _level(lab, seconds), label="EMG L GM")
    (channel,) = score.channels
    assert (channel.status, channel.rule, channel.resting) == ("baseline_unknown", None, None)
    assert score.events == ()
    assert "resting level unknown" in score.warnings[0]


@pytest.mark.parametrize("seconds", [1.0, 2.5])
def test_too_little_signal_is_not_guessed_at(lab, seconds):
    score, _ = _resting(lab, _level(lab, seconds))
    assert score.channels[0].status == "baseline_unknown"
    assert score.events == ()


def test_too_little_rest_is_not_guessed_at(lab):
    score, _ = _resting(lab, _level(lab, 60.0, (2.0, 57.0, 60.0)), label="EMG L GM")
    assert score.channels[0].status == "baseline_unknown"
    assert score.events == ()


def test_one_even_level_on_an_unknown_scale_is_not_guessed_at(lab):
    score, _ = _resting(lab, _level(lab, 40.0), calibrated=False)
    assert score.channels[0].status == "baseline_unknown"


def test_a_few_minutes_with_some_rest_are_scored(lab):
    score, track = _resting(lab, _level(lab, 60.0, (10.0, 30.0, 40.0)), label="EMG L GM")
    assert score.channels[0].status == "ok"
    assert np.nanmax(track.resting) < 1.2
    assert len(lab.of_type(score, "cramp", "possible_cramp")) == 1


def test_a_gap_of_hours_keeps_the_rest_on_both_sides(lab):
    one, other = _level(lab, 1800.0), 3.0 * _level(lab, 1800.0)
    score = score_night(
        lab.night(lab.emg(one, other, starts=(0.0, 20_000.0), rate=RATE, calibrated=False))
    )
    resting = score.overviews[0].resting
    assert np.isfinite(resting).all()
    assert resting[-1] / resting[0] == pytest.approx(3.0, rel=0.1)


_MINUTES = st.lists(
    st.one_of(st.floats(0.5, 50.0), st.just(float("nan"))), min_size=41, max_size=200
)


@given(minutes=_MINUTES, data=st.data())
def test_a_part_of_the_night_gives_the_values_of_the_whole(minutes, data):
    rule = BaselineSettings()
    values = np.array(minutes)
    first = data.draw(st.integers(0, values.size - 1))
    last = data.draw(st.integers(first, values.size))
    whole = opening(values, rule)
    np.testing.assert_array_equal(opening(values, rule, first, last), whole[first:last])


@given(minutes=_MINUTES, data=st.data())
def test_what_comes_after_the_window_changes_nothing(minutes, data):
    rule = BaselineSettings()
    values = np.array(minutes)
    stop = data.draw(st.integers(rule.window_min + 1, values.size))
    known = stop - rule.window_min
    np.testing.assert_array_equal(
        opening(values[:stop], rule)[: known + 1], opening(values, rule)[: known + 1]
    )


@given(minutes=_MINUTES, factor=st.sampled_from([0.25, 2.0, 1024.0]))
def test_it_scales_with_the_signal(minutes, factor):
    values, rule = np.array(minutes), BaselineSettings()
    np.testing.assert_array_equal(
        opening(factor * values, rule), factor * opening(values, rule)
    )


@given(cuts=st.lists(st.integers(0, 1000), max_size=20))
def test_minutes_do_not_depend_on_how_cells_come(cuts):
    rng = np.random.default_rng(3)
    time_s = np.sort(np.r_[np.arange(0, 250, 0.5), np.arange(400, 650, 0.5)])
    level = rng.random(1000).astype(np.float32)
    valid = rng.random(1000) < 0.7
    whole = MinuteTrack(0.2)
    whole.add(time_s, level, valid)
    parts = MinuteTrack(0.2)
    at = sorted({0, 1000, *cuts})
    for a, b in pairwise(at):
        parts.add(time_s[a:b], level[a:b], valid[a:b])
    for final in (False, True):
        np.testing.assert_array_equal(parts.values(final=final), whole.values(final=final))
    assert np.isnan(whole.values(final=True)[5])


def test_an_hour_begun_in_a_contraction_from_a_lazy_source(lab):
    """What follows the contraction tells how high rest was before it ended."""
    n = int(3600 * RATE)
    tile = lab.raw(lab.carrier(100.0, RATE), lab.step)
    loud = lab.raw(8.0 * lab.carrier(1200.0, RATE, 5), lab.step)[:, 0]
    source = lab.tiled(tile, n, {0: loud})
    score = score_night(lab.night(lab.stream(RATE, (Segment(0.0, source),), label="EMG L GM")))
    ((onset, end),) = lab.of_type(score, "cramp", "possible_cramp")
    assert (onset, end) == pytest.approx((0.0, 1200.0), abs=2.0)


@pytest.mark.parametrize("minutes", [8.0, 30.0, 90.0])
def test_a_lost_electrode_does_not_lower_it(lab, minutes):
    """It hears its own noise and the mains, but no muscle."""
    seconds = 60.0 * minutes
    values = _level(lab, seconds)
    lost = slice(round(0.5 * seconds * RATE), round(0.7 * seconds * RATE))
    t = np.arange(values.size)[lost] / RATE
    values[lost] = 0.1 * values[lost] + 100.0 * np.sin(2 * np.pi * 50.0 * t)
    score, track = _resting(lab, values)
    away = (track.time_s < 0.45 * seconds) | (track.time_s > 0.75 * seconds)
    quiet = _resting(lab, _level(lab, seconds))[1].resting
    np.testing.assert_allclose(track.resting[away], quiet[away], rtol=0.15)
    assert score.channels[0].artifact_s == pytest.approx(0.2 * seconds, abs=6.0)
    assert not lab.of_type(score, "cramp", "possible_cramp")
