"""What the reader of a score must know of its signals, one sentence each."""

from __future__ import annotations

from collections.abc import Sequence

from ...recording.model import Event
from ..channels.report import ChannelReport
from ..signal.quality import CAUSE, Flag

_COUNTED = CAUSE[Flag.POP]


def warnings_of(reports: Sequence[ChannelReport], events: Sequence[Event]) -> list[str]:
    """Return what was not scored, what was marred or missing, and what was taken out.

    Parameters
    ----------
    reports
        One for each signal of the night.
    events
        Events of the night; those with a ``cause`` tell what was marred.
    """
    warnings = []
    for report in reports:
        if report.status != "ok":
            warnings.append(f"{report.label}: {report.reason}; nothing was scored on it")
        elif report.mains_hz is not None:
            warnings.append(
                f"{report.label}: strong {report.mains_hz:.0f} Hz mains was removed"
            )
        faults = [] if report.status == "dead" else _faults(report, events)
        if faults:
            warnings.append(f"{report.label}: {', '.join(faults)}")
    return warnings


def _faults(report: ChannelReport, events: Sequence[Event]) -> list[str]:
    """Return the faults of one signal with how long they lasted, or how many they were."""
    own = [e for e in events if e.channel == report.label and "cause" in e.extra]
    faults = []
    for cause in CAUSE.values():
        spans = [event.duration for event in own if event.extra["cause"] == cause]
        if not spans:
            continue
        if cause == _COUNTED:
            faults.append(f"{len(spans)} {cause}{'s' if len(spans) > 1 else ''}")
        else:
            faults.append(f"{cause} for {_length(sum(spans))}")
    if report.gap_s > 0.05:
        faults.append(f"{_length(report.gap_s)} missing")
    return faults


def _length(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10.0 else f"{seconds:.0f} s"
