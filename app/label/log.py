"""The log of one annotator: one line for each thing done, and nothing is ever rewritten.

``labels/NAME.jsonl`` in the folder of the night. The first line says what the file is; every
other line is an edit, an undo or a redo, with its author and its time in UTC. A line is in
the file as a whole and on the disk before it is in force; a last line that lost its end is
passed over.
"""

from __future__ import annotations

import json
import math
import os
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from ...recording.annotations.markers import one_line
from ...recording.errors import RecordingError
from .labels import REDO, UNDO, Edit, Label, Step, Verdict

FORMAT = "crampwatch-labels"
VERSION = 1
SUFFIX = ".jsonl"
MOST_NOTE = 500

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")
_MOST_BYTES = 1 << 28
_MOST_HEADER = 1 << 12
_LONGEST_S = 400 * 86_400.0
_SIDES = (None, "left", "right", "both")
_LOCK_AT = 1 << 40


@dataclass(frozen=True, slots=True)
class Read:
    """What a log holds.

    Attributes
    ----------
    steps
        In the order in which they were done.
    notes
        What could not be read, one sentence each.
    last_at
        When the last step was done, ISO 8601 in UTC; empty where none was.
    """

    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()
    last_at: str = ""


def check_name(name: str) -> str:
    """Return the name of an annotator, if it can be one.

    Raises
    ------
    RecordingError
        It holds anything but letters, digits and hyphens, or is longer than 40.
    """
    if not _NAME.fullmatch(name):
        raise RecordingError(
            f"{one_line(name, 60)!r} cannot be the name of an annotator: letters, digits and"
            " hyphens, 40 at most; name another with --annotator"
        )
    return name


class LabelLog:
    """The log of one annotator, open for appending by nobody else.

    Parameters
    ----------
    path
        The file; it is made where there is none.
    author
        Name of the annotator.

    Raises
    ------
    RecordingError
        Somebody else has it open, it is another file, or it cannot be written.
    """

    def __init__(self, path: Path, author: str) -> None:
        self.path = path
        self.author = check_name(author)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | _BINARY, 0o644)
        except OSError as error:
            raise _cannot_write(path, error) from error
        try:
            _lock(self._handle, path, author)
            self._begin()
        except BaseException:
            os.close(self._handle)
            raise
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let others have the log."""
        if not self._closed:
            self._closed = True
            os.close(self._handle)

    def read(self) -> Read:
        """Return what the log holds."""
        return read_log(self.path)

    def append(self, step: Step) -> str:
        """See a step onto the disk, and return its time: ISO 8601 in UTC.

        Raises
        ------
        RecordingError
            It could not be written; the log is as it was before.
        """
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"op": step.kind, "at": now, "by": self.author}
        if step.edit is not None:
            line["what"] = step.edit.what
            if step.edit.labels:
                line["labels"] = {
                    key: None if label is None else asdict(label)
                    for key, label in step.edit.labels.items()
                }
            if step.edit.verdicts:
                line["verdicts"] = dict(step.edit.verdicts)
        self._write(line)
        return now

    def _begin(self) -> None:
        read_log(self.path)
        size = os.lseek(self._handle, 0, os.SEEK_END)
        if size < _MOST_HEADER and b"\n" not in self.path.read_bytes():
            # nothing, or a first line that was cut off
            os.ftruncate(self._handle, 0)
            self._write({"format": FORMAT, "version": VERSION, "annotator": self.author})
            return
        os.lseek(self._handle, size - 1, os.SEEK_SET)
        if os.read(self._handle, 1) != b"\n":
            # a line that lost its end must not swallow the next one
            self._put(b"\n")

    def _write(self, line: Mapping[str, Any]) -> None:
        self._put(json.dumps(line, ensure_ascii=False, allow_nan=False).encode() + b"\n")

    def _put(self, data: bytes) -> None:
        size = os.lseek(self._handle, 0, os.SEEK_END)
        try:
            left = data
            while left:
                left = left[os.write(self._handle, left) :]
            os.fsync(self._handle)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._handle, size)
            raise _cannot_write(self.path, error) from error


def read_log(path: Path) -> Read:
    """Return what a log holds; also while somebody appends to it.

    Raises
    ------
    RecordingError
        The file cannot be read, is no log, or was written by a later program.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise RecordingError(f"cannot read {path}: {error.strerror or error}") from error
    if len(data) > _MOST_BYTES:
        raise RecordingError(f"{path}: more than {_MOST_BYTES >> 20} MB; no log of labels")
    first, *lines = data.split(b"\n")
    if not lines and (b'{"format": "' + FORMAT.encode()).startswith(first[:20]):
        return Read()
    _check_header(path, first)
    steps, wrong, last_at = [], [], ""
    for number, line in enumerate(lines, start=2):
        if not line.strip():
            continue
        found = _step(line)
        if found is None:
            wrong.append(number)
        else:
            steps.append(found[0])
            last_at = found[1] or last_at
    notes = []
    if wrong:
        some = ", ".join(str(number) for number in wrong[:5])
        more = f" and {len(wrong) - 5} more" if len(wrong) > 5 else ""
        word = "line" if len(wrong) == 1 else "lines"
        notes.append(f"{path.name}: {word} {some}{more} cannot be read and count for nothing")
    return Read(tuple(steps), tuple(notes), last_at)


