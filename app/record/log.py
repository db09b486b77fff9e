"""What the program says to itself during a night, in the night's folder."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from functools import partial
from logging.handlers import MemoryHandler
from pathlib import Path
from types import TracebackType
from typing import Self

from .telling import Telling

MOST_HELD = 5000
LOGGER = __name__.partition(".")[0]


class NightLog:
    """Holds the log until there is a folder, then writes it there; never in the way."""

    def __init__(self) -> None:
        self._logger = logging.getLogger(LOGGER)
        self._held = MemoryHandler(MOST_HELD, flushLevel=logging.CRITICAL + 1)
        self._file: _Aside | None = None
        self._level = self._logger.level

    def __enter__(self) -> Self:
        """Begin to hold."""
        self._logger.setLevel(logging.INFO)
        self._logger.addHandler(self._held)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self._logger.setLevel(self._level)
        for handler in (self._held, self._file):
            if handler is not None:
                self._logger.removeHandler(handler)
        self._held.setTarget(None)
        self._held.close()
        if self._file is not None:
            self._file.close()

    def write_to(self, path: Path) -> None:
        """Write what is held and all that comes to a file; where that fails, nothing."""
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        except OSError:
            return
        handler = _Aside(handle)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        self._file = handler
        self._held.setTarget(handler)
        self._held.flush()
        self._held.setTarget(None)
        self._logger.removeHandler(self._held)
        self._logger.addHandler(handler)


class _Aside(logging.Handler):
    """A file whose disk may be full, or not answer: written by a thread of its own.

    Plain writes without a lock or a buffer, which a program that ends would wait for.
    """

    def __init__(self, handle: int) -> None:
        super().__init__()
        self._handle = handle
        self._telling = Telling()

    def emit(self, record: logging.LogRecord) -> None:
        """Have a record written."""
        with suppress(Exception):
            line = f"{self.format(record)}\n".encode("utf-8", "replace")
            self._telling.put(partial(self._write, line))

    def close(self) -> None:
        """Wait for what is to be written, for a while, and close the file."""
        super().close()
        self._telling.put(self._end)
        self._telling.drain()

    def _write(self, line: bytes) -> None:
        with suppress(OSError):
            os.write(self._handle, line)

    def _end(self) -> None:
        handle, self._handle = self._handle, -1
        os.close(handle)
