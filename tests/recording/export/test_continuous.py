"""A night as EDF+ and BDF+: equal to the resampled array, its gaps open again."""

from __future__ import annotations

import tracemalloc
import warnings
from dataclasses import dataclass

import numpy as np
import pytest

from crampwatch.recording import RecordingError, open_recording
from crampwatch.recording.model import Segment, Stream
from crampwatch.recording.writers.continuous import write_continuous
from crampwatch.recording.writers.grid import Gridded


def expected(stream, rate_hz):
    """Return the raw numbers of a stream on its grid, rounded, and the runs."""
    grid = Gridded(stream, rate_hz)
    return np.rint(grid.read(0, len(grid))).astype(np.int64), grid


def test_the_file_holds_the_resampled_array(tmp_path, make):
    emg, acc = make.calf()
    made = write_continuous(tmp_path / "a", [emg, acc], start=make.start)
    assert made.path.name == "a.edf"
    back = open_recording(made.path)
    assert [stream.label for stream in back.streams] == ["EMG L GM", "ACC L shank"]
    for stream, original, rate in zip(back.streams, (emg, acc), (1000.0, 100.0), strict=True):
        whole, grid = expected(original, rate)
        assert stream.rate_hz == rate
        assert len(stream.segments) == len(grid.runs)
        for segment, run in zip(stream.segments, grid.runs, strict=True):
            assert segment.start_s == pytest.approx(run.first / rate, abs=1e-9)
            raw = segment.source.read(0, len(segment))
            np.testing.assert_array_equal(raw, whole[run.first : run.after])
        np.testing.assert_allclose(stream.gain, original.gain, rtol=1e-5)


def test_gaps_and_the_rest_of_the_last_record_open_as_gaps(tmp_path, make):
    emg, acc = make.calf()
    made = write_continuous(tmp_path / "a", [emg, acc], start=make.start)
    back = open_recording(made.path)
    assert made.duration_s == 17.0
    assert back.duration_s == pytest.approx(16.12, abs=0.01)
    [gap] = back.streams[1].gaps
    assert (gap.start_s, gap.duration_s) == pytest.approx((9.0, 2.0))
    assert back.streams[0].start_s == pytest.approx(0.012)
    assert back.notes == ()
    assert not back.events


def test_a_gap_of_all_signals_is_marked_once(tmp_path, make):
    import edfio

    values = make.noise(3000)
    both = [make.stream(f"EMG {s} TA", [(0.0, values), (5.0, values)]) for s in "LR"]
    made = write_continuous(tmp_path / "a", both, start=None)
    marks = [(a.onset, a.duration, a.text) for a in edfio.read_edf(made.path).annotations]
    assert marks == [(3.0, 2.0, "BAD_gap")]


def test_marks_and_the_start_go_along(tmp_path, make):
    night = make.night()
    made = write_continuous(tmp_path / "a", make.calf(), start=night.start, events=night.events)
    back = open_recording(made.path)
    assert back.start == night.start
    seen = [(e.onset, e.duration, e.trial_type, e.side, e.channel) for e in back.events]
    assert seen == [(2.0, 1.5, "cramp", "left", "EMG L GM"), (12.5, 0.0, "marker", None, None)]


def test_more_than_16_bits_make_a_bdf(tmp_path, make):
    [emg] = make.shin()
    made = write_continuous(tmp_path / "a", [emg], start=None)
    assert made.path.name == "a.bdf"
    [back] = open_recording(made.path).streams
    raw = back.segments[0].source.read(0, 15_500)
    np.testing.assert_array_equal(raw, emg.segments[0].source.values)
    assert back.raw_limits == (1 - 2.0**23, 2.0**23 - 1)
    assert abs(back.offset[0]) < 1e-9
    assert back.step == pytest.approx(emg.step, rel=1e-5)


@pytest.mark.parametrize(
    ("dtype", "low", "high", "limits", "suffix"),
    [
        (np.uint16, 0, 65_535, (0.0, 65_535.0), "edf"),
        (np.int32, 0, 1023, (0.0, 1023.0), "edf"),
        (np.int32, 0, 1023, None, "edf"),
        (np.int32, -(2**22), 2**22, None, "bdf"),
        (np.float32, -300, 300, None, "edf"),
    ],
)
def test_numbers_of_any_converter_come_back(tmp_path, make, dtype, low, high, limits, suffix):
    values = np.random.default_rng(0).integers(low, high, (3000, 1)).astype(dtype)
    emg = make.stream("EMG L TA", [(0.0, values)], raw_limits=limits, gain=0.25)
    made = write_continuous(tmp_path / "a", [emg], start=None)
    assert made.path.suffix == f".{suffix}"
    [back] = open_recording(made.path).streams
    np.testing.assert_allclose(
        back.physical(0, 0, 3000), emg.physical(0, 0, 3000), rtol=1e-5, atol=1e-3
    )
    assert back.step == pytest.approx(0.25, rel=1e-4)
    assert back.segments[0].source.read(0, 3000).std() == pytest.approx(values.std())


