"""The score of a night that was just recorded, made by a program of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def score_apart(folder: Path) -> bool:
    """Score a night as ``crampwatch score`` does, in another process; return whether it went.

    The recorder itself never loads what analyses: what fails there cannot harm a night.
    """
    command = [sys.executable, "-m", "crampwatch", "score", str(folder), "--out", str(folder)]
    with (
        ctrl_c_held() as let_it_come,
        subprocess.Popen(command) as scoring,  # noqa: S603 - our own program
    ):
        try:
            let_it_come()
            return scoring.wait() == 0
        except KeyboardInterrupt:
            scoring.terminate()
            scoring.wait()
            return False


@contextmanager
def ctrl_c_held() -> Iterator[Callable[[], None]]:
    """Hold Ctrl-C back until what is yielded is called, or the block ends.

    A program started meanwhile is born with it held back, and `main` lets it come: Python
    answers a Ctrl-C in its first moments with a traceback.
    """
    if sys.platform == "win32":
        yield lambda: None
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})

    def let_it_come() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    try:
        yield let_it_come
    finally:
        let_it_come()
