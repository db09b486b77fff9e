"""Features of cramp candidates: what they mean, what they need, and that they keep to it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from crampwatch.detection import Engine, score_night
from crampwatch.detection.cramps.features.catalogue import FEATURES

RATE = 1000.0
NIGHT = 700.0
ONSET, LENGTH = 400.0, 40.0
BY_NAME = {feature.name: feature for feature in FEATURES}


def calf(lab, gain=1.0, rate=RATE, wave=None, at=ONSET, length=LENGTH, level=9.0, step=0.05):
    values = lab.carrier(NIGHT, rate, 3).copy()
    start, n = round(at * rate), round(length * rate)
    t = np.arange(n) / rate
    shape = 1.0 + (level - 1.0) * np.clip(t / 5.0, 0.0, 1.0)
    values[start : start + n] *= shape if wave is None else shape * wave(t)
    return lab.emg(gain * values, label="EMG L GM", rate=rate, step=gain * step)


def shin(lab, rate=RATE, *acts):
    return lab.emg(lab.muscle(NIGHT, *acts, rate=rate, seed=9), label="EMG L TA", rate=rate)


def candidate(lab, *streams, cut=None):
    score = score_night(lab.night(*streams), cuts_s=(10.0,))
    found = [c for c in score.candidates if c.channel == "EMG L GM" and c.cut_s == cut]
    return max(found, key=lambda c: c.duration_s)


def group(*names):
    return [feature.name for feature in FEATURES if feature.group in names]


def test_every_feature_says_what_it_is_in_which_unit_and_why():
    assert len(BY_NAME) == len(FEATURES)
    for feature in FEATURES:
        assert feature.unit
        assert feature.about
        assert feature.source
        assert feature.expects in (-1, 0, 1)
        assert feature.follows == (feature.group == "after")


def test_every_candidate_has_every_feature_and_no_other(lab):
    values = candidate(lab, calf(lab), shin(lab), lab.acc(NIGHT)).values
    assert list(values) == list(BY_NAME)


def test_a_detector_learns_from_nothing_that_hangs_on_the_scale_of_a_sensor(lab):
    one = candidate(lab, calf(lab), lab.acc(NIGHT)).values
    ten = candidate(lab, calf(lab, gain=10.0), lab.acc(NIGHT)).values
    for name, feature in BY_NAME.items():
        if feature.portable:
            assert ten[name] == pytest.approx(one[name], rel=0.02, abs=0.02, nan_ok=True), name
    assert ten["level_uv"] == pytest.approx(10.0 * one["level_uv"], rel=0.02)


def test_what_a_sensor_does_not_see_is_missing_and_not_guessed(lab):
    alone = candidate(lab, calf(lab)).values
    assert all(math.isnan(alone[name]) for name in group("movement"))
    assert all(
        math.isnan(alone[f"{who}{what}"])
        for who in ("antagonist", "other_leg")
        for what in ("", "_together", "_onset", "_active")
    )
    slow = candidate(lab, calf(lab, rate=200.0)).values
    assert all(math.isnan(slow[name]) for name in group("spectrum"))
    fast = candidate(lab, calf(lab)).values
    assert all(math.isfinite(fast[name]) for name in group("spectrum"))


def test_a_cut_view_knows_nothing_of_what_follows(lab):
    quiet = candidate(lab, calf(lab), shin(lab), lab.acc(NIGHT), cut=10.0)
    later = (ONSET + 16.0, 20.0)
    stirred = candidate(
        lab,
        calf(lab, wave=lambda t: np.where(t > 16.0, 3.0, 1.0)),
        shin(lab, RATE, (*later, 30.0)),
        lab.acc(NIGHT, (*later, 0.2), turns=[(ONSET + 20.0, 60.0)]),
        cut=10.0,
    )
    assert quiet.duration_s == stirred.duration_s == 10.0
    for name, value in quiet.values.items():
        assert stirred.values[name] == pytest.approx(value, rel=0.08, abs=0.01, nan_ok=True), (
            name
        )
    assert all(math.isnan(quiet.values[name]) for name in group("after"))


def test_features_do_not_hang_on_how_the_signal_arrives(lab):
    streams = (calf(lab), lab.acc(NIGHT))
    whole = score_night(lab.night(*streams)).candidates
    engine = Engine(streams)
    for number, stream in enumerate(streams):
        raw = stream.segments[0].source.read(0, stream.n_samples)
        for first in range(0, len(raw), 7_777):
            engine.push(number, 0, 0.0, raw[first : first + 7_777])
    pieces = engine.finish().candidates
    assert len(pieces) == len(whole) > 0
    for one, other in zip(pieces, whole, strict=True):
        assert np.array_equal(
            list(one.values.values()), list(other.values.values()), equal_nan=True
        )


def test_a_modulation_has_its_rate_and_its_depth(lab):
    def beat(t):
        return 1.0 + 0.5 * np.sin(2 * np.pi * 1.25 * t)

    steady = candidate(lab, calf(lab)).values
    beating = candidate(lab, calf(lab, wave=beat)).values
    assert beating["rhythm_hz"] == pytest.approx(1.25, rel=0.1)
    assert beating["periodicity"] > 0.5 > steady["periodicity"]
    assert beating["modulation"] > 2.0 * steady["modulation"]


def test_noise_of_a_changed_electrode_is_whiter_than_muscle(lab):
    muscle = candidate(lab, calf(lab)).values
    values = lab.carrier(NIGHT, RATE, 3).copy()
    rng = np.random.default_rng(2)
    start = round(ONSET * RATE)
    values[start : start + 40_000] += 15.0 * rng.standard_normal(40_000)
    noise = candidate(lab, lab.emg(values, label="EMG L GM", rate=RATE)).values
    assert noise["whiteness_change"] > muscle["whiteness_change"] + 0.3
    assert noise["jump_at_onset"] > muscle["jump_at_onset"]


def test_a_turn_before_the_onset_and_a_leg_that_moves_are_seen(lab):
    still = candidate(lab, calf(lab), lab.acc(NIGHT)).values
    turned = candidate(
        lab, calf(lab), lab.acc(NIGHT, (ONSET - 6.0, 4.0, 0.2), turns=[(ONSET - 4.0, 50.0)])
    ).values
    assert turned["onset_turn_deg"] == pytest.approx(50.0, abs=8.0)
    assert still["onset_turn_deg"] < 3.0
    assert turned["since_movement_s"] < 10.0
    assert still["since_movement_s"] == 600.0
    assert turned["movement_at_onset"] >= still["movement_at_onset"]


def test_what_the_antagonist_does_is_measured_against_the_cramp(lab):
    silent = candidate(lab, calf(lab), shin(lab)).values
    joined = candidate(lab, calf(lab), shin(lab, RATE, (ONSET, LENGTH, 5.0))).values
    assert abs(silent["antagonist"]) < 0.05
    assert joined["antagonist"] == pytest.approx(0.5, abs=0.15)
    assert joined["antagonist_active"] > 0.9 > 0.1 > silent["antagonist_active"]
