"""What went wrong, in one line, and the exit code that goes with it."""

from __future__ import annotations

import errno
import sys
import traceback
from pathlib import Path
from typing import Any

import typer

FAILED = 1
STOPPED = 130

_WAY_OUT = {
    "ENOSPC": "free some space on that disk",
    "EDQUOT": "free some of your quota",
    "EFBIG": "the file may not grow any further there",
    "EACCES": "check who may read and write it",
    "EPERM": "check who may read and write it",
    "EROFS": "that disk is read-only: name another place",
    "EISDIR": "name a file, not a folder",
    "ENOENT": "check the name",
    "EIO": "the disk or cable may be failing",
}


def explain(error: BaseException, *, debug: bool = False) -> int | None:
    """Print one line about `error` on stderr and return the exit code.

    Returns
    -------
    int or None
        1 for a failure, 130 for Ctrl-C; None for what the command-line library tells and
        ends itself (wrong usage, ``--help``).
    """
    if isinstance(error, typer.Exit | typer.Abort) or _is_usage(error):
        return None
    if isinstance(error, KeyboardInterrupt):
        _say("stopped")
        return STOPPED
    if isinstance(error, BrokenPipeError):
        return FAILED
    if debug:
        traceback.print_exception(error)
    _say(_line(error))
    return FAILED


def one_line(text: str) -> str:
    """Return `text` on one line, without what would steer a terminal."""
    joined = " ".join(text.split())
    return "".join(char if char.isprintable() else "�" for char in joined)


def _line(error: BaseException) -> str:
    from ...recording.errors import CrampwatchError

    if isinstance(error, CrampwatchError):
        return str(error)
    if isinstance(error, MemoryError):
        return "out of memory; close other programs, or score a shorter recording"
    if isinstance(error, OSError) and error.errno is not None:
        where = f"{error.filename}: " if error.filename else ""
        way_out = _WAY_OUT.get(errno.errorcode.get(error.errno, ""))
        return f"{where}{error.strerror}" + (f"; {way_out}" if way_out else "")
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return (
        f"a fault of the program: {type(error).__name__}: {error}{place}; please report it"
        " with the output of `crampwatch --debug VERB ...`"
    )


def _is_usage(error: Any) -> bool:
    # typer carries its own copy of click or uses the installed one, by version
    return hasattr(error, "exit_code") and hasattr(error, "format_message")


def _say(text: str) -> None:
    print(f"crampwatch: {one_line(text)}", file=sys.stderr)  # noqa: T201
