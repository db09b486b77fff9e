"""What every transport is: one connection to one sensor, used once and then closed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from enum import Enum

from ...recording.errors import CrampwatchError
from ..drivers.model import Packet


class Fault(Enum):
    """Why a connection could not be made or has ended, by what helps."""

    NOT_FOUND = "not found"
    """Out of range, switched off, unplugged: look for it again."""
    BUSY = "busy"
    """Somebody else holds the port or the connection."""
    NO_PERMISSION = "no permission"
    """This user may not use the port or the adapter."""
    NO_ADAPTER = "no adapter"
    """There is no Bluetooth, or its service does not run."""
    ADAPTER_OFF = "adapter off"
    """Bluetooth is switched off."""
    NO_ANSWER = "no answer"
    """It was found and did not answer in time."""
    FOREIGN = "foreign"
    """It answers, and is not the sensor it was taken for."""
    LOST = "lost"
    """The connection broke."""
    ENDED = "ended"
    """A recording that was played back has come to its end."""
    OTHER = "other"
    """None of these."""


class TransportError(CrampwatchError):
    """A connection failed.

    Attributes
    ----------
    fault
        What helps against it.
    """

    def __init__(self, fault: Fault, message: str) -> None:
        super().__init__(message)
        self.fault = fault


class Transport(ABC):
    """One connection to one sensor: opened once, closed once, never opened again.

    Everything runs in one event loop. What arrives is stamped with the host's monotonic clock
    and queued where it arrives, and nothing else is done there.

    Attributes
    ----------
    address
        As a person wrote it, for messages.
    """

    address: str

    @abstractmethod
    async def open(self, notify: Sequence[str] = ()) -> None:
        """Connect, and ask to be notified of these characteristics.

        Raises
        ------
        TransportError
            It cannot be reached; nothing stays open.
        """

    @abstractmethod
    async def write(self, data: bytes, channel: str = "") -> None:
        """Write to a characteristic, or to the port.

        Raises
        ------
        TransportError
            The connection is gone.
        """

    @abstractmethod
    async def receive(self) -> list[Packet]:
        """Return all that has arrived since the last call, and wait where there is nothing.

        Raises
        ------
        TransportError
            The connection has ended, and all that had arrived was returned.
        """

    @abstractmethod
    async def close(self) -> None:
        """Give everything back; never raises, and may be called twice."""
