"""A real mosquitto: what Home Assistant would find there, whatever happens in the night."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from alerting import TEXT, alert, band, night
from broker import Broker, free_port

from crampwatch.app.record.alerts.alert import AlertKind, Level
from crampwatch.app.record.alerts.ways import mqtt as module
from crampwatch.app.record.alerts.ways.mqtt import PASSWORD, USERNAME, Mqtt
from crampwatch.app.record.alerts.ways.settings import MqttSettings
from crampwatch.recording.errors import CrampwatchError

pytestmark = pytest.mark.system

CONFIG = "homeassistant/device/crampwatch/config"


@pytest.fixture
def broker(tmp_path):
    found = Broker(tmp_path)
    found.start()
    yield found
    found.close()


def way(broker, *, environment=None, detail=False, **said) -> Mqtt:
    settings = MqttSettings(host="127.0.0.1", port=broker.port, **said)
    return Mqtt(settings, detail=detail, environment=environment or {})


def test_home_assistant_finds_a_device_with_all_its_entities(broker) -> None:
    ears, mqtt = broker.listen(), way(broker)
    mqtt.open()
    mqtt.status(night(**{"left-calf": band("streaming", 81.6, "good"), "right_calf": band()}))
    ears.topic("config")
    found = json.loads(ears.topic("config").text)
    assert found["device"]["identifiers"] == ["crampwatch"]
    assert found["origin"]["name"] == "Crampwatch"
    assert found["availability_topic"] == "crampwatch/availability"
    parts = found["components"]
    assert {each["platform"] for each in parts.values()} == {"binary_sensor", "sensor", "event"}
    assert {"left-calf_battery", "right_calf_link", "recording", "alert"} <= set(parts)
    assert "left-calf_quality" in parts
    assert "right_calf_quality" not in parts
    ids = [each["unique_id"] for each in parts.values()]
    assert len(set(ids)) == len(ids)
    assert all(each.startswith("crampwatch_") for each in ids)
    state = json.loads(ears.topic("state").text)
    assert state["recording"] == "ON"
    assert state["sensors"]["left-calf"] == {
        "link": "streaming",
        "streaming": "ON",
        "battery": 82,
        "quality": "good",
    }
    assert state["sensors"]["right_calf"]["battery"] is None
    mqtt.close()


def test_who_comes_later_finds_everything_but_old_alerts(broker) -> None:
    mqtt = way(broker)
    mqtt.open()
    mqtt.status(night())
    mqtt.tell(alert())
    mqtt.close()
    late = broker.listen()
    found = {late.topic("").topic for _ in range(3)}
    assert found == {CONFIG, "crampwatch/availability", "crampwatch/state"}
    assert all(message.retained and message.qos == 1 for message in late.all)
    assert late.heard.empty()


def test_a_night_that_ends_well_is_off_before_it_is_offline(broker) -> None:
    mqtt, ears = way(broker), broker.listen()
    mqtt.open()
    mqtt.status(night())
    mqtt.close()
    ears.until(lambda each: each.text == "offline")
    off = [json.loads(each.text)["recording"] for each in ears.all if "state" in each.topic]
    assert off == ["ON", "OFF"]


def test_an_alert_arrives_once_and_is_not_kept(broker) -> None:
    ears, mqtt = broker.listen(), way(broker)
    mqtt.open()
    mqtt.tell(alert(AlertKind.BATTERY, Level.WARNING))
    heard = ears.topic("/alert")
    assert (heard.qos, heard.retained) == (1, False)
    assert json.loads(heard.text) == {
        "event_type": "battery low",
        "level": "warning",
        "sensor": "left-calf",
        "title": "Crampwatch",
        "text": TEXT,
        "at_s": 3600.0,
    }
    mqtt.close()
    assert ears.topic("availability").text == "offline"


@pytest.mark.parametrize("detail", [False, True])
def test_no_word_about_a_body_unless_it_was_asked_for(broker, detail) -> None:
    ears, mqtt = broker.listen(), way(broker, detail=detail)
    mqtt.open()
    mqtt.status(night(last=TEXT))
    mqtt.tell(alert(AlertKind.CRAMP, Level.URGENT))
    kind = json.loads(ears.topic("/alert").text)["event_type"]
    config = next(each for each in ears.all if each.topic == CONFIG)
    assert kind in json.loads(config.text)["components"]["alert"]["event_types"]
    said = "".join(each.text for each in ears.all).replace("Crampwatch", "")
    assert ("cramp suspected" in said) == detail
    mqtt.close()


TALKER = """
import sys, time
sys.path.insert(0, {here!r})
from alerting import night
from crampwatch.app.record.alerts.ways.mqtt import Mqtt
from crampwatch.app.record.alerts.ways.settings import MqttSettings
mqtt = Mqtt(MqttSettings(host="127.0.0.1", port={port}))
mqtt.open()
mqtt.status(night())
print("open", flush=True)
time.sleep(600)
"""


def talker(broker) -> subprocess.Popen[str]:
    """Start a process that holds the broker, and return it when it does."""
    code = TALKER.format(here=str(Path(__file__).parent), port=broker.port)
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd="/"
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    process.stdout.close()
    return process


def test_the_last_will_is_told_when_the_process_is_killed(broker) -> None:
    ears = broker.listen()
    process = talker(broker)
    assert ears.topic("availability").text == "online"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    ears.until(lambda each: each.topic.endswith("availability") and each.text == "offline")
    late = broker.listen()
    assert late.topic("availability").text == "offline"


def test_a_fresh_process_after_one_that_died_is_online(broker) -> None:
    process = talker(broker)
    process.kill()
    process.wait()
    mqtt = way(broker)
    mqtt.open()
    mqtt.status(night())
    late = broker.listen()
    assert late.topic("availability").text == "online"
    mqtt.close()


def test_a_broker_that_begins_anew_is_told_everything_again(broker) -> None:
    mqtt = way(broker)
    mqtt.open()
    mqtt.status(night())
    broker.kill()
    broker.start()
    ears = broker.listen()
    heard = {}
    while set(heard) != {CONFIG, "crampwatch/availability", "crampwatch/state"}:
        message = ears.topic("")
        heard[message.topic] = message.text
    assert heard["crampwatch/availability"] == "online"
    mqtt.tell(alert())
    assert TEXT in ears.topic("/alert").text
    mqtt.close()


def test_while_the_broker_is_away_an_alert_fails_in_one_line_and_status_says_nothing(
    broker, monkeypatch
) -> None:
    monkeypatch.setattr(module, "LIMIT_S", 0.5)
    mqtt = way(broker)
    mqtt.open()
    broker.kill()
    until = time.monotonic() + 30
    while mqtt._connected.is_set() and time.monotonic() < until:
        mqtt.status(night())
    with pytest.raises(CrampwatchError) as caught:
        mqtt.tell(alert())
    assert str(caught.value).startswith(f"no broker at 127.0.0.1:{broker.port}: ")
    assert "\n" not in str(caught.value)
    mqtt.status(night(elapsed_s=7200.0))
    mqtt.close()


def test_where_there_is_no_broker_it_says_so_at_once(tmp_path) -> None:
    broker = Broker(tmp_path)
    with pytest.raises(CrampwatchError, match=r"no broker at .*: Connection refused"):
        way(broker).open()


def test_what_is_no_broker_is_given_up(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(module, "LIMIT_S", 1.0)
    with socket.create_server(("127.0.0.1", free_port())) as mute:
        settings = MqttSettings(host="127.0.0.1", port=mute.getsockname()[1])
        with pytest.raises(CrampwatchError, match="does not answer as a broker"):
            Mqtt(settings, environment={}).open()


def test_two_recorders_on_one_broker_are_two_devices(broker) -> None:
    ears = broker.listen()
    one, other = way(broker, topic="crampwatch/anna"), way(broker, topic="crampwatch/bert")
    for mqtt in (one, other):
        mqtt.open()
        mqtt.status(night())
    one.close()
    other.close()
    for _ in range(2):
        ears.until(lambda each: each.text == "offline")
    configs = {each.topic for each in ears.all if each.topic.startswith("homeassistant")}
    assert configs == {
        f"homeassistant/device/crampwatch_{name}/config" for name in ("anna", "bert")
    }


def test_without_discovery_home_assistant_is_told_nothing(broker) -> None:
    ears, mqtt = broker.listen(), way(broker, discovery="")
    mqtt.open()
    mqtt.status(night())
    mqtt.close()
    ears.until(lambda each: each.text == "offline")
    assert not any(each.topic.startswith("homeassistant") for each in ears.all)


def test_a_state_is_told_when_it_changes_and_now_and_then(broker, monkeypatch) -> None:
    ears, mqtt = broker.listen(), way(broker)
    mqtt.open()
    for second in range(50):
        mqtt.status(night(elapsed_s=3600.0 + second))
    mqtt.status(night(recording=False))
    monkeypatch.setattr(module, "EVERY_S", 0.0)
    mqtt.status(night(recording=False))
    mqtt.close()
    ears.until(lambda each: each.text == "offline")
    states = [json.loads(each.text) for each in ears.all if each.topic.endswith("state")]
    assert [each["recording"] for each in states] == ["ON", "OFF", "OFF", "OFF"]


@pytest.fixture
def guarded(tmp_path):
    """Start a broker that wants a name and a password."""
    passwords = tmp_path / "passwords"
    subprocess.run(
        ["mosquitto_passwd", "-b", "-c", str(passwords), "anna", "sesame-open"], check=True
    )
    found = Broker(tmp_path, f"password_file {passwords}", anonymous=False)
    found.start()
    yield found
    found.close()


def test_name_and_password_from_the_environment(guarded) -> None:
    ears = guarded.listen(user="anna", password="sesame-open")
    mqtt = way(guarded, environment={USERNAME: "anna", PASSWORD: "sesame-open"})
    mqtt.open()
    mqtt.tell(alert())
    assert TEXT in ears.topic("/alert").text
    mqtt.close()


def test_a_password_from_a_file_of_its_own(guarded, tmp_path) -> None:
    file = tmp_path / "password"
    file.write_text("sesame-open\nand nothing more\n")
    mqtt = way(guarded, username="anna", password_file=file)
    mqtt.open()
    mqtt.close()


def test_a_wrong_password_is_said_and_not_shown(guarded, caplog, capfd) -> None:
    mqtt = way(guarded, environment={USERNAME: "anna", PASSWORD: "hunter2-wrong"})
    with caplog.at_level("DEBUG"), pytest.raises(CrampwatchError) as caught:
        mqtt.open()
    assert "it refuses: not authorized" in str(caught.value)
    shown = str(caught.value) + caplog.text + "".join(capfd.readouterr()) + repr(mqtt)
    assert "hunter2" not in shown


def certificates(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for localhost that is its own authority."""
    certificate, key = folder / "ca.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout",
         str(key), "-out", str(certificate), "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost"],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


