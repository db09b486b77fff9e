"""The labelled nights that are judged, and those that cannot be."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...models.evaluation import Unusable
from ...models.nights import LabelledNight, read_nights
from ...models.nights.listing import SIMULATED
from ...models.nights.places import is_bids, is_night, night_folders
from ...models.nights.read import without_doubles
from ...recording.errors import CrampwatchError
from ..train.simulated import simulated_night


def find_nights(places: Sequence[str]) -> tuple[list[LabelledNight], list[Unusable]]:
    """Return the labelled nights of all places, and what is wrong with the others.

    A night folder among others that cannot be read is told, and the rest are judged. A
    list and a BIDS dataset are read as a whole or not at all.

    Parameters
    ----------
    places
        Night folders, folders of them, BIDS datasets, lists, or ``sim:`` and ``sim2:`` entries.

    Raises
    ------
    CrampwatchError
        A place cannot be read, holds no labelled night, or a night comes twice.
    """
    nights: list[LabelledNight] = []
    unusable: list[Unusable] = []
    for place in places:
        folders = _folders(place)
        for one in folders or [place]:
            try:
                nights += read_nights(one, opener=simulated_night)
            except CrampwatchError as error:
                if not folders:
                    raise
                unusable.append(Unusable(Path(one).name, str(error)))
    if not nights and unusable:
        raise CrampwatchError(f"none of the {len(unusable)} nights can be read; the first:"
                              f" {unusable[0].reason}")  # fmt: skip
    return without_doubles(nights), unusable


def _folders(place: str) -> list[str]:
    """Return the night folders in a folder of them, else nothing."""
    path = Path(place)
    try:
        if place.startswith(SIMULATED) or not path.is_dir() or is_bids(path) or is_night(path):
            return []
        return [str(folder) for folder in night_folders(path)]
    except (OSError, ValueError):
        # `read_nights` tells what is wrong with the place
        return []
