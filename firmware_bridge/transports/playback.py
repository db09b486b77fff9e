"""Captures played back as if they arrived now."""

from __future__ import annotations

import asyncio
import errno
import math
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from io import BufferedReader
from pathlib import Path

from ..drivers.model import Packet
from ..host_clock import HostClock
from .capture import notification
from .tcp import TcpTransport
from .transport import Fault, Transport, TransportError

__all__ = ["FileTransport", "TcpTransport"]

LONGEST_LINE = 1 << 16
PIECE_S = 0.02
"""Bytes with a stated rate arrive in pieces of this length, as over USB."""
PIECE = 1 << 12
"""Bytes without one arrive in pieces of this size."""
MOST_AT_ONCE = 256

NO_CAPTURE = (
    "no line is a captured notification; a BLE capture holds lines like"
    ' {"t": 1.5, "char": "UUID", "data": "hex"}'
)


class FileTransport(Transport):
    """A capture as ``crampwatch decode`` takes it: bytes of a port, or notifications.

    What arrives is stamped with the time it had when it was captured, moved so that the
    capture begins when it is opened. A greater speed delivers it sooner and leaves the stamps
    as they are, so that the clocks of device and host keep their ratio. Bytes without a
    stated rate are stamped when they are read. What is written goes nowhere.

    Parameters
    ----------
    path
        Serial: bytes as received. BLE: JSON lines ``{"t": s, "char": uuid, "data": hex}``; a
        torn last line is passed over.
    speed
        How much faster than it was captured; infinity for as fast as can be.
    clock
        The host's clocks.
    bytes_per_s
        How fast the bytes of a port came; 0 for as fast as can be. Notifications have times.

    Attributes
    ----------
    unreadable_lines
        Lines that are no notification, the torn last one apart.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        speed: float = 1.0,
        clock: HostClock,
        bytes_per_s: float = 0.0,
    ) -> None:
        if not speed > 0 or not 0 <= bytes_per_s < math.inf:
            raise ValueError("speed must be positive, and bytes_per_s finite and not negative")
        self.address = f"file:{path}"
        self.unreadable_lines = 0
        self._path = Path(path)
        self._speed, self._rate = speed, bytes_per_s
        self._clock = clock
        self._file: BufferedReader | None = None
        self._packets: Iterator[tuple[float, Packet]] = iter(())
        self._ahead: tuple[float, Packet] | None = None
        self._any = False
        self._start_s = 0.0
        self._closed = asyncio.Event()

    async def open(self, notify: Sequence[str] = ()) -> None:  # noqa: ARG002 - all is played
        """See `Transport.open`."""
        self._file = self._opened()
        self._start_s = self._clock.monotonic()
        if _is_json(self._file):
            self._packets = self._notifications(self._file)
        else:
            self._packets = self._bytes(self._file)

    async def write(self, data: bytes, channel: str = "") -> None:  # noqa: ARG002
        """See `Transport.write`; a capture hears nothing."""
        self._alive()

    async def receive(self) -> list[Packet]:
        """See `Transport.receive`; at the end of the capture the fault is ``ENDED``."""
        await asyncio.sleep(0)
        self._alive()
        due_s, _ = self._look_ahead()
        wait_s = due_s - self._clock.monotonic()
        if wait_s > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._closed.wait()
            self._alive()
        now = max(due_s, self._clock.monotonic())
        taken: list[Packet] = []
        while len(taken) < MOST_AT_ONCE:
            if self._ahead is None:
                self._ahead = next(self._packets, None)
            if self._ahead is None or self._ahead[0] > now:
                break
            taken.append(self._ahead[1])
            self._ahead = None
        return taken

    async def close(self) -> None:
        """See `Transport.close`."""
        self._closed.set()
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _opened(self) -> BufferedReader:
        try:
            if not stat.S_ISREG(self._path.stat().st_mode):
                raise TransportError(Fault.FOREIGN, f"{self.address}: is not a file")
            return self._path.open("rb")
        except (OSError, ValueError) as error:
            number = getattr(error, "errno", None)
            forbidden = number in (errno.EACCES, errno.EPERM)
            fault = Fault.NO_PERMISSION if forbidden else Fault.NOT_FOUND
            why = getattr(error, "strerror", None) or "no name of a file"
            raise TransportError(fault, f"{self.address}: {why}; check the name") from None

    def _alive(self) -> None:
        if self._file is None:
            raise TransportError(Fault.LOST, f"{self.address}: is not open")

    def _look_ahead(self) -> tuple[float, Packet]:
        if self._ahead is None:
            self._ahead = next(self._packets, None)
        if self._ahead is not None:
            self._any = True
            return self._ahead
        if self.unreadable_lines and not self._any:
            raise TransportError(Fault.FOREIGN, f"{self.address}: {NO_CAPTURE}")
        raise TransportError(Fault.ENDED, f"{self.address}: has come to its end")

    def _bytes(self, file: BufferedReader) -> Iterator[tuple[float, Packet]]:
        """Yield pieces, and when by the host's clock each is due."""
        size = max(1, round(self._rate * PIECE_S)) if self._rate else PIECE
        read = 0
        while data := self._read(file, size):
            read += len(data)
            if self._rate:
                passed_s = read / self._rate
                stamp_s = self._start_s + passed_s
                yield self._start_s + passed_s / self._speed, Packet(data, stamp_s)
            else:
                now = self._clock.monotonic()
                yield now, Packet(data, now)

    def _notifications(self, file: BufferedReader) -> Iterator[tuple[float, Packet]]:
        """Yield notifications, and when by the host's clock each is due."""
        first = math.nan
        passed_s = 0.0
        for packet in self._lines(file):
            if math.isnan(first):
                first = packet.arrival_s
            if not math.isnan(packet.arrival_s):
                passed_s = packet.arrival_s - first
            stamped = Packet(packet.data, self._start_s + passed_s, packet.channel)
            yield self._start_s + passed_s / self._speed, stamped

    def _lines(self, file: BufferedReader) -> Iterator[Packet]:
        while line := self._read(file, LONGEST_LINE, lines=True):
            whole = line.endswith(b"\n")
            too_long = not whole and len(line) == LONGEST_LINE
            packet = None if too_long else notification(line)
            if packet is not None:
                yield packet
            elif line.strip() and (whole or too_long):
                self.unreadable_lines += 1
            while too_long and (more := self._read(file, LONGEST_LINE, lines=True)):
                too_long = not more.endswith(b"\n")

    def _read(self, file: BufferedReader, size: int, *, lines: bool = False) -> bytes:
        try:
            return file.readline(size) if lines else file.read(size)
        except OSError as error:
            line = f"{self.address}: cannot be read any further ({error.strerror})"
            raise TransportError(Fault.LOST, line) from None


def _is_json(file: BufferedReader) -> bool:
    start = file.read(2)
    file.seek(0)
    return start in (b'{"', b"{ ")
