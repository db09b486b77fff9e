"""How two clocks run apart: the model that the causal and the windowed estimate share.

A crystal's rate wanders slowly with temperature, so the delay from device to host time is a
line whose slope walks at random. Each connection adds a constant of its own (radio timing),
small and unknown; a device that begins anew puts its clock anywhere but keeps its crystal.
That is a linear model of four states, followed by a Kalman filter forwards and a
Rauch-Tung-Striebel smoother backwards; it knows how sure it is, through hours of silence too.

Three radios are thought possible. A steady one adds the same to every punctual packet of a
connection, a rough one does so to a few milliseconds. A slipping one polls in step with the
packets (20 ms packets, 20 ms interval): the wait for the poll then creeps with the drift and
jumps back, so that slopes within a connection say nothing. The packets themselves tell by
likelihood which one it is.

Numbers are kept near one: milliseconds, parts per million (ppm), thousands of seconds (ks).
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from .windows import Low, low_from

Matrix = NDArray[np.float64]

DRIFT_WALK = 1.5
"""Walk of the drift, ppm for each square root of 1000 s: a crystal moves by a few ppm while
a band warms up on the skin, and by less for the rest of the night."""

PHASE_WALK = 0.02
"""Walk of the delay itself, ms for each square root of 1000 s."""

CONNECTION_MS = 10.0
"""Spread of the constants of connections: radio intervals are 7.5 to 50 ms."""

SLIP_KS = 1.0
"""Time over which a slipping radio forgets: 20 ms at 20 ppm."""

UNKNOWN_MS = 1000.0
"""Spread of the first packets of a run around its line."""

CRYSTAL_PPM = 100.0
"""Spread of the drift of devices that stamp their samples."""

SAMPLING_PPM = 5000.0
"""Spread of the drift where the device has no clock and samples are counted."""

BREAK_MS = 50.0
"""No radio's latency steps by this much for long: the device's clock was put elsewhere."""

DELAY, DRIFT, CONNECTION, FIRST = range(4)
"""States: delay at connection constant zero, drift, constant of the present connection, and
of the first, against which all others are reckoned."""

STATE_SIZE = 76
"""Numbers that hold all that a `Follower` believes."""

_OUT_OF_LINE = 3.0
PERSISTENT = 5
"""Windows in a row that must be off before something is said to have changed."""

_YOUNG = 8
_STEP_COST = 8.0


class Radio(Enum):
    """What the latency of punctual packets does within a connection."""

    STEADY = "steady"
    ROUGH = "rough"
    SLIPPING = "slipping"

    @property
    def floor_ms(self) -> float:
        """Standard error that no window goes below: its packets are late together."""
        return 2.0 if self is Radio.ROUGH else 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Belief:
    """Mean, shape ``(4,)``, and covariance, shape ``(4, 4)``, of the states."""

    mean: Matrix
    spread: Matrix

    @property
    def drift(self) -> float:
        """Host seconds gained on each device second."""
        return float(self.mean[DRIFT]) * 1e-6


@dataclass(frozen=True, slots=True)
class Breaks:
    """What is new at a window: the connection, or the run of the device's clock."""

    connect: bool = False
    restart: bool = False


def transition(dt_ks: float, radio: Radio, *, connect: bool = False) -> tuple[Matrix, Matrix]:
    """Return the matrix of one step in time, and the covariance it adds."""
    walk = DRIFT_WALK**2
    keep = float(np.exp(-dt_ks / SLIP_KS)) if radio is Radio.SLIPPING else 1.0
    keep = 0.0 if connect else keep
    step = np.eye(4)
    step[DELAY, DRIFT] = dt_ks
    step[CONNECTION, CONNECTION] = keep
    added = np.zeros((4, 4))
    added[DELAY, DELAY] = PHASE_WALK**2 * dt_ks + walk * dt_ks**3 / 3
    added[DELAY, DRIFT] = added[DRIFT, DELAY] = walk * dt_ks**2 / 2
    added[DRIFT, DRIFT] = walk * dt_ks
    added[CONNECTION, CONNECTION] = CONNECTION_MS**2 * (1.0 - keep**2)
    return step, added


