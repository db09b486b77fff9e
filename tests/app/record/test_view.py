"""The terminal view: what it says, and that a terminal that goes away harms nothing."""

from __future__ import annotations

import math
import os
import pty
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from crampwatch.app.record.checks import Check, Verdict
from crampwatch.app.record.view import (
    TITLES,
    Status,
    bottom_line,
    check_line,
    fitting,
    picture,
    rows,
)
from crampwatch.firmware_bridge.collector import SensorCount, StreamCount
from crampwatch.firmware_bridge.links import LinkState
from crampwatch.recording.journal.reader import JournalReader


def sensor(**changes) -> SensorCount:
    stream = StreamCount(250.0, samples=990, lost=10, last_s=99.5)
    values = {"state": LinkState.STREAMING, "streams": {"exg": stream}, **changes}
    return SensorCount(**values)


def status(**changes) -> Status:
    values = {
        "now_s": 100.0,
        "elapsed_s": 3723.0,
        "left_s": 1800.0,
        "sensors": {"left-calf": sensor()},
        "free_bytes": 12.34e9,
        **changes,
    }
    return Status(**values)


def test_a_streaming_sensor_is_told_in_few_words() -> None:
    row = ("left-calf", "streams", "good", "37 %", "now", "1.00%")
    assert rows(
        status(sensors={"left-calf": sensor(battery_percent=37.2, quality="good")})
    ) == [row]


def test_a_sensor_that_is_gone_is_told_with_its_reason_and_since_when() -> None:
    gone = sensor(state=LinkState.WAITING, reason="out of range")
    (row,) = rows(status(now_s=399.5, sensors={"left-calf": gone}))
    assert (row[1], row[4]) == ("waiting: out of range", "0:05:00 ago")


def test_a_sensor_that_never_came_says_so() -> None:
    (row,) = rows(status(sensors={"x": SensorCount()}))
    assert row[2:] == ("", "", "none yet", "")


def test_an_electrode_that_is_off_is_told() -> None:
    (row,) = rows(status(sensors={"x": sensor(loose="channel 2")}))
    assert row[1] == "streams, but channel 2 is off"


def test_time_and_space_stand_at_the_bottom() -> None:
    assert bottom_line(status()) == "1:02:03 recorded, 0:30:00 to go; 12.3 GB free"
    endless = status(left_s=float("nan"), power="computer at 80 %")
    assert bottom_line(endless) == "1:02:03 recorded; 12.3 GB free; computer at 80 %"


def test_what_happened_last_and_what_may_be_pressed_are_told() -> None:
    quiet, busy = (
        picture(status()),
        picture(status(last_event="03:12 movement", keys="c: cramp")),
    )
    assert quiet.lines[-1] == "Ctrl-C ends the night"
    assert busy.lines[0] == "last: 03:12 movement"
    assert busy.lines[-1] == "c: cramp; Ctrl-C ends the night"


@pytest.mark.parametrize("width", [30, 40, 50, 60, 80, 100])
def test_a_narrow_terminal_keeps_what_matters_most(width: int) -> None:
    table = rows(
        status(sensors={"left-calf": sensor(quality="TA mains", battery_percent=80.0)})
    )
    columns = fitting(table, width)
    assert columns == tuple(range(len(columns)))
    assert len(columns) >= 2
    assert len(columns) == len(TITLES) or width < 80
    assert "quality" in [TITLES[each] for each in columns] or width < 40


def test_a_battery_tells_how_long_it_lasts_once_it_has_fallen() -> None:
    falling = sensor()
    for hours in (0.0, 1.0, 2.0):
        falling.charged(80.0 - 5.0 * hours, 3600.0 * hours)
    assert rows(status(sensors={"x": falling}))[0][3] == "70 %, about 14 h"
    falling.charged(95.0, 3600.0 * 3)
    assert rows(status(sensors={"x": falling}))[0][3] == "95 %"
    falling.charged(94.0, 3600.0 * 4)
    assert math.isnan(falling.battery_left_h), "one percent is no trend"


@pytest.mark.parametrize("verdict", Verdict)
def test_a_check_says_its_verdict_first(verdict: Verdict) -> None:
    assert check_line(Check("disk", verdict, "full")).split()[0] in ("ok", "!!", "NO")


def reason(night: Path) -> str:
    with closing(JournalReader(night / "night.mcap")) as reader:
        return [str(note.data.get("reason")) for note in reader.notes(["recorder"])][-1]


def on_terminal(night: Path) -> tuple[subprocess.Popen[bytes], int]:
    ours, theirs = pty.openpty()
    given = ["--device", "left-calf=sim:cyton", "--speed", "60", "--no-score", "--out"]
    recorder = subprocess.Popen(
        [sys.executable, "-m", "crampwatch", "record", *given, str(night)],
        env={**os.environ, "TERM": "xterm", "COLUMNS": "90", "LINES": "24"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    return recorder, ours


def read_until(terminal: int, words: bytes) -> bytes:
    said = b""
    while words not in said:
        said += os.read(terminal, 65536)
    return said


def rest(terminal: int) -> bytes:
    said = b""
    try:
        while piece := os.read(terminal, 65536):
            said += piece
    except OSError:
        pass
    os.close(terminal)
    return said


def test_a_terminal_shows_a_table_and_is_left_as_it_was(tmp_path: Path) -> None:
    recorder, terminal = on_terminal(tmp_path / "night")
    said = read_until(terminal, b" recorded")
    assert b"streams" in said
    assert b"Ctrl-C ends" in said
    recorder.send_signal(signal.SIGINT)
    said += rest(terminal)
    assert recorder.wait() == 0, said
    assert b"Traceback" not in said
    assert said.count(b"\x1b[?25l") == said.count(b"\x1b[?25h")
    assert reason(tmp_path / "night") == "stopped by hand"


def test_a_terminal_that_is_closed_ends_the_night_cleanly(tmp_path: Path) -> None:
    recorder, terminal = on_terminal(tmp_path / "night")
    read_until(terminal, b" recorded")
    os.close(terminal)
    recorder.send_signal(signal.SIGHUP)
    recorder.wait()
    assert reason(tmp_path / "night") == "the terminal was closed"
