"""OpenBCI Cyton: eight channels of 24 bits at 250 Hz, over its USB radio dongle."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..framing.integers import int16, int24_be, uint32_be
from ..framing.rules import FrameRules
from ..framing.scanner import Frames, FrameScanner
from ..framing.serial import damaged
from ..framing.unwrap import Items, Unwrapper
from ..model import (
    Commands,
    Decoded,
    DeviceEvent,
    Driver,
    Gap,
    Packet,
    Samples,
    StreamSpec,
    Write,
)
from ..registry import DriverInfo
from ..settings import Setting, numbers, rate

SIZE = 33
ROUND = 256
ACCEL_HZ = 25.0
G_PER_COUNT = 0.002 / 16
VOLTS_FULL_SCALE = 4.5e6
FULL_SCALE = 2**23 - 1
WITH_ACCEL, SET_ACCEL, TIMED_ACCEL, SET_AUX, TIMED_AUX = 0xC0, 0xC3, 0xC4, 0xC5, 0xC6
JUMP_MS = 2000


def _valid(rows: NDArray[np.uint8]) -> NDArray[np.bool_]:
    stop = rows[:, 32]
    return np.asarray((rows[:, 0] == 0xA0) & (stop >= WITH_ACCEL) & (stop <= TIMED_AUX))


def _counter(rows: NDArray[np.uint8]) -> NDArray[np.int64]:
    return rows[:, 1].astype(np.int64)


def _steps(before: NDArray[np.int64], after: NDArray[np.int64]) -> NDArray[np.int64]:
    return (after - before) % ROUND


RULES = FrameRules(SIZE, b"\xa0", _valid, _counter, _steps, sure=2)


class Cyton(Driver):
    """Frames of the radio dongle to samples.

    The frames carry no checksum, so that damage inside one cannot be seen, and a counter of
    eight bits; where the board stamps its samples (``<`` command), long losses are exact.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        gain = np.array(settings["gain"], np.float64)
        self._rate: float = settings["fs"]
        self.streams = (
            StreamSpec(
                "exg",
                "emg",
                tuple(f"ch{number}_uV" for number in range(1, 9)),
                "uV",
                self._rate,
                np.broadcast_to(VOLTS_FULL_SCALE / FULL_SCALE / gain, (8,)).copy(),
                np.zeros(8),
                calibrated=True,
                raw_limits=(-(2**23), 2**23 - 1),
                counter_modulus=ROUND,
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
                raw_limits=(-(2**15), 2**15 - 1),
            ),
        )
        self._scanner = FrameScanner(RULES)
        self._numbers = Unwrapper("exg", ROUND, self._rate, checked=False)
        self._stamp: int | None = None
        self._clock = _Clock(self._rate)
        self._accel = _Accel(self._rate)

    def feed(self, packets: Sequence[Packet]) -> Decoded:
        """See `Driver.feed`."""
        return self._decode(self._scanner.feed(packets), final=False)

    def finish(self) -> Decoded:
        """See `Driver.finish`."""
        return self._decode(self._scanner.finish(), final=True)

    def _decode(self, frames: Frames, *, final: bool) -> Decoded:
        if frames.nothing and not final:
            return Decoded()
        items, events = self._items(frames)
        done = self._numbers.push(items, final=final)
        if not len(done):
            return Decoded((), done.gaps, frames.rejected, events)
        rows, arrival = done.items.rows, done.items.arrival_s
        device = self._clock.seconds(done.first, _stamps(rows))
        events += tuple(
            DeviceEvent("time", device_s=float(device[row]), arrival_s=float(arrival[row]))
            for row in np.flatnonzero((rows[:, 32] == SET_ACCEL) | (rows[:, 32] == SET_AUX))
        )
        exg = Samples("exg", int24_be(rows[:, 2:26]), done.first, device, arrival)
        accel, gaps = self._accel.take(rows, done.first, device, arrival)
        samples = (exg, accel) if len(accel) else (exg,)
        return Decoded(samples, done.gaps + gaps, frames.rejected, events)

    def _items(self, frames: Frames) -> tuple[Items, tuple[DeviceEvent, ...]]:
        rows, count = frames.rows, len(frames)
        restart = np.zeros(count, np.bool_)
        events = []
        for row, text in frames.texts.items():
            if row < count and (b"$$$" in text or b"OpenBCI" in text):
                restart[row] = True
                words = text.decode("ascii", "replace")
                events.append(
                    DeviceEvent("restart", text=words, arrival_s=frames.arrival_s[row])
                )
        missing = damaged(frames)
        stamp = _stamps(rows)
        if count:
            known = -1 if self._stamp is None else self._stamp
            before = np.concatenate(([known], stamp[:-1]))
            usable = (stamp >= 0) & (before >= 0)
            usable &= (rows[:, 32] != SET_ACCEL) & (rows[:, 32] != SET_AUX)
            step = stamp - before
            restart |= usable & (step < 0)
            usable &= step >= 0
            missing[usable] = step[usable] * (self._rate / 1000.0) - 1.0
            self._stamp = int(stamp[-1])
        items = Items(
            rows[:, 1].astype(np.int64),
            np.ones(count, np.int64),
            frames.arrival_s,
            missing,
            restart,
            rows,
        )
        return items, tuple(events)


