"""OpenBCI Cyton: not reset where it still streams, and asked for its clock."""

from __future__ import annotations

from collections.abc import Sequence

from ....recording.clock.round_trip import RoundTrip
from ...drivers.model import Commands, Decoded, Write
from ..decoding import Decoding
from ..line import Line
from .conversation import Conversation
from .sync import Sync

LISTEN_S = 0.5
"""Frames come every 4 ms: a board that still streams is heard within this time."""

ANSWER_S = 2.0
"""A time stamp that comes later belongs to no request."""

STAMP = Write(b"<")
"""From here on frames carry the board's clock; the first one after says that it does."""


class CytonConversation(Conversation):
    """Start commands, which reset the board, only where it does not stream already.

    A board goes on when the cable of its dongle comes loose: its counter and clock then tell
    exactly what was lost, which a reset would wipe out.
    """

    def __init__(self, commands: Commands, decoding: Decoding) -> None:
        super().__init__(commands, decoding)
        self._sync = Sync()
        self._asked_s: float | None = None
        self._set_up = False

    async def begin(self, line: Line) -> None:
        """See `Conversation.begin`."""
        self._asked_s = None
        self.streams = False
        if self._set_up:
            await line.listen(LISTEN_S)
        if not self.streams:
            await super().begin(line)
        self._set_up = True

    def begun(self, now_s: float) -> None:
        """See `Conversation.begun`."""
        super().begun(now_s)
        self._sync.begin(now_s)

    def due(self, now_s: float) -> Sequence[Write]:
        """See `Conversation.due`."""
        writes = list(super().due(now_s))
        if self.streams and self._sync.due(now_s):
            self._asked_s = now_s
            writes.append(STAMP)
        return writes

    def took(self, decoded: Decoded) -> Sequence[RoundTrip]:
        """See `Conversation.took`."""
        trips = list(super().took(decoded))
        for event in decoded.events:
            if event.kind == "time" and self._asked_s is not None:
                sent_s, self._asked_s = self._asked_s, None
                if 0.0 <= event.arrival_s - sent_s <= ANSWER_S:
                    trips.append(RoundTrip(sent_s, event.arrival_s, event.device_s))
        return trips
