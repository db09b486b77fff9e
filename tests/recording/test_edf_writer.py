"""EDF+ and BDF+ files of the writer, read back here and by three other programs."""

from __future__ import annotations

import tracemalloc
import warnings
from datetime import datetime

import edfio
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.recording import Event, RecordingError, open_recording
from crampwatch.recording.writers.edf import EdfSignal, write_edf

START = datetime(2026, 11, 22, 23, 59, 58, 500_000)  # noqa: DTZ001
EVENTS = (
    Event(0.0, 30.0, "sleep_N2"),
    Event(1.5, 2.25, "PLM", "left", "EMG L TA"),
    Event(4.0, 0.0, "marker", extra={"text": "Knopf gedrückt"}),
    Event(8.125, 1.0, "possible_cramp", "right", "EMG R GM"),
    Event(200.0, 1.0, "LM", "both"),
)
EMG = EdfSignal("EMG L TA", "uV", -3276.8, 3276.7, -32768, 32767, 1000)
ACC = EdfSignal("ACC L X", "g", -4, 4, -2048, 2047, 100)


def numbers(bits=16):
    rng = np.random.default_rng(1)
    top = 2 ** (bits - 1)
    return [
        rng.integers(-min(top, 32768), min(top, 32768), 10_000).astype(np.int32),
        rng.integers(-2048, 2048, 1000).astype(np.int32),
    ]


def write(path, bits=16, **more):
    emg, acc = numbers(bits)
    blocks = zip(np.split(emg, 5), np.split(acc, 5), strict=True)
    options = {"start": START, "record_s": 1, "annotations": EVENTS, "bits": bits} | more
    return write_edf(path, [EMG, ACC], blocks, **options)


@pytest.mark.parametrize(("bits", "name"), [(16, "night.edf"), (24, "night.bdf")])
def test_written_file_reads_back_equal(tmp_path, bits, name):
    assert write(tmp_path / name, bits) == 10
    night = open_recording(tmp_path / name)
    for stream, values in zip(night.streams, numbers(bits), strict=True):
        np.testing.assert_array_equal(stream.segments[0].source.read(0, 10**6)[:, 0], values)
    assert night.start == START
    assert night.format == ("EDF+C" if bits == 16 else "BDF+C")
    assert night.streams[0].gain[0] == pytest.approx(EMG.gain, rel=1e-12)
    seen = [(e.onset, e.duration, e.trial_type, e.side, e.channel) for e in night.events]
    assert seen == [(e.onset, e.duration, e.trial_type, e.side, e.channel) for e in EVENTS]
    assert night.events[2].extra["text"] == "Knopf gedrückt"
    assert night.notes == ()


@pytest.mark.system
@pytest.mark.parametrize(("bits", "name"), [(16, "night.edf"), (24, "night.bdf")])
def test_pyedflib_reads_the_same(tmp_path, bits, name):
    import pyedflib

    write(tmp_path / name, bits)
    emg, _ = numbers(bits)
    with pyedflib.EdfReader(str(tmp_path / name)) as reader:
        np.testing.assert_array_equal(reader.readSignal(0, digital=True), emg)
        onsets, durations, texts = reader.readAnnotations()
    assert onsets.tolist() == [0.0, 1.5, 4.0, 8.125, 200.0]
    assert durations.tolist()[:2] == [30.0, 2.25]
    assert texts[0] == "Sleep stage N2"


@pytest.mark.parametrize(("bits", "name"), [(16, "night.edf"), (24, "night.bdf")])
def test_edfio_reads_the_same(tmp_path, bits, name):
    write(tmp_path / name, bits)
    emg, _ = numbers(bits)
    read = edfio.read_edf if bits == 16 else edfio.read_bdf
    file = read(tmp_path / name)
    np.testing.assert_array_equal(file.signals[0].digital, emg)
    assert [a.text for a in file.annotations][1] == "PLM left@@EMG L TA"
    assert file.startdate.year == 2026