def begin(drift_ppm: float) -> Belief:
    """Return what is believed before the first packet."""
    variance = CONNECTION_MS**2
    spread = np.diag([UNKNOWN_MS**2, drift_ppm**2, variance, variance])
    spread[CONNECTION, FIRST] = spread[FIRST, CONNECTION] = variance
    return Belief(np.zeros(4), spread)


def forget_delay(belief: Belief) -> Belief:
    """Return a belief for a run that begins anywhere: the crystal is known, the delay not."""
    mean, spread = belief.mean.copy(), belief.spread.copy()
    mean[DELAY] = 0.0
    spread[DELAY, :] = spread[:, DELAY] = 0.0
    spread[DELAY, DELAY] = UNKNOWN_MS**2
    return Belief(mean, spread)


def predict(belief: Belief, step: Matrix, added: Matrix) -> Belief:
    """Return the belief one step later."""
    return Belief(step @ belief.mean, step @ belief.spread @ step.T + added)


def innovation(belief: Belief, delay_ms: float, variance: float) -> tuple[float, float]:
    """Return how far an observed delay is from the expected one, and its variance."""
    spread = belief.spread
    own = float(spread[DELAY, DELAY] + spread[CONNECTION, CONNECTION])
    expected = float(belief.mean[DELAY] + belief.mean[CONNECTION])
    return delay_ms - expected, own + 2 * float(spread[DELAY, CONNECTION]) + variance


def update(belief: Belief, delay_ms: float, variance: float) -> Belief:
    """Return the belief after an observed delay."""
    off, total = innovation(belief, delay_ms, variance)
    seen = belief.spread[:, DELAY] + belief.spread[:, CONNECTION]
    spread = belief.spread - np.outer(seen, seen) / total
    return Belief(belief.mean + seen * (off / total), (spread + spread.T) / 2)


def variance_of(low: Low, radio: Radio) -> float:
    """Return the variance of the delay of one window, ms^2."""
    return (low.error_s * 1e3) ** 2 + radio.floor_ms**2


def error_s(spread: Matrix, radio: Radio) -> NDArray[np.float64]:
    """Return standard errors of the delay but for one constant, from ``(..., 4, 4)``.

    The constant is the latency of the first connection, or the mean one of a radio that slips.
    """
    variance = spread[..., DELAY, DELAY]
    if radio is not Radio.SLIPPING:
        variance = variance + spread[..., FIRST, FIRST] + 2 * spread[..., DELAY, FIRST]
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)) * 1e-3)


@dataclass(frozen=True, slots=True)
class Found:
    """A change that nobody told.

    Attributes
    ----------
    windows
        How many windows ago it began, this one counted.
    what
        The kind of change.
    step_ms
        How far the delay moved.
    """

    windows: int
    what: Breaks
    step_ms: float


