"""What cannot be trusted is named, and every recorded second is accounted for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.detection import score_night
from crampwatch.detection.settings import QualitySettings
from crampwatch.detection.signal.quality import Converter, converter_step
from crampwatch.recording.model import ArraySource, Segment

RATE = 500.0


def _at(seconds: float) -> int:
    return round(seconds * RATE)


def _marks(score, cause):
    return [(e.onset, e.end) for e in score.events if e.extra.get("cause") == cause]


def _adds_up(score):
    for channel in score.channels:
        total = channel.valid_s + channel.artifact_s + channel.unscorable_s
        assert total == pytest.approx(channel.recorded_s, abs=1e-9)


def _score(lab, values, **changes):
    score = score_night(lab.night(lab.emg(values, **{"rate": RATE, **changes})))
    _adds_up(score)
    return score


def _warned(score, *words):
    return any(all(word in warning for word in words) for warning in score.warnings)


def test_a_quiet_night_has_nothing_to_name(lab):
    score = _score(lab, lab.muscle(900.0))
    assert score.events == ()
    assert score.warnings == ()
    assert score.channels[0].valid_s == 900.0


def test_a_flat_stretch_is_unscorable(lab):
    values = lab.muscle(900.0)
    values[_at(300) : _at(360)] = values[_at(300)]
    score = _score(lab, values)
    (span,) = _marks(score, "flat")
    assert span == pytest.approx((300.0, 360.0), abs=1.1)
    assert score.channels[0].unscorable_s == pytest.approx(60.0, abs=1.1)
    assert _warned(score, "EMG L TA", "flat")
    assert not lab.moves(score)


@pytest.mark.parametrize("limits", [None, (-2000, 2000)])
@pytest.mark.parametrize("rate", [100.0, 250.0, 1000.0])
def test_clipping_is_an_artefact_whether_the_limits_are_known(lab, limits, rate):
    values = lab.muscle(900.0, (400.0, 4.0, 400.0), rate=rate)
    values = np.clip(values, -100.0, 100.0)
    score = _score(lab, values, raw_limits=limits, rate=rate)
    (span,) = _marks(score, "clipped")
    assert span == pytest.approx((400.0, 404.0), abs=1.1)
    assert _warned(score, "EMG L TA", "clipped")


@pytest.mark.parametrize("rate", [100.0, 250.0, 1000.0])
@pytest.mark.parametrize("step", [0.05, 3.2])
def test_a_strong_burst_is_not_clipped(lab, rate, step):
    values = lab.muscle(900.0, *[(50.0 + 20 * i, 3.0, 300.0) for i in range(40)], rate=rate)
    score = _score(lab, values, rate=rate, step=step, calibrated=False)
    assert _marks(score, "clipped") == []
    assert len(lab.moves(score)) == 40


@pytest.mark.parametrize("gain", [0.1, 1 / 3, 0.0238, 0.195, 12.34])
def test_saturation_is_seen_whatever_the_gain_rounds_to(lab, gain):
    rng = np.random.default_rng(0)
    raw = rng.integers(-30, 30, (60_000, 1)).astype(np.int16)
    raw[20_000:21_000] = 32767
    raw[20_100:20_200] = 20
    raw[40_000:41_000] = -32768
    raw[40_100:40_200] = 20
    stream = lab.stream(
        RATE, (Segment(0.0, ArraySource(raw)),), step=gain, raw_limits=(-32768, 32767)
    )
    score = score_night(lab.night(replace(stream, offset=np.array([7.7]))))
    assert len(_marks(score, "clipped")) == 2


def test_an_accelerometer_without_known_limits_turns_without_clipping(lab):
    score = score_night(
        lab.night(lab.acc(900.0, (400.0, 6.0, 0.5), rate=25.0, turns=((300.0, 80.0),)))
    )
    _adds_up(score)
    assert score.channels[0].valid_s == pytest.approx(900.0)


def _pop(lab, size=800.0, at=400.0):
    values = lab.muscle(900.0)
    t = np.arange(values.size - _at(at)) / RATE
    values[_at(at) :] += size * np.exp(-t / 0.3)
    return values


@pytest.mark.parametrize("size", [200.0, 800.0, 3000.0])
def test_an_electrode_pop_is_an_artefact_and_no_movement(lab, size):
    score = _score(lab, _pop(lab, size))
    (span,) = _marks(score, "electrode pop")
    assert span[0] == pytest.approx(400.0, abs=1.0)
    assert _warned(score, "EMG L TA", "electrode pop")
    assert not lab.moves(score)


def test_a_lost_electrode_picks_up_mains(lab):
    values = lab.muscle(900.0)
    t = np.arange(_at(60)) / RATE
    values[_at(400) : _at(460)] = 300.0 * np.sin(2 * np.pi * 50.0 * t)
    score = _score(lab, values)
    (span,) = _marks(score, "electrode off")
    assert span == pytest.approx((400.0, 460.0), abs=3.0)
    assert score.channels[0].artifact_s == pytest.approx(60.0, abs=3.0)
    assert _warned(score, "EMG L TA", "electrode off")
    assert not lab.of_type(score, "cramp", "possible_cramp")


def test_a_gap_is_missing_time_that_is_told(lab):
    part = lab.muscle(300.0)
    score = score_night(lab.night(lab.emg(part, part, starts=(0.0, 400.0), rate=RATE)))
    _adds_up(score)
    (channel,) = score.channels
    assert (channel.recorded_s, channel.gap_s) == (600.0, 100.0)
    assert _warned(score, "EMG L TA", "100 s", "missing")
    assert not lab.moves(score)


def test_a_stretch_of_nan_is_unscorable_and_hurts_nobody_near(lab):
    values = lab.muscle(900.0, (290.0, 2.0, 30.0), (320.0, 2.0, 30.0)) + 3000.0
    values[_at(300) : _at(310)] = np.nan
    score = _score(lab, values)
    (span,) = _marks(score, "not a number")
    assert span == pytest.approx((300.0, 310.0), abs=1.1)
    assert _warned(score, "EMG L TA", "not a number")
    assert [on for on, _ in lab.moves(score)] == pytest.approx([290.0, 320.0], abs=0.05)
    track = score.overviews[0]
    assert track.level[track.valid & ((track.time_s < 289) | (track.time_s > 323))].max() < 2.0


@pytest.mark.parametrize("at", [29.6, 30.0, 30.4])
def test_nan_at_the_edge_of_a_block_is_marked_on_both_sides(lab, at):
    values = lab.muscle(900.0) + 3000.0
    values[_at(at)] = np.nan
    score = _score(lab, values)
    track = score.overviews[0]
    assert track.level[track.valid].max() < 2.0
    assert not lab.moves(score)
    assert 0.5 <= score.channels[0].unscorable_s <= 2.0


def test_a_dead_channel_is_named(lab):
    rng = np.random.default_rng(3)
    n = 300_000
    wander = np.cumsum(rng.standard_normal(n)) * 0.002
    raw = np.round(rng.standard_normal(n) * 0.7 + wander).astype(np.int16)[:, None]
    night = lab.night(
        lab.stream(RATE, (Segment(0.0, ArraySource(raw)),), step=0.5),
        lab.emg(lab.muscle(600.0), label="EMG R TA"),
    )
    score = score_night(night)
    _adds_up(score)
    assert [c.status for c in score.channels] == ["dead", "ok"]
    assert score.channels[0].unscorable_s == 600.0
    (event,) = score.events
    assert (event.trial_type, event.extra["cause"]) == ("unscorable", "dead channel")
    assert (event.onset, event.end) == (0.0, 600.0)
    assert _warned(score, "EMG L TA", "no signal")


@pytest.mark.parametrize("rest", [1.6, 3.0, 8.0])
def test_a_coarse_board_at_rest_is_neither_dead_nor_flat(lab, rest):
    score = _score(lab, lab.muscle(900.0, rest=rest), step=3.2, calibrated=False)
    assert score.channels[0].status == "ok"
    assert score.channels[0].valid_s == 900.0
    assert score.events == ()


def test_a_coarse_board_that_only_sees_one_contraction_is_alive(lab):
    """Less than a bit of rest for most of an hour, and half a minute of work."""
    values = lab.muscle(3600.0, (1800.0, 30.0, 40.0), rate=RATE, rest=0.5)
    score = _score(lab, values, step=3.2, calibrated=False, label="EMG L GM")
    assert score.channels[0].status == "ok"
    assert len(lab.of_type(score, "cramp", "possible_cramp")) == 1


def test_an_accelerometer_of_zeros_is_dead(lab):
    zeros = Segment(0.0, ArraySource(np.zeros((30_000, 3), np.int16)))
    score = score_night(lab.night(lab.acc(600.0, segments=(zeros,))))
    assert score.channels[0].status == "dead"
    assert _warned(score, "ACC L")


def test_one_still_axis_of_an_accelerometer_is_no_fault(lab):
    stream = lab.acc(600.0, (100.0, 3.0, 0.3))
    raw = stream.segments[0].source.read(0, 30_000).copy()
    raw[:, 1] = 0
    score = score_night(lab.night(replace(stream, segments=(Segment(0.0, ArraySource(raw)),))))
    assert score.channels[0].status == "ok"
    assert score.channels[0].valid_s == 600.0
    assert len(lab.moves(score)) == 1


def test_faults_on_top_of_each_other_count_once(lab):
    values = np.clip(lab.muscle(900.0, (300.0, 20.0, 400.0)), -100.0, 100.0)
    values[_at(310) : _at(312)] = np.nan
    score = _score(lab, values)
    channel = score.channels[0]
    assert channel.unscorable_s + channel.artifact_s == pytest.approx(20.0, abs=1.1)


def test_seconds_add_up_over_odd_rates_and_shreds(lab):
    for rate in (999.7, 128.0, 77.7):
        parts = [lab.carrier(s, rate) for s in (100.123, 0.3, 31.0, 0.004, 7.77)]
        starts = np.cumsum([0.0, 101.0, 1.0, 40.0, 2.0])
        _adds_up(score_night(lab.night(lab.emg(*parts, starts=starts, rate=rate))))


@given(
    step=st.sampled_from([1.0, 0.195, 0.0238, 3.2, 1e-4]),
    offset=st.sampled_from([0.0, 1e3, -1e4]),
    seed=st.integers(0, 50),
)
def test_the_step_of_a_converter_is_learnt(step, offset, seed):
    codes = np.random.default_rng(seed).integers(-60, 60, 3000)
    if abs(offset) > 1e5 * step:
        offset = 0.0
    values = (codes * step + offset).astype(np.float32)
    assert converter_step(values) == pytest.approx(step, rel=0.02, abs=abs(offset) * 3e-7)


def test_an_unmoved_signal_has_no_step():
    assert converter_step(np.full(1000, 3.3, np.float32)) == 0.0
    assert converter_step(np.empty(0, np.float32)) == 0.0


def test_flat_is_less_than_a_step_and_not_a_step():
    converter = Converter(QualitySettings(), None)
    converter.step = 2.0
    rows = np.array([[0.0, 0.0, 0.0, 0.0], [0.0, 2.0, 0.0, 2.0]], np.float32)
    assert converter.flags(rows).tolist() == [1, 0]
