"""What is told to Home Assistant, held against what its MQTT discovery documents."""

from __future__ import annotations

import json
import math
import re

import pytest
from alerting import alert, band, night

from crampwatch.app.record.alerts.alert import AlertKind
from crampwatch.app.record.alerts.ways.homeassistant import (
    NEUTRAL,
    Topics,
    discovery,
    event,
    state,
)

TOPICS = Topics("crampwatch/anna", "homeassistant")

OF_ALL = {"platform", "name", "unique_id", "icon", "entity_category", "state_topic"}
OF_PLATFORM = {
    "binary_sensor": {"device_class", "value_template", "expire_after"},
    "sensor": {
        "device_class",
        "state_class",
        "unit_of_measurement",
        "value_template",
        "expire_after",
    },
    "event": {"event_types"},
}
"""Fields that Home Assistant knows; of those it does not know it says nothing."""

UNITS = {"battery": "%", "duration": "min", "data_size": "GB"}


def described(detail=False, **sensors):
    sensors = sensors or {"left-calf": band(quality="good")}
    return json.loads(discovery(TOPICS, "Anna", sensors, detail=detail))


def test_the_discovery_topic_is_one_that_home_assistant_listens_to() -> None:
    assert re.fullmatch(r"homeassistant/device/[a-zA-Z0-9_-]+/config", TOPICS.config)


def test_device_and_origin_say_who_speaks() -> None:
    found = described()
    assert set(found) == {
        "device", "origin", "availability_topic", "state_topic", "qos", "components",
    }  # fmt: skip
    assert found["device"]["identifiers"] == ["crampwatch_anna"]
    assert found["device"]["name"] == "Anna"
    assert found["origin"]["name"]


def test_every_entity_has_the_fields_of_its_platform_and_no_other() -> None:
    for key, part in described()["components"].items():
        platform = part["platform"]
        assert set(part) <= OF_ALL | OF_PLATFORM[platform], key
        assert part["unique_id"] == f"crampwatch_anna_{key}"
        assert ("value_template" in part) == (platform != "event")
        if platform == "sensor" and "device_class" in part:
            assert part["unit_of_measurement"] == UNITS[part["device_class"]]


@pytest.mark.parametrize("detail", [False, True])
def test_every_alert_is_of_a_type_that_was_announced(detail) -> None:
    types = described(detail=detail)["components"]["alert"]["event_types"]
    sent = {json.loads(event(alert(kind), detail=detail))["event_type"] for kind in AlertKind}
    assert sent == set(types)
    assert (NEUTRAL in types) != detail
    assert ("cramp suspected" in types) == detail


def path(template: str) -> list[str]:
    """Return the way through the state that a template takes."""
    inner = re.fullmatch(r"\{\{ value_json\.(.+) \}\}", template)
    assert inner is not None
    return [part for part in re.split(r"\['|'\]|\.", inner.group(1)) if part]


def test_every_template_leads_to_a_value_of_the_state() -> None:
    sensors = {"left-calf": band(quality="good"), "a_b-c1": band(quality="flat")}
    said = json.loads(state(night(last="look", **sensors)))
    for part in described(**sensors)["components"].values():
        if part["platform"] == "event":
            continue
        value = said
        for step in path(part["value_template"]):
            value = value[step]
        if part["platform"] == "binary_sensor":
            assert value in ("ON", "OFF")


@pytest.mark.parametrize(
    ("link", "told"), [("streams", "ON"), ("streaming", "ON"), ("lost", "OFF"), ("", "OFF")]
)
def test_a_link_is_on_where_samples_come(link, told) -> None:
    said = json.loads(state(night(**{"left-calf": band(link)})))
    assert said["sensors"]["left-calf"]["streaming"] == told


def test_what_is_not_known_is_null_and_never_nan() -> None:
    said = state(night(elapsed_s=math.nan, **{"left-calf": band()}))
    assert "NaN" not in said
    found = json.loads(said)
    assert found["elapsed_min"] is None
    assert found["last_alert"] is None
    assert found["sensors"]["left-calf"]["battery"] is None


def test_a_last_alert_fits_into_a_state() -> None:
    assert len(json.loads(state(night(last="x" * 1000)))["last_alert"]) <= 255
