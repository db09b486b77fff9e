"""What each sensor has brought so far: for whoever watches, not for the journal."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ...recording.clock.round_trip import RoundTrip
from ..drivers.model import Decoded, Packet
from ..host_clock import HostClock
from ..links.link import Link
from ..links.states import LinkChange, LinkSink, LinkState

TREND_PERCENT = 3.0
TREND_H = 0.5
"""A battery that fell by less, or is watched for less long, tells no trend."""


@dataclass(slots=True)
class StreamCount:
    """Samples of one stream.

    Attributes
    ----------
    rate_hz
        Nominal.
    samples, lost
        Received, and missing by the best count.
    lost_unbounded
        Whether nothing bounds what is missing.
    last_s
        Host's monotonic clock when the last samples came, NaN before.
    """

    rate_hz: float
    samples: int = 0
    lost: int = 0
    lost_unbounded: bool = False
    last_s: float = math.nan


@dataclass(slots=True)
class SensorCount:
    """One sensor.

    Attributes
    ----------
    state, reason
        Of its link.
    since_s
        Host's monotonic clock when it came into this state.
    connections
        Made so far.
    battery_percent, battery_volts
        What it said last, NaN where it says nothing.
    battery_left_h
        How long its battery lasts by how it fell so far, NaN where that cannot be told yet.
    loose
        Electrodes that it says are off, in its own words; empty where all are on.
    rejected
        Bytes thrown away.
    streams
        By name.
    quality
        How its signals look now, in a word or some; written by whoever watches them.
    """

    state: LinkState = LinkState.STOPPED
    reason: str = "not begun"
    since_s: float = math.nan
    connections: int = 0
    battery_percent: float = math.nan
    battery_volts: float = math.nan
    loose: str = ""
    rejected: int = 0
    streams: dict[str, StreamCount] = field(default_factory=dict)
    quality: str = ""
    battery_left_h: float = math.nan
    _fullest: tuple[float, float] = field(default=(math.nan, math.nan), repr=False)

    def charged(self, percent: float, now_s: float) -> None:
        """Take what the sensor says of its battery, at a time of the host's monotonic clock.

        Told again higher than before (it was charged, or it recovered), the fall is measured
        from there.
        """
        self.battery_percent = percent
        since_s, fullest = self._fullest
        if math.isnan(fullest) or percent > fullest:
            self._fullest = now_s, percent
            self.battery_left_h = math.nan
            return
        fallen, hours = fullest - percent, (now_s - since_s) / 3600.0
        if fallen >= TREND_PERCENT and hours >= TREND_H:
            self.battery_left_h = percent / fallen * hours

    @property
    def last_s(self) -> float:
        """When the last samples came, NaN where none did."""
        return max((each.last_s for each in self.streams.values()), default=math.nan)

    @property
    def samples(self) -> int:
        """All received samples."""
        return sum(each.samples for each in self.streams.values())

    @property
    def lost(self) -> int:
        """All missing samples, by the best count."""
        return sum(each.lost for each in self.streams.values())

    @property
    def lost_part(self) -> float:
        """Part of the samples that is missing, 0 where there were none."""
        whole = self.samples + self.lost
        return self.lost / whole if whole else 0.0


class Counts(LinkSink):
    """Counts for each sensor, always up to date.

    Attributes
    ----------
    sensors
        By name.
    """

    def __init__(self, clock: HostClock, names: Iterable[str] = ()) -> None:
        self.sensors = {name: SensorCount() for name in names}
        self._clock = clock

    def took(self, link: Link, packets: Sequence[Packet], decoded: Decoded) -> None:
        """See `LinkSink.took`."""
        del packets
        count = self.sensors.setdefault(link.name, SensorCount())
        now_s = self._clock.monotonic()
        for run in decoded.samples:
            stream = self._stream(link, count, run.stream)
            stream.samples += len(run)
            stream.last_s = now_s
        for gap in decoded.gaps:
            stream = self._stream(link, count, gap.stream)
            stream.lost += gap.lost
            stream.lost_unbounded |= gap.lost_high is None
        count.rejected += sum(each.n_bytes for each in decoded.rejected)
        for event in decoded.events:
            if event.kind == "battery":
                count.charged(event.value, now_s)
            elif event.kind == "battery_volts":
                count.battery_volts = event.value
            elif event.kind == "leads_off":
                count.loose = event.text or "an electrode"
            elif event.kind == "leads_on":
                count.loose = ""

    def changed(self, link: Link, change: LinkChange) -> None:
        """See `LinkSink.changed`."""
        count = self.sensors.setdefault(link.name, SensorCount())
        if change.state is not count.state:
            count.since_s = change.at_s
        count.state, count.reason = change.state, change.reason
        count.connections = link.connection

    def round_trip(self, link: Link, trip: RoundTrip) -> None:
        """See `LinkSink.round_trip`."""

    @staticmethod
    def _stream(link: Link, count: SensorCount, name: str) -> StreamCount:
        found = count.streams.get(name)
        if found is None:
            found = count.streams[name] = StreamCount(link.driver.stream(name).rate_hz)
        return found
