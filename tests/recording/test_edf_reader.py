"""EDF, EDF+ and BDF: what is read, when it lies, and how little of the file is touched."""

from __future__ import annotations

import mmap
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.recording import RecordingError, open_recording
from crampwatch.recording.readers.edf_records import Records, RecordSource
from crampwatch.recording.writers.edf import EdfSignal, write_edf


def whole(stream):
    parts = [segment.source.read(0, len(segment)) for segment in stream.segments]
    return np.concatenate(parts)[:, 0]


def test_edf_gives_raw_numbers_scale_labels_and_start(edf, put):
    night = open_recording(put(edf.build()))
    emg, acc = night.streams
    assert (night.format, night.start) == ("EDF", datetime(2026, 11, 22, 23, 15))  # noqa: DTZ001
    assert (emg.label, emg.kind, emg.side, emg.placement) == ("EMG L TA", "emg", "left", "TA")
    assert (emg.rate_hz, emg.unit, emg.calibrated) == (200.0, "uV", True)
    assert emg.raw_limits == (-32768.0, 32767.0)
    np.testing.assert_array_equal(whole(emg), edf.signals[0].records.ravel())
    np.testing.assert_allclose(emg.physical(0, 0, 3)[:, 0], [-50.0, -49.9, -49.8], atol=1e-4)
    assert (acc.kind, acc.unit, acc.rate_hz, acc.n_samples) == ("acc", "g", 20.0, 200)
    assert not emg.physical(0, 0, 3).flags.writeable


@pytest.mark.parametrize(("start", "stop"), [(0, 2000), (150, 450), (199, 201), (5, 9), (7, 7)])
def test_edf_reads_any_stretch_across_records(edf, put, start, stop):
    emg = open_recording(put(edf.build())).streams[0]
    expected = edf.signals[0].records.ravel()[start:stop]
    np.testing.assert_array_equal(emg.segments[0].source.read(start, stop)[:, 0], expected)


def test_bdf_reads_signed_24_bit_numbers(edf, signal, put):
    values = np.array([[0, 1, -1, 8388607], [-8388608, 70000, -70000, 5]])
    bdf = edf.but(
        signals=(
            signal("EMG R GM", values, "uV", ("-262144", "262143"), ("-8388608", "8388607")),
        ),
        width=3,
        reserved="24BIT",
    )
    night = open_recording(put(bdf.build(), "night.bdf"))
    np.testing.assert_array_equal(whole(night.streams[0]), values.ravel())
    assert night.format == "BDF"


def test_fractional_record_durations_and_odd_rates_are_exact(edf, signal, put):
    odd = edf.but(signals=(signal("EMG L TA", np.zeros((2, 9997))),), record_s="10")
    assert open_recording(put(odd.build())).streams[0].rate_hz == 999.7
    half = edf.but(signals=(signal("EMG L TA", np.zeros((2, 25))),), record_s="0.125")
    assert open_recording(put(half.build())).streams[0].rate_hz == 200.0


@pytest.mark.parametrize(
    ("samples", "record_s"),
    [
        (100, 1),
        (128, 1),
        (250, 1),
        (256, 1),
        (500, 1),
        (512, 1),
        (1000, 1),
        (1024, 1),
        (9997, 10),
    ],
)
def test_times_are_exact_to_the_sample_grid_at_hour_eight(
    discontinuous, signal, put, samples, record_s
):
    """A record after a gap of eight hours lies where it is stamped, samples on the grid."""
    rate = Fraction(samples, record_s)
    late = 8 * 3600
    records = np.arange(3 * samples).reshape(3, samples) % 2000
    onsets = ("+0", f"+{late}", f"+{late + record_s}")
    file = discontinuous(onsets, signals=(signal("EMG L TA", records),), record_s=str(record_s))
    stream = open_recording(put(file.build())).streams[0]
    assert len(stream.segments) == 2
    assert stream.segments[1].start_s == late
    index = 2 * samples - 1
    exact = late + Fraction(index) / rate
    assert abs(stream.segments[1].start_s + index / stream.rate_hz - float(exact)) < 1e-9
    np.testing.assert_array_equal(whole(stream), records.ravel())


