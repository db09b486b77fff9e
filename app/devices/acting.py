"""A simulated sleeper who does what the calibration asks for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...firmware_bridge.virtual import SampleSource, Sensed

PIECE_S = 0.05
"""Samples are made no further ahead: what is asked for happens in the next ones."""

REACTION_S = 0.6
LEVEL_UV = 40.0
"""Of the gentle contraction; made up."""

RAMP_S = 0.3
TAP_G = 1.5
TAP_S = 0.01
AXIS = (0.3, 0.5, 0.8)
TAPS_S = (0.0, 0.7, 1.2)
KNOCKS_S = (0.0, 1.3, 1.75, 3.1, 3.45)
MANNERS = ("obeys", "idle", "exchanged")


@dataclass(frozen=True, slots=True)
class _Done:
    """Something that the sleeper does.

    Attributes
    ----------
    channel
        EMG channel that rises, -1 for taps.
    start_s
        By the sensor's clock.
    seconds
        Length of a contraction.
    taps_s
        Taps, from `start_s` on.
    seed
        Of the noise.
    """

    channel: int
    start_s: float
    seconds: float
    taps_s: tuple[float, ...]
    seed: int


class Sleeper:
    """A source of samples whose wearer hears what is asked for.

    Parameters
    ----------
    source
        What the sensor would measure otherwise.
    manner
        ``obeys``; ``idle`` does nothing; ``exchanged`` wears the band on the other leg.
    """

    def __init__(self, source: SampleSource, manner: str = "obeys") -> None:
        self._source, self._manner = source, manner
        self._done: list[_Done] = []

    def asked(
        self, phase: str, act: str, start_s: float, seconds: float, *, mine: bool, common: bool
    ) -> None:
        """Hear what is asked for.

        Parameters
        ----------
        phase, act
            Of the calibration.
        start_s
            When it is to begin, by the sensor's clock.
        seconds
            How long it is to last.
        mine
            Whether this sensor is to feel it.
        common
            Whether all sensors are.
        """
        feels = common or mine != (self._manner == "exchanged")
        if self._manner == "idle" or phase == "rest" or not feels:
            return
        begin_s, seed = start_s + REACTION_S, len(self._done)
        if phase == "tap":
            times = KNOCKS_S if common else TAPS_S
            self._done.append(_Done(-1, begin_s, 0.0, times, seed))
        else:
            self._done.append(_Done(int(act == "lift"), begin_s, seconds, (), seed))

    def chunks(self, stream: Sensed) -> Iterator[NDArray[Any]]:
        """See `SampleSource.chunks`."""
        size = max(1, round(PIECE_S * stream.rate_hz))
        first = 0
        for chunk in self._source.chunks(stream):
            for at in range(0, len(chunk), size):
                yield self._with_acts(stream, first + at, chunk[at : at + size])
            first += len(chunk)

    def _with_acts(self, stream: Sensed, first: int, piece: NDArray[Any]) -> NDArray[Any]:
        at_s = (first + np.arange(len(piece))) / stream.rate_hz
        out = piece
        for done in self._done:
            if stream.kind == "emg" and 0 <= done.channel < stream.channels:
                inside = (at_s >= done.start_s) & (at_s < done.start_s + done.seconds)
                if inside.any():
                    out = out.copy() if out is piece else out
                    out[:, done.channel] += _contraction(done, at_s)
            elif stream.kind == "acc" and done.taps_s:
                last_s = done.start_s + done.taps_s[-1] + 1.0
                if at_s[-1] > done.start_s - 1.0 and at_s[0] < last_s:
                    out = out.copy() if out is piece else out
                    out[:, : len(AXIS)] += _taps(done, at_s)[:, : stream.channels]
        return out


def _contraction(done: _Done, at_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return noise with soft edges; the same for any pieces, for it goes by time."""
    inside = np.minimum(at_s - done.start_s, done.start_s + done.seconds - at_s)
    level = np.sin(np.clip(inside / RAMP_S, 0.0, 1.0) * math.pi / 2) ** 2
    ticks = np.rint(at_s * 1e6).astype(np.uint64)
    return np.asarray(LEVEL_UV * level * _noise(ticks, done.seed))


def _noise(ticks: NDArray[np.uint64], seed: int) -> NDArray[np.float64]:
    """Return a number of about unit variance for each tick, by a hash (splitmix64)."""
    mixed = ticks + np.uint64(0x9E3779B97F4A7C15 * (seed + 1) % 2**64)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    even = (mixed ^ (mixed >> np.uint64(31))) / 2.0**64 - 0.5
    return np.asarray(even * math.sqrt(12.0))


def _taps(done: _Done, at_s: NDArray[np.float64]) -> NDArray[np.float64]:
    since = at_s[:, None] - (done.start_s + np.array(done.taps_s))
    size = TAP_G * np.exp(-0.5 * (since / TAP_S) ** 2).sum(axis=1)
    return np.asarray(size[:, None] * np.array(AXIS))
