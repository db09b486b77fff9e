"""A whole recording with every way: what arrives, and what stays secret."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from broker import Broker, free_port
from servers import TOKEN, Server

from crampwatch.app.record.session import record_night
from crampwatch.app.record.sources import resolve
from crampwatch.recording.journal.reader import JournalReader

pytestmark = pytest.mark.system

DEVICES = ("left-calf=sim:open-sensor?battery=8%", "right-calf=sim:cyton")


class Lines:
    """A view that keeps what it was told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        self.lines.append(text)

    def checked(self, check) -> None:
        pass

    def show(self, _status) -> None:
        pass

    def close(self) -> None:
        pass


def record(folder: Path, config: Path, *devices: str) -> list[str]:
    """Record three minutes that pass in seconds; return what was said."""
    said = {"for": "3min", "speed": 20, "keep_awake": False, "alerts": True}
    view = Lines()
    outcome = record_night(resolve(said, devices, config, {}), folder, view)
    assert outcome.reason == "its time was over"
    return view.lines


def notes(night: Path, *kinds: str):
    with closing(JournalReader(night / "night.mcap")) as reader:
        return list(reader.notes(kinds))


@pytest.fixture
def server():
    with Server.running() as made:
        yield made


@pytest.fixture
def config(tmp_path):
    def written(port: int, address: str) -> Path:
        path = tmp_path / "band.toml"
        path.write_text(
            "[alerts]\nbell = false\nhaptic = true\n"
            f'apprise = ["{address}"]\n'
            f'[alerts.mqtt]\nhost = "127.0.0.1"\nport = {port}\n',
            "utf-8",
        )
        return path

    return written


def test_a_low_battery_is_told_by_every_way(tmp_path, server, config) -> None:
    broker = Broker(tmp_path)
    broker.start()
    ears = broker.listen()
    night = tmp_path / "night"
    try:
        lines = record(night, config(broker.port, server.address()), *DEVICES)
        told = json.loads(ears.topic("/alert").text)
        ears.until(lambda each: each.text == "offline")
    finally:
        broker.close()
    assert (told["event_type"], told["sensor"]) == ("battery low", "left-calf")
    assert [post["type"] for post in server.posts] == ["warning"]
    states = [json.loads(each.text) for each in ears.all if each.topic.endswith("state")]
    assert states[0]["recording"] == "ON"
    assert states[-1]["recording"] == "OFF"
    assert states[-1]["sensors"]["left-calf"]["battery"] == 8
    assert {each["sensors"]["right-calf"]["streaming"] for each in states} >= {"ON"}
    events = {(note.sensor, note.data.get("kind")) for note in notes(night, "device")}
    assert ("left-calf", "haptic_done") in events
    table = (night / "alerts.tsv").read_text("utf-8")
    ways = {row.split("\t")[10] for row in table.splitlines()[1:]}
    assert ways == {"haptic", "apprise-json", "mqtt"}, table
    assert any("battery" in line for line in lines)
    for file in (path for path in night.rglob("*") if path.is_file()):
        assert TOKEN.encode() not in file.read_bytes(), file
    assert TOKEN not in "".join(lines)
    assert "json://(left-out)" in (night / "night.toml").read_text("utf-8")


def test_without_broker_and_server_the_night_is_whole_and_each_is_said_once(
    tmp_path, server, config
) -> None:
    night = tmp_path / "night"
    server.answers = [500] * 100
    lines = record(night, config(free_port(), server.address()), *DEVICES)
    assert sum("no broker at 127.0.0.1" in line for line in lines) == 1
    assert sum("apprise-json: not told" in line for line in lines) == 1
    table = (night / "alerts.tsv").read_text("utf-8")
    assert "failed: no broker at" in table
    assert TOKEN not in table + "".join(lines)
    (stop,) = (n.data for n in notes(night, "recorder") if n.data["event"] == "stop")
    assert stop["recorded_s"] == pytest.approx(180, abs=5)
    assert not any(note.data["state"] == "silent" for note in notes(night, "link"))
