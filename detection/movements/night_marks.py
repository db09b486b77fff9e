"""Stages, breathing and arousals of a night, as far as somebody marked them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...recording.annotations.hypnogram import Hypnogram, hypnogram_from_rows
from ...recording.annotations.names import AROUSAL, RESPIRATORY, event_name
from ...recording.annotations.read import is_epoch
from ...recording.errors import RecordingError
from ...recording.model import Event

# The last epoch may be longer than what was recorded of it.
_BEYOND_S = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class NightMarks:
    """What is known of a night beside its signals.

    Attributes
    ----------
    hypnogram
        Stages, or None.
    respiratory, arousals
        Onset and duration of the events, seconds, shape ``(n, 2)``; None where nobody
        marked any, which is not the same as none.
    notes
        Where they come from, one sentence each.
    """

    hypnogram: Hypnogram | None = None
    respiratory: NDArray[np.float64] | None = None
    arousals: NDArray[np.float64] | None = None
    notes: tuple[str, ...] = ()


def marks_of(
    events: Iterable[Event], hypnogram: Hypnogram | None = None, duration_s: float = 0.0
) -> NightMarks:
    """Take stages, respiratory events and arousals out of a recording's own marks.

    Parameters
    ----------
    events
        Marks that came with the recording; markers go by their text.
    hypnogram
        Stages from elsewhere, which go before those of the recording.
    duration_s
        Length of the recording, seconds.
    """
    named = [(_name(event), event) for event in events]
    notes: list[str] = []
    if hypnogram is None:
        hypnogram = _own_stages([event for _, event in named if is_epoch(event)], notes)
    breathing = _spans(event for name, event in named if name in RESPIRATORY)
    arousals = _spans(event for name, event in named if name == AROUSAL)
    if breathing is not None:
        notes.append(
            f"{len(breathing)} respiratory events in the recording: leg movements next to them"
            " are set aside before series are sought"
        )
    if hypnogram is not None:
        notes += _coverage(hypnogram, duration_s)
    return NightMarks(hypnogram, breathing, arousals, tuple(notes))


def _name(event: Event) -> str | None:
    if event.trial_type != "marker":
        return event.trial_type
    return event_name(str(event.extra.get("text") or ""))


def _own_stages(rows: list[Event], notes: list[str]) -> Hypnogram | None:
    scored = [event for event in rows if event.trial_type.startswith("sleep_")]
    if not scored:
        return None
    lasting = [event for event in rows if event.duration > 0]
    try:
        found = hypnogram_from_rows(
            [event.onset for event in lasting],
            [event.duration for event in lasting],
            [event.trial_type.removeprefix("sleep_") for event in lasting],
        )
    except RecordingError as error:
        notes.append(f"the stages in the recording were not used: {error}")
        return None
    if not len(found):
        notes.append("the stages in the recording have no duration: not used")
        return None
    notes.append("the stages in the recording were used as the hypnogram")
    return found


def _spans(events: Iterable[Event]) -> NDArray[np.float64] | None:
    rows = [(event.onset, event.duration) for event in events]
    return np.array(rows, np.float64) if rows else None


def _coverage(hypnogram: Hypnogram, duration_s: float) -> list[str]:
    """Say where stages and recording do not belong together."""
    if duration_s <= 0 or not len(hypnogram):
        return []
    shared = min(hypnogram.end_s, duration_s) - max(hypnogram.start_s, 0.0)
    span = f"the hypnogram ({hypnogram.start_s / 3600:.2f} to {hypnogram.end_s / 3600:.2f} h)"
    night = f"the recording of {duration_s / 3600:.2f} h"
    if shared <= 0:
        return [f"{span} lies outside {night}: its numbers mean nothing; check when both start"]
    said = []
    if shared < 0.9 * duration_s:
        share = f"{shared / duration_s:.0%}"
        said.append(f"{span} covers {share} of {night}: the rest is neither sleep nor wake")
    if hypnogram.end_s - duration_s > _BEYOND_S or hypnogram.start_s < -_BEYOND_S:
        said.append(
            f"{span} reaches beyond {night}: rates go by all its sleep; check when both start"
        )
    return said
