"""Serial ports: a thread reads, stamps and queues; another writes where there is something."""

from __future__ import annotations

import asyncio
import errno
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread, current_thread
from typing import TYPE_CHECKING

from ..drivers.model import Packet
from ..host_clock import HostClock
from .aside import aside
from .inbox import Inbox
from .serial_ports import FoundPort, find_port, list_ports, missing_line, stable_name
from .transport import Fault, Transport, TransportError

if TYPE_CHECKING:
    import serial

__all__ = ["FoundPort", "SerialTransport", "find_port", "list_ports", "stable_name"]

OPEN_S = 20.0
"""A port over classic Bluetooth connects while it is opened, and takes its time."""
WRITE_S = 5.0
LOOK_UP_S = 0.5
"""How often the reader looks whether it shall end, where a read cannot be interrupted."""
MOST_READ = 1 << 16

GONE = {errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.EIO, errno.ENOTCONN, errno.EHOSTDOWN}
TAKEN = {errno.EBUSY, errno.EAGAIN}
FORBIDDEN = {errno.EACCES, errno.EPERM}


class SerialTransport(Transport):
    """One opening of a serial port.

    While the port is open, DTR and RTS are both asserted: boards with a USB port of their own
    send nothing without DTR, and unlike levels hold an ESP32 in reset. On a change of DTR an
    Arduino starts anew, so DTR stays as it is when the port is closed: opening it again in
    the night resets nothing. The first opening after plugging in does, by the system's doing.

    Parameters
    ----------
    port
        As `find_port` takes it; looked up at each opening.
    baud
        Bits per second.
    clock
        Stamps what arrives.
    """

    def __init__(self, port: str, *, baud: int, clock: HostClock) -> None:
        if baud <= 0:
            raise ValueError(f"baud is {baud}, and must be positive")
        self.address = f"serial:{port}"
        self._name = port
        self._baud = baud
        self._clock = clock
        self._port: serial.Serial | None = None
        self._inbox: Inbox | None = None
        self._reader: Thread | None = None
        self._closing = Event()
        self._held = Lock()  # while a thread writes to the port
        self._writing = asyncio.Lock()

    async def open(self, notify: Sequence[str] = ()) -> None:  # noqa: ARG002 - a port has one channel
        """See `Transport.open`."""
        inbox = Inbox()
        try:
            async with asyncio.timeout(OPEN_S):
                port = await aside(self._open_port, _shut)
        except TimeoutError:
            line = f"{self.address}: did not open within {OPEN_S:g} s; is the sensor on?"
            raise TransportError(Fault.NO_ANSWER, line) from None
        self._port, self._inbox = port, inbox
        self._reader = Thread(
            target=self._read, args=(port, inbox), name=f"reads {self.address}", daemon=True
        )
        self._reader.start()

    async def write(self, data: bytes, channel: str = "") -> None:  # noqa: ARG002 - a port has one channel
        """See `Transport.write`; waits at most `WRITE_S` for a port that takes no bytes."""
        from serial import SerialTimeoutException

        port = self._port
        if port is None:
            raise TransportError(Fault.LOST, f"{self.address}: is not open")
        async with self._writing:
            try:
                await aside(lambda: self._write(port, data))
            except SerialTimeoutException:
                line = f"{self.address}: took no bytes for {WRITE_S:g} s; is the sensor on?"
                raise TransportError(Fault.NO_ANSWER, line) from None
            except OSError as error:
                raise self._lost(error) from None

    async def receive(self) -> list[Packet]:
        """See `Transport.receive`."""
        if self._inbox is None:
            raise TransportError(Fault.LOST, f"{self.address}: is not open")
        return await self._inbox.take()

    async def close(self) -> None:
        """See `Transport.close`."""
        port, self._port = self._port, None
        if port is None:
            return
        self._closing.set()
        if self._inbox is not None:
            self._inbox.end(TransportError(Fault.LOST, f"{self.address}: was closed"))
        await aside(lambda: self._shut(port))

    def _open_port(self) -> serial.Serial:
        import serial

        name = find_port(self._name)
        try:
            port = serial.Serial(
                name,
                self._baud,
                timeout=LOOK_UP_S,
                write_timeout=WRITE_S,
                exclusive=True if os.name == "posix" else None,
            )
        except _FAILURES as error:
            raise self._refused(name, error) from None
        _keep_for_us(port)
        return port

    def _refused(self, name: str, error: Exception) -> TransportError:
        number = getattr(error, "errno", None)
        text = " ".join(str(error).split())
        if number in GONE or "FileNotFoundError" in text:
            return TransportError(Fault.NOT_FOUND, missing_line(self._name))
        # Windows says "no permission" where somebody else has it open
        if number in TAKEN or "PermissionError" in text:
            line = f"{self.address}: another program uses it; close that program"
            return TransportError(Fault.BUSY, line)
        if number in FORBIDDEN:
            return TransportError(Fault.NO_PERMISSION, f"{self.address}: {_way_in(name)}")
        if isinstance(error, ValueError):
            line = f"{self.address}: does not run at {self._baud} bits per second"
            return TransportError(Fault.OTHER, line)
        if "configure port" in text or number in (errno.ENOTTY, errno.EISDIR):
            return TransportError(Fault.FOREIGN, f"{self.address}: is not a serial port")
        return TransportError(Fault.OTHER, f"{self.address}: cannot be opened: {text[:200]}")

    def _read(self, port: serial.Serial, inbox: Inbox) -> None:
        try:
            while not self._closing.is_set():
                data = port.read(1)
                if not data:
                    continue
                data += _rest(port)
                inbox.put(Packet(data, self._clock.monotonic()))
        except OSError as error:
            inbox.end(self._lost(error))

    def _write(self, port: serial.Serial, data: bytes) -> None:
        with self._held:
            port.write(data)

    def _lost(self, error: Exception) -> TransportError:
        why = getattr(error, "strerror", None) or " ".join(str(error).split())[:200]
        line = f"{self.address}: the port is gone ({why}); plug the sensor in again"
        return TransportError(Fault.LOST, line)

    def _shut(self, port: serial.Serial) -> None:
        for interrupt in (port.cancel_read, port.cancel_write):
            with suppress(OSError, AttributeError):
                interrupt()
        if self._reader is not None and self._reader is not current_thread():
            self._reader.join()
        with self._held:
            _shut(port)