@pytest.mark.parametrize(("bits", "name"), [(16, "night.edf"), (24, "night.bdf")])
def test_mne_reads_the_same(tmp_path, bits, name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mne
    write(tmp_path / name, bits, annotations=EVENTS[:4])
    read = mne.io.read_raw_edf if bits == 16 else mne.io.read_raw_bdf
    raw = read(tmp_path / name, preload=True, verbose="error")
    emg, _ = numbers(bits)
    np.testing.assert_allclose(raw.get_data("EMG L TA")[0] * 1e6, emg * 0.1, atol=1e-3)
    assert [each["description"] for each in raw.annotations][:2] == [
        "Sleep stage N2",
        "PLM left",
    ]


def test_events_denser_than_the_records_all_survive(tmp_path):
    """A thousand marks within one second of an hour spread over the records around them."""
    events = [Event(3000 + i / 1000, 0.5, "LM", "left", "EMG L TA") for i in range(1000)]
    blocks = ([np.zeros(3600 * 4, np.int16)] for _ in range(1))
    signal = EdfSignal("EMG L TA", "uV", -100, 100, -2000, 2000, 4)
    write_edf(tmp_path / "a.edf", [signal], blocks, start=None, record_s=1, annotations=events)
    read = open_recording(tmp_path / "a.edf").events
    assert [e.onset for e in read] == [e.onset for e in events]
    assert len(edfio.read_edf(tmp_path / "a.edf").annotations) == 1000


SAMPLE = st.sampled_from([100, 128, 250, 999.7, 1000, 1024, 3])


@given(times=st.lists(st.tuples(st.integers(-9, 9_000_000), st.integers(0, 99), SAMPLE)))
def test_annotation_times_round_trip_exactly(tmp_path_factory, times):
    events = [Event(onset / rate, duration / rate, "LM") for onset, duration, rate in times]
    path = tmp_path_factory.mktemp("edf") / "a.edf"
    blocks = [[np.zeros(100, np.int16)] for _ in range(20)]
    signal = EdfSignal("EMG", "uV", -100, 100, -2000, 2000, 100)
    start = START.replace(microsecond=0)
    write_edf(path, [signal], blocks, start=start, record_s=1, annotations=events)
    read = open_recording(path).events
    assert [(e.onset, e.duration) for e in read] == sorted(
        (e.onset, e.duration) for e in events
    )


def test_memory_does_not_grow_with_the_night(tmp_path):
    block = [np.zeros(60_000, np.int16)] * 4

    def peak(blocks):
        tracemalloc.start()
        write_edf(
            tmp_path / "a.edf",
            [EMG] * 4,
            (block for _ in range(blocks)),
            start=None,
            record_s=1,
        )
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    assert peak(40) < 1.2 * peak(5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"record_s": 1 / 3}, "8 characters"),
        ({"record_s": 0}, "8 characters"),
        ({"start": datetime(1970, 1, 1)}, "1985 to 2084"),  # noqa: DTZ001
        ({"patient": "x" * 81}, "longer than the 80"),
        ({"annotations": [Event(float("nan"), 1, "LM")]}, "no finite time"),
        ({"annotations": [Event(1e6, 1, "LM")] * 5000}, "after the last record"),
    ],
)
def test_what_does_not_fit_is_one_clear_error_and_no_file(tmp_path, change, message):
    with pytest.raises(RecordingError, match=message):
        write(tmp_path / "night.edf", **change)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("signal", "block", "message"),
    [
        (EMG, [np.full(1000, 40_000, np.int32)], "outside its digital limits"),
        (EMG, [np.zeros(1001, np.int16)], "expected 1 x 1000"),
        (EMG, [np.zeros(1000)], "expected 1 x 1000 integers"),
        (
            EdfSignal("EMG", "V", -1e-9, 1e-9, -1, 1, 10),
            [np.zeros(10, np.int16)],
            "another unit",
        ),
        (
            EdfSignal("x" * 17, "uV", -1, 1, -1, 1, 10),
            [np.zeros(10, np.int16)],
            "16 characters",
        ),
        (EdfSignal("EMG", "uV", -1, 1, 5, 5, 10), [np.zeros(10, np.int16)], "digital limits"),
    ],
)
def test_samples_that_do_not_fit_are_refused(tmp_path, signal, block, message):
    with pytest.raises(RecordingError, match=message):
        write_edf(tmp_path / "a.edf", [signal], [block], start=None, record_s=1)
    assert list(tmp_path.iterdir()) == []


def test_no_records_is_an_error(tmp_path):
    with pytest.raises(RecordingError, match="no samples to write"):
        write_edf(tmp_path / "a.edf", [EMG], [], start=None, record_s=1)