def test_edf_plus_d_keeps_gaps_and_joins_contiguous_records(discontinuous, put):
    onsets = ["+0", "+1", "+2", "+5.5", "+6.5", "+7.5", "+8.5", "+9.5", "+100", "+101"]
    night = open_recording(put(discontinuous(onsets).build()))
    emg = night.streams[0]
    assert [(s.start_s, len(s)) for s in emg.segments] == [(0, 600), (5.5, 1000), (100, 400)]
    assert [(g.start_s, g.duration_s) for g in emg.gaps] == [(3.0, 2.5), (10.5, 89.5)]
    assert night.format == "EDF+D"
    assert night.duration_s == 102.0


GAPS = st.lists(st.just(0) | st.integers(1, 90_000), min_size=1, max_size=30)


@given(gaps=GAPS, samples=st.sampled_from([100, 128, 512, 1024, 9997]))
def test_edf_plus_d_any_gaps_come_back(edf_d_any, gaps, samples):
    """Every record lies where it is stamped, whatever the gaps (in tenths of a second)."""
    record_s = 10 if samples == 9997 else 1
    stamps = [record_s * i + gap / 10 for i, gap in enumerate(np.cumsum([0, *gaps]).tolist())]
    stream = edf_d_any(stamps, samples, record_s)
    times = np.concatenate(
        [s.start_s + np.arange(len(s)) / stream.rate_hz for s in stream.segments]
    )
    expected = np.concatenate([t + np.arange(samples) * record_s / samples for t in stamps])
    np.testing.assert_allclose(times, expected, rtol=0, atol=1e-8)
    assert len(stream.gaps) == sum(gap > 0 for gap in gaps)


@pytest.fixture(scope="module")
def edf_d_any(tmp_path_factory, edf):
    path = tmp_path_factory.mktemp("edf") / "night.edf"
    signal = type(edf.signals[0])

    def make(stamps, samples, record_s):
        tals = tuple(f"+{stamp:.1f}\x14\x14\0".encode() for stamp in stamps)
        records = np.zeros((len(stamps), samples), np.int16)
        file = edf.but(
            signals=(signal("EMG L TA", records),), tals=tals, reserved="EDF+D",
            record_s=str(record_s),
        )  # fmt: skip
        path.write_bytes(file.build())
        return open_recording(path).streams[0]

    return make


def test_edf_plus_d_small_jitter_of_stamps_is_no_gap(discontinuous, put):
    onsets = [f"+{i + 0.002 * (i % 2):.3f}" for i in range(10)]
    assert len(open_recording(put(discontinuous(onsets).build())).streams[0].segments) == 1


def test_edf_plus_d_drift_beyond_half_a_sample_is_seen(discontinuous, put):
    onsets = [f"+{i * 1.001:.4f}" for i in range(10)]
    assert len(open_recording(put(discontinuous(onsets).build())).streams[0].segments) > 1


@pytest.mark.parametrize(
    ("onsets", "note"),
    [
        (["+0", "+1", "+1.5", "+3", "+4", "+5", "+6", "+7", "+8", "+9"], "before the end"),
        (["+0", "+1", "+2", "+0", "+1", "+2", "+3", "+4", "+5", "+6"], "before the end"),
        (["+0", "+1", "nan", "+3", "+4", "+5", "+6", "+7", "+8", "+9"], "no readable time"),
        (
            ["+0", "+1", "+999999999999", "+3", "+4", "+5", "+6", "+7", "+8", "+9"],
            "no readable",
        ),
    ],
)
def test_edf_plus_d_impossible_times_are_told_and_lived_with(discontinuous, put, onsets, note):
    night = open_recording(put(discontinuous(onsets).build()))
    assert any(note in each for each in night.notes)
    emg = night.streams[0]
    assert emg.n_samples == 2000
    assert all(gap.duration_s > 0 for gap in emg.gaps)


def test_start_moves_to_the_first_record(discontinuous, put):
    onsets = [f"+{i + 0.25}" for i in range(10)]
    night = open_recording(put(discontinuous(onsets).build()))
    assert night.start == datetime(2026, 11, 22, 23, 15, 0, 250_000)  # noqa: DTZ001
    assert night.streams[0].start_s == 0.0


