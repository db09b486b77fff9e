"""Which contractions lie under a fault, so that nobody counts them as missed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ...recording.model import Event

_FAULTS = (
    "peel_off", "radio_gap", "partly_reattached", "clipping", "contact_noise", "noise_step",
    "mains",
)  # fmt: skip


def marred(truth: Iterable[Event]) -> tuple[Event, ...]:
    """Return the events, cramps with the faults that lie over half of them or more."""
    rows = tuple(truth)
    return tuple(_judged(row, rows) if row.trial_type == "cramp" else row for row in rows)


def _judged(cramp: Event, rows: tuple[Event, ...]) -> Event:
    over = {
        str(row.extra["cause"])
        for row in rows
        if row.extra["cause"] in _FAULTS
        and row.side == cramp.side
        and row.channel in (None, cramp.channel)
        and min(row.end, cramp.end) - max(row.onset, cramp.onset) >= 0.5 * cramp.duration
    }
    return replace(cramp, extra={**cramp.extra, "marred": ",".join(sorted(over))})
