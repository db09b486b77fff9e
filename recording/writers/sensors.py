"""The streams of a night by sensor, and names that fit a file."""

from __future__ import annotations

import re
import unicodedata

from ..model import Night, Stream


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


def header_fields(night: Night) -> tuple[str, str]:
    """Return the patient and the recording field of EDF+: nobody, and the device.

    A simulated night says so in both.
    """
    words = "_".join(" ".join(night.devices[:1]).split())
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    device = plain[:50] or "X"
    if not says_simulated(night):
        return "X X X X", f"X X {device}"
    if "simulat" not in device.lower():
        device = "SIMULATED"
    return "SIMULATED X X Nobody", f"SIMULATED X {device}"
