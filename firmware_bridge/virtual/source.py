"""What a virtual sensor measures: physical samples from anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ...recording.model import Kind

TILE = 8192


@dataclass(slots=True, eq=False)
class Sensed:
    """One signal that a sensor samples, and how its converter makes numbers of it.

    Attributes
    ----------
    name
        As the driver names the stream.
    kind
        What it measures.
    rate_hz
        Sampling rate by the sensor's own clock, Hz.
    unit
        Unit that a source gives: ``uV``, ``g``, ``deg/s`` or nothing.
    gain, offset
        Per channel: ``physical = raw * gain + offset``. Where nobody knows the scale of a
        sensor, one is made up here; see ``docs/sensors.md``.
    limits
        Smallest and largest number of the converter; what lies beyond is clipped.
    turn
        Shape ``(n_channels, n_channels)``, applied to physical values before `gain`, where
        the axes of the chip are not those of the case.
    """

    name: str
    kind: Kind
    rate_hz: float
    unit: str
    gain: NDArray[np.float64]
    offset: NDArray[np.float64]
    limits: tuple[int, int]
    turn: NDArray[np.float64] | None = None

    @property
    def channels(self) -> int:
        """Number of channels."""
        return len(self.gain)

    def raw(self, physical: NDArray[Any]) -> NDArray[np.int64]:
        """Return the converter's numbers, shape ``(n, n_channels)``; missing values are 0."""
        values = np.nan_to_num(physical.astype(np.float64), posinf=np.inf, neginf=-np.inf)
        if self.turn is not None:
            values = np.einsum("nj,ij->ni", values, self.turn)
        counts = np.rint((values - self.offset) / self.gain)
        return np.clip(counts, *self.limits).astype(np.int64)


class SampleSource(Protocol):
    """Anything that gives chunks of physical samples for a stream."""

    def chunks(self, stream: Sensed) -> Iterator[NDArray[Any]]:
        """Yield chunks of shape ``(n, stream.channels)``.

        They are in ``stream.unit`` at ``stream.rate_hz``, follow each other without a gap,
        and may have any length. A row of NaN is a sample that the source does not have: the
        sensor loses it. When the iterator ends, so does the sensor.
        """
        ...


@dataclass(frozen=True, slots=True)
class Noise:
    """Resting noise and gravity, without end; made up, for tests of everything but signals.

    Attributes
    ----------
    seed
        Same seed, same samples.
    level_uv
        Standard deviation of what is in uV.
    """

    seed: int = 0
    level_uv: float = 5.0

    def chunks(self, stream: Sensed) -> Iterator[NDArray[Any]]:
        """See `SampleSource.chunks`."""
        rng = np.random.default_rng([self.seed, *stream.name.encode()])
        tile = rng.standard_normal((TILE, stream.channels))
        if stream.unit == "uV":
            tile *= self.level_uv
        else:
            tile *= 0.01
        if stream.kind == "acc":
            tile[:, -1] += 1.0
        while True:
            yield tile


class Feed:
    """Hands out the samples of one stream in the numbers that are asked for.

    Parameters
    ----------
    source, stream
        Where they come from.
    """

    def __init__(self, source: SampleSource, stream: Sensed) -> None:
        self.stream = stream
        self._chunks = source.chunks(stream)
        self._rest: NDArray[Any] = np.empty((0, stream.channels))
        self.ended = False

    def take(self, count: int) -> NDArray[Any]:
        """Return the next samples, fewer than `count` where the source ends."""
        parts: list[NDArray[Any]] = []
        while count > 0:
            if not len(self._rest):
                found = next(self._chunks, None)
                if found is None:
                    self.ended = True
                    break
                self._rest = self._checked(found)
                continue
            part, self._rest = self._rest[:count], self._rest[count:]
            count -= len(part)
            parts.append(part)
        return np.concatenate(parts) if parts else np.empty((0, self.stream.channels))

    def skip(self, count: int) -> None:
        """Pass over samples."""
        while count > 0 and not self.ended:
            count -= len(self.take(min(count, TILE)))

    def _checked(self, chunk: NDArray[Any]) -> NDArray[Any]:
        if chunk.ndim != 2 or chunk.shape[1] != self.stream.channels:
            raise ValueError(
                f"{self.stream.name}: a source gave a chunk of shape {chunk.shape}; it needs"
                f" (n, {self.stream.channels})"
            )
        return chunk
