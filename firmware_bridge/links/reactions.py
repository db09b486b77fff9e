"""Every fault, and what a link does about it."""

from __future__ import annotations

from dataclasses import dataclass

from ..transports.transport import Fault


@dataclass(frozen=True, slots=True)
class Reaction:
    """What follows a fault.

    Attributes
    ----------
    doing
        What the link does now, for people; begins the clause after the reason.
    search
        Look for the sensor anew with the next attempt.
    slow
        Pause as long as ever at once: nothing will change within seconds.
    ends
        There is nothing to try again.
    """

    doing: str = "trying again"
    search: bool = False
    slow: bool = False
    ends: bool = False


REACTIONS: dict[Fault, Reaction] = {
    Fault.NOT_FOUND: Reaction("looking for it again", search=True),
    Fault.BUSY: Reaction("trying again until it is free"),
    Fault.NO_PERMISSION: Reaction("trying again in case it is mended"),
    Fault.NO_ADAPTER: Reaction("trying again in case one appears"),
    Fault.ADAPTER_OFF: Reaction("trying again until it is switched on"),
    Fault.NO_ANSWER: Reaction("connecting anew"),
    Fault.FOREIGN: Reaction("trying now and then", slow=True),
    Fault.LOST: Reaction("connecting anew"),
    Fault.ENDED: Reaction("done", ends=True),
    Fault.OTHER: Reaction("trying again"),
}
"""Nothing but the end of a recording ends a link: what is broken at two may be mended at
three, by the sleeper or by itself."""
