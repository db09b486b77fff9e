"""EDF files built byte by byte, so that headers can lie."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest


@dataclass(frozen=True)
class RawSignal:
    """One signal of a hand-made EDF file; `records` has shape (n_records, samples)."""

    label: str
    records: np.ndarray
    unit: str = "uV"
    physical: tuple[str, str] = ("-3276.8", "3276.7")
    digital: tuple[str, str] = ("-32768", "32767")
    samples: str | None = None


@dataclass(frozen=True)
class RawEdf:
    """A hand-made EDF file; every header field can be replaced."""

    signals: Sequence[RawSignal] = ()
    tals: Sequence[bytes] = ()
    record_s: str = "1"
    reserved: str = ""
    width: int = 2
    count: str | None = None
    n_signals: str | None = None
    header_bytes: str | None = None
    start: str = "22.11.2623.15.00"
    recording: str = "Startdate 22-NOV-2026 X X X"
    tal_bytes: int = 60
    tail: bytes = field(default=b"")

    def build(self) -> bytes:
        n_records = len(self.tals) or len(self.signals[0].records)
        blocks = [_octets(signal.records, self.width) for signal in self.signals]
        rows = list(self.signals)
        if self.tals:
            kind = "BDF" if self.width == 3 else "EDF"
            text = [tal.ljust(self.tal_bytes, b"\0") for tal in self.tals]
            blocks.append(np.frombuffer(b"".join(text), np.uint8).reshape(n_records, -1))
            marks = np.empty((n_records, self.tal_bytes // self.width))
            rows.append(RawSignal(f"{kind} Annotations", marks, "", ("-1", "1")))
        n = len(rows)
        head = b"".join(
            _field(text, width)
            for text, width in (
                ("X X X X", 80),
                (self.recording, 80),
                (self.start, 16),
                (self.header_bytes or str(256 * (n + 1)), 8),
                (self.reserved, 44),
                (self.count or str(n_records), 8),
                (self.record_s, 8),
                (self.n_signals or str(n), 4),
            )
        )
        columns = (
            ([row.label for row in rows], 16),
            ([""] * n, 80),
            ([row.unit for row in rows], 8),
            ([row.physical[0] for row in rows], 8),
            ([row.physical[1] for row in rows], 8),
            ([row.digital[0] for row in rows], 8),
            ([row.digital[1] for row in rows], 8),
            ([""] * n, 80),
            ([row.samples or str(row.records.shape[1]) for row in rows], 8),
            ([""] * n, 32),
        )
        head += b"".join(_field(text, width) for texts, width in columns for text in texts)
        version = b"\xffBIOSEMI" if self.width == 3 else b"0       "
        data = np.concatenate(blocks, axis=1).tobytes() if blocks else b""
        return version + head + data + self.tail

    def but(self, **changes: object) -> RawEdf:
        return replace(self, **changes)


def _field(text: str, width: int) -> bytes:
    return text.encode("latin-1").ljust(width)[:width]


def _octets(records: np.ndarray, width: int) -> np.ndarray:
    octets = np.ascontiguousarray(records.astype("<i4")).view(np.uint8)
    octets = octets.reshape(records.shape[0], records.shape[1], 4)[:, :, :width]
    return np.ascontiguousarray(octets).reshape(records.shape[0], -1)


@pytest.fixture
def signal() -> type[RawSignal]:
    return RawSignal


@pytest.fixture(scope="session")
def edf() -> RawEdf:
    """Ten seconds: EMG at 200 Hz, one axis at 20 Hz; numbers count up, so order shows."""
    emg = np.arange(2000).reshape(10, 200) % 1000 - 500
    acc = np.arange(200).reshape(10, 20)
    return RawEdf(
        (
            RawSignal("EMG L TA", emg),
            RawSignal("ACC L X", acc, "g", ("-2", "2"), ("-2048", "2047")),
        )
    )


@pytest.fixture
def discontinuous(edf: RawEdf) -> Callable[..., RawEdf]:
    """Return a maker of EDF+D files with the given record onsets."""

    def make(onsets: Sequence[str], **changes: object) -> RawEdf:
        tals = tuple(f"{onset}\x14\x14\0".encode() for onset in onsets)
        return edf.but(**({"tals": tals, "reserved": "EDF+D"} | changes))

    return make


@pytest.fixture
def put(tmp_path: Path) -> Callable[[bytes | str, str], Path]:
    """Return a function that puts bytes or text into a file and returns its path."""

    def write(content: bytes | str, name: str = "night.edf") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write
