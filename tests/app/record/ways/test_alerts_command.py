"""Trying the ways in the evening: each is used once, and each says what came of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from broker import Broker
from servers import TOKEN, Server

from crampwatch.app.record import equipment
from crampwatch.app.record.alerts.bands import vibrate_once
from crampwatch.app.record.sources import resolve
from crampwatch.recording.errors import CrampwatchError


def alerts(config: Path, *more: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "crampwatch", "alerts", "--config", str(config), *more],
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "CRAMPWATCH_TERMINAL": "", **environment},
    )


@pytest.fixture
def config(tmp_path):
    def written(*lines: str) -> Path:
        path = tmp_path / "band.toml"
        path.write_text("\n".join(lines) + "\n", "utf-8")
        return path

    return written


@pytest.fixture
def server():
    with Server.running() as made:
        yield made


def test_a_test_alert_is_sent_by_each_way(config, server) -> None:
    path = config("[alerts]", "on = true", "bell = false", f'apprise = ["{server.address()}"]')
    done = alerts(path, "--try")
    assert (done.returncode, done.stderr) == (0, "")
    assert "apprise-json  sent" in done.stdout
    assert "test" in server.posts[0]["message"]
    assert "cramp suspected" not in json.dumps(server.posts)


def test_without_try_nothing_is_sent(config, server) -> None:
    path = config("[alerts]", "bell = false", f'apprise = ["{server.address()}"]')
    done = alerts(path)
    assert done.returncode == 0
    assert "apprise-json  ready" in done.stdout
    assert "Alerts are off" in done.stdout
    assert server.posts == []


def test_a_way_that_fails_does_not_keep_the_next_from_being_tried(config, server) -> None:
    server.answers = [500]
    addresses = f'["{server.address()}", "{server.address()}2"]'
    done = alerts(config("[alerts]", f"apprise = {addresses}"), "--try")
    lines = done.stdout.splitlines()
    assert done.returncode == 1
    assert lines[0].split(maxsplit=1)[1].startswith("there is no terminal")
    assert "not told" in lines[1]
    assert "sent" in lines[2]
    assert TOKEN not in done.stdout + done.stderr


def test_json_says_the_same(config, server) -> None:
    path = config("[alerts]", "bell = false", f'apprise = ["{server.address()}"]')
    found = json.loads(alerts(path, "--try", "--json").stdout)
    assert found == {
        "on": False,
        "tried": True,
        "ways": [{"way": "apprise-json", "works": True, "trouble": None}],
    }


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["[alerts]", "shout = true"], "alerts.shout: there is no such setting"),
        (["[alerts.mqtt]", "tls = true"], "alerts.mqtt.host: must be said"),
        (["[alerts.mqtt]", 'host = "b"', f'password = "{TOKEN}"'], "alerts.mqtt: a password"),
        (["[alerts]", f'apprise = ["{TOKEN}"]'], "alerts.apprise: address 1 is none"),
        (["alerts = 3"], "alerts: "),
    ],
)
def test_settings_that_make_no_sense_are_one_line_without_a_secret(
    config, lines, words
) -> None:
    done = alerts(config(*lines))
    assert done.returncode == 1
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert TOKEN not in done.stderr


def test_nothing_asked_for_says_what_there_is(config) -> None:
    done = alerts(config("[alerts]", "bell = false"))
    assert done.returncode == 0
    assert "No way is asked for" in done.stdout


@pytest.mark.system
def test_a_broker_is_tried(config, tmp_path) -> None:
    broker = Broker(tmp_path)
    broker.start()
    ears = broker.listen()
    try:
        path = config(
            "[alerts]",
            "bell = false",
            "[alerts.mqtt]",
            'host = "127.0.0.1"',
            f"port = {broker.port}",
        )
        assert "mqtt  sent" in alerts(path, "--try").stdout
        assert json.loads(ears.topic("/alert").text)["event_type"] == "please look"
    finally:
        broker.close()


@pytest.fixture
def equipped(monkeypatch):
    """Note the sensors that are made."""
    made = {}
    equip = equipment.equip

    def noted(settings, clock):
        made.update(equip(settings, clock))
        return made

    monkeypatch.setattr("crampwatch.app.record.alerts.bands.equip", noted)
    return made


def test_bands_with_a_motor_vibrate_once_and_are_left(equipped) -> None:
    devices = ["left=sim:open-sensor", "right=sim:myo", "thigh=sim:cyton"]
    assert set(vibrate_once(resolve({}, devices, None, {}), 400, 80)) == {"left", "right"}
    wires = {name: each.opened.simulated.wire for name, each in equipped.items()}
    assert [entry[1:] for entry in wires["left"].haptics] == [(400, 80)]
    assert [kind for _at, kind in wires["right"].vibrations] == [2]
    assert not wires["left"].running
    assert not wires["thigh"].running


def test_without_a_motor_it_says_so_and_connects_to_nothing(equipped) -> None:
    with pytest.raises(CrampwatchError, match="none of thigh has a motor"):
        vibrate_once(resolve({}, ["thigh=sim:cyton"], None, {}), 400, 80)
    assert not equipped["thigh"].opened.simulated.wire.running


def test_a_band_that_is_not_there_is_given_up() -> None:
    settings = resolve({}, ["left=sim:open-sensor?never=1"], None, {})
    with pytest.raises(CrampwatchError, match="left did not stream within 1 s"):
        vibrate_once(settings, 400, 80, wait_s=1.0)


def test_a_band_on_a_wire_is_left_to_the_recorder() -> None:
    settings = resolve({}, ["left=open-sensor@serial:/dev/null"], None, {})
    with pytest.raises(CrampwatchError, match="left is wired to the body"):
        vibrate_once(settings, 400, 80)