def test_annotations_become_events_and_stages_get_our_names(discontinuous, put):
    tals = [f"+{i}\x14\x14\0".encode() for i in range(10)]
    tals[0] += b"+0\x1530\x14Sleep stage 2\x14\0+1.25\x150.5\x14LM left@@EMG L TA\x14\0"
    tals[3] += "+3.5\x14Tür auf\x14zweites\x14\0".encode()
    file = discontinuous((), tals=tuple(tals), reserved="EDF+C", tal_bytes=100)
    night = open_recording(put(file.build()))
    seen = [(e.onset, e.duration, e.trial_type, e.side, e.channel) for e in night.events]
    assert seen == [
        (0.0, 30.0, "sleep_N2", None, None),
        (1.25, 0.5, "LM", "left", "EMG L TA"),
        (3.5, 0.0, "marker", None, None),
        (3.5, 0.0, "marker", None, None),
    ]
    assert [e.extra.get("text") for e in night.events[2:]] == ["Tür auf", "zweites"]


def test_bad_gap_annotation_opens_as_a_gap(discontinuous, put):
    tals = [f"+{i}\x14\x14\0".encode() for i in range(10)]
    tals[2] += b"+2.5\x153\x14BAD_gap\x14\0"
    tals[9] += b"+9.5\x150.5\x14BAD_gap\x14\0+9\x150.1\x14BAD_gap@@ACC L X\x14\0"
    file = discontinuous((), tals=tuple(tals), reserved="EDF+C", tal_bytes=120)
    emg, acc = open_recording(put(file.build())).streams
    assert [(s.start_s, len(s)) for s in emg.segments] == [(0.0, 500), (5.5, 800)]
    assert [(s.start_s, len(s)) for s in acc.segments] == [(0.0, 50), (5.5, 70), (9.1, 8)]
    raw = file.signals[0].records.ravel()
    np.testing.assert_array_equal(emg.segments[1].source.read(0, 800)[:, 0], raw[1100:1900])


def test_header_without_number_of_records_is_measured(edf, put):
    night = open_recording(put(edf.but(count="-1").build()))
    assert night.streams[0].n_samples == 2000
    assert any("does not know the number of records" in note for note in night.notes)


def test_truncated_file_keeps_whole_records_and_says_so(edf, put):
    night = open_recording(put(edf.build()[:-100]))
    assert night.streams[0].n_samples == 1800
    assert any("truncated" in note for note in night.notes)
    assert any("last record is cut off" in note for note in night.notes)


def test_surplus_records_are_told(edf, put):
    night = open_recording(put(edf.but(count="6").build()))
    assert night.streams[0].n_samples == 1200
    assert any("4 records follow" in note for note in night.notes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_signals": "0"}, "holds no signals"),
        ({"n_signals": "-2"}, "number of signals"),
        ({"n_signals": "9000"}, "ends inside its header"),
        ({"record_s": "0"}, "last 0 s"),
        ({"record_s": "-1"}, "duration of a record"),
        ({"record_s": "nan"}, "duration of a record"),
        ({"record_s": "1e99999"}, "duration of a record"),
    ],
)
def test_header_that_leaves_no_way_is_one_clear_error(edf, put, changes, message):
    with pytest.raises(RecordingError, match=message) as error:
        open_recording(put(edf.but(**changes).build()))
    assert "night.edf" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "content",
    [b"", b"0", b"0       ", b"0       " + b"x" * 300, b"not an EDF file at all " * 40],
)
def test_what_is_no_edf_is_refused(put, content):
    with pytest.raises(RecordingError):
        open_recording(put(content))


def test_absurd_sample_counts_take_no_memory(edf, signal, put):
    huge = edf.but(signals=(signal("EMG L TA", np.zeros((2, 4)), samples="99999999"),))
    with pytest.raises(RecordingError, match="no whole record"):
        open_recording(put(huge.build()))


@pytest.mark.parametrize(
    "changes",
    [
        {"physical": ("5", "5")},
        {"digital": ("7", "7")},
        {"physical": ("abc", "5")},
        {"physical": ("nan", "inf")},
    ],
)
def test_limits_without_a_scale_give_counts(edf, signal, put, changes):
    file = edf.but(signals=(signal("EMG L TA", edf.signals[0].records, **changes),))
    night = open_recording(put(file.build()))
    assert (night.streams[0].unit, night.streams[0].calibrated) == ("count", False)
    assert any("scale" in note for note in night.notes)


