"""Bell, sound and vibration: what reaches the terminal, the player and the recorder."""

from __future__ import annotations

import os
import pty
import select
import stat
import tty
import wave
from pathlib import Path

import numpy as np
import pytest
from alerting import alert

from crampwatch.app.record.alerts.alert import Level
from crampwatch.app.record.alerts.alerting import Alerting
from crampwatch.app.record.alerts.settings import AlertSettings
from crampwatch.app.record.alerts.ways import bell as bells
from crampwatch.app.record.alerts.ways.bell import TERMINAL, TIMES, Bell, terminal_here
from crampwatch.app.record.alerts.ways.haptic import Haptic
from crampwatch.app.record.alerts.ways.sound import PLAYERS, Sound
from crampwatch.app.record.alerts.ways.tone import RATE_HZ, write_tone
from crampwatch.recording.errors import CrampwatchError


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setattr(bells, "APART_S", 0.0)
    master, slave = pty.openpty()
    tty.setraw(slave)
    monkeypatch.setenv(TERMINAL, os.ttyname(slave))
    yield master
    os.close(master)
    os.close(slave)


@pytest.mark.parametrize("level", list(Level))
def test_the_bell_rings_longer_the_more_it_matters(terminal, level) -> None:
    bell = Bell()
    bell.open()
    bell.tell(alert(level=level))
    bell.close()
    heard = b""
    while len(heard) < TIMES[level]:
        heard += os.read(terminal, 100)
    assert heard == b"\a" * TIMES[level]
    assert not select.select([terminal], [], [], 0)[0]


def test_a_process_says_which_terminal_it_has(terminal, monkeypatch) -> None:
    name = os.environ[TERMINAL]
    monkeypatch.setattr(os, "ttyname", lambda number: name if number == 2 else _none())
    assert terminal_here() == {TERMINAL: name}
    monkeypatch.setattr(os, "ttyname", lambda _number: _none())
    assert terminal_here() == {}


def _none():
    raise OSError("no terminal")


def test_without_a_terminal_the_bell_says_what_else_there_is(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(bells, "_terminals", lambda: [tmp_path / "gone", tmp_path / "file"])
    (tmp_path / "file").write_text("")
    with pytest.raises(CrampwatchError, match=r"no terminal.*sound = true"):
        Bell().open()
    assert (tmp_path / "file").read_text() == ""


def test_a_terminal_that_is_closed_later_is_one_line(monkeypatch) -> None:
    master, slave = pty.openpty()
    name = os.ttyname(slave)
    monkeypatch.setattr(bells, "_terminals", lambda: [Path(name)])
    bell = Bell()
    bell.open()
    os.close(slave)
    os.close(master)
    with pytest.raises(CrampwatchError, match="does not ring"):
        bell.tell(alert())


def test_the_band_vibrates_through_the_recorder() -> None:
    asked = []
    way = Haptic(lambda *given: asked.append(given), 600, 200)
    way.open()
    for level in (Level.URGENT, Level.WARNING):
        way.tell(alert(level=level))
    way.close()
    assert asked == [(None, 600, 200), (None, 300, 200)]


def test_a_recorder_that_is_gone_is_one_line() -> None:
    def broken(*_given):
        raise BrokenPipeError(32, "Broken pipe")

    with pytest.raises(CrampwatchError, match="recorder does not listen"):
        Haptic(broken, 600, 200).tell(alert())


def spectrum(file: Path) -> tuple[float, float, float]:
    """Return the strongest frequency, the length and the loudest sample of a WAV file."""
    with wave.open(str(file), "rb") as opened:
        assert (opened.getnchannels(), opened.getsampwidth()) == (1, 2)
        rate, count = opened.getframerate(), opened.getnframes()
        samples = np.frombuffer(opened.readframes(count), "<i2") / 32768.0
    power = np.abs(np.fft.rfft(samples))
    return float(np.argmax(power) * rate / count), count / rate, float(np.abs(samples).max())


def test_the_tone_is_heard_and_longer_and_louder_the_more_it_matters(tmp_path) -> None:
    found = []
    for level in Level:
        write_tone(tmp_path / f"{level}.wav", level)
        found.append(spectrum(tmp_path / f"{level}.wav"))
    strongest, lengths, peaks = zip(*found, strict=True)
    assert all(min(abs(f - 660), abs(f - 880)) < 5 for f in strongest)
    assert list(lengths) == sorted(set(lengths))
    assert list(peaks) == sorted(set(peaks))
    assert max(peaks) < 1.0
    assert RATE_HZ == 44_100


@pytest.fixture
def players(tmp_path, monkeypatch):
    """Make programs that keep a copy of what they are to play, or fail."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")

    def made(name: str, *, fails: str = "") -> Path:
        played = tmp_path / f"{name}.played"
        lines = ["#!/bin/sh", "for last; do :; done", f'cat "$last" >> {played}']
        if fails:
            lines += [f"echo '{fails}' >&2", "exit 1"]
        program = folder / name
        program.write_text("\n".join(lines) + "\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        return played

    for name, *_ in PLAYERS:
        if Path("/usr/bin", name).exists():
            made(name, fails="not here")
    return made


def test_a_player_of_the_computer_plays_the_tone(players, tmp_path) -> None:
    played = players("paplay")
    players("pw-play", fails="no server")
    sound = Sound()
    sound.open()
    sound.tell(alert(level=Level.URGENT))
    assert spectrum(played)[1] > 2.0
    sound.tell(alert())
    assert len((tmp_path / "pw-play.played").read_bytes()) < len(played.read_bytes())
    sound.close()
    sound.close()


def test_ones_own_file_is_played_as_it_is(players, tmp_path) -> None:
    played = players("pw-play")
    own = tmp_path / "own.wav"
    write_tone(own, Level.INFO)
    sound = Sound(own)
    sound.open()
    sound.tell(alert(level=Level.URGENT))
    sound.close()
    assert played.read_bytes() == own.read_bytes()


def test_players_that_all_fail_are_one_line_that_says_why(players) -> None:
    players("pw-play", fails="connection refused")
    sound = Sound()
    sound.open()
    with pytest.raises(CrampwatchError, match="no sound: pw-play: connection refused"):
        sound.tell(alert())
    sound.close()


def test_without_a_player_it_says_what_to_install(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CrampwatchError, match=r"no player.*alsa-utils"):
        Sound().open()


@pytest.mark.parametrize(
    ("content", "words"), [(b"ID3 no wave", "is no WAV file"), (None, "cannot read")]
)
def test_a_file_that_is_no_wav_is_refused_in_the_evening(
    players, tmp_path, content, words
) -> None:
    players("paplay")
    file = tmp_path / "song.wav"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CrampwatchError, match=words):
        Sound(file).open()


class Bands:
    """Links of bands, some of which vibrate."""

    def __init__(self, *able: str) -> None:
        self.able, self.asked = able, []

    def buzz(self, name, duration_ms, strength):
        self.asked.append((name, duration_ms, strength))
        return self.able


@pytest.mark.parametrize("able", [(), ("left-calf",)])
def test_a_wish_to_vibrate_reaches_the_links_and_is_told_once_where_none_can(able) -> None:
    bands, lines = Bands(*able), []
    alerting = Alerting(AlertSettings(on=True), bands, lines.append)
    for _ in range(3):
        alerting._hear("haptic", {"sensor": None, "duration_ms": 600, "strength": 200})
    assert bands.asked == [(None, 600, 200)] * 3
    assert lines == ([] if able else ["No band vibrates: none that streams has a motor."])
