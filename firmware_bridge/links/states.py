"""What a link does at any moment, what it says about it, and to whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from ...recording.clock.round_trip import RoundTrip
from ..drivers.model import Decoded, Packet
from ..transports.transport import Fault

if TYPE_CHECKING:
    from .link import Link


class LinkState(Enum):
    """What a link does."""

    SEARCHING = "searching"
    """Looks for the sensor anew, not trusting where it was last."""
    CONNECTING = "connecting"
    """Opens a connection."""
    CONFIGURING = "configuring"
    """Tells the sensor what to send, and waits for its first samples."""
    STREAMING = "streaming"
    """Samples come."""
    SILENT = "silent"
    """The connection stands and no samples come: it is given up."""
    WAITING = "waiting"
    """Pauses before the next attempt."""
    STOPPED = "stopped"
    """Has ended, and will not begin again."""


@dataclass(frozen=True, slots=True)
class LinkChange:
    """One transition.

    Attributes
    ----------
    at_s
        Host clock (`HostClock.monotonic`).
    state
        What the link does from now on.
    reason
        Why: one sentence for people.
    attempt
        Attempts to connect since samples last came steadily, from 1.
    fault
        What went wrong, None where nothing did.
    news
        Whether a person should hear of it; False where it repeats what was said, as when a
        sensor stays out of range all night.
    """

    at_s: float
    state: LinkState
    reason: str
    attempt: int
    fault: Fault | None = None
    news: bool = True


class LinkSink(Protocol):
    """Takes what links bring. It must return at once; what it raises ends `Link.run`."""

    def took(self, link: Link, packets: Sequence[Packet], decoded: Decoded) -> None:
        """Take packets as they came, and what was certain after them.

        At the end of a decoder `packets` is empty and `decoded` holds what was held back.
        """

    def changed(self, link: Link, change: LinkChange) -> None:
        """Take a transition."""

    def round_trip(self, link: Link, trip: RoundTrip) -> None:
        """Take a measured round trip between the host's and the sensor's clock."""
