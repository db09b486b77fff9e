"""What ends a night by itself, and what a wire to the body does to it."""

from __future__ import annotations

from contextlib import closing
from itertools import chain, repeat
from pathlib import Path

import pytest
from recorders import Lines, notes

from crampwatch.app.record import session
from crampwatch.app.record.power import Power, Source
from crampwatch.app.record.session import record_night
from crampwatch.app.record.sources import resolve
from crampwatch.firmware_bridge import opening
from crampwatch.recording.errors import CrampwatchError
from crampwatch.recording.journal.reader import JournalReader


def settings(*devices: str, **said):
    said = {"speed": 200, "keep_awake": False, **said}
    return resolve(said, devices, None, {})


@pytest.fixture
def wired(monkeypatch: pytest.MonkeyPatch):
    """Let simulated sensors count as wired, and the computer's power be as told."""

    def told(*sources: Source):
        said = chain(sources[:-1], repeat(sources[-1]))
        monkeypatch.setattr(opening, "is_wired", lambda *_: True)
        monkeypatch.setattr(session, "power", lambda: Power(next(said), 60.0))

    return told


def test_a_night_ends_when_all_sensors_have_ended(tmp_path: Path) -> None:
    night = tmp_path / "night"
    device = "left-calf=sim:cyton?scenario=rest&hours=0.05"
    outcome = record_night(settings(device), night, Lines())
    assert outcome.reason == "all sensors have ended"
    assert 120.0 < outcome.recorded_s < 200.0
    states = [note.data["state"] for note in notes(night, "link")]
    assert states[-1] == "stopped"


def test_a_view_that_fails_costs_no_night(tmp_path: Path) -> None:
    class Broken(Lines):
        def show(self, _status) -> None:
            raise ZeroDivisionError("of the view")

    night = tmp_path / "night"
    said = {"for": "1min"}
    outcome = record_night(settings("left-calf=sim:cyton", **said), night, Broken())
    assert outcome.reason == "its time was over"
    assert (night / "recorder.log").read_text("utf-8").count(
        "ZeroDivisionError: of the view"
    ) == 1
    assert [note.data["event"] for note in notes(night, "recorder")] == ["start", "stop"]


def test_a_power_cable_ends_what_is_wired_to_a_body(tmp_path: Path, wired) -> None:
    wired(Source.BATTERY, Source.BATTERY, Source.MAINS)
    view = Lines()
    night = tmp_path / "night"
    outcome = record_night(settings("left-calf=sim:cyton", **{"for": "5min"}), night, view)
    assert outcome.reason == "all sensors have ended"
    assert outcome.recorded_s < 60.0
    said = [note.data for note in notes(night, "recorder")]
    assert "body safety" in [each["event"] for each in said]
    assert not any("plug" in line for line in view.lines)


def test_behind_an_isolator_a_cable_ends_nothing(tmp_path: Path, wired) -> None:
    wired(Source.BATTERY, Source.MAINS)
    said = {"for": "1min", "isolator": True}
    outcome = record_night(settings("left-calf=sim:cyton", **said), tmp_path / "n", Lines())
    assert outcome.reason == "its time was over"


def test_a_wired_sensor_on_mains_is_refused_before_it_is_touched(tmp_path, wired) -> None:
    wired(Source.MAINS)
    view = Lines()
    with pytest.raises(CrampwatchError, match="--isolator"):
        record_night(settings("left-calf=sim:cyton"), tmp_path / "night", view)
    assert not any("samples come" in line for line in view.lines)
    assert not (tmp_path / "night").exists()


def test_a_disk_that_is_too_small_is_refused(tmp_path: Path, monkeypatch) -> None:
    from crampwatch.app.record import checks

    monkeypatch.setattr(checks, "FOR_RESULTS", 1 << 60)
    with pytest.raises(CrampwatchError, match="disk"):
        record_night(settings("left-calf=sim:cyton"), tmp_path / "night", Lines())
    assert not (tmp_path / "night").exists()


@pytest.mark.system
def test_sensors_that_fail_all_night_are_told_and_kept(tmp_path: Path) -> None:
    night = tmp_path / "night"
    faults = "drop=0.05&disconnect=30s:3s&reset=60s&garbage=0.01&drift=40ppm"
    view = Lines()
    devices = [f"left-calf=sim:cyton?{faults}", f"right-calf=sim:open-sensor?{faults}&seed=2"]
    outcome = record_night(settings(*devices, **{"for": "10min"}), night, view)
    assert outcome.reason == "its time was over"
    with closing(JournalReader(night / "night.mcap")) as reader:
        kinds = {note.kind for note in reader.notes()}
        seconds = dict.fromkeys(("left-calf", "right-calf"), 0.0)
        for channel, stream in reader.streams.items():
            if stream.kind == "emg":
                count = sum(len(block) for block in reader.blocks(channel))
                seconds[stream.sensor] += count / stream.rate_hz
    assert {"link", "gap", "rejected", "device", "wall", "recorder"} <= kinds
    assert min(seconds.values()) > 200.0, seconds
