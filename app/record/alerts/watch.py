"""The alert process: follows the journal, decides, tells; the recorder lives without it.

It is started by the recorder (see `process`), which hands it what it needs on its input and
hears it on its output. It reads the journal and writes `alerts.tsv`, nothing else.
"""

from __future__ import annotations

import json
import logging
import math
import os
import queue
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from ....detection.result import Notice
from ....recording.errors import CrampwatchError
from ...live.watching import LiveNight, Watched
from .alert import AlertKind, NightStatus, SensorStatus
from .dispatcher import Dispatcher
from .host_now import HostNow
from .limits import Decided, Limits
from .settings import AlertSettings
from .signs import Sign, Signs
from .table import AlertTable, read_alerts
from .wire import STOP, to_line

POLL_S = 0.1
LOOK_S = 1.0
"""Between two looks at what does not stand in the journal."""

STATUS_S = 10.0
ALIVE_S = 5.0
GOOD_BYE_S = 10.0
MOST_MEMORY = 4 << 30
"""Bytes of address space; a fault of the program must not take the recorder's memory."""

MOST_TO_SAY = 200

BACK_S = 900.0
"""A process that takes over learns from so much of the night what rest is."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Orders:
    """What the recorder hands over.

    Attributes
    ----------
    journal
        Of the night.
    sensors
        Names of all sensors.
    speed
        How many times as fast the recording lives.
    settings
        Of the alerts.
    again
        Whether an alert process was there before in this night.
    """

    journal: Path
    sensors: tuple[str, ...]
    speed: float
    settings: AlertSettings
    again: bool

    @classmethod
    def read(cls, line: bytes) -> Orders:
        """Return the orders in the first line of the input."""
        said = json.loads(line)
        return cls(
            Path(said["journal"]),
            tuple(said["sensors"]),
            float(said["speed"]),
            AlertSettings.model_validate(said["settings"]),
            bool(said["again"]),
        )


class Speaker:
    """Says things to the recorder, in a thread of its own: a deaf one holds up nobody."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[bytes] = queue.Queue(MOST_TO_SAY)
        threading.Thread(target=self._run, daemon=True).start()

    def __call__(self, kind: str, value: Any) -> None:
        """Say something; what does not fit is left unsaid."""
        with suppress(queue.Full):
            self._waiting.put_nowait(to_line(kind, value))

    def finish(self, within_s: float) -> None:
        """Wait until all was said."""
        until_s = time.monotonic() + within_s
        while self._waiting.unfinished_tasks and time.monotonic() < until_s:
            time.sleep(0.01)

    def _run(self) -> None:
        while True:
            line = self._waiting.get()
            with suppress(OSError):
                while line:
                    line = line[os.write(1, line) :]
            self._waiting.task_done()


