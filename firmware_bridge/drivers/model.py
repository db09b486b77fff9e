"""What every driver takes and gives: packets in; samples, gaps, rejections and events out.

Raw integers are the truth. A driver numbers every sample, keeps the time its device gave it
and the time it arrived, and says what is missing and what was thrown away.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from math import nan
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ...recording.model import Kind

LossReason = Literal["counter", "clock", "arrival", "restart", "baseline", "resent"]


@dataclass(frozen=True, slots=True)
class Packet:
    """Bytes as a transport delivered them.

    Attributes
    ----------
    data
        One whole notification over BLE, any piece of the stream over serial.
    arrival_s
        Host clock when they arrived, seconds; NaN where nobody knows.
    channel
        UUID of the characteristic over BLE, empty over serial.
    """

    data: bytes
    arrival_s: float = nan
    channel: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class StreamSpec:
    """One stream that a driver gives, known before the first byte.

    Attributes
    ----------
    name
        ``exg``, ``accel``, ...
    kind
        What it measures, as in the night.
    columns
        One name for each channel, with its unit (``ch1_uV``).
    unit
        Unit of `physical`.
    rate_hz
        Nominal sampling rate, Hz.
    gain, offset
        Per channel, float64: ``physical = raw * gain + offset``.
    mixing
        Shape ``(n_channels, n_channels)``, applied to the scaled channels where the axes of
        the chip are not those of the case; None where they are.
    calibrated
        Whether `unit` can be trusted as an absolute scale.
    raw_limits
        Smallest and largest raw number the converter gives, where known.
    counter_modulus
        Samples after which the device's counter repeats: a loss of exactly as many cannot be
        seen in it. None where there is no counter, or where it never repeats.
    device_clock
        Whether the device stamps its samples with a clock of its own.
    """

    name: str
    kind: Kind
    columns: tuple[str, ...]
    unit: str
    rate_hz: float
    gain: NDArray[np.float64]
    offset: NDArray[np.float64]
    mixing: NDArray[np.float64] | None = None
    calibrated: bool = False
    raw_limits: tuple[int, int] | None = None
    counter_modulus: int | None = None
    device_clock: bool = False

    def physical(self, raw: NDArray[Any], scale: float = 1.0) -> NDArray[np.float64]:
        """Return raw numbers, shape ``(n, n_channels)``, in `unit`."""
        values = raw * (self.gain * scale) + self.offset
        return values if self.mixing is None else np.einsum("nj,ij->ni", values, self.mixing)


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """A run of received samples of one stream; where `index` jumps, samples are missing.

    Attributes
    ----------
    stream
        Name of the stream.
    raw
        Shape ``(n, n_channels)``, int32.
    index
        Shape ``(n,)``, int64: running number from the first received sample, lost ones
        counted.
    device_s
        Shape ``(n,)``, float64: seconds by the device's clock, or ``index / rate``. The
        origin is free.
    arrival_s
        Shape ``(n,)``, float64: host clock when the packet with this sample arrived, or NaN.
    scale
        Factor on the gain of the stream, for devices that change their format on the way.
    """

    stream: str
    raw: NDArray[np.int32]
    index: NDArray[np.int64]
    device_s: NDArray[np.float64]
    arrival_s: NDArray[np.float64]
    scale: float = 1.0

    def __len__(self) -> int:
        return len(self.index)


@dataclass(frozen=True, slots=True)
class Gap:
    """Samples missing between two received ones.

    Attributes
    ----------
    stream
        Name of the stream.
    index
        Running number of the first of these samples.
    lost
        Best count; the running number jumps by it.
    lost_low, lost_high
        Bounds of the count; `lost_high` is None where nothing bounds it.
    reason
        What the count was taken from; ``restart`` where the device began anew,
        ``baseline`` where samples came that cannot be read without the lost ones, and
        ``resent`` where samples counted as lost came after all: the counts are negative.
    """

    stream: str
    index: int
    lost: int
    lost_low: int
    lost_high: int | None
    reason: LossReason


@dataclass(frozen=True, slots=True)
class Rejected:
    """One notification, or one contiguous run of serial bytes, thrown away."""

    n_bytes: int
    reason: str
    arrival_s: float = nan


@dataclass(frozen=True, slots=True)
class DeviceEvent:
    """Something a device says besides its samples.

    Attributes
    ----------
    kind
        ``battery`` (value in percent), ``battery_volts``, ``button``, ``leads_off``,
        ``leads_on``, ``restart``, ``stopped``, ``text``, ``status``, ``time`` (the answer to
        a request for the device's clock; value: host clock as the request brought it, seconds,
        where it comes back).
    value
        Number that goes with it, NaN where there is none.
    text
        Words that go with it.
    device_s
        Seconds by the device's clock, on the scale of its samples, or NaN.
    arrival_s
        Host clock, or NaN.
    """

    kind: str
    value: float = nan
    text: str = ""
    device_s: float = nan
    arrival_s: float = nan


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """What came out of some packets, each part in the order it became known."""

    samples: tuple[Samples, ...] = ()
    gaps: tuple[Gap, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    events: tuple[DeviceEvent, ...] = ()

    @staticmethod
    def join(parts: Iterable[Decoded]) -> Decoded:
        """Return several results as one."""
        parts = tuple(parts)
        return Decoded(
            tuple(chain.from_iterable(part.samples for part in parts)),
            tuple(chain.from_iterable(part.gaps for part in parts)),
            tuple(chain.from_iterable(part.rejected for part in parts)),
            tuple(chain.from_iterable(part.events for part in parts)),
        )


class Driver(ABC):
    """Bytes of one sensor to samples: no input or output, no clock of its own.

    How the same packets are cut into calls of `feed` never changes what comes out. Over
    serial, neither does how the same bytes are cut into packets, but for arrival times.
    """

    streams: tuple[StreamSpec, ...]

    @property
    def has_motor(self) -> bool:
        """Whether the device has said nothing against `Commands.vibrate`."""
        return True

    @abstractmethod
    def feed(self, packets: Sequence[Packet]) -> Decoded:
        """Take packets in the order of arrival and return what is certain by now."""

    @abstractmethod
    def finish(self) -> Decoded:
        """Return what was held back to see what follows. Nothing may be fed afterwards."""

    def stream(self, name: str) -> StreamSpec:
        """Return the stream of this name.

        Raises
        ------
        KeyError
            There is none.
        """
        for spec in self.streams:
            if spec.name == name:
                return spec
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes to write to a sensor, and how long to leave it alone afterwards."""

    data: bytes
    channel: str = ""
    pause_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Commands:
    """What makes a sensor stream and stop, in the order of writing.

    Attributes
    ----------
    notify
        Characteristics to be notified of, data first; empty over serial.
    start, stop
        Writes.
    keep_alive
        Writes to repeat while streaming.
    keep_alive_s
        How often, seconds.
    vibrate
        Returns what lets it vibrate for some milliseconds with a strength of 1 to 255; None
        where it has no motor.
    """

    start: tuple[Write, ...] = ()
    stop: tuple[Write, ...] = ()
    notify: tuple[str, ...] = ()
    keep_alive: tuple[Write, ...] = ()
    keep_alive_s: float = 0.0
    vibrate: Callable[[int, int], tuple[Write, ...]] | None = None
