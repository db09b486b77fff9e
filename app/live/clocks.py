"""When samples were taken, told from what has arrived so far."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ...recording.clock import CRYSTAL_PPM, SAMPLING_PPM, CausalClock, packet_arrivals
from ...recording.journal.blocks import SampleBlock
from ...recording.journal.notes import Note
from ...recording.journal.streams import JournalStream

AHEAD_S = 1.0
"""No sample is taken after it arrived: by more than this, the clock has lost its way."""

LATE_S = 1800.0
"""No sensor keeps samples back for longer."""

MOST_BREAKS = 1024

Real = NDArray[np.float64]


class StreamClock:
    """The clock of one stream of one decoder, followed as the night goes on.

    Parameters
    ----------
    told
        The stream.
    """

    def __init__(self, told: JournalStream) -> None:
        self._drift_ppm = CRYSTAL_PPM if told.device_clock else SAMPLING_PPM
        self._rate_hz = told.rate_hz
        self._clock = CausalClock(self._drift_ppm)
        self._run: int | None = None

    def take(self, block: SampleBlock, run: int) -> None:
        """Learn from samples, in the order of arrival.

        Parameters
        ----------
        run
            Number of the stretch over which device times count without a break.
        """
        packets = packet_arrivals(block.device_s, block.arrival_s)
        if not len(packets):
            return
        for _ in range(2):
            self._clock.add(
                packets.device_s, packets.arrival_s, connection=block.connection, run=run
            )
            self._run = run
            newest = int(np.argmax(packets.device_s))
            host = self._clock.to_host(packets.device_s[newest : newest + 1])
            if _is_possible(float(host[0]), float(packets.arrival_s[newest])):
                return
            self._clock = CausalClock(self._drift_ppm)

    def taken_s(self, block: SampleBlock, run: int) -> tuple[float, float]:
        """Return the host's monotonic times of the first and the last sample of a block.

        Where nothing is known of its clock, the last one was taken when it arrived.
        """
        arrival_s = float(block.arrival_s[-1])
        ends = block.device_s[[0, -1]]
        if run == self._run and bool(np.isfinite(ends).all()):
            first, last = self._clock.to_host(ends).tolist()
            if _is_possible(last, arrival_s):
                return first, last
        return arrival_s - (len(block) - 1) / self._rate_hz, arrival_s


class Breaks:
    """Where the running numbers of streams begin to count anew, as the notes tell."""

    def __init__(self) -> None:
        self._certain: dict[tuple[str, str, int], _Numbers] = defaultdict(_Numbers)
        self._all: dict[tuple[str, str, int], _Numbers] = defaultdict(_Numbers)

    def hear(self, note: Note) -> None:
        """Take a note on a gap; others tell nothing."""
        if note.kind != "gap":
            return
        data = note.data
        try:
            key = str(note.sensor), str(data["stream"]), int(data.get("generation", 1))
            high = data.get("lost_high")
            exact = high is not None and int(high) == int(data["lost_low"])
            index, reason = int(data["index"]), str(data["reason"])
        except (ValueError, TypeError, LookupError, OverflowError):
            return
        if reason == "restart":
            self._certain[key].add(index)
        if reason == "restart" or not (exact or reason == "resent"):
            self._all[key].add(index)

    def cut(self, told: JournalStream, block: SampleBlock) -> Iterator[tuple[int, SampleBlock]]:
        """Yield the runs of a block, with their numbers.

        A device's own clock bridges what is uncertain in number only.
        """
        table = self._certain if told.device_clock else self._all
        numbers = table.get((told.sensor, told.stream, told.generation))
        if numbers is None:
            yield 0, block
            return
        runs = numbers.of(block.index)
        edges = [0, *(np.flatnonzero(np.diff(runs)) + 1).tolist(), len(block)]
        for first, stop in pairwise(edges):
            yield int(runs[first]), rows_of(block, slice(first, stop))


class _Numbers:
    """Numbers in order; the oldest are only counted."""

    def __init__(self) -> None:
        self._passed = 0
        self._numbers: list[int] = []

    def add(self, number: int) -> None:
        at = bisect_right(self._numbers, number)
        if at and self._numbers[at - 1] == number:
            return
        insort(self._numbers, number)
        if len(self._numbers) > MOST_BREAKS:
            del self._numbers[0]
            self._passed += 1

    def of(self, index: NDArray[np.int64]) -> NDArray[np.int64]:
        found = np.searchsorted(np.array(self._numbers, np.int64), index, side="right")
        return np.asarray(found + self._passed, np.int64)


def rows_of(block: SampleBlock, rows: slice | NDArray[np.intp]) -> SampleBlock:
    """Return some rows of a block."""
    if isinstance(rows, slice) and rows == slice(0, len(block)):
        return block
    return SampleBlock(
        block.index[rows],
        block.device_s[rows],
        block.arrival_s[rows],
        block.raw[rows],
        block.scale,
        block.connection,
    )


def _is_possible(host_s: float, arrival_s: float) -> bool:
    return -LATE_S <= host_s - arrival_s <= AHEAD_S
