"""Shimmer3: says itself which channels it sends, and only when it is not streaming."""

from __future__ import annotations

from ...drivers.model import Write
from ...drivers.sensors.shimmer3 import inquiry_in, settings_from_inquiry
from ...drivers.settings import SettingError
from ...transports.transport import Fault
from ..guard import BrokenError
from ..line import Line
from .conversation import Conversation

STOP, INQUIRY, START = b"\x20", b"\x01", b"\x07"
SLICES, SLICE_S = 8, 0.2
MOST_HEARD = 4096
MOST_ASKED = 3


class ShimmerConversation(Conversation):
    """Stops it, asks for its layout, then lets it stream."""

    asks_first = True

    async def begin(self, line: Line) -> None:
        """See `Conversation.begin`."""
        await line.write(Write(STOP, pause_s=0.5))
        for write in self._commands.start:
            if write.data[:1] not in (INQUIRY, START):
                await line.write(write)
        answer = await _answer(line)
        try:
            self.settings |= settings_from_inquiry(answer)
        except SettingError as error:
            raise BrokenError(Fault.FOREIGN, str(error)) from error
        await line.write(Write(START))


async def _answer(line: Line) -> bytes:
    for _attempt in range(MOST_ASKED):
        await line.write(Write(INQUIRY))
        heard = b""
        for _slice in range(SLICES):
            packets = await line.listen(SLICE_S)
            heard += b"".join(packet.data for packet in packets)
            answer = inquiry_in(heard[-MOST_HEARD:])
            if answer:
                return answer
    words = "the Shimmer does not answer: switch it off and on, and take it out of its dock"
    raise BrokenError(Fault.NO_ANSWER, words)
