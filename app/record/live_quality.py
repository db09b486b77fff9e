"""How the signals look right now: a word for each sensor, from its last seconds."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...firmware_bridge.collector import SensorCount
from ...firmware_bridge.drivers.model import Decoded, Samples, StreamSpec
from ...firmware_bridge.links import Link, LinkChange, LinkSink, LinkState
from ...recording.clock.round_trip import RoundTrip
from .settings import UNUSED

GOOD, NOISY, MAINS, CLIPPED, FLAT, OFF = "good", "noisy", "mains", "clipped", "flat", "off"
WORST_LAST: Final = (GOOD, NOISY, MAINS, CLIPPED, FLAT, OFF)

SEEN_S: Final = 4.0
"""Length of signal that a word stands for, seconds."""

LEAST_S: Final = 1.0
JUDGED_EVERY_S: Final = 2.0
STALE_S: Final = 10.0
"""Samples older than this say nothing about now, seconds."""

OFF_PART: Final = 0.5
CLIPPED_PART: Final = 0.02
"""Part of the samples at a limit of the converter; the detector's own limit
(`QualitySettings.clipped_fraction`)."""

MAINS_HZ: Final = (50.0, 60.0)
LINE_HZ: Final = 1.5
MAINS_TIMES: Final = 5.0
"""Mains this many times as strong as everything else is told; the detector takes weaker mains
out by itself."""

LOWEST_HZ: Final = 10.0
HIGHEST_PART: Final = 0.45
NOISY_UV: Final = 20.0
"""A resting muscle under gel electrodes stays under 5 uV, under dry ones under about 15."""

REMEMBERED: Final = 30
"""Words that a channel's quietest moment is sought in: a minute."""

ENOUGH: Final = 10

Real = NDArray[np.float64]


class LiveQuality(LinkSink):
    """Keeps the last seconds of every signal, and judges them when it is asked.

    Parameters
    ----------
    muscles
        By sensor: the muscle under each EMG channel, None where nobody said.
    """

    def __init__(self, muscles: Mapping[str, Sequence[str] | None]) -> None:
        self._muscles = dict(muscles)
        self._streams: dict[tuple[str, str], _Recent] = {}

    def took(self, link: Link, packets: object, decoded: Decoded) -> None:
        """See `LinkSink.took`; keeps what it gets, and computes nothing."""
        del packets
        for run in decoded.samples:
            key = link.name, run.stream
            recent = self._streams.get(key)
            if recent is None or recent.driver is not link.driver:
                spec = link.driver.stream(run.stream)
                recent = self._streams[key] = _Recent(link.driver, spec)
            recent.add(run)

    def changed(self, link: Link, change: LinkChange) -> None:
        """See `LinkSink.changed`; what came before a break says nothing about now."""
        if change.state is not LinkState.STREAMING:
            for (name, _), recent in self._streams.items():
                if name == link.name:
                    recent.clear()

    def round_trip(self, link: Link, trip: RoundTrip) -> None:
        """See `LinkSink.round_trip`."""

    def judge(self, counts: Mapping[str, SensorCount], now_s: float) -> None:
        """Write a word or some into ``quality`` of each sensor; empty where nothing is known.

        To be called every `JUDGED_EVERY_S`.
        """
        for name, count in counts.items():
            fresh = count.state is LinkState.STREAMING and now_s - count.last_s < STALE_S
            count.quality = self._words(name, loose=bool(count.loose)) if fresh else ""

    def _words(self, sensor: str, *, loose: bool) -> str:
        mine = [recent for (name, _), recent in self._streams.items() if name == sensor]
        muscular = [recent for recent in mine if recent.spec.kind == "emg"]
        found = [
            words
            for recent in muscular or mine
            if (words := _told(recent, self._muscles.get(sensor)))
        ]
        bad = [words for words in found if words != GOOD]
        if loose:
            return OFF
        return ", ".join(bad) if bad else GOOD if found else ""


