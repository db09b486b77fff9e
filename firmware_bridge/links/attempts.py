"""Attempts to connect, one after the other: which one it is, and how long to pause."""

from __future__ import annotations

from ..transports.transport import Fault
from .backoff import Backoff
from .guard import BrokenError
from .policy import LinkPolicy
from .reactions import REACTIONS


class Attempts:
    """Counts attempts since samples last came steadily.

    Attributes
    ----------
    number
        The present attempt, from 1; 0 before the first.
    """

    def __init__(self, policy: LinkPolicy, name: str, seed: int) -> None:
        self.number = 0
        self._every = policy.search_every
        self._backoff = Backoff(policy, name, seed)
        self._settled = False
        self._fault: Fault | None = None

    def begin(self) -> None:
        """Take note of a new attempt."""
        self.number = 1 if self._settled else self.number + 1
        self._settled = False

    def settle(self) -> None:
        """Take note that samples come steadily: the next trouble is a new one."""
        self._backoff.reset()
        self._fault = None
        self._settled = True

    def hurry(self) -> None:
        """Begin with short pauses again."""
        self._backoff.reset()

    @property
    def is_lost(self) -> bool:
        """Whether the sensor was not found where it should be."""
        return self._fault is not None and REACTIONS[self._fault].search

    @property
    def are_many(self) -> bool:
        """Whether so many have failed that the sensor is better searched anew."""
        return self.number > 1 and (self.number - 1) % self._every == 0

    def pause_after(self, trouble: BrokenError) -> float:
        """Return how long to wait now, seconds."""
        again, self._fault = self._fault is trouble.fault, trouble.fault
        if trouble.at_once:
            self._backoff.reset()
            return 0.0
        return self._backoff.pause(slow=REACTIONS[trouble.fault].slow and again)
