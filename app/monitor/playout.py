"""The moment that is shown: a little behind what has come, and moving evenly.

A journal is written twice a second; what is drawn eight times a second must not jump with it.
"""

from __future__ import annotations

import math

BEHIND_S = 0.8
"""How far behind the newest samples is drawn, seconds of the computer."""

_LOST = 2.5
_MOST_BEHIND_S = 30.0
_RISES_S = 4.0
_FALLS_S = 1.0


class Playout:
    """Follows the newest time of the night.

    Attributes
    ----------
    head_s
        Time of night up to which is shown, NaN before anything came.
    """

    def __init__(self) -> None:
        self.head_s = math.nan
        self._pace = 1.0
        self._at_s = math.nan
        self._came_s = math.nan
        self._newest_s = math.nan

    def look(self, newest_s: float, real_s: float, *, over: bool = False) -> float:
        """Return the moment to be shown.

        Parameters
        ----------
        newest_s
            Up to which time of night everything has come.
        real_s
            Of a clock that nobody sets.
        over
            Whether nothing comes any more: then all is shown.
        """
        if math.isnan(newest_s):
            return self.head_s
        if math.isnan(self.head_s) or over:
            self._learn(newest_s, real_s)
            self.head_s, self._at_s = newest_s, real_s
            return newest_s
        passed_s = max(0.0, real_s - self._at_s)
        self._at_s = real_s
        self._learn(newest_s, real_s)
        wanted_s = min(BEHIND_S * self._pace, _MOST_BEHIND_S)
        lag_s = newest_s - self.head_s
        if lag_s > _LOST * wanted_s + 1.0 or lag_s < 0.0:
            self.head_s = newest_s - wanted_s
        else:
            speed = self._pace * min(2.0, max(0.0, 1.0 + (lag_s - wanted_s) / (2.0 * wanted_s)))
            self.head_s = min(newest_s, self.head_s + speed * passed_s)
        return self.head_s

    def _learn(self, newest_s: float, real_s: float) -> None:
        """Learn how fast the night goes; that of simulated sensors may go faster."""
        if newest_s == self._newest_s:
            return
        if not math.isnan(self._came_s) and real_s > self._came_s:
            passed_s = real_s - self._came_s
            pace = (newest_s - self._newest_s) / passed_s
            # what was caught up with at the beginning is no speed
            learnt_s = _FALLS_S if pace < self._pace else _RISES_S
            part = min(1.0, passed_s / learnt_s)
            self._pace = max(1.0, self._pace + part * (min(pace, 1000.0) - self._pace))
        self._newest_s, self._came_s = newest_s, real_s
