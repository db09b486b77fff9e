"""OpenBCI and OpenSignals: layouts, scales, counters that wrap, clocks that batch."""

from __future__ import annotations

import json
from datetime import datetime

import h5py
import numpy as np
import pytest

from crampwatch.recording import RecordingError, open_recording

RNG = np.random.default_rng(6)
OLD = (
    "%OpenBCI Raw EEG Data\n%\n%Sample Rate = {rate} Hz\n%First Column = SampleIndex\n"
    "%Last Column = Timestamp \n%Other Columns = EEG data in microvolts followed by Accel\n"
)
NEW = (
    "%OpenBCI Raw EXG Data\n%Number of channels = 8\n%Sample Rate = 250 Hz\n"
    "%Board = OpenBCI_GUI$BoardCytonSerial\nSample Index, "
    + "".join(f"EXG Channel {i}, " for i in range(8))
    + "Accel Channel 0, Accel Channel 1, Accel Channel 2, Other, Timestamp, Marker Channel, "
    "Timestamp (Formatted)\n"
)


def clock(seconds, batch=0.0):
    seconds = 82_800 + (np.floor(seconds / batch) * batch if batch else seconds)
    return f"{int(seconds // 3600) % 24:02}:{int(seconds // 60) % 60:02}:{seconds % 60:06.3f}"


def ganglion(index, times, values=None):
    values = RNG.normal(0, 20, (len(index), 4)).round(2) if values is None else values
    rows = [
        f"{i}, {', '.join(f'{v:.2f}' for v in row)}, 0.000, 0.000, 0.000, {clock(t, 0.015)}"
        for i, t, row in zip(index, times, values, strict=True)
    ]
    return OLD.format(rate="200.0") + "\n".join(rows) + "\n"


def cyton(index, times, marker=None, accel=None):
    values = RNG.normal(0, 20, (len(index), 8)).round(2)
    rows = []
    for k, (i, t) in enumerate(zip(index, times, strict=True)):
        g = "0.0, 0.0, 1.0" if accel is None or accel[k] else "0.0, 0.0, 0.0"
        mark = marker[k] if marker is not None else 0.0
        exg = ", ".join(str(v) for v in values[k])
        rows.append(
            f"{i}.0, {exg}, {g}, 0.0, {1_700_000_000 + t:.6f}, {mark}, "
            f"2023-11-14 23:{int(t // 60):02}:{t % 60:06.3f}"
        )
    return NEW + "\n".join(rows) + "\n"


def test_ganglion_log_of_the_old_gui(put):
    n = 2000
    values = RNG.normal(0, 20, (n, 4)).round(2)
    night = open_recording(
        put(ganglion(np.arange(n) % 201, np.arange(n) / 200, values), "a.txt")
    )
    emg = night.of_kind("emg")
    assert (night.format, len(emg), emg[0].rate_hz) == ("OpenBCI", 4, 200.0)
    np.testing.assert_allclose(emg[1].physical(0, 0, n)[:, 0], values[:, 1], atol=2e-3)
    assert (emg[0].unit, emg[0].calibrated, emg[0].gaps) == ("uV", True, ())
    assert night.of_kind("acc")[0].axes == ("x", "y", "z")


@pytest.mark.parametrize(("wrap", "lost"), [(201, 5), (201, 200), (256, 37)])
def test_index_jump_is_a_gap_modulo_the_wrap(put, wrap, lost):
    kept = np.r_[0:900, 900 + lost : 3000]
    text = ganglion(kept % wrap, kept / 200)
    night = open_recording(put(text, "a.txt"))
    gaps = night.streams[0].gaps
    assert [(g.start_s, g.duration_s) for g in gaps] == [
        (pytest.approx(4.5), pytest.approx(lost / 200))
    ]
    assert any(f"{lost} samples lost" in note for note in night.notes)
    assert night.streams[0].end_s == pytest.approx(15.0)


def test_whole_turns_are_added_only_where_the_clock_shows_them(put):
    lost = 5 + 3 * 201
    kept = np.r_[0:2000, 2000 + lost : 5000]
    night = open_recording(put(ganglion(kept % 201, kept / 200), "a.txt"))
    assert night.streams[0].gaps[0].duration_s == pytest.approx(lost / 200)
    delivered_late = kept / 200
    delivered_late[1500:1900] = kept[1900] / 200
    night = open_recording(put(ganglion(np.arange(len(kept)) % 201, delivered_late), "b.txt"))
    assert len(night.streams[0].gaps) <= 1


