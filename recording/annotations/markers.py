"""``markers.tsv``: what the sleeper noted during the night or about it, one line each.

The file is only ever appended to, under a lock and with fsync, so that it can grow while a
night is being recorded and by several programs at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

from ..errors import RecordingError
from .vocabulary import KINDS, MUSCLES, SIDES

FILE: Final = "markers.tsv"

COLUMNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "at": "When it happened: date and time with the offset from UTC.",
        "earlier": "How much earlier it may have happened, seconds.",
        "later": "How much later it may have happened, seconds.",
        "kind": "What the mark says.",
        "side": "Leg.",
        "muscle": "Where it was felt; several are separated by commas.",
        "pain": "Pain, 0 to 10.",
        "source": "Where the mark comes from: note, key, button or button:SENSOR.",
        "made_at": "When the mark was made: date and time with the offset from UTC.",
        "text": "What was written, as it was written.",
    }
)
"""Columns in their order, and what they hold."""

NOTE_EARLIER_S: Final = 600.0
PRESS_EARLIER_S: Final = 300.0
NOW_LATER_S: Final = 60.0
"""What is marked as it happens is marked during a cramp or some minutes after it; how many
is a choice of this project."""

PRESSES: Final = ("key", "button")
"""Sources that mark the moment itself."""

MOST_TEXT: Final = 500
_MOST_BYTES: Final = 4 << 20
_MOST_ROWS: Final = 10_000
_LONGEST_S: Final = 2 * 86_400.0


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that the sleeper said about one moment.

    Attributes
    ----------
    at
        When it happened, with a zone; None where that is not known.
    earlier_s, later_s
        How much earlier and later it may have happened, seconds.
    kind
        One of `vocabulary.KINDS`.
    side, muscles
        Leg and muscles of the vocabulary, as far as they were told.
    pain
        0 to 10, or None.
    source
        ``note``, ``key``, ``button``, ``button:SENSOR`` or ``diary``.
    made_at
        When it was said, with a zone, or None.
    text
        As it was written.
    """

    at: datetime | None
    earlier_s: float = NOTE_EARLIER_S
    later_s: float = NOW_LATER_S
    kind: str = "cramp"
    side: str | None = None
    muscles: tuple[str, ...] = ()
    pain: int | None = None
    source: str = "note"
    made_at: datetime | None = None
    text: str = ""

    @property
    def pressed(self) -> bool:
        """Whether a key or button made it."""
        return self.source.partition(":")[0] in PRESSES


@dataclass(frozen=True, slots=True)
class Markers:
    """The marks of one file, in its order, and what in it could not be read."""

    marks: tuple[Mark, ...] = ()
    notes: tuple[str, ...] = ()


def append_mark(folder: str | os.PathLike[str], mark: Mark) -> Path:
    """Append a mark to the markers of a night, and see it onto the disk.

    Safe while others append to the same file; a mark is in the file as a whole or not at
    all.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    RecordingError
        The mark has no time or no word of the vocabulary, or the file cannot be written.
    """
    path = Path(folder) / FILE
    row = _row(mark)
    if path.exists() and not path.is_file():
        raise RecordingError(f"cannot write {path}: it is not a file")
    try:
        with path.open("a+b", buffering=0) as file, _locked(file.fileno()):
            size = file.seek(0, os.SEEK_END)
            head = b"" if size else ("\t".join(COLUMNS) + "\n").encode()
            if size:
                file.seek(size - 1)
                # a line that lost its end must not swallow this one
                head = b"" if file.read(1) == b"\n" else b"\n"
            try:
                _write(file.fileno(), head + row)
            except OSError:
                with suppress(OSError):
                    os.ftruncate(file.fileno(), size)
                raise
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RecordingError(
            f"cannot write {path}: {reason}; check the free space and your rights to the folder"
        ) from error
    return path


