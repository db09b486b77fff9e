"""What the program says to itself during a night, in the night's folder."""

from __future__ import annotations

import logging
from logging.handlers import MemoryHandler
from pathlib import Path
from types import TracebackType
from typing import Self

MOST_HELD = 5000
LOGGER = __name__.partition(".")[0]


class NightLog:
    """Holds the log until there is a folder, then writes it there; never in the way."""

    def __init__(self) -> None:
        self._logger = logging.getLogger(LOGGER)
        self._held = MemoryHandler(MOST_HELD, flushLevel=logging.CRITICAL + 1)
        self._file: logging.Handler | None = None
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
            handler = _Patient(path, mode="x", encoding="utf-8", errors="replace")
        except OSError:
            return
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        self._file = handler
        self._held.setTarget(handler)
        self._held.flush()
        self._held.setTarget(None)
        self._logger.removeHandler(self._held)
        self._logger.addHandler(handler)


class _Patient(logging.FileHandler):
    """A file whose disk may be full."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say nothing."""
