"""The one gate: labels mapped, axes joined, units converted, scales judged."""

from __future__ import annotations

import numpy as np
import pytest

from crampwatch.recording import RecordingError
from crampwatch.recording.assemble import Signal, build_streams
from crampwatch.recording.model import ArraySource, Segment
from crampwatch.recording.units import scale_of

RNG = np.random.default_rng(3)


def run(values, start_s=0.0):
    return Segment(start_s, ArraySource(np.asarray(values)[:, None]))


def emg(label="EMG L TA", unit="uV", size=20.0, **more):
    values = (RNG.standard_normal(20_000) * size).astype(np.float32)
    return Signal(label, 1000.0, unit, (run(values),), **more)


def axis(label, value, n=2000, rate=100.0, unit="g", start_s=0.0):
    values = np.full(n, value, np.float32)
    return Signal(label, rate, unit, (run(values, start_s),))


@pytest.mark.parametrize(
    ("unit", "kind", "expected"),
    [
        ("uV", "emg", ("uV", 1.0)),
        ("µV", "emg", ("uV", 1.0)),
        ("mV", "emg", ("uV", 1e3)),
        ("V", "emg", ("uV", 1e6)),
        ("nV", "emg", ("uV", 1e-3)),
        ("[mV]", "ecg", ("uV", 1e3)),
        ("", "emg", ("count", 1.0)),
        ("mg", "emg", ("count", 1.0)),
        ("g", "acc", ("g", 1.0)),
        ("mg", "acc", ("g", 1e-3)),
        ("m/s²", "acc", ("g", 1 / 9.80665)),
        ("m/s^2", "acc", ("g", 1 / 9.80665)),
        ("uV", "acc", ("count", 1.0)),
        ("rad/s", "gyro", ("deg/s", 180 / np.pi)),
        ("%", "other", ("%", 1.0)),
    ],
)
def test_units_as_files_spell_them(unit, kind, expected):
    scale = scale_of(unit, kind)
    assert (scale.unit, scale.factor) == (expected[0], pytest.approx(expected[1]))


def test_millivolts_become_microvolts():
    stream = build_streams([emg(unit="mV", size=0.02)], "a")[0]
    assert (stream.unit, stream.calibrated) == ("uV", True)
    assert 15 < stream.physical(0, 0, 20_000).std() < 25


@pytest.mark.parametrize(
    ("unit", "size", "reason"),
    [
        ("uV", 2e-8, "volts are passed as microvolts"),
        ("uV", 2e-5, "volts are passed as microvolts"),
        ("V", 20.0, "more than skin gives"),
        ("V", 0.4, "more than skin gives"),
        ("mV", 30.0, "more than skin gives"),
    ],
)
def test_amplitude_that_skin_cannot_give_is_not_calibrated(unit, size, reason):
    stream = build_streams([emg(unit=unit, size=size)], "a")[0]
    assert not stream.calibrated
    assert any(reason in note for note in stream.notes)


@pytest.mark.parametrize("size", [0.5, 5.0, 400.0])
def test_plausible_microvolts_are_calibrated_even_on_a_large_offset(size):
    signal = emg(size=size, offset=-150_000.0)
    assert build_streams([signal], "a")[0].calibrated