@pytest.fixture
def sealed(tmp_path):
    """Start a broker that speaks TLS."""
    certificate, key = certificates(tmp_path)
    found = Broker(tmp_path, f"certfile {certificate}", f"keyfile {key}")
    found.start()
    yield found, certificate
    found.close()


def test_tls_with_the_brokers_own_certificate(sealed) -> None:
    broker, certificate = sealed
    ears = broker.listen(ca_file=certificate)
    settings = MqttSettings(host="localhost", port=broker.port, tls=True, ca_file=certificate)
    mqtt = Mqtt(settings, environment={})
    mqtt.open()
    mqtt.tell(alert())
    assert TEXT in ears.topic("/alert").text
    mqtt.close()


def test_a_certificate_that_nobody_vouches_for_is_refused(sealed) -> None:
    broker, _certificate = sealed
    mqtt = Mqtt(MqttSettings(host="localhost", port=broker.port, tls=True), environment={})
    with pytest.raises(CrampwatchError, match=r"TLS failed: .*certificate"):
        mqtt.open()


def test_nothing_is_left_running_after_the_end(broker) -> None:
    before = set(threading.enumerate())
    for _ in range(3):
        mqtt = way(broker)
        mqtt.open()
        mqtt.status(night())
        mqtt.close()
    assert set(threading.enumerate()) <= before


def test_a_broker_that_hangs_is_given_up_and_told_again_when_it_goes_on(
    broker, monkeypatch
) -> None:
    ears, mqtt = broker.listen(), way(broker)
    mqtt.open()
    monkeypatch.setattr(module, "LIMIT_S", 0.5)
    os.kill(broker.process.pid, signal.SIGSTOP)
    with pytest.raises(CrampwatchError, match="did not take the message"):
        mqtt.tell(alert())
    for minute in range(1000):
        mqtt.status(night(elapsed_s=60.0 * minute))
    with pytest.raises(CrampwatchError, match="does not answer as a broker"):
        way(broker).open()
    os.kill(broker.process.pid, signal.SIGCONT)
    assert TEXT in ears.topic("/alert").text
    mqtt.close()


def test_a_broker_that_hangs_holds_up_no_end(broker, monkeypatch) -> None:
    monkeypatch.setattr(module, "GOOD_BYE_S", 0.2)
    mqtt = way(broker)
    mqtt.open()
    os.kill(broker.process.pid, signal.SIGSTOP)
    mqtt.close()
    os.kill(broker.process.pid, signal.SIGCONT)
    late = broker.listen()
    late.until(lambda each: each.topic.endswith("availability") and each.text == "offline")
