"""The bytes of the sensors as they came, for those who want to decode them again."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from ...recording.errors import RecordingError
from ..drivers.model import Packet


class RawLog:
    """Files ``SENSOR.bin`` (serial) and ``SENSOR.jsonl`` (notifications) in one folder.

    Both are what ``crampwatch decode`` reads. Times are the host's monotonic clock.

    Parameters
    ----------
    folder
        Is made, and must not hold these files.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: dict[Path, BinaryIO] = {}

    def write(self, sensor: str, packets: Sequence[Packet]) -> None:
        """Append packets.

        Raises
        ------
        RecordingError
            The file cannot be written; the log is closed.
        """
        try:
            for packet in packets:
                self._file(sensor, packet).write(_entry(packet))
            for file in self._files.values():
                file.flush()
        except OSError as error:
            self.close()
            raise RecordingError(
                f"{self.folder}: {error.strerror or error}; raw bytes are not kept any more"
            ) from error

    def close(self) -> None:
        """Close the files; never raises."""
        files, self._files = self._files, {}
        for file in files.values():
            try:
                file.close()
            except OSError:
                continue

    def _file(self, sensor: str, packet: Packet) -> BinaryIO:
        path = self.folder / f"{sensor}.{'jsonl' if packet.channel else 'bin'}"
        found = self._files.get(path)
        if found is None:
            self.folder.mkdir(exist_ok=True)
            found = self._files[path] = path.open("xb")
        return found


def _entry(packet: Packet) -> bytes:
    if not packet.channel:
        return packet.data
    entry: dict[str, object] = {"char": packet.channel, "data": packet.data.hex()}
    if math.isfinite(packet.arrival_s):
        entry = {"t": packet.arrival_s, **entry}
    return json.dumps(entry).encode() + b"\n"
