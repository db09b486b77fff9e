"""Which ways are asked for, and that no token or password is ever written down."""

from __future__ import annotations

import importlib.util
import json
import logging
import pickle
import re
import tomllib
import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crampwatch.app.record.alerts.settings import AlertSettings
from crampwatch.app.record.alerts.ways import check_ways, open_ways
from crampwatch.app.record.alerts.ways.push import Push
from crampwatch.app.record.alerts.ways.secrets import LEFT_OUT, hint, scrub, service
from crampwatch.app.record.alerts.ways.settings import REVEAL, MqttSettings, WaySettings
from crampwatch.recording.errors import CrampwatchError

TOKEN = "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2"
ADDRESS = f"ntfy://{TOKEN}@example.invalid/my-secret-topic"


def test_only_the_bell_rings_where_nothing_is_said() -> None:
    ways = open_ways(AlertSettings(), print)
    assert [way.name for way in ways] == ["bell"]


def test_every_way_that_is_asked_for_is_there_once(tmp_path) -> None:
    file = tmp_path / "addresses"
    file.write_text(f"# mine\n\nntfy://one\n{ADDRESS}\n")
    settings = AlertSettings.model_validate(
        {
            "sound": True,
            "desktop": True,
            "haptic": True,
            "apprise": ["json://localhost"],
            "apprise_file": str(file),
            "mqtt": {"host": "broker"},
        }
    )
    names = [way.name for way in open_ways(settings, print)]
    assert names == [
        "bell",
        "sound",
        "haptic",
        "desktop",
        "apprise-json",
        "apprise-ntfy",
        "apprise-ntfy-2",
        "mqtt",
    ]


def test_addresses_are_nowhere_to_be_seen() -> None:
    settings = WaySettings.model_validate({"apprise": [ADDRESS]})
    seen = (
        repr(settings),
        str(settings),
        json.dumps(settings.model_dump(mode="json")),
        settings.model_dump_json(),
        repr(Push(ADDRESS, "apprise-ntfy")),
    )
    assert all(TOKEN not in text and "my-secret-topic" not in text for text in seen)
    assert settings.model_dump(mode="json")["apprise"] == ["ntfy" + LEFT_OUT]


def test_through_a_pipe_they_go_whole() -> None:
    settings = WaySettings.model_validate({"apprise": [ADDRESS]})
    plain = settings.model_dump(mode="json", context=dict(REVEAL))
    assert WaySettings.model_validate(json.loads(json.dumps(plain))) == settings


def test_the_copy_in_a_night_cannot_be_taken_for_an_address() -> None:
    copied = WaySettings.model_validate({"apprise": [ADDRESS]}).model_dump(mode="json")
    with pytest.raises(ValidationError, match="was left out of this copy"):
        WaySettings.model_validate(copied)


@pytest.mark.parametrize("address", [TOKEN, "ntfy:", f"{TOKEN}://", ""])
def test_what_is_no_address_is_refused_without_repeating_it(address) -> None:
    with pytest.raises(ValidationError) as caught:
        WaySettings.model_validate({"apprise": [address]})
    assert "address 1 is none" in str(caught.value)
    assert TOKEN not in str(caught.value)


def test_a_password_among_the_settings_is_refused_without_repeating_it() -> None:
    with pytest.raises(ValidationError) as caught:
        MqttSettings.model_validate({"host": "broker", "password": TOKEN})
    assert "password_file" in str(caught.value)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("host", ["user:word@broker", "mqtt://broker", "", "bro ker"])
def test_a_host_is_a_host_and_nothing_more(host) -> None:
    with pytest.raises(ValidationError):
        MqttSettings(host=host)


@pytest.mark.parametrize("topic", ["", "/a", "a/", "a//b", "#", "a/+", "a b", "ä", "$SYS/a"])
def test_a_topic_that_home_assistant_cannot_use_is_refused(topic) -> None:
    with pytest.raises(ValidationError):
        MqttSettings(host="broker", topic=topic)


def test_ports_follow_from_tls() -> None:
    assert MqttSettings(host="broker").port_or_default == 1883
    assert MqttSettings(host="broker", tls=True).port_or_default == 8883
    assert MqttSettings(host="broker", tls=True, port=1).port_or_default == 1


@pytest.mark.parametrize(
    ("missing", "said", "line"),
    [
        ("paho", {"mqtt": {"host": "b"}}, "by mqtt need: pip install 'crampwatch[mqtt]'"),
        ("apprise", {"apprise": ["ntfy://t"]}, "need: pip install 'crampwatch[alerts]'"),
    ],
)
def test_a_missing_extra_is_said_with_the_line_that_brings_it(
    monkeypatch, missing, said, line
) -> None:
    find = importlib.util.find_spec
    found = "crampwatch.app.record.alerts.ways.opening.find_spec"
    monkeypatch.setattr(found, lambda name: None if name == missing else find(name))
    with pytest.raises(CrampwatchError) as caught:
        check_ways(WaySettings.model_validate(said))
    assert line in str(caught.value)


@pytest.mark.parametrize(
    "said",
    [
        {"sound": "/no/such.wav"},
        {"apprise_file": "/no/such"},
        {"mqtt": {"host": "b", "password_file": "/no/such"}},
        {"mqtt": {"host": "b", "ca_file": "/no/such"}},
    ],
)
def test_a_file_that_cannot_be_read_is_said_before_the_night(said) -> None:
    with pytest.raises(CrampwatchError, match=r"alerts\..*cannot read /no/such"):
        check_ways(WaySettings.model_validate(said))


def test_a_file_without_addresses_is_said(tmp_path: Path) -> None:
    file = tmp_path / "addresses"
    file.write_text("# none yet\n")
    with pytest.raises(CrampwatchError, match="holds no address"):
        open_ways(AlertSettings.model_validate({"apprise_file": str(file)}), print)


def test_what_others_say_is_told_without_the_parts_of_an_address() -> None:
    said = f"POST https://example.invalid/my-secret-topic\nBearer {TOKEN.upper()} failed: 403"
    told = scrub(said, ADDRESS)
    assert told == "POST https://***/*** Bearer *** failed: 403"


@given(st.text(max_size=60), st.from_regex(r"[a-z]{2,8}://[!-~]{3,60}", fullmatch=True))
def test_no_address_survives(before, address) -> None:
    told = scrub(f"{before} {address} {before}", address)
    assert address.partition("://")[2].lower() not in told.lower()
    assert "\n" not in told


@given(st.text(max_size=80))
def test_a_hint_is_a_service_and_nothing_else(address) -> None:
    assert hint(address) == service(address) + LEFT_OUT
    assert "/" not in service(address)
    assert "@" not in service(address)


def test_settings_in_a_traceback_or_a_pickle_stay_closed(caplog) -> None:
    settings = WaySettings.model_validate({"apprise": [ADDRESS]})
    text = "".join(traceback.format_exception(ValueError(settings)))
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("crampwatch").info("settings: %s", settings)
    assert TOKEN not in text + caplog.text
    assert pickle.loads(pickle.dumps(settings)) == settings


PAGE = Path(__file__).parents[4] / "docs" / "alerts.md"
BLOCKS = re.findall(r"^```toml\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_the_settings_of_the_page_are_settings(block) -> None:
    AlertSettings.model_validate(tomllib.loads(block)["alerts"])


def test_the_page_names_every_way_and_setting() -> None:
    text = PAGE.read_text("utf-8")
    for name in (*WaySettings.model_fields, *MqttSettings.model_fields):
        assert re.search(rf"\b{name}\b", text), name