def test_a_negative_gain_is_turned_round(tmp_path, make):
    values = np.array([-32768, 32767, 5, -7] * 500, np.int16)
    emg = make.stream("EMG L TA", [(0.0, values)], gain=-0.1)
    [back] = open_recording(write_continuous(tmp_path / "a", [emg], start=None).path).streams
    np.testing.assert_allclose(
        back.physical(0, 0, 2000), emg.physical(0, 0, 2000), rtol=1e-4, atol=1e-3
    )


def test_fractions_fill_24_bits(tmp_path, make):
    values = np.random.default_rng(0).normal(0, 20.0, (3000, 1))
    emg = make.stream("EMG L TA", [(0.0, values)], raw_limits=None, gain=1.0)
    made = write_continuous(tmp_path / "a", [emg], start=None)
    [back] = open_recording(made.path).streams
    np.testing.assert_allclose(back.physical(0, 0, 3000), values, atol=1e-4)
    assert any("24 bits" in note for note in made.notes)


def test_an_unknown_scale_stays_unknown(tmp_path, make):
    emg = make.stream("EMG L TA", [(0.0, make.noise(3000, top=300))], calibrated=False)
    made = write_continuous(tmp_path / "a", [emg], start=None)
    [back] = open_recording(made.path).streams
    assert (back.unit, back.calibrated) == ("uV", False)


@pytest.mark.parametrize(
    ("rates", "record_s", "written"),
    [
        ((1000.0, 51.2), 5, (1000.0, 51.2)),
        ((1000.0, 31.25), 4, (1000.0, 31.25)),
        ((999.7312,), 1, (1000.0,)),
        ((12.34567, 100.0), 10, (12.3, 100.0)),
    ],
)
def test_records_hold_whole_samples(tmp_path, make, rates, record_s, written):
    streams = [
        make.stream(f"EMG L {m}", [(0.0, make.noise(2000))], rate)
        for m, rate in zip(("TA", "GM"), rates, strict=False)
    ]
    made = write_continuous(tmp_path / "a", streams, start=None)
    assert made.record_s == record_s
    assert tuple(s.rate_hz for s in open_recording(made.path).streams) == written


def test_an_empty_night_is_told(tmp_path, make):
    with pytest.raises(RecordingError, match="no samples"):
        write_continuous(tmp_path / "a", [make.stream("EMG", [])], start=None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("sensor", ["calf", "shin"])
def test_mne_reads_the_resampled_array(tmp_path, make, sensor):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mne
    streams = getattr(make, sensor)()
    made = write_continuous(tmp_path / "a", streams, start=make.start)
    read = mne.io.read_raw_edf if made.path.suffix == ".edf" else mne.io.read_raw_bdf
    emg = streams[0]
    raw = read(made.path, preload=True, include=[emg.label], verbose="error")
    whole, _ = expected(emg, 1000.0)
    found = raw.get_data(emg.label)[0][: len(whole)] * 1e6
    np.testing.assert_allclose(found, whole[:, 0] * emg.gain[0], rtol=1e-5, atol=1e-3)
    assert all(each["description"].startswith("BAD_gap") for each in raw.annotations)
    assert len(raw.annotations) > 0


@pytest.mark.system
@pytest.mark.parametrize("sensor", ["calf", "shin"])
def test_pyedflib_reads_the_resampled_array(tmp_path, make, sensor):
    import pyedflib

    streams = getattr(make, sensor)()
    made = write_continuous(tmp_path / "a", streams, start=make.start)
    whole, _ = expected(streams[0], 1000.0)
    with pyedflib.EdfReader(str(made.path)) as reader:
        found = reader.readSignal(0, digital=True)[: len(whole)]
    np.testing.assert_array_equal(found, whole[:, 0])


@dataclass(frozen=True)
class Endless:
    """Numbers made when they are asked for."""

    count: int

    def __len__(self):
        return self.count

    def read(self, start, stop):
        stop = min(stop, self.count)
        return (np.arange(start, stop, dtype=np.int32)[:, None] * 7919) % 2000 - 1000


def test_memory_does_not_grow_with_the_night(tmp_path):
    def peak(seconds):
        emg = Stream(
            "EMG L GM", "emg", 499.97, "uV", (Segment(0.0, Endless(seconds * 500)),),
            np.ones(1), np.zeros(1), raw_limits=(-32768, 32767), nominal_rate_hz=500.0,
        )  # fmt: skip
        tracemalloc.start()
        write_continuous(tmp_path / "a", [emg], start=None)
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    assert peak(1200) < 1.2 * peak(120)
