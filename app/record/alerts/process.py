"""The recorder's side of the alert process: started, heard, started anew, never waited for.

Whatever becomes of that process - it hangs, crashes, floods its output - the recording costs
it a thread that mostly sleeps.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from .settings import AlertSettings
from .ways.bell import terminal_here
from .wire import MOST_LINE, STOP, from_line

COMMAND = (sys.executable, "-m", "crampwatch.app.record.alerts.watch")

MOST_STARTS = 6
"""In one night; after so many faults there are no more alerts."""

FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 300.0

SILENT_S = 90.0
"""A process that says nothing for so long hangs; it says that it lives every five seconds."""

BYTES_AT_ONCE = 16384
PAUSE_S = 0.05
"""Between two reads of an output that never ends: a flood is read at 320 kB/s."""

MOST_LINES_A_SECOND = 20
GOOD_BYE_S = 15.0
CATCH_UP_S = 600.0
LINGER_S = 2.0

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)
"""Libraries that would take every core of the computer take one."""

Hear = Callable[[str, Any], None]


class AlertProcess:
    """Keeps an alert process alive beside a recording.

    Parameters
    ----------
    journal
        Of the night; it exists.
    sensors
        Names of all sensors.
    settings
        Of the alerts.
    speed
        How many times as fast the recording lives.
    hear
        Called in the loop of the recording with kind and value of what the process says, and
        with ``note`` where something happens to it.
    silent_s
        See `SILENT_S`.
    command
        The program.
    """

    def __init__(
        self,
        journal: Path,
        sensors: Sequence[str],
        settings: AlertSettings,
        *,
        speed: float,
        hear: Hear,
        silent_s: float = SILENT_S,
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._orders = {
            "journal": str(journal.absolute()),
            "sensors": list(sensors),
            "speed": speed,
            "settings": settings.for_a_pipe(),
        }
        self._loop = asyncio.get_running_loop()
        self._hear = hear
        self._silent_s = silent_s
        self._command = tuple(command)
        self._ending = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="alerts", daemon=True)

    @property
    def pid(self) -> int | None:
        """Number of the process, None where there is none."""
        process = self._process
        return None if process is None else process.pid

    @property
    def alive(self) -> bool:
        """Whether a process runs, or will be started anew."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def ask_to_end(self) -> None:
        """Let the process tell what waits, and end; returns at once."""
        self._ending.set()
        process = self._process
        if process is not None and process.stdin is not None:
            with suppress(OSError, ValueError):
                process.stdin.write(STOP.encode() + b"\n")
                process.stdin.close()

    def end(self, within_s: float | None = None) -> None:
        """Ask, wait a bounded time, and kill it where it does not end; never raises.

        Of a night that was played faster it may have much to read still.
        """
        self.ask_to_end()
        if within_s is None:
            within_s = GOOD_BYE_S if self._orders["speed"] == 1.0 else CATCH_UP_S
        self._thread.join(within_s)
        process = self._process
        if process is not None and self._thread.is_alive():
            with suppress(OSError):
                process.kill()
            self._thread.join(1.0)

    def _keep(self) -> None:
        """Start the process, and start it anew where it fails."""
        pause_s = FIRST_PAUSE_S
        for start in range(MOST_STARTS):
            if start:
                self._tell("note", f"the alert process is started anew, for the {start}. time")
            why = self._run(again=start > 0)
            if self._ending.is_set():
                return
            self._tell("note", f"the alert process has ended: {why}; the recording goes on")
            if self._ending.wait(pause_s):
                return
            pause_s = min(4 * pause_s, LONGEST_PAUSE_S)
        self._tell("note", "no more alerts in this night; the recording goes on")

    def _run(self, *, again: bool) -> str:
        """Run one process to its end; return why it ended."""
        try:
            process = _spawn(self._command)
        except OSError as error:
            return error.strerror or str(error)
        with process:
            try:
                return self._attend(process, again=again)
            finally:
                self._process = None
                with suppress(OSError):
                    process.kill()

    def _attend(self, process: subprocess.Popen[bytes], *, again: bool) -> str:
        if process.stdin is None or process.stdout is None:
            return "it cannot be spoken to"
        with suppress(OSError):
            process.stdin.write(json.dumps({**self._orders, "again": again}).encode() + b"\n")
            process.stdin.flush()
        self._process = process
        if self._ending.is_set():
            self.ask_to_end()
        dog = _Watchdog(process, self._silent_s)
        ear = _Ear(self._tell)
        while data := os.read(process.stdout.fileno(), BYTES_AT_ONCE):
            if ear.take(data):
                dog.heard.set()
            if len(data) == BYTES_AT_ONCE:
                time.sleep(PAUSE_S)
        with suppress(subprocess.TimeoutExpired):
            process.wait(LINGER_S)
        return dog.why or ear.failed or f"its exit status is {process.poll()}"

    def _tell(self, kind: str, value: Any) -> None:
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._hear, kind, value)


class _Watchdog:
    """Kills a process that makes no sense for too long."""

    def __init__(self, process: subprocess.Popen[bytes], silent_s: float) -> None:
        self.heard = threading.Event()
        self.why = ""
        self._process, self._silent_s = process, silent_s
        threading.Thread(target=self._run, name="alerts watchdog", daemon=True).start()

    def _run(self) -> None:
        while self.heard.wait(self._silent_s):
            if self._process.poll() is not None:
                return
            self.heard.clear()
        if self._process.poll() is None:
            self.why = "it had hung"
            with suppress(OSError):
                self._process.kill()


class _Ear:
    """Hears lines of JSON in whatever a process prints; bounded, however much that is."""

    def __init__(self, tell: Hear) -> None:
        self.failed = ""
        self._tell = tell
        self._rest = b""
        self._second = -1.0
        self._lines = 0

    def take(self, data: bytes) -> bool:
        """Take bytes; return whether there was a word in them."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._rest = self._rest[: MOST_LINE + 1]
        return True in [self._line(line) for line in lines]

    def _line(self, line: bytes) -> bool:
        said = from_line(line)
        if said is None:
            return False
        kind, value = said
        if kind == "failed":
            self.failed = str(value)[:200]
        second = time.monotonic() // 1.0
        self._lines = self._lines + 1 if second == self._second else 1
        self._second = second
        if kind not in ("alive", "failed") and self._lines <= MOST_LINES_A_SECOND:
            self._tell(kind, value)
        return True


def _spawn(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start it in a process group of its own, so that Ctrl-C reaches only the recorder."""
    windows = sys.platform == "win32"
    return subprocess.Popen(  # noqa: S603 - our own program
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **ONE_THREAD, **terminal_here()},
        process_group=None if windows else 0,
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) if windows else 0,
    )
