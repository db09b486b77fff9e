"""One thread writes the journal, so that a slow disk never holds up a radio."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from time import monotonic

from ...recording.errors import CrampwatchError, RecordingError
from ...recording.journal.writer import JournalWriter

Work = Callable[[JournalWriter], None]

SYNC_EVERY_S = 0.5
"""Between two syncs to the disk: what a kill at any moment may cost."""

MOST_WAITING = 256 << 20
"""Bytes that wait for a disk that takes nothing: more than half an hour of two sensors."""

logger = logging.getLogger(__name__)


class Writing:
    """Takes work for the journal in order and does it in a thread of its own.

    After the first error nothing more is written, so that what lies on the disk stays as it
    is; the journal is still closed.

    Parameters
    ----------
    writer
        The journal; used by the thread alone until `close` returns.
    failed
        Called once, from the thread, with what went wrong.
    every_s
        Between two syncs.
    most_waiting
        Bytes that may wait.

    Attributes
    ----------
    error
        What went wrong, or None.
    """

    def __init__(
        self,
        writer: JournalWriter,
        failed: Callable[[CrampwatchError], None],
        *,
        every_s: float = SYNC_EVERY_S,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self.error: CrampwatchError | None = None
        self._writer = writer
        self._failed = failed
        self._every_s = every_s
        self._most_waiting = most_waiting
        self._waiting: deque[tuple[Work, int]] = deque()
        self._bytes = 0
        self._ending = False
        self._news = threading.Condition()
        # a daemon: a disk that never answers again must not keep the program alive
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    @property
    def waiting_bytes(self) -> int:
        """Bytes that wait to be written."""
        return self._bytes

    def put(self, work: Work, size: int = 0) -> None:
        """Let the thread do some work; returns at once and never raises.

        Parameters
        ----------
        work
            Called with the journal.
        size
            Bytes that it holds in memory, roughly.
        """
        with self._news:
            if self.error is not None or self._ending:
                return
            self._waiting.append((work, size))
            self._bytes += size
            overdue = self._bytes > self._most_waiting
        if overdue:
            self._fail(
                RecordingError(
                    "the disk takes nothing any more: what was sent would not fit into memory;"
                    " all that was written before is kept"
                )
            )

    def close(self) -> None:
        """Write what waits, sync, close the journal, and return when that is done.

        An error on the way is in `error`.
        """
        with self._news:
            self._ending = True
            self._news.notify()
        self._thread.join()

    def _run(self) -> None:
        due = monotonic() + self._every_s
        written = False
        while not self._ending:
            with self._news:
                self._news.wait_for(lambda: self._ending, max(0.0, due - monotonic()))
            written = self._drain() or written
            if written:
                written = False
                self._try(JournalWriter.sync)
            due = max(due + self._every_s, monotonic())
        self._drain()
        self._try(JournalWriter.sync)
        self._close()

    def _drain(self) -> bool:
        """Do all work that waits; return whether there was some."""
        some = False
        while self._waiting:
            with self._news:
                work, size = self._waiting.popleft()
                self._bytes -= size
            some = True
            self._try(work)
        return some

    def _try(self, work: Work) -> None:
        if self.error is not None:
            return
        try:
            work(self._writer)
        except CrampwatchError as error:
            self._fail(error)
        except OSError as error:
            self._fail(RecordingError(f"the journal: {error.strerror or error}"))
        except Exception as error:
            logger.exception("the journal cannot be written")
            self._fail(
                RecordingError(f"the journal: a fault of the program: {error!r}; report it")
            )

    def _close(self) -> None:
        try:
            self._writer.close()
        except CrampwatchError as error:
            self._fail(error)
        except OSError as error:
            self._fail(RecordingError(f"the journal: {error.strerror or error}"))
        except Exception as error:
            logger.exception("the journal cannot be closed")
            self._fail(
                RecordingError(f"the journal: a fault of the program: {error!r}; report it")
            )

    def _fail(self, error: CrampwatchError) -> None:
        with self._news:
            if self.error is not None:
                return
            self.error = error
            self._waiting.clear()
            self._bytes = 0
        self._failed(error)
