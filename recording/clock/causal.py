"""The estimate of the night as it runs: from what has arrived so far, and never backwards."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import line
from .line import CRYSTAL_PPM, DELAY, DRIFT, Follower
from .windows import Window, Windows, finite, low_of

SLEW = 0.02
"""A better estimate is taken up by running this much faster or slower."""

JUMP_S = 1.0
"""Forwards, more than this is taken up at once."""

MOST_DRIFT = 0.5
"""No clock is worse; it keeps nonsense from turning time around."""

_KEPT = 1024


class CausalClock:
    """Device time to host time while packets arrive.

    A window of packets (a quarter of a second on a new connection, growing to a minute)
    moves the estimate once, when it is over; times given before stay as they were. How
    packets are cut into calls changes nothing. Work and memory for each call do not grow
    with the night.

    Parameters
    ----------
    drift_ppm
        As for `WindowedClock`.
    """

    def __init__(self, drift_ppm: float = CRYSTAL_PPM) -> None:
        self._windows = Windows()
        self._follower = Follower(drift_ppm)
        self._pieces: deque[_Piece] = deque(maxlen=_KEPT)
        self._run: int | None = None

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
        if not len(device):
            return
        if run != self._run:
            for window in self._windows.finish():
                self._take(window)
            self._begin(run, float(device[0]), float(arrival[0]))
        for window in self._windows.add(device, arrival, connection=connection, run=run):
            self._take(window)

    def to_host(self, device_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the host's monotonic time of device times of the present run.

        Never decreasing over calls, for device times that do not decrease.

        Raises
        ------
        ValueError
            Nothing has arrived yet.
        """
        device = np.asarray(device_s, np.float64)
        if not device.size:
            return device
        if not self._pieces:
            raise ValueError("no packet has arrived yet")
        latest = self._pieces[-1]
        if device.min() > latest.device_s:
            return latest.to_host(device)
        here = [piece for piece in self._pieces if piece.run == self._run]
        starts = np.array([piece.device_s for piece in here])
        which = np.maximum(np.searchsorted(starts, device, side="left") - 1, 0)
        host = np.empty(device.shape)
        for number in np.unique(which).tolist():
            part = which == number
            host[part] = here[number].to_host(device[part])
        return host

    def uncertainty_s(self, device_s: float) -> float:
        """Return the standard error of `to_host` for the present, seconds, but for a constant.

        It holds how much of the last change of the estimate is still to be taken up.
        """
        if not self._pieces:
            return np.inf
        if not self._follower.begun:
            return line.UNKNOWN_MS * 1e-3
        ahead = max(0.0, device_s - self._follower.device_s) / 1e3
        move = line.transition(ahead, self._follower.radio)
        later = line.predict(self._follower.belief, *move)
        error = float(line.error_s(later.spread, self._follower.radio))
        return error + abs(self._pieces[-1].left_s(device_s))

    @property
    def drift_ppm(self) -> float:
        """Parts per million by which the device's second is longer than the host's."""
        return float(self._follower.belief.mean[DRIFT])

    @property
    def late(self) -> int:
        """Packets left out because they repeat earlier device times."""
        return self._windows.late

    def _take(self, window: Window) -> None:
        follower = self._follower
        follower.take(low_of(window, follower.belief.drift))
        at = float(window.device_s[-1])
        host = float(self._pieces[-1].to_host(np.array([at]))[0])
        delay = follower.base_s + float(follower.belief.mean[DELAY]) * 1e-3
        delay += follower.belief.drift * (at - follower.device_s)
        left = (at - host) + delay
        if left > JUMP_S:
            host, left = host + left, 0.0
        self._pieces.append(_Piece(window.run, at, host, self._slope, left))

    def _begin(self, run: int, device_s: float, host_s: float) -> None:
        if self._pieces:
            latest = np.array([self._windows.device_s])
            host_s = max(host_s, float(self._pieces[-1].to_host(latest)[0]))
        self._run = run
        self._pieces.append(_Piece(run, device_s, host_s, self._slope, 0.0))

    @property
    def _slope(self) -> float:
        return 1.0 + min(max(self._follower.belief.drift, -MOST_DRIFT), MOST_DRIFT)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A line from one window's end on, with a change of the estimate still to be taken up."""

    run: int
    device_s: float
    host_s: float
    slope: float
    change_s: float

    def to_host(self, device_s: NDArray[np.float64]) -> NDArray[np.float64]:
        since = device_s - self.device_s
        taken = np.minimum(np.maximum(since, 0.0) * SLEW, abs(self.change_s))
        return np.asarray(
            self.host_s + (since * self.slope + np.copysign(taken, self.change_s))
        )

    def left_s(self, device_s: float) -> float:
        """Return how much of the change is still to be taken up at a device time."""
        taken = max(0.0, device_s - self.device_s) * SLEW
        return max(0.0, abs(self.change_s) - taken)
