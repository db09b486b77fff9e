"""A contraction from close by: the raw EMG, the course of its spectrum, the acceleration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from bokeh.models import BasicTicker, ColumnDataSource, PrintfTickFormatter, Range1d
from bokeh.plotting import figure
from numpy.typing import NDArray

from ...detection.cramps.features.spectrum import LEAST_RATE_HZ
from ...recording.model import Event, Stream
from .canvas import style_axes
from .figures import AXIS_STYLES, SIGNAL, Drawing
from .looks import look_of
from .traces import course
from .words import unit_words

MOST_EMG, MOST_ACC = 2, 1
_POINTS_EMG, _POINTS_ACC = 2000, 500
_LONGEST_S = 1800.0
_BAND_HZ = (20.0, 450.0)
_WINDOWS = 150
_COLOUR = "#b5679b"


@dataclass(frozen=True, slots=True, eq=False)
class _Span:
    """What is shown, seconds of the night, and the axis from the onset that figures share."""

    first_s: float
    last_s: float
    axis: Range1d


def close_ups(
    streams: Sequence[Stream], event: Event, number: int, duration_s: float
) -> list[Drawing]:
    """Return the figures of one contraction.

    Parameters
    ----------
    streams
        Signals of its leg, the one it was seen on first.
    event
        The contraction.
    number
        Makes the names of the figures unique.
    duration_s
        Length of the night.
    """
    around = max(15.0, min(60.0, 0.5 * event.duration))
    first = max(0.0, event.onset - around)
    last = min(duration_s, event.onset + min(event.duration, _LONGEST_S) + around)
    if last <= first:
        return []
    span = _Span(first, last, Range1d(start=first - event.onset, end=last - event.onset))
    drawings = []
    muscles = [stream for stream in streams if stream.kind == "emg"][:MOST_EMG]
    for place, stream in enumerate(muscles):
        drawn = _emg(stream, event, span, f"emg{number}_{place}", first=place == 0)
        drawings += [drawn] if drawn else []
        if place == 0:
            drawn = _spectrum(stream, event, span, f"spectrum{number}")
            drawings += [drawn] if drawn else []
    for stream in [each for each in streams if each.kind == "acc"][:MOST_ACC]:
        drawn = _acceleration(stream, event, span, f"acc{number}")
        drawings += [drawn] if drawn else []
    return drawings


def spectrum_course(
    stream: Stream, start_s: float, stop_s: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the median frequency of the EMG, 20 Hz to the lesser of 450 Hz and 0.45 fs.

    Each value is of one window, Hann-tapered, of at least a second; a window never reaches
    over a gap.

    Returns
    -------
    times
        Middles of the windows, seconds from the start of the night, shape ``(n,)``.
    frequencies
        Hz, NaN where a window holds no power, shape ``(n,)``.
    """
    rate = stream.rate_hz
    size = max(round(rate), round((stop_s - start_s) / _WINDOWS * rate))
    times: list[float] = []
    found: list[float] = []
    for number, segment in enumerate(stream.segments):
        low = max(0, round((start_s - segment.start_s) * rate))
        high = min(len(segment), round((stop_s - segment.start_s) * rate))
        for begin, end in pairwise(range(low, high + 1, size)):
            values = stream.physical(number, begin, end)[:, 0].astype(np.float64)
            times.append(segment.start_s + (begin + end) / 2 / rate)
            found.append(median_frequency(values, rate))
    return np.array(times), np.array(found)


def median_frequency(values: NDArray[np.float64], rate_hz: float) -> float:
    """Return the frequency below which half the power in the band lies, Hz."""
    power = np.abs(np.fft.rfft((values - values.mean()) * np.hanning(values.size))) ** 2
    hz = np.fft.rfftfreq(values.size, 1.0 / rate_hz)
    band = (hz >= _BAND_HZ[0]) & (hz <= min(_BAND_HZ[1], 0.45 * rate_hz))
    total = np.cumsum(power[band])
    if not total.size or not total[-1] > 0.0:
        return float("nan")
    return float(hz[band][np.searchsorted(total, total[-1] / 2)])


