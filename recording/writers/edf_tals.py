"""Annotations of an EDF+ file, spread over its records while they are written."""

from __future__ import annotations

import math
from array import array
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from decimal import Context, Decimal
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from ..annotations.edf_text import to_text
from ..errors import RecordingError
from ..model import Event

_EXACT = Context(prec=60)
_FINEST = Decimal("1e-20")


class TalWriter:
    """Time-stamped annotation lists, spread over records of a fixed size.

    An annotation goes into the record it starts in or, where that is full, into one of
    the next; what is left over at the end goes into free space further back.

    Parameters
    ----------
    events
        Seconds from `start`, in any order.
    start
        Time of the first sample; its fraction of a second is put into every time stamp.
    seconds
        Duration of a record.
    width
        Bytes of a sample: 2 or 3.
    name
        Name of the file, for errors.

    Attributes
    ----------
    samples, bytes
        Size of the annotation signal in each record.

    Raises
    ------
    RecordingError
        An event has no finite time.
    """

    def __init__(
        self,
        events: Sequence[Event],
        start: datetime | None,
        seconds: Decimal,
        width: int,
        name: str,
    ) -> None:
        self._fraction = Decimal(start.microsecond if start else 0) / 1_000_000
        self._seconds = seconds
        self._name = name
        self._used = array("L")
        self._check(events)
        self._queue = deque(
            (int(event.onset // float(seconds)), self._tal(event))
            for event in sorted(events, key=lambda event: event.onset)
        )
        longest = max((len(tal) for _, tal in self._queue), default=0)
        room = len(self._clock(99_999_999)) + max(longest, self._dense(), 40)
        self.samples = -(-room // width)
        self.bytes = self.samples * width

    def record(self, number: int) -> NDArray[np.uint8]:
        """Return the annotation bytes of the next record."""
        text = bytearray(self._clock(number))
        while self._queue and self._queue[0][0] <= number:
            if len(text) + len(self._queue[0][1]) > self.bytes:
                break
            text += self._queue.popleft()[1]
        self._used.append(len(text))
        return np.frombuffer(bytes(text).ljust(self.bytes, b"\0"), np.uint8)

    def write_the_rest(self, file: BinaryIO, header: int, size: int) -> None:
        """Put what no record took into free space, from the last record backwards."""
        for number in range(len(self._used) - 1, -1, -1):
            while self._queue:
                used = self._used[number]
                tal = self._queue[-1][1]
                if used + len(tal) > self.bytes:
                    break
                self._queue.pop()
                file.seek(header + (number + 1) * size - self.bytes + used)
                file.write(tal)
                self._used[number] = used + len(tal)
            if not self._queue:
                return
        if self._queue:
            raise RecordingError(
                f"{self._name}: {len(self._queue)} annotations lie after the last record and "
                "do not fit; leave out marks outside the recording"
            )

    def _check(self, events: Sequence[Event]) -> None:
        for event in events:
            if not (math.isfinite(event.onset) and math.isfinite(event.duration)):
                raise RecordingError(
                    f"{self._name}: a {event.trial_type} event has no finite time"
                )

    def _dense(self) -> int:
        """Return bytes for the densest record, or four times the mean where that is less."""
        load: dict[int, int] = {}
        for number, tal in self._queue:
            load[max(0, number)] = load.get(max(0, number), 0) + len(tal)
        if not load:
            return 0
        return min(max(load.values()), 4 * sum(load.values()) // (max(load) + 1) + 256)

    def _clock(self, number: int) -> bytes:
        return f"{plain_decimal(number * self._seconds + self._fraction)}\x14\x14\0".encode()

    def _tal(self, event: Event) -> bytes:
        onset = plain_decimal(Decimal(repr(float(event.onset))) + self._fraction)
        length = Decimal(repr(float(event.duration)))
        duration = f"\x15{plain_decimal(length)[1:]}" if length else ""
        return f"{onset}{duration}\x14{to_text(event)}\x14\0".encode()


def plain_decimal(value: Decimal) -> str:
    """Return a signed decimal without exponent or trailing zeros."""
    return f"{value.quantize(_FINEST, context=_EXACT).normalize(_EXACT) + 0:+f}"
