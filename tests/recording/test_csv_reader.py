"""Plain CSV: rates, gaps, units, and what cannot be read."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from crampwatch.recording import RecordingError, open_recording

RNG = np.random.default_rng(5)


def table(header, columns, separator=","):
    rows = [separator.join(str(cell) for cell in row) for row in zip(*columns, strict=True)]
    return "\n".join([header, *rows, ""])


def noise(n, size=20.0):
    return np.round(RNG.standard_normal(n) * size, 3)


def test_rate_comes_from_the_time_column_and_unit_from_the_header(put):
    n = 3000
    text = table("time,EMG L TA [uV],acc_x (g)", [np.arange(n) / 500, noise(n), np.ones(n)])
    night = open_recording(put(text, "a.csv"))
    emg, acc = night.streams
    assert (emg.label, emg.unit, emg.rate_hz, emg.calibrated) == ("EMG L TA", "uV", 500.0, True)
    assert (acc.kind, acc.unit, acc.n_samples) == ("acc", "g", n)
    assert emg.source_labels == ("EMG L TA",)


def test_stated_rate_and_stated_unit(put):
    values = noise(100, 0.02)
    text = table("TA,GM", [values, values])
    night = open_recording(put(text, "a.csv"), rate_hz=999.7, unit="mV")
    np.testing.assert_allclose(
        night.streams[0].physical(0, 0, 100)[:, 0], values * 1e3, rtol=1e-5
    )
    assert night.streams[0].rate_hz == 999.7


def test_emg_without_unit_is_counts_and_says_how_to_state_it(put):
    stream = open_recording(put(table("TA", [noise(50)]), "a.csv"), rate_hz=100).streams[0]
    assert (stream.unit, stream.calibrated) == ("count", False)
    assert any("--unit" in note for note in stream.notes)


@pytest.mark.parametrize("rate", [100, 128, 250, 256, 512, 1000, 1024, 999.7])
def test_rate_is_exact_although_times_are_rounded(put, rate):
    n = 20_000
    times = [f"{i / rate:.3f}" for i in range(n)]
    stream = open_recording(put(table("time,TA [uV]", [times, noise(n)]), "a.csv")).streams[0]
    assert stream.rate_hz == pytest.approx(rate, abs=0.03)
    if rate == int(rate):
        assert stream.rate_hz == rate
    assert len(stream.segments) == 1


def test_jumps_in_the_time_column_are_gaps_of_all(put):
    n = 1000
    times = np.arange(n) / 100
    times[400:] += 2.5
    times[700:] += 100
    text = table("t,EMG L TA [uV],EMG R TA [uV]", [times, noise(n), noise(n)])
    for stream in open_recording(put(text, "a.csv")).streams:
        assert stream.rate_hz == 100.0
        assert [len(s) for s in stream.segments] == [400, 300, 300]
        assert [s.start_s for s in stream.segments] == pytest.approx([0, 6.5, 109.5])


def test_empty_cells_are_gaps_of_one_stream(put):
    left = [str(v) for v in noise(100)]
    left[30:40] = [""] * 10
    left[70:75] = ["NaN", "nan", "n/a", "", "inf"]
    text = table("time,EMG L TA [uV],EMG R TA [uV]", [np.arange(100) / 100, left, noise(100)])
    first, second = open_recording(put(text, "a.csv")).streams
    assert [(s.start_s, len(s)) for s in first.segments] == [(0.0, 30), (0.4, 30), (0.75, 25)]
    assert len(second.segments) == 1


def test_slower_column_with_blank_cells_gets_its_own_rate(put):
    n = 1000
    acc = [str(1.0 + i / n) if i % 10 == 0 else "" for i in range(n)]
    night = open_recording(
        put(
            table("time,EMG L TA [uV],ACC L X [g]", [np.arange(n) / 1000, noise(n), acc]),
            "a.csv",
        )
    )
    assert [(s.rate_hz, s.n_samples) for s in night.streams] == [(1000.0, 1000), (100.0, 100)]


@pytest.mark.parametrize(
    ("separator", "decimal"), [(";", ","), ("\t", "."), ("\t", ","), (" ", "."), ("|", ".")]
)
def test_separators_and_decimal_commas_of_the_world(put, separator, decimal):
    values = [f"{v:.3f}".replace(".", decimal) for v in noise(300)]
    times = [f"{i / 100:.2f}".replace(".", decimal) for i in range(300)]
    text = table(separator.join(["time", "TA_uV"]), [times, values], separator)
    stream = open_recording(put(text, "a.txt")).streams[0]
    assert (stream.rate_hz, stream.unit, stream.n_samples) == (100.0, "uV", 300)


def test_milliseconds_quotes_comments_and_windows_line_ends(put):
    rows = "".join(f'"{i * 2}";"{i % 7}.5"\r\n' for i in range(200))
    text = f'# made by hand\r\n\r\n"time [ms]";"EMG L TA [uV]"\r\n{rows}\r\n'
    stream = open_recording(put("\ufeff" + text, "a.csv")).streams[0]
    assert (stream.rate_hz, stream.n_samples, stream.label) == (500.0, 200, "EMG L TA")


def test_unix_times_give_the_start(put):
    times = [f"{1_700_000_000 + i / 100:.2f}" for i in range(300)]
    night = open_recording(put(table("timestamp,TA [uV]", [times, noise(300)]), "a.csv"))
    assert night.start == datetime.fromtimestamp(1_700_000_000, UTC)
    assert night.streams[0].start_s == 0.0


def test_step_of_the_converter_is_seen(put):
    values = np.round(RNG.standard_normal(2000) * 20) * 2.442
    stream = open_recording(put(table("TA [uV]", [values]), "a.csv"), rate_hz=100).streams[0]
    assert stream.step == pytest.approx(2.442, rel=1e-3)
    np.testing.assert_allclose(stream.physical(0, 0, 2000)[:, 0], values, rtol=1e-5)


def test_irregular_times_are_refused_unless_a_rate_is_stated(put):
    times = np.sort(RNG.uniform(0, 10, 500)).round(4)
    path = put(table("time,TA [uV]", [np.unique(times), noise(len(np.unique(times)))]), "a.csv")
    with pytest.raises(RecordingError, match=r"the time of row .*--rate"):
        open_recording(path)
    night = open_recording(path, rate_hz=50)
    assert night.streams[0].rate_hz == 50.0
    assert any("the times are not used" in note for note in night.notes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("EMG L TA\n1\n2\n", "sampling rate is unknown"),
        ("1,2\n3,4\n", "no column names"),
        ("time\n0\n1\n", "no column besides the time"),
        ("time,TA\n", "no row of numbers"),
        ("time,TA\n0,a\n0.01,b\n0.02,c\n", "no column holds numbers"),
        ("time,TA\n0,1\n0.01,2\n0.005,3\n", "row 3 does not come after"),
        ("time,TA\n0,1\n0,2\n0,3\n", "followed by no later time"),
        ("time,TA\n0,1\nx,2\n0.02,3\n", "row 2 has no time"),
        ("time,TA\n23:00:00,1\n23:00:01,2\n", "has no time"),
        (",".join(f"c{i}" for i in range(600)) + "\n1\n", "more than 512"),
        ("\x01\x02\x03,\x04\n1,2\n", "not text"),
    ],
)
def test_what_cannot_be_read_is_one_clear_line(put, text, message):
    with pytest.raises(RecordingError, match=message) as error:
        open_recording(put(text, "a.csv"))
    assert "a.csv" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf"), 1e9])
def test_impossible_stated_rate(put, rate):
    with pytest.raises(RecordingError, match="not possible"):
        open_recording(put("TA\n1\n2\n", "a.csv"), rate_hz=rate)


def test_a_line_without_end_is_refused_in_bounded_memory(put):
    with pytest.raises(RecordingError, match="no text"):
        open_recording(put(b"TA,GM\n" + b"1," * 6_000_000, "a.csv"), rate_hz=100)
    with pytest.raises(RecordingError, match="no text"):
        open_recording(put(b"1," * 1_000_000, "b.csv"), rate_hz=100)


def test_unknown_columns_are_listed_with_the_way_out(put):
    night = open_recording(put(table("foo,bar", [noise(9), noise(9)]), "a.csv"), rate_hz=10)
    assert any("'foo', 'bar'" in note and "--map" in note for note in night.notes)
    mapped = open_recording(
        put(table("foo,bar", [noise(9), noise(9)]), "a.csv"), rate_hz=10, unit="uV",
        label_map={"foo": "EMG L TA"},
    )  # fmt: skip
    assert (mapped.streams[0].label, mapped.streams[0].kind) == ("EMG L TA", "emg")
