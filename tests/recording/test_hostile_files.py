"""No file, however broken, gives anything but a night or one clear line."""

from __future__ import annotations

import io
import tracemalloc
from datetime import datetime

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crampwatch.recording import Night, RecordingError, open_recording
from crampwatch.recording.annotations.tsv import read_events
from crampwatch.recording.readers.open import sniff

START = datetime(2026, 1, 1)  # noqa: DTZ001
SUFFIXES = st.sampled_from([".edf", ".bdf", ".txt", ".csv", ".tsv", ".h5", ""])


def look(path, **options):
    """Open a file and read a little of everything, as a detector would."""
    try:
        night = open_recording(path, **options)
        for stream in night.streams:
            for number, segment in enumerate(stream.segments[:3]):
                stream.physical(number, 0, min(len(segment), 100))
                last = stream.physical(number, max(0, len(segment) - 5), len(segment))
                assert last.dtype == np.float32
            starts = [segment.start_s for segment in stream.segments]
            assert starts == sorted(starts)
            assert all(np.isfinite(starts))
            assert np.isfinite(stream.end_s)
    except RecordingError as error:
        is_one_line(str(error))
        return None
    assert isinstance(night, Night)
    return night


def is_one_line(message):
    assert "\n" not in message
    assert len(message) < 2_000


def examples(edf):
    """One small valid file of every format."""
    tals = [f"+{i + 3 * (i > 4)}\x14\x14\0".encode() for i in range(10)]
    tals[1] += b"+1.5\x152\x14BAD_gap\x14\0+0\x1530\x14Sleep stage 2\x14\0"
    plain = "%OpenBCI Raw EEG Data\n%Sample Rate = 200.0 Hz\n" + "".join(
        f"{i % 201}, {i % 17}.5, -1.25, 0.0, 3.5, 0.0, 0.1, 1.0, 11:02:{i / 200:06.3f}\n"
        for i in range(300)
        if not 120 < i < 131
    )
    named = (
        "%OpenBCI Raw EXG Data\n%Number of channels = 2\n%Sample Rate = 250 Hz\n"
        "%Board = OpenBCI_GUI$BoardCytonSerial\nSample Index, EXG Channel 0, EXG Channel 1, "
        "Accel Channel 0, Accel Channel 1, Accel Channel 2, Timestamp, Marker Channel, "
        "Timestamp (Formatted)\n"
    ) + "".join(
        f"{i % 256}.0, {i % 7}.25, 4.5, 0.0, 0.0, 1.0, {1.7e9 + i / 250:.6f}, {i // 150}, "
        f"2023-11-14 22:13:{i / 250:06.3f}\n"
        for i in range(250)
    )
    plux = (
        '# OpenSignals Text File Format\n# {"A": {"sensor": ["EMG", "RAW"], "label": ["CH1", '
        '"CH2"], "column": ["nSeq", "DI", "CH1", "CH2"], "resolution": [16, 16], "device": '
        '"biosignalsplux", "sampling rate": 1000, "date": "2026-1-2", "time": "3:4:5.67"}}\n'
        "# EndOfHeader\n"
    ) + "".join(f"{i}\t0\t{32000 + i}\t5\t\n" for i in range(200))
    table = "time,EMG L TA [uV],acc_x (g),note\n" + "".join(
        f"{i / 100 + (i > 50)},{i % 13}.5,{'' if i % 10 else 1},x\n" for i in range(150)
    )
    return {
        ".edf": edf.but(tals=tuple(tals), reserved="EDF+D", tal_bytes=100).build(),
        ".bdf": edf.but(width=3).build(),
        ".txt": plain.encode(),
        ".log": named.encode(),
        ".plux": plux.encode(),
        ".csv": table.encode(),
    }


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


@given(content=st.binary(max_size=600), suffix=SUFFIXES)
def test_arbitrary_bytes(scratch, content, suffix):
    path = scratch / f"any{suffix}"
    path.write_bytes(content)
    look(path)
    look(path, rate_hz=100.0)


@given(content=st.text(max_size=300), suffix=SUFFIXES)
def test_arbitrary_text(scratch, content, suffix):
    path = scratch / f"text{suffix}"
    path.write_bytes(content.encode("utf-8", "surrogatepass"))
    look(path, rate_hz=100.0, unit="uV")


LINES = st.lists(
    st.lists(
        st.sampled_from(
            ["1", "-2.5", "nan", "", "x", "1e999", "0x1", "11:02:46.251", "1_0", "٣"]
        )
        | st.floats(allow_nan=True).map(str),
        max_size=6,
    ).map(",".join),
    max_size=12,
).map("\n".join)
OPENSIGNALS = (
    '# OpenSignals\n# {"A": {"label": ["a"], "column": ["nSeq", "a"], "sampling rate": 9}}\n'
    "# EndOfHeader\n"
)
HEADS = st.sampled_from(
    [
        "time,a,b\n",
        "%OpenBCI Raw EEG Data\n%Sample Rate = 200 Hz\n",
        "%OpenBCI\n%Sample Rate = 1 Hz\nSample Index, EXG Channel 0, Timestamp\n",
        OPENSIGNALS,
    ]
)


