"""OpenBCI Ganglion over BLE: four channels at 200 Hz, firmware 2 and 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..framing.integers import fields_msb, int24_be
from ..framing.notifications import arrivals, battery_events, stack
from ..framing.unwrap import Items, Numbered, Unwrapper
from ..model import (
    Commands,
    Decoded,
    DeviceEvent,
    Driver,
    Gap,
    LossReason,
    Packet,
    Rejected,
    Samples,
    StreamSpec,
    Write,
)
from ..registry import DriverInfo
from ..settings import Setting, choice, rate

SERVICE = "fe84"
DATA = "2d30c082-f39f-4ce6-923f-3484ea480596"
COMMAND = "2d30c083-f39f-4ce6-923f-3484ea480596"
SIZE = 20
ACCEL_HZ = 10.0
UV_PER_COUNT = 1.2e6 / (8388607 * 1.5 * 51)
G_PER_COUNT = 0.016
IMPEDANCE, TEXT = range(201, 206), range(206, 208)


class Ganglion(Driver):
    """Packets of two samples of four channels, packed into 18 or 19 bits, to samples.

    Firmware 3 sends the upper bits of each sample. Firmware 2 sends differences, so that
    what follows a loss cannot be read until the next whole sample, once a second: those
    packets count as lost (``baseline``).
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._rate: float = settings["fs"]
        self._old = settings["firmware"] == "2"
        self._round = 201 if self._old else 200
        self.streams = (
            StreamSpec(
                "exg",
                "emg",
                tuple(f"ch{number}_uV" for number in range(1, 5)),
                "uV",
                self._rate,
                np.full(4, UV_PER_COUNT),
                np.zeros(4),
                calibrated=True,
                raw_limits=(-(2**23), 2**23 - 1),
                counter_modulus=self._round,
            ),
            StreamSpec(
                "accel",
                "acc",
                ("x_g", "y_g", "z_g"),
                "g",
                ACCEL_HZ,
                np.full(3, G_PER_COUNT),
                np.zeros(3),
                calibrated=True,
                raw_limits=(-128, 127),
            ),
        )
        self._numbers = Unwrapper("exg", self._round, self._rate)
        self._accel = _Accel(self._round, self._rate)
        self._deltas = _Deltas()

    def feed(self, packets: Sequence[Packet]) -> Decoded:
        """See `Driver.feed`."""
        return self._decode(packets, final=False)

    def finish(self) -> Decoded:
        """See `Driver.finish`."""
        return self._decode((), final=True)

    def _decode(self, packets: Sequence[Packet], *, final: bool) -> Decoded:
        good, bad, events = self._sort(packets)
        rows = stack(good, SIZE)
        ids = rows[:, 0].astype(np.int64)
        if self._old:
            place = np.where(ids == 0, 0, 2 * ((ids - 1) % 100) + 1)
            length = np.where(ids == 0, 1, 2)
        else:
            place, length = 2 * (ids % 100), np.full(len(ids), 2)
        items = Items(
            place,
            length,
            arrivals(good),
            np.zeros(len(rows)),
            np.zeros(len(rows), np.bool_),
            rows,
        )
        done = self._numbers.push(items, final=final)
        exg, gaps = self._exg(done)
        accel, accel_gaps = self._accel.take(done)
        return Decoded(exg + accel, gaps + accel_gaps, tuple(bad), tuple(events))

    def _sort(
        self, packets: Sequence[Packet]
    ) -> tuple[list[Packet], list[Rejected], list[DeviceEvent]]:
        good, bad, events = [], [], battery_events(packets)
        highest = 200 if self._old else 199
        for packet in packets:
            if packet.channel.lower() != DATA:
                continue
            data, time = packet.data, packet.arrival_s
            if not data:
                bad.append(Rejected(0, "empty", time))
            elif data[0] in IMPEDANCE or data[0] in TEXT:
                words = data[1:].decode("latin-1").strip("\0 Z\r\n")
                kind = "impedance" if data[0] in IMPEDANCE else "text"
                events.append(DeviceEvent(kind, float(data[0] - 200), words, arrival_s=time))
            elif data[0] > highest:
                bad.append(Rejected(len(data), f"unknown packet id {data[0]}", time))
            elif len(data) != SIZE:
                bad.append(Rejected(len(data), "wrong length", time))
            else:
                good.append(packet)
        return good, bad, events

    def _exg(self, done: Numbered) -> tuple[tuple[Samples, ...], tuple[Gap, ...]]:
        rows = done.items.rows
        if self._old:
            return self._deltas.take(done, self._rate)
        if not len(done):
            return (), done.gaps
        narrow = rows[:, 0] < 100
        raw = np.empty((len(rows), 8), np.int32)
        for which, width in ((narrow, 18), (~narrow, 19)):
            if which.any():
                raw[which] = _signed(rows[which, 1:], width) << (24 - width)
        index = (done.first[:, None] + np.arange(2)).ravel()
        arrival = np.repeat(done.items.arrival_s, 2)
        samples = Samples("exg", raw.reshape(-1, 4), index, index / self._rate, arrival)
        return (samples,), done.gaps


