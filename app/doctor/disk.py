"""The disk that the nights go to: space, rights, speed, and what kind it is."""

from __future__ import annotations

import os
import re
import statistics
import tempfile
import time
from contextlib import suppress
from pathlib import Path, PurePosixPath

from ..record.checks import Check, Verdict, disk
from .system import System

USUAL_BYTES_PER_S = 3.0 * (4 * 2000 * 3 + 6 * 100 * 2)
"""Two bands of two muscles at 2 kHz in three bytes, and acceleration; three times the raw
integers, as `checks.JOURNAL_PART` says."""

SYNCS = 12
SYNC_BYTES = 1 << 15
"""About what a journal writes between two syncs."""

SLOW_S = 0.1
HANGS_S = 2.0

NETWORK = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "davfs", "glusterfs")
MEMORY = ("tmpfs", "ramfs", "devtmpfs")
SMALL = ("vfat", "msdos", "fat", "exfat")
SYNCED = (
    "dropbox",
    "onedrive",
    "google drive",
    "googledrive",
    "icloud",
    "nextcloud",
    "mobile documents",
)


def folder_checks(
    system: System, folder: Path, bytes_per_s: float, planned_s: float
) -> list[Check]:
    """Return what can be said of the disk of a folder, which need not exist.

    A file is written into it, or into the nearest folder above that exists, and removed.

    Parameters
    ----------
    system
        This computer.
    folder
        Where the nights go.
    bytes_per_s
        What a night puts on the disk, as `checks.bytes_per_second` returns it.
    planned_s
        Length of the night.
    """
    home = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    if not home.is_dir():
        return [Check("disk", Verdict.FAIL, f"{home} is a file; name a folder: --out NIGHTS")]
    checks = [disk(folder, bytes_per_s, planned_s), *kind(system, home), writing(home)]
    return [*checks, *synced(home)]


def writing(home: Path) -> Check:
    """Return whether a folder takes a file, and how long the disk takes to keep it for good."""
    what = "writing"
    try:
        times = _sync_times(home)
    except OSError as error:
        words = f"cannot write into {home}: {error.strerror or error}; name another: --out"
        return Check(what, Verdict.FAIL, words)
    usual, worst = statistics.median(times), max(times)
    words = f"kept for good within {_ms(usual)}, at worst {_ms(worst)}"
    if worst >= HANGS_S:
        return Check(what, Verdict.WARN, f"{words}: very slow; name a folder on another disk")
    if usual >= SLOW_S:
        return Check(what, Verdict.WARN, f"{words}: slow; a disk inside the computer is better")
    return Check(what, Verdict.OK, words)


def kind(system: System, home: Path) -> list[Check]:
    """Return a line where the file system is of a kind that a night should not go to."""
    name = file_system(system, home)
    if name in MEMORY:
        words = f"{home} is memory ({name}), and is gone with the power: name another: --out"
        return [Check("file system", Verdict.FAIL, words)]
    if name in NETWORK or name.startswith("fuse."):
        words = f"{home} is reached through {name}: record onto a disk of this computer"
        return [Check("file system", Verdict.WARN, words)]
    if name in SMALL:
        words = f"{home} is {name}, as on sticks and cards: a disk of this computer is safer"
        return [Check("file system", Verdict.WARN, words)]
    return [Check("file system", Verdict.OK, name)] if name else []


def file_system(system: System, home: Path) -> str:
    """Return the type of the file system that a folder lies on, empty where nobody says.

    Source: ``proc_pid_mountinfo(5)``.
    """
    place = PurePosixPath(os.path.realpath(home))
    best, found = -1, ""
    for line in system.text("/proc/self/mountinfo").splitlines():
        before, dash, after = line.partition(" - ")
        fields = before.split()
        if not dash or len(fields) < 5:
            continue
        point = PurePosixPath(re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), fields[4]))
        # of several on one point the last is on top
        if place.is_relative_to(point) and len(point.parts) >= best:
            best, found = len(point.parts), after.split()[0]
    return found


def synced(home: Path) -> list[Check]:
    """Return a line where a folder is copied to somebody else's computer."""
    parts = [part.casefold() for part in home.absolute().parts]
    names = [name for name in SYNCED if any(part.startswith(name) for part in parts)]
    if not names:
        return []
    words = "this folder is copied to the network while it grows: name another one with --out"
    return [Check("privacy", Verdict.WARN, words)]


def _sync_times(home: Path) -> list[float]:
    handle, name = tempfile.mkstemp(prefix=".crampwatch-", dir=home)
    try:
        return [_sync_time(handle) for _ in range(SYNCS)]
    finally:
        os.close(handle)
        with suppress(OSError):
            Path(name).unlink()


def _sync_time(handle: int) -> float:
    begin = time.perf_counter()
    os.write(handle, bytes(SYNC_BYTES))
    os.fsync(handle)
    return time.perf_counter() - begin


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.0f} ms" if seconds >= 1e-3 else "a millisecond"
