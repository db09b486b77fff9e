"""Samples of somebody else's software as frames of the open protocol.

With these, a source that gives numbers instead of bytes is one more transport: the
open-sensor driver reads it, and links, journal and ``decode`` need nothing new.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ....recording.model import Kind
from ... import open_protocol as protocol
from ...open_protocol import Frame, FrameType, Info, StreamInfo

STEPS = {"uV": 2.0**-10, "g": 2.0**-20, "deg/s": 2.0**-12, "count": 1.0}
"""Size of a count by unit: powers of two, which INFO holds exactly. Of 32 bits, up to
2.1 V, 2048 g and 524,288 deg/s."""

UNITS: dict[str, tuple[str, float]] = {
    "nv": ("uV", 1e-3),
    "uv": ("uV", 1.0),
    "µv": ("uV", 1.0),
    "μv": ("uV", 1.0),
    "microvolt": ("uV", 1.0),
    "microvolts": ("uV", 1.0),
    "mv": ("uV", 1e3),
    "millivolt": ("uV", 1e3),
    "millivolts": ("uV", 1e3),
    "v": ("uV", 1e6),
    "volt": ("uV", 1e6),
    "volts": ("uV", 1e6),
    "g": ("g", 1.0),
    "mg": ("g", 1e-3),
    "m/s2": ("g", 1 / 9.80665),
    "m/s^2": ("g", 1 / 9.80665),
    "m/s²": ("g", 1 / 9.80665),
    "deg/s": ("deg/s", 1.0),
    "dps": ("deg/s", 1.0),
    "rad/s": ("deg/s", 180.0 / np.pi),
    "count": ("count", 1.0),
    "counts": ("count", 1.0),
}
"""What a unit is written as, the unit kept, and the factor between them."""

MOST_CHANNELS = 32
WIDTH = 4
LIMIT = (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class Group:
    """Channels of a source that become one stream.

    Attributes
    ----------
    name
        At most eight letters.
    kind
        What they measure.
    unit
        A key of `STEPS`.
    factor
        From the source's unit to `unit`.
    columns
        Where they are in the source, at most `MOST_CHANNELS`.
    calibrated
        Whether the source's unit can be trusted.
    """

    name: str
    kind: Kind
    unit: str
    factor: float
    columns: tuple[int, ...]
    calibrated: bool = True


class SampleFrames:
    """Packs samples of one source, all of one rate, as INFO and DATA frames.

    Parameters
    ----------
    name
        Of the source.
    groups
        At most `open_protocol.MOST_STREAMS`.
    rate_hz
        Nominal sampling rate, at least 0.001 Hz.
    boot
        Drawn anew for each connection.

    Attributes
    ----------
    clipped
        Values beyond what 32 bits hold, given as the limit.
    """

    def __init__(self, name: str, groups: Sequence[Group], rate_hz: float, boot: int) -> None:
        self.clipped = 0
        self._groups = tuple(groups)
        self._boot = boot
        self._infos = 0
        streams = tuple(
            StreamInfo(
                number,
                group.kind,
                WIDTH,
                len(group.columns),
                round(rate_hz * 1000),
                STEPS[group.unit],
                8 * WIDTH,
                group.calibrated,
                group.unit,
                group.name,
            )
            for number, group in enumerate(self._groups)
        )
        self._info = Info(boot, 0, 0, protocol.IS_WIRED, name, streams)

    def info(self, t_us: int) -> bytes:
        """Return what the source is, as a frame."""
        self._infos += 1
        return self._frame(FrameType.INFO, 0, self._infos, t_us, self._info.pack())

    def time(self, host_us: int, t_us: int) -> bytes:
        """Return the answer to a TIME command that came at `t_us` of the source's clock."""
        return self._frame(FrameType.TIME, 0, 0, t_us, protocol.pack_time(host_us, t_us))

    def data(
        self, values: NDArray[np.float64], numbers: NDArray[np.int64], t_us: NDArray[np.int64]
    ) -> Iterator[tuple[bytes, int]]:
        """Yield frames, and for each the row of its last sample.

        Parameters
        ----------
        values
            Shape ``(n, n_columns)``, in the source's units. A row with a value that is not
            finite is missing.
        numbers
            Shape ``(n,)``: running numbers of the rows.
        t_us
            Shape ``(n,)``: the source's clock, microseconds.
        """
        for number, group in enumerate(self._groups):
            chosen = values[:, group.columns]
            rows = np.flatnonzero(np.isfinite(chosen).all(axis=1))
            counts = np.rint(chosen[rows] * (group.factor / STEPS[group.unit]))
            self.clipped += int(np.count_nonzero(np.abs(counts) > LIMIT))
            raw = np.clip(counts, -LIMIT, LIMIT).astype("<i4")
            most = protocol.MOST_PAYLOAD // (WIDTH * len(group.columns))
            for start, stop in _runs(numbers[rows], most):
                row = rows[start]
                yield (
                    self._frame(
                        FrameType.DATA,
                        number,
                        int(numbers[row]),
                        int(t_us[row]),
                        raw[start:stop].tobytes(),
                    ),
                    int(rows[stop - 1]),
                )

    def _frame(self, kind: FrameType, stream: int, seq: int, t_us: int, body: bytes) -> bytes:
        flags = self._boot & protocol.BOOT_MASK
        return Frame(kind, stream, flags, seq % (1 << 32), max(0, t_us), body).pack()


def groups_of(
    names: Sequence[str], kinds: Sequence[Kind], units: Sequence[str]
) -> tuple[Group, ...]:
    """Return columns put together by kind and unit, in their order.

    Parameters
    ----------
    names
        For each column what its stream may be called.
    kinds, units
        For each column; the units are keys of `UNITS`.
    """
    members: dict[tuple[Kind, str], list[int]] = {}
    for column, (kind, unit) in enumerate(zip(kinds, units, strict=True)):
        members.setdefault((kind, unit.strip().lower()), []).append(column)
    groups = []
    for (kind, unit), columns in members.items():
        kept, factor = UNITS[unit]
        for first in range(0, len(columns), MOST_CHANNELS):
            part = tuple(columns[first : first + MOST_CHANNELS])
            known = kept != "count"
            groups.append(Group(names[part[0]], kind, kept, factor, part, known))
    return tuple(groups)


def _runs(numbers: NDArray[np.int64], most: int) -> Iterator[tuple[int, int]]:
    """Yield where runs of following numbers start and stop, none longer than `most`."""
    if not len(numbers):
        return
    cuts = np.flatnonzero(np.diff(numbers) != 1) + 1
    edges = [0, *(int(cut) for cut in cuts), len(numbers)]
    for start, stop in pairwise(edges):
        for first in range(start, stop, most):
            yield first, min(first + most, stop)
