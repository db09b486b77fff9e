"""The bell of the terminal that the recording runs in."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from .....recording.errors import CrampwatchError
from ..alert import Alert, Level, NightStatus

TERMINAL = "CRAMPWATCH_TERMINAL"
"""Names the terminal to a process that has none of its own."""

TIMES: Mapping[Level, int] = {Level.INFO: 1, Level.WARNING: 2, Level.URGENT: 5}
APART_S = 0.4
"""Terminals that still ring ring once where bells come closer."""


def terminal_here() -> dict[str, str]:
    """Return the environment that tells a child process which terminal this one has."""
    for number in (1, 2, 0):
        with suppress(OSError, AttributeError):
            return {TERMINAL: os.ttyname(number)}
    return {}


class Bell:
    """Rings a terminal: ever longer, the more it matters."""

    name = "bell"

    def __init__(self) -> None:
        self._terminal: Path | None = None

    def open(self) -> None:
        """See `Way.open`."""
        for terminal in _terminals():
            try:
                self._ring(terminal, 0)
            except OSError:
                continue
            self._terminal = terminal
            return
        raise CrampwatchError(
            "there is no terminal; choose another way in the settings, as sound = true"
        )

    def tell(self, alert: Alert) -> None:
        """See `Way.tell`."""
        if self._terminal is None:
            raise CrampwatchError("the bell was not opened")
        try:
            self._ring(self._terminal, TIMES[alert.level])
        except OSError as error:
            raise CrampwatchError(
                f"the bell does not ring: {self._terminal} is gone ({error.strerror or error})"
            ) from error

    def status(self, night: NightStatus) -> None:
        """See `Way.status`."""

    def close(self) -> None:
        """See `Way.close`."""
        self._terminal = None

    @staticmethod
    def _ring(terminal: Path, times: int) -> None:
        # a terminal that is stopped (Ctrl-S) would block for as long
        number = os.open(terminal, os.O_WRONLY | getattr(os, "O_NOCTTY", 0) | _NONBLOCK)
        try:
            if not os.isatty(number):
                raise OSError(f"{terminal} is no terminal")
            for turn in range(times):
                if turn:
                    time.sleep(APART_S)
                os.write(number, b"\a")
        finally:
            os.close(number)


_NONBLOCK = getattr(os, "O_NONBLOCK", 0)


def _terminals() -> list[Path]:
    if sys.platform == "win32":
        return [Path("CONOUT$")]
    named = os.environ.get(TERMINAL)
    found = [Path(named)] if named else []
    return [*found, Path("/dev/tty"), *(Path(each) for each in terminal_here().values())]
