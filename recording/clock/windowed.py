"""The estimate of the stored night: what came before and after a moment speaks for it."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from . import line
from .line import CRYSTAL_PPM, DELAY, DRIFT, Belief, Breaks, Follower, Matrix, Radio
from .mapping import Mapping, Run
from .windows import Low, Opening, Window, Windows, finite, low_from, low_of

KNOT_S = 60.0
"""Knots through silence are this far apart, or further where it lasts for days."""

MOST_KNOTS = 600

_OPENING_SIZE = 8
_STATE_SIZE = _OPENING_SIZE + line.STATE_SIZE
_LOW_SIZE = 10
_WHOLE = slice(4, 7)
_BLOCK = 1 << 15
_ROUNDS = 2
_CLIP = 2.0
_TINY = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """What a `WindowedClock` knows, as numbers that can be stored.

    Attributes
    ----------
    state
        Shape ``(84,)``, float64.
    first
        Number of the first window in `lows`; earlier ones were handed over and hold still.
    lows
        Shape ``(n, 10)``, float64.
    found
        As in `Mapping`.
    """

    state: NDArray[np.float64]
    first: int
    lows: NDArray[np.float64]
    found: tuple[str, ...]

    @property
    def windows(self) -> int:
        """Windows that are told or were told before."""
        return self.first + len(self.lows)

    @property
    def opening(self) -> Opening:
        """How things stood before the window that is open; its `run` is that of its packets."""
        return Opening(*self.state[:_OPENING_SIZE].tolist())


class WindowedClock:
    """Device time to host time from everything a sensor sent.

    Each window of a minute gives a low quantile of arrival minus device time. Through these
    goes the model of `line`, forwards and backwards, three times: windows in which
    everything was late lose their weight. Held in memory are one number of each window and
    the packets of the last.

    Parameters
    ----------
    drift_ppm
        Spread of the drift that is thought possible: `CRYSTAL_PPM`, or `SAMPLING_PPM`
        where the device has no clock and time is the sample's number over its rate.
    """

    def __init__(self, drift_ppm: float = CRYSTAL_PPM) -> None:
        self._drift_ppm = drift_ppm
        self._windows = Windows()
        self._follower = Follower(drift_ppm)
        self._lows = array("d")
        self._first = 0
        self._found: list[str] = []

    @property
    def opening(self) -> Opening:
        """How things stood before the window that is open."""
        return self._windows.opening

    def hand_over(self) -> Kept:
        """Return what is known but the packets of the window that is open, and forget it.

        Windows that were handed over before and hold still are not told again. A clock that
        forgot some goes on for ever in little memory, and has no `mapping`.
        """
        lows = np.array(self._lows, np.float64).reshape(-1, _LOW_SIZE)
        state = np.concatenate((astuple(self._windows.opening), self._follower.state()))
        kept = Kept(state, self._first, lows, tuple(self._found))
        del self._lows[: -line.PERSISTENT * _LOW_SIZE]
        self._first = kept.windows - len(self._lows) // _LOW_SIZE
        return kept

    @classmethod
    def resume(cls, kept: Kept, drift_ppm: float = CRYSTAL_PPM) -> WindowedClock:
        """Return a clock that goes on once it is given the packets from `kept.seen` on.

        Parameters
        ----------
        kept
            With the lows of all windows.
        drift_ppm
            As the clock was made with.

        Raises
        ------
        ValueError
            It is not what a clock kept.
        """
        if kept.first or kept.state.shape != (_STATE_SIZE,) or kept.lows.shape[1] != _LOW_SIZE:
            raise ValueError("not what a clock kept")
        if not np.isfinite(kept.lows[:, _WHOLE]).all():
            raise ValueError("windows of a clock without their numbers")
        clock = cls(drift_ppm)
        clock._windows = Windows.resume(kept.opening)
        clock._follower = Follower.resume(kept.state[_OPENING_SIZE:], drift_ppm)
        clock._lows.frombytes(np.asarray(kept.lows, np.float64).tobytes())
        clock._found = list(kept.found)
        return clock

    def add(
        self,
        device_s: NDArray[np.float64],
        arrival_s: NDArray[np.float64],
        *,
        connection: int = 0,
        run: int = 0,
    ) -> None:
        """Take packets in the order of arrival; see `Windows.add`."""
        device, arrival = finite(device_s, arrival_s)
        for at in range(0, len(device), _BLOCK):
            part = slice(at, at + _BLOCK)
            windows = self._windows.add(
                device[part], arrival[part], connection=connection, run=run
            )
            for window in windows:
                self._take(window)

    def mapping(self) -> Mapping:
        """Return the estimate from all that was added, and take nothing more.

        Raises
        ------
        ValueError
            Windows were handed over and forgotten.
        """
        if self._first:
            raise ValueError("what this clock knew was handed over")
        for window in self._windows.finish():
            self._take(window)
        if not self._lows:
            return Mapping((), self._windows.late)
        radio = self._follower.radio
        steps = _steps(_labelled(self._lows), radio)
        path = _settle(steps, radio, self._drift_ppm)
        return Mapping(_runs(steps, path, radio), self._windows.late, tuple(self._found))

    def _take(self, window: Window) -> None:
        low = low_of(window, self._follower.belief.drift)
        told = self._follower.breaks(low)
        start_s = float(window.device_s[0])
        self._lows.extend((*astuple(low), told.connect, told.restart, start_s))
        found = self._follower.take(low)
        if found is not None:
            after = len(self._lows) - (found.windows - 1) * _LOW_SIZE
            start_s = self._lows[after - 1]
            if found.what.connect:
                self._lows[after - 3] = 1.0
            if found.what.restart:
                self._lows[after - 2] = 1.0
            what = "device's clock" if found.what.restart else "latency of the radio"
            self._found.append(
                f"the {what} stepped by about {found.step_ms:.0f} ms "
                f"at {start_s:.0f} s of the device's time"
            )


@dataclass(frozen=True, slots=True)
class _Labelled:
    low: Low
    breaks: Breaks
    start_s: float


@dataclass(frozen=True, slots=True)
class _Step:
    """One knot: a step in time, and what was observed there, if anything."""

    device_s: float
    dt_ks: float
    breaks: Breaks
    delay_ms: float
    variance: float
    base_s: float
    run: int
    start_s: float


@dataclass(frozen=True, slots=True, eq=False)
class _Path:
    mean: Matrix
    spread: NDArray[np.float64]

    @classmethod
    def of(cls, count: int) -> _Path:
        return cls(np.empty((count, 4)), np.empty((count, 4, 4)))

    def put(self, number: int, belief: Belief) -> None:
        self.mean[number] = belief.mean
        self.spread[number] = belief.spread


def _labelled(lows: array[float]) -> Iterator[_Labelled]:
    for at in range(0, len(lows), _LOW_SIZE):
        *low, connect, restart, start_s = lows[at : at + _LOW_SIZE]
        yield _Labelled(low_from(low), Breaks(bool(connect), bool(restart)), start_s)


def _steps(lows: Iterator[_Labelled], radio: Radio) -> list[_Step]:
    steps: list[_Step] = []
    base_s = start_s = device_s = arrival_s = 0.0
    for number, each in enumerate(lows):
        low = each.low
        arrival = low.device_s + low.delay_s
        restart = each.breaks.restart or not number
        if restart:
            base_s, start_s = low.delay_s, each.start_s
            passed = max(0.0, arrival - arrival_s) if number else 0.0
        else:
            passed = max(0.0, low.device_s - device_s)
            fill = min(MOST_KNOTS, int(passed / KNOT_S * 0.75))
            for k in range(1, fill + 1):
                at = device_s + passed * k / (fill + 1)
                dt = passed / (fill + 1) / 1e3
                none = Breaks()
                steps.append(_Step(at, dt, none, np.nan, np.nan, base_s, low.run, start_s))
            passed /= fill + 1
        steps.append(
            _Step(
                low.device_s,
                passed / 1e3,
                each.breaks,
                (low.delay_s - base_s) * 1e3,
                line.variance_of(low, radio),
                base_s,
                low.run,
                start_s,
            )
        )
        device_s, arrival_s = low.device_s, arrival
    return steps


def _settle(steps: list[_Step], radio: Radio, drift_ppm: float) -> _Path:
    """Return the smoothed path, with the weights that its own residuals ask for."""
    delay = np.array([step.delay_ms for step in steps])
    observed = np.array([step.variance for step in steps])
    path, expected = _smooth(steps, observed, radio, drift_ppm)
    for _ in range(_ROUNDS):
        off = np.abs(delay - expected) / np.sqrt(observed)
        usual = max(1.0, 1.4826 * float(np.nanmedian(off)))
        heavy = np.maximum(1.0, off / (usual * _CLIP))
        variance = observed * usual**2 * heavy
        path, expected = _smooth(steps, variance, radio, drift_ppm)
    return path


def _smooth(
    steps: list[_Step], variance: NDArray[np.float64], radio: Radio, drift_ppm: float
) -> tuple[_Path, NDArray[np.float64]]:
    """Return states at all steps given all observations, and the delay expected there."""
    belief = line.begin(drift_ppm)
    count = len(steps)
    ahead, path, moves = _Path.of(count), _Path.of(count), np.empty((count, 4, 4))
    mean, spread = path.mean, path.spread
    for number, step in enumerate(steps):
        move, added = line.transition(step.dt_ks, radio, connect=step.breaks.connect)
        if number:
            belief = line.predict(belief, move, added)
            if step.breaks.restart:
                belief = line.forget_delay(belief)
                move[DELAY, :] = 0.0
        moves[number] = move
        ahead.put(number, belief)
        if np.isfinite(step.delay_ms):
            belief = line.update(belief, step.delay_ms, float(variance[number]))
        path.put(number, belief)
    for k in range(count - 2, -1, -1):
        expected = ahead.spread[k + 1]
        cross = spread[k] @ moves[k + 1].T
        gain = np.linalg.solve(expected + _TINY * np.eye(4), cross.T).T
        mean[k] += gain @ (mean[k + 1] - ahead.mean[k + 1])
        grown = spread[k] + gain @ (spread[k + 1] - expected) @ gain.T
        spread[k] = (grown + grown.T) / 2
    return path, mean[:, DELAY] + mean[:, line.CONNECTION]


def _runs(steps: list[_Step], path: _Path, radio: Radio) -> tuple[Run, ...]:
    begins = [k for k, step in enumerate(steps) if step.breaks.restart or not k]
    runs = []
    for first, stop in zip(begins, [*begins[1:], len(steps)], strict=True):
        part = slice(first, stop)
        device = np.array([step.device_s for step in steps[part]])
        apart = np.concatenate(([True], np.diff(device) > 0))
        mean, spread = path.mean[part][apart], path.spread[part][apart]
        device = device[apart]
        base = steps[first].base_s
        host = device + (base + mean[:, DELAY] * 1e-3)
        drift_error = np.sqrt(np.maximum(spread[:, DRIFT, DRIFT], 0.0))
        runs.append(
            Run(
                steps[first].run,
                steps[first].start_s,
                device,
                np.maximum.accumulate(host),
                line.error_s(spread, radio),
                mean[:, DRIFT],
                drift_error,
            )
        )
    return tuple(runs)
