"""One connection to a virtual sensor, seen from the sensor."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from ..drivers.model import Packet
from ..transports.transport import TransportError
from .truth import Fate, StreamTruth

Span = tuple[StreamTruth, int, int]


@dataclass(frozen=True, slots=True)
class Parcel:
    """A packet on its way to the host, and the samples in it.

    Attributes
    ----------
    packet
        With the time it will arrive.
    spans
        Stream, first sample and count that arrive whole with it for the first time.
    again
        The same for samples that were sent before.
    """

    packet: Packet
    spans: tuple[Span, ...] = ()
    again: tuple[Span, ...] = ()


@dataclass(slots=True, eq=False)
class Connection:
    """What one host is sent.

    Attributes
    ----------
    notify
        Characteristics it asked for.
    ends_s, silent_s
        When the connection will break, and when it will fall silent.
    ended
        Why it has ended, None while it lasts.
    """

    notify: frozenset[str]
    ends_s: float = math.inf
    silent_s: float = math.inf
    silent: bool = False
    ended: TransportError | None = None
    commands: deque[tuple[float, bytes, str]] = field(default_factory=deque)
    _parcels: deque[Parcel] = field(default_factory=deque)
    _last_s: float = -math.inf

    def send(self, parcel_s: float, data: bytes, channel: str) -> Packet:
        """Return a packet that arrives at this time, or right after the one before."""
        self._last_s = max(self._last_s, parcel_s)
        return Packet(data, self._last_s, channel)

    def put(self, parcel: Parcel) -> None:
        """Send a parcel on its way."""
        self._parcels.append(parcel)

    def take(self, now_s: float) -> list[Packet]:
        """Return what has arrived by now."""
        found = []
        parcels = self._parcels
        while parcels and parcels[0].packet.arrival_s <= now_s:
            parcel = parcels.popleft()
            for stream, first, count in parcel.spans:
                stream.arrived(first, count)
            for stream, first, count in parcel.again:
                stream.arrived_again(first, count)
            found.append(parcel.packet)
        return found

    def cut(self, now_s: float, reason: Fate) -> None:
        """Lose what would arrive later."""
        kept = deque(each for each in self._parcels if each.packet.arrival_s <= now_s)
        for parcel in self._parcels:
            if parcel.packet.arrival_s > now_s:
                for stream, first, count in parcel.spans:
                    stream.lose(first, count, reason)
        self._parcels = kept

    @property
    def empty(self) -> bool:
        """Whether nothing is on its way."""
        return not self._parcels
