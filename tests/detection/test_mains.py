"""Mains is taken out without a trace; the electrode's offset and a burst stay in place."""

from __future__ import annotations

import numpy as np
import pytest

from crampwatch.detection import score_night

RATE = 500.0
SECONDS = 900.0


def _track(lab, values, rate=RATE):
    score = score_night(lab.night(lab.emg(values, rate=rate)))
    return score, score.overviews[0]


def _hum(rate, hz, size=30.0, seconds=SECONDS):
    t = np.arange(round(seconds * rate)) / rate
    return size * np.sin(2 * np.pi * hz * t + 0.7) + 0.3 * size * np.sin(
        4 * np.pi * hz * t + 0.1
    )


@pytest.fixture(scope="module")
def quiet(lab):
    """Level of plain rest: its largest and its mean."""
    level = _track(lab, lab.muscle(SECONDS))[1].level
    return float(level.max()), float(level.mean())


@pytest.mark.parametrize("hz", [50.0, 60.0, 49.95, 60.05])
@pytest.mark.parametrize("rate", [250.0, 500.0, 1000.0])
def test_steady_mains_leaves_rest_as_it_was(lab, quiet, hz, rate):
    values = lab.muscle(SECONDS, rate=rate) + _hum(rate, hz)
    score, track = _track(lab, values, rate)
    inner = track.level[4:-4]
    assert np.quantile(inner, 0.99) < 1.25 * quiet[0]
    assert np.median(inner) == pytest.approx(quiet[1], rel=0.25)
    assert score.channels[0].mains_hz == round(hz)
    assert any("mains was removed" in warning for warning in score.warnings)
    assert not lab.moves(score)


def test_mains_that_swells_slowly_is_followed(lab, quiet):
    t = np.arange(round(SECONDS * RATE)) / RATE
    values = lab.muscle(SECONDS) + (1.0 + 0.5 * np.sin(2 * np.pi * t / 60.0)) * _hum(RATE, 50.0)
    score, track = _track(lab, values)
    assert np.quantile(track.level[4:-4], 0.99) < 2.0 * quiet[0]
    assert not lab.moves(score)
    assert not lab.of_type(score, "cramp", "possible_cramp")


@pytest.mark.parametrize("at", [400.0, 405.0, 419.0])
def test_mains_switched_on_is_out_a_few_seconds_later(lab, quiet, at):
    hum = _hum(RATE, 50.0)
    hum[: round(at * RATE)] = 0.0
    score, track = _track(lab, lab.muscle(SECONDS) + hum)
    away = np.abs(track.time_s - at) > 4.0
    assert track.level[4:-4][away[4:-4]].max() < 1.5 * quiet[0]
    assert len(lab.moves(score)) <= 1
    assert not lab.of_type(score, "cramp", "possible_cramp")


@pytest.mark.parametrize("hum", [0.0, 30.0])
@pytest.mark.parametrize("onset", [400.0, 421.5, 435.2])
@pytest.mark.parametrize("seconds", [1.0, 4.0, 40.0])
def test_a_burst_has_no_echo(lab, quiet, hum, onset, seconds):
    """A notch filter rings; what surrounds a strong burst must be at rest."""
    values = lab.muscle(SECONDS, (onset, seconds, 500.0)) + _hum(RATE, 50.0, hum)
    score, track = _track(lab, values)
    near = (track.time_s > onset - 40) & (track.time_s < onset + seconds + 40)
    beside = near & ((track.time_s < onset - 1.0) | (track.time_s > onset + seconds + 0.7))
    limit = 1.3 if hum == 0.0 else 3.0
    assert track.level[beside].max() < limit * quiet[0]
    spans = lab.of_type(score, "LM", "PLM", "cramp", "possible_cramp")
    assert len(spans) == 1
    assert spans[0] == pytest.approx((onset, onset + seconds), abs=0.6 if hum else 0.5)


def test_a_rhythm_of_muscle_at_50_hz_for_seconds_is_not_mains(lab):
    """A contraction has power at 50 Hz too, but it is not one steady sinusoid."""
    plain = _track(lab, lab.muscle(SECONDS, (400.0, 60.0, 20.0)))[1]
    loud = plain.level[(plain.time_s > 401) & (plain.time_s < 459)]
    assert loud.mean() == pytest.approx(20.0, rel=0.1)


@pytest.mark.parametrize("offset", [3000.0, -30_000.0])
@pytest.mark.parametrize("rate", [100.0, 250.0, 1000.0])
def test_the_electrode_offset_does_not_leak(lab, quiet, offset, rate):
    score, track = _track(lab, lab.muscle(100.0, rate=rate) + offset, rate)
    still = _track(lab, lab.muscle(100.0, rate=rate), rate)[1]
    np.testing.assert_allclose(track.level, still.level, atol=0.08)
    assert score.events == ()


def test_a_drifting_offset_does_not_leak(lab, quiet):
    t = np.arange(round(SECONDS * RATE)) / RATE
    _, track = _track(lab, lab.muscle(SECONDS) + 3000.0 * np.sin(2 * np.pi * t / 120.0))
    assert track.level.max() < 1.2 * quiet[0]


def test_a_step_of_the_electrode_stays_where_it_is(lab, quiet):
    values = lab.muscle(SECONDS)
    values[round(417.3 * RATE) :] += 3000.0
    score, track = _track(lab, values)
    away = np.abs(track.time_s + 0.25 - 417.3) > 0.9
    assert track.level[away].max() < 1.2 * quiet[0]
    assert not lab.moves(score)


def test_segments_begin_and_end_without_a_burst(lab, quiet):
    part = lab.muscle(60.0) + 5000.0
    score = score_night(lab.night(lab.emg(*[part] * 5, starts=np.arange(5) * 61.0, rate=RATE)))
    assert score.overviews[0].level.max() < 1.4 * quiet[0]
    assert not lab.moves(score)
