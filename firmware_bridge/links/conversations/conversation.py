"""What is said to a sensor besides listening to it."""

from __future__ import annotations

from collections.abc import Sequence

from ....recording.clock.round_trip import RoundTrip
from ...drivers.model import Commands, Decoded, Write
from ..decoding import Decoding
from ..line import Line


class Conversation:
    """Start, stop and keep-alive, as the driver's commands say; sensors with more have theirs.

    One conversation lasts as long as its link, over many connections. Times are the host's
    monotonic clock.

    Parameters
    ----------
    commands
        As the driver gives them.
    decoding
        The decoder of the sensor.

    Attributes
    ----------
    settings
        Settings for the decoder: as given, or as the sensor itself has said since.
    streams
        Whether samples have come since the last `begin`.
    began_anew
        Whether what came last says that the sensor was reset, and waits to be told to stream.
    outgrown
        Whether what came last says that only a fresh decoder can read the sensor from now on.
    """

    asks_first = False
    """Whether packets wait for the end of `begin`: only the sensor's answer tells how to read
    them."""

    def __init__(self, commands: Commands, decoding: Decoding) -> None:
        self._commands = commands
        self._decoding = decoding
        self._alive_s = 0.0
        self.settings = dict(decoding.settings)
        self.streams = False
        self.began_anew = False
        self.outgrown = False

    @property
    def stop(self) -> tuple[Write, ...]:
        """What ends the stream."""
        return self._commands.stop

    @property
    def hint(self) -> str:
        """Why samples may be missing although something comes, or nothing."""
        return ""

    async def begin(self, line: Line) -> None:
        """Make the sensor stream.

        Raises
        ------
        BrokenError
            The connection failed, or the sensor does not answer.
        """
        self.streams = False
        for write in self._commands.start:
            await line.write(write)

    def begun(self, now_s: float) -> None:
        """Take note that the sensor has been told to stream."""
        self._alive_s = now_s

    def due(self, now_s: float) -> Sequence[Write]:
        """Return what to write now."""
        every_s = self._commands.keep_alive_s
        if not self._commands.keep_alive or now_s - self._alive_s < every_s:
            return ()
        self._alive_s = now_s
        return self._commands.keep_alive

    def took(self, decoded: Decoded) -> Sequence[RoundTrip]:
        """Hear what came; return the round trips completed by it."""
        self.streams = self.streams or bool(decoded.samples)
        return ()