def _emg(
    stream: Stream, event: Event, span: _Span, name: str, *, first: bool
) -> Drawing | None:
    times, values = _lines(stream, event, span, _POINTS_EMG)
    if not np.isfinite(values).any():
        return None
    values = values[:, 0] - np.float32(np.nanmedian(values[:, 0]))
    reach = float(np.nanmax(np.abs(values))) or 1.0
    plot = _plot(span, event, -1.08 * reach, 1.08 * reach, 130)
    source = ColumnDataSource({"x": times, "y": values})
    plot.line("x", "y", source=source, line_color=SIGNAL, line_width=0.8)
    note = (
        "Another muscle at the same time, drawn the same way."
        if not first
        else (
            f"As recorded at {stream.rate_hz:.6g} Hz, without its median; each column of the"
            " picture shows its least and its largest sample. Seconds from the beginning."
        )
    )
    return Drawing(name, f"{stream.label}: EMG, {unit_words(stream.unit)}", note, plot)


def _spectrum(stream: Stream, event: Event, span: _Span, name: str) -> Drawing | None:
    title = f"{stream.label}: median frequency, Hz"
    if stream.rate_hz < LEAST_RATE_HZ:
        return None
    times, hz = spectrum_course(stream, span.first_s, span.last_s)
    if not np.isfinite(hz).any():
        return None
    top = float(np.nanmax(hz)) * 1.15
    plot = _plot(span, event, 0.0, top, 110)
    source = ColumnDataSource(
        {"x": (times - event.onset).astype(np.float32), "y": hz.astype(np.float32)}
    )
    plot.line("x", "y", source=source, line_color=_COLOUR, line_width=1)
    plot.scatter("x", "y", source=source, size=3, fill_color=_COLOUR, line_color=None)
    edge = min(_BAND_HZ[1], 0.45 * stream.rate_hz)
    note = (
        f"Half of the power between {_BAND_HZ[0]:.0f} and {edge:.0f} Hz lies below it. At rest"
        " it is that of the noise."
    )
    return Drawing(name, title, note, plot)


def _acceleration(stream: Stream, event: Event, span: _Span, name: str) -> Drawing | None:
    times, values = _lines(stream, event, span, _POINTS_ACC)
    if not np.isfinite(values).any():
        return None
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    room = max(0.05, 0.1 * (high - low))
    plot = _plot(span, event, low - room, high + room, 110)
    for axis, (_, dash, colour) in zip(values.T, AXIS_STYLES, strict=False):
        source = ColumnDataSource({"x": times, "y": axis})
        plot.line("x", "y", source=source, line_color=colour, line_dash=dash, line_width=1.2)
    named = ", ".join(style[0] for style in AXIS_STYLES[: values.shape[1]])
    note = f"Axes of the sensor: {named}. A flat line is a leg that lies still."
    return Drawing(name, f"{stream.label}: acceleration, {unit_words(stream.unit)}", note, plot)


def _lines(
    stream: Stream, event: Event, span: _Span, most: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    times, values = course(stream, span.first_s, span.last_s, most)
    return (times - event.onset).astype(np.float32), values


def _plot(span: _Span, event: Event, bottom: float, top: float, height: int) -> Any:
    plot = figure(
        height=height,
        sizing_mode="stretch_width",
        x_range=span.axis,
        y_range=Range1d(start=bottom, end=top),
        tools=[],
        toolbar_location=None,
        min_border_left=58,
        min_border_right=14,
        background_fill_color=None,
        border_fill_color=None,
        outline_line_color=None,
    )
    look = look_of(event.trial_type)
    plot.quad(
        left=[0.0],
        right=[event.duration],
        bottom=[bottom],
        top=[top],
        fill_color=look.colour,
        fill_alpha=0.12,
        line_color=look.colour,
        line_dash="dashed",
    )
    plot.xaxis.formatter = PrintfTickFormatter(format="%d s")
    plot.xaxis.ticker = BasicTicker(desired_num_ticks=7)
    plot.yaxis.ticker = BasicTicker(desired_num_ticks=3)
    plot.yaxis.formatter = PrintfTickFormatter(format="%.3g")
    style_axes(plot)
    return plot
