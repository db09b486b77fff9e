"""Packets cut into windows by the time of their arrival, and how punctual each window was.

A packet is late for many reasons and never early: the low quantile of arrival minus device
time follows the clocks, whatever the radio does. Windows begin short on a new connection, so
that a first answer comes at once, and grow to a minute.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

WINDOW_S = 60.0
"""Length that windows grow to."""

QUANTILE = 0.02
"""Part of the packets of a window that may seem earlier than its low."""

ALONE_S = 0.02
"""Standard error of a window that holds one packet."""

_FIRST_S = WINDOW_S / 256
_ENDS = _FIRST_S * (2.0 ** np.arange(1, 9) - 1.0)
"""Ends of the growing windows, from the first arrival of a connection on."""

_LONGEST_S = 1e12


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Packets of one connection and one run of the device's clock that arrived together.

    Attributes
    ----------
    device_s, arrival_s
        Shape ``(n,)``, float64, both in order; never empty.
    connection, run
        Numbers as given to `Windows.add`.
    """

    device_s: NDArray[np.float64]
    arrival_s: NDArray[np.float64]
    connection: int
    run: int


@dataclass(frozen=True, slots=True)
class Low:
    """The punctual packets of one window, as one observation of the two clocks.

    Attributes
    ----------
    device_s
        Mean device time of the window.
    delay_s
        Low quantile of arrival minus device time, brought to `device_s` along the drift.
    error_s
        Standard error of `delay_s` by its neighbours in order.
    length_s
        From the first to the last arrival.
    count
        Packets.
    connection, run
        As in `Window`.
    """

    device_s: float
    delay_s: float
    error_s: float
    length_s: float
    count: int
    connection: int
    run: int


@dataclass(frozen=True, slots=True)
class Opening:
    """How things stood before the first packet of the window that is open.

    `Windows.resume` goes on from it, once it is given the packets from `seen` on again.

    Attributes
    ----------
    seen
        Packets before it.
    late
        How many of these were left out.
    connection, run
        Of the window.
    number
        Of the window within the connection.
    begun
        First arrival of the connection.
    device_s, arrival_s
        Latest of the packets before it.
    """

    seen: float
    late: float
    connection: float
    run: float
    number: float
    begun: float
    device_s: float
    arrival_s: float


def low_from(numbers: Sequence[float]) -> Low:
    """Return the low that `dataclasses.astuple` gave as seven numbers."""
    device_s, delay_s, error_s, length_s, count, connection, run = numbers
    return Low(device_s, delay_s, error_s, length_s, int(count), int(connection), int(run))


