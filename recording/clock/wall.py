"""The time of night and the time of day: one line that never jumps, and what the wall said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

STEP_S = 0.1
"""Changes of the wall clock below this are slewing or reading error."""

SLEW = 1e-3
"""The wall clock may be slewed by this much without being stepped (kernels allow 500 ppm)."""

LATEST_UTC_S = 4_102_444_800.0
"""The year 2100; no clock of a night reads more."""


@dataclass(frozen=True, slots=True)
class ClockReading:
    """The host's clocks at one moment, taken every minute.

    Attributes
    ----------
    monotonic_s
        Never steps; may stand still while the computer sleeps.
    wall_s
        Seconds since 1970 UTC; steps where the clock is set.
    elapsed_s
        Never steps and goes on while the computer sleeps; NaN where there is no such clock.
    """

    monotonic_s: float
    wall_s: float
    elapsed_s: float = float("nan")


@dataclass(frozen=True, slots=True)
class ClockStep:
    """Something that happened to the clocks between two readings.

    Attributes
    ----------
    after_s, before_s
        Time of night of the two readings around it.
    seconds
        How far the wall clock was moved, or how long the computer slept.
    kind
        ``set`` (the wall clock was moved), ``asleep``, or ``unclear`` where a jump ahead
        may be either; it is taken as sleep.
    """

    after_s: float
    before_s: float
    seconds: float
    kind: Literal["set", "asleep", "unclear"]

    def __str__(self) -> str:
        if self.kind == "asleep":
            return f"the computer slept for {self.seconds:.1f} s at {self.after_s:.0f} s"
        if self.kind == "unclear":
            return (
                f"the computer slept, or its clock was set ahead, for {self.seconds:.1f} s "
                f"at {self.after_s:.0f} s"
            )
        how = "ahead" if self.seconds > 0 else "back"
        hours = round(self.seconds / 3600.0)
        hour = hours and abs(self.seconds - 3600.0 * hours) < 2.0
        why = ", as for daylight saving or another zone" if hour else ""
        return (
            f"the clock was set {how} by {abs(self.seconds):.1f} s at {self.after_s:.0f} s{why}"
        )


@dataclass(frozen=True, slots=True, eq=False)
class NightClock:
    """Time of night for monotonic times, and the wall time of its start.

    Attributes
    ----------
    start_utc
        Start of the night by the setting of the wall clock that held the longest.
    steps
        What happened to the clocks, in order.
    knots_s
        Shape ``(n,)``: monotonic times of the readings after which the computer had slept.
    slept_s
        Shape ``(n,)``: how long it had slept in all.
    """

    start_utc: datetime
    start_monotonic_s: float
    steps: tuple[ClockStep, ...]
    knots_s: NDArray[np.float64]
    slept_s: NDArray[np.float64]

    def to_night(self, monotonic_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return seconds since the start of the night; sleep of the computer counts."""
        monotonic = np.asarray(monotonic_s, np.float64)
        return monotonic - self.start_monotonic_s + self._slept(monotonic)

    def to_utc(self, night_s: float) -> datetime:
        """Return the wall time of a time of night."""
        return self.start_utc + timedelta(seconds=night_s)

    def _slept(self, monotonic: NDArray[np.float64]) -> NDArray[np.float64]:
        slept = np.concatenate(([0.0], self.slept_s))
        return np.asarray(slept[np.searchsorted(self.knots_s, monotonic, side="right")])


def night_clock(
    readings: Sequence[ClockReading], start_monotonic_s: float | None = None
) -> NightClock | None:
    """Return the clock of the night from the readings of the host's clocks.

    Parameters
    ----------
    readings
        In order; impossible ones (NaN, back in time) are passed over.
    start_monotonic_s
        Monotonic time at which the night starts; by default the first reading.

    Returns
    -------
    NightClock or None
        None where there is no usable reading.
    """
    rows = np.array([(r.monotonic_s, r.wall_s, r.elapsed_s) for r in readings], np.float64)
    if not len(rows):
        return None
    rows[np.abs(rows) > LATEST_UTC_S] = np.nan
    rows = rows[np.isfinite(rows[:, :2]).all(axis=1) & (rows[:, 1] >= 0.0)]
    if not len(rows):
        return None
    rows = rows[rows[:, 0] >= np.maximum.accumulate(rows[:, 0])]
    monotonic, wall, elapsed = rows.T
    start = float(monotonic[0]) if start_monotonic_s is None else start_monotonic_s
    passed = np.diff(monotonic)
    ahead = np.diff(wall) - passed
    slept = np.nan_to_num(np.diff(elapsed) - passed)
    limit = STEP_S + SLEW * passed
    slept = np.where(slept > limit, slept, 0.0)
    # where nothing counts through sleep, the wall clock stands in for such a clock
    same = bool((np.abs(elapsed - wall) < 1.0).all())
    moved = ahead - slept
    total = np.concatenate(([0.0], np.cumsum(slept)))
    night = monotonic - start + total
    steps = []
    for k in range(len(passed)):
        around = float(night[k]), float(night[k + 1])
        if slept[k]:
            steps.append(ClockStep(*around, float(slept[k]), "unclear" if same else "asleep"))
        if abs(moved[k]) > limit[k]:
            steps.append(ClockStep(*around, float(moved[k]), "set"))
    woke = np.flatnonzero(slept)
    utc = _start(wall - night, np.abs(moved) > limit, night)
    return NightClock(
        datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=utc),
        start,
        tuple(steps),
        monotonic[woke + 1],
        total[woke + 1],
    )


def _start(
    offset: NDArray[np.float64], stepped: NDArray[np.bool_], night: NDArray[np.float64]
) -> float:
    """Return the start by the setting that held the longest; the later one of equals."""
    part = np.concatenate(([0], np.cumsum(stepped)))
    held = [np.ptp(night[part == k]) for k in range(int(part[-1]) + 1)]
    longest = len(held) - 1 - int(np.argmax(held[::-1]))
    return min(max(float(np.median(offset[part == longest])), 0.0), LATEST_UTC_S)
