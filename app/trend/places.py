"""Where nights and their scores lie on the disk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

SUMMARY: Final = "summary.json"
EVENTS: Final = "events.tsv"
MOST_ENTRIES: Final = 20_000

_RECORDINGS: Final = frozenset((".mcap", ".edf", ".bdf", ".h5"))
_MOST_INSIDE: Final = 500
_SUBJECT: Final = re.compile(r"sub-[A-Za-z0-9]+")


def places(folder: Path, depth: int, left: list[int]) -> Iterator[Path]:
    """Yield the folders of nights in a folder, itself among them; `left` as in `folders`."""
    inside = [] if is_scored(folder) else folders(folder, left)
    if holds_night(folder) and sum(is_scored(each) for each in inside) < 2:
        yield folder
    elif depth:
        for each in inside:
            yield from places(each, depth - 1, left)


def score_folder(folder: Path) -> Path | None:
    """Return where the score lies: in the folder, or in the one scored folder inside it."""
    if is_scored(folder):
        return folder
    found = [each for each in folders(folder, [_MOST_INSIDE]) if is_scored(each)]
    return found[0] if len(found) == 1 else None


def is_scored(folder: Path) -> bool:
    """Return whether a score lies in a folder."""
    return (folder / SUMMARY).is_file() and (folder / EVENTS).is_file()


def holds_night(folder: Path) -> bool:
    """Return whether a recording, or a part of a score, lies in a folder."""
    with suppress(OSError):
        for count, entry in enumerate(folder.iterdir()):
            if count > _MOST_INSIDE:
                break
            if entry.suffix.lower() in _RECORDINGS and entry.is_file():
                return True
    return (folder / SUMMARY).is_file() or (folder / EVENTS).is_file()


def folders(folder: Path, left: list[int]) -> list[Path]:
    """Return the folders in a folder, by name; `left` counts down what may be looked at."""
    found = []
    with suppress(OSError):
        for entry in folder.iterdir():
            left[0] -= 1
            if left[0] < 0:
                break
            if entry.is_dir() and not entry.is_symlink() and not entry.name.startswith("."):
                found.append(entry)
    return sorted(found)


def person_of(folder: Path) -> str:
    """Return whose night a folder is."""
    place = folder.resolve()
    for part in reversed(place.parts):
        if _SUBJECT.fullmatch(part):
            return part
    return place.parent.name or "?"
