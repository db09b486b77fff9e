"""Keys of the terminal while a night is recorded: looked for now and then, never waited for."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import re
import sys
from collections.abc import Callable
from contextlib import suppress

LOOK_EVERY_S = 0.2
MOST_BYTES = 1024

_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]?|O.|.)?")
"""Control sequences. Source: ECMA-48, 5.4; a terminal's function keys begin with ``ESC O``."""

logger = logging.getLogger(__name__)


class Keys:
    """The keys of a terminal, one by one and without Enter, between `open` and `close`.

    In between, the keys that would hold up a recording or end it without a word (Ctrl-Z,
    Ctrl-backslash, Ctrl-S) do nothing; Ctrl-C still ends it. A program in the background of
    its terminal touches nothing. Never raises, and never blocks.

    Parameters
    ----------
    fd
        The terminal; by default standard input, where results go to a terminal too.

    Attributes
    ----------
    pressed
        Called with each character, in the event loop; may be changed at any time.
    active
        Whether there is a terminal that keys can come from.
    """

    def __init__(self, fd: int | None = None) -> None:
        self.active = False
        self.pressed: Callable[[str], None] = _nothing
        self._terminal = _Terminal(_standard_input() if fd is None else fd)
        self._watching: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin, within an event loop, which looks for keys from now on."""
        if not self.active and self._terminal.open():
            self.active = True
            self._watching = asyncio.get_running_loop().create_task(self._watch())

    def close(self) -> None:
        """Leave the terminal as it was; may be called at any time."""
        watching, self._watching = self._watching, None
        if watching is not None:
            watching.cancel()
        if self.active:
            self._terminal.close()
        self.active = False

    async def _watch(self) -> None:
        while self.active:
            for key in self._terminal.read():
                try:
                    self.pressed(key)
                except Exception:
                    logger.exception("a key was pressed, and what it does failed")
            await asyncio.sleep(LOOK_EVERY_S)


def _nothing(_key: str) -> None:
    pass


def _standard_input() -> int:
    try:
        return sys.stdin.fileno() if sys.stdout.isatty() else -1
    except (AttributeError, OSError, ValueError):
        return -1


def _plain_keys(data: bytes) -> str:
    """Return single keys; arrows and what else comes as a sequence is dropped."""
    text = _SEQUENCE.sub("", data.decode("ascii", "ignore"))
    return "".join(char for char in text if char.isprintable())


if sys.platform == "win32":
    import msvcrt

    class _Terminal:
        def __init__(self, fd: int) -> None:
            self._fd = fd

        def open(self) -> bool:
            return self._fd >= 0 and os.isatty(self._fd)

        def read(self) -> str:
            found = ""
            with suppress(OSError):
                while msvcrt.kbhit() and len(found) < MOST_BYTES:
                    key = msvcrt.getwch()
                    if key in "\x00\xe0":
                        msvcrt.getwch()
                    elif key.isprintable():
                        found += key
            return found

        def close(self) -> None:
            pass

else:
    import select
    import termios

    _FAILURES = (OSError, ValueError, termios.error)
    _IFLAG, _LFLAG, _CHARS = 0, 3, 6
    _HARMFUL = ("VSUSP", "VDSUSP", "VQUIT")

    class _Terminal:
        def __init__(self, fd: int) -> None:
            self._fd = fd
            self._before: list[int | list[bytes | int]] | None = None
            self._ours: list[int | list[bytes | int]] | None = None

        def open(self) -> bool:
            if not self._foreground():
                return False
            try:
                self._before = termios.tcgetattr(self._fd)
                self._set_ours()
            except _FAILURES:
                return False
            return True

        def read(self) -> str:
            # a read from the background would stop the whole process
            if not self._foreground():
                return ""
            try:
                if termios.tcgetattr(self._fd) != self._ours:
                    self._set_ours()
                if not select.select([self._fd], [], [], 0)[0]:
                    return ""
                return _plain_keys(os.read(self._fd, MOST_BYTES))
            except _FAILURES:
                return ""

        def close(self) -> None:
            if self._before is None or not self._foreground():
                return
            with suppress(*_FAILURES):
                # at once: a terminal that takes no output must not hold up the end
                termios.tcsetattr(self._fd, termios.TCSANOW, self._before)
                termios.tcflush(self._fd, termios.TCIFLUSH)

        def _set_ours(self) -> None:
            mode = termios.tcgetattr(self._fd)
            chars = list(mode[_CHARS])
            none = os.fpathconf(self._fd, "PC_VDISABLE")
            for name in _HARMFUL:
                place = getattr(termios, name, None)
                if place is not None:
                    chars[place] = bytes([none])
            chars[termios.VMIN], chars[termios.VTIME] = 0, 0
            mode[_CHARS] = chars
            mode[_LFLAG] &= ~(termios.ICANON | termios.ECHO)
            mode[_IFLAG] &= ~termios.IXON
            termios.tcsetattr(self._fd, termios.TCSANOW, mode)
            self._ours = termios.tcgetattr(self._fd)

        def _foreground(self) -> bool:
            try:
                return os.isatty(self._fd) and os.tcgetpgrp(self._fd) == os.getpgrp()
            except OSError as error:
                # a terminal that is not in charge of this process stops nobody
                return error.errno == errno.ENOTTY
            except ValueError:
                return False
