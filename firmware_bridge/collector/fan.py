"""One link, several listeners."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress

from ...recording.clock.round_trip import RoundTrip
from ..drivers.model import Decoded, Packet
from ..links.link import Link
from ..links.states import LinkChange, LinkSink

MOST_TOLD = 20

logger = logging.getLogger(__name__)


class Fan(LinkSink):
    """Hands on what a link brings to each of its sinks, which may come and go.

    What one of them raises costs neither the others nor the link anything; it is logged once.

    Attributes
    ----------
    sinks
        In order.
    """

    def __init__(self, *sinks: LinkSink) -> None:
        self.sinks: list[LinkSink] = list(sinks)
        self._told: set[str] = set()

    def took(self, link: Link, packets: Sequence[Packet], decoded: Decoded) -> None:
        """See `LinkSink.took`."""
        for sink in tuple(self.sinks):
            try:
                sink.took(link, packets, decoded)
            except Exception as error:  # noqa: BLE001 - whatever it is
                self._heed(sink, error)

    def changed(self, link: Link, change: LinkChange) -> None:
        """See `LinkSink.changed`."""
        for sink in tuple(self.sinks):
            try:
                sink.changed(link, change)
            except Exception as error:  # noqa: BLE001 - whatever it is
                self._heed(sink, error)

    def round_trip(self, link: Link, trip: RoundTrip) -> None:
        """See `LinkSink.round_trip`."""
        for sink in tuple(self.sinks):
            try:
                sink.round_trip(link, trip)
            except Exception as error:  # noqa: BLE001 - whatever it is
                self._heed(sink, error)

    def _heed(self, sink: LinkSink, error: Exception) -> None:
        # where memory is short, telling may fail just as well
        with suppress(Exception):
            words = f"{type(sink).__name__}: {error!r}"
            if words in self._told or len(self._told) >= MOST_TOLD:
                return
            self._told.add(words)
            logger.error("%s failed; the others go on", words, exc_info=error)
