"""The disk of a night: how full it is, and what is done while it does not answer."""

from __future__ import annotations

import asyncio
import math
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread

from ...firmware_bridge.collector import Collector
from .stopping import Stop
from .telling import Telling

STUCK_S = 10.0
"""A disk that has been at one thing for so long is worth a word."""

LOOK_S = 1.0


class FreeSpace:
    """Looks how much space there is, in a thread of its own; `look` never waits.

    Parameters
    ----------
    folder
        Of the night.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._telling = Telling()
        self._asked = False
        self._bytes = math.nan
        self._measure()

    def look(self) -> float:
        """Return the free bytes that were found last, NaN where nobody can say."""
        if not self._asked:
            self._asked = True
            self._telling.put(self._measure)
        return self._bytes

    def _measure(self) -> None:
        try:
            self._bytes = float(shutil.disk_usage(self._folder).free)
        except OSError:
            self._bytes = math.nan
        finally:
            self._asked = False


class DiskWatch:
    """Tells once that the disk does not answer, and once that it does again.

    Parameters
    ----------
    say
        Takes the line.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._stuck = False

    def look(self, collector: Collector) -> None:
        """Look at it; to be called about once a second."""
        stuck = collector.stuck_s >= STUCK_S
        if stuck and not self._stuck:
            self._say(
                f"The disk has not answered for {STUCK_S:.0f} s; the sensors go on, and what"
                " they send waits in memory."
            )
        elif self._stuck and not stuck:
            self._say("The disk answers again.")
        self._stuck = stuck


async def close_patiently(collector: Collector, stop: Stop, say: Callable[[str], None]) -> bool:
    """Close the journal, however long the disk takes; return whether that was done.

    Only where the disk does not answer and a person asks once more, it is left: what it had
    taken until then is there, and the rest may still come to it while the program lives.
    """
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    left = False

    def close() -> None:
        collector.close()
        # the loop may be gone by then
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(over.set)

    def again() -> None:
        nonlocal left
        if collector.stuck_s >= STUCK_S:
            left = True
            over.set()
        else:
            say("The night is being closed; it is safe.")

    stop.again = again
    # no thread of the loop's pool: the end of the program would wait for that
    closing = Thread(target=close, name="closing", daemon=True)
    closing.start()
    told = False
    while not over.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), LOOK_S)
        if collector.stuck_s >= STUCK_S and not told:
            told = True
            say("The disk takes its time; Ctrl-C leaves without waiting for it.")
    if not left:
        closing.join()
    return not left
