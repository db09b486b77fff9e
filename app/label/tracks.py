"""The signals of a window as lines, one row below the other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...recording.model import Kind, Night, Stream
from ..report.words import unit_words
from .cache import Views
from .pyramid import Stretch
from .window import Window

MOST_TRACKS = 12
DASHES = ("solid", "dashed", "dotted")
"""Lines of the axes of one track: colour alone would not tell them apart."""

_ORDER: tuple[Kind, ...] = ("emg", "acc", "gyro", "ecg", "other")
_FILLED = 0.46
_LOOKED_AT = 1000
_STRONG = 0.97


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the figure: an axis of a track."""

    track: int
    axis: int


def shown_streams(night: Night) -> tuple[Stream, ...]:
    """Return the streams that are drawn, muscles first; at most `MOST_TRACKS`."""
    known = [stream for kind in _ORDER for stream in night.of_kind(kind) if stream.n_samples]
    return tuple(known[:MOST_TRACKS])


class Tracks:
    """Rows of signals.

    Row ``k`` lies between ``-k - 1`` and ``-k`` on the axis of the figure.

    Parameters
    ----------
    views
        Streams with their pyramids, from top to bottom.
    night_s
        Length of the night, seconds.
    """

    def __init__(self, views: Sequence[Views], night_s: float) -> None:
        self.views = tuple(views)
        self._half = [_half_height(each, night_s) for each in self.views]
        self.lines = [
            Line(track, axis)
            for track, each in enumerate(self.views)
            for axis in range(each.stream.n_axes)
        ]

    def __len__(self) -> int:
        return len(self.views)

    def stream(self, track: int) -> Stream | None:
        """Return the stream of a row, None where there is no such row."""
        return self.views[track].stream if 0 <= track < len(self.views) else None

    def number(self, channel: str | None) -> int | None:
        """Return the row of a channel, None where it has none."""
        labels = [each.stream.label for each in self.views]
        return labels.index(channel) if channel in labels else None

    def half_height(self, track: int, window: Window) -> float:
        """Return what half a row stands for, in the unit of its stream."""
        return self._half[track] / window.gain(track)

    def name(self, track: int, window: Window) -> str:
        """Return what stands beside a row: its label and its scale."""
        stream = self.views[track].stream
        unit = unit_words(stream.unit).partition(" ")[0]
        return f"{stream.label}  ±{_round(self.half_height(track, window)):g} {unit}".strip()

    def columns(self, window: Window, n_bins: int) -> dict[str, NDArray[np.floating]]:
        """Return the lines of a window: columns ``x0``, ``y0``, ``x1``, ... of one length.

        Parameters
        ----------
        window
            What is shown.
        n_bins
            Columns of the screen.

        Returns
        -------
        dict
            Times in seconds and heights on the axis of the figure; NaN breaks a line and
            fills the shorter ones.
        """
        drawn: list[tuple[NDArray[np.float64], NDArray[np.float32]]] = []
        for track, each in enumerate(self.views):
            use_filtered = window.filtered and each.filtered is not None
            pyramid = each.filtered if use_filtered and each.filtered else each.plain
            found = pyramid.stretch(window.start_s, window.end_s, n_bins)
            centre = 0.0
            if each.stream.kind != "acc" and not use_filtered:
                centre = _middle(found)
            scale = _FILLED / max(self.half_height(track, window), 1e-12)
            for axis in range(each.stream.n_axes):
                x, y = _zigzag(found, axis)
                np.clip((y - centre) * scale, -_FILLED, _FILLED, out=y)
                y -= track + 0.5
                drawn.append((x, y))
        longest = max((len(x) for x, _ in drawn), default=0)
        columns: dict[str, NDArray[np.floating]] = {}
        for number, (x, y) in enumerate(drawn):
            columns[f"x{number}"] = _padded(x, longest)
            columns[f"y{number}"] = _padded(y, longest)
        return columns

    def overview(
        self, track: int, n_bins: int, window: Window
    ) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """Return one row of the whole night, times in seconds and heights from -1 to 1."""
        each = self.views[track]
        found = (each.filtered or each.plain).stretch(0.0, window.night_s, n_bins)
        x, y = _zigzag(found, 0)
        centre = 0.0 if each.filtered else _middle(found)
        return x, np.clip((y - np.float32(centre)) / max(self._half[track], 1e-12), -1.0, 1.0)


def _zigzag(found: Stretch, axis: int) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Return a line through all samples, or through least and greatest of each bin."""
    if found.raw:
        return found.time_s, found.low[:, axis].copy()
    y = np.empty(2 * len(found.time_s), np.float32)
    y[0::2], y[1::2] = found.low[:, axis], found.high[:, axis]
    return np.repeat(found.time_s, 2), y


def _middle(found: Stretch) -> float:
    middle = (found.low + found.high)[np.isfinite(found.low)] / 2
    return float(np.median(middle)) if middle.size else 0.0


def _padded(values: NDArray[np.floating], length: int) -> NDArray[np.floating]:
    if len(values) == length:
        return values
    found = np.full(length, np.nan, values.dtype)
    found[: len(values)] = values
    return found


def _half_height(views: Views, night_s: float) -> float:
    """Return a height that most of the night fits in; the strongest is cut off."""
    if views.stream.kind == "acc" and views.stream.unit == "g":
        return 1.5
    found = (views.filtered or views.plain).stretch(0.0, night_s, _LOOKED_AT)
    centre = 0.0 if views.filtered else _middle(found)
    strong = np.maximum(np.abs(found.low - centre), np.abs(found.high - centre))
    known = strong[np.isfinite(strong)]
    if not known.size:
        return 1.0
    wanted = max(float(np.quantile(known, _STRONG)), 3.0 * float(np.median(known)))
    return _round(wanted) if wanted > 0 else 1.0


def _round(value: float) -> float:
    """Return the nearest of 1, 2, 5, 10, ... in powers of ten, as a scale is read."""
    if not (math.isfinite(value) and value > 0):
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return (
        min((1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0), key=lambda s: abs(s * power - value)) * power
    )
