"""A scored night in plain words: pure functions from numbers to sentences.

EMG shows that a muscle contracts, never that it hurts: the words are "cramp-like
contraction" until the sleeper confirmed it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import groupby

from ...detection.channels.report import ChannelReport
from ...recording.annotations.columns import LISTED
from ...recording.label_lists import names_of
from ...recording.model import Event, Night
from .findings import Findings

DISCLAIMER = (
    "Research and self-logging software, not a medical device. It never diagnoses and never"
    " advises treatment. Muscle signals cannot show pain: a cramp-like contraction is one"
    " that looks like a cramp, whether or not it was felt."
)

SIMULATED = "SIMULATED: this recording was made by a program, not by a person's leg."

# Order of importance: lanes of the figure, rows that survive a shortened table.
KINDS: dict[str, tuple[str, str]] = {
    "cramp": ("cramp-like contraction", "cramp-like contractions"),
    "possible_cramp": ("possible cramp-like contraction", "possible cramp-like contractions"),
    "large_movement": ("large movement", "large movements"),
    "PLM": ("leg movement in a series", "leg movements in series"),
    "LM": ("leg movement", "leg movements"),
    "ALMA": ("alternating leg movements", "runs of alternating leg movements"),
    "HFT": ("foot tremor", "runs of foot tremor"),
    "EFM": ("fragmentary myoclonus", "stretches of fragmentary myoclonus"),
    "marker": ("mark", "marks"),
    "artifact": ("artefact", "artefacts"),
    "unscorable": ("unscorable stretch", "unscorable stretches"),
}

CRAMPS = ("cramp", "possible_cramp")

_PLACEMENTS = {
    "GM": "calf (medial gastrocnemius)",
    "GL": "calf (lateral gastrocnemius)",
    "LG": "calf (lateral gastrocnemius)",
    "MG": "calf (medial gastrocnemius)",
    "SOL": "calf (soleus)",
    "TA": "shin (tibialis anterior)",
}

_STATUS = {
    "ok": "scored",
    "dead": "carries no signal",
    "baseline_unknown": "too little rest to know its resting level: not scored",
    "unscorable": "no usable second: not scored",
}


def headline(score: Findings) -> str:
    """Return the one sentence that a person reads first."""
    cramps, possible = (_of(score, kind) for kind in CRAMPS)
    if cramps and possible:
        return f"{_capital(count_words('cramp', len(cramps)))} and {len(possible)} possible"
    if cramps or possible:
        kind, found = ("cramp", cramps) if cramps else ("possible_cramp", possible)
        return _capital(count_words(kind, len(found)))
    if not any(c.status == "ok" and c.kind in ("emg", "acc") for c in score.channels):
        return "Nothing in this recording could be scored"
    return "No cramp-like contraction was found"


def story(score: Findings, start: datetime | None, legs: Sequence[str] = ()) -> list[str]:
    """Return what was found, one sentence each, the most important first.

    Parameters
    ----------
    score, start
        The night and its clock.
    legs
        Sentences about the leg movements by the book.
    """
    sentences = [_cramp_sentence(event, score, start) for event in _longest(score)]
    others = [
        count_words(kind, len(found))
        for kind in ("large_movement", "ALMA", "HFT", "EFM")
        if (found := _of(score, kind))
    ]
    moves = [event for event in score.events if event.trial_type in ("LM", "PLM")]
    if moves:
        others.insert(0, count_words("LM", len(moves)))
    if others:
        sentences.append(f"{'Also found' if sentences else 'Found'}: {_list(others)}.")
    if moves:
        sentences += legs
    sentences.append(coverage(score))
    return sentences


def coverage(score: Findings) -> str:
    """Return how much of the night could be scored."""
    total, valid = duration(score.duration_s), duration(score.valid_s)
    if valid == total:
        return f"All of the {total} recorded could be scored."
    if score.valid_s <= 0:
        return f"None of the {total} recorded could be scored."
    return f"{valid} of {total} could be scored on the best-covered signal."


def count_words(kind: str, count: int) -> str:
    """Return ``2 cramp-like contractions``; ``no leg movement`` for none."""
    one, many = KINDS.get(kind, (kind, kind))
    return f"{count or 'no'} {one if count <= 1 else many}"


def kind_words(event: Event) -> str:
    """Return what an event is, in words; a contraction is a cramp once it was confirmed."""
    said = event.extra.get("confirmation") if event.trial_type in CRAMPS else None
    if said == "confirmed":
        return "cramp (confirmed by the sleeper)"
    if said == "denied":
        return f"{KINDS[event.trial_type][0]} (no cramp, says the sleeper)"
    return KINDS.get(event.trial_type, (event.trial_type,))[0]


def side_words(side: str | None) -> str:
    """Return ``left``, ``right``, ``both legs`` or nothing."""
    return "both legs" if side == "both" else side or ""


def where_words(channel: str | None, channels: Iterable[ChannelReport]) -> str:
    """Return the muscle in words and the channel, as far as they are known."""
    if channel is None:
        return ""
    report = next((c for c in channels if c.label == channel), None)
    return placement_words(report.placement if report else None) or channel


def places_words(event: Event, channels: Sequence[ChannelReport]) -> str:
    """Return where an event was seen: the muscle, or all signals that share it."""
    told = event.extra.get("channels")
    if not isinstance(told, str):
        return where_words(event.channel, channels)
    return names_of(told.split(LISTED))


def why_words(event: Event) -> str:
    """Return why an event is what it is, and how much of it is missing."""
    why = str(event.extra.get("reason") or event.extra.get("cause") or "")
    gaps, lost = event.extra.get("gaps"), event.extra.get("lost_s")
    if isinstance(gaps, int) and isinstance(lost, int | float) and gaps > 1:
        return f"{gaps} gaps, together {duration(lost)}"
    return why


def placement_words(placement: str | None) -> str:
    """Return ``calf (medial gastrocnemius)`` for ``GM``; the code itself if unknown."""
    return _PLACEMENTS.get(placement, placement) if placement else ""


def signals_together(
    channels: Sequence[ChannelReport],
) -> list[tuple[str, ChannelReport]]:
    """Return each signal with its label; those not scored, of which the same is told, once."""
    found: list[tuple[str, ChannelReport]] = []
    for _, run in groupby(enumerate(channels), _told_of):
        own = [channel for _, channel in run]
        found.append((names_of([channel.label for channel in own]), own[0]))
    return found


def _told_of(numbered: tuple[int, ChannelReport]) -> tuple[object, ...]:
    number, channel = numbered
    if channel.rule is not None:
        return (number,)
    lengths = (channel.valid_s, channel.artifact_s, channel.unscorable_s, channel.gap_s)
    told = (channel.placement, status_words(channel), channel.reason, f"{channel.rate_hz:.6g}")
    return (*told, *map(duration, lengths))


def status_words(channel: ChannelReport) -> str:
    """Return what became of a signal."""
    if channel.status == "ok" and channel.rule is None and channel.kind != "acc":
        return "not scored"
    return _STATUS[channel.status]


def unit_words(unit: str) -> str:
    """Return a unit as a person reads it."""
    return {"uV": "µV", "count": "counts (scale unknown)"}.get(unit, unit)


def duration(seconds: float) -> str:
    """Return ``4.2 s``, ``45 s``, ``1 min 20 s`` or ``7 h 40 min``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def clock(start: datetime | None, seconds: float) -> str:
    """Return the recorder's clock time, or hours from the start where it has none."""
    if start is not None:
        # a header may claim a start or a length that no calendar holds
        with suppress(OverflowError):
            return f"{start + timedelta(seconds=seconds):%H:%M:%S}"
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def clock_note(start: datetime | None) -> str:
    """Return what the times mean."""
    if start is None:
        return "Times are hours:minutes:seconds from the start: the file names no clock time."
    zone = start.strftime("%Z")
    return f"Times are by the recorder's clock{f' ({zone})' if zone else ''}."


