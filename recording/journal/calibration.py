"""What the notes of a journal tell of the guided calibration."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Final

from ..annotations.calibration import LIFT, LONGEST_S, PRESS, REST, TAP, WHOLE
from ..model import Event
from .notes import Note

_ACTS: Final = {"press": PRESS, "lift": LIFT}
_MOST = 1000


def calibration_events(
    notes: Iterable[Note], to_night: Callable[[float], float]
) -> list[Event]:
    """Return the calibration as events of the night, in order of time.

    Parameters
    ----------
    notes
        Of any kind; those of a calibration are taken. Of two that begin one part, the later
        one holds: a recording that was cut off tells when the part should have ended.
    to_night
        Host's monotonic clock to seconds from the start of the night.
    """
    parts: dict[tuple[str, str | None, float], tuple[float, float]] = {}
    for note in notes:
        part = _part(note)
        if part is not None and len(parts) < _MOST:
            cause, side, start_s, end_s = part
            parts[cause, side, start_s] = start_s, end_s
    found = []
    for (cause, side, _), (start_s, end_s) in parts.items():
        start, end = to_night(start_s), to_night(end_s)
        if math.isfinite(start) and 0.0 <= end - start <= LONGEST_S:
            found.append(Event(start, end - start, "artifact", side, extra={"cause": cause}))
    return sorted(found, key=lambda event: (event.onset, -event.duration))


def calibration_remarks(notes: Iterable[Note]) -> list[str]:
    """Return what the reader of results must know of the calibration, one sentence each."""
    told: dict[str, None] = {}
    for note in notes:
        remark = note.data.get("remark") if note.kind == "calibration" else None
        if isinstance(remark, str) and remark and len(told) < _MOST:
            told[remark] = None
    return list(told)


def _part(note: Note) -> tuple[str, str | None, float, float] | None:
    """Return cause, side, start and end of the part that a note tells of."""
    if note.kind != "calibration":
        return None
    data = note.data
    phase = data.get("phase")
    cause = {"whole": WHOLE, "rest": REST, "tap": TAP}.get(str(phase))
    if phase == "reference":
        cause = _ACTS.get(str(data.get("act")))
    try:
        start_s, end_s = float(data["start_s"]), float(data["end_s"])
    except (ValueError, TypeError, LookupError):
        return None
    if cause is None or not (math.isfinite(start_s) and math.isfinite(end_s)):
        return None
    side = data.get("side")
    return cause, side if side in ("left", "right") else None, start_s, end_s