class Watch:
    """One night's alerts.

    Parameters
    ----------
    orders
        What the recorder handed over.
    say
        Says things to the recorder.
    """

    def __init__(self, orders: Orders, say: Callable[[str, Any], None]) -> None:
        from .ways import open_ways

        self._orders, self._say = orders, say
        self._settings = orders.settings
        self._folder = orders.journal.parent
        self._live = LiveNight(
            orders.journal,
            threshold=self._settings.cramp.threshold,
            back_s=BACK_S if orders.again else None,
        )
        self._signs = Signs(self._settings, orders.sensors)
        self._limits = Limits(self._settings)
        self._now = HostNow(orders.speed)
        self._lock = threading.Lock()
        self._since_s = -math.inf
        self._passed_s = 0.0
        if orders.again:
            for row in read_alerts(self._folder):
                self._since_s = max(self._since_s, row.decided)
                if row.told:
                    self._limits.was_told(AlertKind(row.kind), row.sensor, row.decided)
        self._table: AlertTable | None = AlertTable(self._folder)
        ways = open_ways(self._settings, self._buzz)
        self._dispatcher = Dispatcher(ways, self._heard, lambda text: say("say", text))
        self._last = ""
        self._last_alert = ""
        self._grown_s = time.monotonic()
        self._looked_s = self._status_s = self._alive_s = 0.0

    def run(self, stopping: Callable[[float], str]) -> None:
        """Watch until the recorder says stop, or is gone.

        Parameters
        ----------
        stopping
            Waits so many seconds; returns `STOP`, ``gone``, or nothing where the night goes on.
        """
        while True:
            word = stopping(POLL_S)
            self._read()
            self._look()
            if word:
                break
        self._read(last=True)
        if word != STOP:
            now_s = self._night_now()
            words = "the recorder has ended unexpectedly"
            self._sign(Sign(AlertKind.DATA, now_s, None, words), now_s)
        else:
            self._dispatcher.status(self._state(recording=False))
        self._dispatcher.close(GOOD_BYE_S)
        self._live.close()

    def _read(self, *, last: bool = False) -> None:
        for watched in self._live.rest() if last else self._live.poll():
            self._grown_s = time.monotonic()
            self._now.saw(watched.step.host_s)
            for sign in self._signs.took(watched, self._live.night.streams):
                self._sign(sign, watched.step.now_s)
            if watched.step.now_s - self._passed_s >= LOOK_S:
                self._pass(watched.step.now_s)
            self._tell_last(watched)
            self._tell_alive()

    def _look(self) -> None:
        """Look at the time, the disk, and how the night is doing."""
        real_s = time.monotonic()
        self._tell_alive()
        if real_s - self._looked_s < LOOK_S / min(self._orders.speed, 10.0):
            return
        self._looked_s = real_s
        now_s = self._night_now()
        if math.isnan(now_s):
            return
        self._pass(max(now_s, self._passed_s))
        for sign in self._signs.grew(now_s, real_s - self._grown_s):
            self._sign(sign, now_s)
        with suppress(OSError):
            free = shutil.disk_usage(self._folder).free
            for sign in self._signs.disk(now_s, free):
                self._sign(sign, now_s)
        if real_s - self._status_s > STATUS_S:
            self._status_s = real_s
            self._dispatcher.status(self._state(recording=True))

    def _pass(self, now_s: float) -> None:
        self._passed_s = now_s
        for sign in self._signs.passed(now_s, self._live.marred(now_s)):
            self._sign(sign, now_s)

    def _sign(self, sign: Sign, now_s: float) -> None:
        if now_s <= self._since_s:
            return
        decided = self._limits.decide(sign, now_s)
        if decided is None:
            return
        if decided.held_back:
            self._put(decided, "", f"held back: {decided.held_back}", now_s)
            return
        alert = decided.alert
        event = decided.event
        self._last_alert = alert.text
        self._say(
            "alert",
            {
                "kind": alert.kind.value,
                "level": alert.level.value,
                "at_s": alert.at_s,
                "decided_s": alert.decided_s,
                "sensor": alert.sensor,
                "text": sign.words,
                "probability": None if event is None else event.probability,
            },
        )
        if not len(self._dispatcher):
            self._put(decided, "", "failed: no way of telling is chosen", now_s)
        self._dispatcher.tell(decided)
        self._dispatcher.status(self._state(recording=True))

    def _heard(self, decided: Decided, way: str, result: str, real_s: float) -> None:
        told_at_s = self._live.night.time_of(self._now.at(real_s))
        self._put(decided, way, result, told_at_s)

    def _put(self, decided: Decided, way: str, result: str, told_at_s: float) -> None:
        with self._lock:
            if self._table is None:
                return
            try:
                self._table.put(decided, way, result, told_at_s)
            except CrampwatchError as error:
                self._table = None
                self._say("say", str(error))

    def _buzz(self, sensor: str | None, duration_ms: int, strength: int) -> None:
        told = {"sensor": sensor, "duration_ms": duration_ms, "strength": strength}
        self._say("haptic", told)

    def _tell_last(self, watched: Watched) -> None:
        for notice in watched.notices:
            words = self._words(notice)
            if words != self._last:
                self._last = words
                self._say("last", words)

    def _words(self, notice: Notice) -> str:
        from ...report.words import kind_words, side_words

        event, start = notice.event, self._live.night.start
        clock = "" if start is None else f"{start + timedelta(seconds=event.onset):%H:%M} "
        side = side_words(event.side)
        return f"{clock}{kind_words(event)}{f', {side}' if side else ''}"

    def _tell_alive(self) -> None:
        now_s = time.monotonic()
        if now_s - self._alive_s > ALIVE_S:
            self._alive_s = now_s
            self._say("alive", now_s)

    def _night_now(self) -> float:
        return self._live.night.time_of(self._now())

    def _state(self, *, recording: bool) -> NightStatus:
        links, batteries = self._signs.links, self._signs.batteries
        sensors = {n: SensorStatus(links[n], batteries[n], "") for n in links}
        free = 0
        with suppress(OSError):
            free = shutil.disk_usage(self._folder).free
        return NightStatus(recording, self._night_now(), sensors, free, self._last_alert)


def main() -> int:
    """Run the alert process; returns its exit status."""
    _be_modest()
    say = Speaker()
    line = sys.stdin.buffer.readline(1 << 20)
    if not line:
        return 2
    words: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_listen, args=(words,), daemon=True).start()

    def stopping(seconds: float) -> str:
        try:
            return words.get(timeout=seconds)
        except queue.Empty:
            return ""

    try:
        Watch(Orders.read(line), say).run(stopping)
    except CrampwatchError as error:
        say("failed", str(error))
    except MemoryError:
        say("failed", "it needed too much memory")
    except Exception as error:
        logger.exception("the alerts failed")
        say("failed", f"a fault of the program: {error!r}")
    else:
        say.finish(1.0)
        return 0
    say.finish(1.0)
    return 1


def _listen(words: queue.Queue[str]) -> None:
    for line in sys.stdin.buffer:
        if line.strip() == STOP.encode():
            words.put(STOP)
            return
    words.put("gone")


def _be_modest() -> None:
    """Give way to the recorder: processor, memory, and whom the system kills first."""
    for name in ("SIGINT", "SIGTTOU", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, signal.SIG_IGN)
    with suppress(OSError, AttributeError):
        os.nice(10)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


if __name__ == "__main__":
    sys.exit(main())
