"""Watches samples: whether a connection stands says nothing about them."""

from __future__ import annotations

from collections.abc import Sequence

from ..drivers.model import Decoded, Packet
from ..transports.transport import Fault
from .guard import BrokenError
from .policy import LinkPolicy

UNREADABLE_BYTES = 256
"""Bytes of a serial line without a sample that are more than words of greeting."""

WRONG_SPEED = (
    "it sends bytes that nobody can read: check that the driver and its settings are those of "
    "this sensor, and the serial speed (baud)"
)
WRONG_DRIVER = (
    "it sends notifications that nobody can read: check that the driver and its settings are "
    "those of this sensor"
)


class Watchdog:
    """What has come since the connection was made, and whether it is enough."""

    def __init__(self, policy: LinkPolicy) -> None:
        self._policy = policy
        self._streams: dict[str, float] = {}
        self._quiet: set[str] = set()
        self.begin(0.0)

    def begin(self, now_s: float) -> None:
        """Start the clock: the sensor was just told to send."""
        self._begun_s = now_s
        self.first_s: float | None = None
        self._forget(now_s)
        self._streams.clear()
        self._quiet.clear()

    def saw(self, now_s: float, packets: Sequence[Packet], decoded: Decoded) -> None:
        """Take note of what has come."""
        for run in decoded.samples:
            self._streams[run.stream] = now_s
        if decoded.samples:
            self._forget(now_s)
            self.first_s = now_s if self.first_s is None else self.first_s
            return
        self._bytes += sum(len(packet.data) for packet in packets if not packet.channel)
        self._packets += len(packets)
        self._rejected += len(decoded.rejected)
        self._said += len(decoded.events)

    def judge(self, now_s: float, hint: str) -> BrokenError | None:
        """Return why the connection has to be made anew, or None.

        Parameters
        ----------
        now_s
            Host clock.
        hint
            What the conversation makes of samples that do not come.
        """
        running = self.first_s is not None
        patience_s = self._policy.silent_s if running else self._policy.grace_s
        waited_s = now_s - self._last_s
        if waited_s < patience_s:
            return None
        since = f"for {waited_s:.0f} s"
        if not self._packets:
            words = "it says it is connected, and nothing comes"
            return BrokenError(Fault.NO_ANSWER, f"{words} {since}", silent=True)
        if hint:
            return BrokenError(Fault.NO_ANSWER, f"{hint} ({since})", silent=True)
        if self._bytes >= UNREADABLE_BYTES and not self._said:
            return BrokenError(Fault.FOREIGN, f"{since} {WRONG_SPEED}", silent=True)
        if self._rejected and not self._said:
            words = WRONG_SPEED if self._bytes else WRONG_DRIVER
            return BrokenError(Fault.FOREIGN, f"{since} {words}", silent=True)
        words = "it is there and sends no samples"
        return BrokenError(Fault.NO_ANSWER, f"{words} {since}", silent=True)

    def streaming_s(self, now_s: float) -> float:
        """Return for how long samples have been coming, 0 before the first."""
        return 0.0 if self.first_s is None else now_s - self.first_s

    def turned(self, now_s: float) -> tuple[list[str], list[str]]:
        """Return the streams that have fallen silent and those that are back, each once."""
        quiet = {
            name
            for name, last_s in self._streams.items()
            if now_s - last_s >= self._policy.stream_silent_s
        }
        gone, back = sorted(quiet - self._quiet), sorted(self._quiet - quiet)
        self._quiet = quiet
        return gone, back

    def _forget(self, now_s: float) -> None:
        self._last_s = now_s
        self._bytes = self._packets = self._rejected = self._said = 0