def _signed(data: NDArray[np.uint8], width: int) -> NDArray[np.int32]:
    """Return packed fields whose lowest bit is their sign, that bit cleared."""
    fields = fields_msb(data, width, 8)
    return (fields & ~1) - ((fields & 1) << width)


class _Deltas:
    """Firmware 2: samples as differences from the one before, and a whole one now and then."""

    def __init__(self) -> None:
        self._value: NDArray[np.int64] | None = None
        self._expected = 0
        self._origin: int | None = None
        self._waiting = _Waiting()

    def take(
        self, done: Numbered, rate_hz: float
    ) -> tuple[tuple[Samples, ...], tuple[Gap, ...]]:
        if not len(done):
            return (), ()
        rows, first, length = done.items.rows, done.first, done.items.length
        whole = rows[:, 0] == 0
        broken = first != np.concatenate(([self._expected], first[:-1] + length[:-1]))
        broken[0] |= self._value is None
        anew = [gap.index + gap.lost for gap in done.gaps if gap.reason == "restart"]
        broken |= np.isin(first, anew)
        run = np.cumsum(whole | broken)
        heads = np.flatnonzero(np.diff(run, prepend=-1))
        good = np.repeat(whole[heads] | ~broken[heads], np.diff(np.append(heads, len(rows))))
        values = self._values(rows, whole, heads, good)
        gaps = self._gaps(done, good)
        self._expected = int(first[-1] + length[-1])
        keep = np.stack((good, good & ~whole), axis=1).ravel()
        if not keep.any():
            return (), gaps
        number = (first[:, None] + np.arange(2)).ravel()[keep]
        arrival = np.repeat(done.items.arrival_s, 2)[keep]
        raw = values[keep].astype(np.int32)
        index = number - (self._origin or 0)
        return (Samples("exg", raw, index, number / rate_hz, arrival),), gaps

    def _values(
        self,
        rows: NDArray[np.uint8],
        whole: NDArray[np.bool_],
        heads: NDArray[np.int64],
        good: NDArray[np.bool_],
    ) -> NDArray[np.int64]:
        """Return two samples for each packet, shape ``(2 n, 4)``.

        The second of a whole packet repeats the first.
        """
        steps = np.zeros((len(rows), 8), np.int64)
        narrow = (rows[:, 0] <= 100) & ~whole
        for which, width in ((narrow, 18), (~narrow & ~whole, 19)):
            fields = fields_msb(rows[which, 1:], width, 8).astype(np.int64)
            steps[which] = fields - ((fields & 1) << width)
        steps = steps.reshape(-1, 4)
        total = -np.cumsum(steps, axis=0)
        base = np.zeros((len(heads), 4), np.int64)
        starts = whole[heads]
        base[starts] = int24_be(rows[heads[starts], 1:13])
        if not starts[0] and self._value is not None:
            base[0] = self._value
        before = np.concatenate((np.zeros((1, 4), np.int64), total))[2 * heads]
        lengths = np.diff(np.append(heads, len(rows))) * 2
        values = total + np.repeat(base - before, lengths, axis=0)
        self._value = values[-1] if good[-1] else None
        return values

    def _gaps(self, done: Numbered, good: NDArray[np.bool_]) -> tuple[Gap, ...]:
        """Return the gaps before readable packets, with what could not be read as one more."""
        gaps: list[Gap] = []
        left = list(done.gaps)
        borders = np.flatnonzero(np.diff(good.astype(np.int8), prepend=-1))
        for begin, end in zip(borders, [*borders[1:], len(good)], strict=True):
            start = int(done.first[begin])
            stop = int(done.first[end - 1] + done.items.length[end - 1])
            inside = [gap for gap in left if gap.index < stop]
            left = left[len(inside) :]
            if not good[begin]:
                dropped = int(done.items.length[begin:end].sum())
                if self._origin is not None:
                    self._waiting.add(inside, start, dropped)
                continue
            if self._origin is None:
                self._origin = start
                inside = [gap for gap in inside if gap.index > start]
            shift = self._origin
            gaps += [replace(gap, index=gap.index - shift) for gap in self._waiting.gaps()]
            self._waiting = _Waiting()
            gaps += [replace(gap, index=gap.index - shift) for gap in inside]
        return tuple(gaps)


