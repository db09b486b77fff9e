"""The streams of a night by sensor, and names that fit a file."""

from __future__ import annotations

import re
import unicodedata

from ..model import Night, Stream

_DEVICE = 80 - len("Startdate 01-JAN-2000 SIMULATED X ")


def by_sensor(night: Night) -> dict[str, tuple[Stream, ...]]:
    """Return the streams that hold samples, by the name of their sensor, in order.

    A night that names no sensors has one, of the name ``""``.
    """
    found: dict[str, list[Stream]] = {}
    for stream in night.streams:
        if stream.n_samples:
            found.setdefault(stream.sensor, []).append(stream)
    return {name: tuple(streams) for name, streams in found.items()}


def file_name(text: str) -> str:
    """Return `text` as part of a file name: ASCII letters, digits, ``-`` and ``_``."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_-]+", "-", plain).strip("-")[:80]


def bids_label(text: str) -> str:
    """Return `text` as a BIDS label: ASCII letters and digits only."""
    return re.sub(r"[^A-Za-z0-9]+", "", file_name(text))


def says_simulated(night: Night) -> bool:
    """Return whether the recording itself says that it is simulated."""
    name = night.source.name if night.source else ""
    return any("simulat" in text.lower() for text in (name, *night.notes, *night.devices))


def device_of(night: Night, sensor: str) -> str:
    """Return what the night says of the device of a sensor, without its name."""
    own = [each for each in night.devices if sensor and each.startswith(f"{sensor}:")]
    return " ".join((own or night.devices or ("",))[0].removeprefix(f"{sensor}:").split())


def header_fields(night: Night, sensor: str = "") -> tuple[str, str]:
    """Return the patient and the recording field of EDF+: nobody, and the device.

    A simulated night says so in both.
    """
    words = unicodedata.normalize("NFKD", device_of(night, sensor).replace(" ", "_"))
    device = words.encode("ascii", "ignore").decode() or "X"
    if not says_simulated(night):
        return "X X X X", f"X X {device[:_DEVICE]}"
    if "simulat" not in device[:_DEVICE].lower():
        device = f"SIMULATED_{device}"
    return "SIMULATED X X Nobody", f"SIMULATED X {device[:_DEVICE]}"
