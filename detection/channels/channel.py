"""One signal from raw numbers to cells and movements, in bounded memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...recording.annotations.calibration import Calibration, Span
from ...recording.model import Stream
from ..settings import Settings
from ..signal.baseline import MinuteTrack, Rest, opening, short_rest
from ..signal.blocks import BlockFeeder
from ..signal.bursts import MIN_RATE_HZ, Burst, BurstScanner
from ..signal.cells import CellTable
from ..signal.grid import Mode
from ..signal.measure import COLUMNS, EmgMeasure, Measured, MotionMeasure
from ..signal.quality import UNTRUSTED, Flag, is_dead, long_flat
from ..signal.scanner import Movement, MovementScanner

_Float = TypeVar("_Float", np.float32, np.float64)


@dataclass(frozen=True, slots=True)
class Found:
    """A movement on the envelope of one segment.

    Attributes
    ----------
    segment
        Segment it lies in.
    movement
        Hops of the segment's envelope.
    absolute
        Whether the microvolt thresholds found it, else the relative ones.
    """

    segment: int
    movement: Movement
    absolute: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """The envelope of one block, and the cells it fills."""

    segment: int
    envelope: NDArray[np.float32]
    short: NDArray[np.float32] | None
    first: int
    stop: int


class Channel:
    """The pipeline of one EMG or acceleration stream.

    Cells are kept for the night (about 100 bytes a second), the envelope only until the
    resting level under it is final.

    Parameters
    ----------
    stream
        What the signal is; its segments are not read.
    settings
        Settings of the detector.
    mode
        ``final`` or ``live``.
    """

    def __init__(self, stream: Stream, settings: Settings, mode: Mode) -> None:
        self.stream = stream
        self.settings = settings
        self.is_live = mode == "live"
        self.is_motion = stream.kind == "acc"
        measure = MotionMeasure if self.is_motion else EmgMeasure
        self.measure: EmgMeasure | MotionMeasure = measure(stream, settings.quality, mode)
        self.grid = self.measure.grid
        self.cells = CellTable({**COLUMNS, **self.measure.extra_columns})
        self.segment_starts: list[float] = []
        self.found: list[Found] = []
        self.bursts: list[tuple[int, Burst]] = []
        quantile = settings.baseline.minute_quantile
        self._rest = MinuteTrack(quantile)
        self._mains = MinuteTrack(quantile)
        self._feeder: BlockFeeder | None = None
        self._pieces: deque[_Piece] = deque()
        self._scanners: tuple[MovementScanner, MovementScanner] | None = None
        self._burst_scanner: BurstScanner | None = None
        self._scan_segment = -1
        self._short: Rest | None = None
        self._calibration: Calibration | None = None
        self._closed = False

    @property
    def newest_s(self) -> float:
        """End of the newest cell, seconds from the start of the night."""
        if not len(self.cells):
            return 0.0
        return float(self.cells.column("time_s")[-1]) + self.grid.cell_s

    def push(self, segment: int, start_s: float, raw: NDArray[Any]) -> None:
        """Take the next raw numbers, shape ``(n, n_axes)``.

        `segment` counts up by one at every gap; `start_s` is the time of its first sample.
        """
        if segment >= len(self.segment_starts):
            self._close_segment()
            self.segment_starts.append(start_s)
            self._feeder = BlockFeeder(self.grid, self.stream.gain, self.stream.offset)
        if self._feeder is not None:
            for block in self._feeder.feed(raw):
                self._keep(self.measure(block))
        self._scan(final=False)

    def set_aside(self, calibration: Calibration) -> None:
        """Keep a calibration out of what is scored; its rest still tells the resting level.

        To be called before the samples in it are pushed.
        """
        self._calibration = calibration

    def forget(self, before_s: float) -> None:
        """Give up what lies before a time, seconds; for a live engine that runs on."""
        times = self.cells.column("time_s")
        self.cells.forget(self.cells.first + int(np.searchsorted(times, before_s)))

    def close(self) -> None:
        """End the night: what waited for context is scored without it."""
        self._close_segment()
        self._closed = True
        self._short = self._judge_short()
        self._scan(final=True)
        self._flush()

    def flags(self, first: int, stop: int) -> NDArray[np.uint8]:
        """Return the quality flags of cells ``first`` to ``stop``."""
        reach = 2 + round(self.settings.quality.flat_min_s / self.grid.cell_s)
        low = max(self.cells.first, first - reach)
        high = min(self.cells.stop, stop + reach)
        flags = long_flat(
            self.cells.column("flags", low, high), self.grid.cell_s, self.settings.quality
        )
        if not self.is_motion:
            usual = self._follow(self._mains, low, high, self._usual_mains())
            mains = self.cells.column("mains", low, high)
            level = self.cells.column("level", low, high)
            rest = self.resting(low, high)
            with np.errstate(invalid="ignore"):
                lost = mains > self.settings.quality.mains_ratio * np.maximum(usual, rest)
                lost &= mains > 3.0 * level
                slow = self.cells.column("slow", low, high)
                peak = self.cells.column("peak", low, high)
                rule = self.settings.quality
                popped = (slow > rule.slow_ratio * peak) & (slow > rule.pop_ratio * rest)
                popped &= (peak > self.settings.movement.onset_ratio * rest) & ~lost
            flags[lost] |= np.uint8(Flag.ELECTRODE)
            flags[popped] |= np.uint8(Flag.POP)
        if self._calibration is not None:
            aside = self._touched(self._calibration.spans, low, high)
            flags[aside] |= np.uint8(Flag.SET_ASIDE)
        return flags[first - low : stop - low]

    def length_s(self, first: int, stop: int) -> NDArray[np.float64]:
        """Return the lengths of cells ``first`` to ``stop``, seconds."""
        hops = self.cells.column("hops", first, stop)
        return np.asarray(hops * self.grid.hop / self.stream.rate_hz, np.float64)

    def valid(self, first: int, stop: int) -> NDArray[np.bool_]:
        """Return whether cells ``first`` to ``stop`` can be trusted."""
        return np.asarray((self.flags(first, stop) & UNTRUSTED) == 0, np.bool_)

    def marred(self, first: int, stop: int) -> NDArray[np.bool_]:
        """Return whether the signal itself is at fault in cells ``first`` to ``stop``."""
        faults = UNTRUSTED & np.uint8(0xFF ^ Flag.SET_ASIDE)
        return np.asarray((self.flags(first, stop) & faults) != 0, np.bool_)

    def resting(self, first: int, stop: int) -> NDArray[np.float64]:
        """Return the resting level under cells ``first`` to ``stop``; NaN where unknown."""
        constant = None
        if self._short is not None:
            constant = np.nan if self._short.level is None else self._short.level
        return self._follow(self._rest, first, stop, constant)

    def audible(self, level: NDArray[_Float]) -> NDArray[_Float]:
        """Return resting levels, or what the converter can tell where that is more."""
        # Rest below the converter's step reads as zero, and any multiple of zero is zero.
        return np.maximum(level, level.dtype.type(0.3 * max(self.measure.converter.step, 0.0)))

    @property
    def unknown_reason(self) -> str:
        """Why the resting level is not known; empty where it is."""
        if self._short is not None:
            return self._short.reason
        resting = self.resting(self.cells.first, self.cells.stop)
        known = resting[np.isfinite(resting)]
        if known.size == 0:
            return "no minute holds ten seconds of usable signal"
        limit = self.settings.baseline.max_rest_uv
        if self.stream.calibrated and not self.is_motion and np.median(known) > limit:
            return f"its lowest level, {np.median(known):.0f} uV, is too high to be rest"
        return ""

    @property
    def is_dead(self) -> bool:
        """Whether the channel carries nothing but the noise of its converter."""
        low, high = self.measure.band_hz
        return is_dead(
            self.cells.column("wide"),
            self.cells.column("rms"),
            self.measure.converter.step,
            (high - low) / (0.5 * self.stream.rate_hz),
            self.settings.quality,
        )

    def _usual_mains(self) -> float | None:
        if self._short is None or not len(self.cells):
            return None
        return float(np.quantile(self.cells.column("mains"), 0.2))

    def _judge_short(self) -> Rest | None:
        """Judge a recording that is too short to be followed; None for a longer one."""
        flags = self.cells.column("flags")
        valid = long_flat(flags, self.grid.cell_s, self.settings.quality) == 0
        level, mains = self.cells.column("level"), self.cells.column("mains")
        if valid.any() and not self.is_motion:
            usual = np.quantile(mains[valid], 0.2)
            valid &= mains <= self.settings.quality.mains_ratio * np.maximum(usual, level)
        if valid.sum() * self.grid.cell_s >= self.settings.baseline.short_s:
            return None
        known = None
        if self._calibration is not None:
            cells = self._touched(self._calibration.rest, self.cells.first, self.cells.stop)
            known = level[valid & cells]
        return short_rest(
            level[valid],
            self.grid.cell_s,
            self.settings.baseline,
            calibrated=self.stream.calibrated and not self.is_motion,
            is_motion=self.is_motion,
            known=known,
        )

    def _touched(self, spans: Sequence[Span], first: int, stop: int) -> NDArray[np.bool_]:
        """Return which of the cells ``first`` to ``stop`` some stretches of time touch."""
        times = self.cells.column("time_s", first, stop)
        touched = np.zeros(times.size, np.bool_)
        for start, end in spans:
            touched |= (times > start - self.grid.cell_s) & (times < end)
        return touched

    def _follow(
        self, track: MinuteTrack, first: int, stop: int, constant: float | None
    ) -> NDArray[np.float64]:
        times = self.cells.column("time_s", first, stop)
        if constant is not None:
            return np.full(times.size, constant)
        minutes = track.values(final=self._closed or self.is_live)
        if times.size == 0 or minutes.size == 0:
            return np.full(times.size, np.nan)
        low = min(max(0, int(times[0] // 60.0) - 1), minutes.size - 1)
        high = min(minutes.size, int(times[-1] // 60.0) + 2)
        beside = None
        if track is self._rest and not self.is_motion:
            beside = self._mains.values(final=self._closed or self.is_live)
        levels = opening(
            minutes,
            self.settings.baseline,
            low,
            high,
            mains=beside,
            mains_ratio=self.settings.quality.mains_ratio,
        )
        centres = 60.0 * (np.arange(low, high) + 0.5)
        return np.asarray(np.interp(times, centres, levels), np.float64)

    def _close_segment(self) -> None:
        if self._feeder is not None:
            for block in self._feeder.close():
                self._keep(self.measure(block))
        self._feeder = None

    def _keep(self, measured: Measured | None) -> None:
        if measured is None:
            return
        segment = len(self.segment_starts) - 1
        n = measured.cells["level"].size
        number = measured.first_cell + np.arange(n)
        times = self.segment_starts[-1] + number * self.grid.cell / self.stream.rate_hz
        first = self.cells.stop
        self.cells.append(
            {**measured.cells, "time_s": times, "segment": np.full(n, segment, np.int32)}
        )
        sound = measured.cells["flags"] == 0
        self._rest.add(times, measured.cells["level"], sound)
        self._mains.add(times, measured.cells["mains"], sound)
        wanted = not self.is_live and self.stream.rate_hz >= MIN_RATE_HZ
        short = measured.short if wanted else None
        self._pieces.append(_Piece(segment, measured.envelope, short, first, first + n))

    def _scan(self, *, final: bool) -> None:
        """Look for movements wherever the resting level cannot change any more."""
        if self.is_live:
            self._short = self._judge_short()
        horizon = self.newest_s - 60.0 * (self.settings.baseline.window_min + 2)
        while self._pieces:
            piece = self._pieces[0]
            last_s = float(self.cells.column("time_s", piece.stop - 1, piece.stop)[0])
            if not (final or self.is_live) and last_s > horizon:
                return
            self._scan_piece(self._pieces.popleft())

    def _scan_piece(self, piece: _Piece) -> None:
        if self._scanners is None or piece.segment != self._scan_segment:
            self._flush()
            quiet = self.grid.hops(self.settings.movement.quiet_s)
            shortest = self.grid.hops(self.settings.movement.min_duration_s)
            self._scanners = (
                MovementScanner(quiet, shortest),
                MovementScanner(quiet, shortest),
            )
            rule = self.settings.movement
            self._burst_scanner = BurstScanner(
                rule.onset_ratio, rule.offset_ratio, self.grid.hop_s
            )
            self._scan_segment = piece.segment
        n = piece.envelope.size
        resting = self.resting(piece.first, piece.stop).astype(np.float32)
        level = np.repeat(resting, self.grid.cell_hops)[:n]
        trusted = np.repeat(self.valid(piece.first, piece.stop), self.grid.cell_hops)[:n]
        envelope = np.where(trusted, piece.envelope, np.float32(np.nan))
        for absolute, scanner in zip((True, False), self._scanners, strict=True):
            if absolute and self.is_motion:
                continue
            upper, lower = self._thresholds(level, absolute=absolute)
            for movement in scanner.scan(envelope, upper, lower):
                self.found.append(Found(piece.segment, movement, absolute))
        if self._burst_scanner is not None and piece.short is not None:
            short = np.where(trusted, piece.short, np.float32(np.nan))
            rest = self.audible(level)
            rest[rest <= 0] = np.nan
            found = self._burst_scanner.scan(short, rest)
            self.bursts += [(piece.segment, burst) for burst in found]

    def _thresholds(
        self, level: NDArray[np.float32], *, absolute: bool
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        rule = self.settings.movement
        if absolute:
            return level + np.float32(rule.onset_uv), level + np.float32(rule.offset_uv)
        level = self.audible(level)
        if not self.is_motion:
            return (
                np.float32(rule.onset_ratio) * level,
                np.float32(rule.offset_ratio) * level,
            )
        in_g = self.stream.unit == "g"
        return (
            np.maximum(
                np.float32(rule.motion_onset_ratio) * level,
                np.float32(rule.motion_onset_g if in_g else 0.0),
            ),
            np.maximum(
                np.float32(rule.motion_offset_ratio) * level,
                np.float32(rule.motion_offset_g if in_g else 0.0),
            ),
        )

    def _flush(self) -> None:
        if self._scanners is None:
            return
        empty = np.empty(0, np.float32)
        for absolute, scanner in zip((True, False), self._scanners, strict=True):
            for movement in scanner.scan(empty, empty, empty, last=True):
                self.found.append(Found(self._scan_segment, movement, absolute))
        if self._burst_scanner is not None:
            found = self._burst_scanner.scan(empty, empty, last=True)
            self.bursts += [(self._scan_segment, burst) for burst in found]
        self._scanners = None
