"""What simulated sensors measure: a simulated night, a recorded one, or the shipped one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...firmware_bridge.drivers.settings import SettingError, choice, number, whole
from ...firmware_bridge.virtual import SampleSource, Sensed
from ...recording.errors import CrampwatchError
from ...recording.model import Night, Stream
from .acting import MANNERS, Sleeper
from .resampling import Resampled

T = TypeVar("T")

CHUNK_S = 4.0
MUSCLES = ("GM", "TA")
"""Which muscle of a leg comes first, and which second."""


class NightSources:
    """Makes the samples of simulated sensors from the options of their address.

    ``night=PATH`` plays a recording, ``scenario=NAME`` a simulated night (with ``seed``,
    ``hours``, ``family``, ``person``), and without either the simulated night that comes with
    the program is played. ``leg`` says which leg wears the sensor: left unless told.
    ``sleeper`` says what the wearer does when the calibration asks for something: see
    `acting.Sleeper`.

    Parameters
    ----------
    listens
        Whether somebody will ask; else there is no sleeper who could hear it.
    """

    names: tuple[str, ...] = (
        "night", "scenario", "seed", "hours", "family", "person", "leg", "sleeper",
    )  # fmt: skip

    def __init__(self, *, listens: bool = False) -> None:
        self._listens = listens

    def __call__(self, driver: str, options: Mapping[str, str]) -> SampleSource:
        """Return the samples for a sensor.

        Raises
        ------
        CrampwatchError
            The night cannot be opened, or an option makes no sense.
        """
        del driver
        if "night" in options and "scenario" in options:
            raise CrampwatchError("say night=... or scenario=..., not both")
        leg = _option(options, "leg", choice("left", "right"), "left")
        manner = _option(options, "sleeper", choice(*MANNERS), MANNERS[0])
        source = NightSource(_night(options), leg)
        return Sleeper(source, manner) if self._listens else source


@dataclass(frozen=True, slots=True, eq=False)
class NightSource:
    """A night as the sensor on one leg would have measured it.

    EMG channels: medial gastrocnemius and tibialis anterior of the leg, then those of the
    other leg, then what else there is; channels beyond stay at zero. Acceleration: of the
    leg, else of the other one. What the night does not hold is zero. In its gaps the sensor
    has no samples.

    Attributes
    ----------
    night
        What is played, from its beginning to its end.
    leg
        Leg that wears the sensor.
    """

    night: Night
    leg: str = "left"

    def chunks(self, stream: Sensed) -> Iterator[NDArray[Any]]:
        """Yield its samples at the sensor's rate; bounded memory, whatever the night."""
        total = math.floor(self.night.duration_s * stream.rate_hz)
        size = max(1, round(CHUNK_S * stream.rate_hz))
        columns = self._columns(stream)
        for start in range(0, total, size):
            count = min(size, total - start)
            yield _side_by_side(stream, columns, start, count)

    def _columns(self, stream: Sensed) -> list[Resampled]:
        """Return what is played on the first channels."""
        if stream.kind == "emg":
            found = sorted(self.night.of_kind("emg"), key=self._rank)
            return [Resampled(each, stream.rate_hz) for each in found[: stream.channels]]
        found = sorted(self.night.of_kind(stream.kind), key=self._other_leg)
        fits = [each for each in found if each.n_axes <= stream.channels]
        return [Resampled(fits[0], stream.rate_hz)] if fits else []

    def _rank(self, stream: Stream) -> tuple[bool, int]:
        known = stream.placement in MUSCLES
        place = MUSCLES.index(stream.placement or "") if known else len(MUSCLES)
        return self._other_leg(stream) if known else True, place + 2 * (not known)

    def _other_leg(self, stream: Stream) -> bool:
        return stream.side != self.leg


def _side_by_side(
    stream: Sensed, columns: Sequence[Resampled], start: int, count: int
) -> NDArray[Any]:
    out = np.zeros((count, stream.channels))
    if not columns:
        if stream.name == "orientation":
            out[:, 0] = 1.0
        return out
    parts = np.concatenate([each.read(start, count) for each in columns], axis=1)
    missing = np.isnan(parts).all(axis=1)
    out[:, : parts.shape[1]] = np.nan_to_num(parts)
    out[missing] = np.nan
    return out


def _night(options: Mapping[str, str]) -> Night:
    if "night" in options:
        from ...recording.readers.open import open_recording

        _nothing_else(options, "night")
        return open_recording(Path(options["night"]))
    if "scenario" in options:
        from ...sample_data.simulator import simulate_night

        return simulate_night(
            options["scenario"],
            _option(options, "seed", whole(0, 2**63 - 1), 1),
            hours=_option(options, "hours", number(1 / 60, 24.0), None),
            family=options.get("family", "standard"),
            person=_option(options, "person", whole(0, 2**63 - 1), None),
        ).night
    from ...recording.readers.open import open_recording
    from ...sample_data import samples

    _nothing_else(options, "scenario")
    return open_recording(samples()[0].path)


def _nothing_else(options: Mapping[str, str], instead: str) -> None:
    for name in ("hours", "family", "person"):
        if name in options:
            raise CrampwatchError(
                f"{name}={options[name]}: belongs to scenario=..., not to "
                f"{'a recorded night' if instead == 'night' else 'the shipped night'}"
            )


def _option(
    options: Mapping[str, str], name: str, read: Callable[[str], Any], default: T
) -> Any | T:
    if name not in options:
        return default
    try:
        return read(options[name])
    except ValueError as error:
        raise SettingError(f"{name}={options[name]!r}: {error}") from None