@given(head=HEADS, body=LINES)
def test_valid_headers_over_arbitrary_rows(scratch, head, body):
    path = scratch / "rows.txt"
    path.write_text(head + body, encoding="utf-8")
    look(path)
    look(path, rate_hz=10.0)


LIES = st.sampled_from([b"-1", b"99999999", b"nan", b"\n"])


@given(data=st.data())
@settings(max_examples=300)
def test_mutated_files_of_every_format(scratch, edf, data):
    kinds = examples(edf)
    suffix = data.draw(st.sampled_from(sorted(kinds)))
    content = bytearray(kinds[suffix])
    for _ in range(data.draw(st.integers(0, 6))):
        last = len(content) - 1
        at = data.draw(st.integers(0, min(last, 1500)) | st.integers(0, last))
        piece = data.draw(st.binary(max_size=9) | LIES)
        kept = data.draw(st.integers(0, 9))
        content[at : at + kept] = piece
    end = data.draw(st.none() | st.integers(0, len(content)))
    path = scratch / f"mutated{suffix}"
    path.write_bytes(bytes(content[:end]))
    look(path)


def test_valid_examples_are_valid(scratch, edf):
    for suffix, content in examples(edf).items():
        path = scratch / f"valid{suffix}"
        path.write_bytes(content)
        assert look(path) is not None, suffix


@given(data=st.data())
@settings(max_examples=100)
def test_hdf5_cut_anywhere(scratch, data):
    """Cut, not scrambled: the HDF5 library itself may crash on scrambled files."""
    stored = io.BytesIO()
    with h5py.File(stored, "w") as file:
        group = file.create_group("A")
        group.attrs.update({"channels": [1], "sampling rate": 100, "resolution": [16]})
        group["raw/nSeq"] = np.arange(300)[:, None]
        group["raw/channel_1"] = np.arange(300, dtype="u2")[:, None]
        group["raw/channel_1"].attrs.update({"label": "CH1", "sensor": "EMG"})
    content = stored.getvalue()
    path = scratch / f"cut{data.draw(st.integers(0, 10**9))}.h5"
    path.write_bytes(content[: data.draw(st.integers(8, len(content)))])
    look(path)
    path.unlink()


@pytest.mark.parametrize("field", range(0, 256, 8))
@pytest.mark.parametrize(
    "text", [b"99999999", b"-1      ", b"        ", b"\xff\xff\0\0\0\0\0\0"]
)
def test_every_field_of_the_edf_header_can_lie(scratch, edf, field, text):
    content = bytearray(edf.build())
    content[field : field + 8] = text
    path = scratch / "lying.edf"
    path.write_bytes(bytes(content))
    tracemalloc.start()
    look(path)
    highest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert highest < 5_000_000


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04" + b"x" * 50, "ZIP archive or a spreadsheet"),
        (b"\x1f\x8b" + b"x" * 50, "gzip"),
        (b"MATLAB 5.0 MAT-file", "MATLAB"),
        (b"\x89MCAP0\r\n", "MCAP"),
        (b"\x00\x01\x02" * 50, "no format that is supported"),
        (b"", "the file is empty"),
    ],
)
def test_foreign_formats_are_named_with_the_way_out(tmp_path, content, message):
    path = tmp_path / "night.bin"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=message):
        open_recording(path)


def test_content_decides_not_the_name(tmp_path, edf):
    path = tmp_path / "night.csv"
    path.write_bytes(edf.build())
    assert sniff(path) == "edf"
    assert open_recording(path).format == "EDF"


@pytest.mark.parametrize("name", ["missing.edf", "a\0b", "x" * 5000])
def test_path_that_cannot_be_read(tmp_path, name):
    with pytest.raises(RecordingError, match="cannot read"):
        open_recording(f"{tmp_path}/{name}")
    with pytest.raises(RecordingError, match="cannot read"):
        read_events(f"{tmp_path}/{name}")


def test_folder_with_one_recording_is_that_recording(tmp_path, edf):
    emg = tmp_path / "sub-01" / "ses-1" / "emg"
    emg.mkdir(parents=True)
    (emg / "sub-01_task-sleep_emg.edf").write_bytes(edf.build())
    (emg / "sub-01_task-sleep_events.tsv").write_text("onset\tduration\ttrial_type\n")
    (emg / "sub-01_task-sleep_channels.tsv").write_text("name\ttype\n")
    (tmp_path / "sub-01" / "README.txt").write_text("hello, world\n")
    (tmp_path / "sub-01" / ".hidden.edf").write_bytes(edf.build())
    night = open_recording(tmp_path / "sub-01")
    assert night.source == emg / "sub-01_task-sleep_emg.edf"


def test_folder_with_several_recordings_names_them(tmp_path, edf):
    for name in ("one.edf", "two.edf"):
        (tmp_path / name).write_bytes(edf.build())
    with pytest.raises(RecordingError, match=r"several recordings: one\.edf, two\.edf"):
        open_recording(tmp_path)


def test_empty_folder_says_so(tmp_path):
    with pytest.raises(RecordingError, match="no recording in this folder"):
        open_recording(tmp_path)
