"""The shipped recordings, scored and held against what is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..recording.errors import CrampwatchError
from ..recording.model import Event
from .provenance import verb_of
from .report.words import CRAMPS, clock, count_words, duration

FOLDER = "crampwatch-demo"


def place(out: Path | None, *, here: Path) -> Path:
    """Return the folder for the demo's report: ours again, or one that is free.

    Parameters
    ----------
    out
        Folder that the user named, or None.
    here
        Folder in which a free name is sought where the user named none.

    Raises
    ------
    CrampwatchError
        The named folder holds something that the demo did not write.
    """
    if out is not None:
        if _free(out) or _ours(out):
            return out
        raise CrampwatchError(
            f"{out} holds something that the demo did not write; name another folder"
        )
    number = 1
    while True:
        candidate = here / (FOLDER if number == 1 else f"{FOLDER}-{number}")
        if _free(candidate) or _ours(candidate):
            return candidate
        number += 1


def compare_with_truth(truth: Sequence[Event], found: Sequence[Event]) -> list[str]:
    """Return in plain words whether the events that were put in were found.

    Parameters
    ----------
    truth
        What the simulated night holds.
    found
        What the detector says.
    """
    lines = []
    hits: set[int] = set()
    for event in (e for e in truth if e.trial_type == "cramp"):
        near = [i for i, other in enumerate(found) if _same(event, other)]
        hits.update(near)
        lines.append(_verdict(event, [found[i] for i in near]))
    false = [e for i, e in enumerate(found) if i not in hits and e.trial_type in CRAMPS]
    sure = sum(event.trial_type == "cramp" for event in false)
    lines.append(
        f"Cramp-like contractions that were never put in: {sure or 'none'};"
        f" possible ones: {len(false) - sure or 'none'}."
    )
    series = [event for event in truth if event.trial_type == "PLM"]
    if series:
        seen = sum(_overlaps(event, found, ("LM", "PLM")) for event in series)
        periodic = sum(_overlaps(event, found, ("PLM",)) for event in series)
        called = sum(_overlaps(event, found, ("cramp",)) for event in series)
        lines.append(
            f"It also holds {count_words('PLM', len(series))}: {seen} were found as leg"
            f" movements, {periodic or 'none'} of them in a periodic series, {called or 'none'}"
            " called a cramp."
        )
        own = [event for event in found if event.trial_type == "PLM"]
        wrong = sum(not _overlaps(event, truth, ("PLM",)) for event in own)
        lines.append(f"Leg movements called periodic that are not: {wrong or 'none'}.")
    return lines


def _verdict(event: Event, near: Sequence[Event]) -> str:
    put_in = (
        f"A cramp-like contraction was put in at {clock(None, event.onset)} from the start"
        f" ({event.side or 'side unknown'}, {duration(event.duration)})"
    )
    hit = next((e for e in near if e.trial_type == "cramp"), None)
    if hit is None and near:
        return f"{put_in}: found, but only as a {count_words('possible_cramp', 1)[2:]}."
    if hit is None:
        return f"{put_in}: NOT found."
    late = hit.onset - event.onset
    return f"{put_in}: found, onset {abs(late):.1f} s {'late' if late >= 0 else 'early'}."


def _same(event: Event, other: Event) -> bool:
    sides = {event.side, other.side}
    return (
        other.trial_type in CRAMPS
        and _overlap(event, other)
        and (len(sides) == 1 or None in sides or "both" in sides)
    )


def _overlaps(event: Event, found: Sequence[Event], kinds: Sequence[str]) -> bool:
    return any(_overlap(event, other) and other.trial_type in kinds for other in found)


def _overlap(a: Event, b: Event) -> bool:
    return a.onset < b.end and b.onset < a.end


def _free(folder: Path) -> bool:
    if folder.is_symlink() and not folder.exists():
        return False
    return not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))


def _ours(folder: Path) -> bool:
    return verb_of(folder) == "demo"
