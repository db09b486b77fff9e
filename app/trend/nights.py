"""Nights that were scored before, found and put in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from ...recording.errors import RecordingError
from .past_night import PastNight
from .places import MOST_ENTRIES, SUMMARY, holds_night, person_of, score_folder
from .places import folders as inside_of
from .places import places as places_of
from .reading import read_night

_DEPTH: Final = 3
_NEVER: Final = datetime(9999, 1, 1)  # noqa: DTZ001 - stands for no clock at all


def earlier_nights(folder: Path, start: datetime | None = None) -> tuple[PastNight, ...]:
    """Return the scored nights of the same person that lie beside a night, before it.

    Parameters
    ----------
    folder
        Folder of the night, scored or about to be; it need not exist.
    start
        When that night began; by default as its own summary tells. Where neither is known,
        nothing is earlier.

    Returns
    -------
    tuple of PastNight
        The oldest first; nights without a score or without a start are left out. A folder
        that cannot be read costs none of the others.
    """
    own = folder.resolve()
    if start is None and (own / SUMMARY).is_file():
        start = read_night(own).start
    if start is None:
        return ()
    person = person_of(own)
    found = [
        night
        for place in inside_of(own.parent, [MOST_ENTRIES])
        if place != own and holds_night(place)
        for night in [read_night(place)]
        if night.person == person and night.start is not None and before(night.start, start)
    ]
    return tuple(night for night in in_order(found) if night.scored)


def find_nights(folders: Iterable[Path]) -> tuple[PastNight, ...]:
    """Return the nights in folders, scored or not, the oldest first.

    Parameters
    ----------
    folders
        Each a night, or a folder of nights, at most three levels deep.

    Raises
    ------
    RecordingError
        A folder does not exist, or holds no night.
    """
    places: dict[Path, None] = {}
    for folder in folders:
        if not folder.is_dir():
            what = "is no folder" if folder.exists() else "does not exist"
            raise RecordingError(f"{folder} {what}; name the folder that holds your nights")
        found = list(places_of(folder, _DEPTH, [MOST_ENTRIES]))
        if not found:
            raise RecordingError(
                f"{folder} holds no night; name a folder of nights that crampwatch record or"
                " score wrote"
            )
        places |= dict.fromkeys(place.resolve() for place in found)
    return in_order([read_night(place) for place in places])


def before(first: datetime, second: datetime) -> bool:
    """Return whether a moment lies before another; clocks without a zone are the recorder's."""
    if (first.tzinfo is None) != (second.tzinfo is None):
        return first.replace(tzinfo=None) < second.replace(tzinfo=None)
    return first < second


def in_order(nights: Sequence[PastNight]) -> tuple[PastNight, ...]:
    """Return nights by start, then name; a night that was scored twice counts once.

    The score that was written last stays; the others have a `problem`.
    """
    newest: dict[object, PastNight] = {}
    for night in nights:
        if night.scored and night.start is not None:
            other = newest.get(_same(night))
            if other is None or _written(night.folder) >= _written(other.folder):
                newest[_same(night)] = night
    found = []
    for night in nights:
        kept = newest.get(_same(night)) if night.scored else None
        if kept is not None and kept is not night:
            said = f"the same recording as {kept.name}, scored earlier"
            found.append(replace(PastNight(night.folder, night.person), problem=said))
        else:
            found.append(night)
    return tuple(sorted(found, key=_key))


def _same(night: PastNight) -> object:
    start = night.start.replace(tzinfo=None) if night.start else None
    return (night.person, start, round(night.recorded_s, 1))


def _key(night: PastNight) -> tuple[bool, datetime, str]:
    start = night.start.replace(tzinfo=None) if night.start else _NEVER
    return (night.start is None, start, night.name)


def _written(folder: Path) -> float:
    score = score_folder(folder)
    with suppress(OSError):
        return (score / SUMMARY).stat().st_mtime if score else 0.0
    return 0.0
