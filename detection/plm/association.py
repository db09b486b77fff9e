"""Which movements lie next to a respiratory event or an arousal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .rules import TIME_TOLERANCE_S, Rules


def near_respiratory(
    onset: NDArray[np.float64],
    end: NDArray[np.float64],
    events: NDArray[np.float64],
    rules: Rules,
) -> NDArray[np.bool_]:
    """Return which movements touch the window of a respiratory event.

    Parameters
    ----------
    onset, end
        Of the movements, seconds, shape ``(n,)``.
    events
        Onset and duration of respiratory events, seconds, shape ``(m, 2)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(n,)``, bool. Edges belong to the window.
    """
    finish = events[:, 0] + events[:, 1]
    start = finish if rules.respiratory_around == "end" else events[:, 0]
    return _touch(
        onset, end, start - rules.respiratory_before, finish + rules.respiratory_after
    )


def near_arousal(
    onset: NDArray[np.float64],
    end: NDArray[np.float64],
    events: NDArray[np.float64],
    rules: Rules,
) -> NDArray[np.bool_]:
    """Return which movements lie within `Rules.arousal_margin` of any part of an arousal.

    Parameters and result are those of `near_respiratory`.
    """
    margin = rules.arousal_margin
    return _touch(onset, end, events[:, 0] - margin, events.sum(axis=1) + margin)


def _touch(
    onset: NDArray[np.float64],
    end: NDArray[np.float64],
    start: NDArray[np.float64],
    stop: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Return which of the spans touch any window.

    A span misses every window that begins after it ends or ends before it begins; if those
    are not all the windows there are, it touches one.
    """
    begun = np.searchsorted(np.sort(start), end + TIME_TOLERANCE_S, side="right")
    over = np.searchsorted(np.sort(stop), onset - TIME_TOLERANCE_S, side="left")
    return np.asarray(begun > over)
