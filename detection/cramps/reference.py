"""How strong the reference contraction of the calibration was, muscle by muscle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ...recording.annotations.calibration import Calibration, Held
from ..channels.tracks import EmgTrack
from ..settings import CrampSettings
from ..signal.robust import median

_LEAST_CELLS = 3


def reference_levels(
    tracks: Sequence[EmgTrack], calibration: Calibration | None, settings: CrampSettings
) -> Mapping[int, float]:
    """Return the level of the calibration contraction by number of the signal.

    Parameters
    ----------
    tracks
        Scored EMG channels.
    calibration
        Of the night, or None.
    settings
        Say from which multiple of rest on a muscle contracts.

    Returns
    -------
    dict
        Median level of the half seconds above rest, in the unit of the track. Of what the leg
        was asked to do, that counts which moved the muscle most. Tracks without such half
        seconds are left out.
    """
    if calibration is None:
        return {}
    found = {}
    for track in tracks:
        asked: dict[str, list[Held]] = {}
        for held in calibration.held:
            if track.report.side is None or held.side in (None, track.report.side):
                asked.setdefault(held.cause, []).append(held)
        levels = [_level(track, spans, settings.onset_ratio) for spans in asked.values()]
        known = [level for level in levels if np.isfinite(level)]
        if known:
            found[track.number] = max(known)
    return found


def _level(track: EmgTrack, spans: Sequence[Held], onset_ratio: float) -> float:
    whole: list[NDArray[np.float32]] = []
    for held in spans:
        part = track.between(held.start_s, held.end_s - track.cell_s)
        with np.errstate(invalid="ignore", divide="ignore"):
            above = track.level[part] >= onset_ratio * track.resting[part]
        whole.append(track.level[part][above])
    cells = np.concatenate(whole)
    return median(cells) if cells.size >= _LEAST_CELLS else float("nan")