def _shut(port: serial.Serial) -> None:
    with suppress(*_FAILURES):
        port.reset_output_buffer()  # else closing waits for what a stuck peer does not take
    _give_back(port)
    with suppress(OSError):
        port.close()


if sys.platform != "win32":
    import fcntl
    import grp
    import termios

    _FAILURES: tuple[type[Exception], ...] = (OSError, ValueError, termios.error)

    def _keep_for_us(port: serial.Serial) -> None:
        """Keep others out and DTR as it is on closing; ask for short waits of FTDI chips."""
        with suppress(OSError, termios.error):
            fcntl.ioctl(port.fileno(), termios.TIOCEXCL)
            attributes = termios.tcgetattr(port.fileno())
            attributes[2] &= ~termios.HUPCL
            termios.tcsetattr(port.fileno(), termios.TCSANOW, attributes)
        with suppress(OSError, ValueError, NotImplementedError, AttributeError):
            port.set_low_latency_mode(True)

    def _rest(port: serial.Serial) -> bytes:
        """Return what else has come; cheaper than asking first how much that is."""
        try:
            return os.read(port.fileno(), MOST_READ)
        except BlockingIOError:
            return b""

    def _give_back(port: serial.Serial) -> None:
        with suppress(OSError):
            fcntl.ioctl(port.fileno(), termios.TIOCNXCL)

    def _way_in(name: str) -> str:
        group = "dialout"
        with suppress(OSError, KeyError):
            status = Path(name).stat()
            if status.st_mode & 0o060 == 0o060 and status.st_gid:
                group = grp.getgrgid(status.st_gid).gr_name
        return (
            f"this user may not open it; run: sudo usermod -aG {group} $USER, "
            "then log out and in again"
        )

else:
    _FAILURES: tuple[type[Exception], ...] = (OSError, ValueError)

    def _keep_for_us(port: serial.Serial) -> None:
        """Windows keeps others out by itself."""

    def _rest(port: serial.Serial) -> bytes:
        return port.read(min(port.in_waiting, MOST_READ))

    def _give_back(port: serial.Serial) -> None:
        pass

    def _way_in(name: str) -> str:
        return f"this user may not open {name}"