def is_simulated(night: Night) -> bool:
    """Return whether the recording itself says that it is simulated."""
    name = night.source.name if night.source else ""
    said = (name, *night.notes, *night.devices)
    return any("simulat" in text.lower() for text in said)


def unknown_scale_note(channels: Sequence[ChannelReport]) -> str | None:
    """Return a sentence where a signal came without a trusted scale."""
    labels = [c.label for c in channels if c.kind == "emg" and c.unit == "count"]
    return f"{_list(labels)}: the scale is not known, levels are relative." if labels else None


def _of(score: Findings, kind: str) -> list[Event]:
    return [event for event in score.events if event.trial_type == kind]


def _longest(score: Findings) -> list[Event]:
    found = _of(score, "cramp") or _of(score, "possible_cramp")
    return sorted(found, key=lambda event: -event.duration)[:1]


def _cramp_sentence(event: Event, score: Findings, start: datetime | None) -> str:
    alone = sum(e.trial_type == event.trial_type for e in score.events) == 1
    leg = "both legs" if event.side == "both" else f"the {event.side} leg" if event.side else ""
    where = where_words(event.channel, score.channels)
    place = ", ".join(part for part in (leg, where) if part)
    when = f"at {clock(start, event.onset)}" + ("" if start else " from the start")
    subject = "It" if alone else "The longest"
    inside = (f" in {place}" if leg else f" on {place}") if place else ""
    return f"{subject} began {when} and lasted {duration(event.duration)}{inside}."


def _list(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