def test_loss_of_exact_turns_is_seen_by_the_clock_alone(put):
    kept = np.r_[0:2000, 2000 + 402 : 5000]
    night = open_recording(put(ganglion(kept % 201, kept / 200), "a.txt"))
    assert [g.duration_s for g in night.streams[0].gaps] == [pytest.approx(402 / 200)]


def test_batched_time_stamps_are_no_sample_times(put):
    n = 2000
    late = np.ceil(np.arange(n) / 200 / 0.4) * 0.4
    night = open_recording(put(ganglion(np.arange(n) % 201, late), "a.txt"))
    assert night.streams[0].gaps == ()
    assert night.duration_s == n / 200


def test_restarted_index_without_a_pause_is_a_gap_and_is_doubted(put):
    index = np.r_[np.arange(700) % 201, np.arange(900) % 201]
    night = open_recording(put(ganglion(index, np.arange(1600) / 200), "a.txt"))
    assert len(night.streams[0].gaps) == 1
    assert any("the computer's clock does not show" in note for note in night.notes)


def test_cyton_log_of_the_new_gui(put):
    n = 1500
    marker = np.zeros(n)
    marker[500] = 3.0
    night = open_recording(put(cyton(np.arange(n) % 256, np.arange(n) / 250, marker), "a.txt"))
    assert len(night.of_kind("emg")) == 8
    acc = night.of_kind("acc")[0]
    assert (acc.unit, acc.calibrated, acc.n_samples) == ("g", True, n)
    assert night.start == datetime(2023, 11, 14, 23, 0)  # noqa: DTZ001
    assert night.devices == ("BoardCytonSerial",)
    assert [(e.onset, e.extra["text"]) for e in night.events] == [(2.0, "3")]


def test_slow_accelerometer_between_zeros_gets_its_own_rate(put):
    n = 1500
    text = cyton(np.arange(n) % 256, np.arange(n) / 250, accel=np.arange(n) % 10 == 0)
    acc = open_recording(put(text, "a.txt")).of_kind("acc")[0]
    assert (acc.rate_hz, acc.n_samples) == (25.0, 150)


def test_index_that_counts_pairs(put):
    packets = np.r_[0:300, 310:600]
    index = np.repeat(packets % 101, 2)
    times = np.repeat(packets, 2) / 100
    night = open_recording(put(ganglion(index, times), "a.txt"))
    assert [g.duration_s for g in night.streams[0].gaps] == [pytest.approx(20 / 200)]


def test_dead_stretch_stays_data_and_damaged_lines_are_told(put):
    lines = ganglion(
        np.arange(600) % 201, np.arange(600) / 200, np.zeros((600, 4))
    ).splitlines()
    lines[200] = "garbage"
    night = open_recording(put("\n".join(lines), "a.txt"))
    assert night.of_kind("emg")[0].n_samples == 599
    assert any("1 lines are damaged" in note for note in night.notes)


def test_date_of_the_file_name_completes_the_clock(put):
    text = ganglion(np.arange(300) % 201, np.arange(300) / 200)
    night = open_recording(put(text, "OpenBCI-RAW-2019-05-24_22-59-31.txt"))
    assert night.start == datetime(2019, 5, 24, 23, 0)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("%OpenBCI Raw EEG Data\n", "ends with its header"),
        ("%OpenBCI Raw EEG Data\n1, 2, 3, 4\n", "sampling rate"),
        ("%OpenBCI\n%Sample Rate = 0 Hz\n1, 2, 3\n", "sampling rate"),
        ("%OpenBCI\n%Sample Rate = 200 Hz\nx\n", "no EXG channels"),
        ("%OpenBCI\n%Sample Rate = 200 Hz\na, 1, 2, 3\nb, c\n", "no rows"),
    ],
)
def test_openbci_log_without_sense_is_one_line(put, text, message):
    with pytest.raises(RecordingError, match=message):
        open_recording(put(text, "a.txt"))


def opensignals(facts, rows, key="00:07:80:AA:BB:CC"):
    header = "# OpenSignals Text File Format. Version 1\n# " + json.dumps({key: facts})
    body = "\n".join("\t".join(str(cell) for cell in row) + "\t" for row in rows)
    return f"{header}\n# EndOfHeader\n{body}\n"


