"""Alerts to tell, and the state of a night."""

from __future__ import annotations

import math

from crampwatch.app.record.alerts.alert import (
    Alert,
    AlertKind,
    Level,
    NightStatus,
    SensorStatus,
)

TEXT = "please look at your recording"


def alert(kind=AlertKind.LINK, level=Level.WARNING, sensor="left-calf", text=TEXT) -> Alert:
    return Alert(kind, level, 3600.0, 3601.5, sensor, text, "Crampwatch")


def night(recording=True, elapsed_s=3600.0, last="", **sensors) -> NightStatus:
    sensors = sensors or {"left-calf": SensorStatus("streaming", 81.6, "good")}
    return NightStatus(recording, elapsed_s, sensors, 12_340_000_000, last)


def band(link="streaming", battery=math.nan, quality="") -> SensorStatus:
    return SensorStatus(link, battery, quality)
