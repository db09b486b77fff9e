"""Lines and pictures for a terminal that may take them slowly, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from queue import Full, Queue
from threading import Event, Thread

MOST_WAITING = 1000
DRAIN_S = 2.0


class Telling:
    """Does what is told in a thread of its own, in order.

    A terminal that stands still (Ctrl-S, a frozen window, a pager) holds up this thread, and
    not the recording; what does not fit any more is dropped.
    """

    def __init__(self) -> None:
        self._waiting: Queue[Callable[[], None]] = Queue(MOST_WAITING)
        self._thread: Thread | None = None

    def put(self, tell: Callable[[], None]) -> None:
        """Have something told; returns at once."""
        if self._thread is None:
            self._thread = Thread(target=self._run, name="crampwatch view", daemon=True)
            self._thread.start()
        with suppress(Full):
            self._waiting.put_nowait(tell)

    def drain(self, last: Callable[[], None] = lambda: None) -> None:
        """Have one more thing told, whatever waits, and wait until all is.

        Not for a terminal that stands still: that is left behind after `DRAIN_S`.
        """
        if self._thread is None:
            return
        done = Event()

        def tell() -> None:
            try:
                last()
            finally:
                done.set()

        with suppress(Full):
            self._waiting.put(tell, timeout=DRAIN_S)
            done.wait(DRAIN_S)

    def _run(self) -> None:
        while True:
            # whatever a terminal does, the next line may go
            with suppress(Exception):
                self._waiting.get()()
