"""Signals made by hand: rest, bursts and faults at known samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from crampwatch.detection import Engine, NightScore
from crampwatch.recording.model import ArraySource, Night, Segment, Stream


@lru_cache(maxsize=64)
def _carrier(seconds: float, rate: float, seed: int) -> np.ndarray:
    """Return muscle-like noise whose mean rectified level in the amplitude band is one."""
    rng = np.random.default_rng(seed)
    n = round(seconds * rate)
    band = (15.0, min(95.0, 0.4 * rate))
    noise = sosfilt(
        butter(2, band, "band", fs=rate, output="sos"), rng.standard_normal(n + 500)
    )
    noise = noise[500:]
    noise /= np.mean(np.abs(noise)) if n else 1.0
    noise.flags.writeable = False
    return noise


@dataclass(frozen=True)
class Tiled:
    """Hours of signal from one tile of rest, with waveforms added at known samples."""

    tile: np.ndarray
    length: int
    added: Mapping[int, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return self.length

    def read(self, start: int, stop: int) -> np.ndarray:
        out = np.take(self.tile, np.arange(start, stop), axis=0, mode="wrap").copy()
        for at, wave in self.added.items():
            low, high = max(at, start), min(at + wave.shape[0], stop)
            if low < high:
                out[low - start : high - start, 0] += wave[low - at : high - at]
        return out


class Lab:
    """Makes streams and nights."""

    step = 0.05

    def carrier(self, seconds: float, rate: float = 500.0, seed: int = 1) -> np.ndarray:
        """Return noise of a muscle, mean rectified level one."""
        return _carrier(float(seconds), float(rate), seed)

    def muscle(
        self,
        seconds: float,
        *acts: tuple[float, float, float],
        rate: float = 500.0,
        rest: float = 1.0,
        seed: int = 1,
    ) -> np.ndarray:
        """Return uV: rest, and ``(onset, duration, level)`` stretches at another level."""
        level = np.full(round(seconds * rate), rest)
        for onset, duration, uv in acts:
            level[round(onset * rate) : round((onset + duration) * rate)] = uv
        return self.carrier(seconds, rate, seed) * level

    def emg(
        self,
        *parts: np.ndarray,
        rate: float = 500.0,
        starts: Sequence[float] = (0.0,),
        label: str = "EMG L TA",
        step: float | None = None,
        **changes: Any,
    ) -> Stream:
        """Return a stream of raw integers (or floats where a part holds NaN)."""
        step = self.step if step is None else step
        segments = tuple(
            Segment(at, ArraySource(self.raw(part, step)))
            for at, part in zip(starts, parts, strict=True)
        )
        return self.stream(rate, segments, label=label, step=step, **changes)

    def raw(self, values: np.ndarray, step: float) -> np.ndarray:
        """Return raw numbers of one signal, shape ``(n, 1)``."""
        steps = np.round(np.asarray(values) / step)[:, None]
        return steps.astype(np.int32) if np.isfinite(steps).all() else steps

    def stream(
        self,
        rate: float,
        segments: tuple[Segment, ...],
        *,
        label: str = "EMG L TA",
        step: float = step,
        calibrated: bool = True,
        unit: str = "uV",
        **changes: Any,
    ) -> Stream:
        """Return an EMG stream; side and muscle come from the label."""
        words = label.split()
        side = {"L": "left", "R": "right"}.get(words[1]) if len(words) > 1 else None
        placement = words[2] if len(words) > 2 else None
        given = {
            "label": label,
            "kind": "emg",
            "rate_hz": rate,
            "unit": unit,
            "segments": segments,
            "gain": np.array([step]),
            "offset": np.array([0.0]),
            "side": side,
            "placement": placement,
            "calibrated": calibrated,
        }
        return Stream(**{**given, **changes})

    def acc(
        self,
        seconds: float,
        *moves: tuple[float, float, float],
        rate: float = 50.0,
        turns: Sequence[tuple[float, float]] = (),
        side: str = "left",
        axes: int = 3,
        start: float = 0.0,
        seed: int = 5,
        **changes: Any,
    ) -> Stream:
        """Return an accelerometer at rest, shaking ``(onset, duration, g)`` at 3 Hz.

        `turns` are ``(time, degrees)``: from then on gravity points elsewhere.
        """
        n = round(seconds * rate)
        t = np.arange(n) / rate
        rng = np.random.default_rng(seed)
        g = 0.003 * rng.standard_normal((n, axes))
        angle = np.zeros(n)
        for at, degrees in turns:
            angle += np.radians(degrees) * np.clip((t - at) / 2.0 + 0.5, 0.0, 1.0)
        g[:, 0] += np.cos(angle)
        g[:, -1] += np.sin(angle) if axes > 1 else 0.0
        for onset, duration, size in moves:
            on = (t >= onset) & (t < onset + duration)
            g[on, -1] += size * np.sin(2 * np.pi * 3.0 * t[on])
        raw = np.round(g / 0.001).astype(np.int16)
        given = {
            "label": f"ACC {side[0].upper()}",
            "kind": "acc",
            "rate_hz": rate,
            "unit": "g",
            "segments": (Segment(start, ArraySource(raw)),),
            "gain": np.full(axes, 0.001),
            "offset": np.zeros(axes),
            "axes": ("x", "y", "z")[:axes],
            "side": side,
            "calibrated": True,
        }
        return Stream(**{**given, **changes})

    def night(self, *streams: Stream) -> Night:
        """Return a night of some streams."""
        return Night(streams=streams)

    def of_type(self, score: NightScore, *kinds: str) -> list[tuple[float, float]]:
        """Return onset and end of the events of some types."""
        return [(e.onset, e.end) for e in score.events if e.trial_type in kinds]

    def moves(self, score: NightScore) -> list[tuple[float, float]]:
        """Return onset and end of the leg movements, whether periodic or not."""
        return self.of_type(score, "LM", "PLM")

    def tiled(
        self, tile: np.ndarray, length: int, added: Mapping[int, np.ndarray] | None = None
    ) -> Tiled:
        """Return a source that makes its samples when they are read."""
        return Tiled(tile, length, added or {})

    def push_all(
        self, engine: Engine, pieces: Sequence[tuple[int, int, float, np.ndarray]]
    ) -> NightScore:
        """Push pieces ``(stream, segment, start, raw)`` in this order, and finish."""
        for number, segment, start_s, raw in pieces:
            engine.push(number, segment, start_s, raw)
        return engine.finish()


@pytest.fixture(scope="session")
def lab() -> Lab:
    """Return the maker of signals."""
    return Lab()