PLUX = {
    "sensor": ["EMG", "XYZ", "XYZ", "XYZ"], "label": ["CH1", "CH2", "CH3", "CH4"],
    "column": ["nSeq", "DI", "CH1", "CH2", "CH3", "CH4"], "resolution": [16, 16, 16, 16],
    "sampling rate": 1000, "device": "biosignalsplux", "date": "2026-3-9", "time": "23:5:7.069",
}  # fmt: skip
BITALINO = {
    "sensor": ["EMGBITREV", "RAW"], "label": ["A1", "A2"],
    "column": ["nSeq", "I1", "I2", "O1", "O2", "A1", "A2"],
    "resolution": [4, 1, 1, 1, 1, 10, 10],
    "sampling rate": 100, "device": "bitalino_rev", "date": "2026-3-9", "time": "23:5:7",
}  # fmt: skip


def test_biosignalsplux_scale_is_the_makers_transfer_function(put):
    raw = 32768 + RNG.integers(-2000, 2000, 500)
    rows = [(i, 0, raw[i], 33000, 33000, 38000) for i in range(500)]
    night = open_recording(put(opensignals(PLUX, rows), "a.txt"))
    emg, acc = night.streams
    expected = (raw / 2**16 - 0.5) * 3.0 / 1000 * 1e6
    np.testing.assert_allclose(emg.physical(0, 0, 500)[:, 0], expected, atol=1e-3)
    assert (emg.unit, emg.calibrated, emg.raw_limits) == ("uV", True, (0.0, 65535.0))
    np.testing.assert_allclose(acc.physical(0, 0, 1), [[0.0, 0.0, 1.0]], atol=1e-6)
    assert (acc.unit, acc.calibrated) == ("g", False)
    assert night.start == datetime(2026, 3, 9, 23, 5, 7, 69_000)  # noqa: DTZ001


def test_bitalino_scale_and_four_bit_counter(put):
    kept = np.r_[0:200, 205:400]
    raw = 512 + RNG.integers(-100, 100, len(kept))
    rows = [(i % 16, 0, 0, 0, 0, v, 500) for i, v in zip(kept, raw, strict=True)]
    night = open_recording(put(opensignals(BITALINO, rows), "a.txt"))
    emg, other = night.streams
    expected = (raw / 2**10 - 0.5) * 3.3 / 1009 * 1e6
    np.testing.assert_allclose(emg.physical(0, 0, 200)[:, 0], expected[:200], rtol=1e-5)
    assert [g.duration_s for g in emg.gaps] == [pytest.approx(0.05)]
    assert any("modulo 16" in note for note in night.notes)
    assert (other.kind, other.unit) == ("other", "count")
    mapped = open_recording(
        put(opensignals(BITALINO, rows), "a.txt"), label_map={"A2": "EMG L GM"}
    )
    assert (mapped.streams[1].kind, mapped.streams[1].calibrated) == ("emg", False)


@pytest.mark.parametrize("wrap", [2**15, 2**16])
def test_plux_counter_wraps(put, wrap):
    kept = np.r_[wrap - 500 : wrap + 300, wrap + 307 : wrap + 900]
    rows = [(i % wrap, 0, 32768, 0, 0, 0) for i in kept]
    night = open_recording(put(opensignals(PLUX, rows), "a.txt"))
    assert [g.duration_s for g in night.streams[0].gaps] == [pytest.approx(0.007)]


def test_plux_counter_that_saturates_is_no_loss(put):
    rows = [(min(i, 65535), 0, 32768, 0, 0, 0) for i in range(65_300, 65_900)]
    night = open_recording(put(opensignals(PLUX, rows), "a.txt"))
    assert night.streams[0].gaps == ()
    assert any("stops at 65535" in note for note in night.notes)


def test_two_devices_in_one_text_file(put):
    header = json.dumps({"A": PLUX, "B": PLUX | {"sensor": ["EMG"], "label": ["CH1"],
                         "column": ["nSeq", "DI", "CH1"], "resolution": [16]}})  # fmt: skip
    rows = "\n".join(f"{i}\t0\t32768\t1\t2\t3\t{i}\t0\t40000" for i in range(50))
    text = f"# OpenSignals Text File Format\n# {header}\n# EndOfHeader\n{rows}\n"
    night = open_recording(put(text, "a.txt"))
    assert [s.label for s in night.streams] == ["EMG", "ACC", "EMG 2"]
    assert night.streams[2].segments[0].source.read(0, 1)[0, 0] == 40_000


