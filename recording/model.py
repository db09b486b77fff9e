"""The night: streams of raw integers, their gaps, and the events marked on them.

Raw numbers are the truth; physical values are derived in one place (`Stream.physical`),
float32 and read-only. Time is in seconds from the start of the night, and sample ``i`` of
a segment lies at ``segment.start_s + i / stream.rate_hz``, exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Kind = Literal["emg", "acc", "gyro", "ecg", "other"]
Side = Literal["left", "right"]


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


class SampleSource(Protocol):
    """Where the raw numbers of one segment lie: in memory, in a file, in a journal."""

    def __len__(self) -> int:
        """Return the number of samples."""
        ...

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """Return raw numbers, shape ``(stop - start, n_axes)``, as the sensor gave them."""
        ...


@dataclass(frozen=True, slots=True)
class ArraySource:
    """Raw numbers held in memory, shape ``(n_samples, n_axes)``."""

    values: NDArray[Any]

    def __post_init__(self) -> None:
        if self.values.ndim != 2:
            raise ValueError(f"raw values need two dimensions, got {self.values.ndim}")

    def __len__(self) -> int:
        return int(self.values.shape[0])

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """Return a view of samples ``start`` to ``stop``."""
        return self.values[start:stop]


@dataclass(frozen=True, slots=True)
class Segment:
    """A contiguous run of samples.

    Attributes
    ----------
    start_s
        Time of the first sample, seconds from the start of the night.
    source
        The raw numbers of the run.
    """

    start_s: float
    source: SampleSource

    def __len__(self) -> int:
        return len(self.source)


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch without samples between two segments of one stream, in seconds."""

    start_s: float
    duration_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """One signal of the night: a muscle, or the axes of one accelerometer.

    Attributes
    ----------
    label
        Canonical label: kind, side, muscle or site (``EMG L GM``, ``ACC R shank``).
    kind
        ``emg``, ``acc``, ``gyro``, ``ecg`` or ``other``.
    rate_hz
        Sampling rate that times are computed with, Hz; need not be an integer.
    unit
        Unit of `physical`: ``uV`` or ``count`` for EMG, ``g`` for acceleration.
    segments
        Contiguous runs in order of time; what lies between them is a gap.
    gain, offset
        Per axis, float64: ``physical = raw * gain + offset``.
    axes
        Axis names for a vector signal (``("x", "y", "z")``), empty for a scalar one.
    side, placement
        Leg and muscle or body site, where known.
    calibrated
        Whether `unit` can be trusted as an absolute scale.
    raw_limits
        Smallest and largest raw number that the converter can give, where known. A
        sample at a limit is saturated.
    nominal_rate_hz
        Rate the device claims, Hz, where it differs from `rate_hz`.
    source_labels
        Labels as the file spells them, one for each axis.
    source_unit
        Unit as the file spells it.
    notes
        What a reader of the results must know about this signal, one sentence each.
    sensor
        Name of the sensor it comes from (``left-calf``), where the night tells; empty where
        all streams come from one.
    """

    label: str
    kind: Kind
    rate_hz: float
    unit: str
    segments: tuple[Segment, ...]
    gain: NDArray[np.float64]
    offset: NDArray[np.float64]
    axes: tuple[str, ...] = ()
    side: Side | None = None
    placement: str | None = None
    calibrated: bool = False
    raw_limits: tuple[float, float] | None = None
    nominal_rate_hz: float | None = None
    source_labels: tuple[str, ...] = ()
    source_unit: str = ""
    notes: tuple[str, ...] = ()
    sensor: str = ""

    def __post_init__(self) -> None:
        if not (np.isfinite(self.rate_hz) and self.rate_hz > 0):
            raise ValueError(f"{self.label}: sampling rate {self.rate_hz} Hz is not positive")
        if self.gain.shape != (self.n_axes,) or self.offset.shape != (self.n_axes,):
            raise ValueError(f"{self.label}: gain and offset need one value for each axis")

    @property
    def n_axes(self) -> int:
        """Number of columns of `physical`: 1 for a scalar signal."""
        return max(1, len(self.axes))

    @property
    def n_samples(self) -> int:
        """Number of samples in all segments."""
        return sum(len(segment) for segment in self.segments)

    @property
    def step(self) -> float:
        """Smallest difference the sensor can tell (one LSB), in `unit`."""
        return float(np.max(np.abs(self.gain)))

    @property
    def start_s(self) -> float:
        """Time of the first sample, seconds; 0 for an empty stream."""
        return self.segments[0].start_s if self.segments else 0.0

    @property
    def end_s(self) -> float:
        """End of the last sample's period, seconds; 0 for an empty stream."""
        if not self.segments:
            return 0.0
        last = self.segments[-1]
        return last.start_s + len(last) / self.rate_hz

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Stretches without samples between the first and the last segment."""
        ends = [s.start_s + len(s) / self.rate_hz for s in self.segments]
        return tuple(
            Gap(end, after.start_s - end)
            for end, after in zip(ends, self.segments[1:], strict=False)
        )

    def physical(self, segment: int, start: int, stop: int) -> NDArray[np.float32]:
        """Return samples ``start`` to ``stop`` of one segment in `unit`.

        Returns
        -------
        numpy.ndarray
            Shape ``(stop - start, n_axes)``, float32, read-only.
        """
        raw = self.segments[segment].source.read(start, stop)
        values = to_physical(raw, self.gain, self.offset)
        values.flags.writeable = False
        return values

    def chunks(self, seconds: float) -> Iterator[tuple[int, int, NDArray[Any]]]:
        """Yield ``(segment, first sample, raw numbers)`` in order, never the whole night.

        Each chunk holds at most `seconds` and lies in one segment.
        """
        size = max(1, round(seconds * self.rate_hz))
        for number, segment in enumerate(self.segments):
            for start in range(0, len(segment), size):
                stop = min(start + size, len(segment))
                yield number, start, segment.source.read(start, stop)


@dataclass(frozen=True, slots=True)
class Event:
    """Something marked on the night: a row of ``events.tsv``.

    Attributes
    ----------
    onset, duration
        Seconds from the start of the night.
    trial_type
        ``cramp``, ``LM``, ``artifact``, ... (see the formats page).
    side
        ``left``, ``right``, ``both`` or None.
    channel
        Canonical label of the stream it was seen on, or None.
    probability
        Between 0 and 1, or None.
    extra
        Further columns by name.
    """

    onset: float
    duration: float
    trial_type: str
    side: str | None = None
    channel: str | None = None
    probability: float | None = None
    extra: Mapping[str, Any] = field(default_factory=_nothing)

    @property
    def end(self) -> float:
        """Offset time, seconds from the start of the night."""
        return self.onset + self.duration


@dataclass(frozen=True, slots=True, eq=False)
class Night:
    """One recording, immutable and lazily loaded.

    Attributes
    ----------
    streams
        Signals, in the order of the file.
    start
        Absolute start; naive (local time of the recorder) where the file names no zone,
        None where it names no time at all.
    events
        Marks that came with the recording.
    source
        File or folder it was read from.
    format
        Name of the file format (``EDF+D``, ``OpenBCI``, ...).
    devices
        Free descriptions of the recording devices.
    notes
        What a reader of the results must know, one sentence each (a truncated tail, ...).
    """

    streams: tuple[Stream, ...]
    start: datetime | None = None
    events: tuple[Event, ...] = ()
    source: Path | None = None
    format: str = ""
    devices: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def duration_s(self) -> float:
        """Time from the start of the night to the end of its last sample, seconds."""
        return max((stream.end_s for stream in self.streams), default=0.0)

    def of_kind(self, kind: Kind) -> tuple[Stream, ...]:
        """Return the streams of one kind, in order."""
        return tuple(stream for stream in self.streams if stream.kind == kind)


def to_physical(
    raw: NDArray[Any], gain: NDArray[np.float64], offset: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return ``raw * gain + offset`` as float32, shape ``(n_samples, n_axes)``.

    Numbers of more than 24 bits pass through float64, so that the step survives.
    """
    if raw.dtype.itemsize <= 2:
        values = raw.astype(np.float32)
        values *= gain.astype(np.float32)
        values += offset.astype(np.float32)
        return values
    return (raw * gain + offset).astype(np.float32)
