"""Sensors on one time line: what is known of the constants between them, and what is not.

Arrival times align the rates of clocks, never the constant latency of their links. Round
trips bound the constant of one sensor against the host; a tap on two bands gives the constant
between them. What neither tells stays "offset unknown", in the night's record and in results.
"""

from __future__ import annotations

from collections.abc import Mapping as Table
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Literal

from .round_trip import Constant
from .tap import TapMatch

Source = Literal["round trips", "tap", "reference", "unknown"]


@dataclass(frozen=True, slots=True)
class Offset:
    """How far the times of one sensor lie after those of another, beyond their mappings.

    Attributes
    ----------
    known
        Whether anything tells it; where not, `seconds` is 0 and the bounds are infinite.
    seconds, low_s, high_s
        Best value and bounds; for taps two standard errors.
    """

    known: bool
    seconds: float = 0.0
    low_s: float = -inf
    high_s: float = inf

    def __str__(self) -> str:
        if not self.known:
            return "offset unknown"
        return (
            f"{1e3 * self.seconds:+.1f} ms "
            f"({1e3 * self.low_s:+.1f} to {1e3 * self.high_s:+.1f} ms)"
        )


UNKNOWN = Offset(known=False)


@dataclass(frozen=True, slots=True)
class Placed:
    """One sensor on the common time line.

    Attributes
    ----------
    correction_s
        To be added to its mapped host times; 0 where nothing is known.
    low_s, high_s
        Bounds of it against the common line of its `group`.
    source
        What told it: ``reference`` for the sensor that the others of its group are set
        against while nothing ties the group to the host.
    group
        Sensors of one group lie on one line; between groups the offset is unknown. Group 0 is
        tied to the host by round trips.
    """

    correction_s: float
    low_s: float
    high_s: float
    source: Source
    group: int


@dataclass(frozen=True, slots=True)
class TapBetween:
    """A tap found on two bands; its offset is that of `second` after `first`."""

    first: str
    second: str
    match: TapMatch


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """All sensors of a night.

    Attributes
    ----------
    placed
        By name.
    notes
        Sentences for people: what is unknown, and what contradicts itself.
    """

    placed: Table[str, Placed]
    notes: tuple[str, ...] = ()

    def between(self, first: str, second: str) -> Offset:
        """Return how far `second` must be moved more than `first`, or that nobody knows.

        Raises
        ------
        KeyError
            No sensor has this name.
        """
        a, b = self.placed[first], self.placed[second]
        if first == second:
            return Offset(True, 0.0, 0.0, 0.0)
        if a.group != b.group:
            return UNKNOWN
        return Offset(
            known=True,
            seconds=b.correction_s - a.correction_s,
            low_s=b.low_s - a.high_s,
            high_s=b.high_s - a.low_s,
        )


def align(constants: Table[str, Constant | None], taps: Sequence[TapBetween] = ()) -> Alignment:
    """Put sensors on one time line.

    Parameters
    ----------
    constants
        For each sensor what its round trips told, or None.
    taps
        Taps found between two sensors whose times are mapped, not yet corrected.

    Raises
    ------
    KeyError
        A tap names a sensor that is not in `constants`.
    """
    placed: dict[str, Placed] = {}
    notes: list[str] = []
    for name, constant in constants.items():
        if constant is not None:
            bounds = constant.low_s, constant.high_s
            placed[name] = Placed(constant.seconds, *bounds, "round trips", 0)
            if not constant.agree:
                notes.append(f"{name}: its round trips do not fit one constant")
    _spread(placed, constants, taps)
    group = 1
    for name in constants:
        if name in placed:
            continue
        placed[name] = Placed(0.0, 0.0, 0.0, "reference", group)
        before = len(placed)
        _spread(placed, constants, taps)
        if len(placed) == before:
            placed[name] = Placed(0.0, -inf, inf, "unknown", group)
            notes.append(f"{name}: offset unknown")
        group += 1
    notes += [note for tap in taps if (note := _contradiction(placed, tap))]
    ordered = {name: placed[name] for name in constants}
    if len({each.group for each in ordered.values()}) == 1 and len(ordered) == 1:
        notes = [note for note in notes if not note.endswith("offset unknown")]
    return Alignment(ordered, tuple(notes))


def _spread(
    placed: dict[str, Placed],
    constants: Table[str, Constant | None],
    taps: Sequence[TapBetween],
) -> None:
    """Place every sensor that a tap joins to a placed one, the surest taps first."""
    for tap in taps:
        if tap.first not in constants or tap.second not in constants:
            raise KeyError(tap.first if tap.first not in constants else tap.second)
    waiting = sorted(taps, key=lambda tap: tap.match.error_s)
    while True:
        for tap in waiting:
            margin = 2.0 * tap.match.error_s
            if tap.first in placed and tap.second not in placed:
                known, name, by = placed[tap.first], tap.second, -tap.match.offset_s
            elif tap.second in placed and tap.first not in placed:
                known, name, by = placed[tap.second], tap.first, tap.match.offset_s
            else:
                continue
            low, high = known.low_s + by - margin, known.high_s + by + margin
            placed[name] = Placed(known.correction_s + by, low, high, "tap", known.group)
            break
        else:
            return


def _contradiction(placed: Table[str, Placed], tap: TapBetween) -> str | None:
    first, second = placed[tap.first], placed[tap.second]
    margin = 2.0 * tap.match.error_s
    low = first.low_s - second.high_s - margin
    high = first.high_s - second.low_s + margin
    if first.group == second.group and not low <= tap.match.offset_s <= high:
        return f"{tap.first}, {tap.second}: the tap contradicts what else is known"
    return None