class Follower:
    """Take windows one by one and keep what is believed about the two clocks.

    A window far off the line pulls it no more than one at three standard errors. When
    several in a row are far off to the same side, something changed without a word: the
    latency of the connection by a small step, the device's clock by a large one.

    Attributes
    ----------
    radio
        The likelier one by now.
    device_s, base_s
        Device time of the last window, and the delay that `belief` counts from.
    """

    def __init__(self, drift_ppm: float = CRYSTAL_PPM) -> None:
        self.radio = Radio.STEADY
        self.device_s = self.base_s = 0.0
        self._drift_ppm = drift_ppm
        self._beliefs = {radio: begin(drift_ppm) for radio in Radio}
        self._likelihood = dict.fromkeys(Radio, 0.0)
        self._last: Low | None = None
        self._taken = 0
        self._side = 0

    def state(self) -> Matrix:
        """Return all that is believed as `STATE_SIZE` numbers, for `resume`."""
        last = self._last
        return np.array(
            [
                *(self._likelihood[radio] for radio in Radio),
                list(Radio).index(self.radio),
                self.device_s,
                self.base_s,
                self._taken,
                self._side,
                last is not None,
                *(astuple(last) if last is not None else (0.0,) * 7),
                *(
                    number
                    for radio in Radio
                    for part in (self._beliefs[radio].mean, self._beliefs[radio].spread)
                    for number in part.ravel().tolist()
                ),
            ],
            np.float64,
        )

    @classmethod
    def resume(cls, state: Matrix, drift_ppm: float = CRYSTAL_PPM) -> Follower:
        """Return a follower that goes on where `state` was asked for."""
        follower = cls(drift_ppm)
        kinds = list(Radio)
        follower._likelihood = dict(zip(kinds, state[:3].tolist(), strict=True))
        follower.radio = kinds[int(state[3])]
        follower.device_s, follower.base_s = float(state[4]), float(state[5])
        follower._taken, follower._side = int(state[6]), int(state[7])
        if state[8]:
            follower._last = low_from(state[9:16].tolist())
        follower._beliefs = {
            radio: Belief(row[:4].copy(), row[4:].reshape(4, 4).copy())
            for radio, row in zip(kinds, state[16:].reshape(len(kinds), 20), strict=True)
        }
        return follower

    @property
    def begun(self) -> bool:
        """Whether a window has been taken."""
        return self._last is not None

    @property
    def belief(self) -> Belief:
        """What is believed at `device_s`, with the likelier radio."""
        return self._beliefs[self.radio]

    def breaks(self, low: Low) -> Breaks:
        """Return what the caller's numbers tell of the next window."""
        last = self._last
        if last is None:
            return Breaks()
        return Breaks(last.connection != low.connection, last.run != low.run)

    def take(self, low: Low) -> Found | None:
        """Take the next window, and return what was found with it."""
        self._advance(low)
        delay = (low.delay_s - self.base_s) * 1e3
        off, total = innovation(self.belief, delay, variance_of(low, self.radio))
        broken = abs(off) > _OUT_OF_LINE * total**0.5
        large = abs(off) > BREAK_MS
        if broken and large and off < 0 and self._taken < _YOUNG:
            # the first packets of a run were all late
            self._forget()
            broken = False
        side = int(np.sign(off)) if broken else 0
        self._side = self._side + side if side * self._side >= 0 and side else side
        found = None
        if abs(self._side) == PERSISTENT:
            found = Found(PERSISTENT, Breaks(connect=not large, restart=large), off)
            self._begin_anew(large=large)
            self._side = 0
        for radio, belief in self._beliefs.items():
            variance = variance_of(low, radio)
            off, total = innovation(belief, delay, variance)
            far = max(1.0, abs(off) / total**0.5 / _OUT_OF_LINE)
            clipped = variance + total * (far**2 - 1)
            self._beliefs[radio] = update(belief, delay, clipped)
            if self._taken:
                self._likelihood[radio] -= _surprise(off, total)
        self.radio = max(Radio, key=self._likelihood.__getitem__)
        self._taken += 1
        return found

    def _begin_anew(self, *, large: bool) -> None:
        if large:
            self._forget()
        for radio, belief in self._beliefs.items():
            if large:
                belief.spread[DRIFT, DRIFT] += self._drift_ppm**2
            else:
                again = transition(0.0, radio, connect=True)
                self._beliefs[radio] = predict(belief, *again)
                self._likelihood[radio] -= _STEP_COST if radio is not Radio.SLIPPING else 0.0

    def _advance(self, low: Low) -> None:
        last, told = self._last, self.breaks(low)
        self._last = low
        if last is None:
            self.base_s = low.delay_s
        else:
            passed = low.device_s - self.device_s
            if told.restart:
                passed += low.delay_s - last.delay_s
            for radio, belief in self._beliefs.items():
                move = transition(max(0.0, passed) / 1e3, radio, connect=told.connect)
                self._beliefs[radio] = predict(belief, *move)
        self.device_s = low.device_s
        if told.restart:
            self._forget()
            self.base_s = low.delay_s

    def _forget(self) -> None:
        self._taken = 0
        for radio, belief in self._beliefs.items():
            self._beliefs[radio] = forget_delay(belief)


def _surprise(off: float, total: float) -> float:
    """Return a negative log likelihood with heavy tails (Student, four degrees)."""
    return float(0.5 * np.log(total) + 2.5 * np.log1p(off**2 / total / 4.0))
