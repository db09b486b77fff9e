"""Files written beside their place and renamed: nothing half-written is ever seen."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from ..errors import RecordingError


@contextmanager
def write_beside(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Write a file under another name in its folder, then rename it in one step.

    Parameters
    ----------
    path
        File to write; one that exists is replaced when the block ends without an error.

    Yields
    ------
    typing.BinaryIO
        Seekable binary file; its ``name`` is the path of the temporary file.

    Raises
    ------
    RecordingError
        The folder is missing or read-only, the disk is full, `path` is no plain file.
    """
    target = Path(os.path.realpath(path))
    part = target.with_name(f".{target.name[:100]}.{uuid4().hex[:12]}.part")
    try:
        if target.is_dir():
            raise RecordingError(f"cannot write {path}: it is a folder; name a file")
        if target.exists() and not target.is_file():
            raise RecordingError(f"cannot write {path}: it is a device; name a file")
        with part.open("x+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        with suppress(OSError):
            part.unlink()
    _sync_folder(target.parent)


def write_text_beside(path: str | os.PathLike[str], text: str) -> None:
    """Write `text` as UTF-8 to `path` in one step; errors as `write_beside`."""
    with write_beside(path) as file:
        file.write(text.encode())


@contextmanager
def write_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Build a folder of outputs apart, then move it in place.

    A folder that does not exist yet appears whole. In one that exists, files of the same
    name are replaced one by one and all others are kept. Missing parents are made.

    Yields
    ------
    pathlib.Path
        Empty folder to write into.

    Raises
    ------
    RecordingError
        The folder cannot be made or written, the disk is full, `path` is a file.
    """
    target = Path(os.path.realpath(path))
    made: list[Path] = []
    part: Path | None = None
    done = False
    try:
        if target.exists() and not target.is_dir():
            raise RecordingError(f"cannot write into {path}: it is a file; name a folder")
        # inside an existing folder, because that may be a mount of its own
        home = target if target.is_dir() else target.parent
        made = _make_parents(home)
        part = home / f".{uuid4().hex[:12]}.part"
        part.mkdir()
        yield part
        _move_in_place(part, target)
        done = True
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        if part is not None:
            shutil.rmtree(part, ignore_errors=True)
        if not done:
            for folder in reversed(made):
                with suppress(OSError):
                    folder.rmdir()


def cannot_write(path: str | os.PathLike[str], error: OSError) -> RecordingError:
    """Return the one-line error for a failed write to `path`."""
    reason = error.strerror or type(error).__name__
    culprit = error.filename
    if isinstance(culprit, str | os.PathLike) and ".part" not in os.fspath(culprit):
        return RecordingError(f"{os.fspath(culprit)}: {reason} (while writing {path})")
    return RecordingError(
        f"cannot write {path}: {reason}; check the free space and your rights to the folder"
    )


def _make_parents(folder: Path) -> list[Path]:
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    missing.reverse()
    for each in missing:
        each.mkdir()
    return missing


def _move_in_place(part: Path, target: Path) -> None:
    files = [file for file in part.rglob("*") if file.is_file()]
    for file in files:
        with file.open("rb+") as handle:
            os.fsync(handle.fileno())
    if target.is_dir():
        for file in files:
            place = target / file.relative_to(part)
            place.parent.mkdir(parents=True, exist_ok=True)
            file.replace(place)
    else:
        part.rename(target)
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
