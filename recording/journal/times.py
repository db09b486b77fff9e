"""Device time to time of night, for every stream of a journal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..clock import (
    ClockReading,
    Mapping,
    RoundTrip,
    TapBetween,
    TapMatch,
    align,
    constant_of,
)
from ..clock.round_trip import Constant
from .directory import Directory, Pieces
from .notes import Note

LARGEST_S = 2.0
"""No radio holds samples back by more; a larger constant is a mistake of the round trips."""

_AROUND_S = 60.0

Real = NDArray[np.float64]


@dataclass(slots=True)
class Told:
    """What the notes of a journal tell about clocks.

    Attributes
    ----------
    readings
        Of the host's clocks, in order.
    trips
        Round trips by sensor.
    taps
        Between two sensors.
    """

    readings: list[ClockReading] = field(default_factory=list)
    trips: dict[str, list[RoundTrip]] = field(default_factory=lambda: defaultdict(list))
    taps: list[TapBetween] = field(default_factory=list)

    def take(self, note: Note) -> None:
        """Take a note; one that is incomplete tells nothing."""
        data = note.data
        try:
            if note.kind == "wall":
                elapsed = data.get("elapsed_s")
                passed = np.nan if elapsed is None else float(elapsed)
                self.readings.append(ClockReading(note.at_s, float(data["wall_s"]), passed))
            elif note.kind == "round_trip" and note.sensor is not None:
                trip = (float(data[key]) for key in ("sent_s", "received_s", "device_s"))
                self.trips[note.sensor].append(RoundTrip(*trip))
            elif note.kind == "tap" and "offset_s" in data:
                match = TapMatch(
                    float(data["offset_s"]),
                    float(data["error_s"]),
                    int(data.get("taps", 0)),
                    float(data.get("confidence", 0.0)),
                )
                self.taps.append(TapBetween(str(data["first"]), str(data["second"]), match))
        except (ValueError, TypeError, LookupError, OverflowError):
            return


def host_times(directory: Directory, told: Told) -> tuple[dict[int, Real], tuple[str, ...]]:
    """Return the host's monotonic time of the first and last sample of each piece.

    All streams of one sensor that bear its clock go by the same mapping. Constants come from
    round trips and taps, where there are any.

    Returns
    -------
    times
        By channel, shape ``(n, 2)``.
    notes
        Sentences for people on what is unknown.
    """
    leading = _leading(directory)
    sensors: dict[str, int] = {}
    for channel, stream in directory.streams.items():
        best = sensors.setdefault(stream.sensor, channel)
        if len(directory.pieces[channel]) > len(directory.pieces[best]):
            sensors[stream.sensor] = channel
    constants: dict[str, Constant | None] = {
        sensor: _constant(told.trips.get(sensor, ()), directory.clocks[leading[channel]])
        for sensor, channel in sensors.items()
    }
    taps = [tap for tap in told.taps if {tap.first, tap.second} <= sensors.keys()]
    alignment = align(constants, taps)
    times = {}
    for channel, stream in directory.streams.items():
        pieces = directory.pieces[channel]
        mapped = _mapped(pieces, directory.clocks[leading[channel]])
        if mapped is None:
            mapped = _mapped(pieces, directory.clocks[channel])
        if mapped is None:
            mapped = _arrived(pieces, stream.rate_hz)
        times[channel] = mapped + alignment.placed[stream.sensor].correction_s
    return times, alignment.notes


def _leading(directory: Directory) -> dict[int, int]:
    """Return for each channel the channel by whose mapping it goes: that with most samples."""
    best: dict[tuple[str, int], int] = {}
    for channel, stream in directory.streams.items():
        if not stream.device_clock:
            continue
        key = stream.sensor, stream.generation
        now = best.setdefault(key, channel)
        if directory.pieces[channel].count.sum() > directory.pieces[now].count.sum():
            best[key] = channel
    return {
        channel: best[stream.sensor, stream.generation] if stream.device_clock else channel
        for channel, stream in directory.streams.items()
    }


def _constant(trips: Iterable[RoundTrip], mapping: Mapping) -> Constant | None:
    """Return what the round trips of one decoder tell, None where that is nothing sure."""
    if not mapping.runs:
        return None
    first = float(mapping.runs[0].host_s[0]) - _AROUND_S
    last = float(mapping.runs[-1].host_s[-1]) + _AROUND_S
    try:
        found = constant_of((t for t in trips if first <= t.received_s <= last), mapping)
    except ValueError:
        return None
    return found if found is not None and abs(found.seconds) < LARGEST_S else None


def _mapped(pieces: Pieces, mapping: Mapping) -> Real | None:
    """Return host times, None where the mapping does not know all runs of these pieces."""
    device = np.stack([pieces.device_s, pieces.last_s], axis=1)
    times = np.empty(device.shape)
    known = {run.number for run in mapping.runs}
    for number in np.unique(pieces.run).tolist():
        here = pieces.run == number
        if number not in known or not np.isfinite(device[here]).all():
            return None
        times[here] = mapping.to_host(device[here], number)
    return times


def _arrived(pieces: Pieces, rate_hz: float) -> Real:
    """Return arrivals, the last one known where one is not."""
    known = np.isfinite(pieces.arrival_s)
    if not known.any():
        return np.zeros((len(pieces), 2))
    last = np.maximum.accumulate(np.where(known, np.arange(len(pieces)), 0))
    first = np.where(known[last], pieces.arrival_s[last], pieces.arrival_s[known][0])
    return np.stack([first, first + (pieces.count - 1) / rate_hz], axis=1)