def _stamps(rows: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the board's milliseconds, -1 in frames without."""
    return np.where(rows[:, 32] >= SET_ACCEL, uint32_be(rows[:, 28:32]), -1)


class _Clock:
    """Running number and stamps, where there are any, to seconds without a jump."""

    def __init__(self, rate_hz: float) -> None:
        self._rate = rate_hz
        self._base: float | None = None
        self._ahead = 0.0  # device seconds minus number / rate, of the last frame

    def seconds(
        self, number: NDArray[np.int64], stamp: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        nominal = number / self._rate
        timed = np.flatnonzero(stamp >= 0)
        if not len(timed):
            return nominal + self._ahead
        offset = stamp[timed] / 1000.0 - nominal[timed]
        start = math.nan if self._base is None else self._base + self._ahead
        jumps = np.abs(np.diff(offset, prepend=start)) <= JUMP_MS / 1000.0
        ahead = np.empty(len(timed))
        borders = [*np.flatnonzero(~jumps), len(timed)]
        if self._base is not None:
            ahead[: borders[0]] = offset[: borders[0]] - self._base
        last = ahead[borders[0] - 1] if borders[0] else self._ahead
        for begin, end in pairwise(borders):
            self._base = float(offset[begin] - last)
            ahead[begin:end] = offset[begin:end] - self._base
            last = ahead[end - 1]
        which = np.searchsorted(timed, np.arange(len(number)), side="right")
        every = np.concatenate(([self._ahead], ahead))[which]
        self._ahead = float(ahead[-1])
        return np.asarray(nominal + every)


class _Accel:
    """The accelerometer's samples, spread over the auxiliary bytes of the frames."""

    def __init__(self, rate_hz: float) -> None:
        self._per_frame = ACCEL_HZ / rate_hz
        self._tail = np.empty((0, SIZE), np.uint8)
        self._tail_number = np.empty(0, np.int64)
        self._last: tuple[int, int, bool] | None = None  # frame, place in the round, timed
        self._index = 0

    def take(
        self,
        rows: NDArray[np.uint8],
        number: NDArray[np.int64],
        device: NDArray[np.float64],
        arrival: NDArray[np.float64],
    ) -> tuple[Samples, tuple[Gap, ...]]:
        back = len(self._tail)
        all_rows = np.concatenate((self._tail, rows))
        all_number = np.concatenate((self._tail_number, number))
        self._tail, self._tail_number = all_rows[-2:].copy(), all_number[-2:]
        whole = (rows[:, 32] == WITH_ACCEL) & rows[:, 26:32].any(axis=1)
        spread = _last_axis(all_rows, all_number)[back:]
        at = np.flatnonzero(whole | spread)
        raw = int16(rows[at, 26:32], ">i2")
        timed = spread[at]
        for axis in range(3):
            source = all_rows[at[timed] + back + axis - 2]
            raw[timed, axis] = int16(source[:, 26:28], ">i2")[:, 0]
        index, gaps = self._number(number[at], rows[at, 1], timed)
        return Samples("accel", raw, index, device[at], arrival[at]), gaps

    def _number(
        self, frame: NDArray[np.int64], counter: NDArray[np.uint8], timed: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], tuple[Gap, ...]]:
        if not len(frame):
            return frame, ()
        # a round of 256 frames holds 25 places for a spread sample: 9, 19, ... 249
        total = frame + (counter - frame) % ROUND
        place = 25 * (total // ROUND) + counter // 10
        first = self._last or (int(frame[0]), int(place[0]), bool(timed[0]))
        frames = np.diff(frame, prepend=first[0])
        step = np.maximum(1, np.rint(frames * self._per_frame).astype(np.int64))
        both = timed & np.concatenate(([first[2]], timed[:-1]))
        step[both] = np.maximum(1, np.diff(place, prepend=first[1])[both])
        if self._last is None:
            step[0] = 0
            self._index = 0
        index = self._index + np.cumsum(step)
        self._index = int(index[-1])
        self._last = int(frame[-1]), int(place[-1]), bool(timed[-1])
        gaps = tuple(
            Gap("accel", int(index[i] - step[i] + 1), int(step[i] - 1), 0, None, "counter")
            for i in np.flatnonzero(step > 1)
        )
        return index, gaps


def _last_axis(rows: NDArray[np.uint8], number: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which frames bring Z right after X and Y."""
    found = np.zeros(len(rows), np.bool_)
    if len(rows) < 3:
        return found
    sort = (rows[:, 32] == SET_ACCEL) | (rows[:, 32] == TIMED_ACCEL)
    found[2:] = (
        (rows[2:, 1] % 10 == 9)
        & sort[2:]
        & sort[1:-1]
        & sort[:-2]
        & (number[2:] - number[:-2] == 2)
        & (rows[:-2, 1] % 10 == 7)
    )
    return found


def _commands(settings: Mapping[str, Any]) -> Commands:
    index = {1.0: 0, 2.0: 1, 4.0: 2, 6.0: 3, 8.0: 4, 12.0: 5, 24.0: 6}
    gains = settings["gain"]
    gains = gains * 8 if len(gains) == 1 else gains
    channels = tuple(
        Write(f"x{number}0{index[gain]}0110X".encode(), pause_s=0.05)
        for number, gain in enumerate(gains, 1)
        if gain in index
    )
    return Commands(
        start=(Write(b"v", pause_s=1.0), Write(b"d", pause_s=0.2), *channels, Write(b"b")),
        stop=(Write(b"s"),),
    )


DRIVER = DriverInfo(
    name="cyton",
    title="OpenBCI Cyton (8 channels, USB dongle)",
    transport="serial",
    wired_to_body=False,
    source="OpenBCI Documentation, Cyton Data Format",
    settings=(
        Setting(
            "gain",
            (24.0,),
            numbers((1, 8), 0.1, 1000.0),
            "Gain of the amplifier: one number, or one for each channel.",
        ),
        Setting("fs", 250.0, rate, "Sampling rate, Hz."),
    ),
    make=Cyton,
    commands=_commands,
    battery_h=26.0,
    calibration="4.5 V reference over gain, by the data sheet; electrodes not included",
    baud=115200,
)