class _Recent:
    """The last seconds of one stream, and how loud its quietest moments were."""

    def __init__(self, driver: Any, spec: StreamSpec) -> None:
        self.driver, self.spec = driver, spec
        self._runs: deque[Samples] = deque()
        self._count = 0
        self._most = max(1, int(SEEN_S * spec.rate_hz))
        self.rest: deque[Real] = deque(maxlen=REMEMBERED)

    def add(self, run: Samples) -> None:
        self._runs.append(run)
        self._count += len(run)
        while self._count - len(self._runs[0]) >= self._most:
            self._count -= len(self._runs.popleft())

    def clear(self) -> None:
        self._runs.clear()
        self._count = 0

    def words(self) -> list[str]:
        """Return a word for each column; nothing where too little has come."""
        if self._count < LEAST_S * self.spec.rate_hz:
            return []
        raw = np.concatenate([run.raw for run in self._runs])[-self._most :]
        scale = self._runs[-1].scale
        at_limit = _at_limit(raw, self.spec.raw_limits)
        flat = raw.max(axis=0) == raw.min(axis=0)
        muscular = self.spec.kind == "emg"
        if not muscular:
            self.rest.append((~flat).astype(np.float64))
            still = len(self.rest) == REMEMBERED and not np.any(self.rest)
            return [FLAT if still else GOOD] * raw.shape[1]
        lines, rest = _lines_and_rest(self.spec.physical(raw, scale), self.spec.rate_hz)
        self.rest.append(rest)
        quietest = np.min(np.array(self.rest), axis=0)
        loud = self.spec.calibrated and self.spec.unit == "uV" and len(self.rest) >= ENOUGH
        columns = zip(at_limit, flat, lines, rest, quietest, strict=True)
        return [
            OFF
            if limit > OFF_PART
            else CLIPPED
            if limit > CLIPPED_PART
            else FLAT
            if is_flat
            else MAINS
            if line > MAINS_TIMES * others
            else NOISY
            if loud and quiet > NOISY_UV
            else GOOD
            for limit, is_flat, line, others, quiet in columns
        ]


def _told(recent: _Recent, muscles: Sequence[str] | None) -> str:
    """Return what is to be said of a stream: its bad channels by name, or a single word."""
    words = recent.words()
    if not words:
        return ""
    named = [
        (muscle, word)
        for muscle, word in zip(muscles or (), words, strict=False)
        if muscle != UNUSED
    ]
    if recent.spec.kind != "emg" or not named:
        # nobody said which channels are in use: one good one is enough
        return min(words, key=WORST_LAST.index)
    return ", ".join(f"{muscle} {word}" for muscle, word in named if word != GOOD) or GOOD


def _at_limit(raw: NDArray[np.int32], limits: tuple[int, int] | None) -> Real:
    if limits is None:
        return np.zeros(raw.shape[1])
    low, high = limits
    return np.asarray(((raw <= low) | (raw >= high)).mean(axis=0), np.float64)


def _lines_and_rest(values: Real, rate_hz: float) -> tuple[Real, Real]:
    """Return the effective value of the mains and of everything else in the band, per column.

    The stronger of 50 and 60 Hz is taken, with its harmonics, from a Hann-weighted transform
    of the whole stretch.
    """
    n = len(values)
    window = np.hanning(n)
    spectrum = (
        np.abs(np.fft.rfft((values - values.mean(axis=0)) * window[:, None], axis=0)) ** 2
    )
    power = 2.0 * spectrum / (n * np.sum(window**2))
    hz = np.fft.rfftfreq(n, 1.0 / rate_hz)
    band = (hz >= LOWEST_HZ) & (hz <= HIGHEST_PART * rate_hz)
    whole = power[band].sum(axis=0)
    lines = np.zeros(values.shape[1])
    for base_hz in MAINS_HZ:
        away = np.abs(hz - base_hz * np.maximum(1.0, np.round(hz / base_hz)))
        lines = np.maximum(lines, power[band & (away <= LINE_HZ)].sum(axis=0))
    return np.sqrt(lines), np.sqrt(np.maximum(whole - lines, 0.0))
