"""Marks of the night: keys of a real terminal, buttons of a sensor, and the terminal after."""

from __future__ import annotations

import os
import signal
import termios
from contextlib import closing
from pathlib import Path

import pytest
from terminal import Terminal

from crampwatch.app.diary import said
from crampwatch.app.record import session
from crampwatch.app.record.session import record_night
from crampwatch.app.record.sources import resolve
from crampwatch.recording import open_recording
from crampwatch.recording.annotations.markers import Mark, read_marks
from crampwatch.recording.errors import RecordingError
from crampwatch.recording.journal.reader import JournalReader

RECORDING = b"Ctrl-C ends the night"


def notes(night: Path, kind: str) -> list[dict]:
    with closing(JournalReader(night / "night.mcap")) as reader:
        return [dict(note.data) for note in reader.notes([kind])]


def told_twice(night: Path) -> list[Mark]:
    """Return presses of the journal that scoring would add to those of the table."""
    return said._presses(open_recording(night), read_marks(night).marks)


def stopped(night: Path) -> bool:
    try:
        return any(note["event"] == "stop" for note in notes(night, "recorder"))
    except RecordingError:
        return False  # not begun yet


def markers(night: Path) -> list[tuple[str, float]]:
    events = open_recording(night).events
    return [(e.extra["source"], e.onset) for e in events if e.trial_type == "marker"]


def test_keys_mark_moments_without_enter(tmp_path: Path) -> None:
    night = tmp_path / "night"
    with Terminal.recording(night) as terminal:
        terminal.until(RECORDING)
        assert b"space marks a moment, c a cramp" in terminal.said
        terminal.press(b"c")
        terminal.until(b"marked: a cramp")
        terminal.press(b"xyz\x1b[A ")  # an arrow, and keys that mean nothing
        terminal.press(b" ")
        terminal.until(b"marked: a moment")
        terminal.press(b"\x03")
        assert terminal.ends() == 0, terminal.said
    marks = read_marks(night).marks
    assert [(mark.kind, mark.source) for mark in marks] == [("cramp", "key"), ("press", "key")]
    assert [note["source"] for note in notes(night, "marker")] == ["key", "key"]
    assert [source for source, _ in markers(night)] == ["key", "key"]
    assert told_twice(night) == []


def test_a_key_that_is_held_down_is_one_mark(tmp_path: Path) -> None:
    night = tmp_path / "night"
    with Terminal.recording(night) as terminal:
        terminal.until(RECORDING)
        terminal.press(b"m" * 40)
        terminal.until(b"marked: a moment")
        terminal.press(b"\x03")
        assert terminal.ends() == 0, terminal.said
    assert len(read_marks(night).marks) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_terminal_is_left_as_it_was(tmp_path: Path, number: signal.Signals) -> None:
    with Terminal.recording(tmp_path / "night") as terminal:
        terminal.until(RECORDING)
        assert not terminal.mode()[3] & (termios.ECHO | termios.ICANON)
        terminal.program.send_signal(number)
        terminal.ends()
        assert terminal.mode() == terminal.before


def test_the_terminal_is_left_as_it_was_by_a_fault_of_the_program(tmp_path: Path) -> None:
    broken = (
        "import sys\n"
        "from crampwatch.app.record import session\n"
        "from crampwatch.app.cli import main\n"
        "async def fail(self, collector):\n    raise SystemExit(7)\n"
        "session.Session._watch_power = fail\n"
        "sys.argv = ['crampwatch', 'record', '--device', 'sim:cyton', '--speed',"
        f" '60', '--out', {str(tmp_path / 'n')!r}]\n"
        "main()\n"
    )
    with Terminal("-c", broken) as terminal:
        assert terminal.ends() == 7, terminal.said
        assert terminal.mode() == terminal.before


def test_keys_that_would_stop_a_program_do_nothing(tmp_path: Path) -> None:
    night = tmp_path / "night"
    with Terminal.recording(night, "--for", "20min") as terminal:
        terminal.until(RECORDING)
        terminal.press(b"\x1a\x1c\x13")  # Ctrl-Z, Ctrl-\, Ctrl-S
        terminal.press(b"c")
        terminal.until(b"marked: a cramp")
        terminal.press(b"\x03")
        assert terminal.ends() == 0, terminal.said
    assert notes(night, "recorder")[-1]["reason"] == "stopped by hand"


def test_a_recording_in_the_background_leaves_the_terminal_alone(tmp_path: Path) -> None:
    night = tmp_path / "night"
    shell = (
        "import os, sys\n"
        "child = os.fork()\n"
        "if not child:\n"
        "    os.setpgid(0, 0)\n"
        "    os.execv(sys.executable, [sys.executable, '-m', 'crampwatch', 'record',"
        f" '--device', 'sim:cyton', '--speed', '60', '--no-score', '--for', '30s',"
        f" '--out', {str(night)!r}])\n"
        "_, status = os.waitpid(child, os.WUNTRACED)\n"
        "sys.exit(99 if os.WIFSTOPPED(status) else os.waitstatus_to_exitcode(status))\n"
    )
    with Terminal("-c", shell) as terminal:
        terminal.press(b"ccc")
        assert terminal.ends() == 0, terminal.said
        assert terminal.mode() == terminal.before
    assert read_marks(night).marks == ()


def test_a_terminal_that_takes_nothing_holds_up_no_recording(tmp_path: Path) -> None:
    night = tmp_path / "night"
    with Terminal.recording(night, "--for", "2min", full=True) as terminal:
        while not stopped(night):
            assert terminal.program.poll() is None
            os.sched_yield()
        assert terminal.ends() == 0
    assert notes(night, "recorder")[-1]["recorded_s"] < 180.0


class Quiet:
    """A view that presses a button once the night runs."""

    def __init__(self, press) -> None:
        self.press, self.lines, self.shown = press, [], 0

    def say(self, text: str) -> None:
        self.lines.append(text)

    def checked(self, check) -> None:
        del check

    def show(self, _status) -> None:
        self.shown += 1
        if self.shown == 2:
            self.press()

    def close(self) -> None:
        pass


def test_a_button_of_a_sensor_is_one_mark(tmp_path: Path, monkeypatch) -> None:
    sensors = {}
    equip = session.equip

    def equipped(settings, clock):
        sensors.update(equip(settings, clock))
        return sensors

    def press() -> None:
        band = sensors["left-calf"].opened.simulated
        for down in (True, False):
            band.say(lambda now_s, down=down: band.wire.press(now_s, down=down))

    monkeypatch.setattr(session, "equip", equipped)
    settings = resolve({"for": "2min", "speed": 30.0}, ["left-calf=sim:open-sensor"], None, {})
    night = tmp_path / "night"
    view = Quiet(press)
    record_night(settings, night, view)
    assert sum("marked: button of left-calf" in line for line in view.lines) == 1
    (mark,) = read_marks(night).marks
    assert (mark.kind, mark.source) == ("press", "button:left-calf")
    ((source, onset),) = markers(night)
    assert source == "button:left-calf"
    opened = open_recording(night)
    assert abs((mark.at - opened.start).total_seconds() - onset) < 2.0
    assert told_twice(night) == []
    assert not notes(night, "marker"), "the journal holds the button as the sensor told it"