def test_contraction_of_millivolts_on_quiet_rest_is_plausible():
    values = RNG.standard_normal(60_000) * np.where(np.arange(60_000) // 5000 % 3 == 0, 1500, 3)
    signal = Signal("EMG L TA", 1000.0, "uV", (run(values.astype(np.float32)),))
    assert build_streams([signal], "a")[0].calibrated


def test_dead_signal_raises_no_doubt_about_its_unit():
    signal = Signal("EMG L TA", 1000.0, "uV", (run(np.zeros(5000, np.int16)),))
    assert build_streams([signal], "a")[0].calibrated


def test_format_that_does_not_know_its_scale_stays_uncalibrated():
    assert not build_streams([emg(trusted=False)], "a")[0].calibrated


def test_axes_of_one_sensor_become_one_vector_in_order():
    signals = [axis("ACC L Z", 1.0), emg(), axis("ACC L X", 0.1), axis("ACC L Y", 0.2)]
    acc, muscle = build_streams(signals, "a")
    assert (acc.label, acc.axes, acc.kind, acc.side) == (
        "ACC L",
        ("x", "y", "z"),
        "acc",
        "left",
    )
    np.testing.assert_allclose(acc.physical(0, 0, 1), [[0.1, 0.2, 1.0]], rtol=1e-6)
    assert acc.source_labels == ("ACC L X", "ACC L Y", "ACC L Z")
    assert acc.calibrated
    assert muscle.kind == "emg"


def test_axes_of_two_sensors_stay_apart():
    signals = [axis(f"ACC {s} {a}", 0.6) for s in "LR" for a in "XYZ"]
    signals += [axis(f"ACC L foot {a}", 0.6) for a in "XYZ"]
    labels = [stream.label for stream in build_streams(signals, "a")]
    assert labels == ["ACC L", "ACC R", "ACC L foot"]


def test_axes_with_different_gaps_have_samples_where_all_have():
    x = Signal("acc_x", 100.0, "g", (run(np.arange(500)), run(np.arange(500, 900), 6.0)))
    y = Signal("acc_y", 100.0, "g", (run(np.arange(1000)),))
    stream = build_streams([x, y], "a")[0]
    assert [(s.start_s, len(s)) for s in stream.segments] == [(0.0, 500), (6.0, 400)]
    raw = stream.segments[1].source.read(0, 1)
    np.testing.assert_array_equal(raw, [[500, 600]])


def test_gravity_of_ten_is_not_g():
    signals = [axis("acc_x", 0.0), axis("acc_y", 9.81), axis("acc_z", 0.1)]
    stream = build_streams(signals, "a")[0]
    assert not stream.calibrated
    assert any("gravity is 1 g" in note for note in stream.notes)


def test_mapping_overrules_the_guess_and_keeps_the_source_label():
    stream = build_streams([emg("Leg/L")], "a", {"Leg/L": "EMG R GM"})[0]
    assert (stream.label, stream.side, stream.placement) == ("EMG R GM", "right", "GM")
    assert stream.source_labels == ("Leg/L",)
    assert stream.notes == ()


def test_mapping_makes_an_unknown_channel_a_muscle():
    stream = build_streams([emg("CH1", unit="")], "a", {"ch1": "EMG L TA"})[0]
    assert (stream.label, stream.kind, stream.unit) == ("EMG L TA", "emg", "count")


def test_mapping_of_a_missing_label_lists_what_is_there():
    with pytest.raises(
        RecordingError, match=r"night: there is no signal 'Leg/X'.*'LAT', 'RAT'"
    ):
        build_streams([emg("LAT"), emg("RAT")], "night", {"Leg/X": "EMG L TA"})


def test_numbered_legs_are_left_and_right_by_convention():
    left, right = build_streams([emg("LEG1"), emg("LEG2")], "a")
    assert (left.label, right.label) == ("EMG L TA", "EMG R TA")
    assert any("number 1 of two" in note for note in left.notes)


def test_one_numbered_leg_has_no_side():
    assert build_streams([emg("LEG1")], "a")[0].side is None


def test_bare_emg_of_a_sleep_study_is_the_chin():
    eeg = Signal("C3-A2", 200.0, "uV", (run(np.zeros(100)),))
    study = build_streams([eeg, emg("EMG1-EMG2"), emg("SX1-SX2")], "a")
    assert [(s.label, s.kind) for s in study] == [
        ("C3-A2", "other"), ("EMG chin", "other"), ("EMG L TA", "emg")
    ]  # fmt: skip
    assert build_streams([emg("EMG1")], "a")[0].kind == "emg"


def test_labels_are_made_unique():
    labels = [s.label for s in build_streams([emg("LLEG-"), emg("LLEG+"), emg("LLEG")], "a")]
    assert labels == ["EMG L TA", "EMG L TA 2", "EMG L TA 3"]


def test_unit_of_the_user_overrules_the_file():
    stream = build_streams([emg(unit="uV", size=2e-5)], "a", emg_unit="V")[0]
    assert (stream.unit, stream.calibrated, stream.source_unit) == ("uV", True, "V")
    assert any("by the user, not uV" in note for note in stream.notes)


def test_unit_of_the_user_is_for_muscles_alone():
    acc, muscle = build_streams([axis("ACC L X", 1.0), emg("CH1", unit="")], "a",
                                {"CH1": "EMG L TA"}, "mV")  # fmt: skip
    assert (acc.unit, muscle.unit) == ("g", "uV")


def test_unknown_unit_of_the_user_is_refused():
    with pytest.raises(RecordingError, match="'furlong' is none of uV"):
        build_streams([emg()], "a", emg_unit="furlong")


@pytest.mark.parametrize(
    ("gravity", "unit", "length"),
    [(1.0, "g", 1.0), (9.81, "g", 1.0), (5200.0, "count", 5200.0)],
)
def test_acceleration_without_unit_is_g_where_gravity_says_so(gravity, unit, length):
    signals = [axis(f"acc_{a}", gravity if a == "z" else 0.0, unit="") for a in "xyz"]
    stream = build_streams(signals, "a")[0]
    assert (stream.unit, stream.calibrated) == (unit, False)
    assert stream.physical(0, 0, 1)[0, 2] == pytest.approx(length, rel=1e-3)


def test_mapped_axes_are_joined_like_any_others():
    signals = [axis(name, size) for name, size in (("a", 0.1), ("b", 0.2), ("c", 1.0))]
    names = {"a": "ACC R shank X", "b": "ACC R shank Y", "c": "ACC R shank Z"}
    stream = build_streams(signals, "a", names)[0]
    assert (stream.label, stream.axes) == ("ACC R shank", ("x", "y", "z"))
    assert (stream.side, stream.placement) == ("right", "shank")
