"""What the reader of a score must know of its signals, one sentence each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...recording.label_lists import names_of
from ...recording.model import Event, Stream
from ..channels.report import ChannelReport
from ..signal.quality import CAUSE, Flag

_COUNTED = CAUSE[Flag.POP]
_WORTH_TELLING_S = 0.05


def notes_of(streams: Sequence[Stream]) -> list[str]:
    """Return what the reader of a file noted on its signals; what is said of several, once."""
    return _said_once((stream.label, note) for stream in streams for note in stream.notes)


def warnings_of(reports: Sequence[ChannelReport], events: Sequence[Event]) -> list[str]:
    """Return what was not scored, what was marred or missing, and what was taken out.

    What is to be said of several signals is said once.

    Parameters
    ----------
    reports
        One for each signal of the night.
    events
        Events of the night; those with a ``cause`` tell what was marred.
    """
    warnings: list[tuple[str, str]] = []
    for report in reports:
        if report.status != "ok":
            said = f"{report.reason}; nothing was scored on it"
            warnings.append((report.label, said))
        elif report.mains_hz is not None:
            said = f"strong {report.mains_hz:.0f} Hz mains was removed"
            warnings.append((report.label, said))
        faults = [] if report.status == "dead" else _faults(report, events)
        if faults:
            warnings.append((report.label, ", ".join(faults)))
        if report.gap_s > _WORTH_TELLING_S:
            warnings.append((report.label, _missing(report)))
    return _said_once(warnings)


def _said_once(told: Iterable[tuple[str, str]]) -> list[str]:
    """Return one sentence for each thing told, after the names of all it is told of."""
    labels: dict[str, list[str]] = {}
    for label, text in told:
        labels.setdefault(text, []).append(label)
    return [f"{names_of(tuple(dict.fromkeys(own)))}: {text}" for text, own in labels.items()]


def _missing(report: ChannelReport) -> str:
    share = report.gap_s / (report.recorded_s + report.gap_s)
    if report.gaps < 2:
        return f"{_length(report.gap_s)} missing ({share:.1%})"
    return (
        f"{_length(report.gap_s)} missing ({share:.1%}) in {report.gaps} gaps, the longest "
        f"{_length(report.longest_gap_s)}"
    )


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
    return faults


def _length(seconds: float) -> str:
    if seconds < 1.0:
        return f"{seconds:.2g} s"
    return f"{seconds:.1f} s" if seconds < 10.0 else f"{seconds:.0f} s"