@dataclass(slots=True)
class _Waiting:
    """What is missing since the last readable sample; it is a gap once another follows."""

    start: int | None = None
    lost: int = 0
    low: int = 0
    high: int | None = 0
    reason: LossReason = "counter"
    dropped: int = 0

    def add(self, gaps: Sequence[Gap], start: int, dropped: int) -> None:
        """Add gaps, and samples from `start` on that came and cannot be read."""
        if self.start is None:
            self.start = gaps[0].index if gaps else start
        for gap in gaps:
            self.lost += gap.lost
            self.low += gap.lost_low
            known = self.high is not None and gap.lost_high is not None
            self.high = (self.high or 0) + (gap.lost_high or 0) if known else None
            self.reason = gap.reason if self.reason != "restart" else "restart"
        self.dropped += dropped

    def gaps(self) -> list[Gap]:
        """Return the gaps, the unreadable samples as the last."""
        found = []
        if self.start is not None:
            if self.lost or self.reason == "restart":
                found.append(
                    Gap("exg", self.start, self.lost, self.low, self.high, self.reason)
                )
            after, count = self.start + self.lost, self.dropped
            found.append(Gap("exg", after, count, count, count, "baseline"))
        return found


class _Accel:
    """The accelerometer's axes, one in each of three packets out of ten."""

    def __init__(self, modulus: int, rate_hz: float) -> None:
        self._round, self._rate = modulus, rate_hz
        self._tail = np.empty((0, SIZE), np.uint8)
        self._tail_first = np.empty(0, np.int64)
        self._last: int | None = None
        self._index = 0

    def take(self, done: Numbered) -> tuple[tuple[Samples, ...], tuple[Gap, ...]]:
        back = len(self._tail)
        rows = np.concatenate((self._tail, done.items.rows))
        first = np.concatenate((self._tail_first, done.first))
        self._tail, self._tail_first = rows[-2:].copy(), first[-2:]
        ids = rows[:, 0].astype(np.int64)
        narrow = ids < 100 if self._round == 200 else (ids >= 1) & (ids <= 100)
        at = np.flatnonzero(narrow[2:] & narrow[1:-1] & narrow[:-2]) + 2
        at = at[(ids[at] % 10 == 3) & (first[at] - first[at - 2] == 4) & (at >= back)]
        at = at[ids[at] - ids[at - 2] == 2]
        if not len(at):
            return (), ()
        raw = np.stack([rows[at - 2, 19], rows[at - 1, 19], rows[at, 19]], axis=1)
        index, gaps = self._number(ids[at], first[at])
        arrival = done.items.arrival_s[at - back]
        samples = Samples(
            "accel", raw.view(np.int8).astype(np.int32), index, first[at] / self._rate, arrival
        )
        return (samples,), gaps

    def _number(
        self, ids: NDArray[np.int64], first: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], tuple[Gap, ...]]:
        # ten places in a round: packets 3, 13, ... 93
        position = 2 * ids - 1 if self._round == 201 else 2 * ids
        total = first + (position - first) % self._round
        place = 10 * (total // self._round) + ids // 10
        before = int(place[0]) - 1 if self._last is None else self._last
        step = np.maximum(1, np.diff(place, prepend=before))
        index = self._index - 1 + np.cumsum(step)
        self._last, self._index = int(place[-1]), int(index[-1]) + 1
        gaps = tuple(
            Gap("accel", int(index[i] - step[i] + 1), int(step[i] - 1), 0, None, "counter")
            for i in np.flatnonzero(step > 1)
        )
        return index, gaps


def _commands(_settings: Mapping[str, Any]) -> Commands:
    return Commands(
        start=(Write(b"n", COMMAND, pause_s=0.1), Write(b"b", COMMAND)),
        stop=(Write(b"s", COMMAND),),
        notify=(DATA,),
    )


DRIVER = DriverInfo(
    name="ganglion",
    title="OpenBCI Ganglion",
    transport="ble",
    wired_to_body=False,
    source="OpenBCI Documentation, Ganglion Data Format; OpenBCI_Ganglion_Library",
    settings=(
        Setting("firmware", "3", choice("2", "3"), "First digit of the firmware's version."),
        Setting("fs", 200.0, rate, "Sampling rate, Hz."),
    ),
    make=Ganglion,
    commands=_commands,
    battery_h=None,
    calibration="1.2 V reference over the fixed gain, by the data sheet",
    services=(SERVICE,),
    name_prefixes=("Ganglion", "Simblee"),
)
