"""Each alert by every way; what fails is tried again, and no way waits for another."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

from ....recording.errors import CrampwatchError
from .alert import Level, NightStatus, Way
from .limits import Decided
from .table import TOLD

MOST_WAITING = 16
"""Alerts that wait for one way; of more the oldest is given up."""

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0

TOO_LATE_S = {Level.URGENT: 120.0, Level.WARNING: 600.0, Level.INFO: 600.0}
"""After so long an alert is no use any more."""

logger = logging.getLogger(__name__)

Heard = Callable[[Decided, str, str, float], None]
"""Takes the alert, the way, its result, and the time of its end by `time.monotonic`."""


class Dispatcher:
    """Hands alerts to ways.

    Parameters
    ----------
    ways
        Not opened yet; each gets a thread of its own.
    heard
        Called from those threads with every result.
    say
        Called from those threads with what a person should know, once for each fault.
    """

    def __init__(self, ways: Sequence[Way], heard: Heard, say: Callable[[str], None]) -> None:
        self._lanes = tuple(_Lane(way, heard, say) for way in ways)

    def __len__(self) -> int:
        return len(self._lanes)

    def tell(self, decided: Decided) -> None:
        """Tell an alert by all ways; returns at once."""
        for lane in self._lanes:
            lane.tell(decided)

    def status(self, night: NightStatus) -> None:
        """Show how the night is doing by all ways; of several only the newest matters."""
        for lane in self._lanes:
            lane.status(night)

    def close(self, within_s: float) -> None:
        """Tell what waits and close the ways, in bounded time."""
        for lane in self._lanes:
            lane.end()
        until_s = time.monotonic() + within_s
        for lane in self._lanes:
            lane.join(max(0.0, until_s - time.monotonic()))


class _Lane:
    """One way in its own thread."""

    def __init__(self, way: Way, heard: Heard, say: Callable[[str], None]) -> None:
        self._way, self._heard, self._say = way, heard, say
        self._waiting: queue.Queue[tuple[Decided, float] | None] = queue.Queue(MOST_WAITING)
        self._night: NightStatus | None = None
        self._news = threading.Event()
        self._ending = threading.Event()
        self._open = False
        self._fault = ""
        self._pause_s = FIRST_PAUSE_S
        self._thread = threading.Thread(target=self._run, name=f"way {way.name}", daemon=True)
        self._thread.start()

    def tell(self, decided: Decided) -> None:
        while True:
            try:
                self._waiting.put_nowait((decided, time.monotonic()))
            except queue.Full:
                self._give_up_oldest()
            else:
                self._news.set()
                return

    def status(self, night: NightStatus) -> None:
        self._night = night
        self._news.set()

    def end(self) -> None:
        self._ending.set()
        self._news.set()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _give_up_oldest(self) -> None:
        try:
            oldest = self._waiting.get_nowait()
        except queue.Empty:
            return
        if oldest is not None:
            self._heard(oldest[0], self._way.name, "failed: too many wait", time.monotonic())

    def _run(self) -> None:
        self._ready()
        while True:
            self._news.wait(None if self._open else self._pause_s)
            self._news.clear()
            self._drain()
            night, self._night = self._night, None
            if night is not None and self._ready():
                self._try(partial(self._way.status, night))
            if self._ending.is_set() and self._waiting.empty():
                break
            if not self._ending.is_set():
                self._ready()
        if self._open:
            self._try(self._way.close)

    def _drain(self) -> None:
        while True:
            try:
                waiting = self._waiting.get_nowait()
            except queue.Empty:
                return
            if waiting is not None:
                self._tell_until_too_late(*waiting)

    def _tell_until_too_late(self, decided: Decided, since_s: float) -> None:
        """Try again and again; a bad way costs its own thread only."""
        too_late_s = since_s + TOO_LATE_S[decided.alert.level]
        while True:
            told = self._ready() and self._try(partial(self._way.tell, decided.alert))
            now_s = time.monotonic()
            if told:
                self._heard(decided, self._way.name, TOLD, now_s)
                return
            last_try = self._ending.is_set() or now_s + self._pause_s >= too_late_s
            if last_try:
                self._heard(decided, self._way.name, f"failed: {self._fault}", now_s)
                return
            self._ending.wait(self._pause_s)

    def _ready(self) -> bool:
        self._open = self._open or self._try(self._way.open)
        return self._open

    def _try(self, call: Callable[[], None]) -> bool:
        try:
            call()
        except CrampwatchError as error:
            self._failed(str(error))
            return False
        except Exception as error:
            logger.exception("alerts by %s failed", self._way.name)
            self._failed(f"a fault of the program: {error!r}")
            return False
        self._pause_s, self._fault = FIRST_PAUSE_S, ""
        return True

    def _failed(self, words: str) -> None:
        self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
        if words != self._fault:
            self._fault = words
            self._say(f"alerts by {self._way.name}: {words}")
