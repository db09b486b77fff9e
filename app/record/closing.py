"""The score of a night that was just recorded, made by a program of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def score_apart(folder: Path) -> bool:
    """Score a night as ``crampwatch score`` does, in another process; return whether it went.

    The recorder itself never loads what analyses: what fails there cannot harm a night.
    """
    command = [sys.executable, "-m", "crampwatch", "score", str(folder), "--out", str(folder)]
    with subprocess.Popen(command) as scoring:  # noqa: S603 - our own program
        try:
            return scoring.wait() == 0
        except KeyboardInterrupt:
            scoring.terminate()
            scoring.wait()
            return False
