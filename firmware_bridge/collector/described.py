"""A stream of a driver, and the leg it is on, as the journal describes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...recording.journal.streams import JournalStream
from ...recording.model import Side
from ..drivers.model import StreamSpec
from ..links.link import Link


@dataclass(frozen=True, slots=True)
class Worn:
    """Where a person wears a sensor.

    Attributes
    ----------
    side
        Leg.
    muscles
        Muscle under each EMG channel in order, None for no or an unknown one.
    placement
        Where it sits.
    simulated
        Whether the sensor is made of software, which the journal says of it.
    """

    side: Side | None = None
    muscles: tuple[str | None, ...] = ()
    placement: str | None = None
    simulated: bool = False


def describe(link: Link, spec: StreamSpec, worn: Worn, generation: int) -> JournalStream:
    """Return all that the raw numbers of a stream mean."""
    muscles: Sequence[str | None] = ()
    if spec.kind == "emg" and worn.muscles:
        count = len(spec.columns)
        muscles = (*worn.muscles, *(None,) * count)[:count]
    mixing = spec.mixing
    return JournalStream(
        sensor=link.name,
        stream=spec.name,
        kind=spec.kind,
        columns=spec.columns,
        unit=spec.unit,
        rate_hz=float(spec.rate_hz),
        gain=tuple(spec.gain.tolist()),
        offset=tuple(spec.offset.tolist()),
        mixing=None if mixing is None else tuple(tuple(row) for row in mixing.tolist()),
        calibrated=spec.calibrated,
        raw_limits=None if spec.raw_limits is None else _whole(spec.raw_limits),
        counter_modulus=spec.counter_modulus,
        device_clock=spec.device_clock,
        side=worn.side,
        muscles=tuple(muscles),
        placement=worn.placement,
        driver=link.info.name,
        settings=dict(link.settings),
        title=f"simulated {link.info.title}" if worn.simulated else link.info.title,
        generation=generation,
    )


def _whole(limits: tuple[int, int]) -> tuple[int, int]:
    return int(limits[0]), int(limits[1])
