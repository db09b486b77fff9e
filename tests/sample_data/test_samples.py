"""The shipped recordings: what they are, how big they are, and that they can be remade."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

import h5py
import numpy as np
import pytest

from crampwatch.recording.annotations.columns import describe
from crampwatch.recording.annotations.tsv import read_events
from crampwatch.recording.errors import RecordingError
from crampwatch.recording.readers.open import open_recording
from crampwatch.sample_data import convert as converter
from crampwatch.sample_data import samples
from crampwatch.sample_data.simulator import SCENARIOS, simulate_night, write_night
from crampwatch.sample_data.simulator import __main__ as command
from crampwatch.sample_data.simulator.happenings import TRUTH_COLUMNS

SHIPPED = {
    "emg_bursts": "bfb5960bef3d7bd6292ed7303e55e68a720b58ec01d8fb01bbfbfe137a6ccfbb",
    "emg_fatigue": "30120ee1d6734a7c8599fefb559a2e218aff6307d49e31a1f4bde7a05036a7f7",
    "sync_acc_1": "521787d0c9f9f5dbec8aec97f597935174662840257767f4d80ac24f29cfe723",
}


def sample_named(name):
    return next(sample for sample in samples() if sample.name == name)


def test_every_sample_opens_and_says_what_it_is():
    for sample in samples():
        night = open_recording(sample.path)
        assert night.streams
        assert all(stream.n_samples for stream in night.streams)
        assert sample.about
        assert sample.licence
        assert (sample.truth is not None) == sample.simulated


def test_what_is_simulated_says_so_in_name_words_and_file():
    for sample in samples():
        header = sample.path.read_bytes()[:256].decode("ascii")
        named = "simulated" in sample.path.name and "simulated" in sample.name
        assert sample.simulated == named == sample.about.startswith("SIMULATED")
        assert ("SIMULATED" in header[8:88]) == sample.simulated
        assert ("SIMULATED" in header[88:168]) == sample.simulated


def test_recordings_and_truth_stay_under_three_megabytes():
    folder = sample_named("simulated_night").path.parent.parent
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 3_000_000
    assert {path.suffix for path in files} == {".edf", ".tsv", ".json", ".md", ".txt"}


def test_the_simulated_night_holds_what_a_first_look_needs():
    truth = read_events(sample_named("simulated_night").truth)
    of_type = {
        kind: [event for event in truth if event.trial_type == kind]
        for kind in ("cramp", "PLM", "LM", "large_movement", "artifact")
    }
    (cramp,) = of_type["cramp"]
    assert 90 <= cramp.duration <= 150
    assert cramp.channel == "EMG L GM"
    intervals = np.diff([event.onset for event in of_type["PLM"]])
    assert len(intervals) >= 7
    assert ((intervals >= 20) & (intervals <= 35)).all()
    assert {event.channel for event in of_type["PLM"]} == {"EMG L TA"}
    assert len(of_type["LM"]) >= 3
    assert (
        sum(event.extra["cause"] == "posture_shift" for event in of_type["large_movement"]) >= 3
    )
    assert of_type["artifact"]


def test_every_column_of_the_truth_is_described():
    truth = sample_named("simulated_night").truth
    described = json.loads(truth.with_suffix(".json").read_text())
    assert "SIMULATED" in described["cause"]["Description"]
    for name, entry in described.items():
        assert entry["Description"] not in {"", name}
    for scenario in SCENARIOS:
        for event in simulate_night(scenario, 2).truth:
            for name, entry in describe(event.extra, TRUTH_COLUMNS).items():
                assert entry["Description"] not in {"", name}
            assert event.extra["cause"] in TRUTH_COLUMNS["cause"]["Levels"]


def test_the_simulated_night_can_be_remade_byte_for_byte(tmp_path, capsys):
    shipped = sample_named("simulated_night").path.parent
    assert command.main(["sample", "--seed", "107", "--out", str(tmp_path / "again")]) == 0
    printed = capsys.readouterr().out.split()
    made = {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()}
    assert made == {path.name: path.read_bytes() for path in shipped.iterdir()}
    assert all(name.startswith(str(tmp_path)) for name in printed)


def test_the_command_answers_a_wrong_wish_with_one_line(tmp_path, capsys):
    assert command.main(["nights", "--out", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def assert_same_signals(read, drawn):
    assert len(read) == len(drawn)
    for one, other in zip(read, drawn, strict=True):
        assert (one.label, one.rate_hz, one.unit) == (other.label, other.rate_hz, other.unit)
        assert [len(s) for s in one.segments] == [len(s) for s in other.segments]
        for number, segment in enumerate(other.segments):
            assert one.segments[number].start_s == pytest.approx(segment.start_s, abs=1e-6)
            np.testing.assert_allclose(
                one.physical(number, 0, len(segment)),
                other.physical(number, 0, len(segment)),
                atol=1e-3,
            )


@pytest.mark.parametrize(("scenario", "hours"), [("mixed", 0.05), ("artefacts", 0.4)])
def test_a_written_night_is_the_simulated_one(tmp_path, scenario, hours):
    written = write_night(scenario, tmp_path, 8, hours=hours)
    night = open_recording(written.recording)
    made = simulate_night(scenario, 8, hours=hours)
    assert_same_signals(night.streams, made.night.streams)
    assert not night.events
    truth = read_events(written.truth)
    assert [(e.onset, e.duration, e.trial_type, e.side, e.channel) for e in truth] == [
        (e.onset, e.duration, e.trial_type, e.side, e.channel) for e in made.truth
    ]


def test_a_radio_gap_is_a_gap_of_one_leg_in_the_file_too(tmp_path):
    made = simulate_night("artefacts", 8, hours=0.4)
    gaps = [event for event in made.truth if event.extra["cause"] == "radio_gap"]
    assert gaps
    night = open_recording(write_night("artefacts", tmp_path, 8, hours=0.4).recording)
    for stream in night.streams:
        own = [event for event in gaps if event.side == stream.side]
        assert [g.start_s for g in stream.gaps] == pytest.approx(
            [event.onset for event in own], abs=1.1 / stream.rate_hz
        )
        assert [g.duration_s for g in stream.gaps] == pytest.approx(
            [event.duration for event in own], abs=2.1 / stream.rate_hz
        )


@pytest.mark.parametrize("name", SHIPPED)
def test_real_recordings_are_the_converted_ones(name):
    folder = sample_named("emg_bursts").path.parent
    found = hashlib.sha256((folder / f"{name}.edf").read_bytes()).hexdigest()
    assert found == SHIPPED[name]
    assert "PLUX Wireless Biosignals" in (folder / "LICENSE.txt").read_text()
    notes = (folder.parent / "ATTRIBUTION.md").read_text()
    assert f"{name}.h5" in notes


def test_microvolts_follow_the_published_transfer_function():
    assert converter.electromyogram(16).gain * 65536 == 3000.0
    night = open_recording(sample_named("emg_bursts").path)
    (stream,) = night.streams
    first = stream.physical(0, 0, 3)[:, 0]
    raw = np.array([32718, 32784, 32880])
    np.testing.assert_allclose(first, (raw / 2**16 - 0.5) * 3000, atol=1e-3)


def test_the_accelerometer_feels_one_g_at_rest():
    (stream,) = open_recording(sample_named("moved_accelerometer").path).streams
    values = stream.physical(0, 0, 2000)
    assert np.linalg.norm(values.mean(axis=0)) == pytest.approx(1.0, abs=0.02)


def opensignals(raw, rate=1000):
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        device = file.create_group("00:07:80:00:00:00")
        device.attrs["sampling rate"] = rate
        device.attrs["date"] = "2017-5-3"
        device.attrs["time"] = "9:08:07.5"
        device.create_dataset("raw/channel_3", data=raw[:, None])
    return content.getvalue()


def test_conversion_keeps_every_raw_number(tmp_path):
    raw = np.random.default_rng(0).integers(0, 1 << 16, 3 * 7 * 97).astype(np.uint16)
    raw[:2] = 0, 65535
    path = tmp_path / "one.edf"
    converter.convert_one(converter.SOURCES[0], opensignals(raw), path)
    night = open_recording(path)
    (stream,) = night.streams
    assert stream.rate_hz == pytest.approx(1000)
    read = stream.segments[0].source.read(0, len(raw))[:, 0]
    np.testing.assert_array_equal(read.astype(int) + 32768, raw)
    assert (night.start.year, night.start.hour, night.start.second) == (2017, 9, 7)


def test_another_file_than_the_named_one_is_refused(tmp_path):
    wheel = tmp_path / "other.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for source in converter.SOURCES:
            archive.writestr(f"{converter.SIGNALS}/{source.name}.h5", b"something else")
    with pytest.raises(RecordingError, match="SHA-256") as caught:
        converter.convert(wheel, tmp_path / "out")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", ["missing", "empty folder", "no wheel"])
def test_a_package_that_is_none_is_one_clear_line(tmp_path, capsys, kind):
    package = tmp_path / "package"
    if kind == "empty folder":
        package.mkdir()
    elif kind == "no wheel":
        package.write_text("hello")
    assert converter.main([str(package), str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "out").exists()
