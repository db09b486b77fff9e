"""A look at the string heaps of an HDF5 file before the library walks them.

The library can loop without end over a global heap whose object sizes are damaged, and no
signal reaches it there. Format: HDF5 File Format Specification 3.0, III.E "Global Heap".
"""

from __future__ import annotations

import mmap
from pathlib import Path

_SIGNATURE = b"GCOL\x01\0\0\0"
_HEADER = 16


def heaps_are_sound(path: Path) -> bool:
    """Return whether the objects of every global heap lie within their heap."""
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
    ):
        place = data.find(_SIGNATURE)
        while place >= 0:
            if not _is_sound(data, place):
                return False
            place = data.find(_SIGNATURE, place + _HEADER)
    return True


def _is_sound(data: mmap.mmap, start: int) -> bool:
    size = int.from_bytes(data[start + 8 : start + 16], "little")
    if not _HEADER <= size <= len(data) - start:
        return False
    place = start + _HEADER
    end = start + size
    while place + _HEADER <= end:
        index = int.from_bytes(data[place : place + 2], "little")
        length = int.from_bytes(data[place + 8 : place + 16], "little")
        if index == 0:
            return place + length == end
        place += _HEADER + -(-length // 8) * 8
        if place > end:
            return False
    return True
