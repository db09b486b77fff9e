"""The few system calls that a journal is written with, in one place."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

_LOCK_AT = 1 << 62


class JournalFiles:
    """What the journal asks of the system; a test puts another one in its place.

    All of them raise `OSError` as the system does.

    Attributes
    ----------
    replaces_open
        Whether a file can be replaced while it is open.
    """

    replaces_open = sys.platform != "win32"

    def create(self, path: Path) -> int:
        """Open a file that must not exist yet."""
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY, 0o644)

    def rewrite(self, path: Path) -> int:
        """Open a file for writing, emptied where it exists."""
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | _BINARY, 0o644)

    def existing(self, path: Path) -> int:
        """Open a file that exists, for reading and writing."""
        return os.open(path, os.O_RDWR | _BINARY)

    def lock(self, handle: int) -> bool:
        """Take the file for this process, until it is closed; return whether that went."""
        return _lock(handle)

    def write(self, handle: int, data: bytes | memoryview) -> int:
        """Write at the end; return how many bytes were taken."""
        return os.write(handle, data)

    def truncate(self, handle: int, length: int) -> None:
        """Cut a file, and go on writing at its new end."""
        os.ftruncate(handle, length)
        os.lseek(handle, length, os.SEEK_SET)

    def fsync(self, handle: int) -> None:
        """Return once everything written is on the disk."""
        os.fsync(handle)

    def close(self, handle: int) -> None:
        """Close a file."""
        os.close(handle)

    def replace(self, source: Path, target: Path) -> None:
        """Put one file in the place of another in one step."""
        source.replace(target)

    def remove(self, path: Path) -> None:
        """Remove a file."""
        path.unlink()

    def fsync_folder(self, folder: Path) -> None:
        """Return once the names in a folder are on the disk, where the system can do that."""
        if os.name == "nt":
            return
        with suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


REAL = JournalFiles()

_BINARY = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)

if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> bool:
        at = os.lseek(handle, 0, os.SEEK_CUR)
        try:
            os.lseek(handle, _LOCK_AT, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(handle, at, os.SEEK_SET)
        return True

else:
    import fcntl

    def _lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True  # a file system without locks must not keep a night from being recorded
        return True
