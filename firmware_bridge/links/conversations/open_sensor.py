"""The open protocol: description, start, samples once more, and the time."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ....recording.clock.round_trip import RoundTrip
from ... import open_protocol as protocol
from ...drivers.framing.cobs import stuff
from ...drivers.model import Commands, Decoded, Write
from ...drivers.sensors.open_sensor import OTHER_STREAMS, OpenSensor
from ...open_protocol import CommandCode
from ..decoding import Decoding
from ..line import Line
from .conversation import Conversation
from .resends import Resends
from .sync import Sync

INFO_S = 1.0
"""Between two requests for the description, until it has come."""

START_S = 2.0
"""Between two commands to start, until samples come: a command may be lost, too."""

MOST_PENDING = 32


class OpenConversation(Conversation):
    """Asks until it is answered: commands and answers may be lost like samples."""

    def __init__(self, commands: Commands, decoding: Decoding) -> None:
        super().__init__(commands, decoding)
        self._ble = bool(commands.notify)
        self._resends = Resends()
        self._sync = Sync()
        self._pending: dict[int, float] = {}
        self._info_s = self._start_s = 0.0
        self._seq = 0

    @property
    def hint(self) -> str:
        """See `Conversation.hint`."""
        driver = self._decoding.driver
        if isinstance(driver, OpenSensor) and driver.waiting and driver.info is None:
            return "it sends samples and does not say what they are (no INFO frame)"
        return ""

    @property
    def given_up(self) -> int:
        """Samples that the sensor no longer holds, and that are not asked for again."""
        return self._resends.given_up

    async def begin(self, line: Line) -> None:
        """See `Conversation.begin`."""
        self._pending.clear()
        self._resends.interrupt()
        if not self._ble:
            # ends whatever half a frame the line still holds
            await line.write(Write(b"\0"))
        await super().begin(line)

    def begun(self, now_s: float) -> None:
        """See `Conversation.begun`."""
        super().begun(now_s)
        self._info_s = self._start_s = now_s
        self._sync.begin(now_s)

    def due(self, now_s: float) -> Sequence[Write]:
        """See `Conversation.due`."""
        writes = list(super().due(now_s))
        driver = self._decoding.driver
        if not isinstance(driver, OpenSensor):
            return writes
        if driver.info is None and now_s - self._info_s >= INFO_S:
            self._info_s = now_s
            writes.append(self._command(CommandCode.INFO))
        if not self.streams and now_s - self._start_s >= START_S:
            self._start_s = now_s
            writes.append(self._command(CommandCode.START))
        if not self.streams:
            return writes
        if self._sync.due(now_s):
            writes.append(self._ask_time(now_s))
        wanted = self._resends.due(now_s, driver.missing())
        if wanted is not None:
            writes.append(self._write(protocol.resend(*wanted, seq=self._number())))
        return writes

    def took(self, decoded: Decoded) -> Sequence[RoundTrip]:
        """See `Conversation.took`."""
        trips = list(super().took(decoded))
        self.began_anew = any(event.kind == "restart" for event in decoded.events)
        self.outgrown = any(each.reason == OTHER_STREAMS for each in decoded.rejected)
        if self.began_anew:
            self._pending.clear()
            self._resends.clear()
        for event in decoded.events:
            if event.kind != "time" or not math.isfinite(event.device_s):
                continue
            sent_s = self._pending.pop(round(event.value * 1e6), None)
            if sent_s is not None and event.arrival_s >= sent_s:
                trips.append(RoundTrip(sent_s, event.arrival_s, event.device_s))
        return trips

    def _ask_time(self, now_s: float) -> Write:
        host_us = round(now_s * 1e6)
        self._pending[host_us] = now_s
        while len(self._pending) > MOST_PENDING:
            del self._pending[next(iter(self._pending))]
        return self._write(protocol.ask_time(host_us, seq=self._number()))

    def _command(self, code: CommandCode) -> Write:
        return self._write(protocol.command(code, seq=self._number()))

    def _write(self, frame: bytes) -> Write:
        return Write(frame, protocol.TO_DEVICE) if self._ble else Write(stuff(frame))

    def _number(self) -> int:
        self._seq = (self._seq + 1) % (1 << 32)
        return self._seq
