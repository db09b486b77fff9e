"""The first seconds of every signal: whether there is one at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...firmware_bridge.drivers.model import Decoded, Packet, Samples, StreamSpec
from ...firmware_bridge.links import Link, LinkChange, LinkSink
from ...recording.clock.round_trip import RoundTrip
from .checks import Check, Verdict
from .settings import UNUSED

SATURATED = 0.05
"""Part of the samples at a limit of the converter from which an electrode may be off."""


@dataclass(slots=True, eq=False)
class Seen:
    """Sums over the samples of one stream, per column."""

    spec: StreamSpec
    count: int
    total: NDArray[np.float64]
    squares: NDArray[np.float64]
    at_limit: NDArray[np.int64]

    def add(self, run: Samples) -> None:
        """Take samples."""
        values = self.spec.physical(run.raw, run.scale)
        self.count += len(run)
        self.total += values.sum(axis=0)
        self.squares += np.square(values).sum(axis=0)
        if self.spec.raw_limits is not None:
            low, high = self.spec.raw_limits
            self.at_limit += ((run.raw <= low) | (run.raw >= high)).sum(axis=0)

    def spread(self) -> NDArray[np.float64]:
        """Return the standard deviation of each column, in the unit of the stream."""
        mean = self.total / self.count
        return np.sqrt(np.maximum(self.squares / self.count - mean**2, 0.0))


class FirstLook(LinkSink):
    """Looks at all samples that come while it listens.

    Attributes
    ----------
    seen
        By sensor and stream.
    """

    def __init__(self) -> None:
        self.seen: dict[tuple[str, str], Seen] = {}

    def took(self, link: Link, packets: Sequence[Packet], decoded: Decoded) -> None:
        """See `LinkSink.took`."""
        del packets
        for run in decoded.samples:
            spec = link.driver.stream(run.stream)
            key = link.name, run.stream
            seen = self.seen.get(key)
            if seen is None or len(seen.total) != len(spec.columns):
                empty = np.zeros(len(spec.columns))
                limits = np.zeros(len(spec.columns), np.int64)
                seen = self.seen[key] = Seen(spec, 0, empty, empty.copy(), limits)
            seen.add(run)

    def changed(self, link: Link, change: LinkChange) -> None:
        """See `LinkSink.changed`."""

    def round_trip(self, link: Link, trip: RoundTrip) -> None:
        """See `LinkSink.round_trip`."""

    def seconds(self, sensor: str) -> float:
        """Return how much of a sensor's signals has been seen, of the one seen most."""
        return max(
            (
                seen.count / seen.spec.rate_hz
                for (name, _), seen in self.seen.items()
                if name == sensor
            ),
            default=0.0,
        )

    def check(self, sensor: str, muscles: Sequence[str] | None) -> Check:
        """Return what the signals of a sensor look like.

        Parameters
        ----------
        sensor
            Its name.
        muscles
            Muscle under each EMG channel; channels without one are not looked at. None where
            nobody said.
        """
        words: list[str] = []
        verdict = Verdict.OK
        for (name, _), seen in self.seen.items():
            if name != sensor or not seen.count:
                continue
            said, fine = _signal(seen, muscles)
            words.append(said)
            verdict = verdict if fine else Verdict.WARN
        if not words:
            return Check(f"{sensor}: signal", Verdict.WARN, "no samples yet")
        return Check(f"{sensor}: signal", verdict, "; ".join(words))


def _signal(seen: Seen, muscles: Sequence[str] | None) -> tuple[str, bool]:
    spread = seen.spread()
    limit = seen.at_limit / seen.count
    unit = seen.spec.unit
    if seen.spec.kind != "emg":
        flat = bool((spread == 0.0).all())
        if flat:
            return f"{seen.spec.name} does not change at all", False
        return f"{seen.spec.name} comes", True
    named = {
        column: name
        for column, name in enumerate(muscles or ())
        if name != UNUSED and column < len(spread)
    }
    if not named:
        live = int((spread > 0.0).sum())
        words = f"{live} of {len(spread)} EMG channels live; say which muscles they are on"
        return words, live > 0
    parts, fine = [], True
    for column, name in named.items():
        if limit[column] > SATURATED:
            parts.append(f"{name} at the limit of the sensor: is an electrode off?")
            fine = False
        elif spread[column] == 0.0:
            parts.append(f"{name} flat: is the electrode connected?")
            fine = False
        else:
            parts.append(f"{name} {spread[column]:.3g} {unit}")
    return ", ".join(parts), fine
