"""When to measure a round trip."""

from __future__ import annotations

FIRST = 5
FIRST_S = 1.0
"""The shortest round trips tell most: a few right after each connection, which may be short."""

EVERY_S = 30.0


class Sync:
    """Times of the round trips of one connection."""

    def __init__(self) -> None:
        self._next_s = 0.0
        self._count = 0

    def begin(self, now_s: float) -> None:
        """Take note of a new connection."""
        self._next_s = now_s + FIRST_S
        self._count = 0

    def due(self, now_s: float) -> bool:
        """Whether to measure now; says so once for each round trip."""
        if now_s < self._next_s:
            return False
        self._count += 1
        self._next_s = now_s + (FIRST_S if self._count < FIRST else EVERY_S)
        return True
