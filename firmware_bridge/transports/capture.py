"""Captured notifications: one JSON object a line."""

from __future__ import annotations

import json
import math

from ..drivers.model import Packet

LATEST_S = 1e12


def notification(line: bytes) -> Packet | None:
    """Return the notification in a line ``{"t": s, "char": uuid, "data": hex}``.

    The time is NaN where the line has none. None where the line is no notification.
    """
    try:
        entry = json.loads(line)
        data = bytes.fromhex(entry["data"])
        channel = str(entry["char"]).lower()
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    time = entry.get("t")
    known = isinstance(time, int | float) and not isinstance(time, bool)
    return Packet(data, float(time) if known and abs(time) < LATEST_S else math.nan, channel)
