"""Where the pyramids of a night are kept, and how they are made once."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ...models.nights.identity import sampled_digest
from ...recording.errors import RecordingError
from ...recording.model import Night, Stream
from ...recording.writers.beside import write_folder
from .pyramid import BASE, STEP, Pyramid, build
from .signals import Filtered, Plain, Signal

FOLDER = ".crampwatch"
"""Folder in a night for what can be made again at any time."""

_VERSION = 1
_ABOUT = "about.json"
_PREFIX = "pyramid-"


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """One stream of the night, ready to be drawn.

    Attributes
    ----------
    stream
        The stream.
    plain
        As it was recorded.
    filtered
        As the detector sees it; None for what is no EMG.
    """

    stream: Stream
    plain: Pyramid
    filtered: Pyramid | None


def night_views(
    night: Night,
    streams: Iterable[Stream],
    files: Iterable[Path],
    folder: Path,
    progress: Callable[[float], None] | None = None,
) -> tuple[Views, ...]:
    """Return the streams of a night with their pyramids, which are made where there are none.

    Parameters
    ----------
    night
        The night.
    streams
        Those to draw.
    files
        The files that the night was read from.
    folder
        Folder of the night. Pyramids are kept in it, or in the user's own cache where it
        cannot be written.
    progress
        Called with the part done while they are made.

    Raises
    ------
    RecordingError
        The recording cannot be read, or nothing can be written anywhere.
    """
    shown = tuple(streams)
    name = f"{_PREFIX}{_key(night, shown, files)}"
    homes = [folder / FOLDER, _user_cache()]
    for home in homes:
        with suppress(ValueError, OSError):
            return _load(shown, home / name)
    for home in homes:
        with suppress(OSError, RecordingError):
            home.mkdir(parents=True, exist_ok=True)
            if os.access(home, os.W_OK | os.X_OK):
                _make(shown, home, name, progress)
                return _load(shown, home / name)
    raise RecordingError(
        f"no place for the overview of {folder}: neither there nor in {homes[1]} can be"
        " written; free some space or name another cache by XDG_CACHE_HOME"
    )


def _load(streams: tuple[Stream, ...], place: Path) -> tuple[Views, ...]:
    about = json.loads((place / _ABOUT).read_text("utf-8"))
    if not isinstance(about, dict) or about.get("version") != _VERSION:
        raise ValueError("another version")
    views = []
    for number, stream in enumerate(streams):
        pyramids = [
            Pyramid.load(signal, place, f"{number}-{which}-")
            for which, signal in _signals(stream)
        ]
        filtered = pyramids[1] if len(pyramids) > 1 else None
        views.append(Views(stream, pyramids[0], filtered))
    return tuple(views)


def _make(
    streams: tuple[Stream, ...],
    home: Path,
    name: str,
    progress: Callable[[float], None] | None,
) -> None:
    work = [
        (f"{number}-{which}-", signal)
        for number, stream in enumerate(streams)
        for which, signal in _signals(stream)
    ]
    total = max(1, sum(len(signal) for _, signal in work))
    done = 0
    for old in home.glob(f"{_PREFIX}*"):
        # of the recording as it was before
        if old.name != name and home.name == FOLDER:
            shutil.rmtree(old, ignore_errors=True)
    shutil.rmtree(home / name, ignore_errors=True)
    with write_folder(home / name) as folder:
        for prefix, signal in work:
            base, size = done, len(signal)

            def tell(part: float, base: int = base, size: int = size) -> None:
                if progress is not None:
                    progress((base + part * size) / total)

            build(signal, folder, prefix, tell)
            done += size
        about = {"version": _VERSION, "base": BASE, "step": STEP, "streams": len(streams)}
        (folder / _ABOUT).write_text(json.dumps(about) + "\n", "utf-8")


def _signals(stream: Stream) -> list[tuple[str, Signal]]:
    found: list[tuple[str, Signal]] = [("plain", Plain(stream))]
    if Filtered.can_filter(stream):
        found.append(("filtered", Filtered(stream)))
    return found


def _key(night: Night, streams: Iterable[Stream], files: Iterable[Path]) -> str:
    """Return a digest of the recording, of when it was written, and of how it is read."""
    digest = hashlib.sha256(f"{_VERSION} {night.start} {night.format}".encode())
    for file in files:
        try:
            digest.update(f"{sampled_digest(file)} {file.stat().st_mtime_ns}".encode())
        except OSError as error:
            raise RecordingError(f"cannot read {file}: {error.strerror or error}") from error
    for stream in streams:
        shape = [(round(s.start_s, 6), len(s)) for s in stream.segments]
        facts = (stream.label, stream.kind, stream.unit, repr(stream.rate_hz), shape)
        scale = (stream.gain.tolist(), stream.offset.tolist())
        digest.update(repr((*facts, *scale)).encode())
    return digest.hexdigest()[:32]


def _user_cache() -> Path:
    if sys.platform == "win32":
        home = Path(os.environ.get("LOCALAPPDATA") or Path.home())
    elif sys.platform == "darwin":
        home = Path.home() / "Library" / "Caches"
    else:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return home / "crampwatch"
