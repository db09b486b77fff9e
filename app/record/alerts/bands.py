"""Letting bands vibrate while nothing is being recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from ....firmware_bridge.drivers.model import Decoded
from ....firmware_bridge.host_clock import SystemClock
from ....firmware_bridge.links import Link, LinkChange, LinkSink
from ....recording.clock.round_trip import RoundTrip
from ....recording.errors import CrampwatchError
from ..equipment import Equipped, Links, equip
from ..settings import RecordSettings

WAIT_S = 45.0
"""How long to wait until the bands stream."""

LOOK_S = 0.2


def vibrate_once(
    settings: RecordSettings, duration_ms: int, strength: int, wait_s: float = WAIT_S
) -> tuple[str, ...]:
    """Connect to the bands that have a motor, let each vibrate once, and leave them.

    Parameters
    ----------
    settings
        The sensors.
    duration_ms, strength
        As in `Link.buzz`.
    wait_s
        How long to wait for those that are slow to connect.

    Returns
    -------
    tuple of str
        Names of the bands that were told.

    Raises
    ------
    CrampwatchError
        There is none with a motor, or not one could be reached.
    """
    return asyncio.run(_vibrate(settings, duration_ms, strength, wait_s))


async def _vibrate(
    settings: RecordSettings, duration_ms: int, strength: int, wait_s: float
) -> tuple[str, ...]:
    clock = SystemClock()
    bands = _with_motor(equip(settings, clock))
    links = Links(bands, _Nobody(), clock)
    links.start()
    told: list[str] = []
    try:
        until_s = clock.monotonic() + wait_s
        while len(told) < len(bands) and clock.monotonic() < until_s:
            for name in bands:
                if name not in told:
                    told += links.buzz(name, duration_ms, strength)
            await asyncio.sleep(LOOK_S)
        if told:
            await asyncio.sleep(duration_ms / 1000.0)
    finally:
        await links.stop()
    if not told:
        names = ", ".join(bands)
        raise CrampwatchError(
            f"no band vibrates: {names} did not stream within {wait_s:g} s, or has no motor"
        )
    return tuple(told)


def _with_motor(sensors: Mapping[str, Equipped]) -> dict[str, Equipped]:
    able = {
        name: each
        for name, each in sensors.items()
        if each.opened.info.commands_for(each.opened.settings).vibrate is not None
    }
    if not able:
        raise CrampwatchError(
            f"no band vibrates: none of {', '.join(sensors)} has a motor that can be told to"
        )
    free = {name: each for name, each in able.items() if not each.opened.wired_to_body}
    if not free:
        raise CrampwatchError(
            f"no band vibrates: {', '.join(able)} is wired to the body, and is connected only"
            " by crampwatch record, which looks at the computer's power first"
        )
    return free


class _Nobody(LinkSink):
    """Takes what bands bring, and keeps nothing."""

    def took(self, link: Link, packets: object, decoded: Decoded) -> None:
        """See `LinkSink.took`."""

    def changed(self, link: Link, change: LinkChange) -> None:
        """See `LinkSink.changed`."""

    def round_trip(self, link: Link, trip: RoundTrip) -> None:
        """See `LinkSink.round_trip`."""
