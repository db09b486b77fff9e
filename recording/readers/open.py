"""One way in: which reader a file needs is seen from its content, not from its name."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Literal

from ..errors import RecordingError
from ..model import Night
from .edf_header import is_edf
from .together import join, one_night, sensor_of

Format = Literal["edf", "journal", "opensignals.txt", "opensignals.h5", "openbci", "csv"]

_HDF5 = b"\x89HDF\r\n\x1a\n"
_MCAP = b"\x89MCAP0\r\n"
_FOREIGN = (
    (b"PK\x03\x04", "a ZIP archive or a spreadsheet; unpack it, or save the sheet as CSV"),
    (b"\x1f\x8b", "a gzip archive; unpack it first"),
    (b"MATLAB", "a MATLAB file; save its signals as CSV with a header line"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet; save the sheet as CSV"),
    (b"%PDF", "a PDF document"),
    (b"BrainVision", "a BrainVision header; export the recording as EDF"),
    (b"XDF:", "an XDF file; export the recording as EDF or CSV"),
)
_SIDE_FILES = ("events", "channels", "participants", "electrodes", "coordsystem", "scans",
               "hypnogram", "alerts", "sessions", "summary", "markers")  # fmt: skip
_JOURNAL = "night.mcap"
_DEPTH = 4
_MOST_FILES = 2_000


def open_recording(
    path: str | PathLike[str],
    *,
    rate_hz: float | None = None,
    label_map: Mapping[str, str] | None = None,
    unit: str | None = None,
) -> Night:
    """Open a recording of any supported format.

    Supported are the journals of `crampwatch record` (broken ones too), EDF, EDF+C, EDF+D,
    BDF and BDF+ (these and journals are read lazily), OpenSignals ``.txt`` and ``.h5``,
    OpenBCI GUI ``.txt`` logs, and plain CSV or TSV with named columns.

    Parameters
    ----------
    path
        The file, or a folder that holds one recording (a night folder, the folder of one
        BIDS subject).
    rate_hz
        Sampling rate, Hz, where the file does not state one (CSV without a time column).
    label_map
        Label in the file to canonical label: ``{"Leg/L": "EMG L TA"}``.
    unit
        Unit of the electromyograms (``uV``, ``mV``, ``V``, ``nV``, ``count``) in EDF, BDF
        and CSV, where the file states none or a wrong one.

    Returns
    -------
    Night
        Streams with canonical labels, EMG in ``uV`` or ``count``, acceleration in ``g`` or
        ``count``. What is wrong but can be lived with is told in the notes.

    Raises
    ------
    RecordingError
        The path cannot be read, is not a recording, or cannot be made sense of.
    """
    if rate_hz is not None and not (math.isfinite(rate_hz) and 0 < rate_hz <= 1e6):
        raise RecordingError(f"{path}: a sampling rate of {rate_hz} Hz is not possible")
    try:
        place = Path(path)
        files = _in_folder(place) if place.is_dir() else {"": place}
        rate = None if rate_hz is None else float(rate_hz)
        nights = {
            sensor: _read(file, sniff(file), rate, label_map, unit)
            for sensor, file in files.items()
        }
        night = join(nights) if len(nights) > 1 else next(iter(nights.values()))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RecordingError(f"cannot read {path}: {reason}") from error
    except (MemoryError, OverflowError) as error:
        raise RecordingError(f"{path}: too large to be read, or its header is wrong") from error
    except ValueError as error:
        if "null" in str(error):
            raise RecordingError(f"cannot read {path!r}: not a file name") from error
        raise
    if rate_hz is not None and rate_hz not in {stream.rate_hz for stream in night.streams}:
        note = "the file states its sampling rates, so the rate given is not used"
        night = replace(night, notes=(*night.notes, note))
    return _with_advice(night)


def open_sensors(paths: Sequence[str | PathLike[str]]) -> Night:
    """Open the files of the sensors of one night, as one; errors as `open_recording`."""
    if len(paths) == 1:
        return open_recording(paths[0])
    names = [sensor_of(Path(path).stem) or str(n) for n, path in enumerate(paths, 1)]
    return join({n: open_recording(path) for n, path in zip(names, paths, strict=True)})


def sniff(path: Path) -> Format:
    """Return the format of a file by its first bytes.

    Raises
    ------
    RecordingError
        The file is empty or of no supported format.
    """
    head = _first_bytes(path)
    if is_edf(head):
        return "edf"
    if head.startswith(_HDF5):
        return "opensignals.h5"
    if head.startswith(_MCAP):
        return "journal"
    for magic, what in _FOREIGN:
        if head.startswith(magic):
            raise RecordingError(f"{path.name} is {what}")
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"# OpenSignals"):
        return "opensignals.txt"
    if text.startswith(b"%") and b"openbci" in text.lower():
        return "openbci"
    if path.suffix.lower() in (".edf", ".bdf", ".rec"):
        raise RecordingError(
            f"{path.name}: not an EDF or BDF file; its first bytes are {head[:8]!r}"
        )
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise RecordingError(
            f"{path.name}: no format that is supported (EDF, BDF, OpenSignals, OpenBCI, CSV)"
        )
    return "csv"


def _first_bytes(path: Path) -> bytes:
    if path.exists() and not path.is_file():
        raise RecordingError(f"{path.name}: a pipe or a device, not a file; copy it to a file")
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise RecordingError(f"{path.name}: the file is empty")
    return head


def _read(
    path: Path,
    kind: Format,
    rate_hz: float | None,
    label_map: Mapping[str, str] | None,
    unit: str | None,
) -> Night:
    if kind == "edf":
        from .edf import read_edf

        return read_edf(path, label_map, unit)
    if kind == "journal":
        from ..journal.night import night_of

        return night_of(path)
    if kind == "opensignals.txt":
        from .opensignals import read_opensignals_txt

        return read_opensignals_txt(path, label_map)
    if kind == "opensignals.h5":
        from .opensignals_h5 import read_opensignals_h5

        return read_opensignals_h5(path, label_map)
    if kind == "openbci":
        from .openbci import read_openbci

        return read_openbci(path, rate_hz, label_map)
    from .csv import read_csv

    return read_csv(path, rate_hz, label_map, unit)


def _with_advice(night: Night) -> Night:
    """Add what to do where no signal is known to come from a leg."""
    if any(stream.kind in ("emg", "acc") for stream in night.streams):
        return night
    labels = ", ".join(repr(label) for s in night.streams[:12] for label in s.source_labels)
    note = (
        f"no signal is known to be leg EMG or acceleration ({labels}); map one, as in "
        "--map 'LABEL=EMG L TA'"
    )
    return replace(night, notes=(*night.notes, note))


def _in_folder(folder: Path) -> dict[str, Path]:
    """Return the one recording in a folder: its file, or those of its sensors by name.

    Beside a journal all else was made from it.
    """
    if (folder / _JOURNAL).is_file():
        return {"": folder / _JOURNAL}
    found: list[Path] = []
    _collect(folder, _DEPTH, [_MOST_FILES], found)
    devices = [path for path in found if _rank(path) == 0]
    choice = devices or found
    if not choice:
        raise RecordingError(f"{folder}: no recording in this folder; name the file itself")
    several = one_night(choice) if len(choice) > 1 else None
    if several is not None:
        return several
    if len(choice) > 1:
        names = ", ".join(str(path.relative_to(folder)) for path in sorted(choice)[:6])
        more = f" and {len(choice) - 6} more" if len(choice) > 6 else ""
        raise RecordingError(f"{folder} holds several recordings: {names}{more}; name one")
    return {"": choice[0]}


def _collect(folder: Path, depth: int, left: list[int], found: list[Path]) -> None:
    for entry in sorted(folder.iterdir()):
        left[0] -= 1
        if left[0] < 0:
            return
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            if depth:
                _collect(entry, depth - 1, left, found)
        elif entry.is_file() and _may_be_recording(entry):
            found.append(entry)


def _may_be_recording(path: Path) -> bool:
    suffix = path.suffix.lower()
    if suffix in (".csv", ".tsv"):
        stem = path.stem.lower().rsplit("_", 1)[-1]
        return stem not in _SIDE_FILES
    if suffix not in (".edf", ".bdf", ".rec", ".h5", ".hdf5", ".txt", ".mcap"):
        return False
    try:
        return sniff(path) != "csv"
    except (RecordingError, OSError):
        return suffix in (".edf", ".bdf", ".mcap")


def _rank(path: Path) -> int:
    return 1 if path.suffix.lower() in (".csv", ".tsv") else 0
