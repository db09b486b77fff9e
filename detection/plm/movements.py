"""The gate: marks of leg movements, checked and in order of time, before any rule sees them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...recording.annotations.clock import LONGEST_S
from ...recording.model import Event
from .rules import TIME_TOLERANCE_S

LEFT: Final = 0
RIGHT: Final = 1
BOTH: Final = 2
UNKNOWN: Final = 3
SIDE_NAMES: Final = ("left", "right", "both", None)
"""Names of the side codes, in their order."""

MOVEMENT_TYPES: Final = frozenset({"LM", "PLM"})
CRAMP_TYPES: Final = frozenset({"cramp", "possible_cramp"})


@dataclass(frozen=True, slots=True, eq=False)
class Movements:
    """Marked leg movements, sorted by onset.

    Attributes
    ----------
    onset, duration
        Seconds, shape ``(n,)``, float64, finite; durations are positive.
    side
        Side codes (`LEFT`, `RIGHT`, `BOTH`, `UNKNOWN`), shape ``(n,)``, int8. A mark on
        both sides is one that somebody has combined already.
    cramp
        Marks that are a cramp-like contraction: long movements that can be no candidate,
        shape ``(n,)``, bool.
    warnings
        What was wrong with the marks, one sentence each.
    """

    onset: NDArray[np.float64]
    duration: NDArray[np.float64]
    side: NDArray[np.int8]
    cramp: NDArray[np.bool_]
    warnings: tuple[str, ...] = ()

    def __len__(self) -> int:
        return int(self.onset.size)

    @property
    def end(self) -> NDArray[np.float64]:
        """Offset times, seconds, shape ``(n,)``."""
        return self.onset + self.duration


def movements_from_events(events: Iterable[Event]) -> Movements:
    """Take the leg movements and cramps out of a night's events; the rest is left alone."""
    wanted = [e for e in events if e.trial_type in MOVEMENT_TYPES | CRAMP_TYPES]
    return movements_from_arrays(
        [e.onset for e in wanted],
        [e.duration for e in wanted],
        [e.side for e in wanted],
        [e.trial_type in CRAMP_TYPES for e in wanted],
    )


def movements_from_arrays(
    onset: ArrayLike,
    duration: ArrayLike,
    side: Sequence[str | None],
    cramp: ArrayLike | None = None,
) -> Movements:
    """Check marks and put them in order of time.

    Parameters
    ----------
    onset, duration
        Seconds, shape ``(n,)``.
    side
        ``left``, ``right``, ``both``, or None where unknown, n entries.
    cramp
        Whether a mark is a cramp-like contraction, shape ``(n,)``; none is by default.

    Returns
    -------
    Movements
        Without the marks that cannot be: those are counted in its warnings.

    Raises
    ------
    ValueError
        If the columns differ in length or have more than one dimension.
    """
    start = np.asarray(onset, dtype=np.float64)
    length = np.asarray(duration, dtype=np.float64)
    cramps = np.zeros(start.shape, bool) if cramp is None else np.asarray(cramp, dtype=bool)
    codes, strange = _side_codes(side)
    if start.ndim != 1 or not start.shape == length.shape == cramps.shape == codes.shape:
        raise ValueError(
            f"onset {start.shape}, duration {length.shape}, side {codes.shape} and cramp "
            f"{cramps.shape} need one value for each mark"
        )
    warnings = list(strange)
    usable = (np.abs(start) <= LONGEST_S) & (np.abs(length) <= LONGEST_S)
    _count(warnings, ~usable, "without an onset or a duration: left out")
    positive = length > 0
    _count(warnings, usable & ~positive, "with a zero or negative duration: left out")
    usable &= positive
    start, length, codes, cramps = start[usable], length[usable], codes[usable], cramps[usable]
    if np.any(np.diff(start) < 0):
        warnings.append("the marks were not in order of time: sorted")
    order = np.lexsort((codes, length, start))
    found = Movements(start[order], length[order], codes[order], cramps[order])
    warnings += _describe(found)
    return Movements(found.onset, found.duration, found.side, found.cramp, tuple(warnings))


def marks(number: int) -> str:
    """Return ``1 mark``, ``2 marks``, ..."""
    return f"{number} mark" if number == 1 else f"{number} marks"


def _describe(found: Movements) -> list[str]:
    """Say what is odd about sound marks: overlaps, repeats, one leg, no side, early."""
    warnings: list[str] = []
    overlapping = repeated = 0
    for leg in range(len(SIDE_NAMES)):
        own = found.side == leg
        onset, end = found.onset[own], found.end[own]
        if onset.size < 2:
            continue
        earlier = np.maximum.accumulate(end)[:-1]
        same = (np.diff(onset) <= TIME_TOLERANCE_S) & (np.abs(np.diff(end)) <= TIME_TOLERANCE_S)
        repeated += int(same.sum())
        overlapping += int(np.sum((earlier - onset[1:] > TIME_TOLERANCE_S) & ~same))
    if repeated:
        warnings.append(f"{marks(repeated)} repeated on the same leg: counted once")
    if overlapping:
        warnings.append(
            f"{marks(overlapping)} overlapping another on the same leg: read as one movement"
        )
    sides = {int(code) for code in np.unique(found.side)}
    if UNKNOWN in sides:
        number = int(np.sum(found.side == UNKNOWN))
        warnings.append(f"{marks(number)} without a side: read as a leg of their own")
    if len(sides) == 1 and sides <= {LEFT, RIGHT}:
        name = SIDE_NAMES[sides.pop()]
        warnings.append(f"marks on the {name} leg only: movements of the other leg are unknown")
    _count(warnings, found.onset < 0, "before the start of the recording")
    return warnings


def _side_codes(side: Sequence[str | None]) -> tuple[NDArray[np.int8], list[str]]:
    known = {"left": LEFT, "right": RIGHT, "both": BOTH, None: UNKNOWN, "n/a": UNKNOWN}
    strange = sorted({repr(name) for name in side if name not in known})
    codes = np.array([known.get(name, UNKNOWN) for name in side], dtype=np.int8)
    if not strange:
        return codes, []
    return codes, [f"unknown side {', '.join(strange[:5])}: left, right or both are known"]


def _count(warnings: list[str], bad: NDArray[np.bool_], what: str) -> None:
    if bad.any():
        warnings.append(f"{marks(int(bad.sum()))} {what}")