def test_samples_beyond_the_digital_limits_are_told(edf, signal, put):
    file = edf.but(signals=(signal("EMG L TA", edf.signals[0].records, digital=("-10", "10")),))
    stream = open_recording(put(file.build())).streams[0]
    assert stream.raw_limits is None
    assert any("exceed the digital limits" in note for note in stream.notes)


def test_header_in_latin_1_is_read(edf, signal, put):
    file = edf.but(signals=(signal("Bein links \xb5", edf.signals[0].records, unit="\xb5V"),))
    stream = open_recording(put(file.build())).streams[0]
    assert (stream.label, stream.unit, stream.calibrated) == ("EMG L TA", "uV", True)


def test_anonymous_start_is_none(edf, put):
    file = edf.but(
        start="01.01.8500.00.00", recording="Startdate X X X X", reserved="EDF+C",
        tals=tuple(f"+{i}\x14\x14\0".encode() for i in range(10)),
    )  # fmt: skip
    assert open_recording(put(file.build())).start is None


def test_file_with_annotations_alone_is_no_recording(edf, put):
    file = edf.but(signals=(), tals=(b"+0\x14\x14\0+1\x14x\x14\0",), reserved="EDF+C")
    with pytest.raises(RecordingError, match="annotations but no samples"):
        open_recording(put(file.build()))


def test_one_signal_is_read_without_the_others(edf, put, monkeypatch):
    """Reading touches only the bytes of the asked signal in the asked records."""
    touched = []
    plain = Records.take

    def watched(self, first, last, begin, end):
        touched.append((first, last, begin, end))
        return plain(self, first, last, begin, end)

    night = open_recording(put(edf.build()))
    monkeypatch.setattr(Records, "take", watched)
    night.streams[1].segments[0].source.read(30, 75)
    assert touched == [(1, 2, 420, 440), (2, 3, 400, 440), (3, 4, 400, 430)]


def test_what_was_read_is_given_back_to_the_system(tmp_path):
    """Resident memory stays flat while a file much larger than a read is gone through."""
    signals = [EdfSignal("EMG L TA", "uV", -100, 100, -2000, 2000, 1000)]
    block = [np.ones(1000 * 600, np.int16)]
    path = tmp_path / "night.edf"
    write_edf(path, signals, (block for _ in range(80)), start=None, record_s=1)
    stream = open_recording(path).streams[0]
    before = resident()
    total = sum(int(raw.sum()) for _, _, raw in stream.chunks(60))
    assert total == 48_000_000
    assert resident() - before < 30_000_000


def resident():
    """Return resident memory, bytes; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE
    except OSError:
        return 0


def test_a_single_huge_record_is_read_in_parts(edf, signal, put):
    values = np.arange(400_000).reshape(1, -1) % 30_000
    file = edf.but(signals=(signal("EMG L TA", values),), record_s="400")
    source = open_recording(put(file.build())).streams[0].segments[0].source
    np.testing.assert_array_equal(
        source.read(123_456, 123_460)[:, 0], values[0, 123_456:123_460]
    )


def test_eight_hours_open_without_being_read(tmp_path, monkeypatch):
    """Opening maps the samples: what is read is the header, the annotations and excerpts."""
    signals = [EdfSignal(f"EMG {s} TA", "uV", -100, 100, -2000, 2000, 128) for s in "LR"]
    block = [np.zeros(128 * 600, np.int16)] * 2
    path = tmp_path / "night.edf"
    write_edf(path, signals, (block for _ in range(48)), start=None, record_s=1)
    read = 0
    plain = RecordSource.read

    def counting(self, start, stop):
        nonlocal read
        values = plain(self, start, stop)
        read += values.nbytes
        return values

    monkeypatch.setattr(RecordSource, "read", counting)
    night = open_recording(path)
    assert night.duration_s == 28_800
    assert read < 50_000 < path.stat().st_size / 100


def test_rate_given_for_a_file_that_states_its_own_is_not_used(edf, put):
    night = open_recording(put(edf.build()), rate_hz=500)
    assert night.streams[0].rate_hz == 200.0
    assert any("not used" in note for note in night.notes)