def _check_header(path: Path, first: bytes) -> None:
    try:
        header = json.loads(first)
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise RecordingError(f"{path}: not a log of labels; name another annotator or move it")
    version = header.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise RecordingError(
            f"{path}: a log of version {version!r}, and this program reads {VERSION}; update it"
        )


def _step(line: bytes) -> tuple[Step, str] | None:
    try:
        found = json.loads(line)
        at = found.get("at")
        said = at if isinstance(at, str) and len(at) < 60 else ""
        op = found.get("op")
        if op in ("undo", "redo"):
            return (UNDO if op == "undo" else REDO), said
        if op != "edit":
            return None
        labels = {
            str(key)[:80]: None if value is None else label_of(value)
            for key, value in dict(found.get("labels") or {}).items()
        }
        verdicts = {
            str(key)[:80]: _verdict(value)
            for key, value in dict(found.get("verdicts") or {}).items()
        }
        what = one_line(str(found.get("what") or "edit"), 20)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return Step("edit", Edit(what, labels, verdicts)), said


def label_of(value: Mapping[str, Any]) -> Label:
    """Return the label that a JSON object describes.

    Raises
    ------
    ValueError, TypeError, KeyError
        It describes none.
    """
    onset, duration = float(value["onset"]), float(value["duration"])
    if not (math.isfinite(onset) and abs(onset) <= _LONGEST_S and 0 <= duration <= _LONGEST_S):
        raise ValueError("no time")
    side, channel, kind = value.get("side"), value.get("channel"), value["trial_type"]
    if side not in _SIDES or not isinstance(kind, str) or not one_line(kind):
        raise ValueError("no label")
    return Label(
        onset,
        duration,
        one_line(kind, 60),
        side,
        None if channel is None else one_line(str(channel), 120),
        one_line(str(value.get("note") or ""), MOST_NOTE),
        one_line(str(value.get("proposal") or ""), 80),
    )


def _verdict(value: object) -> Verdict | None:
    if value is None:
        return None
    if value == "accepted":
        return "accepted"
    if value == "rejected":
        return "rejected"
    raise ValueError("no verdict")


def _cannot_write(path: Path, error: OSError) -> RecordingError:
    reason = error.strerror or type(error).__name__
    return RecordingError(
        f"cannot write {path}: {reason}; check the free space and your rights to the folder"
    )


_BINARY: int = getattr(os, "O_BINARY", 0)


def _lock(handle: int, path: Path, author: str) -> None:
    try:
        if sys.platform == "win32":
            import msvcrt

            # a byte far behind any content, so that readers are not held up
            os.lseek(handle, _LOCK_AT, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise RecordingError(
            f"{path}: {author} is labelling this night already; end that, or name another"
            " person with --annotator"
        ) from error