def read_marks(folder: str | os.PathLike[str]) -> Markers:
    """Read the markers of a night; no file is no marks.

    A line that makes no sense is passed over and told, so that it can cost no night.

    Raises
    ------
    RecordingError
        There is a file, and it cannot be read.
    """
    path = Path(folder) / FILE
    data = read_small(path, _MOST_BYTES + 1)
    if data is None:
        return Markers()
    notes = []
    if len(data) > _MOST_BYTES:
        notes.append(f"{FILE}: only its first {_MOST_BYTES >> 20} MB are read")
        data = data[:_MOST_BYTES]
    lines = data.decode("utf-8-sig", "replace").replace("\r\n", "\n").split("\n")
    header = [cell.strip() for cell in lines[0].split("\t")]
    if "at" not in header:
        if any(line.strip() for line in lines):
            notes.append(f"{FILE}: its first line does not name the columns; no mark is read")
        return Markers((), tuple(notes))
    if len(lines) > _MOST_ROWS + 1:
        notes.append(f"{FILE}: only its first {_MOST_ROWS} lines are read")
    marks, wrong = [], []
    for number, line in enumerate(lines[1 : _MOST_ROWS + 1], start=2):
        if line.strip():
            cells = (cell.strip() for cell in line.split("\t"))
            mark = _mark(dict(zip(header, cells, strict=False)))
            if mark is None:
                wrong.append(number)
            else:
                marks.append(mark)
    if wrong:
        more = f" and {len(wrong) - 5} more" if len(wrong) > 5 else ""
        places = ", ".join(str(number) for number in wrong[:5])
        lines_word = "line" if len(wrong) == 1 else "lines"
        notes.append(f"{FILE}: {lines_word} {places}{more} cannot be read as a mark")
    return Markers(tuple(marks), tuple(notes))


def read_small(path: Path, most: int) -> bytes | None:
    """Return the first `most` bytes of a file, None where there is none.

    Raises
    ------
    RecordingError
        There is something of that name, and it cannot be read.
    """
    try:
        if path.exists() and not path.is_file():
            raise RecordingError(f"cannot read {path}: it is not a file")
        with path.open("rb") as file:
            return file.read(most)
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RecordingError(f"cannot read {path}: {reason}") from error


def one_line(text: str, most: int = MOST_TEXT) -> str:
    """Return text that fits one cell of the file: a line without tabs, cut at `most`."""
    clean = "".join(char if char.isprintable() else " " for char in text[: 4 * most])
    return " ".join(clean.encode("utf-8", "replace").decode().split())[:most]


def _row(mark: Mark) -> bytes:
    if mark.at is None or mark.at.tzinfo is None:
        raise RecordingError("a mark needs a time with a zone")
    if mark.kind not in KINDS or not {mark.side} <= {None, *SIDES}:
        raise RecordingError(f"a mark cannot be {mark.kind!r}, {mark.side!r}")
    if not set(mark.muscles) <= set(MUSCLES):
        raise RecordingError(f"no such muscle: {', '.join(mark.muscles)}")
    cells = (
        mark.at.isoformat(),
        f"{mark.earlier_s:g}",
        f"{mark.later_s:g}",
        mark.kind,
        mark.side or "n/a",
        ",".join(mark.muscles) or "n/a",
        "n/a" if mark.pain is None else str(mark.pain),
        one_line(mark.source, 60) or "n/a",
        mark.made_at.isoformat() if mark.made_at else "n/a",
        one_line(mark.text) or "n/a",
    )
    return ("\t".join(cells) + "\n").encode()


def _mark(row: Mapping[str, str]) -> Mark | None:
    cells = {name: cell for name, cell in row.items() if cell not in ("", "n/a")}
    kind = cells.get("kind", "note")
    side = cells.get("side")
    muscles = tuple(word.strip() for word in cells.get("muscle", "").split(",") if word)
    try:
        at = datetime.fromisoformat(cells["at"])
        made_at = datetime.fromisoformat(cells["made_at"]) if "made_at" in cells else None
        earlier = float(cells.get("earlier", NOTE_EARLIER_S))
        later = float(cells.get("later", NOW_LATER_S))
        pain = int(cells["pain"]) if "pain" in cells else None
    except (KeyError, ValueError):
        return None
    sane = (
        at.tzinfo is not None
        and (made_at is None or made_at.tzinfo is not None)
        and 0 <= earlier <= _LONGEST_S
        and 0 <= later <= _LONGEST_S
        and (pain is None or 0 <= pain <= 10)
        and kind in KINDS
        and (side is None or side in SIDES)
        and set(muscles) <= set(MUSCLES)
    )
    if not sane:
        return None
    source = cells.get("source", "note")
    text = one_line(cells.get("text", ""))
    return Mark(at, earlier, later, kind, side, muscles, pain, source, made_at, text)


def _write(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]
    os.fsync(handle)


@contextmanager
def _locked(handle: int) -> Iterator[None]:
    if sys.platform == "win32":
        import msvcrt

        # a byte far behind any content, so that readers are not held up
        os.lseek(handle, 1 << 40, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_LOCK, 1)
        try:
            yield
        finally:
            os.lseek(handle, 1 << 40, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(handle, fcntl.LOCK_UN)
