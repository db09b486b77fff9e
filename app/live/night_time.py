"""The time of night while the night goes on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np

from ...recording.clock import ClockReading, night_clock
from ...recording.journal.header import JournalHeader


class NightTime:
    """Seconds since the first sample; sleep of the computer counts.

    Parameters
    ----------
    header
        Of the journal.

    Attributes
    ----------
    start_s
        Host's monotonic time of the first sample, None before it came.
    slept_s
        How long the computer has slept so far.
    """

    def __init__(self, header: JournalHeader) -> None:
        self.start_s: float | None = None
        self.slept_s = 0.0
        self._header = header
        self._last = ClockReading(header.monotonic_s, header.wall_s, header.elapsed_s)

    @property
    def start(self) -> datetime | None:
        """Start of the night as the clock on the wall showed it, with its offset from UTC."""
        if self.start_s is None:
            return None
        zone = timezone(timedelta(seconds=self._header.utc_offset_s))
        since = timedelta(seconds=self.start_s - self._header.monotonic_s)
        return datetime.fromtimestamp(self._header.wall_s, zone) + since

    def hear(self, at_s: float, told: Mapping[str, Any]) -> None:
        """Take a reading of the host's clocks, as the note ``wall`` tells it."""
        try:
            elapsed = told.get("elapsed_s")
            passed_s = np.nan if elapsed is None else float(elapsed)
            reading = ClockReading(at_s, float(told["wall_s"]), passed_s)
        except (ValueError, TypeError, LookupError, OverflowError):
            return
        clock = night_clock([self._last, reading])
        if clock is None or not reading.monotonic_s >= self._last.monotonic_s:
            return
        self.slept_s += float(clock.slept_s[-1]) if len(clock.slept_s) else 0.0
        self._last = reading

    def of(self, monotonic_s: float, slept_s: float | None = None) -> float:
        """Return the time of night of a host's monotonic time, seconds.

        Before the first sample it is counted from the beginning of the journal.
        """
        begin_s = self._header.monotonic_s if self.start_s is None else self.start_s
        return monotonic_s - begin_s + (self.slept_s if slept_s is None else slept_s)
