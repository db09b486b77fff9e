"""The motor in the wearable: felt by the one who wears it, and by nobody else."""

from __future__ import annotations

from .....recording.errors import CrampwatchError
from ..alert import Alert, Level, NightStatus
from .opening import Buzz


class Haptic:
    """Lets every band that has a motor vibrate.

    Parameters
    ----------
    buzz
        Hands the wish to the process that holds the links.
    duration_ms, strength
        Of an urgent alert; others last half as long.
    """

    name = "haptic"

    def __init__(self, buzz: Buzz, duration_ms: int, strength: int) -> None:
        self._buzz = buzz
        self._duration_ms = duration_ms
        self._strength = strength

    def open(self) -> None:
        """See `Way.open`."""

    def tell(self, alert: Alert) -> None:
        """See `Way.tell`."""
        urgent = alert.level is Level.URGENT
        duration_ms = self._duration_ms if urgent else max(self._duration_ms // 2, 50)
        try:
            self._buzz(None, duration_ms, self._strength)
        except OSError as error:
            raise CrampwatchError(
                f"no vibration: the recorder does not listen ({error.strerror or error})"
            ) from error

    def status(self, night: NightStatus) -> None:
        """See `Way.status`."""

    def close(self) -> None:
        """See `Way.close`."""
