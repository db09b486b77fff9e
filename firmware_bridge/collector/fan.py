"""One link, several listeners."""

from __future__ import annotations

from collections.abc import Sequence

from ...recording.clock.round_trip import RoundTrip
from ..drivers.model import Decoded, Packet
from ..links.link import Link
from ..links.states import LinkChange, LinkSink


class Fan(LinkSink):
    """Hands on what a link brings to each of its sinks, which may come and go.

    Attributes
    ----------
    sinks
        In order.
    """

    def __init__(self, *sinks: LinkSink) -> None:
        self.sinks: list[LinkSink] = list(sinks)

    def took(self, link: Link, packets: Sequence[Packet], decoded: Decoded) -> None:
        """See `LinkSink.took`."""
        for sink in self.sinks:
            sink.took(link, packets, decoded)

    def changed(self, link: Link, change: LinkChange) -> None:
        """See `LinkSink.changed`."""
        for sink in self.sinks:
            sink.changed(link, change)

    def round_trip(self, link: Link, trip: RoundTrip) -> None:
        """See `LinkSink.round_trip`."""
        for sink in self.sinks:
            sink.round_trip(link, trip)