class Windows:
    """Cut packets into windows; how they are cut into calls changes nothing.

    Holds the packets of one window at most. Packets that repeat an earlier device time (sent
    again after a loss) tell nothing about the clocks and are left out.

    Attributes
    ----------
    late
        Packets left out.
    device_s
        Latest device time of the present run.
    """

    def __init__(self) -> None:
        self.late = 0
        self._seen = 0
        self._opened: Opening | None = None
        self._held: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
        self._key = (0, 0)
        self._number = -1
        self._begun = np.inf
        self.device_s = -np.inf
        self._arrival = -np.inf

    @classmethod
    def resume(cls, opening: Opening) -> Windows:
        """Return windows that go on with packet number `opening.seen`."""
        windows = cls()
        windows.late, windows._seen = int(opening.late), int(opening.seen)
        windows._key = int(opening.connection), int(opening.run)
        windows._number, windows._begun = int(opening.number), opening.begun
        windows.device_s, windows._arrival = opening.device_s, opening.arrival_s
        return windows

    @property
    def opening(self) -> Opening:
        """How things stood before the window that is open, or how they stand where none is."""
        if self._opened is not None:
            return self._opened
        return Opening(
            self._seen,
            self.late,
            *self._key,
            self._number,
            self._begun,
            self.device_s,
            self._arrival,
        )

    def add(
        self,
        device_s: NDArray[np.float64],
        arrival_s: NDArray[np.float64],
        *,
        connection: int = 0,
        run: int = 0,
    ) -> list[Window]:
        """Take packets in the order of arrival and return the windows that they close.

        Parameters
        ----------
        device_s, arrival_s
            Shape ``(n,)``, seconds: when the last sample of each packet was taken by the
            device's clock, and the host's monotonic clock on arrival. Rows with NaN are
            passed over.
        connection
            Number of the connection that brought them.
        run
            Number of the stretch over which `device_s` counts without a break.
        """
        device, arrival = finite(device_s, arrival_s)
        if not len(device):
            return []
        done: list[Window] = []
        if (connection, run) != self._key or self._number < 0:
            done += self.finish()
            if run != self._key[1]:
                self.device_s = -np.inf
            self._key = connection, run
            self._begun = max(float(arrival[0]), self._arrival)
        latest = np.maximum.accumulate(np.maximum(device, self.device_s))
        punctual = device >= latest
        seen, late = self._seen, self.late
        self._seen += len(device)
        rows = np.arange(len(device))
        if not punctual.all():
            self.late += int(np.count_nonzero(~punctual))
            device, arrival, rows = device[punctual], arrival[punctual], rows[punctual]
            if not len(device):
                return done
        arrival = np.maximum.accumulate(np.maximum(arrival, self._arrival))
        before = self.device_s, self._arrival
        self.device_s, self._arrival = float(device[-1]), float(arrival[-1])
        number = _number(arrival - self._begun)
        cuts = [0, *(np.flatnonzero(np.diff(number)) + 1).tolist(), len(number)]
        for first, stop in pairwise(cuts):
            if number[first] != self._number:
                done += self.finish()
                self._number = int(number[first])
                if first:
                    before = float(device[first - 1]), float(arrival[first - 1])
                row = int(rows[first])
                self._opened = Opening(
                    seen + row,
                    late + row - first,
                    *self._key,
                    self._number,
                    self._begun,
                    *before,
                )
            self._held.append((device[first:stop], arrival[first:stop]))
        if self._held and len(self._held[-1][0]) < len(device):
            last_device, last_arrival = self._held[-1]
            self._held[-1] = last_device.copy(), last_arrival.copy()
        return done

    def finish(self) -> list[Window]:
        """Return the window that is still open, if any."""
        self._number, self._opened = -1, None
        if not self._held:
            return []
        device, arrival = (np.concatenate(part) for part in zip(*self._held, strict=True))
        self._held = []
        return [Window(device, arrival, *self._key)]


def finite(
    device_s: NDArray[np.float64], arrival_s: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the rows in which both times are known.

    Raises
    ------
    ValueError
        The two are not rows of one length.
    """
    device = np.asarray(device_s, np.float64)
    arrival = np.asarray(arrival_s, np.float64)
    if device.shape != arrival.shape or device.ndim != 1:
        raise ValueError(
            f"device and arrival times need one row each, got {device.shape}, {arrival.shape}"
        )
    good = np.isfinite(device) & np.isfinite(arrival)
    return (device, arrival) if good.all() else (device[good], arrival[good])


def low_of(window: Window, drift: float) -> Low:
    """Return the low of a window.

    Parameters
    ----------
    window
        Packets.
    drift
        Host seconds gained on each device second, as far as known by now: it only turns the
        window level, so that its low is not the low of one end.
    """
    middle = float(np.mean(window.device_s - window.device_s[0]) + window.device_s[0])
    delay = window.arrival_s - window.device_s
    base = float(delay[0])
    delay = delay - base - drift * (window.device_s - middle)
    count = len(delay)
    at = int(QUANTILE * (count - 1))
    reach = int(np.ceil(np.sqrt(at + 1.0))) + 1
    low, high = max(0, at - reach), min(count - 1, at + reach)
    ranked = np.partition(delay, (low, at, high))
    error = float(ranked[high] - ranked[low]) / 2 if count > 1 else ALONE_S
    # the lowest of a few packets stands for a higher quantile than that of many
    above = ((at + 1) / (count + 1) - QUANTILE) * (count + 1) / max(1, high - low)
    excess = above * float(ranked[high] - ranked[low])
    return Low(
        middle,
        base + float(ranked[at]) - excess,
        float(np.hypot(error, excess / 2)),
        float(window.arrival_s[-1] - window.arrival_s[0]),
        count,
        window.connection,
        window.run,
    )


def _number(since_s: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the number of the window that a time since the start of a connection is in."""
    since = np.minimum(since_s, _LONGEST_S)
    grown = np.floor((since - _ENDS[-1]) / WINDOW_S) + len(_ENDS)
    early = np.searchsorted(_ENDS, since, side="right")
    return np.where(since < _ENDS[-1], early, grown).astype(np.int64)
