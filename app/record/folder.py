"""The folder of a night: made once, never written over."""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from ...firmware_bridge.host_clock import HostClock
from ...recording.errors import RecordingError
from ...recording.journal import JournalHeader, JournalWriter
from ...recording.writers.beside import cannot_write, write_text_beside

JOURNAL = "night.mcap"
SETTINGS = "night.toml"
LOG = "recorder.log"
RAW = "raw"


def refuse_folder(folder: Path) -> None:
    """Raise where a night cannot go: nothing that exists is ever written over.

    Raises
    ------
    RecordingError
        The folder holds something, is a file, or cannot be made.
    """
    if (folder / JOURNAL).exists():
        raise RecordingError(
            f"{folder} holds a night already, and nothing is written over; name another folder"
            f" (a night that was cut off is mended by crampwatch recover {folder})"
        )
    if folder.is_dir():
        if any(folder.iterdir()):
            raise RecordingError(f"{folder} is not empty; name a folder of its own for a night")
        home = folder
    elif folder.exists():
        raise RecordingError(f"{folder} is a file; name a folder for the night")
    else:
        home = next(each for each in folder.absolute().parents if each.exists())
    if not os.access(home, os.W_OK | os.X_OK):
        raise RecordingError(f"cannot write into {home}: no right to; name another folder")


def begin_folder(folder: Path, settings: str, clock: HostClock) -> JournalWriter:
    """Make the folder of a night and return its open journal; all of it, or nothing.

    Of two recorders that name one folder, one gets it and the other is refused.

    Parameters
    ----------
    folder
        Does not exist, or is empty.
    settings
        The settings as TOML.
    clock
        The host's clocks.

    Raises
    ------
    RecordingError
        It exists by now, or cannot be written.
    """
    made = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error
    try:
        writer = JournalWriter(folder / JOURNAL, _header(clock))
    except RecordingError:
        if made:
            with suppress(OSError):
                folder.rmdir()
        raise
    try:
        write_text_beside(folder / SETTINGS, settings)
    except RecordingError:
        writer.close()
        with suppress(OSError):
            (folder / JOURNAL).unlink()
            if made:
                folder.rmdir()
        raise
    return writer


def versions() -> dict[str, str]:
    """Return what recorded the night: the program, Python, the system."""
    return {
        "crampwatch": version("crampwatch"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
    }


def _header(clock: HostClock) -> JournalHeader:
    wall_s = clock.wall()
    local = datetime.fromtimestamp(wall_s).astimezone()
    offset = local.utcoffset()
    return JournalHeader(
        wall_s=wall_s,
        monotonic_s=clock.monotonic(),
        elapsed_s=clock.awake_or_not(),
        zone=_zone(),
        utc_offset_s=0 if offset is None else round(offset.total_seconds()),
        program=f"crampwatch {version('crampwatch')}",
    )


def _zone() -> str:
    """Return the name of the time zone, or nothing where nobody says."""
    named = os.environ.get("TZ", "")
    if "/" in named and not named.startswith((":", "/")):
        return named
    with suppress(OSError):
        place = os.path.realpath("/etc/localtime")
        _, found, name = place.partition("zoneinfo/")
        if found:
            return name
    return ""
