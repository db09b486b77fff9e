"""One way in to labelled nights, whatever they lie in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from ...recording.errors import CrampwatchError
from .labelled import LabelledNight, Opener
from .listing import SIMULATED, nights_in_list
from .places import bids_nights, is_bids, is_night, night_folders, night_in_folder


def read_nights(
    path: str | PathLike[str], *, opener: Opener | None = None
) -> list[LabelledNight]:
    """Return the labelled nights that a path names.

    Signals are not read yet, only headers and marks.

    Parameters
    ----------
    path
        A night folder, a folder of night folders, a BIDS dataset, a tab-separated list of
        nights, or a ``sim:`` or ``sim2:`` entry of such a list.
    opener
        Makes a night of such an entry; without it there are none.

    Returns
    -------
    list of LabelledNight
        In the order of their names, or of the list.

    Raises
    ------
    CrampwatchError
        The path holds no labelled nights, one of them cannot be read, marks lie outside
        their night, or a night comes twice.
    """
    if isinstance(path, str) and path.startswith(SIMULATED):
        if opener is None:
            raise CrampwatchError(f"simulated nights cannot be read here: {path}")
        return [opener(path)]
    place = Path(path)
    try:
        nights = _read(place, opener)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CrampwatchError(f"cannot read {error.filename or place}: {reason}") from error
    except ValueError as error:
        if "null" in str(error):
            raise CrampwatchError(f"cannot read {path!r}: not a file name") from error
        raise
    return without_doubles(nights)


def without_doubles(nights: Sequence[LabelledNight]) -> list[LabelledNight]:
    """Return the nights, each with a name of its own.

    Raises
    ------
    CrampwatchError
        Two of them are the same recording: it would be learned from twice, or be both
        lesson and exam.
    """
    seen: dict[str, LabelledNight] = {}
    for night in nights:
        key = _key(night)
        known = seen.setdefault(key, night) if key else night
        if known is night:
            continue
        if known.person != night.person:
            raise CrampwatchError(
                f"{night.id} and {known.id} are the same night under two persons,"
                f" {night.person or 'nobody'} and {known.person or 'nobody'}; keep one of them"
            )
        raise CrampwatchError(f"{night.id} and {known.id} are the same night; keep one of them")
    name, times = next(iter(Counter(night.id for night in nights).most_common(1)), ("", 0))
    if times > 1:
        raise CrampwatchError(f"{times} nights are called {name!r}; rename their folders")
    return list(nights)


def _key(night: LabelledNight) -> str:
    """Return what two copies of a night share; for a simulated one what it was drawn from."""
    about = night.about
    if night.source != "simulated" or not {"scenario", "seed"} <= set(about):
        return night.identity
    names = ("scenario", "family", "seed", "person", "hours", "carriers")
    return "\t".join(about.get(name, "") for name in names)


def _read(place: Path, opener: Opener | None) -> list[LabelledNight]:
    if not place.exists():
        raise CrampwatchError(f"{place}: no such file or folder")
    if place.is_file():
        if place.suffix.lower() in (".edf", ".bdf"):
            raise CrampwatchError(
                f"{place}: a recording without marks; name its night folder or a list of nights"
            )
        return nights_in_list(place, opener)
    if is_bids(place):
        return bids_nights(place)
    if is_night(place):
        return [night_in_folder(place)]
    folders = night_folders(place)
    if not folders:
        raise CrampwatchError(
            f"{place}: no labelled night here: no events.tsv in it nor in a folder below, and"
            " no BIDS dataset"
        )
    return [night_in_folder(folder) for folder in folders]
