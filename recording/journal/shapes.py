"""What the columns of a sensor's stream are in the night, and how they become physical."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from ..labels import Guess
from ..model import Kind, Segment, Stream
from ..units import scale_of
from .cache import BlockCache
from .directory import Pieces
from .segments import JournalSource, Numbers, Real, Stretch, columns_of
from .streams import JournalStream, stream_to_text

_AXES = ("x", "y", "z")


@dataclass(frozen=True, slots=True)
class Part:
    """The columns of a sensor's stream that are one stream of the night.

    Attributes
    ----------
    label, kind, axes, placement
        As in `Stream`.
    columns
        Which columns.
    """

    label: str
    kind: Kind
    columns: tuple[int, ...]
    axes: tuple[str, ...] = ()
    placement: str | None = None


def parts_of(told: JournalStream) -> list[Part]:
    """Return the streams of the night that the columns of a sensor's stream become.

    Each muscle is one; so are all axes of an accelerometer. A column without a muscle beside
    named ones is no electromyogram of a leg.
    """
    count = len(told.columns)
    if told.kind in ("acc", "gyro"):
        axes = _AXES if count == 3 else told.columns
        axes = axes if count > 1 else ()
        label = Guess(told.kind, told.side, told.placement).canonical
        return [Part(label, told.kind, tuple(range(count)), axes, told.placement)]
    return [_scalar(told, column) for column in range(count)]


def _scalar(told: JournalStream, column: int) -> Part:
    if told.kind != "emg":
        label = told.kind.upper() if told.kind != "other" else told.columns[column]
        return Part(label, told.kind, (column,), (), told.placement)
    muscle = told.muscles[column] if column < len(told.muscles) else None
    if muscle is None and any(told.muscles):
        return Part(f"{told.sensor} {told.columns[column]}", "other", (column,))
    return Part(Guess("emg", told.side, muscle).canonical, "emg", (column,), (), muscle)


class Shape:
    """How raw numbers become physical ones, for all columns of a stream.

    Parameters
    ----------
    told
        The stream of the sensor.
    scales
        Factors on its gain that its blocks bear; `gain` holds the most frequent one.

    Attributes
    ----------
    unit
        Unit of this program.
    physical
        Whether the driver states one that fits.
    gain, offset
        As in `Stream`, for all columns.
    raw_limits
        As in `Stream`.
    """

    def __init__(self, told: JournalStream, scales: ArrayLike) -> None:
        values, counts = np.unique(np.asarray(scales, np.float64), return_counts=True)
        self._scale = float(values[np.argmax(counts)])
        self._exact = len(values) == 1
        unit = scale_of(told.unit, told.kind)
        self.unit, self.physical = unit.unit, unit.physical
        gain = np.array(told.gain) * self._scale * unit.factor
        offset = np.array(told.offset) * unit.factor
        self._mixing: tuple[Real, Real] | None = None
        if told.mixing is not None:
            matrix = np.array(told.mixing)
            step = float(np.max(np.abs(gain))) or 1.0
            self._mixing = (
                matrix * np.array(told.gain) * unit.factor / step,
                matrix @ offset / step,
            )
            gain, offset = np.full(len(gain), step), np.zeros(len(gain))
        self.gain, self.offset = gain, offset
        self.raw_limits: tuple[float, float] | None = None
        if told.raw_limits is not None and self._exact and self._mixing is None:
            low, high = told.raw_limits
            self.raw_limits = float(low), float(high)

    def source(
        self, cache: BlockCache, table: Pieces, stretch: Stretch, columns: tuple[int, ...]
    ) -> JournalSource:
        """Return the raw numbers of one stretch."""
        return JournalSource(
            cache, table, stretch, columns, self._scale, self._mixing, exact=self._exact
        )

    def values(self, raw: Numbers, scale: float, columns: tuple[int, ...]) -> Numbers:
        """Return some columns of a block that is at hand, whatever scale it bears."""
        factor = None if scale == self._scale else scale / self._scale
        return columns_of(raw, scale, columns, factor, self._mixing)


def family_of(told: JournalStream) -> str:
    """Return what streams share that are one: the decoder was renewed, they stayed."""
    return stream_to_text(replace(told, generation=1, settings={}))


def stream_of(
    told: JournalStream,
    part: Part,
    shape: Shape,
    rate_hz: float,
    *,
    segments: tuple[Segment, ...] = (),
    notes: tuple[str, ...] = (),
) -> Stream:
    """Return a stream of the night; see `Stream` for `rate_hz`, `segments` and `notes`."""
    columns = list(part.columns)
    return Stream(
        label=part.label,
        kind=part.kind,
        rate_hz=rate_hz,
        unit=shape.unit,
        segments=segments,
        gain=shape.gain[columns],
        offset=shape.offset[columns],
        axes=part.axes,
        side=told.side,
        placement=part.placement,
        calibrated=told.calibrated and shape.physical,
        raw_limits=shape.raw_limits,
        nominal_rate_hz=told.rate_hz,
        source_labels=tuple(told.columns[column] for column in part.columns),
        source_unit=told.unit,
        notes=notes,
        sensor=told.sensor,
    )
