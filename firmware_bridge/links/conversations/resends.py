"""Which missing samples to ask for again, one request at a time."""

from __future__ import annotations

from collections.abc import Sequence

Range = tuple[int, int, int]
"""Stream, number of the first sample, how many (`OpenSensor.missing`)."""

LOOK_S = 0.25
"""Between two looks at what is missing."""

PATIENCE_S = 3.0
"""Without a sample of those asked for, and the request counts as unanswered."""

MOST_ASKED = 3
"""Requests in a row without an answer, and the sensor no longer has these samples."""

MOST_GIVEN_UP = 1024
"""Ranges remembered as given up; the oldest is forgotten, and asked for again."""


class Resends:
    """Asks for missing ranges, the least asked and oldest first; gives up what never comes.

    A sensor answers one request at a time, at its own pace between new samples, and passes
    over what its ring no longer holds.
    """

    def __init__(self) -> None:
        self._asked: Range | None = None
        self._left = 0
        self._moved_s = 0.0
        self._looked_s = -LOOK_S
        self._tries: dict[tuple[int, int], int] = {}  # stream, end of the hole
        self._given_up: list[tuple[int, int, int]] = []  # stream, start, stop

    @property
    def given_up(self) -> int:
        """Samples that will not be asked for again."""
        return sum(stop - start for _stream, start, stop in self._given_up)

    def clear(self) -> None:
        """Forget everything: the sensor has begun anew."""
        self._asked = None
        self._tries.clear()
        self._given_up.clear()

    def interrupt(self) -> None:
        """Forget the open request: the connection was made anew."""
        self._asked = None
        self._tries.clear()

    def due(self, now_s: float, missing: Sequence[Range]) -> Range | None:
        """Return what to ask for now, if anything."""
        if now_s - self._looked_s < LOOK_S:
            return None
        self._looked_s = now_s
        if self._asked is not None and self._open(now_s, missing):
            return None
        wanted = [each for each in missing if not self._is_given_up(each)]
        if not wanted:
            self._tries.clear()
            return None
        self._asked = min(wanted, key=lambda each: (self._tries.get(_end(each), 0), each[1]))
        self._left = self._asked[2]
        self._moved_s = now_s
        return self._asked

    def _open(self, now_s: float, missing: Sequence[Range]) -> bool:
        """Return whether the open request may still bring something."""
        asked = self._asked
        if asked is None:
            return False
        left = sum(_shared(each, asked) for each in missing)
        if not left:
            self._asked = None
            return False
        if left < self._left:
            self._left, self._moved_s = left, now_s
            self._tries.pop(_end(asked), None)
        if now_s - self._moved_s < PATIENCE_S:
            return True
        tries = self._tries.get(_end(asked), 0) + 1
        self._tries[_end(asked)] = tries
        self._asked = None
        if tries >= MOST_ASKED:
            del self._tries[_end(asked)]
            stream, start, count = asked
            self._given_up.append((stream, start, start + count))
            del self._given_up[:-MOST_GIVEN_UP]
        return False

    def _is_given_up(self, hole: Range) -> bool:
        stream, start, count = hole
        return any(
            stream == other and first <= start and start + count <= last
            for other, first, last in self._given_up
        )


def _end(hole: Range) -> tuple[int, int]:
    stream, start, count = hole
    return stream, start + count


def _shared(one: Range, other: Range) -> int:
    if one[0] != other[0]:
        return 0
    return max(0, min(one[1] + one[2], other[1] + other[2]) - max(one[1], other[1]))