@pytest.mark.parametrize(
    "change",
    [
        {"sampling rate": 0},
        {"sampling rate": "x"},
        {"sampling rate": 1e300},
        {"column": 7},
        {"column": ["nSeq"]},
        {"label": [], "sensor": []},
        {"label": ["x"] * 500},
    ],
)
def test_opensignals_header_that_lies_is_one_line(put, change):
    with pytest.raises(RecordingError) as error:
        open_recording(put(opensignals(PLUX | change, [(0, 0, 1, 2, 3, 4)] * 9), "a.txt"))
    assert "a.txt" in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "# OpenSignals Text File Format\n",
        "# OpenSignals Text File Format\n# {broken\n# EndOfHeader\n1\t2\n",
        "# OpenSignals Text File Format\n# []\n# EndOfHeader\n1\t2\n",
        "# OpenSignals Text File Format\n# " + "{" * 5000 + "\n# EndOfHeader\n1\t2\n",
        "# OpenSignals Text File Format\n# {}\n# EndOfHeader\n",
    ],
)
def test_opensignals_header_that_is_broken(put, text):
    with pytest.raises(RecordingError):
        open_recording(put(text, "a.txt"))


def hdf5(path, channels=("EMG",), n=3000, counter=None, **attributes):
    with h5py.File(path, "w") as file:
        group = file.create_group("00:07:80:AA:BB:CC")
        group.attrs.update(
            {"channels": np.arange(1, len(channels) + 1), "sampling rate": 1000,
             "resolution": np.full(len(channels), 16), "device": "biosignalsplux",
             "date": "2026-3-9", "time": "23:5:7.069"} | attributes
        )  # fmt: skip
        raw = group.create_group("raw")
        numbers = np.arange(n) % 65536 if counter is None else counter
        raw.create_dataset("nSeq", data=numbers[:, None].astype(np.uint16), chunks=(1024, 1))
        for place, sensor in enumerate(channels, start=1):
            data = 32768 + RNG.integers(-900, 900, (n, 1))
            dataset = raw.create_dataset(f"channel_{place}", data=data, chunks=(1024, 1))
            dataset.attrs["label"], dataset.attrs["sensor"] = f"CH{place}", sensor
    return path


def test_hdf5_is_read_by_the_chunk_with_its_gaps(tmp_path):
    counter = np.r_[0:1000, 1010:3010]
    night = open_recording(hdf5(tmp_path / "a.h5", ("EMG", "ACC", "ACC", "ACC"), 3000, counter))
    emg, acc = night.streams
    assert (night.format, emg.unit, emg.calibrated) == ("OpenSignals HDF5", "uV", True)
    assert [len(s) for s in emg.segments] == [1000, 2000]
    assert emg.segments[1].start_s == pytest.approx(1.01)
    assert emg.segments[1].source.read(10, 20).shape == (10, 1)
    assert acc.axes == ("x", "y", "z")


def test_hdf5_that_is_no_opensignals_file(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"] = np.zeros(5)
    with pytest.raises(RecordingError, match="no OpenSignals recording"):
        open_recording(tmp_path / "a.h5")


@pytest.mark.parametrize("hostile", ["claims", "text", "wide", "external", "gone"])
def test_hostile_hdf5_is_one_line_in_bounded_memory(tmp_path, hostile):
    path = hdf5(tmp_path / "a.h5")
    with h5py.File(path, "a") as file:
        raw = file["00:07:80:AA:BB:CC/raw"]
        del raw["channel_1"]
        if hostile == "claims":
            raw.create_dataset("channel_1", (2**40, 1), "u2", chunks=(1024, 1))
        elif hostile == "text":
            raw["channel_1"] = "hello"
        elif hostile == "wide":
            raw["channel_1"] = np.zeros((10, 10))
        elif hostile == "external":
            raw["channel_1"] = h5py.ExternalLink("/nowhere.h5", "/x")
    with pytest.raises(RecordingError, match=r"a\.h5"):
        open_recording(path)


def test_scrambled_text_heap_is_refused_before_the_library_loops(tmp_path):
    """The size of the free space in a global heap lies: the HDF5 library would not return."""
    path = hdf5(tmp_path / "a.h5")
    content = bytearray(path.read_bytes())
    place = content.index(b"GCOL") + 16
    while int.from_bytes(content[place : place + 2], "little"):
        size = int.from_bytes(content[place + 8 : place + 16], "little")
        place += 16 + -(-size // 8) * 8
    content[place + 8 : place + 16] = (49).to_bytes(8, "little")
    path.write_bytes(bytes(content))
    with pytest.raises(RecordingError, match="damaged"):
        open_recording(path)
