"""A disk that loses its power: what was written and synced, and what of it survives."""

from __future__ import annotations

import random
from pathlib import Path

from crampwatch.recording.journal import JournalFiles

_SECTOR = 512


class PowerLoss(JournalFiles):
    """Writes for real, and logs every call; `after` gives the disk after a loss.

    What was synced is there. Of what was written after the last sync, each sector is there or
    zero, and the length of the file is any in between. A name lasts once its folder was
    synced; before that, it is the old or the new one.
    """

    def __init__(self) -> None:
        self.log: list[tuple] = []
        self._open: dict[int, int] = {}
        self._files = 0

    def create(self, path):
        return self._opened(super().create(path), path)

    def rewrite(self, path):
        return self._opened(super().rewrite(path), path)

    def write(self, handle, data):
        taken = super().write(handle, data)
        self.log.append(("write", self._open[handle], bytes(data[:taken])))
        return taken

    def truncate(self, handle, length):
        super().truncate(handle, length)
        self.log.append(("truncate", self._open[handle], length))

    def fsync(self, handle):
        super().fsync(handle)
        self.log.append(("fsync", self._open[handle]))

    def replace(self, source, target):
        super().replace(source, target)
        self.log.append(("replace", source.name, target.name))

    def fsync_folder(self, folder):
        super().fsync_folder(folder)
        self.log.append(("folder",))

    def after(self, moment: int, folder: Path, rng: random.Random) -> None:
        """Write the disk as it is after the power went at a moment."""
        synced: dict[int, bytes] = {}
        content: dict[int, bytes] = {}
        lasting: dict[str, int] = {}
        names: dict[str, int] = {}
        for what, *how in self.log[:moment]:
            if what == "open":
                names[how[1]] = how[0]
                content[how[0]] = synced[how[0]] = b""
            elif what == "write":
                content[how[0]] += how[1]
            elif what == "truncate":
                content[how[0]] = content[how[0]][: how[1]]
            elif what == "fsync":
                synced[how[0]] = content[how[0]]
            elif what == "replace":
                names[how[1]] = names.pop(how[0])
            elif what == "folder":
                lasting = dict(names)
        present = rng.choice([lasting, names])
        for name, number in present.items():
            torn = _torn(synced[number], content[number], rng)
            (folder / name).write_bytes(torn)

    def _opened(self, handle, path):
        self._files += 1
        self._open[handle] = self._files
        self.log.append(("open", self._files, path.name))
        return handle


def _torn(synced: bytes, written: bytes, rng: random.Random) -> bytes:
    tail = bytearray(written[len(synced) :])
    for at in range(0, len(tail), _SECTOR):
        if rng.random() < 0.5:
            sector = tail[at : at + _SECTOR]
            tail[at : at + _SECTOR] = bytes(len(sector))
    return synced + bytes(tail[: rng.randrange(len(tail) + 1)])
