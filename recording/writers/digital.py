"""Raw numbers of a stream within the 16 or 24 bits of a file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..model import Stream
from .edf import EdfSignal, eight_characters

_SCAN_S = 60.0
_MOVED = 0.02


@dataclass(frozen=True, slots=True)
class Digital:
    """How raw numbers are written: ``digital = sign * raw / factor - shift``.

    The step stays the sensor's own, also where samples were resampled: a finer one would
    claim a resolution that the sensor does not have. Only numbers that need more than 24
    bits, and fractions, get another step.

    Attributes
    ----------
    bits
        16 or 24.
    factor
        Raw numbers in a digital step.
    sign, shift
        Per axis; -1 for a negative gain, so that physical limits rise.
    low, high
        Digital limits per axis. The lowest number of a converter is written as its second
        lowest where EDF could not tell the zero otherwise.
    """

    bits: int
    factor: float
    sign: tuple[int, ...]
    shift: tuple[int, ...]
    low: tuple[int, ...]
    high: tuple[int, ...]

    @property
    def rescaled(self) -> bool:
        """Whether the step is another than the sensor's."""
        return self.factor != 1.0

    def numbers(self, raw: NDArray[np.float64]) -> NDArray[np.int32]:
        """Return integers for raw numbers, shape ``(n, n_axes)``, rounded and clipped.

        A converter would clip as well: interpolation can swing beyond its limits.
        """
        digital = np.rint(raw * (np.array(self.sign) / self.factor)) - np.array(self.shift)
        numbers: NDArray[np.int32] = np.clip(digital, self.low, self.high).astype(np.int32)
        return numbers

    def physical(self, stream: Stream, axis: int) -> tuple[float, float]:
        """Return the physical values of the digital limits of one axis."""
        low, high = (
            (limit + self.shift[axis]) * self.sign[axis] * self.factor * stream.gain[axis]
            + stream.offset[axis]
            for limit in (self.low[axis], self.high[axis])
        )
        if self.low[axis] == -self.high[axis] and low == -high:
            # both with the digits that the negative one has room for
            high = -float(eight_characters(low))
            return -high, high
        return float(low), float(high)


def digital_of(stream: Stream) -> Digital:
    """Return how to write a stream; reads all of it where its limits are not known."""
    low, high, whole = _range(stream)
    span = high - low
    bits = 16 if whole and (_fits(low, high, 16) or span < 1 << 16) else 24
    factor = 1.0
    if not whole or span >= 1 << 24:
        # a fraction fills the 24 bits
        factor = max(span, float(np.finfo(np.float32).tiny)) / ((1 << 24) - 16)
    signs = tuple(-1 if gain < 0 else 1 for gain in stream.gain)
    places = [_place(low / factor, high / factor, sign, bits) for sign in signs]
    if stream.raw_limits is None:
        places = [(shift, *_around(first, last)) for shift, first, last in places]
    made = Digital(
        bits,
        factor,
        signs,
        tuple(shift for shift, _, _ in places),
        tuple(first for _, first, _ in places),
        tuple(last for _, _, last in places),
    )
    lows = tuple(_low(made, stream, axis) for axis in range(len(signs)))
    return replace(made, low=lows)


def _low(made: Digital, stream: Stream, axis: int) -> int:
    """Return the lower limit; one more where the limits in 8 characters would move zero."""
    low, high = made.low[axis], made.high[axis]
    signal = EdfSignal("", "", *made.physical(stream, axis), low, high, 1)
    zero = made.shift[axis] * made.sign[axis] * made.factor * stream.gain[axis]
    moved = abs(signal.offset - zero - stream.offset[axis])
    if low == -high - 1 and not moved < _MOVED * abs(signal.gain):
        return -high
    return low


def _place(low: float, high: float, sign: int, bits: int) -> tuple[int, int, int]:
    first, last = sorted((int(np.floor(low)) * sign, int(np.ceil(high)) * sign))
    shift = 0 if _fits(first, last, bits) else first + (1 << (bits - 1))
    return shift, first - shift, max(last - shift, first - shift + 1)


def _around(first: int, last: int) -> tuple[int, int]:
    """Return file limits that nobody takes for those of the converter."""
    bits = next(bits for bits in (16, 20, 24) if _fits(first, last, bits))
    return -(1 << (bits - 1)), (1 << (bits - 1)) - 1


def _fits(low: float, high: float, bits: int) -> bool:
    return low >= -(1 << (bits - 1)) and high < 1 << (bits - 1)


def _range(stream: Stream) -> tuple[float, float, bool]:
    """Return the range of the raw numbers, and whether they are whole."""
    kind = _dtype(stream)
    if stream.raw_limits is not None and kind.kind in "iu":
        low, high = float(min(stream.raw_limits)), float(max(stream.raw_limits))
        if low.is_integer() and high.is_integer() and high > low:
            return low, high, True
    if kind.kind in "iu" and kind.itemsize <= 2:
        limits = np.iinfo(kind)
        return float(limits.min), float(limits.max), True
    return _scanned(stream)


def _dtype(stream: Stream) -> np.dtype[Any]:
    return stream.segments[0].source.read(0, 1).dtype


def _scanned(stream: Stream) -> tuple[float, float, bool]:
    low, high, whole = np.inf, -np.inf, True
    for _, _, raw in stream.chunks(_SCAN_S):
        values = raw[np.isfinite(raw)] if raw.dtype.kind == "f" else raw
        if values.size:
            low, high = min(low, float(values.min())), max(high, float(values.max()))
            whole = whole and bool(
                values.dtype.kind != "f" or (values == np.rint(values)).all()
            )
    if low > high:
        return 0.0, 1.0, True
    return low, max(high, low + 1.0) if whole else max(high, np.nextafter(low, np.inf)), whole
