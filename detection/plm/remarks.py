"""What the reader of the numbers must know about what went into them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...recording.annotations.hypnogram import Hypnogram
from .movements import CRAMP_TYPES, Movements, marks
from .rules import Rules

LONG_GAP_S: Final = 3600.0
"""A hypnogram and a recording that differ by more than this hardly belong together."""


def about_marks(movements: Movements, barriers: NDArray[np.float64], rules: Rules) -> list[str]:
    """Say that there are no marks, and what became of cramps."""
    said = []
    if not len(movements):
        said.append("no leg movement is marked: every count is 0")
    cramps = int(movements.cramp.sum())
    if cramps:
        names = " or ".join(sorted(CRAMP_TYPES))
        said.append(
            f"{marks(cramps)} of type {names}: a long movement, no candidate, breaks a series"
        )
    if barriers.size and rules.long_movement == "no_movement":
        said.append("by this rule set such a movement is not counted as a leg movement")
    return said


def about_table(table: ArrayLike | None, used: NDArray[np.float64], what: str) -> list[str]:
    """Say how many rows of a table of events could not be used, and if it holds none."""
    if table is None:
        return []
    rows = len(np.asarray(table))
    if rows == 0:
        return [f"the table of {what} is empty: read as a night without any"]
    if rows > len(used):
        return [f"{rows - len(used)} {what} without a usable onset or duration: left out"]
    return []


def about_hypnogram(
    movements: Movements,
    hypnogram: Hypnogram | None,
    stage: NDArray[np.str_],
    onset: NDArray[np.float64],
    *,
    valid_s: float | None,
    rules: Rules,
) -> list[str]:
    """Say what the hypnogram does not cover, and what that does to the numbers."""
    last = float(movements.end.max()) if len(movements) else 0.0
    said = []
    if valid_s is not None and last > valid_s + 1.0:
        said.append(
            f"the last mark ends at {last:.0f} s, after the {valid_s:.0f} s of valid recording"
        )
    if hypnogram is None:
        said.append(
            "no hypnogram: nothing is called periodic in sleep or in wake, and rates are per "
            "hour of valid recording"
        )
        if valid_s is None:
            said.append("the valid recording time is unknown, so there are no rates")
        return said
    if rules.wake_movement == "passed_over" and hypnogram.wake_s > 0:
        said.append("movements in wake are passed over by this reading: PLMW is always 0")
    return [
        *said,
        *hypnogram.notes,
        *_about_coverage(hypnogram, stage, onset),
        *_about_alignment(hypnogram, max(last, valid_s or 0.0), has_marks=len(movements) > 0),
    ]


def _about_coverage(
    hypnogram: Hypnogram, stage: NDArray[np.str_], onset: NDArray[np.float64]
) -> list[str]:
    said = []
    span = f"({hypnogram.start_s:.0f} to {hypnogram.end_s:.0f} s)"
    outside = (onset < hypnogram.start_s) | (onset >= hypnogram.end_s)
    number, unscored = int(outside.sum()), int(np.sum((stage == "") & ~outside))
    if onset.size and number == onset.size:
        said.append(
            f"no leg movement lies within the hypnogram {span}: its numbers mean nothing; "
            "check when it starts"
        )
    elif number:
        said.append(
            f"{number} of {onset.size} leg movements lie outside the hypnogram {span}: "
            "neither sleep nor wake"
        )
    if unscored:
        said.append(f"leg movements in unscored epochs: {unscored}; neither sleep nor wake")
    if hypnogram.unscored_s > 0:
        said.append(
            f"{hypnogram.unscored_s / 60:.1f} min of the hypnogram are unscored: neither sleep "
            "nor wake"
        )
    if hypnogram.sleep_s <= 0:
        said.append("the hypnogram holds no sleep: rates per hour of sleep are missing")
    return said


def _about_alignment(hypnogram: Hypnogram, night_s: float, *, has_marks: bool) -> list[str]:
    late_start = abs(hypnogram.start_s) > LONG_GAP_S
    early_end = night_s - hypnogram.end_s > LONG_GAP_S
    check = "check that both start at the same time"
    if has_marks and (late_start or early_end):
        span = f"{hypnogram.start_s / 3600:.2f} to {hypnogram.end_s / 3600:.2f} h"
        night = f"{night_s / 3600:.2f} h"
        return [f"the hypnogram spans {span}, the recording at least {night}: {check}"]
    if has_marks and hypnogram.end_s - night_s > LONG_GAP_S:
        rest = f"{(hypnogram.end_s - night_s) / 3600:.2f} h"
        return [f"the hypnogram goes on for {rest} after the last mark: {check}"]
    return []
