"""OpenSignals HDF5 files, read lazily: channels stay in the file until they are asked for.

Cut files, lying shapes and scrambled text heaps are refused here. Beyond that the HDF5
library parses the file, and a file that was scrambled on purpose may crash it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..assemble import Signal, build_streams
from ..errors import RecordingError
from ..model import Night, Segment
from ..sources import Window, clip
from .hdf5_heap import heaps_are_sound
from .plux import Device, device_of, signal_of, timing
from .table import Run

if TYPE_CHECKING:
    import h5py

_LARGEST_CHUNK = 1 << 26
_LARGEST_COUNTER = 1 << 28
_BAD_FILE = (KeyError, RuntimeError, ValueError, TypeError, OverflowError, AttributeError)


@dataclass(frozen=True, slots=True, eq=False)
class DatasetSource:
    """One column of a data set in an HDF5 file.

    Attributes
    ----------
    dataset
        Numbers, shape ``(n,)`` or ``(n, 1)``.
    name
        Name of the file, for errors.
    """

    dataset: h5py.Dataset
    name: str

    def __len__(self) -> int:
        return int(self.dataset.shape[0])

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """Return raw numbers, shape ``(n, 1)``; a damaged chunk is a `RecordingError`."""
        start, stop = clip(start, stop, len(self))
        try:
            values = np.asarray(self.dataset[start:stop])
        except (OSError, *_BAD_FILE) as error:
            raise RecordingError(
                f"{self.name}: samples {start} to {stop} are damaged and cannot be read"
            ) from error
        return values.reshape(len(values), 1)


def read_opensignals_h5(path: Path, label_map: Mapping[str, str] | None = None) -> Night:
    """Open an OpenSignals ``.h5`` file.

    Parameters
    ----------
    path
        File to open; it stays open while the night is used.
    label_map
        Channel label in the file (``CH1``) to canonical label.

    Raises
    ------
    RecordingError
        The file is damaged, or holds no OpenSignals recording.
    """
    import h5py

    name = path.name
    if not heaps_are_sound(path):
        raise RecordingError(f"{name}: the HDF5 file is damaged (its texts are scrambled)")
    try:
        file = h5py.File(path, "r")
    except (OSError, *_BAD_FILE) as error:
        raise RecordingError(
            f"{name}: the HDF5 file is damaged and cannot be opened"
        ) from error
    try:
        return _night(file, path, label_map)
    except RecordingError:
        file.close()
        raise
    except (OSError, *_BAD_FILE) as error:
        file.close()
        raise RecordingError(
            f"{name}: the HDF5 file is damaged, or no OpenSignals recording"
        ) from error


def _night(file: h5py.File, path: Path, label_map: Mapping[str, str] | None) -> Night:
    import h5py

    devices: list[Device] = []
    signals: list[Signal] = []
    notes: list[str] = []
    for key in list(file)[:64]:
        group = file.get(key)
        if not isinstance(group, h5py.Group) or not isinstance(group.get("raw"), h5py.Group):
            continue
        device, datasets, counter = _device(str(key), group, path.name)
        if not datasets:
            continue
        devices.append(device)
        rows = min(int(each.shape[0]) for each in datasets)
        if any(int(each.shape[0]) != rows for each in datasets):
            notes.append(f"{device.name}: its channels differ in length; the shortest counts")
        runs = timing(device, counter[:rows] if counter is not None else None, rows, notes)
        for channel, dataset in zip(device.channels, datasets, strict=True):
            segments = _segments(DatasetSource(dataset, path.name), runs, rows)
            signals.append(signal_of(device, channel, segments, device.rate_hz))
    if not signals:
        raise RecordingError(f"{path.name}: an HDF5 file, but no OpenSignals recording in it")
    return Night(
        streams=build_streams(signals, path.name, label_map),
        start=devices[0].start,
        source=path,
        format="OpenSignals HDF5",
        devices=tuple(f"{device.model} {device.name}".strip() for device in devices),
        notes=tuple(notes),
    )


def _segments(source: DatasetSource, runs: list[Run], rows: int) -> tuple[Segment, ...]:
    if len(runs) == 1 and rows == len(source):
        return (Segment(runs[0].start_s, source),)
    return tuple(Segment(run.start_s, Window(source, run.first, run.last)) for run in runs)


def _device(
    key: str, group: h5py.Group, name: str
) -> tuple[Device, list[h5py.Dataset], NDArray[np.float64] | None]:
    raw = group["raw"]
    facts = dict(group.attrs)
    numbers = facts.get("channels")
    order = np.ravel(numbers).tolist() if numbers is not None else []
    found = [f"channel_{int(number)}" for number in order[:128]]
    found = [each for each in found if each in raw] or sorted(
        each for each in raw if each.startswith("channel_")
    )
    datasets = [_checked(raw[each], f"{name}: {each}") for each in found]
    facts["label"] = [_attribute(each, "label") for each in datasets]
    facts["sensor"] = [_attribute(each, "sensor") for each in datasets]
    device = device_of(key, {str(k): _plain(v) for k, v in facts.items()}, name)
    counter = None
    if "nSeq" in raw:
        dataset = _checked(raw["nSeq"], f"{name}: nSeq")
        if dataset.shape[0] * 8 <= _LARGEST_COUNTER:
            counter = np.asarray(dataset[:], dtype=np.float64).reshape(-1)
            short = min((each.shape[0] for each in datasets), default=0) - len(counter)
            counter = None if short > 0 else counter
    return device, datasets, counter


def _checked(dataset: Any, where: str) -> h5py.Dataset:
    """Return a data set that is what it seems and cannot blow up memory."""
    import h5py

    if not isinstance(dataset, h5py.Dataset) or dataset.dtype.kind not in "iuf":
        raise RecordingError(f"{where} holds no numbers")
    shape = dataset.shape
    if not shape or len(shape) > 2 or (len(shape) == 2 and shape[1] != 1):
        raise RecordingError(f"{where} has the shape {shape}, not one column")
    if dataset.is_virtual or dataset.external:
        raise RecordingError(f"{where} refers to other files")
    size = dataset.dtype.itemsize
    chunk = int(np.prod(dataset.chunks)) * size if dataset.chunks else 0
    stored = dataset.id.get_storage_size()
    if chunk > _LARGEST_CHUNK or shape[0] * size > 2_000 * stored + 4096:
        raise RecordingError(
            f"{where} claims {shape[0]} samples, of which {stored} bytes are in the file"
        )
    return dataset


def _attribute(dataset: h5py.Dataset, key: str) -> str:
    value = _plain(dataset.attrs.get(key, ""))
    return str(value)[:200]


def _plain(value: Any) -> Any:
    """Return an attribute as str, number or list."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, np.ndarray) and value.size == 1:
        return _plain(value.ravel()[0])
    return value
