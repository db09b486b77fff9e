"""What the journal holds besides samples: links, gaps, clocks, marks, as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import RecordingError
from .header import DAMAGED

KINDS = (
    "link",  # state, reason, attempt, fault, connection
    "gap",  # stream, generation, index, lost, lost_low, lost_high, reason
    "rejected",  # count, bytes, reason
    "device",  # kind, value, text, device_s
    "round_trip",  # sent_s, received_s, device_s, connection
    "wall",  # wall_s, elapsed_s
    "marker",  # text, source, wall_s
    "calibration",
    "tap",
    "battery",
    "recorder",  # start, stop, reason, versions
    "alert",
)
"""Kinds of notes; a reader passes over those it does not know."""


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that happened.

    Attributes
    ----------
    kind
        One of `KINDS`.
    at_s
        Host's monotonic clock, seconds.
    sensor
        Name of the sensor it is about, or None.
    data
        What there is to say, by name; anything that JSON can hold. Numbers that are not
        finite are stored as null.
    """

    kind: str
    at_s: float
    sensor: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


def note_to_bytes(note: Note) -> bytes:
    """Return the note as JSON."""
    told = {"kind": note.kind, "at_s": note.at_s, "sensor": note.sensor, "data": note.data}
    text = json.dumps(_plain(told), ensure_ascii=False, separators=(",", ":"), default=str)
    return text.encode("utf-8", "replace")


def note_from_bytes(data: bytes) -> Note:
    """Return the note that `note_to_bytes` wrote.

    Raises
    ------
    RecordingError
        It is no note.
    """
    try:
        told = json.loads(data)
        kind, at_s, sensor = told["kind"], told["at_s"], told.get("sensor")
        more = told.get("data") or {}
        at_s = math.nan if at_s is None else float(at_s)
    except DAMAGED as error:
        raise RecordingError(f"a note is damaged: {error}") from error
    named = sensor is None or isinstance(sensor, str)
    if not (isinstance(kind, str) and named and isinstance(more, dict)):
        raise RecordingError("a note is damaged: it has no kind or no content")
    return Note(kind, at_s, sensor, more)


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "ndim", None) == 0:
        return _plain(item())
    return value
