"""A transport around a library that gives samples from a thread of its own."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Sequence
from threading import Event, Thread
from typing import Generic, TypeVar

from ... import open_protocol as protocol
from ...drivers.model import Packet
from ...host_clock import HostClock
from ...open_protocol import BadFrameError, CommandCode, FrameType
from ..aside import aside
from ..inbox import Inbox
from ..transport import Fault, Transport, TransportError

Session = TypeVar("Session")


class SampleSource(Transport, Generic[Session]):
    """What transports of samples have in common: a session, and a thread that polls it.

    The frames are those of the open protocol over BLE, one a packet, for the open-sensor
    driver. Commands for INFO are answered, the others are passed over, except where
    `answer` knows better.
    """

    def __init__(self, address: str, *, clock: HostClock, open_s: float) -> None:
        self.address = address
        self._clock = clock
        self._open_s = open_s
        self._session: Session | None = None
        self._inbox: Inbox | None = None
        self._thread: Thread | None = None
        self._closing = Event()

    async def open(self, notify: Sequence[str] = ()) -> None:  # noqa: ARG002 - one channel
        """See `Transport.open`."""
        inbox = Inbox()
        try:
            async with asyncio.timeout(self._open_s):
                session = await aside(self.begin, self.end)
        except TimeoutError:
            line = f"{self.address}: no answer within {self._open_s:g} s; is it switched on?"
            raise TransportError(Fault.NO_ANSWER, line) from None
        self._session, self._inbox = session, inbox
        self._put(self.describe(session))
        self._thread = Thread(
            target=self._poll, args=(session, inbox), name=f"reads {self.address}", daemon=True
        )
        self._thread.start()

    async def write(self, data: bytes, channel: str = "") -> None:  # noqa: ARG002
        """See `Transport.write`."""
        session = self._session
        if session is None:
            raise TransportError(Fault.LOST, f"{self.address}: is not open")
        try:
            frame = protocol.unpack_frame(data)
        except BadFrameError:
            return
        if frame.type == FrameType.COMMAND and frame.payload:
            if frame.payload[0] == CommandCode.INFO:
                self._put(self.describe(session))
            else:
                self._put(self.answer(session, frame.payload))

    async def receive(self) -> list[Packet]:
        """See `Transport.receive`."""
        if self._inbox is None:
            raise TransportError(Fault.LOST, f"{self.address}: is not open")
        return await self._inbox.take()

    async def close(self) -> None:
        """See `Transport.close`."""
        session, self._session = self._session, None
        if session is None:
            return
        self._closing.set()
        if self._inbox is not None:
            self._inbox.end(TransportError(Fault.LOST, f"{self.address}: was closed"))
        await aside(lambda: self._shut(session))

    @abstractmethod
    def begin(self) -> Session:
        """Open a session, in a thread; raises `TransportError`."""

    @abstractmethod
    def end(self, session: Session) -> None:
        """Close a session, in a thread; never raises."""

    @abstractmethod
    def describe(self, session: Session) -> bytes | None:
        """Return what the source is, as a frame."""

    @abstractmethod
    def poll(self, session: Session, put: Callable[[bytes, float], None]) -> None:
        """Put frames with their arrival, and return in a fraction of a second.

        Raises
        ------
        TransportError
            The source is gone.
        """

    def answer(self, session: Session, command: bytes) -> bytes | None:  # noqa: ARG002
        """Return the frame that answers another command, None where there is no answer."""
        return None

    def idle(self, seconds: float) -> None:
        """Wait so long, in `poll`, unless the source shall be closed."""
        self._closing.wait(seconds)

    def _poll(self, session: Session, inbox: Inbox) -> None:
        def put(frame: bytes, arrival_s: float) -> None:
            inbox.put(Packet(frame, arrival_s, protocol.FROM_DEVICE))

        try:
            while not self._closing.is_set():
                self.poll(session, put)
        except TransportError as error:
            inbox.end(error)
        except Exception as error:  # noqa: BLE001 - of another's library: not the end of the night
            why = " ".join(f"{type(error).__name__}: {error}".split())[:200]
            inbox.end(TransportError(Fault.LOST, f"{self.address}: has failed ({why})"))

    def _put(self, frame: bytes | None) -> None:
        if frame is not None and self._inbox is not None:
            now = self._clock.monotonic()
            self._inbox.put(Packet(frame, now, protocol.FROM_DEVICE))

    def _shut(self, session: Session) -> None:
        if self._thread is not None:
            self._thread.join()
        self.end(session)
