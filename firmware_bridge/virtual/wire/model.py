"""What the firmware of every virtual sensor is: samples to bytes, and commands to answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..source import Sensed

Raw = NDArray[np.int64]
Numbers = NDArray[np.int64]
BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"


@dataclass(frozen=True, slots=True)
class Rider:
    """A slower stream that rides in the frames of a faster one.

    Attributes
    ----------
    stream
        What rides.
    every
        Samples of the faster stream for one of this.
    """

    stream: Sensed
    every: int


@dataclass(frozen=True, slots=True)
class Lane:
    """Streams that share their frames.

    Attributes
    ----------
    streams
        All of one rate; the first one counts.
    per_frame
        Samples in a frame.
    riders
        Slower streams in the same frames.
    """

    streams: tuple[Sensed, ...]
    per_frame: int = 1
    riders: tuple[Rider, ...] = ()

    @property
    def name(self) -> str:
        """Name of its first stream."""
        return self.streams[0].name

    @property
    def rate_hz(self) -> float:
        """Sampling rate, Hz."""
        return self.streams[0].rate_hz

    def first(self, frame: Numbers | int) -> Any:
        """Return the number of the first sample in a frame, from the first frame on."""
        return frame * self.per_frame

    def frames(self, samples: int) -> int:
        """Return how many frames so many samples fill."""
        return samples // self.per_frame


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Consecutive samples of one stream.

    Attributes
    ----------
    first
        Number of the first, since the sensor was made.
    raw
        Shape ``(n, n_channels)``, int64, within the limits of the converter.
    """

    first: int
    raw: Raw

    def at(self, numbers: Numbers) -> Raw:
        """Return the samples with these numbers."""
        return np.asarray(self.raw[numbers - self.first])


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Consecutive frames to be made.

    Attributes
    ----------
    frame
        Number of the first frame since its counter began.
    count
        How many.
    blocks
        The samples of each stream and rider, by name.
    boot_s
        When the sensor was last started, seconds by its own clock; sample ``n`` was taken
        ``n / rate - boot_s`` seconds later.
    """

    frame: int
    count: int
    blocks: Mapping[str, Block]
    boot_s: float

    @property
    def frames(self) -> Numbers:
        """Numbers of the frames."""
        return np.arange(self.frame, self.frame + self.count)


@dataclass(frozen=True, slots=True, eq=False)
class Carried:
    """Samples of a rider in some frames of a run.

    Attributes
    ----------
    row
        Frame of the run.
    number
        Sample.
    last
        Whether the sample is complete with this frame.
    """

    row: Numbers
    number: Numbers
    last: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """Frames of a run.

    Attributes
    ----------
    data
        One entry for each frame.
    channels
        Characteristic of each frame; one entry where all share it.
    riders
        What rides in them, by stream.
    """

    data: Sequence[bytes]
    channels: Sequence[str] = ("",)
    riders: Mapping[str, Carried] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """Something a sensor sends besides its frames.

    Attributes
    ----------
    at_s
        When, seconds by the sensor's clock since it was made.
    data, channel
        What, and on which characteristic.
    again
        Stream, first sample and count where these are samples sent again.
    """

    at_s: float
    data: bytes
    channel: str = ""
    again: tuple[str, int, int] | None = None


class Wire(ABC):
    """The firmware of one sensor.

    Attributes
    ----------
    lanes
        What it samples and sends.
    link
        ``ble`` or ``serial``.
    notifies, accepts
        Characteristics that notify, and that take commands; empty over serial.
    running
        Names of the lanes that stream.
    fresh
        Names of the lanes whose counters begin anew; emptied by the sensor.
    battery_percent
        What it says of its battery, where it says anything; None for a full one.
    keeps
        Whether frames are made also while nobody listens, to be sent again later.
    """

    lanes: tuple[Lane, ...]
    link: Literal["ble", "serial"]
    notifies: frozenset[str] = frozenset()
    accepts: frozenset[str] = frozenset()
    keeps = False

    def __init__(self) -> None:
        self.running: set[str] = set()
        self.fresh: set[str] = set()
        self.battery_percent: float | None = None

    @abstractmethod
    def encode(self, lane: Lane, run: Run, /) -> Encoded:
        """Return the frames of a run."""

    @abstractmethod
    def write(self, data: bytes, channel: str, now_s: float, /) -> list[Said]:
        """Take what the host wrote, and return the answers.

        The time is the sensor's clock since it was made.
        """

    def boot(self, _now_s: float, /) -> list[Said]:
        """Begin as after power-on: nothing streams, counters and clock are at zero."""
        self.running.clear()
        self.fresh.update(lane.name for lane in self.lanes)
        return []

    def joined(self, _now_s: float, /) -> list[Said]:
        """Take note of a new connection. Over BLE nothing streams before it is asked for."""
        if self.link == "ble":
            self.running.clear()
        return []

    def says(self, _since_s: float, _until_s: float, /) -> list[Said]:
        """Return what it sends of its own accord in a stretch of time, but for frames."""
        return []

    def start(self, lane: str) -> None:
        """Let a lane stream, its counter from zero."""
        self.running.add(lane)
        self.fresh.add(lane)


def rows(array: NDArray[np.uint8]) -> list[bytes]:
    """Return the rows of a matrix of bytes."""
    data, size = array.tobytes(), array.shape[1]
    return [data[start : start + size] for start in range(0, len(data), size)]


def big_endian(values: Raw, size: int) -> NDArray[np.uint8]:
    """Return signed numbers, shape ``(n, k)``, as ``(n, k * size)`` bytes."""
    count = len(values)
    wide = values.astype(">i8").view(np.uint8).reshape(*values.shape, 8)
    return np.asarray(wide[:, :, 8 - size :].reshape(count, values.shape[1] * size))


def little_endian(values: Raw, size: int) -> NDArray[np.uint8]:
    """Return signed numbers, shape ``(n, k)``, as ``(n, k * size)`` bytes."""
    count = len(values)
    wide = values.astype("<i8").view(np.uint8).reshape(*values.shape, 8)
    return np.asarray(wide[:, :, :size].reshape(count, values.shape[1] * size))


def scale(count: int, gain: float, offset: float = 0.0) -> dict[str, Any]:
    """Return `gain` and `offset` of `Sensed`, the same for `count` channels."""
    return {"gain": np.full(count, gain), "offset": np.full(count, offset)}
