"""One thread writes the journal, so that a slow disk never holds up a radio."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Protocol

from ...recording.errors import CrampwatchError, RecordingError
from ...recording.journal.blocks import SampleBlock
from ...recording.journal.notes import Note
from ...recording.journal.streams import JournalStream


class Journal(Protocol):
    """What takes a night: a `JournalWriter`, or something else that looks like one."""

    @property
    def failed(self) -> RecordingError | None:
        """What ended the writing, None while it goes on."""
        ...

    def open_stream(self, stream: JournalStream) -> int:
        """Describe a stream; return its channel."""
        ...

    def samples(self, channel: int, block: SampleBlock) -> None:
        """Take samples of a stream."""
        ...

    def note(self, note: Note) -> None:
        """Take a note."""
        ...

    def sync(self) -> None:
        """Bring to safety what was taken."""
        ...

    def close(self) -> None:
        """End the night."""
        ...


Work = Callable[[Journal], None]

SYNC_EVERY_S = 0.5
"""Between two syncs to the disk: what a kill at any moment may cost."""

MOST_WAITING = 96 << 20
"""Bytes that wait for a disk that takes nothing: ten minutes of two busy sensors."""

FOR_NOTES = 4 << 20
"""Bytes of notes that may wait besides: what happened is told even where samples are lost."""

WORK_BYTES = 1200
"""What a piece of work holds in memory besides its samples, measured."""

MOST_MISHAPS = 20

logger = logging.getLogger(__name__)


class Writing:
    """Takes work for the journal in order and does it in a thread of its own.

    After the first error of the disk nothing more is written, so that what lies there stays
    as it is; the journal is still closed. Any other error costs the work that raised it and
    is told; the night goes on. While the disk takes nothing, work waits up to a limit.

    Parameters
    ----------
    writer
        The journal; used by the thread alone until `close` returns.
    failed
        Called once, from the thread, with what ended the writing.
    every_s
        Between two syncs.
    most_waiting
        Bytes that may wait.

    Attributes
    ----------
    error
        What ended the writing, or None.
    mishaps
        Errors that cost some work and ended nothing, each once, with how often.
    """

    def __init__(
        self,
        writer: Journal,
        failed: Callable[[CrampwatchError], None],
        *,
        every_s: float = SYNC_EVERY_S,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self.error: CrampwatchError | None = None
        self.mishaps: dict[str, int] = {}
        self._writer = writer
        self._failed = failed
        self._every_s = every_s
        self._most_waiting = most_waiting
        self._waiting: deque[tuple[Work, int]] = deque()
        self._bytes = 0
        self._ending = False
        self._busy_s: float | None = None
        self._news = threading.Condition()
        # a daemon: a disk that never answers again must not keep the program alive
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    @property
    def waiting_bytes(self) -> int:
        """Bytes that wait to be written."""
        return self._bytes

    @property
    def has_room(self) -> bool:
        """Whether samples go in again: half of what may wait is free."""
        return self._bytes <= self._most_waiting // 2

    @property
    def stuck_s(self) -> float:
        """How long the disk has been at one thing, seconds; 0 while it answers."""
        since = self._busy_s
        return 0.0 if since is None else monotonic() - since

    def put(self, work: Work, size: int = 0, *, note: bool = False) -> bool:
        """Let the thread do some work; returns at once and never raises.

        Parameters
        ----------
        work
            Called with the journal.
        size
            Bytes of the samples in it.
        note
            Whether it tells what happened, for which there is always some room more.

        Returns
        -------
        bool
            False where there is no room: the disk takes nothing, and this work will not be
            done.
        """
        size += WORK_BYTES
        with self._news:
            if self.error is not None or self._ending:
                return True
            if self._bytes + size > self._most_waiting + note * FOR_NOTES:
                return False
            self._waiting.append((work, size))
            self._bytes += size
            return True

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
                self._try(_sync)
            due = max(due + self._every_s, monotonic())
        self._drain()
        self._try(_sync)
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
        self._busy_s = monotonic()
        try:
            work(self._writer)
        except Exception as error:  # noqa: BLE001 - whatever it is, the night must go on
            self._heed(error)
        finally:
            self._busy_s = None

    def _close(self) -> None:
        self._busy_s = monotonic()
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
        finally:
            self._busy_s = None

    def _heed(self, error: Exception) -> None:
        """End the writing where the journal itself has failed; else only tell."""
        if self._writer.failed is not None:
            self._fail(self._writer.failed)
            return
        words = " ".join(f"{type(error).__name__}: {error}".split())[:500]
        if words in self.mishaps:
            self.mishaps[words] += 1
        elif len(self.mishaps) < MOST_MISHAPS:
            self.mishaps[words] = 1
            logger.error("something was not written; the night goes on", exc_info=error)

    def _fail(self, error: CrampwatchError) -> None:
        with self._news:
            if self.error is not None:
                return
            self.error = error
            self._waiting.clear()
            self._bytes = 0
        self._failed(error)


def _sync(writer: Journal) -> None:
    writer.sync()
