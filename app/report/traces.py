"""Signals as lines that fit a figure."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ...recording.model import Stream

MOST_POINTS = 4000
"""Points of one line; a column of print is about 1000 dots wide."""


def course(
    stream: Stream, start_s: float, stop_s: float, most: int = MOST_POINTS
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Return a signal between two times as lines to draw.

    Samples are drawn as they are while they fit; else each bin of samples becomes its least
    and its largest value, so that no peak is lost. Lines break where nothing was recorded.

    Parameters
    ----------
    stream
        A signal of the night.
    start_s, stop_s
        Seconds from the start of the night.
    most
        About the most points of each line.

    Returns
    -------
    times
        Seconds, shape ``(n,)``.
    values
        In the unit of the stream, shape ``(n, n_axes)``; NaN rows part what a gap parts.
    """
    found = [
        (number, *_inside(stream, number, start_s, stop_s))
        for number in range(len(stream.segments))
    ]
    found = [each for each in found if each[2] > each[1]]
    samples = sum(stop - first for _, first, stop in found)
    size = max(1, math.ceil(2 * samples / most)) if samples > most else 1
    pieces = [_piece(stream, number, first, stop, size) for number, first, stop in found]
    if not pieces:
        return np.zeros(0), np.zeros((0, stream.n_axes), np.float32)
    times, values = zip(*pieces, strict=True)
    return np.concatenate(times)[:-1], np.concatenate(values)[:-1]


def _inside(stream: Stream, number: int, start_s: float, stop_s: float) -> tuple[int, int]:
    segment = stream.segments[number]
    first = math.ceil((start_s - segment.start_s) * stream.rate_hz - 1e-6)
    stop = math.ceil((stop_s - segment.start_s) * stream.rate_hz - 1e-6)
    return max(0, first), min(len(segment), stop)


def _piece(
    stream: Stream, number: int, first: int, stop: int, size: int
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Return the line of one segment, with a row of NaN at its end."""
    values = stream.physical(number, first, stop)
    start_s = stream.segments[number].start_s
    if size == 1:
        times = start_s + np.arange(first, stop) / stream.rate_hz
    else:
        edges = np.arange(0, stop - first, size)
        low, high = np.minimum.reduceat(values, edges), np.maximum.reduceat(values, edges)
        values = np.stack((low, high), axis=1).reshape(-1, stream.n_axes)
        counts = np.diff(edges, append=stop - first)
        middle = start_s + (first + edges + (counts - 1) / 2) / stream.rate_hz
        times = np.repeat(middle, 2)
    end = np.full((1, stream.n_axes), np.nan, np.float32)
    return np.append(times, times[-1]), np.concatenate((values, end))
