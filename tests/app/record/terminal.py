"""A recording on a terminal of its own, with the keys in the test's hands."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import subprocess
import sys
import termios
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

SIMULATED = ("--device", "left-calf=sim:cyton", "--speed", "60", "--no-score")


class Terminal:
    """A program in charge of a terminal; what it says is in `said`."""

    def __init__(self, *command: str, columns: int = 100, full: bool = False) -> None:
        self.ours, theirs = pty.openpty()
        self.before = termios.tcgetattr(theirs)
        if full:
            fill(theirs)
        self.said = b""
        self.program = subprocess.Popen(
            [sys.executable, *command],
            env={**os.environ, "TERM": "xterm", "COLUMNS": str(columns), "LINES": "24"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
        )
        self.theirs = theirs

    @classmethod
    def recording(cls, night: Path, *more: str, **changes: object) -> Terminal:
        given: Sequence[str] = (*SIMULATED, *more, "--out", str(night))
        return cls("-m", "crampwatch", "record", *given, **changes)  # type: ignore[arg-type]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.program.poll() is None:
            self.program.kill()
        self.program.wait()
        os.close(self.theirs)
        os.close(self.ours)

    def until(self, words: bytes) -> bytes:
        """Read until the program has said something; it must say it before it ends."""
        while words not in self.said:
            ended = self.program.poll() is not None
            if select.select([self.ours], [], [], 0.0 if ended else 0.1)[0]:
                self.said += os.read(self.ours, 65536)
            else:
                assert not ended, (
                    f"{words!r} was not said:\n{self.said.decode(errors='replace')}"
                )
        return self.said

    def press(self, keys: bytes) -> None:
        os.write(self.ours, keys)

    def ends(self) -> int:
        """Read until the program has ended, and return its code."""
        os.set_blocking(self.ours, False)
        while self.program.poll() is None:
            self._take()
        self._take()
        return self.program.returncode

    def mode(self) -> list[object]:
        return termios.tcgetattr(self.theirs)

    def _take(self) -> None:
        try:
            self.said += os.read(self.ours, 65536)
        except (BlockingIOError, OSError):
            return


def fill(theirs: int) -> None:
    """Write to a terminal that nobody reads until it takes no more."""
    os.set_blocking(theirs, False)
    try:
        while True:
            os.write(theirs, b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(theirs, True)
