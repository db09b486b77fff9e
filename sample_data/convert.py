"""Makes the shipped real recordings from the package they come from.

``python -m crampwatch.sample_data.convert WHEEL OUT`` where WHEEL is the wheel of
biosignalsnotebooks 0.6.14 (``pip download --no-deps biosignalsnotebooks==0.6.14``) or the
folder it was unpacked in. Raw numbers are kept as they are; the scale is the transfer
function that the package publishes in its ``conversion.py``.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import sys
import zipfile
from dataclasses import dataclass
from datetime import datetime
from os import PathLike
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..recording.errors import CrampwatchError, RecordingError
from ..recording.writers.beside import write_folder
from ..recording.writers.edf import EdfSignal, write_edf

SIGNALS = PurePosixPath("biosignalsnotebooks/notebook_files/osf_files/signal_samples")
LICENCE = PurePosixPath("biosignalsnotebooks-0.6.14.dist-info/LICENSE.txt")
ORIGIN = "biosignalsnotebooks_0.6.14"


@dataclass(frozen=True, slots=True)
class Scale:
    """Physical value of raw number ``n``: ``n * gain + offset``."""

    unit: str
    gain: float
    offset: float


@dataclass(frozen=True, slots=True)
class Source:
    """One file of the package.

    Attributes
    ----------
    name
        File name without its ending.
    sha256
        Of the file; another file is refused.
    labels
        EDF label of each channel, by its name in the file.
    scale
        Transfer function.
    bits
        Resolution of the converter.
    about
        What was recorded, for the transducer field.
    """

    name: str
    sha256: str
    labels: tuple[tuple[str, str], ...]
    scale: Scale
    bits: int
    about: str


def electromyogram(bits: int) -> Scale:
    """Return ``(n / 2^bits - 1/2) * 3 V / 1000``, in uV."""
    return Scale("uV", 3000.0 / 2**bits, -1500.0)


ACCELEROMETER = Scale("g", 2.0 / 10000.0, -2.0 * 28000.0 / 10000.0 - 1.0)
"""``2 (n - 28000) / (38000 - 28000) - 1``, in g, for 16 bits (default calibration)."""

SOURCES = (
    Source(
        "emg_bursts",
        "32989903d9196e7bf0db1306da56fda787fb6fe35591b06e9b68d040f036d5fb",
        (("channel_3", "EMG biceps"),),
        electromyogram(16),
        16,
        "surface EMG, biceps brachii (no leg muscle)",
    ),
    Source(
        "emg_fatigue",
        "fc9accd86328e0c254ad5ae279e5ec633de95bf742f72e1884e080ad3751586d",
        (("channel_2", "EMG biceps"),),
        electromyogram(12),
        12,
        "surface EMG, biceps brachii (no leg muscle)",
    ),
    Source(
        "sync_acc_1",
        "6c4003208f496ddfe3e1a718ea3d47ddf43e38ce830b66c08af392f315a31e86",
        (("channel_1", "ACC X"), ("channel_2", "ACC Y"), ("channel_3", "ACC Z")),
        ACCELEROMETER,
        16,
        "accelerometer moved by hand, on no leg",
    ),
)


def convert(package: str | PathLike[str], out_dir: str | PathLike[str]) -> tuple[Path, ...]:
    """Convert the chosen files of the package to EDF+.

    Parameters
    ----------
    package
        Wheel of biosignalsnotebooks 0.6.14, or the folder it was unpacked in.
    out_dir
        Folder for the EDF+ files and the licence text.

    Returns
    -------
    tuple of pathlib.Path
        What was written.

    Raises
    ------
    RecordingError
        A file is missing or is another than the one this was written for.
    """
    folder = Path(out_dir)
    with write_folder(folder) as part:
        for source in SOURCES:
            content = _read(Path(package), SIGNALS / f"{source.name}.h5")
            found = hashlib.sha256(content).hexdigest()
            if found != source.sha256:
                raise RecordingError(
                    f"{source.name}.h5 in {package} is not the file of {ORIGIN}: SHA-256"
                    f" {found}; download that version"
                )
            convert_one(source, content, part / f"{source.name}.edf")
        (part / "LICENSE.txt").write_bytes(_read(Path(package), LICENCE))
        names = sorted(path.name for path in part.iterdir())
    return tuple(folder / name for name in names)


def convert_one(source: Source, content: bytes, path: Path) -> None:
    """Write the OpenSignals HDF5 file `content` as the EDF+ file `path`."""
    import h5py

    with h5py.File(io.BytesIO(content), "r") as file:
        device = file[next(iter(file))]
        rate = int(device.attrs["sampling rate"])
        start = _start(str(device.attrs["date"]), str(device.attrs["time"]))
        raw = [np.asarray(device["raw"][name]).ravel() for name, _ in source.labels]
    per_record = _record_samples(raw[0].size, rate)
    # EDF holds signed 16-bit numbers; a 16-bit converter counts from 0.
    shift = 1 << 15 if source.bits == 16 else 0
    last = (1 << source.bits) - 1
    scale = source.scale
    signals = [
        EdfSignal(
            label=label,
            unit=scale.unit,
            physical_min=scale.offset,
            physical_max=last * scale.gain + scale.offset,
            digital_min=-shift,
            digital_max=last - shift,
            samples_per_record=per_record,
            transducer=source.about,
            prefilter="",
        )
        for _, label in source.labels
    ]
    block: list[NDArray[Any]] = [values.astype(np.int32) - shift for values in raw]
    write_edf(
        path,
        signals,
        [block],
        start=start,
        record_s=per_record / rate,
        recording=f"X X {ORIGIN} {source.name} MIT_PLUX",
    )


def main(arguments: list[str] | None = None) -> int:
    """Convert what the arguments name; return 1 where that fails."""
    parser = argparse.ArgumentParser(prog="python -m crampwatch.sample_data.convert")
    parser.add_argument("package", help="wheel of biosignalsnotebooks 0.6.14, or its folder")
    parser.add_argument("out", help="folder for the EDF+ files")
    chosen = parser.parse_args(arguments)
    try:
        written = convert(chosen.package, chosen.out)
    except CrampwatchError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("".join(f"{path}\n" for path in written))
    return 0


def _read(package: Path, member: PurePosixPath) -> bytes:
    try:
        if package.is_dir():
            return package.joinpath(*member.parts).read_bytes()
        with zipfile.ZipFile(package) as wheel:
            return wheel.read(str(member))
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise RecordingError(
            f"{package} does not give {member.name} ({error}); name the wheel of {ORIGIN}"
            " or the folder it was unpacked in"
        ) from error


def _start(date: str, time: str) -> datetime:
    year, month, day = (int(part) for part in date.split("-"))
    hour, minute, second = time.split(":")
    # OpenSignals writes local time without a zone.
    return datetime(  # noqa: DTZ001
        year, month, day, int(hour), int(minute), int(float(second))
    )


def _record_samples(count: int, rate: int) -> int:
    """Return the longest record of up to a second that divides the recording."""
    return max(size for size in range(1, rate + 1) if count % size == 0)


if __name__ == "__main__":
    sys.exit(main())
