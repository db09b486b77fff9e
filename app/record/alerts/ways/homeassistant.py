"""How Home Assistant is told what there is: MQTT discovery by device.

One retained message describes the device and all its entities, as its documentation of MQTT
discovery has it (Home Assistant 2024.11 or later).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from ..alert import Alert, AlertKind, NightStatus, SensorStatus

STALE_S = 300
"""After this long without news a state is shown as unavailable."""

NEUTRAL = "please look"
"""Stands for kinds of alerts that say something about a body."""

STREAMING = ("streams", "streaming")
"""Words for a link that is well."""

HEALTH: frozenset[AlertKind] = frozenset({AlertKind.CRAMP})
_LONGEST_STATE = 250  # Home Assistant keeps 255 characters


@dataclass(frozen=True, slots=True)
class Topics:
    """Where things are published.

    Attributes
    ----------
    base
        Begins every topic.
    discovery
        Where Home Assistant listens.
    """

    base: str
    discovery: str

    @property
    def availability(self) -> str:
        """Retained: ``online``, or ``offline`` where nobody watches the night."""
        return f"{self.base}/availability"

    @property
    def state(self) -> str:
        """Retained: how the night is doing, JSON."""
        return f"{self.base}/state"

    @property
    def alert(self) -> str:
        """Not retained: an alert, JSON."""
        return f"{self.base}/alert"

    @property
    def node(self) -> str:
        """Name of the device, unique on this broker."""
        return self.base.replace("/", "_")

    @property
    def config(self) -> str:
        """Retained: the device and its entities, JSON."""
        return f"{self.discovery}/device/{self.node}/config"


def discovery(
    topics: Topics, title: str, sensors: Mapping[str, SensorStatus], *, detail: bool
) -> str:
    """Return the message that describes the device.

    Parameters
    ----------
    topics
        Where things are published.
    title
        Name of the device.
    sensors
        By name; each has entities of its own, of its quality only where somebody judges it.
    detail
        Whether kinds of alerts may say something about a body.
    """
    components = _night(topics, detail=detail)
    for name, sensor in sensors.items():
        components |= _sensor(name, judged=bool(sensor.quality))
    node = topics.node
    for key, component in components.items():
        component["unique_id"] = f"{node}_{key}"
        if component["platform"] != "event":
            component["expire_after"] = STALE_S
    program = version("crampwatch")
    return json.dumps(
        {
            "device": {
                "identifiers": [node],
                "name": title,
                "manufacturer": "Crampwatch",
                "model": "Recorder",
                "sw_version": program,
            },
            "origin": {"name": "Crampwatch", "sw_version": program},
            "availability_topic": topics.availability,
            "state_topic": topics.state,
            "qos": 1,
            "components": components,
        },
        ensure_ascii=False,
    )


def state(night: NightStatus) -> str:
    """Return how the night is doing; what changes all the time is rounded."""
    elapsed_s = night.elapsed_s
    sensors = {
        name: {
            "link": each.link,
            "streaming": "ON" if each.link in STREAMING else "OFF",
            "battery": None
            if math.isnan(each.battery_percent)
            else round(each.battery_percent),
            "quality": each.quality or None,
        }
        for name, each in night.sensors.items()
    }
    return json.dumps(
        {
            "recording": "ON" if night.recording else "OFF",
            "elapsed_min": int(elapsed_s // 60) if math.isfinite(elapsed_s) else None,
            "free_gb": round(night.free_bytes / 1e9, 1),
            "last_alert": night.last_alert[:_LONGEST_STATE] or None,
            "sensors": sensors,
        },
        ensure_ascii=False,
    )


def event(alert: Alert, *, detail: bool) -> str:
    """Return an alert as an event of Home Assistant."""
    return json.dumps(
        {
            "event_type": _type(alert.kind, detail=detail),
            "level": alert.level.value,
            "sensor": alert.sensor,
            "title": alert.title,
            "text": alert.text,
            "at_s": round(alert.at_s, 1),
        },
        ensure_ascii=False,
    )


def _night(topics: Topics, *, detail: bool) -> dict[str, dict[str, Any]]:
    kinds = dict.fromkeys(_type(kind, detail=detail) for kind in AlertKind)
    return {
        "recording": {
            "platform": "binary_sensor",
            "name": "Recording",
            "device_class": "running",
            "value_template": _value("recording"),
        },
        "alert": {
            "platform": "event",
            "name": "Alert",
            "icon": "mdi:bell-alert",
            "state_topic": topics.alert,
            "event_types": list(kinds),
        },
        "last_alert": {
            "platform": "sensor",
            "name": "Last alert",
            "icon": "mdi:message-alert",
            "value_template": _value("last_alert"),
        },
        "elapsed": {
            "platform": "sensor",
            "name": "Recorded",
            "device_class": "duration",
            "unit_of_measurement": "min",
            "entity_category": "diagnostic",
            "value_template": _value("elapsed_min"),
        },
        "free": {
            "platform": "sensor",
            "name": "Free disk",
            "device_class": "data_size",
            "unit_of_measurement": "GB",
            "entity_category": "diagnostic",
            "value_template": _value("free_gb"),
        },
    }


def _sensor(name: str, *, judged: bool) -> dict[str, dict[str, Any]]:
    words = name.replace("-", " ").replace("_", " ")
    parts: dict[str, dict[str, Any]] = {
        "link": {
            "platform": "binary_sensor",
            "name": f"{words} link",
            "device_class": "connectivity",
            "value_template": _value("streaming", name),
        },
        "doing": {
            "platform": "sensor",
            "name": f"{words} link state",
            "entity_category": "diagnostic",
            "value_template": _value("link", name),
        },
        "battery": {
            "platform": "sensor",
            "name": f"{words} battery",
            "device_class": "battery",
            "unit_of_measurement": "%",
            "state_class": "measurement",
            "value_template": _value("battery", name),
        },
    }
    if judged:
        parts["quality"] = {
            "platform": "sensor",
            "name": f"{words} signal",
            "icon": "mdi:pulse",
            "value_template": _value("quality", name),
        }
    return {f"{name}_{part}": each for part, each in parts.items()}


def _value(field: str, sensor: str | None = None) -> str:
    if sensor is None:
        return "{{ value_json." + field + " }}"
    return "{{ value_json.sensors['" + sensor + "']." + field + " }}"


def _type(kind: AlertKind, *, detail: bool) -> str:
    return NEUTRAL if kind in HEALTH and not detail else kind.value
