"""What the page says in words: plain numbers and texts, which the browser shows as text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from ...recording.model import Event
from ..report.looks import look_of
from ..report.words import KINDS, duration
from .acts import Acts
from .desk import Desk
from .others import AgreementRow


def page_state(
    acts: Acts,
    agreed: Sequence[AgreementRow],
    *,
    seen: int,
    saving: bool,
    title: str,
    banner: str,
    start: datetime | None,
    notes: Sequence[str],
) -> dict[str, Any]:
    """Return all that the page shows in words, JSON-ready.

    Parameters
    ----------
    acts, agreed
        What there is, and how far annotators agree.
    seen
        Number of the last message of the browser that was taken.
    saving
        Whether an edge is still being dragged.
    title, banner, start, notes
        Name of the night, what must be seen first, its clock, and what must be known.
    """
    desk, window = acts.desk, acts.window
    stream = acts.tracks.stream(window.track)
    labels = desk.labels
    return {
        "seen": seen,
        "title": title,
        "banner": banner,
        "annotator": desk.annotator,
        "saved": _saved(desk, failed=acts.failed, saving=saving),
        "failed": bool(acts.failed),
        "said": acts.failed or acts.said,
        "where": (
            f"{clock_words(start, window.start_s)} to {clock_words(start, window.end_s)}"
            f" ({span_words(window.width_s)})"
        ),
        "cursor": clock_words(start, window.cursor_s),
        "track": stream.label if stream else "",
        "signal": "EMG as the detector sees it" if window.filtered else "EMG as recorded",
        "kind": acts.kind,
        "chosen": _chosen(desk, start),
        "note": _note(desk),
        "labels": len(labels),
        "proposals": len(desk.proposals),
        "left": len(desk.left),
        "undo": labels.last,
        "redo": labels.next,
        "agreement": [_row(row) for row in agreed],
        "notes": [*desk.notes, *notes][:12],
        "window": [window.start_s, window.end_s],
    }


def clock_words(start: datetime | None, seconds: float) -> str:
    """Return the time of day of a moment to the millisecond, or the time from the start."""
    if start is None:
        return f"{seconds:.3f} s"
    return f"{start + timedelta(seconds=seconds):%H:%M:%S.%f}"[:-3]


def span_words(seconds: float) -> str:
    """Return a length of time, short ones to the millisecond."""
    if seconds < 10:
        return f"{seconds:.3g} s"
    return duration(seconds)


def _saved(desk: Desk, *, failed: str, saving: bool) -> str:
    if failed:
        return "NOT SAVED"
    if saving:
        return "saving…"
    if not desk.saved_at:
        return "saved: nothing to save yet"
    return f"saved {desk.saved_at[11:19]} UTC"


def _chosen(desk: Desk, start: datetime | None) -> str:
    event = desk.chosen_event()
    if event is None or desk.chosen is None:
        return ""
    words = _event_words(event, start)
    if desk.chosen.kind == "label":
        return f"Label: {words}"
    verdict = desk.labels.verdicts.get(desk.chosen.key)
    state = f", {verdict}" if verdict else ""
    sure = "" if event.probability is None else f", probability {event.probability:.2f}"
    return f"Proposal{state}: {words}{sure}"


def _event_words(event: Event, start: datetime | None) -> str:
    one = KINDS.get(event.trial_type, (event.trial_type,))[0]
    where = event.channel or event.side or "no channel"
    begin = clock_words(start, event.onset)
    symbol = look_of(event.trial_type).symbol
    return f"{symbol} {one}, {where}, {begin}, {span_words(event.duration)}"


def _note(desk: Desk) -> str:
    event = desk.chosen_event()
    return "" if event is None else str(event.extra.get("text") or "")


def _row(row: AgreementRow) -> list[str]:
    def two(value: float | None) -> str:
        # never "-0.00"
        return "n/a" if value is None else f"{round(value, 2) + 0.0:.2f}"

    counts = (row.n_mine, row.n_theirs, row.n_both)
    return [row.other, row.kind, *map(str, counts), two(row.f1), two(row.kappa)]
