"""The calibration of a night in its score: kept out, and said so."""

from __future__ import annotations

from collections.abc import Iterable

from ...recording.annotations.calibration import WHOLE, Calibration
from ...recording.model import Event


def without_calibration(
    events: Iterable[Event], calibration: Calibration | None
) -> list[Event]:
    """Return events without those that lie in the calibration for more than half.

    Stretches that cannot be scored stay what they are.
    """
    if calibration is None:
        return list(events)
    return [
        event
        for event in events
        if event.trial_type == "unscorable" or calibration.share(event.onset, event.end) <= 0.5
    ]


def calibration_notes(calibration: Calibration | None) -> list[str]:
    """Return what a reader of the score must know of the calibration."""
    if calibration is None:
        return []
    return [f"the calibration of {calibration.length_s:.0f} s is kept out of the score"]


def calibration_rows(calibration: Calibration | None) -> list[Event]:
    """Return one ``artifact`` row for each calibration."""
    spans = () if calibration is None else calibration.spans
    return [
        Event(start, end - start, "artifact", extra={"cause": WHOLE}) for start, end in spans
    ]
